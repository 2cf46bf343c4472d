//! Values of the contract to Lua values and back: the one place that knows how Neovim's values
//! differ. What comes in goes through JSON, what goes out is written at once, see [`encode`].

mod encode;

use rmpv::Value;
use serde_json::{Map, Number, Value as Json};

pub use self::encode::{Encoded, encode, lua_call};
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
    use std::collections::BTreeMap;

    use serde::Serialize;
    use serde_json::json;

    use super::*;

    /// What Lua gets.
    fn lua(value: impl Serialize) -> Value {
        let encoded = encode(&value).expect("a value of the contract");
        let mut bytes = encoded.bytes();
        rmpv::decode::read_value(&mut bytes).expect("MessagePack");
        assert!(bytes.is_empty(), "one value");
        encoded.to_value()
    }

    #[test]
    fn an_absent_value_is_left_out_of_a_map() {
        assert_eq!(
            lua(json!({ "a": null, "b": [null, 1], "c": {} })),
            Value::Map(vec![
                ("b".into(), Value::Array(vec![Value::Nil, 1.into()])),
                ("c".into(), Value::Map(vec![])),
            ])
        );
        #[derive(Serialize)]
        struct Row {
            first: Option<u8>,
            second: Option<&'static str>,
            third: (),
        }
        let row = Row {
            first: None,
            second: Some("b"),
            third: (),
        };
        assert_eq!(lua(row), Value::Map(vec![("second".into(), "b".into())]));
    }

    #[test]
    fn every_shape_of_a_value_arrives_as_json_has_it() {
        #[derive(Serialize)]
        enum Shape {
            Unit,
            Newtype(u16),
            Tuple(i8, char),
            Struct {
                deep: Box<[Shape]>,
                none: Option<u8>,
            },
        }
        let shapes = [
            Shape::Unit,
            Shape::Newtype(300),
            Shape::Tuple(-100, 'ß'),
            Shape::Struct {
                deep: Box::new([Shape::Unit, Shape::Newtype(1)]),
                none: None,
            },
        ];
        assert_eq!(
            from_lua(lua(&shapes)),
            json!([
                "Unit",
                { "Newtype": 300 },
                { "Tuple": [-100, "ß"] },
                { "Struct": { "deep": ["Unit", { "Newtype": 1 }] } },
            ])
        );
        let long: Vec<String> = (0..70_000).map(|n| n.to_string()).collect();
        assert_eq!(from_lua(lua(&long)), json!(long));
        let wide: BTreeMap<String, String> =
            (0..300).map(|n| (n.to_string(), "x".repeat(n))).collect();
        assert_eq!(from_lua(lua(&wide)), json!(wide));
    }

    #[test]
    fn a_key_that_is_no_string_is_refused() {
        assert!(encode(&BTreeMap::from([(1, 2)])).is_err());
    }

    #[test]
    fn a_lua_call_is_a_notification_with_its_arguments() {
        let bytes = lua_call("f(...)", &[&encode("a").unwrap(), &Encoded::nil()]).unwrap();
        let message = rmpv::decode::read_value(&mut bytes.as_slice()).expect("MessagePack");
        assert_eq!(
            message.to_string(),
            r#"[2, "nvim_exec_lua", ["f(...)", ["a", nil]]]"#
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
            assert_eq!(from_lua(lua(&json)), json);
        }
    }
}
