//! Requests that name a composition.

use std::path::Path;

use crate::ai::provider::Chunk;
use crate::app::titling::{Titled, Untitled};
use crate::error::Result;
use crate::rpc::contract::{
    AiTitle, CompositionRename, Handle, Parts, RenameParams, RenameReply, TitleParams, TitleReply,
    TitleWaiting,
};
use crate::rpc::session::Session;

impl Handle<CompositionRename> for Session {
    async fn handle(&self, params: RenameParams, _: Parts<'_>) -> Result<RenameReply> {
        let directory = Path::new(&params.directory);
        let app = self.app()?;
        let renamed = app.rename(params.id.parse()?, &params.name, directory);
        let name = renamed.await?;
        Ok(RenameReply { name })
    }
}

impl Handle<AiTitle> for Session {
    async fn handle(&self, params: TitleParams, parts: Parts<'_>) -> Result<TitleReply> {
        let lines: Vec<_> = params.lines.into_iter().map(|line| line.0).collect();
        let text = Untitled {
            text: String::from_utf8_lossy(&lines.join(&b'\n')).into_owned(),
            confirmed: params.confirmed,
            private: params.keep_nothing,
        };
        let mut tell = |chunk: Chunk| {
            if let Chunk::Waiting { why, wait } = chunk {
                let seconds = wait.as_secs_f64().ceil() as u32;
                // The answer does not depend on whether anybody hears of the wait.
                let _ = parts.send(TitleWaiting { why, seconds });
            }
        };
        Ok(match self.app()?.title(text, &mut tell).await? {
            Titled::Name(name) => TitleReply {
                name,
                confirm: None,
            },
            Titled::Confirm(question) => TitleReply {
                confirm: Some(question),
                ..TitleReply::default()
            },
        })
    }
}
