use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::Mutex;
use std::time::Duration;

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use rusqlite::Connection;
use tempfile::TempDir;

use super::*;
use crate::error::Kind;
use crate::history::archive::{Opener, State};
use crate::history::memory::{MemoryRepository, MemoryStore};
use crate::history::repository::conformance::{self, entry};
use crate::history::store::Store;
use crate::history::{History, migrate};

const FILE: &str = "history.db";

fn open(folder: &TempDir) -> SqliteRepository {
    SqliteRepository::open(folder.path().join(FILE), Zoned::now)
        .unwrap()
        .0
}

fn names(folder: &Path) -> Vec<String> {
    let entries = folder.read_dir().unwrap();
    let mut names: Vec<String> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

async fn found(index: &dyn CompositionRepository, typed: &str) -> u64 {
    let query = SearchQuery {
        text: typed.into(),
        limit: 9,
        ..SearchQuery::default()
    };
    index.search(query).await.unwrap().matching
}

#[tokio::test]
async fn the_sqlite_index_conforms() {
    let folders = Mutex::new(Vec::new());
    conformance::conformance(async || {
        let folder = tempfile::tempdir().unwrap();
        let (index, notice) = SqliteRepository::open(folder.path().join(FILE), Zoned::now).unwrap();
        assert_eq!(notice, None);
        folders.lock().unwrap().push(folder);
        Arc::new(index) as _
    })
    .await;
}

#[tokio::test]
async fn what_is_stored_is_there_after_a_reopening_and_for_its_owner_alone() {
    let folder = tempfile::tempdir().unwrap();
    let below = folder.path().join("new/folder");
    let path = below.join(FILE);
    let one = entry("a.md", 0, "some words");
    let (index, _) = SqliteRepository::open(&path, Zoned::now).unwrap();
    index.save(vec![one.clone()]).await.unwrap();
    for name in names(&below) {
        let mode = fs::metadata(below.join(&name))
            .unwrap()
            .permissions()
            .mode()
            & 0o777;
        assert_eq!(mode, 0o600, "{name}");
    }
    drop(index);
    let (index, notice) = SqliteRepository::open(&path, Zoned::now).unwrap();
    assert_eq!(notice, None);
    assert_eq!(index.load(one.composition.meta.id).await.unwrap(), one);
    assert_eq!(found(&index, "words").await, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn sixteen_editors_that_start_at_once_lose_nothing() {
    const EDITORS: usize = 16;
    const SAVES: usize = 12;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(FILE);
    let editors = (0..EDITORS).map(|editor| {
        let path = path.clone();
        tokio::spawn(async move {
            let opened = spawn_blocking(move || SqliteRepository::open(path, Zoned::now)).await;
            let (index, notice) = opened.unwrap().unwrap();
            assert_eq!(notice, None);
            for n in 0..SAVES {
                let file = format!("{editor}-{n}.md");
                index
                    .save(vec![entry(&file, n as i64, format!("editor{editor} word"))])
                    .await
                    .unwrap();
            }
        })
    });
    for editor in editors.collect::<Vec<_>>() {
        editor.await.unwrap();
    }
    let index = open(&folder);
    assert_eq!(found(&index, "word").await, (EDITORS * SAVES) as u64);
    assert_eq!(found(&index, "editor7").await, SAVES as u64);
    assert_eq!(index.check().await.unwrap(), None);
    assert_eq!(
        found(&index, "word").await,
        (EDITORS * SAVES) as u64,
        "after its parts were mended"
    );
}

#[tokio::test]
async fn an_index_made_anew_is_seen_by_those_who_have_the_old_one_open() {
    let folder = tempfile::tempdir().unwrap();
    let (mine, other) = (open(&folder), open(&folder));
    let store = Arc::new(MemoryStore::default());
    (0..30).for_each(|n| store.put(entry(&format!("{n:02}.md"), n, "from a file")));
    other
        .save(vec![entry("old.md", 0, "from nowhere")])
        .await
        .unwrap();
    let rebuilt = mine.rebuild(conformance::work(&store)).await.unwrap();
    assert_eq!(
        (found(&other, "file").await, found(&other, "nowhere").await),
        (30, 0)
    );
    other
        .save(vec![entry("new.md", 99, "from later")])
        .await
        .unwrap();
    assert_eq!(found(&mine, "later").await, 1);
    // The old one is whole where it is kept.
    let (kept, notice) = SqliteRepository::open(rebuilt.backup.unwrap(), Zoned::now).unwrap();
    assert_eq!((notice, found(&kept, "nowhere").await), (None, 1));
}

#[tokio::test]
async fn only_the_last_old_indexes_are_kept() {
    let folder = tempfile::tempdir().unwrap();
    let index = open(&folder);
    let store = Arc::new(MemoryStore::default());
    for _ in 0..4 {
        index.rebuild(conformance::work(&store)).await.unwrap();
    }
    let kept = names(folder.path());
    let kept: Vec<&String> = kept.iter().filter(|name| name.contains("backup")).collect();
    assert_eq!(kept.len(), 2, "{kept:?}");
}

#[tokio::test]
async fn what_a_stopped_rebuild_left_never_stops_the_next() {
    let folder = tempfile::tempdir().unwrap();
    let index = open(&folder);
    let store = Arc::new(MemoryStore::default());
    (0..3).for_each(|n| store.put(entry(&format!("{n}.md"), n, "word")));
    let mut work = conformance::work(&store);
    let cancel = work.cancel.clone();
    // Files too young to be trusted: what is left has a part of words and no rows.
    work.settled = i64::MIN;
    work.progress = Arc::new(move |done, total| {
        if done == total {
            cancel.cancel();
        }
    });
    let stopped = index.rebuild(work).await.unwrap_err();
    assert_eq!(stopped.kind(), Kind::Cancelled);
    index.rebuild(conformance::work(&store)).await.unwrap();
    assert_eq!(found(&index, "word").await, 3);
}

#[tokio::test]
async fn two_do_not_make_it_anew_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let index = Arc::new(open(&folder));
    let store = Arc::new(MemoryStore::default());
    (0..3).for_each(|n| store.put(entry(&format!("{n}.md"), n, "word")));
    let (second, blocked) = (index.clone(), Mutex::new(None));
    let mut work = conformance::work(&store);
    let other = conformance::work(&store);
    let blocked = Arc::new(blocked);
    let seen = blocked.clone();
    let runtime = tokio::runtime::Handle::current();
    work.progress = Arc::new(move |_, _| {
        let tried = runtime.block_on(second.rebuild(other.clone()));
        *seen.lock().unwrap() = Some(tried.unwrap_err().kind());
    });
    index.rebuild(work).await.unwrap();
    assert_eq!(*blocked.lock().unwrap(), Some(Kind::Conflict));
}

#[tokio::test]
async fn a_file_of_a_newer_version_or_of_something_else_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(FILE);
    drop(open(&folder));
    let change = |sql: &str| Connection::open(&path).unwrap().execute_batch(sql).unwrap();
    change("PRAGMA user_version = 9; CREATE TABLE new_in_9 (x)");
    let refused = || SqliteRepository::open(&path, Zoned::now).err().unwrap();
    let message = refused().message().to_owned();
    assert!(
        message.ends_with("by a newer promptstack (schema 9, this one knows 2)"),
        "{message}"
    );
    change("PRAGMA application_id = 5");
    let message = refused().message().to_owned();
    assert!(
        message.ends_with("is a database of something else"),
        "{message}"
    );
    assert!(
        !names(folder.path())
            .iter()
            .any(|name| name.contains("damaged"))
    );
}

#[tokio::test]
async fn an_older_version_is_copied_before_it_is_changed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(FILE);
    let index = open(&folder);
    let all: Vec<Entry> = (0..20)
        .map(|n| entry(&format!("{n}.md"), n, "old word"))
        .collect();
    index.save(all.clone()).await.unwrap();
    drop(index);
    migrate::down(&mut Connection::open(&path).unwrap(), 1).unwrap();
    let index = open(&folder);
    assert_eq!(
        found(&index, "word").await,
        20,
        "words are made from the texts"
    );
    assert_eq!(index.check().await.unwrap(), None);
    let copy = names(folder.path())
        .into_iter()
        .find(|name| name.contains("schema-1-"))
        .unwrap();
    let copy = Connection::open(folder.path().join(copy)).unwrap();
    assert_eq!(migrate::version(&copy).unwrap(), 1);
    let rows: i64 = copy
        .query_row("SELECT count(*) FROM bodies", [], |row| row.get(0))
        .unwrap();
    assert_eq!(rows, 20);
}

