//! The one suite that every index passes.
//!
//! What is hard to state row by row is compared with the index in memory, which is a few plain loops.

use std::collections::BTreeSet;
use std::os::unix::ffi::OsStringExt;
use std::path::PathBuf;
use std::sync::Arc;

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use sha2::{Digest, Sha256};

use super::*;
use crate::error::Kind;
use crate::history::composition::{Answer, Composition, Meta, Sent, UsedPrompt};
use crate::history::memory::{MemoryRepository, MemoryStore};

type Index = Arc<dyn CompositionRepository>;

/// Everything; `make` gives a new and empty index each time.
pub async fn conformance(make: impl AsyncFn() -> Index) {
    reads(async |entries| {
        let index = make().await;
        index.save(entries).await.unwrap();
        index
    })
    .await;
    saving(make().await).await;
    replacing_files(make().await).await;
    any_bytes(make().await).await;
    deleting(make().await).await;
    confirming(make().await).await;
    many_at_once(make().await).await;
    rebuilding(make().await).await;
    rebuilding_stopped(make().await).await;
}

/// What also an index that is only read can do; `make` gives one that holds these.
pub async fn reads(make: impl AsyncFn(Vec<Entry>) -> Index) {
    let index = make(corpus()).await;
    let model = MemoryRepository::default();
    model.save(corpus()).await.unwrap();
    whole(&*index).await;
    listing(&*index, &model).await;
    filtering(&*index).await;
    searching(&*index).await;
    odd_searches(&*index, &model).await;
    snippets(&*index).await;
    ranking(&*make(ranked()).await).await;
    nothing(&*make(Vec::new()).await).await;
}

/// A composition in the file `file`, begun `minutes` after a fixed time.
pub fn entry(file: &str, minutes: i64, text: impl Into<Vec<u8>>) -> Entry {
    let created = Timestamp::from_microsecond(1_700_000_000_000_000 + minutes * 60_000_000);
    let mut meta = Meta::new(created.unwrap(), "/home/me".into());
    meta.sequence = 1;
    let mut entry = Entry {
        file: file.into(),
        hash: [0; 32],
        composition: Composition {
            meta,
            body: text.into(),
        },
    };
    rehash(&mut entry);
    entry
}

/// Gives an entry the hash of another file than it was.
pub fn rehash(entry: &mut Entry) {
    let text = format!("{:?}", entry.composition);
    entry.hash = Sha256::digest(text).into();
}

fn with(mut entry: Entry, change: impl FnOnce(&mut Meta)) -> Entry {
    change(&mut entry.composition.meta);
    rehash(&mut entry);
    entry
}

