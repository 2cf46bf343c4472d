//! File requests.

use crate::error::{Error, Result};
use crate::rpc::contract::{
    CheckParams, CheckReply, FileParams, FilePreview, FilesCheck, FilesFind, FilesLinks,
    FilesParams, FilesPreview, FilesReply, FilesTitles, Handle, LinksParams, LinksReply, Parts,
    TitlesParams, TitlesReply,
};
use crate::rpc::session::Session;

impl Handle<FilesFind> for Session {
    async fn handle(&self, _: FilesParams, _: Parts<'_>) -> Result<FilesReply> {
        Err(Error::unavailable("not built yet"))
    }
}

impl Handle<FilesPreview> for Session {
    async fn handle(&self, _: FileParams, _: Parts<'_>) -> Result<FilePreview> {
        Err(Error::unavailable("not built yet"))
    }
}

impl Handle<FilesTitles> for Session {
    async fn handle(&self, _: TitlesParams, _: Parts<'_>) -> Result<TitlesReply> {
        Err(Error::unavailable("not built yet"))
    }
}

impl Handle<FilesLinks> for Session {
    async fn handle(&self, _: LinksParams, _: Parts<'_>) -> Result<LinksReply> {
        Err(Error::unavailable("not built yet"))
    }
}

impl Handle<FilesCheck> for Session {
    async fn handle(&self, _: CheckParams, _: Parts<'_>) -> Result<CheckReply> {
        Err(Error::unavailable("not built yet"))
    }
}
