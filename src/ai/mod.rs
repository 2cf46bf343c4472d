//! The providers of models, asked over the network: only when a person asks for it, never by itself.
//!
//! The only room that knows HTTP. It gets its address and its key handed over, and reads neither the
//! configuration nor the environment.

pub mod claude;
pub mod http;
pub mod local;
pub mod provider;
pub mod suggestions;
