//! Whether a text says what the answer looks like, and shows it.

use std::collections::HashSet;
use std::sync::LazyLock;

use super::directives::is_instruction;
use super::goals::FEWEST_WORDS;
use super::lines::Kind;
use super::reading::Sentence;
use super::spans::SpanKind;
use super::{Around, Finding, Reading, Rule, words};
use crate::ai::suggestions::SuggestionKind;

pub(super) const NO_FORMAT: Rule = Rule {
    id: "no-format",
    kind: SuggestionKind::Gap,
    summary: "The text asks for something to read and does not say in what form.",
    example: "Compare the two caches that this service could use for its sessions.",
    found: "Compare the two caches that this service could use for its sessions.",
    run: no_format,
};

pub(super) const NO_EXAMPLE: Rule = Rule {
    id: "no-example",
    kind: SuggestionKind::Recommendation,
    summary: "The text asks for JSON, YAML, XML or CSV and shows neither fields nor an example.",
    example: "Find the slow queries of the log and return them as JSON.",
    found: "Find the slow queries of the log and return them as JSON.",
    run: no_example,
};

/// Verbs of tasks whose result is something to read.
static TELLING: LazyLock<HashSet<&str>> = LazyLock::new(|| {
    "analyse analyze assess brainstorm compare compose create describe discuss draft evaluate examine \
     explain explore generate identify investigate outline propose recommend research review suggest \
     summarise summarize write"
        .split_ascii_whitespace()
        .collect()
});

/// Stems of words that say something of the form, the length or the place of a result.
static FORMS: LazyLock<HashSet<&str>> = LazyLock::new(|| {
    "answer repl respond respons output return report format json yaml xml csv html markdown tabl list \
     bullet point block cod diff patch line word sentenc paragraph pag character column row head section \
     titl field fil template templat schema essa email mail letter poem haiku stor script function class \
     progr program regex quer sql python rust javascript typescript lua bash go java commit messag tweet \
     post articl blog headlin structur styl ton step exampl them document readm changelog comment docstr \
     plan diagram mermaid number item short long brief briefl concis summar checklist spec issu pull end \
     begin start print save name speech song dialogu dialog nam slid slogan recip lyric command api \
     endpoint component modul"
        .split_ascii_whitespace()
        .collect()
});

fn no_format(reading: &Reading<'_>, _: &Around<'_>) -> Vec<Finding> {
    let has_rows = reading
        .lines
        .iter()
        .any(|it| matches!(it.kind, Kind::Row | Kind::Code));
    if reading.count() < FEWEST_WORDS || has_rows || !reading.is_english() {
        return Vec::new();
    }
    let tells = |it: &&Sentence| {
        is_instruction(reading, it)
            && !holds_placeholder(reading, it)
            && reading
                .words_of(it)
                .take(3)
                .any(|word| TELLING.contains(word))
    };
    let Some(sentence) = reading.prose().find(tells) else {
        return Vec::new();
    };
    let is_form = |at: usize| {
        let word = reading.word(at);
        let stem = words::stem(word);
        // `api` of "the payment API" is what a task is about; only what is made counts.
        FORMS.contains(stem) && !matches!(word, "api" | "apis")
            || word.bytes().all(|b| b.is_ascii_digit())
    };
    if (0..reading.count()).any(is_form) {
        return Vec::new();
    }
    vec![Finding::new(
        sentence.range.clone(),
        "no form of the answer is named",
        "Say what the answer looks like and how long it is: a table, a list of five, a file, a patch.",
    )]
}

/// What it stands for may be the form.
fn holds_placeholder(reading: &Reading<'_>, sentence: &Sentence) -> bool {
    let spans = reading.spans_in(&sentence.range);
    spans.iter().any(|it| it.kind == SpanKind::Placeholder)
}

fn no_example(reading: &Reading<'_>, _: &Around<'_>) -> Vec<Finding> {
    let shows = reading.lines.iter().any(|it| it.kind == Kind::Code)
        || reading.text.contains(['{', '@'])
        || reading.spans.iter().any(|it| {
            matches!(
                it.kind,
                SpanKind::Code | SpanKind::Quoted | SpanKind::Tag | SpanKind::Target
            )
        });
    let describes = |at: usize| {
        matches!(
            words::stem(reading.word(at)),
            "exampl"
                | "field"
                | "kei"
                | "key"
                | "ke"
                | "propert"
                | "column"
                | "schema"
                | "sampl"
                | "templat"
                | "attribut"
                | "element"
                | "array"
                | "arra"
                | "object"
                | "like"
                | "lik"
                | "head"
                | "header"
                | "with"
        )
    };
    if shows || !reading.is_english() || (0..reading.count()).any(describes) {
        return Vec::new();
    }
    let demands = |it: &&Sentence| {
        let all: Vec<&str> = reading.words_of(it).collect();
        all.windows(2).any(|pair| {
            matches!(
                pair[0],
                "as" | "in" | "to" | "valid" | "only" | "return" | "output"
            ) && matches!(pair[1], "json" | "yaml" | "xml" | "csv")
        }) && all.iter().any(|word| {
            matches!(
                *word,
                "return"
                    | "output"
                    | "respond"
                    | "reply"
                    | "answer"
                    | "give"
                    | "print"
                    | "produce"
                    | "format"
            )
        })
    };
    reading.prose().find(demands).into_iter().map(|sentence| {
        Finding::new(
            sentence.range.clone(),
            "a format without an example",
            "Show a short one, or name its fields: two answers in the same format still differ in them.",
        )
    }).collect()
}
