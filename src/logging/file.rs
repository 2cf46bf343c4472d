//! A file that lines are appended to, begun anew when it has grown to its limit.
//!
//! Several processes share it: each line is one append, and who begins a new file holds the lock of
//! the old one and has seen that the name still means it. Nothing here fails outwards; a line that
//! can't be written is lost.

use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use rustix::fs::OFlags;

use crate::config::LoggingConfig;

/// How long a file that could not be opened or renamed is left in peace.
const PAUSE: Duration = Duration::from_secs(10);

pub(super) struct LogFile(Mutex<State>);

struct State {
    path: PathBuf,
    max_size: u64,
    max_backups: u32,
    file: Option<File>,
    /// After a failure: no new attempt at opening before this.
    open_after: Option<Instant>,
    /// After a failure: no new attempt at moving before this.
    move_after: Option<Instant>,
}

impl LogFile {
    pub(super) fn new(config: &LoggingConfig) -> Self {
        let LoggingConfig {
            file,
            max_size,
            max_backups,
            ..
        } = config;
        Self(Mutex::new(State {
            path: file.clone(),
            max_size: max_size.0,
            max_backups: *max_backups,
            file: None,
            open_after: None,
            move_after: None,
        }))
    }

    pub(super) fn apply(&self, config: &LoggingConfig) {
        let mut state = self.state();
        if state.path != config.file {
            state.path.clone_from(&config.file);
            state.file = None;
        }
        state.max_size = config.max_size.0;
        state.max_backups = config.max_backups;
        state.open_after = None;
        state.move_after = None;
    }

    /// Appends one line; it is lost where it can't be written.
    pub(super) fn append(&self, line: &[u8]) {
        let mut state = self.state();
        state.make_ready(line.len() as u64);
        if let Some(file) = &mut state.file {
            // One call, so that the lines of several processes do not mix. What a full disk left
            // out is not written later: a rest would only break somebody else's line.
            let _ = file.write(line);
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Makes sure that the file is the one of its name, and has room where that is possible.
    fn make_ready(&mut self, more: u64) {
        let named = fs::metadata(&self.path).ok();
        let open = self.file.as_ref().and_then(|file| file.metadata().ok());
        let current = open.filter(|open| named.as_ref().is_some_and(|n| same_file(open, n)));
        let Some(current) = current else {
            // Somebody began a new file or removed it, or it was never opened.
            self.file = None;
            return self.open();
        };
        let full = current.len() > 0 && current.len() + more > self.max_size;
        if full && is_past(self.move_after) && self.rotate().is_err() {
            self.move_after = Some(Instant::now() + PAUSE);
        }
    }

    fn open(&mut self) {
        if !is_past(self.open_after) {
            return;
        }
        match open(&self.path) {
            Ok(file) => self.file = Some(file),
            Err(_) => self.open_after = Some(Instant::now() + PAUSE),
        }
    }

    /// Moves each file one number up and begins a new one.
    ///
    /// The lock is on the file itself, so that there is nothing to clean up; who gets the lock of a
    /// file that has meanwhile been moved leaves it alone.
    fn rotate(&mut self) -> io::Result<()> {
        let Some(file) = &self.file else {
            return Ok(());
        };
        if file.try_lock().is_err() {
            // Somebody else is at it; this line still goes to the old file.
            return Ok(());
        }
        let moved = self.move_up(&file.metadata()?);
        let _ = file.unlock();
        moved?;
        self.file = None;
        self.open();
        Ok(())
    }

    fn move_up(&self, current: &Metadata) -> io::Result<()> {
        match fs::metadata(&self.path) {
            Ok(named) if same_file(&named, current) => {}
            // Somebody else was faster, and may not have begun the new file yet.
            Ok(_) => return Ok(()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(error),
        }
        // A link stays where it is, and the files it leads to are the ones to move.
        let path = fs::canonicalize(&self.path)?;
        if self.max_backups == 0 {
            return fs::remove_file(&path);
        }
        for number in (1..self.max_backups).rev() {
            match fs::rename(numbered(&path, number), numbered(&path, number + 1)) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
        fs::rename(&path, numbered(&path, 1))
    }
}

fn is_past(time: Option<Instant>) -> bool {
    time.is_none_or(|time| Instant::now() >= time)
}

fn open(path: &Path) -> io::Result<File> {
    if let Some(folder) = path.parent() {
        fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(folder)?;
    }
    // Opening a FIFO that nobody reads would wait for ever.
    let flags = OFlags::NONBLOCK.bits() as i32;
    let file = OpenOptions::new()
        .append(true)
        .create(true)
        .mode(0o600)
        .custom_flags(flags)
        .open(path)?;
    if !file.metadata()?.is_file() {
        return Err(io::Error::new(
            io::ErrorKind::InvalidInput,
            "not a regular file",
        ));
    }
    Ok(file)
}

fn numbered(path: &Path, number: u32) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(format!(".{number}"));
    name.into()
}

fn same_file(a: &Metadata, b: &Metadata) -> bool {
    (a.dev(), a.ino()) == (b.dev(), b.ino())
}
