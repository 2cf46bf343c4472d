//! Hands a text to a program in a tmux pane.
//!
//! The text goes into a buffer of its own and from there into the pane, as a bracketed paste: a
//! program that asked for it gets all in one piece, and no line of it is taken for a command. Line
//! feeds stay what they are. No shell is between.

use std::io;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use tokio::process::Command;

use super::process::{Failure, run};
use crate::error::{Error, Result};

/// tmux answers at once, or its server is stuck.
const TIME_OUT: Duration = Duration::from_secs(10);
/// More than any list of panes has.
const MAX_OUTPUT: usize = 4 << 20;
/// Stands between the fields of a pane; titles and folders may hold anything else.
const BETWEEN: &str = "|;:;|";
/// What is asked of each pane, in the order of [`Seen::of`]. A tmux that does not know of bracketed
/// paste leaves that one empty.
const FIELDS: &[&str] = &[
    "#{pane_id}",
    "#{session_name}:#{window_index}.#{pane_index}",
    "#{&&:#{window_active},#{pane_active}}",
    "#{pane_dead}",
    "#{pane_input_off}",
    "#{pane_in_mode}",
    "#{bracket_paste_flag}",
    "#{pane_current_command}",
    "#{pane_title}",
    "#{pane_current_path}",
];
/// Ends a bracketed paste: what follows would be taken as typed.
const PASTE_ENDS: &[&str] = &["\u{1b}[201~", "\u{9b}201~"];

/// A pane that a text may be handed to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pane {
    /// What tmux calls it for as long as it lives: `%3`.
    pub id: String,
    /// Where it is: `session:window.pane`.
    pub place: String,
    /// Its title, as its program set it.
    pub title: String,
    /// The program that runs in it.
    pub command: String,
    /// The program's working directory.
    pub path: PathBuf,
    /// Whether it is the active pane of its session's active window.
    pub active: bool,
}

/// The tmux server that the editor runs in, or the person's default one.
#[derive(Debug, Clone, Default)]
pub struct Tmux {
    socket: Option<PathBuf>,
    own_pane: Option<String>,
}

impl Tmux {
    /// With the values of `$TMUX` and `$TMUX_PANE`, where the editor has them.
    pub fn new(tmux: Option<&str>, own_pane: Option<&str>) -> Self {
        // `/tmp/tmux-1000/default,4711,0`
        let socket = tmux.and_then(|value| value.rsplitn(3, ',').nth(2));
        Self {
            socket: socket.filter(|path| !path.is_empty()).map(PathBuf::from),
            own_pane: own_pane.map(str::to_owned),
        }
    }

    /// The panes of all sessions, but not the one that the editor runs in, nor dead ones.
    ///
    /// # Errors
    /// `unavailable` when there is no tmux, or no server.
    pub async fn panes(&self) -> Result<Vec<Pane>> {
        let seen = self.seen().await?;
        let others = seen
            .into_iter()
            .filter(|seen| !seen.dead && Some(&seen.pane.id) != self.own_pane.as_ref());
        Ok(others.map(|seen| seen.pane).collect())
    }

    /// Pastes a text into a pane, and with `enter` presses Enter after it.
    ///
    /// `pane` is an id, `%3`, or a place, `session:window.pane`.
    ///
    /// # Errors
    /// `not_found` when there is no such pane; `invalid_input` when it is the editor's own, or when
    /// the text is empty or holds the sequence that ends a paste; `unavailable` when the pane takes
    /// no input, or without tmux.
    pub async fn send(&self, pane: &str, text: &str, enter: bool) -> Result<()> {
        if text.is_empty() {
            return Err(Error::invalid("there is nothing to send"));
        }
        if PASTE_ENDS.iter().any(|end| text.contains(end)) {
            let message = "the text holds the sequence that ends a paste";
            return Err(Error::invalid(message).hint("remove the escape characters from it"));
        }
        let seen = self.seen().await?;
        let found = seen
            .into_iter()
            .find(|seen| seen.pane.id == pane || seen.pane.place == pane);
        let Some(seen) = found else {
            return Err(Error::not_found(format!("there is no tmux pane {pane}"))
                .hint("it may have been closed; choose another one"));
        };
        seen.takes(text, self.own_pane.as_deref())?;
        let id = seen.pane.id.as_str();
        self.paste(&seen, text)
            .await
            .map_err(|error| with_pane(error, id))?;
        if enter {
            // In a call of its own: some programs take one that comes in the same breath for a part
            // of the paste.
            self.tmux(&["send-keys", "-t", id, "Enter"], "")
                .await
                .map_err(|error| with_pane(error, id))?;
        }
        Ok(())
    }

