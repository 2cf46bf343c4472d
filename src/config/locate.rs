//! Where in a YAML text a key or value stands. Pure.
//!
//! The YAML reader tells a position only with an error. So [`locate`] reads the text again and stops
//! with an error at the place that is asked for. That costs one more parse for each problem, and is
//! right for every way to write YAML: block, flow, quotes, aliases.

use std::cell::Cell;
use std::fmt;

use serde::de::{
    DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor,
};

use crate::config::tree::{KeySeed, place, reader};
use crate::text::Position;

/// One step down the tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Step {
    /// Into the value of a key; of several with this name, the one after `skip` others.
    Key { name: String, skip: usize },
    /// Into an item of a list, from 0.
    Item(usize),
}

/// What to point at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Target {
    /// The last step's key.
    Key,
    /// The last step's value.
    Value,
}

/// Finds where the end of a path stands; a path that the text does not hold gives its start.
pub(crate) fn locate(text: &str, steps: &[Step], target: Target) -> Position {
    let found = Walk { steps, target }.deserialize(reader(text));
    let index = found
        .err()
        .and_then(|error| error.location())
        .map(|l| l.index());
    index.map_or(Position::START, |index| place(text, index))
}

/// Walks down the steps and stops with an error at the target; never gives a value.
#[derive(Clone, Copy)]
struct Walk<'a> {
    steps: &'a [Step],
    target: Target,
}

impl<'de> DeserializeSeed<'de> for Walk<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Walk<'_> {
    type Value = ();

    // The message of the error that every value without a `visit_` of its own ends in.
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the way on")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        let Some((Step::Item(wanted), rest)) = self.steps.split_first() else {
            return Err(A::Error::custom("here"));
        };
        for _ in 0..*wanted {
            if seq.next_element::<IgnoredAny>()?.is_none() {
                return Err(A::Error::custom("here"));
            }
        }
        seq.next_element_seed(Walk {
            steps: rest,
            ..self
        })?;
        Err(A::Error::custom("here"))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let Some((Step::Key { name, skip }, rest)) = self.steps.split_first() else {
            return Err(A::Error::custom("here"));
        };
        let left = Cell::new(*skip);
        let stop = rest.is_empty() && self.target == Target::Key;
        while let Some(key) = map.next_key_seed(KeySeed(stop.then_some((name, &left))))? {
            if stop || key != *name {
                map.next_value::<IgnoredAny>()?;
            } else if let Some(fewer) = left.get().checked_sub(1) {
                left.set(fewer);
                map.next_value::<IgnoredAny>()?;
            } else {
                map.next_value_seed(Walk {
                    steps: rest,
                    ..self
                })?;
            }
        }
        Err(A::Error::custom("here"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn steps(path: &str) -> Vec<Step> {
        path.split_terminator('.')
            .map(|part| match (part.parse(), part.split_once('#')) {
                (Ok(item), _) => Step::Item(item),
                (_, Some((name, skip))) => Step::Key {
                    name: name.into(),
                    skip: skip.parse().unwrap(),
                },
                _ => Step::Key {
                    name: part.into(),
                    skip: 0,
                },
            })
            .collect()
    }

    #[test]
    fn a_path_leads_to_its_line_and_byte_column() {
        let rows = [
            // text, path, key, value
            ("a: 1\nb: 2\n", "b", (2, 1), (2, 4)),
            ("a:\n  b: 1\n", "a.b", (2, 3), (2, 6)),
            (
                "# one\n\na:\n    b: 1 # two\n    c: x\n",
                "a.c",
                (5, 5),
                (5, 8),
            ),
            ("b: 1\na:\n  b: 2\n", "a.b", (3, 3), (3, 6)),
            ("a: { b: { c: 1 }, d: 2 }\n", "a.b.c", (1, 11), (1, 14)),
            ("a: { b: { c: 1 }, d: 2 }\n", "a.d", (1, 19), (1, 22)),
            ("a: {\n  b: 1,\n  c: 2\n}\n", "a.c", (3, 3), (3, 6)),
            ("{ \"a\": {'b': 1} }", "a.b", (1, 9), (1, 14)),
            ("'a b': \"x: y\"\n\"c\": 1\n", "c", (2, 1), (2, 6)),
            ("a: |\n  b: 1\nb: 2\n", "b", (3, 1), (3, 4)),
            ("a:\r\n  b: 1\r\nc: 2\r\n", "c", (3, 1), (3, 4)),
            ("\u{feff}a: 1\n", "a", (1, 4), (1, 7)),
            ("\u{feff}a:\n  b: 1\n", "a.b", (2, 3), (2, 6)),
            ("ä: { ö: 1, b: 2 }\n", "b", (1, 1), (1, 1)),
            ("ä: { ö: 1, b: 2 }\n", "ä.b", (1, 14), (1, 17)),
            ("a:\n  - x\n  - y\n", "a.1", (3, 5), (3, 5)),
            ("a: [x, y, {b: 1}]\n", "a.2.b", (1, 12), (1, 15)),
            ("a: 1\nb: 2\na: 3\n", "a#1", (3, 1), (3, 4)),
            ("---\na:\n- b: 1\n  c: 2\n", "a.0.c", (4, 3), (4, 6)),
            ("? a\n: b: 1\n", "a.b", (2, 3), (2, 6)),
            ("x: &x\n  b: 1\na: *x\n", "a.b", (2, 3), (2, 6)),
            ("a: 1\n", "zz.b", (1, 1), (1, 1)),
            ("a: [1]\n", "a.7", (1, 4), (1, 4)),
            ("", "a", (1, 1), (1, 1)),
            ("true: 1\n1: 2\n", "1x", (1, 1), (1, 1)),
            ("a:\n", "a", (1, 1), (1, 3)),
        ];
        for (text, path, key, value) in rows {
            let at = |target| {
                let Position { line, column } = locate(text, &steps(path), target);
                (line, column)
            };
            assert_eq!(
                (at(Target::Key), at(Target::Value)),
                (key, value),
                "{path} in {text:?}"
            );
        }
    }
}
