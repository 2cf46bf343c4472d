//! Neovim's values read as the contract's types: the one place that knows how they differ.
//!
//! An empty Lua table arrives as an empty array, and no parameters as nil: both are taken for an
//! empty map where one is wanted.
//! Bytes that are not UTF-8 each become one `?` in a text, so that offsets into it stay right, and
//! arrive as they are where bytes are wanted. Numbers that JSON lacks and extension values are null.

use rmpv::{Integer, Value};
use serde::de::value::{Error, MapDeserializer, SeqDeserializer};
use serde::de::{Deserializer, IntoDeserializer, Visitor};
use serde::forward_to_deserialize_any;

/// A value of Neovim's that can be deserialized.
pub struct Lua(pub Value);

impl<'de> IntoDeserializer<'de, Error> for Lua {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

impl<'de> Deserializer<'de> for Lua {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.0 {
            Value::Boolean(b) => visitor.visit_bool(b),
            Value::Integer(n) => integer(n, visitor),
            Value::F32(n) if n.is_finite() => visitor.visit_f64(n.into()),
            Value::F64(n) if n.is_finite() => visitor.visit_f64(n),
            Value::Nil | Value::Ext(..) | Value::F32(_) | Value::F64(_) => visitor.visit_unit(),
            Value::String(text) => visitor.visit_string(text_of(text.into_bytes())),
            Value::Binary(bytes) => visitor.visit_string(text_of(bytes)),
            Value::Array(items) => {
                visitor.visit_seq(SeqDeserializer::new(items.into_iter().map(Lua)))
            }
            Value::Map(entries) => {
                let entries = entries
                    .into_iter()
                    .map(|(key, value)| (key_of(key), Lua(value)));
                visitor.visit_map(MapDeserializer::new(entries))
            }
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.0 {
            Value::Nil => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_byte_buf<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.0 {
            Value::String(text) => visitor.visit_byte_buf(text.into_bytes()),
            Value::Binary(bytes) => visitor.visit_byte_buf(bytes),
            _ => self.deserialize_any(visitor),
        }
    }

    fn deserialize_bytes<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_byte_buf(visitor)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.0 {
            Value::Nil => Self(Value::Map(vec![])).deserialize_any(visitor),
            Value::Array(items) if items.is_empty() => {
                Self(Value::Map(vec![])).deserialize_any(visitor)
            }
            _ => self.deserialize_any(visitor),
        }
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.deserialize_map(visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        match self.0 {
            Value::String(text) => {
                visitor.visit_enum(text_of(text.into_bytes()).into_deserializer())
            }
            _ => self.deserialize_any(visitor),
        }
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string unit unit_struct seq
        tuple tuple_struct identifier ignored_any
    }
}

fn integer<'de, V: Visitor<'de>>(n: Integer, visitor: V) -> Result<V::Value, Error> {
    match (n.as_i64(), n.as_u64()) {
        (_, Some(n)) => visitor.visit_u64(n),
        (Some(n), _) => visitor.visit_i64(n),
        _ => visitor.visit_unit(),
    }
}

fn key_of(key: Value) -> String {
    match key {
        Value::String(text) => text_of(text.into_bytes()),
        Value::Binary(bytes) => text_of(bytes),
        other => other.to_string(),
    }
}

fn text_of(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap_or_else(|e| byte_for_byte(e.as_bytes()))
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
    use serde::Deserialize;
    use serde_json::{Value as Json, json};

    use super::*;

    fn as_json(value: Value) -> Json {
        Json::deserialize(Lua(value)).expect("any value can be JSON")
    }

    fn map(entries: Vec<(&str, Value)>) -> Value {
        let entries = entries.into_iter().map(|(key, value)| (key.into(), value));
        Value::Map(entries.collect())
    }

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(rename_all = "snake_case")]
    enum Word {
        TwoWords,
    }

    #[derive(Debug, Default, PartialEq, Deserialize)]
    #[serde(default)]
    struct Shape {
        n: u32,
        signed: i64,
        word: Option<Word>,
        list: Vec<String>,
        anything: Json,
    }

    #[test]
    fn structs_enums_and_numbers_are_read() {
        let value = map(vec![
            ("n", 3.into()),
            ("signed", (-4).into()),
            ("word", "two_words".into()),
            ("list", Value::Array(vec!["a".into()])),
            ("anything", map(vec![("x", 1.5.into())])),
            ("more", Value::Nil),
        ]);
        let expected = Shape {
            n: 3,
            signed: -4,
            word: Some(Word::TwoWords),
            list: vec!["a".into()],
            anything: json!({ "x": 1.5 }),
        };
        assert_eq!(Shape::deserialize(Lua(value)).unwrap(), expected);
    }

    #[test]
    fn an_empty_table_is_an_empty_map_where_one_is_wanted() {
        let empty = || Value::Array(vec![]);
        assert_eq!(Shape::deserialize(Lua(empty())).unwrap(), Shape::default());
        assert_eq!(
            Shape::deserialize(Lua(Value::Nil)).unwrap(),
            Shape::default()
        );
        assert_eq!(as_json(empty()), json!([]));
    }

    #[test]
    fn what_is_wrong_is_said() {
        let wrong = map(vec![("n", "three".into())]);
        let error = Shape::deserialize(Lua(wrong)).unwrap_err();
        assert_eq!(
            error.to_string(),
            r#"invalid type: string "three", expected u32"#
        );
    }

    #[test]
    fn bytes_that_are_not_utf8_keep_their_offsets() {
        assert_eq!(as_json("ok".into()), json!("ok"));
        let broken = Value::Binary(b"a\xff\xfe{{\xc3".to_vec());
        assert_eq!(as_json(broken), json!("a??{{?"));
    }

    #[test]
    fn numbers_that_json_lacks_are_null() {
        assert_eq!(as_json(f64::NAN.into()), Json::Null);
        assert_eq!(as_json(u64::MAX.into()), json!(u64::MAX));
    }
}
