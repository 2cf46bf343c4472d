//! Finds text: the newest matches ranked, the others by date.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Instant;

use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension, params_from_iter};

use super::condition::Condition;
use super::fault::Done;
use super::list;
use super::parts::{self, Part};
use super::pool::Pool;
use super::rows;
use crate::error::{Error, Result};
use crate::history::repository::{ListQuery, Order, Page, Row, SearchQuery};
use crate::history::words::{Query, Term, snippet, text_of};

/// So many of the newest matches are ranked: beyond them, what is common is not worth the time.
const RANKED: usize = 20_000;
/// Bytes of a text in which the piece to be shown is looked for.
const SHOWN_OF: i64 = 256 << 10;
/// Threads that search one history.
const THREADS: usize = 2;
/// Rows by which it is guessed how common a match is.
const SAMPLE: i64 = 512;
/// How many times the parts may be made anew while one search runs.
const ATTEMPTS: usize = 10;

/// A match: the row's number, and its score, the lower the better.
type Match = (i64, f64);

/// Finds text.
pub(super) fn search(pool: &Pool, query: &SearchQuery) -> Result<Page> {
    let asked = Query::parse(&query.text);
    if asked.terms.is_empty() {
        let query = ListQuery {
            filter: query.filter.clone(),
            order: Order::Newest,
            limit: query.limit,
            offset: query.offset,
        };
        return list::list(pool, &query);
    }
    let search = Search {
        pool,
        expression: expression(&asked),
        until: query.patience.map(|patience| Instant::now() + patience),
        condition: Condition::of(&query.filter),
        asked,
    };
    for _ in 0..ATTEMPTS {
        let parts = pool.read(parts::all)?;
        if let Some(page) = search.run(&parts, query.offset, query.limit)? {
            return Ok(page);
        }
    }
    Err(Error::unavailable("the history index is made anew again and again").hint("search again"))
}

struct Search<'a> {
    pool: &'a Pool,
    expression: String,
    condition: Condition,
    asked: Query,
    /// When no further part is begun.
    until: Option<Instant>,
}

