//! The whole host over an in-memory pipe, with a fake editor that speaks the contract.

mod ask;
#[path = "../support/claude.rs"]
mod claude;
mod conversation;
mod history;
mod malformed;
#[expect(dead_code, reason = "not every fault is played here")]
#[path = "../support/provider_server.rs"]
mod provider_server;
mod review;
mod support;
mod title;
