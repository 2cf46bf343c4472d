//! A composition as a file's bytes, and back. Pure.
//!
//! Front matter in YAML between two `---` lines, then the text's bytes exactly as they are, whatever
//! they are. Times are written in UTC with microseconds. A path that is not UTF-8 is written as
//! hexadecimal digits under `directory_hex` or `source_hex`. Keys that are not known, of a newer
//! version, are passed over.
//!
//! A file of ours is read by a scanner for exactly that shape (`scan`), one that a person changed by
//! a YAML parser; a property test holds that they read the same.

mod scan;

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fmt::Write;
use std::ops::Range;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::Deserialize;

use super::composition::{
    Answer, Composition, CompositionId, Meta, Sent, UsedPrompt, to_microseconds,
};
use crate::error::{Error, Result};

/// Front matter larger than this is refused, and never written.
pub const MAX_FRONT_MATTER: usize = 1 << 20;

/// The most front matter in bytes, and the most brackets in it, that the YAML parser gets: it takes
/// time in the square of what is nested.
const MAX_YAML: usize = 64 << 10;
const MAX_BRACKETS: usize = 1000;
/// YAML allows no key in a line to be longer than 1,024 characters.
const MAX_KEY: usize = 1000;

/// Writes a composition as its file's bytes.
///
/// The front matter never exceeds [`MAX_FRONT_MATTER`]: of the provenance, what no longer fits is left
/// out, as are values of placeholders whose name is longer than 1,000 bytes. The text never is.
pub fn render(composition: &Composition) -> Vec<u8> {
    join(&composition.meta, &composition.body)
}

/// As [`render`], of a text that is somebody else's.
pub(super) fn join(meta: &Meta, body: &[u8]) -> Vec<u8> {
    let mut bytes = header(meta).into_bytes();
    bytes.reserve_exact(body.len());
    bytes.extend_from_slice(body);
    bytes
}

/// Reads a file's bytes.
///
/// # Errors
/// `invalid_input` when there is no front matter that names at least an id and a time of creation.
pub fn parse(bytes: &[u8]) -> Result<Composition> {
    let (meta, body) = parse_head(bytes)?.ok_or_else(unclosed)?;
    Ok(Composition {
        meta,
        body: bytes[body..].to_vec(),
    })
}

/// Reads the front matter from a file's first bytes, and says at which byte the text begins; `None`
/// when it goes on beyond those bytes.
///
/// # Errors
/// As [`parse`].
pub fn parse_head(start: &[u8]) -> Result<Option<(Meta, usize)>> {
    let Some((header, body)) = split(start)? else {
        return Ok(None);
    };
    let header = std::str::from_utf8(&start[header])
        .map_err(|e| Error::invalid("the front matter is not UTF-8").because(e))?;
    let fields = match scan::fields(header) {
        Some(fields) => fields,
        None => by_yaml(header)?,
    };
    Ok(Some((fields.into_meta()?, body)))
}

/// What stands in front matter, before its meaning is checked.
#[derive(Debug, Default, PartialEq, Deserialize)]
struct Fields {
    id: Option<String>,
    sequence: Option<u64>,
    created: Option<String>,
    updated: Option<String>,
    draft: Option<bool>,
    conflict_of: Option<String>,
    answer: Option<AnswerFields>,
    directory: Option<String>,
    directory_hex: Option<String>,
    name: Option<String>,
    source: Option<String>,
    source_hex: Option<String>,
    tags: Option<Vec<String>>,
    sent: Option<Vec<SentFields>>,
    prompts: Option<Vec<PromptFields>>,
    files: Option<Vec<String>>,
    without: Option<Vec<String>>,
}

#[derive(Debug, Default, PartialEq, Deserialize)]
struct SentFields {
    to: Option<String>,
    at: Option<String>,
}

#[derive(Debug, Default, PartialEq, Deserialize)]
struct AnswerFields {
    to: Option<String>,
    model: Option<String>,
    input: Option<u64>,
    output: Option<u64>,
    micro_usd: Option<u64>,
    incomplete: Option<String>,
}

#[derive(Debug, Default, PartialEq, Deserialize)]
struct PromptFields {
    id: Option<String>,
    hash: Option<String>,
    values: Option<BTreeMap<String, String>>,
}

