//! Links to files: the title that a file gives itself, and the markdown that links to it.

use std::fmt::Write as _;
use std::fs::OpenOptions;
use std::io::Read;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use rustix::fs::OFlags;

use super::secret::is_secret;

/// As much of a file is read, and a front matter may be as large.
const MAX_HEAD: u64 = 16 * 1024;
/// A longer title is none.
const MAX_TITLE: usize = 200;
/// Files that may have a front matter.
const MARKDOWN: &[&str] = &["md", "markdown", "mdx", "mdc", "qmd", "rmd"];

/// The title of a file: `title`, else `name`, of its front matter, else its file name.
///
/// Blocks. A secret-like file is not opened.
pub fn title(path: &Path) -> String {
    let ending = path.extension().unwrap_or_default().to_ascii_lowercase();
    let markdown = MARKDOWN.iter().any(|known| ending == *known);
    let own = (markdown && is_secret(path).is_none())
        .then(|| head(path))
        .flatten()
        .and_then(|head| title_in(&head));
    own.unwrap_or_else(|| {
        let name = path.file_name().unwrap_or(path.as_os_str());
        one_line(&name.to_string_lossy())
    })
}

/// A markdown link to a file, with the title as it is and a path that every reader gets back.
pub fn link(title: &str, relative_path: &str) -> String {
    format!("[{}]({})", escaped(title), destination(relative_path))
}

/// The title that a text's front matter names.
fn title_in(text: &str) -> Option<String> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut lines = text.lines();
    if lines.next()?.trim_end() != "---" {
        return None;
    }
    let mut name = None;
    for line in lines {
        match line.split_once(':') {
            Some(("title", value)) => {
                if let Some(title) = scalar(value) {
                    return Some(title);
                }
            }
            Some(("name", value)) if name.is_none() => name = scalar(value),
            _ if matches!(line.trim_end(), "---" | "...") => return name,
            _ => {}
        }
    }
    None // it does not end: these were other lines
}

/// A value that stands on its key's line, without quotes and comment.
///
/// One line is read at a time, since one front matter in ten is no YAML as a whole.
fn scalar(value: &str) -> Option<String> {
    let value = value.trim();
    if value.len() > 4 * MAX_TITLE {
        return None; // nothing to read through at leisure: a long one can be made slow
    }
    let plain = !value.starts_with(['"', '\'', '|', '>', '[', '{', '&', '*', '!']);
    let text = match serde_yaml::from_str(value) {
        Ok(serde_yaml::Value::String(text)) => text,
        Ok(serde_yaml::Value::Number(number)) => number.to_string(),
        // Such as `API: the first steps`, which people write and which is no text in YAML.
        Ok(serde_yaml::Value::Mapping(_)) | Err(_) if plain => value.to_owned(),
        _ => return None,
    };
    let text = one_line(&text);
    (!text.is_empty() && text.len() <= MAX_TITLE).then_some(text)
}

