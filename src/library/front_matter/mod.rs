//! The front matter of a prompt file: where it ends, and what it says. Pure.
//!
//! Most front matter is plain `key: value` lines, read by a scanner that copies nothing
//! (`scan`); whatever the scanner is not sure of goes to the YAML crate, which costs more than
//! reading the file does. Of 19,107 public prompt files one in ten has invalid YAML, and nearly all
//! of those are mended by putting a value in quotes (`mend`): such a prompt works, with a warning.

mod fields;
mod mend;
mod scan;

use std::ops::Range;

use crate::problem::Severity;

pub use fields::FrontMatter;
pub(crate) use fields::one_line;

/// Front matter longer than this is refused unread; YAML in this size can't take long.
pub const MAX_BYTES: usize = 16 * 1024;
/// Values nested deeper than this are refused.
pub const MAX_DEPTH: usize = 8;

/// Where the parts of a file are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Split {
    /// The YAML between the two `---` lines, without them.
    pub header: Option<Range<usize>>,
    /// Where the body begins; it goes to the end of the text.
    pub body: usize,
    /// The first line opens front matter that no line closes; all of it is in the body.
    pub unclosed: bool,
}

/// A finding about front matter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The byte of the header that it is about.
    pub at: usize,
    /// A warning where the prompt works nevertheless.
    pub severity: Severity,
    /// What is wrong.
    pub message: String,
    /// The way out.
    pub hint: Option<String>,
}

impl Finding {
    fn error(at: usize, message: impl Into<String>, hint: impl Into<String>) -> Self {
        let hint = Some(hint.into());
        Self {
            at,
            severity: Severity::Error,
            message: message.into(),
            hint,
        }
    }

    fn warning(at: usize, message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self {
            severity: Severity::Warning,
            ..Self::error(at, message, hint)
        }
    }
}

/// Finds the front matter of a text. Lines may end in LF, CRLF or CR, and differ; a byte order mark
/// may stand first and belongs to neither part.
///
/// A first line `---` that no other closes opens front matter only if a key follows it; else it
/// is a rule of somebody's Markdown.
pub fn split(text: &str) -> Split {
    let start = if text.starts_with('\u{feff}') {
        '\u{feff}'.len_utf8()
    } else {
        0
    };
    let none = |unclosed| Split {
        header: None,
        body: start,
        unclosed,
    };
    if !text[start..].starts_with("---") {
        return none(false);
    }
    let mut lines = Lines { text, at: start };
    if !lines.next().is_some_and(|line| is_fence(&text[line])) {
        return none(false);
    }
    let from = lines.at;
    while let Some(line) = lines.next() {
        if is_fence(&text[line.clone()]) {
            return Split {
                header: Some(from..line.start),
                body: lines.at,
                unclosed: false,
            };
        }
    }
    let first = Lines { text, at: from }
        .map(|line| &text[line])
        .find(|line| !line.trim().is_empty());
    none(first.is_some_and(|line| scan::key(line).is_some()))
}

/// Reads front matter as [`split`] found it, and never fails as a whole: with an error among the
/// findings, the fields hold what could be read.
pub fn read(header: &str) -> (FrontMatter, Vec<Finding>) {
    if header.len() > MAX_BYTES {
        let message = format!("front matter is longer than {} KB", MAX_BYTES / 1024);
        let hint = "keep the text of the prompt below the closing '---'";
        return (
            FrontMatter::default(),
            vec![Finding::error(0, message, hint)],
        );
    }
    if let Some(entries) = scan::plain(header) {
        let mut fields = FrontMatter::default();
        for (key, value) in entries {
            fields.set_plain(key, value);
        }
        return (fields, Vec::new());
    }
    mend::read_yaml(header)
}

/// The byte at which the value of a key begins; 0 where the key does not stand plainly on a line.
pub(crate) fn place_of(header: &str, key: &str) -> usize {
    mend::places(header)
        .find(|place| place.key == key)
        .map_or(0, |place| place.value)
}

fn is_fence(line: &str) -> bool {
    line.strip_prefix("---")
        .is_some_and(|rest| rest.bytes().all(|b| b == b' ' || b == b'\t'))
}

/// The lines of a text from a byte on, each without its end.
struct Lines<'a> {
    text: &'a str,
    at: usize,
}

