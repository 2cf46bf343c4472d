//! References to files, and what is to be said about them, as the wire shows them.

use std::ops::Range;
use std::path::Path;

use crate::files::resolve::Trouble;
use crate::files::{self, Reference};
use crate::problem::Severity;
use crate::rpc::contract::{FindingKind, ReferenceSpan, TextFinding};

/// The references in some lines of a text, each with its row among them; `before` are those of the
/// lines above at which a block of code may begin or end.
pub(super) fn scan(before: &[String], lines: &[String]) -> Vec<(u32, Reference)> {
    let all = before.iter().chain(lines).map(String::as_str);
    let skipped = before.len() as u32;
    files::scan(all)
        .into_iter()
        .filter_map(|(row, reference)| Some((row.checked_sub(skipped)?, reference)))
        .collect()
}

/// Where a reference stands.
pub(super) fn span(row: u32, reference: &Reference) -> ReferenceSpan {
    ReferenceSpan {
        row,
        start: reference.range.start as u32,
        finish: reference.range.end as u32,
    }
}

/// What there is to say about a reference; `path` is what allows a secret-like file.
pub(super) fn finding(
    row: u32,
    columns: &Range<u32>,
    trouble: Trouble,
    message: String,
    hint: Option<String>,
    path: Option<&Path>,
) -> TextFinding {
    let kind = match (trouble, trouble.severity()) {
        (Trouble::Secret, _) => FindingKind::SecretFile,
        (_, Severity::Error) => FindingKind::Reference,
        (_, Severity::Warning) => FindingKind::Note,
    };
    TextFinding {
        row,
        start: columns.start,
        finish: columns.end,
        kind,
        message,
        hint,
        path: path.map(|path| path.display().to_string()),
        file: None,
    }
}
