//! The figures of `doc/benchmarks.md`: `make bench` measures them and writes that file.
//!
//! Each part measures some rows of the table and hands them over with what they are compared with;
//! `table` says which targets are met. Words on the command line choose rows by their text, and the
//! file is then left as it is.

mod answers;
mod asking;
mod editor;
mod exchange;
mod highlight;
mod history;
mod keystroke;
mod loading;
mod machine;
mod memory;
mod numbers;
mod reviewing;
mod saving;
mod startup;
mod table;
mod tokens;
mod words;

#[path = "../../tests/support/claude.rs"]
#[expect(dead_code, reason = "no answer comes to its end here")]
mod claude;
#[path = "../support/library.rs"]
mod library;
#[path = "../../tests/support/provider_server.rs"]
#[expect(dead_code, reason = "nothing fails here")]
mod provider_server;
#[path = "../support/search.rs"]
mod search;
#[path = "../../tests/nvim/support/mod.rs"]
#[expect(
    dead_code,
    reason = "the tests' way to drive Neovim; a measurement needs less of it"
)]
mod support;

use std::panic;
use std::path::Path;

use table::{Figure, Row, Table};

/// Rows that are measured together.
struct Part {
    figures: &'static [Figure],
    measure: fn() -> Vec<Result<table::Measured, String>>,
}

const PARTS: [Part; 12] = [
    Part {
        figures: &loading::FIGURES,
        measure: loading::measure,
    },
    Part {
        figures: &keystroke::FIGURES,
        measure: keystroke::measure,
    },
    Part {
        figures: &exchange::FIGURES,
        measure: exchange::measure,
    },
    Part {
        figures: &startup::FIGURES,
        measure: startup::measure,
    },
    Part {
        figures: &highlight::FIGURES,
        measure: highlight::measure,
    },
    Part {
        figures: &saving::FIGURES,
        measure: saving::measure,
    },
    Part {
        figures: &history::FIGURES,
        measure: history::measure,
    },
    Part {
        figures: &memory::FIGURES,
        measure: memory::measure,
    },
    Part {
        figures: &tokens::FIGURES,
        measure: tokens::measure,
    },
    Part {
        figures: &asking::FIGURES,
        measure: asking::measure,
    },
    Part {
        figures: &reviewing::FIGURES,
        measure: reviewing::measure,
    },
    Part {
        figures: &answers::FIGURES,
        measure: answers::measure,
    },
];

#[expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "this program is for reading"
)]
fn main() -> std::io::Result<()> {
    let words: Vec<String> = std::env::args()
        .skip(1)
        .filter(|word| !word.starts_with("--"))
        .collect();
    let wanted = |part: &&Part| {
        let named = |word: &String| {
            part.figures
                .iter()
                .any(|figure| figure.name.contains(word.as_str()))
        };
        words.is_empty() || words.iter().any(named)
    };
    let mut table = Table::default();
    for part in PARTS.iter().filter(wanted) {
        eprintln!("measuring: {}", part.figures[0].name);
        let outcomes = panic::catch_unwind(part.measure)
            .unwrap_or_else(|_| vec![Err("it failed, see above".into()); part.figures.len()]);
        let rows = part.figures.iter().zip(outcomes);
        table
            .rows
            .extend(rows.map(|(figure, outcome)| Row { figure, outcome }));
    }
    println!("{}", table.markdown());
    if words.is_empty() {
        let text = include_str!("template.md")
            .replace("{machine}", &machine::describe())
            .replace("{queries}", &words::QUERIES.join("` `"))
            .replace("{table}", &table.markdown());
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("doc");
        std::fs::create_dir_all(&folder)?;
        std::fs::write(folder.join("benchmarks.md"), text)?;
    }
    Ok(())
}
