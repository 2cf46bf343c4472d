//! Front matter in the very form in which it is written, without a YAML parser.
//!
//! Refuses whatever else YAML might read; a property test holds it to that.

use super::{AnswerFields, Fields, MAX_KEY, PromptFields, SentFields, is_printable};

/// Values nested deeper than this are refused.
const MAX_DEPTH: usize = 8;

/// Reads `key: value` lines and lists of `- value` lines, where a value is quoted text, a plain word, or
/// a list or map of values on the same line; `None` when anything else occurs.
pub(super) fn fields(header: &str) -> Option<Fields> {
    let ascii = header
        .bytes()
        .all(|b| b == b'\n' || (0x20..0x7f).contains(&b));
    if !ascii && !header.chars().all(|c| c == '\n' || is_printable(c)) {
        return None;
    }
    let mut fields = Fields::default();
    let mut lines = header.strip_suffix('\n')?.split('\n').peekable();
    while let Some(line) = lines.next() {
        let (key, value) = line.split_once(':')?;
        if !is_key(key) || is_null(key) {
            return None;
        }
        let value = match value.strip_prefix(' ') {
            Some(value) => whole(value)?,
            None if value.is_empty() => {
                let mut items = Vec::new();
                while let Some(item) = lines.next_if(|line| line.starts_with('-')) {
                    items.push(whole(item.strip_prefix("- ")?)?);
                }
                if items.is_empty() {
                    return None;
                }
                Value::List(items)
            }
            None => return None,
        };
        set(&mut fields, key, value)?;
    }
    Some(fields)
}

/// A value as it stands there.
enum Value {
    Text(String),
    /// A word without quotes, which as text means itself.
    Plain(String),
    List(Vec<Value>),
    Map(Vec<(String, Value)>),
}

impl Value {
    fn text(self) -> Option<String> {
        match self {
            Value::Text(text) | Value::Plain(text) => Some(text),
            Value::List(_) | Value::Map(_) => None,
        }
    }

    fn plain(self) -> Option<String> {
        match self {
            Value::Plain(text) => Some(text),
            _ => None,
        }
    }

    fn number(self) -> Option<u64> {
        let digits = self.plain()?;
        let number = digits.parse().ok()?;
        let canonical = digits == "0" || digits.starts_with(|c| ('1'..='9').contains(&c));
        canonical.then_some(number)
    }

    fn list<T>(self, item: impl Fn(Value) -> Option<T>) -> Option<Vec<T>> {
        match self {
            Value::List(items) => items.into_iter().map(item).collect(),
            _ => None,
        }
    }

    fn map(self) -> Option<Vec<(String, Value)>> {
        match self {
            Value::Map(entries) => Some(entries),
            _ => None,
        }
    }
}

fn set(fields: &mut Fields, key: &str, value: Value) -> Option<()> {
    match key {
        "id" => put(&mut fields.id, value.text()),
        "sequence" => put(&mut fields.sequence, value.number()),
        "created" => put(&mut fields.created, value.text()),
        "updated" => put(&mut fields.updated, value.text()),
        "draft" => match value.plain()?.as_str() {
            "true" => put(&mut fields.draft, Some(true)),
            "false" => put(&mut fields.draft, Some(false)),
            _ => None,
        },
        "conflict_of" => put(&mut fields.conflict_of, value.text()),
        "answer" => put(&mut fields.answer, answer(value)),
        "directory" => put(&mut fields.directory, value.text()),
        "directory_hex" => put(&mut fields.directory_hex, value.text()),
        "name" => put(&mut fields.name, value.text()),
        "source" => put(&mut fields.source, value.text()),
        "source_hex" => put(&mut fields.source_hex, value.text()),
        "tags" => put(&mut fields.tags, value.list(Value::text)),
        "sent" => put(&mut fields.sent, value.list(sent)),
        "prompts" => put(&mut fields.prompts, value.list(prompt)),
        "files" => put(&mut fields.files, value.list(Value::text)),
        "without" => put(&mut fields.without, value.list(Value::text)),
        _ => Some(()),
    }
}

fn sent(value: Value) -> Option<SentFields> {
    let mut sent = SentFields::default();
    for (key, value) in value.map()? {
        match key.as_str() {
            "to" => put(&mut sent.to, value.text())?,
            "at" => put(&mut sent.at, value.text())?,
            _ => {}
        }
    }
    Some(sent)
}

fn answer(value: Value) -> Option<AnswerFields> {
    let mut answer = AnswerFields::default();
    for (key, value) in value.map()? {
        match key.as_str() {
            "to" => put(&mut answer.to, value.text())?,
            "model" => put(&mut answer.model, value.text())?,
            "input" => put(&mut answer.input, value.number())?,
            "output" => put(&mut answer.output, value.number())?,
            "micro_usd" => put(&mut answer.micro_usd, value.number())?,
            "incomplete" => put(&mut answer.incomplete, value.text())?,
            _ => {}
        }
    }
    Some(answer)
}

fn prompt(value: Value) -> Option<PromptFields> {
    let mut prompt = PromptFields::default();
    for (key, value) in value.map()? {
        match key.as_str() {
            "id" => put(&mut prompt.id, value.text())?,
            "hash" => put(&mut prompt.hash, value.text())?,
            "values" => {
                let values = value.map()?.into_iter();
                let values = values.map(|(key, value)| Some((key, value.text()?)));
                put(&mut prompt.values, values.collect::<Option<_>>())?;
            }
            _ => {}
        }
    }
    Some(prompt)
}

