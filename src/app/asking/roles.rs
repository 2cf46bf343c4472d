//! Who does a task: what is said with the call goes before the role, and the role before the rest. Pure.

use std::sync::Arc;

use super::super::App;
use crate::ai::claude;
use crate::ai::middleware::Settings;
use crate::ai::provider::{Effort, Message, Provider, Request, Schema};
use crate::config::{AiProvider, Config, EffortWord, RoleConfig};
use crate::error::{Error, Result};
use crate::tokens::models;

/// The provider that is nobody: the checks that need no network.
pub const LOCAL: &str = "local";

/// Claude's model when `model` names one of somebody else's.
const CLAUDE: &str = "claude-sonnet-5-5";

/// What one call wants otherwise than its role.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Choice {
    /// The provider, by its name.
    pub provider: Option<String>,
    /// The model.
    pub model: Option<String>,
}

/// Who does a task, and how.
pub struct Assigned {
    /// The provider's name in the configuration.
    pub provider: String,
    /// The model.
    pub model: String,
    /// The longest answer in tokens.
    pub max_tokens: u32,
    role: String,
    temperature: Option<f64>,
    effort: Option<Effort>,
    pub(super) asked: Arc<dyn Provider>,
    pub(super) settings: Settings,
}

impl Assigned {
    /// The address that is asked.
    pub fn base_url(&self) -> &str {
        &self.settings.base_url
    }

    /// A request for the task, without a schema, that may be answered from memory and is not confirmed.
    pub fn request(&self, system: impl Into<String>, messages: Vec<Message>) -> Request {
        Request {
            model: self.model.clone(),
            role: self.role.clone(),
            system: system.into(),
            messages,
            max_tokens: self.max_tokens,
            temperature: self.temperature,
            effort: self.effort,
            schema: None::<Schema>,
            fresh: false,
            private: false,
            confirmed: false,
        }
    }
}

impl App {
    /// Who would do a task: the name of a provider, or `local` for nobody.
    pub fn who(&self, role: &str, choice: &Choice) -> String {
        provider_of(&self.config, role, choice)
    }

    /// Who does a task, ready to be asked.
    ///
    /// # Errors
    /// `config` when nobody is configured or something is missing, `auth` without a key.
    pub async fn assign(&self, role: &str, choice: &Choice) -> Result<Assigned> {
        let provider = self.who(role, choice);
        if provider == LOCAL {
            return Err(Error::config("no model is configured to be asked")
                .hint("set ai_provider in config.yaml, :Prompt setup shows how"));
        }
        let model = model_of(&self.config, role, choice, &provider)?;
        let asked = self.provider(&provider).await?;
        let settings = self.settings_of(&provider);
        let own = self.config.roles.get(role).cloned().unwrap_or_default();
        let most = models::find(&model).max_output.0;
        Ok(Assigned {
            max_tokens: own
                .max_tokens
                .unwrap_or_else(|| usual_length(role).min(most)),
            role: role.to_owned(),
            temperature: own.temperature,
            effort: own.effort.map(|effort| match effort {
                EffortWord::Low => Effort::Low,
                EffortWord::Medium => Effort::Medium,
                EffortWord::High => Effort::High,
            }),
            provider,
            model,
            asked,
            settings,
        })
    }
}

/// Who needs no description.
const USUAL: [AiProvider; 4] = [
    AiProvider::Claude,
    AiProvider::OpenAi,
    AiProvider::Ollama,
    AiProvider::Local,
];

/// Whether a name stands for somebody without a description.
pub(super) fn is_usual(name: &str) -> bool {
    USUAL.iter().any(|usual| usual.word() == name)
}

/// The names that a provider may be called by, the usual ones first.
pub(in crate::app) fn known(config: &Config) -> Vec<&str> {
    let usual = USUAL.map(AiProvider::word).into_iter();
    let named = config.providers.text.named.keys().map(String::as_str);
    usual.chain(named.filter(|name| !is_usual(name))).collect()
}

pub(super) fn provider_of(config: &Config, role: &str, choice: &Choice) -> String {
    let own = config
        .roles
        .get(role)
        .and_then(|role| role.provider.as_ref());
    let default = match config.providers.text.default.as_str() {
        "" => config.ai_provider.word(),
        named => named,
    };
    let chosen = choice.provider.as_ref().or(own).cloned();
    chosen.unwrap_or_else(|| default.to_owned())
}

