//! Private files of what stands around a provider. Knows nothing of what is in them.

use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::io::{self, ErrorKind, Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::sleep;
use std::time::{Duration, Instant};

use rustix::fs::OFlags;

/// How long one process waits while another one holds a file.
const PATIENCE: Duration = Duration::from_secs(2);

/// The end of a temporary file's name.
pub(super) const TEMPORARY: &str = ".tmp";

/// Creates a folder that only its owner may enter, with those above it.
pub(super) fn create_folder(path: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(path)
}

/// Opens a file (0600) for reading and for adding at its end; creates it where there is none.
pub(super) fn open_to_append(path: &Path) -> io::Result<File> {
    let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK;
    let file = OpenOptions::new()
        .read(true)
        .append(true)
        .create(true)
        .mode(0o600)
        .custom_flags(flags.bits() as i32)
        .open(path)?;
    match file.metadata()?.is_file() {
        true => Ok(file),
        false => Err(io::Error::new(ErrorKind::InvalidData, "not a regular file")),
    }
}

/// Waits a while for the file's lock, which its closing gives back.
///
/// # Errors
/// `TimedOut` when another one holds it that long.
pub(super) fn lock(file: &File) -> io::Result<()> {
    let end = Instant::now() + PATIENCE;
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(()),
            Err(TryLockError::WouldBlock) if Instant::now() < end => {
                sleep(Duration::from_millis(1));
            }
            Err(TryLockError::WouldBlock) => return Err(ErrorKind::TimedOut.into()),
            Err(TryLockError::Error(error)) => return Err(error),
        }
    }
}

/// Reads a regular file of at most `limit` bytes; `None` where there is none.
pub(super) fn read(path: &Path, limit: u64) -> io::Result<Option<Vec<u8>>> {
    let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK;
    let opened = OpenOptions::new()
        .read(true)
        .custom_flags(flags.bits() as i32)
        .open(path);
    let file = match opened {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let metadata = file.metadata()?;
    if !metadata.is_file() || metadata.len() > limit {
        return Err(io::Error::new(ErrorKind::InvalidData, "no file of ours"));
    }
    let mut bytes = Vec::with_capacity(metadata.len() as usize + 1);
    file.take(limit).read_to_end(&mut bytes)?;
    Ok(Some(bytes))
}

/// Puts a file (0600) in its place whole or not at all.
///
/// The bytes are not brought to the disk: whoever reads them has to notice when they are not there.
pub(super) fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let temporary = temporary(path);
    let write = || {
        let mut file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&temporary)?;
        file.write_all(bytes)?;
        fs::rename(&temporary, path)
    };
    let written = write();
    if written.is_err() {
        let _ = fs::remove_file(&temporary);
    }
    written
}

fn temporary(path: &Path) -> PathBuf {
    static NUMBER: AtomicU64 = AtomicU64::new(0);
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let (process, number) = (std::process::id(), NUMBER.fetch_add(1, Ordering::Relaxed));
    path.with_file_name(format!(".{name}.{process}.{number}{TEMPORARY}"))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn what_is_written_is_private_and_whole() {
        let home = tempfile::tempdir().unwrap();
        let folder = home.path().join("a/b");
        create_folder(&folder).unwrap();
        let file = folder.join("c");
        assert_eq!(read(&file, 9).unwrap(), None);
        for text in ["one", "two"] {
            replace(&file, text.as_bytes()).unwrap();
            assert_eq!(read(&file, 9).unwrap().unwrap(), text.as_bytes());
        }
        open_to_append(&folder.join("d")).unwrap();
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 2);
        for (path, mode) in [
            ("a", 0o700),
            ("a/b", 0o700),
            ("a/b/c", 0o600),
            ("a/b/d", 0o600),
        ] {
            let found = fs::metadata(home.path().join(path))
                .unwrap()
                .permissions()
                .mode();
            assert_eq!(found & 0o777, mode, "{path}");
        }
    }

    #[test]
    fn no_link_is_followed_and_nothing_larger_read() {
        let home = tempfile::tempdir().unwrap();
        let (file, link) = (home.path().join("file"), home.path().join("link"));
        replace(&file, b"four").unwrap();
        std::os::unix::fs::symlink(&file, &link).unwrap();
        assert!(read(&link, 9).is_err());
        assert!(open_to_append(&link).is_err());
        assert!(read(&file, 3).is_err());
        assert!(read(home.path(), 9).is_err());
    }
}
