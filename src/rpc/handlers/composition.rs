//! Composition requests.

use crate::error::{Error, Result};
use crate::rpc::contract::{
    CompositionClose, CompositionOpen, CompositionParams, CompositionShelve, CompositionUpdate,
    Done, Handle, OpenParams, OpenReply, Parts, ShelveParams, UpdateParams, UpdateReply,
};
use crate::rpc::session::Session;

impl Handle<CompositionOpen> for Session {
    async fn handle(&self, _: OpenParams, _: Parts<'_>) -> Result<OpenReply> {
        Err(Error::unavailable("not built yet"))
    }
}

impl Handle<CompositionUpdate> for Session {
    async fn handle(&self, _: UpdateParams, _: Parts<'_>) -> Result<UpdateReply> {
        Err(Error::unavailable("not built yet"))
    }
}

impl Handle<CompositionClose> for Session {
    async fn handle(&self, _: CompositionParams, _: Parts<'_>) -> Result<Done> {
        Err(Error::unavailable("not built yet"))
    }
}

impl Handle<CompositionShelve> for Session {
    async fn handle(&self, _: ShelveParams, _: Parts<'_>) -> Result<Done> {
        Err(Error::unavailable("not built yet"))
    }
}
