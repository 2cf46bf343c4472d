//! Names of the history's files, none of which is ever given twice.

use std::fs::OpenOptions;
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use jiff::Zoned;
use rustix::fs::OFlags;

use super::disk::{self, Found};

/// The names of deleted files, each between line breaks: one that a power cut left half written
/// stays by itself.
const DELETED: &str = ".deleted";
/// More names than fit into this many bytes are nothing that a person deleted.
const MAX_DELETED: usize = 256 << 20;

const EXTENSION: &str = ".md";
const CONFLICT: &str = "-conflict-";

/// Whether a name is a composition's: `*.md`, not hidden, and nothing but a name.
pub(super) fn is_composition(name: &str) -> bool {
    name.ends_with(EXTENSION) && !name.starts_with('.') && !name.contains(['/', '\0'])
}

/// Names for what is begun now, in the order in which they are to be tried.
pub(super) fn fresh(now: &Zoned) -> impl Iterator<Item = String> + use<> {
    let stem = now.strftime("%Y-%m-%d_%H-%M-%S").to_string();
    let first = format!("{stem}{EXTENSION}");
    std::iter::once(first).chain((2_u32..).map(move |n| format!("{stem}-{n}{EXTENSION}")))
}

/// Names for the other version of a file.
pub(super) fn beside(file: &str) -> impl Iterator<Item = String> + use<> {
    let stem = file.strip_suffix(EXTENSION).unwrap_or(file);
    let original = match stem.rsplit_once(CONFLICT) {
        Some((original, number)) if number.bytes().all(|b| b.is_ascii_digit()) => original,
        _ => stem,
    };
    let original = original.to_owned();
    (1_u32..).map(move |n| format!("{original}{CONFLICT}{n}{EXTENSION}"))
}

/// Whether a file of this name was deleted.
pub(super) fn was_deleted(folder: &Path, name: &str) -> io::Result<bool> {
    let Found::Regular(file, _) = disk::open(&folder.join(DELETED))? else {
        return Ok(false);
    };
    let names = disk::read(&file, MAX_DELETED)?;
    let line = format!("\n{name}\n");
    Ok(memchr::memmem::find(&names, line.as_bytes()).is_some())
}

/// Notes durably that files of these names are about to be deleted.
pub(super) fn note_deleted<'a>(
    folder: &Path,
    names: impl Iterator<Item = &'a str>,
) -> io::Result<()> {
    let lines: String = names.map(|name| format!("\n{name}\n")).collect();
    let mut file = OpenOptions::new()
        .append(true)
        .create(true)
        .mode(0o600)
        .custom_flags((OFlags::NOFOLLOW | OFlags::NONBLOCK).bits() as i32)
        .open(folder.join(DELETED))?;
    file.write_all(lines.as_bytes())?;
    file.sync_all()?;
    disk::sync_folder(folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_tried_in_order() {
        let now: Zoned = "2026-01-31T12:00:05+01:00[+01:00]".parse().unwrap();
        let names: Vec<String> = fresh(&now).take(3).collect();
        let stem = "2026-01-31_12-00-05";
        assert_eq!(names, ["", "-2", "-3"].map(|end| format!("{stem}{end}.md")));
    }

    #[test]
    fn a_conflict_of_a_conflict_is_one_of_the_original() {
        for (file, wanted) in [
            ("a.md", "a-conflict-1.md"),
            ("a-2.md", "a-2-conflict-1.md"),
            ("a-conflict-7.md", "a-conflict-1.md"),
            ("a-conflict-x.md", "a-conflict-x-conflict-1.md"),
        ] {
            assert_eq!(beside(file).next().unwrap(), wanted, "{file}");
        }
    }

    #[test]
    fn only_plain_names_are_compositions() {
        for (name, is) in [
            ("2026-01-31_12-00-05.md", true),
            ("mine.md", true),
            (".hidden.md", false),
            ("../a.md", false),
            ("a/b.md", false),
            ("a.txt", false),
        ] {
            assert_eq!(is_composition(name), is, "{name}");
        }
    }

    #[test]
    fn a_name_that_was_half_noted_spoils_no_other() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join(DELETED), "\na.md\n\n2026-01-").unwrap();
        note_deleted(folder.path(), ["b.md"].into_iter()).unwrap();
        for (name, was) in [("a.md", true), ("b.md", true), (".md", false)] {
            assert_eq!(was_deleted(folder.path(), name).unwrap(), was, "{name}");
        }
    }
}
