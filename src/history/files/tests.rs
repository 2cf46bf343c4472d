use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Barrier};

use jiff::ToSpan;
use tempfile::TempDir;

use super::*;
use crate::error::Kind;

/// A history in a folder that goes away, with a clock that is set by hand.
struct History {
    home: TempDir,
    seconds: Arc<AtomicI64>,
    files: Files,
}

impl History {
    fn new() -> Self {
        let home = tempfile::tempdir().unwrap();
        let seconds = Arc::new(AtomicI64::new(0));
        let files = Files::new(home.path().join("data/.history"), clock(&seconds));
        Self {
            home,
            seconds,
            files,
        }
    }

    /// Another process, as far as the files are concerned.
    fn other(&self) -> Files {
        Files::new(self.files.folder(), clock(&self.seconds))
    }

    fn pass(&self, seconds: i64) {
        self.seconds.fetch_add(seconds, Ordering::Relaxed);
    }

    fn begin(&self, text: &str) -> Composition {
        let directory = self.home.path().to_owned();
        Composition {
            meta: Meta::new(self.files.now(), directory),
            body: text.into(),
        }
    }

    fn save(&self, composition: &Composition, last: Option<&Written>) -> Written {
        self.files.save(composition, last).expect("it can be saved")
    }

    fn text(&self, file: &str) -> String {
        let entry = self.files.read(file).expect("it can be read");
        String::from_utf8(entry.composition.body).unwrap()
    }

    fn names(&self) -> Vec<String> {
        let listed = self.files.list().expect("it can be listed");
        listed.into_iter().map(|listed| listed.file).collect()
    }
}

fn clock(seconds: &Arc<AtomicI64>) -> Clock {
    let seconds = Arc::clone(seconds);
    Box::new(move || {
        let start: Zoned = "2026-01-31T12:00:00+01:00[+01:00]".parse().unwrap();
        &start + seconds.load(Ordering::Relaxed).seconds()
    })
}

fn changed(composition: &Composition, text: &str) -> Composition {
    Composition {
        body: text.into(),
        ..composition.clone()
    }
}

#[test]
fn a_composition_stays_in_its_file() {
    let history = History::new();
    let composition = history.begin("one");
    let first = history.save(&composition, None);
    history.pass(5);
    let second = history.save(&changed(&composition, "two"), Some(&first));
    assert_eq!(history.names(), ["2026-01-31_12-00-00.md"]);
    assert_eq!(history.text(&second.file), "two");
    assert_eq!((first.meta.sequence, second.meta.sequence), (1, 2));
    let elapsed = second.meta.updated.duration_since(first.meta.updated);
    assert_eq!(elapsed.as_secs(), 5);
    assert_eq!(second.meta.created, first.meta.created);
    let (entry, written) = history.files.open(&second.file).unwrap();
    assert_eq!(written, second);
    assert_eq!(
        (entry.hash, entry.composition.meta),
        (second.hash, second.meta)
    );
}

#[test]
fn what_is_written_is_private() {
    let history = History::new();
    let written = history.save(&history.begin("mine"), None);
    history.files.delete(&written.file).unwrap();
    history.save(&history.begin("mine"), None);
    for (path, mode) in [
        ("data", 0o700),
        ("data/.history", 0o700),
        ("data/.history/2026-01-31_12-00-00-2.md", 0o600),
        ("data/.history/.deleted", 0o600),
    ] {
        let found = fs::metadata(history.home.path().join(path)).expect(path);
        assert_eq!(found.permissions().mode() & 0o777, mode, "{path}");
    }
    let names = fs::read_dir(history.files.folder()).unwrap();
    assert_eq!(names.count(), 2, "nothing temporary is left");
}

#[test]
fn what_did_not_change_is_not_written_again() {
    let history = History::new();
    let composition = history.begin("one");
    let first = history.save(&composition, None);
    history.pass(5);
    assert_eq!(history.save(&composition, Some(&first)), first);
    let mut tagged = composition.clone();
    tagged.meta.tags.push("x".into());
    assert_eq!(history.save(&tagged, Some(&first)).meta.sequence, 2);
    // Gone is not unchanged.
    let lost = history.begin("two");
    let written = history.save(&lost, None);
    fs::remove_file(history.files.folder().join(&written.file)).unwrap();
    history.save(&lost, Some(&written));
    assert_eq!(history.names().len(), 2);
}

