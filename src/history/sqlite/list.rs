//! Filters, lists and sums.

use std::ffi::OsString;
use std::os::unix::ffi::{OsStrExt, OsStringExt};

use jiff::Timestamp;
use rusqlite::types::Value;
use rusqlite::{Connection, params_from_iter};

use super::fault::{Done, Fault};
use super::pool::Pool;
use super::rows;
use crate::error::Result;
use crate::history::composition::CompositionId;
use crate::history::files::{Listed, Stamp};
use crate::history::repository::{
    DirectoryStats, Filter, Known, ListQuery, Order, Page, Row, Stats,
};
use crate::history::select;

/// A filter as a condition on `compositions`.
pub(super) struct Condition {
    /// What stands behind `WHERE`.
    pub(super) sql: String,
    /// The values of its parameters, in order.
    pub(super) values: Vec<Value>,
}

impl Condition {
    /// The condition that a filter sets.
    pub(super) fn of(filter: &Filter) -> Condition {
        let Filter {
            directory,
            since,
            before,
            tags,
            draft,
            name,
        } = filter;
        let mut condition = Condition {
            sql: "true".into(),
            values: Vec::new(),
        };
        let mut add = |clause: &str, values: Vec<Value>| {
            condition.sql += " AND ";
            condition.sql += clause;
            condition.values.extend(values);
        };
        let directory = directory.as_deref().map(rows::normal);
        if let Some(directory) = directory.filter(|path| !path.as_os_str().is_empty()) {
            let path = directory.as_os_str().as_bytes();
            // All that begins with `path/` stands between `path/` and `path0`.
            let below = path.strip_suffix(b"/").unwrap_or(path);
            let [begin, end] = [b"/", b"0"].map(|end| [below, end].concat());
            add(
                "(working_directory = ? OR working_directory >= ? AND working_directory < ?)",
                [path.to_vec(), begin, end].map(Value::Blob).into(),
            );
        }
        if let Some(since) = since {
            add("created_at >= ?", vec![Value::Integer(ceil(*since))]);
        }
        if let Some(before) = before {
            add("created_at < ?", vec![Value::Integer(ceil(*before))]);
        }
        for tag in tags {
            add(
                "EXISTS (SELECT 1 FROM tags WHERE tag = ? AND tags.row = compositions.row)",
                vec![Value::Text(tag.clone())],
            );
        }
        if let Some(draft) = draft {
            add("draft = ?", vec![Value::Integer(i64::from(*draft))]);
        }
        if let Some(name) = name {
            add("name = ?", vec![Value::Text(name.clone())]);
        }
        condition
    }

    /// Whether it lets everything through.
    pub(super) fn is_empty(&self) -> bool {
        self.values.is_empty()
    }
}

/// A time in microseconds; one between two of them is the later one.
fn ceil(time: Timestamp) -> i64 {
    let whole = time.as_microsecond();
    let more = Timestamp::from_microsecond(whole).is_ok_and(|whole| whole < time);
    whole + i64::from(more)
}

/// Lists rows.
pub(super) fn list(pool: &Pool, query: &ListQuery) -> Result<Page> {
    let condition = Condition::of(&query.filter);
    pool.read_counting(|connection, counts| {
        Ok(Page {
            matching: counts.of(connection, &condition)?,
            rows: page(connection, condition, query)?,
            ..Page::default()
        })
    })
}

fn page(connection: &Connection, condition: Condition, query: &ListQuery) -> Done<Vec<Row>> {
    let Condition { sql, mut values } = condition;
    let order = match query.order {
        Order::Newest => "created_at DESC, id DESC",
        Order::Oldest => "created_at, id",
        Order::Updated => "updated_at DESC, id DESC",
        Order::Largest => "bytes DESC, id DESC",
    };
    let columns = rows::COLUMNS;
    let sql =
        format!("SELECT {columns} FROM compositions WHERE {sql} ORDER BY {order} LIMIT ? OFFSET ?");
    values.extend(
        [query.limit, query.offset].map(|n| Value::Integer(i64::try_from(n).unwrap_or(i64::MAX))),
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let mut rows = statement.query(params_from_iter(&values))?;
    let mut page = Vec::new();
    while let Some(row) = rows.next()? {
        page.push(rows::read(row)?.row);
    }
    Ok(page)
}

/// Sums everything up, from one index alone.
pub(super) fn stats(connection: &Connection) -> Done<Stats> {
    let mut statement = connection.prepare_cached(
        "SELECT working_directory, count(*), sum(bytes), sum(draft), min(created_at), max(created_at)
         FROM compositions GROUP BY working_directory",
    )?;
    let mut rows = statement.query([])?;
    let mut stats = Stats::default();
    while let Some(row) = rows.next()? {
        let [count, bytes, drafts] =
            [row.get(1)?, row.get(2)?, row.get(3)?].map(|sum: i64| sum.max(0).unsigned_abs());
        let time = |column| -> Done<Timestamp> {
            Timestamp::from_microsecond(row.get(column)?)
                .map_err(|_| Fault::Damaged("a time is out of range".into()))
        };
        let (oldest, newest) = (time(4)?, time(5)?);
        stats.count += count;
        stats.bytes += bytes;
        stats.drafts += drafts;
        stats.oldest = Some(stats.oldest.map_or(oldest, |at| at.min(oldest)));
        stats.newest = stats.newest.max(Some(newest));
        let directory = OsString::from_vec(row.get(0)?).into();
        stats.directories.push(DirectoryStats {
            directory,
            count,
            bytes,
        });
    }
    select::sort_directories(&mut stats.directories);
    Ok(stats)
}

/// Everything that is indexed, to compare it with the files.
pub(super) fn known(connection: &Connection) -> Done<Vec<Known>> {
    let mut statement = connection.prepare_cached(
        "SELECT id, sequence, file, hash, file_size, file_modified FROM compositions",
    )?;
    let mut rows = statement.query([])?;
    let mut all = Vec::new();
    while let Some(row) = rows.next()? {
        all.push(Known {
            id: CompositionId(uuid::Uuid::from_bytes(row.get(0)?)),
            sequence: row.get::<_, i64>(1)?.max(0).unsigned_abs(),
            file: row.get(2)?,
            hash: row.get(3)?,
            stamp: rows::stamp(row.get(4)?, row.get(5)?),
        });
    }
    Ok(all)
}

/// Notes how files looked.
pub(super) fn confirm(connection: &Connection, files: &[Listed]) -> Done<()> {
    let mut update = connection.prepare_cached(
        "UPDATE compositions SET file_size = ?2, file_modified = ?3 WHERE file = ?1",
    )?;
    for Listed {
        file,
        stamp: Stamp { size, modified },
    } in files
    {
        let size = i64::try_from(*size).unwrap_or(i64::MAX);
        update.execute(rusqlite::params![file, size, modified])?;
    }
    Ok(())
}
