//! Front matter by way of YAML: read, mended where a value lacks its quotes, refused otherwise.

use serde_json::Value;
use serde_yaml::Value as Yaml;

use super::{Finding, FrontMatter, Lines, MAX_DEPTH, place_of, scan};

/// More brackets than this open at once are not given to the parser: it takes time in the square of
/// their number.
const MAX_OPEN: i32 = 64;

/// Reads front matter that is not plain.
pub(super) fn read_yaml(header: &str) -> (FrontMatter, Vec<Finding>) {
    if most_open(header) > MAX_OPEN {
        return (salvage(header), vec![too_deep()]);
    }
    let error = match serde_yaml::from_str(header) {
        Ok(yaml) => return fields(header, yaml, Vec::new()),
        Err(error) => error,
    };
    if let Some((mended, findings)) = quote(header)
        && let Ok(yaml) = serde_yaml::from_str(&mended)
    {
        return fields(header, yaml, findings);
    }
    (salvage(header), vec![describe(header, &error)])
}

fn fields(header: &str, yaml: Yaml, mut findings: Vec<Finding>) -> (FrontMatter, Vec<Finding>) {
    let mut fields = FrontMatter::default();
    let entries = match json(yaml, 0) {
        Some(Value::Null) => return (fields, findings),
        Some(Value::Object(entries)) => entries,
        Some(_) => {
            let message = "front matter holds no keys";
            findings.push(Finding::error(
                0,
                message,
                "write lines like 'title: A short name'",
            ));
            return (fields, findings);
        }
        None => {
            findings.push(too_deep());
            return (salvage(header), findings);
        }
    };
    for (key, value) in entries {
        if let Err(wanted) = fields.set(&key, value) {
            let at = place_of(header, &key);
            let message = format!("'{key}' is not {wanted}");
            findings.push(Finding::warning(at, message, format!("write {wanted}")));
        }
    }
    findings.sort_by_key(|finding| finding.at);
    (fields, findings)
}

fn too_deep() -> Finding {
    let message = format!("front matter is nested deeper than {MAX_DEPTH} levels");
    Finding::error(0, message, "flatten it")
}

/// How many brackets are open at once, those in quoted text included.
fn most_open(header: &str) -> i32 {
    let (mut open, mut most) = (0, 0);
    for byte in header.bytes() {
        match byte {
            b'[' | b'{' => open += 1,
            b']' | b'}' => open -= 1,
            _ => {}
        }
        most = most.max(open);
    }
    most
}

/// YAML to JSON: keys become text, tags go; `None` when it is too deep.
fn json(yaml: Yaml, depth: usize) -> Option<Value> {
    Some(match yaml {
        Yaml::Null => Value::Null,
        Yaml::Bool(b) => b.into(),
        Yaml::Number(n) => serde_json::to_value(&n).unwrap_or_else(|_| n.to_string().into()),
        Yaml::String(s) => s.into(),
        Yaml::Tagged(tagged) => json(tagged.value, depth)?,
        Yaml::Sequence(_) | Yaml::Mapping(_) if depth == MAX_DEPTH => return None,
        Yaml::Sequence(items) => items
            .into_iter()
            .map(|item| json(item, depth + 1))
            .collect::<Option<Vec<_>>>()?
            .into(),
        Yaml::Mapping(entries) => {
            let mut object = serde_json::Map::new();
            for (key, value) in entries {
                let key = match json(key, depth + 1)? {
                    Value::String(key) => key,
                    key => key.to_string(),
                };
                object.insert(key, json(value, depth + 1)?);
            }
            object.into()
        }
    })
}

/// A top-level `key: value` line.
pub(super) struct Place<'a> {
    line: std::ops::Range<usize>,
    pub key: &'a str,
    /// Where the value begins.
    pub value: usize,
    /// The next line does not belong to the value.
    single: bool,
}