fn corpus() -> Vec<Entry> {
    let sent = |to: &str, minutes| Sent {
        to: to.into(),
        at: entry("", minutes, "").composition.meta.created,
    };
    let mut all = vec![
        with(
            entry("fix.md", 0, "Fix the parser test.\nIt fails on main.\n"),
            |m| {
                m.directory = "/home/me/project".into();
                m.tags = vec!["rust".into(), "tests".into()];
                m.name = Some("parser".into());
                m.updated = entry("", 900, "").composition.meta.created;
                m.sequence = 7;
            },
        ),
        with(
            entry("docs.md", 1, "Write the documentation of the API"),
            |m| {
                m.directory = "/home/me/project/docs".into();
                m.tags = vec!["docs".into()];
                m.draft = false;
                m.sent = vec![sent("clipboard", 2), sent("tmux %3", 3)];
                m.updated = m.sent[1].at;
                m.prompts = vec![UsedPrompt {
                    id: "commands/api".into(),
                    hash: "ab12".into(),
                    values: [("text:goal".to_owned(), "ship\nit".to_owned())].into(),
                }];
                m.files = vec!["src/main.rs".into(), "ä b.md".into()];
                m.without = vec!["rules/mocks".into(), "ü".into()];
                m.source = Some("/home/me/project/COMMIT_EDITMSG".into());
                m.conflict_of = Some(CompositionId::new());
            },
        ),
        with(entry("beside.md", 2, "the project beside"), |m| {
            m.directory = "/home/me/project2".into();
            m.answer = Some(Answer {
                to: CompositionId::new(),
                model: "claude-sonnet-5-5".into(),
                input: 1840,
                output: 210,
                micro_usd: Some(3100),
                incomplete: Some("it reached its limit".into()),
            });
        }),
        with(
            entry("german.md", 3, "Größe prüfen, ÄNDERN; nai\u{308}ve"),
            |m| {
                m.tags = vec!["ü tag".into(), "docs".into()];
                m.draft = false;
            },
        ),
        with(
            entry("japanese.md", 4, "東京都の天気を調べる"),
            |m| {
                m.directory = "/".into();
            },
        ),
        entry("korean.md", 5, "한국어로 답하세요"),
        entry("bytes.md", 6, &b"\xff\xfe\x00 binary \x80 words\r\n"[..]),
        entry("empty.md", 7, ""),
        entry("blank.md", 8, "\n \t\n"),
        entry(
            "code.md",
            9,
            "let foo_bar = vec![1, 2]; // C++ & \"quotes\" src/main.rs",
        ),
        entry(
            "long.md",
            10,
            "filler words everywhere ".repeat(300) + "needle at the end",
        ),
        entry(
            "sql.md",
            11,
            "'; DROP TABLE compositions; -- NEAR(a b) OR col:x NOT y AND z*",
        ),
        with(entry("named.md", 12, "nothing special"), |m| {
            m.name = Some("special".into());
            m.tags = vec!["tests".into()];
        }),
    ];
    // The same minute for all: their order is that of their ids.
    all.extend((0..20).map(|n| entry(&format!("same-{n:02}.md"), 100, format!("same test {n}"))));
    all
}

async fn whole(index: &dyn CompositionRepository) {
    for wanted in corpus_of(index).await {
        let loaded = index.load(wanted.id).await.unwrap();
        assert_eq!(Row::of(&loaded), wanted);
    }
    let missing = index.load(CompositionId::new()).await.unwrap_err();
    assert_eq!(missing.kind(), Kind::NotFound);
    let mut known: Vec<String> = index
        .known()
        .await
        .unwrap()
        .into_iter()
        .map(|k| k.file)
        .collect();
    let mut files: Vec<String> = corpus().into_iter().map(|entry| entry.file).collect();
    known.sort();
    files.sort();
    assert_eq!(known, files);
    assert!(!index.describe().is_empty());
    assert_eq!(index.check().await.unwrap(), None);
}

async fn corpus_of(index: &dyn CompositionRepository) -> Vec<Row> {
    let all = ListQuery {
        limit: usize::MAX,
        ..ListQuery::default()
    };
    index.list(all).await.unwrap().rows
}

/// Lists and sums are those of the model, but for ids, which each corpus has of its own.
async fn listing(index: &dyn CompositionRepository, model: &MemoryRepository) {
    let shape = |page: Page| {
        let rows: Vec<(u64, Timestamp)> = page.rows.iter().map(|r| (r.bytes, r.created)).collect();
        (rows, page.matching, page.more, page.ranked_newest)
    };
    for order in [Order::Newest, Order::Oldest, Order::Updated, Order::Largest] {
        for (offset, limit) in [(0, usize::MAX), (0, 5), (3, 9), (30, 10), (500, 5), (0, 0)] {
            let query = ListQuery {
                order,
                offset,
                limit,
                ..ListQuery::default()
            };
            let (got, wanted) = (
                index.list(query.clone()).await,
                model.list(query.clone()).await,
            );
            let (got, wanted) = (got.unwrap(), wanted.unwrap());
            let sorted = |page: &Page| page.rows.is_sorted_by(|a, b| order.compare(a, b).is_le());
            assert!(sorted(&got) && sorted(&wanted), "{query:?}");
            assert_eq!(shape(got), shape(wanted), "{query:?}");
        }
    }
    assert_eq!(index.stats().await.unwrap(), model.stats().await.unwrap());
}

