//! The whole host over an in-memory pipe, with a fake editor that speaks the contract.

#[path = "../support/claude.rs"]
mod claude;
mod conversation;
mod history;
mod malformed;
#[path = "../support/provider_server.rs"]
#[expect(
    dead_code,
    reason = "how a server can fail is tested beside the client"
)]
mod provider_server;
mod review;
mod support;
