//! The history's files: one for each composition, and the truth about it.
//!
//! What a save acknowledged survives a killed process and a power cut, and is never written over by
//! somebody else's save. Everything here blocks: call it on a blocking thread. What is in a file is
//! `document`'s, and no index is known here.

mod names;
mod save;

use std::collections::HashMap;
use std::ffi::OsString;
use std::fs;
use std::io::{self, ErrorKind};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use jiff::{Timestamp, Zoned};
use sha2::{Digest, Sha256};

use super::composition::{Composition, CompositionId, Entry, Meta, to_microseconds};
pub use super::disk::Stamp;
use super::disk::{self, Found};
use super::document;
use crate::error::{Error, Result};
use crate::problem::Problem;
use crate::text::Position;
use save::Unsure;

/// The largest file in bytes that is written or read.
pub const MAX_BYTES: usize = 64 << 20;

/// Tells the time, and in which zone it is told: files are named by it.
pub type Clock = Box<dyn Fn() -> Zoned + Send + Sync>;

/// A temporary file of a process that lives no more is anybody's after this time, and after a day
/// that of any process: its number may have been given to another one.
const STALE: Duration = Duration::from_secs(60);
const LONG_STALE: Duration = Duration::from_secs(24 * 3600);

/// What is read of a file for a list, at first.
const HEAD: usize = 16 << 10;

/// The folder with one file per composition.
pub struct Files {
    folder: PathBuf,
    clock: Clock,
    /// Which folder (device and number) is known to be on the disk by its name.
    synced: Mutex<Option<(u64, u64)>>,
    /// What failed saves may have left behind.
    unsure: Mutex<HashMap<CompositionId, Unsure>>,
}

/// What a save has written: durable, and what the next save of the same composition needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// The file's name in the folder.
    pub file: String,
    /// SHA-256 of its bytes.
    pub hash: [u8; 32],
    /// How it looks from outside.
    pub stamp: Stamp,
    /// The file that somebody else had changed, where that made this save go into another one beside
    /// it, under an id of its own.
    pub conflict: Option<String>,
    /// The front matter as it was written.
    pub meta: Meta,
}

/// A file in the folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// Its name.
    pub file: String,
    /// How it looks from outside.
    pub stamp: Stamp,
}

/// A composition's beginning.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// What is known of it.
    pub meta: Meta,
    /// The first bytes of its text; all of it, if it is short.
    pub start: Vec<u8>,
    /// The whole text's size in bytes.
    pub bytes: u64,
}

/// What became of files that were to be deleted.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Deleted {
    /// The names of those that are gone.
    pub files: Vec<String>,
    /// The bytes that they took.
    pub bytes: u64,
    /// Why others are still there.
    pub problems: Vec<Problem>,
}

impl Files {
    /// Keeps the history in `folder`, which a first save makes.
    pub fn new(folder: impl Into<PathBuf>, clock: Clock) -> Self {
        Self {
            folder: folder.into(),
            clock,
            synced: Mutex::default(),
            unsure: Mutex::default(),
        }
    }

    /// The folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// What time it is.
    pub fn now(&self) -> Timestamp {
        to_microseconds((self.clock)().timestamp())
    }

    /// Writes a composition durably: into the file of `last`, the save before this one, or into a new
    /// one.
    ///
    /// The sequence goes up by one, `updated` is now and never earlier than it was. With `last`, its id,
    /// time of creation and `conflict_of` hold, whatever the composition says, so that a caller need
    /// not follow them. If nothing but those differs from `last` and its file is still there,
    /// nothing is written, and `last` is what is returned.
    ///
    /// If the file is not what `last` wrote any more, it is left as it is and the composition goes into
    /// `NAME-conflict-N.md` with a new id, see [`Written::conflict`]; so if it became a link or a folder. If
    /// it is gone, the composition gets a new file.
    ///
    /// # Errors
    /// `unavailable` when it can't be written; what was acknowledged before is still there, and the same
    /// call may be made again. `invalid_input` when it is larger than [`MAX_BYTES`].
    pub fn save(&self, composition: &Composition, last: Option<&Written>) -> Result<Written> {
        save::save(self, composition, last)
    }

    /// Reads a composition.
    ///
    /// # Errors
    /// `not_found`, `invalid_input` when it is no composition, `unavailable` when it can't be read.
    pub fn read(&self, file: &str) -> Result<Entry> {
        Ok(self.open(file)?.0)
    }

    /// Reads a composition that is to be gone on with: what comes along is `last` of its next save.
    ///
    /// # Errors
    /// As [`Files::read`].
    pub fn open(&self, file: &str) -> Result<(Entry, Written)> {
        let (handle, stamp) = self.regular(file)?;
        let bytes = disk::read(&handle, MAX_BYTES + 1)
            .map_err(|e| self.failed("read", &self.path(file), e))?;
        if bytes.len() > MAX_BYTES {
            return Err(self.unreadable(file, &too_large()));
        }
        let composition = document::parse(&bytes).map_err(|e| self.unreadable(file, &e))?;
        let hash = Sha256::digest(&bytes).into();
        let written = Written {
            file: file.to_owned(),
            hash,
            stamp,
            conflict: None,
            meta: composition.meta.clone(),
        };
        let entry = Entry {
            file: file.to_owned(),
            hash,
            composition,
        };
        Ok((entry, written))
    }

