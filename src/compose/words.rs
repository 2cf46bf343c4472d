//! How a text is cut into words, and what of a word is compared. Pure.
//!
//! Letters and digits make words, in lower case; `C#` and `C++` keep their signs. An identifier such as
//! `parseHtml` gives its parts and the whole. Of scripts that put no spaces between words each
//! character is one.

use super::stem::stem;

/// What stands in every text and says nothing of it.
const STOP: &str = "a about above after again against all also am an and any are as at be because been \
    before being below between both but by can could did do does doing don down during each etc few \
    for from further had has have having he her here hers him his how i if in into is it its itself \
    just let ll me might more most must my no nor not now of off on once only or other our ours out \
    over own per please re s same shall she should so some such t than that the their theirs them \
    then there these they this those through to too under until up upon us use used user users using \
    ve very via want was we were what when where which while who whom why will with within without \
    would you your yours yourself";

/// Longer words are noise: keys, hashes, encoded data.
const LONGEST: usize = 40;

/// Calls `found` with each word in lower case, and says where it stands.
pub(super) fn each(text: &str, mut found: impl FnMut(&str, std::ops::Range<usize>)) {
    let mut lower = String::with_capacity(LONGEST);
    let mut at = 0;
    while let Some(start) = next_word(text, at) {
        let end = end_of_word(text, start);
        at = end;
        let word = &text[start..end];
        if word.len() > LONGEST {
            continue;
        }
        fold(word, &mut lower);
        found(&lower, start..end);
        let mut from = start;
        for cut in humps(word).map(|cut| start + cut).chain([end]) {
            if (from, cut) != (start, end) && cut - from > 1 {
                fold(&text[from..cut], &mut lower);
                found(&lower, from..cut);
            }
            from = cut;
        }
    }
}

/// Calls `found` with the stem of each word that is no stop word.
pub(super) fn each_stem(text: &str, mut found: impl FnMut(&str, &str)) {
    each(text, |word, _| {
        if !is_stop(word) {
            found(stem(word), word);
        }
    });
}

/// Whether a word stands in every text.
pub(super) fn is_stop(word: &str) -> bool {
    static WORDS: std::sync::LazyLock<std::collections::HashSet<&str>> =
        std::sync::LazyLock::new(|| STOP.split_whitespace().collect());
    WORDS.contains(word) || (word.len() == 1 && !matches!(word.as_bytes()[0], b'c' | b'r'))
}

fn fold(word: &str, lower: &mut String) {
    lower.clear();
    match word.is_ascii() {
        true => lower.extend(word.bytes().map(|b| b.to_ascii_lowercase() as char)),
        false => lower.extend(word.chars().flat_map(char::to_lowercase)),
    }
}

fn next_word(text: &str, from: usize) -> Option<usize> {
    let found = text[from..]
        .char_indices()
        .find(|(_, c)| c.is_alphanumeric());
    found.map(|(at, _)| from + at)
}

fn end_of_word(text: &str, start: usize) -> usize {
    let rest = &text[start..];
    let first = rest.chars().next().map_or(0, char::len_utf8);
    if rest.chars().next().is_some_and(stands_alone) {
        return start + first;
    }
    let end = rest
        .find(|c: char| !c.is_alphanumeric() || stands_alone(c))
        .unwrap_or(rest.len());
    // One letter and its signs: the names of languages.
    let signs = if end == 1 { signs(&rest[1..]) } else { 0 };
    start + end + signs
}

fn signs(rest: &str) -> usize {
    match rest.as_bytes() {
        [b'+', b'+', ..] => 2,
        [b'#', ..] => 1,
        _ => 0,
    }
}

/// Where a part of an identifier begins: `parse|Html`, `HTML|Parser`.
fn humps(word: &str) -> impl Iterator<Item = usize> + '_ {
    let bytes = word.as_bytes();
    (1..bytes.len()).filter(move |&at| {
        let upper = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_uppercase);
        let lower = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_lowercase);
        upper(at) && (lower(at - 1) || (upper(at - 1) && lower(at + 1) && at + 2 < bytes.len()))
    })
}

/// Han, kana: each character is a word.
fn stands_alone(c: char) -> bool {
    matches!(c, '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_cut_into_words_and_identifiers_into_their_parts() {
        let rows = [
            ("", ""),
            ("Write the API-doc!", "write the api doc"),
            (
                "parseHtml HTMLParser APIs",
                "parsehtml parse html htmlparser html parser apis",
            ),
            ("snake_case k8s OAuth2", "snake case k8s oauth2 auth2"),
            ("C++ and C# in .NET, c", "c++ and c# in net c"),
            ("Größe ÉTÉ 提示x", "größe été 提 示 x"),
            ("it's 3.14", "it s 3 14"),
        ];
        for (text, expected) in rows {
            let mut words = Vec::new();
            each(text, |word, range| {
                assert!(text.get(range).is_some(), "{text}");
                words.push(word.to_owned());
            });
            assert_eq!(words.join(" "), expected, "{text}");
        }
        let key = "A".repeat(LONGEST + 1);
        each(&key, |word, _| panic!("{word} is no word"));
    }

    #[test]
    fn what_stands_in_every_text_has_no_stem() {
        let mut stems = Vec::new();
        each_stem("The tests of an R program, and x", |stem, word| {
            stems.push(format!("{word}:{stem}"));
        });
        assert_eq!(stems, ["tests:test", "r:r", "program:program"]);
    }
}
