//! A made-up library for measuring: the same prompts on every machine for the same size.
//!
//! Shaped like public prompt libraries: titles of three to eight words, ids that are slugs of them,
//! one to four tags, a sentence of 8 to 20 words, and words as rare and as common as in English: a
//! few hundred known ones and thousands of rare ones.

use std::path::PathBuf;

use promptstack::library::prompt::{PromptId, PromptInfo};

const VERBS: &str = "Refactor Review Generate Write Explain Document Test Design Improve Summarise \
    Debug Optimise Translate Plan Convert Audit Draft Compare Simplify Extract Migrate Secure \
    Validate Describe Outline";
const THINGS: &str = "API|commit message|unit tests|Python module|security review|release notes|\
    database schema|error handling|pull request|React component|SQL query|shell script|README|\
    changelog|user story|data pipeline|regular expression|type annotations|Dockerfile|test plan|\
    architecture decision|meeting notes|bug report|code comments|documentation|REST endpoint|\
    GraphQL schema|Kubernetes manifest|integration tests|logging|dependency update|onboarding guide";
const ENDINGS: &str = "for beginners|with examples|step by step|in plain English|before release|\
    for a legacy codebase|as a checklist|with edge cases|for production|without breaking changes|\
    für Einsteiger|à la carte|for mobile clients|with strict types";
const TAGS: &str = "docs api code review testing python rust javascript security writing git sql \
    refactoring planning devops frontend backend performance quality team";
const FOLDERS: &str = "commands workflows rules prompt-decorations commands/web workflows/release \
    rules/style team/backend";
const COMMON: &str = "the a of to and in for with that your is on as it by from this code project \
    given each before after when all changes files team clear short list use keep steps write \
    explain review result function tests user data every without into return check first then";
const SYLLABLES: &str = "ba co di fu ga he ki lo mu ne pa qui ro sa te ul ver wen xi yo zan tor mer \
    lin ster tion";

/// Makes `count` prompts.
pub fn prompts(count: usize) -> Vec<PromptInfo> {
    let mut dice = Dice(0x5EED);
    (0..count).map(|number| prompt(number, &mut dice)).collect()
}

/// The queries of the benchmark; every prefix of each is one keystroke.
pub const QUERIES: [&str; 10] = [
    "refactor",
    "api doc",
    "write tests",
    "sec review",
    "commit message",
    "pyhton module",
    "documentation",
    "gapid",
    "error handling",
    "zzz",
];

fn prompt(number: usize, dice: &mut Dice) -> PromptInfo {
    let verb = dice.pick(VERBS.split_whitespace());
    let thing = dice.pick(THINGS.split('|'));
    let mut title = format!("{verb} {thing}");
    if dice.below(3) > 0 {
        title = format!("{title} {}", dice.pick(ENDINGS.split('|')));
    }
    if dice.below(4) == 0 {
        title = format!("{title} {}", rare_word(dice));
    }
    let category = dice.pick(FOLDERS.split_whitespace()).to_owned();
    let slug: String = title
        .to_lowercase()
        .chars()
        .map(|c| if c.is_alphanumeric() { c } else { '-' })
        .collect();
    let id = format!("{category}/{slug}-{number}");
    let tags = (0..1 + dice.below(4))
        .map(|_| dice.pick(TAGS.split_whitespace()).into())
        .collect();
    let words: Vec<String> = (0..8 + dice.below(13))
        .map(|_| sentence_word(dice))
        .collect();
    let description = format!("{verb} {}: {}.", thing.to_lowercase(), words.join(" "));
    PromptInfo {
        path: PathBuf::from(format!("{id}.md")),
        id: PromptId(id),
        title,
        description,
        tags,
        category,
        source: "user".into(),
        bytes: 5000,
        version: 0,
        problems: Vec::new(),
    }
}

fn sentence_word(dice: &mut Dice) -> String {
    match dice.below(10) {
        0..7 => dice.pick(COMMON.split_whitespace()).into(),
        7..9 => dice
            .pick(THINGS.split(['|', ' ']).filter(|w| !w.is_empty()))
            .to_lowercase(),
        _ => rare_word(dice),
    }
}

/// One of about 13,000 words, the short ones oftener.
fn rare_word(dice: &mut Dice) -> String {
    (0..2 + dice.below(2))
        .map(|_| dice.pick(SYLLABLES.split_whitespace()))
        .collect()
}

/// SplitMix64: small, and the same everywhere.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ z >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ z >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
        (z ^ z >> 31) % limit
    }

    /// One of `all`, which must not be empty.
    fn pick<'a>(&mut self, all: impl Iterator<Item = &'a str> + Clone) -> &'a str {
        let count = all.clone().count() as u64;
        let mut all = all;
        all.nth(self.below(count) as usize).unwrap_or_default()
    }
}
