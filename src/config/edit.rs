//! Sets a few keys of a person's `config.yaml`, byte for byte as it was where nothing changed.
//!
//! A way to write a key counts only when the result reads as the same tree with that key set; a file in
//! which no way does is left alone, and the lines to write are given instead. The text part is pure.

use std::io;
use std::path::{Path, PathBuf};

use crate::config::locate::{Step, Target, locate};
use crate::config::store;
use crate::config::tree::{self, MAX_TEXT, Node};
use crate::error::{Error, Result};
use crate::text::Position;

/// A key and the text that it gets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The keys from the outermost inwards.
    pub path: Vec<String>,
    /// The text.
    pub value: String,
}

/// What became of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Edited {
    /// It has the keys now, and what it was is here.
    Written(PathBuf),
    /// It had them already.
    Same,
    /// It is too unusual to be changed safely: the lines to write, and where in it.
    ByHand(Vec<String>, Position),
}

impl Change {
    /// A key by its path, to be given a text.
    pub fn new(path: &[&str], value: &str) -> Self {
        Self {
            path: path.iter().map(|key| (*key).to_owned()).collect(),
            value: value.to_owned(),
        }
    }
}

/// Sets keys of a file, all or none, and keeps what it was beside it.
///
/// # Errors
/// `unavailable` when the file can't be read or written; it is then unchanged.
pub fn change(path: &Path, changes: &[Change]) -> Result<Edited> {
    let failed = |error: io::Error| {
        Error::unavailable(format!("{} can't be changed: {error}", path.display())).because(error)
    };
    let _lock = store::lock(path).map_err(failed)?;
    let bytes = store::read(path, MAX_TEXT).map_err(failed)?;
    let by_hand = |text: &str| {
        let first = changes.first().map_or(&[][..], |change| &change.path);
        let lines = changes.iter().flat_map(|it| block(&it.path, 0, &it.value));
        Edited::ByHand(lines.collect(), locate(text, &steps(first), Target::Key))
    };
    let Ok(text) = String::from_utf8(bytes) else {
        return Ok(by_hand(""));
    };
    let edited = changes
        .iter()
        .try_fold(text.clone(), |text, change| set(&text, change));
    match edited {
        None => Ok(by_hand(&text)),
        Some(edited) if edited == text => Ok(Edited::Same),
        Some(edited) => {
            let backup = store::create_beside(path, "backup", text.as_bytes()).map_err(failed)?;
            if let Err(error) = store::replace(path, edited.as_bytes()) {
                let _ = std::fs::remove_file(&backup);
                return Err(failed(error));
            }
            Ok(Edited::Written(backup))
        }
    }
}

/// The text with a key set; nothing where no way to write it is safe.
fn set(text: &str, change: &Change) -> Option<String> {
    let root = tree::parse(text).ok()?;
    let wanted = sorted(with(&root, &change.path, &change.value)?);
    if wanted == sorted(root.clone()) {
        return Some(text.to_owned());
    }
    let right = |candidate: &String| tree::parse(candidate).is_ok_and(|now| sorted(now) == wanted);
    candidates(text, &root, change).into_iter().find(right)
}

/// The tree with a key set; nothing where something else than a group is in the way.
fn with(node: &Node, path: &[String], value: &str) -> Option<Node> {
    let Some((key, rest)) = path.split_first() else {
        return Some(Node::Text(value.to_owned()));
    };
    let mut entries = match node {
        Node::Null => Vec::new(),
        Node::Map(entries) => entries.clone(),
        _ => return None,
    };
    let mut same = entries.iter_mut().filter(|(name, _)| name == key);
    match (same.next(), same.next()) {
        (None, _) => entries.push((key.clone(), with(&Node::Null, rest, value)?)),
        (Some((_, inner)), None) => *inner = with(inner, rest, value)?,
        // Nobody knows which one counts.
        (Some(_), Some(_)) => return None,
    }
    Some(Node::Map(entries))
}

/// The tree in an order that says nothing.
fn sorted(node: Node) -> Node {
    match node {
        Node::Map(entries) => {
            let inner = entries.into_iter().map(|(name, node)| (name, sorted(node)));
            let mut entries: Vec<_> = inner.collect();
            entries.sort_by(|a, b| a.0.cmp(&b.0));
            Node::Map(entries)
        }
        other => other,
    }
}

