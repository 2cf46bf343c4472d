//! What each line of a markdown text is. Pure.
//!
//! Follows CommonMark as far as a check needs it: front matter, fences, quotes, headings, lists, tables. What
//! opens and closes a block of code is told by `code`.

use super::code::{Fences, OpenFence, columns};

/// A line of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line {
    /// Its first byte.
    pub start: usize,
    /// The byte behind its last one, without the line's end.
    pub end: usize,
    /// Where its content begins, behind blanks and markers.
    pub body: usize,
    /// Its blanks in front, a tab being four.
    pub indent: usize,
    /// What it is.
    pub kind: Kind,
}

/// What a line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Nothing but blanks.
    Blank,
    /// Prose, or what goes on with a list's item.
    Prose,
    /// The first line of an item behind `-`, `*` or `+`.
    Bullet(u8),
    /// The first line of an item with a number.
    Number(u32),
    /// A heading and its level.
    Heading(u8),
    /// A row of a table.
    Row,
    /// A quotation behind `>`.
    Quote,
    /// Code, its fences included.
    Code,
    /// A comment that has the line, or several, to itself.
    Comment,
    /// A tag such as `<context>` that has the line to itself.
    Tag,
    /// A line across, or the one under a heading.
    Rule,
    /// Front matter.
    Front,
}

/// Tells what each line is, and which fences are not closed where they should be.
pub(super) fn read(text: &str) -> (Vec<Line>, Vec<OpenFence>) {
    let (lines, fences) = read_with(text, Fences::new(text));
    if fences.holds_another() && fences.unclosed() > 0 {
        let (nested, deeper) = read_with(text, Fences::nested(text));
        // Only where this reading comes out more even is it what the author meant.
        if deeper.unclosed() < fences.unclosed() {
            return (nested, deeper.found());
        }
    }
    (lines, fences.found())
}

fn read_with<'a>(text: &'a str, mut fences: Fences<'a>) -> (Vec<Line>, Fences<'a>) {
    let mut lines: Vec<Line> = Vec::new();
    let mut comment_until = 0;
    let mut comments_close = true;
    let front = front_matter(text);
    let mut in_list = false;
    let mut start = 0;
    for whole in text.split_inclusive('\n') {
        let line = whole.trim_end_matches(['\n', '\r']);
        let inner = line.trim_start_matches([' ', '\t']);
        let blanks = line.len() - inner.len();
        let indent = columns(&line[..blanks]);
        let mut body = start + blanks;
        let mut kind = if start < front {
            Kind::Front
        } else if fences.hold(lines.len(), inner, indent) {
            Kind::Code
        } else if start < comment_until {
            Kind::Comment
        } else {
            let after_code = lines.last().is_none_or(|it| it.kind != Kind::Prose);
            match kind_of(inner) {
                // Behind a list it belongs to the list; behind prose it goes on with it.
                found if indent >= 4 && found != Kind::Blank && !in_list && after_code => {
                    Kind::Code
                }
                found => found,
            }
        };
        match kind {
            Kind::Bullet(_) | Kind::Number(_) => {
                let width = marker(inner);
                body += width;
                in_list = true;
                let item = &text[body..start + line.len()];
                fences.begin_item(indent, width);
                fences.open(lines.len(), item, indent + width);
                body += ["[ ] ", "[x] ", "[X] "]
                    .iter()
                    .find(|it| item.starts_with(**it))
                    .map_or(0, |it| it.len());
            }
            Kind::Heading(level) => {
                let rest = &inner[usize::from(level)..];
                body += usize::from(level) + rest.len() - rest.trim_start().len();
                in_list = false;
                fences.end_list();
            }
            Kind::Comment if start >= comment_until && comments_close => {
                match text[body..].find("-->") {
                    Some(at) => comment_until = body + at + 3,
                    None => (kind, comments_close) = (Kind::Prose, false),
                }
                // What follows the comment on its line is prose; the comment is hidden there.
                if kind == Kind::Comment && comment_until < start + line.trim_end().len() {
                    kind = Kind::Prose;
                }
            }
            Kind::Comment if start >= comment_until => kind = Kind::Prose,
            Kind::Prose => {
                if fences.open(lines.len(), inner, indent) {
                    kind = Kind::Code;
                } else if indent == 0 && lines.last().is_some_and(|it| it.kind == Kind::Blank) {
                    in_list = false;
                    fences.end_list();
                }
            }
            Kind::Rule => {
                let underlines = inner.starts_with(['=', '-']) && !inner.contains(' ');
                match under_title(&mut lines) {
                    Some(title) if underlines => {
                        title.kind = Kind::Heading(if inner.starts_with('=') { 1 } else { 2 });
                    }
                    _ if inner.starts_with('=') => kind = Kind::Prose,
                    _ => {}
                }
            }
            _ => {}
        }
        lines.push(Line {
            start,
            end: start + line.len(),
            body,
            indent,
            kind,
        });
        start += whole.len();
    }
    (lines, fences)
}

/// The last line where it may be a title that is underlined: a paragraph of its own.
fn under_title(lines: &mut [Line]) -> Option<&mut Line> {
    let (last, before) = lines.split_last_mut()?;
    let alone = before.last().is_none_or(|it| it.kind != Kind::Prose);
    (last.kind == Kind::Prose && alone).then_some(last)
}

