//! Domain types to wire types.

use std::path::Path;

use crate::app::compositions::mark;
use crate::app::counting::Counted;
use crate::events::Event;
use crate::history::composition::{Entry, UsedPrompt};
use crate::history::mirror::{LineEnd, Mirror};
use crate::library::search::{Field, Span};
use crate::placeholder::{self, Kind, Placeholder};
use crate::problem;
use crate::rpc::contract::{
    self, CompositionSavedData, CompositionSentData, EventMessage, FileFormat, HistoryEntry,
    HistoryOutOfSyncData, HistoryRebuiltData, LibraryChangedData, Line, Problem, PromptUsedData,
    RequestSpentData, Severity, Stop, StopKind, TokenCount, TokenLevel,
};
use crate::tokens::{self, budget::Level};

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
            placeholder::parse_line(line)
                .into_iter()
                .map(move |found| stop(row as u32, found))
        })
        .collect()
}

fn stop(row: u32, placeholder: Placeholder) -> Stop {
    let Placeholder {
        range,
        kind,
        name,
        default,
        options,
    } = placeholder;
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

/// A text as Neovim's lines: a carriage return at the end of one belongs to the line end.
pub(super) fn lines(text: &str) -> Vec<String> {
    let mut lines: Vec<String> = text
        .split('\n')
        .map(|line| line.strip_suffix('\r').unwrap_or(line).to_owned())
        .collect();
    if lines.len() > 1 && lines.last().is_some_and(String::is_empty) {
        lines.pop();
    }
    lines
}

/// A prompt's text as lines to insert: blank lines at either end are of the file, not of the prompt.
pub(super) fn body_lines(body: &str) -> Vec<String> {
    let mut lines = lines(body);
    while lines.len() > 1 && lines.last().is_some_and(|line| line.trim().is_empty()) {
        lines.pop();
    }
    let blank = lines
        .iter()
        .take_while(|line| line.trim().is_empty())
        .count();
    lines.drain(..blank.min(lines.len() - 1));
    lines
}

/// Byte offsets of the matched characters of a title.
pub(super) fn title_positions(title: &str, spans: &[Span]) -> Vec<u32> {
    spans
        .iter()
        .filter(|span| span.field == Field::Title)
        .filter_map(|span| {
            let start = span.start as usize;
            Some(
                title
                    .get(start..span.end as usize)?
                    .char_indices()
                    .map(move |(i, _)| (start + i) as u32),
            )
        })
        .flatten()
        .collect()
}

/// A composition of the history as the wire shows it.
pub(super) fn history_entry(entry: &Entry, folder: &Path) -> HistoryEntry {
    let Entry {
        file,
        hash,
        composition,
    } = entry;
    let meta = &composition.meta;
    let mirror = Mirror::read(&composition.body);
    HistoryEntry {
        id: meta.id.to_string(),
        mark: mark(file, hash),
        name: meta.name.clone(),
        lines: mirror.lines().iter().cloned().map(Line).collect(),
        format: match mirror.end {
            LineEnd::Unix => FileFormat::Unix,
            LineEnd::Dos => FileFormat::Dos,
            LineEnd::Mac => FileFormat::Mac,
        },
        ended: mirror.ended,
        path: folder.join(file).display().to_string(),
        directory: meta.directory.display().to_string(),
        created: meta.created.as_second(),
        updated: meta.updated.as_second(),
        tags: meta.tags.clone(),
        draft: meta.draft,
        sent: meta
            .sent
            .iter()
            .map(|sent| format!("{} {}", sent.at, sent.to))
            .collect(),
        prompts: meta.prompts.iter().cloned().map(prompt_used).collect(),
        files: meta.files.clone(),
        without: meta.without.clone(),
    }
}

/// A prompt in a composition as the history keeps it.
pub(super) fn used_prompt(prompt: contract::UsedPrompt) -> UsedPrompt {
    let contract::UsedPrompt { id, hash, values } = prompt;
    UsedPrompt { id, hash, values }
}

/// The same on its way back.
fn prompt_used(prompt: UsedPrompt) -> contract::UsedPrompt {
    let UsedPrompt { id, hash, values } = prompt;
    contract::UsedPrompt { id, hash, values }
}

/// Ids listed in one event; who needs more asks the library.
const LISTED: usize = 100;

/// An event as Lua hears of it.
pub(crate) fn event(event: Event) -> EventMessage {
    match event {
        Event::PromptUsed { id } => EventMessage::PromptUsed(PromptUsedData { id }),
        Event::CompositionSaved { id, path, sequence } => {
            EventMessage::CompositionSaved(CompositionSavedData {
                id,
                path: path.display().to_string(),
                sequence,
            })
        }
        Event::HistoryOutOfSync { differences } => {
            let differences = differences as u64;
            EventMessage::HistoryOutOfSync(HistoryOutOfSyncData { differences })
        }
        Event::HistoryRebuilt { count } => {
            let count = count as u64;
            EventMessage::HistoryRebuilt(HistoryRebuiltData { count })
        }
        Event::CompositionSent { id, to } => {
            EventMessage::CompositionSent(CompositionSentData { id, to })
        }
        Event::RequestSpent {
            provider,
            model,
            role,
            input,
            output,
            micro_usd,
            cached,
        } => EventMessage::RequestSpent(RequestSpentData {
            provider,
            model,
            role,
            input,
            output,
            micro_usd,
            cached,
        }),
        Event::LibraryChanged(change) => {
            let some = |ids: Vec<String>| ids.into_iter().take(LISTED).collect();
            EventMessage::LibraryChanged(LibraryChangedData {
                added: some(change.added),
                changed: some(change.changed),
                removed: some(change.removed),
                total: change.total as u32,
                errors: change.errors as u32,
                warnings: change.warnings as u32,
                first: change.first,
            })
        }
    }
}

/// A count as the wire shows it.
pub(super) fn tokens(counted: Counted) -> TokenCount {
    TokenCount {
        tokens: counted.count.tokens.0.into(),
        exact: counted.count.kind == tokens::Kind::Exact,
        level: match counted.level {
            Level::Fine => TokenLevel::Fine,
            Level::Warn => TokenLevel::Warn,
            Level::Refuse { .. } => TokenLevel::Refuse,
        },
        text: counted.text,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value as Json, json};

    use super::*;
    use crate::rpc::wire;

    #[test]
    fn what_a_request_took_reaches_lua_with_a_cost_only_where_one_is_known() {
        for (micro_usd, cost) in [
            (Some(3_100), json!({ "micro_usd": 3_100 })),
            (None, json!({})),
        ] {
            let spent = Event::RequestSpent {
                provider: "claude".into(),
                model: "m".into(),
                role: "ask".into(),
                input: 132,
                output: 15,
                micro_usd,
                cached: false,
            };
            let (name, data) = event(spent).into_wire().unwrap();
            let mut expected = json!({
                "provider": "claude", "model": "m", "role": "ask", "input": 132, "output": 15,
                "cached": false,
            });
            let known = cost.as_object().cloned().unwrap_or_default();
            expected.as_object_mut().unwrap().extend(known);
            let data: Json = wire::decode(data.to_value()).unwrap();
            assert_eq!((name, data), ("request.spent", expected));
        }
    }
}
