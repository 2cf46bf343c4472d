//! Which providers there are, where their keys are, and who does which task; asks nobody.

use serde::Serialize;

use super::super::App;
use super::door::Described;
use super::roles::{Choice, LOCAL, model_of, provider_of};
use crate::ai::middleware::cost::Known;
use crate::config::{Change, Edited, Whereabouts, change};
use crate::error::{Error, Result};

/// The tasks that the product has by itself.
const TASKS: [&str; 5] = ["suggest", "apply", "complete", "ask", "title"];

/// The providers that need no description.
const USUAL: [&str; 3] = ["claude", "openai", "ollama"];

/// A provider as far as the configuration tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownProvider {
    /// Its name.
    pub name: String,
    /// Where it is; none when that is not said.
    pub base_url: Option<String>,
    /// The model that it is asked for unless a task names another; none when there is none.
    pub model: Option<String>,
    /// Where its key is.
    pub key: Whereabouts,
    /// How the configuration calls its key.
    pub key_name: String,
    /// Whether it is the one that is asked unless a task names another.
    pub is_default: bool,
    /// Whether the configuration says something of it, or has it asked.
    pub is_configured: bool,
}

/// Who does a task.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownTask {
    /// The task.
    pub name: String,
    /// The provider, or `local` for nobody.
    pub provider: String,
    /// The model; none for nobody, or when none is said.
    pub model: Option<String>,
}

/// What a model costs, in micro-dollars per million tokens.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PerMillion {
    /// For the question.
    pub input: u64,
    /// For the answer.
    pub output: u64,
    /// The day on which the table's price was looked up; none for what the person says.
    pub looked_up: Option<String>,
}

impl App {
    /// All providers that are known by name, the usual ones first.
    pub fn known_providers(&self) -> Vec<KnownProvider> {
        let tasks = self.known_tasks();
        let default = self.who("", &Choice::default());
        let named = self.config.providers.text.named.keys();
        let asked = tasks.iter().map(|task| &task.provider).chain([&default]);
        let mut names: Vec<&str> = USUAL.to_vec();
        for name in named.chain(asked) {
            if name != LOCAL && !names.contains(&name.as_str()) {
                names.push(name);
            }
        }
        let known = names.into_iter().map(|name| {
            let said = self.config.providers.text.named.contains_key(name);
            let asked = tasks.iter().any(|task| task.provider == name);
            let is_default = name == default;
            let is_configured = said || asked || is_default;
            self.known_provider(name, is_default, is_configured)
        });
        known.collect()
    }

    fn known_provider(&self, name: &str, is_default: bool, is_configured: bool) -> KnownProvider {
        let described = Described::of(&self.config, name).ok();
        let key = described.as_ref().and_then(|it| it.key.as_ref());
        let key = key.map_or(Whereabouts::Nowhere, |key| {
            key.whereabouts(&self.asking.env)
        });
        let choice = Choice {
            provider: Some(name.to_owned()),
            model: None,
        };
        let model = model_of(&self.config, "", &choice, name);
        KnownProvider {
            name: name.to_owned(),
            model: model.ok(),
            key,
            key_name: match &described {
                Some(described) => described.key_name.clone(),
                None => format!("providers.text.{name}.api_key"),
            },
            base_url: described.map(|it| it.base_url),
            is_default,
            is_configured,
        }
    }

    /// All tasks, the product's own first, then those of the configuration.
    pub fn known_tasks(&self) -> Vec<KnownTask> {
        let own = self.config.roles.keys().map(String::as_str);
        let own = own.filter(|name| !TASKS.contains(name));
        let task = |name: &str| {
            let choice = Choice::default();
            let provider = provider_of(&self.config, name, &choice);
            let model = match provider.as_str() {
                LOCAL => None,
                _ => model_of(&self.config, name, &choice, &provider).ok(),
            };
            KnownTask {
                name: name.to_owned(),
                provider,
                model,
            }
        };
        TASKS.into_iter().chain(own).map(task).collect()
    }

    /// What a model costs at a provider; none when nobody knows.
    ///
    /// # Errors
    /// `internal` when the table of prices is damaged.
    pub fn price(&self, provider: &str, model: &str) -> Result<Option<PerMillion>> {
        let prices = &self.services()?.prices;
        let tariff = self.settings_of(provider).cost;
        Ok(match tariff.price(prices, provider, model) {
            // A micro-dollar for a million tokens is a picodollar for one.
            Known::Priced(price) => Some(PerMillion {
                input: price.rates.input,
                output: price.rates.output,
                looked_up: match prices.said(provider, model) {
                    Some(_) => None,
                    None => prices.looked_up(model).map(str::to_owned),
                },
            }),
            Known::Free => Some(PerMillion {
                input: 0,
                output: 0,
                looked_up: None,
            }),
            Known::Unknown => None,
        })
    }

    /// Writes into the person's file who is asked; it holds from the next start on. Blocking.
    ///
    /// # Errors
    /// `invalid_input` for a name or an address that can't be one, `unavailable` when the file can't be
    /// changed.
    pub fn choose(&self, name: &str, model: &str, base_url: &str) -> Result<Edited> {
        let text = |key| Change::new(&["providers", "text", name, key], "");
        let plain = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
        if name.is_empty() || name == "default" || !name.bytes().all(plain) {
            let message = format!("'{name}' can't be the name of a provider");
            return Err(Error::invalid(message).hint("use letters, digits, - and _"));
        }
        let is_usual = USUAL.contains(&name) || name == LOCAL;
        let mut changes = Vec::new();
        // What stands under `default` goes before `ai_provider`.
        if is_usual && self.config.providers.text.default.is_empty() {
            changes.push(Change::new(&["ai_provider"], name));
        } else {
            changes.push(Change::new(&["providers", "text", "default"], name));
        }
        for (key, value) in [("base_url", base_url), ("model", model)] {
            if !value.is_empty() {
                changes.push(Change {
                    value: value.to_owned(),
                    ..text(key)
                });
            }
        }
        let known = self.config.providers.text.named.contains_key(name);
        if !is_usual && !known && base_url.is_empty() {
            return Err(Error::invalid(format!("nobody knows where '{name}' is"))
                .hint("give its address, https://… up to /v1"));
        }
        if !base_url.is_empty()
            && !base_url.starts_with("https://")
            && !base_url.starts_with("http://")
        {
            return Err(Error::invalid(format!("'{base_url}' is no address"))
                .hint("it begins with https:// or http://"));
        }
        change(&self.home.join("config.yaml"), &changes)
    }
}