#[test]
fn names_within_a_second_are_numbered() {
    let history = History::new();
    for _ in 0..3 {
        history.save(&history.begin("x"), None);
    }
    assert_eq!(
        history.names(),
        [
            "2026-01-31_12-00-00-2.md",
            "2026-01-31_12-00-00-3.md",
            "2026-01-31_12-00-00.md",
        ]
    );
}

#[test]
fn a_clock_set_back_never_reuses_a_name() {
    let history = History::new();
    let kept = history.save(&history.begin("kept"), None);
    history.pass(1);
    let deleted = history.save(&history.begin("deleted"), None);
    history.files.delete(&deleted.file).unwrap();
    history.pass(7200);
    let composition = history.begin("later");
    let later = history.save(&composition, None);
    history.pass(-7201);
    let again = history.save(&history.begin("again"), None);
    assert_eq!(again.file, "2026-01-31_12-00-00-2.md");
    history.pass(1);
    let after_deleted = history.save(&history.begin("again"), None);
    assert_eq!(after_deleted.file, "2026-01-31_12-00-01-2.md");
    assert_eq!(history.text(&kept.file), "kept");
    // A save in the past is still the newer one.
    let newer = history.save(&changed(&composition, "newer"), Some(&later));
    assert_eq!(newer.meta.updated, later.meta.updated);
    assert_eq!(newer.meta.sequence, 2);
}

#[test]
fn a_deleted_composition_gets_a_fresh_file() {
    let history = History::new();
    let composition = history.begin("one");
    let first = history.save(&composition, None);
    let bytes = history.files.delete(&first.file).unwrap();
    assert_eq!(bytes, first.stamp.size);
    let second = history.save(&changed(&composition, "two"), Some(&first));
    assert_eq!(second.file, "2026-01-31_12-00-00-2.md");
    assert_eq!(second.meta.id, first.meta.id);
    assert_eq!((second.meta.sequence, second.conflict), (2, None));
    let error = history.files.delete(&first.file).expect_err("gone");
    assert_eq!(error.kind(), Kind::NotFound);
}

/// Something else happens to a file between two saves.
fn check_conflict(what: &str, change: impl Fn(&Path)) {
    let history = History::new();
    let composition = history.begin("one");
    let first = history.save(&composition, None);
    let path = history.files.folder().join(&first.file);
    change(&path);
    let before = fs::symlink_metadata(&path).unwrap().file_type();
    // Reading a pipe would wait for ever.
    let content = || {
        fs::metadata(&path)
            .unwrap()
            .is_file()
            .then(|| fs::read(&path).unwrap())
    };
    let content_before = content();
    let second = history.save(&changed(&composition, "two"), Some(&first));
    assert_eq!(second.conflict.as_ref(), Some(&first.file), "{what}");
    assert_eq!(second.file, "2026-01-31_12-00-00-conflict-1.md", "{what}");
    assert_eq!(second.meta.conflict_of, Some(first.meta.id), "{what}");
    assert_ne!(second.meta.id, first.meta.id, "{what}");
    assert_eq!(content(), content_before, "{what}");
    let after = fs::symlink_metadata(&path).unwrap().file_type();
    assert_eq!(after, before, "{what}");
    // It is told once, and goes on there.
    let third = history.save(&changed(&composition, "three"), Some(&second));
    assert_eq!((&third.file, &third.conflict), (&second.file, &None));
    assert_eq!(third.meta.id, second.meta.id, "{what}");
    assert_eq!(third.meta.conflict_of, Some(first.meta.id), "{what}");
    assert_eq!(history.text(&third.file), "three", "{what}");
}

