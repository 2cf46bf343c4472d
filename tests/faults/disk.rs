//! A disk that is full, read-only or closed, and a process that has no descriptors left.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::ledger::{Ledger, files, torn};
use crate::program::{Program, saver, saver_path};
use crate::row::{Mount, Outcome, Skipped, needs, needs_root, row, run};

/// Saves, lets the fault begin, sees each save fail with `why`, lets it end, and saves again in the same
/// process. What is in the history can be listed and found all the time, or it is said why not.
fn check(
    folder: &Path,
    mut program: Program,
    why: &str,
    begin: impl FnOnce(&mut Program) -> Result<(), Skipped>,
    end: impl FnOnce(&mut Program) -> Result<(), Skipped>,
) -> Outcome {
    let mut ledger = Ledger::default();
    assert_eq!(program.ask("open-index"), "ok");
    let answer = program.ask("save a 1");
    assert!(ledger.note(&answer), "{answer}");
    assert_eq!(program.ask("follow"), "ok");
    begin(&mut program)?;
    for command in ["save a 2", "save b 1", "save a 3"] {
        let answer = program.ask(command);
        assert!(
            answer.starts_with("fail ") && answer.contains(why),
            "{answer}"
        );
    }
    for command in ["follow", "rebuild", "list", "search begins", "sync", "list"] {
        let answer = program.ask(command);
        let said = answer.starts_with("ok") && answer != "ok 0" || answer.starts_with("fail ");
        assert!(said && !answer.contains("panicked"), "{command}: {answer}");
    }
    let kept = ledger.lost(folder);
    end(&mut program)?;
    assert_eq!(kept, Vec::<String>::new());
    for command in ["save a 4", "save b 2"] {
        let answer = program.ask(command);
        assert!(ledger.note(&answer), "{answer}");
    }
    assert_eq!(ledger.lost(folder), Vec::<String>::new());
    assert_eq!(torn(folder), Vec::<String>::new());
    assert_eq!(files(folder).len(), 2, "one file for each composition");
    assert_eq!(program.ask("follow"), "ok");
    for command in ["list", "search begins"] {
        assert_eq!(program.ask(command), "ok 2", "{command}");
    }
    let state = program.ask("state");
    assert!(!state.contains("None"), "{state}");
    Ok(format!(
        "saves failed with '{why}', then they and the index went on"
    ))
}

fn text(path: &Path) -> &str {
    path.to_str().expect("a path of ours")
}

#[test]
#[ignore = "part of make faults"]
fn a_full_disk() {
    row("ENOSPC, a full disk", || {
        let home = tempfile::tempdir().expect("a temporary folder");
        let options = ["-t", "tmpfs", "-o", "size=2m", "none"];
        let _mount = Mount::new(&options, home.path())?;
        let filler = home.path().join("filler");
        let folder = home.path().join("data/.history");
        let program = Program::start(&mut saver(&folder));
        let fill = |_: &mut Program| {
            fs::write(&filler, vec![0; 4 << 20]).expect_err("it is full");
            Ok(())
        };
        let clear = |_: &mut Program| {
            fs::remove_file(&filler).expect("it is there");
            Ok(())
        };
        check(&folder, program, "No space left on device", fill, clear)
    });
}

#[test]
#[ignore = "part of make faults"]
fn a_read_only_disk() {
    row("EROFS, a read-only disk", || {
        let home = tempfile::tempdir().expect("a temporary folder");
        let path = text(home.path());
        let _mount = Mount::new(&["--bind", path], home.path())?;
        let folder = home.path().join("data/.history");
        let program = Program::start(&mut saver(&folder));
        // A disk with a file open for writing is not made read-only: the index is opened anew after that.
        let mount = |how| {
            move |program: &mut Program| {
                assert_eq!(program.ask("close-index"), "ok");
                run("mount", &["-o", how, path])?;
                assert_eq!(program.ask("open-index"), "ok");
                Ok(())
            }
        };
        let (close, open) = (mount("remount,bind,ro"), |_: &mut Program| {
            run("mount", &["-o", "remount,bind,rw", path])
        });
        check(&folder, program, "Read-only file system", close, open)
    });
}

#[test]
#[ignore = "part of make faults"]
fn a_folder_of_somebody_else() {
    row("EACCES, a folder without the right to write", || {
        needs_root()?;
        needs("setpriv")?;
        let home = tempfile::tempdir().expect("a temporary folder");
        run("chown", &["65534:65534", text(home.path())])?;
        // The program may stand where only root gets at it.
        let copy = home.path().join("saver");
        fs::copy(saver_path(), &copy).expect("a copy");
        let folder = home.path().join("data/.history");
        let mut command = Command::new("setpriv");
        command.args(["--reuid=65534", "--regid=65534", "--clear-groups"]);
        let program = Program::start(command.arg(copy).arg(&folder));
        let mode = |mode| {
            let folder = text(&folder);
            move |_: &mut Program| run("chmod", &[mode, folder])
        };
        check(
            &folder,
            program,
            "Permission denied",
            mode("500"),
            mode("700"),
        )
    });
}

#[test]
#[ignore = "part of make faults"]
fn a_folder_that_may_not_be_changed() {
    row("EPERM, an immutable folder", || {
        needs_root()?;
        needs("chattr")?;
        let home = tempfile::tempdir().expect("a temporary folder");
        let folder = home.path().join("data/.history");
        let program = Program::start(&mut saver(&folder));
        let flag = |flag| {
            let folder = text(&folder);
            move |_: &mut Program| run("chattr", &[flag, folder])
        };
        check(
            &folder,
            program,
            "Operation not permitted",
            flag("+i"),
            flag("-i"),
        )
    });
}

#[test]
fn no_descriptors_left() {
    row("EMFILE, no descriptors left", || {
        let home = tempfile::tempdir().expect("a temporary folder");
        let folder = home.path().join("data/.history");
        let mut command = Command::new("sh");
        command.args(["-c", "ulimit -n 40 && exec \"$0\" \"$1\""]);
        let program = Program::start(command.arg(saver_path()).arg(&folder));
        let ask = |command| {
            move |program: &mut Program| {
                assert_eq!(program.ask(command), "ok");
                Ok(())
            }
        };
        let (hold, release) = (ask("hold"), ask("release"));
        check(&folder, program, "Too many open files", hold, release)
    });
}
