//! Everything that was ever composed: files first, an index beside them.

pub mod composition;
pub mod document;
pub mod files;
#[cfg(test)]
mod memory;
mod migrate;
pub mod repository;
pub mod scan;
mod select;
pub mod sqlite;
pub mod store;
pub mod words;
