//! The text of a prompt file: its title, metadata and body, with findings at their places. Pure.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::Path;

use crate::library::decode;
use crate::library::front_matter::{self, FrontMatter, Split};
use crate::placeholder;
use crate::problem::{Problem, Severity};
use crate::text::{Position, position_of};

/// What is asked of the files of a source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Strictness {
    /// The person's own library: a missing title is an error.
    Own,
    /// Other people's folders: `name`, the first heading or the file name serve, with a warning.
    Other,
}

/// A prompt file, read.
#[derive(Debug, Clone, PartialEq)]
pub struct Document<'a> {
    /// The title, or what serves in its place; never empty.
    pub title: String,
    /// One line, or empty.
    pub description: String,
    /// Tags in the order written.
    pub tags: Vec<String>,
    /// Front matter keys without a field of their own.
    pub extra: BTreeMap<String, serde_json::Value>,
    /// The text after the front matter.
    pub body: &'a str,
    /// Line of the file on which `body` begins, from 1.
    pub body_line: u32,
    /// Findings in the order of their places, at most [`MAX_PROBLEMS`].
    pub problems: Vec<Problem>,
}

/// A file with more findings than this is wrong in some larger way.
pub const MAX_PROBLEMS: usize = 50;

/// A title, description or tag stands in lists, so it ends after as many characters.
pub const MAX_CHARS: usize = 200;

/// Reads the text of a prompt file; `path` names it in findings and gives the title of last resort.
pub fn read<'a>(path: &Path, text: &'a str, strictness: Strictness) -> Document<'a> {
    // Editors hide the mark: columns count from behind it.
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let split = front_matter::split(text);
    let mut problems = Vec::new();
    let fields = read_header(path, text, &split, &mut problems);
    let broken = problems.iter().any(Problem::is_error);
    let body = &text[split.body..];
    if body.trim_ascii().is_empty() {
        problems.push(without_text(path, text, split.body));
    }
    let FrontMatter {
        title,
        name,
        description,
        tags,
        extra,
    } = fields;
    let title = title.map(cut).unwrap_or_else(|| {
        let (title, used) = fallback_title(path, name, body);
        if !broken {
            let problem = without_title(path, strictness, used);
            problems.push(problem.hint(title_hint(&title, split.header.is_some())));
        }
        title
    });
    check_placeholders(path, text, split.body, &mut problems);
    problems.sort_by_key(|problem| (problem.line, problem.column));
    Document {
        title,
        description: description.map(cut).unwrap_or_default(),
        tags: tags.into_iter().map(cut).collect(),
        extra,
        body,
        body_line: position_of(text, split.body).line,
        problems,
    }
}

/// Says how the bytes of a file had to be read, where they are not UTF-8.
pub fn encoding_problem(path: &Path, bytes: &[u8], finding: decode::Finding) -> Problem {
    match finding {
        decode::Finding::Encoding(name) => {
            let message = format!("the file is not UTF-8, it is read as {name}");
            Problem::warning(path, Position::START, message).hint("save it as UTF-8")
        }
        decode::Finding::Broken { count, first } => {
            let before: Cow<str> = String::from_utf8_lossy(&bytes[..first]);
            let at = position_of(&before, before.len());
            let places = if count == 1 {
                "one place".into()
            } else {
                format!("{count} places")
            };
            let message = format!("the file is broken UTF-8 in {places}, read as '\u{fffd}'");
            Problem::warning(path, at, message).hint("save it as UTF-8")
        }
    }
}

fn read_header(path: &Path, text: &str, split: &Split, problems: &mut Vec<Problem>) -> FrontMatter {
    if split.unclosed {
        let message = "the front matter is not closed";
        let hint = "end it with a line '---'";
        problems.push(Problem::error(path, Position::START, message).hint(hint));
    }
    let Some(header) = &split.header else {
        return FrontMatter::default();
    };
    let (fields, findings) = front_matter::read(&text[header.clone()]);
    for finding in findings.into_iter().take(MAX_PROBLEMS) {
        let at = position_of(text, header.start + finding.at);
        problems.push(problem(
            path,
            at,
            finding.severity,
            finding.message,
            finding.hint,
        ));
    }
    let title = fields.title.as_deref().unwrap_or_default();
    if let Some(length) = too_long(title) {
        let at = header.start + front_matter::place_of(&text[header.clone()], "title");
        let message = format!("the title has {length} characters and is cut to {MAX_CHARS}");
        problems.push(Problem::warning(path, position_of(text, at), message).hint("shorten it"));
    }
    fields
}

