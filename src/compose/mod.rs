//! Context selection: which prompts of the library go along with a composition, and why.
//!
//! Pure: candidates in, a [`select::Selection`] out, each choice and each drop with its reason. Reading
//! the library and counting tokens is the callers' work. A selector is built once for a library as it
//! stands and asked as often as wanted; what changes from call to call (the text, the use) is given
//! with each call.

pub mod budget;
pub mod cut;
pub mod eval;
mod index;
pub mod linear;
mod naming;
pub mod ranked;
pub mod select;
mod stem;
mod top;
mod words;

#[cfg(test)]
mod tests;

use std::collections::HashMap;

/// Compositions of the history that are older are no candidates.
pub const OLDEST_DAYS: u32 = 30;

/// A text that may go along with a composition.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Candidate {
    /// Its name, which no other candidate has.
    pub id: String,
    /// Its title.
    pub title: String,
    /// One sentence, or empty.
    pub description: String,
    /// The folder it stands in, or empty.
    pub category: String,
    /// Its tags.
    pub tags: Vec<String>,
    /// Words that its author wants it to be found by.
    pub keywords: Vec<String>,
    /// Its text.
    pub body: String,
    /// Where it comes from.
    pub origin: Origin,
}

/// Where a candidate comes from.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Origin {
    /// The library.
    #[default]
    Library,
    /// The history.
    History {
        /// Days since it was last saved.
        age_days: u32,
    },
}

/// The use of a candidate.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Use {
    /// How many times.
    pub count: u32,
    /// Whether the last session used it.
    pub in_last_session: bool,
}

/// The use of candidates by their ids; one that was never used need not be there.
pub type Uses = HashMap<String, Use>;

/// What is being written.
#[derive(Debug, Clone, Copy, Default)]
pub struct Composition<'a> {
    /// Its text.
    pub text: &'a str,
    /// Ids of prompts that it uses, besides those that its text names.
    pub named: &'a [String],
}

/// Leaves out what is too old.
fn is_young(candidate: &Candidate) -> bool {
    match candidate.origin {
        Origin::Library => true,
        Origin::History { age_days } => age_days <= OLDEST_DAYS,
    }
}
