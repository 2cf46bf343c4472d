//! Brings the text of an older configuration file to the current version, byte for byte where
//! nothing changed.
//!
//! The text part is pure; [`write()`] puts it in place with a backup.

use std::io;
use std::path::{Path, PathBuf};

use crate::config::locate::{Step as Down, Target, locate};
use crate::config::store;
use crate::config::tree::{self, MAX_TEXT, Node};
use crate::text::Position;

/// The version that this program writes.
pub const CURRENT_VERSION: u32 = 1;

/// One step to the next version; gives nothing where the text is too unusual to change safely.
type Step = fn(&str) -> Option<String>;

/// The step at index `n` leads from version `n` to `n + 1`.
const STEPS: [Step; CURRENT_VERSION as usize] = [
    // Version 0 is a file from before versions were written down; its keys are the same.
    |text| set_version(text, 1),
];

/// What has to be done with a file.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Plan {
    /// Nothing.
    Current,
    /// It was written by a newer promptstack: read what can be understood, change nothing.
    Newer(i128),
    /// It is older; this is its text for the current version.
    Older { from: u32, text: String },
    /// It is older, and its form is too unusual to be changed safely.
    Stuck { from: u32 },
}

/// Looks at the version of a text, whose tree is `root`.
pub(crate) fn plan(text: &str, root: &Node) -> Plan {
    let Node::Map(entries) = root else {
        return Plan::Current;
    };
    let from = match entries.iter().find(|(name, _)| name == "version") {
        None | Some((_, Node::Null)) => 0,
        Some((_, Node::Integer(n))) if *n > CURRENT_VERSION.into() => return Plan::Newer(*n),
        Some((_, Node::Integer(n))) => match u32::try_from(*n) {
            Ok(n) if n < CURRENT_VERSION => n,
            _ => return Plan::Current,
        },
        // Of the wrong type, which the check reports.
        Some(_) => return Plan::Current,
    };
    let steps = &STEPS[from as usize..];
    match steps
        .iter()
        .try_fold(text.to_owned(), |text, step| step(&text))
    {
        Some(text) => Plan::Older { from, text },
        None => Plan::Stuck { from },
    }
}

/// Writes `version` into a text and changes no other byte.
///
/// Several ways to do it are tried; one counts only when the result reads as the same tree.
fn set_version(text: &str, version: u32) -> Option<String> {
    let Ok(Node::Map(entries)) = tree::parse(text) else {
        return None;
    };
    let others = |entries: &[(String, Node)]| {
        entries
            .iter()
            .filter(|(name, _)| name != "version")
            .cloned()
            .collect::<Vec<_>>()
    };
    let right = |candidate: &String| match tree::parse(candidate) {
        Ok(Node::Map(now)) => {
            let set = now.iter().filter(|(name, _)| name == "version");
            set.map(|(_, value)| value)
                .eq([&Node::Integer(version.into())])
                && others(&now) == others(&entries)
        }
        _ => false,
    };
    candidates(text, &entries, version)
        .into_iter()
        .flatten()
        .find(right)
}

fn candidates(text: &str, entries: &[(String, Node)], version: u32) -> [Option<String>; 3] {
    let at = |name: &str, target| {
        let steps = [Down::Key {
            name: name.to_owned(),
            skip: 0,
        }];
        offset_of(text, locate(text, &steps, target))
    };
    if entries.iter().any(|(name, _)| name == "version") {
        let key = at("version", Target::Key);
        let colon = key + text[key..].find(':').unwrap_or_default() + 1;
        let rest = &text[colon..];
        let line = colon + rest.find(['\n', '\r', '#', ',', '}']).unwrap_or(rest.len());
        let value = at("version", Target::Value);
        let number = &text[value..];
        let end = number
            .find(|c: char| !c.is_ascii_digit())
            .unwrap_or(number.len());
        return [
            Some(splice(text, value, value + end, &version.to_string())),
            // The key without a value.
            Some(splice(text, colon, line, &format!(" {version}"))),
            Some(splice(text, colon, line, &format!(" {version} "))),
        ];
    }
    let key = match entries.first() {
        Some((name, _)) => at(name, Target::Key),
        None => return [None, None, None],
    };
    let start = if text.starts_with('\u{feff}') {
        '\u{feff}'.len_utf8()
    } else {
        0
    };
    let line = text[..key].rfind('\n').map_or(start, |end| end + 1);
    let indent = &text[line..key];
    let newline = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let whole = format!("{indent}version: {version}{newline}");
    let above = above_comment(text, start, line);
    [
        // Above the comment that belongs to the first key, else right above the key.
        Some(splice(text, above, above, &whole)).filter(|_| indent.trim().is_empty()),
        Some(splice(text, line, line, &whole)).filter(|_| indent.trim().is_empty()),
        // A file in braces.
        Some(splice(text, key, key, &format!("version: {version}, "))),
    ]
}

