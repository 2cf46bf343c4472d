//! Providers as the configuration describes them, each with its layers, made when it is first asked.

use std::sync::Arc;
use std::time::Duration;

use super::super::{App, blocking};
use crate::ai::middleware::cost::{Caps, MicroUsd, Tariff};
use crate::ai::middleware::{Settings, cache, cost, retry, stack};
use crate::ai::openai::Protocol;
use crate::ai::provider::Provider;
use crate::ai::{self, Kind};
use crate::config::{Config, ProviderConfig, ProviderKind, Secret};
use crate::error::{Error, Result};

/// Where the providers are that have a name of their own.
const OPENAI: &str = "https://api.openai.com/v1";
const OLLAMA: &str = "http://localhost:11434";

impl App {
    /// A provider by its name, with its layers; the same one for all tasks.
    pub(super) async fn provider(&self, name: &str) -> Result<Arc<dyn Provider>> {
        if let Some(made) = self.asking.providers().get(name) {
            return Ok(made.clone());
        }
        let described = Described::of(&self.config, name)?;
        let (env, key_name) = (self.asking.env, described.key_name);
        // A command may take a while.
        let key = blocking(move || {
            let key = described.key.map(|key| key.reveal(&key_name, &env));
            key.transpose()
        });
        let key = key.await??;
        let provider = ai::build(ai::Settings {
            name: name.to_owned(),
            kind: described.kind,
            base_url: described.base_url,
            key,
            limits: described.kind.limits(),
        })?;
        let provider = stack(provider, &self.settings_of(name), self.services()?);
        let mut made = self.asking.providers();
        Ok(made.entry(name.to_owned()).or_insert(provider).clone())
    }

    /// What is decided for a provider.
    pub(super) fn settings_of(&self, name: &str) -> Settings {
        let config = &self.config;
        let described = Described::of(config, name);
        let (base_url, tariff) = match described {
            Ok(described) => {
                let tariff = described.tariff(name);
                (described.base_url, tariff)
            }
            Err(_) => (String::new(), Tariff::Said),
        };
        let own = config.caching.per_provider.get(name);
        let own = own.cloned().unwrap_or_default();
        let ttl = own.ttl_seconds.unwrap_or(config.caching.ttl_seconds);
        let dollars = |amount: f64| MicroUsd((amount * 1e6).round() as u64);
        let limits = &config.cost_limits;
        Settings {
            base_url,
            cache: cache::Settings {
                enabled: config.caching.enabled && own.enabled.unwrap_or(true),
                ttl: Duration::from_secs(ttl.into()),
            },
            cost: cost::Settings {
                tariff,
                caps: Caps {
                    daily: Some(dollars(limits.daily)),
                    monthly: Some(dollars(limits.monthly)),
                },
                confirm_above: Some(dollars(limits.confirm_above)),
                allow_unknown: limits.allow_unknown,
            },
            retry: retry::Settings {
                most: match config.retry.enabled {
                    true => config.retry.max_retries,
                    false => 0,
                },
                first: Duration::from_millis(config.retry.initial_delay_ms.into()),
                longest: Duration::from_millis(config.retry.max_delay_ms.into()),
            },
        }
    }
}

/// A provider as the configuration describes it.
#[derive(Debug)]
pub(super) struct Described {
    kind: Kind,
    pub(super) base_url: String,
    pub(super) key: Option<Secret>,
    /// How the configuration calls the key.
    pub(super) key_name: String,
}

impl Described {
    pub(super) fn of(config: &Config, name: &str) -> Result<Self> {
        let own = config.providers.text.named.get(name);
        let own = own.cloned().unwrap_or_default();
        let usual = match name {
            "claude" => ProviderConfig {
                kind: Some(ProviderKind::Claude),
                base_url: Some(config.claude_base_url.clone()),
                api_key: Some(config.claude_api_key.clone()),
                model: None,
            },
            "openai" => ProviderConfig {
                kind: Some(ProviderKind::Openai),
                base_url: Some(OPENAI.into()),
                api_key: Some(Secret::new("${OPENAI_API_KEY}")),
                model: None,
            },
            "ollama" => ProviderConfig {
                kind: Some(ProviderKind::Ollama),
                base_url: Some(OLLAMA.into()),
                ..ProviderConfig::default()
            },
            _ => ProviderConfig::default(),
        };
        let path = format!("providers.text.{name}");
        let base_url = own.base_url.or(usual.base_url).ok_or_else(|| {
            Error::config(format!("nothing is said of the provider '{name}'"))
                .hint(format!("set {path}.base_url and {path}.model"))
        })?;
        let kind = match own.kind.or(usual.kind) {
            Some(ProviderKind::Claude) => Kind::Claude,
            Some(ProviderKind::Openai) => Kind::OpenAi(Protocol::Responses),
            Some(ProviderKind::OpenaiChat) | None => Kind::OpenAi(Protocol::Chat),
            Some(ProviderKind::Ollama) => Kind::Ollama,
        };
        let key_name = match (name, &own.api_key) {
            ("claude", None) => "claude_api_key".to_owned(),
            _ => format!("{path}.api_key"),
        };
        Ok(Self {
            key: own.api_key.or(usual.api_key),
            kind,
            base_url,
            key_name,
        })
    }

    /// Who says what it costs: of the makers of models there is a table, and what runs on this machine
    /// is free.
    fn tariff(&self, name: &str) -> Tariff {
        match (name, self.kind) {
            ("claude", Kind::Claude) | ("openai", Kind::OpenAi(_)) => Tariff::Listed,
            (_, Kind::Ollama) => Tariff::Free,
            _ if ai::http::is_this_machine(&self.base_url) => Tariff::Free,
            _ => Tariff::Said,
        }
    }
}
