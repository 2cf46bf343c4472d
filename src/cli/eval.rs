//! `promptstack eval FOLDER`: how well the selectors find the prompts of a folder again.

use std::path::{Path, PathBuf};

use serde_json::json;
use sha2::{Digest, Sha256};

use super::Outcome;
use super::output::Output;
use crate::app::App;
use crate::app::selecting::candidates;
use crate::compose::eval::{Figures, Report, evaluate};
use crate::error::{Error, Result};
use crate::library::{decode, front_matter};

#[derive(clap::Args)]
pub struct Args {
    /// A folder of prompts with descriptions.
    folder: PathBuf,
}

pub async fn run(app: &App, args: Args, output: &Output) -> Result<Outcome> {
    let library = app.folder(&args.folder);
    library.refresh().await;
    let snapshot = library.snapshot();
    let mut found = candidates(&library, &snapshot).await;
    let mut files = Vec::new();
    for candidate in &mut found {
        let info = snapshot
            .prompts
            .iter()
            .find(|info| info.id.as_str() == candidate.id);
        let Some(path) = info.map(|info| &info.path) else {
            continue;
        };
        let bytes = std::fs::read(path)
            .map_err(|e| Error::unavailable(format!("{} can't be read: {e}", path.display())))?;
        // The library keeps what fits into a row of a list.
        if let Some(description) = description(&bytes) {
            candidate.description = description;
        }
        let below = path.strip_prefix(&args.folder).unwrap_or(path).to_owned();
        files.push((below, bytes));
    }
    let hash = hash(files);
    let report = evaluate(found);
    if report.questions == 0 {
        let folder = args.folder.display();
        return Err(Error::not_found(format!(
            "no prompt under {folder} has a description"
        )));
    }
    output.result(&as_json(&report, &hash), || as_text(&report, &hash))?;
    Ok(Outcome::Done)
}

fn description(bytes: &[u8]) -> Option<String> {
    let text = decode::decode(bytes).ok()?.text;
    let header = front_matter::split(&text).header?;
    front_matter::read(&text[header]).0.description
}

/// The SHA-256 of all paths and contents, in the order of the paths.
fn hash(mut files: Vec<(PathBuf, Vec<u8>)>) -> String {
    files.sort();
    let mut hash = Sha256::new();
    for (path, bytes) in &files {
        let path: &Path = path;
        hash.update(path.as_os_str().as_encoded_bytes());
        hash.update([0]);
        hash.update((bytes.len() as u64).to_le_bytes());
        hash.update(bytes);
    }
    hash.finalize()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

fn as_json(report: &Report, hash: &str) -> serde_json::Value {
    let figures = |it: &Figures| json!({ "recall_at_1": it.recall_at_1, "recall_at_5": it.recall_at_5, "mrr": it.mrr });
    let rows = report.rows.iter().map(|row| {
        json!({
            "selector": row.selector,
            "plain": figures(&row.plain),
            "masked": figures(&row.masked),
        })
    });
    json!({
        "sha256": hash,
        "prompts": report.prompts,
        "questions": report.questions,
        "rows": rows.collect::<Vec<_>>(),
    })
}

fn as_text(report: &Report, hash: &str) -> String {
    let Report {
        prompts,
        questions,
        rows,
    } = report;
    let mut text = format!("{prompts} prompts, {questions} with a description, SHA-256 {hash}\n\n");
    text += "selector  question  recall@1  recall@5    MRR\n";
    for row in rows {
        for (form, it) in [("plain", &row.plain), ("masked", &row.masked)] {
            let Figures {
                recall_at_1,
                recall_at_5,
                mrr,
            } = it;
            let selector = row.selector;
            text += &format!(
                "{selector:8}  {form:8}  {recall_at_1:8.3}  {recall_at_5:8.3}  {mrr:5.3}\n"
            );
        }
    }
    text
}
