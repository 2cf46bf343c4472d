//! Small private files: read with a limit, written whole or not at all, changed by one at a time.

use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread::sleep;
use std::time::{Duration, Instant};

use rustix::fs::OFlags;

/// Reads a regular file of at most `limit` bytes; never waits on a FIFO.
///
/// # Errors
/// Those of the system; `InvalidData` with a message for another kind of file or a larger one.
pub(crate) fn read(path: &Path, limit: usize) -> io::Result<Vec<u8>> {
    let nonblocking = OFlags::NONBLOCK.bits() as i32;
    let file = OpenOptions::new()
        .read(true)
        .custom_flags(nonblocking)
        .open(path)?;
    if !file.metadata()?.is_file() {
        return Err(io::Error::new(
            io::ErrorKind::InvalidData,
            "not a regular file",
        ));
    }
    let mut bytes = Vec::new();
    file.take(limit as u64 + 1).read_to_end(&mut bytes)?;
    if bytes.len() > limit {
        let message = format!("larger than {} KB", limit / 1024);
        return Err(io::Error::new(io::ErrorKind::InvalidData, message));
    }
    Ok(bytes)
}

/// Creates a folder that only its owner may enter, with those above it; an existing one is left
/// as it is.
pub(crate) fn create_folder(path: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(path)
}

/// Writes a new file (0600) that appears complete or not at all.
///
/// # Errors
/// `AlreadyExists` when there is one, also a link to nothing; it is left as it is.
pub(crate) fn create(path: &Path, content: &[u8]) -> io::Result<()> {
    let temporary = write_beside(path, content, 0o600)?;
    // A link fails where the name is taken, which a rename does not.
    let mut result = fs::hard_link(&temporary, path);
    if result
        .as_ref()
        .is_err_and(|e| e.kind() != io::ErrorKind::AlreadyExists)
    {
        // A file system without links: not complete at once, but still never over another file.
        result = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(path)
            .and_then(|mut file| {
                file.write_all(content)?;
                file.sync_all()
            });
    }
    let _ = fs::remove_file(&temporary);
    result?;
    sync_folder(path)
}

/// Writes a new file (0600) beside another, under its name with `suffix` and, where that is taken, a number.
///
/// # Errors
/// Those of the system; `AlreadyExists` when a hundred are there.
pub(crate) fn create_beside(path: &Path, suffix: &str, content: &[u8]) -> io::Result<PathBuf> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let mut number = 0;
    loop {
        let numbered = match number {
            0 => format!("{name}.{suffix}"),
            _ => format!("{name}.{suffix}-{number}"),
        };
        let beside = path.with_file_name(numbered);
        match create(&beside, content) {
            Ok(()) => return Ok(beside),
            Err(e) if e.kind() == io::ErrorKind::AlreadyExists && number < 100 => number += 1,
            Err(e) => return Err(e),
        }
    }
}

/// Replaces a file's content in one step, through symbolic links and with the mode that it has; a
/// file that is not there yet is created with 0600.
pub(crate) fn replace(path: &Path, content: &[u8]) -> io::Result<()> {
    let target = resolve(path)?;
    let mode = fs::metadata(&target).map_or(0o600, |m| m.permissions().mode() & 0o777);
    // The rename would replace a file that its owner has made read-only.
    if mode & 0o200 == 0 {
        return Err(io::Error::new(
            io::ErrorKind::PermissionDenied,
            "the file is read-only",
        ));
    }
    let temporary = write_beside(&target, content, mode)?;
    let renamed = fs::rename(&temporary, &target);
    if renamed.is_err() {
        let _ = fs::remove_file(&temporary);
    }
    renamed?;
    sync_folder(&target)
}

fn resolve(path: &Path) -> io::Result<PathBuf> {
    match fs::canonicalize(path) {
        Err(e) if e.kind() == io::ErrorKind::NotFound && fs::symlink_metadata(path).is_err() => {
            Ok(path.to_owned())
        }
        resolved => resolved,
    }
}

fn write_beside(path: &Path, content: &[u8], mode: u32) -> io::Result<PathBuf> {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let unique = (std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
    let temporary = path.with_file_name(format!(".{name}.{}.{}.tmp", unique.0, unique.1));
    let write = || {
        // What a dead process of the same id left behind is nobody's.
        let _ = fs::remove_file(&temporary);
        let mut file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(mode)
            .open(&temporary)?;
        file.write_all(content)?;
        file.sync_all()
    };
    match write() {
        Ok(()) => Ok(temporary),
        Err(error) => {
            let _ = fs::remove_file(&temporary);
            Err(error)
        }
    }
}

fn sync_folder(path: &Path) -> io::Result<()> {
    // Some file systems refuse to sync a folder; the file itself is safe by then.
    if let Some(folder) = path.parent() {
        let _ = File::open(folder).and_then(|folder| folder.sync_all());
    }
    Ok(())
}

/// Holds a lock file; dropping it lets the next one in.
pub(crate) struct Lock(#[expect(dead_code, reason = "held for its Drop")] File);

/// Takes the lock beside `path`, waiting at most two seconds for whoever has it.
///
/// The lock file stays: removing it would let two processes lock two files of one name.
///
/// # Errors
/// `TimedOut` when somebody holds it that long, else what opening the file says.
pub(crate) fn lock(path: &Path) -> io::Result<Lock> {
    let mut name = path.as_os_str().to_owned();
    name.push(".lock");
    let file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .custom_flags(OFlags::NOFOLLOW.bits() as i32)
        .open(PathBuf::from(name))?;
    let end = Instant::now() + Duration::from_secs(2);
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(Lock(file)),
            Err(TryLockError::Error(error)) => return Err(error),
            Err(TryLockError::WouldBlock) if Instant::now() < end => {
                sleep(Duration::from_millis(10));
            }
            Err(TryLockError::WouldBlock) => return Err(io::ErrorKind::TimedOut.into()),
        }
    }
}
