use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;
use std::thread;

use super::*;
use crate::error::Kind;

const EDITORS: usize = 4;
const RECORDS: usize = 200;

fn id(name: &str) -> PromptId {
    PromptId(name.into())
}

fn at(secs: u64) -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(secs)
}

fn write_all_records(path: &Path) {
    let store = UsageStore::open(path).unwrap();
    for i in 0..RECORDS {
        store.record(&id("shared"), at(i as u64)).unwrap();
        store
            .record(&id(if i % 2 == 0 { "even" } else { "odd" }), at(7))
            .unwrap();
    }
}

fn assert_nothing_was_lost(path: &Path) {
    let all = UsageStore::open(path).unwrap().all().unwrap();
    let expected = (EDITORS * RECORDS) as u32;
    assert_eq!(
        all[&id("shared")],
        Usage {
            count: expected,
            last_used: RECORDS as u64 - 1
        }
    );
    assert_eq!(
        all[&id("even")],
        Usage {
            count: expected / 2,
            last_used: 7
        }
    );
    assert_eq!(
        all[&id("odd")],
        Usage {
            count: expected / 2,
            last_used: 7
        }
    );
}

#[test]
fn connections_that_write_at_once_lose_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("usage.db");
    thread::scope(|scope| {
        for _ in 0..EDITORS {
            scope.spawn(|| write_all_records(&path));
        }
    });
    assert_nothing_was_lost(&path);
}

#[test]
fn processes_that_write_at_once_lose_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("usage.db");
    let children: Vec<_> = (0..EDITORS)
        .map(|_| {
            Command::new(std::env::current_exe().unwrap())
                .args([
                    "--ignored",
                    "--exact",
                    "library::usage::tests::one_of_the_processes",
                ])
                .current_dir(dir.path())
                .stdout(std::process::Stdio::null())
                .spawn()
                .unwrap()
        })
        .collect();
    for mut child in children {
        assert!(child.wait().unwrap().success());
    }
    assert_nothing_was_lost(&path);
}

#[test]
#[ignore = "run by processes_that_write_at_once_lose_nothing, in a folder of its own"]
fn one_of_the_processes() {
    // Run by hand, from the top of the repository, it must not leave a file there.
    if !Path::new("Cargo.toml").exists() {
        write_all_records(Path::new("usage.db"));
    }
}

#[test]
fn counts_and_values_survive_a_reopening() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("usage.db");
    let store = UsageStore::open(&path).unwrap();
    store.record(&id("a"), at(10)).unwrap();
    store.record(&id("a"), at(5)).unwrap();
    store.remember_value("text:goal", "ship it").unwrap();
    drop(store);
    let store = UsageStore::open(&path).unwrap();
    assert_eq!(
        store.all().unwrap()[&id("a")],
        Usage {
            count: 2,
            last_used: 10
        }
    );
    assert_eq!(store.recent_values("text:goal").unwrap(), ["ship it"]);
    assert!(store.notice().is_none());
}

#[test]
fn the_files_are_the_owners_alone() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("usage.db");
    fs::write(&path, "").unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    let store = UsageStore::open(&path).unwrap();
    store.record(&id("a"), at(1)).unwrap();
    for entry in fs::read_dir(dir.path()).unwrap() {
        let entry = entry.unwrap();
        let mode = entry.metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o600, "{:?}", entry.path());
    }
}

#[test]
fn a_placeholder_keeps_its_last_five_distinct_values() {
    let dir = tempfile::tempdir().unwrap();
    let store = UsageStore::open(dir.path().join("usage.db")).unwrap();
    for value in ["1", "2", "3", "2", "4", "5", "6", "", "1\n2"] {
        store.remember_value("text:goal", value).unwrap();
    }
    store.remember_value("text:other", "x").unwrap();
    store
        .remember_value("text:goal", &"x".repeat(MAX_VALUE_BYTES + 1))
        .unwrap();
    assert_eq!(
        store.recent_values("text:goal").unwrap(),
        ["1\n2", "6", "5", "4", "2"]
    );
    assert_eq!(store.recent_values("text:other").unwrap(), ["x"]);
    assert!(store.recent_values("text:none").unwrap().is_empty());
}

