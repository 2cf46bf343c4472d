//! `promptstack suggest FILE`

use std::path::{Path, PathBuf};

use clap::ValueEnum;
use serde_json::{Value as Json, json};

use super::output::Output;
use super::{Outcome, input};
use crate::ai::local::{self, Around};
use crate::ai::suggestions::Suggestion;
use crate::app::App;
use crate::error::Result;
use crate::text::position_of;

#[derive(clap::Args)]
pub struct Args {
    /// The composition; `-` is standard input.
    file: PathBuf,
    /// Who looks it through: checks that need no model and no network.
    #[arg(long, value_enum, default_value_t = By::Local)]
    provider: By,
}

#[derive(Clone, Copy, ValueEnum)]
enum By {
    Local,
}

pub fn run(app: &App, args: Args, cwd: &Path, output: &Output) -> Result<Outcome> {
    let By::Local = args.provider;
    let (name, text) = input::read(&args.file)?;
    let text = String::from_utf8_lossy(&text);
    // References begin where the file is; those of standard input here.
    let file = cwd.join(&args.file);
    let directory = match args.file.as_os_str() == "-" {
        true => cwd,
        false => file.parent().unwrap_or(cwd),
    };
    let found = local::check(
        &text,
        &Around {
            exists: &|path| directory.join(path).exists(),
            off: &app.config.review.off,
        },
    );
    let json: Vec<Json> = found.iter().map(|it| as_json(&text, it)).collect();
    output.result(&json!({ "by": "local", "suggestions": json }), || {
        found.iter().map(|it| as_text(&name, &text, it)).collect()
    })?;
    Ok(match found.is_empty() {
        true => Outcome::Nothing,
        false => Outcome::Done,
    })
}

fn as_json(text: &str, suggestion: &Suggestion) -> Json {
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
        "place": place,
        "edits": edits.collect::<Vec<_>>(),
    })
}

fn as_text(name: &str, text: &str, suggestion: &Suggestion) -> String {
    let start = suggestion.place.as_ref().map_or(0, |place| place.start);
    let start = position_of(text, start);
    let rule = suggestion.rule.unwrap_or_default();
    format!(
        "{name}:{}:{}: {}: {} ({rule})\n    {}\n",
        start.line,
        start.column,
        suggestion.kind.word(),
        suggestion.title,
        suggestion.description
    )
}
