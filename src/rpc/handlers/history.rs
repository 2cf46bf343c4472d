//! History requests.

use crate::error::{Error, Result};
use crate::rpc::contract::{
    CleanupParams, CleanupReply, CompositionParams, DeleteParams, DeletedReply, Handle,
    HistoryCleanup, HistoryDelete, HistoryEntry, HistoryGet, HistoryList, HistoryParams,
    HistoryPreview, HistoryPreviewParams, HistoryPreviewReply, HistoryRebuild, HistoryReply,
    HistoryState, HistoryStateReply, NoParams, Parts, RebuildReply,
};
use crate::rpc::session::Session;

impl Handle<HistoryList> for Session {
    async fn handle(&self, _: HistoryParams, _: Parts<'_>) -> Result<HistoryReply> {
        Err(Error::unavailable("not built yet"))
    }
}

impl Handle<HistoryPreview> for Session {
    async fn handle(&self, _: HistoryPreviewParams, _: Parts<'_>) -> Result<HistoryPreviewReply> {
        Err(Error::unavailable("not built yet"))
    }
}

impl Handle<HistoryGet> for Session {
    async fn handle(&self, _: CompositionParams, _: Parts<'_>) -> Result<HistoryEntry> {
        Err(Error::unavailable("not built yet"))
    }
}

impl Handle<HistoryDelete> for Session {
    async fn handle(&self, _: DeleteParams, _: Parts<'_>) -> Result<DeletedReply> {
        Err(Error::unavailable("not built yet"))
    }
}

impl Handle<HistoryState> for Session {
    async fn handle(&self, _: NoParams, _: Parts<'_>) -> Result<HistoryStateReply> {
        Err(Error::unavailable("not built yet"))
    }
}

impl Handle<HistoryRebuild> for Session {
    async fn handle(&self, _: NoParams, _: Parts<'_>) -> Result<RebuildReply> {
        Err(Error::unavailable("not built yet"))
    }
}

impl Handle<HistoryCleanup> for Session {
    async fn handle(&self, _: CleanupParams, _: Parts<'_>) -> Result<CleanupReply> {
        Err(Error::unavailable("not built yet"))
    }
}
