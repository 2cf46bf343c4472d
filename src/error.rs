//! The one error type that crosses rooms: what went wrong, its kind, and the way out.
//!
//! Not for findings about a file: those are [`crate::problem::Problem`]s, which do not stop anything.

use std::error::Error as StdError;
use std::fmt;

/// A result whose error says what happened and what to do about it.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What sort of failure it is; closed, so that each face can decide how loudly to say it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The thing asked for does not exist.
    NotFound,
    /// The caller's input can't be used as it is.
    InvalidInput,
    /// The configuration forbids or lacks something.
    Config,
    /// Credentials are missing or refused.
    Auth,
    /// Too many requests; a later attempt may succeed.
    RateLimited,
    /// The money or token limit would be exceeded.
    Budget,
    /// A file, process or server can't be reached at the moment.
    Unavailable,
    /// Somebody else changed the same thing.
    Conflict,
    /// The caller withdrew the request.
    Cancelled,
    /// A defect of ours.
    Internal,
}

impl Kind {
    /// The kind as one word, the same on the wire and on the command line.
    pub fn word(self) -> &'static str {
        match self {
            Kind::NotFound => "not_found",
            Kind::InvalidInput => "invalid_input",
            Kind::Config => "config",
            Kind::Auth => "auth",
            Kind::RateLimited => "rate_limited",
            Kind::Budget => "budget",
            Kind::Unavailable => "unavailable",
            Kind::Conflict => "conflict",
            Kind::Cancelled => "cancelled",
            Kind::Internal => "internal",
        }
    }
}

/// An error with a message in lower case, without a full stop, and a hint that names the way out.
#[derive(Debug)]
pub struct Error {
    kind: Kind,
    message: String,
    hint: Option<String>,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

impl Error {
    /// Makes an error of `kind`.
    pub fn new(kind: Kind, message: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.into(),
            hint: None,
            source: None,
        }
    }

    /// Makes an [`Kind::InvalidInput`] error.
    pub fn invalid(message: impl Into<String>) -> Self {
        Self::new(Kind::InvalidInput, message)
    }

    /// Makes a [`Kind::NotFound`] error.
    pub fn not_found(message: impl Into<String>) -> Self {
        Self::new(Kind::NotFound, message)
    }

    /// Makes a [`Kind::Unavailable`] error.
    pub fn unavailable(message: impl Into<String>) -> Self {
        Self::new(Kind::Unavailable, message)
    }

    /// Makes a [`Kind::Config`] error.
    pub fn config(message: impl Into<String>) -> Self {
        Self::new(Kind::Config, message)
    }

    /// Makes a [`Kind::Internal`] error.
    pub fn internal(message: impl Into<String>) -> Self {
        Self::new(Kind::Internal, message)
    }

    /// Adds the way out.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Adds the cause, which is logged and never shown.
    #[must_use]
    pub fn because(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// What sort of failure it is.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// What happened, without the hint.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// The way out, where there is one.
    pub fn hint_text(&self) -> Option<&str> {
        self.hint.as_deref()
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        match &self.hint {
            Some(hint) => write!(f, " ({hint})"),
            None => Ok(()),
        }
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.source
            .as_deref()
            .map(|e| e as &(dyn StdError + 'static))
    }
}
