//! JSON values to Lua values and back: the one place that knows how Neovim's values differ.

use rmpv::Value;
use serde_json::{Map, Number, Value as Json};

use super::contract::{ErrorKind, WireError};
use crate::error::{Error, Kind};

/// Turns what Neovim sent into JSON.
///
/// Bytes that are not UTF-8 each become one `?`, so that offsets into the text stay right; numbers
/// that JSON lacks and unknown extension values become null.
pub fn from_lua(value: Value) -> Json {
    match value {
        Value::Nil | Value::Ext(..) => Json::Null,
        Value::Boolean(b) => Json::Bool(b),
        Value::Integer(n) => match (n.as_i64(), n.as_u64()) {
            (Some(n), _) => n.into(),
            (_, Some(n)) => n.into(),
            _ => Json::Null,
        },
        Value::F32(n) => Number::from_f64(n.into()).map_or(Json::Null, Json::Number),
        Value::F64(n) => Number::from_f64(n).map_or(Json::Null, Json::Number),
        Value::String(text) => match String::from_utf8(text.into_bytes()) {
            Ok(text) => Json::String(text),
            Err(bytes) => Json::String(byte_for_byte(bytes.as_bytes())),
        },
        Value::Binary(bytes) => {
            Json::String(String::from_utf8(bytes).unwrap_or_else(|e| byte_for_byte(e.as_bytes())))
        }
        Value::Array(items) => Json::Array(items.into_iter().map(from_lua).collect()),
        Value::Map(entries) => Json::Object(
            entries
                .into_iter()
                .map(|(key, value)| (key_text(key), from_lua(value)))
                .collect(),
        ),
    }
}

/// Parameters are always a map; Neovim sends an empty Lua table as an empty array.
pub fn params_from_lua(value: Value) -> Json {
    match from_lua(value) {
        Json::Array(items) if items.is_empty() => Json::Object(Map::new()),
        Json::Null => Json::Object(Map::new()),
        other => other,
    }
}

/// Turns JSON into what Lua gets: null entries of a map are left out, for Lua would take
/// `vim.NIL` for true.
pub fn to_lua(value: Json) -> Value {
    match value {
        Json::Null => Value::Nil,
        Json::Bool(b) => b.into(),
        Json::Number(n) => match (n.as_i64(), n.as_u64(), n.as_f64()) {
            (Some(n), _, _) => n.into(),
            (_, Some(n), _) => n.into(),
            (_, _, n) => n.unwrap_or_default().into(),
        },
        Json::String(text) => text.into(),
        Json::Array(items) => Value::Array(items.into_iter().map(to_lua).collect()),
        Json::Object(entries) => Value::Map(
            entries
                .into_iter()
                .filter(|(_, value)| !value.is_null())
                .map(|(key, value)| (key.into(), to_lua(value)))
                .collect(),
        ),
    }
}

/// The error as the contract shows it; its cause stays in the log.
pub fn error_to_wire(error: &Error) -> WireError {
    let kind = match error.kind() {
        Kind::NotFound => ErrorKind::NotFound,
        Kind::InvalidInput => ErrorKind::InvalidInput,
        Kind::Config => ErrorKind::Config,
        Kind::Auth => ErrorKind::Auth,
        Kind::RateLimited => ErrorKind::RateLimited,
        Kind::Budget => ErrorKind::Budget,
        Kind::Unavailable => ErrorKind::Unavailable,
        Kind::Conflict => ErrorKind::Conflict,
        Kind::Cancelled => ErrorKind::Cancelled,
        Kind::Internal => ErrorKind::Internal,
    };
    WireError {
        kind,
        message: error.message().to_owned(),
        hint: error.hint_text().map(str::to_owned),
    }
}

fn key_text(key: Value) -> String {
    match from_lua(key) {
        Json::String(text) => text,
        other => other.to_string(),
    }
}

fn byte_for_byte(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        text.extend(chunk.invalid().iter().map(|_| '?'));
    }
    text
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_absent_value_is_left_out_of_a_map() {
        let lua = to_lua(json!({ "a": null, "b": [null, 1], "c": {} }));
        assert_eq!(
            lua,
            Value::Map(vec![
                ("b".into(), Value::Array(vec![Value::Nil, 1.into()])),
                ("c".into(), Value::Map(vec![])),
            ])
        );
    }

    #[test]
    fn an_empty_lua_table_is_taken_for_empty_parameters() {
        assert_eq!(params_from_lua(Value::Array(vec![])), json!({}));
        assert_eq!(params_from_lua(Value::Nil), json!({}));
    }

    #[test]
    fn bytes_that_are_not_utf8_keep_their_offsets() {
        let text = rmpv::Utf8String::from("ok");
        assert_eq!(from_lua(Value::String(text)), json!("ok"));
        assert_eq!(
            from_lua(Value::Binary(b"a\xff\xfe{{\xc3".to_vec())),
            json!("a??{{?")
        );
    }

    #[test]
    fn numbers_survive_both_ways() {
        for json in [json!(-1), json!(u64::MAX), json!(1.5), json!(true)] {
            assert_eq!(from_lua(to_lua(json.clone())), json);
        }
    }
}
