//! Text to segments.

use std::collections::HashMap;
use std::ops::Range;

use memchr::memmem;

use super::{Finding, Kind, Parsed, Placeholder, Segment};
use crate::problem::Severity;
use crate::text::{Position, position_of};

/// Parses a prompt: its segments, and findings about duplicate, nested, unclosed and misspelt
/// placeholders. Takes time linear in the text.
pub fn parse(text: &str) -> Parsed {
    let mut parsed = Parsed::default();
    let mut first: HashMap<&str, (usize, Option<Position>)> = HashMap::new();
    scan(text, &mut parsed);
    for segment in &parsed.segments {
        let Segment::Placeholder(Placeholder { range, name, .. }) = segment else {
            continue;
        };
        let Some((earlier, at)) = first.get_mut(name.as_str()) else {
            first.insert(name, (range.start, None));
            continue;
        };
        let at = *at.get_or_insert_with(|| position_of(text, *earlier));
        parsed.findings.push(Finding {
            range: range.clone(),
            severity: Severity::Error,
            message: format!(
                "placeholder '{}' is defined twice (first at {}:{})",
                shown(name),
                at.line,
                at.column
            ),
            hint: Some("give one of them another name".into()),
        });
    }
    parsed.findings.sort_by_key(|finding| finding.range.start);
    parsed
}

/// Parses the placeholders of one line of a composition, where the same name may occur often:
/// equal names are linked there.
pub fn parse_line(line: &str) -> Vec<Placeholder> {
    let mut parsed = Parsed::default();
    scan(line, &mut parsed);
    parsed
        .segments
        .into_iter()
        .filter_map(|segment| match segment {
            Segment::Placeholder(placeholder) => Some(placeholder),
            Segment::Literal(_) => None,
        })
        .collect()
}

/// The end of the line and the next `}}` in it, found once for all that opens before them: looked
/// for at each `{{`, a long line of unclosed ones would take time quadratic in its length.
#[derive(Default)]
struct Ahead {
    line_end: usize,
    close: Option<usize>,
}

impl Ahead {
    /// The end of the line in which `from` stands, and the first `}}` from there on in it.
    fn look(&mut self, bytes: &[u8], from: usize) -> (usize, Option<usize>) {
        let new_line = from >= self.line_end;
        if new_line {
            self.line_end = memchr::memchr(b'\n', &bytes[from..]).map_or(bytes.len(), |i| from + i);
        }
        if new_line || self.close.is_some_and(|close| close < from) {
            self.close = memmem::find(&bytes[from..self.line_end], b"}}").map(|i| from + i);
        }
        (self.line_end, self.close)
    }
}

/// Walks from one `{{` to the next; what is between two placeholders becomes one literal.
fn scan(text: &str, parsed: &mut Parsed) {
    let bytes = text.as_bytes();
    let mut ahead = Ahead::default();
    let mut literal_from = 0;
    let mut at = 0;
    while let Some(open) = memmem::find(&bytes[at..], b"{{").map(|i| at + i) {
        let braces = bytes[open..].iter().take_while(|&&b| b == b'{').count();
        if braces > 2 {
            at = open + braces;
            continue;
        }
        match read(text, open, &mut ahead) {
            Read::Placeholder(placeholder) => {
                if literal_from < open {
                    parsed.segments.push(Segment::Literal(literal_from..open));
                }
                at = placeholder.range.end;
                literal_from = at;
                parsed.segments.push(Segment::Placeholder(placeholder));
            }
            Read::Literal(finding) => {
                parsed.findings.extend(finding);
                at = open + 2;
            }
        }
    }
    if literal_from < text.len() {
        parsed
            .segments
            .push(Segment::Literal(literal_from..text.len()));
    }
}

enum Read {
    Placeholder(Placeholder),
    Literal(Option<Finding>),
}

const LITERAL: Read = Read::Literal(None);

fn warn(range: Range<usize>, message: String, hint: &str) -> Read {
    finding(range, Severity::Warning, message, hint)
}

fn finding(range: Range<usize>, severity: Severity, message: String, hint: &str) -> Read {
    Read::Literal(Some(Finding {
        range,
        severity,
        message,
        hint: Some(hint.into()),
    }))
}