/// Sets a field that is not set yet: a key that stands twice is for YAML to judge.
fn put<T>(field: &mut Option<T>, value: Option<T>) -> Option<()> {
    if field.is_some() {
        return None;
    }
    *field = Some(value?);
    Some(())
}

fn is_key(key: &str) -> bool {
    !key.is_empty()
        && key.len() <= MAX_KEY
        && key.bytes().all(|b| b.is_ascii_lowercase() || b == b'_')
}

/// A value that takes all of a line.
fn whole(line: &str) -> Option<Value> {
    let mut cursor = Cursor { rest: line };
    let value = match line.as_bytes().first()? {
        b'"' | b'[' | b'{' => cursor.value(0)?,
        _ => Value::Plain(cursor.plain(b":")?),
    };
    cursor.rest.is_empty().then_some(value)
}

/// Reads along a line.
struct Cursor<'a> {
    rest: &'a str,
}

impl Cursor<'_> {
    fn take(&mut self, prefix: &str) -> Option<()> {
        self.rest = self.rest.strip_prefix(prefix)?;
        Some(())
    }

    fn value(&mut self, depth: usize) -> Option<Value> {
        if depth == MAX_DEPTH {
            return None;
        }
        match self.rest.as_bytes().first()? {
            b'"' => self.quoted().map(Value::Text),
            b'[' => {
                let mut items = Vec::new();
                self.sequence("[", "]", |cursor| {
                    items.push(cursor.value(depth + 1)?);
                    Some(())
                })?;
                Some(Value::List(items))
            }
            b'{' => {
                let mut entries: Vec<(String, Value)> = Vec::new();
                self.sequence("{", "}", |cursor| {
                    let key = cursor.key()?;
                    cursor.take(": ")?;
                    entries.push((key, cursor.value(depth + 1)?));
                    Some(())
                })?;
                let mut keys: Vec<&String> = entries.iter().map(|(key, _)| key).collect();
                keys.sort_unstable();
                let twice = keys.windows(2).any(|pair| pair[0] == pair[1]);
                (!twice).then_some(Value::Map(entries))
            }
            _ => self.plain(b"").map(Value::Plain),
        }
    }

    /// Items between brackets, with a comma and one space between them.
    fn sequence(
        &mut self,
        open: &str,
        close: &str,
        mut item: impl FnMut(&mut Self) -> Option<()>,
    ) -> Option<()> {
        self.take(open)?;
        if self.take(close).is_some() {
            return Some(());
        }
        loop {
            item(self)?;
            if self.take(close).is_some() {
                return Some(());
            }
            self.take(", ")?;
        }
    }

    fn key(&mut self) -> Option<String> {
        let before = self.rest.len();
        let key = match self.rest.starts_with('"') {
            true => self.quoted()?,
            false => {
                let (key, _) = self.rest.split_once(':')?;
                if !is_key(key) || is_null(key) {
                    return None;
                }
                self.rest = &self.rest[key.len()..];
                key.to_owned()
            }
        };
        (before - self.rest.len() <= MAX_KEY).then_some(key)
    }

    fn quoted(&mut self) -> Option<String> {
        self.take("\"")?;
        let mut text = String::new();
        loop {
            let at = memchr::memchr2(b'"', b'\\', self.rest.as_bytes())?;
            text.push_str(&self.rest[..at]);
            let special = self.rest.as_bytes()[at];
            self.rest = &self.rest[at + 1..];
            if special == b'"' {
                return Some(text);
            }
            text.push(self.escaped()?);
        }
    }

    fn escaped(&mut self) -> Option<char> {
        let kind = self.rest.chars().next()?;
        self.rest = &self.rest[kind.len_utf8()..];
        let digits = match kind {
            '"' | '\\' => return Some(kind),
            'n' => return Some('\n'),
            't' => return Some('\t'),
            'r' => return Some('\r'),
            'x' => self.rest.get(..2)?,
            'u' => self.rest.get(..4)?,
            _ => return None,
        };
        if !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
            return None;
        }
        self.rest = &self.rest[digits.len()..];
        char::from_u32(u32::from_str_radix(digits, 16).ok()?)
    }

    /// A word or several that are surely the same in YAML; `also` may stand in them before a letter,
    /// a digit or a slash.
    fn plain(&mut self, also: &[u8]) -> Option<String> {
        let bytes = self.rest.as_bytes();
        let starts = |b: u8| b.is_ascii_alphanumeric() || b == b'/';
        let mut end = 0;
        while let Some(&byte) = bytes.get(end) {
            let inner = b"_.+-".contains(&byte) && end > 0;
            let joins = (byte == b' ' || also.contains(&byte))
                && end > 0
                && bytes[end - 1] != b' '
                && bytes.get(end + 1).is_some_and(|next| starts(*next));
            if !starts(byte) && !inner && !joins {
                break;
            }
            end += 1;
        }
        let (text, rest) = self.rest.split_at(end);
        if text.is_empty() || is_null(text) {
            return None;
        }
        self.rest = rest;
        Some(text.to_owned())
    }
}

fn is_null(text: &str) -> bool {
    text.eq_ignore_ascii_case("null")
}
