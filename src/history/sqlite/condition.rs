//! Filters as conditions on rows. Pure.

use std::os::unix::ffi::OsStrExt;

use jiff::Timestamp;
use rusqlite::types::Value;

use super::rows;
use crate::history::repository::Filter;

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
