//! OpenAI, and every service that speaks as it does: which models there are, and which of the two
//! protocols is spoken.

use async_trait::async_trait;
use serde::Deserialize;

use super::answer::Framing;
use super::http::Limits;
use super::provider::{Failure, Model, Provider, Reply, Request, Retry, Sink};
use super::service::{Api, Names, Service};
use crate::config::Key;
use crate::error::{Error, Result};

pub(super) mod chat;
mod responses;

const API: Api = Api {
    whose: "an API like OpenAI's",
    key: "authorization",
    before: "Bearer ",
    always: None,
    request_id: "x-request-id",
};

/// How a service is spoken to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protocol {
    /// The Responses API, OpenAI's own.
    Responses,
    /// Chat Completions, which compatible services have.
    Chat,
}

/// A service at an address, with a key if it wants one.
#[derive(Debug)]
pub struct OpenAi {
    name: String,
    protocol: Protocol,
    service: Service,
}

impl OpenAi {
    /// A service whose address ends with the API's version, as in `https://api.openai.com/v1`.
    ///
    /// # Errors
    /// `config` when the address can't be used.
    pub fn new(
        name: String,
        protocol: Protocol,
        base_url: &str,
        key: Option<Key>,
        limits: Limits,
        names: Names,
    ) -> Result<Self> {
        Ok(Self {
            name,
            protocol,
            service: Service::new(base_url, key, limits, names, API)?,
        })
    }
}

#[async_trait]
impl Provider for OpenAi {
    fn name(&self) -> &str {
        &self.name
    }

    async fn stream(&self, request: &Request, sink: Sink<'_>) -> Result<Reply, Failure> {
        let service = &self.service;
        match self.protocol {
            Protocol::Responses => {
                let body = responses::body(request);
                let events = &mut responses::Events::default();
                service
                    .converse("/responses", &body, Framing::Events, events, sink)
                    .await
            }
            Protocol::Chat => {
                let body = chat::body(request);
                let events = &mut chat::Events::default();
                service
                    .converse("/chat/completions", &body, Framing::Events, events, sink)
                    .await
            }
        }
    }

    async fn count_tokens(&self, _model: &str, _text: &str) -> Result<u32, Failure> {
        let error = Error::invalid(format!("{} does not count tokens", self.name));
        let error = error.hint("they are counted or estimated here");
        Err(Failure::new(error, Retry::Never))
    }

    async fn models(&self) -> Result<Vec<Model>, Failure> {
        #[derive(Deserialize)]
        struct List {
            data: Vec<Entry>,
        }
        #[derive(Deserialize)]
        struct Entry {
            id: String,
        }
        let answer = self.service.get("/models", &[]).await?;
        let list: List = self.service.read(&answer, "list of models")?;
        let models = list.data.into_iter().map(|Entry { id }| Model {
            id,
            name: None,
            input_limit: None,
            output_limit: None,
        });
        Ok(models.collect())
    }
}

/// The status that an error would have had before the answer began.
fn status(code: &str) -> u16 {
    match code {
        "insufficient_quota" | "rate_limit_exceeded" | "credit_balance_exhausted" => 429,
        "server_error" | "vector_store_timeout" | "internal_error" | "api_error" => 500,
        "server_overloaded" | "overloaded" | "overloaded_error" => 503,
        // Some services give a status for a code.
        code => {
            let status = code.parse().ok();
            status.filter(|it| (400..600).contains(it)).unwrap_or(400)
        }
    }
}
