//! Which candidates a composition names: by their ids in its text, or given with it. Pure.

use std::collections::{HashMap, HashSet};

use super::{Candidate, Composition};

/// Candidates by their ids.
#[derive(Debug)]
pub(super) struct Names(HashMap<String, u32>);

impl Names {
    pub(super) fn of(candidates: &[Candidate]) -> Self {
        let ids = candidates.iter().map(|candidate| candidate.id.clone());
        Self(ids.zip(0..).collect())
    }

    pub(super) fn get(&self, id: &str) -> Option<u32> {
        self.0.get(id).copied()
    }

    /// What a composition names, each once, and the ids given with it that nobody has.
    pub(super) fn named_in(&self, composition: &Composition<'_>) -> (Vec<u32>, Vec<String>) {
        let (mut named, mut unknown) = (Vec::new(), Vec::new());
        for id in composition.named {
            match self.get(id) {
                Some(number) => named.push(number),
                None => unknown.push(id.clone()),
            }
        }
        named.extend(ids_in(composition.text).filter_map(|id| self.get(id)));
        let mut seen = HashSet::new();
        named.retain(|number| seen.insert(*number));
        (named, unknown)
    }
}

/// What may be an id in a text: a word with a slash or colon in it, or any word in backquotes.
///
/// A word alone is no name: `review` mostly means something else.
fn ids_in(text: &str) -> impl Iterator<Item = &str> {
    let ends = |c: char| c.is_whitespace() || "\"'()[]{}<>,;".contains(c);
    let words = text.split(ends).filter_map(|word| {
        let word = word.trim_end_matches(['.', ':', '!', '?']);
        match word.strip_prefix('`').and_then(|rest| rest.split_once('`')) {
            Some((id, _)) => Some(id),
            None => word.contains(['/', ':']).then(|| word.trim_matches('`')),
        }
    });
    words.filter(|id| !id.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_or_a_word_in_backquotes_is_a_name_and_a_word_alone_is_none() {
        let candidates = ["review", "commands/review", "team:review"].map(|id| Candidate {
            id: id.to_owned(),
            ..Candidate::default()
        });
        let names = Names::of(&candidates);
        let check = |text, expected: &[u32]| {
            let given = [];
            let composition = Composition {
                text,
                named: &given,
            };
            assert_eq!(names.named_in(&composition).0, expected, "{text}");
        };
        check("a review of commands/review.", &[1]);
        check(
            "see (team:review), `review` and `commands/review`!",
            &[2, 0, 1],
        );
        check("commands/review commands/review", &[1]);
        check("commands/reviews or x/commands/review, `", &[]);
        let given = ["review".to_owned(), "gone".to_owned()];
        let composition = Composition {
            text: "commands/review",
            named: &given,
        };
        assert_eq!(
            names.named_in(&composition),
            (vec![0, 1], vec!["gone".to_owned()])
        );
    }
}
