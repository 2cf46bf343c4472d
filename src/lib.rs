//! promptstack.nvim's host and command line. The modules in reading order:

// The providers of models, asked over the network when a person asks.
pub mod ai;
// The composition root.
pub mod app;
// The command line.
pub mod cli;
// Which prompts go along with a composition, and why.
pub mod compose;
// One typed configuration from five sources.
pub mod config;
// SQLite files: opened, closed to others, moved aside.
pub mod database;
// The kinds of failure, each with a message and a way out.
pub mod error;
// What happened, for whoever cares.
pub mod events;
// Files of the project: found, linked, referred to.
pub mod files;
// A composition on its way to its reader.
pub mod handover;
// Compositions: saved as they are written, found again.
pub mod history;
// Prompts: sources, cache, search, checks.
pub mod library;
// The log: JSON lines in a file of bounded size.
pub mod logging;
// Placeholders: text to segments, segments and values to text.
pub mod placeholder;
// Findings about files.
pub mod problem;
// The Neovim face.
pub mod rpc;
// The Neovims that run, by their records.
pub mod servers;
// Positions in text.
pub mod text;
// Tokens: how many a text takes, and of which window.
pub mod tokens;
