//! Texts that the editor wrote by itself while the host was down: taken into the history.
//!
//! A rescue copy is a file `NAME.rescue` in the rescue folder. It is written as anything else ending in
//! `.tmp`, brought to the disk and renamed, so that it is whole once it has its name. It begins with
//! lines `key: value`, in any order:
//!
//! | key | value |
//! |---|---|
//! | `id` | the composition's id; empty for one that was never saved |
//! | `number` | counts the saves of this buffer: the higher one is the newer text |
//! | `bytes` | the size of the text |
//! | `created` | when the composition was begun, in milliseconds since 1970 |
//! | `sequence` | that of the last acknowledged save; 0 or left out if there was none |
//! | `buffer` | the same in all copies of one buffer and in no other, as `PID.START.BUFFER`; may be left out |
//! | `directory`, `name`, `source` | as in the front matter; may be left out |
//!
//! In a value `\n` stands for a line break and `\\` for a backslash; all other bytes mean themselves.
//! Other keys are passed over. After an empty line comes the text, byte by byte.
//!
//! A copy is removed only when its text is durable in the history. An editor that lives removes its own
//! copies when a later save of that buffer is acknowledged.

mod copy;

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use super::composition::{Composition, CompositionId, Meta};
use super::disk::{self, Found};
use super::files::{Files, MAX_BYTES, Written};
use crate::error::{Kind, Result};
use crate::problem::Problem;
use crate::text::Position;
use copy::{Copy, MAX_HEADER};

/// What is written at the moment has a name that ends so and is younger than this.
const UNFINISHED: (&str, Duration) = (".tmp", Duration::from_secs(60));
const FINISHED: &str = ".rescue";

/// A rescue copy that is dealt with and gone.
#[derive(Debug, PartialEq, Eq)]
pub struct Taken {
    /// The copy.
    pub copy: PathBuf,
    /// What became of it.
    pub outcome: Outcome,
}

/// What became of a rescue copy.
#[derive(Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Its text was saved; where another version had been saved over the same text, beside that
    /// (see [`Written::conflict`]).
    Saved(Box<Written>),
    /// The history has this text already.
    Known,
    /// A later copy of the same buffer was dealt with.
    Superseded,
}

/// Takes all rescue copies into the history: each is saved, and then removed.
///
/// `lookup` finds the file of a composition that the history has; it must know all of them, or a
/// text gets a second file. The copies of an editor that `lives`, by its process, are left to it: its
/// buffer has that text or a newer one. Several hosts may do this at once: one does it, and the others
/// wait for it.
/// A copy that is damaged or can't be saved stays, and is among the problems.
pub fn take_in(
    folder: &Path,
    files: &Files,
    lives: impl Fn(u32) -> bool,
    lookup: impl Fn(&CompositionId) -> Option<String>,
) -> (Vec<Taken>, Vec<Problem>) {
    let (mut taken, mut problems) = (Vec::new(), Vec::new());
    let unreadable = |error: io::Error| {
        let message = format!("can't read the rescue folder: {error}");
        vec![Problem::error(folder, Position::NONE, message)]
    };
    let held = match File::open(folder) {
        Ok(held) => held,
        Err(error) if error.kind() == ErrorKind::NotFound => return (taken, problems),
        Err(error) => return (taken, unreadable(error)),
    };
    if !disk::lock(&held) {
        let message = "another editor has been taking in rescue copies for seconds";
        let problem = Problem::warning(folder, Position::NONE, message);
        return (
            taken,
            vec![problem.hint("they are kept for the next start")],
        );
    }
    let paths = match candidates(folder, files.now().into()) {
        Ok(paths) => paths,
        Err(error) => return (taken, unreadable(error)),
    };
    for group in grouped(paths, &lives, &mut problems).into_values() {
        if let Err(problem) = take_group(group, files, &lookup, &mut taken) {
            problems.push(problem);
        }
    }
    (taken, problems)
}

/// Files that may be rescue copies, in the order of their names.
fn candidates(folder: &Path, now: SystemTime) -> io::Result<Vec<PathBuf>> {
    let (unfinished, least_age) = UNFINISHED;
    let is_old = |path: &Path| {
        let modified = fs::symlink_metadata(path).and_then(|found| found.modified());
        let age = modified.ok().and_then(|at| now.duration_since(at).ok());
        age.is_some_and(|age| age >= least_age)
    };
    let mut paths = Vec::new();
    for name in disk::names(folder)? {
        let path = folder.join(&name);
        let name = name.as_encoded_bytes();
        if name.ends_with(FINISHED.as_bytes())
            || (name.ends_with(unfinished.as_bytes()) && is_old(&path))
        {
            paths.push(path);
        }
    }
    paths.sort_unstable();
    Ok(paths)
}

/// Which copies are of one buffer: its name and the composition, or the copy alone.
type Group = (Vec<u8>, Option<CompositionId>, Option<PathBuf>);

