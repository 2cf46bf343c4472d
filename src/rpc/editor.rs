//! What the host asks of Neovim.

use futures::AsyncWrite;
use nvim_rs::Neovim;
use rmpv::Value;
use serde_json::Value as Json;

use super::contract::WireError;
use super::wire;

/// One message to the Lua side.
#[derive(Debug)]
pub enum Message {
    /// The answer to request `id`.
    Reply {
        /// The request's id.
        id: u64,
        /// What it gets.
        outcome: Result<Json, WireError>,
    },
    /// A part of the answer to request `id`.
    Part {
        /// The request's id.
        id: u64,
        /// The part.
        data: Json,
    },
    /// An event of the contract.
    Event {
        /// Its name on the wire.
        name: &'static str,
        /// Its data.
        data: Json,
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

impl<W: AsyncWrite + Send + Unpin + 'static> Editor for Neovim<W> {
    fn send(&self, message: Message) {
        let (code, args) = match message {
            Message::Reply {
                id,
                outcome: Ok(reply),
            } => (REPLY, vec![id.into(), Value::Nil, wire::to_lua(reply)]),
            Message::Reply {
                id,
                outcome: Err(error),
            } => (
                REPLY,
                vec![
                    id.into(),
                    wire::to_lua(super::contract::to_json(error).unwrap_or_default()),
                ],
            ),
            Message::Part { id, data } => (PART, vec![id.into(), wire::to_lua(data)]),
            Message::Event { name, data } => (EVENT, vec![name.into(), wire::to_lua(data)]),
        };
        let neovim = self.clone();
        // A task of its own: Neovim answers only when the person leaves a hit-enter prompt, and
        // nvim-rs ends its loop when a call's future is dropped before that.
        tokio::spawn(async move {
            match neovim
                .call("nvim_exec_lua", vec![code.into(), Value::Array(args)])
                .await
            {
                Ok(Ok(_)) => {}
                Ok(Err(_)) => tracing::error!(code, "the plugin failed on a message"),
                Err(error) => tracing::debug!(%error, "the channel is closed"),
            }
        });
    }
}
