//! Makes a name of an answer: its first line that says something, without what stands around a title. Pure.

use crate::handover::inspect::{self, inspect};
use crate::history::composition::MAX_NAME;

/// Quotes and marks that may stand around all of a title.
const PAIRS: [(&str, &str); 12] = [
    ("\"", "\""),
    ("'", "'"),
    ("“", "”"),
    ("„", "“"),
    ("‘", "’"),
    ("‚", "‘"),
    ("«", "»"),
    ("»", "«"),
    ("‹", "›"),
    ("「", "」"),
    ("*", "*"),
    ("_", "_"),
];

/// The name in an answer; empty where there is none.
pub(super) fn clean(answer: &str) -> String {
    let lines = answer.lines().filter(|line| !line.starts_with("```"));
    let names = lines.map(|line| cut(&bare(&visible(line))).to_owned());
    names
        .into_iter()
        .find(|name| !name.is_empty())
        .unwrap_or_default()
}

/// A line without what is not seen, with one blank between its words.
fn visible(line: &str) -> String {
    let spaced: Vec<&str> = line.split_whitespace().collect();
    let mut text = spaced.join(" ");
    // What one of them excuses is found once that is gone.
    loop {
        // A byte order mark is in order at the beginning of a file.
        let plain = text.trim_start_matches('\u{FEFF}').to_owned();
        let mut found = inspect(&plain);
        found.retain(|it| it.kind == inspect::Kind::Hidden);
        let mut places: Vec<_> = found.into_iter().flat_map(|it| it.places).collect();
        if places.is_empty() {
            return plain;
        }
        places.sort_by_key(|place| place.columns.start);
        text = plain;
        for place in places.iter().rev() {
            text.replace_range(place.columns.start as usize..place.columns.end as usize, "");
        }
    }
}

/// A line without markup, quotes around it, and a full stop behind it.
fn bare(line: &str) -> String {
    let plain = line.replace("**", "").replace("__", "").replace('`', "");
    let mut text = plain.trim();
    loop {
        let mut rest = text.trim_end_matches(['.', '。', '．']).trim();
        rest = without_mark(rest);
        for (open, close) in PAIRS {
            let inner = rest
                .strip_prefix(open)
                .and_then(|it| it.strip_suffix(close));
            // "One" and "another" are two.
            if let Some(inner) = inner.filter(|it| !it.contains(open) && !it.contains(close)) {
                rest = inner.trim();
            }
        }
        if rest == text {
            let words: Vec<&str> = text.split_whitespace().collect();
            return words.join(" ");
        }
        text = rest;
    }
}

/// A line without the mark of a heading, a list or a quotation.
fn without_mark(line: &str) -> &str {
    let rest = line.trim_start_matches('#');
    let rest = match rest.len() == line.len() {
        true => line.strip_prefix(['-', '*', '+', '>']).unwrap_or(line),
        false => rest,
    };
    match rest.is_empty() || rest.starts_with(' ') {
        true => rest.trim(),
        false => line,
    }
}

/// As much of a name as it may have, to a word's end where there is one.
fn cut(name: &str) -> &str {
    let Some((end, _)) = name.char_indices().nth(MAX_NAME) else {
        return name;
    };
    let near = &name[..end];
    let word = match name[end..].starts_with(' ') {
        true => near,
        false => near.rsplit_once(' ').map_or(near, |(words, _)| words),
    };
    word.trim_end()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::history::composition;

    #[test]
    fn the_first_line_that_says_something_is_the_name() {
        let words = "word ".repeat(30);
        let nineteen = "word ".repeat(20);
        let long = "ä".repeat(120);
        for (answer, expected) in [
            ("Release notes", "Release notes"),
            ("\n  \n Release   notes \nand more", "Release notes"),
            ("\"Release notes.\"", "Release notes"),
            ("“Release notes”.", "Release notes"),
            ("„Größere Prüfung“", "Größere Prüfung"),
            ("'Release notes'", "Release notes"),
            ("« Notes de version »", "Notes de version"),
            ("# Release notes", "Release notes"),
            ("### **Release notes**", "Release notes"),
            ("**\"Release notes\"**", "Release notes"),
            ("*Release notes*", "Release notes"),
            ("_Release notes_", "Release notes"),
            ("- Release notes", "Release notes"),
            ("> Release notes", "Release notes"),
            ("Tests for `parse_all`", "Tests for parse_all"),
            ("```text\nRelease notes\n```", "Release notes"),
            ("リリースノート。", "リリースノート"),
            // What belongs to it stays.
            ("#1 bug of the year", "#1 bug of the year"),
            ("\"One\" and \"another\"", "\"One\" and \"another\""),
            ("What's new?", "What's new?"),
            ("Node.js", "Node.js"),
            ("-Wall for C", "-Wall for C"),
            ("snake_case and a * b", "snake_case and a * b"),
            // What is not seen goes, what a script or an emoji needs stays.
            ("Re\u{200B}lease\u{202E} notes\u{1B}", "Release notes"),
            ("\u{FEFF}\u{FEFF}Release\tnotes", "Release notes"),
            ("می\u{200C}خواهم", "می\u{200C}خواهم"),
            ("Code 👩\u{200D}💻", "Code 👩\u{200D}💻"),
            (&words, nineteen.trim()),
            (&long, &long[..200]),
            ("", ""),
            (" \n\t\n", ""),
            ("\"\"\n##\n**.**\n\u{200B}", ""),
            ("\"\"\nRelease notes", "Release notes"),
        ] {
            assert_eq!(clean(answer), expected, "{answer:?}");
        }
    }

    proptest! {
        #[test]
        fn whatever_a_model_says_comes_out_as_a_name_or_as_nothing(
            answer in r#"([ #*_.'"`>äa\n\t]|\PC|\pC){0,150}"#,
        ) {
            let name = clean(&answer);
            if !name.is_empty() {
                prop_assert_eq!(composition::name(&name).unwrap(), name);
            }
        }
    }
}