/// Puts together the copies of one buffer; each group is sorted, the newest last.
fn grouped(
    paths: Vec<PathBuf>,
    lives: &impl Fn(u32) -> bool,
    problems: &mut Vec<Problem>,
) -> BTreeMap<Group, Vec<(u64, PathBuf)>> {
    let mut groups: BTreeMap<Group, Vec<(u64, PathBuf)>> = BTreeMap::new();
    for path in paths {
        match load(&path) {
            Ok(None) => {}
            Ok(Some(copy)) if copy.editor().is_some_and(lives) => {}
            Ok(Some(copy)) => {
                let alone = copy.buffer.is_empty().then(|| path.clone());
                let group = groups.entry((copy.buffer, copy.given_id, alone));
                group.or_default().push((copy.number, path));
            }
            Err(problem) => problems.push(problem),
        }
    }
    for copies in groups.values_mut() {
        copies.sort_unstable();
    }
    groups
}

fn take_group(
    mut group: Vec<(u64, PathBuf)>,
    files: &Files,
    lookup: &impl Fn(&CompositionId) -> Option<String>,
    taken: &mut Vec<Taken>,
) -> Result<(), Problem> {
    let Some((_, newest)) = group.pop() else {
        return Ok(());
    };
    let Some(copy) = load(&newest)? else {
        return Ok(());
    };
    let outcome = save(copy, files, lookup).map_err(|error| {
        let message = format!("can't save this rescue copy: {}", error.message());
        let problem = Problem::error(&newest, Position::NONE, message);
        problem.hint(error.hint_text().unwrap_or("it is kept"))
    })?;
    // The newest goes last: without it, an older one would be taken for the newest after a crash.
    let older = group
        .into_iter()
        .map(|(_, path)| (path, Outcome::Superseded));
    for (copy, outcome) in older.chain([(newest, outcome)]) {
        match fs::remove_file(&copy) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                let message = format!("can't remove this rescue copy, which is saved: {error}");
                return Err(Problem::warning(&copy, Position::NONE, message));
            }
            _ => {}
        }
        taken.push(Taken { copy, outcome });
    }
    Ok(())
}

/// Reads a copy; `None` when its editor, which lives, has removed it.
fn load(path: &Path) -> Result<Option<Copy>, Problem> {
    let damaged = |message: String| {
        Problem::error(path, Position::NONE, message)
            .hint("the file is kept: copy what you need from it and delete it")
    };
    let unreadable = |error: io::Error| damaged(format!("can't read this rescue copy: {error}"));
    let file = match disk::open(path).map_err(unreadable)? {
        Found::Regular(file, _) => file,
        Found::Nothing => return Ok(None),
        Found::Other => return Err(damaged("a rescue copy that is no regular file".into())),
    };
    let bytes = disk::read(&file, MAX_BYTES + MAX_HEADER).map_err(unreadable)?;
    let copy = Copy::parse(&bytes);
    copy.map(Some)
        .map_err(|why| damaged(format!("a damaged rescue copy: {why}")))
}

fn save(
    copy: Copy,
    files: &Files,
    lookup: &impl Fn(&CompositionId) -> Option<String>,
) -> Result<Outcome> {
    let known = match lookup(&copy.id) {
        Some(file) => match files.open(&file) {
            Ok((entry, last)) => (last.meta.id == copy.id).then_some((entry, last)),
            // No composition (any more): whatever it is, it stays, and the text gets another file.
            Err(error) if [Kind::NotFound, Kind::InvalidInput].contains(&error.kind()) => None,
            Err(error) => return Err(error),
        },
        None => None,
    };
    let Some((entry, last)) = known else {
        let meta = Meta {
            id: copy.id,
            sequence: copy.sequence,
            name: copy.name,
            source: copy.source,
            ..Meta::new(copy.created, copy.directory.unwrap_or_default())
        };
        let body = copy.body;
        let written = files.save(&Composition { meta, body }, None)?;
        return Ok(Outcome::Saved(Box::new(written)));
    };
    if entry.composition.body == copy.body {
        // It may have been seen before it was safe: by the host that died of saving it.
        files.settle(&entry.file)?;
        return Ok(Outcome::Known);
    }
    let mut meta = entry.composition.meta;
    meta.name = copy.name.or(meta.name);
    meta.source = copy.source.or(meta.source);
    meta.directory = copy.directory.unwrap_or(meta.directory);
    let based_on_it = last.meta.sequence == copy.sequence;
    let last = match based_on_it {
        true => last,
        // What the editor last knew is gone: no content equals it.
        false => Written {
            hash: [0; 32],
            ..last
        },
    };
    let body = copy.body;
    let written = files.save(&Composition { meta, body }, Some(&last))?;
    Ok(Outcome::Saved(Box::new(written)))
}

#[cfg(test)]
mod tests;
