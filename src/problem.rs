//! A finding about a file: where, what, and how to mend it. One bad file never hides the rest.

use std::fmt;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::text::Position;

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Severity {
    /// The file works, with a reservation.
    Warning,
    /// The file can't be used until it is mended.
    Error,
}

/// One finding about one file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// The file it is about, or `setup()` or `environment`, which have no lines.
    pub path: PathBuf,
    /// Line, from 1; 0 where there is none.
    pub line: u32,
    /// Byte column, from 1; 0 where there is none.
    pub column: u32,
    /// How bad it is.
    pub severity: Severity,
    /// What is wrong, in lower case, without a full stop.
    pub message: String,
    /// The way out, where it is not plain from the message.
    pub hint: Option<String>,
}

impl Problem {
    /// Makes an error at a place in a file.
    pub fn error(path: impl Into<PathBuf>, at: Position, message: impl Into<String>) -> Self {
        Self::new(path, at, Severity::Error, message)
    }

    /// Makes a warning at a place in a file.
    pub fn warning(path: impl Into<PathBuf>, at: Position, message: impl Into<String>) -> Self {
        Self::new(path, at, Severity::Warning, message)
    }

    fn new(
        path: impl Into<PathBuf>,
        at: Position,
        severity: Severity,
        message: impl Into<String>,
    ) -> Self {
        let Position { line, column } = at;
        Self {
            path: path.into(),
            line,
            column,
            severity,
            message: message.into(),
            hint: None,
        }
    }

    /// Adds the way out.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Whether the file can't be used until this is mended.
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let severity = if self.is_error() { "error" } else { "warning" };
        let Problem {
            line,
            column,
            message,
            ..
        } = self;
        write!(f, "{}:", self.path.display())?;
        if *line > 0 {
            write!(f, "{line}:{column}:")?;
        }
        write!(f, " {severity}: {message}")?;
        match &self.hint {
            Some(hint) => write!(f, " ({hint})"),
            None => Ok(()),
        }
    }
}
