//! What every SQLite file here has in common: how it is opened, closed to others and moved aside.
//!
//! Tables and what is in them are the business of those who keep them. Everything here blocks.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rusqlite::{Connection, ErrorCode, OpenFlags, ffi};

use crate::error::{Error, Result};

/// How long one editor waits for another one's write.
pub const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// Earlier versions can corrupt a WAL file with two writers.
const LEAST_SQLITE: i32 = 3_051_003;

/// The files that belong to a database, the log first: left behind, it would be taken for that of a
/// fresh file of the same name.
pub const SUFFIXES: [&str; 3] = ["-wal", "-shm", ""];

/// File systems over a network, by what `statfs` calls them: NFS, SMB and CIFS, 9P, AFS, Ceph, Lustre,
/// GFS2, OCFS2, and whatever a process serves (FUSE).
const NETWORKS: [u64; 11] = [
    0x6969,
    0x517b,
    0xff53_4d42,
    0xfe53_4d42,
    0x0102_1997,
    0x5346_414f,
    0x00c3_6400,
    0x0bd0_0bd0,
    0x0116_1970,
    0x7461_636f,
    0x6573_5546,
];

/// Refuses a SQLite that can't be trusted with two writers.
///
/// # Errors
/// `internal`: the bundled one is new enough.
pub fn ensure_version() -> Result<()> {
    if rusqlite::version_number() < LEAST_SQLITE {
        let found = rusqlite::version();
        return Err(Error::internal(format!(
            "sqlite {found} is too old to be written safely"
        )));
    }
    Ok(())
}

/// Opens a database that is there, for reading and writing.
///
/// It is written ahead (WAL), but for file systems on which processes share no memory; what a power
/// cut can take is the last transactions, never the file.
///
/// # Errors
/// Those of SQLite; see [`is_damage`].
pub fn connect(path: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    // Where it can't be opened for writing at the moment, SQLite opens it for reading and says nothing.
    if connection.is_readonly("main")? {
        let why = "it can't be opened for writing".to_owned();
        let code = ffi::Error::new(ffi::SQLITE_CANTOPEN);
        return Err(rusqlite::Error::SqliteFailure(code, Some(why)));
    }
    connection.busy_timeout(BUSY_TIMEOUT)?;
    let mode = if is_on_network(path) {
        "TRUNCATE"
    } else {
        "WAL"
    };
    // The answer is the mode reached: some other file systems can't do WAL either and stay with a
    // journal.
    connection.query_row(&format!("PRAGMA journal_mode = {mode}"), [], |_| Ok(()))?;
    connection.pragma_update(None, "synchronous", "NORMAL")?;
    Ok(connection)
}

fn is_on_network(path: &Path) -> bool {
    rustix::fs::statfs(path).is_ok_and(|found| {
        // The type is a number of 32 bits, but of a width and sign that differ by architecture.
        NETWORKS.contains(&(found.f_type as u64 & 0xffff_ffff))
    })
}

/// Waits until no other editor opens the database; one that was stopped in the middle of it must not
/// hold the others for ever.
///
/// SQLite refuses a second change to write-ahead logging at once, whatever the time-out says, and two
/// editors that find damage must not move each other's fresh file.
///
/// # Errors
/// Those of the system; `WouldBlock` when it took longer than `patience`.
pub fn lock(path: &Path, patience: Duration) -> io::Result<File> {
    let path = beside(path, ".lock");
    create_private(&path)?;
    let file = File::open(path)?;
    let started = Instant::now();
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(TryLockError::WouldBlock) if started.elapsed() < patience => {
                std::thread::sleep(Duration::from_millis(5));
            }
            Err(TryLockError::WouldBlock) => {
                let message = "another editor holds its lock";
                return Err(io::Error::new(io::ErrorKind::WouldBlock, message));
            }
            Err(TryLockError::Error(error)) => return Err(error),
        }
    }
}

/// Makes the file, or checks that it is one, and closes it to everybody else.
///
/// # Errors
/// Those of the system; that there is something else of this name.
pub fn create_private(path: &Path) -> io::Result<()> {
    if fs::metadata(path).is_ok_and(|found| !found.is_file()) {
        return Err(io::Error::other("not a regular file"));
    }
    let mut how = OpenOptions::new();
    let file = how
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(path)?;
    if file.metadata()?.permissions().mode() & 0o077 != 0 {
        file.set_permissions(fs::Permissions::from_mode(0o600))?;
    }
    Ok(())
}

/// Moves a database with all that belongs to it.
///
/// # Errors
/// Those of the system, also when there is no database.
pub fn move_aside(path: &Path, to: &Path) -> io::Result<()> {
    for suffix in SUFFIXES {
        match fs::rename(beside(path, suffix), beside(to, suffix)) {
            Err(e) if suffix.is_empty() || e.kind() != io::ErrorKind::NotFound => return Err(e),
            _ => {}
        }
    }
    Ok(())
}

/// Moves a database back to its name, as far as it was moved aside.
///
/// # Errors
/// Those of the system.
pub fn move_back(from: &Path, to: &Path) -> io::Result<()> {
    // The file first: what is found without it is begun anew.
    for suffix in SUFFIXES.iter().rev() {
        match fs::rename(beside(from, suffix), beside(to, suffix)) {
            Err(e) if e.kind() != io::ErrorKind::NotFound => return Err(e),
            _ => {}
        }
    }
    Ok(())
}

/// The file of a database's name and something behind it.
pub fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

/// Whether the file is to blame, and not the moment or the disk.
pub fn is_damage(error: &rusqlite::Error) -> bool {
    let code = error.sqlite_error_code();
    matches!(
        code,
        Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt)
    )
}

/// Says that `what`, the file of a database, could not be opened.
pub fn unreachable_file(what: &str, path: &Path, cause: io::Error) -> Error {
    Error::unavailable(format!("can't open {what} {}: {cause}", path.display()))
        .hint("check that the folder exists and can be written")
        .because(cause)
}

/// Says that `what`, a database, could not be read, written or opened; `damaged` is the way out when
/// the file is to blame.
pub fn failed(what: &str, path: &Path, verb: &str, damaged: &str, cause: rusqlite::Error) -> Error {
    let hint = match cause.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => "another editor is writing",
        Some(ErrorCode::DiskFull) => "the disk is full",
        _ if is_damage(&cause) => damaged,
        _ => "check that the file and its folder can be written",
    };
    Error::unavailable(format!("can't {verb} {what} {}", path.display()))
        .hint(hint)
        .because(cause)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_database_on_a_disk_is_written_ahead() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("x.db");
        create_private(&path).unwrap();
        let connection = connect(&path).unwrap();
        let mode: String = connection
            .pragma_query_value(None, "journal_mode", |row| row.get(0))
            .unwrap();
        assert_eq!(mode, "wal");
    }

    #[test]
    fn the_lock_lets_one_in_at_a_time_and_the_next_one_after_it() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("x.db");
        let first = lock(&path, Duration::ZERO).unwrap();
        let refused = lock(&path, Duration::ZERO).unwrap_err();
        assert_eq!(refused.kind(), io::ErrorKind::WouldBlock);
        drop(first);
        assert!(lock(&path, Duration::ZERO).is_ok());
    }
}
