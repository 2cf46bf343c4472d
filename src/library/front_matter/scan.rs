//! The plain case of front matter, without a YAML parser and without copying.
//!
//! Refuses whatever YAML might read differently; a property test holds it to that.

use super::Lines;

/// A value of the plain case.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Plain<'a> {
    Null,
    Text(&'a str),
    List(Vec<&'a str>),
}

/// Reads `key: value` lines, one-line lists and simple `- item` lists; `None` when anything else
/// occurs.
pub(super) fn plain(header: &str) -> Option<Vec<(&str, Plain<'_>)>> {
    let mut entries: Vec<(&str, Plain)> = Vec::with_capacity(4);
    // The block list that lines with a dash add to: its indent, once there is an item.
    let mut list: Option<Option<usize>> = None;
    for line in (Lines {
        text: header,
        at: 0,
    }) {
        let line = header[line].trim_end_matches(' ');
        if !line.bytes().all(|b| (0x20..0x7f).contains(&b)) && !line.chars().all(is_printable) {
            return None;
        }
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        if let Some((key, value)) = key(line) {
            if entries.iter().any(|(earlier, _)| *earlier == key) {
                return None;
            }
            let value = value.trim_start_matches(' ');
            list = value.is_empty().then_some(None);
            entries.push((key, read(value)?));
            continue;
        }
        let item = line.trim_start_matches(' ');
        let indent = line.len() - item.len();
        let item = item.strip_prefix("- ")?.trim_start_matches(' ');
        match &mut list {
            None => return None,
            Some(Some(earlier)) if *earlier != indent => return None,
            Some(at) => *at = Some(indent),
        }
        let item = scalar(item)?;
        let (_, value) = entries.last_mut()?;
        match value {
            Plain::List(items) => items.push(item),
            value => *value = Plain::List(vec![item]),
        }
    }
    let misfit = |(key, value): &(&str, Plain)| {
        matches!(value, Plain::List(_)) && ["title", "name", "description"].contains(key)
    };
    // The way by YAML has the words for it.
    (!entries.iter().any(misfit)).then_some(entries)
}

/// Splits `key: value` or `key:` at the start of a line; the value may begin with spaces.
pub(super) fn key(line: &str) -> Option<(&str, &str)> {
    let bytes = line.as_bytes();
    let wanted = |b: &u8| b.is_ascii_alphanumeric() || *b == b'_' || *b == b'-';
    let end = bytes.iter().position(|b| !wanted(b))?;
    let named = bytes[0].is_ascii_alphabetic() && bytes[end] == b':';
    (named && matches!(bytes.get(end + 1), None | Some(b' ')))
        .then(|| (&line[..end], &line[end + 1..]))
}

fn read(value: &str) -> Option<Plain<'_>> {
    if value.is_empty() {
        return Some(Plain::Null);
    }
    let Some(inner) = value.strip_prefix('[') else {
        return scalar(value).map(Plain::Text);
    };
    let inner = inner.strip_suffix(']')?.trim_matches(' ');
    if inner.is_empty() {
        return Some(Plain::List(Vec::new()));
    }
    let items = inner.split(',').map(|item| {
        let item = item.trim_matches(' ');
        let plain = !item.bytes().any(|b| b"[]{}:?".contains(&b));
        if plain { scalar(item) } else { None }
    });
    items.collect::<Option<Vec<_>>>().map(Plain::List)
}

/// A one-line scalar that is surely text.
fn scalar(value: &str) -> Option<&str> {
    for quote in ['"', '\''] {
        if let Some(rest) = value.strip_prefix(quote) {
            let inner = rest.strip_suffix(quote)?;
            let escaped = inner.bytes().any(|b| b == b'\\' || b == quote as u8);
            return (!escaped).then_some(inner);
        }
    }
    is_plain_text(value).then_some(value)
}

/// No control character, no line break of YAML's own (NEL, LS, PS), no mark.
fn is_printable(c: char) -> bool {
    !c.is_control()
        && !matches!(
            c,
            '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}'
        )
}

fn is_plain_text(value: &str) -> bool {
    let bytes = value.as_bytes();
    let Some(first) = bytes.first() else {
        return false;
    };
    if b"-?:,[]{}#&*!|>'\"%@`".contains(first) || bytes.last() == Some(&b':') {
        return false;
    }
    if bytes.windows(2).any(|pair| pair == b": " || pair == b" #") {
        return false;
    }
    // What YAML might take for a number, a date or a constant.
    let numeric = (first.is_ascii_digit() || b"+.~".contains(first)) && !bytes.contains(&b' ');
    let constant = ["null", "true", "false", "yes", "no", "on", "off", "y", "n"]
        .iter()
        .any(|word| value.eq_ignore_ascii_case(word));
    !numeric && !constant
}
