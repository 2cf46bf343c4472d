//! Domain types to wire types.

use crate::placeholder::{self, Kind, Placeholder};
use crate::problem;
use crate::rpc::contract::{Problem, Severity, Stop, StopKind};

/// A finding as the wire shows it.
pub(super) fn problem(problem: &problem::Problem) -> Problem {
    Problem {
        path: problem.path.display().to_string(),
        line: problem.line,
        column: problem.column,
        severity: match problem.severity {
            problem::Severity::Warning => Severity::Warning,
            problem::Severity::Error => Severity::Error,
        },
        message: problem.message.clone(),
        hint: problem.hint.clone(),
    }
}

/// The placeholders of lines, each with its row.
pub(super) fn stops<'a>(lines: impl IntoIterator<Item = &'a str>) -> Vec<Stop> {
    lines
        .into_iter()
        .enumerate()
        .flat_map(|(row, line)| {
            placeholder::parse_line(line).into_iter().map(move |found| stop(row as u32, found))
        })
        .collect()
}

fn stop(row: u32, placeholder: Placeholder) -> Stop {
    let Placeholder { range, kind, name, default, options } = placeholder;
    Stop {
        row,
        start: range.start as u32,
        finish: range.end as u32,
        kind: match kind {
            Kind::Text => StopKind::Text,
            Kind::List => StopKind::List,
            Kind::Choice => StopKind::Choice,
        },
        name,
        default,
        options,
    }
}

/// A text as Neovim's lines: split at line feeds, a final empty line left out.
pub(super) fn lines(text: &str) -> Vec<String> {
    let mut lines: Vec<String> = text.split('\n').map(str::to_owned).collect();
    if lines.len() > 1 && lines.last().is_some_and(String::is_empty) {
        lines.pop();
    }
    lines
}
