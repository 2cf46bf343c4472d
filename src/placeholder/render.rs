//! Segments and values to text.

use std::collections::BTreeMap;
use std::ops::Range;

use super::{Kind, Parsed, Placeholder, Segment};
use crate::error::{Error, Result};

/// What a person gave for a placeholder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// For `text` and `choice`.
    Text(String),
    /// For `list`.
    Items(Vec<String>),
}

/// Values by placeholder name.
pub type Values = BTreeMap<String, Value>;

/// Fills a parsed text; a placeholder without a value yields its default.
///
/// Continuation lines of a text take the indent of the placeholder's line, as in the editor.
///
/// # Errors
/// `invalid_input` that names, all at once, the placeholders without value and default, the values
/// that are not among a choice's options, and the names that the text does not have.
pub fn render(text: &str, parsed: &Parsed, values: &Values) -> Result<String> {
    let mut missing = Vec::new();
    let mut wrong = Vec::new();
    let mut out = String::with_capacity(text.len());
    let mut swallow_to = 0;
    for (index, segment) in parsed.segments.iter().enumerate() {
        let placeholder = match segment {
            Segment::Literal(range) => {
                out.push_str(&text[range.start.max(swallow_to).min(range.end)..range.end]);
                continue;
            }
            Segment::Placeholder(placeholder) => placeholder,
        };
        match (values.get(&placeholder.name), &placeholder.default) {
            (None, None) => missing.push(described(placeholder)),
            (None, Some(default)) => out.push_str(default),
            (Some(value), _) if placeholder.kind == Kind::List => {
                let items = items_of(value);
                let next = parsed
                    .segments
                    .get(index + 1)
                    .map(|s| &text[s.range()])
                    .unwrap_or("");
                let after = rest_of_line(text, placeholder.range.end);
                let line_start = out.rfind('\n').map_or(0, |i| i + 1);
                let before = out.split_off(line_start);
                let lines = fill_list(&before, &items, after).lines;
                // Only blanks directly behind the list go: other text belongs to later segments.
                let (last, lines) = lines.split_last().expect("a filled list has a line");
                for line in lines {
                    out.push_str(line);
                    out.push_str(
                        if text[placeholder.range.end + after.len()..].starts_with('\r') {
                            "\r\n"
                        } else {
                            "\n"
                        },
                    );
                }
                if after.trim().is_empty() {
                    out.push_str(last);
                    swallow_to = placeholder.range.end + after.len();
                } else {
                    let indent = &last[..last.len() - last.trim_start().len()];
                    out.push_str(indent);
                    let blanks = next.len() - next.trim_start_matches([' ', '\t']).len();
                    swallow_to = placeholder.range.end + blanks;
                }
            }
            (Some(value), _) => {
                let value = text_of(value);
                if placeholder.kind == Kind::Choice && !placeholder.options.contains(&value) {
                    wrong.push(format!("{} can't be '{value}'", described(placeholder)));
                }
                let line_start = out.rfind('\n').map_or(0, |i| i + 1);
                let indent = indent_of(&out[line_start..]).to_owned();
                out.push_str(&value.replace('\n', &format!("\n{indent}")));
            }
        }
    }
    let unknown: Vec<&str> = values
        .keys()
        .filter(|name| !parsed.placeholders().any(|p| p.name == **name))
        .map(String::as_str)
        .collect();
    let mut complaints = wrong;
    if !missing.is_empty() {
        complaints.insert(0, format!("no value for {}", missing.join(", ")));
    }
    if !unknown.is_empty() {
        complaints.push(format!(
            "the prompt has no placeholder {}",
            unknown.join(", ")
        ));
    }
    match complaints.is_empty() {
        true => Ok(out),
        false => Err(Error::invalid(complaints.join("; "))),
    }
}

/// A line with a list in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FilledList {
    /// What replaces the line, at least one.
    pub lines: Vec<String>,
    /// Which of `lines` are bullets.
    pub bullets: Range<usize>,
}