/// How many characters, where they are too many.
fn too_long(text: &str) -> Option<usize> {
    // Bytes first: they are known.
    let length = (text.len() > MAX_CHARS).then(|| text.chars().count());
    length.filter(|length| *length > MAX_CHARS)
}

/// The beginning of a text that is too long for a list.
fn cut(text: String) -> String {
    match too_long(&text) {
        Some(_) => text.chars().take(MAX_CHARS).chain(['…']).collect(),
        None => text,
    }
}

fn problem(
    path: &Path,
    at: Position,
    severity: Severity,
    message: String,
    hint: Option<String>,
) -> Problem {
    let problem = match severity {
        Severity::Error => Problem::error(path, at, message),
        Severity::Warning => Problem::warning(path, at, message),
    };
    Problem { hint, ..problem }
}

fn without_text(path: &Path, text: &str, body: usize) -> Problem {
    if text.trim_ascii().is_empty() {
        return Problem::warning(path, Position::START, "the file is empty");
    }
    let message = "the prompt has no text after its front matter";
    Problem::warning(path, position_of(text, body), message)
}

fn without_title(path: &Path, strictness: Strictness, used: &str) -> Problem {
    match strictness {
        Strictness::Own => Problem::error(
            path,
            Position::START,
            "the prompt has no title in its front matter",
        ),
        Strictness::Other => {
            let message = format!("no title in the front matter, {used} serves as title");
            Problem::warning(path, Position::START, message)
        }
    }
}

/// The line that gives the prompt a title, as one would have to write it.
fn title_hint(title: &str, has_header: bool) -> String {
    let plain = title.len() <= 60 && !title.contains([':', '#', '"', '\'', '{', '[']);
    let line = format!("'title: {}'", if plain { title } else { "…" });
    if has_header {
        format!("add {line} to its front matter")
    } else {
        format!("begin the file with the lines '---', {line}, '---'")
    }
}

/// A title for want of one, and where it is from.
fn fallback_title(path: &Path, name: Option<String>, body: &str) -> (String, &'static str) {
    if let Some(name) = name {
        return (cut(name), "its name");
    }
    if let Some(heading) = first_heading(body) {
        return (cut(heading), "the first heading");
    }
    let stem = path
        .file_stem()
        .unwrap_or(path.as_os_str())
        .to_string_lossy();
    (cut(stem.into_owned()), "the file name")
}

/// The first `# heading` outside fenced code.
fn first_heading(body: &str) -> Option<String> {
    let mut fence: Option<&str> = None;
    for line in body.split(['\n', '\r']) {
        let line = line.trim();
        let mark = ["```", "~~~"]
            .into_iter()
            .find(|mark| line.starts_with(mark));
        match (fence, mark) {
            (Some(open), Some(mark)) if open == mark => fence = None,
            (None, Some(mark)) => fence = Some(mark),
            (Some(_), _) => {}
            (None, None) => {
                let text = line.trim_start_matches('#');
                if text.len() < line.len() && text.starts_with(' ') {
                    let heading = front_matter::one_line(text.trim_end_matches('#'));
                    if heading.is_some() {
                        return heading;
                    }
                }
            }
        }
    }
    None
}

