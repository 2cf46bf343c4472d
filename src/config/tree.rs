//! YAML text as a plain tree that keeps order and duplicates. Pure.
//!
//! The tree carries no positions; [`super::locate`] finds them for the few places that need one.

use std::cell::Cell;
use std::fmt;

use serde::de::{
    DeserializeSeed, Deserializer, EnumAccess, Error as _, MapAccess, SeqAccess, Visitor,
};

use crate::text::{Position, position_of};

/// The largest text that is read, in bytes; a configuration has a few kilobytes.
pub(crate) const MAX_TEXT: usize = 256 * 1024;
/// The most values that a text may expand to, so that aliases can't fill the memory.
const MAX_NODES: usize = 100_000;
/// The most brackets that may be open at once: nested flow style takes quadratic time to read.
const MAX_OPEN: usize = 64;

/// A value as it was written.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Node {
    Null,
    Bool(bool),
    Integer(i128),
    Float(f64),
    Text(String),
    List(Vec<Node>),
    /// In the order of the text; a key that stands twice is here twice.
    Map(Vec<(String, Node)>),
}

impl Node {
    /// Takes over a JSON value; what is nested deeper than 64 levels is left out.
    pub(crate) fn from_json(value: &serde_json::Value) -> Node {
        Self::from_json_within(value, 64)
    }

    fn from_json_within(value: &serde_json::Value, depth: usize) -> Node {
        use serde_json::Value;
        match value {
            Value::Null => Node::Null,
            Value::Bool(b) => Node::Bool(*b),
            Value::Number(n) => match (n.as_i64(), n.as_u64()) {
                (Some(n), _) => Node::Integer(n.into()),
                (_, Some(n)) => Node::Integer(n.into()),
                _ => n.as_f64().map_or(Node::Null, Node::number),
            },
            Value::String(s) => Node::Text(s.clone()),
            _ if depth == 0 => Node::Null,
            Value::Array(items) => Node::List(
                items
                    .iter()
                    .map(|v| Self::from_json_within(v, depth - 1))
                    .collect(),
            ),
            Value::Object(map) => Node::Map(
                map.iter()
                    .map(|(k, v)| (k.clone(), Self::from_json_within(v, depth - 1)))
                    .collect(),
            ),
        }
    }

    /// A float with an integral value is that integer: Lua has but one kind of number.
    fn number(value: f64) -> Node {
        if value.fract() == 0.0 && value.abs() < 9.0e15 {
            Node::Integer(value as i128)
        } else {
            Node::Float(value)
        }
    }
}

/// Shows a value for a message: text quoted and shortened, lists and groups only named.
impl fmt::Display for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Node::Null => f.write_str("nothing"),
            Node::Bool(b) => write!(f, "{b}"),
            Node::Integer(n) => write!(f, "{n}"),
            Node::Float(n) => write!(f, "{n}"),
            Node::Text(s) => write!(f, "{}", shorten(s)),
            Node::List(_) => f.write_str("a list"),
            Node::Map(_) => f.write_str("a group of keys"),
        }
    }
}

/// Quotes text for a message of one line.
pub(crate) fn shorten(text: &str) -> String {
    match text.char_indices().nth(60) {
        Some((end, _)) => format!("{:?}…", &text[..end]),
        None => format!("{text:?}"),
    }
}

/// Why a text can't be read at all.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Unreadable {
    pub(crate) at: Position,
    pub(crate) message: String,
}

/// Reads a YAML text; an empty one, or one with comments only, is [`Node::Null`].
pub(crate) fn parse(text: &str) -> Result<Node, Unreadable> {
    refuse_monsters(text)?;
    let count = Cell::new(0);
    NodeSeed(&count).deserialize(reader(text)).map_err(|error| {
        let at = error
            .location()
            .map_or(Position::START, |l| place(text, l.index()));
        Unreadable {
            at,
            message: describe(&error),
        }
    })
}

fn refuse_monsters(text: &str) -> Result<(), Unreadable> {
    if text.len() > MAX_TEXT {
        let message = format!(
            "larger than {} KB, which no configuration is",
            MAX_TEXT / 1024
        );
        return Err(Unreadable {
            at: Position::START,
            message,
        });
    }
    let control = |c: char| c.is_control() && !matches!(c, '\t' | '\n' | '\r' | '\u{85}');
    if let Some((offset, found)) = text.char_indices().find(|(_, c)| control(*c)) {
        let message = format!("control character U+{:04X}", found as u32);
        return Err(Unreadable {
            at: position_of(text, offset),
            message,
        });
    }
    let mut open = 0_usize;
    for (offset, byte) in text.bytes().enumerate() {
        match byte {
            b'[' | b'{' => open += 1,
            b']' | b'}' => open = open.saturating_sub(1),
            _ => {}
        }
        if open > MAX_OPEN {
            let at = position_of(text, offset);
            return Err(Unreadable {
                at,
                message: format!("more than {MAX_OPEN} open brackets"),
            });
        }
    }
    Ok(())
}

