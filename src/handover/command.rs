//! Hands a text to a configured program on its standard input.

use std::io;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::time::Duration;

use tokio::process::Command;

use super::process::{Failure, Finished, run};
use crate::error::{Error, Result};

/// A program that takes longer is killed.
pub const TIME_OUT: Duration = Duration::from_secs(60);
/// As much of each output is kept.
pub const MAX_OUTPUT: usize = 4096;

/// How a program ended, and the beginning of what it wrote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ran {
    /// Its exit code; `None` when a signal ended it.
    pub code: Option<i32>,
    /// The signal that ended it.
    pub signal: Option<i32>,
    /// What it wrote, at most [`MAX_OUTPUT`] bytes, without blanks at the end.
    pub output: String,
    /// What it wrote on standard error, likewise.
    pub errors: String,
}

impl Ran {
    /// Takes an end other than success for an error, as a hand-over does.
    ///
    /// # Errors
    /// `unavailable` with the first line of what the program complained about.
    pub fn success(self, name: &str) -> Result<Ran> {
        let ended = match (self.code, self.signal) {
            (Some(0), _) => return Ok(self),
            (Some(code), _) => format!("ended with exit code {code}"),
            (None, Some(signal)) => format!("was ended by signal {signal}"),
            (None, None) => "ended in an unknown way".to_owned(),
        };
        let said = [&self.errors, &self.output]
            .into_iter()
            .find_map(|text| text.lines().find(|line| !line.trim().is_empty()));
        let said = said.map(|line| format!(": {}", line.trim()));
        let message = format!("the command {name} {ended}{}", said.unwrap_or_default());
        Err(Error::unavailable(message).hint("the composition is kept, send it again"))
    }
}

/// Runs a program and its arguments in a folder, with a text on its standard input.
///
/// No shell is between. After [`TIME_OUT`], or when this future is dropped, it is killed with all
/// that it started.
///
/// # Errors
/// `config` when it can't be started, `unavailable` when it took too long. How it ended is no error
/// here, see [`Ran::success`].
pub async fn run_command(command: &[String], directory: &Path, text: &str) -> Result<Ran> {
    run_within(command, directory, text, TIME_OUT).await
}

async fn run_within(
    command: &[String],
    directory: &Path,
    text: &str,
    limit: Duration,
) -> Result<Ran> {
    let Some((program, arguments)) = command.split_first().filter(|(first, _)| !first.is_empty())
    else {
        return Err(Error::config("a command to send to names no program")
            .hint("write it as [program, argument, …] in send.commands"));
    };
    let mut started = Command::new(program);
    started.args(arguments).current_dir(directory);
    match run(started, text.as_bytes(), MAX_OUTPUT, limit).await {
        Ok(Finished {
            status,
            output,
            errors,
        }) => Ok(Ran {
            code: status.code(),
            signal: status.signal(),
            output: shown(&output),
            errors: shown(&errors),
        }),
        Err(Failure::TimeOut) => {
            let seconds = limit.as_secs();
            let message = format!("{program} did not end within {seconds} s and was stopped");
            Err(Error::unavailable(message).hint("the composition is kept, send it again"))
        }
        Err(Failure::Start(error)) => Err(not_started(program, directory, error)),
    }
}

fn not_started(program: &str, directory: &Path, error: io::Error) -> Error {
    let message = match error.kind() {
        // The system says the same of both.
        io::ErrorKind::NotFound if !directory.is_dir() => {
            format!(
                "can't run {program}: there is no folder {}",
                directory.display()
            )
        }
        io::ErrorKind::NotFound => format!("there is no program {program}"),
        _ => format!("can't run {program}: {error}"),
    };
    let hint = "check send.commands; no shell is used, so ~ and $VAR mean nothing there";
    Error::config(message).hint(hint).because(error)
}

