//! The tokens of a text that changes: after an edit only what changed is counted again.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};

use super::models::{Family, Model};
use super::vocabulary::{self, Vocabulary};
use super::{Count, Kind, Tokens, cut};

/// Counts one text again and again.
///
/// A part of the text is recognised by 64 bits of a keyed hash. The first count takes some 50 ms a
/// megabyte, so let it run where one may wait.
#[derive(Debug)]
pub struct Tally {
    family: Family,
    keys: RandomState,
    known: HashMap<u64, Known>,
    turn: u32,
}

/// A part that was counted, and when it was last seen.
#[derive(Debug, Clone, Copy)]
struct Known {
    tokens: u32,
    /// Bytes of Chinese, Japanese and Korean, of which other vocabularies need more.
    cjk: u32,
    turn: u32,
}

impl Tally {
    /// An empty one for a model; the vocabulary begins to load where the model needs it.
    pub fn new(model: &Model) -> Self {
        if model.family.needs_vocabulary() {
            vocabulary::load_in_background();
        }
        Self {
            family: model.family,
            keys: RandomState::new(),
            known: HashMap::new(),
            turn: 0,
        }
    }

    /// Counts the text as it is now; never waits for the vocabulary, see [`Kind::Rough`].
    pub fn update(&mut self, text: &[u8]) -> Count {
        self.update_with(text, vocabulary::ready())
    }

    fn update_with(&mut self, text: &[u8], vocabulary: Option<&Vocabulary>) -> Count {
        let (true, Some(vocabulary)) = (self.family.needs_vocabulary(), vocabulary) else {
            return Count::rough(text.len());
        };
        self.turn = self.turn.wrapping_add(1);
        let (mut tokens, mut cjk, mut seen) = (0_u64, 0_u64, 0);
        for part in cut::parts(text) {
            let known = self
                .known
                .entry(self.keys.hash_one(part))
                .or_insert_with(|| {
                    let part = String::from_utf8_lossy(part);
                    Known {
                        tokens: vocabulary.count(&part),
                        cjk: cjk_bytes(&part),
                        turn: self.turn,
                    }
                });
            known.turn = self.turn;
            tokens += u64::from(known.tokens);
            cjk += u64::from(known.cjk);
            seen += 1;
        }
        // What is gone may come back with an undo, so it is kept for a while.
        if self.known.len() > 2 * seen + 64 {
            self.known.retain(|_, known| known.turn == self.turn);
        }
        self.count(tokens, cjk, text.len() as u64)
    }

    fn count(&self, tokens: u64, cjk: u64, bytes: u64) -> Count {
        let (tokens, kind) = match self.family {
            Family::O200k => (tokens, Kind::Exact),
            Family::Near { latin, cjk: other } => {
                let cjk = cjk.min(bytes);
                let weight = u128::from(bytes - cjk) * u128::from(latin)
                    + u128::from(cjk) * u128::from(other);
                let tokens = u128::from(tokens) * weight;
                let tokens = tokens.div_ceil(u128::from(bytes.max(1)) * 1000);
                (u64::try_from(tokens).unwrap_or(u64::MAX), Kind::Estimate)
            }
            Family::Unknown => return Count::rough(bytes as usize),
        };
        Count {
            tokens: Tokens(u32::try_from(tokens).unwrap_or(u32::MAX)),
            kind,
        }
    }
}

/// The bytes of Chinese, Japanese and Korean characters and their signs.
fn cjk_bytes(text: &str) -> u32 {
    if text.is_ascii() {
        return 0;
    }
    let cjk = text.chars().filter(|c| {
        matches!(c, '\u{1100}'..='\u{11ff}' | '\u{2e80}'..='\u{9fff}' | '\u{ac00}'..='\u{d7ff}'
            | '\u{f900}'..='\u{faff}' | '\u{ff00}'..='\u{ffef}' | '\u{20000}'..='\u{3ffff}')
    });
    cjk.map(|c| c.len_utf8() as u32).sum()
}

#[cfg(test)]
mod tests {
    use expect_test::expect;
    use proptest::prelude::*;

    use super::*;
    use crate::tokens::models::find;

    fn of(model: &str, text: &[u8]) -> Count {
        Tally::new(&find(model)).update_with(text, Some(vocabulary::wait()))
    }

    #[test]
    fn a_count_is_exact_where_the_vocabulary_is_public_and_an_estimate_elsewhere() {
        let english = "Write integration tests for the payment API.\n".repeat(100);
        let chinese = "为支付接口编写集成测试。\n".repeat(100);
        let rows = [
            ("gpt-4o", &english),
            ("claude-sonnet-4-5", &english),
            ("claude-sonnet-5-5", &english),
            ("nobody-knows", &english),
            ("gpt-4o", &chinese),
            ("claude-sonnet-4-5", &chinese),
            ("claude-sonnet-5-5", &chinese),
        ];
        let lines = rows.map(|(model, text)| format!("{model} {}\n", of(model, text.as_bytes())));
        expect![[r#"
            gpt-4o 800 tok
            claude-sonnet-4-5 ~880 tok
            claude-sonnet-5-5 ~1,144 tok
            nobody-knows ~1,125 tok
            gpt-4o 900 tok
            claude-sonnet-4-5 ~1,166 tok
            claude-sonnet-5-5 ~1,515 tok
        "#]]
        .assert_eq(&lines.concat());
    }

    #[test]
    fn a_count_is_rough_until_the_vocabulary_is_there() {
        let mut tally = Tally::new(&find("gpt-4o"));
        let text = b"hello, hello, hello";
        assert_eq!(tally.update_with(text, None), Count::rough(text.len()));
        let loaded = tally.update_with(text, Some(vocabulary::wait()));
        assert_eq!(loaded.to_string(), "5 tok");
    }

    #[test]
    fn only_what_changed_is_counted_again_and_what_is_gone_is_forgotten_in_time() {
        let mut tally = Tally::new(&find("gpt-4o"));
        let vocabulary = Some(vocabulary::wait());
        let lines: String = (0..500).map(|n| format!("line {n}\n")).collect();
        tally.update_with(lines.as_bytes(), vocabulary);
        assert_eq!(tally.known.len(), 500);
        let edited = lines.replace("line 250\n", "a line\nmore\n");
        tally.update_with(edited.as_bytes(), vocabulary);
        assert_eq!(tally.known.len(), 502);
        for n in 0..2000 {
            let edited = lines.replace("line 250\n", &format!("edit {n}\n"));
            tally.update_with(edited.as_bytes(), vocabulary);
        }
        assert!(tally.known.len() < 1200, "{}", tally.known.len());
        assert_eq!(tally.update_with(b"", vocabulary), Count::NONE);
        assert!(tally.known.is_empty());
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..Default::default() })]

        #[test]
        fn after_any_edits_the_count_is_that_of_the_text(
            start in "([a-zA-Z0-9 '/.,\n]|\r\n|ä|中|か){0,200}",
            edits in prop::collection::vec((any::<prop::sample::Index>(), 0..20_usize, "([a-z '/\n]|\r|中){0,12}"), 0..12),
        ) {
            let vocabulary = vocabulary::wait();
            let mut tally = Tally::new(&find("gpt-4o"));
            let mut text = start.into_bytes();
            for (at, cut, put) in edits {
                let at = at.index(text.len() + 1);
                // Somewhere, so in the middle of a character too.
                text.splice(at..text.len().min(at + cut), put.into_bytes());
                let expected = vocabulary.count(&String::from_utf8_lossy(&text));
                prop_assert_eq!(tally.update_with(&text, Some(vocabulary)).tokens, Tokens(expected));
            }
        }
    }
}
