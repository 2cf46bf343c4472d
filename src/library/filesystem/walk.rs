//! Walks a folder of prompts with several threads and reads what the index does not know.

use std::ffi::{CStr, OsStr};
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use rustix::fs::{AtFlags, Dir, FileType, Mode, OFlags};
use rustix::io::Errno;

use super::index::Index;
use super::queue::{Folder, Job, Place, Queue};
use super::read::{Stamp, Trouble};
use crate::library::document::Strictness;
use crate::library::prompt::PromptInfo;
use crate::problem::Problem;
use crate::text::Position;

/// Files handed to a thread at once: enough that the queue costs nothing, few enough that two
/// threads share a small library.
const BATCH: usize = 64;

/// What is asked of a scan.
pub(super) struct Scan<'a> {
    pub source: &'a str,
    pub root: &'a Path,
    pub strictness: Strictness,
    pub max_file_size: u64,
    pub index: Index<'a>,
}

/// What a scan found.
#[derive(Default)]
pub(super) struct Found {
    /// The prompts, each batch in the order of its names.
    pub batches: Vec<Vec<(PromptInfo, Stamp)>>,
    pub problems: Vec<Problem>,
    /// Every folder that was listed, by its real path.
    pub folders: Vec<PathBuf>,
    /// What else would change the library by changing: where links lead that lead to a file or
    /// nowhere, and folders that could not be listed.
    pub others: Vec<PathBuf>,
    /// How many files had to be read.
    pub read: usize,
    /// The root folder is there.
    pub exists: bool,
}

impl Found {
    fn add(&mut self, mut other: Found) {
        self.batches.append(&mut other.batches);
        self.problems.append(&mut other.problems);
        self.folders.append(&mut other.folders);
        self.others.append(&mut other.others);
        self.read += other.read;
        self.exists |= other.exists;
    }

    /// Puts the batches in order: prompts of one folder then follow each other by name.
    fn sort(&mut self) {
        self.batches.retain(|batch| !batch.is_empty());
        self.batches.sort_by(|a, b| a[0].0.id.cmp(&b[0].0.id));
    }

    pub(super) fn trouble(&mut self, path: &Path, trouble: &Trouble) {
        self.problems.push(trouble.problem(path));
    }
}

/// Whether a file of this name is a prompt; what begins with a dot is hidden.
pub(super) fn is_prompt(name: &[u8]) -> bool {
    let stem = name
        .strip_suffix(b".md")
        .or_else(|| name.strip_suffix(b".markdown"));
    stem.is_some_and(|stem| {
        !stem.is_empty() && !stem.starts_with(b".") && !stem.eq_ignore_ascii_case(b"readme")
    })
}

impl<'a> Scan<'a> {
    /// Scans with as many threads as there are processors, up to eight.
    pub(super) fn run(&'a self) -> Found {
        let queue = Queue::default();
        queue.folder(Place {
            name: String::new(),
            path: self.root.to_owned(),
            real: real(self.root.to_owned()),
        });
        let threads = std::thread::available_parallelism().map_or(1, |n| n.get().min(8));
        let mut found = Found::default();
        std::thread::scope(|scope| {
            let others: Vec<_> = (1..threads)
                .map(|_| scope.spawn(|| self.work(&queue)))
                .collect();
            found = self.work(&queue);
            for other in others {
                match other.join() {
                    Ok(more) => found.add(more),
                    Err(panic) => std::panic::resume_unwind(panic),
                }
            }
        });
        found.sort();
        found
    }

    fn work(&self, queue: &Queue<'a>) -> Found {
        let mut found = Found::default();
        let mut buffer = vec![0; 64 * 1024];
        while let Some((job, _busy)) = queue.next() {
            match job {
                Job::Folder(place) => self.list(place, queue, &mut found),
                Job::Link(place) if leads_back(&place) => {
                    let message = "the link leads back to a folder that it stands in";
                    let problem = Problem::warning(&place.path, Position::START, message);
                    found.problems.push(problem.hint("remove it"));
                }
                Job::Link(place) => self.list(place, queue, &mut found),
                Job::Files(folder, some) => {
                    let mut batch = Vec::with_capacity(some.len());
                    let mut known = folder.known.as_slice();
                    let files = &folder.files[some];
                    if let Some(first) = files.first() {
                        let first = first.file_name().to_bytes();
                        known = &known[known.partition_point(|row| row.name.as_bytes() < first)..];
                    }
                    for file in files {
                        let name = file.file_name();
                        // Both are sorted: the row of this file is near the one before.
                        while known
                            .first()
                            .is_some_and(|row| row.name.as_bytes() < name.to_bytes())
                        {
                            known = &known[1..];
                        }
                        let prompt =
                            self.file(&folder, name, known.first(), &mut buffer, &mut found);
                        batch.extend(prompt);
                    }
                    found.batches.push(batch);
                }
            }
        }
        found
    }

