//! The piece of a text that answers a query, in one line, and where the words stand in it.

use std::collections::VecDeque;
use std::ops::Range;

use super::{Query, each_while};

/// The bytes of a text that are looked through for a good piece.
const LOOKED_THROUGH: usize = 256 << 10;
/// Characters of a snippet.
const LENGTH: usize = 160;
/// Characters of it that stand before the first word found.
const BEFORE: usize = 40;

/// A piece of a text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Snippet {
    /// The piece in one line.
    pub text: String,
    /// The bytes of `text` that were found, in order, none of them touching another.
    pub marks: Vec<Range<usize>>,
}

/// Cuts the piece of a text around the first place where a query's words stand, or its beginning.
pub fn snippet(text: &str, query: &Query) -> Snippet {
    let looked = &text[..floor(text, LOOKED_THROUGH)];
    // No character has more than four bytes.
    let found = marks_within(looked, query, 4 * (BEFORE + LENGTH));
    let first = found.first().map_or(0, |mark| mark.start);
    let start = back(text, first, BEFORE);
    let mut cut = Snippet::default();
    if start > 0 {
        cut.text.push('…');
    }
    let mut marks = found.into_iter().skip_while(|mark| mark.start < start);
    let mut mark = marks.next();
    let mut begun = None;
    let mut length = 0;
    for (at, c) in text[start..].char_indices().map(|(at, c)| (start + at, c)) {
        if mark.as_ref().is_some_and(|mark| mark.end <= at) {
            cut.marks
                .extend(begun.take().map(|begun| begun..cut.text.len()));
            mark = marks.next();
        }
        if length == LENGTH {
            cut.text.push('…');
            break;
        }
        if mark.as_ref().is_some_and(|mark| mark.start == at) {
            begun = Some(cut.text.len());
        }
        let blank = c.is_whitespace() || c.is_control();
        if !blank {
            cut.text.push(c);
            length += 1;
        } else if !cut.text.is_empty() && !cut.text.ends_with(' ') {
            cut.text.push(' ');
            length += 1;
        }
    }
    let end = cut.text.trim_end_matches('…').len();
    cut.marks
        .extend(begun.filter(|begun| *begun < end).map(|begun| begun..end));
    cut
}

/// The places of a query's terms in a text, in order, those that touch made one.
pub fn marks(text: &str, query: &Query) -> Vec<Range<usize>> {
    marks_within(text, query, usize::MAX)
}

/// The same, but none that begins more than `reach` bytes behind the first.
fn marks_within(text: &str, query: &Query, reach: usize) -> Vec<Range<usize>> {
    let longest = query.terms.iter().map(|term| term.words.len()).max();
    let Some(longest) = longest else {
        return Vec::new();
    };
    let mut found: Vec<Range<usize>> = Vec::new();
    let mut first = usize::MAX;
    // The last words, in strings that are used again and again.
    let mut run: VecDeque<(String, Range<usize>)> = VecDeque::new();
    each_while(text, |word, range| {
        let behind = range.start.saturating_sub(first) > reach;
        let mut next = match run.len() == longest {
            true => run.pop_front().unwrap_or_default(),
            false => Default::default(),
        };
        next.0.clear();
        next.0.push_str(word);
        next.1 = range;
        run.push_back(next);
        for term in &query.terms {
            let Some(from) = run.len().checked_sub(term.words.len()) else {
                continue;
            };
            let matches = term.matches(run.range(from..).map(|(word, _)| word.as_str()));
            if matches {
                first = first.min(run[from].1.start);
                found.extend(run.range(from..).map(|(_, range)| range.clone()));
            }
        }
        !behind
    });
    found.sort_by_key(|mark| mark.start);
    found.dedup_by(|next, last| {
        let touches = next.start <= last.end;
        if touches {
            last.end = last.end.max(next.end);
        }
        touches
    });
    found
}

/// The last boundary of a character at or before `at`.
fn floor(text: &str, at: usize) -> usize {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

/// The byte at which the character stands that is `count` before the one at `at`, moved forward to
/// the beginning of a word; 0 where there are not so many.
fn back(text: &str, at: usize, count: usize) -> usize {
    let mut before = text[..at].char_indices().rev();
    let Some((start, _)) = before.nth(count) else {
        return 0;
    };
    let space = text[start..at].find(char::is_whitespace);
    space.map_or(start, |space| {
        let space = start + space;
        space + text[space..].chars().next().map_or(0, char::len_utf8)
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The snippet with what was found in brackets.
    fn shown(text: &str, typed: &str) -> String {
        let Snippet { mut text, marks } = snippet(text, &Query::parse(typed));
        for mark in marks.iter().rev() {
            text.insert(mark.end, ']');
            text.insert(mark.start, '[');
        }
        text
    }

    #[test]
    fn what_was_found_is_marked_in_one_line() {
        let rows = [
            ("Fix the\n\n  test.\r\n", "fix te", "[Fix] the [test]. "),
            ("A fix, a FIX", "fix", "A [fix], a [FIX]"),
            ("a b a c", "\"a c\"", "a b [a] [c]"),
            ("東京都", "京都", "東[京都]"),
            ("Ångström", "angs", "[Ångström]"),
            ("nothing of it", "x", "nothing of it"),
            ("nothing asked", "", "nothing asked"),
            ("tab\tand\u{1b}[31m", "and", "tab [and] [31m"),
            ("", "x", ""),
        ];
        for (text, typed, expected) in rows {
            assert_eq!(shown(text, typed), expected, "{text:?} {typed:?}");
        }
    }

    #[test]
    fn a_long_text_is_cut_around_the_first_word_found() {
        let text = format!(
            "{}the fix is here {}",
            "before ".repeat(50),
            "after ".repeat(50)
        );
        let cut = shown(&text, "fix");
        assert!(cut.starts_with("…before"), "{cut}");
        assert!(cut.contains("the [fix] is here"), "{cut}");
        assert!(
            cut.ends_with('…') && cut.chars().count() <= LENGTH + 4,
            "{cut}"
        );
    }

    proptest! {
        #[test]
        fn marks_are_in_order_and_on_boundaries(text in any::<String>(), typed in any::<String>()) {
            let Snippet { text, marks } = snippet(&text, &Query::parse(&typed));
            let mut last = 0;
            for mark in marks {
                prop_assert!(last <= mark.start && mark.start < mark.end, "{:?} {:?}", text, mark);
                prop_assert!(text.get(mark.clone()).is_some(), "{:?} {:?}", text, mark);
                last = mark.end;
            }
        }

        #[test]
        fn a_word_of_the_text_is_marked(text in "[a-zäöé]{1,9}( [a-z]{1,9}){0,4}", n in 0_usize..4) {
            let word = text.split(' ').cycle().nth(n).unwrap_or_default();
            let cut = snippet(&text, &Query::parse(word));
            prop_assert!(cut.marks.iter().any(|mark| cut.text[mark.clone()].starts_with(word)));
        }
    }
}
