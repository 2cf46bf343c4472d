//! One word of the query against the words of the library. Pure.

use super::Field;
use super::fold;
use super::index::{CODES, Place, SearchIndex};
use super::query::{Mode, Word};
use super::tier::{BEST, Kind, Tier};

/// Shortest word in which a typo is forgiven.
const TYPO_LETTERS: usize = 4;
/// From this length on the first letter may be the wrong one.
const TYPO_FIRST_LETTERS: usize = 5;
/// From this length on a word begun may have a wrong or superfluous letter; a shorter one has to be
/// meant as a whole word, else three letters would do.
const TYPO_MIDDLE_LETTERS: usize = 5;
/// The same where it is the last letter typed, which may just be the way to another word.
const TYPO_LAST_LETTERS: usize = 6;

/// How a word of the query sits in a word of the library.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fit {
    /// The same word.
    Equal,
    /// Its beginning.
    Prefix,
    /// Its end, not its beginning.
    Suffix,
    /// Its middle.
    Inside,
    /// Its letters in order from the first on, with others between.
    Scattered,
    /// Its beginning but for one letter.
    Typo,
}

const FITS: [Fit; 6] = [
    Fit::Equal,
    Fit::Prefix,
    Fit::Suffix,
    Fit::Inside,
    Fit::Scattered,
    Fit::Typo,
];

/// A word of the query made ready for many comparisons.
pub(super) struct Needle<'q> {
    text: &'q str,
    mode: Mode,
    mask: u64,
    letters: usize,
}

impl<'q> Needle<'q> {
    pub(super) fn new(word: &'q Word) -> Self {
        let text = word.text.as_str();
        Self {
            text,
            mode: word.mode,
            mask: fold::mask(text),
            letters: text.chars().count(),
        }
    }

    pub(super) fn mask(&self) -> u64 {
        self.mask
    }

    pub(super) fn text(&self) -> &'q str {
        self.text
    }

    pub(super) fn letters(&self) -> usize {
        self.letters
    }

    /// Whether letters may stand apart.
    pub(super) fn may_scatter(&self) -> bool {
        self.mode == Mode::Fuzzy && self.letters > 1
    }

    /// How it fits a word of the library, best way first.
    pub(super) fn fit(&self, word: &str, word_mask: u64) -> Option<Fit> {
        let missing = (self.mask & !word_mask).count_ones();
        if missing == 0 {
            if let Some(rest) = word.strip_prefix(self.text) {
                return Some(if rest.is_empty() {
                    Fit::Equal
                } else {
                    Fit::Prefix
                });
            }
            if word.ends_with(self.text) {
                return Some(Fit::Suffix);
            }
            if contains(word.as_bytes(), self.text.as_bytes()) {
                return Some(Fit::Inside);
            }
            if self.may_scatter() && is_scattered(self.text, word) {
                return Some(Fit::Scattered);
            }
        }
        let typo = missing <= 1
            && self.mode == Mode::Fuzzy
            && self.letters >= TYPO_LETTERS
            && self.has_one_typo(word);
        typo.then_some(Fit::Typo)
    }

    fn has_one_typo(&self, word: &str) -> bool {
        if self.text.is_ascii() && word.is_ascii() {
            one_typo(self.text.as_bytes(), word.as_bytes())
        } else {
            let needle: Vec<char> = self.text.chars().collect();
            one_typo(&needle, &word.chars().collect::<Vec<_>>())
        }
    }

    /// The tier that a fit has at each kind of place; 0 where the mode refuses it.
    fn tiers(&self, fit: Fit) -> [u8; CODES] {
        std::array::from_fn(|code| {
            let Some((field, first, last)) = Place::decode(code) else {
                return 0;
            };
            let allowed = match self.mode {
                Mode::Fuzzy | Mode::Contiguous => true,
                Mode::Prefix => first && matches!(fit, Fit::Equal | Fit::Prefix),
                Mode::Suffix => last && matches!(fit, Fit::Equal | Fit::Suffix),
                Mode::Exact => first && last && fit == Fit::Equal,
            };
            // A description is a sentence: what it begins with names nothing.
            let named = field != Field::Description;
            let (kind, quality) = match fit {
                Fit::Equal if named && first && last => (Kind::Exact, BEST),
                Fit::Equal if named && first => (Kind::Prefix, 1),
                Fit::Prefix if named && first => (Kind::Prefix, 0),
                Fit::Equal => (Kind::WordStart, 1),
                Fit::Prefix => (Kind::WordStart, 0),
                Fit::Suffix | Fit::Inside => (Kind::Inside, 0),
                Fit::Scattered => (Kind::Scattered, 2),
                Fit::Typo => (Kind::Typo, 0),
            };
            if allowed {
                Tier::new(kind, field, quality).0
            } else {
                0
            }
        })
    }
}

