use std::fs;

use expect_test::{Expect, expect};
use proptest::prelude::*;

use super::*;

struct Disk(tempfile::TempDir);

impl Disk {
    fn new() -> Self {
        let disk = Self(tempfile::tempdir().expect("a folder"));
        disk.write("src/a.rs", "one\ntwo\nthree\n");
        disk.write("b.md", "# B\n```\ncode\n```\nno end");
        disk.write("my notes.txt", "notes\n");
        disk.write("empty.py", "");
        disk.write(".env", "KEY=value\n");
        disk.write("binary.bin", "a\0b");
        disk
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.0.path().join(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("folders");
        fs::write(path, text).expect("a file");
    }

    fn expand(&self, text: &str, allowed: &[&str]) -> Expansion {
        let root = self.0.path().canonicalize().expect("a path");
        let allowed = allowed.iter().map(|name| root.join(name)).collect();
        let out = expand(text, root.as_path(), &allowed);
        for part in &out.parts {
            let block = &out.text[part.text_range.clone()];
            assert!(block.starts_with('`') && block.ends_with("```"), "{block}");
        }
        out
    }
}

fn check(text: &str, expected: Expect) {
    let out = Disk::new().expand(text, &[]);
    let mut shown = out.text;
    for problem in &out.problems {
        let Place { row, columns } = &problem.place;
        let message = &problem.message;
        shown += &format!("\n{row}:{columns:?} {}: {message}", problem.trouble.word());
    }
    expected.assert_eq(&shown);
}

#[test]
fn alone_on_its_line_a_reference_becomes_a_block() {
    check(
        "Look:\n@src/a.rs:2-3\nDone.",
        expect![[r#"
        Look:
        `src/a.rs:2-3`
        ```rust
        two
        three
        ```
        Done."#]],
    );
    check(
        "- item\n\n  @src/a.rs\n",
        expect![[r#"
        - item

          `src/a.rs`
          ```rust
          one
          two
          three
          ```
    "#]],
    );
}

#[test]
fn in_a_sentence_the_block_follows_the_paragraph() {
    check(
        "Compare @src/a.rs:1 with\n@\"my notes.txt\", please.\n\nThen stop.",
        expect![[r#"
            Compare `src/a.rs:1` with
            `my notes.txt`, please.

            `src/a.rs:1`
            ```rust
            one
            ```

            `my notes.txt`
            ```text
            notes
            ```

            Then stop."#]],
    );
    check(
        "# About @src/a.rs:1\nText",
        expect![[r#"
        # About `src/a.rs:1`

        `src/a.rs:1`
        ```rust
        one
        ```

        Text"#]],
    );
    check(
        "- @src/a.rs:1 first\n- second\n```\ncode\n```",
        expect![[r#"
            - `src/a.rs:1` first
            - second

            `src/a.rs:1`
            ```rust
            one
            ```

            ```
            code
            ```"#]],
    );
}

#[test]
fn a_fence_is_longer_than_any_in_the_file() {
    check(
        "@b.md",
        expect![[r#"
        `b.md`
        ````markdown
        # B
        ```
        code
        ```
        no end
        ````"#]],
    );
    check(
        "@empty.py",
        expect![[r#"
        `empty.py`
        ```python
        ```"#]],
    );
}

#[test]
fn what_is_referred_to_twice_is_put_in_once() {
    check(
        "@src/a.rs:1\n\n@./src/a.rs:1 and @src/a.rs:1-1",
        expect![[r#"
            `src/a.rs:1`
            ```rust
            one
            ```

            `./src/a.rs:1` and `src/a.rs:1`"#]],
    );
}

#[test]
fn what_can_not_be_expanded_stays_with_a_problem() {
    check(
        "See @nothing.md, @binary.bin, @.env\nand @override.",
        expect![[r#"
            See @nothing.md, @binary.bin, @.env
            and @override.
            0:4..15 missing: there is no file nothing.md
            0:17..28 binary: binary.bin is no text
            0:30..35 secret: .env may hold secrets (environment with credentials)"#]],
    );
}

#[test]
fn a_secret_is_put_in_only_when_it_is_allowed() {
    let out = Disk::new().expand("@.env", &[".env"]);
    assert_eq!(out.problems, []);
    assert_eq!(out.parts[0].content, "KEY=value\n");
}

#[test]
fn code_is_left_alone() {
    let text = "```\n@src/a.rs\n```\n`@src/a.rs`\n";
    check(
        text,
        expect![[r#"
        ```
        @src/a.rs
        ```
        `@src/a.rs`
    "#]],
    );
}

#[test]
fn line_ends_of_the_text_are_kept() {
    let out = Disk::new().expand("a @src/a.rs:1 b\r\nc\r\n", &[]);
    let block = "`src/a.rs:1`\r\n```rust\r\none\n```";
    assert_eq!(
        out.text,
        format!("a `src/a.rs:1` b\r\nc\r\n\r\n{block}\r\n")
    );
}

#[test]
fn files_that_are_too_much_together_are_left_out_by_name() {
    let disk = Disk::new();
    let text: String = (0..10)
        .map(|n| {
            disk.write(&format!("{n}.md"), &"x".repeat(1 << 20));
            format!("@{n}.md\n")
        })
        .collect();
    let out = disk.expand(&text, &[]);
    assert_eq!(out.parts.len(), 8);
    let messages: Vec<&str> = out.problems.iter().map(|it| it.message.as_str()).collect();
    assert_eq!(
        messages,
        [
            "with 8.md the files are larger than 8 MB together",
            "with 9.md the files are larger than 8 MB together",
        ]
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn text_outside_of_references_is_untouched(
        pieces in proptest::collection::vec(("[a-z ä`#>~\r\n-]{0,8}", 0..5_usize), 0..8)
    ) {
        let disk = Disk::new();
        for name in ["A", "B"] {
            disk.write(name, "\u{1}");
        }
        let tokens = ["@A", "@B:1", "@\"A\"", "@missing.md", "@"];
        let text: String = pieces
            .iter()
            .map(|(prose, token)| format!("{prose} {}", tokens[*token]))
            .collect();
        let out = disk.expand(&text, &[]);
        // Without the blocks and with the tokens as they were, it is the text again.
        let mut rest = out.text.clone();
        for part in out.parts.iter().rev() {
            rest.replace_range(part.text_range.clone(), &format!("\u{2}{}", part.name));
        }
        for name in ["A", "B:1"] {
            rest = rest.replace(&format!("`{name}`"), "\u{3}");
        }
        let mut from = 0;
        for (prose, _) in &pieces {
            for line in prose.lines().map(str::trim).filter(|line| !line.is_empty()) {
                let found = rest[from..].find(line);
                prop_assert!(found.is_some(), "{:?} of {:?} in {:?}", line, text, out.text);
                from += found.unwrap_or(0) + line.len();
            }
        }
    }

    #[test]
    fn without_files_nothing_changes(text in "(\\PC|\n|@a.rs|`|@\"x y\"){0,30}") {
        let out = expand(&text, std::path::Path::new("/nowhere"), &HashSet::new());
        prop_assert_eq!(out.text, text);
    }
}
