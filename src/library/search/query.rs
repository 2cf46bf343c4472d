//! What was typed, as words to look for. Pure.

use frizbee::{Matching, Pattern};

use super::fold;

/// More words than this are ignored: each costs a pass over the library.
pub(super) const MAX_WORDS: usize = 16;

/// How a word of the query has to match.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    /// Anyhow: contiguous, scattered, with a typo.
    Fuzzy,
    /// `'word`: contiguous.
    Contiguous,
    /// `^word`: a field or tag begins with it.
    Prefix,
    /// `word$`: a field or tag ends with it.
    Suffix,
    /// `^word$`: a field or tag is it.
    Exact,
}

/// One folded word and how it has to match.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Word {
    pub(super) text: String,
    pub(super) mode: Mode,
}

/// A query taken apart.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Query {
    /// Each must match somewhere.
    pub(super) wanted: Vec<Word>,
    /// No group may match with all its words.
    pub(super) unwanted: Vec<Vec<Word>>,
    /// All that was typed, folded, where it is several plain words: found together they rank higher.
    pub(super) phrase: Option<Word>,
}

impl Query {
    pub(super) fn parse(text: &str) -> Self {
        let mut query = Query::default();
        let mut phrase: Vec<String> = Vec::new();
        let mut left = MAX_WORDS;
        for pattern in Pattern::parse_query(text) {
            let needle = fold::folded(&pattern.needle);
            let mut words = words_of(&needle, pattern.config.matching);
            words.truncate(left);
            left -= words.len();
            if words.is_empty() {
                continue;
            }
            if pattern.negated {
                query.unwanted.push(words);
            } else {
                query.wanted.extend(words);
                phrase.push(needle);
            }
        }
        let plain = query.wanted.iter().all(|w| w.mode == Mode::Fuzzy);
        let phrase = Word {
            text: phrase.join(" "),
            mode: Mode::Contiguous,
        };
        query.phrase = (plain && query.wanted.len() > 1).then_some(phrase);
        query
    }
}

/// The words of one part of the query; what `^` and `$` say holds for its ends.
fn words_of(needle: &str, matching: Option<Matching>) -> Vec<Word> {
    let texts: Vec<&str> = fold::words(needle).map(|range| &needle[range]).collect();
    let last = texts.len().saturating_sub(1);
    let mode = |i: usize| match matching {
        None | Some(Matching::Fuzzy) => Mode::Fuzzy,
        Some(Matching::Exact) if last == 0 => Mode::Exact,
        Some(Matching::Exact | Matching::Prefix) if i == 0 => Mode::Prefix,
        Some(Matching::Exact | Matching::Suffix) if i == last => Mode::Suffix,
        Some(_) => Mode::Contiguous,
    };
    texts
        .iter()
        .enumerate()
        .map(|(i, text)| Word {
            text: (*text).into(),
            mode: mode(i),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_is_words_operators_and_a_phrase() {
        let check =
            |text: &str, wanted: &[(&str, Mode)], unwanted: &[&str], phrase: Option<&str>| {
                let query = Query::parse(text);
                let got: Vec<_> = query
                    .wanted
                    .iter()
                    .map(|w| (w.text.as_str(), w.mode))
                    .collect();
                assert_eq!(got, wanted, "{text}");
                let got: Vec<_> = query
                    .unwanted
                    .iter()
                    .flatten()
                    .map(|w| w.text.as_str())
                    .collect();
                assert_eq!(got, unwanted, "{text}");
                assert_eq!(
                    query.phrase.as_ref().map(|p| p.text.as_str()),
                    phrase,
                    "{text}"
                );
            };
        check("", &[], &[], None);
        check(" ! ^$ - ", &[], &[], None);
        check("API", &[("api", Mode::Fuzzy)], &[], None);
        check(
            "Api  Doc",
            &[("api", Mode::Fuzzy), ("doc", Mode::Fuzzy)],
            &[],
            Some("api doc"),
        );
        check(
            "api-doc",
            &[("api", Mode::Fuzzy), ("doc", Mode::Fuzzy)],
            &[],
            Some("api-doc"),
        );
        check("'sub !not", &[("sub", Mode::Contiguous)], &["not"], None);
        check(
            "^a b$ ^c$",
            &[("a", Mode::Prefix), ("b", Mode::Suffix), ("c", Mode::Exact)],
            &[],
            None,
        );
        check(
            "^a-b$",
            &[("a", Mode::Prefix), ("b", Mode::Suffix)],
            &[],
            None,
        );
    }

    #[test]
    fn a_very_long_query_is_cut() {
        let query = Query::parse(&"word ".repeat(1000));
        assert_eq!(query.wanted.len(), MAX_WORDS);
    }
}
