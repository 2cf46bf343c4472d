//! The plugin in a real Neovim: keys typed, the screen read back.

mod adapters;
mod host;
mod picker;
mod session;
mod support;
