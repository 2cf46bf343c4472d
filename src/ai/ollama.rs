//! Ollama: models on this machine or in the same network.
//!
//! It gives a model a small window unless told otherwise, and cuts off in silence what does not fit.
//! So every request names its window, and an answer to less than the question is none.

use async_trait::async_trait;
use serde::Deserialize;
use serde_json::{Value, json};

use super::abilities::Abilities;
use super::answer::{Draft, Framing, Heard, Listener, Trouble, json as value_of, said, tokens};
use super::failure::{Broken, Said};
use super::http::{Limits, clean};
use super::openai::chat;
use super::provider::{Failure, Model, Provider, Reply, Request, Retry, Sink, Stop};
use super::service::{Api, Names, Service};
use super::sse::Event;
use crate::config::Key;
use crate::error::{Error, Result};

/// Smaller windows are not asked for; each other size loads the model anew.
const MIN_WINDOW: u64 = 4096;

/// Tokens that a model's template puts around each message, at most.
const AROUND: u64 = 16;

const API: Api = Api {
    whose: "Ollama's",
    key: "authorization",
    before: "Bearer ",
    always: None,
    request_id: "x-request-id",
};

/// An Ollama at an address.
#[derive(Debug)]
pub struct Ollama {
    name: String,
    service: Service,
}

impl Ollama {
    /// An Ollama at an address such as `http://localhost:11434`; a key only where one is needed.
    ///
    /// # Errors
    /// `config` when the address can't be used.
    pub fn new(
        name: String,
        base_url: &str,
        key: Option<Key>,
        limits: Limits,
        names: Names,
    ) -> Result<Self> {
        let service = Service::new(base_url, key, limits, names, API)?;
        Ok(Self { name, service })
    }
}

#[async_trait]
impl Provider for Ollama {
    fn name(&self) -> &str {
        &self.name
    }

    async fn stream(&self, request: &Request, sink: Sink<'_>) -> Result<Reply, Failure> {
        let body = body(request);
        let lines = &mut Lines {
            window: window(request),
            least: texts(request).map(words).sum(),
        };
        self.service
            .converse("/api/chat", &body, Framing::Lines, lines, sink)
            .await
    }

    async fn count_tokens(&self, _model: &str, _text: &str) -> Result<u32, Failure> {
        let error = Error::invalid(format!("{} does not count tokens", self.name));
        let error = error.hint("they are estimated here");
        Err(Failure::new(error, Retry::Never))
    }

    async fn models(&self) -> Result<Vec<Model>, Failure> {
        #[derive(Deserialize)]
        struct Tags {
            models: Vec<Entry>,
        }
        #[derive(Deserialize)]
        struct Entry {
            name: String,
        }
        let answer = self.service.get("/api/tags", &[]).await?;
        let tags: Tags = self.service.read(&answer, "list of models")?;
        let models = tags.models.into_iter().map(|Entry { name }| Model {
            id: name,
            name: None,
            input_limit: None,
            output_limit: None,
        });
        Ok(models.collect())
    }
}

/// A request in Ollama's words.
fn body(request: &Request) -> Value {
    let mut body = json!({
        "model": request.model.trim(),
        "messages": chat::messages(request),
        "stream": true,
        // Newer ones then refuse what does not fit; older ones don't know it.
        "truncate": false,
        "options": { "num_ctx": window(request), "num_predict": request.max_tokens },
    });
    // Every model here takes a temperature; few take an effort.
    if let Some(temperature) = request.temperature {
        body["options"]["temperature"] = json!(temperature);
    }
    if let Some(effort) = Abilities::of(&request.model).effort(request) {
        body["think"] = json!(effort);
    }
    if let Some(schema) = &request.schema {
        body["format"] = schema.schema.clone();
    }
    body
}

fn texts(request: &Request) -> impl Iterator<Item = &str> {
    let turns = request.messages.iter().map(|turn| turn.text.as_str());
    [request.system.as_str()].into_iter().chain(turns)
}

/// The window that surely holds the question and the longest answer, in tokens.
fn window(request: &Request) -> u64 {
    // Two bytes a token is about twice what prose takes, and enough for most scripts.
    let question: u64 = texts(request)
        .map(|text| text.len() as u64 / 2 + AROUND)
        .sum();
    let all = question + u64::from(request.max_tokens);
    all.next_power_of_two().max(MIN_WINDOW)
}

/// The fewest tokens that a text can take: none holds more than one word.
fn words(text: &str) -> u64 {
    text.split_ascii_whitespace().count() as u64
}

/// Understands the lines of an answer.
#[derive(Debug)]
struct Lines {
    window: u64,
    least: u64,
}

impl Listener for Lines {
    fn hear(&mut self, event: &Event, draft: &mut Draft) -> Result<Heard, Trouble> {
        let value = value_of(event)?;
        if !value["error"].is_null() {
            let said = said(&value["error"]);
            return Err(Trouble::Said(Said {
                status: 500,
                ..said
            }));
        }
        if let Some(model) = value["model"].as_str() {
            model.clone_into(&mut draft.model);
        }
        let message = &value["message"];
        draft.text += message["content"].as_str().unwrap_or_default();
        draft.begun |= !draft.text.is_empty() || message["thinking"].is_string();
        if value["done"] != true {
            return Ok(Heard::More);
        }
        draft.usage.input = tokens(&value["prompt_eval_count"]);
        draft.usage.output = tokens(&value["eval_count"]);
        draft.stop = value["done_reason"].as_str().map(|reason| match reason {
            "stop" => Stop::End,
            "length" => Stop::Length,
            other => Stop::Other(clean(other)),
        });
        // Without a count there is nothing to compare.
        match value["prompt_eval_count"].as_u64() {
            Some(read) if read >= self.window || read < self.least => {
                Err(Trouble::Broken(Broken::Shortened(read)))
            }
            _ => Ok(Heard::End),
        }
    }
}
