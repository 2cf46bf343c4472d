//! Hand-over requests.

use crate::error::{Error, Result};
use crate::rpc::contract::{
    DeliverParams, DeliverReply, Handle, HandoverDeliver, HandoverPrepare, HandoverTargets, Parts,
    PrepareParams, PrepareReply, TargetsParams, TargetsReply,
};
use crate::rpc::session::Session;

impl Handle<HandoverPrepare> for Session {
    async fn handle(&self, _: PrepareParams, _: Parts<'_>) -> Result<PrepareReply> {
        Err(Error::unavailable("not built yet"))
    }
}

impl Handle<HandoverTargets> for Session {
    async fn handle(&self, _: TargetsParams, _: Parts<'_>) -> Result<TargetsReply> {
        Err(Error::unavailable("not built yet"))
    }
}

impl Handle<HandoverDeliver> for Session {
    async fn handle(&self, _: DeliverParams, _: Parts<'_>) -> Result<DeliverReply> {
        Err(Error::unavailable("not built yet"))
    }
}