/// Reads what stands at the `{{` at `open`.
fn read(text: &str, open: usize, ahead: &mut Ahead) -> Read {
    let rest = &text[open + 2..];
    let word = run(rest, |b| b.is_ascii_lowercase());
    if word.is_empty() || rest.as_bytes().get(word.len()) != Some(&b':') {
        return LITERAL;
    }
    let after_colon = &rest[word.len() + 1..];
    let Some(kind) = Kind::ALL.into_iter().find(|kind| kind.word() == word) else {
        return read_unknown(word, after_colon, open);
    };
    let name_at = open + 2 + word.len() + 1;
    let (line_end, close) = ahead.look(text.as_bytes(), name_at);
    let name = run(&text[name_at..line_end], |b| {
        b.is_ascii_alphanumeric() || b == b'_'
    });
    let short = shown(name);
    let Some(close) = close else {
        let what = format!("placeholder '{{{{{word}:{short}' is not closed on its line");
        let message = format!("{what}, it stays literal text");
        return warn(open..name_at + name.len(), message, "close it with '}}'");
    };
    let inner = &text[name_at..close];
    let range = open..close + 2;
    if let Some(nested) = nested_in(inner) {
        return finding(
            range,
            Severity::Error,
            format!(
                "placeholder '{short}' holds another one, '{}'",
                shown(nested)
            ),
            "placeholders can't be nested: close the first before the second begins",
        );
    }
    let tail = &inner[name.len()..];
    let value = tail.strip_prefix('=');
    if name.is_empty() || (!tail.is_empty() && value.is_none()) {
        return warn(
            range,
            format!(
                "'{}' is no placeholder name, the text stays literal",
                shown(inner)
            ),
            "names are letters, digits and '_'",
        );
    }
    let (default, options) = match (kind, value) {
        (Kind::Text, value) => (value.map(str::to_owned), Vec::new()),
        (Kind::List, None) => (None, Vec::new()),
        (Kind::List, Some(_)) => {
            let message = format!("list '{short}' has a default, the text stays literal");
            return warn(range, message, "a list takes no default: {{list:name}}");
        }
        (Kind::Choice, Some(value)) if !value.is_empty() => (None, split_options(value)),
        (Kind::Choice, _) => {
            let message = format!("choice '{short}' has no options, the text stays literal");
            return warn(range, message, "write {{choice:name=one|two}}");
        }
    };
    Read::Placeholder(Placeholder {
        range,
        kind,
        name: name.to_owned(),
        default,
        options,
    })
}

/// `{{data:name}}`, exactly: most likely meant as a placeholder.
fn read_unknown(word: &str, after_colon: &str, open: usize) -> Read {
    let name = run(after_colon, |b| b.is_ascii_alphanumeric() || b == b'_');
    if name.is_empty() || !after_colon[name.len()..].starts_with("}}") {
        return LITERAL;
    }
    let end = open + 2 + word.len() + 1 + name.len() + 2;
    warn(
        open..end,
        format!(
            "unknown placeholder type '{}', the text stays literal",
            shown(word)
        ),
        "types are text, list, choice",
    )
}

/// The start of a placeholder inside a placeholder's own text, as written.
fn nested_in(inner: &str) -> Option<&str> {
    memmem::find_iter(inner.as_bytes(), b"{{").find_map(|at| {
        let rest = &inner[at + 2..];
        let word = run(rest, |b| b.is_ascii_lowercase());
        let known = Kind::ALL.iter().any(|kind| kind.word() == word);
        let name = run(rest.get(word.len() + 1..)?, |b| {
            b.is_ascii_alphanumeric() || b == b'_'
        });
        (known && rest[word.len()..].starts_with(':'))
            .then(|| &inner[at..at + 2 + word.len() + 1 + name.len()])
    })
}

