use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::Barrier;

use jiff::{Timestamp, ToSpan, Zoned};
use tempfile::TempDir;

use super::*;

struct Home(TempDir);

impl Home {
    fn new() -> Self {
        let home = Self(tempfile::tempdir().unwrap());
        fs::create_dir(home.rescue()).unwrap();
        home
    }

    fn rescue(&self) -> PathBuf {
        self.0.path().join("rescue")
    }

    /// A history whose clock runs an hour and a bit ahead of the file system's.
    fn files(&self) -> Files {
        let ahead = || &Zoned::now() + 61.seconds();
        Files::new(self.0.path().join(".history"), Box::new(ahead))
    }

    fn put(&self, name: &str, lines: &str, text: &str) -> PathBuf {
        let path = self.rescue().join(name);
        let size = text.len();
        let usual = format!("bytes: {size}\ncreated: 1700000000000\n");
        fs::write(&path, format!("{usual}{lines}\n\n{text}")).unwrap();
        path
    }

    /// Finds compositions as a caller with an index of the files would.
    fn lookup(files: &Files, id: &CompositionId) -> Option<String> {
        let listed = files.list().unwrap();
        let found = listed
            .into_iter()
            .find(|it| files.head(&it.file).is_ok_and(|head| head.meta.id == *id));
        found.map(|it| it.file)
    }

    fn take_in(&self) -> (Vec<Taken>, Vec<Problem>) {
        let files = self.files();
        take_in(
            &self.rescue(),
            &files,
            |_| false,
            |id| Self::lookup(&files, id),
        )
    }

    /// Everything in the history, by file.
    fn texts(&self) -> Vec<String> {
        let files = self.files();
        let listed = files.list().unwrap().into_iter();
        let mut texts: Vec<String> = listed
            .map(|it| files.read(&it.file).unwrap().composition.body)
            .map(|body| String::from_utf8(body).unwrap())
            .collect();
        texts.sort();
        texts
    }

    fn copies(&self) -> usize {
        fs::read_dir(self.rescue()).unwrap().count()
    }
}

fn composition(text: &str) -> Composition {
    Composition {
        meta: Meta::new(Timestamp::UNIX_EPOCH, "/x".into()),
        body: text.into(),
    }
}

#[test]
fn a_text_that_was_never_saved_becomes_a_composition() {
    let home = Home::new();
    let lines = "id:\nnumber: 1\nname: idea\ndirectory: /project\nsource: /tmp/a.md";
    let copy = home.put("a.rescue", lines, "text");
    let (taken, problems) = home.take_in();
    assert_eq!((taken.len(), problems), (1, vec![]));
    assert_eq!(taken[0].copy, copy);
    let Outcome::Saved(written) = &taken[0].outcome else {
        panic!("{taken:?}");
    };
    assert_eq!(written.meta.name.as_deref(), Some("idea"));
    assert_eq!(written.meta.directory, Path::new("/project"));
    assert_eq!(written.meta.source.as_deref(), Some(Path::new("/tmp/a.md")));
    assert_eq!(written.meta.created.as_millisecond(), 1_700_000_000_000);
    assert!(written.meta.draft);
    assert_eq!((home.texts(), home.copies()), (vec!["text".into()], 0));
}

/// A composition is saved twice, then a copy with this sequence and text is taken in.
fn check(sequence: u64, text: &str, wanted: &[&str], conflict: bool) {
    let home = Home::new();
    let files = home.files();
    let mut saved = composition("one");
    saved.meta.tags = vec!["kept".into()];
    let first = files.save(&saved, None).unwrap();
    saved.body = b"two".to_vec();
    let second = files.save(&saved, Some(&first)).unwrap();
    let lines = format!("id: {}\nnumber: 9\nsequence: {sequence}", saved.meta.id);
    home.put("a.rescue", &lines, text);
    let (taken, problems) = home.take_in();
    assert_eq!((taken.len(), problems), (1, vec![]));
    assert_eq!(
        (home.texts(), home.copies()),
        (wanted.iter().map(|it| (*it).to_owned()).collect(), 0)
    );
    match &taken[0].outcome {
        Outcome::Saved(written) => {
            assert_eq!(written.conflict.is_some(), conflict);
            assert_eq!(written.meta.tags, ["kept"]);
            assert_eq!(written.file == second.file, !conflict);
        }
        outcome => assert_eq!((outcome, text), (&Outcome::Known, "two")),
    }
}