async fn filtering(index: &dyn CompositionRepository) {
    let at = |minutes| Some(entry("", minutes, "").composition.meta.created);
    let directory = |path: &str| Some(PathBuf::from(path));
    let tags = |tags: &[&str]| tags.iter().map(|&tag| tag.to_owned()).collect();
    let none = Filter::default;
    let rows: Vec<(Filter, &[&str])> = vec![
        (
            Filter {
                directory: directory("/home/me/project"),
                ..none()
            },
            &["docs", "fix"],
        ),
        (
            Filter {
                directory: directory("/home/me/project/"),
                ..none()
            },
            &["docs", "fix"],
        ),
        (
            Filter {
                directory: directory("/home/me/pro"),
                ..none()
            },
            &[],
        ),
        (
            Filter {
                directory: directory("/nowhere"),
                ..none()
            },
            &[],
        ),
        (
            Filter {
                directory: directory("/home/me/project/docs"),
                ..none()
            },
            &["docs"],
        ),
        (
            Filter {
                tags: tags(&["docs"]),
                ..none()
            },
            &["german", "docs"],
        ),
        (
            Filter {
                tags: tags(&["docs", "ü tag"]),
                ..none()
            },
            &["german"],
        ),
        (
            Filter {
                tags: tags(&["doc"]),
                ..none()
            },
            &[],
        ),
        (
            Filter {
                draft: Some(false),
                ..none()
            },
            &["german", "docs"],
        ),
        (
            Filter {
                name: Some("parser".into()),
                ..none()
            },
            &["fix"],
        ),
        (
            Filter {
                name: Some("pars".into()),
                ..none()
            },
            &[],
        ),
        (
            Filter {
                since: at(1),
                before: at(3),
                ..none()
            },
            &["beside", "docs"],
        ),
        (
            Filter {
                since: at(11),
                before: at(100),
                ..none()
            },
            &["named", "sql"],
        ),
        (
            Filter {
                draft: Some(true),
                tags: tags(&["tests"]),
                ..none()
            },
            &["named", "fix"],
        ),
        (
            Filter {
                directory: directory("/"),
                before: at(2),
                ..none()
            },
            &["docs", "fix"],
        ),
    ];
    for (filter, files) in rows {
        let query = ListQuery {
            filter: filter.clone(),
            limit: 50,
            ..ListQuery::default()
        };
        let page = index.list(query).await.unwrap();
        assert_eq!(stems(&page), files, "{filter:?}");
        assert_eq!(page.matching, files.len() as u64, "{filter:?}");
        let query = SearchQuery {
            filter: filter.clone(),
            limit: 50,
            ..SearchQuery::default()
        };
        let found = index.search(query).await.unwrap();
        assert_eq!(stems(&found), files, "a search for nothing, {filter:?}");
    }
    let filter = Filter {
        directory: directory("/home/me/project"),
        ..none()
    };
    let found = index.search(SearchQuery {
        text: "the".into(),
        filter,
        limit: 50,
        offset: 0,
        patience: None,
    });
    let found = found.await.unwrap();
    assert_eq!(sorted(&found), ["docs", "fix"]);
    assert_eq!(found.matching, 2);
}