impl Iterator for Lines<'_> {
    type Item = Range<usize>;

    fn next(&mut self) -> Option<Range<usize>> {
        let from = self.at;
        let rest = &self.text.as_bytes()[from..];
        if rest.is_empty() {
            return None;
        }
        let length = memchr::memchr2(b'\n', b'\r', rest).unwrap_or(rest.len());
        let end = match rest.get(length..) {
            Some([b'\r', b'\n', ..]) => 2,
            Some([_, ..]) => 1,
            _ => 0,
        };
        self.at = from + length + end;
        Some(from..from + length)
    }
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};
    use proptest::prelude::*;

    use super::*;

    fn check_split(text: &str, header: Option<&str>, body: &str) {
        let split = split(text);
        assert_eq!(
            split.header.map(|range| &text[range]),
            header,
            "header of {text:?}"
        );
        assert_eq!(&text[split.body..], body, "body of {text:?}");
    }

    #[test]
    fn front_matter_ends_at_its_second_fence() {
        check_split("---\ntitle: a\n---\nb\n", Some("title: a\n"), "b\n");
        check_split(
            "---\r\ntitle: a\r\n---\r\nb\r\n",
            Some("title: a\r\n"),
            "b\r\n",
        );
        check_split("---\rtitle: a\r---\rb\r", Some("title: a\r"), "b\r");
        check_split(
            "\u{feff}---\ntitle: a\r\n--- \t\rb",
            Some("title: a\r\n"),
            "b",
        );
        check_split("---\ntitle: a\n---", Some("title: a\n"), "");
        check_split("---\n---\n\nb", Some(""), "\nb");
        check_split("---\na: 1\n---\nb\n---\n", Some("a: 1\n"), "b\n---\n");
    }

    #[test]
    fn other_texts_are_all_body() {
        for text in [
            "",
            "a",
            "----\na: b\n---\n",
            " ---\na: b\n---\n",
            "--- a\n---\n",
            "\n---\n",
        ] {
            check_split(text, None, text);
            assert!(!split(text).unclosed, "{text:?}");
        }
        check_split("\u{feff}", None, "");
    }

    #[test]
    fn an_unclosed_header_is_told_from_a_rule() {
        for (text, unclosed) in [
            ("---\ntitle: a\nbody", true),
            ("---\n\ntitle:", true),
            ("---", false),
            ("---\n", false),
            ("---\nA sentence.\n", false),
            ("---\nNote: https://x\n", true),
        ] {
            check_split(text, None, text);
            assert_eq!(split(text).unclosed, unclosed, "{text:?}");
        }
    }

    /// The fields that are set, then the findings.
    fn check(header: &str, expected: Expect) {
        let (fields, findings) = read(header);
        let mut out = String::new();
        for (key, value) in [
            ("title", &fields.title),
            ("name", &fields.name),
            ("description", &fields.description),
        ] {
            if let Some(value) = value {
                out += &format!("{key} {value:?}\n");
            }
        }
        if !fields.tags.is_empty() {
            out += &format!("tags {:?}\n", fields.tags);
        }
        for (key, value) in &fields.extra {
            out += &format!("+ {key} {value}\n");
        }
        for f in findings {
            let at = crate::text::position_of(header, f.at);
            out += &format!("{:?} {}:{} {}\n", f.severity, at.line, at.column, f.message);
            out += &f.hint.map(|hint| format!("  {hint}\n")).unwrap_or_default();
        }
        expected.assert_eq(&out);
    }

    #[test]
    fn known_keys_are_fields_and_others_are_kept() {
        check(
            "title: API docs\nname: 'api'\ndescription: \"what it is\"\ntags: [a, b c]\n\
             model: opus # the large\nn: 3\nnested:\n  a: [1, true, ~]\n",
            expect![[r#"
                title "API docs"
                name "api"
                description "what it is"
                tags ["a", "b c"]
                + model "opus"
                + n 3
                + nested {"a":[1,true,null]}
            "#]],
        );
    }

    #[test]
    fn tags_come_as_text_list_or_nothing() {
        for (header, tags) in [
            ("tags: a, b ,,c", "[\"a\", \"b\", \"c\"]"),
            ("tags: [a, \"b\", 'c']", "[\"a\", \"b\", \"c\"]"),
            ("tags:\n- a\n- b\n", "[\"a\", \"b\"]"),
            ("tags:\n  - a\n  - 'b, c'\n", "[\"a\", \"b, c\"]"),
            ("tags: [2, true]", "[\"2\", \"true\"]"),
            ("tags:", "[]"),
            ("tags: null", "[]"),
            ("tags: []", "[]"),
        ] {
            let (fields, findings) = read(header);
            assert_eq!(format!("{:?}", fields.tags), tags, "{header:?}");
            assert_eq!(findings, [], "{header:?}");
        }
    }

    #[test]
    fn block_text_becomes_one_line_and_numbers_become_text() {
        check(
            "title: 2024\ndescription: |\n  first\n  second\nname: ~\n",
            expect![[r#"
                title "2024"
                description "first second"
            "#]],
        );
    }

    #[test]
    fn values_that_need_quotes_are_mended_with_a_warning() {
        check(
            "title: a: b\nglobs: **/*\nargument-hint: [a] | [b]\ndescription: \"x\" and 'y'\n",
            expect![[r#"
                title "a: b"
                description "\"x\" and 'y'"
                + argument-hint "[a] | [b]"
                + globs "**/*"
                Warning 1:8 the value of 'title' is no valid YAML, it is read as plain text
                  write title: "a: b"
                Warning 2:8 the value of 'globs' is no valid YAML, it is read as plain text
                  write globs: "**/*"
                Warning 3:16 the value of 'argument-hint' is no valid YAML, it is read as plain text
                  write argument-hint: "[a] | [b]"
                Warning 4:14 the value of 'description' is no valid YAML, it is read as plain text
                  write description: '"x" and ''y'''
            "#]],
        );
    }

    #[test]
    fn what_cannot_be_mended_is_an_error_with_what_could_be_read() {
        check(
            "title: Kept\ntags: [a\n  b: ]c\nx: y\n",
            expect![[r#"
                title "Kept"
                Error 3:4 front matter is no valid YAML: did not find expected ',' or ']'
                  put values with special characters in quotes
            "#]],
        );
        check(
            "just text\n",
            expect![[r#"
            Error 1:1 front matter holds no keys
              write lines like 'title: A short name'
        "#]],
        );
        check(
            "title: a\ntags: b\ntitle: c\n",
            expect![[r#"
            title "a"
            Error 3:1 'title' stands twice in the front matter (first on line 2)
              keep one of them
        "#]],
        );
        check(
            "title: a\nx: [[[[[[[[[1]]]]]]]]]\n",
            expect![[r#"
            title "a"
            Error 1:1 front matter is nested deeper than 8 levels
              flatten it
        "#]],
        );
        check(
            "title: a\nx:\n  y: 1\n  y: 2\n",
            expect![[r#"
            title "a"
            Error 3:3 a key stands twice in the front matter
              keep one of them
        "#]],
        );
        check(
            "title: a\n\tb: c\n",
            expect![[r#"
            title "a"
            Error 2:1 front matter is no valid YAML: found a tab character that violates indentation
              put values with special characters in quotes
        "#]],
        );
    }

    #[test]
    fn fields_of_the_wrong_type_are_named() {
        check(
            "title: [a]\ndescription: {a: b}\ntags: {a: b}\n",
            expect![[r#"
            Warning 1:8 'title' is not text on one line
              write text on one line
            Warning 2:14 'description' is not text on one line
              write text on one line
            Warning 3:7 'tags' is not a list of words
              write a list of words
        "#]],
        );
    }

    #[test]
    fn hostile_headers_end_soon() {
        let deep = "a: ".to_owned() + &"[".repeat(MAX_BYTES - 3);
        let flow = "a: ".to_owned() + &"{a: ".repeat(4000);
        let long = "a".repeat(MAX_BYTES + 1);
        let mut aliases = "a: &a [x, x, x, x, x, x, x, x]\n".to_owned();
        for (name, of) in ('b'..'z').zip('a'..) {
            let list = vec![format!("*{of}"); 8].join(", ");
            aliases += &format!("{name}: &{name} [{list}]\n");
        }
        for header in [deep, flow, long, aliases] {
            let (_, findings) = read(&header);
            assert!(!findings.is_empty(), "{header}");
        }
    }

    fn pieces() -> impl Strategy<Value = String> {
        let piece = proptest::sample::select(vec![
            "---", "\n", "\n", "\r\n", "\r", "title", "tags", "x-y", ": ", ": ", ":", "a", "b c",
            "1", "true", "~", "- ", "  ", "[a, b]", "[", "]", "\"", "'", "#", " # c", "{", "}",
            ",", "\u{feff}", "\t", "|", ">", "&a", "*a", "ä", "\u{2028}", "\0", "\\", "!", "%",
            "null",
        ]);
        proptest::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
    }

    fn lines() -> impl Strategy<Value = String> {
        let key = proptest::sample::select(vec!["title", "name", "tags", "x", "y", "description"]);
        let line = (key, pieces()).prop_map(|(key, value)| format!("{key}: {value}\n"));
        proptest::collection::vec(line, 0..4).prop_map(|lines| lines.concat())
    }

    proptest! {
        #[test]
        fn the_parts_re_join_to_the_same_bytes(text in prop_oneof![pieces(), any::<String>()]) {
            let text = format!("---\n{text}");
            let Split { header, body, .. } = split(&text);
            if let Some(header) = header {
                let fences = [&text[..header.start], &text[header.end..body]];
                let fenced = fences.iter().all(|f| f.trim_start_matches('\u{feff}').trim() == "---");
                prop_assert!(fenced);
                let joined = [fences[0], &text[header], fences[1], &text[body..]].concat();
                prop_assert_eq!(joined, text);
            }
        }

        #[test]
        fn any_header_is_read(header in prop_oneof![pieces(), lines(), any::<String>()]) {
            for finding in read(&header).1 {
                prop_assert!(finding.at <= header.len());
            }
        }

        /// The scanner may refuse, but may not differ.
        #[test]
        fn the_scanner_reads_what_yaml_reads(header in prop_oneof![pieces(), lines()]) {
            if scan::plain(&header).is_some() {
                prop_assert_eq!(read(&header), mend::read_yaml(&header));
            }
        }
    }
}
