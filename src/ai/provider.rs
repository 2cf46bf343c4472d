//! What a provider of models is asked and what it answers.
//!
//! A provider knows nothing of what is put around it: whatever remembers, counts, pays for, repeats or
//! delays requests is itself a [`Provider`] that holds one.

use std::time::Duration;

use async_trait::async_trait;
use serde_json::Value;

use crate::error::Error;

/// A provider of models; dropping a call ends it, at the provider too.
#[async_trait]
pub trait Provider: Send + Sync {
    /// Its name in the configuration, such as `claude`.
    fn name(&self) -> &str;

    /// Asks, and hands over the answer as it comes.
    ///
    /// What went to `sink` before a failure may be shown, and is never the answer.
    ///
    /// # Errors
    /// See [`Failure`].
    async fn stream(&self, request: &Request, sink: Sink<'_>) -> Result<Reply, Failure>;

    /// Asks, and waits for the whole answer.
    ///
    /// # Errors
    /// See [`Failure`].
    async fn complete(&self, request: &Request) -> Result<Reply, Failure> {
        self.stream(request, &mut |_| {}).await
    }

    /// Asks how many tokens a text takes as the only message to a model; sends the text.
    ///
    /// # Errors
    /// See [`Failure`]; `invalid_input` when the provider does not count.
    async fn count_tokens(&self, model: &str, text: &str) -> Result<u32, Failure>;

    /// Asks which models there are.
    ///
    /// # Errors
    /// See [`Failure`].
    async fn models(&self) -> Result<Vec<Model>, Failure>;
}

/// Takes what comes while an answer is awaited.
pub type Sink<'a> = &'a mut (dyn FnMut(Chunk) + Send);

/// What comes while an answer is awaited.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Chunk {
    /// The next piece of the answer.
    Text(String),
    /// Nothing will come for a while.
    Waiting {
        /// Why, in a few words: `api.openai.com is overloaded, attempt 2 of 4`.
        why: String,
        /// How long.
        wait: Duration,
    },
}

/// What is asked of a model.
#[derive(Debug, Clone, PartialEq)]
pub struct Request {
    /// The model's id at the provider.
    pub model: String,
    /// The task that it is asked for, such as `suggest`; for the accounts, never sent.
    pub role: String,
    /// Who the model is and what it has to do; empty for nothing.
    pub system: String,
    /// The conversation so far, the question last.
    pub messages: Vec<Message>,
    /// The longest answer in tokens.
    pub max_tokens: u32,
    /// From 0, always the same, to 2; none leaves it to the provider.
    pub temperature: Option<f64>,
    /// How long the model thinks; none leaves it to the provider.
    pub effort: Option<Effort>,
    /// What the answer has to look like as JSON; none for text.
    pub schema: Option<Schema>,
    /// Whether an answer that was given before will not do.
    pub fresh: bool,
    /// Whether the person has seen what it may cost and wants it.
    pub confirmed: bool,
}

/// One turn of a conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// Who speaks.
    pub speaker: Speaker,
    /// What is said.
    pub text: String,
}

/// Who speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Speaker {
    /// The person.
    User,
    /// The model.
    Assistant,
}

impl Speaker {
    /// The speaker as one word, the same for every provider.
    pub fn word(self) -> &'static str {
        match self {
            Speaker::User => "user",
            Speaker::Assistant => "assistant",
        }
    }
}

/// How long a model thinks before it answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effort {
    /// Little.
    Low,
    /// As long as most do.
    Medium,
    /// Long.
    High,
}

impl Effort {
    /// The effort as one word, the same for every provider.
    pub fn word(self) -> &'static str {
        match self {
            Effort::Low => "low",
            Effort::Medium => "medium",
            Effort::High => "high",
        }
    }
}

/// A form that an answer must have.
#[derive(Debug, Clone, PartialEq)]
pub struct Schema {
    /// Its name, letters and underscores.
    pub name: String,
    /// A JSON Schema of an object.
    pub schema: Value,
}

/// A whole answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// All of its text.
    pub text: String,
    /// The model that gave it, as the provider calls it.
    pub model: String,
    /// Why it ends where it ends.
    pub stop: Stop,
    /// What it took.
    pub usage: Usage,
    /// The provider's name for the request, for its support.
    pub request_id: Option<String>,
    /// Whether it was given before and cost nothing now.
    pub cached: bool,
    /// What the provider says is left of what one may ask of it.
    pub left: Vec<Left>,
}

/// What is left of what one may ask of a provider, until it begins anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Left {
    /// Of what.
    pub what: What,
    /// How many.
    pub remaining: u64,
    /// When there are all of them again.
    pub reset: Duration,
}

/// What a provider limits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    /// Requests.
    Requests,
    /// Tokens.
    Tokens,
}

/// Why an answer ends where it ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stop {
    /// The model had said everything.
    End,
    /// It had become as long as was allowed.
    Length,
    /// The model, or a filter of the provider's, refused.
    Refused,
    /// Something else, in the provider's word.
    Other(String),
}

impl Reply {
    /// Whether what it says may be applied to a text: only what is complete may.
    pub fn is_usable(&self) -> bool {
        self.stop == Stop::End
    }
}

/// Tokens that a request took.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Usage {
    /// Those of the question that were paid in full.
    pub input: u64,
    /// Those of the answer, thinking included.
    pub output: u64,
    /// Those of the question that the provider had kept.
    pub cache_read: u64,
    /// Those of the question that the provider keeps from now on.
    pub cache_write: u64,
    /// Those of the answer that were thoughts.
    pub reasoning: u64,
}

/// A model that a provider offers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Model {
    /// Its id in requests.
    pub id: String,
    /// Its name for people, where it has one.
    pub name: Option<String>,
    /// The largest question in tokens, where the provider tells.
    pub input_limit: Option<u64>,
    /// The longest answer in tokens, where the provider tells.
    pub output_limit: Option<u64>,
}

/// Why there is no answer, and whether it helps to ask again.
#[derive(Debug)]
pub struct Failure {
    /// What happened and the way out.
    pub error: Error,
    /// Whether and when the same request may succeed.
    pub retry: Retry,
    /// What had come of the answer; may be kept as a draft, never applied.
    pub partial: String,
    /// What it took nevertheless, where the provider tells.
    pub usage: Option<Usage>,
}

/// Whether and when the same request may succeed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Retry {
    /// It will fail again, or may have been paid for already: a person decides.
    Never,
    /// It will fail until the configuration or the account is changed.
    UntilConfigured,
    /// There was no connection: once more, at once.
    Once,
    /// Later, where the provider says when, not before.
    Later {
        /// How long the provider asks to wait.
        after: Option<Duration>,
    },
}

impl Failure {
    /// A failure after which nothing had come.
    pub fn new(error: Error, retry: Retry) -> Self {
        Self {
            error,
            retry,
            partial: String::new(),
            usage: None,
        }
    }
}

impl From<Failure> for Error {
    fn from(failure: Failure) -> Self {
        failure.error
    }
}
