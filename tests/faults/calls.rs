//! Every system call that a save makes fails, or is the last one of the process.

use std::collections::BTreeSet;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStderr, Command, Stdio};

use crate::ledger::{Ledger, files, torn, write_copy};
use crate::program::{Program, saver};
use crate::row::{Outcome, Skipped, needs, row};

/// Calls of the program that talks, of the memory and the threads that it takes, and of a new id, which
/// on a running Linux is never refused: not of what it does.
const NOT_MEANT: &[&str] = &[
    "getrandom",
    "readv",
    "writev",
    "restart_syscall",
    "brk",
    "mmap",
    "munmap",
    "mremap",
    "madvise",
    "mprotect",
    "clone3",
    "clone",
    "futex",
    "rseq",
    "set_robust_list",
    "sigaltstack",
    "rt_sigprocmask",
    "rt_sigaction",
    "sched_getaffinity",
    "sched_yield",
    "prctl",
    "gettid",
    "exit",
    "clock_nanosleep",
    "epoll_create1",
    "epoll_ctl",
    "epoll_wait",
    "eventfd2",
];

/// Which error may come of which calls; those not named can fail with EIO alone.
const MAY_FAIL: &[(&str, &[&str])] = &[
    ("EIO", &[""]),
    (
        "ENOSPC",
        &["open", "write", "fsync", "rename", "link", "mkdir"],
    ),
    ("EROFS", &["open", "rename", "link", "unlink", "mkdir"]),
    (
        "EACCES",
        &["open", "rename", "link", "unlink", "mkdir", "stat"],
    ),
    ("EMFILE", &["open"]),
];

/// As many of the calls that lock are broken one by one: one in two gives a lock back, and where strace makes
/// that fail it was never done, so that the program waits its five seconds for itself.
const LOCKS: usize = 2;

/// Every call is broken.
const EVERY: usize = usize::MAX;

/// What is saved while calls fail: a first composition, the same again, a second one.
const SAVES: [&str; 3] = ["save a 1", "save a 2", "save b 1"];

/// strace, attached to a program.
struct Tracer {
    child: Child,
    log: PathBuf,
    /// Kept open: it says a line of each further thread, and would die of a closed pipe.
    _errors: BufReader<ChildStderr>,
}

impl Tracer {
    fn attach(program: &Program, home: &Path, expressions: &[&str]) -> Result<Self, Skipped> {
        let log = home.join("calls");
        let mut command = Command::new("strace");
        command.args(["-f", "-p", &program.id().to_string(), "-o"]);
        command.arg(&log);
        for expression in expressions {
            command.args(["-e", expression]);
        }
        let mut child = command
            .stdin(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|e| Skipped(format!("strace: {e}")))?;
        let mut said = String::new();
        let mut errors = BufReader::new(child.stderr.take().expect("piped"));
        let _ = errors.read_line(&mut said);
        let tracer = Self {
            child,
            log,
            _errors: errors,
        };
        match said.contains("attached") {
            true => Ok(tracer),
            false => Err(Skipped(format!("strace: {}", said.trim()))),
        }
    }

    /// Lets the program go on without it, and gives the calls that it made.
    fn detach(mut self) -> String {
        let id = self.child.id().to_string();
        let _ = Command::new("kill").args(["-INT", &id]).status();
        let _ = self.child.wait();
        fs::read_to_string(&self.log).expect("a log")
    }
}

impl Drop for Tracer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The names of all calls that a program makes while it obeys these lines.
fn calls(start: &impl Fn(&Path) -> Program, lines: &[&str]) -> Result<BTreeSet<String>, Skipped> {
    let home = tempfile::tempdir().expect("a temporary folder");
    let mut program = start(&home.path().join("data/.history"));
    let tracer = Tracer::attach(&program, home.path(), &["trace=all"])?;
    for line in lines {
        program.ask(line);
    }
    let log = tracer.detach();
    let names = log.lines().filter_map(|line| {
        let (_, call) = line.split_once(' ')?;
        let name = call.trim_start().split_once('(')?.0;
        let named = name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
        (named && !NOT_MEANT.contains(&name)).then(|| name.to_owned())
    });
    Ok(names.collect())
}

