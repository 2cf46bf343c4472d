//! The review of a composition.

use std::ops::Range;
use std::time::Duration;

use crate::ai::suggestions::{Edit, Suggestion, SuggestionKind};
use crate::app::asking::Choice;
use crate::app::reviewing::{Change, Composition, Context, LOCAL, Reviewed, Told, Took, Wanted};
use crate::error::Result;
use crate::rpc::contract::{
    Handle, Parts, ReviewApply, ReviewApplyParams, ReviewApplyReply, ReviewCompanion,
    ReviewContext, ReviewDropped, ReviewEdit, ReviewKind, ReviewParams, ReviewPart, ReviewReply,
    ReviewSuggest, ReviewSuggestion, ReviewTook,
};
use crate::rpc::session::Session;
use crate::text::position_of;

impl Handle<ReviewSuggest> for Session {
    async fn handle(&self, params: ReviewParams, parts: Parts<'_>) -> Result<ReviewReply> {
        let app = self.app()?;
        let text = params.lines.join("\n");
        let composition = Composition {
            text: text.clone(),
            directory: params.directory.into(),
            choice: Choice {
                provider: params.by,
                model: None,
            },
            fresh: params.fresh,
            private: params.keep_nothing,
            confirmed: params.confirmed,
            without: params.without,
        };
        let Reviewed {
            by,
            problems,
            confirm,
            took: taken,
        } = app
            .review(composition, &|told| tell(parts, &text, told))
            .await?;
        Ok(ReviewReply {
            by,
            problems,
            confirm,
            took: taken.map(took),
            finds_changes: app.finds_changes(),
        })
    }
}

impl Handle<ReviewApply> for Session {
    async fn handle(
        &self,
        params: ReviewApplyParams,
        parts: Parts<'_>,
    ) -> Result<ReviewApplyReply> {
        let text = params.lines.join("\n");
        let wanted = Wanted {
            text: text.clone(),
            title: params.title,
            description: params.description,
            confirmed: params.confirmed,
        };
        let app = self.app()?;
        let show = |told| tell(parts, &text, told);
        Ok(match app.find_change(wanted, &show).await? {
            Change::Confirm(question) => ReviewApplyReply {
                edits: Vec::new(),
                confirm: Some(question),
                took: None,
            },
            Change::Edits(edits, taken) => ReviewApplyReply {
                edits: edits.into_iter().map(|it| edit(&text, it)).collect(),
                confirm: None,
                took: Some(took(taken)),
            },
        })
    }
}

/// Sends what there is to show; what can't be sent is not worth the end of a review.
fn tell(parts: Parts<'_>, text: &str, told: Told) {
    let mut part = ReviewPart::default();
    match told {
        Told::Asked(model) => part.asked = Some(model),
        Told::Suggestion(suggestion, by) => {
            let by = by.as_deref().unwrap_or(LOCAL);
            part.suggestion = Some(convert(text, suggestion, by));
        }
        Told::Context(it) => part.context = Some(context(it)),
        Told::Waiting(why, wait) => part.waiting = Some(waiting(&why, wait)),
    }
    if let Err(error) = parts.send(part) {
        tracing::warn!(%error, "a part of a review is not told");
    }
}

fn waiting(why: &str, wait: Duration) -> String {
    format!("{why}, {} s", wait.as_secs_f64().ceil())
}

fn took(took: Took) -> ReviewTook {
    ReviewTook {
        input: took.input,
        output: took.output,
        cost: took.cost.map(|cost| cost.to_string()),
    }
}

fn context(context: Context) -> ReviewContext {
    let chosen = context.chosen.into_iter().map(|it| ReviewCompanion {
        id: it.id,
        title: it.title,
        tokens: it.tokens,
        reasons: it.reasons,
        cut: it.cut,
        off: it.off,
    });
    let dropped = context.dropped.into_iter();
    ReviewContext {
        chosen: chosen.collect(),
        dropped: dropped.map(|(id, why)| ReviewDropped { id, why }).collect(),
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