async fn searching(index: &dyn CompositionRepository) {
    let rows: &[(&str, &[&str])] = &[
        ("parser", &["fix"]),
        ("PARSER", &["fix"]),
        ("pars", &["fix"]),
        ("pars test", &[]),
        ("pars* tests", &["fix"]),
        ("the test", &["fix"]),
        ("\"the parser\"", &["fix"]),
        ("\"parser the\"", &[]),
        ("\"the pars", &["fix"]),
        ("\"the pars\"", &[]),
        ("\"the pars\"*", &["fix"]),
        ("grosse", &[]),
        ("größe", &["german"]),
        ("GROßE", &["german"]),
        ("andern", &["german"]),
        ("naive", &["german"]),
        ("東京", &["japanese"]),
        ("天気", &["japanese"]),
        ("京天", &[]),
        ("국어", &["korean"]),
        ("binary words", &["bytes"]),
        ("foo_bar", &["code"]),
        ("bar_foo", &[]),
        ("main.rs", &["code"]),
        ("needle", &["long"]),
        ("special", &["named"]),
        ("rust", &["fix"]),
        ("zzz", &[]),
        ("DROP TABLE", &["sql"]),
        ("NEAR(a b)", &["sql"]),
        ("col:x", &["sql"]),
        ("'; DROP", &["sql"]),
        ("NOT y", &["sql"]),
    ];
    for (typed, files) in rows {
        let found = search(index, typed).await;
        assert_eq!(sorted(&found), *files, "{typed:?}");
        assert_eq!(found.matching, files.len() as u64, "{typed:?}");
        assert!(!found.more && found.ranked_newest.is_none(), "{typed:?}");
    }
    for typed in ["", "  ", "***", "\"", "?!"] {
        let everything = search(index, typed).await;
        let newest = index
            .list(ListQuery {
                limit: 50,
                ..ListQuery::default()
            })
            .await
            .unwrap();
        assert_eq!(everything, newest, "{typed:?}");
    }
    let page = |offset, limit| {
        let text = "same".into();
        index.search(SearchQuery {
            text,
            offset,
            limit,
            ..SearchQuery::default()
        })
    };
    let all = page(0, 50).await.unwrap();
    assert_eq!(all.rows.len(), 20);
    let (first, second) = (page(0, 7).await.unwrap(), page(7, 50).await.unwrap());
    assert_eq!([first.rows, second.rows].concat(), all.rows);
    assert_eq!(
        (first.matching, page(40, 5).await.unwrap().rows.len()),
        (20, 0)
    );
}

/// Whatever is typed: it is no error, and what is found is what the model finds.
async fn odd_searches(index: &dyn CompositionRepository, model: &MemoryRepository) {
    let word = prop_oneof![
        4 => prop::sample::select(vec!["the", "te", "same", "parser", "東京", "x", "1", "docu"]),
        3 => prop::sample::select(vec!["\"", "*", "(", ")", "'", "^", ":", "-", "+", "NEAR/3", "AND",
            "OR", "NOT", "{a}", "\\", "\0", "%", "_", ";", "--", "/*", "\u{202e}"]),
    ];
    let glue = prop::sample::select(vec!["", " ", "  ", "\n"]);
    let typed = prop_oneof![
        3 => prop::collection::vec((word, glue), 0..8)
            .prop_map(|parts| parts.into_iter().map(|(word, glue)| format!("{word}{glue}")).collect()),
        1 => any::<String>(),
    ];
    let mut runner = TestRunner::deterministic();
    for _ in 0..200 {
        let typed: String = typed.new_tree(&mut runner).unwrap().current();
        let (got, wanted) = (search(index, &typed).await, search(model, &typed).await);
        assert_eq!(sorted(&got), sorted(&wanted), "{typed:?}");
        assert_eq!(got.matching, wanted.matching, "{typed:?}");
    }
}

async fn snippets(index: &dyn CompositionRepository) {
    let marked = async |typed: &str| {
        let found = search(index, typed).await;
        let Snippet { text, marks } = found.rows[0].snippet.clone().unwrap();
        (
            text.clone(),
            marks
                .into_iter()
                .map(|mark| text[mark].to_owned())
                .collect::<Vec<_>>(),
        )
    };
    let (text, marks) = marked("PARSER fai").await;
    assert_eq!(text.trim(), "Fix the parser test. It fails on main.");
    assert_eq!(marks, ["parser", "fails"]);
    let (_, marks) = marked("京都").await;
    assert_eq!(marks, ["京都"]);
    assert_eq!(
        corpus_of(index)
            .await
            .iter()
            .find(|row| row.snippet.is_some()),
        None
    );
}

