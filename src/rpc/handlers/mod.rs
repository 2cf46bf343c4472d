//! Five-line bodies: convert, call, convert back.

mod ask;
mod complete;
mod composition;
mod config;
pub(super) mod convert;
mod files;
mod handover;
mod history;
mod library;
mod placeholder;
mod references;
mod review;
mod setup;
mod stats;
mod title;

use crate::error::{Error, Result};

/// Runs what may wait for a disk away from the conversation's thread.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<T> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|e| Error::internal("a job stopped half-way").because(e))?
}
