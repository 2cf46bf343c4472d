//! What the providers have in common: an address, a key, and how a conversation is followed to its end.
//!
//! What is asked and what the events mean is each provider's own.

use reqwest::header::{HeaderMap, HeaderValue};
use serde::Deserialize;
use serde_json::Value;

use super::allowance;
use super::answer::{Decoder, Draft, Framing, Heard, Listener, Trouble, said};
use super::failure::{self, Broken, Place, Wait};
use super::http::stream::Stream;
use super::http::{Answer, Limits, Server, With, clean, header, secret_header};
use super::lines::TooLong;
use super::provider::{Chunk, Failure, Reply, Retry, Sink, Stop, Usage};
use crate::config::Key;
use crate::error::{Error, Result};

/// A provider's server and the key for it.
#[derive(Debug)]
pub struct Service {
    server: Server,
    key: Option<Key>,
    names: Names,
    api: Api,
}

/// How the configuration calls what can be wrong in it.
#[derive(Debug, Clone)]
pub struct Names {
    /// The key's name.
    pub key: String,
    /// The address's name.
    pub address: String,
}

/// What is particular to a provider's HTTP.
#[derive(Debug, Clone, Copy)]
pub struct Api {
    /// Whose it is, as in "is this address Claude's?".
    pub whose: &'static str,
    /// The header that carries the key.
    pub key: &'static str,
    /// What stands before the key.
    pub before: &'static str,
    /// A header that each request has.
    pub always: Option<(&'static str, &'static str)>,
    /// The header with the provider's name for the request.
    pub request_id: &'static str,
}

impl Service {
    /// A service at the address that the configuration gives; nothing is connected yet.
    ///
    /// # Errors
    /// `config` when the address can't be used.
    pub fn new(
        address: &str,
        key: Option<Key>,
        limits: Limits,
        names: Names,
        api: Api,
    ) -> Result<Self> {
        let with = match key {
            Some(_) => With::Key,
            None => With::Nothing,
        };
        Ok(Self {
            server: Server::open(&names.address, address, limits, with)?,
            key,
            names,
            api,
        })
    }

    /// Asks for a path and reads the whole answer, which is a success.
    ///
    /// # Errors
    /// See [`Failure`].
    pub async fn get(&self, path: &str, query: &[(&str, &str)]) -> Result<Answer, Failure> {
        let headers = self.request_headers()?;
        let answer = self.server.get(path, query, headers).await;
        self.accepted(answer, path, "")
    }

    /// Sends JSON to a path and reads the whole answer, which is a success.
    ///
    /// # Errors
    /// See [`Failure`].
    pub async fn post(&self, path: &str, model: &str, body: &Value) -> Result<Answer, Failure> {
        let headers = self.request_headers()?;
        let body = body.to_string().into_bytes();
        let answer = self.server.post(path, headers, body).await;
        self.accepted(answer, path, model)
    }

    /// Sends JSON to a path and follows the answer to its terminal event.
    ///
    /// # Errors
    /// See [`Failure`]; what had come is in it.
    pub async fn converse(
        &self,
        path: &str,
        body: &Value,
        framing: Framing,
        listener: &mut dyn Listener,
        sink: Sink<'_>,
    ) -> Result<Reply, Failure> {
        let mut draft = Draft::default();
        let model = body["model"].as_str().unwrap_or_default();
        let outcome = match self.open(path, model, body).await {
            Ok(stream) => {
                let told = |name: &str| header(&stream.headers, name);
                let told = (told(self.api.request_id), allowance::read(told));
                let heard = self.follow(stream, framing, listener, &mut draft, sink);
                heard.await.map(|()| told)
            }
            Err(failure) => Err(failure),
        };
        let Draft {
            text,
            model,
            stop,
            usage,
            ..
        } = draft;
        match outcome {
            Ok((request_id, left)) => Ok(Reply {
                text,
                model: clean(&model),
                // An end without a reason is no complete answer.
                stop: stop.unwrap_or_else(|| Stop::Other("no reason".into())),
                usage,
                request_id,
                cached: false,
                left,
            }),
            Err(failure) => {
                // Its words may quote the text, which no log has.
                let kind = failure.error.kind().word();
                tracing::info!(path, kind, retry = ?failure.retry, "no answer");
                Err(Failure {
                    partial: text,
                    usage: (usage != Usage::default()).then_some(usage),
                    ..failure
                })
            }
        }
    }

