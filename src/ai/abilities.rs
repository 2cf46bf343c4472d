//! Which models take a temperature and which an effort: what one does not take, it refuses with a 400.
//!
//! Of a model that no row knows nothing is assumed, and neither is sent.

use super::provider::{Effort, Request};

/// What a model takes beside text.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Abilities {
    /// A temperature.
    pub temperature: bool,
    /// An effort.
    pub effort: bool,
}

const NEITHER: Abilities = Abilities {
    temperature: false,
    effort: false,
};
const TEMPERATURE: Abilities = Abilities {
    temperature: true,
    effort: false,
};
const EFFORT: Abilities = Abilities {
    temperature: false,
    effort: true,
};
const BOTH: Abilities = Abilities {
    temperature: true,
    effort: true,
};

/// Models by the beginnings of their ids, as documented in autumn 2026; the longest one counts.
const MODELS: &[(&str, Abilities)] = &[
    ("claude-3", TEMPERATURE),
    ("claude-haiku-4-5", TEMPERATURE),
    ("claude-opus-4-0", TEMPERATURE),
    ("claude-opus-4-1", TEMPERATURE),
    ("claude-opus-4-2025", TEMPERATURE),
    ("claude-opus-4-5", BOTH),
    ("claude-opus-4-6", BOTH),
    ("claude-opus-4-7", EFFORT),
    ("claude-opus-4-8", EFFORT),
    ("claude-opus-5", EFFORT),
    ("claude-sonnet-4-0", TEMPERATURE),
    ("claude-sonnet-4-2025", TEMPERATURE),
    ("claude-sonnet-4-5", TEMPERATURE),
    ("claude-sonnet-4-6", BOTH),
    ("claude-sonnet-5", EFFORT),
    ("gpt-3.5-turbo", TEMPERATURE),
    ("gpt-4", TEMPERATURE),
    ("gpt-4o-search", NEITHER),
    ("gpt-4o-mini-search", NEITHER),
    ("gpt-5", EFFORT),
    ("gpt-5-chat", NEITHER),
    ("gpt-oss", BOTH),
    ("o1", EFFORT),
    ("o1-mini", NEITHER),
    ("o1-preview", NEITHER),
    ("o3", EFFORT),
    ("o4-mini", EFFORT),
];

impl Abilities {
    /// Those of a model by its id, also behind a vendor's name: `openai/gpt-4o`.
    pub fn of(model: &str) -> Self {
        let model = model.trim().to_lowercase();
        let id = model.rsplit('/').next().unwrap_or_default();
        let known = MODELS.iter().filter(|(start, _)| id.starts_with(start));
        known
            .max_by_key(|(start, _)| start.len())
            .map_or(NEITHER, |(_, abilities)| *abilities)
    }

    /// The temperature of a request, if its model takes one.
    pub fn temperature(self, request: &Request) -> Option<f64> {
        self.kept(
            request,
            "temperature",
            request.temperature,
            self.temperature,
        )
    }

    /// The effort of a request as a word, if its model takes one.
    pub fn effort(self, request: &Request) -> Option<&'static str> {
        let word = request.effort.map(Effort::word);
        self.kept(request, "effort", word, self.effort)
    }

    fn kept<T>(self, request: &Request, what: &str, value: Option<T>, taken: bool) -> Option<T> {
        if value.is_some() && !taken {
            let model = &request.model;
            tracing::info!(model, what, "not sent: the model is not known to take it");
        }
        value.filter(|_| taken)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_model_is_not_known_to_take_is_not_sent() {
        for (model, expected) in [
            ("claude-opus-5-5", EFFORT),
            ("claude-sonnet-5-5", EFFORT),
            ("claude-haiku-5-5", NEITHER),
            ("claude-opus-4-7", EFFORT),
            ("claude-opus-4-20250514", TEMPERATURE),
            ("claude-sonnet-4-6", BOTH),
            ("claude-3-5-haiku-20241022", TEMPERATURE),
            ("gpt-4o", TEMPERATURE),
            (" OpenAI/GPT-4.1-mini", TEMPERATURE),
            ("gpt-4o-search-preview", NEITHER),
            ("gpt-5-mini", EFFORT),
            ("gpt-5-chat-latest", NEITHER),
            ("gpt-6-sol", NEITHER),
            ("o1-mini-2024-09-12", NEITHER),
            ("o3", EFFORT),
            ("my-own", NEITHER),
            ("", NEITHER),
        ] {
            assert_eq!(Abilities::of(model), expected, "{model}");
        }
    }
}