/// Ways to write a key, the one that leaves the file most readable first.
fn candidates(text: &str, root: &Node, change: &Change) -> Vec<String> {
    let Change { path, value } = change;
    let depth = depth(root, path);
    let (there, rest) = path.split_at(depth);
    let at = |target| offset(text, locate(text, &steps(there), target));
    let newline = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let written = scalar(value);
    if rest.is_empty() {
        let start = at(Target::Value);
        let line = &text[start..];
        let line = &line[..line.find(['\n', '\r']).unwrap_or(line.len())];
        let ends = [line.find(" #"), line.find([',', '}']), Some(line.len())];
        let over = ends.into_iter().flatten();
        let over = over.map(|end| splice(text, start, start + end, &written));
        let before = splice(text, start, start, &format!(" {written}"));
        return over.chain([before]).collect();
    }
    let lines_of = |indent: usize| {
        let lines = block(rest, indent, value);
        lines
            .iter()
            .fold(String::new(), |all, line| all + line + newline)
    };
    let mut found = Vec::new();
    // In the place of the comment that shows it.
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let indent = line.len() - line.trim_start().len();
        let shown = line[indent..].strip_prefix('#').map(str::trim_start);
        let is_it = shown.and_then(|shown| shown.strip_prefix(&*rest[0]));
        if is_it.is_some_and(|after| after.starts_with(':')) {
            found.push(splice(text, start, start + line.len(), &lines_of(indent)));
        }
        start += line.len();
    }
    if !there.is_empty() {
        let key = at(Target::Key);
        let line = text[..key].rfind('\n').map_or(0, |end| end + 1);
        let end = text[key..]
            .find('\n')
            .map_or(text.len(), |end| key + end + 1);
        let parted = if text[..end].ends_with('\n') {
            ""
        } else {
            newline
        };
        let indents = [children(text, root, there), Some(key - line + 2)];
        found.extend(indents.into_iter().flatten().map(|indent| {
            let block = format!("{parted}{}", lines_of(indent));
            splice(text, end, end, &block)
        }));
    }
    // In braces.
    let open = match there.is_empty() {
        true => text.find('{').unwrap_or(text.len()),
        false => at(Target::Value),
    };
    if text[open..].starts_with('{') {
        let empty = text[open + 1..].trim_start().starts_with('}');
        let part = match empty {
            true => format!(" {} ", flow(rest, &written)),
            false => format!(" {},", flow(rest, &written)),
        };
        found.push(splice(text, open + 1, open + 1, &part));
    }
    if there.is_empty() {
        let parted = if text.is_empty() || text.ends_with('\n') {
            ""
        } else {
            newline
        };
        found.push(format!("{text}{parted}{}", lines_of(0)));
    }
    found
}

/// How many of the keys, from the outermost, the tree has.
fn depth(root: &Node, path: &[String]) -> usize {
    let mut node = root;
    let known = path.iter().take_while(|key| {
        let Node::Map(entries) = node else {
            return false;
        };
        let found = entries.iter().find(|(name, _)| name == *key);
        found.is_some_and(|(_, inner)| {
            node = inner;
            true
        })
    });
    known.count()
}

/// The column, from 0, at which the keys of a group stand; nothing for a group without any.
fn children(text: &str, root: &Node, group: &[String]) -> Option<usize> {
    let inner = group.iter().try_fold(root, |node, key| match node {
        Node::Map(entries) => entries.iter().find(|(name, _)| name == key).map(|it| &it.1),
        _ => None,
    });
    let Some(Node::Map(entries)) = inner else {
        return None;
    };
    let (first, _) = entries.first()?;
    let path: Vec<String> = group.iter().chain([first]).cloned().collect();
    Some(locate(text, &steps(&path), Target::Key).column as usize - 1)
}

/// The keys on lines of their own, each group two columns further in.
fn block(path: &[String], indent: usize, value: &str) -> Vec<String> {
    let last = path.len().saturating_sub(1);
    let line = |(n, key): (usize, &String)| {
        let blanks = " ".repeat(indent + 2 * n);
        match n == last {
            true => format!("{blanks}{}: {}", scalar(key), scalar(value)),
            false => format!("{blanks}{}:", scalar(key)),
        }
    };
    path.iter().enumerate().map(line).collect()
}

/// The keys in braces.
fn flow(path: &[String], written: &str) -> String {
    match path {
        [] => written.to_owned(),
        [key] => format!("{}: {written}", scalar(key)),
        [key, rest @ ..] => format!("{}: {{ {} }}", scalar(key), flow(rest, written)),
    }
}

/// A text as YAML reads it again: bare where nothing else could be meant, else as JSON.
fn scalar(text: &str) -> String {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"._-/".contains(&b);
    let bare = text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.bytes().all(plain)
        && matches!(tree::parse(text), Ok(Node::Text(read)) if read == text);
    match bare {
        true => text.to_owned(),
        false => serde_json::Value::from(text).to_string(),
    }
}

fn steps(path: &[String]) -> Vec<Step> {
    let step = |name: &String| Step::Key {
        name: name.clone(),
        skip: 0,
    };
    path.iter().map(step).collect()
}

fn splice(text: &str, start: usize, end: usize, new: &str) -> String {
    format!("{}{new}{}", &text[..start], &text[end.max(start)..])
}

