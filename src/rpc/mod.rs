//! The Neovim face: one contract, one conversation over standard input and output; and a client of a
//! Neovim that runs already.

pub mod contract;
mod decode;
pub mod editor;
mod handlers;
pub mod host;
pub mod luacats;
pub mod outbox;
pub mod remote;
pub mod session;
pub mod stdio;
pub mod wire;
