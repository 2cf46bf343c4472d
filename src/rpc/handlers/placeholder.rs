//! Placeholder requests.

use super::{blocking, convert, references};
use crate::error::Result;
use crate::placeholder;
use crate::rpc::contract::{
    Done, FillListParams, FillListReply, Handle, ParseParams, ParseReply, Parts,
    PlaceholderFillList, PlaceholderParse, PlaceholderRemember, PlaceholderValues, RememberParams,
    ValuesParams, ValuesReply,
};
use crate::rpc::session::Session;

impl Handle<PlaceholderParse> for Session {
    async fn handle(&self, params: ParseParams, _: Parts<'_>) -> Result<ParseReply> {
        Ok(ParseReply {
            stops: convert::stops(params.lines.iter().map(String::as_str)),
            // Of the others only the disk knows whether they are any.
            references: references::scan(&params.before, &params.lines)
                .iter()
                .filter(|(_, reference)| reference.certain)
                .map(|(row, reference)| references::span(*row, reference))
                .collect(),
        })
    }
}

impl Handle<PlaceholderFillList> for Session {
    async fn handle(&self, params: FillListParams, _: Parts<'_>) -> Result<FillListReply> {
        let FillListParams {
            before,
            items,
            after,
        } = params;
        let filled = placeholder::fill_list(&before, &items, &after);
        Ok(FillListReply {
            first: filled.bullets.start as u32,
            count: filled.bullets.len() as u32,
            lines: filled.lines,
        })
    }
}

impl Handle<PlaceholderValues> for Session {
    async fn handle(&self, params: ValuesParams, _: Parts<'_>) -> Result<ValuesReply> {
        let app = self.app()?.clone();
        let values = blocking(move || app.usage()?.recent_values(&params.key)).await?;
        Ok(ValuesReply { values })
    }
}

impl Handle<PlaceholderRemember> for Session {
    async fn handle(&self, params: RememberParams, _: Parts<'_>) -> Result<Done> {
        let app = self.app()?.clone();
        blocking(move || app.usage()?.remember_value(&params.key, &params.value)).await?;
        Ok(Done {})
    }
}
