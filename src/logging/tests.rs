use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

use serde_json::Value;

use super::*;
use crate::config::Bytes;

struct Case {
    dir: tempfile::TempDir,
    config: LoggingConfig,
}

impl Case {
    fn new(level: LogLevel, max_size: u64) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("logs/promptstack.log");
        Self {
            dir,
            config: LoggingConfig {
                level,
                file,
                max_size: Bytes(max_size),
                max_backups: 3,
            },
        }
    }

    fn run(&self, body: impl FnOnce(&Log)) {
        let log = Log::new(&self.config);
        tracing::subscriber::with_default(log.subscriber(), || body(&log));
    }

    fn path(&self, suffix: &str) -> PathBuf {
        let mut name = self.config.file.clone().into_os_string();
        name.push(suffix);
        name.into()
    }

    /// Every line of a file as JSON; a missing file has none.
    fn lines(&self, suffix: &str) -> Vec<Value> {
        let text = fs::read_to_string(self.path(suffix)).unwrap_or_default();
        text.lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }

    fn messages(&self) -> Vec<String> {
        self.lines("")
            .iter()
            .map(|l| l["message"].as_str().unwrap().to_owned())
            .collect()
    }
}

#[test]
fn a_line_is_json_with_its_fields() {
    let case = Case::new(LogLevel::Info, 1 << 20);
    case.run(|_| tracing::info!(source = "team", prompts = 3, "library refreshed"));
    let [line] = &case.lines("")[..] else {
        panic!("one line")
    };
    assert_eq!(line["message"], "library refreshed");
    assert_eq!(
        (&line["prompts"], &line["level"]),
        (&Value::from(3), &Value::from("INFO"))
    );
    assert!(line["timestamp"].as_str().unwrap().ends_with('Z'));
    for (name, mode) in [("logs", 0o700), ("logs/promptstack.log", 0o600)] {
        let found = fs::metadata(case.dir.path().join(name))
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(found & 0o777, mode, "{name}");
    }
}

#[test]
fn only_our_own_events_go_below_warnings() {
    let events = || {
        tracing::error!("our error");
        tracing::info!("our info");
        tracing::trace!("our trace");
        tracing::error!(target: "nvim_rs::rpc", "their error");
        tracing::info!(target: "nvim_rs::rpc", "their info");
        tracing::info!(target: "promptstack_other", "not ours");
        tracing::trace!(target: "notify", "their trace");
    };
    let rows: [(LogLevel, &[&str]); 4] = [
        (LogLevel::Off, &[]),
        (LogLevel::Error, &["our error", "their error"]),
        (LogLevel::Info, &["our error", "our info", "their error"]),
        (
            LogLevel::Trace,
            &["our error", "our info", "our trace", "their error"],
        ),
    ];
    for (level, expected) in rows {
        let case = Case::new(level, 1 << 20);
        case.run(|_| events());
        assert_eq!(case.messages(), expected, "{level:?}");
    }
}

#[test]
fn level_and_file_change_while_it_runs() {
    let mut case = Case::new(LogLevel::Info, 1 << 20);
    let first = case.config.clone();
    let mut second = first.clone();
    second.level = LogLevel::Debug;
    second.file = case.dir.path().join("other.log");
    case.run(|log| {
        // One place in the code, so that a cached decision about it would show.
        let write = |n: u32| tracing::debug!("{n}");
        write(1);
        log.apply(&second);
        write(2);
        log.apply(&first);
        write(3);
    });
    assert!(case.messages().is_empty());
    case.config = second;
    assert_eq!(case.messages(), ["2"]);
}

#[test]
fn a_full_file_moves_up_and_the_oldest_goes() {
    let case = Case::new(LogLevel::Info, 1000);
    case.run(|_| (0..100).for_each(|n| tracing::info!(n, "x")));
    assert_eq!(
        fs::read_dir(case.dir.path().join("logs")).unwrap().count(),
        4
    );
    let mut numbers = Vec::new();
    for suffix in [".3", ".2", ".1", ""] {
        assert!(
            fs::metadata(case.path(suffix)).unwrap().len() <= 1000,
            "{suffix}"
        );
        numbers.extend(
            case.lines(suffix)
                .iter()
                .map(|line| line["n"].as_u64().unwrap()),
        );
    }
    let newest: Vec<u64> = (100 - numbers.len() as u64..100).collect();
    assert_eq!(numbers, newest, "the newest lines, in order, none lost");
}

