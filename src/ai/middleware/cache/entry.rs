//! An answer as it is kept, and the question that it answers. No input and output.

use std::fmt;
use std::fmt::Write as _;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::json;
use sha2::{Digest, Sha256};

use crate::ai::provider::{Effort, Reply, Request, Speaker};

/// The first word of an entry's bytes; another form of them gets another number.
const FORM: &str = "answer1";

/// A question: the hash of whom it asks, and of all that is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Key([u8; 32]);

impl Key {
    /// The question that a request asks a provider at an address.
    ///
    /// What the role is, and whether it must be fresh, is private or was confirmed, is not asked of anybody.
    pub fn new(provider: &str, base_url: &str, request: &Request) -> Self {
        let Request {
            model,
            role: _,
            system,
            messages,
            max_tokens,
            temperature,
            effort,
            schema,
            fresh: _,
            private: _,
            confirmed: _,
        } = request;
        let said = messages.iter().map(|message| match message.speaker {
            Speaker::User => json!(["user", message.text]),
            Speaker::Assistant => json!(["assistant", message.text]),
        });
        let effort = effort.map(|effort| match effort {
            Effort::Low => "low",
            Effort::Medium => "medium",
            Effort::High => "high",
        });
        // The two zeros are one temperature. The bits are taken, since JSON has no word for some numbers.
        let temperature = temperature.map(|number| (number + 0.0).to_bits());
        let schema = schema.as_ref().map(|it| json!([it.name, it.schema]));
        let asked = json!([
            FORM,
            provider,
            base_url.trim().trim_end_matches('/'),
            model.trim(),
            system,
            said.collect::<Vec<_>>(),
            max_tokens,
            temperature,
            effort,
            schema,
        ]);
        Self(Sha256::digest(asked.to_string()).into())
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        hex(&self.0).fmt(f)
    }
}

/// An answer that may be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry {
    /// When it was given, in seconds since 1970.
    pub at: i64,
    /// From when on it is too old.
    pub until: i64,
    pub text: String,
    pub model: String,
}

impl Entry {
    pub fn new(reply: &Reply, now: i64, ttl: Duration) -> Self {
        Self {
            at: now,
            until: now.saturating_add_unsigned(ttl.as_secs()),
            text: reply.text.clone(),
            model: reply.model.clone(),
        }
    }

    /// Whether it still holds, also by a time to live that was changed since.
    pub fn is_fresh(&self, now: i64, ttl: Duration) -> bool {
        let until = self.at.saturating_add_unsigned(ttl.as_secs());
        self.at <= now && now < self.until.min(until)
    }

    /// What it takes in memory, roughly.
    pub fn size(&self) -> u64 {
        (self.text.len() + self.model.len() + 128) as u64
    }

    /// A line with its times and the hash of all the rest, then the rest.
    pub fn to_bytes(&self, key: &Key) -> Vec<u8> {
        let body = json!({ "text": self.text, "model": self.model }).to_string();
        let Self { at, until, .. } = self;
        let hash = hash(key, *at, *until, body.as_bytes());
        format!("{FORM} {at} {until} {hash}\n{body}").into_bytes()
    }

    /// The same backwards; `None` when a byte is missing or another one.
    pub fn from_bytes(key: &Key, bytes: &[u8]) -> Option<Self> {
        #[derive(Serialize, Deserialize)]
        struct Body {
            text: String,
            model: String,
        }
        let end = memchr::memchr(b'\n', bytes)?;
        let (at, until) = times(bytes)?;
        let (head, body) = (std::str::from_utf8(&bytes[..end]).ok()?, &bytes[end + 1..]);
        if head != format!("{FORM} {at} {until} {}", hash(key, at, until, body)) {
            return None;
        }
        let Body { text, model } = serde_json::from_slice(body).ok()?;
        Some(Self {
            at,
            until,
            text,
            model,
        })
    }
}

/// When an entry was given and until when it holds, by its first bytes.
pub(super) fn times(bytes: &[u8]) -> Option<(i64, i64)> {
    let end = memchr::memchr(b'\n', bytes).unwrap_or(bytes.len());
    let mut words = std::str::from_utf8(&bytes[..end]).ok()?.split(' ');
    let ours = words.next()? == FORM;
    let (at, until) = (words.next()?.parse().ok()?, words.next()?.parse().ok()?);
    (ours && words.next().is_some()).then_some((at, until))
}

