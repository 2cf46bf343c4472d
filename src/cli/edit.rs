//! `promptstack edit [+LINE] FILE`: what a program starts as `$EDITOR`.
//!
//! Gives the file to a Neovim that runs already and waits until it is done with; where there is
//! none, becomes a Neovim itself. Knows nothing of the library and the configuration: an editor has
//! to open whatever is wrong with them.

mod file;
mod holder;

use std::ffi::OsString;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

use serde_json::Value as Json;
use tokio::signal::unix::{Signal, SignalKind, signal};

use super::Outcome;
use super::output::Output;
use crate::config::Environment;
use crate::error::{Error, Kind, Result};
use file::Edited;
use holder::{Holder, Places, find};

/// The name under which the binary is this command alone, for programs that take `$EDITOR` for one
/// word.
pub const ONE_WORD: &str = "promptstack-edit";

/// The notification that ends the wait.
const EVENT: &str = "promptstack.edit";

/// What a Neovim that is started here runs once the file is loaded; without the plugin, nothing.
const HERE: &str = "lua pcall(function() require('promptstack.edit').here() end)";

#[derive(clap::Args)]
#[command(override_usage = "promptstack edit [+LINE] FILE")]
pub struct Args {
    /// The file, and before it the line that the cursor goes to, as +12.
    #[arg(value_name = "[+LINE] FILE", required = true)]
    words: Vec<OsString>,
}

pub fn run(args: Args, output: &Output) -> Result<Outcome> {
    let environment = Environment;
    let cwd = std::env::current_dir()
        .map_err(|e| Error::unavailable(format!("the working directory can't be read: {e}")))?;
    let file = Edited::open(&args.words, &cwd)?;
    let (home, user_home) = (environment.home().ok(), environment.user_home());
    let places = Places {
        around: environment
            .get("NVIM")
            .filter(|address| !address.is_empty()),
        home: home.as_deref(),
        cwd: &cwd,
        user_home: user_home.as_deref(),
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|e| Error::internal("the runtime does not start").because(e))?;
    let waited = runtime.block_on(async {
        match find(&places, &file, output).await {
            Some(holder) => wait(holder, &file, output).await.map(Some),
            None => Ok(None),
        }
    })?;
    match waited {
        Some(outcome) => Ok(outcome),
        None => Err(become_neovim(&environment, &file)),
    }
}

/// How a wait ends.
enum End {
    /// The file is as it is wanted.
    Done,
    /// The person gave up.
    Aborted { restore: bool },
    /// Neovim did not open it, for this reason.
    Failed(String),
    /// Neovim went without the person's having decided.
    Lost,
}

/// Waits until Neovim is done with the file, is gone, or the wait is given up here.
async fn wait(mut holder: Holder, file: &Edited, output: &Output) -> Result<Outcome> {
    let mut signals = Signals::new()?;
    output.notice(&format!(
        "waiting for {} in {}; close its window to go on, :Prompt abort or Ctrl-C to cancel",
        file.name(),
        holder.name
    ));
    let end = tokio::select! {
        end = outcome(&mut holder) => end,
        number = signals.next() => {
            holder.withdraw().await;
            output.notice(&format!("the wait for {} is given up; its text stays in {}", file.name(), holder.name));
            return Ok(Outcome::Interrupted(number));
        }
    };
    match end {
        Ok(End::Done) => Ok(Outcome::Done),
        Ok(End::Aborted { restore }) => {
            if restore {
                file.restore()?;
            }
            let message = format!(
                "{} is left as it was: aborted in {}",
                file.name(),
                holder.name
            );
            Err(Error::new(Kind::Cancelled, message))
        }
        Ok(End::Failed(why)) => Err(Error::unavailable(format!("{}: {why}", holder.name))),
        Ok(End::Lost) => Err(lost(&holder.name, "was ended by a signal", file)),
        Err(_) => Err(lost(&holder.name, "is gone without an answer", file)),
    }
}

fn lost(name: &str, how: &str, file: &Edited) -> Error {
    Error::unavailable(format!("{name} {how}")).hint(format!(
        "{} is as it was last written; what was typed since is in the history, :Prompt history, or \
         in its swap file, :recover",
        file.name()
    ))
}

async fn outcome(holder: &mut Holder) -> Result<End> {
    loop {
        let (name, args) = holder.remote.event().await?;
        if name == EVENT
            && let Some(end) = read_end(&args[0])
        {
            return Ok(end);
        }
    }
}

fn read_end(told: &Json) -> Option<End> {
    match told["outcome"].as_str()? {
        "done" => Some(End::Done),
        "aborted" => Some(End::Aborted {
            restore: told["restore"] == true,
        }),
        "lost" => Some(End::Lost),
        "failed" => Some(End::Failed(
            told["message"].as_str().unwrap_or("it failed").to_owned(),
        )),
        _ => None,
    }
}

/// What a shell or a terminal ends a program with.
struct Signals {
    interrupt: Signal,
    hangup: Signal,
    terminate: Signal,
}

impl Signals {
    fn new() -> Result<Self> {
        let of = |kind| {
            signal(kind).map_err(|e| Error::internal("signals can't be received").because(e))
        };
        Ok(Self {
            interrupt: of(SignalKind::interrupt())?,
            hangup: of(SignalKind::hangup())?,
            terminate: of(SignalKind::terminate())?,
        })
    }

    /// The number of the next one.
    async fn next(&mut self) -> u8 {
        tokio::select! {
            _ = self.hangup.recv() => 1,
            _ = self.interrupt.recv() => 2,
            _ = self.terminate.recv() => 15,
        }
    }
}

/// Replaces this process by a Neovim, so that its exit status is ours; comes back only on failure.
fn become_neovim(environment: &Environment, file: &Edited) -> Error {
    let chosen = environment
        .get("PROMPTSTACK_NVIM")
        .filter(|chosen| !chosen.trim().is_empty())
        .unwrap_or_else(|| "nvim".into());
    // A program with arguments, unless a file has all of it as its name.
    let mut words: Vec<&str> = match Path::new(&chosen).is_file() {
        true => vec![&chosen],
        false => chosen.split_whitespace().collect(),
    };
    let program = words.remove(0);
    let mut command = Command::new(program);
    command.args(words).args(["-c", HERE]);
    if let Some(line) = file.line {
        command.arg(format!("+{line}"));
    }
    let error = command.arg("--").arg(&file.path).exec();
    Error::unavailable(format!("{program} can't be started: {error}"))
        .hint("PROMPTSTACK_NVIM names the Neovim that is started")
}
