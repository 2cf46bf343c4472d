//! `promptstack`: the Neovim host and the command line.

use std::process::ExitCode;

use promptstack::cli;

fn main() -> ExitCode {
    cli::run()
}