fn hash(key: &Key, at: i64, until: i64, body: &[u8]) -> String {
    let mut hash = Sha256::new();
    hash.update(key.0);
    hash.update(at.to_be_bytes());
    hash.update(until.to_be_bytes());
    hash.update(body);
    hex(&hash.finalize())
}

fn hex(bytes: &[u8]) -> String {
    let mut text = String::new();
    for byte in bytes {
        let _ = write!(text, "{byte:02x}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ai::middleware::fake::{reply, request};
    use crate::ai::provider::{Message, Schema};

    #[test]
    fn whatever_is_sent_makes_another_question_and_nothing_else_does() {
        let asked = |change: &dyn Fn(&mut Request)| {
            let mut request = request("a");
            change(&mut request);
            Key::new("claude", "https://host", &request)
        };
        let plain = asked(&|_| {});
        let same: [&dyn Fn(&mut Request); 5] = [
            &|it| it.role = "other".into(),
            &|it| it.fresh = true,
            &|it| it.confirmed = true,
            &|it| it.model = " m ".into(),
            &|_| {},
        ];
        for (row, change) in same.iter().enumerate() {
            assert_eq!(asked(change), plain, "row {row}");
        }
        assert_eq!(Key::new("claude", "https://host/ ", &request("a")), plain);
        let zero = asked(&|it| it.temperature = Some(0.0));
        assert_eq!(asked(&|it| it.temperature = Some(-0.0)), zero);

        let schema = |name: &str, text: &str| {
            Some(Schema {
                name: name.into(),
                schema: serde_json::from_str(text).unwrap(),
            })
        };
        let assistant = |text: &str| Message {
            speaker: Speaker::Assistant,
            text: text.into(),
        };
        let mut all = vec![
            plain,
            zero,
            Key::new("openai", "https://host", &request("a")),
            Key::new("claude", "https://other", &request("a")),
            asked(&|it| it.model = "m2".into()),
            asked(&|it| it.system = "a".into()),
            asked(&|it| it.messages[0].text = "a ".into()),
            asked(&|it| it.messages[0].speaker = Speaker::Assistant),
            asked(&|it| it.messages.push(assistant(""))),
            asked(&|it| it.max_tokens = 51),
            asked(&|it| it.temperature = Some(1.0)),
            asked(&|it| it.temperature = Some(f64::NAN)),
            asked(&|it| it.effort = Some(Effort::Low)),
            asked(&|it| it.effort = Some(Effort::High)),
            asked(&|it| it.schema = schema("s", "{}")),
            asked(&|it| it.schema = schema("t", "{}")),
            asked(&|it| it.schema = schema("s", r#"{"a":1}"#)),
        ];
        let number = all.len();
        all.sort_by_key(ToString::to_string);
        all.dedup();
        assert_eq!(all.len(), number);
    }

    #[test]
    fn an_entry_with_a_byte_missing_or_changed_is_none() {
        let key = Key::new("claude", "", &request("a"));
        let entry = Entry::new(
            &reply("an answer,\n\"whole\" and ä"),
            100,
            Duration::from_secs(9),
        );
        let bytes = entry.to_bytes(&key);
        assert_eq!(Entry::from_bytes(&key, &bytes), Some(entry));
        assert_eq!(times(&bytes), Some((100, 109)));
        let other = Key::new("openai", "", &request("a"));
        assert_eq!(Entry::from_bytes(&other, &bytes), None);
        for at in 0..bytes.len() {
            assert_eq!(Entry::from_bytes(&key, &bytes[..at]), None, "cut at {at}");
            for flip in [0x01, 0x20, 0x80] {
                let mut bytes = bytes.clone();
                bytes[at] ^= flip;
                assert_eq!(Entry::from_bytes(&key, &bytes), None, "byte {at} ^ {flip}");
            }
        }
    }

    #[test]
    fn an_answer_holds_until_it_is_too_old_by_either_time_to_live() {
        let entry = Entry::new(&reply("a"), 100, Duration::from_secs(10));
        let rows = [
            (100, 10, true),
            (109, 10, true),
            (110, 10, false),
            (109, 99, true),
            (110, 99, false),
            (104, 5, true),
            (105, 5, false),
            // A clock that was set back.
            (99, 10, false),
        ];
        for (now, ttl, expected) in rows {
            let found = entry.is_fresh(now, Duration::from_secs(ttl));
            assert_eq!(found, expected, "at {now}, {ttl} s");
        }
    }
}
