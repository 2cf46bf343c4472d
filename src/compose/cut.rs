//! A text cut to a number of tokens, with a mark that says so. Pure.

use super::budget::grouped;

/// The beginning of a text that takes at most `most` tokens together with a mark, which says how many
/// tokens were left out; the text itself where it fits.
///
/// It ends with a line where one fits, else with a word. Where not even the mark fits, the mark alone.
pub fn cut(text: &str, most: u32, tokens: impl Fn(&str) -> u32) -> String {
    let whole = tokens(text);
    if whole <= most {
        return text.to_owned();
    }
    let with_mark = |end: usize| {
        let head = text[..end].trim_end();
        let left_out = whole.saturating_sub(tokens(head));
        let mark = format!("… cut here, {} tokens left out", grouped(left_out));
        match head.is_empty() {
            true => mark,
            false => format!("{head}\n\n{mark}"),
        }
    };
    let fits = |end: &usize| tokens(&with_mark(*end)) <= most;
    let ends_of = |c: fn(char) -> bool| -> Vec<usize> {
        let found = text.match_indices(c).map(|(at, _)| at);
        found.filter(|at| !text[..*at].trim().is_empty()).collect()
    };
    for ends in [ends_of(|c| c == '\n'), ends_of(char::is_whitespace)] {
        // Longer texts have more tokens, near enough to be halved; then back to what surely fits.
        let mut at = ends.partition_point(&fits);
        while at > 0 && !fits(&ends[at - 1]) {
            at -= 1;
        }
        if at > 0 {
            return with_mark(ends[at - 1]);
        }
    }
    with_mark(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> u32 {
        text.split_whitespace().count() as u32
    }

    #[test]
    fn a_long_text_ends_with_a_line_and_says_what_is_missing() {
        let text = "one two\nthree four five\n\nsix\nseven eight nine ten eleven twelve";
        let rows = [
            (12, text),
            (11, "one two\n\n… cut here, 10 tokens left out"),
            (9, "one two\n\n… cut here, 10 tokens left out"),
            (8, "one\n\n… cut here, 11 tokens left out"),
            (7, "… cut here, 12 tokens left out"),
            (0, "… cut here, 12 tokens left out"),
        ];
        for (most, expected) in rows {
            assert_eq!(cut(text, most, words), expected, "{most}");
        }
        let long = "word ".repeat(5000);
        let cut = cut(&long, 100, words);
        assert!(
            cut.ends_with("word\n\n… cut here, 4,907 tokens left out"),
            "{cut}"
        );
        assert_eq!(words(&cut), 100);
    }
}
