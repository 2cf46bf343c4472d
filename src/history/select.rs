//! Lists and ranks rows that are all at hand, for places without an index. Pure.

use std::collections::HashMap;
use std::path::Path;

use super::repository::{DirectoryStats, ListQuery, Order, Page, Row, SearchQuery, Stats};

/// The part of `rows` that a query asks for.
pub fn list(rows: impl IntoIterator<Item = Row>, query: &ListQuery) -> Page {
    let admitted = rows.into_iter().filter(|row| query.filter.admits(row));
    let mut rows: Vec<Row> = admitted.collect();
    rows.sort_unstable_by(|a, b| query.order.compare(a, b));
    page(rows, query.offset, query.limit)
}

/// The part of what was found that a query asks for, the highest score first; the filter is not
/// looked at.
pub fn search(mut found: Vec<(f64, Row)>, query: &SearchQuery) -> Page {
    found.sort_unstable_by(|(a, left), (b, right)| {
        b.total_cmp(a)
            .then_with(|| Order::Newest.compare(left, right))
    });
    let rows = found.into_iter().map(|(_, row)| row).collect();
    page(rows, query.offset, query.limit)
}

/// Sums rows up.
pub fn stats<'a>(rows: impl IntoIterator<Item = &'a Row>) -> Stats {
    let mut stats = Stats::default();
    let mut directories: HashMap<&Path, (u64, u64)> = HashMap::new();
    for row in rows {
        stats.count += 1;
        stats.bytes += row.bytes;
        stats.drafts += u64::from(row.draft);
        stats.oldest = Some(stats.oldest.map_or(row.created, |at| at.min(row.created)));
        stats.newest = stats.newest.max(Some(row.created));
        let (count, bytes) = directories.entry(&row.directory).or_default();
        *count += 1;
        *bytes += row.bytes;
    }
    let directories = directories.into_iter();
    stats.directories = directories
        .map(|(directory, (count, bytes))| DirectoryStats {
            directory: directory.to_owned(),
            count,
            bytes,
        })
        .collect();
    sort_directories(&mut stats.directories);
    stats
}

/// The folders with most compositions first, then by name.
pub fn sort_directories(directories: &mut [DirectoryStats]) {
    directories.sort_unstable_by(|a, b| (b.count, &a.directory).cmp(&(a.count, &b.directory)));
}

fn page(rows: Vec<Row>, offset: usize, limit: usize) -> Page {
    Page {
        matching: rows.len() as u64,
        rows: rows.into_iter().skip(offset).take(limit).collect(),
        more: false,
        ranked_newest: None,
        searched_newest: None,
    }
}