#[tokio::test]
async fn an_unusable_place_is_an_error_that_names_it() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("folder.db")).unwrap();
    fs::write(folder.path().join("file"), "").unwrap();
    for name in ["folder.db", "file/history.db"] {
        let error = SqliteRepository::open(folder.path().join(name), Zoned::now)
            .err()
            .unwrap();
        assert_eq!(error.kind(), Kind::Unavailable);
        assert!(
            error.message().contains(name.split('/').next().unwrap()),
            "{error}"
        );
    }
}

#[tokio::test]
async fn a_deleted_file_is_made_anew_by_the_next_who_needs_it_and_is_no_answer() {
    let folder = tempfile::tempdir().unwrap();
    let index = open(&folder);
    index.save(vec![entry("a.md", 0, "word")]).await.unwrap();
    for name in names(folder.path()) {
        fs::remove_file(folder.path().join(name)).unwrap();
    }
    let refused = index.list(ListQuery::default()).await.unwrap_err();
    assert!(refused.message().ends_with("is gone and begun anew"));
    index.save(vec![entry("b.md", 1, "word")]).await.unwrap();
    assert_eq!(found(&index, "word").await, 1);
}

#[tokio::test]
async fn a_full_part_of_the_words_is_followed_by_another() {
    let folder = tempfile::tempdir().unwrap();
    let index = open(&folder);
    // As if all but the last rows of a part had been deleted.
    let first = entry("first.md", 0, "first word");
    index.save(vec![first.clone()]).await.unwrap();
    index
        .pool
        .write(|transaction| {
            let last = parts::ROWS - 5;
            transaction
                .execute("UPDATE compositions SET row = ?1", [last])
                .unwrap();
            transaction
                .execute("UPDATE parts SET first = 1", [])
                .unwrap();
            transaction
                .execute("UPDATE bodies SET row = ?1", [last])
                .unwrap();
            Ok(())
        })
        .unwrap();
    index.pool.forget();
    index
        .pool
        .write(|transaction| {
            transaction.execute("DELETE FROM compositions", []).unwrap();
            transaction.execute("DELETE FROM bodies", []).unwrap();
            rows::insert(transaction, parts::ROWS - 5, &first, None)?;
            parts::refill(transaction, parts::all(transaction)?[0])
        })
        .unwrap();
    let all: Vec<Entry> = (0..40)
        .map(|n| entry(&format!("{n:02}.md"), n, "next word"))
        .collect();
    for one in &all {
        index.save(vec![one.clone()]).await.unwrap();
    }
    let parts = index.pool.read(parts::all).unwrap();
    assert_eq!(parts.len(), 2);
    assert_eq!(
        (found(&index, "word").await, found(&index, "first").await),
        (41, 1)
    );
    let changed: Vec<Entry> = all
        .iter()
        .map(|one| {
            let mut one = one.clone();
            one.composition.meta.sequence = 2;
            one.composition.body = b"changed".to_vec();
            one
        })
        .collect();
    index.save(changed).await.unwrap();
    let hurried = SearchQuery {
        text: "changed".into(),
        limit: 9,
        patience: Some(Duration::ZERO),
        ..SearchQuery::default()
    };
    let page = index.search(hurried).await.unwrap();
    let newest = parts[0].first..=parts::ROWS - 5 + 40;
    assert_eq!(
        (page.matching, page.more, page.searched_newest),
        (40, true, Some(newest.count() as u64))
    );
    assert_eq!(
        (found(&index, "word").await, found(&index, "changed").await),
        (1, 40)
    );
    assert_eq!(index.check().await.unwrap(), None);
    assert_eq!(
        (found(&index, "word").await, found(&index, "changed").await),
        (1, 40)
    );
}

