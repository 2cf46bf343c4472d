//! Server-Sent Events: bytes, however they are cut, to events. Pure.
//!
//! The algorithm is the one of the WHATWG's HTML standard, "Interpreting an event stream". An event
//! that its empty line has not ended is none, so that a stream that was cut never ends by luck.

use super::lines::{Lines, TooLong};

/// Something that a server said.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Event {
    /// Its name; empty where the server gave none.
    pub name: String,
    /// What it said; several lines of data are joined by line feeds.
    pub data: String,
}

/// Reads a stream of events.
#[derive(Debug)]
pub struct Decoder {
    lines: Lines,
    first: bool,
    name: String,
    data: Option<String>,
}

impl Decoder {
    /// A decoder at the beginning of a stream, whose lines have at most `longest` bytes.
    pub fn new(longest: usize) -> Self {
        Self {
            lines: Lines::new(longest, true),
            first: true,
            name: String::new(),
            data: None,
        }
    }

    /// Takes the next bytes and appends the events that they complete.
    ///
    /// # Errors
    /// When a line is too long; what came before it is there.
    pub fn feed(&mut self, bytes: &[u8], events: &mut Vec<Event>) -> Result<(), TooLong> {
        let Self {
            lines,
            first,
            name,
            data,
        } = self;
        lines.feed(bytes, |line| {
            let line = match std::mem::take(first) {
                true => line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line),
                false => line,
            };
            if line.is_empty() {
                let name = std::mem::take(name);
                events.extend(data.take().map(|data| Event { name, data }));
                return;
            }
            let line = String::from_utf8_lossy(line);
            let (field, value) = line.split_once(':').unwrap_or((&line, ""));
            let value = value.strip_prefix(' ').unwrap_or(value);
            match (field, &mut *data) {
                ("event", _) => value.clone_into(name),
                ("data", Some(data)) => {
                    data.push('\n');
                    data.push_str(value);
                }
                ("data", None) => *data = Some(value.to_owned()),
                // Comments have an empty field; `id` and `retry` are for a client that connects again.
                _ => {}
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::ai::lines::cut_at;

    fn read(pieces: &[&[u8]]) -> Vec<Event> {
        let mut decoder = Decoder::new(1000);
        let mut events = Vec::new();
        for piece in pieces {
            decoder.feed(piece, &mut events).unwrap();
        }
        events
    }

    #[test]
    fn events_are_read_as_the_standard_says() {
        let rows: &[(&str, &[(&str, &str)])] = &[
            ("data: a\n\n", &[("", "a")]),
            ("data: a\r\n\r\n", &[("", "a")]),
            ("data: a\r\r", &[("", "a")]),
            ("data: a\n\r\n", &[("", "a")]),
            ("data:a\n\ndata:  b\n\n", &[("", "a"), ("", " b")]),
            ("event: x\ndata: a\n\ndata: b\n\n", &[("x", "a"), ("", "b")]),
            ("event: x\n\ndata: b\n\n", &[("", "b")]),
            ("data: a\ndata:\ndata: b\n\n", &[("", "a\n\nb")]),
            ("data\n\n", &[("", "")]),
            ("data: a:b\n\n", &[("", "a:b")]),
            (
                ": ping\n\nid: 7\nretry: 1\ndata: a\nodd: x\n\n",
                &[("", "a")],
            ),
            ("\u{feff}data: a\n\n\u{feff}data: b\n\n", &[("", "a")]),
            ("data: a", &[]),
            ("data: a\n", &[]),
            ("", &[]),
        ];
        for (text, expected) in rows {
            let found = read(&[text.as_bytes()]);
            let found: Vec<_> = found.iter().map(|e| (&*e.name, &*e.data)).collect();
            assert_eq!(found, *expected, "{text:?}");
        }
        assert_eq!(read(&[b"data: \xff\n\n"])[0].data, "\u{fffd}");
    }

    #[test]
    fn a_line_that_never_ends_is_given_up() {
        let mut decoder = Decoder::new(10);
        let mut events = Vec::new();
        let outcome = decoder.feed(b"data: 1\n\ndata: 1234567", &mut events);
        assert_eq!((outcome, events.len()), (Err(TooLong), 1));
        let mut decoder = Decoder::new(10);
        assert_eq!(decoder.feed(b"data: 1234", &mut events), Ok(()));
        assert_eq!(decoder.feed(b"5", &mut events), Err(TooLong));
    }

    proptest! {
        #[test]
        fn however_the_bytes_are_cut_the_events_are_the_same(
            text in "(data: ?|event: ?|: ?|[aä€\u{1f600}\u{feff}]|\r|\n|\r\n|\n\n){0,40}",
            cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..8),
        ) {
            let bytes = text.as_bytes();
            prop_assert_eq!(read(&cut_at(bytes, &cuts)), read(&[bytes]));
            let single: Vec<_> = bytes.chunks(1).collect();
            prop_assert_eq!(read(&single), read(&[bytes]));
        }
    }
}