fn shown(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::error::Kind;

    fn command(parts: &[&str]) -> Vec<String> {
        parts.iter().map(|part| (*part).to_owned()).collect()
    }

    async fn ran(parts: &[&str], text: &str) -> Ran {
        run_command(&command(parts), Path::new("/"), text)
            .await
            .expect("it ran")
    }

    #[tokio::test]
    async fn a_program_gets_the_text_and_is_no_shell() {
        let it = ran(&["cat"], "ä {{x}}\n\u{1b}\n\0.").await;
        assert_eq!(
            (it.code, it.output.as_str()),
            (Some(0), "ä {{x}}\n\u{1b}\n\0.")
        );
        let it = ran(&["printf", "%s|", "$HOME", "a b", ";"], "").await;
        assert_eq!(it.output, "$HOME|a b|;|");
        assert_eq!(ran(&["pwd"], "").await.output, "/");
    }

    #[tokio::test]
    async fn how_it_ended_is_told_with_the_beginning_of_its_output() {
        let it = ran(&["sh", "-c", "echo out; echo err >&2; exit 3"], "").await;
        assert_eq!(
            (it.code, it.output.as_str(), it.errors.as_str()),
            (Some(3), "out", "err")
        );
        let error = it.success("agent").expect_err("a failure");
        assert_eq!(
            error.message(),
            "the command agent ended with exit code 3: err"
        );
        let it = ran(&["sh", "-c", "kill -9 $$"], "").await;
        assert_eq!((it.code, it.signal), (None, Some(9)));
        let it = ran(
            &["sh", "-c", "yes | head -c 100000; yes | head -c 100000 >&2"],
            "",
        )
        .await;
        assert_eq!(
            (it.code, it.output.len(), it.errors.len()),
            (Some(0), 4095, 4095)
        );
    }

    #[tokio::test]
    async fn a_program_need_not_read() {
        let text = "x".repeat(4 << 20);
        assert_eq!(ran(&["true"], &text).await.code, Some(0));
        assert_eq!(ran(&["head", "-c", "3"], &text).await.output, "xxx");
        assert_eq!(ran(&["wc", "-c"], &text).await.output, "4194304");
    }

    #[tokio::test]
    async fn a_program_that_leaves_another_behind_has_ended() {
        let folder = tempfile::tempdir().expect("a folder");
        let script = "mkfifo stay; (read line < stay) & echo done";
        let it = run_command(&command(&["sh", "-c", script]), folder.path(), "").await;
        assert_eq!(it.expect("it ran").output, "done");
        // The one that stayed still waits, so it was not killed; this lets it go.
        fs::write(folder.path().join("stay"), "go\n").expect("a reader");
    }

    #[tokio::test]
    async fn a_cancelled_program_is_killed_with_what_it_started() {
        let folder = tempfile::tempdir().expect("a folder");
        let script = "exec 9>lock; flock 9; touch ready; sleep 1000 & sleep 1000";
        let words = command(&["sh", "-c", script]);
        let path = folder.path().to_owned();
        let sending = tokio::spawn(async move { run_command(&words, &path, "").await });
        while !folder.path().join("ready").exists() {
            assert!(!sending.is_finished(), "it ended too early");
            tokio::task::yield_now().await;
        }
        sending.abort();
        assert!(sending.await.expect_err("aborted").is_cancelled());
        // Both hold the lock as long as they live.
        let lock = fs::File::open(folder.path().join("lock")).expect("the file");
        tokio::task::spawn_blocking(move || lock.lock())
            .await
            .expect("no panic")
            .expect("the lock");
    }

    #[tokio::test]
    async fn a_program_that_takes_too_long_is_stopped() {
        let sleep = command(&["sleep", "1000"]);
        let sent = run_within(&sleep, Path::new("/"), "", Duration::ZERO).await;
        let error = sent.expect_err("a time-out");
        assert_eq!(
            error.message(),
            "sleep did not end within 0 s and was stopped"
        );
    }

    #[tokio::test]
    async fn what_can_not_be_started_says_why() {
        for (parts, folder, expected) in [
            (
                vec!["no-such-program"],
                "/",
                "there is no program no-such-program",
            ),
            (
                vec!["true"],
                "/nowhere",
                "can't run true: there is no folder /nowhere",
            ),
            (
                vec!["/"],
                "/",
                "can't run /: Permission denied (os error 13)",
            ),
            (vec![""], "/", "a command to send to names no program"),
            (vec![], "/", "a command to send to names no program"),
        ] {
            let error = run_command(&command(&parts), Path::new(folder), "")
                .await
                .expect_err("not started");
            assert_eq!(error.message(), expected);
            assert_eq!(error.kind(), Kind::Config);
        }
    }
}
