//! The typed configuration: where its values come from, how they are checked, and what to say when
//! one is wrong.
//!
//! [`Config`] is the one place where a key has its name, documentation, default and limits. The
//! commented file that a first run writes, the allowed values in messages and the types for Lua are
//! all rendered from it. [`load()`] reads no environment and no current directory: it gets them as
//! [`Inputs`], and [`Environment`] is the only thing that asks the process.

mod check;
mod edit;
mod expand;
mod fields;
mod home;
mod load;
mod locate;
mod migrate;
mod nearest;
mod secret;
mod size;
mod store;
mod template;
mod tree;
mod trust;

pub use edit::{Change, Edited, change};
pub use expand::Lookup;
pub use fields::{Field, Kind, fields, schema};
pub use home::{Created, Environment, ensure_folder, ensure_home};
pub use load::{Inputs, Loaded, ProjectFile, load, peek, read_project_file};
pub use migrate::CURRENT_VERSION;
pub(crate) use nearest::nearest;
pub use secret::{Key, Secret, Whereabouts};
pub use size::{Bytes, NotASize};
pub use template::template;
pub use trust::{TrustStore, hash as content_hash};

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::PathBuf;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

/// Defines groups of options, so that a key's name, documentation, limits, type and default are
/// written once, in one line each.
macro_rules! options {
    ($(
        $(#[$meta:meta])*
        pub struct $group:ident {
            $( $(#[$field_meta:meta])* pub $field:ident: $type:ty = $default:expr, )*
        }
    )*) => {$(
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
        #[serde(default)]
        pub struct $group { $( $(#[$field_meta])* pub $field: $type, )* }

        impl Default for $group {
            fn default() -> Self {
                Self { $( $field: $default, )* }
            }
        }
    )*};
}

mod models;

pub use models::{
    AiProvider, CacheBackend, CacheOverride, CachingConfig, CostLimitsConfig, EffortWord,
    GlobalRate, ProviderConfig, ProviderKind, ProviderRate, ProvidersConfig, RateLimitingConfig,
    RetryConfig, RoleConfig, TextProviders, WhenExceeded,
};

options! {
    /// Everything a person can set, in the order of the commented file.
    ///
    /// Paths in a default are relative to the home folder (`~/.promptstack`); [`load()`] makes them
    /// absolute.
    pub struct Config {
        /// The version of this file, managed by promptstack.
        #[schemars(range(min = 0))]
        pub version: u32 = CURRENT_VERSION,
        /// Where compositions, the index and other data are kept.
        #[schemars(with = "PathSchema", extend("x-env" = "PROMPTSTACK_DATA_DIR"))]
        pub data_dir: PathBuf = "data".into(),
        /// Accepted for compatibility; Neovim has its own modes.
        pub vim_mode: bool = false,
        /// The model that compositions are written for: its context window is what they are
        /// measured against.
        pub model: String = "claude-sonnet-5-5".into(),
        /// The key for Claude, best as a variable; used only when you ask something of Claude. A
        /// project's file can't set it.
        #[schemars(extend("x-personal" = true))]
        pub claude_api_key: Secret = Secret::new("${ANTHROPIC_API_KEY}"),
        /// Where Claude is, which gets the key; a gateway of your own for example. A project's file
        /// can't set it.
        #[schemars(extend("x-personal" = true))]
        pub claude_base_url: String = "https://api.anthropic.com".into(),
        /// Who is asked for suggestions and answers: `local` asks nobody, and only the checks that need
        /// no network look at a composition.
        pub ai_provider: AiProvider = AiProvider::Local,
        /// Where the index of the history is kept.
        pub storage: Storage = Storage::Sqlite,
        /// The index of the history, when `storage` is sqlite.
        #[schemars(with = "PathSchema")]
        pub database_path: PathBuf = "data/history.db".into(),
        /// The prompt library.
        pub library: LibraryConfig = LibraryConfig::default(),
        /// What you compose is saved as you type.
        pub history: HistoryConfig = HistoryConfig::default(),
        /// Tokens of a composition against the model's context window.
        pub tokens: TokensConfig = TokensConfig::default(),
        /// What a composition is looked through for.
        pub review: ReviewConfig = ReviewConfig::default(),
        /// Providers of models beside Claude, and which one is asked.
        pub providers: ProvidersConfig = ProvidersConfig::default(),
        /// Tasks by their names, each with `provider`, `model`, `temperature` or `effort`, and
        /// `max_tokens`: `suggest`, `apply`, `complete`, `ask` and your own.
        pub roles: BTreeMap<String, RoleConfig> = BTreeMap::new(),
        /// Answers that were given before, so that they are not paid for twice.
        pub caching: CachingConfig = CachingConfig::default(),
        /// How often models are asked at most.
        pub rate_limiting: RateLimitingConfig = RateLimitingConfig::default(),
        /// What may be spent on models, in dollars. A project's file can't set it.
        pub cost_limits: CostLimitsConfig = CostLimitsConfig::default(),
        /// Asking again what may succeed later.
        pub retry: RetryConfig = RetryConfig::default(),
        /// Where a composition may be handed over to.
        pub send: SendConfig = SendConfig::default(),
        /// The log: JSON lines, never with the text of a prompt.
        pub logging: LoggingConfig = LoggingConfig::default(),
    }

    /// The prompt library.
    pub struct LibraryConfig {
        /// Further folders of prompts, after your own and the project's; relative ones start at
        /// the folder of the file that names them.
        #[schemars(with = "Vec<PathSchema>")]
        pub paths: Vec<PathBuf> = Vec::new(),
        /// Larger files are reported and not read.
        #[schemars(range(min = 1024, max = 1_073_741_824))]
        pub max_file_size: Bytes = Bytes(1 << 20),
        /// Whether every prompt is checked when the host starts.
        pub validate_on_startup: bool = true,
    }

    /// What you compose is saved as you type.
    pub struct HistoryConfig {
        /// A composition is saved this many milliseconds after its last change.
        #[schemars(range(min = 100, max = 10_000))]
        pub autosave_ms: u32 = 500,
        /// Buffers whose path matches one of these globs are composed without being kept.
        pub exclude: Vec<String> = Vec::new(),
    }

    /// Tokens of a composition against the model's context window.
    pub struct TokensConfig {
        /// A composition that takes more than this percentage of the window is marked.
        #[schemars(range(min = 1, max = 100))]
        pub warn_at: u32 = 15,
        /// A composition that takes more than this percentage of a window of 32,000 tokens or more
        /// is not sent to a model.
        #[schemars(range(min = 1, max = 100))]
        pub refuse_at: u32 = 25,
        /// The context window in tokens; 0 takes the one that is known for the model.
        #[schemars(range(min = 0, max = 100_000_000))]
        pub window: u32 = 0,
    }

    /// What a composition is looked through for.
    pub struct ReviewConfig {
        /// Local checks that are switched off, by their names.
        pub off: Vec<String> = Vec::new(),
        /// Whether your compositions of the last 30 days may go along too, where they fit; a model that
        /// reviews reads them then.
        #[schemars(extend("x-personal" = true))]
        pub history: bool = false,
    }

    /// Where a composition may be handed over to.
    pub struct SendConfig {
        /// Programs that take a composition on their standard input, by the name to send to; each
        /// is a list of the program and its arguments, started without a shell.
        #[schemars(extend("x-personal" = true))]
        pub commands: BTreeMap<String, Vec<String>> = BTreeMap::new(),
    }

    /// The log: JSON lines, never with the text of a prompt.
    pub struct LoggingConfig {
        /// The least important events that are written.
        #[schemars(extend("x-env" = "PROMPTSTACK_LOG_LEVEL"))]
        pub level: LogLevel = LogLevel::Info,
        /// The file that the log is written to.
        #[schemars(with = "PathSchema")]
        pub file: PathBuf = "logs/promptstack.log".into(),
        /// The size at which a new file is begun.
        #[schemars(range(min = 65_536, max = 1_073_741_824))]
        pub max_size: Bytes = Bytes(10 << 20),
        /// How many older files are kept.
        #[schemars(range(min = 0, max = 100))]
        pub max_backups: u32 = 3,
    }
}

/// Tells a path from other text in the schema: every field that holds a path names it, or `~` and
/// relative paths are not resolved there.
struct PathSchema;

impl JsonSchema for PathSchema {
    fn schema_name() -> Cow<'static, str> {
        "Path".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "format": "path" })
    }
}

/// How much is logged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum LogLevel {
    /// Only what failed.
    Error,
    /// Also what may fail later.
    Warn,
    /// Also what happened.
    Info,
    /// Also how it happened.
    Debug,
    /// Everything.
    Trace,
    /// Nothing.
    Off,
}

/// Where the index of the history is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Storage {
    /// A file.
    Sqlite,
}
