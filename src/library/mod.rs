//! The prompt library: prompts from several sources under one roof.

pub mod prompt;
pub mod source;
