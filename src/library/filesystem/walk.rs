//! Walks a folder of prompts with several threads and reads what the index does not know.

use std::ffi::{CStr, CString, OsStr};
use std::fs;
use std::os::fd::AsFd;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustix::fs::{AtFlags, Dir, FileType, Mode, OFlags};
use rustix::io::Errno;

use super::index::{Index, Row};
use super::queue::{Folder, Job, Place, Queue};
use super::read::{self, Stamp, Trouble};
use crate::library::decode;
use crate::library::document::{self, Document, Strictness};
use crate::library::prompt::{PromptId, PromptInfo};
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
    pub prompts: Vec<(PromptInfo, Stamp)>,
    pub problems: Vec<Problem>,
    /// Every folder that was listed.
    pub folders: Vec<PathBuf>,
    /// Where links to files lead.
    pub targets: Vec<PathBuf>,
    /// How many files had to be read.
    pub read: usize,
    /// The root folder is there.
    pub exists: bool,
}

impl Found {
    fn add(&mut self, mut other: Found) {
        self.prompts.append(&mut other.prompts);
        self.problems.append(&mut other.problems);
        self.folders.append(&mut other.folders);
        self.targets.append(&mut other.targets);
        self.read += other.read;
        self.exists |= other.exists;
    }

    fn trouble(&mut self, path: &Path, trouble: &Trouble) {
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

/// The name below its folder without the extension.
fn stem(name: &str) -> &str {
    name.strip_suffix(".md")
        .or_else(|| name.strip_suffix(".markdown"))
        .unwrap_or(name)
}

impl<'a> Scan<'a> {
    /// Scans with as many threads as there are processors, up to eight.
    pub(super) fn run(&'a self) -> Found {
        let queue = Queue::default();
        queue.folder(Place {
            name: String::new(),
            path: self.root.to_owned(),
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
        found
    }

    fn work(&self, queue: &Queue<'a>) -> Found {
        let mut found = Found::default();
        let mut buffer = vec![0; 64 * 1024];
        while let Some((job, _busy)) = queue.next() {
            match job {
                Job::Folder(place) => self.list(place, queue, &mut found),
                Job::Link(place) if leads_back(&place.path) => {
                    let message = "the link leads back to a folder that it stands in";
                    let problem = Problem::warning(&place.path, Position::START, message);
                    found.problems.push(problem.hint("remove it"));
                }
                Job::Link(place) => self.list(place, queue, &mut found),
                Job::Files(folder, names) => {
                    for name in names {
                        self.file(&folder, &name, &mut buffer, &mut found);
                    }
                }
            }
        }
        found
    }

    fn list(&self, place: Place, queue: &Queue<'a>, found: &mut Found) {
        let path = place.path.clone();
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
        found.folders.push(place.path.clone());
        let known = self.index.folder(&place.name);
        let folder = Arc::new(Folder { place, fd, known });
        let mut batch = Vec::with_capacity(BATCH);
        for entry in entries {
            let entry = entry?;
            let name = entry.file_name();
            if name.to_bytes().starts_with(b".") {
                continue;
            }
            if self.entry(&folder, name, entry.file_type(), queue, found) {
                batch.push(name.to_owned());
                if batch.len() == BATCH {
                    queue.files(
                        &folder,
                        std::mem::replace(&mut batch, Vec::with_capacity(BATCH)),
                    );
                }
            }
        }
        queue.files(&folder, batch);
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
                    found.targets.push(target);
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

    fn file(&self, folder: &Folder<'_>, name: &CString, buffer: &mut Vec<u8>, found: &mut Found) {
        let Ok(text) = name.to_str() else { return };
        if let Some(stem) = text.strip_suffix(".markdown") {
            let other = format!("{stem}.md");
            if rustix::fs::statat(&folder.fd, &other, AtFlags::SYMLINK_NOFOLLOW).is_ok() {
                let message = format!("'{other}' has the same name and goes first");
                let problem =
                    Problem::error(folder.place.path.join(text), Position::START, message);
                found.problems.push(problem.hint("rename one of them"));
                return;
            }
        }
        if let Some(known) = self.unchanged(folder, name, text) {
            found.prompts.push(known);
            return;
        }
        found.read += 1;
        let path = folder.place.path.join(text);
        let read = read::read(folder.fd.as_fd(), name, self.max_file_size, buffer);
        let prompt = read.and_then(|(length, stamp)| {
            let id = PromptId(join(&folder.place.name, stem(text)));
            let name = Name {
                id,
                category: &folder.place.name,
                source: self.source,
                path: &path,
            };
            let bytes = &buffer[..length];
            examine(name, bytes, stamp, self.strictness, |_, _, _| ())
                .map(|(info, ())| (info, stamp))
        });
        match prompt {
            Ok(prompt) => found.prompts.push(prompt),
            Err(trouble) => found.trouble(&path, &trouble),
        }
    }

    /// What the index says of a file, if the file is surely the same.
    fn unchanged(
        &self,
        folder: &Folder<'_>,
        name: &CStr,
        text: &str,
    ) -> Option<(PromptInfo, Stamp)> {
        let at = folder
            .known
            .binary_search_by(|row| row.name.cmp(text))
            .ok()?;
        let row: &Row = &folder.known[at];
        let stat = rustix::fs::statat(&folder.fd, name, AtFlags::empty()).ok()?;
        let same = FileType::from_raw_mode(stat.st_mode) == FileType::RegularFile
            && Stamp::of(&stat) == row.stamp
            && row.stamp.size <= self.max_file_size
            && self.index.is_settled(&row.stamp);
        if !same {
            return None;
        }
        let path = folder.place.path.join(text);
        let info = PromptInfo {
            id: PromptId(join(&folder.place.name, stem(text))),
            title: row.title.to_owned(),
            description: row.description.to_owned(),
            tags: row.tags.iter().map(|&tag| tag.to_owned()).collect(),
            category: folder.place.name.clone(),
            source: self.source.to_owned(),
            bytes: row.stamp.size,
            version: row.stamp.version(),
            problems: row.problems(&path),
            path,
        };
        Some((info, row.stamp))
    }
}

/// What a file is called.
pub(super) struct Name<'a> {
    pub id: PromptId,
    pub category: &'a str,
    pub source: &'a str,
    pub path: &'a Path,
}

/// Makes a prompt of a file's bytes; `keep` takes what only a reader of the text needs.
pub(super) fn examine<T>(
    name: Name<'_>,
    bytes: &[u8],
    stamp: Stamp,
    strictness: Strictness,
    keep: impl FnOnce(Extra, &str, u32) -> T,
) -> Result<(PromptInfo, T), Trouble> {
    let decoded = decode::decode(bytes).map_err(|decode::NotText| Trouble::NotText)?;
    let Document {
        title,
        description,
        tags,
        extra,
        body,
        body_line,
        mut problems,
    } = document::read(name.path, &decoded.text, strictness);
    if let Some(finding) = decoded.finding {
        problems.insert(0, document::encoding_problem(name.path, bytes, finding));
    }
    let info = PromptInfo {
        id: name.id,
        title,
        description,
        tags,
        category: name.category.to_owned(),
        source: name.source.to_owned(),
        path: name.path.to_owned(),
        bytes: stamp.size,
        version: stamp.version(),
        problems,
    };
    Ok((info, keep(extra, body, body_line)))
}

type Extra = std::collections::BTreeMap<String, serde_json::Value>;

fn join(folder: &str, name: &str) -> String {
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
fn leads_back(link: &Path) -> bool {
    let Some(folder) = link.parent() else {
        return false;
    };
    match (fs::canonicalize(link), fs::canonicalize(folder)) {
        (Ok(target), Ok(folder)) => folder.starts_with(target),
        _ => false,
    }
}
