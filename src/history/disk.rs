//! What a durable save asks of the disk, step by step. Knows no compositions.

use std::ffi::{OsStr, OsString};
use std::fs::{self, DirBuilder, File, Metadata, OpenOptions, TryLockError};
use std::io::{self, ErrorKind, Read, Write};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::sleep;
use std::time::{Duration, Instant};

use rustix::fs::{CWD, Dir, OFlags, RenameFlags, renameat_with};
use rustix::io::Errno;

/// How long one editor waits while another one holds a file.
const PATIENCE: Duration = Duration::from_secs(2);

/// Names of temporary files are `.composition.PID.NUMBER.tmp`.
const TEMPORARY: (&str, &str) = (".composition.", ".tmp");

/// What is known of a file from outside.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Stamp {
    /// Its size in bytes.
    pub size: u64,
    /// When it was changed, in nanoseconds since 1970; 0 where that can't be said.
    pub modified: i64,
}

impl Stamp {
    /// Of a file that is open or was looked at.
    pub(super) fn of(metadata: &Metadata) -> Self {
        let nanoseconds = i128::from(metadata.mtime()) * 1_000_000_000;
        let modified = nanoseconds + i128::from(metadata.mtime_nsec());
        Self {
            size: metadata.len(),
            modified: modified.try_into().unwrap_or_default(),
        }
    }
}

/// Creates a folder that only its owner may enter, with those above it.
pub(super) fn create_folder(path: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(path)
}

/// A whole file, on the disk but not in its place; removed when it is dropped before it is there.
pub(super) struct Temporary {
    path: PathBuf,
    /// Of the file, and it stays so in its place.
    pub(super) stamp: Stamp,
    placed: bool,
}

impl Temporary {
    /// Writes a new file that only its owner can read (0600), down to the disk.
    pub(super) fn write(folder: &Path, bytes: &[u8]) -> io::Result<Self> {
        let (mut file, path) = create_temporary(folder)?;
        let mut temporary = Self {
            path,
            stamp: Stamp::default(),
            placed: false,
        };
        file.write_all(bytes)?;
        // Once this succeeded, closing has nothing to report. Once it failed, it is not tried again:
        // the kernel may have dropped what it couldn't write, and would then say that all is well.
        file.sync_all()?;
        temporary.stamp = Stamp::of(&file.metadata()?);
        Ok(temporary)
    }

    /// Moves it to a name that is free, and says whether it was.
    pub(super) fn place(&mut self, to: &Path) -> io::Result<bool> {
        match renameat_with(CWD, &self.path, CWD, to, RenameFlags::NOREPLACE) {
            Ok(()) => {
                self.placed = true;
                Ok(true)
            }
            Err(Errno::EXIST) => Ok(false),
            Err(Errno::INVAL | Errno::NOSYS | Errno::OPNOTSUPP) => self.link(to),
            Err(error) => Err(error.into()),
        }
    }

    /// The same where the file system can't rename without replacing.
    fn link(&self, to: &Path) -> io::Result<bool> {
        match fs::hard_link(&self.path, to) {
            // The other name goes with the drop.
            Ok(()) => Ok(true),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(false),
            Err(error) => {
                let message = format!(
                    "this file system can neither rename a file without replacing another nor link \
                     it: {error}"
                );
                Err(io::Error::new(error.kind(), message))
            }
        }
    }

    /// Moves it over a file.
    pub(super) fn replace(&mut self, to: &Path) -> io::Result<()> {
        fs::rename(&self.path, to)?;
        self.placed = true;
        Ok(())
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        if !self.placed {
            // What stays behind is reaped later.
            let _ = fs::remove_file(&self.path);
        }
    }
}

