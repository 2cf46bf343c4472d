//! `promptstack suggest FILE`

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use serde_json::{Value as Json, json};

use super::output::Output;
use super::{Outcome, input};
use crate::ai::suggestions::Suggestion;
use crate::app::App;
use crate::app::asking::Choice;
use crate::app::reviewing::{Composition, LOCAL, Reviewed, Told};
use crate::error::{Error, Kind, Result};
use crate::text::position_of;

#[derive(clap::Args)]
pub struct Args {
    /// The composition; `-` is standard input.
    file: PathBuf,
    /// Who looks it through beside the checks, instead of whom the configuration names; `local` for nobody.
    #[arg(long)]
    provider: Option<String>,
    /// Asks also where it may cost more than `cost_limits.confirm_above`.
    #[arg(long)]
    yes: bool,
}

impl Args {
    fn choice(&self) -> Choice {
        Choice {
            provider: self.provider.clone(),
            model: None,
        }
    }
}

pub async fn run(app: &App, args: Args, cwd: &Path, output: &Output) -> Result<Outcome> {
    let (name, text) = input::read(&args.file)?;
    let text = String::from_utf8_lossy(&text).into_owned();
    // References begin where the file is; those of standard input here.
    let file = cwd.join(&args.file);
    let directory = match args.file.as_os_str() == "-" {
        true => cwd,
        false => file.parent().unwrap_or(cwd),
    };
    let composition = Composition {
        text: text.clone(),
        directory: directory.to_owned(),
        choice: args.choice(),
        confirmed: args.yes,
        ..Composition::default()
    };
    let found = Mutex::new(Vec::new());
    let reviewed = app
        .review(composition, &|told| {
            if let Told::Suggestion(suggestion, by) = told {
                let mut found = found.lock().unwrap_or_else(PoisonError::into_inner);
                found.push((suggestion, by));
            }
        })
        .await?;
    let Reviewed {
        by,
        problems,
        confirm,
        took,
    } = reviewed;
    if let Some(question) = confirm {
        return Err(
            Error::new(Kind::Budget, format!("nothing was sent: {question}")).hint("--yes agrees"),
        );
    }
    let found = found.into_inner().unwrap_or_else(PoisonError::into_inner);
    let suggestions: Vec<Json> = found
        .iter()
        .map(|(it, by)| as_json(&text, it, by.as_deref()))
        .collect();
    let took = took.map(|took| {
        json!({
            "input": took.input,
            "output": took.output,
            "micro_usd": took.cost.map(|cost| cost.0),
        })
    });
    let json = json!({ "by": by, "suggestions": suggestions, "problems": problems, "took": took });
    output.result(&json, || {
        found
            .iter()
            .map(|(it, by)| as_text(&name, &text, it, by.as_deref()))
            .collect()
    })?;
    for problem in &problems {
        output.notice(&format!("not all of the answer could be used: {problem}"));
    }
    Ok(match found.is_empty() {
        true => Outcome::Nothing,
        false => Outcome::Done,
    })
}

fn as_json(text: &str, suggestion: &Suggestion, by: Option<&str>) -> Json {
    let place = suggestion.place.as_ref().map(|place| {
        let start = position_of(text, place.start);
        json!({ "line": start.line, "column": start.column, "bytes": [place.start, place.end] })
    });
    let edits = suggestion.edits.iter().map(|edit| {
        json!({
            "bytes": [edit.range.start, edit.range.end],
            "expected": edit.expected,
            "text": edit.text,
        })
    });
    json!({
        "type": suggestion.kind.word(),
        "title": suggestion.title,
        "description": suggestion.description,
        "rule": suggestion.rule,
        "by": by.unwrap_or(LOCAL),
        "place": place,
        "edits": edits.collect::<Vec<_>>(),
    })
}

fn as_text(name: &str, text: &str, suggestion: &Suggestion, by: Option<&str>) -> String {
    let start = suggestion.place.as_ref().map_or(0, |place| place.start);
    let start = position_of(text, start);
    let rule = suggestion.rule.or(by).unwrap_or_default();
    format!(
        "{name}:{}:{}: {}: {} ({rule})\n    {}\n",
        start.line,
        start.column,
        suggestion.kind.word(),
        suggestion.title,
        suggestion.description
    )
}