impl Search<'_> {
    /// A page of what is found; nothing if there are other parts by now.
    fn run(&self, parts: &[Part], offset: usize, limit: usize) -> Result<Option<Page>> {
        let Some((mut matches, searched)) = self.newest(parts)? else {
            return Ok(None);
        };
        let matching = matches.len();
        let (done, mut unsearched) = parts.split_at(searched);
        let mut searched_newest = None;
        let given_up = matching < RANKED && !unsearched.is_empty();
        if given_up {
            unsearched = &[];
        }
        let rest = matches.split_off(matching.min(RANKED));
        matches.sort_unstable_by(|(a, left), (b, right)| left.total_cmp(right).then(b.cmp(a)));
        let found = matches.iter().chain(&rest).map(|(row, _)| *row);
        let mut page: Vec<i64> = found.skip(offset).take(limit).collect();
        let rows = self.read(parts, |connection| {
            if let (true, Some(oldest)) = (given_up, done.last()) {
                let newest = rows::next(connection)? - 1;
                searched_newest = Some((newest + 1 - oldest.first).max(0).unsigned_abs());
            }
            let missing = limit - page.len();
            if missing > 0 {
                let skipped = offset.saturating_sub(matching);
                page.extend(self.by_date(connection, unsearched, skipped, missing)?);
            }
            let rows = page.iter().map(|row| self.shown(connection, *row));
            rows.filter_map(Done::transpose).collect::<Done<Vec<Row>>>()
        })?;
        Ok(rows.map(|rows| Page {
            rows,
            matching: matching as u64,
            more: searched < parts.len(),
            searched_newest,
            ranked_newest: (!unsearched.is_empty() || matching > RANKED).then_some(RANKED as u64),
        }))
    }

    /// The matches of as many parts as have enough of them, newest first, and how many parts that is.
    fn newest(&self, parts: &[Part]) -> Result<Option<(Vec<Match>, usize)>> {
        let next = AtomicUsize::new(0);
        let found = Mutex::new(Found(vec![None; parts.len()]));
        let work = || {
            self.read(parts, |connection| {
                loop {
                    let at = next.fetch_add(1, Ordering::Relaxed);
                    let late = at > 0 && self.until.is_some_and(|until| Instant::now() >= until);
                    if late || at >= parts.len() || lock(&found).parts_needed().is_some() {
                        return Ok(());
                    }
                    let matches = self.ranked(connection, parts, at)?;
                    lock(&found).0[at] = Some(matches);
                }
            })
        };
        let finished = thread::scope(|scope| {
            let others: Vec<_> = (1..parts.len().min(THREADS))
                .map(|_| scope.spawn(work))
                .collect();
            let own = work();
            let others = others.into_iter().map(|other| {
                other
                    .join()
                    .unwrap_or_else(|_| Err(Error::internal("searching panicked")))
            });
            std::iter::once(own)
                .chain(others.collect::<Vec<_>>())
                .collect::<Result<Option<Vec<()>>>>()
        })?;
        if finished.is_none() {
            return Ok(None);
        }
        let found = found.into_inner().unwrap_or_else(PoisonError::into_inner);
        let needed = found.parts_needed().unwrap_or_else(|| found.unbroken());
        let matches = found.0.into_iter().take(needed).flatten().flatten();
        Ok(Some((matches.collect(), needed)))
    }

    /// Reads while the parts are still these.
    fn read<T>(
        &self,
        parts: &[Part],
        work: impl FnOnce(&Connection) -> Done<T>,
    ) -> Result<Option<T>> {
        self.pool.read(|connection| {
            if parts::all(connection)? != parts {
                return Ok(None);
            }
            work(connection).map(Some)
        })
    }

    /// All matches in a part with their scores, newest first.
    fn ranked(&self, connection: &Connection, parts: &[Part], at: usize) -> Done<Vec<Match>> {
        let part = parts[at];
        let end = match at {
            0 => rows::next(connection)?,
            newer => parts[newer - 1].first,
        };
        // Where one text in two matches, each word is in at least so many, and bm25 gives such a word no
        // weight: it would take most of the time to say so.
        let are_few = |matches: &[Match], first: i64| (matches.len() as i64) < (end - first) / 2;
        let sampled = part.first.max(end - SAMPLE);
        let mut matches = self.matches(connection, part, "0.0", sampled)?;
        let guess = are_few(&matches, sampled);
        if !guess && sampled > part.first {
            matches = self.matches(connection, part, "0.0", part.first)?;
        }
        if guess || are_few(&matches, part.first) {
            let score = format!("bm25({})", part.table());
            matches = self.matches(connection, part, &score, part.first)?;
        }
        matches.reverse();
        Ok(matches)
    }

    /// The matches in a part from a row on, oldest first.
    fn matches(
        &self,
        connection: &Connection,
        part: Part,
        score: &str,
        first: i64,
    ) -> Done<Vec<Match>> {
        let table = part.table();
        let sql = self.sql(part, score) + &format!(" AND {table}.rowid >= ?");
        let mut statement = connection.prepare_cached(&sql)?;
        let values = self.values().chain([Value::Integer(first)]);
        let matches = statement.query_map(params_from_iter(values), |row| {
            Ok((row.get(0)?, row.get(1)?))
        })?;
        Ok(matches.collect::<rusqlite::Result<_>>()?)
    }

    /// A stretch of the matches in parts, newest first, without scores.
    fn by_date(
        &self,
        connection: &Connection,
        parts: &[Part],
        mut skipped: usize,
        wanted: usize,
    ) -> Done<Vec<i64>> {
        let mut page = Vec::new();
        for part in parts {
            let sql = self.sql(*part, "NULL");
            let mut statement = connection.prepare_cached(&sql)?;
            let rows = statement.query_map(params_from_iter(self.values()), |row| row.get(0))?;
            let rows = rows.collect::<rusqlite::Result<Vec<i64>>>()?;
            page.extend(rows.iter().rev().skip(skipped).take(wanted - page.len()));
            skipped = skipped.saturating_sub(rows.len());
            if page.len() == wanted {
                break;
            }
        }
        Ok(page)
    }

    fn sql(&self, part: Part, score: &str) -> String {
        let table = part.table();
        if self.condition.is_empty() {
            return format!("SELECT rowid, {score} FROM {table} WHERE {table} MATCH ?");
        }
        // CROSS: what is found is filtered, rather than looked for in all that the filter lets through.
        let condition = &self.condition.sql;
        format!(
            "SELECT compositions.row, {score}
             FROM {table} CROSS JOIN compositions ON compositions.row = {table}.rowid
             WHERE {table} MATCH ? AND {condition}"
        )
    }

    fn values(&self) -> impl Iterator<Item = Value> {
        let expression = Value::Text(self.expression.clone());
        std::iter::once(expression).chain(self.condition.values.iter().cloned())
    }

    /// A row with the piece of its text that was found; nothing if it is gone by now.
    fn shown(&self, connection: &Connection, number: i64) -> Done<Option<Row>> {
        let sql = format!("SELECT {} FROM compositions WHERE row = ?1", rows::COLUMNS);
        let mut statement = connection.prepare_cached(&sql)?;
        let mut found = statement.query([number])?;
        let Some(row) = found.next()? else {
            return Ok(None);
        };
        let mut row = rows::read(row)?.row;
        let body: Option<Vec<u8>> = connection
            .prepare_cached("SELECT substr(body, 1, ?2) FROM bodies WHERE row = ?1")?
            .query_row([number, SHOWN_OF], |row| row.get(0))
            .optional()?;
        row.snippet = Some(snippet(&text_of(&body.unwrap_or_default()), &self.asked));
        Ok(Some(row))
    }
}

