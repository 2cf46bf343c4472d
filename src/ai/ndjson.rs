//! JSON values, each on a line of its own: bytes, however they are cut, to the lines. Pure.
//!
//! A line without its line feed is none: whoever sends such a stream ends its last line too, so that
//! what was cut is never taken for whole.

use super::lines::{Lines, TooLong};

/// Reads a stream of lines.
#[derive(Debug)]
pub struct Decoder {
    lines: Lines,
}

impl Decoder {
    /// A decoder at the beginning of a stream, whose lines have at most `longest` bytes.
    pub fn new(longest: usize) -> Self {
        Self {
            lines: Lines::new(longest, false),
        }
    }

    /// Takes the next bytes and appends the lines that they complete; empty ones are left out.
    ///
    /// # Errors
    /// When a line is too long; what came before it is there.
    pub fn feed(&mut self, bytes: &[u8], values: &mut Vec<String>) -> Result<(), TooLong> {
        self.lines.feed(bytes, |line| {
            let line = line.trim_ascii();
            if !line.is_empty() {
                values.push(String::from_utf8_lossy(line).into_owned());
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::ai::lines::cut_at;

    fn read(pieces: &[&[u8]]) -> Vec<String> {
        let mut decoder = Decoder::new(1000);
        let mut values = Vec::new();
        for piece in pieces {
            decoder.feed(piece, &mut values).unwrap();
        }
        values
    }

    #[test]
    fn each_ended_line_is_a_value() {
        let rows: &[(&str, &[&str])] = &[
            ("{}\n[1]\n", &["{}", "[1]"]),
            ("{}\r\n\r\n  \n[1] \n", &["{}", "[1]"]),
            ("{\"a\":\r1}\n", &["{\"a\":\r1}"]),
            ("{}\n[1]", &["{}"]),
            ("", &[]),
        ];
        for (text, expected) in rows {
            assert_eq!(read(&[text.as_bytes()]), *expected, "{text:?}");
        }
        let mut decoder = Decoder::new(4);
        let mut values = Vec::new();
        assert_eq!(decoder.feed(b"1234\n123", &mut values), Ok(()));
        assert_eq!(decoder.feed(b"45", &mut values), Err(TooLong));
    }

    proptest! {
        #[test]
        fn however_the_bytes_are_cut_the_lines_are_the_same(
            text in "([{}a ä€\u{1f600}]|\r|\n|\r\n){0,40}",
            cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..8),
        ) {
            let bytes = text.as_bytes();
            prop_assert_eq!(read(&cut_at(bytes, &cuts)), read(&[bytes]));
            let single: Vec<_> = bytes.chunks(1).collect();
            prop_assert_eq!(read(&single), read(&[bytes]));
        }
    }
}