#[test]
fn what_changed_underneath_is_never_overwritten() {
    check_conflict("another text in the same file", |path| {
        fs::write(path, "theirs").unwrap();
    });
    check_conflict("one byte, with the old time and size", |path| {
        let modified = fs::metadata(path).unwrap().modified().unwrap();
        let mut bytes = fs::read(path).unwrap();
        *bytes.last_mut().unwrap() ^= 1;
        fs::write(path, bytes).unwrap();
        let file = fs::File::options().write(true).open(path).unwrap();
        file.set_modified(modified).unwrap();
    });
    check_conflict("another file in its place", |path| {
        let other = path.with_extension("other");
        fs::write(&other, "theirs").unwrap();
        fs::rename(other, path).unwrap();
    });
    check_conflict("a link to elsewhere", |path| {
        let elsewhere = path.with_extension("other");
        fs::rename(path, &elsewhere).unwrap();
        symlink(elsewhere, path).unwrap();
    });
    check_conflict("a folder", |path| {
        fs::remove_file(path).unwrap();
        fs::create_dir(path).unwrap();
    });
    check_conflict("a pipe", |path| {
        fs::remove_file(path).unwrap();
        let mode = rustix::fs::Mode::from_raw_mode(0o600);
        let pipe = rustix::fs::FileType::Fifo;
        rustix::fs::mknodat(rustix::fs::CWD, path, pipe, mode, 0).unwrap();
    });
}

#[test]
fn a_link_to_nothing_is_not_written_through() {
    let history = History::new();
    history.save(&history.begin("one"), None);
    let folder = history.files.folder();
    symlink(
        folder.join("elsewhere"),
        folder.join("2026-01-31_12-00-00-2.md"),
    )
    .unwrap();
    let written = history.save(&history.begin("two"), None);
    assert_eq!(written.file, "2026-01-31_12-00-00-3.md");
    assert!(!folder.join("elsewhere").exists());
}

#[test]
fn of_two_who_save_over_the_same_text_both_keep_theirs() {
    for _ in 0..20 {
        let history = History::new();
        let composition = history.begin("start");
        let last = history.save(&composition, None);
        let start = Barrier::new(2);
        let saved: Vec<Written> = std::thread::scope(|scope| {
            let save = |text: &'static str| {
                let (files, start) = (history.other(), &start);
                let (composition, last) = (changed(&composition, text), &last);
                scope.spawn(move || {
                    start.wait();
                    files.save(&composition, Some(last)).unwrap()
                })
            };
            let threads = ["mine", "yours"].map(save);
            threads.map(|thread| thread.join().unwrap()).into()
        });
        let conflicts = saved.iter().filter(|it| it.conflict.is_some()).count();
        assert_eq!(conflicts, 1);
        for (written, text) in saved.iter().zip(["mine", "yours"]) {
            assert_eq!(history.text(&written.file), text);
        }
    }
}

#[test]
fn many_who_change_one_file_in_turn_lose_no_line() {
    let history = History::new();
    let file = history.save(&history.begin(""), None).file;
    let copies: Vec<String> = std::thread::scope(|scope| {
        let writer = |name: usize| {
            let (files, file) = (history.other(), &file);
            scope.spawn(move || {
                let mut copies = Vec::new();
                for n in 0..20 {
                    let (entry, last) = files.open(file).unwrap();
                    let mut composition = entry.composition;
                    composition
                        .body
                        .extend(format!("{name}.{n}\n").into_bytes());
                    let written = files.save(&composition, Some(&last)).unwrap();
                    copies.extend(written.conflict.map(|_| written.file));
                }
                copies
            })
        };
        let threads: Vec<_> = (0..4).map(writer).collect();
        threads
            .into_iter()
            .flat_map(|t| t.join().unwrap())
            .collect()
    });
    let all = [vec![file], copies].concat();
    let all: String = all.iter().map(|file| history.text(file)).collect();
    for line in (0..4).flat_map(|name| (0..20).map(move |n| format!("{name}.{n}"))) {
        assert!(all.lines().any(|found| found == line), "{line} is lost");
    }
}

#[test]
fn a_file_that_another_editor_never_lets_go_of_is_left_alone() {
    let history = History::new();
    let composition = history.begin("one");
    let first = history.save(&composition, None);
    let held = fs::File::open(history.files.folder().join(&first.file)).unwrap();
    held.lock().unwrap();
    let second = history.save(&changed(&composition, "two"), Some(&first));
    assert_eq!(second.conflict, Some(first.file.clone()));
    assert_eq!(history.text(&first.file), "one");
}

