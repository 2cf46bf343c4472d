use crate::error::{Error, Result};
use crate::rpc::contract::*;
use crate::rpc::session::Session;

impl Handle<ConfigProject> for Session {
    async fn handle(&self, _: NoParams, _: Parts<'_>) -> Result<ProjectReply> {
        self.app()?;
        Err(Error::internal("not there yet"))
    }
}

impl Handle<ConfigTrust> for Session {
    async fn handle(&self, _: TrustParams, _: Parts<'_>) -> Result<Done> {
        self.app()?;
        Err(Error::internal("not there yet"))
    }
}

impl Handle<Hello> for Session {
    async fn handle(&self, params: HelloParams, _: Parts<'_>) -> Result<HelloReply> {
        if params.schema != schema_hash() {
            return Err(Error::new(crate::error::Kind::Conflict, "the host is older than the plugin").hint("run :Prompt build"));
        }
        Ok(HelloReply { version: env!("CARGO_PKG_VERSION").into(), problems: vec![], notices: vec![], config_file: String::new(), log_file: String::new(), prompts_dir: String::new() })
    }
}