/// Raises `tiers`, one byte per prompt, to what the words of the library give for `needle`.
pub(super) fn match_words(index: &SearchIndex, needle: &Needle, tiers: &mut [u8]) {
    let tables = FITS.map(|fit| needle.tiers(fit));
    let most_missing = u32::from(needle.letters >= TYPO_LETTERS && needle.mode == Mode::Fuzzy);
    for (number, word_mask) in index.word_masks.iter().enumerate() {
        if (needle.mask & !word_mask).count_ones() > most_missing {
            continue;
        }
        let Some(fit) = needle.fit(index.words.get(number), *word_mask) else {
            continue;
        };
        let table = &tables[fit as usize];
        for place in index.places(number) {
            let tier = &mut tiers[place.prompt()];
            *tier = (*tier).max(table[place.code()]);
        }
    }
}

fn contains(word: &[u8], needle: &[u8]) -> bool {
    let [first, rest @ ..] = needle else {
        return true;
    };
    let Some(last_start) = word.len().checked_sub(needle.len()) else {
        return false;
    };
    (0..=last_start).any(|at| word[at] == *first && word[at + 1..].starts_with(rest))
}

fn is_scattered(needle: &str, word: &str) -> bool {
    let mut letters = word.chars();
    let mut wanted = needle.chars();
    wanted.next() == letters.next() && wanted.all(|c| letters.any(|l| l == c))
}

/// Whether `needle` becomes the beginning of `word` by one edit: a letter put in, left out,
/// replaced, or swapped with the next.
fn one_typo<T: PartialEq>(needle: &[T], word: &[T]) -> bool {
    let at = needle.iter().zip(word).take_while(|(n, w)| n == w).count();
    if at == needle.len() {
        return false;
    }
    let swapped = at + 1 < needle.len()
        && at + 1 < word.len()
        && needle[at] == word[at + 1]
        && needle[at + 1] == word[at]
        && word[at + 2..].starts_with(&needle[at + 2..]);
    if swapped {
        return true;
    }
    if at == 0 && needle.len() < TYPO_FIRST_LETTERS {
        return false;
    }
    let lacks = at < word.len() && word[at + 1..].starts_with(&needle[at..]);
    let replaced = at < word.len() && word[at + 1..].starts_with(&needle[at + 1..]);
    let extra = word[at..].starts_with(&needle[at + 1..]);
    let last = at + 1 == needle.len();
    if needle.len()
        < if last {
            TYPO_LAST_LETTERS
        } else {
            TYPO_MIDDLE_LETTERS
        }
    {
        let whole = word.len() == needle.len() && replaced;
        return lacks || whole || word.len() + 1 == needle.len() && extra;
    }
    lacks || replaced || extra
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_fit_is_told_from_the_others() {
        let check = |needle: &str, word: &str, expected: Option<Fit>| {
            let query = Word {
                text: needle.into(),
                mode: Mode::Fuzzy,
            };
            let got = Needle::new(&query).fit(word, fold::mask(word));
            assert_eq!(got, expected, "{needle} in {word}");
        };
        check("api", "api", Some(Fit::Equal));
        check("ref", "refactor", Some(Fit::Prefix));
        check("tor", "refactor", Some(Fit::Suffix));
        check("fact", "refactor", Some(Fit::Inside));
        check("rfctr", "refactor", Some(Fit::Scattered));
        check("refactr", "refactor", Some(Fit::Scattered));
        check("pyhton", "python", Some(Fit::Typo));
        check("refcator", "refactor", Some(Fit::Typo));
        check("refaxtor", "refactor", Some(Fit::Typo));
        check("reffactor", "refactor", Some(Fit::Typo));
        check("refactoor", "refactoring", Some(Fit::Typo));
        check("tefactor", "refactor", Some(Fit::Typo));
        check("reviews", "review", Some(Fit::Typo));
        check("etst", "test", Some(Fit::Typo));
        check("tesk", "test", Some(Fit::Typo));
        check("writ", "with", None);
        check("tost", "testing", None);
        check("best", "test", None);
        check("refa", "reference", None);
        check("pyh", "python", Some(Fit::Scattered));
        check("pht", "python", None);
        check("tgs", "tag", None);
        check("prüfne", "prüfen", Some(Fit::Typo));
        check("コド", "コード", Some(Fit::Scattered));
        check("refatcro", "refactor", None);
    }
}