fn ranked() -> Vec<Entry> {
    let filler = "other words that fill the text with things ".repeat(20);
    let mut all: Vec<Entry> = (0..30)
        .map(|n| entry(&format!("filler-{n:02}.md"), n, filler.as_str()))
        .collect();
    all.push(entry("once.md", 40, format!("{filler} cache {filler}")));
    all.push(entry("often.md", 41, "cache cache cache"));
    all.push(entry(
        "seldom.md",
        42,
        format!("{filler} cache {filler} {filler}"),
    ));
    all
}

async fn ranking(index: &dyn CompositionRepository) {
    let found = search(index, "cache").await;
    assert_eq!(stems(&found), ["often", "once", "seldom"]);
    let found = search(index, "cach").await;
    assert_eq!(stems(&found), ["often", "once", "seldom"]);
}

async fn nothing(index: &dyn CompositionRepository) {
    assert_eq!(corpus_of(index).await, []);
    assert_eq!(search(index, "x").await, Page::default());
    assert_eq!(index.known().await.unwrap(), []);
    assert_eq!(index.stats().await.unwrap(), Stats::default());
    assert_eq!(index.check().await.unwrap(), None);
}

async fn saving(index: Index) {
    let first = entry("a.md", 0, "first words");
    let id = first.composition.meta.id;
    index.save(vec![first.clone()]).await.unwrap();
    index.save(vec![first.clone()]).await.unwrap();
    assert_eq!(index.load(id).await.unwrap(), first);
    let mut second = with(first.clone(), |m| {
        m.sequence = 5;
        m.tags = vec!["new".into()];
    });
    second.composition.body = b"second words".to_vec();
    index.save(vec![second.clone()]).await.unwrap();
    index
        .save(vec![first.clone(), with(first, |m| m.sequence = 4)])
        .await
        .unwrap();
    assert_eq!(
        index.load(id).await.unwrap(),
        second,
        "an older one changes nothing"
    );
    assert_eq!(search(&*index, "first").await.matching, 0);
    assert_eq!(search(&*index, "second").await.matching, 1);
    let tagged = |tag: &str| Filter {
        tags: vec![tag.into()],
        ..Filter::default()
    };
    let query = |tag| ListQuery {
        filter: tagged(tag),
        limit: 9,
        ..ListQuery::default()
    };
    assert_eq!(index.list(query("new")).await.unwrap().matching, 1);
    // A text that was renamed goes by its new name.
    let renamed = Entry {
        file: "b.md".into(),
        ..with(second, |m| m.tags.clear())
    };
    index.save(vec![renamed.clone()]).await.unwrap();
    assert_eq!(index.list(query("new")).await.unwrap().matching, 0);
    assert_eq!(index.load(id).await.unwrap(), renamed);
    assert_eq!(index.known().await.unwrap().len(), 1);
    assert_eq!(index.check().await.unwrap(), None);
}

async fn replacing_files(index: Index) {
    let old = with(entry("a.md", 0, "old"), |m| m.sequence = 90);
    let other = entry("a.md", 9, "other");
    index.save(vec![old.clone()]).await.unwrap();
    index.save(vec![other.clone()]).await.unwrap();
    let gone = index.load(old.composition.meta.id).await.unwrap_err();
    assert_eq!(
        gone.kind(),
        Kind::NotFound,
        "the file holds another composition now"
    );
    assert_eq!(index.load(other.composition.meta.id).await.unwrap(), other);
    assert_eq!(search(&*index, "old").await.matching, 0);
}