#[test]
fn a_failed_save_leaves_nothing_and_the_next_one_goes_on() {
    let history = History::new();
    let composition = history.begin("one");
    // A file where the folder should be.
    let data = history.home.path().join("data");
    fs::write(&data, "").unwrap();
    let error = history
        .files
        .save(&composition, None)
        .expect_err("no folder");
    assert_eq!(error.kind(), Kind::Unavailable);
    assert!(error.message().contains("data/.history"), "{error}");
    fs::remove_file(&data).unwrap();
    let written = history.save(&composition, None);
    assert_eq!(history.text(&written.file), "one");
}

/// As if a save had failed after or before it came into its place.
fn fail(history: &History, id: CompositionId, tried: &Written, hashes: &[[u8; 32]]) {
    let unsure = Unsure {
        tried: tried.clone(),
        hashes: hashes.into(),
    };
    history.files.unsure().insert(id, unsure);
}

#[test]
fn what_came_into_place_without_being_acknowledged_is_no_conflict() {
    let history = History::new();
    let composition = history.begin("one");
    let first = history.save(&composition, None);
    let second = history.other();
    let second = second.save(&changed(&composition, "two"), Some(&first));
    let second = second.unwrap();
    // This one came into its place, and after it another one did not.
    let never = [[7; 32], second.hash, [8; 32]];
    fail(&history, first.meta.id, &second, &never);
    let third = history.save(&changed(&composition, "three"), Some(&first));
    assert_eq!((third.conflict, third.meta.sequence), (None, 3));
    assert!(history.files.unsure().is_empty());
    // The same of a new file, and of the copy beside a changed one.
    let composition = history.begin("one");
    let mut tried = history.other().save(&composition, None).unwrap();
    tried.conflict = Some("theirs.md".into());
    fail(&history, composition.meta.id, &tried, &[tried.hash]);
    let written = history.save(&changed(&composition, "two"), None);
    assert_eq!(written.file, tried.file);
    assert_eq!(written.conflict, tried.conflict, "not told before");
    assert_eq!(history.names().len(), 2);
    // What never came into its place may have left the name to somebody else.
    let composition = history.begin("one");
    tried.file = history.save(&history.begin("other"), None).file;
    fail(&history, composition.meta.id, &tried, &[tried.hash]);
    let written = history.save(&composition, None);
    assert_eq!((written.conflict, written.meta.conflict_of), (None, None));
    assert_eq!(history.text(&tried.file), "other");
}

#[test]
fn what_is_too_large_is_refused_before_anything_is_written() {
    let history = History::new();
    let composition = history.begin(&"x".repeat(MAX_BYTES));
    let error = history
        .files
        .save(&composition, None)
        .expect_err("too large");
    assert_eq!(error.kind(), Kind::InvalidInput);
    assert_eq!(history.names(), Vec::<String>::new());
    let huge = history.files.folder().join("huge.md");
    let file = fs::File::create(huge).unwrap();
    file.set_len(1 << 40).unwrap();
    let error = history.files.read("huge.md").expect_err("too large");
    assert_eq!(error.kind(), Kind::InvalidInput);
}

#[test]
fn a_list_holds_regular_files_and_nothing_hides_them() {
    let history = History::new();
    assert_eq!(history.names(), Vec::<String>::new(), "no folder yet");
    history.save(&history.begin("one"), None);
    let folder = history.files.folder();
    fs::write(folder.join("broken.md"), "no front matter").unwrap();
    fs::write(folder.join(".hidden.md"), "").unwrap();
    fs::write(folder.join("notes.txt"), "").unwrap();
    fs::create_dir(folder.join("folder.md")).unwrap();
    symlink(folder.join("broken.md"), folder.join("link.md")).unwrap();
    let not_utf8 = std::ffi::OsStr::from_bytes(b"\xff.md");
    fs::write(folder.join(not_utf8), "").unwrap();
    assert_eq!(history.names(), ["2026-01-31_12-00-00.md", "broken.md"]);
    let error = history.files.read("broken.md").expect_err("no composition");
    assert_eq!(error.kind(), Kind::InvalidInput);
    assert!(error.message().contains("broken.md"), "{error}");
    for (file, kind) in [
        ("missing.md", Kind::NotFound),
        ("link.md", Kind::InvalidInput),
        ("folder.md", Kind::InvalidInput),
        ("../.history/broken.md", Kind::InvalidInput),
    ] {
        let read = history.files.read(file).expect_err(file);
        let deleted = history.files.delete(file).expect_err(file);
        assert_eq!((read.kind(), deleted.kind()), (kind, kind), "{file}");
    }
}

