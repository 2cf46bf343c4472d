//! The providers against a server on loopback that plays recorded replies and every fault.

#[path = "../support/claude.rs"]
mod claude;
#[path = "../support/provider_server.rs"]
mod provider_server;

mod cuts;
mod door;
mod faults;
mod limits;
mod replies;
mod requests;
mod review;
mod support;
