//! Counting a composition again after an edit.

use promptstack::tokens::models;
use promptstack::tokens::tally::Tally;
use promptstack::tokens::vocabulary;

use super::numbers::{Quantity, Samples};
use super::table::{Figure, Measured, Target, quartiles};

pub const FIGURES: [Figure; 1] = [Figure {
    name: "tokens of a 10,000-word composition after one edit",
    target: Target::AtMost(Quantity::Seconds(0.010)),
}];

const WORDS: usize = 10_000;
const ROUNDS: usize = 201;

pub fn measure() -> Vec<Result<Measured, String>> {
    vocabulary::wait();
    let (first, edits) = of(WORDS);
    // Some six bytes a word.
    let (_, large) = of(1_000_000 / 6);
    let note = format!(
        "{}; of 1 MB {}; the first count {}",
        quartiles(&edits),
        Quantity::Seconds(large.median()),
        Quantity::Seconds(first.median()),
    );
    vec![Ok(Measured {
        note,
        ..Measured::median(&edits)
    })]
}

/// The times of first counts and of counts after one letter was typed somewhere.
fn of(words: usize) -> (Samples, Samples) {
    let model = models::find("claude-sonnet-5-5");
    let mut text = composition(words);
    let (mut first, mut edits) = (Samples::default(), Samples::default());
    for _ in 0..9 {
        first.time(|| Tally::new(&model).update(&text));
    }
    let mut tally = Tally::new(&model);
    tally.update(&text);
    for round in 0..ROUNDS {
        text.insert(round * 7919 * 6 % text.len(), b'e');
        edits.time(|| tally.update(&text));
    }
    (first, edits)
}

/// Paragraphs of some 80 words in a line each, with a heading and a list now and then.
fn composition(words: usize) -> Vec<u8> {
    const COMMON: [&str; 24] = [
        "the", "write", "test", "of", "each", "function", "that", "returns", "an", "error", "when",
        "payment", "service", "is", "slow,", "and", "explain", "in", "one", "line", "why.", "API",
        "don't", "refactor",
    ];
    let mut text = String::new();
    for n in 0..words {
        match n % 400 {
            0 => text.push_str(&format!("\n\n## Part {n}\n\n")),
            200..240 if n % 8 == 0 => text.push_str("\n- "),
            _ if n % 80 == 0 => text.push_str("\n\n"),
            _ => text.push(' '),
        }
        match n % 11 {
            0 => text.push_str(&format!("item{}", n * 31 % 997)),
            _ => text.push_str(COMMON[n * n % 7919 % COMMON.len()]),
        }
    }
    text.into_bytes()
}
