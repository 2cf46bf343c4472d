//! One keystroke in a picker: Neovim asks, the host searches, 200 rows arrive as Lua tables.

use std::fs;
use std::hint::black_box;
use std::path::Path;
use std::sync::Arc;
use std::thread;

use promptstack::library::Library;
use promptstack::library::cache::MemoryCache;
use promptstack::library::document::Strictness;
use promptstack::library::filesystem::FilesystemSource;
use promptstack::library::prompt::PromptInfo;
use promptstack::library::search::{SearchIndex, Searcher};
use serde_json::json;

use super::editor::{self, Home, run, samples};
use super::loading::SETTLED;
use super::numbers::{Quantity, Samples};
use super::search::{QUERIES, prompts};
use super::table::{Figure, Measured, Target};

pub const FIGURES: [Figure; 2] = [
    Figure {
        name: "one keystroke end to end, p95, 10,000 prompts",
        target: Target::Times(3.0),
    },
    Figure {
        name: "one keystroke end to end, p95, 100,000 prompts",
        target: Target::Times(2.5),
    },
];

const SIZES: [usize; 2] = [10_000, 100_000];
const ROUNDS: usize = 9;
const LIMIT: usize = 200;

pub fn measure() -> Vec<Result<Measured, String>> {
    editor::with_neovim(SIZES.len(), async {
        let mut rows = Vec::new();
        for size in SIZES {
            rows.push(Ok(of_size(size).await));
        }
        rows
    })
}

async fn of_size(size: usize) -> Measured {
    let home = Home::new();
    write(&home.prompts(), prompts(size));
    thread::sleep(SETTLED);
    let library = load(&home.prompts()).await;
    let snapshot = library.snapshot();
    assert_eq!(snapshot.prompts.len(), size);

    let fields = Fields::of(&snapshot.prompts);
    let mut scanning = Samples::default();
    let mut scan = || {
        for _ in 0..ROUNDS * 3 {
            scanning.time(|| black_box(fields.scan(black_box(b'\0'))));
        }
    };
    scan();
    let alone = search_alone(&snapshot.prompts);
    let nvim = home.start().await;
    let result = run(
        &nvim,
        include_str!("lua/keystroke.lua"),
        json!({ "queries": QUERIES, "rounds": ROUNDS }),
    )
    .await;
    nvim.quit().await;
    scan();

    assert_eq!(result["most"], LIMIT, "the queries find enough");
    let times = result["times"].as_array().expect("a list for each prefix");
    let of_prefix = |times| Samples::from(samples(times)).median();
    let per_prefix = Samples::from(times.iter().map(of_prefix).collect::<Vec<_>>());
    let all = Samples::from(times.iter().flat_map(samples).collect::<Vec<_>>());
    let note = format!(
        "p50 {}; p95 of all rounds {}; the search alone {}",
        Quantity::Seconds(per_prefix.median()),
        Quantity::Seconds(all.quantile(0.95)),
        Quantity::Seconds(alone.quantile(0.95)),
    );
    Measured {
        value: Quantity::Seconds(per_prefix.quantile(0.95)),
        note,
        reference: None,
    }
    .against("scan for one byte", &scanning)
}

/// Writes a file for each prompt; the text after the front matter is short.
fn write(root: &Path, prompts: Vec<PromptInfo>) {
    for prompt in prompts {
        let file = root.join(&prompt.path);
        let folder = file.parent().expect("a folder");
        if !folder.is_dir() {
            fs::create_dir_all(folder).expect("a folder");
        }
        let text = format!(
            "---\ntitle: {}\ndescription: {}\ntags: {}\n---\nWrite {{{{text:what}}}}.\n",
            json!(prompt.title),
            json!(prompt.description),
            json!(prompt.tags),
        );
        fs::write(file, text).expect("a prompt");
    }
}

/// The library as the host has it in memory.
async fn load(root: &Path) -> Library {
    let source = FilesystemSource::new("user", root, Strictness::Own, 1 << 20, None);
    let library = Library::new(vec![Arc::new(source)], Arc::new(MemoryCache::default()));
    library.refresh().await;
    library
}

/// The searched fields of all prompts one behind the other, as fast to scan as they can be.
struct Fields {
    bytes: Vec<u8>,
    ends: Vec<usize>,
}

impl Fields {
    fn of(prompts: &[PromptInfo]) -> Self {
        let (mut bytes, mut ends) = (Vec::new(), Vec::new());
        for prompt in prompts {
            let tags = prompt.tags.iter().map(String::as_str);
            let fields = [
                &prompt.title,
                &prompt.id.0,
                &prompt.category,
                &prompt.description,
            ];
            for field in fields.into_iter().map(String::as_str).chain(tags) {
                bytes.extend_from_slice(field.as_bytes());
                ends.push(bytes.len());
            }
        }
        Self { bytes, ends }
    }

    /// How many fields hold a byte; with one that none holds, all are scanned to their end.
    fn scan(&self, byte: u8) -> usize {
        let mut start = 0;
        let mut holding = 0;
        for &end in &self.ends {
            holding += usize::from(memchr::memchr(byte, &self.bytes[start..end]).is_some());
            start = end;
        }
        holding
    }
}

/// The same keystrokes without Neovim and the wire: a median for each prefix.
fn search_alone(prompts: &[PromptInfo]) -> Samples {
    let index = SearchIndex::build(prompts);
    let prefixes = || {
        QUERIES
            .iter()
            .flat_map(|query| (1..=query.len()).map(|end| &query[..end]))
    };
    let mut times = vec![Samples::default(); prefixes().count()];
    let mut searcher = Searcher::new();
    for _ in 0..ROUNDS {
        for (times, typed) in times.iter_mut().zip(prefixes()) {
            times.time(|| searcher.search(&index, typed, &[], LIMIT));
        }
    }
    Samples::from(times.iter().map(Samples::median).collect::<Vec<_>>())
}
