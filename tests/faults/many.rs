//! Many editors at once in one folder.

use std::collections::BTreeSet;
use std::fs;
use std::thread;

use promptstack::history::document;

use crate::ledger::{Ledger, files, torn, write_copy};
use crate::program::{Program, saver};
use crate::row::{Outcome, row};

const EDITORS: usize = 16;
/// One save of so many goes into the file that all fight for.
const FIGHT: usize = 5;

fn save_at_once(each: usize) -> Outcome {
    let home = tempfile::tempdir().expect("a temporary folder");
    let folder = home.path().join("data/.history");
    let mut first = Program::start(&mut saver(&folder));
    let answer = first.ask("save shared 1");
    let shared = answer.rsplit(' ').next().expect("a file").to_owned();
    let editor = |name: usize| {
        let (folder, shared) = (&folder, &shared);
        move || {
            let mut program = Program::start(&mut saver(folder));
            assert_eq!(program.ask("open-index"), "ok");
            let (mut ledger, mut lines) = (Ledger::default(), Vec::new());
            for n in 0..each {
                if n % FIGHT == 0 {
                    let line = format!("line-{name}-{n}");
                    let answer = program.ask(&format!("append shared {shared} {line}"));
                    assert!(answer.starts_with("ack "), "{answer}");
                    lines.push(line);
                } else {
                    let answer = program.ask(&format!("save editor-{name}-{} {n}", n % 3));
                    assert!(ledger.note(&answer), "{answer}");
                }
                assert_eq!(program.ask("follow"), "ok");
            }
            // Whoever had to wait for the lock longer than one waits compares files and index with the next
            // save, or at the next start.
            let mut state = program.ask("state");
            if state.starts_with("ok None") {
                state = program.ask("sync");
            }
            assert!(
                ["ok Unknown", "ok Ready"].contains(&state.as_str()),
                "{state}"
            );
            (ledger, lines)
        }
    };
    let done: Vec<(Ledger, Vec<String>)> = thread::scope(|scope| {
        let editors: Vec<_> = (0..EDITORS).map(|n| scope.spawn(editor(n))).collect();
        let done = editors.into_iter();
        done.map(|it| it.join().expect("all saved")).collect()
    });
    let mut found = BTreeSet::new();
    let (mut copies, mut own) = (0, 0);
    for file in files(&folder) {
        let bytes = fs::read(folder.join(&file)).expect("it can be read");
        let body = document::parse(&bytes).expect("it is whole").body;
        let body = String::from_utf8(body).expect("it is text");
        found.extend(
            body.lines()
                .filter(|it| it.starts_with("line-"))
                .map(str::to_owned),
        );
        copies += usize::from(file.contains("-conflict-"));
        own += usize::from(body.starts_with("editor-"));
    }
    assert_eq!(own, EDITORS * 3, "a file for each composition");
    for (ledger, lines) in &done {
        assert_eq!(ledger.lost(&folder), Vec::<String>::new());
        for line in lines {
            assert!(found.contains(line), "{line} is lost");
        }
    }
    let saves = EDITORS * each;
    let all = format!("ok {}", files(&folder).len());
    assert_eq!(first.ask("open-index"), "ok");
    assert_eq!(first.ask("list"), all, "as the editors left the index");
    assert_eq!(first.ask("sync"), "ok Ready");
    for (found, asked) in [
        (all.clone(), "list"),
        (all.clone(), "search begins"),
        (format!("ok {}", 3), "search \"editor-7\""),
    ] {
        assert_eq!(first.ask(asked), found, "{asked}");
    }
    Ok(format!(
        "{EDITORS} × {each} saves, 0 of {saves} lost, {copies} conflict copies, and the index has them all"
    ))
}

#[test]
fn many_first_starts_take_each_rescue_copy_once() {
    row("many first starts at once", || {
        const COPIES: usize = 8;
        let home = tempfile::tempdir().expect("a temporary folder");
        let (folder, rescue) = (
            home.path().join("data/.history"),
            home.path().join("rescue"),
        );
        for copy in 0..COPIES {
            write_copy(&rescue, &format!("copy-{copy}"));
        }
        let start = |name: usize| {
            let (folder, rescue) = (&folder, &rescue);
            move || {
                let mut program = Program::start(&mut saver(folder));
                let taken = program.ask(&format!("take-in {}", rescue.display()));
                let mut ledger = Ledger::default();
                let saved = program.ask(&format!("save own-{name} 1"));
                assert!(ledger.note(&saved), "{saved}");
                assert_eq!(ledger.lost(folder), Vec::<String>::new());
                let words: Vec<&str> = taken.split(' ').collect();
                assert_eq!((words[0], words[2]), ("ok", "0"), "{taken}");
                words[1].parse::<usize>().expect("a number")
            }
        };
        let taken: usize = thread::scope(|scope| {
            let editors: Vec<_> = (0..EDITORS).map(|n| scope.spawn(start(n))).collect();
            let taken = editors.into_iter();
            taken.map(|it| it.join().expect("all is there")).sum()
        });
        assert_eq!(taken, COPIES);
        assert_eq!(files(&folder).len(), EDITORS + COPIES);
        assert_eq!(torn(&folder), Vec::<String>::new());
        Ok(format!(
            "{EDITORS} editors, {COPIES} rescue copies, each taken in once"
        ))
    });
}

#[test]
fn many_editors_lose_nothing() {
    row("many editors at once, briefly", || save_at_once(60));
}

#[test]
#[ignore = "part of make faults"]
fn many_editors_lose_nothing_for_long() {
    row("many editors at once", || save_at_once(1000));
}
