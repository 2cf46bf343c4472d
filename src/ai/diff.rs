//! Old and new text to hunks, and back. Pure.
//!
//! Lines keep their ends, so a text is its lines one behind the other, whatever ends them.

use std::time::{Duration, Instant};

use similar::{Algorithm, DiffOp, capture_diff_slices_deadline};

use super::suggestions::Edit;

/// After how long a difference need no longer be the smallest: two texts that have nothing in common
/// take quadratic time otherwise.
const PATIENCE: Duration = Duration::from_millis(30);

/// The edits that make one text of another, in order and apart from each other, each of whole lines.
pub fn edits(old: &str, new: &str) -> Vec<Edit> {
    let (before, after) = (lines(old), lines(new));
    let deadline = Instant::now() + PATIENCE;
    let algorithm = Algorithm::Histogram;
    let changes = capture_diff_slices_deadline(algorithm, &before, &after, Some(deadline));
    let (starts, news) = (starts(&before), starts(&after));
    let mut edits: Vec<Edit> = Vec::new();
    for change in changes {
        if matches!(change, DiffOp::Equal { .. }) {
            continue;
        }
        let (from, to) = (change.old_range(), change.new_range());
        let range = starts[from.start]..starts[from.end];
        let text = &new[news[to.start]..news[to.end]];
        match edits.last_mut() {
            // A deletion and an insertion at one place are one change.
            Some(last) if last.range.end == range.start => {
                last.expected.push_str(&old[range.clone()]);
                last.range.end = range.end;
                last.text.push_str(text);
            }
            _ => edits.push(Edit {
                expected: old[range.clone()].to_owned(),
                text: text.to_owned(),
                range,
            }),
        }
    }
    edits
}

/// A text's lines, each with its end.
fn lines(text: &str) -> Vec<&str> {
    text.split_inclusive('\n').collect()
}

/// Where each line begins, and where the last one ends.
fn starts(lines: &[&str]) -> Vec<usize> {
    let ends = lines.iter().scan(0, |end, line| {
        *end += line.len();
        Some(*end)
    });
    std::iter::once(0).chain(ends).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::ai::suggestions::apply;

    fn check(old: &str, new: &str, expected: &[(&str, &str)]) {
        let found = edits(old, new);
        let pairs: Vec<(&str, &str)> = found
            .iter()
            .map(|edit| (edit.expected.as_str(), edit.text.as_str()))
            .collect();
        assert_eq!(pairs, expected, "{old:?} {new:?}");
    }

    #[test]
    fn what_differs_is_told_in_whole_lines() {
        check("", "", &[]);
        check("a\nb\n", "a\nb\n", &[]);
        check("", "a\n", &[("", "a\n")]);
        check("a\nb\nc\n", "a\nx\nc\n", &[("b\n", "x\n")]);
        check("a\nb", "a\nb\n", &[("b", "b\n")]);
        check("a\r\nb\r\n", "a\nb\r\n", &[("a\r\n", "a\n")]);
        check(
            "1\n2\n3\n4\n5\n",
            "0\n1\n2\n3\n5\n",
            &[("", "0\n"), ("4\n", "")],
        );
    }

    fn text() -> impl Strategy<Value = String> {
        // Few different lines, so that there is something in common.
        prop::collection::vec("[ab]{0,2}(\n|\r\n|)", 0..40).prop_map(|lines| lines.concat())
    }

    proptest! {
        #[test]
        fn what_differs_leads_from_one_to_the_other(old in text(), new in text()) {
            let edits = edits(&old, &new);
            for pair in edits.windows(2) {
                prop_assert!(pair[0].range.end < pair[1].range.start);
            }
            prop_assert_eq!(apply(&old, &edits).unwrap(), new);
        }

        #[test]
        fn another_text_is_refused(old in text(), new in text(), other in text()) {
            let edits = edits(&old, &new);
            let stale = edits.iter().any(|edit| other.get(edit.range.clone()) != Some(&edit.expected));
            prop_assert_eq!(apply(&other, &edits).is_err(), stale);
        }
    }
}
