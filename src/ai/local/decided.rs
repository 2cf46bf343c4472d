//! Whether a sentence tells by what a vague word in it is decided. Pure.
//!
//! Goes by the words around it. Where they may tell, the word is left alone.

use std::ops::Range;

use super::asks;
use super::reading::{Reading, Sentence};
use super::words;

/// What a vague word leaves open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sort {
    /// How much is enough.
    Effort,
    /// Which one, or how.
    Choice,
    /// In which case.
    Case,
    /// What else.
    Series,
    /// Whose rules.
    Rules,
    /// Which properties.
    Quality,
}

/// Whether a sentence says by what a vague word is decided, or asks for nothing by it.
pub(super) fn is_decided(
    reading: &Reading<'_>,
    sentence: &Sentence,
    place: &Range<usize>,
    sort: Sort,
) -> bool {
    let it = Word::new(reading, sentence, place);
    is_part(reading, place)
        || match sort {
            Sort::Effort => {
                is_one_of(CARES, it.next()) || it.after.contains('(') || it.tells_a_state()
            }
            Sort::Choice => it.denied() || it.chosen(),
            Sort::Case => it.denied() || it.chosen() || it.in_bracket(),
            Sort::Series => it.in_bracket() || it.goes_on() || it.gives_examples(),
            Sort::Rules => it.denied() || !it.must_be_kept() || it.named(),
            Sort::Quality => {
                it.denied()
                    || matches!(it.last(), "for" | "as" | "of")
                    || it.is_followed_by("with that which means is")
                    || it.after.contains('(')
            }
        }
}

/// Whether it is part of a word or a name: `audience-appropriate`, `etc/passwd`.
fn is_part(reading: &Reading<'_>, place: &Range<usize>) -> bool {
    let mut rest = reading.text[place.end..].chars();
    reading.text[..place.start].ends_with(['-', '/'])
        || (matches!(rest.next(), Some('-' | '/'))
            && rest.next().is_some_and(char::is_alphanumeric))
}

/// A vague word with what is around it.
struct Word<'r> {
    reading: &'r Reading<'r>,
    sentence: &'r Sentence,
    place: &'r Range<usize>,
    /// The words before it, and those behind it.
    words: (Range<usize>, Range<usize>),
    /// The text before it, and behind it.
    before: &'r str,
    after: &'r str,
}

/// How many words before and behind it are looked at.
const MOST_WORDS: usize = 40;

impl<'r> Word<'r> {
    fn new(reading: &'r Reading<'r>, sentence: &'r Sentence, place: &'r Range<usize>) -> Self {
        let all = sentence.words.clone();
        let first = reading.word_at(place.start).clamp(all.start, all.end);
        let next = reading.word_at(place.end).clamp(first, all.end);
        let before = all.start.max(first.saturating_sub(MOST_WORDS))..first;
        let behind = next..all.end.min(next + MOST_WORDS);
        Self {
            reading,
            sentence,
            place,
            words: (before, behind),
            before: asks::before(reading.text, sentence.range.start..place.start),
            after: asks::behind(reading.text, place.end..sentence.range.end),
        }
    }

