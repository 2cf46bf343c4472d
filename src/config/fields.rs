//! The configuration's keys as a table, taken from the types: name, documentation, default, limits.

use std::fmt;
use std::sync::LazyLock;

use schemars::generate::SchemaSettings;
use serde_json::Value;

use crate::config::{Bytes, Config};

/// One key that holds a value; groups are only in the dots of its path.
#[derive(Debug, Clone, PartialEq)]
pub struct Field {
    /// The key's path, such as `logging.level`.
    pub path: String,
    /// What it is for.
    pub doc: String,
    /// What it may hold.
    pub kind: Kind,
    /// Its default as it is written in a file.
    pub default: Value,
    /// The environment variable that sets it, where there is one.
    pub env: Option<String>,
    /// Whether a project's file may not set it, trusted or not.
    pub personal: bool,
}

/// What a key may hold.
#[derive(Debug, Clone, PartialEq)]
pub enum Kind {
    /// `true` or `false`.
    Bool,
    /// A whole number within limits, both included.
    Integer(i128, i128),
    /// A size within limits, both included.
    Size(Bytes, Bytes),
    /// One of these words.
    OneOf(Vec<String>),
    /// A file or folder: `~`, `${VAR}` and relative paths are resolved.
    Path,
    /// Any text.
    Text,
    /// Text that no message may show; its `${VAR}` is looked up when it is needed.
    Secret,
    /// Any number of these.
    List(Box<Kind>),
    /// A number within limits, both included.
    Number(f64, f64),
    /// Any number of names, each with one of these.
    Map(Box<Kind>),
    /// Keys, each with its own kind, and what every other name may have.
    Group(Vec<(String, Kind)>, Option<Box<Kind>>),
    /// Something that only its type can judge.
    Other,
}

impl Kind {
    /// What a name in a group of this kind may hold; nothing where it has no meaning.
    pub(crate) fn of(&self, name: &str) -> Option<&Kind> {
        match self {
            Kind::Map(kind) => Some(kind),
            Kind::Group(keys, others) => {
                let key = keys.iter().find(|(key, _)| key == name);
                key.map(|(_, kind)| kind).or(others.as_deref())
            }
            _ => None,
        }
    }

    /// The names that a group of this kind knows.
    pub(crate) fn keys(&self) -> impl Iterator<Item = &str> {
        let keys = match self {
            Kind::Group(keys, _) => keys.as_slice(),
            _ => &[],
        };
        keys.iter().map(|(name, _)| name.as_str())
    }
}

/// Says what is allowed, to stand after "must be".
impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Kind::Bool => f.write_str("true or false"),
            Kind::Integer(min, i128::MAX) => write!(f, "a whole number, at least {min}"),
            Kind::Integer(min, max) => write!(f, "a whole number from {min} to {max}"),
            Kind::Number(min, max) => write!(f, "a number from {min} to {max}"),
            Kind::Size(Bytes(0), Bytes(u64::MAX)) => f.write_str("a size such as 1 MB"),
            Kind::Size(min, max) => write!(f, "a size from {min} to {max}"),
            Kind::OneOf(words) => write!(f, "one of {}", words.join(", ")),
            Kind::Path => f.write_str("a path"),
            Kind::Text | Kind::Secret => f.write_str("text"),
            Kind::List(item) => match **item {
                Kind::Path => f.write_str("a list of paths"),
                _ => f.write_str("a list"),
            },
            Kind::Map(item) => write!(f, "names, each with {item}"),
            Kind::Group(_, Some(_)) => f.write_str("names, each with a group of keys"),
            Kind::Group(..) => f.write_str("a group of keys"),
            Kind::Other => f.write_str("a value of its type"),
        }
    }
}

/// The JSON Schema of [`Config`], for the generated Lua types and for editors.
///
/// References are inlined. `x-env` names the environment variable of a key; `x-personal` marks one
/// that a project's file may not set.
pub fn schema() -> Value {
    SchemaSettings::draft2020_12()
        .with(|settings| settings.inline_subschemas = true)
        .into_generator()
        .into_root_schema_for::<Config>()
        .to_value()
}

