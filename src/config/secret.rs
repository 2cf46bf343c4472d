//! Keys and passwords: kept so that neither a message nor the log nor JSON can show one.

mod command;

use std::borrow::Cow;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize, Serializer};

use super::expand::{self, Lookup};
use crate::error::{Error, Kind, Result};

/// What stands for a secret that must not be seen.
const MASK: &str = "…";

/// A secret as the configuration has it: text, whose `${VAR}` is looked up when the secret is needed, so
/// that a variable that is not set is no error before; or a command that prints it.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub enum Secret {
    /// Itself, or the variables that hold it.
    Text(String),
    /// The program that prints it, with its arguments.
    Command {
        /// The program first.
        cmd: Vec<String>,
    },
}

/// Where a secret is, as far as one can tell without running anything; never the secret itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Whereabouts {
    /// In this variable, which is set.
    Variable(String),
    /// In this variable, which is not set.
    Unset(String),
    /// Whatever this program prints; it was not run.
    Command(String),
    /// In the configuration.
    Written,
    /// Nowhere.
    Nowhere,
}

impl Default for Secret {
    fn default() -> Self {
        Self::new("")
    }
}

impl Secret {
    /// Makes one from what was written.
    pub fn new(written: impl Into<String>) -> Self {
        Self::Text(written.into())
    }

    /// Looks its variables up, or runs its command and waits for it; `name` is the configuration's key,
    /// for the message.
    ///
    /// # Errors
    /// `auth` when there is none, a variable is not set or the command fails, `config` when it can't be
    /// a key.
    pub fn reveal(&self, name: &str, env: Lookup<'_>) -> Result<Key> {
        let written = match self {
            Secret::Text(written) => written,
            Secret::Command { cmd } => return checked(name, &command::run(name, cmd)?),
        };
        let set = |variable: &str| env(variable).filter(|value| !value.trim().is_empty());
        let revealed = expand::variables(written, &set).map_err(|predicate| {
            Error::new(Kind::Auth, format!("{name} {predicate}"))
                .hint(":Prompt setup shows how to set it")
        })?;
        checked(name, &revealed)
    }

    /// Where it is; looks variables up and runs nothing.
    pub fn whereabouts(&self, env: Lookup<'_>) -> Whereabouts {
        let set = |name: &str| env(name).is_some_and(|value| !value.trim().is_empty());
        match self {
            Secret::Command { cmd } => {
                let program = cmd.first().map_or("", String::as_str);
                let name = program.rsplit('/').next().unwrap_or_default();
                Whereabouts::Command(name.to_owned())
            }
            Secret::Text(written) => match self.variable() {
                Some(name) if set(name) => Whereabouts::Variable(name.to_owned()),
                Some(name) => Whereabouts::Unset(name.to_owned()),
                None if written.trim().is_empty() => Whereabouts::Nowhere,
                None => Whereabouts::Written,
            },
        }
    }

    /// The variable that is all of it.
    fn variable(&self) -> Option<&str> {
        let Secret::Text(written) = self else {
            return None;
        };
        let name = written.strip_prefix("${")?.strip_suffix('}')?;
        expand::is_name(name).then_some(name)
    }

    /// What may be seen of it: `${VAR}` alone tells nothing, anything else does.
    fn shown(&self) -> &str {
        let Secret::Text(written) = self else {
            return MASK;
        };
        match self.variable() {
            Some(_) => written,
            _ if written.is_empty() => "",
            _ => MASK,
        }
    }
}

fn checked(name: &str, revealed: &str) -> Result<Key> {
    let key = revealed.trim();
    if key.is_empty() {
        return Err(Error::new(Kind::Auth, format!("{name} is empty"))
            .hint(":Prompt setup shows how to give it"));
    }
    match key.bytes().all(|byte| byte.is_ascii_graphic()) {
        true => Ok(Key(key.to_owned())),
        false => {
            let message = format!("{name} has characters that no key has");
            Err(Error::config(message).hint(":Prompt setup shows how to give it"))
        }
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Secret({})", self.shown())
    }
}

impl Serialize for Secret {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.shown())
    }
}

impl JsonSchema for Secret {
    fn schema_name() -> Cow<'static, str> {
        "Secret".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "format": "secret" })
    }
}

/// A secret that is about to be used: printable ASCII, not empty.
#[derive(Clone)]
pub struct Key(String);

impl Key {
    /// The secret itself, for the one to whom it is told.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Key({MASK})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn env(name: &str) -> Option<String> {
        match name {
            "KEY" => Some(" sk-1234\n".into()),
            "BLANK" => Some(" ".into()),
            "ODD" => Some("sk-ä".into()),
            _ => None,
        }
    }

    #[test]
    fn a_secret_is_revealed_only_when_it_is_needed() {
        let rows = [
            ("${KEY}", Ok("sk-1234")),
            ("sk-5678", Ok("sk-5678")),
            ("", Err("k is empty (:Prompt setup shows how to give it)")),
            (
                "${NONE}",
                Err("k uses ${NONE}, which is not set (:Prompt setup shows how to set it)"),
            ),
            (
                "${BLANK}",
                Err("k uses ${BLANK}, which is not set (:Prompt setup shows how to set it)"),
            ),
            (
                "${KEY",
                Err("k has a '${' without its '}' (:Prompt setup shows how to set it)"),
            ),
            (
                "${ODD}",
                Err("k has characters that no key has (:Prompt setup shows how to give it)"),
            ),
            (
                "a b",
                Err("k has characters that no key has (:Prompt setup shows how to give it)"),
            ),
        ];
        for (written, expected) in rows {
            let revealed = Secret::new(written).reveal("k", &env);
            let revealed = revealed
                .map(|key| key.expose().to_owned())
                .map_err(|e| e.to_string());
            assert_eq!(
                revealed,
                expected.map(str::to_owned).map_err(str::to_owned),
                "{written}"
            );
        }
    }

    #[test]
    fn where_a_secret_is_can_be_said_without_it() {
        let text = |written: &str| Secret::new(written);
        let cmd = |words: &[&str]| Secret::Command {
            cmd: words.iter().map(|word| (*word).to_owned()).collect(),
        };
        let rows = [
            (text("${KEY}"), Whereabouts::Variable("KEY".into())),
            (text("${NONE}"), Whereabouts::Unset("NONE".into())),
            (text("${BLANK}"), Whereabouts::Unset("BLANK".into())),
            (text("sk-1234"), Whereabouts::Written),
            (text("sk-${KEY}"), Whereabouts::Written),
            (text(" "), Whereabouts::Nowhere),
            (
                cmd(&["/usr/bin/pass", "show", "sk-1234"]),
                Whereabouts::Command("pass".into()),
            ),
            (cmd(&[]), Whereabouts::Command(String::new())),
        ];
        for (secret, expected) in rows {
            assert_eq!(secret.whereabouts(&env), expected, "{secret:?}");
        }
    }

    #[test]
    fn nothing_that_is_printed_shows_a_secret() {
        let rows = [
            ("sk-1234", "…"),
            ("${KEY}", "${KEY}"),
            ("sk-${KEY}", "…"),
            ("${KEY}sk-1234}", "…"),
            ("${sk-${KEY}", "…"),
            ("${sk-1234}", "…"),
            ("", ""),
        ];
        for (written, shown) in rows {
            let secret = Secret::new(written);
            assert_eq!(format!("{secret:?}"), format!("Secret({shown})"));
            assert_eq!(serde_json::to_value(&secret).unwrap(), shown);
        }
        let key = Secret::new("${KEY}").reveal("k", &env).unwrap();
        assert_eq!(format!("{key:?}"), "Key(…)");
    }
}
