//! What the host says, on its way out: handing a message over never waits for Neovim.
//!
//! nvim-rs can only send requests, whose answers would have to be written by Neovim and read here
//! although they say nothing; so messages go out beside it, through the writer that it shares.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures::{AsyncWrite, AsyncWriteExt};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

/// Takes whole messages; each of its copies is the same outbox.
#[derive(Clone)]
pub struct Outbox(UnboundedSender<Vec<u8>>);

/// Messages that are not written yet.
pub struct Outgoing(UnboundedReceiver<Vec<u8>>);

/// An empty outbox, and the other end of it.
pub fn outbox() -> (Outbox, Outgoing) {
    let (sender, receiver) = unbounded_channel();
    (Outbox(sender), Outgoing(receiver))
}

impl Outbox {
    /// Hands a message over; after the end of the conversation it goes nowhere.
    pub fn put(&self, message: Vec<u8>) {
        let _ = self.0.send(message);
    }
}

impl Outgoing {
    /// Writes messages in the order in which they were handed over, until nobody is left to do that.
    ///
    /// # Errors
    /// When the other side has hung up.
    pub async fn write_to(mut self, mut writer: impl AsyncWrite + Unpin) -> io::Result<()> {
        while let Some(message) = self.0.recv().await {
            writer.write_all(&message).await?;
            writer.flush().await?;
        }
        Ok(())
    }
}

/// nvim-rs writes a message by one call.
impl AsyncWrite for Outbox {
    fn poll_write(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.put(bytes.to_owned());
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_close(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}