/// How a call is broken.
#[derive(Clone, Copy)]
pub enum Break {
    /// It fails once, with this error.
    Once(&'static str),
    /// It fails from then on, with this error.
    Ever(&'static str),
    /// The process is killed there.
    Kill,
}

/// Breaks every call that a program makes while it obeys `lines`: the first of each name, the second, and
/// so on, until there is no further one. From the call number `all` of a name on, one in two is broken,
/// later one in three, and so on: a database makes hundreds, and that is minutes instead of an hour.
///
/// `start` starts the program in a folder. `check` gets it back when the fault is over, with that
/// folder and the answers. Gives how many kinds of calls there are, and how many were broken.
#[expect(
    clippy::print_stdout,
    reason = "shown when a test fails, to tell at which call"
)]
pub fn sweep(
    lines: &[&str],
    how: Break,
    all: usize,
    start: impl Fn(&Path) -> Program,
    check: impl Fn(Program, &Path, &[String]),
) -> Result<(usize, usize), Skipped> {
    needs("strace")?;
    let mut calls = calls(&start, lines)?;
    if let Break::Once(error) | Break::Ever(error) = how {
        let may = MAY_FAIL.iter().find(|(name, _)| *name == error);
        let (_, parts) = may.unwrap_or_else(|| panic!("{error} has no row in MAY_FAIL"));
        // A close that fails has closed all the same, but one that strace makes fail was never made.
        calls.retain(|call| call != "close" && parts.iter().any(|part| call.contains(part)));
    }
    let mut broken = 0;
    for call in &calls {
        let all = match call.as_str() {
            "fcntl" if all != EVERY => all.min(LOCKS),
            _ => all,
        };
        let mut n = 1;
        loop {
            let what = match how {
                Break::Once(error) => format!("{call}:error={error}:when={n}"),
                Break::Ever(error) => format!("{call}:error={error}:when={n}+"),
                Break::Kill => format!("{call}:signal=KILL:when={n}"),
            };
            let home = tempfile::tempdir().expect("a temporary folder");
            let folder = home.path().join("data/.history");
            let mut program = start(&folder);
            let (trace, inject) = (format!("trace={call}"), format!("inject={what}"));
            let tracer = Tracer::attach(&program, home.path(), &[&trace, &inject])?;
            let mut answers = Vec::new();
            for line in lines {
                match program.ask_mortal(line) {
                    Some(answer) => answers.push(answer),
                    None => break,
                }
            }
            let happened = match how {
                Break::Kill => {
                    // It may wait for ever for a program of several threads that it has killed.
                    drop(tracer);
                    answers.len() < lines.len()
                }
                _ => tracer.detach().contains("(INJECTED)"),
            };
            println!("{what}: {answers:?}");
            check(program, &folder, &answers);
            if !happened {
                break;
            }
            broken += 1;
            n += 1 + n / all;
        }
    }
    Ok((calls.len(), broken))
}

/// Nothing acknowledged is missing, nothing is torn, and saving goes on.
fn check_saves(error: &str, mut program: Program, folder: &Path, answers: &[String]) {
    let mut ledger = Ledger::default();
    for answer in answers {
        assert!(
            ledger.note(answer) || answer.starts_with("fail "),
            "{answer}"
        );
    }
    assert_eq!(ledger.lost(folder), Vec::<String>::new());
    for command in ["save a 3", "save b 2"] {
        let answer = program.ask(command);
        assert!(ledger.note(&answer), "{answer}");
    }
    assert_eq!(ledger.lost(folder), Vec::<String>::new());
    assert_eq!(torn(folder), Vec::<String>::new());
    // A file that may not be read may be somebody else's; else there is one for each composition.
    let mut files = files(folder);
    files.retain(|it| error != "EACCES" || !it.contains("-conflict-"));
    assert_eq!(files.len(), 2, "{files:?}");
}

