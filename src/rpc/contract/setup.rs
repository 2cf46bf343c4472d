//! The contract's types for choosing who is asked.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::SpendingLimit;

/// Who can be asked, and who is.
#[derive(Debug, Serialize, JsonSchema)]
pub struct SetupReply {
    /// The provider that is asked unless a task names another; `local` for nobody.
    pub default: String,
    /// The providers that are known by name.
    pub providers: Vec<SetupProvider>,
    /// Who does which task.
    pub tasks: Vec<SetupTask>,
    /// What may be spent today and this month; empty when the accounts can't be read.
    pub limits: Vec<SpendingLimit>,
}

/// A provider as far as the configuration tells; it was not asked.
#[derive(Debug, Serialize, JsonSchema)]
pub struct SetupProvider {
    /// Its name.
    pub name: String,
    /// Where it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub base_url: Option<String>,
    /// The model that it is asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// Whether there is a key, or a way to it.
    pub key: SetupKey,
    /// Where that is, in a few words; never the key.
    pub key_words: String,
    /// How the configuration calls its key.
    pub key_name: String,
    /// Whether the configuration says something of it, or has it asked.
    pub configured: bool,
}

/// Whether there is a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SetupKey {
    /// There is one, or a program that will be asked for it.
    Found,
    /// One is named and not there.
    Missing,
    /// None is named; a model on one's own machine needs none.
    None,
}

/// Who does a task.
#[derive(Debug, Serialize, JsonSchema)]
pub struct SetupTask {
    /// The task.
    pub name: String,
    /// The provider, or `local` for nobody.
    pub provider: String,
    /// The model; none for nobody, or when none is said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
}

/// Who is to be asked from now on.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct ChooseParams {
    /// The provider's name; `local` for nobody.
    pub provider: String,
    /// The model; empty leaves what is said.
    #[serde(default)]
    pub model: String,
    /// Where it is; empty leaves what is said.
    #[serde(default)]
    pub base_url: String,
}

/// What became of the configuration file.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ChooseReply {
    /// Whether it was changed; it holds from the next start of the host on.
    pub changed: bool,
    /// What the file was before, kept beside it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub backup: Option<String>,
    /// The lines to write by hand, when the file is too unusual to be changed safely; else none.
    pub by_hand: Vec<String>,
    /// The line of the file at which they belong, from 1.
    pub line: u32,
}

/// A provider that is asked which models it has.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct SetupModelsParams {
    /// Its name.
    pub provider: String,
}

/// The models of a provider.
#[derive(Debug, Serialize, JsonSchema)]
pub struct SetupModelsReply {
    /// Their ids.
    pub models: Vec<String>,
}