fn splice(text: &str, start: usize, end: usize, new: &str) -> String {
    format!("{}{new}{}", &text[..start], &text[end.max(start)..])
}

/// The start of the comment lines right above a line, in a text that begins at `start`.
fn above_comment(text: &str, start: usize, mut line: usize) -> usize {
    while line > start {
        let above = text[start..line - 1]
            .rfind('\n')
            .map_or(start, |end| start + end + 1);
        if !text[above..line].trim_start().starts_with('#') {
            break;
        }
        line = above;
    }
    line
}

fn offset_of(text: &str, at: Position) -> usize {
    let lines = text.split_inclusive('\n').take(at.line as usize - 1);
    let offset = lines.map(str::len).sum::<usize>() + at.column as usize - 1;
    offset.min(text.len())
}

/// Puts a migrated text in the place of the original and keeps that beside it; gives the backup's
/// path, or nothing when the file is no longer what it was: somebody else was faster.
///
/// # Errors
/// What the system says; the file is then unchanged.
pub(crate) fn write(
    path: &Path,
    original: &str,
    from: u32,
    text: &str,
) -> io::Result<Option<PathBuf>> {
    let _lock = store::lock(path)?;
    if store::read(path, MAX_TEXT)? != original.as_bytes() {
        return Ok(None);
    }
    let suffix = format!("backup-v{from}");
    let backup = store::create_beside(path, &suffix, original.as_bytes())?;
    if let Err(error) = store::replace(path, text.as_bytes()) {
        let _ = std::fs::remove_file(&backup);
        return Err(error);
    }
    Ok(Some(backup))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Option<&str>) {
        let root = tree::parse(text).unwrap();
        let migrated = match plan(text, &root) {
            Plan::Older { text, .. } => Some(text),
            _ => None,
        };
        assert_eq!(migrated.as_deref(), expected, "{text:?}");
    }

    #[test]
    fn a_version_is_written_and_nothing_else_changes() {
        let rows = [
            ("a: 1\n", "version: 1\na: 1\n"),
            ("a: 1", "version: 1\na: 1"),
            ("a: 1\r\nb: 2\r\n", "version: 1\r\na: 1\r\nb: 2\r\n"),
            ("\u{feff}a: 1\n", "\u{feff}version: 1\na: 1\n"),
            (
                "# head\n\n# of a\na: 1 # x\n",
                "# head\n\nversion: 1\n# of a\na: 1 # x\n",
            ),
            ("# head\na: 1\n", "version: 1\n# head\na: 1\n"),
            (
                "%YAML 1.2\n---\n# of a\na: 1\n",
                "%YAML 1.2\n---\nversion: 1\n# of a\na: 1\n",
            ),
            ("  a: 1\n  b: 2\n", "  version: 1\n  a: 1\n  b: 2\n"),
            ("{ a: 1, b: 2 }\n", "{ version: 1, a: 1, b: 2 }\n"),
            ("--- {a: 1}\n", "--- {version: 1, a: 1}\n"),
            (
                "a: |\n  text\n\n\nb: x",
                "version: 1\na: |\n  text\n\n\nb: x",
            ),
            ("version: 0 # old\na: 1\n", "version: 1 # old\na: 1\n"),
            ("a: 1\nversion: 0", "a: 1\nversion: 1"),
            ("version:\na: 1\n", "version: 1\na: 1\n"),
            ("version: # old\na: 1\n", "version: 1 # old\na: 1\n"),
            ("{version: 0, a: 1}", "{version: 1, a: 1}"),
        ];
        for (text, expected) in rows {
            check(text, Some(expected));
        }
    }

    #[test]
    fn other_files_are_left_alone() {
        for text in [
            "",
            "# only\n",
            "version: 1\na: 1\n",
            "version: 2\n",
            "version: x\n",
            "- a\n",
            "3",
            "{}",
        ] {
            check(text, None);
        }
        assert_eq!(
            plan("", &tree::parse("version: 9").unwrap()),
            Plan::Newer(9)
        );
    }

    #[test]
    fn what_can_not_be_changed_safely_is_not_changed() {
        for text in [
            "&x a: 1\n",
            "? a\n: 1\n",
            "version: 0\nversion: 0\n",
            "'a': 1\n",
        ] {
            let root = tree::parse(text).unwrap();
            let Plan::Older { text: migrated, .. } = plan(text, &root) else {
                continue;
            };
            let Ok(Node::Map(entries)) = tree::parse(&migrated) else {
                panic!("{migrated:?}")
            };
            assert!(
                entries.contains(&("version".into(), Node::Integer(1))),
                "{migrated:?}"
            );
        }
    }
}
