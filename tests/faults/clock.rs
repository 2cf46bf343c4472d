//! The clock is set back by two hours, and passes the same seconds again.

use std::collections::BTreeSet;
use std::process::Command;

use crate::ledger::{Ledger, files, torn};
use crate::program::{Program, saver, saver_path};
use crate::row::{Outcome, needs, row};

/// Two hours, lived through twice; `saver` starts one in a folder at a time of that day.
fn twice(saver: impl Fn(&std::path::Path, &str) -> Command) -> Outcome {
    let home = tempfile::tempdir().expect("a temporary folder");
    let folder = home.path().join(".history");
    let (mut ledger, mut names) = (Ledger::default(), BTreeSet::new());
    let mut given = 0;
    for round in ["first", "again"] {
        for time in ["12:00:00", "12:00:01", "14:00:00"] {
            let mut program = Program::start(&mut saver(&folder, time));
            for key in ["kept", "gone"] {
                let key = format!("{round}-{time}-{key}");
                let answer = program.ask(&format!("save {key} 1"));
                let file = answer.rsplit(' ').next().expect("a file").to_owned();
                assert!(names.insert(file), "a name was given twice: {answer}");
                given += 1;
                if key.ends_with("gone") {
                    assert_eq!(program.ask(&format!("delete {key}")), "ok");
                    continue;
                }
                assert!(ledger.note(&answer), "{answer}");
                let answer = program.ask(&format!("save {key} 2"));
                assert!(ledger.note(&answer), "{answer}");
            }
        }
    }
    // What was begun at two o'clock is saved at noon, and that is the newer one.
    let mut program = Program::start(&mut saver(&folder, "12:00:00"));
    let key = "first-14:00:00-kept";
    let file = "2026-01-31_14-00-00.md";
    assert_eq!(program.ask(&format!("open {key} {file}")), "ok");
    let answer = program.ask(&format!("save {key} 3"));
    assert!(ledger.note(&answer) && answer.ends_with(file), "{answer}");
    assert_eq!(ledger.lost(&folder), Vec::<String>::new());
    assert_eq!(torn(&folder), Vec::<String>::new());
    assert_eq!(program.ask("open-index"), "ok");
    assert_eq!(program.ask("sync"), "ok Ready");
    let all = files(&folder).len();
    assert_eq!(program.ask("list"), format!("ok {all}"));
    Ok(format!(
        "{given} names given, none twice; the index has all {all}"
    ))
}

#[test]
fn a_clock_set_back_loses_nothing() {
    row("the clock two hours back, its own", || {
        twice(|folder, time| {
            let mut command = saver(folder);
            command.arg(format!("2026-01-31T{time}+00:00[+00:00]"));
            command
        })
    });
}

#[test]
#[ignore = "part of make faults"]
fn the_systems_clock_set_back_loses_nothing() {
    row("the clock two hours back, the system's", || {
        needs("faketime")?;
        twice(|folder, time| {
            let mut command = Command::new("faketime");
            let time = format!("2026-01-31 {time}");
            command.args(["-f", &time]).arg(saver_path()).arg(folder);
            command.env("TZ", "UTC");
            command
        })
    });
}
