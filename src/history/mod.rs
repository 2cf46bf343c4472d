//! Everything that was ever composed: files first, an index beside them.

pub mod archive;
pub mod cleanup;
pub mod composition;
pub mod desk;
mod disk;
pub mod document;
pub mod files;
mod index;
#[cfg(test)]
mod memory;
mod migrate;
pub mod mirror;
pub mod repository;
pub mod rescue;
pub mod scan;
mod select;
pub mod sqlite;
pub mod store;
pub mod sync;
pub mod words;

pub use archive::History;