#[test]
fn a_newer_text_replaces_what_it_was_based_on() {
    check(2, "three", &["three"], false);
}

#[test]
fn a_text_that_the_history_has_is_dropped() {
    check(2, "two", &["two"], false);
    check(1, "two", &["two"], false);
}

#[test]
fn a_text_over_which_another_was_saved_stands_beside_it() {
    check(1, "mine", &["mine", "two"], true);
    check(0, "one", &["one", "two"], true);
}

#[test]
fn what_a_living_editor_set_aside_is_left_to_it() {
    let home = Home::new();
    let path = home.put("12.rescue", "id:\nnumber: 1\nbuffer: 12.34.5", "text");
    let files = home.files();
    let (taken, problems) = take_in(&home.rescue(), &files, |pid| pid == 12, |_| None);
    assert_eq!((taken, problems), (vec![], vec![]));
    assert!(path.exists());
    assert_eq!(home.take_in().0.len(), 1);
}

#[test]
fn of_one_buffer_only_the_newest_copy_counts() {
    let home = Home::new();
    for (number, text) in [(9, "older"), (10, "newest"), (1, "oldest")] {
        let lines = format!("id:\nnumber: {number}\nbuffer: 12.34.5");
        home.put(&format!("{number}.rescue"), &lines, text);
    }
    home.put("other.rescue", "id:\nnumber: 2\nbuffer: 12.34.6", "other");
    home.put("alone.rescue", "id:\nnumber: 2", "alone");
    let (taken, problems) = home.take_in();
    assert_eq!((taken.len(), problems), (5, vec![]));
    assert_eq!(home.texts(), ["alone", "newest", "other"]);
    assert_eq!(home.copies(), 0);
}

#[test]
fn a_copy_that_was_saved_but_not_removed_is_saved_once() {
    let home = Home::new();
    let copy = home.put("a.rescue", "id:\nnumber: 1", "text");
    let bytes = fs::read(&copy).unwrap();
    home.take_in();
    fs::write(&copy, bytes).unwrap();
    let (taken, _) = home.take_in();
    assert_eq!(taken[0].outcome, Outcome::Known);
    assert_eq!((home.texts(), home.copies()), (vec!["text".into()], 0));
}

#[test]
fn a_damaged_copy_is_kept_and_hides_no_other() {
    let home = Home::new();
    let cut = home.put("cut.rescue", "id:\nnumber: 2\nbuffer: b", "text");
    let bytes = fs::read(&cut).unwrap();
    fs::write(&cut, &bytes[..bytes.len() - 1]).unwrap();
    home.put("whole.rescue", "id:\nnumber: 1\nbuffer: b", "older");
    fs::create_dir(home.rescue().join("folder.rescue")).unwrap();
    std::os::unix::fs::symlink("/nowhere", home.rescue().join("link.rescue")).unwrap();
    let (taken, problems) = home.take_in();
    let problems: Vec<&str> = problems.iter().map(|it| it.message.as_str()).collect();
    assert_eq!(
        problems,
        [
            "a damaged rescue copy: its text should have 4 bytes and has 3",
            "a rescue copy that is no regular file",
            "a rescue copy that is no regular file",
        ]
    );
    assert_eq!((taken.len(), home.texts()), (1, vec!["older".into()]));
    assert_eq!(home.copies(), 3);
}

