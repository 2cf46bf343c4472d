//! One row per fault, and what a fault needs of the machine.

use std::io::Write;
use std::os::unix::fs::MetadataExt;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::path::Path;
use std::process::{Command, Stdio};

/// What a row ends with: figures, or why it can't be tried here.
pub type Outcome = Result<String, Skipped>;

/// Why a fault can't be tried here.
#[derive(Debug)]
pub struct Skipped(pub String);

/// Tries a fault and prints its row to the standard error itself: of a test that passes nothing else
/// is seen.
pub fn row(name: &str, run: impl FnOnce() -> Outcome) {
    let line = match catch_unwind(AssertUnwindSafe(run)) {
        Ok(Ok(figures)) => format!("ok       {name}: {figures}"),
        Ok(Err(Skipped(why))) => format!("skipped: {name}: {why}"),
        Err(panic) => {
            say(&format!("FAILED   {name}"));
            resume_unwind(panic);
        }
    };
    say(&line);
}

fn say(line: &str) {
    let _ = std::io::stderr().write_all(format!("{line}\n").as_bytes());
}

/// Asks for root, who alone can mount.
pub fn needs_root() -> Result<(), Skipped> {
    let root = std::fs::metadata("/proc/self").is_ok_and(|it| it.uid() == 0);
    root.then_some(()).ok_or(Skipped("needs root".into()))
}

/// Asks for a program on PATH.
pub fn needs(program: &str) -> Result<(), Skipped> {
    let found = Command::new("sh")
        .args(["-c", &format!("command -v {program}")])
        .stdout(Stdio::null())
        .status();
    let found = found.is_ok_and(|status| status.success());
    found
        .then_some(())
        .ok_or(Skipped(format!("{program} is not there")))
}

/// Runs a command of the machine's; where it fails the machine can't do it.
pub fn run(program: &str, arguments: &[&str]) -> Result<(), Skipped> {
    let output = Command::new(program).args(arguments).output();
    let output = output.map_err(|e| Skipped(format!("{program}: {e}")))?;
    if output.status.success() {
        return Ok(());
    }
    let why = String::from_utf8_lossy(&output.stderr);
    let why = why.lines().next().unwrap_or("no reason given");
    Err(Skipped(format!("{program} {}: {why}", arguments.join(" "))))
}

/// Something mounted, until it is dropped.
pub struct Mount<'a>(&'a Path);

impl<'a> Mount<'a> {
    /// Mounts with `mount ARGUMENTS PATH`.
    pub fn new(arguments: &[&str], path: &'a Path) -> Result<Self, Skipped> {
        needs_root()?;
        let path_text = path.to_str().expect("a path of ours");
        run("mount", &[arguments, &[path_text]].concat())?;
        Ok(Self(path))
    }
}

impl Drop for Mount<'_> {
    fn drop(&mut self) {
        // Whoever still has a file open there lets go of it first.
        let path = self.0.to_str().expect("a path of ours");
        let plainly = run("umount", &[path]);
        if plainly.is_err() {
            let _ = run("umount", &["-l", path]);
        }
    }
}
