//! Makes a continuation of an answer: without fences, without what stands in the text already. Pure.

/// The answer as it can be put in between `before` and `after`; nothing where it has nothing new.
pub(super) fn clean(answer: &str, before: &str, after: &str, mark: &str) -> String {
    let plain = answer.replace("\r\n", "\n").replace(mark, "");
    let mut text = without_fence(&plain);
    text = &text[repeated(text, before)..];
    if before.is_empty() || before.ends_with("\n\n") {
        text = text.trim_start_matches('\n');
    }
    let ends_line = after.is_empty() || after.starts_with('\n');
    match ends_line || text.trim().is_empty() {
        true => text.trim_end().to_owned(),
        // A blank may part it from the words behind the cursor.
        false => match text.trim_end().len() {
            end if text[end..].contains('\n') => text[..end].to_owned(),
            _ => text.to_owned(),
        },
    }
}

/// As much of an answer that was cut off as is whole: its lines, or the words of its only line.
pub(super) fn whole(answer: &str) -> &str {
    let text = answer.trim_end();
    let lines = text.rfind('\n').map_or("", |end| &text[..end]);
    if !lines.trim().is_empty() {
        return lines;
    }
    let words = text.rfind(char::is_whitespace);
    words.map_or("", |end| &text[..end])
}

/// What a fence is around, should one be around all of it.
fn without_fence(text: &str) -> &str {
    let inner = text.trim();
    let Some(rest) = inner.strip_prefix("```") else {
        return text;
    };
    let Some((language, rest)) = rest.split_once('\n') else {
        return text;
    };
    let body = match rest.strip_suffix("```") {
        Some(body) if body.is_empty() || body.ends_with('\n') => body,
        _ => return text,
    };
    let one = !language.contains('`') && !body.contains("```");
    match one {
        true => body.strip_suffix('\n').unwrap_or(body),
        false => text,
    }
}

/// How many bytes at the beginning of `text` repeat the end of `before`.
fn repeated(text: &str, before: &str) -> usize {
    // The longest first; only as far back as the answer could reach.
    let far = before.len().saturating_sub(text.len());
    let starts = before.char_indices().map(|(at, _)| at);
    let found = starts.filter(|at| *at >= far).find(|at| {
        let end = &before[*at..];
        text.starts_with(end) && is_repetition(&before[..*at], end)
    });
    found.map_or(0, |at| before.len() - at)
}

/// Whether it can be no chance that `end`, which follows `start`, comes twice.
fn is_repetition(start: &str, end: &str) -> bool {
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    let (Some(first), last) = (end.chars().next(), start.chars().next_back()) else {
        return false;
    };
    // The letters of half a word say nothing: "foo" may go on with "od".
    if is_word(first) && last.is_some_and(is_word) {
        return false;
    }
    if end.trim().is_empty() {
        // Line breaks may be wanted twice, for an empty line.
        return !end.contains('\n');
    }
    end.chars().any(is_word) || end.chars().count() > 1
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(before: &str, after: &str, rows: &[(&str, &str)]) {
        for (answer, expected) in rows {
            let found = clean(answer, before, after, "<|cursor|>");
            assert_eq!(found, *expected, "{before:?} {answer:?}");
        }
    }

    #[test]
    fn what_stands_before_the_cursor_already_is_left_out() {
        check(
            "Write the te",
            "",
            &[
                ("sts.", "sts."),
                ("tests.", "sts."),
                ("the tests.", "sts."),
                ("Write the tests.", "sts."),
                ("Write the te<|cursor|>sts.", "sts."),
                ("e", "e"),
            ],
        );
        check(
            "of the ",
            "",
            &[
                ("the rest", "rest"),
                (" rest", "rest"),
                ("other rest", "other rest"),
            ],
        );
        check(
            "of the",
            "",
            &[
                ("the rest", " rest"),
                (" rest", " rest"),
                ("ir rest", "ir rest"),
            ],
        );
        check("foo", "", &[("od", "od"), ("oo", "oo")]);
        check("größe", "", &[("größer", "r"), ("er", "er")]);
        check("cargo -", "", &[("-release", "-release")]);
        check("use **", "", &[("**bold**", "bold**")]);
        check("- one\n- ", "", &[("- two\n- three", "two\n- three")]);
        check(
            "a line.\n",
            "",
            &[("\nA paragraph.", "\nA paragraph."), ("a line.\nb", "b")],
        );
    }

    #[test]
    fn a_fence_around_all_of_it_and_blank_lines_are_left_out() {
        check(
            "Do: ",
            "",
            &[
                ("```\nthis\nand that\n```\n", "this\nand that"),
                ("```markdown\nthis\n```", "this"),
                ("this\n\n\n", "this"),
                ("this\r\nthat \n", "this\nthat"),
                ("this\n```sh\nls\n```", "this\n```sh\nls\n```"),
                (
                    "```sh\nls\n```\nand\n```sh\nls\n```",
                    "```sh\nls\n```\nand\n```sh\nls\n```",
                ),
                ("```", "```"),
                ("\n \n", ""),
                ("", ""),
            ],
        );
        check("", "after", &[("\n\nbefore ", "before ")]);
        check("a\n\n", "", &[("\n\nb", "b")]);
    }

    #[test]
    fn a_blank_before_the_words_behind_the_cursor_stays() {
        check(
            "one ",
            "three",
            &[("two ", "two "), ("two \n", "two"), (" ", "")],
        );
        check("one ", "\nthree", &[("two ", "two")]);
    }

    #[test]
    fn of_what_was_cut_off_the_whole_lines_or_words_stay() {
        for (answer, expected) in [
            ("one\ntwo\nthr", "one\ntwo"),
            ("one two thr", "one two"),
            ("\none two thr", "\none two"),
            ("thr", ""),
            ("", ""),
        ] {
            assert_eq!(whole(answer), expected, "{answer:?}");
        }
    }

    proptest::proptest! {
        #[test]
        fn nothing_is_made_up(answer in "[a-c \\n`-]{0,12}", before in "[a-c \\n-]{0,12}", after in "[a \\n]{0,3}") {
            let found = clean(&answer, &before, &after, "<|cursor|>");
            proptest::prop_assert!(answer.contains(&found));
        }
    }
}
