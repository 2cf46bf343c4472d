//! The prompt library: prompts from several sources under one roof.

pub mod decode;
pub mod document;
pub mod filesystem;
pub mod front_matter;
pub mod prompt;
pub mod search;
pub mod source;
pub mod usage;
