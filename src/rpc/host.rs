//! The conversation with one Neovim: each request in a task of its own, cancelled when asked,
//! guarded against panics, answered by one message.

use std::any::Any;
use std::collections::HashMap;
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Instant;

use async_trait::async_trait;
use futures::future::{AbortHandle, Abortable};
use futures::{AsyncRead, AsyncWrite, FutureExt};
use nvim_rs::{Handler, Neovim};
use rmpv::Value;
use serde_json::Value as Json;

use super::contract::{self, Parts};
use super::editor::{Editor, Message};
use super::session::Session;
use super::wire;
use crate::error::{Error, Kind, Result};

/// The method that ends a request; its only argument is the request's id.
const CANCEL: &str = "cancel";

/// Stack that a conversation's thread needs, in bytes: rmpv reads, and drops, a value of up to 1024
/// levels by recursion, which took 2 to 3 MiB in a debug build.
pub const STACK: usize = 8 << 20;

/// Talks with Neovim over `reader` and `writer` until the other side hangs up.
///
/// # Errors
/// `unavailable` when the channel breaks in the middle of a message.
pub async fn serve<R, W>(reader: R, writer: W, session: Session) -> Result<()>
where
    R: AsyncRead + Send + Unpin + 'static,
    W: AsyncWrite + Send + Unpin + 'static,
{
    let host = Host {
        shared: Arc::new(Shared {
            session,
            editor: OnceLock::new(),
            running: Mutex::default(),
        }),
        writer: std::marker::PhantomData::<fn(W)>,
    };
    let shared = host.shared.clone();
    let (neovim, conversation) = Neovim::<W>::new(reader, writer, host);
    let editor: Arc<dyn Editor> = Arc::new(neovim);
    shared.session.listen(editor.clone());
    if shared.editor.set(editor).is_err() {
        return Err(Error::internal("the editor is set twice"));
    }
    conversation
        .await
        .map_err(|e| Error::unavailable("the channel is closed").because(e))
}

struct Shared {
    session: Session,
    editor: OnceLock<Arc<dyn Editor>>,
    running: Mutex<HashMap<u64, AbortHandle>>,
}

struct Host<W> {
    shared: Arc<Shared>,
    writer: std::marker::PhantomData<fn(W)>,
}

impl<W> Clone for Host<W> {
    fn clone(&self) -> Self {
        Self {
            shared: self.shared.clone(),
            writer: self.writer,
        }
    }
}

#[async_trait]
impl<W: AsyncWrite + Send + Unpin + 'static> Handler for Host<W> {
    type Writer = W;

    async fn handle_request(
        &self,
        method: String,
        _: Vec<Value>,
        _: Neovim<W>,
    ) -> std::result::Result<Value, Value> {
        // A synchronous request would freeze the editor while it is answered.
        Err(format!("'{method}' must be sent as a notification with an id").into())
    }

    /// nvim-rs awaits notifications one at a time, so everything is handed off at once.
    async fn handle_notify(&self, method: String, args: Vec<Value>, _: Neovim<W>) {
        let mut args = args.into_iter();
        let Some(id) = args.next().and_then(|id| id.as_u64()) else {
            tracing::warn!(method, "a message without an id is dropped");
            return;
        };
        let shared = self.shared.clone();
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
                shared.send(Message::Reply { id, outcome });
            }
        });
    }
}

impl Shared {
    fn running(&self) -> MutexGuard<'_, HashMap<u64, AbortHandle>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn send(&self, message: Message) {
        if let Some(editor) = self.editor.get() {
            editor.send(message);
        }
    }

    /// The outcome to send, or nothing when the request was superseded.
    async fn answer(
        &self,
        id: u64,
        method: &str,
        params: Value,
    ) -> Option<std::result::Result<Json, contract::WireError>> {
        let started = Instant::now();
        let send_part = |data| self.send(Message::Part { id, data });
        let handled = async {
            contract::dispatch(
                &self.session,
                method,
                wire::params_from_lua(params),
                Parts(&send_part),
            )
            .await
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
                Some(Err(wire::error_to_wire(&error)))
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
