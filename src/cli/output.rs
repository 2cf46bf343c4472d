//! Standard output and error, as text or JSON.

use std::io::Write;

use serde::Serialize;
use serde_json::{Value as Json, json};

use crate::error::{Error, Result};
use crate::library::prompt::PromptInfo;
use crate::problem::{Problem, Severity};

/// Where a command writes.
pub struct Output {
    json: bool,
}

impl Output {
    /// Writes JSON, or text.
    pub fn new(json: bool) -> Self {
        Self { json }
    }

    /// Writes the result: `data` as JSON, or what `text` gives.
    ///
    /// # Errors
    /// When standard output can't be written; a reader that left early, as `head` does, is no error.
    pub fn result(&self, data: &impl Serialize, text: impl FnOnce() -> String) -> Result<()> {
        let mut text = if self.json {
            serde_json::to_string_pretty(data)
                .map_err(|e| Error::internal("the result can't be written as JSON").because(e))?
        } else {
            text()
        };
        if !text.is_empty() && !text.ends_with('\n') {
            text.push('\n');
        }
        write_out(&text)
    }

    /// Writes a line of the result, whatever form is wanted.
    ///
    /// # Errors
    /// As [`Output::result`].
    pub fn line(&self, line: &str) -> Result<()> {
        write_out(&format!("{line}\n"))
    }

    /// Says what failed.
    pub fn error(&self, error: &Error) {
        if self.json {
            let hint = error.hint_text();
            let kind = error.kind().word();
            self.say(
                &json!({ "error": { "kind": kind, "message": error.message(), "hint": hint } })
                    .to_string(),
            );
        } else {
            self.say(&format!("promptstack: {error}"));
        }
    }

    /// Says what is wrong with the configuration.
    pub fn problem(&self, found: &Problem) {
        match self.json {
            true => self.say(&json!({ "problem": problem(found) }).to_string()),
            false => self.say(&format!("promptstack: {found}")),
        }
    }

    /// Says what was done on the side.
    pub fn notice(&self, notice: &str) {
        match self.json {
            true => self.say(&json!({ "notice": notice }).to_string()),
            false => self.say(&format!("promptstack: {notice}")),
        }
    }

    fn say(&self, line: &str) {
        let _ = writeln!(std::io::stderr().lock(), "{line}");
    }
}

fn write_out(text: &str) -> Result<()> {
    let mut out = std::io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(e) if e.kind() != std::io::ErrorKind::BrokenPipe => Err(Error::unavailable(format!(
            "standard output can't be written: {e}"
        ))),
        _ => Ok(()),
    }
}

/// `1 prompt`, `2 prompts`.
pub fn plural(count: usize, word: &str) -> String {
    format!("{count} {word}{}", if count == 1 { "" } else { "s" })
}

/// A prompt as `--json` shows it.
pub fn prompt(info: &PromptInfo) -> Json {
    json!({
        "id": info.id.as_str(),
        "title": info.title,
        "description": info.description,
        "tags": info.tags,
        "category": info.category,
        "source": info.source,
        "path": info.path,
        "problems": info.problems.iter().map(problem).collect::<Vec<_>>(),
    })
}

/// A finding as `--json` shows it.
pub fn problem(problem: &Problem) -> Json {
    let severity = match problem.severity {
        Severity::Warning => "warning",
        Severity::Error => "error",
    };
    json!({
        "path": problem.path,
        "line": problem.line,
        "column": problem.column,
        "severity": severity,
        "message": problem.message,
        "hint": problem.hint,
    })
}

/// Rows as columns, `id` padded so that titles stand below each other.
pub fn table<'a>(prompts: impl Iterator<Item = &'a PromptInfo> + Clone) -> String {
    let width = prompts
        .clone()
        .map(|info| info.id.as_str().chars().count())
        .max()
        .unwrap_or(0);
    prompts.fold(String::new(), |out, info| {
        let mark = match info.problems.iter().map(|problem| problem.severity).max() {
            None => "",
            Some(Severity::Warning) => "  (warning)",
            Some(Severity::Error) => "  (error)",
        };
        out + &format!("{:width$}  {}{mark}\n", info.id.as_str(), info.title)
    })
}
