//! Reads one file without trusting it: it may be a pipe, too large, gone, or no text.

use std::ffi::CStr;
use std::io;
use std::os::fd::{AsFd, BorrowedFd};
use std::path::Path;

use rustix::fs::{FileType, Mode, OFlags, Stat};
use rustix::io::Errno;
use serde::{Deserialize, Serialize};

use crate::problem::Problem;
use crate::text::Position;

/// What tells whether a file may have changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Stamp {
    pub size: u64,
    /// Nanoseconds since 1970, as `changed`.
    pub modified: i64,
    /// Unlike `modified`, no program can set it.
    pub changed: i64,
    pub inode: u64,
}

impl Stamp {
    pub(super) fn of(stat: &Stat) -> Self {
        let nanos = |seconds: i64, nanos: i64| seconds.saturating_mul(1_000_000_000) + nanos;
        Self {
            size: u64::try_from(stat.st_size).unwrap_or(0),
            modified: nanos(stat.st_mtime, stat.st_mtime_nsec as i64),
            changed: nanos(stat.st_ctime, stat.st_ctime_nsec as i64),
            inode: stat.st_ino,
        }
    }

    /// All of it in one number.
    pub(super) fn version(&self) -> u64 {
        let parts = [
            self.size,
            self.modified as u64,
            self.changed as u64,
            self.inode,
        ];
        parts.iter().fold(0, |hash: u64, part| {
            (hash.rotate_left(5) ^ part).wrapping_mul(0x517c_c1b7_2722_0a95)
        })
    }
}

/// Why a file gave no text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Trouble {
    /// It was listed and is gone.
    Vanished,
    /// A link to nothing.
    Dangling,
    /// A folder, FIFO, socket or device.
    NotAFile(FileType),
    /// Larger than allowed: its size and the limit.
    TooLarge(u64, u64),
    /// Neither UTF-8 nor any other text.
    NotText,
    /// The system refused.
    System(Errno),
}

impl From<Errno> for Trouble {
    fn from(errno: Errno) -> Self {
        match errno {
            Errno::NOENT | Errno::STALE => Trouble::Vanished,
            // What opening a socket gives.
            Errno::NXIO => Trouble::NotAFile(FileType::Socket),
            errno => Trouble::System(errno),
        }
    }
}

impl Trouble {
    pub(super) fn problem(&self, path: &Path) -> Problem {
        let error = |message: String| Problem::error(path, Position::START, message);
        match self {
            Trouble::Vanished => {
                let message = "the file vanished while the library was read";
                Problem::warning(path, Position::START, message)
            }
            Trouble::Dangling => error("the link leads to nothing".into())
                .hint("remove it, or put back what it leads to"),
            Trouble::NotAFile(kind) => error(format!(
                "this is {}, not a file, and is not read",
                kind_word(*kind)
            ))
            .hint("move it out of the library, or give it another extension"),
            Trouble::TooLarge(size, limit) => error(format!(
                "the file has {} KB, more than the {} KB that a prompt may have",
                size.div_ceil(1024),
                limit / 1024
            ))
            .hint("shorten it, or raise library.max_file_size"),
            Trouble::NotText => {
                error("the file is not text".into()).hint("give it another extension than .md")
            }
            Trouble::System(Errno::LOOP) => {
                error("the link leads in a circle".into()).hint("remove it")
            }
            Trouble::System(errno) => {
                let problem = error(format!("this can't be read: {}", reason(*errno)));
                match errno {
                    &Errno::ACCESS | &Errno::PERM => {
                        problem.hint("give yourself the right to read it")
                    }
                    &Errno::MFILE | &Errno::NFILE => {
                        problem.hint("raise the limit on open files (ulimit -n)")
                    }
                    _ => problem,
                }
            }
        }
    }
}

/// The system's words for an error, in lower case.
pub(super) fn reason(errno: Errno) -> String {
    let error = io::Error::from(errno);
    let kind = error.kind().to_string();
    if kind == "other error" || kind == "uncategorized error" {
        error.to_string()
    } else {
        kind
    }
}

fn kind_word(kind: FileType) -> &'static str {
    match kind {
        FileType::Directory => "a folder",
        FileType::Fifo => "a named pipe",
        FileType::Socket => "a socket",
        FileType::CharacterDevice | FileType::BlockDevice => "a device",
        _ => "something else",
    }
}

/// Reads a file into the front of `buffer`, which only grows, and gives the length.
///
/// Opening waits for nobody: without `NONBLOCK` a FIFO would hold the scan until somebody writes.
pub(super) fn read(
    folder: BorrowedFd<'_>,
    name: &CStr,
    limit: u64,
    buffer: &mut Vec<u8>,
) -> Result<(usize, Stamp), Trouble> {
    let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
    let file = rustix::fs::openat(folder, name, flags, Mode::empty())?;
    let stat = rustix::fs::fstat(&file)?;
    let kind = FileType::from_raw_mode(stat.st_mode);
    if kind != FileType::RegularFile {
        return Err(Trouble::NotAFile(kind));
    }
    let stamp = Stamp::of(&stat);
    if stamp.size > limit {
        return Err(Trouble::TooLarge(stamp.size, limit));
    }
    let size = usize::try_from(stamp.size).map_err(|_| Trouble::TooLarge(stamp.size, limit))?;
    if buffer.len() < size {
        buffer.resize(size.next_power_of_two(), 0);
    }
    // What is written behind `size` meanwhile is for the next load: the stamp will differ.
    let mut length = 0;
    while length < size {
        match rustix::io::read(file.as_fd(), &mut buffer[length..size]) {
            Ok(0) => break,
            Ok(n) => length += n,
            Err(Errno::INTR) => {}
            Err(errno) => return Err(errno.into()),
        }
    }
    Ok((length, stamp))
}
