//! Searching the history's index, and making it anew.

use std::fs::{self, File};
use std::io::Read;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::{Timestamp, Zoned};
use promptstack::error::Result;
use promptstack::history::composition::{Composition, CompositionId, Entry, Meta};
use promptstack::history::files::{Deleted, Files, Listed, Stamp};
use promptstack::history::repository::{
    CompositionRepository, FIRST_ANSWER, ListQuery, Rebuild, SearchQuery,
};
use promptstack::history::sqlite::SqliteRepository;
use promptstack::history::store::Store;
use tokio::runtime::Runtime;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::numbers::{Quantity, Samples};
use super::table::{Figure, Measured, Target};
use super::words::{QUERIES, Words};

pub const FIGURES: [Figure; 3] = [
    Figure {
        name: "history of 10,000 made anew, against reading its files",
        target: Target::Times(8.0),
    },
    Figure {
        name: "search among 10,000 compositions, p99",
        target: Target::AtMost(Quantity::Seconds(0.010)),
    },
    Figure {
        name: "search among 1,000,000 compositions, p99",
        target: Target::AtMost(Quantity::Seconds(0.050)),
    },
];

const FEW: usize = 10_000;
const MANY: usize = 1_000_000;
/// The size of a text.
const BYTES: usize = 2 << 10;
/// The rows that the browser asks for.
const ROWS: usize = 100;
/// How often each query is asked.
const ROUNDS: usize = 25;
/// How often the history is made anew.
const ANEW: usize = 5;

pub fn measure() -> Vec<Result<Measured, String>> {
    let runtime = Runtime::new().expect("a runtime");
    vec![
        Ok(anew(&runtime)),
        Ok(search(&runtime, FEW)),
        Ok(search(&runtime, MANY)),
    ]
}

fn anew(runtime: &Runtime) -> Measured {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let history = folder.path().join("history");
    let files = Arc::new(Files::new(&history, Box::new(Zoned::now)));
    let made = Made::new(FEW);
    fs::create_dir(&history).expect("a folder");
    for listed in &made.listed {
        let entry = made.read(&listed.file).expect("a composition");
        let bytes = promptstack::history::document::render(&entry.composition);
        fs::write(history.join(&listed.file), bytes).expect("a file");
    }
    let paths: Vec<PathBuf> = made
        .listed
        .iter()
        .map(|it| history.join(&it.file))
        .collect();
    let (mut ours, mut reading) = (Samples::default(), Samples::default());
    for round in 0..ANEW {
        let path = folder.path().join(format!("{round}.db"));
        let (index, _) = SqliteRepository::open(path, Zoned::now).expect("an index");
        ours.time(|| {
            let listed = files.list().expect("the files");
            fill(runtime, &index, files.clone(), listed);
        });
        reading.time(|| read_all(&paths));
    }
    Measured::median(&ours).against("reading alone", &reading)
}

fn search(runtime: &Runtime, count: usize) -> Measured {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("history.db");
    let (index, _) = SqliteRepository::open(path, Zoned::now).expect("an index");
    let made = Made::new(count);
    let listed = made.listed.clone();
    fill(runtime, &index, Arc::new(made), listed);
    let mut each = vec![Samples::default(); QUERIES.len()];
    let (mut all, mut whole) = (Samples::default(), Samples::default());
    // The first round opens the connections and is not counted.
    for round in 0..=ROUNDS {
        for (query, times) in QUERIES.iter().zip(&mut each) {
            let (took, first) = ask(runtime, &index, query, Some(FIRST_ANSWER));
            let (all_took, found) = ask(runtime, &index, query, None);
            assert_eq!(found == 0, query.starts_with("nowhere"), "{query}: {found}");
            assert!(first <= found, "{query}: {first} of {found}");
            if round > 0 {
                times.push(took);
                all.push(took);
                whole.push(all_took);
            }
        }
    }
    let slowest = QUERIES.iter().zip(&each);
    let slowest = slowest.max_by(|(_, a), (_, b)| a.median().total_cmp(&b.median()));
    let (query, times) = slowest.expect("a query");
    let note = format!(
        "p50 {}; slowest `{query}` {}; all searched p50 {}, p99 {}",
        Quantity::Seconds(all.median()),
        Quantity::Seconds(times.median()),
        Quantity::Seconds(whole.median()),
        Quantity::Seconds(whole.quantile(0.99)),
    );
    Measured {
        value: Quantity::Seconds(all.quantile(0.99)),
        note,
        reference: None,
    }
}

/// What a letter typed in the browser asks of the index, the rows and how many there are in all: how long
/// that takes, and how many match.
fn ask(
    runtime: &Runtime,
    index: &SqliteRepository,
    text: &str,
    patience: Option<Duration>,
) -> (f64, u64) {
    let query = SearchQuery {
        text: text.to_owned(),
        limit: ROWS,
        patience,
        ..SearchQuery::default()
    };
    let started = Instant::now();
    let page = runtime.block_on(async {
        let page = index.search(query).await.expect("an answer");
        index.list(ListQuery::default()).await.expect("a count");
        page
    });
    (started.elapsed().as_secs_f64(), page.matching)
}

fn fill(runtime: &Runtime, index: &SqliteRepository, store: Arc<dyn Store>, files: Vec<Listed>) {
    let count = files.len();
    let rebuilt = runtime.block_on(index.rebuild(Rebuild {
        store,
        files,
        settled: i64::MAX,
        progress: Arc::new(|_, _| {}),
        cancel: CancellationToken::new(),
    }));
    assert_eq!(rebuilt.expect("an index").count, count);
}

fn read_all(paths: &[PathBuf]) {
    let mut buffer = vec![0; 64 << 10];
    for path in paths {
        let read = File::open(path).and_then(|mut file| file.read(&mut buffer));
        assert!(read.expect("a file of the history") > BYTES / 2);
    }
}

/// Compositions that are made when they are read.
struct Made {
    words: Words,
    listed: Vec<Listed>,
}

impl Made {
    fn new(count: usize) -> Self {
        let listed = (0..count).map(|n| Listed {
            file: format!("{n:07}.md"),
            stamp: Stamp {
                size: BYTES as u64,
                modified: 1,
            },
        });
        Self {
            words: Words::new(),
            listed: listed.collect(),
        }
    }
}

impl Store for Made {
    fn list(&self) -> Result<Vec<Listed>> {
        Ok(self.listed.clone())
    }

    fn read(&self, file: &str) -> Result<Entry> {
        let number: u64 = file[..7].parse().expect("a number");
        // One a minute.
        let created = 1_700_000_000 + number as i64 * 60;
        let created = Timestamp::from_second(created).expect("a time");
        let directory = format!("/home/me/project-{}", number % 40);
        let mut hash = [0; 32];
        hash[..8].copy_from_slice(&number.to_le_bytes());
        Ok(Entry {
            file: file.to_owned(),
            hash,
            composition: Composition {
                meta: Meta {
                    id: CompositionId(Uuid::from_u128(u128::from(number) + 1)),
                    sequence: 1,
                    ..Meta::new(created, directory.into())
                },
                body: self.words.text(number, BYTES).into_bytes(),
            },
        })
    }

    fn delete_all(&self, _: &[String]) -> Result<Deleted> {
        unreachable!("nothing is deleted here")
    }
}
