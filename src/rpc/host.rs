//! The conversation with one Neovim: each request in a task of its own, cancelled when asked,
//! guarded against panics, answered by one message.

use std::any::Any;
use std::collections::HashMap;
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use async_trait::async_trait;
use futures::future::{AbortHandle, Abortable};
use futures::{AsyncRead, AsyncWrite, FutureExt};
use nvim_rs::{Handler, Neovim};
use rmpv::Value;

use super::contract::{self, Parts};
use super::editor::{Editor, Message};
use super::outbox::{Outbox, outbox};
use super::session::Session;
use super::wire::Encoded;
use crate::error::{Error, Kind, Result};

/// The method that ends a request; its only argument is the request's id.
const CANCEL: &str = "cancel";

/// What Neovim says when our Lua raised an error; the message may hold prompt text.
const LUA_FAILED: &str = "nvim_error_event";

/// Stack that a conversation's thread needs, in bytes: rmpv reads, and drops, a value of up to 1024
/// levels by recursion, which took 2 to 3 MiB in a debug build.
pub const STACK: usize = 8 << 20;

/// Talks with Neovim over `reader` and `writer` until the other side hangs up.
///
/// # Errors
/// `unavailable` when the channel breaks in the middle of a message.
pub async fn serve<R, W>(reader: R, writer: W, session: Arc<Session>) -> Result<()>
where
    R: AsyncRead + Send + Unpin + 'static,
    W: AsyncWrite + Send + Unpin,
{
    let (outbox, outgoing) = outbox();
    let editor: Arc<dyn Editor> = Arc::new(outbox.clone());
    session.listen(editor.clone());
    let host = Host(Arc::new(Shared {
        session,
        editor,
        running: Mutex::default(),
    }));
    let (_neovim, conversation) = Neovim::new(reader, outbox, host);
    let closed = "the channel is closed";
    tokio::select! {
        ended = conversation => ended.map_err(|e| Error::unavailable(closed).because(e)),
        written = outgoing.write_to(writer) => {
            written.map_err(|e| Error::unavailable(closed).because(e))
        }
    }
}

struct Shared {
    session: Arc<Session>,
    editor: Arc<dyn Editor>,
    running: Mutex<HashMap<u64, AbortHandle>>,
}

#[derive(Clone)]
struct Host(Arc<Shared>);

#[async_trait]
impl Handler for Host {
    type Writer = Outbox;

    async fn handle_request(
        &self,
        method: String,
        _: Vec<Value>,
        _: Neovim<Outbox>,
    ) -> std::result::Result<Value, Value> {
        // A synchronous request would freeze the editor while it is answered.
        Err(format!("'{method}' must be sent as a notification with an id").into())
    }

    /// nvim-rs awaits notifications one at a time, so everything is handed off at once.
    async fn handle_notify(&self, method: String, args: Vec<Value>, _: Neovim<Outbox>) {
        if method == LUA_FAILED {
            tracing::error!("the plugin failed on a message");
            return;
        }
        let mut args = args.into_iter();
        let Some(id) = args.next().and_then(|id| id.as_u64()) else {
            tracing::warn!(method, "a message without an id is dropped");
            return;
        };
        let shared = self.0.clone();
        if method == CANCEL {
            if let Some(running) = shared.running().remove(&id) {
                running.abort();
            }
            return;
        }
        let params = args.next().unwrap_or(Value::Nil);
        let (abort, registration) = AbortHandle::new_pair();
        shared.running().insert(id, abort);
        tokio::spawn(async move {
            let answer = shared.answer(id, &method, params);
            let outcome = Abortable::new(answer, registration).await;
            shared.running().remove(&id);
            if let Ok(Some(outcome)) = outcome {
                shared.editor.send(Message::Reply { id, outcome });
            }
        });
    }
}

impl Shared {
    fn running(&self) -> MutexGuard<'_, HashMap<u64, AbortHandle>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The outcome to send, or nothing when the request was superseded.
    async fn answer(
        &self,
        id: u64,
        method: &str,
        params: Value,
    ) -> Option<std::result::Result<Encoded, contract::WireError>> {
        let started = Instant::now();
        let send_part = |data| self.editor.send(Message::Part { id, data });
        let handled = async {
            contract::dispatch(self.session.as_ref(), method, params, Parts(&send_part)).await
        };
        let outcome = match AssertUnwindSafe(handled).catch_unwind().await {
            Ok(outcome) => outcome,
            Err(payload) => Err(panicked(method, payload.as_ref())),
        };
        let micros = started.elapsed().as_micros() as u64;
        match outcome {
            Ok(reply) => {
                tracing::debug!(method, id, micros, "answered");
                Some(Ok(reply))
            }
            Err(error) if error.kind() == Kind::Cancelled => None,
            Err(error) => {
                let cause = std::error::Error::source(&error).map(ToString::to_string);
                tracing::warn!(method, id, micros, kind = ?error.kind(), cause, "refused");
                Some(Err(contract::WireError::from(&error)))
            }
        }
    }
}

/// The message of a panic is not repeated to the person nor logged here: it may hold prompt text.
fn panicked(method: &str, _: &(dyn Any + Send)) -> Error {
    Error::internal(format!(
        "a defect in promptstack: '{method}' stopped half-way"
    ))
    .hint("the editor and the host go on; :Prompt log has the place in the code")
}