    async fn paste(&self, seen: &Seen, text: &str) -> Result<()> {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let buffer = format!("promptstack-{}-{count}", std::process::id());
        let id = seen.pane.id.as_str();
        // A pane that is scrolled back pastes without brackets, and takes keys for itself.
        let leave: &[&str] = match seen.in_mode {
            true => &["copy-mode", "-q", "-t", id, ";"],
            false => &[],
        };
        // In one call, so that the text does not stay behind in tmux when we end in between.
        let load = ["load-buffer", "-b", &buffer, "-", ";"];
        let paste = ["paste-buffer", "-p", "-r", "-d", "-b", &buffer, "-t", id];
        let pasted = self.tmux(&[leave, &load, &paste].concat(), text).await;
        if pasted.is_err() {
            // Gone already, unless only the pasting failed.
            let _ = self.tmux(&["delete-buffer", "-b", &buffer], "").await;
        }
        pasted.map(drop)
    }

    async fn seen(&self) -> Result<Vec<Seen>> {
        let format = FIELDS.join(BETWEEN);
        let listed = self.tmux(&["list-panes", "-a", "-F", &format], "").await?;
        Ok(listed.lines().filter_map(Seen::of).collect())
    }

    /// Runs tmux with some arguments and gives what it writes.
    async fn tmux(&self, arguments: &[&str], input: &str) -> Result<String> {
        let mut command = Command::new("tmux");
        // Without -u it replaces all but ASCII where the locale is C.
        command.arg("-u");
        if let Some(socket) = &self.socket {
            command.arg("-S").arg(socket);
        }
        command.args(arguments);
        let finished = run(command, input.as_bytes(), MAX_OUTPUT, TIME_OUT).await;
        let finished = finished.map_err(|failure| match failure {
            Failure::Start(error) if error.kind() == io::ErrorKind::NotFound => {
                Error::unavailable("tmux is not installed").hint("send to another target")
            }
            Failure::Start(error) => {
                Error::unavailable(format!("can't run tmux: {error}")).because(error)
            }
            Failure::TimeOut => Error::unavailable("tmux does not answer")
                .hint("look at its server, or send to another target"),
        })?;
        match finished.status.success() {
            true => Ok(String::from_utf8_lossy(&finished.output).into_owned()),
            false => Err(refused(&String::from_utf8_lossy(&finished.errors))),
        }
    }
}

/// A pane with what decides whether it takes a text.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Seen {
    pane: Pane,
    dead: bool,
    input_off: bool,
    in_mode: bool,
    /// Whether its program asked for bracketed paste, where tmux tells.
    brackets: Option<bool>,
}

impl Seen {
    /// Reads a line of the list; a folder with a line break in its name gives none.
    fn of(line: &str) -> Option<Seen> {
        let fields: Vec<&str> = line.splitn(FIELDS.len(), BETWEEN).collect();
        let [
            id,
            place,
            active,
            dead,
            input_off,
            in_mode,
            brackets,
            command,
            title,
            path,
        ] = fields[..]
        else {
            return None;
        };
        Some(Seen {
            pane: Pane {
                id: id.to_owned(),
                place: place.to_owned(),
                title: title.to_owned(),
                command: command.to_owned(),
                path: path.into(),
                active: active == "1",
            },
            dead: dead == "1",
            input_off: input_off == "1",
            in_mode: !matches!(in_mode, "" | "0"),
            brackets: (!brackets.is_empty()).then_some(brackets == "1"),
        })
    }

    fn takes(&self, text: &str, own_pane: Option<&str>) -> Result<()> {
        let Pane { id, command, .. } = &self.pane;
        if own_pane == Some(id) {
            let message = format!("tmux pane {id} is the one that the editor runs in");
            return Err(Error::invalid(message).hint("choose another one"));
        }
        if self.dead {
            let message = format!("the program in tmux pane {id} has ended");
            return Err(Error::unavailable(message).hint("start it again, or choose another pane"));
        }
        if self.input_off {
            let message = format!("tmux pane {id} takes no input");
            let hint = format!("turn it on with 'tmux select-pane -e -t {id}'");
            return Err(Error::unavailable(message).hint(hint));
        }
        if self.brackets == Some(false) && text.trim_end_matches('\n').contains('\n') {
            let message = format!("{command} in tmux pane {id} would take each line as typed");
            let hint = "start the program that is to read it there, or send one line";
            return Err(Error::unavailable(message).hint(hint));
        }
        Ok(())
    }
}

/// What tmux refused, in our words.
fn refused(complaint: &str) -> Error {
    let complaint = complaint.trim();
    let no_server = [
        "no server running",
        "error connecting",
        "server exited",
        "lost server",
        "no current",
    ];
    if no_server.iter().any(|words| complaint.contains(words)) {
        return Error::unavailable("no tmux server is running")
            .hint("start tmux, or send to another target")
            .because(complaint.to_owned());
    }
    let line = complaint.lines().next().unwrap_or("it said nothing");
    Error::unavailable(format!("tmux refused: {line}"))
}

fn with_pane(error: Error, id: &str) -> Error {
    let message = format!("can't send to tmux pane {id}: {}", error.message());
    let hint = error
        .hint_text()
        .unwrap_or("choose another pane")
        .to_owned();
    Error::new(error.kind(), message).hint(hint).because(error)
}

#[cfg(test)]
mod tests;
