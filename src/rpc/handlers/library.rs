//! Library requests.

use super::convert;
use crate::config::content_hash;
use crate::error::Result;
use crate::events::Event;
use crate::library::prompt::{PromptId, PromptInfo};
use crate::library::validate;
use crate::problem::Severity;
use crate::rpc::contract::{
    CompleteParams, CompleteReply, Handle, InsertReply, LibraryComplete, LibraryGet, LibraryInsert,
    LibrarySearch, LibraryValidate, Parts, PromptParams, PromptReply, SearchParams, SearchReply,
    ValidateParams, ValidatePart, ValidateReply,
};
use crate::rpc::session::Session;

/// Findings in one part of a streamed reply, so that a message stays far below 1 MiB.
const PART: usize = 200;

/// Ids offered at a completion; more can't be looked through in a menu.
const COMPLETIONS: usize = 100;

impl Handle<LibrarySearch> for Session {
    async fn handle(&self, params: SearchParams, _: Parts<'_>) -> Result<SearchReply> {
        let app = self.app()?;
        let ticket = app.finder.ticket();
        // Lets every search that has arrived take its ticket, so that only the newest runs.
        tokio::task::yield_now().await;
        let snapshot = app.library.snapshot();
        let hits = app
            .finder
            .search(&ticket, &snapshot, &params.query, params.limit as usize)?;
        let uses = app.finder.uses();
        let rows = hits
            .rows
            .iter()
            .map(|hit| (&snapshot.prompts[hit.index as usize], hit));
        let mut reply = SearchReply {
            matching: hits.total as u32,
            all: snapshot.prompts.len() as u32,
            loading: !app.is_loaded(),
            ids: Vec::with_capacity(hits.rows.len()),
            titles: Vec::with_capacity(hits.rows.len()),
            categories: Vec::with_capacity(hits.rows.len()),
            uses: Vec::with_capacity(hits.rows.len()),
            severities: Vec::with_capacity(hits.rows.len()),
            positions: Vec::with_capacity(hits.rows.len()),
        };
        for (prompt, hit) in rows {
            reply.ids.push(prompt.id.0.clone());
            reply.titles.push(prompt.title.clone());
            reply.categories.push(prompt.category.clone());
            reply
                .uses
                .push(uses.get(&prompt.id).map_or(0, |usage| usage.count));
            reply.severities.push(severity(prompt));
            reply
                .positions
                .push(convert::title_positions(&prompt.title, hits.spans(hit)));
        }
        Ok(reply)
    }
}

fn severity(prompt: &PromptInfo) -> u8 {
    match prompt.problems.iter().map(|problem| problem.severity).max() {
        None => 0,
        Some(Severity::Warning) => 1,
        Some(Severity::Error) => 2,
    }
}

impl Handle<LibraryComplete> for Session {
    async fn handle(&self, params: CompleteParams, _: Parts<'_>) -> Result<CompleteReply> {
        let app = self.app()?;
        let snapshot = app.snapshot().await;
        let found = app.finder.complete(&snapshot, &params.query, COMPLETIONS);
        Ok(CompleteReply {
            ids: found.into_iter().map(|id| id.0).collect(),
        })
    }
}

impl Handle<LibraryGet> for Session {
    async fn handle(&self, params: PromptParams, _: Parts<'_>) -> Result<PromptReply> {
        let app = self.app()?;
        app.snapshot().await;
        let prompt = app.library.get(&PromptId(params.id)).await?;
        let lines = convert::lines(&prompt.body);
        let info = &prompt.info;
        Ok(PromptReply {
            id: info.id.0.clone(),
            title: info.title.clone(),
            description: info.description.clone(),
            tags: info.tags.clone(),
            source: info.source.clone(),
            path: info.path.display().to_string(),
            stops: convert::stops(lines.iter().map(String::as_str)),
            lines,
            body_line: prompt.body_line,
            tokens: prompt.body.len().div_ceil(4) as u32,
            problems: info.problems.iter().map(convert::problem).collect(),
        })
    }
}

impl Handle<LibraryInsert> for Session {
    async fn handle(&self, params: PromptParams, _: Parts<'_>) -> Result<InsertReply> {
        let app = self.app()?;
        let prompt = app.usable(&PromptId(params.id)).await?;
        let lines = convert::body_lines(&prompt.body);
        let id = prompt.info.id.0.clone();
        app.events.publish(Event::PromptUsed { id: id.clone() });
        Ok(InsertReply {
            id,
            stops: convert::stops(lines.iter().map(String::as_str)),
            lines,
            hash: content_hash(&prompt.body),
        })
    }
}

impl Handle<LibraryValidate> for Session {
    async fn handle(&self, params: ValidateParams, parts: Parts<'_>) -> Result<ValidateReply> {
        let app = self.app()?;
        let snapshot = app.snapshot().await;
        let report = match (params.path, params.text) {
            (Some(path), Some(text)) => app.check_text(path.as_ref(), &text),
            _ => validate::library(&snapshot),
        };
        for problems in report.problems.chunks(PART) {
            parts.send(ValidatePart {
                problems: problems.iter().map(convert::problem).collect(),
            })?;
        }
        Ok(ValidateReply {
            errors: report.errors as u32,
            warnings: report.warnings as u32,
            files: (report.files_with_errors + report.files_with_warnings) as u32,
            checked: report.prompts as u32,
        })
    }
}