#[test]
fn a_damaged_file_is_moved_aside_and_begun_anew() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("usage.db");
    let mut torn = {
        let store = UsageStore::open(&path).unwrap();
        (0..500).for_each(|i| store.record(&id(&format!("prompt {i}")), at(1)).unwrap());
        drop(store);
        fs::read(&path).unwrap()
    };
    let middle = torn.len() / 2;
    torn[middle..].fill(0xA5);
    let broken = [
        b"not a database, but long enough to have a header".repeat(40),
        torn,
    ];
    for (n, bytes) in broken.iter().enumerate() {
        fs::write(&path, bytes).unwrap();
        let store = UsageStore::open(&path).unwrap();
        let aside = dir.path().join(format!("usage.db.damaged-{}", n + 1));
        assert_eq!(fs::read(&aside).unwrap().len(), bytes.len());
        let notice = store.notice().unwrap();
        assert!(
            notice
                .message
                .ends_with(&format!("moved to {}", aside.display())),
            "{notice}"
        );
        assert!(store.all().unwrap().is_empty());
        store.record(&id("a"), at(1)).unwrap();
    }
    assert!(UsageStore::open(&path).unwrap().notice().is_none());
}

#[test]
fn several_editors_that_find_the_damage_share_one_fresh_file() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("usage.db");
    fs::write(&path, "x".repeat(5000)).unwrap();
    let notices: Vec<bool> = thread::scope(|scope| {
        let open = || {
            let store = UsageStore::open(&path).unwrap();
            store.record(&id("a"), at(1)).unwrap();
            store.notice().is_some()
        };
        let editors: Vec<_> = (0..EDITORS).map(|_| scope.spawn(open)).collect();
        editors
            .into_iter()
            .map(|editor| editor.join().unwrap())
            .collect()
    });
    assert_eq!(notices.iter().filter(|told| **told).count(), 1);
    assert_eq!(
        UsageStore::open(&path).unwrap().all().unwrap()[&id("a")].count,
        EDITORS as u32
    );
}

#[test]
fn a_newer_schema_is_refused_and_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("usage.db");
    drop(UsageStore::open(&path).unwrap());
    Connection::open(&path)
        .unwrap()
        .pragma_update(None, "user_version", 7)
        .unwrap();
    let error = UsageStore::open(&path).unwrap_err();
    assert_eq!(error.kind(), Kind::Unavailable);
    let message = error.message();
    assert!(
        message.ends_with("by a newer promptstack (schema 7, this one knows 1)"),
        "{message}"
    );
    assert!(path.exists() && !dir.path().join("usage.db.damaged-1").exists());
}

#[test]
fn an_unusable_place_is_an_error_that_names_it() {
    let dir = tempfile::tempdir().unwrap();
    fs::create_dir(dir.path().join("folder.db")).unwrap();
    for name in ["missing/usage.db", "folder.db"] {
        let error = UsageStore::open(dir.path().join(name)).unwrap_err();
        assert_eq!(error.kind(), Kind::Unavailable);
        assert!(error.message().contains(name), "{error}");
        assert!(error.hint_text().is_some());
    }
}

#[test]
fn use_is_worth_more_when_it_is_frequent_and_recent_but_never_without_bound() {
    const DAY: u64 = 86_400;
    let boost = |count, days: u64| {
        Usage {
            count,
            last_used: 1000 * DAY,
        }
        .boost((1000 + days) * DAY)
    };
    assert_eq!(boost(1, 0), 100);
    assert!(boost(9, 0) > boost(2, 0));
    assert!(boost(3, 0) > boost(3, 20));
    assert_eq!(boost(3, 60), boost(3, 900), "never below a quarter");
    assert_eq!(boost(u32::MAX, 0), Usage::MAX_BOOST);
    assert_eq!(
        Usage {
            count: 1,
            last_used: DAY
        }
        .boost(0),
        100,
        "a clock that went back"
    );
}
