//! References to files in a line of text: `@path`, `@path:10`, `@path:10-20`, `@"a path":3-4`. Pure.
//!
//! The `@` stands at the line's start, after a blank, an opening bracket or a quotation mark, so an
//! address such as `me@example.org` is none. A path without quotes ends at a blank, a quotation mark,
//! one of `` ` < > | \ ? : , ; `` or a bracket that it did not open, and not with `.` or `!`; a path that
//! needs one of them is quoted. With a `*` it is a pattern and none of ours. What stands in a code
//! span or in a code fence is literal.
//!
//! `@override`, `@types/node` and `@someone` look alike: [`Reference::certain`] says what is a
//! reference by its looks alone, and [`super::resolve`] asks the disk about the others.

use std::fmt;
use std::ops::Range;

use super::fence::{Fences, Line};
use super::language::language;
use crate::text::code_spans;

/// Longer paths than any system opens.
const MAX_PATH: usize = 4096;

/// A reference in a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    /// Its bytes in the line, with the `@`, the quotes and the lines.
    pub range: Range<usize>,
    /// The path as written, without quotes.
    pub path: String,
    /// The first and the last line, counted from 1, as written: they may be out of order.
    pub lines: Option<(u32, u32)>,
    /// Whether it looks like a file; what does not is one only when the file exists.
    pub certain: bool,
}

/// Shows it without the `@` and quotes: `src/a.rs:10-20`.
impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.path)?;
        match self.lines {
            Some((first, last)) if first == last => write!(f, ":{first}"),
            Some((first, last)) => write!(f, ":{first}-{last}"),
            None => Ok(()),
        }
    }
}

/// Finds the references of one line of prose, in order.
pub fn references(line: &str) -> Vec<Reference> {
    let mut found = Vec::new();
    if !line.contains('@') {
        return found;
    }
    let spans = code_spans(line);
    let mut spans = spans.iter().peekable();
    let mut from = 0;
    while let Some(at) = line[from..].find('@').map(|i| from + i) {
        from = at + 1;
        while spans.next_if(|span| span.end <= at).is_some() {}
        if spans.peek().is_some_and(|span| span.contains(&at)) || !may_begin(line, at) {
            continue;
        }
        if let Some(reference) = read(line, at) {
            from = reference.range.end;
            found.push(reference);
        }
    }
    found
}

/// Finds the references of a markdown text, each with its line, counted from 0.
pub fn scan<'a>(lines: impl IntoIterator<Item = &'a str>) -> Vec<(u32, Reference)> {
    let mut fences = Fences::default();
    let mut found = Vec::new();
    for (row, line) in (0..).zip(lines) {
        if fences.next(line) == Line::Prose {
            found.extend(references(line).into_iter().map(|it| (row, it)));
        }
    }
    found
}

/// The text that refers to a path, quoted where it has to be; nothing for a path that can't be
/// written so, with a quotation mark or a control character.
pub fn token(path: &str) -> Option<String> {
    [format!("@{path}"), format!("@\"{path}\"")]
        .into_iter()
        .find(|text| {
            references(text)
                .iter()
                .any(|it| it.path == path && it.range == (0..text.len()))
        })
}

/// A reference that is being typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Typed {
    /// Where its `@` stands in the line, in bytes.
    pub start: usize,
    /// What is typed of the path.
    pub path: String,
    /// Whether it began with a quotation mark.
    pub quoted: bool,
}

/// The reference that ends at a byte of a line of prose, as completion needs it; `column` counts
/// from 0 and lies on a character's start or the line's end.
pub fn typed(line: &str, column: usize) -> Option<Typed> {
    let before = line.get(..column)?;
    let spans = code_spans(line);
    let begins = |at: usize| may_begin(before, at) && !spans.iter().any(|span| span.contains(&at));
    for (at, _) in before.rmatch_indices('@').filter(|(at, _)| begins(*at)) {
        let rest = &before[at + 1..];
        let quoted = rest.strip_prefix('"');
        let whole = match quoted {
            Some(path) => !path.contains('"'),
            None => unquoted(rest) == rest && !rest.contains('*'),
        };
        if whole {
            return Some(Typed {
                start: at,
                path: quoted.unwrap_or(rest).to_owned(),
                quoted: quoted.is_some(),
            });
        }
    }
    None
}