#[test]
fn without_backups_the_file_begins_anew() {
    let mut case = Case::new(LogLevel::Info, 1000);
    case.config.max_backups = 0;
    case.run(|_| (0..100).for_each(|n| tracing::info!(n, "x")));
    assert_eq!(
        fs::read_dir(case.dir.path().join("logs")).unwrap().count(),
        1
    );
    assert_eq!(case.lines("").last().unwrap()["n"], 99);
}

#[test]
fn several_writers_share_a_file_and_lose_nothing() {
    let mut case = Case::new(LogLevel::Info, 3_000);
    case.config.max_backups = 100;
    std::thread::scope(|scope| {
        for writer in 0..4 {
            let case = &case;
            // Each has its own log, as each process has.
            scope.spawn(move || {
                case.run(|_| (0..300).for_each(|n| tracing::info!(writer, n, "x")));
            });
        }
    });
    let mut found = Vec::new();
    for number in 0..=100 {
        let suffix = if number == 0 {
            String::new()
        } else {
            format!(".{number}")
        };
        found.extend(
            case.lines(&suffix)
                .iter()
                .map(|line| (line["writer"].as_u64(), line["n"].as_u64())),
        );
    }
    found.sort();
    found.dedup();
    assert_eq!(found.len(), 4 * 300);
    assert!(case.path(".1").exists(), "it was moved at least once");
}

#[test]
fn a_log_that_can_not_be_written_hurts_nobody() {
    let cases: [&dyn Fn(&Case); 4] = [
        &|case| fs::create_dir_all(&case.config.file).unwrap(),
        &|case| fs::write(case.dir.path().join("logs"), "in the way").unwrap(),
        &|case| {
            fs::create_dir(case.dir.path().join("logs")).unwrap();
            let fifo = rustix::fs::mkfifoat(rustix::fs::CWD, &case.config.file, 0o600.into());
            fifo.unwrap();
        },
        &|case| {
            fs::create_dir(case.dir.path().join("logs")).unwrap();
            std::os::unix::fs::symlink("/dev/full", &case.config.file).unwrap();
        },
    ];
    for prepare in cases {
        let case = Case::new(LogLevel::Info, 100);
        prepare(&case);
        case.run(|_| (0..10).for_each(|n| tracing::info!(n, "x")));
    }
}

#[test]
fn a_failed_move_goes_on_appending() {
    let case = Case::new(LogLevel::Info, 300);
    for suffix in [".1", ".2", ".3"] {
        fs::create_dir_all(case.path(suffix).join("not empty")).unwrap();
    }
    case.run(|_| (0..20).for_each(|n| tracing::info!(n, "x")));
    assert_eq!(case.lines("").len(), 20);
}

#[test]
fn a_removed_file_comes_back() {
    let case = Case::new(LogLevel::Info, 1 << 20);
    case.run(|_| {
        tracing::info!("one");
        fs::remove_file(&case.config.file).unwrap();
        tracing::info!("two");
    });
    assert_eq!(case.messages(), ["two"]);
}

#[test]
fn a_panic_is_logged_with_its_place_and_without_formatted_text() {
    let case = Case::new(LogLevel::Info, 1 << 20);
    let secret = "the text of a prompt";
    let before = std::panic::take_hook();
    case.run(|_| {
        std::panic::set_hook(Box::new(log_panic));
        let _ = std::panic::catch_unwind(|| panic!("a fixed text"));
        let _ = std::panic::catch_unwind(|| panic!("about {secret}"));
    });
    std::panic::set_hook(before);
    // Another test may have panicked in between; it has no subscriber, so nothing of it is here.
    let reasons: Vec<Value> = case
        .lines("")
        .iter()
        .map(|line| line["reason"].clone())
        .collect();
    assert_eq!(reasons, ["a fixed text", "not shown"]);
    assert!(
        case.lines("")[0]["place"]
            .as_str()
            .unwrap()
            .contains("tests.rs:")
    );
    assert!(
        !fs::read_to_string(&case.config.file)
            .unwrap()
            .contains(secret)
    );
}
