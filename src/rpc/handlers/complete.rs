//! The continuation of a composition at the cursor.

use crate::ai::provider::Chunk;
use crate::app::completing::{Continued, Unfinished};
use crate::error::Result;
use crate::rpc::contract::{
    AiComplete, ContinuationParams, ContinuationReply, ContinuationWaiting, Handle, Parts,
};
use crate::rpc::session::Session;

impl Handle<AiComplete> for Session {
    async fn handle(
        &self,
        params: ContinuationParams,
        parts: Parts<'_>,
    ) -> Result<ContinuationReply> {
        let text = Unfinished {
            before: params.before.join("\n"),
            after: params.after.join("\n"),
            shown: params.shown,
            another: params.another,
            confirmed: params.confirmed,
            private: params.keep_nothing,
        };
        let mut tell = |chunk: Chunk| {
            if let Chunk::Waiting { why, wait } = chunk {
                let seconds = wait.as_secs_f64().ceil() as u32;
                // The answer does not depend on whether anybody hears of the wait.
                let _ = parts.send(ContinuationWaiting { why, seconds });
            }
        };
        Ok(match self.app()?.complete(text, &mut tell).await? {
            Continued::Text(found) => ContinuationReply {
                lines: found.text.split('\n').map(str::to_owned).collect(),
                model: found.model,
                cost: found.cost,
                confirm: None,
            },
            Continued::Confirm(question) => ContinuationReply {
                confirm: Some(question),
                ..ContinuationReply::default()
            },
        })
    }
}
