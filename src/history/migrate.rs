//! The schema of the history's database, step by step, and back.
//!
//! `user_version` counts the steps taken. The tables of words are no part of it: they are made from the
//! texts when they are missing.

use rusqlite::{Connection, Transaction, TransactionBehavior};

/// A step and the way back.
struct Migration {
    up: &'static str,
    down: &'static str,
}

const MIGRATIONS: [Migration; 2] = [
    Migration {
        up: include_str!("migrations/0001_compositions.up.sql"),
        down: include_str!("migrations/0001_compositions.down.sql"),
    },
    Migration {
        up: include_str!("migrations/0002_search.up.sql"),
        down: include_str!("migrations/0002_search.down.sql"),
    },
];

/// The version that this program reads and writes.
pub const LATEST: i64 = MIGRATIONS.len() as i64;

/// How table names of words begin.
pub const WORDS: &str = "words_";

/// The version of a database; 0 is an empty one.
///
/// # Errors
/// Those of SQLite.
pub fn version(connection: &Connection) -> rusqlite::Result<i64> {
    connection.pragma_query_value(None, "user_version", |row| row.get(0))
}

/// Brings a database to the latest version, as a whole or not at all; several may try at once.
///
/// A newer one is left as it is.
///
/// # Errors
/// Those of SQLite.
pub fn up(connection: &mut Connection) -> rusqlite::Result<()> {
    let transaction = begin(connection)?;
    let done = usize::try_from(version(&transaction)?).unwrap_or(usize::MAX);
    let steps = MIGRATIONS.get(done..).unwrap_or_default();
    for step in steps {
        transaction.execute_batch(step.up)?;
    }
    if !steps.is_empty() {
        transaction.pragma_update(None, "user_version", LATEST)?;
    }
    transaction.commit()
}

/// Brings a database back to an older version, as a whole or not at all.
///
/// # Errors
/// Those of SQLite.
#[cfg_attr(
    not(test),
    expect(
        dead_code,
        reason = "for whoever goes back to an older promptstack; the tests walk it"
    )
)]
pub fn down(connection: &mut Connection, to: i64) -> rusqlite::Result<()> {
    let transaction = begin(connection)?;
    let to = usize::try_from(to).unwrap_or(0);
    let done = usize::try_from(version(&transaction)?).unwrap_or(0);
    let steps = MIGRATIONS.get(to..done).unwrap_or_default();
    if !steps.is_empty() {
        drop_words(&transaction)?;
        for step in steps.iter().rev() {
            transaction.execute_batch(step.down)?;
        }
        transaction.pragma_update(None, "user_version", to as i64)?;
    }
    transaction.commit()
}

fn begin(connection: &mut Connection) -> rusqlite::Result<Transaction<'_>> {
    connection.transaction_with_behavior(TransactionBehavior::Immediate)
}

fn drop_words(connection: &Connection) -> rusqlite::Result<()> {
    let tables: Vec<String> = connection
        .prepare("SELECT name FROM sqlite_schema WHERE sql LIKE 'CREATE VIRTUAL TABLE%'")?
        .query_map([], |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    for table in tables.iter().filter(|table| table.starts_with(WORDS)) {
        connection.execute_batch(&format!("DROP TABLE \"{table}\""))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn schema(connection: &Connection) -> Vec<String> {
        connection
            .prepare("SELECT coalesce(sql, name) FROM sqlite_schema ORDER BY name")
            .unwrap()
            .query_map([], |row| row.get(0))
            .unwrap()
            .collect::<rusqlite::Result<_>>()
            .unwrap()
    }

    fn fill(connection: &Connection) {
        connection
            .execute_batch(
                "INSERT INTO compositions VALUES
                     (1, x'01', 'a.md', x'02', 1, 0, 0, x'2f', NULL, '[]', 1, 0, 'a', 1, 0, NULL, NULL);
                 INSERT INTO tags VALUES ('t', 1);
                 INSERT INTO bodies VALUES (1, x'61', '{}', 0);
                 INSERT INTO parts VALUES (1, 1, NULL);
                 CREATE VIRTUAL TABLE words_1 USING fts5(text, content='', contentless_delete=1);
                 INSERT INTO words_1 (rowid, text) VALUES (1, 'a');",
            )
            .unwrap();
    }

    #[test]
    fn each_step_up_and_down_leads_back_to_where_it_began() {
        for filled in [false, true] {
            for to in 0..LATEST {
                let mut connection = Connection::open_in_memory().unwrap();
                up(&mut connection).unwrap();
                let latest = schema(&connection);
                assert_eq!(version(&connection).unwrap(), LATEST);
                if filled {
                    fill(&connection);
                }
                down(&mut connection, to).unwrap();
                assert_eq!(version(&connection).unwrap(), to);
                assert_eq!(schema(&connection).is_empty(), to == 0);
                if to >= 1 {
                    let rows = "SELECT count(*) FROM compositions JOIN bodies USING (row)";
                    let rows: i64 = connection.query_row(rows, [], |row| row.get(0)).unwrap();
                    assert_eq!(rows, i64::from(filled), "texts stay");
                }
                up(&mut connection).unwrap();
                assert_eq!(
                    schema(&connection),
                    latest,
                    "filled: {filled}, by way of {to}"
                );
                up(&mut connection).unwrap();
                assert_eq!(schema(&connection), latest, "nothing left to do");
            }
        }
    }

    #[test]
    fn a_step_that_fails_leaves_the_database_as_it_was() {
        let mut connection = Connection::open_in_memory().unwrap();
        connection.execute_batch("CREATE TABLE parts (x)").unwrap();
        let before = schema(&connection);
        assert!(up(&mut connection).is_err());
        assert_eq!(
            (schema(&connection), version(&connection).unwrap()),
            (before, 0)
        );
    }

    #[test]
    fn a_newer_database_is_left_as_it_is() {
        let mut connection = Connection::open_in_memory().unwrap();
        connection
            .pragma_update(None, "user_version", LATEST + 1)
            .unwrap();
        up(&mut connection).unwrap();
        assert_eq!(version(&connection).unwrap(), LATEST + 1);
        assert!(schema(&connection).is_empty());
    }
}
