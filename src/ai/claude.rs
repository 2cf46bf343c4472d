//! Claude: how many tokens it counts in a text.

use reqwest::header::{HeaderMap, HeaderValue};
use serde::Deserialize;
use serde_json::json;

use super::http::{Answer, Limits, Server, clean, secret_header};
use crate::config::Key;
use crate::error::{Error, Kind, Result};

/// The API's version, which every request names.
const VERSION: &str = "2023-06-01";

/// Claude at an address, with a key.
#[derive(Debug)]
pub struct Claude {
    server: Server,
    key: Key,
}

/// Whether a model is one of Claude's.
pub fn serves(model: &str) -> bool {
    model.trim().to_lowercase().starts_with("claude-")
}

impl Claude {
    /// Claude at `claude_base_url`; nothing is connected yet.
    ///
    /// # Errors
    /// `config` when the address can't be used.
    pub fn new(base_url: &str, key: Key, limits: Limits) -> Result<Self> {
        Ok(Self {
            server: Server::new("claude_base_url", base_url, limits)?,
            key,
        })
    }

    /// Asks how many tokens a text takes as the only message to a model; sends the text.
    ///
    /// The few tokens around a message are counted too. The provider calls the number an estimate
    /// that may differ a little from what a message then takes.
    ///
    /// # Errors
    /// `auth`, `rate_limited`, `budget`, `not_found` (the model), `invalid_input` as the provider
    /// says; `unavailable` when it can't be reached or understood. It is not asked again.
    pub async fn count_tokens(&self, model: &str, text: &str) -> Result<u32> {
        #[derive(Deserialize)]
        struct Reply {
            input_tokens: u32,
        }
        let message = json!({ "role": "user", "content": text });
        let body = json!({ "model": model.trim(), "messages": [message] });
        let mut headers = HeaderMap::new();
        headers.insert("x-api-key", secret_header(&self.key)?);
        headers.insert("anthropic-version", HeaderValue::from_static(VERSION));
        let path = "/v1/messages/count_tokens";
        let answer = self
            .server
            .post(path, headers, body.to_string().into_bytes())
            .await?;
        let request_id = answer.header("request-id");
        tracing::info!(
            status = answer.status,
            request_id,
            model,
            "tokens asked of claude"
        );
        if !(200..300).contains(&answer.status) {
            return Err(self.refusal(&answer));
        }
        let reply: Reply = serde_json::from_slice(&answer.body).map_err(|e| {
            Error::unavailable(format!("{} gave no count", self.server.host()))
                .hint("is claude_base_url Claude's?")
                .because(e)
        })?;
        Ok(reply.input_tokens)
    }

    /// What an answer other than 200 means.
    fn refusal(&self, answer: &Answer) -> Error {
        let (host, status) = (self.server.host(), answer.status);
        let words = self
            .words(&answer.body)
            .map_or(String::new(), |words| format!(" {words}"));
        let new = |kind, what: &str| Error::new(kind, format!("{host} {what}: {status}{words}"));
        match status {
            401 | 403 => new(Kind::Auth, "refuses the key").hint("check claude_api_key"),
            402 => new(Kind::Budget, "wants to be paid first").hint("look at your account there"),
            404 => new(Kind::NotFound, "does not know that").hint("is it the model's name?"),
            408 | 429 => new(Kind::RateLimited, "takes no more for now").hint(match when(answer) {
                Some(when) => format!("try again {when}"),
                None => "try again later; without a time it may be a spend limit".into(),
            }),
            300..=399 => new(Kind::Config, "sends elsewhere, where your key does not go")
                .hint("check claude_base_url"),
            400..=499 => new(Kind::InvalidInput, "refuses the text or the model"),
            _ => new(Kind::Unavailable, "is overloaded or out of order").hint(match when(answer) {
                Some(when) => format!("try again {when}"),
                None => "try again later".into(),
            }),
        }
    }

    /// The provider's own words, without the key should they repeat it.
    fn words(&self, body: &[u8]) -> Option<String> {
        #[derive(Deserialize)]
        struct Reply {
            error: Said,
        }
        #[derive(Deserialize)]
        struct Said {
            message: String,
        }
        let Reply { error } = serde_json::from_slice(body).ok()?;
        let words = clean(&error.message.replace(self.key.expose(), "…"));
        (!words.is_empty()).then_some(words)
    }
}

/// When to try again, `in 30 s` or `after` a date, where the answer says so.
fn when(answer: &Answer) -> Option<String> {
    let said = answer
        .header("retry-after")
        .filter(|said| !said.is_empty())?;
    match said.parse::<u64>() {
        Ok(seconds @ 0..120) => Some(format!("in {seconds} s")),
        Ok(seconds) => Some(format!("in {} min", seconds.div_ceil(60))),
        Err(_) => Some(format!("after {said}")),
    }
}

#[cfg(test)]
mod tests;
