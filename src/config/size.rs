//! Sizes in bytes, read and shown as people write them.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{Error as _, Unexpected, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A number of bytes; reads `1 MB`, `512 KB`, `1.5 GB` and `1048576`, and shows itself likewise.
///
/// 1 KB is 1024 bytes, 1 MB is 1024 KB, 1 GB is 1024 MB; `KiB`, `K` and so on are the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Bytes(pub u64);

const UNITS: [(&str, u64); 3] = [("GB", 1 << 30), ("MB", 1 << 20), ("KB", 1 << 10)];

impl fmt::Display for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Bytes(bytes) = *self;
        match UNITS
            .iter()
            .find(|(_, unit)| bytes > 0 && bytes.is_multiple_of(*unit))
        {
            Some((name, unit)) => write!(f, "{} {name}", bytes / unit),
            None => write!(f, "{bytes}"),
        }
    }
}

/// The text is not a size.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotASize;

impl FromStr for Bytes {
    type Err = NotASize;

    fn from_str(text: &str) -> Result<Self, NotASize> {
        let text = text.trim();
        let end = text
            .find(|c: char| !c.is_ascii_digit() && c != '.')
            .unwrap_or(text.len());
        let (number, unit) = text.split_at(end);
        let unit = match unit.trim_start().to_ascii_uppercase().as_str() {
            "" | "B" => 1,
            "K" | "KB" | "KIB" => 1 << 10,
            "M" | "MB" | "MIB" => 1 << 20,
            "G" | "GB" | "GIB" => 1 << 30,
            _ => return Err(NotASize),
        };
        if let Ok(whole) = number.parse::<u64>() {
            return whole.checked_mul(unit).map(Bytes).ok_or(NotASize);
        }
        let bytes = number.parse::<f64>().map_err(|_| NotASize)? * unit as f64;
        // Beyond 2^53 a float no longer counts single bytes; nobody means that by "1.5 GB".
        if bytes < 9.0e15 {
            Ok(Bytes(bytes.round() as u64))
        } else {
            Err(NotASize)
        }
    }
}

impl Serialize for Bytes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Bytes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Size;
        impl Visitor<'_> for Size {
            type Value = Bytes;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a size such as 512 KB or 1 MB")
            }

            fn visit_u64<E>(self, value: u64) -> Result<Bytes, E> {
                Ok(Bytes(value))
            }

            fn visit_str<E: serde::de::Error>(self, value: &str) -> Result<Bytes, E> {
                value
                    .parse()
                    .map_err(|NotASize| E::invalid_value(Unexpected::Str(value), &self))
            }
        }
        deserializer.deserialize_any(Size).map_err(D::Error::custom)
    }
}

impl JsonSchema for Bytes {
    fn schema_name() -> Cow<'static, str> {
        "Bytes".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": ["integer", "string"], "format": "bytes" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_read_and_show_as_people_write_them() {
        let rows = [
            ("1 MB", Some(1 << 20), "1 MB"),
            ("512KB", Some(512 << 10), "512 KB"),
            ("512 kib", Some(512 << 10), "512 KB"),
            ("1048576", Some(1 << 20), "1 MB"),
            (" 2g ", Some(2 << 30), "2 GB"),
            ("1.5 MB", Some(1536 << 10), "1536 KB"),
            ("1500 B", Some(1500), "1500"),
            ("0", Some(0), "0"),
            (
                "18446744073709551615",
                Some(u64::MAX),
                "18446744073709551615",
            ),
            ("18446744073709551615 KB", None, ""),
            ("99999999999.5 GB", None, ""),
            ("1 TB", None, ""),
            ("-1", None, ""),
            ("MB", None, ""),
            ("1.2.3 MB", None, ""),
            ("", None, ""),
            (".", None, ""),
        ];
        for (text, bytes, shown) in rows {
            let read = text.parse::<Bytes>().ok();
            assert_eq!(read, bytes.map(Bytes), "{text:?}");
            assert_eq!(
                read.map_or(String::new(), |b| b.to_string()),
                shown,
                "{text:?}"
            );
        }
    }
}
