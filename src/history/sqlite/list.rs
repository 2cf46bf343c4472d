//! Lists and sums.

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;

use jiff::Timestamp;
use rusqlite::types::Value;
use rusqlite::{Connection, params_from_iter};

use super::condition::Condition;
use super::fault::{Done, Fault};
use super::pool::Pool;
use super::rows;
use crate::error::Result;
use crate::history::composition::CompositionId;
use crate::history::files::{Listed, Stamp};
use crate::history::repository::{DirectoryStats, Known, ListQuery, Order, Page, Row, Stats};
use crate::history::select;

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
