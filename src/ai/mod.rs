//! The providers of models, asked over the network: only when a person asks for it, never by itself.
//!
//! The only room that knows HTTP. It gets its address and its key handed over, and reads neither the
//! configuration nor the environment.

use std::sync::Arc;
use std::time::Duration;

use self::claude::Claude;
use self::http::Limits;
use self::ollama::Ollama;
use self::openai::{OpenAi, Protocol};
use self::provider::Provider;
use self::service::Names;
use crate::config::Key;
use crate::error::{Error, Kind as ErrorKind, Result};

pub mod abilities;
pub mod allowance;
pub mod answer;
pub mod claude;
pub mod diff;
pub mod failure;
pub mod http;
pub mod lines;
pub mod local;
pub mod marks;
pub mod middleware;
pub mod ndjson;
pub mod ollama;
pub mod openai;
pub mod provider;
pub mod service;
pub mod sse;
pub mod suggestions;

/// All that a provider is made of.
#[derive(Debug)]
pub struct Settings {
    /// Its name in the configuration, such as `claude`.
    pub name: String,
    /// What it speaks.
    pub kind: Kind,
    /// Where it is.
    pub base_url: String,
    /// The key for it; Claude needs one.
    pub key: Option<Key>,
    /// How long one waits for it, and how much one reads.
    pub limits: Limits,
}

/// What a provider speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Claude's Messages API.
    Claude,
    /// One of OpenAI's protocols.
    OpenAi(Protocol),
    /// Ollama's own API.
    Ollama,
}

impl Kind {
    /// The usual limits: a local model may have to be loaded before it speaks.
    pub fn limits(self) -> Limits {
        let limits = Limits::default();
        match self {
            Kind::Claude | Kind::OpenAi(_) => limits,
            Kind::Ollama => Limits {
                first: Duration::from_secs(300),
                ..limits
            },
        }
    }
}

/// Makes a provider; nothing is connected yet.
///
/// # Errors
/// `config` when the address can't be used, `auth` when a key is needed and missing.
pub fn build(settings: Settings) -> Result<Arc<dyn Provider>> {
    let Settings {
        name,
        kind,
        base_url,
        key,
        limits,
    } = settings;
    let names = names(&name, kind);
    Ok(match kind {
        Kind::Claude => {
            let key = key.ok_or_else(|| {
                Error::new(ErrorKind::Auth, format!("{name} needs a key"))
                    .hint(format!("set {}, :Prompt setup shows how", names.key))
            })?;
            Arc::new(Claude::named(name, &base_url, key, limits, names)?)
        }
        Kind::OpenAi(protocol) => {
            Arc::new(OpenAi::new(name, protocol, &base_url, key, limits, names)?)
        }
        Kind::Ollama => Arc::new(Ollama::new(name, &base_url, key, limits, names)?),
    })
}

/// How the configuration calls what belongs to a provider.
fn names(name: &str, kind: Kind) -> Names {
    let (key, address) = match (name, kind) {
        ("claude", Kind::Claude) => ("claude_api_key".into(), "claude_base_url".into()),
        _ => (
            format!("providers.text.{name}.api_key"),
            format!("providers.text.{name}.base_url"),
        ),
    };
    Names { key, address }
}
