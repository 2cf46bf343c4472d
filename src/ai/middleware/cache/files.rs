//! Answers in a folder: `<2 hex>/<hash>`, each written whole or not at all.
//!
//! Several processes may share it without knowing of each other: a file that is gone is a miss.

use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use super::entry::{self, Entry, Key};
use super::too_many;
use crate::ai::middleware::disk;

/// How much of a file is read to know its times.
const HEAD: u64 = 64;

/// How old a temporary file is, in seconds, before it is that of a dead process.
const ABANDONED: i64 = 3600;

/// That the size is not known yet.
const UNKNOWN: u64 = u64::MAX;

/// At most so many bytes of answers.
#[derive(Debug)]
pub(super) struct Files {
    folder: PathBuf,
    limit: u64,
    /// The bytes in the folder, as far as this process knows; each sweep counts anew.
    bytes: AtomicU64,
}

/// A file of the folder.
struct Found {
    path: PathBuf,
    size: u64,
    /// Its times; none when it is no whole answer.
    times: Option<(i64, i64)>,
    /// When it was written.
    written: i64,
}

impl Files {
    pub fn new(folder: PathBuf, limit: u64) -> Self {
        Self {
            folder,
            limit,
            bytes: AtomicU64::new(UNKNOWN),
        }
    }

    pub fn get(&self, key: &Key) -> Option<Entry> {
        let bytes = disk::read(&self.path(key), self.limit).ok().flatten()?;
        Entry::from_bytes(key, &bytes)
    }

    /// Takes an answer in, and says how many had to go for it; `None` when it could not.
    pub fn put(&self, key: &Key, entry: &Entry) -> Option<u64> {
        let path = self.path(key);
        let bytes = entry.to_bytes(key);
        if bytes.len() as u64 > self.limit {
            return None;
        }
        let written = disk::create_folder(path.parent()?).and_then(|()| {
            let replaced = fs::metadata(&path).map_or(0, |old| old.len());
            disk::replace(&path, &bytes)?;
            Ok(replaced)
        });
        let replaced = match written {
            Ok(replaced) => replaced,
            Err(error) => {
                tracing::warn!(%error, "an answer could not be kept");
                return None;
            }
        };
        let known = match self.bytes.load(Ordering::Relaxed) {
            UNKNOWN => self.size().1,
            known => (known + bytes.len() as u64).saturating_sub(replaced),
        };
        self.bytes.store(known, Ordering::Relaxed);
        // Below the limit by a tenth, so that not every answer from now on looks at all files.
        let more = known > self.limit;
        Some(if more {
            self.remove(entry.at, self.limit / 10 * 9)
        } else {
            0
        })
    }

    pub fn sweep(&self, now: i64) -> u64 {
        self.remove(now, self.limit)
    }

    /// How many there are and how many bytes they take.
    pub fn size(&self) -> (u64, u64) {
        let files = self.files();
        let whole = files.iter().filter(|file| file.times.is_some());
        whole.fold((0, 0), |(n, bytes), file| (n + 1, bytes + file.size))
    }

    fn path(&self, key: &Key) -> PathBuf {
        let name = key.to_string();
        self.folder.join(&name[..2]).join(name)
    }

    /// Removes what is too old or damaged, and the oldest until no more than `limit` bytes are left.
    fn remove(&self, now: i64, limit: u64) -> u64 {
        let (mut whole, mut gone) = (Vec::new(), Vec::new());
        for file in self.files() {
            let temporary = is_temporary(&file.path);
            match file.times {
                Some((at, until)) if at <= now && now < until && !temporary => {
                    whole.push((at, file.size, (file.path, file.size)));
                }
                // Another process may be writing it just now.
                _ if temporary && now - file.written < ABANDONED => {}
                _ => gone.push((file.path, file.size)),
            }
        }
        let before: u64 = whole.iter().map(|(_, size, _)| size).sum();
        let mut left = before;
        for (path, size) in too_many(whole, limit) {
            left -= size;
            gone.push((path, size));
        }
        self.bytes.store(left, Ordering::Relaxed);
        let removed = gone
            .iter()
            .filter(|(path, _)| fs::remove_file(path).is_ok());
        removed.count() as u64
    }

    fn files(&self) -> Vec<Found> {
        let inside = |folder: &Path| fs::read_dir(folder).into_iter().flatten().flatten();
        let folders = inside(&self.folder).filter(|folder| {
            let name = folder.file_name();
            let name = name.as_encoded_bytes();
            // Whatever else is in the folder is not ours to remove.
            name.len() == 2 && name.iter().all(u8::is_ascii_hexdigit)
        });
        let files = folders.flat_map(|folder| inside(&folder.path()).collect::<Vec<_>>());
        files.filter_map(|file| look_at(file.path())).collect()
    }
}

fn look_at(path: PathBuf) -> Option<Found> {
    let metadata = fs::symlink_metadata(&path).ok()?;
    if !metadata.is_file() {
        return None;
    }
    let mut head = Vec::new();
    let read = File::open(&path).and_then(|file| file.take(HEAD).read_to_end(&mut head));
    let written = metadata.modified().ok()?;
    let written = written.duration_since(std::time::UNIX_EPOCH).ok()?;
    Some(Found {
        times: read.ok().and_then(|_| entry::times(&head)),
        path,
        size: metadata.len(),
        written: written.as_secs() as i64,
    })
}

fn is_temporary(path: &Path) -> bool {
    path.as_os_str()
        .as_encoded_bytes()
        .ends_with(disk::TEMPORARY.as_bytes())
}