#[tokio::test]
async fn a_word_is_ranked_unless_half_of_the_texts_have_it_whichever_those_are() {
    for (with_it, is_ranked) in [(650..1200, true), (500..1200, false), (0..400, true)] {
        let folder = tempfile::tempdir().unwrap();
        let index = open(&folder);
        let all = (0..1200).map(|n| {
            let text = match n {
                n if n == with_it.start => "word word word",
                n if with_it.contains(&n) => "one word more",
                _ => "something other altogether",
            };
            entry(&format!("{n:04}.md"), n, text)
        });
        index.save(all.collect()).await.unwrap();
        let query = SearchQuery {
            text: "word ".into(),
            limit: 1,
            ..SearchQuery::default()
        };
        let page = index.search(query).await.unwrap();
        let first = match is_ranked {
            true => with_it.start,
            false => with_it.end - 1,
        };
        assert_eq!(page.rows[0].file, format!("{first:04}.md"), "{with_it:?}");
        assert_eq!(page.matching, with_it.count() as u64);
    }
}

#[tokio::test]
async fn what_another_editor_wrote_is_no_damage() {
    let folder = tempfile::tempdir().unwrap();
    let (index, other) = (open(&folder), open(&folder));
    index
        .save(vec![entry("first.md", 0, "first word")])
        .await
        .unwrap();
    assert_eq!(found(&index, "word").await, 1);
    // Sooner or later FTS5 merges away what the first editor's connection remembers.
    for n in 0..40 {
        let next = entry(&format!("{n:02}.md"), n, "next word");
        other.save(vec![next]).await.unwrap();
        index.pool.read_afresh(check::sound).unwrap();
    }
}

