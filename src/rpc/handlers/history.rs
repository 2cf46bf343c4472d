//! History requests.

mod cleanup;
mod preview;
mod rebuild;

use std::path::PathBuf;

use super::{blocking, convert};
use crate::app::App;
use crate::error::Result;
use crate::history::archive::State;
use crate::history::composition::CompositionId;
use crate::history::files::Deleted;
use crate::history::repository::{FIRST_ANSWER, Filter, ListQuery, Order, Page, Row, SearchQuery};
use crate::rpc::contract::{
    CompositionParams, DeleteParams, DeletedReply, Handle, HistoryDelete, HistoryEntry, HistoryGet,
    HistoryList, HistoryParams, HistoryReply, HistoryState, HistoryStateReply, NoParams, Parts,
};
use crate::rpc::session::Session;

impl Handle<HistoryList> for Session {
    async fn handle(&self, params: HistoryParams, _: Parts<'_>) -> Result<HistoryReply> {
        let app = self.app()?;
        let history = app.history().await;
        let listing = ListQuery {
            filter: Filter {
                directory: params.directory.map(PathBuf::from),
                draft: params.drafts.then_some(true),
                ..Filter::default()
            },
            order: match params.drafts {
                true => Order::Updated,
                false => Order::Newest,
            },
            limit: params.limit as usize,
            offset: 0,
        };
        let is_search = !params.query.trim().is_empty();
        let (page, all) = match is_search {
            false => {
                let page = history.list(listing).await?;
                let all = page.matching;
                (page, all)
            }
            true => {
                let search = SearchQuery {
                    text: params.query,
                    filter: listing.filter.clone(),
                    limit: listing.limit,
                    offset: 0,
                    patience: (!params.whole).then_some(FIRST_ANSWER),
                };
                let count = ListQuery {
                    limit: 0,
                    ..listing
                };
                let page = history.search(search).await?;
                (page, history.list(count).await?.matching)
            }
        };
        let known = match all {
            0 => history.list(ListQuery::default()).await?.matching,
            _ => all,
        };
        let note = note(app, known).await?;
        let folder = app.files.folder().display().to_string();
        Ok(reply(page, all, note, folder, params.drafts))
    }
}

/// What there is to say of an index that knows so many: one that knows none is no proof that there is
/// none, for it may be in the making, or the files can't be read.
async fn note(app: &App, known: u64) -> Result<Option<String>> {
    let said = app.history().await.state().note();
    if known > 0 {
        return Ok(said);
    }
    let files = app.files.clone();
    let there = blocking(move || Ok(!files.list()?.is_empty())).await?;
    Ok(said.or_else(|| there.then(|| "the history is being read".to_owned())))
}

fn reply(
    page: Page,
    all: u64,
    note: Option<String>,
    folder: String,
    by_save: bool,
) -> HistoryReply {
    let rows = page.rows.len();
    let mut reply = HistoryReply {
        matching: page.matching,
        all: all.max(page.matching),
        ranked_newest: page.ranked_newest,
        searched_newest: page.searched_newest,
        note,
        ids: Vec::with_capacity(rows),
        times: Vec::with_capacity(rows),
        directories: Vec::with_capacity(rows),
        names: Vec::with_capacity(rows),
        previews: Vec::with_capacity(rows),
        positions: Vec::with_capacity(rows),
        sizes: Vec::with_capacity(rows),
        tags: Vec::with_capacity(rows),
        uses: Vec::with_capacity(rows),
        drafts: Vec::with_capacity(rows),
        folder,
        files: Vec::with_capacity(rows),
    };
    for row in page.rows {
        let (preview, positions) = shown(&row);
        let time = if by_save { row.updated } else { row.created };
        reply.ids.push(row.id.to_string());
        reply.times.push(time.as_second());
        reply.directories.push(row.directory.display().to_string());
        reply.names.push(row.name.unwrap_or_default());
        reply.previews.push(preview);
        reply.positions.push(positions);
        reply.sizes.push(row.bytes);
        reply.tags.push(row.tags.join(", "));
        reply.uses.push(row.uses);
        reply.drafts.push(row.draft);
        reply.files.push(row.file);
    }
    reply
}

/// What a row shows of a text: what was found in it, else its beginning.
fn shown(row: &Row) -> (String, Vec<u32>) {
    let Some(snippet) = &row.snippet else {
        return (row.preview.clone(), Vec::new());
    };
    let marked = snippet.marks.iter().flat_map(|mark| {
        let found = snippet.text.get(mark.clone()).unwrap_or_default();
        found
            .char_indices()
            .map(move |(at, _)| (mark.start + at) as u32)
    });
    (snippet.text.clone(), marked.collect())
}

impl Handle<HistoryGet> for Session {
    async fn handle(&self, params: CompositionParams, _: Parts<'_>) -> Result<HistoryEntry> {
        let app = self.app()?;
        let entry = app.history().await.get(params.id.parse()?).await?;
        Ok(convert::history_entry(&entry, app.files.folder()))
    }
}

impl Handle<HistoryDelete> for Session {
    async fn handle(&self, params: DeleteParams, _: Parts<'_>) -> Result<DeletedReply> {
        let ids: Result<Vec<CompositionId>> = params.ids.iter().map(|id| id.parse()).collect();
        let deleted = self.app()?.history().await.delete(ids?).await?;
        Ok(DeletedReply {
            count: deleted.files.len() as u32,
            bytes: deleted.bytes,
            problems: problems(&deleted),
        })
    }
}

/// Why files are still there, a line each.
fn problems(deleted: &Deleted) -> Vec<String> {
    let lines = deleted.problems.iter();
    lines.map(|problem| problem.message.clone()).collect()
}

impl Handle<HistoryState> for Session {
    async fn handle(&self, _: NoParams, _: Parts<'_>) -> Result<HistoryStateReply> {
        let app = self.app()?;
        let history = app.history().await;
        let stats = history.stats().await?;
        let note = note(app, stats.count).await?;
        Ok(HistoryStateReply {
            count: stats.count,
            bytes: stats.bytes,
            drafts: stats.drafts,
            oldest: stats.oldest.map(|oldest| oldest.as_second()),
            note,
            rebuild: matches!(history.state(), State::OutOfSync(_)),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::words::Snippet;

    #[test]
    fn each_character_that_was_found_has_its_place() {
        let mut row = Row {
            snippet: Some(Snippet {
                text: "a größe b".into(),
                marks: std::iter::once(2..9).collect(),
            }),
            ..Row::of(&crate::history::repository::conformance::entry(
                "a.md", 0, "x",
            ))
        };
        assert_eq!(shown(&row), ("a größe b".into(), vec![2, 3, 4, 6, 8]));
        row.snippet = None;
        assert_eq!(shown(&row), ("x".into(), vec![]));
    }
}
