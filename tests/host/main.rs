//! The whole host over an in-memory pipe, with a fake editor that speaks the contract.

mod conversation;
mod history;
mod malformed;
mod support;
