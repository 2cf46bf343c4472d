//! serde values to MessagePack as Neovim takes it, in one pass: a reply of 200 rows goes through no
//! tree of values on its way.

use std::fmt::{self, Display};

use rmp::encode as rmp;
use serde::ser::{self, Serialize};

use crate::error::{Error, Result};

const NIL: u8 = 0xc0;

/// A value as it goes over the wire.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Encoded(Vec<u8>);

impl Encoded {
    /// Lua's `nil`.
    pub fn nil() -> Self {
        Self(vec![NIL])
    }

    /// Its bytes.
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// The same as a tree, to be put into a message of another kind.
    pub fn to_value(&self) -> rmpv::Value {
        // What was encoded here can be decoded.
        rmpv::decode::read_value(&mut self.0.as_slice()).unwrap_or(rmpv::Value::Nil)
    }
}

/// Encodes a value of the contract: structs become maps, and what is absent is left out of maps,
/// for Lua would take `vim.NIL` for true.
///
/// # Errors
/// `internal` for a map whose keys are no strings.
pub fn encode(value: &(impl Serialize + ?Sized)) -> Result<Encoded> {
    let mut bytes = Vec::new();
    value
        .serialize(Encoder(&mut bytes))
        .map_err(|e| Error::internal("a reply can't be encoded").because(e))?;
    Ok(Encoded(bytes))
}

/// The notification by which Neovim runs `code` with `args` as its `...`.
///
/// # Errors
/// `internal` for code or arguments beyond 4 GiB.
pub fn lua_call(code: &str, args: &[&Encoded]) -> Result<Vec<u8>> {
    let size: usize = args.iter().map(|arg| arg.0.len()).sum();
    let mut bytes = Vec::with_capacity(size + code.len() + 32);
    let mut head = || -> std::result::Result<(), Refused> {
        rmp::write_array_len(&mut bytes, 3)?;
        rmp::write_uint(&mut bytes, 2)?;
        rmp::write_str(&mut bytes, "nvim_exec_lua")?;
        rmp::write_array_len(&mut bytes, 2)?;
        rmp::write_str(&mut bytes, code)?;
        rmp::write_array_len(&mut bytes, length(args.len())?)?;
        Ok(())
    };
    head().map_err(|e| Error::internal("a message can't be encoded").because(e))?;
    for arg in args {
        bytes.extend_from_slice(&arg.0);
    }
    Ok(bytes)
}

/// Why a value can't be encoded.
#[derive(Debug)]
struct Refused(String);

impl Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Refused {}

impl ser::Error for Refused {
    fn custom<T: Display>(message: T) -> Self {
        Self(message.to_string())
    }
}

impl From<std::io::Error> for Refused {
    fn from(error: std::io::Error) -> Self {
        Self(error.to_string())
    }
}

impl From<rmp::ValueWriteError> for Refused {
    fn from(error: rmp::ValueWriteError) -> Self {
        Self(error.to_string())
    }
}

type Written = std::result::Result<(), Refused>;

/// Appends values to bytes.
struct Encoder<'a>(&'a mut Vec<u8>);

impl<'a> ser::Serializer for Encoder<'a> {
    type Ok = ();
    type Error = Refused;
    type SerializeSeq = Items<'a>;
    type SerializeTuple = Items<'a>;
    type SerializeTupleStruct = Items<'a>;
    type SerializeTupleVariant = Items<'a>;
    type SerializeMap = Entries<'a>;
    type SerializeStruct = Entries<'a>;
    type SerializeStructVariant = Entries<'a>;

    fn serialize_bool(self, value: bool) -> Written {
        Ok(rmp::write_bool(self.0, value)?)
    }

    fn serialize_i8(self, value: i8) -> Written {
        self.serialize_i64(value.into())
    }

    fn serialize_i16(self, value: i16) -> Written {
        self.serialize_i64(value.into())
    }

    fn serialize_i32(self, value: i32) -> Written {
        self.serialize_i64(value.into())
    }

    fn serialize_i64(self, value: i64) -> Written {
        rmp::write_sint(self.0, value)?;
        Ok(())
    }

    fn serialize_u8(self, value: u8) -> Written {
        self.serialize_u64(value.into())
    }

    fn serialize_u16(self, value: u16) -> Written {
        self.serialize_u64(value.into())
    }

    fn serialize_u32(self, value: u32) -> Written {
        self.serialize_u64(value.into())
    }

    fn serialize_u64(self, value: u64) -> Written {
        rmp::write_uint(self.0, value)?;
        Ok(())
    }

    fn serialize_f32(self, value: f32) -> Written {
        self.serialize_f64(value.into())
    }

    fn serialize_f64(self, value: f64) -> Written {
        Ok(rmp::write_f64(self.0, value)?)
    }

    fn serialize_char(self, value: char) -> Written {
        self.serialize_str(value.encode_utf8(&mut [0; 4]))
    }

    fn serialize_str(self, value: &str) -> Written {
        length(value.len())?;
        Ok(rmp::write_str(self.0, value)?)
    }

    fn serialize_bytes(self, value: &[u8]) -> Written {
        length(value.len())?;
        Ok(rmp::write_bin(self.0, value)?)
    }

