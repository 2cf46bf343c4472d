//! The bytes of a rescue copy. Pure.

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;
use std::path::PathBuf;

use jiff::Timestamp;
use sha2::{Digest, Sha256};
use uuid::Builder;

use crate::history::composition::CompositionId;

/// The lines before the text take at most this many bytes.
pub(super) const MAX_HEADER: usize = 64 << 10;

/// A rescue copy.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Copy {
    /// The id that stands there.
    pub given_id: Option<CompositionId>,
    /// The same, or one made from the copy: taken twice, it is still one composition.
    pub id: CompositionId,
    pub number: u64,
    pub sequence: u64,
    pub buffer: Vec<u8>,
    pub created: Timestamp,
    pub directory: Option<PathBuf>,
    pub name: Option<String>,
    pub source: Option<PathBuf>,
    pub body: Vec<u8>,
}

impl Copy {
    /// The process whose buffer it is, where that is said.
    pub fn editor(&self) -> Option<u32> {
        let digits = self.buffer.split(|byte| *byte == b'.').next()?;
        std::str::from_utf8(digits).ok()?.parse().ok()
    }

    /// Reads a copy's bytes, or says what is wrong with them.
    pub(super) fn parse(bytes: &[u8]) -> Result<Self, String> {
        let header = &bytes[..bytes.len().min(MAX_HEADER)];
        let end = memchr::memmem::find(header, b"\n\n");
        let end = end.ok_or("no empty line ends what stands before the text")?;
        let body = &bytes[end + 2..];
        let lines = Lines(&bytes[..end]);
        let size: usize = lines.number("bytes")?;
        if body.len() != size {
            let found = body.len();
            return Err(format!("its text should have {size} bytes and has {found}"));
        }
        let milliseconds = lines.number("created")?;
        let created = Timestamp::from_millisecond(milliseconds);
        let created = created.map_err(|_| "'created' is no time".to_owned())?;
        let id = lines.get("id").ok_or("'id' is missing")?;
        let given_id = match id.is_empty() {
            true => None,
            false => {
                let id = String::from_utf8_lossy(&id).parse();
                Some(id.map_err(|_| "'id' is no composition's id".to_owned())?)
            }
        };
        let made_id = || {
            let hash: [u8; 32] = Sha256::digest(bytes).into();
            let mut random = [0; 10];
            random.copy_from_slice(&hash[..10]);
            let milliseconds = milliseconds.unsigned_abs();
            CompositionId(Builder::from_unix_timestamp_millis(milliseconds, &random).into_uuid())
        };
        let path = |key| {
            let path = lines.get(key).filter(|path| !path.is_empty())?;
            Some(PathBuf::from(OsString::from_vec(path)))
        };
        let name = lines.get("name").filter(|name| !name.is_empty());
        Ok(Self {
            given_id,
            id: given_id.unwrap_or_else(made_id),
            number: lines.number("number")?,
            sequence: match lines.get("sequence") {
                Some(_) => lines.number("sequence")?,
                None => 0,
            },
            buffer: lines.get("buffer").unwrap_or_default(),
            created,
            directory: path("directory"),
            name: name.map(|name| String::from_utf8_lossy(&name).into_owned()),
            source: path("source"),
            body: body.to_vec(),
        })
    }
}

/// The lines `key: value`.
struct Lines<'a>(&'a [u8]);

