//! Whether a text says what is wanted, and of what it speaks.

use super::directives::is_instruction;
use super::lines::Kind;
use super::reading::Sentence;
use super::{Around, Finding, Reading, Rule, short, words};
use crate::ai::suggestions::SuggestionKind;

pub(super) const NO_GOAL: Rule = Rule {
    id: "no-goal",
    kind: SuggestionKind::Gap,
    summary: "The text names neither a task, a question nor a role.",
    example: "The payment service is slow in the evening. Its database is on the same machine as the queue.",
    found: "The payment service is slow in the evening.",
    run: no_goal,
};

pub(super) const IT_FIRST: Rule = Rule {
    id: "it-first",
    kind: SuggestionKind::Clarity,
    summary: "The text begins with \"it\" or \"this\", before anything was named.",
    example: "It should read YAML too. Add a test for that.",
    found: "It",
    run: it_first,
};

/// The fewest words of a text that is complete enough to miss something.
pub(super) const FEWEST_WORDS: usize = 8;

/// Words by which a text asks for something without an imperative.
const ASKS: &[&str] = &[
    "task",
    "goal",
    "aim",
    "objective",
    "want",
    "need",
    "needs",
    "wants",
    "should",
    "must",
    "please",
    "you",
    "your",
    "you're",
    "let's",
    "can",
    "could",
    "would",
    "i'd",
    "like",
    "role",
    "act",
    "help",
    "expected",
    "required",
    "requirements",
    "mission",
    "shall",
    "assistant",
    "expert",
    "todo",
    "wish",
    "has",
    "have",
];

fn no_goal(reading: &Reading<'_>, _: &Around<'_>) -> Vec<Finding> {
    let asks = || (0..reading.count()).any(|it| ASKS.contains(&reading.word(it)));
    let question = || {
        reading
            .sentences
            .iter()
            .any(|it| reading.shown(it).ends_with('?'))
    };
    let orders = || {
        let begins = |sentence: &Sentence| {
            let mut words = sentence.words.clone();
            words.any(|at| words::is_imperative(reading.word(at)) && begins_clause(reading, at))
        };
        let mut all = reading.sentences.iter();
        all.any(|it| is_instruction(reading, it) || begins(it))
    };
    let Some(first) = reading.prose().next() else {
        return Vec::new();
    };
    // What a placeholder or a file says is not known here.
    let says_more = !reading.placeholders.is_empty() || reading.text.contains(['@', '{']);
    // What a comment asks for is to be written there: a form.
    let comment = |at: &str| at.starts_with("<!--") && !at.starts_with("<!-- promptstack");
    let is_form = (reading
        .spans
        .iter()
        .any(|it| comment(&reading.text[it.range.clone()])))
        || reading
            .lines
            .iter()
            .any(|it| it.kind == Kind::Comment && comment(&reading.text[it.body..it.end]));
    let too_short = reading.count() < FEWEST_WORDS || !reading.is_english();
    if too_short || says_more || is_form || asks() || question() || orders() {
        return Vec::new();
    }
    vec![Finding::new(
        first.range.clone(),
        "no task is named",
        "The text tells how things are, and not what to do with them. Say what you want, or ask.",
    )]
}

/// Whether a word begins what is set off by a comma: `At the end, append the table.`
fn begins_clause(reading: &Reading<'_>, at: usize) -> bool {
    let before = at.checked_sub(1).map_or(0, |it| reading.place(it).end);
    let gap = &reading.text[before..reading.place(at).start];
    !gap.chars().all(|c| c.is_whitespace() || c == '-')
}

fn it_first(reading: &Reading<'_>, _: &Around<'_>) -> Vec<Finding> {
    let first = reading
        .lines
        .iter()
        .find(|it| !matches!(it.kind, Kind::Blank | Kind::Comment));
    let Some(sentence) = reading.sentences.first().filter(|it| {
        let block = &reading.blocks[it.block];
        block.kind == Kind::Prose && first.is_some_and(|line| line.body == block.range.start)
    }) else {
        return Vec::new();
    };
    let mut words = sentence.words.clone();
    let (Some(pronoun), Some(verb)) = (words.next(), words.next()) else {
        return Vec::new();
    };
    let verbs = [
        "should",
        "must",
        "shall",
        "needs",
        "need",
        "has",
        "doesn't",
        "does",
        "fails",
        "shouldn't",
        "can't",
        "won't",
        "crashes",
        "breaks",
    ];
    let begins = reading.place(pronoun).start == sentence.range.start;
    if !begins
        || !matches!(reading.word(pronoun), "it" | "they" | "this" | "that")
        || !verbs.contains(&reading.word(verb))
    {
        return Vec::new();
    }
    let place = reading.place(pronoun);
    let word = short(&reading.text[place.clone()]);
    vec![Finding::new(
        place,
        format!("the text begins with \"{word}\""),
        "Nothing was named yet that it could stand for: name the thing itself.",
    )]
}
