//! What happens to a composition on its way to its reader: it is completed, looked through, and
//! delivered.
//!
//! ```text
//! composition ── ready ──► Prepared ── shown, confirmed ──► tmux, command, …
//!                  ├ placeholders: defaults filled in, required ones named
//!                  ├ expand: referenced files put in
//!                  └ inspect: hidden characters, secrets
//! ```
//!
//! Nothing is delivered here that was not handed in: who confirms what is the faces' work.

pub mod command;
pub mod expand;
pub mod inspect;
mod process;
pub mod ready;
pub mod tmux;

pub use command::{Ran, run_command};
pub use expand::{Expansion, Part, Problem, expand};
pub use inspect::inspect;
pub use ready::{Found, Prepared, Unfilled, prepare};
pub use tmux::{Pane, Tmux};

use std::ops::Range;

/// A place in a text: some bytes of one line.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Place {
    /// Line, from 0.
    pub row: u32,
    /// Bytes of that line, from 0.
    pub columns: Range<u32>,
}