impl Lines<'_> {
    /// A key's value, its escapes undone.
    fn get(&self, key: &str) -> Option<Vec<u8>> {
        let value = self.0.split(|byte| *byte == b'\n').find_map(|line| {
            let value = line.strip_prefix(key.as_bytes())?.strip_prefix(b":")?;
            Some(value.strip_prefix(b" ").unwrap_or(value))
        })?;
        let mut plain = Vec::with_capacity(value.len());
        let mut bytes = value.iter().peekable();
        while let Some(byte) = bytes.next() {
            plain.push(match (byte, bytes.peek()) {
                (b'\\', Some(b'n')) => {
                    bytes.next();
                    b'\n'
                }
                (b'\\', Some(b'\\')) => {
                    bytes.next();
                    b'\\'
                }
                _ => *byte,
            });
        }
        Some(plain)
    }

    fn number<T: std::str::FromStr>(&self, key: &str) -> Result<T, String> {
        let value = self.get(key).ok_or(format!("'{key}' is missing"))?;
        let value = String::from_utf8_lossy(&value);
        value
            .parse()
            .map_err(|_| format!("'{key}' is no number that fits: {value}"))
    }
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_copy_is_lines_and_the_text() {
        let copy = Copy::parse(
            b"id: 01890a5d-ac96-774b-bcce-b302099a8057\nnumber: 17\nsequence: 3\nbytes: 7\n\
              buffer: 12.34.5\ndirectory: /home/\xff\nname: two\\nlines \\\\n\nsource:\nnew: x\n\
              created: 1700000000123\n\n\n\0\xff\r\na\n",
        );
        let copy = copy.unwrap();
        assert_eq!(copy.body, b"\n\0\xff\r\na\n");
        assert_eq!(copy.name.as_deref(), Some("two\nlines \\n"));
        let directory = OsString::from_vec(b"/home/\xff".to_vec());
        assert_eq!(copy.directory, Some(directory.into()));
        assert_eq!(copy.source, None);
        assert_eq!((copy.number, copy.sequence), (17, 3));
        assert_eq!(copy.buffer, b"12.34.5");
        assert_eq!(copy.given_id, Some(copy.id));
        assert_eq!(copy.created.to_string(), "2023-11-14T22:13:20.123Z");
    }

    #[test]
    fn a_copy_without_an_id_always_gets_the_same() {
        let copy = |text: &str| {
            let bytes = format!("id:\nnumber: 1\nbytes: 1\ncreated: 1700000000123\n\n{text}");
            Copy::parse(bytes.as_bytes()).unwrap()
        };
        assert_eq!(copy("a"), copy("a"));
        assert_ne!(copy("a").id, copy("b").id);
        assert_eq!(copy("a").given_id, None);
        assert_eq!(copy("a").id.0.get_version_num(), 7);
    }

    /// Why lines with an empty text are no copy.
    fn check(lines: &str, why: Expect) {
        why.assert_eq(&Copy::parse(format!("{lines}\n\n").as_bytes()).unwrap_err());
    }

    #[test]
    fn damage_is_told() {
        check("id:", expect!["'bytes' is missing"]);
        check(
            "bytes: 1",
            expect!["its text should have 1 bytes and has 0"],
        );
        check("bytes: 0", expect!["'created' is missing"]);
        check("bytes: -1", expect!["'bytes' is no number that fits: -1"]);
        check(
            "bytes: 0\ncreated: 9223372036854775807",
            expect!["'created' is no time"],
        );
        check("bytes: 0\ncreated: 0", expect!["'id' is missing"]);
        check(
            "bytes: 0\ncreated: 0\nid: x",
            expect!["'id' is no composition's id"],
        );
        check("bytes: 0\ncreated: 0\nid:", expect!["'number' is missing"]);
        let endless = Copy::parse(&vec![b'x'; MAX_HEADER * 2]).unwrap_err();
        assert_eq!(endless, "no empty line ends what stands before the text");
    }

    proptest! {
        #[test]
        fn any_bytes_are_read(bytes in proptest::collection::vec(any::<u8>(), 0..100)) {
            let _ = Copy::parse(&bytes);
            let lines = b"id:\nnumber: 1\nbytes: 1\ncreated: 1\n";
            let _ = Copy::parse(&[lines, &bytes[..]].concat());
        }

        #[test]
        fn values_survive_as_lua_escapes_them(name in any::<String>(), body in any::<Vec<u8>>()) {
            let escaped = name.replace('\\', "\\\\").replace('\n', "\\n");
            let size = body.len();
            let lines = format!("id:\nname: {escaped}\nnumber: 1\nbytes: {size}\ncreated: 1\n\n");
            let copy = Copy::parse(&[lines.as_bytes(), &body[..]].concat()).unwrap();
            prop_assert_eq!(copy.name.unwrap_or_default(), name);
            prop_assert_eq!(copy.body, body);
        }
    }
}
