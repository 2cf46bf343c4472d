//! Values of the contract to MessagePack and back.
//!
//! What goes out is written at once, for a reply of 200 rows that goes through a tree of values
//! costs several times as much.

use rmp_serde::Serializer;
use rmpv::Value;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::decode::Lua;
use crate::error::{Error, Result};

/// A value as it goes over the wire.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Encoded(Vec<u8>);

/// Encodes a value of the contract: structs become maps with their fields' names.
///
/// What is absent has to be left out, for Lua would take `vim.NIL` for true: each optional field of
/// the contract says `skip_serializing_if`, and a debug build checks every message.
///
/// # Errors
/// `internal` for a value that MessagePack has no form for.
pub fn encode(value: &(impl Serialize + ?Sized)) -> Result<Encoded> {
    let mut bytes = Vec::new();
    value
        .serialize(&mut Serializer::new(&mut bytes).with_struct_map())
        .map_err(|e| Error::internal("a reply can't be encoded").because(e))?;
    let encoded = Encoded(bytes);
    debug_assert!(
        leaves_out_what_is_absent(&encoded.to_value()),
        "{:?}",
        encoded.to_value()
    );
    Ok(encoded)
}

impl Encoded {
    /// The same as a tree.
    pub fn to_value(&self) -> Value {
        // What was encoded here can be decoded.
        rmpv::decode::read_value(&mut self.0.as_slice()).unwrap_or(Value::Nil)
    }
}

/// The notification by which Neovim runs `code` with `args` as its `...`.
///
/// # Errors
/// `internal` for code beyond 4 GiB.
pub fn lua_call(code: &str, args: &[Encoded]) -> Result<Vec<u8>> {
    let mut bytes = Vec::with_capacity(args.iter().map(|arg| arg.0.len()).sum::<usize>() + 128);
    let mut head = || -> std::result::Result<(), rmp::encode::ValueWriteError> {
        rmp::encode::write_array_len(&mut bytes, 3)?;
        rmp::encode::write_uint(&mut bytes, 2)?;
        rmp::encode::write_str(&mut bytes, "nvim_exec_lua")?;
        rmp::encode::write_array_len(&mut bytes, 2)?;
        rmp::encode::write_str(&mut bytes, code)?;
        rmp::encode::write_array_len(&mut bytes, args.len() as u32)?;
        Ok(())
    };
    head().map_err(|e| Error::internal("a message can't be encoded").because(e))?;
    args.iter().for_each(|arg| bytes.extend_from_slice(&arg.0));
    Ok(bytes)
}

/// Whether no map has an entry that Lua would get as `vim.NIL`.
fn leaves_out_what_is_absent(value: &Value) -> bool {
    match value {
        Value::Map(entries) => entries
            .iter()
            .all(|(_, value)| !value.is_nil() && leaves_out_what_is_absent(value)),
        Value::Array(items) => items.iter().all(leaves_out_what_is_absent),
        _ => true,
    }
}

/// Reads what Neovim sent as a type of the contract.
///
/// # Errors
/// `invalid_input` that names what does not fit.
pub fn decode<T: DeserializeOwned>(value: Value) -> Result<T> {
    T::deserialize(Lua(value)).map_err(|e| Error::invalid(e.to_string()))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value as Json, json};

    use super::super::contract::{ErrorKind, Severity, Stop, StopKind, WireError};
    use super::*;

    fn from_lua(value: Value) -> Json {
        decode(value).expect("any value can be JSON")
    }

    /// What Lua gets.
    fn lua(value: impl Serialize) -> Value {
        encode(&value).expect("a value of the contract").to_value()
    }

    #[test]
    fn structs_become_maps_and_what_is_absent_is_left_out() {
        let error = WireError {
            kind: ErrorKind::NotFound,
            message: "no".into(),
            hint: None,
        };
        assert_eq!(
            from_lua(lua(error)),
            json!({ "kind": "not_found", "message": "no" })
        );
        let stop = Stop {
            row: 0,
            start: 1,
            finish: 300,
            kind: StopKind::Choice,
            name: "n".into(),
            default: None,
            options: vec!["a".into()],
        };
        assert_eq!(
            from_lua(lua(&stop)),
            json!({
                "row": 0, "start": 1, "finish": 300, "kind": "choice", "name": "n", "options": ["a"],
            })
        );
        assert_eq!(lua(Severity::Error), "error".into());
    }

    #[test]
    #[should_panic(expected = "Nil")]
    fn an_optional_field_that_is_not_left_out_is_found_in_a_debug_build() {
        #[derive(Serialize)]
        struct Forgotten {
            field: Option<u8>,
        }
        lua(Forgotten { field: None });
    }

    #[test]
    fn a_lua_call_is_a_notification_with_its_arguments() {
        let bytes = lua_call("f(...)", &[encode("a").unwrap(), encode(&()).unwrap()]).unwrap();
        let message = rmpv::decode::read_value(&mut bytes.as_slice()).expect("MessagePack");
        let expected = r#"[2, "nvim_exec_lua", ["f(...)", ["a", nil]]]"#;
        assert_eq!(message.to_string(), expected);
    }

    #[test]
    fn numbers_survive_both_ways() {
        for json in [json!(-1), json!(u64::MAX), json!(1.5), json!(true)] {
            assert_eq!(from_lua(lua(&json)), json);
        }
    }
}
