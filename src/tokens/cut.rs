//! Where a text may be cut so that its parts have exactly the tokens of the whole. Pure.
//!
//! Tokens never reach across pieces (see [`super::vocabulary`]), so a cut is right where a piece ends
//! whatever stands before and after. The rules follow from the pattern of the pieces; a property test
//! holds them. They look at nothing but what is near, so an edit moves no cut elsewhere.

use memchr::{memchr, memchr_iter};

/// Lines beyond this are cut between words too.
const LONG: usize = 2048;

/// The parts of a text: mostly a line each.
pub(super) fn parts(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    parts_of(text, LONG, 32)
}

/// The parts, where lines of more than `long` bytes are cut at about one blank in `every`.
fn parts_of(text: &[u8], long: usize, every: u32) -> impl Iterator<Item = &[u8]> {
    let (mut at, mut line) = (0, 0);
    std::iter::from_fn(move || {
        if at == text.len() {
            return None;
        }
        if line == at {
            line = after_line(text, at);
        }
        let end = match line - at > long {
            true => after_word(text, at, line, every),
            false => line,
        };
        let part = &text[at..end];
        at = end;
        Some(part)
    })
}

/// The first place after `at` where a line begins that no piece of an earlier one reaches into.
fn after_line(text: &[u8], at: usize) -> usize {
    let ends = memchr_iter(b'\n', &text[at..]).map(|end| at + end + 1);
    let mut cuts = ends.filter(|start| begins_anew(&text[*start..]));
    cuts.next().unwrap_or(text.len())
}

/// Whether a line begins a piece of its own after a line end: signs take the slashes and line ends
/// that follow them, and white space all line ends in it.
fn begins_anew(line: &[u8]) -> bool {
    if line.first() == Some(&b'/') {
        return false;
    }
    let mut at = 0;
    loop {
        let near = &line[at..line.len().min(at + 4)];
        let first = near
            .utf8_chunks()
            .next()
            .and_then(|chunk| chunk.valid().chars().next());
        match first {
            Some('\n' | '\r') => return false,
            Some(space) if space.is_whitespace() => at += space.len_utf8(),
            _ => return true,
        }
    }
}

/// A place in a line before a blank with a letter or digit before it; where there is none, its end.
///
/// A word or number ends there, and the blank begins what follows. Which blanks are taken depends on
/// the four bytes before them alone.
fn after_word(text: &[u8], at: usize, line: usize, every: u32) -> usize {
    let chosen = |blank: &usize| match text[..*blank].last_chunk::<4>() {
        Some(word) if word[3].is_ascii_alphanumeric() => {
            let mixed = u32::from_le_bytes(*word).wrapping_mul(0x9E37_79B1);
            (mixed >> 16) % every == 0
        }
        _ => false,
    };
    let mut from = at + 1;
    while let Some(next) = memchr(b' ', &text[from..line]) {
        let blank = from + next;
        if chosen(&blank) {
            return blank;
        }
        from = blank + 1;
    }
    line
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::tokens::vocabulary::wait;

    /// Letters of all kinds, digits, signs, white space, and bytes that are no text.
    fn text() -> impl Strategy<Value = Vec<u8>> {
        let bits: Vec<&[u8]> = [
            "\n", "\n", "\r\n", "\r", " ", "  ", "\t", "/", "//", "'s", "'LL", "'", "}", ";", "==",
            "a", "Word", "WORD", "12345", "7", "ä", "é", "e\u{301}", "\u{301}", "中文", "か", "한",
            "ʰ", "ǅ", "٣", "\u{a0}", "\u{85}", "\u{2028}", "\u{3000}", "\u{200b}", "—", "“", "😀",
            "\u{b}", "\0", "ſ", "'ſ",
        ]
        .iter()
        .map(|bit| bit.as_bytes())
        .chain([&b"\xff"[..], b"\xe4\xb8", b"\xf0\x9f", b"\x80"])
        .collect();
        prop::collection::vec(prop::sample::select(bits), 0..60).prop_map(|bits| bits.concat())
    }

    fn tokens(bytes: &[u8]) -> u32 {
        wait().count(&String::from_utf8_lossy(bytes))
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 4000, failure_persistence: None, ..Default::default() })]

        #[test]
        fn the_parts_have_the_tokens_of_the_whole(text in text(), long in 0..40_usize, every in 1..3_u32) {
            let parts: Vec<_> = parts_of(&text, long, every).collect();
            prop_assert_eq!(parts.concat(), &text[..]);
            prop_assert!(parts.iter().all(|part| !part.is_empty()));
            prop_assert_eq!(parts.iter().map(|part| tokens(part)).sum::<u32>(), tokens(&text));
        }

        #[test]
        fn an_edit_moves_no_cut_far_from_it(
            (before, after) in (text(), text()), (old, new) in ("[a-z ]{0,9}", "[a-z ]{0,9}"),
        ) {
            // Whatever the edit, a cut is right before and after its line.
            let around = |edit: &str| [&before, &b"\nx"[..], edit.as_bytes(), b"\nlast", &after].concat();
            let cuts = |text: &[u8]| parts_of(text, 20, 2).map(<[u8]>::to_vec).collect::<Vec<_>>();
            let (old, new) = (cuts(&around(&old)), cuts(&around(&new)));
            let same = |pairs: &mut dyn Iterator<Item = (&Vec<u8>, &Vec<u8>)>| {
                pairs.take_while(|(a, b)| a == b).map(|(a, _)| a.len()).sum::<usize>()
            };
            prop_assert!(same(&mut old.iter().zip(&new)) > before.len());
            prop_assert!(same(&mut old.iter().rev().zip(new.iter().rev())) > after.len());
        }
    }

    #[test]
    fn lines_are_cut_where_no_piece_crosses() {
        let rows: [(&str, &[&str]); 10] = [
            ("", &[]),
            ("a", &["a"]),
            ("a\nb\n", &["a\n", "b\n"]),
            ("a\n\n\nb", &["a\n\n\n", "b"]),
            ("a\n  \n  b", &["a\n  \n", "  b"]),
            ("a\r\nb", &["a\r\n", "b"]),
            ("}\n// c", &["}\n// c"]),
            ("}\n  // c", &["}\n", "  // c"]),
            ("a\n\u{3000}か\n", &["a\n", "\u{3000}か\n"]),
            ("a\n\u{3000}\nか", &["a\n\u{3000}\n", "か"]),
        ];
        for (text, expected) in rows {
            let parts: Vec<_> = parts(text.as_bytes())
                .map(String::from_utf8_lossy)
                .collect();
            assert_eq!(parts, expected, "{text:?}");
        }
    }

    #[test]
    fn a_line_of_a_megabyte_has_many_parts() {
        let text: String = (0..170_000).map(|n| format!("w{} ", n % 977)).collect();
        let parts: Vec<_> = parts(text.as_bytes()).collect();
        assert!(parts.len() > 1000, "{}", parts.len());
        assert!(parts.iter().all(|part| part.len() <= 2 * LONG));
    }
}
