//! What front matter says, as fields.

use std::collections::BTreeMap;

use serde_json::Value;

use super::scan::Plain;

/// The fields of front matter.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct FrontMatter {
    /// `title`, on one line.
    pub title: Option<String>,
    /// `name`, which most prompt files elsewhere have in its place.
    pub name: Option<String>,
    /// `description`, on one line.
    pub description: Option<String>,
    /// `tags`, in the order written: a list, or text with commas.
    pub tags: Vec<String>,
    /// Every other key.
    pub extra: BTreeMap<String, Value>,
}

impl FrontMatter {
    pub(super) fn set_plain(&mut self, key: &str, value: Plain<'_>) {
        match (self.text_field(key), value) {
            (Some(field), Plain::Text(text)) => *field = one_line(text),
            (Some(_), Plain::Null) => {}
            (None, Plain::Text(text)) if key == "tags" => self.tags = split_tags(text),
            (None, Plain::List(items)) if key == "tags" => {
                self.tags = items.into_iter().filter_map(one_line).collect();
            }
            (None, Plain::Null) if key == "tags" => {}
            (_, value) => {
                let _ = self.set(key, value.into());
            }
        }
    }

    /// Sets a field, or says what the key takes.
    pub(super) fn set(&mut self, key: &str, value: Value) -> Result<(), &'static str> {
        if let Some(field) = self.text_field(key) {
            return match value {
                Value::Null => Ok(()),
                value => text(&value)
                    .map(|text| *field = one_line(&text))
                    .ok_or("text on one line"),
            };
        }
        if key != "tags" {
            self.extra.insert(key.to_owned(), value);
            return Ok(());
        }
        match value {
            Value::Null => {}
            Value::Array(items) => {
                let all = items.len();
                let items: Vec<_> = items.iter().filter_map(text).collect();
                self.tags = items.iter().filter_map(|item| one_line(item)).collect();
                if items.len() < all {
                    return Err("a list of words");
                }
            }
            value => self.tags = split_tags(&text(&value).ok_or("a list of words")?),
        }
        Ok(())
    }

    fn text_field(&mut self, key: &str) -> Option<&mut Option<String>> {
        match key {
            "title" => Some(&mut self.title),
            "name" => Some(&mut self.name),
            "description" => Some(&mut self.description),
            _ => None,
        }
    }
}

impl From<Plain<'_>> for Value {
    fn from(plain: Plain<'_>) -> Self {
        match plain {
            Plain::Null => Value::Null,
            Plain::Text(text) => text.into(),
            Plain::List(items) => items.into(),
        }
    }
}

fn split_tags(text: &str) -> Vec<String> {
    text.split(',').filter_map(one_line).collect()
}

/// A scalar as text.
fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Bool(_) | Value::Number(_) => Some(value.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

/// A text for a list: line breaks and other control characters become spaces; `None` when empty.
pub(crate) fn one_line(text: &str) -> Option<String> {
    let text = text.trim();
    if text.is_empty() {
        return None;
    }
    if !text.contains(char::is_control) {
        return Some(text.to_owned());
    }
    let words: Vec<&str> = text
        .split(|c: char| c.is_control() || c == ' ')
        .filter(|word| !word.is_empty())
        .collect();
    (!words.is_empty()).then(|| words.join(" "))
}
