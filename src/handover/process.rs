//! Runs a program with a text on its standard input, and never a shell.
//!
//! What was begun ends: at a time-out, and when the future is dropped, the program and all that it
//! started are killed.

use std::io;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process_group};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::process::Command;
use tokio::time::timeout;

/// For so long after its end a program's output is waited for: one that leaves another behind, as
/// those that own the clipboard do, never closes it.
const GRACE: Duration = Duration::from_millis(250);

/// How a program ended.
#[derive(Debug)]
pub(super) struct Finished {
    pub(super) status: ExitStatus,
    /// The beginning of what it wrote.
    pub(super) output: Vec<u8>,
    /// The beginning of what it wrote on standard error.
    pub(super) errors: Vec<u8>,
}

/// Why a program did not come to its end.
#[derive(Debug)]
pub(super) enum Failure {
    /// It could not be started.
    Start(io::Error),
    /// It was killed, since it took too long.
    TimeOut,
}

/// Runs a program to its end; keeps at most `keep` bytes of each output and reads the rest.
///
/// A program that does not read all of its input may do so.
pub(super) async fn run(
    mut command: Command,
    input: &[u8],
    keep: usize,
    limit: Duration,
) -> Result<Finished, Failure> {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .process_group(0)
        .kill_on_drop(true)
        .spawn()
        .map_err(Failure::Start)?;
    let mut group = Group(child.id().and_then(|id| Pid::from_raw(id as i32)));
    let (stdin, stdout, stderr) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
    let (mut output, mut errors) = (Vec::new(), Vec::new());
    let feed = async {
        if let Some(mut stdin) = stdin {
            // It fails when nobody reads any more, which the exit status tells.
            let _ = stdin.write_all(input).await;
        }
    };
    let pipes = async {
        tokio::join!(
            feed,
            drain(stdout, &mut output, keep),
            drain(stderr, &mut errors, keep)
        );
    };
    let work = async {
        tokio::pin!(pipes);
        let mut open = true;
        let status = loop {
            tokio::select! {
                status = child.wait() => break status,
                () = &mut pipes, if open => open = false,
            }
        };
        if open {
            let _ = timeout(GRACE, &mut pipes).await;
        }
        status
    };
    let status = timeout(limit, work).await.map_err(|_| Failure::TimeOut)?;
    group.0 = None; // what it left behind, it left on purpose
    Ok(Finished {
        status: status.map_err(Failure::Start)?,
        output,
        errors,
    })
}

/// Reads to the end and keeps the beginning.
async fn drain(pipe: Option<impl AsyncRead + Unpin>, kept: &mut Vec<u8>, keep: usize) {
    let Some(mut pipe) = pipe else { return };
    let mut buffer = [0; 8192];
    while let Ok(count @ 1..) = pipe.read(&mut buffer).await {
        let room = keep.saturating_sub(kept.len());
        kept.extend_from_slice(&buffer[..count.min(room)]);
    }
}

/// A program with all that it started; killed when dropped.
struct Group(Option<Pid>);

impl Drop for Group {
    fn drop(&mut self) {
        if let Some(pid) = self.0 {
            // It fails when all have ended by themselves.
            let _ = kill_process_group(pid, Signal::KILL);
        }
    }
}
