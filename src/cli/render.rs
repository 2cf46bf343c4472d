//! `promptstack render ID --set name=value`

use super::Outcome;
use super::output::Output;
use crate::app::App;
use crate::error::{Error, Result};
use crate::library::prompt::PromptId;
use crate::placeholder::{self, Value, Values};

#[derive(clap::Args)]
pub struct Args {
    /// The prompt's id, as `list` prints it.
    id: String,
    /// Fills a placeholder; again with the same name adds an item to a list.
    #[arg(long = "set", value_name = "NAME=VALUE")]
    set: Vec<String>,
}

pub async fn run(app: &App, args: Args, output: &Output) -> Result<Outcome> {
    let prompt = app.usable(&PromptId(args.id)).await?;
    let values = values(&args.set)?;
    let text = placeholder::render(&prompt.body, &placeholder::parse(&prompt.body), &values)
        .map_err(|e| Error::invalid(e.message()).hint("--set NAME=VALUE gives a value"))?;
    let data = serde_json::json!({ "id": prompt.info.id.as_str(), "text": text });
    output.result(&data, || text)?;
    if let Err(error) = app.record_use(prompt.info.id.as_str()) {
        output.error(&error);
    }
    Ok(Outcome::Done)
}

fn values(set: &[String]) -> Result<Values> {
    let mut values = Values::new();
    for pair in set {
        let Some((name, value)) = pair.split_once('=') else {
            return Err(
                Error::invalid(format!("'--set {pair}' has no '='")).hint("--set NAME=VALUE")
            );
        };
        let more = match values.remove(name) {
            None => Value::Text(value.to_owned()),
            Some(Value::Text(first)) => Value::Items(vec![first, value.to_owned()]),
            Some(Value::Items(mut items)) => {
                items.push(value.to_owned());
                Value::Items(items)
            }
        };
        values.insert(name.to_owned(), more);
    }
    Ok(values)
}
