//! What is known of models: whose vocabulary they have and how much they take and give.
//!
//! Looked up in November 2026. Later models are found by their beginnings, with what their elders
//! have; `tokens.window` in the configuration overrules the window.

use super::Tokens;

/// How the tokens of a family of models are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Family {
    /// The vocabulary is o200k, so counts are exact.
    O200k,
    /// The vocabulary is not public: o200k's count times so many thousandths.
    Near {
        /// For text in letters.
        latin: u32,
        /// For Chinese, Japanese and Korean.
        cjk: u32,
    },
    /// Nothing is known, see [`super::Kind::Rough`].
    Unknown,
}

impl Family {
    /// Whether counting needs the vocabulary.
    pub fn needs_vocabulary(self) -> bool {
        self != Family::Unknown
    }
}

/// A model, as far as it is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Model {
    /// How its tokens are counted.
    pub family: Family,
    /// What it takes at once, question and answer together.
    pub window: Tokens,
    /// The longest answer.
    pub max_output: Tokens,
    /// Whether it stands in the table; what is assumed of another one is [`UNKNOWN`].
    pub known: bool,
}

/// What is assumed of a model that nobody has told of: the smallest window that current models of
/// any provider have, and an answer as long as `gpt-4-turbo` gives, the shortest of those.
pub const UNKNOWN: Model = Model {
    family: Family::Unknown,
    window: Tokens(128_000),
    max_output: Tokens(4_096),
    known: false,
};

/// Claude up to 4.6, Sonnet and Haiku up to 4.5: within 10% of the last vocabulary that Anthropic
/// published, measured on prose and code in English and on Chinese.
const CLAUDE: Family = Family::Near {
    latin: 1_100,
    cjk: 1_300,
};

/// Claude from Opus 4.7 and the fifth generation on: "approximately 30 percent more tokens than on
/// earlier models" (platform.claude.com, token counting), so [`CLAUDE`] times 1.3.
const CLAUDE_NEWER: Family = Family::Near {
    latin: 1_430,
    cjk: 1_690,
};

/// OpenAI after GPT-5: no vocabulary is published (tiktoken knows none), o200k is the last one.
const LATER_GPT: Family = Family::Near {
    latin: 1_000,
    cjk: 1_000,
};

/// The vocabulary cl100k, compared with o200k: English and code 1.00, German 1.13, French 1.10,
/// Chinese 1.22, Japanese 1.31, Korean 1.37, but Russian 1.40. Llama 3 extends it for other languages
/// than English ("The Llama 3 Herd of Models", 3.2), so it needs no more than that.
const CL100K: Family = Family::Near {
    latin: 1_050,
    cjk: 1_300,
};

/// Names or, before a star, their beginnings; the first that fits holds.
///
/// Sources: platform.claude.com (models overview and the page of each model), developers.openai.com
/// (the page of each model) and tiktoken's `model.py` for vocabularies, ai.google.dev (Gemini models;
/// "a token is equivalent to about 4 characters"), the model cards of Llama. Where a provider tells no
/// limit for the answer, as with open models, it is a quarter of the window.
const MODELS: &[(&str, Family, u32, u32)] = &[
    ("claude-opus-4-6*", CLAUDE, 1_000_000, 128_000),
    ("claude-sonnet-4-6*", CLAUDE, 1_000_000, 64_000),
    ("claude-opus-4-7*", CLAUDE_NEWER, 1_000_000, 128_000),
    ("claude-opus-4-8*", CLAUDE_NEWER, 1_000_000, 128_000),
    ("claude-opus-4-5*", CLAUDE, 200_000, 64_000),
    ("claude-opus-4*", CLAUDE, 200_000, 32_000),
    ("claude-sonnet-4*", CLAUDE, 200_000, 64_000),
    ("claude-haiku-4*", CLAUDE, 200_000, 64_000),
    ("claude-3-7*", CLAUDE, 200_000, 64_000),
    ("claude-3-5*", CLAUDE, 200_000, 8_192),
    ("claude-3*", CLAUDE, 200_000, 4_096),
    // Opus, Sonnet, Haiku 5 and 5.5, Fable, Mythos.
    ("claude-*", CLAUDE_NEWER, 1_000_000, 128_000),
    ("gpt-6*", LATER_GPT, 1_050_000, 128_000),
    // Not looked up: the window of GPT-5, which is the smaller one.
    ("gpt-5.4-mini*", LATER_GPT, 400_000, 128_000),
    ("gpt-5.4-nano*", LATER_GPT, 400_000, 128_000),
    ("gpt-5.4*", LATER_GPT, 1_050_000, 128_000),
    ("gpt-5.5*", LATER_GPT, 1_050_000, 128_000),
    ("gpt-5.6*", LATER_GPT, 1_050_000, 128_000),
    ("gpt-5.1-chat*", LATER_GPT, 128_000, 16_384),
    ("gpt-5.2-chat*", LATER_GPT, 128_000, 16_384),
    ("gpt-5.3-chat*", LATER_GPT, 128_000, 16_384),
    ("gpt-5.*", LATER_GPT, 400_000, 128_000),
    ("gpt-5-chat*", Family::O200k, 128_000, 16_384),
    ("gpt-5*", Family::O200k, 400_000, 128_000),
    ("gpt-4.1*", Family::O200k, 1_047_576, 32_768),
    ("gpt-4.5*", Family::O200k, 128_000, 16_384),
    ("gpt-4o*", Family::O200k, 128_000, 16_384),
    ("chatgpt-4o*", Family::O200k, 128_000, 16_384),
    ("gpt-oss*", Family::O200k, 131_072, 131_072),
    ("o1-preview*", Family::O200k, 128_000, 32_768),
    ("o1-mini*", Family::O200k, 128_000, 65_536),
    ("o1*", Family::O200k, 200_000, 100_000),
    ("o3*", Family::O200k, 200_000, 100_000),
    ("o4-mini*", Family::O200k, 200_000, 100_000),
    ("gpt-4-turbo*", CL100K, 128_000, 4_096),
    ("gpt-4-1106*", CL100K, 128_000, 4_096),
    ("gpt-4-0125*", CL100K, 128_000, 4_096),
    ("gpt-4*", CL100K, 8_192, 8_192),
    ("gpt-3.5-turbo*", CL100K, 16_385, 4_096),
    ("gemini-1.5*", Family::Unknown, 1_048_576, 8_192),
    ("gemini-2.0*", Family::Unknown, 1_048_576, 8_192),
    ("gemini-*", Family::Unknown, 1_048_576, 65_536),
    ("llama3.*", CL100K, 131_072, 32_768),
    ("llama-3.*", CL100K, 131_072, 32_768),
    ("llama3*", CL100K, 8_192, 2_048),
    ("llama-3*", CL100K, 8_192, 2_048),
];