/// Reads what stands at the `@` at `at`.
fn read(line: &str, at: usize) -> Option<Reference> {
    let rest = &line[at + 1..];
    let (path, path_end, whole) = match rest.strip_prefix('"') {
        Some(quoted) => {
            let path = &quoted[..quoted.find('"')?];
            (path, at + 1 + path.len() + 2, true)
        }
        None => {
            let run = unquoted(rest);
            if rest[run.len()..].starts_with('*') {
                return None; // a pattern, or a word in bold
            }
            // A bracket at the end has its other half beyond the run: `@app.route('/x')`.
            let path = run.trim_end_matches(['.', '!', '…', '(', '[', '{']);
            (path, at + 1 + path.len(), path.len() == run.len())
        }
    };
    if path.is_empty() || path.len() > MAX_PATH || path.contains(char::is_control) {
        return None;
    }
    let (lines, end) = match whole {
        true => line_range(line, path_end),
        false => (None, path_end),
    };
    Some(Reference {
        range: at..end,
        path: path.to_owned(),
        lines,
        certain: looks_like_a_file(path),
    })
}

/// The longest run of characters that may be a path without quotes.
fn unquoted(text: &str) -> &str {
    let mut open = Vec::new();
    let end = text.char_indices().find(|(_, c)| match c {
        '(' | '[' | '{' => {
            open.push(*c);
            false
        }
        ')' => open.pop() != Some('('),
        ']' => open.pop() != Some('['),
        '}' => open.pop() != Some('{'),
        '"' | '\'' | '`' | '<' | '>' | '|' | '\\' | '?' | ':' | ',' | ';' | '*' => true,
        '“' | '”' | '‘' | '’' | '«' | '»' => true,
        // Punctuation of scripts that put no blank after it.
        '\u{3000}'..='\u{303F}' | '\u{FF01}'..='\u{FF0F}' | '\u{FF1A}'..='\u{FF20}' => true,
        c => c.is_whitespace() || c.is_control(),
    });
    &text[..end.map_or(text.len(), |(at, _)| at)]
}

/// Reads `:10` or `:10-20` at `at`: the lines, and where the reference ends.
fn line_range(line: &str, at: usize) -> (Option<(u32, u32)>, usize) {
    let none = (None, at);
    let Some((first, end)) = line[at..]
        .strip_prefix(':')
        .and_then(|_| number(line, at + 1))
    else {
        return none;
    };
    let last = line[end..]
        .strip_prefix('-')
        .and_then(|_| number(line, end + 1));
    let (last, end) = last.unwrap_or((first, end));
    match line[end..].starts_with(|c: char| c.is_alphanumeric() || c == '_') {
        true => none,
        false => (Some((first, last)), end),
    }
}

/// The number at `at`, one too large as the greatest, and where it ends.
fn number(line: &str, at: usize) -> Option<(u32, usize)> {
    let digits = line[at..].bytes().take_while(u8::is_ascii_digit).count();
    let text = &line[at..at + digits];
    (digits > 0).then(|| (text.parse().unwrap_or(u32::MAX), at + digits))
}

/// Whether a reference may begin at the `@` at `at`.
fn may_begin(line: &str, at: usize) -> bool {
    line[..at].chars().next_back().is_none_or(|c| match c {
        '(' | '[' | '{' | '"' | '\'' | '“' | '‘' | '«' => true,
        // Scripts without blanks between words.
        '\u{2E80}'..='\u{9FFF}' | '\u{AC00}'..='\u{D7AF}' | '\u{FF00}'..='\u{FFEF}' => true,
        c => c.is_whitespace(),
    })
}