impl Fields {
    /// Strict about what names and orders a composition; provenance that can't be read is left out.
    fn into_meta(self) -> Result<Meta> {
        let id: CompositionId = required("id", self.id)?.parse()?;
        let created = time("created", &required("created", self.created)?)?;
        let updated = match self.updated {
            Some(updated) => time("updated", &updated)?.max(created),
            None => created,
        };
        let sent = self.sent.unwrap_or_default().into_iter();
        let sent = sent.filter_map(|sent| {
            Some(Sent {
                to: sent.to?,
                at: time("at", &sent.at?).ok()?,
            })
        });
        let prompts = self.prompts.unwrap_or_default().into_iter();
        let prompts = prompts.filter_map(|prompt| {
            Some(UsedPrompt {
                id: prompt.id?,
                hash: prompt.hash.unwrap_or_default(),
                values: prompt.values.unwrap_or_default(),
            })
        });
        Ok(Meta {
            id,
            sequence: self.sequence.unwrap_or_default(),
            created,
            updated,
            directory: path("directory", self.directory, self.directory_hex)?.unwrap_or_default(),
            name: self.name,
            tags: self.tags.unwrap_or_default(),
            draft: self.draft.unwrap_or_default(),
            sent: sent.collect(),
            prompts: prompts.collect(),
            files: self.files.unwrap_or_default(),
            without: self.without.unwrap_or_default(),
            source: path("source", self.source, self.source_hex)?,
            conflict_of: self.conflict_of.map(|id| id.parse()).transpose()?,
            answer: self.answer.and_then(AnswerFields::into_answer),
        })
    }
}

impl AnswerFields {
    fn into_answer(self) -> Option<Answer> {
        Some(Answer {
            to: self.to?.parse().ok()?,
            model: self.model.unwrap_or_default(),
            input: self.input.unwrap_or_default(),
            output: self.output.unwrap_or_default(),
            micro_usd: self.micro_usd,
            incomplete: self.incomplete,
        })
    }
}

fn required(key: &str, value: Option<String>) -> Result<String> {
    value.ok_or_else(|| Error::invalid(format!("the front matter has no '{key}'")))
}

fn time(key: &str, text: &str) -> Result<Timestamp> {
    let time: Timestamp = text.parse().map_err(|e: jiff::Error| {
        Error::invalid(format!("'{key}' is no time"))
            .hint("write it like 2026-01-31T12:00:00Z")
            .because(e)
    })?;
    Ok(to_microseconds(time))
}

fn path(key: &str, plain: Option<String>, hex: Option<String>) -> Result<Option<PathBuf>> {
    let Some(hex) = hex else {
        return Ok(plain.map(PathBuf::from));
    };
    let digits = hex.as_bytes().chunks(2).map(|pair| {
        let pair = std::str::from_utf8(pair).ok()?;
        let hexadecimal = pair.len() == 2 && pair.bytes().all(|b| b.is_ascii_hexdigit());
        hexadecimal.then(|| u8::from_str_radix(pair, 16).ok())?
    });
    let bytes: Option<Vec<u8>> = digits.collect();
    let bytes =
        bytes.ok_or_else(|| Error::invalid(format!("'{key}_hex' is no hexadecimal number")))?;
    Ok(Some(OsString::from_vec(bytes).into()))
}

/// Where the front matter is, and where the text begins; `None` when no line closes it so far.
fn split(bytes: &[u8]) -> Result<Option<(Range<usize>, usize)>> {
    let Some(first) = fence(bytes) else {
        let begun = bytes.len() < 5 && b"---\r\n".starts_with(bytes);
        return match begun {
            true => Ok(None),
            false => Err(Error::invalid("the file does not begin with front matter")
                .hint("only compositions belong into this folder")),
        };
    };
    let within = &bytes[..bytes.len().min(first + MAX_FRONT_MATTER + "---\r\n".len())];
    // From the first fence's own line break on: front matter may be empty.
    for at in memchr::memmem::find_iter(&within[first - 1..], b"\n---") {
        let line = first + at;
        if line - first > MAX_FRONT_MATTER {
            return Err(too_large());
        }
        if let Some(length) = fence(&within[line..]) {
            return Ok(Some((first..line, line + length)));
        }
    }
    match bytes.len() > within.len() {
        true => Err(too_large()),
        false => Ok(None),
    }
}

pub(super) fn unclosed() -> Error {
    Error::invalid("the front matter is not closed by a line '---'")
        .hint("the file was cut off, or is no composition")
}

fn too_large() -> Error {
    let limit = MAX_FRONT_MATTER >> 10;
    Error::invalid(format!("the front matter is larger than {limit} KB"))
}

/// The length of a `---` line at the beginning, with its end.
fn fence(bytes: &[u8]) -> Option<usize> {
    match bytes {
        [b'-', b'-', b'-', b'\n', ..] => Some(4),
        [b'-', b'-', b'-', b'\r', b'\n', ..] => Some(5),
        _ => None,
    }
}

fn by_yaml(header: &str) -> Result<Fields> {
    let brackets = header.bytes().filter(|b| b"[{".contains(b)).count();
    if header.len() > MAX_YAML || brackets > MAX_BRACKETS {
        return Err(
            Error::invalid("the front matter is too large to be written by hand")
                .hint("keep the form that promptstack writes: one key in a line, text in quotes"),
        );
    }
    serde_yaml::from_str(header)
        .map_err(|e| Error::invalid(format!("the front matter can't be read: {e}")).because(e))
}

