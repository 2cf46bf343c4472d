//! An answer as it grows: bytes to events, events to a draft. Pure.
//!
//! What an event means is each provider's own, by its [`Listener`].

use serde_json::Value;

use super::failure::{Broken, Said};
use super::lines::TooLong;
use super::provider::{Stop, Usage};
use super::sse::Event;
use super::{ndjson, sse};

/// How the events of an answer are told apart.
#[derive(Debug, Clone, Copy)]
pub enum Framing {
    /// Server-Sent Events.
    Events,
    /// A JSON value on each line.
    Lines,
}

/// What has come of an answer.
#[derive(Debug, Default)]
pub struct Draft {
    /// Its text so far.
    pub text: String,
    /// The model that speaks.
    pub model: String,
    /// Why it ended.
    pub stop: Option<Stop>,
    /// What it has taken.
    pub usage: Usage,
    /// Whether the model has begun to speak or to think.
    pub begun: bool,
}

/// Understands the events of one provider's answers.
pub trait Listener: Send {
    /// Takes an event, and says whether it was the one that ends the answer.
    ///
    /// # Errors
    /// When the provider gives up, or the event has no form that is known.
    fn hear(&mut self, event: &Event, draft: &mut Draft) -> Result<Heard, Trouble>;
}

/// Whether an answer goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Heard {
    /// More has to come.
    More,
    /// This was its terminal event.
    End,
}

/// Why an answer can't be followed any further.
#[derive(Debug)]
pub enum Trouble {
    /// The provider says so.
    Said(Said),
    /// What came is not what was agreed on.
    Broken(Broken),
}

/// The code and the words of an error: a text, or an object as most have it; no status.
pub fn said(error: &Value) -> Said {
    let text = |value: &Value| match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        _ => String::new(),
    };
    let code = text(&error["code"]);
    Said {
        code: match code.is_empty() {
            true => text(&error["type"]),
            false => code,
        },
        words: match error {
            Value::String(words) => words.clone(),
            error => text(&error["message"]),
        },
        ..Said::default()
    }
}

/// The JSON of an event.
///
/// # Errors
/// When it is none.
pub fn json(event: &Event) -> Result<Value, Trouble> {
    serde_json::from_str(&event.data).map_err(|_| Trouble::Broken(Broken::Strange))
}

/// A number of tokens, 0 where there is none.
pub fn tokens(value: &Value) -> u64 {
    value.as_u64().unwrap_or_default()
}

/// One of the two decoders.
#[derive(Debug)]
pub enum Decoder {
    /// That of [`Framing::Events`].
    Events(sse::Decoder),
    /// That of [`Framing::Lines`].
    Lines(ndjson::Decoder),
}

impl Decoder {
    /// A decoder at the beginning of an answer, whose lines have at most `longest` bytes.
    pub fn new(framing: Framing, longest: usize) -> Self {
        match framing {
            Framing::Events => Decoder::Events(sse::Decoder::new(longest)),
            Framing::Lines => Decoder::Lines(ndjson::Decoder::new(longest)),
        }
    }

    /// Takes the next bytes and appends the events that they complete.
    ///
    /// # Errors
    /// When a line is too long; what came before it is there.
    pub fn feed(&mut self, bytes: &[u8], events: &mut Vec<Event>) -> Result<(), TooLong> {
        match self {
            Decoder::Events(decoder) => decoder.feed(bytes, events),
            Decoder::Lines(decoder) => {
                let mut lines = Vec::new();
                let fed = decoder.feed(bytes, &mut lines);
                events.extend(lines.into_iter().map(|data| Event {
                    name: String::new(),
                    data,
                }));
                fed
            }
        }
    }
}
