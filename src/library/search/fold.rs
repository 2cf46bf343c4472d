//! Folds text for comparison: lower case, without Latin accents, and cut into words. Pure.

use std::ops::Range;

/// Letters with an accent and the plain letters they are compared as.
const LATIN: &[(&str, &str)] = &[
    ("àáâãäåāăąǎ", "a"),
    ("çćĉċč", "c"),
    ("ďđð", "d"),
    ("èéêëēĕėęě", "e"),
    ("ĝğġģ", "g"),
    ("ĥħ", "h"),
    ("ìíîïĩīĭįı", "i"),
    ("ĵ", "j"),
    ("ķ", "k"),
    ("ĺļľŀł", "l"),
    ("ñńņň", "n"),
    ("òóôõöøōŏő", "o"),
    ("ŕŗř", "r"),
    ("śŝşšș", "s"),
    ("ţťŧț", "t"),
    ("ùúûüũūŭůűų", "u"),
    ("ŵ", "w"),
    ("ýÿŷ", "y"),
    ("źżž", "z"),
    ("æ", "ae"),
    ("œ", "oe"),
    ("ß", "ss"),
    ("þ", "th"),
];

/// Calls `emit` with each folded character and the bytes of `text` that it stands for.
///
/// A combining mark belongs to the character before it; a letter such as `ß` gives two characters
/// with the same bytes.
pub(super) fn fold(text: &str, mut emit: impl FnMut(char, Range<usize>)) {
    let mut chars = text.char_indices().peekable();
    while let Some((start, c)) = chars.next() {
        let mut end = start + c.len_utf8();
        while let Some((at, mark)) = chars.next_if(|(_, c)| is_mark(*c)) {
            end = at + mark.len_utf8();
        }
        if is_mark(c) {
            continue; // a mark without a letter before it
        }
        for lower in c.to_lowercase().filter(|c| !is_mark(*c)) {
            match LATIN
                .iter()
                .find(|(from, _)| !lower.is_ascii() && from.contains(lower))
            {
                Some((_, to)) => to.chars().for_each(|c| emit(c, start..end)),
                None => emit(lower, start..end),
            }
        }
    }
}

/// Appends the folded form of `text`.
pub(super) fn fold_into(text: &str, out: &mut String) {
    if text.is_ascii() {
        let start = out.len();
        out.push_str(text);
        out[start..].make_ascii_lowercase();
    } else {
        fold(text, |c, _| out.push(c));
    }
}

/// The folded form of `text`.
pub(super) fn folded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    fold_into(text, &mut out);
    out
}

/// The words of a folded text as byte ranges: runs of anything but spaces and punctuation.
///
/// `+` and `#` belong to words (`c++`, `c#`), and so does all that is neither ASCII nor general
/// punctuation, emoji too.
pub(super) fn words(folded: &str) -> impl Iterator<Item = Range<usize>> {
    let mut rest = folded.char_indices();
    std::iter::from_fn(move || {
        let (start, _) = rest.by_ref().find(|(_, c)| is_word(*c))?;
        let end = rest
            .by_ref()
            .find(|(_, c)| !is_word(*c))
            .map_or(folded.len(), |(at, _)| at);
        Some(start..end)
    })
}

/// Whether a word may begin at this byte of a folded text.
pub(super) fn is_word_start(folded: &str, at: usize) -> bool {
    folded[..at].chars().next_back().is_none_or(|c| !is_word(c))
}

/// The characters of a text as bits: what lacks a bit of the query cannot hold the query.
///
/// Letters and digits have bits of their own, everything else shares 28.
pub(super) fn mask(folded: &str) -> u64 {
    folded.chars().filter(|c| is_word(*c)).fold(0, |mask, c| {
        mask | match c {
            'a'..='z' => 1 << (c as u32 - 'a' as u32),
            '0'..='9' => 1 << (26 + c as u32 - '0' as u32),
            c => 1 << (36 + (c as u32).wrapping_mul(0x9E37_79B1) % 28),
        }
    })
}

fn is_word(c: char) -> bool {
    match c {
        '+' | '#' => true,
        c if c.is_ascii() => c.is_ascii_alphanumeric(),
        '\u{2000}'..='\u{206F}' | '\u{3000}'..='\u{303F}' | '\u{FF0C}' | '\u{FF1A}' => false,
        '«' | '»' | '·' | '¿' | '¡' => false,
        c => !c.is_whitespace(),
    }
}

fn is_mark(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36F}' | '\u{AD}' | '\u{200B}'..='\u{200D}' | '\u{FE00}'..='\u{FE0F}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folding_drops_case_accents_and_marks() {
        for (text, expected) in [
            ("Refactor", "refactor"),
            ("Café", "cafe"),
            ("Cafe\u{301}", "cafe"),
            ("ÄÖÜ Straße", "aou strasse"),
            ("İstanbul", "istanbul"),
            ("レビュー", "レビュー"),
            ("\u{301}x", "x"),
        ] {
            assert_eq!(folded(text), expected, "{text}");
        }
    }

    #[test]
    fn words_are_runs_without_spaces_and_punctuation() {
        for (text, expected) in [
            ("api-doc, v2", vec!["api", "doc", "v2"]),
            ("c++ / c#", vec!["c++", "c#"]),
            ("コード、レビュー", vec!["コード", "レビュー"]),
            ("🚀 launch—now", vec!["🚀", "launch", "now"]),
            (" - ", vec![]),
        ] {
            assert_eq!(
                words(text).map(|r| &text[r]).collect::<Vec<_>>(),
                expected,
                "{text}"
            );
        }
    }

    #[test]
    fn folded_characters_keep_the_bytes_they_came_from() {
        let text = "Cafe\u{301} ß";
        let mut seen = Vec::new();
        fold(text, |c, bytes| seen.push((c, &text[bytes])));
        assert_eq!(seen[3], ('e', "e\u{301}"));
        assert_eq!(&seen[5..], [('s', "ß"), ('s', "ß")]);
    }
}
