//! `promptstack list`

use super::Outcome;
use super::output::{self, Output};
use crate::app::App;
use crate::error::Result;

#[derive(clap::Args)]
pub struct Args {
    /// Only prompts of this category.
    #[arg(long)]
    category: Option<String>,
}

pub fn run(app: &App, args: Args, output: &Output) -> Result<Outcome> {
    let snapshot = app.library.snapshot();
    let wanted = |category: &str| {
        args.category
            .as_deref()
            .is_none_or(|wanted| wanted == category)
    };
    let listed = snapshot
        .prompts
        .iter()
        .filter(|info| wanted(&info.category));
    let data: Vec<_> = listed.clone().map(output::prompt).collect();
    output.result(&data, || output::table(listed))?;
    Ok(if data.is_empty() {
        Outcome::Nothing
    } else {
        Outcome::Done
    })
}
