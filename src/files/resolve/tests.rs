use std::os::unix::fs::symlink;

use expect_test::{Expect, expect};

use super::*;
use crate::files::reference::references;

/// A project beside a folder that is none of it.
struct Disk(tempfile::TempDir);

impl Disk {
    fn new() -> Self {
        let disk = Self(tempfile::tempdir().expect("a folder"));
        disk.write("project/src/a.rs", b"one\ntwo\nthree\n");
        disk.write("project/Makefile", b"all:");
        disk.write("project/empty.md", b"");
        disk.write("project/bom.md", b"\xEF\xBB\xBFx");
        disk.write("project/latin.md", b"caf\xE9 au lait\n");
        disk.write("project/binary.md", b"a\0b");
        disk.write("project/noise.md", b"\xFF\xD8\xFF\xE0\x10\x99");
        disk.write("project/large.log", "line\n".repeat(300_000).as_bytes());
        disk.write("project/.env", b"X=1");
        disk.write("home/.ssh/id_rsa", b"key");
        disk.write("home/notes.md", b"notes");
        symlink(
            disk.path("home/.ssh/id_rsa"),
            disk.path("project/innocent.md"),
        )
        .expect("link");
        symlink(disk.path("nowhere"), disk.path("project/dangling.md")).expect("link");
        symlink("round.md", disk.path("project/round.md")).expect("link");
        disk
    }

    fn path(&self, name: &str) -> PathBuf {
        let root = self.0.path().canonicalize().expect("a real path");
        root.join(name)
    }

    fn write(&self, name: &str, bytes: &[u8]) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("folders");
        fs::write(path, bytes).expect("a file");
    }

    /// Each reference with what there is to say about it.
    fn check(&self, text: &str, expected: Expect) {
        let (root, home) = (self.path("project"), self.path("home"));
        let base = Base {
            root: &root,
            home: Some(&home),
        };
        let shown: String = references(text)
            .iter()
            .map(|reference| {
                let said = match check(reference, base) {
                    Some(it) => format!("{}: {}", it.trouble.word(), it.message),
                    None => match resolve(reference, base) {
                        Ok(None) => "literal".to_owned(),
                        _ => "fine".to_owned(),
                    },
                };
                format!("{reference}: {said}\n")
            })
            .collect();
        let here = self.path("").display().to_string();
        expected.assert_eq(&shown.replace(&here, "/"));
    }
}

#[test]
fn a_file_that_is_there_is_fine_whatever_its_name() {
    Disk::new().check(
        "@src/a.rs @src/a.rs:3 @src/a.rs:1-3 @Makefile @empty.md @bom.md",
        expect![[r#"
            src/a.rs: fine
            src/a.rs:3: fine
            src/a.rs:1-3: fine
            Makefile: fine
            empty.md: fine
            bom.md: fine
        "#]],
    );
}

#[test]
fn a_file_that_is_not_there_is_missing_only_where_one_was_meant() {
    Disk::new().check(
        "@b.rs @src/b @dangling.md @src/a.rs/b @override @types/node @src @~/nothing",
        expect![[r#"
            b.rs: missing: there is no file b.rs
            src/b: missing: there is no file src/b
            dangling.md: missing: there is no file dangling.md
            src/a.rs/b: missing: there is no file src/a.rs/b
            override: literal
            types/node: literal
            src: literal
            ~/nothing: missing: there is no file ~/nothing
        "#]],
    );
}

#[test]
fn what_can_not_be_read_as_text_is_told() {
    Disk::new().check(
        "@src/ @./src @binary.md @noise.md @latin.md @large.log @large.log:1-3 @round.md",
        expect![[r#"
            src/: folder: src/ is a folder
            ./src: folder: ./src is a folder
            binary.md: binary: binary.md is no text
            noise.md: binary: noise.md is no text
            latin.md: encoding: latin.md is not all UTF-8, the rest was replaced by �
            large.log: too_large: large.log is larger than 1 MB
            large.log:1-3: fine
            round.md: unreadable: can't read round.md: Too many levels of symbolic links (os error 40)
        "#]],
    );
}

#[test]
fn lines_must_be_there() {
    Disk::new().check(
        "@src/a.rs:4 @src/a.rs:2-9 @src/a.rs:0 @src/a.rs:3-2 @empty.md:1 @Makefile:1-2 \
         @large.log:1-300000 @a.rs:4294967296",
        expect![[r#"
            src/a.rs:4: lines: src/a.rs has only 3 lines
            src/a.rs:2-9: lines: src/a.rs has only 3 lines
            src/a.rs:0: lines: lines are counted from 1
            src/a.rs:3-2: lines: line 3 comes after line 2
            empty.md:1: lines: empty.md has only 0 lines
            Makefile:1-2: lines: Makefile has only 1 line
            large.log:1-300000: too_large: large.log:1-300000 is larger than 1 MB
            a.rs:4294967295: missing: there is no file a.rs
        "#]],
    );
}

#[test]
fn a_secret_is_told_by_its_name_and_by_where_a_link_leads() {
    Disk::new().check(
        "@.env @~/.ssh/id_rsa @innocent.md",
        expect![[r#"
        .env: secret: .env may hold secrets (environment with credentials)
        ~/.ssh/id_rsa: secret: ~/.ssh/id_rsa may hold secrets (SSH keys)
        innocent.md: secret: innocent.md may hold secrets (SSH keys), it leads to /home/.ssh/id_rsa
    "#]],
    );
}

#[test]
fn a_file_outside_of_the_root_is_told() {
    Disk::new().check(
        "@~/notes.md @../home/notes.md",
        expect![[r#"
        ~/notes.md: outside: ~/notes.md lies outside of the working directory
        ../home/notes.md: outside: ../home/notes.md lies outside of the working directory
    "#]],
    );
}

#[test]
fn lines_are_cut_with_their_ends() {
    let disk = Disk::new();
    let root = disk.path("project");
    for (text, expected) in [
        ("@src/a.rs:2", "two\n"),
        ("@src/a.rs:2-3", "two\nthree\n"),
        ("@Makefile:1", "all:"),
        ("@bom.md", "x"),
    ] {
        let reference = &references(text)[0];
        let target = resolve(reference, root.as_path().into())
            .expect("fine")
            .expect("a file");
        assert_eq!(
            excerpt(reference, &target).expect("text").text,
            expected,
            "{text}"
        );
    }
}

#[test]
fn a_pipe_is_not_waited_for() {
    let disk = Disk::new();
    let pipe = disk.path("project/pipe.md");
    rustix::fs::mknodat(
        rustix::fs::CWD,
        &pipe,
        rustix::fs::FileType::Fifo,
        rustix::fs::Mode::RUSR,
        0,
    )
    .expect("a pipe");
    disk.check(
        "@pipe.md",
        expect![[r#"
        pipe.md: special: pipe.md is not a regular file
    "#]],
    );
}
