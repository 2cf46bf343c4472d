//! promptstack.nvim's host and command line. The modules in reading order:

/// The kinds of failure, each with a message and a way out.
pub mod error;
/// Findings about files.
pub mod problem;
/// Positions in text.
pub mod text;
/// Placeholders: text to segments, segments and values to text.
pub mod placeholder;
/// One typed configuration from five sources.
pub mod config;
/// The log: JSON lines in a file of bounded size.
pub mod logging;
/// What happened, for whoever cares.
pub mod events;
/// Prompts: sources, cache, search, checks.
pub mod library;
/// The composition root.
pub mod app;
/// The Neovim face.
pub mod rpc;
/// The command line.
pub mod cli;
