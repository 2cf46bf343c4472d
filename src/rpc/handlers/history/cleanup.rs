//! The clean-up: first it is shown what goes, then exactly that goes.

use jiff::civil::Date;
use jiff::{Timestamp, Zoned};
use sha2::{Digest, Sha256};

use super::problems;
use crate::error::{Error, Kind, Result};
use crate::history::cleanup::{Chosen, What};
use crate::rpc::contract::{CleanupParams, CleanupReply, Handle, HistoryCleanup, Parts};
use crate::rpc::session::Session;

/// The rows that are shown; more than fit a screen are not looked at.
const SHOWN: usize = 100;

impl Handle<HistoryCleanup> for Session {
    async fn handle(&self, params: CleanupParams, _: Parts<'_>) -> Result<CleanupReply> {
        let history = self.app()?.history().await;
        let now = Zoned::now();
        let what = what(&params, &now)?;
        let chosen = history
            .choose(&what, params.drafts, now.timestamp())
            .await?;
        let shown = reply(&chosen);
        let Some(choice) = params.delete else {
            return Ok(shown);
        };
        if choice != shown.choice {
            return Err(changed());
        }
        let deleted = history.clean_up(chosen).await?;
        Ok(CleanupReply {
            count: deleted.files.len() as u32,
            bytes: deleted.bytes,
            problems: problems(&deleted),
            ..shown
        })
    }
}

fn changed() -> Error {
    Error::new(
        Kind::Conflict,
        "the history changed meanwhile: nothing is deleted",
    )
    .hint("look again at what goes")
}

/// Which compositions are meant.
fn what(params: &CleanupParams, now: &Zoned) -> Result<What> {
    let CleanupParams {
        older_than_days,
        keep_last,
        since,
        until,
        everything,
        ..
    } = params;
    let range = since.is_some() || until.is_some();
    match (older_than_days, keep_last, range, everything) {
        (Some(days), None, false, false) => Ok(What::OlderThanDays(*days)),
        (None, Some(count), false, false) => Ok(What::AllButLast(*count as usize)),
        (None, None, true, false) => between(since.as_deref(), until.as_deref(), now),
        (None, None, false, true) => Ok(What::Everything),
        _ => Err(Error::invalid("exactly one way to choose has to be given")),
    }
}

/// Both days are included; where one is not given, the range is open there.
fn between(since: Option<&str>, until: Option<&str>, now: &Zoned) -> Result<What> {
    let (first, last) = (since.map(day).transpose()?, until.map(day).transpose()?);
    if let (Some(first), Some(last)) = (first, last)
        && first > last
    {
        return Err(Error::invalid(format!("{first} comes after {last}"))
            .hint("the earlier day comes first"));
    }
    let begins = |day: Date| {
        let begins = day.to_zoned(now.time_zone().clone());
        begins.map(|begins| begins.timestamp()).map_err(|e| {
            Error::invalid(format!("{day} is no day that can be reckoned with")).because(e)
        })
    };
    let since = first.map_or(Ok(Timestamp::MIN), begins)?;
    let before = match last.map(Date::tomorrow) {
        Some(Ok(next)) => begins(next)?,
        _ => Timestamp::MAX,
    };
    Ok(What::Between(since, before))
}

fn day(text: &str) -> Result<Date> {
    let is_written_out = text.len() == "2026-01-31".len();
    let date = Date::strptime("%Y-%m-%d", text).ok();
    date.filter(|_| is_written_out).ok_or_else(|| {
        Error::invalid(format!("'{text}' is no day")).hint("write it like 2026-01-31")
    })
}

fn reply(chosen: &Chosen) -> CleanupReply {
    let first = chosen.rows.iter().take(SHOWN);
    CleanupReply {
        choice: choice(chosen),
        count: chosen.rows.len() as u32,
        bytes: chosen.bytes(),
        spared: chosen.spared as u32,
        times: first.clone().map(|row| row.created.as_second()).collect(),
        directories: first
            .clone()
            .map(|row| row.directory.display().to_string())
            .collect(),
        previews: first.map(|row| row.preview.clone()).collect(),
        problems: Vec::new(),
    }
}

