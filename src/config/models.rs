//! The keys about models: who is asked, what for, what is kept of the answers and what may be spent.

use std::collections::BTreeMap;
use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{PathSchema, Secret};

options! {
    /// Providers of models beside Claude, and which one is asked.
    pub struct ProvidersConfig {
        /// Providers of text by their names, each with `kind`, `api_key`, `base_url` and `model`, and
        /// under `default` the name of the one that is asked. A project's file can't set them.
        #[schemars(extend("x-personal" = true))]
        pub text: TextProviders = TextProviders::default(),
    }

    /// A provider; what is left out is as usual for its name.
    pub struct ProviderConfig {
        /// What it speaks. Without it claude, openai and ollama are what they are called, and every
        /// other one is compatible with OpenAI's chat.
        pub kind: Option<ProviderKind> = None,
        /// Its key, best as `${VARIABLE}` or as a command: `{ cmd: [pass, show, openai] }`.
        pub api_key: Option<Secret> = None,
        /// Where it is, which gets the key.
        pub base_url: Option<String> = None,
        /// The model that is asked.
        pub model: Option<String> = None,
    }

    /// Who does a task, and how.
    pub struct RoleConfig {
        /// The provider, by its name.
        pub provider: Option<String> = None,
        /// The model.
        pub model: Option<String> = None,
        /// From 0, always the same, to 2; only some models take it.
        #[schemars(range(min = 0.0, max = 2.0))]
        pub temperature: Option<f64> = None,
        /// How long the model thinks.
        pub effort: Option<EffortWord> = None,
        /// The longest answer in tokens.
        #[schemars(range(min = 1, max = 1_000_000))]
        pub max_tokens: Option<u32> = None,
    }

    /// Answers that were given before, so that they are not paid for twice.
    pub struct CachingConfig {
        /// Whether any are kept.
        pub enabled: bool = true,
        /// Where they are kept.
        pub backend: CacheBackend = CacheBackend::File,
        /// The folder, when `backend` is file.
        #[schemars(with = "PathSchema", extend("x-personal" = true))]
        pub cache_dir: PathBuf = "cache".into(),
        /// For how many seconds.
        #[schemars(range(min = 1, max = 31_536_000))]
        pub ttl_seconds: u32 = 86_400,
        /// The most that is kept, in megabytes; the oldest go first.
        #[schemars(range(min = 1, max = 1_048_576))]
        pub max_cache_size_mb: u32 = 500,
        /// What is otherwise for a provider, by its name: `enabled`, `ttl_seconds`.
        pub per_provider: BTreeMap<String, CacheOverride> = BTreeMap::new(),
    }

    /// What is otherwise for a provider.
    pub struct CacheOverride {
        /// Whether its answers are kept.
        pub enabled: Option<bool> = None,
        /// For how many seconds.
        #[schemars(range(min = 1, max = 31_536_000))]
        pub ttl_seconds: Option<u32> = None,
    }

    /// How often models are asked at most.
    pub struct RateLimitingConfig {
        /// What becomes of a request that is one too many.
        pub when_exceeded: WhenExceeded = WhenExceeded::Wait,
        /// All providers together.
        pub global: GlobalRate = GlobalRate::default(),
        /// Each provider by its name: `requests_per_minute`, `tokens_per_hour`, and what a token costs
        /// in dollars where the table of prices does not know, `cost_per_input_token` and
        /// `cost_per_output_token`.
        #[schemars(extend("x-personal" = true))]
        pub providers: BTreeMap<String, ProviderRate> = BTreeMap::new(),
    }

    /// All providers together.
    pub struct GlobalRate {
        /// Requests in a minute, repeated ones counted.
        #[schemars(range(min = 1, max = 1_000_000))]
        pub requests_per_minute: u32 = 100,
        /// Tokens of questions and answers in an hour.
        #[schemars(range(min = 1, max = 1_000_000_000))]
        pub tokens_per_hour: u32 = 1_000_000,
    }

    /// One provider.
    pub struct ProviderRate {
        /// Requests in a minute, repeated ones counted.
        #[schemars(range(min = 1, max = 1_000_000))]
        pub requests_per_minute: Option<u32> = None,
        /// Tokens of questions and answers in an hour.
        #[schemars(range(min = 1, max = 1_000_000_000))]
        pub tokens_per_hour: Option<u32> = None,
        /// Dollars for a token of the question.
        #[schemars(range(min = 0.0, max = 1.0))]
        pub cost_per_input_token: Option<f64> = None,
        /// Dollars for a token of the answer.
        #[schemars(range(min = 0.0, max = 1.0))]
        pub cost_per_output_token: Option<f64> = None,
    }

    /// What may be spent on models, in dollars. A project's file can't set it.
    pub struct CostLimitsConfig {
        /// On one day.
        #[schemars(range(min = 0.0, max = 1_000_000.0), extend("x-personal" = true))]
        pub daily: f64 = 50.0,
        /// In one month.
        #[schemars(range(min = 0.0, max = 1_000_000.0), extend("x-personal" = true))]
        pub monthly: f64 = 500.0,
        /// A request that may cost more is sent only when you say so.
        #[schemars(range(min = 0.0, max = 1_000_000.0), extend("x-personal" = true))]
        pub confirm_above: f64 = 0.1,
        /// Whether models are asked whose price nobody knows; no limit holds for them.
        #[schemars(extend("x-personal" = true))]
        pub allow_unknown: bool = false,
    }

    /// Asking again what may succeed later.
    pub struct RetryConfig {
        /// Whether anything is asked again.
        pub enabled: bool = true,
        /// How often at most.
        #[schemars(range(min = 0, max = 10))]
        pub max_retries: u32 = 3,
        /// How long the first wait is, in milliseconds; each later one is twice as long.
        #[schemars(range(min = 1, max = 60_000))]
        pub initial_delay_ms: u32 = 1000,
        /// The longest wait in milliseconds, also when the provider asks for it.
        #[schemars(range(min = 1, max = 600_000))]
        pub max_delay_ms: u32 = 60_000,
    }
}

/// Providers of text by their names.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct TextProviders {
    /// The name of the one that is asked; empty for `ai_provider`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub default: String,
    /// All that something is said of.
    #[serde(flatten)]
    pub named: BTreeMap<String, ProviderConfig>,
}

/// Who is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum AiProvider {
    /// Claude.
    Claude,
    /// OpenAI.
    OpenAi,
    /// Ollama.
    Ollama,
    /// Nobody: the checks that need no network.
    Local,
}

impl AiProvider {
    /// Its name among the providers.
    pub fn word(self) -> &'static str {
        match self {
            AiProvider::Claude => "claude",
            AiProvider::OpenAi => "openai",
            AiProvider::Ollama => "ollama",
            AiProvider::Local => "local",
        }
    }
}

/// What a provider speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ProviderKind {
    /// Claude's Messages API.
    Claude,
    /// OpenAI's Responses API.
    Openai,
    /// Chat Completions, which most services speak.
    OpenaiChat,
    /// Ollama's own API.
    Ollama,
}

/// How long a model thinks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum EffortWord {
    /// Little.
    Low,
    /// As long as most do.
    Medium,
    /// Long.
    High,
}

/// Where answers are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum CacheBackend {
    /// In files, which all editors share.
    File,
    /// In memory, until the host ends.
    Memory,
}

/// What becomes of a request that is one too many.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum WhenExceeded {
    /// It waits for its turn.
    Wait,
    /// It is refused.
    Refuse,
}