fn create_temporary(folder: &Path) -> io::Result<(File, PathBuf)> {
    static NUMBER: AtomicU64 = AtomicU64::new(0);
    let (begin, end) = TEMPORARY;
    let process = std::process::id();
    loop {
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let path = folder.join(format!("{begin}{process}.{number}{end}"));
        let created = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .custom_flags(OFlags::NOFOLLOW.bits() as i32)
            .open(&path);
        match created {
            Ok(file) => return Ok((file, path)),
            // A dead process had the same number, or one in a container has it.
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
    }
}

/// The id of the process that wrote a temporary file of this name.
pub(super) fn writer_of(name: &str) -> Option<u32> {
    let (begin, end) = TEMPORARY;
    let middle = name.strip_prefix(begin)?.strip_suffix(end)?;
    middle.split_once('.')?.0.parse().ok()
}

/// Brings the names in a folder to the disk.
pub(super) fn sync_folder(path: &Path) -> io::Result<()> {
    match File::open(path)?.sync_all() {
        // Some file systems know no such thing; the file itself is safe by then.
        Err(error) if error.kind() == ErrorKind::InvalidInput => Ok(()),
        synced => synced,
    }
}

/// Brings a folder's own name to the disk, and those of the folders above it, which may be as new.
pub(super) fn sync_above(path: &Path) -> io::Result<()> {
    for folder in path.ancestors().skip(1) {
        match sync_folder(folder) {
            // What may not be opened or written was not made by us.
            Err(error)
                if [ErrorKind::PermissionDenied, ErrorKind::ReadOnlyFilesystem]
                    .contains(&error.kind()) => {}
            synced => synced?,
        }
    }
    Ok(())
}

/// What is found at a path.
pub(super) enum Found {
    Nothing,
    /// A link, a folder, a pipe: nothing that was written here.
    Other,
    Regular(File, Metadata),
}

/// Opens a file for reading; follows no link at its end, and never waits on a pipe.
pub(super) fn open(path: &Path) -> io::Result<Found> {
    let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK;
    let opened = OpenOptions::new()
        .read(true)
        .custom_flags(flags.bits() as i32)
        .open(path);
    match opened {
        Ok(file) => {
            let metadata = file.metadata()?;
            Ok(match metadata.is_file() {
                true => Found::Regular(file, metadata),
                false => Found::Other,
            })
        }
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(Found::Nothing),
        Err(error) if [Some(Errno::LOOP), Some(Errno::NXIO)].contains(&errno(&error)) => {
            Ok(Found::Other)
        }
        Err(error) => Err(error),
    }
}

/// Reads at most `limit` bytes from where the file stands, which is its beginning at first.
pub(super) fn read(file: &File, limit: usize) -> io::Result<Vec<u8>> {
    // Room for all of it and for the byte that is not there: two calls, where guessing takes ten.
    let size = usize::try_from(file.metadata()?.len()).unwrap_or(limit);
    let mut bytes = Vec::with_capacity(size.min(limit).saturating_add(1));
    file.take(limit as u64).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Waits a while for the file's lock, which its closing gives back; `false` when another one holds
/// it that long.
pub(super) fn lock(file: &File) -> bool {
    let end = Instant::now() + PATIENCE;
    loop {
        match file.try_lock() {
            Err(TryLockError::WouldBlock) if Instant::now() < end => {
                sleep(Duration::from_millis(2));
            }
            Err(TryLockError::WouldBlock) => return false,
            // A file system without locks: no worse than an editor that knows none.
            Ok(()) | Err(TryLockError::Error(_)) => return true,
        }
    }
}

/// The names of everything in a folder, in no order.
///
/// Not by `std`, which panics where a folder can't be closed.
pub(super) fn names(folder: &Path) -> io::Result<Vec<OsString>> {
    let mut names = Vec::new();
    for entry in Dir::new(File::open(folder)?)? {
        let entry = entry?;
        let name = entry.file_name().to_bytes();
        if name != b"." && name != b".." {
            names.push(OsStr::from_bytes(name).to_owned());
        }
    }
    Ok(names)
}

/// Whether a path still names this very file.
pub(super) fn is_at(file: &File, path: &Path) -> io::Result<bool> {
    let here = file.metadata()?;
    match fs::symlink_metadata(path) {
        Ok(there) => Ok((there.dev(), there.ino()) == (here.dev(), here.ino())),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

/// The way out of a failure.
pub(super) fn way_out(error: &io::Error) -> &'static str {
    match (error.kind(), errno(error)) {
        (ErrorKind::StorageFull | ErrorKind::QuotaExceeded, _) => "free some space on the disk",
        (ErrorKind::ReadOnlyFilesystem, _) => {
            "mount it for writing, or set 'data_dir' to another folder"
        }
        (ErrorKind::PermissionDenied, _) => {
            "give yourself the right to write there, or set 'data_dir' to another folder"
        }
        (_, Some(Errno::MFILE | Errno::NFILE)) => "close some files, or raise 'ulimit -n'",
        (_, Some(Errno::IO)) => "the disk may be failing: save the text elsewhere too",
        _ => "check that the folder exists and can be written",
    }
}

fn errno(error: &io::Error) -> Option<Errno> {
    error.raw_os_error().map(Errno::from_raw_os_error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_a_rename_that_spares_others_a_link_does_the_same() {
        let folder = tempfile::tempdir().unwrap();
        let to = folder.path().join("a.md");
        for (text, free) in [("one", true), ("two", false)] {
            let temporary = Temporary::write(folder.path(), text.as_bytes()).unwrap();
            assert_eq!(temporary.link(&to).unwrap(), free, "{text}");
        }
        assert_eq!(fs::read(&to).unwrap(), b"one");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_temporary_file_names_its_writer() {
        let folder = tempfile::tempdir().unwrap();
        let temporary = Temporary::write(folder.path(), b"").unwrap();
        let name = temporary.path.file_name().unwrap().to_str().unwrap();
        assert_eq!(writer_of(name), Some(std::process::id()));
        for other in [
            ".composition.tmp",
            ".composition.x.y.tmp",
            "composition.1.2.tmp",
        ] {
            assert_eq!(writer_of(other), None, "{other}");
        }
    }
}
