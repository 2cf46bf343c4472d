//! `promptstack validate`

use super::Outcome;
use super::output::{self, Output};
use crate::app::App;
use crate::error::Result;
use crate::library::validate;

#[derive(clap::Args)]
pub struct Args {}

pub fn run(app: &App, _: Args, output: &Output) -> Result<Outcome> {
    let report = validate::library(&app.library.snapshot());
    let files = report.files_with_errors + report.files_with_warnings;
    let data = serde_json::json!({
        "errors": report.errors,
        "warnings": report.warnings,
        "files": files,
        "checked": report.prompts,
        "problems": report.problems.iter().map(output::problem).collect::<Vec<_>>(),
    });
    output.result(&data, || {
        report
            .problems
            .iter()
            .map(|problem| format!("{problem}\n"))
            .collect()
    })?;
    let validate::Report {
        errors,
        warnings,
        prompts,
        ..
    } = report;
    let plural = output::plural;
    output.notice(&format!(
        "{} checked, {} and {} in {}",
        plural(prompts, "prompt"),
        plural(errors, "error"),
        plural(warnings, "warning"),
        plural(files, "file")
    ));
    Ok(if errors > 0 {
        Outcome::FoundErrors
    } else {
        Outcome::Done
    })
}