fn header(meta: &Meta) -> String {
    // What may never be missing comes first, so that it always fits.
    let mut out = format!(
        "---\nid: {}\nsequence: {}\ncreated: {:.6}\nupdated: {:.6}\n",
        meta.id,
        meta.sequence,
        to_microseconds(meta.created),
        to_microseconds(meta.updated)
    );
    if meta.draft {
        out += "draft: true\n";
    }
    if let Some(id) = meta.conflict_of {
        out += &format!("conflict_of: {id}\n");
    }
    if let Some(answer) = &meta.answer {
        add(&mut out, &answer_line(answer));
    }
    if meta.directory != Path::new("") {
        add(&mut out, &path_line("directory", &meta.directory));
    }
    if let Some(name) = &meta.name {
        add(&mut out, &format!("name: {}\n", Quoted(name)));
    }
    if let Some(source) = &meta.source {
        add(&mut out, &path_line("source", source));
    }
    add_list(&mut out, "tags", &meta.tags, |tag| vec![quoted(tag)]);
    add_list(&mut out, "sent", &meta.sent, |sent| {
        let at = to_microseconds(sent.at);
        vec![format!("{{to: {}, at: \"{at:.6}\"}}", Quoted(&sent.to))]
    });
    add_list(&mut out, "files", &meta.files, |file| vec![quoted(file)]);
    add_list(&mut out, "without", &meta.without, |id| vec![quoted(id)]);
    add_list(&mut out, "prompts", &meta.prompts, |prompt| {
        let plain = format!("id: {}, hash: {}", Quoted(&prompt.id), Quoted(&prompt.hash));
        let values = prompt
            .values
            .iter()
            .map(|(key, value)| (quoted(key), value));
        let values: Vec<String> = values
            .filter(|(key, _)| key.len() <= MAX_KEY)
            .map(|(key, value)| format!("{key}: {}", Quoted(value)))
            .collect();
        match values.is_empty() {
            true => vec![format!("{{{plain}}}")],
            false => vec![
                format!("{{{plain}, values: {{{}}}}}", values.join(", ")),
                format!("{{{plain}}}"),
            ],
        }
    });
    out += "---\n";
    out
}

/// Adds what still fits.
fn add(out: &mut String, piece: &str) -> bool {
    let fits = out.len() + piece.len() <= MAX_FRONT_MATTER;
    if fits {
        out.push_str(piece);
    }
    fits
}

/// Adds a list, of each item the first form that still fits.
fn add_list<T>(out: &mut String, key: &str, items: &[T], forms: impl Fn(&T) -> Vec<String>) {
    let mut open = false;
    for item in items {
        for form in forms(item) {
            let piece = match open {
                true => format!("- {form}\n"),
                false => format!("{key}:\n- {form}\n"),
            };
            if add(out, &piece) {
                open = true;
                break;
            }
        }
    }
}

fn answer_line(answer: &Answer) -> String {
    let (model, input, output) = (Quoted(&answer.model), answer.input, answer.output);
    let mut line = format!(
        "answer: {{to: {}, model: {model}, input: {input}, output: {output}",
        // In quotes: to YAML some ids are numbers.
        Quoted(&answer.to.to_string())
    );
    if let Some(micro_usd) = answer.micro_usd {
        line += &format!(", micro_usd: {micro_usd}");
    }
    if let Some(why) = &answer.incomplete {
        line += &format!(", incomplete: {}", Quoted(why));
    }
    line + "}\n"
}

fn path_line(key: &str, path: &Path) -> String {
    match path.to_str() {
        Some(path) => format!("{key}: {}\n", Quoted(path)),
        None => {
            let bytes = path.as_os_str().as_bytes().iter();
            let hex: String = bytes.map(|b| format!("{b:02x}")).collect();
            format!("{key}_hex: \"{hex}\"\n")
        }
    }
}

fn quoted(text: &str) -> String {
    Quoted(text).to_string()
}

/// A text in double quotes on one line, as YAML reads it.
struct Quoted<'a>(&'a str);

impl std::fmt::Display for Quoted<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_char('"')?;
        for c in self.0.chars() {
            match c {
                '"' => f.write_str("\\\"")?,
                '\\' => f.write_str("\\\\")?,
                '\n' => f.write_str("\\n")?,
                '\t' => f.write_str("\\t")?,
                '\r' => f.write_str("\\r")?,
                c if is_printable(c) => f.write_char(c)?,
                c if c <= '\u{ff}' => write!(f, "\\x{:02x}", u32::from(c))?,
                c => write!(f, "\\u{:04x}", u32::from(c))?,
            }
        }
        f.write_char('"')
    }
}

/// What YAML lets stand in a quoted text as it is: no control character, no line break of its own
/// (NEL, LS, PS), no mark. All others are below U+10000.
fn is_printable(c: char) -> bool {
    !c.is_control()
        && !matches!(
            c,
            '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}'
        )
}

#[cfg(test)]
mod tests;
