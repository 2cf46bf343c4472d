//! The plugin in a real Neovim: keys typed, the screen read back.

mod adapters;
#[path = "../support/claude.rs"]
mod claude;
mod commands;
mod composition;
mod composition_origins;
mod edit;
mod edit_choice;
mod edit_client;
mod edit_ends;
mod edit_states;
mod files;
mod ghost;
mod handover;
mod help;
mod history;
mod host;
mod messages;
mod models;
mod picker;
#[expect(dead_code, reason = "not every fault is played here")]
#[path = "../support/provider_server.rs"]
mod provider_server;
mod references;
mod review;
mod session;
mod session_form;
mod session_insert;
mod session_keys;
mod session_late;
mod session_list;
mod session_text;
mod support;
mod title;
mod walk;
mod windows;