/// Every key in the order of [`Config`].
pub fn fields() -> &'static [Field] {
    static FIELDS: LazyLock<Vec<Field>> = LazyLock::new(|| {
        let mut fields = Vec::new();
        // The YAML value keeps the order of the struct, which a JSON map does not.
        let defaults = serde_yaml::to_value(Config::default()).unwrap_or_default();
        collect("", &defaults, &schema(), &mut fields);
        fields
    });
    &FIELDS
}

/// The doc of a group of keys, by its path.
pub(crate) fn group_doc(path: &str) -> String {
    let schema = schema();
    let pointer = path
        .split('.')
        .map(|name| format!("/properties/{name}"))
        .collect::<String>();
    schema.pointer(&pointer).map(doc_of).unwrap_or_default()
}

fn collect(parent: &str, defaults: &serde_yaml::Value, schema: &Value, fields: &mut Vec<Field>) {
    for (name, default) in defaults.as_mapping().into_iter().flatten() {
        let name = name.as_str().unwrap_or_default();
        let path = if parent.is_empty() {
            name.to_owned()
        } else {
            format!("{parent}.{name}")
        };
        let schema = &schema["properties"][name];
        if schema["properties"].is_object() && !schema["additionalProperties"].is_object() {
            collect(&path, default, schema, fields);
            continue;
        }
        fields.push(Field {
            path,
            doc: doc_of(schema),
            kind: kind_of(schema),
            default: serde_json::to_value(default).unwrap_or_default(),
            env: schema["x-env"].as_str().map(str::to_owned),
            personal: schema["x-personal"].as_bool().unwrap_or(false),
        });
    }
}