/// What is known of a model by its name, as providers, gateways (`anthropic/claude-sonnet-5.5`) and
/// Ollama (`llama3.1:8b`) write it.
pub fn find(name: &str) -> Model {
    let name = name.trim().to_lowercase();
    let name = name.rsplit('/').next().unwrap_or_default();
    let name = name.strip_prefix("ft:").unwrap_or(name);
    let name = match name.starts_with("claude-") {
        true => name.replace('.', "-"),
        false => name.to_owned(),
    };
    let fits = |pattern: &str| match pattern.strip_suffix('*') {
        Some(beginning) => name.starts_with(beginning),
        None => name == pattern,
    };
    let row = MODELS.iter().find(|(pattern, ..)| fits(pattern));
    row.map_or(UNKNOWN, |(_, family, window, max_output)| Model {
        family: *family,
        window: Tokens(*window),
        max_output: Tokens(*max_output),
        known: true,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_model_is_found_however_its_name_is_written() {
        let rows = [
            ("claude-sonnet-5-5", CLAUDE_NEWER, 1_000_000),
            ("claude-opus-5-5", CLAUDE_NEWER, 1_000_000),
            ("claude-haiku-5-5-20261007", CLAUDE_NEWER, 1_000_000),
            ("anthropic/claude-sonnet-5.5", CLAUDE_NEWER, 1_000_000),
            ("claude-opus-4-7", CLAUDE_NEWER, 1_000_000),
            ("claude-opus-4-1-20250805", CLAUDE, 200_000),
            ("claude-haiku-4-5@20251001", CLAUDE, 200_000),
            ("claude-3.5-sonnet", CLAUDE, 200_000),
            ("gpt-6-sol", LATER_GPT, 1_050_000),
            ("openai/GPT-5.4", LATER_GPT, 1_050_000),
            ("gpt-5.2", LATER_GPT, 400_000),
            ("gpt-5-mini", Family::O200k, 400_000),
            ("gpt-4.1-nano", Family::O200k, 1_047_576),
            ("ft:gpt-4o-mini:acme::id", Family::O200k, 128_000),
            ("o3", Family::O200k, 200_000),
            ("gpt-oss:20b", Family::O200k, 131_072),
            ("gpt-4", CL100K, 8_192),
            ("llama3", CL100K, 8_192),
            ("llama3.1:8b", CL100K, 131_072),
            ("gemini-3-pro", Family::Unknown, 1_048_576),
        ];
        for (name, family, window) in rows {
            let model = find(name);
            assert!(model.known, "{name}");
            assert_eq!(
                (model.family, model.window),
                (family, Tokens(window)),
                "{name}"
            );
        }
    }

    #[test]
    fn of_any_other_model_little_is_assumed() {
        for name in ["", "my-own-model", "claude", "gpt", "x/claude"] {
            assert_eq!(find(name), UNKNOWN, "{name}");
        }
    }

    #[test]
    fn every_row_can_be_reached_and_leaves_room_for_a_question() {
        for (at, (pattern, _, window, max_output)) in MODELS.iter().enumerate() {
            let name = pattern.trim_end_matches('*');
            let hidden = MODELS[..at]
                .iter()
                .find(|(earlier, ..)| name.starts_with(earlier.trim_end_matches('*')));
            assert!(hidden.is_none(), "{pattern} is hidden by {hidden:?}");
            assert!(max_output <= window, "{pattern}");
        }
    }
}
