//! Claude's Messages API: what is asked, which models there are, how many tokens a text takes.

use async_trait::async_trait;
use serde::Deserialize;
use serde_json::{Value, json};

use self::events::Events;
use super::abilities::Abilities;
use super::answer::Framing;
use super::http::Limits;
use super::provider::{Failure, Model, Provider, Reply, Request, Sink};
use super::service::{Api, Names, Service};
use crate::config::Key;
use crate::error::Result;

mod events;

/// The API's version, which every request names.
const VERSION: &str = "2023-06-01";

const API: Api = Api {
    whose: "Claude's",
    key: "x-api-key",
    before: "",
    always: Some(("anthropic-version", VERSION)),
    request_id: "request-id",
};

/// More pages of models are not read.
const MAX_PAGES: usize = 20;

/// Claude at an address, with a key.
#[derive(Debug)]
pub struct Claude {
    name: String,
    service: Service,
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
        let names = Names {
            key: "claude_api_key".into(),
            address: "claude_base_url".into(),
        };
        Self::named("claude".into(), base_url, key, limits, names)
    }

    /// Claude under another name; `names` is how the configuration calls the address and the key.
    ///
    /// # Errors
    /// `config` when the address can't be used.
    pub fn named(
        name: String,
        base_url: &str,
        key: Key,
        limits: Limits,
        names: Names,
    ) -> Result<Self> {
        let service = Service::new(base_url, Some(key), limits, names, API)?;
        Ok(Self { name, service })
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
        Ok(self.count(model, text).await?)
    }

    async fn count(&self, model: &str, text: &str) -> Result<u32, Failure> {
        #[derive(Deserialize)]
        struct Count {
            input_tokens: u32,
        }
        let model = model.trim();
        let message = json!({ "role": "user", "content": text });
        let body = json!({ "model": model, "messages": [message] });
        let path = "/v1/messages/count_tokens";
        let answer = self.service.post(path, model, &body).await?;
        let count: Count = self.service.read(&answer, "count")?;
        Ok(count.input_tokens)
    }
}

#[async_trait]
impl Provider for Claude {
    fn name(&self) -> &str {
        &self.name
    }

    async fn stream(&self, request: &Request, sink: Sink<'_>) -> Result<Reply, Failure> {
        let body = body(request);
        let events = &mut Events;
        self.service
            .converse("/v1/messages", &body, Framing::Events, events, sink)
            .await
    }

    async fn count_tokens(&self, model: &str, text: &str) -> Result<u32, Failure> {
        self.count(model, text).await
    }

    async fn models(&self) -> Result<Vec<Model>, Failure> {
        #[derive(Deserialize)]
        struct Page {
            data: Vec<Entry>,
            #[serde(default)]
            has_more: bool,
            last_id: Option<String>,
        }
        #[derive(Deserialize)]
        struct Entry {
            id: String,
            display_name: Option<String>,
            max_input_tokens: Option<u64>,
            max_tokens: Option<u64>,
        }
        let mut models = Vec::new();
        let mut after: Option<String> = None;
        for _ in 0..MAX_PAGES {
            let mut query = vec![("limit", "1000")];
            query.extend(after.as_deref().map(|id| ("after_id", id)));
            let answer = self.service.get("/v1/models", &query).await?;
            let page: Page = self.service.read(&answer, "list of models")?;
            models.extend(page.data.into_iter().map(|entry| Model {
                id: entry.id,
                name: entry.display_name,
                input_limit: entry.max_input_tokens,
                output_limit: entry.max_tokens,
            }));
            if !page.has_more || page.last_id.is_none() || page.last_id == after {
                break;
            }
            after = page.last_id;
        }
        Ok(models)
    }
}

/// A request in Claude's words.
fn body(request: &Request) -> Value {
    let abilities = Abilities::of(&request.model);
    let turns = request.messages.iter();
    let turns = turns.map(|turn| json!({ "role": turn.speaker.word(), "content": turn.text }));
    let mut body = json!({
        "model": request.model.trim(),
        "max_tokens": request.max_tokens,
        "messages": turns.collect::<Vec<_>>(),
        "stream": true,
    });
    if !request.system.is_empty() {
        body["system"] = json!(request.system);
    }
    if let Some(temperature) = abilities.temperature(request) {
        // Claude's ends at 1, those of the others at 2.
        body["temperature"] = json!(temperature.min(1.0));
    }
    if let Some(effort) = abilities.effort(request) {
        body["output_config"]["effort"] = json!(effort);
    }
    if let Some(schema) = &request.schema {
        let format = json!({ "type": "json_schema", "schema": schema.schema });
        body["output_config"]["format"] = format;
    }
    body
}

#[cfg(test)]
mod tests;
