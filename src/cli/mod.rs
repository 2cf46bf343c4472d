//! The command line: one file per subcommand, `--json` on each.
//!
//! Results go to standard output, everything else to standard error. Exit codes:
//!
//! | code | means |
//! |---|---|
//! | 0 | done |
//! | 1 | it failed: a file, the configuration, the host |
//! | 2 | the command line or a value given on it is wrong |
//! | 3 | no such prompt or composition, or nothing matches |
//! | 4 | `validate` found errors |
//! | 128 + n | `edit` was ended by signal n: 130 for Ctrl-C, 129 for a hangup, 143 for a termination |
//!
//! `edit` may also end with the status of the Neovim that it started.

mod edit;
mod eval;
mod history;
mod host;
mod input;
mod list;
mod models;
mod output;
mod render;
mod search;
mod select;
mod show;
mod stats;
mod suggest;
mod tokens;
mod validate;

use std::ffi::OsString;
use std::path::Path;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::app::{App, Boot, Opened};
use crate::config::Environment;
use crate::error::{Error, Kind, Result};

use output::Output;

/// Composes prompts from a library of files, in Neovim and on the command line.
#[derive(Parser)]
#[command(name = "promptstack", version, about, disable_help_subcommand = true)]
#[command(
    after_help = "Exit codes: 0 done, 1 failed, 2 wrong usage, 3 nothing found, 4 errors in the library"
)]
struct Cli {
    /// Prints JSON instead of text.
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Lists every prompt of the library.
    List(list::Args),
    /// Shows one prompt.
    Show(show::Args),
    /// Finds prompts, best first.
    Search(search::Args),
    /// Fills a prompt's placeholders and prints it.
    Render(render::Args),
    /// Checks the library and lists what is wrong in it.
    Validate(validate::Args),
    /// Finds, shows and deletes what was composed.
    History(history::Args),
    /// Edits a file in a running Neovim and waits for it: `export EDITOR="promptstack edit"`.
    Edit(edit::Args),
    /// Counts the tokens of a file, against a model's context window.
    Tokens(tokens::Args),
    /// Chooses the prompts that go along with a composition.
    Select(select::Args),
    /// Says what could be better in a composition, by checks and by the model that is configured, if one is.
    Suggest(suggest::Args),
    /// Says what models were asked, what that cost, and what may still be spent.
    Stats(stats::Args),
    /// Asks the configured providers which models they have, and says what those cost.
    Models(models::Args),
    /// Measures how well the prompts of a folder are found by their descriptions.
    #[command(hide = true)]
    Eval(eval::Args),
    /// Speaks with Neovim over standard input and output.
    Host,
}

/// How a command that did not fail ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    Done,
    Nothing,
    /// It was said already why.
    Failed,
    FoundErrors,
    /// By the signal of this number.
    Interrupted(u8),
}

impl From<Outcome> for ExitCode {
    fn from(outcome: Outcome) -> Self {
        ExitCode::from(match outcome {
            Outcome::Done => 0,
            Outcome::Failed => 1,
            Outcome::Nothing => 3,
            Outcome::FoundErrors => 4,
            Outcome::Interrupted(signal) => 128 + signal,
        })
    }
}

/// Runs the command that the process was started with.
pub fn run() -> ExitCode {
    let cli = match Cli::try_parse_from(words(std::env::args_os().collect())) {
        Ok(cli) => cli,
        Err(usage) => {
            let code = if usage.use_stderr() { 2 } else { 0 };
            let _ = usage.print();
            return ExitCode::from(code);
        }
    };
    let mut output = Output::new(cli.json);
    match execute(cli.command, &mut output) {
        Ok(outcome) => outcome.into(),
        Err(error) => {
            output.error(&error);
            ExitCode::from(match error.kind() {
                Kind::InvalidInput => 2,
                Kind::NotFound => 3,
                _ => 1,
            })
        }
    }
}

/// The command line; under the name of one command, with that command put in.
fn words(mut words: Vec<OsString>) -> Vec<OsString> {
    let name = words.first().and_then(|word| Path::new(word).file_name());
    if name.is_some_and(|name| name == edit::ONE_WORD) {
        words.insert(1, "edit".into());
    }
    words
}

fn execute(command: Command, output: &mut Output) -> Result<Outcome> {
    if let Command::Edit(args) = command {
        return edit::run(args, output);
    }
    let boot = boot()?;
    if let Command::Host = command {
        return host::run(boot).map(|()| Outcome::Done);
    }
    let cwd = std::env::current_dir()
        .map_err(|e| Error::unavailable(format!("the working directory can't be read: {e}")))?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|e| Error::internal("the runtime does not start").because(e))?;
    runtime.block_on(async {
        let Opened {
            app,
            problems,
            notices,
        } = App::open(&boot, &cwd, serde_json::Value::Null);
        problems.iter().for_each(|problem| output.problem(problem));
        notices.iter().for_each(|notice| output.notice(notice));
        if let Command::History(args) = command {
            return history::run(&app, args, &cwd, output).await;
        }
        let needs_library = !matches!(
            command,
            Command::Tokens(_) | Command::Stats(_) | Command::Models(_) | Command::Eval(_)
        );
        if needs_library {
            app.refresh().await;
        }
        let outcome = match command {
            Command::List(args) => list::run(&app, args, output),
            Command::Show(args) => show::run(&app, args, output).await,
            Command::Search(args) => search::run(&app, args, output),
            Command::Render(args) => render::run(&app, args, output).await,
            Command::Validate(args) => validate::run(&app, args, output),
            Command::Tokens(args) => tokens::run(&app, &boot.env, args, output).await,
            Command::Select(args) => select::run(&app, args, output).await,
            Command::Suggest(args) => suggest::run(&app, args, &cwd, output).await,
            Command::Stats(args) => stats::run(&app, args, output).await,
            Command::Models(args) => models::run(&app, args, output).await,
            Command::Eval(args) => eval::run(&app, args, output).await,
            Command::History(_) | Command::Edit(_) | Command::Host => Ok(Outcome::Done),
        };
        app.finish();
        outcome
    })
}

fn boot() -> Result<Boot> {
    let environment = Environment;
    Ok(Boot {
        home: environment.home()?,
        user_home: environment.user_home(),
        env: |name| Environment.get(name),
    })
}