    /// A whole answer as the type that it should have.
    ///
    /// # Errors
    /// When it has another one, with what it should have been: `count`, `list of models`.
    pub fn read<'a, T: Deserialize<'a>>(
        &self,
        answer: &'a Answer,
        what: &str,
    ) -> Result<T, Failure> {
        serde_json::from_slice(&answer.body).map_err(|e| {
            let Place {
                host,
                address,
                whose,
                ..
            } = self.place();
            let error = Error::unavailable(format!("{host} gave no {what}"));
            let error = error.hint(format!("is {address} {whose}?")).because(e);
            Failure::new(error, Retry::Never)
        })
    }

    async fn open(&self, path: &str, model: &str, body: &Value) -> Result<Stream<'_>, Failure> {
        let headers = self.request_headers()?;
        let body = body.to_string().into_bytes();
        let stream = self.server.stream(path, headers, body).await;
        let stream = stream.map_err(|broken| self.broken(&broken))?;
        self.log(path, stream.status, &stream.headers, model);
        if (200..300).contains(&stream.status) {
            return Ok(stream);
        }
        // The status says enough, should the words not come.
        let (status, headers) = (stream.status, stream.headers.clone());
        let body = stream.rest().await.map(|answer| answer.body);
        Err(self.refused(status, &headers, &body.unwrap_or_default()))
    }

    async fn follow(
        &self,
        mut stream: Stream<'_>,
        framing: Framing,
        listener: &mut dyn Listener,
        draft: &mut Draft,
        sink: Sink<'_>,
    ) -> Result<(), Failure> {
        let mut decoder = Decoder::new(framing, self.server.limits().line);
        let mut events = Vec::new();
        let mut any = false;
        loop {
            let bytes = stream.next().await;
            let Some(bytes) = bytes.map_err(|broken| self.broken(&broken))? else {
                return Err(self.broken(&match any {
                    true => Broken::Cut("its end never came".into()),
                    false => Broken::Strange,
                }));
            };
            let fed = decoder.feed(&bytes, &mut events);
            for event in events.drain(..) {
                any = true;
                let before = draft.text.len();
                let heard = listener.hear(&event, draft);
                if draft.text.len() > before {
                    sink(Chunk::Text(draft.text[before..].to_owned()));
                }
                match heard {
                    Ok(Heard::More) => {}
                    Ok(Heard::End) => return Ok(()),
                    Err(Trouble::Broken(broken)) => return Err(self.broken(&broken)),
                    Err(Trouble::Said(mut said)) => {
                        said.words = self.clean(&said.words);
                        return Err(failure::refused(self.place(), &said));
                    }
                }
            }
            if draft.begun {
                stream.begun();
            }
            let line = self.server.limits().line;
            fed.map_err(|TooLong| self.broken(&Broken::LongLine(line)))?;
        }
    }

    fn accepted(
        &self,
        answer: Result<Answer, Broken>,
        path: &str,
        model: &str,
    ) -> Result<Answer, Failure> {
        let answer = answer.map_err(|broken| self.broken(&broken))?;
        self.log(path, answer.status, &answer.headers, model);
        match answer.status {
            200..300 => Ok(answer),
            status => Err(self.refused(status, &answer.headers, &answer.body)),
        }
    }

    fn log(&self, path: &str, status: u16, headers: &HeaderMap, model: &str) {
        let request_id = header(headers, self.api.request_id);
        let host = self.server.host();
        tracing::info!(host, path, status, request_id, model, "a provider answered");
    }

    fn request_headers(&self) -> Result<HeaderMap, Failure> {
        let mut headers = HeaderMap::new();
        if let Some(key) = &self.key {
            let value = secret_header(self.api.before, key)
                .map_err(|error| Failure::new(error, Retry::UntilConfigured))?;
            headers.insert(self.api.key, value);
        }
        if let Some((name, value)) = self.api.always {
            headers.insert(name, HeaderValue::from_static(value));
        }
        Ok(headers)
    }

    fn place(&self) -> Place<'_> {
        Place {
            host: self.server.host(),
            key: &self.names.key,
            address: &self.names.address,
            whose: self.api.whose,
        }
    }

    fn broken(&self, broken: &Broken) -> Failure {
        failure::broken(self.place(), broken)
    }

    fn refused(&self, status: u16, headers: &HeaderMap, body: &[u8]) -> Failure {
        let header = |name| header(headers, name);
        let mut said = serde_json::from_slice(body)
            .map(|body: Value| said(&body["error"]))
            .unwrap_or_default();
        said.status = status;
        said.words = self.clean(&said.words);
        said.wait = Wait::read(header("retry-after").as_deref(), header("date").as_deref());
        failure::refused(self.place(), &said)
    }

    /// The provider's own words, without the key should they repeat it.
    fn clean(&self, words: &str) -> String {
        match &self.key {
            Some(key) => clean(&words.replace(key.expose(), "…")),
            None => clean(words),
        }
    }
}