/// Where the front matter ends; 0 for none.
fn front_matter(text: &str) -> usize {
    let mut at = 0;
    for (index, whole) in text.split_inclusive('\n').enumerate() {
        at += whole.len();
        match (index, whole.trim_end()) {
            (0, "---") => {}
            (0, _) => return 0,
            (_, "---" | "...") => return at,
            _ => {}
        }
    }
    0
}

fn kind_of(inner: &str) -> Kind {
    let bytes = inner.as_bytes();
    let Some(&first) = bytes.first() else {
        return Kind::Blank;
    };
    let hashes = bytes.iter().take_while(|b| **b == b'#').count();
    let ends = |at: usize| bytes.get(at).is_none_or(u8::is_ascii_whitespace);
    match first {
        b'>' => Kind::Quote,
        b'|' => Kind::Row,
        b'#' if hashes <= 6 && ends(hashes) => Kind::Heading(hashes as u8),
        b'<' if inner.starts_with("<!--") => Kind::Comment,
        b'<' if is_tag(inner.trim_end()) => Kind::Tag,
        b'-' | b'*' | b'_' | b'=' if is_rule(inner, first) => Kind::Rule,
        b'-' | b'*' | b'+' if ends(1) => Kind::Bullet(first),
        b'0'..=b'9' if marker(inner) > 0 => {
            let digits: String = inner.chars().take_while(char::is_ascii_digit).collect();
            digits.parse().map_or(Kind::Prose, Kind::Number)
        }
        _ => Kind::Prose,
    }
}

fn is_tag(line: &str) -> bool {
    let inner = line.strip_prefix("</").or_else(|| line.strip_prefix('<'));
    inner.is_some_and(|it| {
        it.starts_with(|c: char| c.is_ascii_alphabetic())
            && it.find(['<', '>']) == Some(it.len() - 1)
    }) && line.ends_with('>')
}

fn is_rule(inner: &str, mark: u8) -> bool {
    let marks = inner.bytes().filter(|b| *b == mark).count();
    marks >= 3 && inner.bytes().all(|b| b == mark || b == b' ')
}

/// The bytes of a list's marker and the blanks behind it; 0 for none.
fn marker(inner: &str) -> usize {
    let digits = inner.bytes().take_while(u8::is_ascii_digit).count();
    let end = match inner.as_bytes().get(digits) {
        Some(b'.' | b')') if (1..=9).contains(&digits) => digits + 1,
        Some(b'-' | b'*' | b'+') if digits == 0 => 1,
        _ => return 0,
    };
    let rest = &inner[end..];
    let blanks = rest.len() - rest.trim_start_matches([' ', '\t']).len();
    match blanks {
        0 if !rest.is_empty() => 0,
        _ => end + blanks,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One letter a line.
    fn check(text: &str, expected: &str) {
        let kinds: String = read(text)
            .0
            .iter()
            .map(|line| match line.kind {
                Kind::Blank => '.',
                Kind::Prose => 'p',
                Kind::Bullet(_) => 'b',
                Kind::Number(_) => 'n',
                Kind::Heading(_) => 'h',
                Kind::Row => 'r',
                Kind::Quote => 'q',
                Kind::Code => 'c',
                Kind::Comment => 'm',
                Kind::Tag => 't',
                Kind::Rule => '-',
                Kind::Front => 'f',
            })
            .collect();
        assert_eq!(kinds, expected, "{text:?}");
    }

    #[test]
    fn each_line_is_told_by_its_looks_and_its_place() {
        check("---\ntitle: a\n---\n# A\nb\n\n> q", "fffhp.q");
        check("---\nno end", "-p");
        check("Title\n=====\nSub\n---\na\n\n---", "h-h-p.-");
        check("- a\n  b\n* c\n1. d\n2) e\n- [ ] f\n-g\n1.h", "bpbnnbpp");
        check("| a | b |\n|---|---|", "rr");
        check("#tag\n#", "ph");
        check("a\n<b>\n</b c>\n<b>c</b>\n<d", "pttpp");
        check("", "");
    }

    #[test]
    fn code_is_what_a_fence_or_four_blanks_hold() {
        check("```rust\n# a\n```\nb", "cccp");
        check("~~~\n```\n~~~\nb", "cccp");
        check("- ```\n  a\n  ```\n- b", "bccb");
        check("a\n\n    code\n\nb", "p.c.p");
        check("- a\n\n    of the item\n\nb\n\n    code", "b.p.p.c");
        check("a\n    goes on", "pp");
        check("```a``` b", "p");
        check("```\na\n    ```\n    b\n    ```\n```\nc", "ccccccp");
        check("- a\n  ```c\n  b\n\nd\n\n```e\nf\n```\ng", "bcccp.cccp");
        check("1. a\n   ```c\nb\n   ```\nd", "ncccp");
        check("```md\n# a\n```c\nb\n```\n# d\n```\n# e", "ccccccch");
    }

    #[test]
    fn a_comment_may_take_lines_and_one_without_end_is_prose() {
        check("<!-- a -->\nb", "mp");
        check("<!-- a\nb\n-->\nc", "mmmp");
        check("<!-- a --> b", "p");
        check("<!-- a\nb", "pp");
    }
}
