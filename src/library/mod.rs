//! The prompt library: prompts from several sources under one roof.

pub mod prompt;
pub mod search;
pub mod source;
pub mod usage;
