//! One save: into the file that it belongs to, beside it, or into a new one.

use std::fs;
use std::io::{self, ErrorKind};

use super::{Files, MAX_BYTES, Written, hash, names, too_large};
use crate::error::{Error, Result};
use crate::history::composition::{Composition, CompositionId, Meta, to_microseconds};
use crate::history::disk::{self, Found, Temporary};
use crate::history::document;

/// How many times another editor's save may come in between before it counts as a change.
const ATTEMPTS: usize = 100;

/// As [`Files::save`] says.
pub(super) fn save(
    files: &Files,
    composition: &Composition,
    last: Option<&Written>,
) -> Result<Written> {
    let key = last.map_or(composition.meta.id, |last| last.meta.id);
    let unsure = files.unsure().get(&key).cloned();
    if let (Some(last), None) = (last, &unsure)
        && holds(files, last, composition)
    {
        return Ok(Written {
            conflict: None,
            ..last.clone()
        });
    }
    let mut saving = Saving {
        files,
        composition,
        tried: None,
    };
    let saved = saving.run(last, unsure.as_ref());
    match (&saved, saving.tried) {
        (Ok(_), _) => _ = files.unsure().remove(&key),
        (Err(_), Some(tried)) => {
            let earlier = unsure.filter(|unsure| unsure.tried.file == tried.file);
            let mut hashes = earlier.map_or_else(Vec::new, |unsure| unsure.hashes);
            hashes.push(tried.hash);
            files.unsure().insert(key, Unsure { tried, hashes });
        }
        (Err(_), None) => {}
    }
    saved
}

/// What may stand in a file although no save of it was acknowledged: the next one must not take it
/// for somebody else's.
#[derive(Clone)]
pub(super) struct Unsure {
    /// What was tried last.
    pub tried: Written,
    /// SHA-256 of all that was tried there.
    pub hashes: Vec<[u8; 32]>,
}

/// What became of a file since it was written.
enum There {
    /// It is as it was; the handle holds its lock.
    Ours(fs::File),
    Gone,
    Changed,
}

/// One save on its way.
struct Saving<'a> {
    files: &'a Files,
    composition: &'a Composition,
    /// What may have come into its place by now.
    tried: Option<Written>,
}

impl Saving<'_> {
    fn run(&mut self, last: Option<&Written>, unsure: Option<&Unsure>) -> Result<Written> {
        self.files.prepare()?;
        let tried = unsure.map(|unsure| &unsure.tried);
        for base in [tried, last].into_iter().flatten() {
            let unsure = unsure.filter(|unsure| unsure.tried.file == base.file);
            let last = last.filter(|last| last.file == base.file);
            let mut hashes = unsure.map_or_else(Vec::new, |unsure| unsure.hashes.clone());
            hashes.extend(last.map(|last| last.hash));
            let draft = self.write(self.next(Some(base)))?;
            let path = self.files.path(&base.file);
            let there = find(self.files, &base.file, &hashes);
            match there.map_err(|e| self.files.failed("read", &path, e))? {
                There::Ours(held) => {
                    let written = Written {
                        file: base.file.clone(),
                        // Told once, by the first save that is acknowledged.
                        conflict: unsure.and_then(|unsure| unsure.tried.conflict.clone()),
                        ..draft.written
                    };
                    return self.replace(draft.temporary, written, held);
                }
                // Nobody was told of it there, and the name may be another composition's by now.
                There::Changed if last.is_none() => {}
                There::Changed => {
                    drop(draft);
                    let meta = Meta {
                        id: CompositionId::new(),
                        conflict_of: Some(base.meta.id),
                        ..self.next(Some(base))
                    };
                    let draft = self.write(meta)?;
                    let conflict = Some(base.file.clone());
                    return self.add(draft, names::beside(&base.file), conflict);
                }
                There::Gone => {}
            }
        }
        let draft = self.write(self.next(last.or(tried)))?;
        let now = (self.files.clock)();
        self.add(draft, names::fresh(&now), None)
    }

    /// The front matter of the save that follows `base`.
    fn next(&self, base: Option<&Written>) -> Meta {
        let meta = continued(&self.composition.meta, base);
        let before = base.map_or(meta.updated, |base| base.meta.updated.max(meta.updated));
        let sequence = base.map_or(0, |base| base.meta.sequence).max(meta.sequence);
        Meta {
            sequence: sequence.saturating_add(1),
            updated: self.files.now().max(before).max(meta.created),
            ..meta
        }
    }

    fn write(&self, meta: Meta) -> Result<Draft> {
        let bytes = document::join(&meta, &self.composition.body);
        if bytes.len() > MAX_BYTES {
            return Err(too_large());
        }
        let temporary = Temporary::write(&self.files.folder, &bytes)
            .map_err(|e| self.files.failed("write to", &self.files.folder, e))?;
        let written = Written {
            file: String::new(),
            hash: hash(&bytes),
            stamp: temporary.stamp,
            conflict: None,
            meta,
        };
        Ok(Draft { temporary, written })
    }

    fn replace(
        &mut self,
        mut temporary: Temporary,
        written: Written,
        held: fs::File,
    ) -> Result<Written> {
        let path = self.files.path(&written.file);
        self.tried = Some(written.clone());
        temporary
            .replace(&path)
            .map_err(|e| self.files.failed("write", &path, e))?;
        drop(held);
        self.files.sync()?;
        Ok(written)
    }

    /// Gives the file the first of these names that is free and always was.
    fn add(
        &mut self,
        draft: Draft,
        mut candidates: impl Iterator<Item = String>,
        conflict: Option<String>,
    ) -> Result<Written> {
        let Draft {
            mut temporary,
            written,
        } = draft;
        loop {
            let file = candidates
                .next()
                .ok_or_else(|| Error::internal("no free name for a composition's file"))?;
            let path = self.files.path(&file);
            let cannot = |e| self.files.failed("write", &path, e);
            // In this order: a name that is free now and was deleted has been noted before.
            if fs::symlink_metadata(&path).is_ok()
                || names::was_deleted(&self.files.folder, &file).map_err(cannot)?
            {
                continue;
            }
            let written = Written {
                file,
                conflict: conflict.clone(),
                ..written.clone()
            };
            self.tried = Some(written.clone());
            if temporary.place(&path).map_err(cannot)? {
                self.files.sync()?;
                return Ok(written);
            }
            self.tried = None;
        }
    }
}

