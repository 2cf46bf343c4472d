//! A composition as a preview shows it: its beginning, with what was looked for.

use crate::app::answering::describe;
use crate::error::Result;
use crate::history::composition::Entry;
use crate::history::mirror::Mirror;
use crate::history::words::{self, Query};
use crate::rpc::contract::{
    HandedOver, Handle, HistoryPreview, HistoryPreviewParams, HistoryPreviewReply, HitSpan, Parts,
};
use crate::rpc::handlers::{blocking, convert};
use crate::rpc::session::Session;

/// What is shown of a text; the whole of it is read in a composition.
const MAX_BYTES: usize = 256 << 10;
const MAX_LINES: usize = 1000;

impl Handle<HistoryPreview> for Session {
    async fn handle(
        &self,
        params: HistoryPreviewParams,
        _: Parts<'_>,
    ) -> Result<HistoryPreviewReply> {
        let id = params.id.parse()?;
        let entry = self.app()?.history().await.get(id).await?;
        blocking(move || Ok(preview(&entry, &params.query))).await
    }
}

fn preview(entry: &Entry, query: &str) -> HistoryPreviewReply {
    let (meta, body) = (&entry.composition.meta, &entry.composition.body);
    let lines = first_lines(body);
    HistoryPreviewReply {
        id: meta.id.to_string(),
        name: meta.name.clone(),
        directory: meta.directory.display().to_string(),
        created: meta.created.as_second(),
        updated: meta.updated.as_second(),
        bytes: body.len() as u64,
        tags: meta.tags.clone(),
        draft: meta.draft,
        sent: meta
            .sent
            .iter()
            .map(|sent| HandedOver {
                to: sent.to.clone(),
                at: sent.at.as_second(),
            })
            .collect(),
        answer: meta.answer.as_ref().map(describe),
        prompts: meta.prompts.iter().map(|used| used.id.clone()).collect(),
        files: meta.files.clone(),
        total: total(body, lines.len()),
        stops: convert::stops(lines.iter().map(String::as_str)),
        hits: hits(&lines, query),
        lines,
    }
}

/// The first lines as text, whatever their bytes are.
fn first_lines(body: &[u8]) -> Vec<String> {
    let start = Mirror::read(&body[..body.len().min(MAX_BYTES)]);
    let lines = start.lines().iter().take(MAX_LINES);
    // In the editor's lines a newline stands for NUL.
    let shown = lines.map(|line| String::from_utf8_lossy(line).replace('\n', " "));
    shown.collect()
}

/// How many lines a text has of which so many are shown.
fn total(body: &[u8], shown: usize) -> u64 {
    if body.len() <= MAX_BYTES && shown < MAX_LINES {
        return shown as u64;
    }
    let ends = memchr::memchr_iter(b'\n', body).count();
    let open = usize::from(body.last() != Some(&b'\n'));
    (ends + open).max(shown) as u64
}

/// Where the words of a query stand; a phrase may go over the end of a line.
fn hits(lines: &[String], query: &str) -> Vec<HitSpan> {
    let query = Query::parse(query);
    if query.terms.is_empty() {
        return Vec::new();
    }
    let mut hits = Vec::new();
    let (mut row, mut begins) = (0, 0);
    for mark in words::marks(&lines.join("\n"), &query) {
        while mark.start > begins + lines[row].len() {
            begins += lines[row].len() + 1;
            row += 1;
        }
        hits.push(HitSpan {
            row: row as u32,
            start: (mark.start - begins) as u32,
            finish: (mark.end - begins) as u32,
        });
    }
    hits
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn found(text: &[&str], query: &str) -> Vec<(u32, String)> {
        let lines: Vec<String> = text.iter().map(|line| (*line).to_owned()).collect();
        let spans = hits(&lines, query).into_iter();
        spans
            .map(|hit| {
                let line = &lines[hit.row as usize];
                let part = &line[hit.start as usize..hit.finish as usize];
                (hit.row, part.to_owned())
            })
            .collect()
    }

    #[test]
    fn what_was_looked_for_is_marked_in_its_line() {
        let text = ["Fix the", "", "  test, fix it", "Größe"];
        let words = |found: &[(u32, &str)]| -> Vec<(u32, String)> {
            found
                .iter()
                .map(|(row, w)| (*row, (*w).to_owned()))
                .collect()
        };
        for (query, expected) in [
            ("", &[][..]),
            ("***", &[]),
            ("fix", &[(0, "Fix"), (2, "fix")]),
            ("\"the test\"", &[(0, "the"), (2, "test")]),
            ("gross", &[]),
            ("größ", &[(3, "Größe")]),
        ] {
            assert_eq!(found(&text, query), words(expected), "{query:?}");
        }
    }

    #[test]
    fn a_long_text_is_cut_and_its_lines_are_counted() {
        let many = "line\n".repeat(MAX_LINES + 5);
        let shown = first_lines(many.as_bytes());
        assert_eq!(shown.len(), MAX_LINES);
        assert_eq!(total(many.as_bytes(), shown.len()), MAX_LINES as u64 + 5);
        let long = "x".repeat(MAX_BYTES * 2);
        let shown = first_lines(long.as_bytes());
        assert_eq!((shown.len(), shown[0].len()), (1, MAX_BYTES));
        assert_eq!(total(long.as_bytes(), 1), 1);
        assert_eq!(total(b"a\nb", 2), 2);
    }

    proptest! {
        #[test]
        fn any_bytes_can_be_shown(
            body in proptest::collection::vec(prop_oneof![Just(b'\n'), Just(b'\r'), Just(0), Just(b'a'), any::<u8>()], 0..64),
            query in "[a-z \"*]{0,6}",
        ) {
            let lines = first_lines(&body);
            for hit in hits(&lines, &query) {
                prop_assert!(lines[hit.row as usize].get(hit.start as usize..hit.finish as usize).is_some());
            }
        }
    }
}
