//! What can go wrong inside the database, while it is still open what follows from it.

use std::path::Path;

use crate::database;
use crate::error::Error;

/// What it is, for messages.
pub(super) const WHAT: &str = "the history index";

/// Why something could not be done.
#[derive(Debug)]
pub(super) enum Fault {
    /// What SQLite said.
    Sqlite(rusqlite::Error),
    /// The file holds what we never wrote.
    Damaged(String),
    /// It has been said in words already.
    Said(Error),
}

/// What was to be done, or why it was not.
pub(super) type Done<T> = Result<T, Fault>;

impl From<rusqlite::Error> for Fault {
    fn from(error: rusqlite::Error) -> Self {
        Fault::Sqlite(error)
    }
}

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        Fault::Said(error)
    }
}

impl Fault {
    /// Whether the file is to blame, and in what respect.
    pub(super) fn damage(&self) -> Option<String> {
        match self {
            Fault::Damaged(what) => Some(what.clone()),
            // We ask for nothing that a sound file could refuse: what it calls an error is in the file.
            Fault::Sqlite(error) if database::is_damage(error) || is_nonsense(error) => {
                Some(error.to_string())
            }
            _ => None,
        }
    }

    /// The error for others: `verb` is what could not be done.
    pub(super) fn into_error(self, path: &Path, verb: &str) -> Error {
        const REBUILT: &str = "it is made anew from the files";
        match self {
            Fault::Said(error) => error,
            Fault::Sqlite(error) => database::failed(WHAT, path, verb, REBUILT, error),
            Fault::Damaged(what) => {
                Error::unavailable(format!("{WHAT} {} is damaged: {what}", path.display()))
                    .hint(REBUILT)
            }
        }
    }
}

/// Whether SQLite does not understand the file, or the file does not hold what its tables promise.
fn is_nonsense(error: &rusqlite::Error) -> bool {
    use rusqlite::Error as E;
    use rusqlite::ErrorCode as Code;
    match error {
        E::FromSqlConversionFailure(..)
        | E::IntegralValueOutOfRange(..)
        | E::InvalidColumnType(..)
        | E::QueryReturnedNoRows
        | E::Utf8Error(..) => true,
        _ => matches!(
            error.sqlite_error_code(),
            Some(
                Code::Unknown
                    | Code::InternalMalfunction
                    | Code::ConstraintViolation
                    | Code::TypeMismatch
                    | Code::TooBig
                    | Code::ApiMisuse
                    | Code::ParameterOutOfRange
            )
        ),
    }
}
