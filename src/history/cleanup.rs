//! Chooses which compositions a clean-up takes. Pure: rows in, rows out.

use jiff::{SignedDuration, Timestamp};

use super::repository::Row;

/// Which compositions are meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// Those begun more than so many days ago.
    OlderThanDays(u32),
    /// All but the newest so many.
    AllButLast(usize),
    /// Those begun at this time or later, and before that one.
    Between(Timestamp, Timestamp),
    /// Every one.
    Everything,
}

/// What a clean-up would take.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Chosen {
    /// The compositions, the newest first.
    pub rows: Vec<Row>,
    /// How many drafts are spared.
    pub spared: usize,
}

impl Chosen {
    /// The size of their texts.
    pub fn bytes(&self) -> u64 {
        self.rows.iter().map(|row| row.bytes).sum()
    }
}

/// Chooses among all `rows`, the newest first; drafts are spared unless they are meant too.
pub fn choose(rows: Vec<Row>, what: &What, drafts: bool, now: Timestamp) -> Chosen {
    let mut chosen = Chosen::default();
    for (place, row) in rows.into_iter().enumerate() {
        let meant = match what {
            What::OlderThanDays(days) => {
                let age = now.duration_since(row.created);
                age > SignedDuration::from_hours(i64::from(*days) * 24)
            }
            What::AllButLast(kept) => place >= *kept,
            What::Between(since, before) => row.created >= *since && row.created < *before,
            What::Everything => true,
        };
        match meant {
            true if row.draft && !drafts => chosen.spared += 1,
            true => chosen.rows.push(row),
            false => {}
        }
    }
    chosen
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::repository::conformance::entry;

    const DAY: i64 = 24 * 3600;

    fn rows() -> Vec<Row> {
        (0..5)
            .map(|days| {
                let mut row = Row::of(&entry(&format!("{days}.md"), 0, "text"));
                row.created = Timestamp::from_second((100 - days) * DAY).unwrap();
                row.draft = days == 3;
                row
            })
            .collect()
    }

    #[test]
    fn each_way_takes_what_it_says_and_spares_drafts() {
        let day = |n: i64| Timestamp::from_second(n * DAY).unwrap();
        for (what, taken, spared) in [
            (What::OlderThanDays(2), vec!["4.md"], 1),
            (What::OlderThanDays(30), vec![], 0),
            (What::AllButLast(2), vec!["2.md", "4.md"], 1),
            (What::AllButLast(9), vec![], 0),
            (What::Between(day(98), day(100)), vec!["1.md", "2.md"], 0),
            (What::Everything, vec!["0.md", "1.md", "2.md", "4.md"], 1),
        ] {
            let chosen = choose(rows(), &what, false, day(100));
            let files: Vec<&str> = chosen.rows.iter().map(|row| row.file.as_str()).collect();
            assert_eq!((files, chosen.spared), (taken, spared), "{what:?}");
        }
        assert_eq!(
            choose(rows(), &What::Everything, true, day(100)).rows.len(),
            5
        );
    }
}
