//! Reading a library from disk, the first time and again.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use promptstack::library::document::Strictness;
use promptstack::library::filesystem::FilesystemSource;
use promptstack::library::source::PromptSource;
use tokio::runtime::Runtime;

use super::library;
use super::numbers::Samples;
use super::table::{Figure, Measured, Target};

pub const FIGURES: [Figure; 2] = [
    Figure {
        name: "first load of 10,000 prompts (64 MB)",
        target: Target::Times(2.0),
    },
    Figure {
        name: "second start, nothing changed",
        target: Target::Times(0.35),
    },
];

const PROMPTS: usize = 10_000;
const SIZE: usize = 6_400;
const ROUNDS: usize = 21;

/// Younger files are read again although the index knows them, see `filesystem::index`.
pub const SETTLED: Duration = Duration::from_millis(2_500);

pub fn measure() -> Vec<Result<Measured, String>> {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let root = folder.path().join("prompts");
    let bytes = library::generate(&root, PROMPTS, SIZE).expect("a library");
    thread::sleep(SETTLED);
    let index = folder.path().join("index");
    let paths = files(&root).expect("its files");
    let runtime = Runtime::new().expect("a runtime");
    let load = |index: Option<PathBuf>| {
        let source = FilesystemSource::new("user", &root, Strictness::Own, 1 << 20, index);
        let loaded = runtime.block_on(source.load());
        assert_eq!(loaded.prompts.len(), PROMPTS);
        loaded
    };
    load(Some(index.clone()));

    let (mut first, mut second, mut reading) = Default::default();
    for _ in 0..ROUNDS {
        Samples::time(&mut first, || load(None));
        Samples::time(&mut second, || load(Some(index.clone())));
        Samples::time(&mut reading, || assert_eq!(read_all(&paths), bytes));
    }
    vec![
        Ok(Measured::median(&first).against("reading alone", &reading)),
        Ok(Measured::median(&second).against("first load", &first)),
    ]
}

/// Reads all files with as many threads as the library takes, and gives their size.
fn read_all(paths: &[PathBuf]) -> u64 {
    let threads = thread::available_parallelism().map_or(1, |n| n.get().min(8));
    let next = AtomicUsize::new(0);
    let work = || {
        let mut buffer = vec![0; 64 * 1024];
        let mut bytes = 0;
        while let Some(path) = paths.get(next.fetch_add(1, Ordering::Relaxed)) {
            let read = File::open(path).and_then(|mut file| file.read(&mut buffer));
            bytes += read.expect("a file of the library") as u64;
        }
        bytes
    };
    thread::scope(|scope| {
        let others: Vec<_> = (1..threads).map(|_| scope.spawn(work)).collect();
        let others = others
            .into_iter()
            .map(|other| other.join().expect("a reader"));
        work() + others.sum::<u64>()
    })
}

fn files(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in folder.read_dir()? {
        let path = entry?.path();
        match path.is_dir() {
            true => found.extend(files(&path)?),
            false => found.push(path),
        }
    }
    Ok(found)
}
