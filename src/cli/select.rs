//! `promptstack select FILE`

use std::path::PathBuf;

use clap::ValueEnum;
use serde_json::{Value as Json, json};

use super::output::Output;
use super::{Outcome, input};
use crate::app::App;
use crate::app::selecting::Selector;
use crate::compose::select::{Choice, Selection};
use crate::error::Result;
use crate::tokens::Tokens;

#[derive(clap::Args)]
pub struct Args {
    /// The composition; `-` is standard input.
    file: PathBuf,
    /// How prompts are chosen: by what the words say, or by points.
    #[arg(long, value_enum, default_value_t = By::Ranked)]
    selector: By,
    /// Says why each was chosen, and why others were not.
    #[arg(long)]
    explain: bool,
}

#[derive(Clone, Copy, ValueEnum)]
enum By {
    Ranked,
    Linear,
}

pub async fn run(app: &App, args: Args, output: &Output) -> Result<Outcome> {
    // Without use counts the choice still stands.
    if let Err(error) = app.read_uses() {
        output.error(&error);
    }
    let (_, text) = input::read(&args.file)?;
    let by = match args.selector {
        By::Ranked => Selector::Ranked,
        By::Linear => Selector::Linear,
    };
    let selection = app
        .select_context(by, &String::from_utf8_lossy(&text), None)
        .await?;
    output.result(&as_json(&selection), || as_text(&selection, args.explain))?;
    Ok(match selection.chosen.is_empty() {
        true => Outcome::Nothing,
        false => Outcome::Done,
    })
}

fn as_json(selection: &Selection) -> Json {
    let choice = |choice: &Choice| {
        json!({
            "id": choice.id,
            "score": (choice.score * 1e3).round() / 1e3,
            "reasons": choice.reasons,
            "tokens": choice.tokens,
            "whole": choice.whole,
            "cut": choice.cut,
        })
    };
    let dropped = selection.dropped.iter();
    json!({
        "chosen": selection.chosen.iter().map(choice).collect::<Vec<_>>(),
        "dropped": dropped.map(|it| json!({ "id": it.id, "why": it.why })).collect::<Vec<_>>(),
        "tokens": selection.tokens,
        "allowance": selection.allowance,
        "composition_over": selection.composition_over,
    })
}

fn as_text(selection: &Selection, explain: bool) -> String {
    let chosen = selection.chosen.iter().map(|choice| {
        let cut = match choice.cut {
            true => format!(" of {}, cut", Tokens(choice.whole)),
            false => String::new(),
        };
        (
            choice.id.as_str(),
            format!("{} tok{cut}", Tokens(choice.tokens)),
            Some(choice),
        )
    });
    let mut rows: Vec<_> = chosen.collect();
    if explain {
        let dropped = selection.dropped.iter();
        rows.extend(dropped.map(|it| (it.id.as_str(), format!("not chosen: {}", it.why), None)));
    }
    let width = rows
        .iter()
        .map(|(id, ..)| id.chars().count())
        .max()
        .unwrap_or(0);
    let mut text = String::new();
    for (id, told, choice) in rows {
        text += &format!("{id:width$}  {told}\n");
        if let Some(choice) = choice.filter(|_| explain) {
            let reasons = choice.reasons.join("; ");
            text += &format!("{:width$}  {:.1}: {reasons}\n", "", choice.score);
        }
    }
    if selection.composition_over > 0 {
        let over = Tokens(selection.composition_over);
        text += &format!("the composition is {over} tokens over a quarter of the window\n");
    }
    text
}
