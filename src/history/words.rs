//! Words of a text: how it is cut into them, what is asked of them, and where they stand. Pure.
//!
//! The index, the search without one and the marks in what was found all cut a text by the one rule
//! of [`each`], so they agree on what a word is. Letters and digits make words, in lower case and
//! without the accents of European alphabets; of scripts that put no spaces between words each
//! character is one, and a run of them in a query is a phrase.

mod query;
mod snippet;

use std::borrow::Cow;
use std::ops::Range;

pub use query::{Query, Term};
pub use snippet::{Snippet, marks, snippet};

use super::composition::Composition;

/// The bytes of a word that count; a longer one is found by its beginning.
const MAX_WORD: usize = 64;

/// Calls `found` with each word, as it is compared, and the bytes that it stands in.
pub fn each(text: &str, mut found: impl FnMut(&str, Range<usize>)) {
    each_while(text, |word, range| {
        found(word, range);
        true
    });
}

/// As [`each`], as long as `goes_on` says so.
pub fn each_while(text: &str, mut goes_on: impl FnMut(&str, Range<usize>) -> bool) {
    let bytes = text.as_bytes();
    let mut word = String::with_capacity(MAX_WORD + 8);
    let mut start = 0;
    let mut at = 0;
    while at < bytes.len() {
        let byte = bytes[at];
        if byte.is_ascii_alphanumeric() {
            if word.is_empty() {
                start = at;
            }
            if word.len() < MAX_WORD {
                word.push(byte.to_ascii_lowercase() as char);
            }
            at += 1;
            continue;
        }
        let Some(c) = text[at..].chars().next() else {
            break;
        };
        let end = at + c.len_utf8();
        if c.is_alphanumeric() && !stands_alone(c) {
            if word.is_empty() {
                start = at;
            }
            push_folded(&mut word, c);
        } else if word.is_empty() || !is_mark(c) {
            if !word.is_empty() && !goes_on(&word, start..at) {
                return;
            }
            word.clear();
            if c.is_alphanumeric() {
                push_folded(&mut word, c);
                if !goes_on(&word, at..end) {
                    return;
                }
                word.clear();
            }
        }
        at = end;
    }
    if !word.is_empty() {
        goes_on(&word, start..at);
    }
}

/// Calls `found` with each word that a composition is found by: those of its name, its tags and its
/// text, in this order.
pub fn of_composition(composition: &Composition, mut found: impl FnMut(&str)) {
    let meta = &composition.meta;
    let labels = meta.name.iter().chain(&meta.tags);
    labels.for_each(|label| each(label, |word, _| found(word)));
    each(&text_of(&composition.body), |word, _| found(word));
}

/// The text that bytes stand for, whatever they are.
pub fn text_of(body: &[u8]) -> Cow<'_, str> {
    // Sound text, which is nearly all, is seen to be so several times faster this way.
    str::from_utf8(body).map_or_else(|_| String::from_utf8_lossy(body), Cow::Borrowed)
}

/// Appends a letter as it is compared, as long as the word is not too long.
fn push_folded(word: &mut String, c: char) {
    for c in c.to_lowercase().map(without_accent) {
        if !is_mark(c) && word.len() + c.len_utf8() <= MAX_WORD {
            word.push(c);
        }
    }
}

/// An accent that stands behind its letter, as a character of its own.
fn is_mark(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}')
}

/// Whether a character is a word by itself: its script puts no spaces between words.
fn stands_alone(c: char) -> bool {
    matches!(c,
        '\u{0e00}'..='\u{0eff}'        // Thai, Lao
        | '\u{1000}'..='\u{109f}'      // Burmese
        | '\u{1100}'..='\u{11ff}'      // Korean, as single sounds
        | '\u{1780}'..='\u{17ff}'      // Khmer
        | '\u{2e80}'..='\u{a4cf}'      // Chinese, Japanese, Yi
        | '\u{ac00}'..='\u{d7ff}'      // Korean
        | '\u{f900}'..='\u{faff}'      // Chinese, for compatibility
        | '\u{ff66}'..='\u{ffdc}'      // Japanese and Korean of half width
        | '\u{20000}'..='\u{3ffff}'    // Chinese, rare
    )
}