    /// Brings a file to the disk whose writer may have died before it came to that.
    ///
    /// # Errors
    /// As [`Files::read`].
    pub(super) fn settle(&self, file: &str) -> Result<()> {
        self.prepare()?;
        let (handle, _) = self.regular(file)?;
        let synced = handle.sync_all();
        synced.map_err(|e| self.failed("write", &self.path(file), e))?;
        self.sync()
    }

    /// Reads a composition's front matter and the beginning of its text, for a list.
    ///
    /// # Errors
    /// As [`Files::read`].
    pub fn head(&self, file: &str) -> Result<Head> {
        let (handle, stamp) = self.regular(file)?;
        let read = |limit| {
            disk::read(&handle, limit).map_err(|e| self.failed("read", &self.path(file), e))
        };
        let mut start = read(HEAD)?;
        let mut head = document::parse_head(&start);
        if let Ok(None) = head {
            start.extend(read(document::MAX_FRONT_MATTER + HEAD)?);
            head = document::parse_head(&start);
        }
        let head = head.and_then(|head| head.ok_or_else(document::unclosed));
        let (meta, body) = head.map_err(|e| self.unreadable(file, &e))?;
        Ok(Head {
            meta,
            start: start.split_off(body),
            bytes: stamp.size.saturating_sub(body as u64),
        })
    }

    /// Lists the compositions' files by name, the oldest first; a folder that is not there yet is
    /// empty.
    ///
    /// Only what is in the folder itself: no links, no hidden files, nothing but `*.md`.
    ///
    /// # Errors
    /// `unavailable` when the folder can't be read.
    pub fn list(&self) -> Result<Vec<Listed>> {
        let mut listed = Vec::new();
        for name in self.names()? {
            let Ok(file) = name.into_string() else {
                continue;
            };
            if !names::is_composition(&file) {
                continue;
            }
            let stamp = match fs::symlink_metadata(self.path(&file)) {
                Ok(metadata) if metadata.is_file() => Stamp::of(&metadata),
                Ok(_) => continue,
                Err(error) if error.kind() == ErrorKind::NotFound => continue,
                // It is there: reading it will say what is wrong.
                Err(_) => Stamp::default(),
            };
            listed.push(Listed { file, stamp });
        }
        listed.sort_unstable_by(|a, b| a.file.cmp(&b.file));
        Ok(listed)
    }

    /// Deletes a composition's file, and says how many bytes it took. Its name is never given again.
    ///
    /// # Errors
    /// `not_found`; `unavailable` when it is still there.
    pub fn delete(&self, file: &str) -> Result<u64> {
        let bytes = self.size(file)?;
        let noted = names::note_deleted(&self.folder, std::iter::once(file));
        noted.map_err(|e| self.failed("delete", &self.path(file), e))?;
        self.remove(file)?;
        self.sync()?;
        Ok(bytes)
    }

    /// Deletes many files, with far fewer waits for the disk than one by one.
    ///
    /// # Errors
    /// `unavailable` when nothing at all could be deleted, or not durably.
    pub fn delete_all(&self, files: &[String]) -> Result<Deleted> {
        let mut deleted = Deleted::default();
        let mut there = Vec::new();
        for file in files {
            match self.size(file) {
                Ok(bytes) => there.push((file, bytes)),
                Err(error) => deleted.problems.push(self.problem(file, error)),
            }
        }
        if there.is_empty() {
            return Ok(deleted);
        }
        let noted = names::note_deleted(&self.folder, there.iter().map(|(file, _)| file.as_str()));
        noted.map_err(|e| self.failed("delete files in", &self.folder, e))?;
        for (file, bytes) in there {
            match self.remove(file) {
                Ok(()) => {
                    deleted.files.push(file.clone());
                    deleted.bytes += bytes;
                }
                Err(error) => deleted.problems.push(self.problem(file, error)),
            }
        }
        self.sync()?;
        Ok(deleted)
    }

    /// Removes what saves of dead processes left unfinished, and says how much that was.
    ///
    /// # Errors
    /// `unavailable` when the folder can't be read.
    pub fn reap(&self) -> Result<usize> {
        let now: SystemTime = (self.clock)().timestamp().into();
        let mut reaped = 0;
        for name in self.names()? {
            let Some(writer) = name.to_str().and_then(disk::writer_of) else {
                continue;
            };
            let path = self.folder.join(name);
            let age = fs::symlink_metadata(&path).and_then(|found| found.modified());
            let age = age.ok().and_then(|at| now.duration_since(at).ok());
            let stale =
                age.is_some_and(|age| age >= LONG_STALE || (age >= STALE && !is_alive(writer)));
            if stale && fs::remove_file(&path).is_ok() {
                reaped += 1;
            }
        }
        Ok(reaped)
    }