/// Puts the items of a list into its line, `before` + placeholder + `after`.
///
/// Alone on its line the placeholder becomes bullets at that indent; in mid-line the text before it
/// keeps its line, the bullets stand on their own lines, and the text after it begins a new line.
pub fn fill_list(before: &str, items: &[String], after: &str) -> FilledList {
    let indent = indent_of(before);
    let mut lines = Vec::with_capacity(items.len() + 2);
    if !before.trim().is_empty() {
        lines.push(before.trim_end().to_owned());
    }
    let first = lines.len();
    for item in items {
        let mut parts = item.lines();
        lines.push(format!("{indent}- {}", parts.next().unwrap_or("")));
        lines.extend(parts.map(|part| format!("{indent}  {part}")));
    }
    let bullets = first..lines.len();
    if !after.trim().is_empty() {
        lines.push(format!("{indent}{}", after.trim_start()));
    }
    if lines.is_empty() {
        lines.push(before.to_owned());
    }
    FilledList { lines, bullets }
}

fn described(placeholder: &Placeholder) -> String {
    match placeholder.kind {
        Kind::Choice => format!("{} ({})", placeholder.name, placeholder.options.join(", ")),
        _ => placeholder.name.clone(),
    }
}

fn items_of(value: &Value) -> Vec<String> {
    match value {
        Value::Items(items) => items.clone(),
        Value::Text(text) => text.lines().map(str::to_owned).collect(),
    }
}

fn text_of(value: &Value) -> String {
    match value {
        Value::Text(text) => text.clone(),
        Value::Items(items) => items.join("\n"),
    }
}

fn indent_of(line: &str) -> &str {
    &line[..line.len() - line.trim_start_matches([' ', '\t']).len()]
}

fn rest_of_line(text: &str, from: usize) -> &str {
    let rest = &text[from..];
    let line = &rest[..rest.find('\n').unwrap_or(rest.len())];
    line.strip_suffix('\r').unwrap_or(line)
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::*;
    use crate::placeholder::parse;

    fn check(text: &str, set: &[(&str, &str)], expected: Expect) {
        let values = set
            .iter()
            .map(|(k, v)| (k.to_string(), Value::Text(v.to_string())))
            .collect();
        let out = match render(text, &parse(text), &values) {
            Ok(text) => text,
            Err(error) => format!("error: {error}"),
        };
        expected.assert_eq(&out);
    }

    #[test]
    fn values_replace_and_defaults_stand_in() {
        check(
            "{{text:a}}, {{text:b=two}}!",
            &[("a", "one")],
            expect!["one, two!"],
        );
    }

    #[test]
    fn a_value_of_several_lines_takes_the_indent() {
        check(
            "> {{text:z}}\n  - {{text:a}}.",
            &[("z", "-"), ("a", "x\ny")],
            expect![[r#"
            > -
              - x
              y."#]],
        );
    }

    #[test]
    fn a_list_alone_on_its_line_becomes_bullets_there() {
        check(
            "Do:\n  {{list:a}}\nEnd",
            &[("a", "x\ny")],
            expect![[r#"
            Do:
              - x
              - y
            End"#]],
        );
    }

    #[test]
    fn a_list_in_mid_line_breaks_the_line() {
        check(
            "Handle {{list:m}} and {{text:x}}.\nEnd",
            &[("m", "a\nb"), ("x", "c")],
            expect![[r#"
            Handle
            - a
            - b
            and c.
            End"#]],
        );
    }

    #[test]
    fn two_lists_on_one_line_both_become_bullets() {
        check(
            "{{list:a}} {{list:b}}",
            &[("a", "x"), ("b", "y")],
            expect![[r#"
            - x
            - y"#]],
        );
    }

    #[test]
    fn everything_wrong_is_named_at_once() {
        check(
            "{{text:a}} {{choice:c=x|y}} {{choice:d=x|y}}",
            &[("c", "z"), ("q", "1")],
            expect![
                "error: no value for a, d (x, y); c (x, y) can't be 'z'; the prompt has no placeholder q"
            ],
        );
    }

    #[test]
    fn line_ends_of_the_text_are_kept() {
        check(
            "a {{list:l}}\r\nb\r\n",
            &[("l", "x")],
            expect!["a\r\n- x\r\nb\r\n"],
        );
    }
}