#[test]
fn a_folder_that_cannot_be_read_is_not_empty() {
    let history = History::new();
    fs::create_dir(history.home.path().join("data")).unwrap();
    fs::write(history.files.folder(), "a file").unwrap();
    let error = history.files.list().expect_err("no folder");
    assert_eq!(error.kind(), Kind::Unavailable);
}

#[test]
fn a_head_is_read_without_the_text() {
    let history = History::new();
    let text = "line\n".repeat(10_000);
    let mut composition = history.begin(&text);
    let small = history.save(&composition, None);
    composition.meta = Meta::new(history.files.now(), "/x".into());
    composition.meta.files = vec!["x".repeat(100); 2000];
    let large = history.save(&composition, None);
    for written in [small, large] {
        let head = history.files.head(&written.file).unwrap();
        assert_eq!(head.meta, written.meta);
        assert_eq!(head.bytes, 50_000);
        assert!(text.as_bytes().starts_with(&head.start) && head.start.len() > 1000);
    }
}

#[test]
fn many_are_deleted_at_once() {
    let history = History::new();
    let saved = [1, 2, 3].map(|_| history.save(&history.begin("x"), None));
    let mut files: Vec<String> = saved[..2].iter().map(|it| it.file.clone()).collect();
    files.push("missing.md".into());
    let deleted = history.files.delete_all(&files).unwrap();
    assert_eq!(deleted.files, files[..2]);
    assert_eq!(deleted.bytes, saved[0].stamp.size + saved[1].stamp.size);
    assert_eq!(deleted.problems.len(), 1);
    assert_eq!(history.names(), [saved[2].file.as_str()]);
    let next = history.save(&history.begin("x"), None);
    assert_eq!(next.file, "2026-01-31_12-00-00-4.md");
}

#[test]
fn only_what_the_dead_left_is_reaped() {
    let history = History::new();
    assert_eq!(history.files.reap().unwrap(), 0, "no folder yet");
    history.save(&history.begin("x"), None);
    let mut child = std::process::Command::new("true").spawn().unwrap();
    let dead = child.id();
    child.wait().unwrap();
    let (own, day) = (std::process::id(), 24 * 3600);
    let folder = history.files.folder();
    let now: SystemTime = history.files.now().into();
    for (name, age, reaped) in [
        (format!(".composition.{dead}.a.tmp"), 61, true),
        (format!(".composition.{dead}.b.tmp"), 59, false),
        (format!(".composition.{own}.c.tmp"), 61, false),
        (".composition.1.d.tmp".into(), day - 1, false),
        (".composition.1.e.tmp".into(), day + 1, true),
        (format!(".other.{dead}.f.tmp"), day + 1, false),
        ("kept.md".into(), day + 1, false),
    ] {
        let path = folder.join(&name);
        let file = fs::File::create(&path).unwrap();
        file.set_modified(now - Duration::from_secs(age)).unwrap();
        assert_eq!(history.files.reap().unwrap(), usize::from(reaped), "{name}");
        assert_eq!(path.exists(), !reaped, "{name}");
    }
}

#[test]
fn a_folder_reached_by_a_link_is_used_as_it_is() {
    let history = History::new();
    let real = history.home.path().join("real");
    fs::create_dir(&real).unwrap();
    fs::create_dir(history.home.path().join("data")).unwrap();
    symlink(&real, history.files.folder()).unwrap();
    let written = history.save(&history.begin("x"), None);
    assert!(real.join(&written.file).is_file());
}
