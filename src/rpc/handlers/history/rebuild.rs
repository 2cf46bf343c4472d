//! The rebuild of the index, with how far it is.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::error::{Error, Result};
use crate::history::repository::Rebuilt;
use crate::rpc::contract::{Handle, HistoryRebuild, NoParams, Parts, RebuildPart, RebuildReply};
use crate::rpc::session::Session;

/// How often it is told how far the rebuild is, whether or not it went on: the editor gives a silent
/// request up.
const TOLD_EVERY: Duration = Duration::from_millis(100);

impl Handle<HistoryRebuild> for Session {
    async fn handle(&self, _: NoParams, parts: Parts<'_>) -> Result<RebuildReply> {
        let history = self.app()?.history().await.clone();
        let (progress, far) = watch::channel((0, 0));
        let cancel = CancellationToken::new();
        // Whoever no longer waits for it ends it; it puts away what it had by itself.
        let _ended = cancel.clone().drop_guard();
        let mut rebuilding = tokio::spawn(async move {
            let progress = Arc::new(move |done, total| _ = progress.send_replace((done, total)));
            history.rebuild(progress, cancel).await
        });
        let mut tick = tokio::time::interval(TOLD_EVERY);
        loop {
            tokio::select! {
                rebuilt = &mut rebuilding => {
                    let rebuilt = rebuilt
                        .map_err(|e| Error::internal("the rebuild stopped half-way").because(e))?;
                    return rebuilt.map(reply);
                }
                _ = tick.tick() => {
                    let (done, total) = *far.borrow();
                    parts.send(RebuildPart { done: done as u64, total: total as u64 })?;
                }
            }
        }
    }
}

fn reply(rebuilt: Rebuilt) -> RebuildReply {
    let unreadable = rebuilt.unreadable.into_iter();
    RebuildReply {
        count: rebuilt.count as u64,
        unreadable: unreadable
            .map(|(file, why)| format!("{file}: {why}"))
            .collect(),
        backup: rebuilt.backup.map(|path| path.display().to_string()),
    }
}
