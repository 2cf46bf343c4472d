//! Processes killed with -9 at any moment of a save.

use std::path::Path;
use std::thread;
use std::time::Duration;

use jiff::{ToSpan, Zoned};
use promptstack::history::files::Files;

use crate::ledger::{Ledger, torn};
use crate::program::{Chance, Program, saver};
use crate::row::row;

/// Kills savers in one folder; gives how many saves were acknowledged.
fn kill_many(folder: &Path, times: u64, seed: u64) -> usize {
    let mut chance = Chance::new(seed);
    let mut ledgers = Vec::new();
    for round in 0..times {
        let mut program = Program::start(&mut saver(folder));
        program.tell(&format!("endless {round}-a,{round}-b,{round}-c"));
        thread::sleep(Duration::from_micros(chance.between(1_000, 20_000)));
        let mut ledger = Ledger::default();
        for line in program.kill() {
            assert!(ledger.note(&line), "{line}");
        }
        assert_eq!(ledger.lost(folder), Vec::<String>::new());
        ledgers.push(ledger);
    }
    assert_eq!(torn(folder), Vec::<String>::new());
    // What the dead left is cleared away, and nothing else.
    let in_two_minutes = || &Zoned::now() + 2.minutes();
    let reaper = Files::new(folder, Box::new(in_two_minutes));
    reaper.reap().expect("the folder can be read");
    let left = std::fs::read_dir(folder).expect("a folder").flatten();
    let left = left.filter(|it| it.path().extension().is_some_and(|end| end == "tmp"));
    assert_eq!(left.count(), 0, "temporary files");
    let lost = ledgers.iter().flat_map(|ledger| ledger.lost(folder));
    assert_eq!(lost.collect::<Vec<_>>(), Vec::<String>::new());
    ledgers.iter().map(Ledger::count).sum()
}

#[test]
fn a_killed_process_loses_nothing_that_was_acknowledged() {
    const WORKERS: u64 = 2;
    const EACH: u64 = 500;
    row("kill -9 while saving", || {
        let home = tempfile::tempdir().expect("a temporary folder");
        let acknowledged: usize = thread::scope(|scope| {
            let worker = |seed: u64| {
                let folder = home.path().join(seed.to_string());
                scope.spawn(move || kill_many(&folder, EACH, seed))
            };
            let workers: Vec<_> = (0..WORKERS).map(worker).collect();
            let counts = workers
                .into_iter()
                .map(|it| it.join().expect("nothing lost"));
            counts.sum()
        });
        let kills = WORKERS * EACH;
        assert!(acknowledged as u64 > kills / 4, "only {acknowledged} saves");
        Ok(format!(
            "{kills} kills, {acknowledged} saves acknowledged, 0 lost, 0 torn"
        ))
    });
}
