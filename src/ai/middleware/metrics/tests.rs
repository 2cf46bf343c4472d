use std::fs;

use super::*;
use crate::ai::middleware::cost::{MicroUsd, Spent};
use crate::ai::middleware::fake::{Fake, Hands, Step, failure, reply, request, services};
use crate::ai::provider::Retry;
use crate::error::Kind;

fn day(text: &str) -> Date {
    text.parse().unwrap()
}

fn account(day: &str, model: &str) -> Account {
    Account {
        day: day.into(),
        provider: "claude".into(),
        model: model.into(),
        role: "suggest".into(),
    }
}

#[tokio::test(start_paused = true)]
async fn whatever_becomes_of_a_request_is_counted() {
    let home = tempfile::tempdir().unwrap();
    let services = services(home.path(), &Hands::new());
    let after = |ms, step| Step::After(Duration::from_millis(ms), Box::new(step));
    let mut hit = reply("old");
    hit.cached = true;
    hit.usage = Usage::default();
    let mut paid = failure(Kind::Unavailable, Retry::Never);
    paid.usage = Some(reply("").usage);
    let fake = Fake::new([
        after(5, Step::Answer(reply("one"))),
        after(1_200, Step::Answer(reply("two"))),
        Step::Answer(hit),
        Step::Fail("", failure(Kind::Auth, Retry::Never)),
        Step::Fail("", paid),
        after(9_000, Step::Answer(reply("late"))),
    ]);
    let layer = Measure::new(fake, &services);
    let asked = request("a");
    for _ in 0..5 {
        let _ = layer.complete(&asked).await;
    }
    let second = Duration::from_secs(1);
    assert!(
        tokio::time::timeout(second, layer.complete(&asked))
            .await
            .is_err()
    );
    let counted = services.metrics.accounts().unwrap();
    let today = day("2026-11-21");
    let summary = Summary::new(&(today..=today), &counted, &[]);
    let expected = Row {
        name: String::new(),
        requests: 6,
        hits: 1,
        hit_percent: 17,
        failures: 2,
        cancelled: 1,
        input: 300,
        output: 150,
        p50_ms: Some(10),
        p95_ms: Some(1_500),
        ..Row::default()
    };
    assert_eq!(summary.total, expected);
}

#[test]
fn what_is_saved_is_added_up_over_processes_and_restarts() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("data/metrics.json");
    let today = day("2026-11-21");
    let one = Counts {
        requests: 1,
        input: 10,
        ..Counts::default()
    };
    let processes = [Metrics::new(path.clone()), Metrics::new(path.clone())];
    for round in 1..=2 {
        for process in &processes {
            process.count(account("2026-11-21", "m"), &one);
            let before = process.accounts().unwrap();
            process.save(today).unwrap();
            process.save(today).unwrap();
            assert_eq!(process.accounts().unwrap(), before, "round {round}");
        }
    }
    let all = Metrics::new(path.clone()).accounts().unwrap();
    let counts = &all[&account("2026-11-21", "m")];
    assert_eq!((counts.requests, counts.input), (4, 40));

    // What is too old goes, and a damaged file begins anew.
    processes[0].count(account("2027-12-27", "m"), &one);
    processes[0].save(day("2027-12-27")).unwrap();
    assert_eq!(processes[0].accounts().unwrap().len(), 1);
    let whole = fs::read(&path).unwrap();
    fs::write(&path, &whole[..whole.len() / 2]).unwrap();
    assert!(processes[0].accounts().unwrap().is_empty());
    processes[0].count(account("2027-12-27", "m"), &one);
    processes[0].save(day("2027-12-27")).unwrap();
    assert_eq!(processes[1].accounts().unwrap().len(), 1);
}

#[test]
fn what_could_not_be_saved_is_kept_for_the_next_time() {
    let home = tempfile::tempdir().unwrap();
    let data = home.path().join("data");
    fs::write(&data, "no folder").unwrap();
    let metrics = Metrics::new(data.join("metrics.json"));
    let today = day("2026-11-21");
    metrics.count(account("2026-11-21", "m"), &Counts::default());
    assert_eq!(metrics.save(today).unwrap_err().kind(), Kind::Unavailable);
    fs::remove_file(&data).unwrap();
    metrics.save(today).unwrap();
    assert_eq!(metrics.accounts().unwrap().len(), 1);
}

#[test]
fn a_summary_adds_up_each_way_and_brings_the_money_in() {
    let count = |requests| Counts {
        requests,
        ..Counts::default()
    };
    let counted = Accounts::from([
        (account("2026-10-31", "m"), count(100)),
        (account("2026-11-01", "m"), count(1)),
        (account("2026-11-01", "n"), count(2)),
        (account("2026-11-30", "m"), count(4)),
        (account("2026-12-01", "m"), count(100)),
    ]);
    let spent = |micro, open, unknown| Spent {
        requests: 1,
        micro_usd: MicroUsd(micro),
        open,
        unknown,
    };
    let spent = [
        (account("2026-10-31", "m"), spent(1_000, 0, 0)),
        (account("2026-11-01", "m"), spent(10, 1, 0)),
        (account("2026-11-30", "n"), spent(20, 0, 1)),
    ];
    let november = day("2026-11-01")..=day("2026-11-30");
    let summary = Summary::new(&november, &counted, &spent);
    let short = |rows: &[Row]| -> Vec<(String, u64, u64)> {
        let short = |row: &Row| (row.name.clone(), row.requests, row.micro_usd.0);
        rows.iter().map(short).collect()
    };
    let row = |name: &str, requests, micro| (name.to_owned(), requests, micro);
    assert_eq!(
        short(&summary.by_day),
        [row("2026-11-01", 3, 10), row("2026-11-30", 4, 20)]
    );
    assert_eq!(short(&summary.by_model), [row("m", 5, 10), row("n", 2, 20)]);
    assert_eq!(short(&summary.by_provider), [row("claude", 7, 30)]);
    assert_eq!(short(&summary.by_role), [row("suggest", 7, 30)]);
    assert_eq!(
        (summary.total.unsettled, summary.total.unknown_cost),
        (1, 1)
    );

    let text = serde_json::to_string(&summary).unwrap();
    assert_eq!(serde_json::from_str::<Summary>(&text).unwrap(), summary);
    let nothing = Summary::new(&november, &Accounts::new(), &[]);
    assert_eq!(nothing.total, Row::default());
}
