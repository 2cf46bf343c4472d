use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Barrier;

use super::*;

const NO_CAPS: Caps = Caps {
    daily: None,
    monthly: None,
};

fn item(id: &str, estimate: u64) -> Item {
    Item {
        id: id.into(),
        at: "2026-11-21T12:00:00+00:00[UTC]".parse().unwrap(),
        provider: "claude".into(),
        model: "m".into(),
        role: "suggest".into(),
        estimate: Some(MicroUsd(estimate)),
    }
}

fn reserve(ledger: &Ledger, id: &str, estimate: u64) {
    ledger.sync(ledger.reserve(&item(id, estimate), &NO_CAPS).unwrap());
}

fn settle(ledger: &Ledger, id: &str, cost: u64) {
    let usage = Usage::default();
    ledger
        .settle(&item(id, 9), Some(MicroUsd(cost)), &usage)
        .unwrap();
}

/// Micro-dollars, requests, and those that are open.
fn spent(ledger: &Ledger) -> (u64, u64, u64) {
    let accounts = ledger.accounts().unwrap();
    accounts.iter().fold((0, 0, 0), |sum, (_, it)| {
        (sum.0 + it.micro_usd.0, sum.1 + it.requests, sum.2 + it.open)
    })
}

fn in_folder(folder: &Path) -> Ledger {
    Ledger::new(folder.join("data/ledger.jsonl"))
}

#[test]
fn each_id_counts_once_and_one_that_was_never_settled_as_reserved() {
    let home = tempfile::tempdir().unwrap();
    let ledger = in_folder(home.path());
    assert_eq!(spent(&ledger), (0, 0, 0));
    reserve(&ledger, "a", 100);
    assert_eq!(spent(&ledger), (100, 1, 1));
    reserve(&ledger, "a", 100);
    reserve(&ledger, "b", 1000);
    assert_eq!(spent(&ledger), (1100, 2, 2));
    settle(&ledger, "a", 7);
    settle(&ledger, "a", 8);
    reserve(&ledger, "a", 100);
    assert_eq!(spent(&ledger), (1007, 2, 1));
    // A settlement whose reservation is lost or comes late.
    settle(&ledger, "c", 30);
    reserve(&ledger, "c", 500);
    assert_eq!(spent(&ledger), (1037, 3, 1));
    assert_eq!(spent(&in_folder(home.path())), (1037, 3, 1));

    let text = fs::read_to_string(home.path().join("data/ledger.jsonl")).unwrap();
    let line = r#"{"what":"reserve","id":"a","at":"2026-11-21T12:00:00Z","day":"2026-11-21","provider":"claude","model":"m","role":"suggest","micro_usd":100,"#;
    assert!(text.starts_with(line), "{text}");
    let mode = fs::metadata(home.path().join("data/ledger.jsonl")).unwrap();
    assert_eq!(mode.permissions().mode() & 0o777, 0o600);
}

#[test]
fn a_settlement_counts_for_the_day_on_which_it_was_sent() {
    let home = tempfile::tempdir().unwrap();
    let ledger = in_folder(home.path());
    reserve(&ledger, "a", 100);
    let mut late = item("a", 100);
    late.at = "2026-11-22T00:01:00+00:00[UTC]".parse().unwrap();
    let usage = Usage::default();
    ledger.settle(&late, Some(MicroUsd(5)), &usage).unwrap();
    let days = ledger.accounts().unwrap();
    let days: Vec<_> = days.iter().filter(|(_, it)| it.requests > 0).collect();
    let [(account, it)] = &days[..] else {
        panic!("{days:?}")
    };
    assert_eq!(
        (account.day.as_str(), it.micro_usd),
        ("2026-11-21", MicroUsd(5))
    );
}

/// A power cut may take away what was written after the last reservation, unless it was waited for.
#[test]
fn without_a_settlement_that_nobody_waits_for_no_less_counts() {
    for (reserved, cost) in [(100, 0), (100, 7), (100, 100), (100, 101), (0, 0), (0, 1)] {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("data/ledger.jsonl");
        let ledger = in_folder(home.path());
        reserve(&ledger, "a", reserved);
        let end = fs::metadata(&path).unwrap().len() as usize;
        settle(&ledger, "a", cost);
        let settled = spent(&ledger).0;
        let whole = fs::read(&path).unwrap();
        fs::write(&path, &whole[..end]).unwrap();
        let lost = spent(&in_folder(home.path())).0;
        let waited_for = is_dearer(Some(MicroUsd(cost)), Some(MicroUsd(reserved)));
        assert_eq!(lost < settled, waited_for, "{reserved} {cost}");
    }
}

#[test]
fn a_sync_that_failed_is_made_up_for_before_the_next_request() {
    let home = tempfile::tempdir().unwrap();
    let ledger = in_folder(home.path());
    reserve(&ledger, "a", 10);
    assert!(!ledger.unsynced.load(Ordering::Relaxed));
    let file = File::open("/dev/null").unwrap();
    assert!(file.sync_data().is_err(), "no file that can't be synced");
    ledger.sync(Reserved {
        file,
        is_new: false,
    });
    assert!(ledger.unsynced.load(Ordering::Relaxed));
    reserve(&ledger, "b", 10);
    assert!(!ledger.unsynced.load(Ordering::Relaxed));
    assert_eq!(spent(&ledger), (20, 2, 2));
}

