//! The Neovim face: one contract, one conversation over standard input and output.

pub mod contract;
mod decode;
pub mod editor;
mod handlers;
pub mod host;
pub mod luacats;
pub mod outbox;
pub mod session;
pub mod stdio;
pub mod wire;
