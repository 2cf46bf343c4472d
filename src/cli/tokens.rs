//! `promptstack tokens FILE`

use std::path::{Path, PathBuf};

use serde_json::{Value as Json, json};

use super::output::Output;
use super::{Outcome, input};
use crate::ai::claude::{self, Claude};
use crate::ai::http::Limits;
use crate::app::App;
use crate::config::{Config, Lookup};
use crate::error::{Error, Result};
use crate::tokens::budget::{Budget, Level};
use crate::tokens::models::{self, Model};
use crate::tokens::{self, Count, Kind, Tokens};

#[derive(clap::Args)]
pub struct Args {
    /// The file to count; `-` is standard input.
    file: PathBuf,
    /// The model to count for, instead of the configuration's.
    #[arg(long)]
    model: Option<String>,
    /// Sends the text to the model's provider to be counted there.
    #[arg(long)]
    exact: bool,
}

/// Something that is counted by itself: the text, and whatever is expanded in it.
struct Part {
    name: String,
    text: Vec<u8>,
}

pub async fn run(app: &App, env: Lookup<'_>, args: Args, output: &Output) -> Result<Outcome> {
    let name = args.model.unwrap_or_else(|| app.config.model.clone());
    let model = models::find(&name);
    let parts = parts(&args.file)?;
    let counts: Vec<Count> = parts
        .iter()
        .map(|part| tokens::count(&part.text, &model))
        .collect();
    let mut total = counts
        .iter()
        .copied()
        .fold(Count::NONE, |sum, count| sum + count);
    if args.exact && total.kind != Kind::Exact {
        total = ask(&app.config, env, &name, &parts).await?;
    }
    let budget = Budget::of(&app.config.tokens, &model);
    let report = Report {
        name,
        model,
        budget,
        level: budget.judge(total.tokens),
        rows: parts
            .into_iter()
            .map(|part| part.name)
            .zip(counts)
            .collect(),
        total,
    };
    output.result(&report.json(), || report.text())?;
    Ok(Outcome::Done)
}

/// The file as it stands, for now its only part.
fn parts(file: &Path) -> Result<Vec<Part>> {
    let (name, text) = input::read(file)?;
    Ok(vec![Part { name, text }])
}

/// Has the provider count all parts together.
async fn ask(config: &Config, env: Lookup<'_>, model: &str, parts: &[Part]) -> Result<Count> {
    if !claude::serves(model) {
        return Err(
            Error::invalid(format!("no provider is known that counts for '{model}'"))
                .hint("without --exact you get an estimate"),
        );
    }
    let key = config.claude_api_key.reveal("claude_api_key", env)?;
    let claude = Claude::new(&config.claude_base_url, key, Limits::default())?;
    let text: Vec<u8> = parts.iter().flat_map(|part| &part.text).copied().collect();
    let tokens = claude
        .count_tokens(model, &String::from_utf8_lossy(&text))
        .await?;
    Ok(Count {
        tokens: Tokens(tokens),
        kind: Kind::Exact,
    })
}

/// What is told in the end.
struct Report {
    name: String,
    model: Model,
    budget: Budget,
    level: Level,
    rows: Vec<(String, Count)>,
    total: Count,
}

impl Report {
    fn json(&self) -> Json {
        let count = |count: &Count| {
            json!({
                "tokens": count.tokens.0,
                "kind": count.kind.word(),
                "percent": (self.budget.percent(count.tokens) * 1e4).round() / 1e4,
            })
        };
        let rows = self.rows.iter().map(|(name, row)| {
            let mut row = count(row);
            row["name"] = json!(name);
            row
        });
        json!({
            "parts": rows.collect::<Vec<_>>(),
            "total": count(&self.total),
            "model": self.name,
            "known": self.model.known,
            "window": self.budget.window.0,
            "max_output": self.budget.max_output.0,
            "level": self.level.word(),
            "reason": match &self.level {
                Level::Refuse { reason } => json!(reason),
                Level::Fine | Level::Warn => Json::Null,
            },
        })
    }

    fn text(&self) -> String {
        let Budget { window, .. } = self.budget;
        let mut lines: Vec<(&str, String)> = Vec::new();
        let told = |count: &Count| self.budget.describe(*count);
        lines.extend(
            self.rows
                .iter()
                .map(|(name, count)| (name.as_str(), told(count))),
        );
        // One part is the total, unless the provider counted that.
        if !matches!(&self.rows[..], [(_, only)] if *only == self.total) {
            lines.push(("total", told(&self.total)));
        }
        let model = match self.model.known || window != models::UNKNOWN.window {
            true => format!("{}, a window of {window} tokens", self.name),
            false => format!(
                "{}, which is not known: a window of {window} tokens is assumed",
                self.name
            ),
        };
        lines.push(("model", model));
        match &self.level {
            Level::Fine => {}
            Level::Warn => {
                let more = format!("more than {} tokens (tokens.warn_at)", self.budget.warn);
                lines.push(("large", more));
            }
            Level::Refuse { reason } => lines.push(("refused", reason.clone())),
        }
        let width = lines
            .iter()
            .map(|(name, _)| name.chars().count())
            .max()
            .unwrap_or(0);
        lines.iter().fold(String::new(), |out, (name, told)| {
            out + &format!("{name:width$}  {told}\n")
        })
    }
}