    fn list(&self, place: Place, queue: &Queue<'a>, found: &mut Found) {
        let Place { path, real, .. } = place.clone();
        if let Err(errno) = self.list_entries(place, queue, found) {
            let is_root = path == self.root;
            match errno {
                Errno::NOENT if is_root => {}
                Errno::NOTDIR if is_root => {
                    let message = "this is not a folder, and holds no prompts";
                    found
                        .problems
                        .push(Problem::error(&path, Position::START, message));
                }
                errno => found.trouble(&path, &errno.into()),
            }
            found.others.push(real);
        }
    }

    fn list_entries(
        &self,
        place: Place,
        queue: &Queue<'a>,
        found: &mut Found,
    ) -> Result<(), Errno> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC | OFlags::NONBLOCK;
        let fd = rustix::fs::open(&place.path, flags, Mode::empty())?;
        let stat = rustix::fs::fstat(&fd)?;
        found.exists |= place.name.is_empty();
        if !queue.visit(stat.st_dev, stat.st_ino) {
            return Ok(());
        }
        let entries = Dir::read_from(&fd)?;
        found.folders.push(place.real.clone());
        let known = self.index.folder(&place.name);
        let mut folder = Folder {
            place,
            fd,
            files: Vec::with_capacity(known.len()),
            known,
        };
        for entry in entries {
            let entry = entry?;
            let name = entry.file_name();
            let hidden = name.to_bytes().starts_with(b".");
            if !hidden && self.entry(&folder, name, entry.file_type(), queue, found) {
                folder.files.push(entry);
            }
        }
        // Sorted, so that the prompts come out nearly in order and sorting them costs little.
        folder
            .files
            .sort_unstable_by(|a, b| a.file_name().cmp(b.file_name()));
        queue.files(folder, BATCH);
        Ok(())
    }

    /// Looks at one entry of a folder; true when it is a file to be read.
    fn entry(
        &self,
        folder: &Folder<'_>,
        name: &CStr,
        kind: FileType,
        queue: &Queue<'a>,
        found: &mut Found,
    ) -> bool {
        let wanted = is_prompt(name.to_bytes());
        let path = || folder.place.path.join(OsStr::from_bytes(name.to_bytes()));
        let look = |flags| rustix::fs::statat(&folder.fd, name, flags);
        let kind_of = |stat: rustix::fs::Stat| FileType::from_raw_mode(stat.st_mode);
        let mut kind = kind;
        if kind == FileType::Unknown {
            // Some file systems do not say in the listing.
            kind = look(AtFlags::SYMLINK_NOFOLLOW).map_or(FileType::Unknown, kind_of);
        }
        let linked = kind == FileType::Symlink;
        if linked {
            kind = match look(AtFlags::empty()) {
                Ok(stat) => kind_of(stat),
                Err(Errno::NOENT) => {
                    found.trouble(&path(), &Trouble::Dangling);
                    found.others.push(path());
                    return false;
                }
                Err(errno) => {
                    found.trouble(&path(), &errno.into());
                    return false;
                }
            };
        }
        match kind {
            FileType::Directory => {
                if wanted {
                    let message = "this is a folder although its name is that of a file";
                    let problem = Problem::warning(path(), Position::START, message);
                    found
                        .problems
                        .push(problem.hint("what is in it is read; give it another name"));
                }
                let Ok(below) = name.to_str() else {
                    found.problems.push(odd_name(&path()));
                    return false;
                };
                let place = Place {
                    name: join(&folder.place.name, below),
                    path: path(),
                    real: if linked {
                        real(path())
                    } else {
                        folder.place.real.join(below)
                    },
                };
                if linked {
                    queue.link(place)
                } else {
                    queue.folder(place)
                }
                false
            }
            _ if !wanted => false,
            FileType::RegularFile => {
                if linked && let Ok(target) = fs::canonicalize(path()) {
                    found.others.push(target);
                }
                if name.to_str().is_err() {
                    found.problems.push(odd_name(&path()));
                }
                name.to_str().is_ok()
            }
            kind => {
                found.trouble(&path(), &Trouble::NotAFile(kind));
                false
            }
        }
    }
}

pub(super) fn join(folder: &str, name: &str) -> String {
    if folder.is_empty() {
        return name.to_owned();
    }
    let mut joined = String::with_capacity(folder.len() + 1 + name.len());
    joined.push_str(folder);
    joined.push('/');
    joined.push_str(name);
    joined
}

fn odd_name(path: &Path) -> Problem {
    let message = "the name is not UTF-8, so the prompt has no name to be called by";
    Problem::error(path, Position::START, message).hint("rename it")
}

/// Whether a link leads to one of the folders above itself.
fn leads_back(link: &Place) -> bool {
    let folder = link
        .path
        .parent()
        .and_then(|folder| folder.canonicalize().ok());
    folder.is_some_and(|folder| folder.starts_with(&link.real))
}

/// The path of what a link leads to; the path as it is where that is not known.
fn real(path: PathBuf) -> PathBuf {
    fs::canonicalize(&path).unwrap_or(path)
}
