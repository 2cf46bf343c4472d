//! What a person should see before a text is handed over: characters that are not seen, and what
//! looks like a secret. Pure, and linear in the text.

mod hidden;
mod secrets;

use std::ops::Range;

use super::Place;

/// How many places of a finding are kept; all are counted.
pub const MAX_PLACES: usize = 20;

/// What sort of finding it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A character that is not seen, or that changes how others are.
    Hidden,
    /// What looks like a credential.
    Secret,
}

/// One sort of character, or one secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What sort of finding it is.
    pub kind: Kind,
    /// What it is called: `U+200B zero width space`, `GitHub token`.
    pub name: String,
    /// How often it occurs.
    pub count: usize,
    /// Where, in order, at most [`MAX_PLACES`].
    pub places: Vec<Place>,
    /// How a secret begins, never more than four characters of it.
    pub sample: Option<String>,
}

/// Looks a text through: hidden characters by their kind, then secrets one by one, in order.
pub fn inspect(text: &str) -> Vec<Finding> {
    let mut found = hidden::find(text);
    found.extend(secrets::find(text));
    found
}

/// Turns offsets that only grow into places, in one pass over the text.
struct Rows<'a> {
    text: &'a str,
    row: u32,
    line: usize,
}

impl<'a> Rows<'a> {
    fn new(text: &'a str) -> Self {
        Self {
            text,
            row: 0,
            line: 0,
        }
    }

    /// The place of some bytes that begin no earlier than the ones before; of several lines, the
    /// part in the first.
    fn place(&mut self, bytes: Range<usize>) -> Place {
        let rest = self.text.as_bytes();
        while let Some(end) = memchr::memchr(b'\n', &rest[self.line..bytes.start]) {
            self.line += end + 1;
            self.row += 1;
        }
        let end =
            memchr::memchr(b'\n', &rest[bytes.clone()]).map_or(bytes.end, |i| bytes.start + i);
        // A hidden line break is its own line's end.
        let end = end.max(bytes.start);
        Place {
            row: self.row,
            columns: (bytes.start - self.line) as u32..(end - self.line) as u32,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn places_lie_on_characters_and_in_order(
            text in "(a|ä|\\n|\\r|\u{200b}|=|:|\"|password|token|sk-|://|@|-----BEGIN |eyJ|\\.|X1b2|\\PC){0,40}"
        ) {
            let lines: Vec<&str> = text.split('\n').collect();
            for finding in inspect(&text) {
                prop_assert!(finding.count >= finding.places.len());
                prop_assert!(!finding.places.is_empty());
                let mut last = (0, 0);
                for Place { row, columns } in finding.places {
                    let line = lines[row as usize];
                    prop_assert!(line.get(columns.start as usize..columns.end as usize).is_some());
                    prop_assert!((row, columns.start) >= last);
                    last = (row, columns.start);
                }
            }
        }
    }
}