fn fail_saves(error: &'static str) -> Outcome {
    let start = |folder: &Path| Program::start(&mut saver(folder));
    let check = |program: Program, folder: &Path, answers: &[String]| {
        check_saves(error, program, folder, answers);
    };
    let (calls, once) = sweep(&SAVES, Break::Once(error), EVERY, start, check)?;
    let (_, ever) = sweep(&SAVES, Break::Ever(error), EVERY, start, check)?;
    Ok(format!(
        "{calls} kinds of calls, failed once at {once} places, ever after from {ever}"
    ))
}

#[test]
#[ignore = "part of make faults"]
fn calls_fail_with_eio() {
    row("EIO at every call of a save", || fail_saves("EIO"));
}

#[test]
#[ignore = "part of make faults"]
fn calls_fail_with_enospc() {
    row("ENOSPC at every call of a save", || fail_saves("ENOSPC"));
}

#[test]
#[ignore = "part of make faults"]
fn calls_fail_with_erofs() {
    row("EROFS at every call of a save", || fail_saves("EROFS"));
}

#[test]
#[ignore = "part of make faults"]
fn calls_fail_with_eacces() {
    row("EACCES at every call of a save", || fail_saves("EACCES"));
}

#[test]
#[ignore = "part of make faults"]
fn calls_fail_with_emfile() {
    row("EMFILE at every call of a save", || fail_saves("EMFILE"));
}

#[test]
#[ignore = "part of make faults"]
fn a_process_killed_at_any_call() {
    row("kill -9 at every call of a save", || {
        let start = |folder: &Path| Program::start(&mut saver(folder));
        let check = |program: Program, folder: &Path, answers: &[String]| {
            drop(program);
            let mut ledger = Ledger::default();
            for answer in answers {
                assert!(ledger.note(answer), "{answer}");
            }
            assert_eq!(ledger.lost(folder), Vec::<String>::new());
            if folder.exists() {
                assert_eq!(torn(folder), Vec::<String>::new());
            }
        };
        let (calls, killed) = sweep(&SAVES, Break::Kill, EVERY, start, check)?;
        Ok(format!("{calls} kinds of calls, killed at {killed} places"))
    });
}

/// Breaks the calls of taking a rescue copy in: its text is in the history once in the end, and at
/// no time nowhere.
fn break_rescue(how: Break) -> Result<(usize, usize), Skipped> {
    let rescue = |folder: &Path| folder.parent().expect("below data").join("rescue");
    let start = |folder: &Path| {
        let copies = rescue(folder);
        write_copy(&copies, "mine");
        let mut command = saver(folder);
        // Where the program stands is how the lines, which are the same each time, find the copies.
        Program::start(command.current_dir(copies.parent().expect("below data")))
    };
    let in_history = |folder: &Path| folder.exists() && files(folder).len() == 1;
    sweep(
        &["take-in rescue"],
        how,
        EVERY,
        start,
        |mut program, folder, _| {
            let copies = rescue(folder);
            let kept = fs::read_dir(&copies).expect("a folder").count() == 1;
            assert!(kept || in_history(folder), "the text is gone");
            if let Break::Kill = how {
                let mut command = saver(folder);
                program = Program::start(command.current_dir(copies.parent().expect("below data")));
            }
            let wanted = format!("ok {} 0", u8::from(kept));
            assert_eq!(program.ask("take-in rescue"), wanted);
            assert!(in_history(folder), "{:?}", files(folder));
            assert_eq!(torn(folder), Vec::<String>::new());
            assert_eq!(fs::read_dir(&copies).expect("a folder").count(), 0);
        },
    )
}

#[test]
#[ignore = "part of make faults"]
fn a_rescue_copy_survives_failing_calls() {
    row("EIO at every call of taking in a rescue copy", || {
        let (calls, once) = break_rescue(Break::Once("EIO"))?;
        let (_, ever) = break_rescue(Break::Ever("EIO"))?;
        Ok(format!(
            "{calls} kinds of calls, failed once at {once} places, ever after from {ever}"
        ))
    });
}

#[test]
#[ignore = "part of make faults"]
fn a_rescue_copy_survives_kills() {
    row("kill -9 at every call of taking in a rescue copy", || {
        let (calls, killed) = break_rescue(Break::Kill)?;
        Ok(format!("{calls} kinds of calls, killed at {killed} places"))
    });
}