    fn words_before(&self) -> impl DoubleEndedIterator<Item = &'r str> {
        let reading = self.reading;
        self.words.0.clone().map(move |at| reading.word(at))
    }

    /// The word before it, past `a` and `an`.
    fn last(&self) -> &'r str {
        let mut words = self.words_before().rev();
        let word = words.find(|it| !matches!(*it, "a" | "an"));
        word.unwrap_or_default()
    }

    fn next(&self) -> &'r str {
        let next = self.words.1.clone().next();
        next.map_or("", |at| self.reading.word(at))
    }

    fn is_followed_by(&self, list: &str) -> bool {
        let mut words = self.words.1.clone();
        words.any(|at| is_one_of(list, self.reading.word(at)))
    }

    /// Whether it closes the sentence behind a participle: `Test coverage achieved thoroughly`. The participle
    /// tells what is to be true, as it does behind the word: `properly escaped`.
    fn tells_a_state(&self) -> bool {
        self.last().ends_with("ed") && self.next().is_empty()
    }

    fn denied(&self) -> bool {
        is_one_of("not no isn't aren't without than how", self.last())
    }

    fn in_bracket(&self) -> bool {
        asks::in_bracket(self.reading, self.sentence, self.place)
    }

    /// Whether the sentence tells by what one chooses.
    fn chosen(&self) -> bool {
        let manner = self.reading.text[self.place.clone()].ends_with("ly");
        is_one_of(SETTLED, self.last())
            || (manner && matches!(self.next(), "with" | "as" | "in"))
            || (manner && (self.next().ends_with("ed") || self.tells_a_state()))
            || self.before.contains(" to ensure ")
            || self.after.contains(['(', ':', '–', '—'])
            || self.after.contains(" - ")
            || self.is_followed_by(DECIDERS)
            || self.in_clause()
    }

    /// Whether it stands in a clause that tells a case or a fact: `if it seems reasonable`.
    fn in_clause(&self) -> bool {
        let mut until = self.place.start;
        for at in self.words.0.clone().rev() {
            let word = self.reading.place(at);
            if self.reading.text[word.end..until].contains([',', ';', ':', '–', '—', '→']) {
                return self.opens_with_case(at);
            }
            if is_one_of(CLAUSES, self.reading.word(at)) {
                return true;
            }
            until = word.start;
        }
        false
    }

    /// Whether the sentence begins with a case that a comma, behind this word, does not end: no command follows it.
    fn opens_with_case(&self, at: usize) -> bool {
        let first = self.reading.word(self.words.0.start);
        let mut rest = at + 1..self.words.0.end;
        is_one_of(CLAUSES, first)
            && self.words.0.start == self.sentence.words.start
            && !rest.any(|it| words::is_imperative(self.reading.word(it)))
    }

    /// Whether the verb before some rules asks for them to be kept, and not to be looked up.
    fn must_be_kept(&self) -> bool {
        let known = |it: &&str| {
            is_one_of(OBEY, it) || is_one_of(INQUIRE, it) || is_one_of("for than about", it)
        };
        let verb = self.words_before().rev().find(known);
        verb.is_some_and(|it| is_one_of(OBEY, it))
    }

    /// Whether it is said whose rules they are, where they stand, or what they are.
    fn named(&self) -> bool {
        let owner = self.last().ends_with("'s") || self.last().ends_with("’s");
        // A title: `the guide Best Practices of Pools`.
        let title = self.reading.text[self.place.clone()].contains(" P");
        owner
            || title
            || is_one_of(NAMED, self.last())
            || is_one_of(NAMED, self.next())
            || self.is_followed_by("via by through using with such like")
            || self.after.contains('(')
    }

    /// Whether it continues a series that anybody can: `R1, R2 and so on`.
    fn goes_on(&self) -> bool {
        let before = self.before.trim_end_matches([' ', ',']);
        let last = before
            .rfind([',', '('])
            .map_or(before, |at| &before[at + 1..]);
        last.bytes().any(|it| it.is_ascii_digit())
    }

    /// Whether the kind of what is listed was named before: `formats such as PDF, PNG, etc.`
    fn gives_examples(&self) -> bool {
        let mut pairs = self.words_before().zip(self.words_before().skip(1));
        self.before.contains([':', '–', '—', '→'])
            || self.before.contains(" - ")
            || self
                .words_before()
                .any(|it| is_one_of("like including include includes example namely", it))
            || pairs.any(|it| matches!(it, ("such", "as") | ("e", "g")))
    }
}

fn is_one_of(list: &str, word: &str) -> bool {
    list.split_ascii_whitespace().any(|it| it == word)
}

/// Words before one that is told elsewhere, or is no demand: `the appropriate file`, `for reasonable sizes`.
const SETTLED: &str = "\
    the most minimum smallest for of determine identify find";

/// What care is to be taken of, or that it is a warning: `be careful not to …`.
const CARES: &str = "\
    to not with about of when around that in because here";

/// Words that say by what something is decided: `appropriate for a team of five`.
const DECIDERS: &str = "\
    for to based given depending according per when if so such like including by using via where unless that \
    which e until";

/// Verbs that ask for rules to be kept.
const OBEY: &str = "\
    follow follows following apply applying adhere adhering adheres ensure use using observe respect conform \
    conforms comply meet meets align aligns implement implementing keep maintain adopt employ write stick \
    obey";

/// Verbs that ask for rules to be looked up or told.
const INQUIRE: &str = "\
    search research verify check look find read query fetch consult review load include including illustrate \
    explain teach list share suggest recommend document reference get know learn understand";

/// What stands beside rules that are named elsewhere: `these best practices`, `best practices from the list`.
const NAMED: &str = "\
    these those our my your above below in from described outlined defined listed documented specified \
    provided recommended established";

/// Words that begin such a clause.
const CLAUSES: &str = "\
    if whether when unless because since where while until which who how why not";