/// A letter in lower case without the accent that belongs to it.
fn without_accent(c: char) -> char {
    match c {
        'à'..='å' | 'ā' | 'ă' | 'ą' | 'ǎ' | 'ạ'..='ặ' => 'a',
        'ç' | 'ć' | 'ĉ' | 'ċ' | 'č' => 'c',
        'ď' | 'đ' => 'd',
        'è'..='ë' | 'ē' | 'ĕ' | 'ė' | 'ę' | 'ě' | 'ẹ'..='ệ' => 'e',
        'ĝ' | 'ğ' | 'ġ' | 'ģ' | 'ǧ' => 'g',
        'ĥ' | 'ħ' => 'h',
        'ì'..='ï' | 'ĩ' | 'ī' | 'ĭ' | 'į' | 'ı' | 'ǐ' | 'ỉ' | 'ị' => 'i',
        'ĵ' => 'j',
        'ķ' => 'k',
        'ĺ' | 'ļ' | 'ľ' | 'ŀ' | 'ł' => 'l',
        'ñ' | 'ń' | 'ņ' | 'ň' => 'n',
        'ò'..='ö' | 'ø' | 'ō' | 'ŏ' | 'ő' | 'ǒ' | 'ơ' | 'ọ'..='ợ' => 'o',
        'ŕ' | 'ŗ' | 'ř' => 'r',
        'ś' | 'ŝ' | 'ş' | 'š' | 'ș' => 's',
        'ţ' | 'ť' | 'ŧ' | 'ț' => 't',
        'ù'..='ü' | 'ũ' | 'ū' | 'ŭ' | 'ů' | 'ű' | 'ų' | 'ǔ' | 'ư' | 'ụ'..='ự' => 'u',
        'ŵ' => 'w',
        'ý' | 'ÿ' | 'ŷ' | 'ỳ'..='ỹ' => 'y',
        'ź' | 'ż' | 'ž' => 'z',
        'ά' => 'α',
        'έ' => 'ε',
        'ή' => 'η',
        'ί' | 'ϊ' | 'ΐ' => 'ι',
        'ό' => 'ο',
        'ύ' | 'ϋ' | 'ΰ' => 'υ',
        'ώ' => 'ω',
        'ς' => 'σ',
        'ё' => 'е',
        _ => c,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn words(text: &str) -> Vec<String> {
        let mut words = Vec::new();
        each(text, |word, _| words.push(word.to_owned()));
        words
    }

    #[test]
    fn words_are_letters_and_digits_in_lower_case_without_accents() {
        let rows: &[(&str, &[&str])] = &[
            ("", &[]),
            ("Fix the README.md!", &["fix", "the", "readme", "md"]),
            ("snake_case kebab-case", &["snake", "case", "kebab", "case"]),
            ("Größe ÇA va, Ångström", &["große", "ca", "va", "angstrom"]),
            ("nai\u{308}ve \u{308}x", &["naive", "x"]),
            ("İstanbul STRASSE", &["istanbul", "strasse"]),
            ("Việt Nam Ελλάς ёлка", &["viet", "nam", "ελλασ", "елка"]),
            ("東京 rust2024", &["東", "京", "rust2024"]),
            ("abc漢字def", &["abc", "漢", "字", "def"]),
            ("한국어", &["한", "국", "어"]),
            ("🦀 → \0 \u{200b}", &[]),
        ];
        for (text, expected) in rows {
            assert_eq!(words(text), *expected, "{text:?}");
        }
    }

    #[test]
    fn a_long_word_counts_by_its_beginning() {
        let long = "é".repeat(500);
        assert_eq!(words(&long), ["e".repeat(MAX_WORD)]);
    }

    proptest! {
        #[test]
        fn a_word_stands_where_it_is_said_to_stand(text in any::<String>()) {
            let mut last = 0;
            let mut wrong = None;
            each(&text, |word, range| {
                let again = words(&text[range.clone()]);
                if again != [word] || range.start < last || word.len() > MAX_WORD {
                    wrong = Some((word.to_owned(), range.clone()));
                }
                last = range.end;
            });
            prop_assert_eq!(wrong, None);
        }

        #[test]
        fn the_index_would_cut_a_word_no_further(text in any::<String>()) {
            // What SQLite's `ascii` tokenizer takes for one word.
            let is_one = |word: &String| {
                word.bytes().all(|b| b >= 0x80 || b.is_ascii_lowercase() || b.is_ascii_digit())
            };
            prop_assert!(words(&text).iter().all(is_one));
        }
    }
}
