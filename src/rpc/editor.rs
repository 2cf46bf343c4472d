//! What the host asks of Neovim.

use super::contract::WireError;
use super::outbox::Outbox;
use super::wire::{Encoded, encode, lua_call};
use crate::error::Result;

/// One message to the Lua side.
#[derive(Debug)]
pub enum Message {
    /// The answer to request `id`.
    Reply {
        /// The request's id.
        id: u64,
        /// What it gets.
        outcome: std::result::Result<Encoded, WireError>,
    },
    /// A part of the answer to request `id`.
    Part {
        /// The request's id.
        id: u64,
        /// The part.
        data: Encoded,
    },
    /// An event of the contract.
    Event {
        /// Its name on the wire.
        name: &'static str,
        /// Its data.
        data: Encoded,
    },
}

/// The editor on the other side of the channel.
pub trait Editor: Send + Sync {
    /// Hands a message over and returns at once.
    fn send(&self, message: Message);
}

/// The Lua function that takes each kind of message.
const REPLY: &str = "require('promptstack.rpc.client').on_reply(...)";
const PART: &str = "require('promptstack.rpc.client').on_part(...)";
const EVENT: &str = "require('promptstack.rpc.client').on_event(...)";

impl Editor for Outbox {
    /// A notification, as nobody waits for it: at a hit-enter prompt Neovim keeps it until the
    /// person has gone on.
    fn send(&self, message: Message) {
        match lua(message) {
            Ok(bytes) => self.put(bytes),
            Err(error) => tracing::error!(%error, "a message is lost"),
        }
    }
}

fn lua(message: Message) -> Result<Vec<u8>> {
    match message {
        Message::Reply { id, outcome } => match outcome {
            Ok(reply) => lua_call(REPLY, &[encode(&id)?, encode(&())?, reply]),
            Err(error) => lua_call(REPLY, &[encode(&id)?, encode(&error)?]),
        },
        Message::Part { id, data } => lua_call(PART, &[encode(&id)?, data]),
        Message::Event { name, data } => lua_call(EVENT, &[encode(name)?, data]),
    }
}