/// Whether a path can hardly be a name of something else: an account, a package, a decorator.
fn looks_like_a_file(path: &str) -> bool {
    if ["./", "../", "~/"]
        .iter()
        .any(|start| path.starts_with(start))
    {
        return true;
    }
    let name = path.rsplit('/').next().unwrap_or(path);
    let Some((_, ending)) = name.rsplit_once('.') else {
        return false;
    };
    // A package with its version, or an account with its server.
    if name.contains('@') || (ending == "org" && !path.contains('/')) {
        return false;
    }
    let plain = (1..=10).contains(&ending.len())
        && ending.bytes().all(|byte| byte.is_ascii_alphanumeric())
        && ending.bytes().any(|byte| byte.is_ascii_alphabetic());
    !language(name).is_empty() || (plain && path.matches('/').count() > 1)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Each reference as `text=path:lines`, with a `?` where only the disk can tell.
    fn shown(line: &str) -> String {
        let one = |it: Reference| {
            let mark = if it.certain { "" } else { "?" };
            format!("{}={it}{mark}", &line[it.range.clone()])
        };
        let all: Vec<String> = references(line).into_iter().map(one).collect();
        all.join(" ")
    }

    fn check(line: &str, expected: &str) {
        assert_eq!(shown(line), expected, "{line}");
    }

    #[test]
    fn a_path_may_have_lines_and_quotes() {
        check("@src/a.rs", "@src/a.rs=src/a.rs");
        check(
            "see @a.md:10 and @b.md:3-14",
            "@a.md:10=a.md:10 @b.md:3-14=b.md:3-14",
        );
        check(
            "@\"my notes/a b.md\":3-4.",
            "@\"my notes/a b.md\":3-4=my notes/a b.md:3-4",
        );
        check("@../x/ @./y @~/z", "@../x/=../x/ @./y=./y @~/z=~/z");
        check("@Makefile @src", "@Makefile=Makefile? @src=src?");
        check("@src/наше/ä.rs", "@src/наше/ä.rs=src/наше/ä.rs");
        check("@\"open", "");
        check("@\"\"", "");
    }

    #[test]
    fn punctuation_around_a_path_is_not_part_of_it() {
        for (line, token) in [
            ("(@a.rs)", "@a.rs"),
            ("[@a.rs]", "@a.rs"),
            ("'@a.rs'", "@a.rs"),
            ("\"@a.rs\"", "@a.rs"),
            ("is it @a.rs?", "@a.rs"),
            ("@a.rs, then", "@a.rs"),
            ("@a.rs; then", "@a.rs"),
            ("@a.rs: then", "@a.rs"),
            ("@a.rs...", "@a.rs"),
            ("@a.rs!)", "@a.rs"),
            ("请看@a.rs，然后", "@a.rs"),
            ("«@a.rs»", "@a.rs"),
            ("@src/a.rs's end", "@src/a.rs"),
            ("@a.rs\tx", "@a.rs"),
        ] {
            check(line, &format!("{token}={}", &token[1..]));
        }
    }

    #[test]
    fn brackets_that_a_path_opens_belong_to_it() {
        check(
            "@app/[slug]/page.tsx",
            "@app/[slug]/page.tsx=app/[slug]/page.tsx",
        );
        check("(@app/(group)/a.ts)", "@app/(group)/a.ts=app/(group)/a.ts");
        check("@app.route(\"/x\")", "@app.route=app.route?");
        check("@f((", "@f=f?");
    }

    #[test]
    fn lines_are_numbers_that_end_there() {
        check("@a.rs:10:5", "@a.rs:10=a.rs:10");
        check("@a.rs:10-", "@a.rs:10=a.rs:10");
        check("@a.rs:10th", "@a.rs=a.rs");
        check("@a.rs:x", "@a.rs=a.rs");
        check("@a.rs:20-10", "@a.rs:20-10=a.rs:20-10");
        check("@a.rs:0", "@a.rs:0=a.rs:0");
        check("@a.rs:99999999999", "@a.rs:99999999999=a.rs:4294967295");
        check("@a.rs.:10", "@a.rs=a.rs");
    }

    #[test]
    fn other_uses_of_the_sign_are_no_certain_references() {
        for line in [
            "mail me@example.org or you@a.rs",
            "x@y",
            "@",
            "@ x",
            "@. @.. @...",
            "`@a.rs` and ``x ` @a.rs``",
            "@*.rs @src/*.rs",
            "\\@a.rs",
            "**@a.rs**",
        ] {
            check(line, "");
        }
        for line in [
            "@@ -1 +1 @@",
            "@override",
            "@types/node",
            "@types/node@1.2.3",
            "@angular/common/http",
            "@someone, can you",
            "@someone@mastodon.social",
            "@example.org",
            "@pytest.fixture",
            "@app.route('/x')",
            "@media (max-width: 3em)",
            "@param x",
            "@\"Objective C\"",
            "@nuxtjs/socket.io",
        ] {
            assert!(
                references(line).iter().all(|it| !it.certain),
                "{line}: {}",
                shown(line)
            );
        }
    }

    #[test]
    fn a_span_that_is_not_closed_hides_nothing() {
        check("it's ` @a.rs", "@a.rs=a.rs");
        check("`a` @a.rs `b`", "@a.rs=a.rs");
    }

    #[test]
    fn what_stands_in_a_fence_is_literal() {
        let text = "@a.rs\n```\n@b.rs\n```\n@c.rs\n~~~\n@d.rs";
        let rows: Vec<(u32, String)> = scan(text.lines())
            .into_iter()
            .map(|(row, it)| (row, it.path))
            .collect();
        assert_eq!(rows, [(0, "a.rs".to_owned()), (4, "c.rs".to_owned())]);
    }

    #[test]
    fn a_token_is_quoted_only_where_it_has_to_be() {
        for (path, expected) in [
            ("src/a.rs", Some("@src/a.rs")),
            ("my notes.md", Some("@\"my notes.md\"")),
            ("a:b", Some("@\"a:b\"")),
            ("ends.", Some("@\"ends.\"")),
            ("a*b", Some("@\"a*b\"")),
            ("(a", Some("@(a")),
            ("a\"b", None),
            ("a\nb", None),
            ("", None),
        ] {
            assert_eq!(token(path).as_deref(), expected, "{path}");
        }
    }

    #[test]
    fn what_is_being_typed_is_known_up_to_the_cursor() {
        for (line, expected) in [
            ("see @src/fi", Some((4, "src/fi", false))),
            ("see @", Some((4, "", false))),
            ("see @\"my no", Some((4, "my no", true))),
            ("see @\"my no\" x", None),
            ("see @src/fi x", None),
            ("me@exa", None),
            ("`@src", None),
            ("`@a` @src", Some((5, "src", false))),
            ("@a/@b", Some((0, "a/@b", false))),
        ] {
            let found = typed(line, line.len());
            let found = found
                .as_ref()
                .map(|it| (it.start, it.path.as_str(), it.quoted));
            assert_eq!(found, expected, "{line}");
        }
        assert_eq!(typed("@ä", 2), None);
    }

    proptest! {
        #[test]
        fn ranges_lie_on_characters_and_in_order(line in "[@:a/.\"`()\\[\\]ä\u{3001} *0-9\\-!]{0,40}") {
            let mut end = 0;
            for it in references(&line) {
                prop_assert!(it.range.start >= end);
                prop_assert!(line[it.range.clone()].starts_with('@'));
                prop_assert!(line[it.range.clone()].contains(&it.path));
                end = it.range.end;
            }
            for column in 0..=line.len() {
                if let Some(it) = typed(&line, column) {
                    prop_assert!(line[it.start..column].ends_with(&it.path));
                }
            }
        }

        #[test]
        fn a_token_reads_back_as_its_path(path in "[a-zA-Z0-9/._ :()\\[\\],;@*'-]{1,20}") {
            let token = token(&path).expect("a path without quotation marks");
            let found = references(&token);
            prop_assert_eq!(found.len(), 1);
            prop_assert_eq!(&found[0].path, &path);
        }
    }
}
