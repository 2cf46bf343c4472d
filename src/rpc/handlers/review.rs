//! The review of a composition.

use std::ops::Range;
use std::path::Path;

use super::blocking;
use crate::ai::local::{self, Around};
use crate::ai::suggestions::{Edit, Suggestion, SuggestionKind};
use crate::error::Result;
use crate::rpc::contract::{
    Handle, Parts, ReviewEdit, ReviewKind, ReviewParams, ReviewReply, ReviewSuggest,
    ReviewSuggestion,
};
use crate::rpc::session::Session;
use crate::text::position_of;

/// Who reviews where no model does.
const LOCAL: &str = "local";

impl Handle<ReviewSuggest> for Session {
    async fn handle(&self, params: ReviewParams, parts: Parts<'_>) -> Result<ReviewReply> {
        let off = self.app()?.config.review.off.clone();
        let text = params.lines.join("\n");
        let found = blocking(move || {
            let directory = Path::new(&params.directory);
            let around = Around {
                exists: &|path| directory.join(path).exists(),
                off: &off,
            };
            let found = local::check(&text, &around);
            Ok(found
                .into_iter()
                .map(|suggestion| convert(&text, suggestion, LOCAL))
                .collect::<Vec<_>>())
        });
        for suggestion in found.await? {
            parts.send(suggestion)?;
        }
        Ok(ReviewReply {
            by: LOCAL.into(),
            problems: Vec::new(),
        })
    }
}

fn convert(text: &str, suggestion: Suggestion, by: &str) -> ReviewSuggestion {
    let rows = suggestion.place.as_ref().map(|place| {
        // A place that ends with a line break ends in the line before it.
        let end = place.end.saturating_sub(1).max(place.start);
        (row(text, place.start), row(text, end))
    });
    ReviewSuggestion {
        kind: kind(suggestion.kind),
        title: suggestion.title,
        description: suggestion.description,
        by: by.to_owned(),
        first: rows.map(|(first, _)| first),
        last: rows.map(|(_, last)| last),
        edits: suggestion
            .edits
            .into_iter()
            .map(|it| edit(text, it))
            .collect(),
        rule: suggestion.rule.map(str::to_owned),
        prompt: suggestion.prompt,
    }
}

fn edit(text: &str, edit: Edit) -> ReviewEdit {
    let Range { start, end } = edit.range;
    let (start, end) = (position_of(text, start), position_of(text, end));
    let lines = |text: &str| text.split('\n').map(str::to_owned).collect();
    ReviewEdit {
        start_row: start.line - 1,
        start_col: start.column - 1,
        end_row: end.line - 1,
        end_col: end.column - 1,
        expected: lines(&edit.expected),
        lines: lines(&edit.text),
    }
}

fn row(text: &str, offset: usize) -> u32 {
    position_of(text, offset).line - 1
}

fn kind(kind: SuggestionKind) -> ReviewKind {
    match kind {
        SuggestionKind::Recommendation => ReviewKind::Recommendation,
        SuggestionKind::Gap => ReviewKind::Gap,
        SuggestionKind::Formatting => ReviewKind::Formatting,
        SuggestionKind::Contradiction => ReviewKind::Contradiction,
        SuggestionKind::Clarity => ReviewKind::Clarity,
        SuggestionKind::Reformatting => ReviewKind::Reformatting,
    }
}
