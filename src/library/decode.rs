//! Bytes of a file to text. Pure.
//!
//! Most files are UTF-8 and are not copied. Anything else is read as well as it can be, and says so:
//! a prompt in an old encoding is still somebody's prompt.

use std::borrow::Cow;

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};

/// A file's text, and what stood in the way of reading it.
#[derive(Debug, PartialEq, Eq)]
pub struct Decoded<'a> {
    /// The text; a byte order mark of UTF-8 is still in it.
    pub text: Cow<'a, str>,
    /// Why the text is not byte for byte the file, where it is not.
    pub finding: Option<Finding>,
}

/// How the bytes had to be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Finding {
    /// In another encoding, by its name.
    Encoding(&'static str),
    /// As UTF-8 with this many broken sequences replaced, the first at this byte.
    Broken {
        /// How many sequences were replaced.
        count: usize,
        /// Where the first one stands.
        first: usize,
    },
}

/// The bytes are no text: NUL bytes, and neither UTF-8 nor UTF-16.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotText;

/// Reads bytes as text: UTF-8, UTF-16 with or without its mark, else what the bytes look like.
///
/// # Errors
/// [`NotText`] for binary files.
pub fn decode(bytes: &[u8]) -> Result<Decoded<'_>, NotText> {
    if let Some((encoding, mark)) = Encoding::for_bom(bytes)
        && encoding != UTF_8
    {
        return Ok(with(encoding, &bytes[mark..]));
    }
    let has_nul = memchr::memchr(0, bytes).is_some();
    if has_nul && let Some(encoding) = unmarked_utf16(bytes) {
        return Ok(with(encoding, bytes));
    }
    if let Ok(text) = std::str::from_utf8(bytes) {
        return Ok(Decoded {
            text: Cow::Borrowed(text),
            finding: None,
        });
    }
    if has_nul {
        return Err(NotText);
    }
    if let Some(decoded) = mostly_utf8(bytes) {
        return Ok(decoded);
    }
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(bytes, true);
    Ok(with(detector.guess(None, Utf8Detection::Deny), bytes))
}

fn with<'a>(encoding: &'static Encoding, bytes: &[u8]) -> Decoded<'a> {
    let (text, _) = encoding.decode_without_bom_handling(bytes);
    Decoded {
        text: Cow::Owned(text.into_owned()),
        finding: Some(Finding::Encoding(encoding.name())),
    }
}

/// UTF-16 without its mark: prose has ASCII in it, so one byte of many pairs is NUL, and it is
/// always the same one.
fn unmarked_utf16(bytes: &[u8]) -> Option<&'static Encoding> {
    let pairs = bytes.chunks_exact(2);
    if !pairs.remainder().is_empty() {
        return None;
    }
    let (mut first, mut second, mut all) = (0, 0, 0);
    for pair in pairs.take(2048) {
        first += usize::from(pair[0] == 0);
        second += usize::from(pair[1] == 0);
        all += 1;
    }
    match (first, second) {
        (0, second) if second * 4 > all => Some(UTF_16LE),
        (first, 0) if first * 4 > all => Some(UTF_16BE),
        _ => None,
    }
}

/// UTF-8 with a few broken sequences: more characters are whole than broken.
fn mostly_utf8(bytes: &[u8]) -> Option<Decoded<'_>> {
    let (mut whole, mut count, mut at, mut first) = (0, 0, 0, None);
    for chunk in bytes.utf8_chunks() {
        whole += chunk.valid().chars().filter(|c| !c.is_ascii()).count();
        at += chunk.valid().len();
        if !chunk.invalid().is_empty() {
            first.get_or_insert(at);
            count += 1;
            at += chunk.invalid().len();
        }
    }
    (whole > count).then(|| Decoded {
        text: String::from_utf8_lossy(bytes),
        finding: Some(Finding::Broken {
            count,
            first: first.unwrap_or(0),
        }),
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check(bytes: &[u8], text: &str, finding: Option<Finding>) {
        let expected = Ok(Decoded {
            text: Cow::Borrowed(text),
            finding,
        });
        assert_eq!(decode(bytes), expected, "{bytes:?}");
    }

    fn utf16(text: &str, unit: fn(u16) -> [u8; 2]) -> Vec<u8> {
        text.encode_utf16().flat_map(unit).collect()
    }

    #[test]
    fn utf8_is_borrowed_and_kept_byte_for_byte() {
        for text in ["", "plain", "ä\r\n漢字", "\u{feff}marked", "a\0b", "\0"] {
            check(text.as_bytes(), text, None);
        }
    }

    #[test]
    fn other_encodings_are_named() {
        let text = "title: größer, a longer line of plain words";
        let marked = format!("\u{feff}{text}");
        let le = Some(Finding::Encoding("UTF-16LE"));
        let be = Some(Finding::Encoding("UTF-16BE"));
        check(&utf16(&marked, u16::to_le_bytes), text, le);
        check(&utf16(&marked, u16::to_be_bytes), text, be);
        check(&utf16(text, u16::to_le_bytes), text, le);
        check(&utf16(text, u16::to_be_bytes), text, be);
        check(
            b"caf\xe9 au lait",
            "café au lait",
            Some(Finding::Encoding("windows-1252")),
        );
    }

    #[test]
    fn a_few_broken_bytes_do_not_spoil_the_rest() {
        let finding = Some(Finding::Broken { count: 1, first: 6 });
        check(b"\xc3\xa4\xc3\xb6 x\xff.", "äö x\u{fffd}.", finding);
    }

    #[test]
    fn binary_bytes_are_no_text() {
        assert_eq!(decode(b"\x7fELF\x02\x01\0\0\xff\xfe\0"), Err(NotText));
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(bytes in any::<Vec<u8>>()) {
            if let Ok(decoded) = decode(&bytes) {
                prop_assert!(decoded.finding.is_some() || decoded.text.as_bytes() == bytes);
            }
        }
    }
}