fn head(path: &Path) -> Option<String> {
    let file = OpenOptions::new()
        .read(true)
        .custom_flags(OFlags::NONBLOCK.bits() as i32)
        .open(path)
        .ok()?;
    if !file.metadata().ok()?.is_file() {
        return None;
    }
    let mut bytes = Vec::new();
    file.take(MAX_HEAD).read_to_end(&mut bytes).ok()?;
    // The end may lie within a character.
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

fn one_line(text: &str) -> String {
    let words: Vec<&str> = text
        .split(|c: char| c.is_whitespace() || c.is_control())
        .filter(|word| !word.is_empty())
        .collect();
    words.join(" ")
}

/// Text as CommonMark shows it unchanged inside of brackets.
fn escaped(title: &str) -> String {
    let title = one_line(title);
    let mut out = String::with_capacity(title.len());
    for (at, c) in title.char_indices() {
        let beside = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
        let special = match c {
            '\\' | '[' | ']' | '`' | '*' | '<' => true,
            // Between letters it is no emphasis: snake_case stays readable.
            '_' => {
                !beside(title[..at].chars().next_back()) || !beside(title[at + 1..].chars().next())
            }
            '&' => is_entity(&title[at..]),
            _ => false,
        };
        if special {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

/// Whether `&copy;` or `&#35;` stands at the start.
fn is_entity(text: &str) -> bool {
    let name = text[1..].split(';').next().unwrap_or_default();
    text[1..].len() > name.len()
        && !name.is_empty()
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'#')
}

/// A path as a link's destination: what markdown or an address gives a meaning is a `%`.
fn destination(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    // Otherwise the part before the colon would be a scheme.
    if path
        .split('/')
        .next()
        .is_some_and(|first| first.contains(':'))
    {
        out.push_str("./");
    }
    for c in path.chars() {
        match c {
            ' ' | '(' | ')' | '<' | '>' | '[' | ']' | '%' | '\\' | '"' | '\'' | '`' | '#' | '?'
            | '&' | '*' | '|' | '^' | '{' | '}' => {
                let _ = write!(out, "%{:02X}", c as u32);
            }
            c if c.is_control() || c.is_whitespace() => {
                for byte in c.encode_utf8(&mut [0; 4]).bytes() {
                    let _ = write!(out, "%{byte:02X}");
                }
            }
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use std::fs;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_title_comes_from_the_front_matter() {
        for (text, expected) in [
            ("---\ntitle: Hello\nname: other\n---\n", Some("Hello")),
            ("---\nname: other\ntitle: Hello\n---\n", Some("Hello")),
            ("---\nname: 'It''s'\n---\n", Some("It's")),
            ("---\ntitle: \"a \\\"b\\\"\" # c\n---\n", Some("a \"b\"")),
            (
                "---\ntitle: API: the first steps\n---",
                Some("API: the first steps"),
            ),
            ("---\ntitle: 2024\n---\n", Some("2024")),
            ("\u{feff}---\r\ntitle: Hello\r\n---\r\n", Some("Hello")),
            ("---\ntitle: [a, b]\nname: c\n---\n", Some("c")),
            ("---\ntitle: >\n  folded\n---\n", None),
            ("---\ntitle:\n---\n", None),
            ("---\n  title: nested\n---\n", None),
            ("---\ntags: [a]\n---\ntitle: Hello\n---\n", None),
            ("---\nname: never closed\n", None),
            ("# Hello\n", None),
            ("", None),
        ] {
            assert_eq!(title_in(text).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn without_one_the_file_name_is_the_title() {
        let folder = tempfile::tempdir().expect("a folder");
        for (name, text, expected) in [
            ("a.md", "---\ntitle: Own\n---\n", "Own"),
            ("b.md", "# Heading\n", "b.md"),
            ("c.rs", "---\ntitle: Own\n---\n", "c.rs"),
            ("secrets.env.md", "---\ntitle: Own\n---\n", "Own"),
            ("two\nlines.md", "", "two lines.md"),
        ] {
            let path = folder.path().join(name);
            fs::write(&path, text).expect("a file");
            assert_eq!(title(&path), expected);
        }
        assert_eq!(title(Path::new("/nowhere/x.md")), "x.md");
        let folded = folder.path().join(".ssh");
        fs::create_dir(&folded).expect("a folder");
        fs::write(folded.join("a.md"), "---\ntitle: Own\n---\n").expect("a file");
        assert_eq!(title(&folded.join("a.md")), "a.md");
    }

    #[test]
    fn a_link_means_what_it_says() {
        for (title, path, expected) in [
            ("A file", "src/a.rs", "[A file](src/a.rs)"),
            ("a [b] \\ c", "a.md", "[a \\[b\\] \\\\ c](a.md)"),
            ("snake_case.rs", "s", "[snake_case.rs](s)"),
            ("__init__.py", "s", "[\\_\\_init\\_\\_.py](s)"),
            ("*a* `b` <c>", "s", "[\\*a\\* \\`b\\` \\<c>](s)"),
            ("R&D &copy; &", "s", "[R&D \\&copy; &](s)"),
            ("two\nlines", "s", "[two lines](s)"),
            ("t", "my notes/a (1).md", "[t](my%20notes/a%20%281%29.md)"),
            ("t", "<a>/100%.md", "[t](%3Ca%3E/100%25.md)"),
            ("t", "a#b?c.md", "[t](a%23b%3Fc.md)"),
            ("t", "a:b.md", "[t](./a:b.md)"),
            ("t", "größe/日本.md", "[t](größe/日本.md)"),
            ("t", "a\n\u{85}b", "[t](a%0A%C2%85b)"),
            ("t", "app/[slug]/page.tsx", "[t](app/%5Bslug%5D/page.tsx)"),
        ] {
            assert_eq!(link(title, path), expected);
        }
    }

    /// A path out of a destination, as a reader takes it.
    fn decoded(destination: &str) -> String {
        let mut bytes = Vec::new();
        let mut rest = destination.bytes();
        while let Some(byte) = rest.next() {
            match byte {
                b'%' => {
                    let digits = [rest.next().expect("a digit"), rest.next().expect("a digit")];
                    let digits = std::str::from_utf8(&digits).expect("digits");
                    bytes.push(u8::from_str_radix(digits, 16).expect("a byte"));
                }
                byte => bytes.push(byte),
            }
        }
        String::from_utf8(bytes).expect("text")
    }

    proptest! {
        #[test]
        fn every_path_is_got_back(path in "[ -~äß日\n\u{a0}]{1,20}") {
            let destination = destination(&path);
            prop_assert!(!destination.contains([' ', '(', ')', '<', '>', '\\', '\n']));
            let decoded = decoded(&destination);
            prop_assert_eq!(decoded.strip_prefix("./").filter(|rest| *rest == path).unwrap_or(&decoded), &path);
        }

        #[test]
        fn no_bracket_of_a_title_is_left_open(title in "[ -~]{0,20}") {
            let escaped = escaped(&title);
            let mut rest = escaped.chars();
            while let Some(c) = rest.next() {
                match c {
                    '\\' => prop_assert!(rest.next().is_some_and(|c| c.is_ascii_punctuation())),
                    c => prop_assert!(!"[]`<*".contains(c)),
                }
            }
        }
    }
}