/// The reader's words without its own "at line 2 column 3", which the problem's position says.
fn describe(error: &serde_yaml::Error) -> String {
    let text = error.to_string();
    if text.contains("recursion limit") {
        return "nested too deeply".into();
    }
    if text.contains("repetition limit") || text.contains(TOO_MANY) {
        return TOO_MANY.into();
    }
    if text.contains("more than one document") {
        return "more than one document in the file".into();
    }
    let mut parts = text.split(" at line ");
    let mut plain = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let rest = part.find([',', ':']).map_or("", |end| &part[end..]);
        plain.push_str(rest);
    }
    format!("invalid YAML: {plain}")
}

const TOO_MANY: &str = "aliases expand to too many values";

pub(crate) fn reader(text: &str) -> serde_yaml::Deserializer<'_> {
    serde_yaml::Deserializer::from_str(body(text))
}

/// The text after a byte order mark.
fn body(text: &str) -> &str {
    text.strip_prefix('\u{feff}').unwrap_or(text)
}

/// Converts the reader's index, which counts bytes, to a position.
pub(crate) fn place(text: &str, index: usize) -> Position {
    let mark = text.len() - body(text).len();
    position_of(text, mark + index)
}

struct NodeSeed<'a>(&'a Cell<usize>);

impl<'de> DeserializeSeed<'de> for NodeSeed<'_> {
    type Value = Node;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Node, D::Error> {
        self.0.set(self.0.get() + 1);
        if self.0.get() > MAX_NODES {
            return Err(D::Error::custom(TOO_MANY));
        }
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for NodeSeed<'_> {
    type Value = Node;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a plain value, a list or a group of keys")
    }

    fn visit_unit<E>(self) -> Result<Node, E> {
        Ok(Node::Null)
    }

    fn visit_none<E>(self) -> Result<Node, E> {
        Ok(Node::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Node, E> {
        Ok(Node::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Node, E> {
        Ok(Node::Integer(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Node, E> {
        Ok(Node::Integer(value.into()))
    }

    fn visit_i128<E>(self, value: i128) -> Result<Node, E> {
        Ok(Node::Integer(value))
    }

    fn visit_u128<E>(self, value: u128) -> Result<Node, E> {
        Ok(Node::Integer(value.try_into().unwrap_or(i128::MAX)))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Node, E> {
        Ok(Node::Float(value))
    }

    fn visit_str<E>(self, value: &str) -> Result<Node, E> {
        Ok(Node::Text(value.to_owned()))
    }

    fn visit_enum<A: EnumAccess<'de>>(self, _tagged: A) -> Result<Node, A::Error> {
        Err(A::Error::custom(
            "tags that start with '!' are not used here",
        ))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Node, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = seq.next_element_seed(NodeSeed(self.0))? {
            items.push(item);
        }
        Ok(Node::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Node, A::Error> {
        let mut entries = Vec::new();
        while let Some(key) = map.next_key_seed(KeySeed(None))? {
            entries.push((key, map.next_value_seed(NodeSeed(self.0))?));
        }
        Ok(Node::Map(entries))
    }
}

/// Reads a key; given a name and how many of that name to pass by, stops with an error at it.
pub(crate) struct KeySeed<'a>(pub(crate) Option<(&'a str, &'a Cell<usize>)>);

impl<'de> DeserializeSeed<'de> for KeySeed<'_> {
    type Value = String;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<String, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for KeySeed<'_> {
    type Value = String;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a plain key")
    }

    fn visit_unit<E: serde::de::Error>(self) -> Result<String, E> {
        self.visit_str("null")
    }

    fn visit_bool<E: serde::de::Error>(self, value: bool) -> Result<String, E> {
        self.visit_str(&value.to_string())
    }

    fn visit_i64<E: serde::de::Error>(self, value: i64) -> Result<String, E> {
        self.visit_str(&value.to_string())
    }

    fn visit_u64<E: serde::de::Error>(self, value: u64) -> Result<String, E> {
        self.visit_str(&value.to_string())
    }

    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<String, E> {
        self.visit_str(&value.to_string())
    }

    fn visit_str<E: serde::de::Error>(self, name: &str) -> Result<String, E> {
        match self.0 {
            Some((wanted, skip)) if name == wanted => match skip.get().checked_sub(1) {
                Some(left) => skip.set(left),
                None => return Err(E::custom("here")),
            },
            _ => {}
        }
        Ok(name.to_owned())
    }
}

#[cfg(test)]
mod tests;
