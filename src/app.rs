//! The composition root: turns a configuration into an [`App`].

/// Everything a face needs.
pub struct App {}