/// Damages a file in one of the ways that disks, copies and people have.
fn damage(file: &mut Vec<u8>, others: &[Vec<u8>], dice: &mut impl FnMut(usize) -> usize) {
    match dice(10) {
        0 => file.truncate(dice(file.len())),
        1 => *file = others[dice(others.len())].clone(),
        2 => {
            let (at, length) = (dice(file.len()), 1 + dice(5000));
            let end = file.len().min(at + length);
            file[at..end].fill(dice(256) as u8);
        }
        3 => {
            let page = 4096 * dice(file.len() / 4096);
            let other = 4096 * dice(file.len() / 4096);
            let copy = file[other..other + 4096].to_vec();
            file[page..page + 4096].copy_from_slice(&copy);
        }
        4 => {
            let at = dice(100);
            file[at] ^= 1 << dice(8);
        }
        _ => {
            for _ in 0..=dice(3) {
                let at = dice(file.len());
                file[at] ^= 1 << dice(8);
            }
        }
    }
}

/// 1,000 files, each damaged in another way: whatever it was, what the history says afterwards is what
/// the files say, or an error in words.
#[tokio::test]
async fn a_damaged_index_ends_in_a_correct_one_or_in_an_error() {
    const FILES: usize = 1000;
    let store = Arc::new(MemoryStore::default());
    let model = MemoryRepository::default();
    for n in 0..40 {
        let mut one = entry(
            &format!("{n:02}.md"),
            n,
            format!("composition {n} of these, {}", "word ".repeat(n as usize)),
        );
        one.composition.meta.tags = vec![format!("tag{}", n % 3)];
        conformance::rehash(&mut one);
        store.put(one.clone());
        model.save(vec![one]).await.unwrap();
    }
    let folder = tempfile::tempdir().unwrap();
    let index = open(&folder);
    index.rebuild(conformance::work(&store)).await.unwrap();
    index.check().await.unwrap();
    drop(index);
    let sound = fs::read(folder.path().join(FILE)).unwrap();
    let older = tempfile::tempdir().unwrap();
    let other = open(&older);
    other
        .save(vec![
            entry("03.md", 9, "not what the file says"),
            entry("x.md", 1, "x"),
        ])
        .await
        .unwrap();
    other.check().await.unwrap();
    drop(other);
    let others = [
        fs::read(older.path().join(FILE)).unwrap(),
        b"not a database".repeat(1000),
        Vec::new(),
    ];

    let mut runner = TestRunner::deterministic();
    let mut dice = |limit: usize| (0..limit.max(1)).new_tree(&mut runner).unwrap().current();
    let mut errors = 0;
    for n in 0..FILES {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(FILE);
        let mut bytes = sound.clone();
        damage(&mut bytes, &others, &mut dice);
        fs::write(&path, &bytes).unwrap();
        let history = history(&store, &path).await;
        if let Err(error) = history.sync().await {
            assert!(!error.message().is_empty());
            errors += 1;
        }
        if let State::None(because) = history.state() {
            assert!(!because.is_empty());
            errors += 1;
        } else {
            assert_eq!(history.state(), State::Ready, "file {n}");
        }
        agree(&history, &model, n).await;
        assert_eq!(store.list().unwrap().len(), 40);
    }
    assert!(
        errors < FILES / 20,
        "{errors} of {FILES} files ended in an error"
    );
}

async fn history(store: &Arc<MemoryStore>, path: &Path) -> Arc<History> {
    let path = path.to_owned();
    let open: Opener = Arc::new(move || {
        let (index, _) = SqliteRepository::open(&path, Zoned::now)?;
        Ok(Arc::new(index))
    });
    Arc::new(History::open(store.clone(), open, Arc::default()).await)
}

async fn agree(history: &Arc<History>, model: &MemoryRepository, n: usize) {
    use crate::history::repository::{Filter, Order};
    let filter = Filter {
        tags: vec!["tag1".into()],
        ..Filter::default()
    };
    for (order, filter) in [
        (Order::Newest, Filter::default()),
        (Order::Largest, Filter::default()),
        (Order::Oldest, filter),
    ] {
        let query = ListQuery {
            filter,
            order,
            limit: 99,
            offset: 0,
        };
        let listed = history.list(query.clone()).await.unwrap();
        assert_eq!(listed, model.list(query).await.unwrap(), "file {n}");
    }
    for typed in ["composition", "wor", "7 of", "\"of these\" w", "c"] {
        let query = SearchQuery {
            text: typed.into(),
            limit: 99,
            ..SearchQuery::default()
        };
        let sorted = |page: Page| {
            let mut files: Vec<String> = page.rows.into_iter().map(|row| row.file).collect();
            files.sort();
            files
        };
        let found = history.search(query.clone()).await.unwrap();
        assert_eq!(
            sorted(found),
            sorted(model.search(query).await.unwrap()),
            "file {n}, {typed}"
        );
    }
    assert_eq!(
        history.stats().await.unwrap(),
        model.stats().await.unwrap(),
        "file {n}"
    );
}