async fn any_bytes(index: Index) {
    let bodies: Vec<Vec<u8>> = vec![
        vec![],
        (0..=255).collect(),
        b"\0\0\0".to_vec(),
        vec![0xff; 5000],
        "\u{feff}\u{2028}é\r\n".into(),
        b"x".repeat(2 << 20),
    ];
    let entries: Vec<Entry> = bodies
        .into_iter()
        .enumerate()
        .map(|(n, body)| {
            with(entry(&format!("ä {n}'.md"), n as i64, body), |m| {
                m.directory = std::ffi::OsString::from_vec(b"/d\xff/e".to_vec()).into();
                m.tags = vec!["".into(), "'\"\0%".into(), "twice".into(), "twice".into()];
                m.name = Some("naïve \0 name".into());
                m.sequence = i64::MAX as u64;
            })
        })
        .collect();
    index.save(entries.clone()).await.unwrap();
    for wanted in entries {
        assert_eq!(
            index.load(wanted.composition.meta.id).await.unwrap(),
            wanted
        );
    }
    let directory = Some(std::ffi::OsString::from_vec(b"/d\xff".to_vec()).into());
    let filter = Filter {
        directory,
        tags: vec!["twice".into()],
        ..Filter::default()
    };
    let query = ListQuery {
        filter,
        limit: 9,
        ..ListQuery::default()
    };
    assert_eq!(index.list(query).await.unwrap().matching, 6);
}

async fn deleting(index: Index) {
    let all: Vec<Entry> = (0..5)
        .map(|n| entry(&format!("{n}.md"), n, "word"))
        .collect();
    let id = |n: usize| all[n].composition.meta.id;
    index.save(all.clone()).await.unwrap();
    let gone = index
        .delete(vec![id(1), CompositionId::new(), id(3)])
        .await
        .unwrap();
    assert_eq!(gone, 2);
    assert_eq!(index.delete(vec![id(1)]).await.unwrap(), 0);
    assert_eq!(stems(&search(&*index, "word").await), ["4", "2", "0"]);
    assert_eq!(index.load(id(3)).await.unwrap_err().kind(), Kind::NotFound);
    index.save(vec![all[3].clone()]).await.unwrap();
    assert_eq!(search(&*index, "word").await.matching, 4);
    assert_eq!(index.check().await.unwrap(), None);
}

async fn confirming(index: Index) {
    let one = entry("a.md", 0, "word");
    index.save(vec![one.clone()]).await.unwrap();
    assert_eq!(index.known().await.unwrap()[0].stamp, None);
    let stamp = Stamp {
        size: 4,
        modified: 1_700_000_000_123_456_789,
    };
    let listed = |file: &str| Listed {
        file: file.into(),
        stamp,
    };
    index
        .confirm(vec![listed("a.md"), listed("none.md")])
        .await
        .unwrap();
    let known = index.known().await.unwrap();
    let meta = &one.composition.meta;
    let (id, file, hash) = (meta.id, one.file.clone(), one.hash);
    assert_eq!(
        known,
        [Known {
            id,
            sequence: 1,
            file,
            hash,
            stamp: Some(stamp)
        }]
    );
    index
        .save(vec![with(one, |m| m.sequence = 2)])
        .await
        .unwrap();
    assert_eq!(
        index.known().await.unwrap()[0].stamp,
        None,
        "what is saved looks otherwise"
    );
}

async fn many_at_once(index: Index) {
    const TASKS: usize = 8;
    const SAVES: usize = 12;
    let tasks = (0..TASKS).map(|task| {
        let index = index.clone();
        tokio::spawn(async move {
            for n in 0..SAVES {
                let mine = entry(
                    &format!("{task}-{n}.md"),
                    n as i64,
                    format!("task{task} word"),
                );
                let id = mine.composition.meta.id;
                index.save(vec![mine]).await.unwrap();
                search(&*index, "word").await;
                if n % 4 == 3 {
                    assert_eq!(index.delete(vec![id]).await.unwrap(), 1);
                }
            }
        })
    });
    for task in tasks.collect::<Vec<_>>() {
        task.await.unwrap();
    }
    assert_eq!(index.known().await.unwrap().len(), TASKS * SAVES * 3 / 4);
    assert_eq!(
        search(&*index, "task3").await.matching,
        SAVES as u64 * 3 / 4
    );
    assert_eq!(index.check().await.unwrap(), None);
}

