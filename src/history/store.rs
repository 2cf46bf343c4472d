//! The files of the history, as the index and the facade need them. Everything here blocks.

use super::composition::Entry;
use super::files::{Deleted, Files, Listed};
use crate::error::Result;

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

impl Store for Files {
    fn list(&self) -> Result<Vec<Listed>> {
        Files::list(self)
    }

    fn read(&self, file: &str) -> Result<Entry> {
        Files::read(self, file)
    }

    fn delete_all(&self, files: &[String]) -> Result<Deleted> {
        Files::delete_all(self, files)
    }
}
