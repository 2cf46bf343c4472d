//! What somebody typed to search, as words and phrases.

use super::each;

/// The most words of a query that count; a whole page pasted into the prompt line is no error.
const MAX_WORDS: usize = 64;

/// What is looked for: every term must occur.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Query {
    /// In the order typed; none when there is no word in what was typed.
    pub terms: Vec<Term>,
}

/// Words that follow each other.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Term {
    /// At least one.
    pub words: Vec<String>,
    /// Whether the last word may go on.
    pub prefix: bool,
}

impl Query {
    /// Reads what was typed: words, `"a phrase"`, `begin*`; the last word may go on unless its phrase
    /// is closed. Everything else separates words; nothing is an error.
    pub fn parse(typed: &str) -> Query {
        let mut terms = Vec::new();
        let mut left = MAX_WORDS;
        let mut rest = typed;
        while let Some(quote) = rest.find('"') {
            loose(&rest[..quote], &mut left, &mut terms);
            let inside = &rest[quote + 1..];
            let close = inside.find('"');
            let mut phrase = term(&inside[..close.unwrap_or(inside.len())], &mut left);
            rest = close.map_or("", |close| &inside[close + 1..]);
            phrase.prefix = close.is_none() || rest.starts_with('*');
            terms.push(phrase);
        }
        let open = rest.split_whitespace().next_back().is_some();
        loose(rest, &mut left, &mut terms);
        if let (true, Some(last)) = (open, terms.last_mut()) {
            last.prefix = true;
        }
        terms.retain(|term| !term.words.is_empty());
        Query { terms }
    }

    /// How well words answer the query: nothing when a term does not occur, else more the oftener
    /// its terms occur in the fewer words.
    pub fn score(&self, words: &[String]) -> Option<f64> {
        let length = 1.0 + words.len() as f64 / 300.0;
        self.terms.iter().try_fold(0.0, |sum, term| {
            let times = term.places(words).count() as f64;
            (times > 0.0).then(|| sum + times * 2.2 / (times + 1.2 * length))
        })
    }
}

impl Term {
    /// The positions at which the term begins among words that follow each other.
    pub fn places<'a>(&'a self, words: &'a [String]) -> impl Iterator<Item = usize> + 'a {
        let runs = words.windows(self.words.len().max(1)).enumerate();
        runs.filter(|(_, run)| self.matches(run.iter().map(String::as_str)))
            .map(|(at, _)| at)
    }

    /// Whether it is these words, as many as it has.
    pub fn matches<'a>(&self, run: impl Iterator<Item = &'a str>) -> bool {
        let mut pairs = self.words.iter().zip(run).enumerate();
        pairs.all(
            |(at, (wanted, word))| match self.prefix && at + 1 == self.words.len() {
                true => word.starts_with(wanted.as_str()),
                false => word == wanted,
            },
        )
    }
}

/// Adds the terms of a text without quotes: what stands between spaces belongs together.
fn loose(text: &str, left: &mut usize, terms: &mut Vec<Term>) {
    for chunk in text.split_whitespace() {
        let mut term = term(chunk, left);
        term.prefix = chunk.ends_with('*');
        terms.push(term);
    }
}

fn term(text: &str, left: &mut usize) -> Term {
    let mut words = Vec::new();
    each(text, |word, _| {
        if *left > 0 {
            *left -= 1;
            words.push(word.to_owned());
        }
    });
    Term {
        words,
        prefix: false,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// `a b` is two words, `(a b)` a phrase, `a…` may go on.
    fn shown(query: &Query) -> String {
        let term = |term: &Term| {
            let words = term.words.join(" ");
            let words = match term.words.len() {
                1 => words,
                _ => format!("({words})"),
            };
            words + if term.prefix { "…" } else { "" }
        };
        query.terms.iter().map(term).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn what_is_typed_becomes_words_phrases_and_beginnings() {
        let rows = [
            ("", ""),
            ("  ", ""),
            ("***", ""),
            ("fix", "fix…"),
            ("fix tests", "fix tests…"),
            ("fix* Tests ", "fix… tests…"),
            ("\"fix the\" test", "(fix the) test…"),
            ("test \"fix the\"", "test (fix the)"),
            ("test \"fix the\"*", "test (fix the)…"),
            ("test \"fix th", "test (fix th)…"),
            ("\"", ""),
            ("a \"\" b", "a b…"),
            ("src/main.rs", "(src main rs)…"),
            ("foo_bar C++", "(foo bar) c…"),
            ("東京 x", "(東 京) x…"),
            ("NOT (a OR b) NEAR/2 col:x", "not a or b (near 2) (col x)…"),
            ("a AND ; DROP", "a and drop…"),
        ];
        for (typed, expected) in rows {
            assert_eq!(shown(&Query::parse(typed)), expected, "{typed:?}");
        }
    }

    #[test]
    fn a_page_of_words_is_cut_and_no_error() {
        let query = Query::parse(&"word ".repeat(10_000));
        assert_eq!(query.terms.len(), MAX_WORDS);
    }

    #[test]
    fn every_term_must_occur_and_more_often_is_better() {
        let words = |text: &str| text.split(' ').map(str::to_owned).collect::<Vec<_>>();
        let score = |typed: &str, text: &str| Query::parse(typed).score(&words(text));
        assert!(score("fix te", "fix the test").is_some());
        assert!(score("fix x", "fix the test").is_none());
        assert!(score("\"fix test\"", "fix the test").is_none());
        assert!(score("\"fix th", "fix the test").is_some());
        assert!(score("fix", "fix a fix") > score("fix", "fix a bug"));
        let long = format!("fix{}", " x".repeat(400));
        assert!(score("fix", "fix") > score("fix", &long));
        assert!(
            score("a b c", "a b").is_none(),
            "a phrase longer than the text"
        );
    }

    proptest! {
        #[test]
        fn nothing_typed_is_an_error_and_no_term_is_empty(typed in any::<String>()) {
            let query = Query::parse(&typed);
            prop_assert!(query.terms.iter().all(|term| !term.words.is_empty()));
            prop_assert!(query.terms.iter().map(|term| term.words.len()).sum::<usize>() <= MAX_WORDS);
        }
    }
}