pub(super) fn model_of(
    config: &Config,
    role: &str,
    choice: &Choice,
    provider: &str,
) -> Result<String> {
    // A role's model is one of its provider's.
    let without = Choice::default();
    let of_role = |own: &RoleConfig| match provider_of(config, role, &without) == provider {
        true => own.model.clone(),
        false => None,
    };
    let own = config.roles.get(role).and_then(of_role);
    let named = config.providers.text.named.get(provider);
    let named = named.and_then(|it| it.model.clone());
    let found = choice.model.clone().or(own).or(named);
    if let Some(model) = found.filter(|model| !model.is_empty()) {
        return Ok(model);
    }
    if provider == AiProvider::Claude.word() {
        let model = match claude::serves(&config.model) {
            true => config.model.as_str(),
            false => CLAUDE,
        };
        return Ok(model.to_owned());
    }
    Err(Error::config(format!("no model is said for {provider}"))
        .hint(format!("set providers.text.{provider}.model")))
}

/// The longest answer that a task usually has, in tokens.
fn usual_length(role: &str) -> u32 {
    match role {
        "complete" | "title" => 300,
        _ => 4_000,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::ProviderConfig;

    fn config() -> Config {
        let mut config = Config {
            ai_provider: AiProvider::Claude,
            ..Config::default()
        };
        let role = |provider: Option<&str>, model: Option<&str>| RoleConfig {
            provider: provider.map(Into::into),
            model: model.map(Into::into),
            ..RoleConfig::default()
        };
        config.roles = [
            ("suggest", role(Some("openai"), Some("gpt-6-sol"))),
            ("ask", role(None, Some("claude-opus-5-5"))),
            ("title", role(Some("ollama"), None)),
            ("complete", role(Some("nobody"), None)),
        ]
        .map(|(name, role)| (name.into(), role))
        .into();
        let named = |model: &str| ProviderConfig {
            model: Some(model.into()),
            ..ProviderConfig::default()
        };
        config.providers.text.named = [("ollama", named("llama3")), ("openai", named("gpt-6"))]
            .map(|(name, it)| (name.into(), it))
            .into();
        config
    }

    #[test]
    fn a_call_goes_before_its_role_and_a_role_before_the_default() {
        let config = config();
        let choice = |provider: Option<&str>, model: Option<&str>| Choice {
            provider: provider.map(Into::into),
            model: model.map(Into::into),
        };
        for (role, call, expected) in [
            ("suggest", choice(None, None), Ok("openai gpt-6-sol")),
            ("suggest", choice(None, Some("x")), Ok("openai x")),
            ("suggest", choice(Some("ollama"), None), Ok("ollama llama3")),
            (
                "suggest",
                choice(Some("claude"), None),
                Ok("claude claude-sonnet-5-5"),
            ),
            ("ask", choice(None, None), Ok("claude claude-opus-5-5")),
            ("ask", choice(Some("openai"), None), Ok("openai gpt-6")),
            ("title", choice(None, None), Ok("ollama llama3")),
            ("mine", choice(None, None), Ok("claude claude-sonnet-5-5")),
            (
                "complete",
                choice(None, None),
                Err("no model is said for nobody (set providers.text.nobody.model)"),
            ),
        ] {
            let provider = provider_of(&config, role, &call);
            let model = model_of(&config, role, &call, &provider);
            let found = model.map(|model| format!("{provider} {model}"));
            let found = found.map_err(|error| error.to_string());
            let found = found.as_deref().map_err(String::as_str);
            assert_eq!(found, expected, "{role} {call:?}");
        }
    }

    #[test]
    fn the_default_provider_goes_before_ai_provider_which_is_nobody_at_first() {
        let none = Choice::default();
        assert_eq!(provider_of(&Config::default(), "ask", &none), LOCAL);
        let mut config = config();
        assert_eq!(provider_of(&config, "mine", &none), "claude");
        config.providers.text.default = "openai".into();
        assert_eq!(provider_of(&config, "mine", &none), "openai");
    }

    #[test]
    fn claude_is_not_asked_for_somebody_elses_model() {
        let mut config = config();
        config.model = "gpt-6-sol".into();
        let model = model_of(&config, "mine", &Choice::default(), "claude");
        assert_eq!(model.unwrap(), CLAUDE);
    }
}
