//! Five-line bodies: convert, call, convert back.

mod config;
mod convert;
mod library;
mod placeholder;
