//! Asks a program for a secret: a password manager, or the system's keyring.

use std::io::Read;
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use crate::error::{Error, Kind, Result};

/// How long the program may take; one that asks for a password has to be unlocked before.
const PATIENCE: Duration = Duration::from_secs(5);
/// The most that is read: no key is longer.
const MOST: u64 = 16 << 10;

/// What a program prints on its first line; started without a shell, with nothing to read.
///
/// # Errors
/// `auth` when it can't be started, fails, or takes more than five seconds; what it says is in the
/// message, what it prints never.
pub(super) fn run(name: &str, words: &[String]) -> Result<String> {
    run_for(name, words, PATIENCE)
}

fn run_for(name: &str, words: &[String], patience: Duration) -> Result<String> {
    let failed = |why: String| {
        let program = words.first().map_or("", String::as_str);
        Error::new(Kind::Auth, format!("{name}: {program} {why}"))
            .hint("try the command in a terminal")
    };
    let Some((program, arguments)) = words.split_first() else {
        return Err(failed("names no program".into()));
    };
    let mut child = Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| failed(format!("can't be started: {error}")))?;
    let (heard, waiting) = mpsc::channel();
    let output = child.stdout.take();
    let complaint = child.stderr.take();
    thread::spawn(move || _ = heard.send((all(output), all(complaint))));
    let Ok((output, complaint)) = waiting.recv_timeout(patience) else {
        let _ = child.kill();
        let _ = child.wait();
        let seconds = patience.as_secs_f32();
        return Err(failed(format!("took more than {seconds} s")));
    };
    let status = child
        .wait()
        .map_err(|error| failed(format!("was lost: {error}")))?;
    if !status.success() {
        let said = complaint.lines().next().unwrap_or_default().trim();
        return Err(failed(match said {
            "" => format!("failed: {status}"),
            said => format!("failed: {said}"),
        }));
    }
    Ok(output.lines().next().unwrap_or_default().to_owned())
}

fn all(pipe: Option<impl Read>) -> String {
    let mut bytes = Vec::new();
    if let Some(pipe) = pipe {
        // What could be read until then is what there is.
        let _ = pipe.take(MOST).read_to_end(&mut bytes);
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(words: &[&str], expected: Result<&str, &str>) {
        let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
        let found = run_for("k", &words, Duration::from_millis(300));
        let found = found.map_err(|error| error.to_string());
        let found = found.as_deref().map_err(String::as_str);
        assert_eq!(found, expected, "{words:?}");
    }

    #[test]
    fn the_first_line_that_a_program_prints_is_the_secret() {
        check(&["printf", "sk-1234\nuser: me\n"], Ok("sk-1234"));
        // No shell looks at it.
        check(&["printf", "%s", "$HOME;`id`"], Ok("$HOME;`id`"));
        check(&["true"], Ok(""));
    }

    #[test]
    fn a_program_that_gives_none_says_why() {
        check(
            &["no-such-program"],
            Err(
                "k: no-such-program can't be started: No such file or directory (os error 2) (try the command in a terminal)",
            ),
        );
        check(
            &["sh", "-c", "echo secret; echo locked >&2; exit 1"],
            Err("k: sh failed: locked (try the command in a terminal)"),
        );
        check(
            &["false"],
            Err("k: false failed: exit status: 1 (try the command in a terminal)"),
        );
        check(
            &["sleep", "60"],
            Err("k: sleep took more than 0.3 s (try the command in a terminal)"),
        );
    }
}
