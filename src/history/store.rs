//! The files of the history, as the index and the facade need them. Everything here blocks.

use super::composition::Entry;
use crate::error::Result;
use crate::problem::Problem;

/// Where the compositions themselves are.
pub trait Store: Send + Sync {
    /// The files in the order of their names, the oldest first.
    ///
    /// # Errors
    /// `unavailable` when they can't be listed; a history that isn't there yet is empty.
    fn list(&self) -> Result<Vec<Listed>>;

    /// Reads one.
    ///
    /// # Errors
    /// `not_found`, `invalid_input` when it is no composition, `unavailable` when it can't be read.
    fn read(&self, file: &str) -> Result<Entry>;

    /// Deletes some, and says which are gone.
    ///
    /// # Errors
    /// `unavailable` when nothing at all could be deleted.
    fn delete_all(&self, files: &[String]) -> Result<Deleted>;
}

/// A file of the history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// Its name.
    pub file: String,
    /// How it looks from outside.
    pub stamp: Stamp,
}

/// What is known of a file from outside.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Stamp {
    /// Its size in bytes.
    pub size: u64,
    /// When it was changed, in nanoseconds since 1970; 0 where that can't be said.
    pub modified: i64,
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