fn check_placeholders(path: &Path, text: &str, body: usize, problems: &mut Vec<Problem>) {
    // Most files have no opener: the parser allocates, this search does not.
    if memchr::memmem::find(&text.as_bytes()[body..], b"{{").is_none() {
        return;
    }
    // Messages name lines too: they are to be the file's, so the lines above count, without their
    // text.
    let above = position_of(text, body).line as usize - 1;
    let padded = "\n".repeat(above) + &text[body..];
    let findings = placeholder::parse(&padded).findings;
    let more = findings.len().saturating_sub(MAX_PROBLEMS);
    for finding in findings.into_iter().take(MAX_PROBLEMS) {
        let at = position_of(&padded, finding.range.start);
        problems.push(problem(
            path,
            at,
            finding.severity,
            finding.message,
            finding.hint,
        ));
    }
    if more > 0 {
        let end = position_of(text, text.len());
        let message = format!("{more} more findings about placeholders");
        problems.push(Problem::warning(path, end, message));
    }
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::*;

    fn check(text: &str, strictness: Strictness, expected: Expect) {
        let document = read(Path::new("folder/file-name.md"), text, strictness);
        let mut out = format!("{:?} line {}\n", document.title, document.body_line);
        for problem in document.problems {
            out += &format!("{problem}\n");
        }
        expected.assert_eq(&out);
    }

    #[test]
    fn findings_stand_at_their_place_in_the_file() {
        let text = "\u{feff}---\ntitle: T\nx: *.md\n---\n\n{{text:a}} {{data:b}}\n{{text:a}}\n";
        check(
            text,
            Strictness::Own,
            expect![[r#"
            "T" line 5
            folder/file-name.md:3:4: warning: the value of 'x' is no valid YAML, it is read as plain text (write x: "*.md")
            folder/file-name.md:6:12: warning: unknown placeholder type 'data', the text stays literal (types are text, list, choice)
            folder/file-name.md:7:1: error: placeholder 'a' is defined twice (first at 6:1) (give one of them another name)
        "#]],
        );
        check(
            &text.replace('\n', "\r\n"),
            Strictness::Own,
            expect![[r#"
            "T" line 5
            folder/file-name.md:3:4: warning: the value of 'x' is no valid YAML, it is read as plain text (write x: "*.md")
            folder/file-name.md:6:12: warning: unknown placeholder type 'data', the text stays literal (types are text, list, choice)
            folder/file-name.md:7:1: error: placeholder 'a' is defined twice (first at 6:1) (give one of them another name)
        "#]],
        );
    }

    #[test]
    fn a_missing_title_is_an_error_in_the_own_library() {
        check(
            "---\nname: my: name\n---\nb",
            Strictness::Own,
            expect![[r#"
            "my: name" line 4
            folder/file-name.md:1:1: error: the prompt has no title in its front matter (add 'title: …' to its front matter)
            folder/file-name.md:2:7: warning: the value of 'name' is no valid YAML, it is read as plain text (write name: "my: name")
        "#]],
        );
        check(
            "```\n# no\n```\n## A heading ##\nb",
            Strictness::Own,
            expect![[r#"
            "A heading" line 1
            folder/file-name.md:1:1: error: the prompt has no title in its front matter (begin the file with the lines '---', 'title: A heading', '---')
        "#]],
        );
        check(
            "b",
            Strictness::Own,
            expect![[r#"
            "file-name" line 1
            folder/file-name.md:1:1: error: the prompt has no title in its front matter (begin the file with the lines '---', 'title: file-name', '---')
        "#]],
        );
    }

    #[test]
    fn other_names_serve_elsewhere_with_a_warning() {
        check(
            "---\nname: a name\n---\n# H",
            Strictness::Other,
            expect![[r#"
            "a name" line 4
            folder/file-name.md:1:1: warning: no title in the front matter, its name serves as title (add 'title: a name' to its front matter)
        "#]],
        );
        check(
            "# A heading\nb",
            Strictness::Other,
            expect![[r#"
            "A heading" line 1
            folder/file-name.md:1:1: warning: no title in the front matter, the first heading serves as title (begin the file with the lines '---', 'title: A heading', '---')
        "#]],
        );
        check(
            "#nothing\n#\n# \nb",
            Strictness::Other,
            expect![[r#"
            "file-name" line 1
            folder/file-name.md:1:1: warning: no title in the front matter, the file name serves as title (begin the file with the lines '---', 'title: file-name', '---')
        "#]],
        );
    }

    #[test]
    fn broken_front_matter_is_one_error() {
        check(
            "---\ntitle: T\nb: [\n---\nx",
            Strictness::Own,
            expect![[r#"
            "T" line 5
            folder/file-name.md:3:4: warning: the value of 'b' is no valid YAML, it is read as plain text (write b: "[")
        "#]],
        );
        check(
            "---\nno: title\ntags: [a\n---\nx",
            Strictness::Own,
            expect![[r#"
            "file-name" line 5
            folder/file-name.md:1:1: error: the prompt has no title in its front matter (add 'title: file-name' to its front matter)
            folder/file-name.md:3:7: warning: the value of 'tags' is no valid YAML, it is read as plain text (write tags: "[a")
        "#]],
        );
        check(
            "---\ntitle: T\nbody",
            Strictness::Own,
            expect![[r#"
            "file-name" line 1
            folder/file-name.md:1:1: error: the front matter is not closed (end it with a line '---')
        "#]],
        );
        check(
            "---\ntext\n---\nbody",
            Strictness::Own,
            expect![[r#"
            "file-name" line 4
            folder/file-name.md:2:1: error: front matter holds no keys (write lines like 'title: A short name')
        "#]],
        );
    }

    #[test]
    fn files_without_text_say_so() {
        check(
            "",
            Strictness::Other,
            expect![[r#"
            "file-name" line 1
            folder/file-name.md:1:1: warning: the file is empty
            folder/file-name.md:1:1: warning: no title in the front matter, the file name serves as title (begin the file with the lines '---', 'title: file-name', '---')
        "#]],
        );
        check(
            "---\ntitle: T\n---\n\n",
            Strictness::Own,
            expect![[r#"
            "T" line 4
            folder/file-name.md:4:1: warning: the prompt has no text after its front matter
        "#]],
        );
        check(
            "---\n",
            Strictness::Other,
            expect![[r#"
            "file-name" line 1
            folder/file-name.md:1:1: warning: no title in the front matter, the file name serves as title (begin the file with the lines '---', 'title: file-name', '---')
        "#]],
        );
    }

    #[test]
    fn a_list_is_spared_what_is_too_long_for_it() {
        let long = "ä".repeat(MAX_CHARS + 1);
        let cut = format!("{}…", "ä".repeat(MAX_CHARS));
        let text =
            format!("---\nx: y\ntitle: {long}\ndescription: {long}\ntags: [{long}, b]\n---\nb");
        let document = read(Path::new("a.md"), &text, Strictness::Own);
        assert_eq!(document.title, cut);
        assert_eq!(document.description, cut);
        assert_eq!(document.tags, [cut.as_str(), "b"]);
        let problems: Vec<String> = document.problems.iter().map(Problem::to_string).collect();
        assert_eq!(
            problems,
            ["a.md:3:8: warning: the title has 201 characters and is cut to 200 (shorten it)"]
        );
        let fits = "ä".repeat(MAX_CHARS);
        let quoted = format!("---\n\"title\": '{fits}'\n---\nb");
        let document = read(Path::new("a.md"), &quoted, Strictness::Own);
        assert_eq!((document.title, document.problems), (fits, Vec::new()));
    }

    #[test]
    fn a_title_for_want_of_one_is_no_longer_than_a_title() {
        let long = "ab ".repeat(350_000);
        for (path, text) in [
            ("a.md", format!("# {long}\nb")),
            ("a.md", format!("---\nname: {}\n---\nb", &long[..9_000])),
            (&*"a".repeat(240), "b".to_owned()),
        ] {
            let document = read(Path::new(path), &text, Strictness::Other);
            assert_eq!(document.title.chars().count(), MAX_CHARS + 1);
            assert!(document.title.ends_with('…'), "{}", document.title);
            assert_eq!(document.problems.len(), 1, "a name may be long");
        }
    }

    #[test]
    fn many_findings_are_counted_not_listed() {
        let text = "---\ntitle: T\n---\n".to_owned() + &"{{data:x}}\n".repeat(1000);
        let document = read(Path::new("a.md"), &text, Strictness::Own);
        let last = document.problems.last().expect("there are findings");
        assert_eq!(document.problems.len(), MAX_PROBLEMS + 1);
        assert_eq!(
            last.to_string(),
            "a.md:1004:1: warning: 950 more findings about placeholders"
        );
    }

    #[test]
    fn encodings_are_named() {
        let path = Path::new("a.md");
        let bytes = "ä\nö \u{fffd}".as_bytes();
        let broken = decode::Finding::Broken { count: 1, first: 6 };
        assert_eq!(
            encoding_problem(path, bytes, broken).to_string(),
            "a.md:2:4: warning: the file is broken UTF-8 in one place, read as '\u{fffd}' (save it as UTF-8)"
        );
    }
}
