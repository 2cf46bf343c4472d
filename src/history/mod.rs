//! Everything that was ever composed: files first, an index beside them.

pub mod composition;
pub mod desk;
mod disk;
pub mod document;
pub mod files;
pub mod mirror;
pub mod repository;
pub mod rescue;