/// As much of a text as belongs into a message.
fn shown(text: &str) -> String {
    match text.char_indices().nth(60) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

fn run(text: &str, wanted: impl Fn(u8) -> bool) -> &str {
    &text[..text.bytes().take_while(|&b| wanted(b)).count()]
}

fn split_options(value: &str) -> Vec<String> {
    let mut options = vec![String::new()];
    let mut chars = value.chars().peekable();
    while let Some(c) = chars.next() {
        let last = options.last_mut().expect("starts with one option");
        match c {
            '\\' if chars.peek() == Some(&'|') => {
                last.push('|');
                chars.next();
            }
            '|' => options.push(String::new()),
            c => last.push(c),
        }
    }
    options
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};
    use proptest::prelude::*;

    use super::*;

    /// One line per segment and finding.
    fn check(text: &str, expected: Expect) {
        let parsed = parse(text);
        let mut out = String::new();
        for segment in &parsed.segments {
            match segment {
                Segment::Literal(range) => out += &format!("{:?}\n", &text[range.clone()]),
                Segment::Placeholder(p) => {
                    out += &format!("{} {}", p.kind.word(), p.name);
                    if let Some(default) = &p.default {
                        out += &format!(" = {default:?}");
                    }
                    if !p.options.is_empty() {
                        out += &format!(" of {:?}", p.options);
                    }
                    out += "\n";
                }
            }
        }
        for f in &parsed.findings {
            let at = position_of(text, f.range.start);
            out += &format!("{:?} {}:{} {}\n", f.severity, at.line, at.column, f.message);
        }
        expected.assert_eq(&out);
    }

    #[test]
    fn each_kind_is_read_with_its_own_grammar() {
        check(
            "a {{text:x}} {{text:y=b c=d}} {{text:e=}} {{list:z_1}} {{choice:c=a|b\\|c|}}",
            expect![[r#"
                "a "
                text x
                " "
                text y = "b c=d"
                " "
                text e = ""
                " "
                list z_1
                " "
                choice c of ["a", "b|c", ""]
            "#]],
        );
    }

    #[test]
    fn anything_else_is_literal_and_left_alone() {
        check(
            "{{x}} {{#if a}} ${{ secrets.X }} {{{text:a}}} {{ text:a }} {{a: 0}} {{TEXT:a}} {{",
            expect![[r#"
                "{{x}} {{#if a}} ${{ secrets.X }} {{{text:a}}} {{ text:a }} {{a: 0}} {{TEXT:a}} {{"
            "#]],
        );
    }

    #[test]
    fn near_misses_stay_literal_with_a_warning() {
        check(
            "{{data:x}} {{text:a-b}} {{text:}} {{list:l=a}} {{choice:c}}\n{{text:open\n{{text:ok}}",
            expect![[r#"
                "{{data:x}} {{text:a-b}} {{text:}} {{list:l=a}} {{choice:c}}\n{{text:open\n"
                text ok
                Warning 1:1 unknown placeholder type 'data', the text stays literal
                Warning 1:12 'a-b' is no placeholder name, the text stays literal
                Warning 1:25 '' is no placeholder name, the text stays literal
                Warning 1:35 list 'l' has a default, the text stays literal
                Warning 1:48 choice 'c' has no options, the text stays literal
                Warning 2:1 placeholder '{{text:open' is not closed on its line, it stays literal text
            "#]],
        );
    }

    #[test]
    fn a_name_used_twice_in_one_prompt_is_an_error_at_the_second() {
        check(
            "{{text:a}}\n  {{list:a}}",
            expect![[r#"
                text a
                "\n  "
                list a
                Error 2:3 placeholder 'a' is defined twice (first at 1:1)
            "#]],
        );
    }

    #[test]
    fn a_nested_placeholder_is_an_error_at_the_outer() {
        check(
            "{{text:a={{text:b}}}} {{text:c={{x}}",
            expect![[r#"
                "{{text:a="
                text b
                "}} "
                text c = "{{x"
                Error 1:1 placeholder 'a' holds another one, '{{text:b'
            "#]],
        );
    }

    #[test]
    fn a_line_of_a_composition_may_repeat_a_name() {
        let found = parse_line("{{text:a}} {{text:a}}");
        assert_eq!(
            found.iter().map(|p| p.range.clone()).collect::<Vec<_>>(),
            [0..10, 11..21]
        );
    }

    #[test]
    fn a_message_quotes_no_more_than_a_line() {
        let parsed = parse(&format!("{{{{text:-{}}}}}", "x".repeat(100_000)));
        assert!(
            parsed.findings[0].message.len() < 200,
            "{}",
            parsed.findings[0].message
        );
    }

    #[test]
    fn long_lines_of_unclosed_and_of_equal_names_are_read_in_linear_time() {
        // Quadratic code took minutes for these in a debug build; the rule is that they end.
        let unclosed = "{{text:".repeat(140_000);
        assert_eq!(parse(&unclosed).findings.len(), 140_000);
        let equal = format!("{}{}", "x".repeat(500_000), "{{text:a}}".repeat(50_000));
        assert_eq!(parse(&equal).findings.len(), 49_999);
    }

    fn pieces() -> impl Strategy<Value = String> {
        let piece = prop_oneof![
            Just("{{".to_string()),
            Just("}}".into()),
            Just("{".into()),
            Just("}".into()),
            Just("text:".into()),
            Just("list:".into()),
            Just("choice:".into()),
            Just("a=".into()),
            Just("{{text:n}}".into()),
            Just("{{choice:c=a|b}}".into()),
            Just("\n".into()),
            Just("\r\n".into()),
            Just("\\|".into()),
            ".{0,6}",
        ];
        proptest::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #[test]
        fn parse_and_re_join_gives_the_same_bytes(text in prop_oneof![pieces(), any::<String>()]) {
            let parsed = parse(&text);
            let joined: String = parsed.segments.iter().map(|s| &text[s.range()]).collect();
            prop_assert_eq!(&joined, &text);
            let mut at = 0;
            for segment in &parsed.segments {
                prop_assert_eq!(segment.range().start, at);
                prop_assert!(segment.range().end > at);
                at = segment.range().end;
            }
        }

        #[test]
        fn a_placeholder_read_alone_is_read_the_same(text in pieces()) {
            for placeholder in parse(&text).placeholders() {
                let alone = &text[placeholder.range.clone()];
                let again = parse_line(alone);
                prop_assert_eq!(again.len(), 1);
                let expected = Placeholder { range: 0..alone.len(), ..placeholder.clone() };
                prop_assert_eq!(&again[0], &expected);
            }
        }
    }
}
