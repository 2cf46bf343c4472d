//! `promptstack show ID`

use super::Outcome;
use super::output::{self, Output};
use crate::app::App;
use crate::error::Result;
use crate::library::prompt::PromptId;
use crate::placeholder;

#[derive(clap::Args)]
pub struct Args {
    /// The prompt's id, as `list` prints it.
    id: String,
}

pub async fn run(app: &App, args: Args, output: &Output) -> Result<Outcome> {
    let prompt = app.library.get(&PromptId(args.id)).await?;
    let mut data = output::prompt(&prompt.info);
    let parsed = placeholder::parse(&prompt.body);
    data["extra"] = serde_json::to_value(&prompt.extra).unwrap_or_default();
    data["body"] = prompt.body.clone().into();
    data["placeholders"] = parsed
        .placeholders()
        .map(|found| {
            serde_json::json!({
                "name": found.name,
                "type": found.kind.word(),
                "default": found.default,
                "options": found.options,
            })
        })
        .collect();
    output.result(&data, || prompt.body.clone())?;
    prompt
        .info
        .problems
        .iter()
        .for_each(|problem| output.problem(problem));
    Ok(Outcome::Done)
}
