//! How many rows there are, counted once: SQLite looks at each of them, which a million make felt at
//! every letter that is typed.

use rusqlite::types::Value;
use rusqlite::{Connection, params_from_iter};

use super::condition::Condition;
use super::fault::Done;

/// Conditions that are remembered: those of a browser and of a shelf, with and without a project.
const KEPT: usize = 8;

/// What a connection has counted, as long as nothing is written.
#[derive(Default)]
pub(super) struct Counts {
    /// What `data_version` was; it changes with what other connections write.
    version: i64,
    known: Vec<Known>,
}

struct Known {
    sql: String,
    values: Vec<Value>,
    count: u64,
}

impl Counts {
    /// How many rows meet a condition; `connection` is always the same, in a transaction.
    pub(super) fn of(&mut self, connection: &Connection, condition: &Condition) -> Done<u64> {
        let version = connection
            .prepare_cached("PRAGMA data_version")?
            .query_row([], |row| row.get(0))?;
        if version != self.version {
            self.forget();
            self.version = version;
        }
        let Condition { sql, values } = condition;
        let known = self
            .known
            .iter()
            .find(|k| k.sql == *sql && k.values == *values);
        if let Some(known) = known {
            return Ok(known.count);
        }
        let count: i64 = connection
            .prepare_cached(&format!("SELECT count(*) FROM compositions WHERE {sql}"))?
            .query_row(params_from_iter(values), |row| row.get(0))?;
        let count = count.max(0).unsigned_abs();
        if self.known.len() == KEPT {
            self.known.remove(0);
        }
        self.known.push(Known {
            sql: sql.clone(),
            values: values.clone(),
            count,
        });
        Ok(count)
    }

    /// Counts anew from now on: the connection itself has written.
    pub(super) fn forget(&mut self) {
        self.known.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn anything() -> Condition {
        Condition {
            sql: "true".into(),
            values: Vec::new(),
        }
    }

    #[test]
    fn rows_are_counted_once_until_somebody_writes() {
        let home = tempfile::tempdir().expect("a folder");
        let file = home.path().join("a.db");
        let [mut own, other] = [(); 2].map(|()| Connection::open(&file).expect("a database"));
        own.execute_batch("PRAGMA journal_mode = WAL; CREATE TABLE compositions (row)")
            .expect("a table");
        let mut counts = Counts::default();
        let mut count = |own: &mut Connection| {
            let reading = own.transaction().expect("a transaction");
            counts.of(&reading, &anything()).expect("a count")
        };
        assert_eq!(count(&mut own), 0);
        // What the connection itself writes it has to say.
        let insert = "INSERT INTO compositions VALUES (1)";
        own.execute(insert, []).expect("a row");
        assert_eq!(count(&mut own), 0);
        other.execute(insert, []).expect("a row");
        assert_eq!(count(&mut own), 2);
        own.execute(insert, []).expect("a row");
        counts.forget();
        let reading = own.transaction().expect("a transaction");
        assert_eq!(counts.of(&reading, &anything()).expect("a count"), 3);
    }

    #[test]
    fn each_condition_has_its_count_and_only_some_are_kept() {
        let mut own = Connection::open_in_memory().expect("a database");
        own.execute_batch(
            "CREATE TABLE compositions (row); INSERT INTO compositions VALUES (1), (2), (3)",
        )
        .expect("a table");
        let reading = own.transaction().expect("a transaction");
        let mut counts = Counts::default();
        for n in (0..2 * KEPT as i64).chain(0..2 * KEPT as i64) {
            let condition = Condition {
                sql: "row > ?".into(),
                values: vec![Value::Integer(n)],
            };
            let expected = (3 - n).max(0).unsigned_abs();
            assert_eq!(counts.of(&reading, &condition).expect("a count"), expected);
            assert!(counts.known.len() <= KEPT);
        }
    }
}
