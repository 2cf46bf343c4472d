//! Sentences that tell somebody to do something or not to. Pure.

use std::collections::BTreeSet;

use super::reading::{Reading, Sentence};
use super::words;

/// An instruction, taken apart.
pub(super) struct Directive<'r> {
    /// Whether it says what not to do.
    pub negative: bool,
    /// Whether it holds always: `always`, `never`, `must`.
    pub universal: bool,
    /// Whether it holds in some cases alone: `when`, `unless`, `yet`.
    pub conditional: bool,
    /// The stem of what it is about: its verb, or after a verb such as `use` the noun.
    pub head: &'r str,
    /// The stems of all of its words that have a content, and what is no prose.
    pub content: BTreeSet<&'r str>,
}

/// Whether a sentence begins with an instruction, past words such as `please` and `always`.
pub(super) fn is_instruction(reading: &Reading<'_>, sentence: &Sentence) -> bool {
    lead(reading, sentence)
        .is_some_and(|lead| words::is_imperative(reading.word(lead.verb)) || lead.negative)
}

struct Lead {
    verb: usize,
    negative: bool,
    avoid: bool,
    universal: bool,
}

/// What stands before the verb of an instruction.
fn lead(reading: &Reading<'_>, sentence: &Sentence) -> Option<Lead> {
    let first = sentence.words.clone().next()?;
    let before = &reading.text[sentence.range.start..reading.place(first).start];
    // A comment on the line before is part of no sentence.
    let before = before.rsplit_once("-->").map_or(before, |(_, rest)| rest);
    if !before.chars().all(|c| matches!(c, '*' | '_' | ' ' | '\n')) {
        return None;
    }
    let mut lead = Lead {
        verb: first,
        negative: false,
        avoid: false,
        universal: false,
    };
    let word = |at: usize| {
        if at < sentence.words.end {
            reading.word(at)
        } else {
            ""
        }
    };
    loop {
        let at = lead.verb;
        match (word(at), word(at + 1), word(at + 2)) {
            ("", ..) => return None,
            ("you" | "we", "must" | "should" | "shall", _) => {
                lead.universal |= word(at + 1) == "must";
                lead.verb += 2;
            }
            ("make" | "be", "sure", "to" | "you") => lead.verb += 3,
            ("remember", "to", _) => lead.verb += 2,
            ("always" | "must", ..) => (lead.universal, lead.verb) = (true, at + 1),
            ("never", ..) => {
                (lead.universal, lead.negative, lead.verb) = (true, true, at + 1);
            }
            ("do", "not", _) => (lead.negative, lead.verb) = (true, at + 2),
            ("don't" | "don’t" | "not", ..) => (lead.negative, lead.verb) = (true, at + 1),
            ("avoid", ..) if !lead.negative => {
                (lead.negative, lead.avoid, lead.verb) = (true, true, at + 1);
                return Some(lead);
            }
            (other, ..) if words::is_lead_in(other) => lead.verb += 1,
            _ => return Some(lead),
        }
    }
}

/// Takes a sentence apart if it is an instruction whose subject can be told.
pub(super) fn directive<'r>(
    reading: &'r Reading<'_>,
    sentence: &Sentence,
) -> Option<Directive<'r>> {
    if reading.shown(sentence).ends_with(['?', ':']) {
        return None;
    }
    let lead = lead(reading, sentence)?;
    // `Treat it as a name, not as a path` asks for one thing and forbids another.
    let mut rest = (lead.verb..sentence.words.end).map(|at| reading.word(at));
    if !lead.negative && rest.any(words::is_negation) {
        return None;
    }
    let verb = reading.word(lead.verb);
    let head = if words::is_light(verb) {
        noun(reading, sentence, lead.verb + 1)?
    } else if words::is_imperative(verb) || (lead.avoid && verb.ends_with("ing")) {
        lead.verb
    } else if lead.avoid {
        noun(reading, sentence, lead.verb)?
    } else {
        return None;
    };
    let stems = reading.words_of(sentence);
    let stems = stems
        .filter(|it| !words::is_empty(it) && !words::is_light(it))
        .map(words::stem);
    let mut content: BTreeSet<&str> = stems.collect();
    content.extend(
        reading
            .spans_in(&sentence.range)
            .iter()
            .map(|it| &reading.text[it.range.clone()]),
    );
    Some(Directive {
        negative: lead.negative,
        universal: lead.universal,
        conditional: reading.words_of(sentence).any(words::is_condition),
        head: words::stem(reading.word(head)),
        content,
    })
}

/// The last word of the noun that begins at a word: `message` of `the commit message for them`.
fn noun(reading: &Reading<'_>, sentence: &Sentence, from: usize) -> Option<usize> {
    let mut found: Option<usize> = None;
    for at in from..sentence.words.end {
        let gap = &reading.text[reading.place(at - 1).end..reading.place(at).start];
        let broken = !gap
            .chars()
            .all(|c| c.is_whitespace() || matches!(c, '-' | '*' | '_'));
        let empty = words::is_empty(reading.word(at)) || words::is_condition(reading.word(at));
        match found {
            _ if broken => break,
            Some(_) if empty => break,
            None if empty => {}
            _ => found = Some(at),
        }
    }
    found
}