async fn rebuilding(index: Index) {
    let store = Arc::new(MemoryStore::default());
    let mut all = corpus();
    all.sort_by(|a, b| a.file.cmp(&b.file));
    all.iter().for_each(|entry| store.put(entry.clone()));
    store.break_file("broken.md");
    index
        .save(vec![
            entry("gone.md", 0, "no file has this"),
            all[0].clone(),
        ])
        .await
        .unwrap();
    let work = work(&store);
    let rebuilt = index.rebuild(work.clone()).await.unwrap();
    assert_eq!(rebuilt.count, all.len());
    let unreadable: Vec<&str> = rebuilt
        .unreadable
        .iter()
        .map(|(file, _)| file.as_str())
        .collect();
    assert_eq!(unreadable, ["broken.md"]);
    for wanted in &all {
        assert_eq!(
            index.load(wanted.composition.meta.id).await.unwrap(),
            *wanted
        );
    }
    assert_eq!(index.known().await.unwrap().len(), all.len());
    assert_eq!(search(&*index, "needle").await.matching, 1);
    assert_eq!(search(&*index, "gone").await.matching, 0);
    assert_eq!(index.check().await.unwrap(), None);
    let model = MemoryRepository::default();
    model.save(all.clone()).await.unwrap();
    odd_searches(&*index, &model).await;
    // It is an index like any other afterwards, and can be made anew again.
    index
        .save(vec![entry("later.md", 500, "needle too")])
        .await
        .unwrap();
    index
        .delete(vec![all[3].composition.meta.id])
        .await
        .unwrap();
    assert_eq!(search(&*index, "needle").await.matching, 2);
    assert_eq!(index.known().await.unwrap().len(), all.len());
    assert_eq!(index.check().await.unwrap(), None);
    assert_eq!(index.rebuild(work).await.unwrap().count, all.len());
    assert_eq!(search(&*index, "needle").await.matching, 1);
}

async fn rebuilding_stopped(index: Index) {
    let store = Arc::new(MemoryStore::default());
    (0..50).for_each(|n| store.put(entry(&format!("{n:02}.md"), n, "word")));
    let before = entry("before.md", 0, "before");
    index.save(vec![before.clone()]).await.unwrap();
    let mut work = work(&store);
    let cancel = work.cancel.clone();
    work.progress = Arc::new(move |done, all| {
        assert!(done <= all && all == 50);
        if done >= 10 {
            cancel.cancel();
        }
    });
    let stopped = index.rebuild(work).await.unwrap_err();
    assert_eq!(stopped.kind(), Kind::Cancelled);
    assert_eq!(
        index.load(before.composition.meta.id).await.unwrap(),
        before
    );
    assert_eq!(index.known().await.unwrap().len(), 1);
    let again = index.rebuild(self::work(&store)).await.unwrap();
    assert_eq!(again.count, 50);
    assert_eq!(search(&*index, "word").await.matching, 50);
}

/// The work of making an index anew from these files.
pub fn work(store: &Arc<MemoryStore>) -> Rebuild {
    Rebuild {
        store: store.clone(),
        files: store.list().unwrap(),
        settled: i64::MAX,
        progress: Arc::new(|done, all| assert!(done <= all)),
        cancel: CancellationToken::new(),
    }
}

async fn search(index: &dyn CompositionRepository, typed: &str) -> Page {
    let text = typed.to_owned();
    let query = SearchQuery {
        text,
        limit: 50,
        ..SearchQuery::default()
    };
    let page = index.search(query).await;
    page.unwrap_or_else(|error| panic!("{typed:?}: {error}"))
}

fn stems(page: &Page) -> Vec<&str> {
    page.rows
        .iter()
        .map(|row| row.file.trim_end_matches(".md"))
        .collect()
}

fn sorted(page: &Page) -> Vec<&str> {
    let stems: BTreeSet<&str> = stems(page).into_iter().collect();
    stems.into_iter().collect()
}

#[tokio::test]
async fn the_index_in_memory_conforms() {
    conformance(async || Arc::new(MemoryRepository::default()) as _).await;
}