    fn path(&self, file: &str) -> PathBuf {
        self.folder.join(file)
    }

    /// Everything in the folder; nothing where there is none yet.
    fn names(&self) -> Result<Vec<OsString>> {
        match disk::names(&self.folder) {
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(Vec::new()),
            names => names.map_err(|e| self.failed("read", &self.folder, e)),
        }
    }

    fn unsure(&self) -> MutexGuard<'_, HashMap<CompositionId, Unsure>> {
        self.unsure.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Opens a composition's file by a name that may come from anywhere.
    fn regular(&self, file: &str) -> Result<(fs::File, Stamp)> {
        let path = self.checked(file)?;
        match disk::open(&path) {
            Ok(Found::Regular(handle, metadata)) => Ok((handle, Stamp::of(&metadata))),
            Ok(Found::Nothing) => Err(missing(&path)),
            Ok(Found::Other) => Err(irregular(&path)),
            Err(error) => Err(self.failed("open", &path, error)),
        }
    }

    /// The size of a composition's file, which need not be readable to be deleted.
    fn size(&self, file: &str) -> Result<u64> {
        let path = self.checked(file)?;
        match fs::symlink_metadata(&path) {
            Ok(metadata) if metadata.is_file() => Ok(metadata.len()),
            Ok(_) => Err(irregular(&path)),
            Err(error) if error.kind() == ErrorKind::NotFound => Err(missing(&path)),
            Err(error) => Err(self.failed("delete", &path, error)),
        }
    }

    fn checked(&self, file: &str) -> Result<PathBuf> {
        match names::is_composition(file) {
            true => Ok(self.path(file)),
            false => Err(Error::invalid(format!("'{file}' is no composition's file"))
                .hint("name a file in the history folder, like 2026-01-31_12-00-00.md")),
        }
    }

    /// Sees to it that the folder is there, and would be after a power cut.
    fn prepare(&self) -> Result<()> {
        let cannot = |e| self.failed("write to", &self.folder, e);
        let found = match fs::metadata(&self.folder) {
            Err(error) if error.kind() == ErrorKind::NotFound => {
                disk::create_folder(&self.folder)
                    .map_err(|e| self.failed("create", &self.folder, e))?;
                fs::metadata(&self.folder)
            }
            found => found,
        };
        let found = found.map_err(cannot)?;
        let mut synced = self.synced.lock().unwrap_or_else(PoisonError::into_inner);
        // Also when another process has just made it: that one may not have come this far.
        if *synced != Some((found.dev(), found.ino())) {
            disk::sync_above(&self.folder).map_err(cannot)?;
            *synced = Some((found.dev(), found.ino()));
        }
        Ok(())
    }

    fn remove(&self, file: &str) -> Result<()> {
        let path = self.path(file);
        fs::remove_file(&path).map_err(|e| match e.kind() {
            ErrorKind::NotFound => missing(&path),
            _ => self.failed("delete", &path, e),
        })
    }

    fn sync(&self) -> Result<()> {
        disk::sync_folder(&self.folder).map_err(|e| self.failed("write to", &self.folder, e))
    }

    fn failed(&self, verb: &str, path: &Path, error: io::Error) -> Error {
        Error::unavailable(format!("can't {verb} {}: {error}", path.display()))
            .hint(disk::way_out(&error))
            .because(error)
    }

    fn unreadable(&self, file: &str, error: &Error) -> Error {
        let path = self.path(file);
        let why = Error::new(
            error.kind(),
            format!("can't read {}: {}", path.display(), error.message()),
        );
        match error.hint_text() {
            Some(hint) => why.hint(hint),
            None => why,
        }
    }

    fn problem(&self, file: &str, error: Error) -> Problem {
        let problem = Problem::error(self.path(file), Position::NONE, error.message());
        match error.hint_text() {
            Some(hint) => problem.hint(hint),
            None => problem,
        }
    }
}

fn hash(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

fn missing(path: &Path) -> Error {
    Error::not_found(format!("there is no {}", path.display())).hint("it was deleted or moved")
}

fn irregular(path: &Path) -> Error {
    Error::invalid(format!("{} is no regular file", path.display()))
}

fn too_large() -> Error {
    Error::invalid(format!(
        "the composition is larger than {} MB",
        MAX_BYTES >> 20
    ))
    .hint("write it to a file of its own")
}

/// Whether a process lives, as far as can be seen.
pub fn is_alive(process: u32) -> bool {
    let processes = Path::new("/proc");
    process == std::process::id()
        || !processes.join("self").exists()
        || processes.join(process.to_string()).exists()
}

#[cfg(test)]
mod tests;