/// Whatever was written of it: what was acknowledged counts, and the next one goes on.
#[test]
fn a_ledger_cut_at_any_byte_loses_nothing_that_was_acknowledged() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("data/ledger.jsonl");
    let ledger = in_folder(home.path());
    // What is spent once each line is whole.
    let mut steps = vec![(0, (0, 0, 0))];
    for step in 0..4 {
        match step {
            0 => reserve(&ledger, "a", 100),
            1 => reserve(&ledger, "b", 1000),
            2 => settle(&ledger, "a", 7),
            _ => settle(&ledger, "b", 40),
        }
        let end = fs::metadata(&path).unwrap().len() as usize;
        steps.push((end, spent(&ledger)));
    }
    let whole = fs::read(&path).unwrap();
    for cut in 0..=whole.len() {
        fs::write(&path, &whole[..cut]).unwrap();
        let cut_ledger = in_folder(home.path());
        let last = steps.iter().rfind(|(end, _)| *end <= cut).unwrap();
        assert_eq!(spent(&cut_ledger), last.1, "cut at {cut}");
        reserve(&cut_ledger, "next", 20_000);
        // A line that lacked nothing but its end is a line again.
        let at_end = steps.iter().rfind(|(end, _)| *end <= cut + 1).unwrap();
        let (cost, requests, open) = at_end.1;
        let expected = (cost + 20_000, requests + 1, open + 1);
        assert_eq!(spent(&cut_ledger), expected, "cut at {cut}");
        assert_eq!(spent(&in_folder(home.path())), expected, "cut at {cut}");
    }
}

#[test]
fn a_file_that_another_one_took_the_place_of_is_read_anew() {
    let home = tempfile::tempdir().unwrap();
    let ledger = in_folder(home.path());
    reserve(&ledger, "a", 100);
    assert_eq!(spent(&ledger).0, 100);
    fs::remove_file(home.path().join("data/ledger.jsonl")).unwrap();
    assert_eq!(spent(&ledger).0, 0);
    reserve(&ledger, "a", 30);
    assert_eq!(spent(&ledger).0, 30);
}

#[test]
fn lines_that_are_none_are_passed_over() {
    let home = tempfile::tempdir().unwrap();
    let ledger = in_folder(home.path());
    reserve(&ledger, "a", 100);
    let mut file = disk::open_to_append(&home.path().join("data/ledger.jsonl")).unwrap();
    file.write_all(b"\n\xff\xfe\n{}\n[1]\n{\"what\":\"reserve\",\"id\":\"x\",\"day\":\"once\"}\n")
        .unwrap();
    reserve(&ledger, "b", 10);
    assert_eq!(spent(&ledger), (110, 2, 2));
}

#[test]
fn a_cap_holds_over_processes() {
    let home = tempfile::tempdir().unwrap();
    let caps = Caps {
        daily: Some(MicroUsd(30)),
        monthly: None,
    };
    let (begin, taken) = (Barrier::new(10), Mutex::new(0));
    std::thread::scope(|scope| {
        for n in 0..10 {
            let (begin, taken, home) = (&begin, &taken, home.path());
            scope.spawn(move || {
                let ledger = in_folder(home);
                begin.wait();
                match ledger.reserve(&item(&n.to_string(), 10), &caps) {
                    Ok(_) => *taken.lock().unwrap() += 1,
                    Err(error) => assert_eq!(error.kind(), Kind::Budget),
                }
            });
        }
    });
    assert_eq!(*taken.lock().unwrap(), 3);
    assert_eq!(spent(&in_folder(home.path())), (30, 3, 3));
}

/// The path of a test as its own program names it.
const SPENDER: &str = "ai::middleware::cost::ledger::tests::spends_until_it_is_killed";

#[test]
fn what_a_killed_process_reserved_counts() {
    for acknowledged in [1, 2, 5, 20] {
        let home = tempfile::tempdir().unwrap();
        let mut spender = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", SPENDER, "--ignored", "--nocapture"])
            .current_dir(home.path())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let said = BufReader::new(spender.stdout.take().unwrap());
        let acks = said.lines().map_while(Result::ok);
        let acks = acks.filter(|line| line.starts_with("ack "));
        assert_eq!(acks.take(acknowledged).count(), acknowledged);
        spender.kill().unwrap();
        spender.wait().unwrap();
        let (cost, requests, open) = spent(&in_folder(home.path()));
        assert!(requests >= acknowledged as u64);
        // Each was settled with 3, but for the last one.
        assert!(open <= 1);
        assert_eq!(cost, (requests - open) * 3 + open * 10);
    }
}

#[test]
#[ignore = "another test starts it in a folder of its own, and kills it"]
fn spends_until_it_is_killed() {
    let ledger = in_folder(Path::new("."));
    let mut out = std::io::stdout();
    // An end, should nobody kill it.
    for n in 0..1000 {
        reserve(&ledger, &n.to_string(), 10);
        writeln!(out, "\nack {n}").unwrap();
        settle(&ledger, &n.to_string(), 3);
    }
}
