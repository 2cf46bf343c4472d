//! Which providers there are, where their keys are, and who does which task; asks nobody.

use serde::Serialize;

use super::super::App;
use super::door::Described;
use super::roles::{Choice, LOCAL, is_usual, known, model_of, provider_of};
use crate::ai::middleware::cost::Known;
use crate::config::{Change, Edited, Whereabouts, change};
use crate::error::{Error, Result};

/// The tasks that the product has by itself.
const TASKS: [&str; 5] = ["suggest", "apply", "complete", "ask", "title"];

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
    /// The names of who may be asked, `local` among them.
    pub fn provider_names(&self) -> Vec<String> {
        known(&self.config).into_iter().map(Into::into).collect()
    }

    /// All providers that are known by name, the usual ones first.
    pub fn known_providers(&self) -> Vec<KnownProvider> {
        let tasks = self.known_tasks();
        let default = self.who("", &Choice::default());
        let asked = tasks.iter().map(|task| &task.provider).chain([&default]);
        let mut names = known(&self.config);
        names.retain(|name| *name != LOCAL);
        for name in asked {
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
        let plain = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
        if name.is_empty() || name == "default" || !name.bytes().all(plain) {
            let message = format!("'{name}' can't be the name of a provider");
            return Err(Error::invalid(message).hint("use letters, digits, - and _"));
        }
        let mut changes = Vec::new();
        // What stands under `default` goes before `ai_provider`.
        if is_usual(name) && self.config.providers.text.default.is_empty() {
            changes.push(Change::new(&["ai_provider"], name));
        } else {
            changes.push(Change::new(&["providers", "text", "default"], name));
        }
        for (key, value) in [("base_url", base_url), ("model", model)] {
            if !value.is_empty() {
                changes.push(Change::new(&["providers", "text", name, key], value));
            }
        }
        let known = self.config.providers.text.named.contains_key(name);
        if !is_usual(name) && !known && base_url.is_empty() {
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

#[cfg(test)]
mod tests {
    use std::path::Path;

    use tempfile::TempDir;

    use super::*;
    use crate::app::Boot;

    fn app(config: &str) -> (TempDir, App) {
        let home = tempfile::tempdir().unwrap();
        let config = format!("version: 1\n{config}");
        std::fs::write(home.path().join("config.yaml"), config).unwrap();
        let boot = Boot {
            home: home.path().to_owned(),
            user_home: None,
            env: |name| match name {
                "PROMPTSTACK_NO_STARTER" => Some("1".into()),
                "OPENAI_API_KEY" => Some("sk-test".into()),
                _ => None,
            },
        };
        let opened = App::open(&boot, Path::new("/"), serde_json::Value::Null);
        (home, opened.app)
    }

    const SOME: &str = "ai_provider: claude\nroles: { mine: { provider: other }, ask: { provider: local } }\n\
        providers: { text: { mine: { model: m, base_url: 'https://h/v1', api_key: { cmd: [pass] } } } }\n";

    #[test]
    fn what_is_known_is_told_without_asking_anybody() {
        let (_home, app) = app(SOME);
        let told = |it: &KnownProvider| {
            let model = it.model.as_deref().unwrap_or("-");
            let marks = (it.is_default, it.is_configured);
            format!("{} {model} {:?} {} {marks:?}", it.name, it.key, it.key_name)
        };
        let providers: Vec<String> = app.known_providers().iter().map(told).collect();
        assert_eq!(
            providers,
            [
                r#"claude claude-sonnet-5-5 Unset("ANTHROPIC_API_KEY") claude_api_key (true, true)"#,
                r#"openai - Variable("OPENAI_API_KEY") providers.text.openai.api_key (false, false)"#,
                "ollama - Nowhere providers.text.ollama.api_key (false, false)",
                r#"mine m Command("pass") providers.text.mine.api_key (false, true)"#,
                "other - Nowhere providers.text.other.api_key (false, true)",
            ]
        );
        let tasks = app.known_tasks().into_iter();
        let tasks = tasks.map(|it| format!("{} {} {:?}", it.name, it.provider, it.model));
        let sonnet = r#"Some("claude-sonnet-5-5")"#;
        assert_eq!(
            tasks.collect::<Vec<_>>(),
            [
                format!("suggest claude {sonnet}"),
                format!("apply claude {sonnet}"),
                format!("complete claude {sonnet}"),
                "ask local None".into(),
                format!("title claude {sonnet}"),
                "mine other None".into(),
            ]
        );
    }

    #[tokio::test]
    async fn a_price_has_a_date_where_it_is_of_the_table_and_is_never_guessed() {
        let (_home, app) = app(SOME);
        let price = |provider: &str, model: &str| app.price(provider, model).unwrap();
        let listed = price("claude", "claude-opus-5-5").unwrap();
        assert_eq!((listed.input, listed.output), (4_000_000, 20_000_000));
        assert_eq!(listed.looked_up.as_deref(), Some("2026-11-21"));
        assert_eq!(price("claude", "unheard-of"), None);
        assert_eq!(price("mine", "claude-opus-5-5"), None);
        assert_eq!(price("ollama", "llama3").map(|it| it.input), Some(0));
    }

    #[test]
    fn a_choice_is_written_where_it_holds() {
        let named = "providers: { text: { default: mine, mine: { model: m, base_url: 'https://h/v1' } } }\n";
        for (config, choice, expected) in [
            ("", ("claude", "", ""), Ok("\nai_provider: claude\n")),
            ("", ("local", "", ""), Ok("\nai_provider: local\n")),
            (named, ("claude", "", ""), Ok("{ default: claude, mine:")),
            (named, ("mine", "n", ""), Ok("mine: { model: n,")),
            (
                "",
                ("mine", "m", "https://h/v1"),
                Ok(
                    "\nproviders:\n  text:\n    mine:\n      model: m\n      base_url: \"https://h/v1\"\n    default: mine\n",
                ),
            ),
            (
                "",
                ("mine", "m", ""),
                Err("nobody knows where 'mine' is (give its address, https://… up to /v1)"),
            ),
            (
                "",
                ("mine", "m", "h"),
                Err("'h' is no address (it begins with https:// or http://)"),
            ),
            (
                "",
                ("a b", "", ""),
                Err("'a b' can't be the name of a provider (use letters, digits, - and _)"),
            ),
            (
                "",
                ("default", "", ""),
                Err("'default' can't be the name of a provider (use letters, digits, - and _)"),
            ),
        ] {
            let (home, app) = app(config);
            let (name, model, base_url) = choice;
            let chosen = app.choose(name, model, base_url);
            let text = std::fs::read_to_string(home.path().join("config.yaml")).unwrap();
            match expected {
                Ok(part) => {
                    assert!(matches!(chosen, Ok(Edited::Written(_))), "{chosen:?}");
                    assert!(text.contains(part), "{choice:?}: {text}");
                }
                Err(message) => {
                    assert_eq!(chosen.unwrap_err().to_string(), message);
                    assert_eq!(text, format!("version: 1\n{config}"));
                }
            }
        }
    }
}
