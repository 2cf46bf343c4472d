//! `promptstack search QUERY`

use super::Outcome;
use super::output::{self, Output};
use crate::app::App;
use crate::error::Result;

#[derive(clap::Args)]
pub struct Args {
    /// Words to look for in title, tags, category, description and id.
    #[arg(required = true)]
    query: Vec<String>,
    /// The most prompts to print.
    #[arg(long, default_value_t = 20)]
    limit: usize,
}

pub fn run(app: &App, args: Args, output: &Output) -> Result<Outcome> {
    // Without use counts the order still stands, only ties fall otherwise.
    if let Err(error) = app.read_uses() {
        output.error(&error);
    }
    let snapshot = app.library.snapshot();
    let ticket = app.finder.ticket();
    let hits = app
        .finder
        .search(&ticket, &snapshot, &args.query.join(" "), args.limit)?;
    let found = hits
        .rows
        .iter()
        .map(|hit| &snapshot.prompts[hit.index as usize]);
    let data: Vec<_> = found.clone().map(output::prompt).collect();
    output.result(&data, || output::table(found))?;
    Ok(if data.is_empty() {
        Outcome::Nothing
    } else {
        Outcome::Done
    })
}