/// A file that is written and not yet in its place.
struct Draft {
    temporary: Temporary,
    written: Written,
}

/// What a composition says of itself, but for what its file has settled; times as they are kept.
fn continued(meta: &Meta, base: Option<&Written>) -> Meta {
    let mut meta = meta.clone();
    if let Some(base) = base {
        meta.id = base.meta.id;
        meta.created = base.meta.created;
        meta.conflict_of = base.meta.conflict_of;
    }
    meta.created = to_microseconds(meta.created);
    meta.updated = to_microseconds(meta.updated);
    for sent in &mut meta.sent {
        sent.at = to_microseconds(sent.at);
    }
    meta
}

/// Whether the disk still holds what `last` wrote, and that is this composition.
fn holds(files: &Files, last: &Written, composition: &Composition) -> bool {
    let meta = Meta {
        sequence: last.meta.sequence,
        updated: last.meta.updated,
        ..continued(&composition.meta, Some(last))
    };
    if meta != last.meta || hash(&document::join(&meta, &composition.body)) != last.hash {
        return false;
    }
    matches!(find(files, &last.file, &[last.hash]), Ok(There::Ours(_)))
}

/// Looks whether a file still has one of these contents, and holds it if so.
fn find(files: &Files, file: &str, hashes: &[[u8; 32]]) -> io::Result<There> {
    let path = files.path(file);
    for _ in 0..ATTEMPTS {
        let handle = match disk::open(&path) {
            Ok(Found::Regular(handle, _)) => handle,
            Ok(Found::Nothing) => return Ok(There::Gone),
            Ok(Found::Other) => return Ok(There::Changed),
            // It can't be said whose it is, so it is left alone.
            Err(error) if error.kind() == ErrorKind::PermissionDenied => {
                return Ok(There::Changed);
            }
            Err(error) => return Err(error),
        };
        if !disk::lock(&handle) {
            return Ok(There::Changed);
        }
        // Whoever held the lock may have put another file in its place.
        if !disk::is_at(&handle, &path)? {
            continue;
        }
        let bytes = disk::read(&handle, MAX_BYTES + 1)?;
        return Ok(match hashes.contains(&hash(&bytes)) {
            true => There::Ours(handle),
            false => There::Changed,
        });
    }
    Ok(There::Changed)
}