fn offset(text: &str, at: Position) -> usize {
    let lines = text.split_inclusive('\n').take(at.line as usize - 1);
    let offset = lines.map(str::len).sum::<usize>() + at.column as usize - 1;
    offset.min(text.len())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn check(text: &str, path: &[&str], expected: Option<&str>) {
        let found = set(text, &Change::new(path, "new"));
        assert_eq!(found.as_deref(), expected, "{path:?} in {text:?}");
    }

    #[test]
    fn a_key_is_set_and_nothing_else_changes() {
        let rows = [
            ("", "a: new\n"),
            ("a: old\n", "a: new\n"),
            ("a: old", "a: new"),
            ("a: new # mine\n", "a: new # mine\n"),
            ("a: old # mine\nb: 1\n", "a: new # mine\nb: 1\n"),
            ("b: 1\r\na: old\r\n", "b: 1\r\na: new\r\n"),
            ("b: 1\r\n", "b: 1\r\na: new\r\n"),
            ("a:\nb: 1\n", "a: new\nb: 1\n"),
            ("# head\n# a: old\nb: 1\n", "# head\na: new\nb: 1\n"),
            ("#a: old\n", "a: new\n"),
            ("b:\n  # a: old\n", "b:\n  # a: old\na: new\n"),
            ("b: |\n  # a: 1\n", "b: |\n  # a: 1\na: new\n"),
            ("b: 1", "b: 1\na: new\n"),
            ("{b: 1}\n", "{ a: new,b: 1}\n"),
            ("a: 'it''s'\n", "a: new\n"),
        ];
        for (text, expected) in rows {
            check(text, &["a"], Some(expected));
        }
        // Where a comma in quotes misleads, nothing is written rather than something wrong.
        check("{a: \"x, y\", b: 1}", &["a"], None);
    }

    #[test]
    fn groups_are_gone_into_and_made_where_there_are_none() {
        let rows = [
            ("", Some("p:\n  t:\n    m: new\n")),
            (
                "p:\n  # of t\n  # t: {}\nq: 1\n",
                Some("p:\n  # of t\n  t:\n    m: new\nq: 1\n"),
            ),
            ("p:\n  t: {}\n", Some("p:\n  t: { m: new }\n")),
            ("p: { t: { k: 1 } }\n", Some("p: { t: { m: new, k: 1 } }\n")),
            (
                "p:\n    t:\n        k: 1\n",
                Some("p:\n    t:\n        m: new\n        k: 1\n"),
            ),
            (
                "p:\n  t:\n    m: old # x\n",
                Some("p:\n  t:\n    m: new # x\n"),
            ),
            ("p:\n  t:", Some("p:\n  t:\n    m: new\n")),
            ("p: 1\n", None),
            ("p: [1]\n", None),
            ("p: {}\np: {}\n", None),
            ("p: &x\n  t: { m: 1 }\nq: *x\n", None),
            ("p: [\n", None),
        ];
        for (text, expected) in rows {
            check(text, &["p", "t", "m"], expected);
        }
    }

    #[test]
    fn a_text_that_would_read_as_something_else_is_quoted() {
        for value in [
            "true",
            "1",
            "~",
            "",
            "a: b",
            "http://h:1/v1",
            "x#y",
            "ä",
            "- a",
            "null",
        ] {
            let text = set("", &Change::new(&["a"], value)).unwrap();
            let read = Node::Map(vec![("a".into(), Node::Text(value.into()))]);
            assert_eq!(tree::parse(&text), Ok(read), "{text}");
        }
    }

    #[test]
    fn the_first_file_takes_every_choice() {
        let template = crate::config::template();
        let changes = [
            Change::new(&["ai_provider"], "openai"),
            Change::new(&["providers", "text", "openai", "model"], "gpt-6-sol"),
            Change::new(&["providers", "text", "ollama", "model"], "llama3:8b"),
        ];
        let edited = changes
            .iter()
            .try_fold(template.clone(), |text, it| set(&text, it));
        let edited = edited.unwrap();
        let new: Vec<&str> = edited
            .lines()
            .filter(|line| !template.lines().any(|old| old == *line))
            .collect();
        let expected = [
            "ai_provider: openai",
            "  text:",
            "    ollama:",
            "      model: \"llama3:8b\"",
            "    openai:",
            "      model: gpt-6-sol",
        ];
        assert_eq!(new, expected);
        let gone = template
            .lines()
            .filter(|old| !edited.lines().any(|line| line == *old));
        let gone: Vec<&str> = gone.collect();
        assert_eq!(gone, ["# ai_provider: local", "  # text: {}"]);
    }

    #[test]
    fn a_file_is_changed_whole_with_what_it_was_beside_it_or_not_at_all() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("config.yaml");
        let ask = [Change::new(&["a"], "new"), Change::new(&["p", "m"], "new")];
        fs::write(&path, "a: old\n").unwrap();
        let Edited::Written(backup) = change(&path, &ask).unwrap() else {
            panic!("not written")
        };
        assert_eq!(fs::read_to_string(&backup).unwrap(), "a: old\n");
        let written = "a: new\np:\n  m: new\n";
        assert_eq!(fs::read_to_string(&path).unwrap(), written);
        assert_eq!(change(&path, &ask).unwrap(), Edited::Same);
        fs::write(&path, "b: 1\na: old\np: 1\n").unwrap();
        let lines = ["a: new", "p:", "  m: new"].map(str::to_owned).to_vec();
        let at = Position { line: 2, column: 1 };
        assert_eq!(change(&path, &ask).unwrap(), Edited::ByHand(lines, at));
        assert_eq!(fs::read_to_string(&path).unwrap(), "b: 1\na: old\np: 1\n");
        assert_eq!(fs::read_dir(home.path()).unwrap().count(), 3);
    }
}
