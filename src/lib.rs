//! promptstack.nvim's host and command line. The modules in reading order:

/// The kinds of failure, each with a message and a way out.
pub mod error;
/// Findings about files.
pub mod problem;
/// Positions in text.
pub mod text;
/// Placeholders: text to segments, segments and values to text.
pub mod placeholder;
/// Prompts: sources, cache, search, checks.
pub mod library;
/// The configuration.
pub mod config;
/// The log: JSON lines in a file.
pub mod logging;