/// Stands for exactly these compositions, each as it was saved last.
fn choice(chosen: &Chosen) -> String {
    let mut hasher = Sha256::new();
    for row in &chosen.rows {
        hasher.update(row.id.0.as_bytes());
        hasher.update(row.sequence.to_le_bytes());
    }
    let digest = hasher.finalize();
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZone;

    use super::*;
    use crate::history::repository::Row;
    use crate::history::repository::conformance::entry;

    fn now() -> Zoned {
        let berlin = TimeZone::posix("CET-1CEST,M3.5.0,M10.5.0/3").unwrap();
        Timestamp::from_second(1_795_259_000)
            .unwrap()
            .to_zoned(berlin)
    }

    fn params() -> CleanupParams {
        CleanupParams {
            older_than_days: None,
            keep_last: None,
            since: None,
            until: None,
            everything: false,
            drafts: false,
            delete: None,
        }
    }

    fn range(since: &str, until: &str) -> Result<What> {
        let given = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        let range = CleanupParams {
            since: given(since),
            until: given(until),
            ..params()
        };
        what(&range, &now())
    }

    #[test]
    fn days_are_those_of_the_person_and_both_are_included() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        for (since, until, expected) in [
            // Berlin is an hour ahead of UTC in winter, two in summer.
            (
                "2026-01-01",
                "2026-01-01",
                ("2025-12-31T23:00:00Z", "2026-01-01T23:00:00Z"),
            ),
            (
                "2026-03-29",
                "2026-03-29",
                ("2026-03-28T23:00:00Z", "2026-03-29T22:00:00Z"),
            ),
        ] {
            let (since_at, before) = (at(expected.0), at(expected.1));
            assert_eq!(
                range(since, until).unwrap(),
                What::Between(since_at, before)
            );
        }
        assert_eq!(
            range("", "2025-12-31").unwrap(),
            What::Between(Timestamp::MIN, at("2025-12-31T23:00:00Z"))
        );
        assert_eq!(
            range("2026-01-01", "").unwrap(),
            What::Between(at("2025-12-31T23:00:00Z"), Timestamp::MAX)
        );
    }

    #[test]
    fn what_is_no_day_or_no_range_is_refused_with_the_way_out() {
        for (since, until, message) in [
            (
                "2025-13-01",
                "",
                "'2025-13-01' is no day (write it like 2026-01-31)",
            ),
            (
                "",
                "2025-02-29",
                "'2025-02-29' is no day (write it like 2026-01-31)",
            ),
            (
                "2025-1-1",
                "",
                "'2025-1-1' is no day (write it like 2026-01-31)",
            ),
            (
                "yesterday",
                "",
                "'yesterday' is no day (write it like 2026-01-31)",
            ),
            (
                "2026-01-02",
                "2026-01-01",
                "2026-01-02 comes after 2026-01-01 (the earlier day comes first)",
            ),
            ("", "", "exactly one way to choose has to be given"),
        ] {
            assert_eq!(range(since, until).unwrap_err().to_string(), message);
        }
        let both = CleanupParams {
            keep_last: Some(1),
            everything: true,
            ..params()
        };
        assert!(what(&both, &now()).is_err());
    }

    #[test]
    fn a_choice_stands_for_exactly_these_compositions() {
        let rows: Vec<Row> = ["a.md", "b.md"]
            .map(|file| Row::of(&entry(file, 0, file)))
            .into();
        let chosen = |rows: &[Row]| Chosen {
            rows: rows.to_vec(),
            spared: 0,
        };
        let both = choice(&chosen(&rows));
        assert_eq!(both, choice(&chosen(&rows)));
        assert_ne!(both, choice(&chosen(&rows[..1])));
        let mut saved_again = rows;
        saved_again[0].sequence += 1;
        assert_ne!(both, choice(&chosen(&saved_again)));
    }
}