pub(super) fn places(header: &str) -> impl Iterator<Item = Place<'_>> {
    let mut lines = Lines {
        text: header,
        at: 0,
    }
    .peekable();
    std::iter::from_fn(move || {
        let line = lines.next()?;
        let next = lines.peek().map(|next| &header[next.clone()]);
        let single = !next.is_some_and(|next| next.starts_with([' ', '\t', '-']));
        Some((line, single))
    })
    .filter_map(|(line, single)| {
        let (key, rest) = scan::key(&header[line.clone()])?;
        let value = line.end - rest.trim_start().len();
        Some(Place {
            line,
            key,
            value,
            single,
        })
    })
}

/// Puts single-line values in quotes that are no YAML by themselves; `None` when there are none.
fn quote(header: &str) -> Option<(String, Vec<Finding>)> {
    let mut mended = String::with_capacity(header.len() + 16);
    let mut findings = Vec::new();
    let mut copied = 0;
    for Place {
        line,
        key,
        value,
        single,
    } in places(header)
    {
        let text = header[value..line.end].trim_end();
        if !single || serde_yaml::from_str::<Yaml>(&header[line.clone()]).is_ok() {
            continue;
        }
        let quoted = in_quotes(text);
        let message = format!("the value of '{key}' is no valid YAML, it is read as plain text");
        let hint = match quoted.chars().count() {
            0..=100 => format!("write {key}: {quoted}"),
            _ => format!("put the value of '{key}' in quotes"),
        };
        findings.push(Finding::warning(value, message, hint));
        mended.push_str(&header[copied..value]);
        mended.push_str(&quoted);
        copied = line.end;
    }
    mended.push_str(&header[copied..]);
    (!findings.is_empty()).then_some((mended, findings))
}

fn in_quotes(text: &str) -> String {
    if text.contains(['"', '\\']) {
        format!("'{}'", text.replace('\'', "''"))
    } else {
        format!("\"{text}\"")
    }
}

/// What can be read line by line of front matter that is broken; the first of two keys counts.
fn salvage(header: &str) -> FrontMatter {
    let mut fields = FrontMatter::default();
    for Place {
        line, key, value, ..
    } in places(header)
    {
        let text = header[value..line.end].trim_end();
        let taken = match key {
            "title" => fields.title.is_some(),
            "name" => fields.name.is_some(),
            "description" => fields.description.is_some(),
            _ => true,
        };
        if !taken && !text.starts_with(['|', '>', '[', '{']) {
            let text = text.trim_matches(['"', '\'']);
            fields.set_plain(key, scan::Plain::Text(text));
        }
    }
    fields
}

fn describe(header: &str, error: &serde_yaml::Error) -> Finding {
    let text = error.to_string();
    let at = error
        .location()
        .map_or(0, |place| offset(header, place.line(), place.column()));
    if text.contains("duplicate entry") {
        return duplicate(header, at);
    }
    // The crate appends its own position, which counts lines from the header, not from the file.
    let message = text.split(" at line ").next().unwrap_or(&text);
    let hint = "put values with special characters in quotes";
    Finding::error(
        at,
        format!("front matter is no valid YAML: {message}"),
        hint,
    )
}

/// The second of two equal keys; one that is not at the top level is somewhere after `at`.
fn duplicate(header: &str, at: usize) -> Finding {
    let hint = "keep one of them";
    let mut seen: Vec<Place> = Vec::new();
    for place in places(header) {
        if let Some(first) = seen.iter().find(|seen| seen.key == place.key) {
            // The header begins on the second line of the file.
            let line = crate::text::position_of(header, first.line.start).line + 1;
            let message = format!(
                "'{}' stands twice in the front matter (first on line {line})",
                place.key
            );
            return Finding::error(place.line.start, message, hint);
        }
        seen.push(place);
    }
    Finding::error(at, "a key stands twice in the front matter", hint)
}

/// The byte of a YAML position, whose columns count characters from 1.
fn offset(header: &str, line: usize, column: usize) -> usize {
    let Some(line) = (Lines {
        text: header,
        at: 0,
    })
    .nth(line.saturating_sub(1)) else {
        return header.len();
    };
    let text = &header[line.clone()];
    line.start
        + text
            .char_indices()
            .nth(column.saturating_sub(1))
            .map_or(text.len(), |(at, _)| at)
}