fn doc_of(schema: &Value) -> String {
    let doc = schema["description"].as_str().unwrap_or_default();
    doc.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn kind_of(schema: &Value) -> Kind {
    let words = words_of(schema);
    if !words.is_empty() {
        return Kind::OneOf(words);
    }
    // What may be left out may also be null.
    if let Some(either) = schema["anyOf"].as_array() {
        let not_null = |schema: &&Value| schema["type"].as_str() != Some("null");
        return either.iter().find(not_null).map_or(Kind::Other, kind_of);
    }
    let limit = |name: &str| schema[name].as_f64().map(|n| n as i128);
    let words = schema["type"].as_array().into_iter().flatten();
    let not_null = words.filter_map(Value::as_str).find(|word| *word != "null");
    match (
        schema["type"].as_str().or(not_null),
        schema["format"].as_str(),
    ) {
        (_, Some("bytes")) => Kind::Size(
            Bytes(
                limit("minimum")
                    .and_then(|n| n.try_into().ok())
                    .unwrap_or(0),
            ),
            Bytes(
                limit("maximum")
                    .and_then(|n| n.try_into().ok())
                    .unwrap_or(u64::MAX),
            ),
        ),
        (Some("boolean"), _) => Kind::Bool,
        (Some("integer"), _) => Kind::Integer(
            limit("minimum").unwrap_or(i128::MIN),
            limit("maximum").unwrap_or(i128::MAX),
        ),
        (Some("number"), _) => Kind::Number(
            schema["minimum"].as_f64().unwrap_or(f64::MIN),
            schema["maximum"].as_f64().unwrap_or(f64::MAX),
        ),
        (Some("string"), Some("path")) => Kind::Path,
        (Some("string"), Some("secret")) => Kind::Secret,
        (Some("string"), _) => Kind::Text,
        (Some("array"), _) => Kind::List(Box::new(kind_of(&schema["items"]))),
        (Some("object"), _) if schema["properties"].is_object() => {
            let keys = schema["properties"].as_object().into_iter().flatten();
            let keys = keys.map(|(name, schema)| (name.clone(), kind_of(schema)));
            let others = &schema["additionalProperties"];
            let others = others.is_object().then(|| Box::new(kind_of(others)));
            Kind::Group(keys.collect(), others)
        }
        (Some("object"), _) if schema["additionalProperties"].is_object() => {
            Kind::Map(Box::new(kind_of(&schema["additionalProperties"])))
        }
        _ => Kind::Other,
    }
}

/// The variants of an enum without data, documented ones (`oneOf` of `const`) or not (`enum`).
fn words_of(schema: &Value) -> Vec<String> {
    let list = |name: &str| schema[name].as_array().into_iter().flatten();
    let plain = list("enum").cloned();
    let documented = list("oneOf").map(|variant| variant["const"].clone());
    plain
        .chain(documented)
        .filter_map(|word| word.as_str().map(str::to_owned))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::expect;

    #[test]
    fn the_keys_come_from_the_types_in_their_order() {
        let rows = fields().iter().map(|f| {
            let env = f.env.as_deref().unwrap_or("");
            format!("{} = {} ({}) {env}\n", f.path, f.default, f.kind)
        });
        expect![[r#"
            version = 1 (a whole number, at least 0) 
            data_dir = "data" (a path) PROMPTSTACK_DATA_DIR
            vim_mode = false (true or false) 
            model = "claude-sonnet-5-5" (text) 
            claude_api_key = "${ANTHROPIC_API_KEY}" (text) 
            claude_base_url = "https://api.anthropic.com" (text) 
            ai_provider = "local" (one of claude, openai, ollama, local) 
            storage = "sqlite" (one of sqlite) 
            database_path = "data/history.db" (a path) 
            library.paths = [] (a list of paths) 
            library.max_file_size = "1 MB" (a size from 1 KB to 1 GB) 
            library.validate_on_startup = true (true or false) 
            history.autosave_ms = 500 (a whole number from 100 to 10000) 
            history.exclude = [] (a list) 
            tokens.warn_at = 15 (a whole number from 1 to 100) 
            tokens.refuse_at = 25 (a whole number from 1 to 100) 
            tokens.window = 0 (a whole number from 0 to 100000000) 
            review.off = [] (a list) 
            review.history = false (true or false) 
            providers.text = {} (names, each with a group of keys) 
            roles = {} (names, each with a group of keys) 
            caching.enabled = true (true or false) 
            caching.backend = "file" (one of file, memory) 
            caching.cache_dir = "cache" (a path) 
            caching.ttl_seconds = 86400 (a whole number from 1 to 31536000) 
            caching.max_cache_size_mb = 500 (a whole number from 1 to 1048576) 
            caching.per_provider = {} (names, each with a group of keys) 
            rate_limiting.when_exceeded = "wait" (one of wait, refuse) 
            rate_limiting.global.requests_per_minute = 100 (a whole number from 1 to 1000000) 
            rate_limiting.global.tokens_per_hour = 1000000 (a whole number from 1 to 1000000000) 
            rate_limiting.providers = {} (names, each with a group of keys) 
            cost_limits.daily = 50.0 (a number from 0 to 1000000) 
            cost_limits.monthly = 500.0 (a number from 0 to 1000000) 
            cost_limits.confirm_above = 0.1 (a number from 0 to 1000000) 
            cost_limits.allow_unknown = false (true or false) 
            retry.enabled = true (true or false) 
            retry.max_retries = 3 (a whole number from 0 to 10) 
            retry.initial_delay_ms = 1000 (a whole number from 1 to 60000) 
            retry.max_delay_ms = 60000 (a whole number from 1 to 600000) 
            send.commands = {} (names, each with a list) 
            logging.level = "info" (one of error, warn, info, debug, trace, off) PROMPTSTACK_LOG_LEVEL
            logging.file = "logs/promptstack.log" (a path) 
            logging.max_size = "10 MB" (a size from 64 KB to 1 GB) 
            logging.max_backups = 3 (a whole number from 0 to 100) 
        "#]].assert_eq(&rows.collect::<String>());
    }

    #[test]
    fn every_key_has_a_doc_and_a_kind() {
        for Field {
            path, doc, kind, ..
        } in fields()
        {
            assert!(
                !doc.is_empty() && *kind != Kind::Other,
                "{path}: {doc} {kind:?}"
            );
        }
    }
}