#[test]
fn what_is_being_written_is_left_alone() {
    let home = Home::new();
    let young = home.put("a.rescue.tmp", "id:\nnumber: 1", "young");
    let now = home.files().now();
    let modified: SystemTime = (now - 59.seconds()).into();
    File::options()
        .write(true)
        .open(&young)
        .unwrap()
        .set_modified(modified)
        .unwrap();
    home.put(
        "b.rescue.tmp",
        "id:\nnumber: 1",
        "as old as the clock runs ahead",
    );
    home.put("notes.txt", "id:\nnumber: 1", "not ours");
    let (taken, problems) = home.take_in();
    assert_eq!((taken.len(), problems), (1, vec![]));
    assert_eq!(home.copies(), 2);
}

#[test]
fn a_copy_that_cannot_be_saved_is_kept() {
    let home = Home::new();
    home.put("a.rescue", "id:\nnumber: 1", "text");
    fs::write(home.0.path().join(".history"), "in the way").unwrap();
    let files = home.files();
    let (taken, problems) = take_in(&home.rescue(), &files, |_| false, |_| None);
    assert_eq!((taken.len(), problems.len(), home.copies()), (0, 1, 1));
    assert!(
        problems[0]
            .message
            .starts_with("can't save this rescue copy")
    );
}

#[test]
fn a_file_of_another_composition_is_not_touched() {
    let home = Home::new();
    let files = home.files();
    let other = files.save(&composition("other"), None).unwrap();
    fs::write(files.folder().join("broken.md"), "broken").unwrap();
    for file in [other.file, "broken.md".into(), "missing.md".into()] {
        let lines = format!("id: {}\nnumber: 1", CompositionId::new());
        home.put("a.rescue", &lines, "mine");
        let (taken, _) = take_in(&home.rescue(), &files, |_| false, |_| Some(file.clone()));
        let Outcome::Saved(written) = &taken[0].outcome else {
            panic!("{taken:?}");
        };
        assert_eq!(written.conflict, None);
        assert_ne!(written.file, file);
    }
    assert_eq!(
        fs::read(files.folder().join("broken.md")).unwrap(),
        b"broken"
    );
}

#[test]
fn a_folder_that_is_not_there_holds_nothing() {
    let home = Home::new();
    fs::remove_dir(home.rescue()).unwrap();
    assert_eq!(home.take_in(), (vec![], vec![]));
    fs::write(home.rescue(), "").unwrap();
    assert_eq!(home.take_in().1.len(), 1);
}

#[test]
fn of_many_hosts_one_takes_each_copy() {
    const HOSTS: usize = 16;
    let home = Home::new();
    for n in 0..20 {
        let lines = format!("id:\nnumber: {n}\nbuffer: {}", n / 2);
        home.put(&format!("{n}.rescue"), &lines, &format!("text {n}"));
    }
    let start = Barrier::new(HOSTS);
    let host = || {
        start.wait();
        home.take_in()
    };
    let all: Vec<_> = std::thread::scope(|scope| {
        let hosts: Vec<_> = (0..HOSTS).map(|_| scope.spawn(host)).collect();
        hosts.into_iter().map(|host| host.join().unwrap()).collect()
    });
    let times = RefCell::new(HashMap::new());
    for (taken, problems) in all {
        assert_eq!(problems, vec![]);
        for Taken { copy, .. } in taken {
            *times.borrow_mut().entry(copy).or_insert(0) += 1;
        }
    }
    let times = times.into_inner();
    assert_eq!(times.len(), 20);
    assert!(times.values().all(|times| *times == 1), "{times:?}");
    let wanted: Vec<String> = (0..20)
        .filter(|n| n % 2 == 1)
        .map(|n| format!("text {n}"))
        .collect();
    let mut texts = home.texts();
    texts.sort_by_key(|text| wanted.iter().position(|it| it == text));
    assert_eq!(texts, wanted);
}
