use crate::error::{Error, Result};
use crate::rpc::contract::*;
use crate::rpc::session::Session;

impl Handle<LibrarySearch> for Session {
    async fn handle(&self, _: SearchParams, _: Parts<'_>) -> Result<SearchReply> {
        self.app()?;
        Err(Error::internal("not there yet"))
    }
}

impl Handle<LibraryComplete> for Session {
    async fn handle(&self, _: CompleteParams, _: Parts<'_>) -> Result<CompleteReply> {
        self.app()?;
        Err(Error::internal("not there yet"))
    }
}

impl Handle<LibraryGet> for Session {
    async fn handle(&self, _: PromptParams, _: Parts<'_>) -> Result<PromptReply> {
        self.app()?;
        Err(Error::internal("not there yet"))
    }
}

impl Handle<LibraryInsert> for Session {
    async fn handle(&self, _: PromptParams, _: Parts<'_>) -> Result<InsertReply> {
        self.app()?;
        Err(Error::internal("not there yet"))
    }
}

impl Handle<LibraryValidate> for Session {
    async fn handle(&self, _: ValidateParams, _: Parts<'_>) -> Result<ValidateReply> {
        self.app()?;
        Err(Error::internal("not there yet"))
    }
}