/// The matches in each part that was searched so far, newest first.
struct Found(Vec<Option<Vec<Match>>>);

impl Found {
    /// How many of the newest parts have enough matches; nothing as long as those known one after the
    /// other have too few. That makes the outcome independent of which thread is faster.
    fn parts_needed(&self) -> Option<usize> {
        let mut count = 0;
        for (at, matches) in self.0.iter().enumerate() {
            count += matches.as_ref()?.len();
            if count >= RANKED {
                return Some(at + 1);
            }
        }
        None
    }

    /// How many of the newest parts were searched, one after the other.
    fn unbroken(&self) -> usize {
        self.0
            .iter()
            .take_while(|matches| matches.is_some())
            .count()
    }
}

fn lock(found: &Mutex<Found>) -> MutexGuard<'_, Found> {
    found.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A query in the language of FTS5. Words are letters and digits alone, so nothing in them is syntax.
fn expression(query: &Query) -> String {
    let term = |term: &Term| {
        let words = term.words.join(" ");
        let star = if term.prefix { "*" } else { "" };
        format!("\"{words}\"{star}")
    };
    query
        .terms
        .iter()
        .map(term)
        .collect::<Vec<_>>()
        .join(" AND ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_is_quoted_words_whatever_was_typed() {
        for (typed, expected) in [
            ("fix the te", r#""fix" AND "the" AND "te"*"#),
            (r#""fix the" NOT x"#, r#""fix the" AND "not" AND "x"*"#),
            ("a* OR b:", r#""a"* AND "or" AND "b"*"#),
        ] {
            assert_eq!(expression(&Query::parse(typed)), expected);
        }
    }

    #[test]
    fn only_an_unbroken_run_of_parts_counts() {
        let full = Some(vec![(0, 0.0); RANKED]);
        let few = Some(vec![(0, 0.0)]);
        for (found, needed) in [
            (vec![None, full.clone()], None),
            (vec![few.clone(), few.clone()], None),
            (vec![few.clone(), full.clone(), None], Some(2)),
            (vec![full, few], Some(1)),
        ] {
            assert_eq!(Found(found).parts_needed(), needed);
        }
    }
}