    fn serialize_none(self) -> Written {
        self.serialize_unit()
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Written {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Written {
        self.0.push(NIL);
        Ok(())
    }

    fn serialize_unit_struct(self, _: &'static str) -> Written {
        self.serialize_unit()
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, variant: &'static str) -> Written {
        self.serialize_str(variant)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        value: &T,
    ) -> Written {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Written {
        value.serialize(Encoder(variant_key(self.0, variant)?))
    }

    fn serialize_seq(self, len: Option<usize>) -> std::result::Result<Items<'a>, Refused> {
        let len = len.ok_or_else(|| Refused("a list of unknown length".into()))?;
        rmp::write_array_len(self.0, length(len)?)?;
        Ok(Items(self.0))
    }

    fn serialize_tuple(self, len: usize) -> std::result::Result<Items<'a>, Refused> {
        self.serialize_seq(Some(len))
    }

    fn serialize_tuple_struct(
        self,
        _: &'static str,
        len: usize,
    ) -> std::result::Result<Items<'a>, Refused> {
        self.serialize_seq(Some(len))
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        len: usize,
    ) -> std::result::Result<Items<'a>, Refused> {
        Encoder(variant_key(self.0, variant)?).serialize_seq(Some(len))
    }

    fn serialize_map(self, _: Option<usize>) -> std::result::Result<Entries<'a>, Refused> {
        Ok(Entries::begin(self.0))
    }

    fn serialize_struct(
        self,
        _: &'static str,
        _: usize,
    ) -> std::result::Result<Entries<'a>, Refused> {
        Ok(Entries::begin(self.0))
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> std::result::Result<Entries<'a>, Refused> {
        Ok(Entries::begin(variant_key(self.0, variant)?))
    }
}

/// A variant with data is a map with one entry.
fn variant_key<'a>(
    bytes: &'a mut Vec<u8>,
    variant: &str,
) -> std::result::Result<&'a mut Vec<u8>, Refused> {
    rmp::write_map_len(bytes, 1)?;
    rmp::write_str(bytes, variant)?;
    Ok(bytes)
}

/// MessagePack counts with 32 bits.
fn length(len: usize) -> std::result::Result<u32, Refused> {
    u32::try_from(len).map_err(|_| Refused("too long for a message".into()))
}

/// The items of a list; serde says beforehand how many.
struct Items<'a>(&'a mut Vec<u8>);

/// The entries of a map, counted as they come: which of them are absent shows only then.
struct Entries<'a> {
    bytes: &'a mut Vec<u8>,
    /// Where the count stands.
    count_at: usize,
    count: u16,
    /// Where the entry being written began, and its value.
    entry_at: usize,
    value_at: usize,
}

impl<'a> Entries<'a> {
    fn begin(bytes: &'a mut Vec<u8>) -> Self {
        // A map whose count takes 16 bits.
        bytes.extend_from_slice(&[0xde, 0, 0]);
        let end = bytes.len();
        Self {
            count_at: end - 2,
            count: 0,
            entry_at: end,
            value_at: end,
            bytes,
        }
    }

    fn key<T: Serialize + ?Sized>(&mut self, key: &T) -> Written {
        self.entry_at = self.bytes.len();
        key.serialize(Encoder(self.bytes))?;
        self.value_at = self.bytes.len();
        match self.bytes.get(self.entry_at) {
            Some(0xa0..=0xbf | 0xd9..=0xdb) => Ok(()),
            _ => Err(Refused("a key that is no string".into())),
        }
    }

    fn value<T: Serialize + ?Sized>(&mut self, value: &T) -> Written {
        value.serialize(Encoder(self.bytes))?;
        if self.bytes[self.value_at..] == [NIL] {
            self.bytes.truncate(self.entry_at);
            return Ok(());
        }
        let count = self.count.checked_add(1);
        self.count = count.ok_or_else(|| Refused("a map of more than 65,535 entries".into()))?;
        Ok(())
    }

    fn finish(self) -> Written {
        self.bytes[self.count_at..][..2].copy_from_slice(&self.count.to_be_bytes());
        Ok(())
    }
}

impl ser::SerializeMap for Entries<'_> {
    type Ok = ();
    type Error = Refused;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Written {
        self.key(key)
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Written {
        self.value(value)
    }

    fn end(self) -> Written {
        self.finish()
    }
}

/// The traits of serde that differ in nothing but their names.
macro_rules! compounds {
    (items: $($items:ident $item:ident),+; entries: $($entries:ident),+) => {
        $(impl ser::$items for Items<'_> {
            type Ok = ();
            type Error = Refused;

            fn $item<T: Serialize + ?Sized>(&mut self, value: &T) -> Written {
                value.serialize(Encoder(self.0))
            }

            fn end(self) -> Written {
                Ok(())
            }
        })+
        $(impl ser::$entries for Entries<'_> {
            type Ok = ();
            type Error = Refused;

            fn serialize_field<T: Serialize + ?Sized>(
                &mut self,
                key: &'static str,
                value: &T,
            ) -> Written {
                self.key(key)?;
                self.value(value)
            }

            fn end(self) -> Written {
                self.finish()
            }
        })+
    };
}

compounds! {
    items:
        SerializeSeq serialize_element,
        SerializeTuple serialize_element,
        SerializeTupleStruct serialize_field,
        SerializeTupleVariant serialize_field;
    entries: SerializeStruct, SerializeStructVariant
}
