//! Compares what was written with what the fields allow: typed values out, and everything that is
//! wrong. Pure.

use std::collections::HashMap;

use serde_json::{Value, json};

use crate::config::expand::{self, Surroundings};
use crate::config::fields::{Field, Kind, fields};
use crate::config::locate::{Step, Target};
use crate::config::nearest::nearest;
use crate::config::tree::Node;
use crate::config::{Bytes, Config};
use crate::problem::Severity;

/// Something wrong at a place in the tree.
#[derive(Debug, Clone)]
pub(crate) struct Finding {
    pub(crate) steps: Vec<Step>,
    pub(crate) target: Target,
    pub(crate) severity: Severity,
    pub(crate) message: String,
    pub(crate) hint: Option<String>,
}

/// The keys that are right, and what is wrong with the others.
#[derive(Debug, Default)]
pub(crate) struct Checked {
    pub(crate) values: Vec<(&'static Field, Value)>,
    pub(crate) findings: Vec<Finding>,
}

/// Where the values were written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Origin {
    /// The person's own file.
    File,
    /// A project's file, which somebody else may have written.
    Project,
    /// The argument of `setup()`, which may hold `ui.*` for the Lua side.
    Setup,
}

/// Checks a whole tree.
pub(crate) fn check(root: &Node, origin: Origin, around: Surroundings<'_>) -> Checked {
    let mut check = Check {
        origin,
        around,
        checked: Checked::default(),
        steps: Vec::new(),
    };
    check.group("", root);
    check.checked
}

/// Checks the text of an environment variable for a field.
///
/// # Errors
/// The message that says what is wrong with it.
pub(crate) fn check_text(
    field: &Field,
    text: &str,
    around: Surroundings<'_>,
) -> Result<Value, String> {
    check_value(field, &from_text(&field.kind, text), around)
}

/// Checks one value for a field.
///
/// # Errors
/// The message that says what is wrong with it.
pub(crate) fn check_value(
    field: &Field,
    node: &Node,
    around: Surroundings<'_>,
) -> Result<Value, String> {
    let value = convert(&field.kind, node, around).map_err(|wrong| wrong.sentence(&field.path))?;
    accept(field, value)
}

struct Check<'a> {
    origin: Origin,
    around: Surroundings<'a>,
    checked: Checked,
    steps: Vec<Step>,
}

impl Check<'_> {
    fn group(&mut self, prefix: &str, node: &Node) {
        let entries = match node {
            // A group whose keys are all comments; an empty Lua table may arrive as a list.
            Node::Null => return,
            Node::List(items) if items.is_empty() => return,
            Node::Map(entries) => entries,
            other => {
                let subject = if prefix.is_empty() {
                    "the configuration"
                } else {
                    prefix
                };
                let message = format!("{subject} must be a group of keys, not {other}");
                return self.report(
                    Target::Value,
                    Severity::Error,
                    message,
                    Some(allowed(prefix)),
                );
            }
        };
        let mut seen: HashMap<&str, usize> = HashMap::new();
        for (name, node) in entries {
            let count = seen.entry(name).or_default();
            let skip = *count;
            *count += 1;
            self.steps.push(Step::Key {
                name: name.clone(),
                skip,
            });
            self.entry(prefix, name, node, skip > 0);
            self.steps.pop();
        }
    }

    fn entry(&mut self, prefix: &str, name: &str, node: &Node, again: bool) {
        let path = if prefix.is_empty() {
            name.to_owned()
        } else {
            format!("{prefix}.{name}")
        };
        if again {
            let message = format!("key {path:?} is given twice");
            let hint = Some("the first one is in force".to_owned());
            return self.report(Target::Key, Severity::Error, message, hint);
        }
        // A name with a dot is not the path that it looks like.
        let known = !name.contains('.');
        if let Some(field) = fields().iter().find(|f| known && f.path == path) {
            return self.field(field, node);
        }
        if known && is_group(&path) {
            return self.group(&path, node);
        }
        if path == "ui" {
            if self.origin != Origin::Setup {
                let hint = Some("what is under ui belongs in setup()".to_owned());
                self.report(
                    Target::Key,
                    Severity::Warning,
                    "unknown key \"ui\"".into(),
                    hint,
                );
            }
            return;
        }
        let message = match nearest_key(prefix, name) {
            Some(near) if near == path => {
                let message = format!("unknown key {path:?}: one key with dots is not a group");
                let hint = format!("write it as {}", path.replace('.', ": { ") + ": … }");
                return self.report(Target::Key, Severity::Warning, message, Some(hint));
            }
            Some(near) => format!("unknown key {path:?}: did you mean {near:?}?"),
            None => format!("unknown key {path:?}"),
        };
        self.report(
            Target::Key,
            Severity::Warning,
            message,
            Some(allowed(prefix)),
        );
    }

    fn field(&mut self, field: &'static Field, node: &Node) {
        if *node == Node::Null {
            return;
        }
        if field.personal && self.origin == Origin::Project {
            let message = format!("{} is not taken from a project's file", field.path);
            let hint = Some("set it in your own config.yaml or in setup()".to_owned());
            return self.report(Target::Key, Severity::Warning, message, hint);
        }
        let Some(value) = self.value(&field.path, &field.kind, node) else {
            return;
        };
        match accept(field, value) {
            Ok(value) => self.checked.values.push((field, value)),
            Err(message) => self.report(Target::Value, Severity::Error, message, None),
        }
    }

    /// What a value means; of names each for itself, so that one which is wrong takes no other along.
    fn value(&mut self, path: &str, kind: &Kind, node: &Node) -> Option<Value> {
        if !matches!(kind, Kind::Map(_) | Kind::Group(..)) {
            return self.converted(path, kind, node);
        }
        let entries = match node {
            Node::Map(entries) => entries.as_slice(),
            // An empty Lua table may arrive as a list.
            Node::List(items) if items.is_empty() => &[],
            _ => return self.converted(path, kind, node),
        };
        let mut values = serde_json::Map::new();
        for (name, node) in entries {
            let skip = usize::from(values.contains_key(name));
            let path = format!("{path}.{name}");
            self.steps.push(Step::Key {
                name: name.clone(),
                skip,
            });
            match kind.of(name) {
                _ if skip > 0 => {
                    let message = format!("key {path:?} is given twice");
                    let hint = Some("the first one is in force".to_owned());
                    self.report(Target::Key, Severity::Error, message, hint);
                }
                // A group whose keys are all comments, or a key without a value.
                Some(_) if *node == Node::Null => {}
                Some(kind) => {
                    if let Some(value) = self.value(&path, kind, node) {
                        values.insert(name.clone(), value);
                    }
                }
                None => {
                    let keys: Vec<&str> = kind.keys().collect();
                    let hint = match nearest(name, keys.iter().copied()) {
                        Some(near) => format!("did you mean {near:?}?"),
                        None => format!("allowed keys: {}", keys.join(", ")),
                    };
                    let message = format!("unknown key {path:?}");
                    self.report(Target::Key, Severity::Warning, message, Some(hint));
                }
            }
            self.steps.pop();
        }
        Some(Value::Object(values))
    }

    fn converted(&mut self, path: &str, kind: &Kind, node: &Node) -> Option<Value> {
        match convert(kind, node, self.around) {
            Ok(value) => Some(value),
            Err(wrong) => {
                let message = wrong.sentence(path);
                let outside = self.steps.len();
                self.steps.extend(wrong.within);
                self.report(Target::Value, Severity::Error, message, wrong.hint);
                self.steps.truncate(outside);
                None
            }
        }
    }

    fn report(
        &mut self,
        target: Target,
        severity: Severity,
        message: String,
        hint: Option<String>,
    ) {
        let steps = self.steps.clone();
        self.checked.findings.push(Finding {
            steps,
            target,
            severity,
            message,
            hint,
        });
    }
}

/// Why a value can't be used, as what stands after the key's name.
struct Wrong {
    /// The way down to the part of the value that is wrong.
    within: Vec<Step>,
    predicate: String,
    hint: Option<String>,
}

impl Wrong {
    fn new(predicate: impl Into<String>) -> Self {
        Self {
            within: Vec::new(),
            predicate: predicate.into(),
            hint: None,
        }
    }

    fn not(kind: &Kind, node: &Node) -> Self {
        Self::new(match kind {
            Kind::Secret => format!("must be {kind}, or {{ cmd: [program, arguments] }}"),
            _ => format!("must be {kind}, not {node}"),
        })
    }

    /// The same, seen from the value that holds the one which is wrong.
    fn inside(mut self, step: Step) -> Self {
        self.within.insert(0, step);
        self
    }

    fn sentence(&self, path: &str) -> String {
        let subject = self
            .within
            .iter()
            .fold(path.to_owned(), |outer, step| match step {
                Step::Key { name, .. } => format!("{outer}.{name}"),
                Step::Item(item) => format!("item {} of {outer}", item + 1),
            });
        format!("{subject} {}", self.predicate)
    }
}

fn convert(kind: &Kind, node: &Node, around: Surroundings<'_>) -> Result<Value, Wrong> {
    let expanded = match (node, around.env) {
        (Node::Text(text), Some(env)) if text.contains('$') && *kind != Kind::Secret => {
            let expanded = expand::variables(text, env).map_err(|predicate| {
                let hint = predicate
                    .ends_with("not set")
                    .then(|| "set it, or write $${ for ${".into());
                Wrong {
                    hint,
                    ..Wrong::new(predicate)
                }
            })?;
            Some(from_text(kind, &expanded))
        }
        _ => None,
    };
    // A message shows what was written, never what a variable holds: it may be a secret.
    let wrong = || Wrong::not(kind, node);
    match (kind, expanded.as_ref().unwrap_or(node)) {
        (Kind::Bool, Node::Bool(value)) => Ok(json!(value)),
        (Kind::Integer(min, max), Node::Integer(n)) if (min..=max).contains(&n) => {
            i64::try_from(*n).map(|n| json!(n)).map_err(|_| wrong())
        }
        (Kind::Number(min, max), Node::Integer(_) | Node::Float(_)) => {
            let number = match expanded.as_ref().unwrap_or(node) {
                Node::Integer(n) => *n as f64,
                Node::Float(n) => *n,
                _ => f64::NAN,
            };
            match (min..=max).contains(&&number) {
                true => Ok(json!(number)),
                false => Err(wrong()),
            }
        }
        (Kind::Size(min, max), Node::Integer(_) | Node::Text(_)) => {
            let size = match expanded.as_ref().unwrap_or(node) {
                Node::Integer(n) => u64::try_from(*n).ok().map(Bytes),
                Node::Text(text) => text.parse().ok(),
                _ => None,
            };
            let size = size
                .filter(|size| (min..=max).contains(&size))
                .ok_or_else(wrong)?;
            Ok(json!(size.0))
        }
        (Kind::OneOf(words), Node::Text(text)) => {
            let word = words.iter().find(|word| word.eq_ignore_ascii_case(text));
            word.map(|word| json!(word)).ok_or_else(|| {
                let near = nearest(text, words.iter().map(String::as_str));
                Wrong {
                    hint: near.map(|near| format!("did you mean {near:?}?")),
                    ..wrong()
                }
            })
        }
        (Kind::Path, Node::Text(text)) => {
            let path = expand::path(text, around).map_err(Wrong::new)?;
            Ok(json!(path.to_string_lossy()))
        }
        (Kind::Text | Kind::Secret, Node::Text(text)) => Ok(json!(text)),
        (Kind::Text | Kind::Secret, Node::Integer(_) | Node::Float(_) | Node::Bool(_)) => {
            Err(Wrong {
                hint: Some("put it in quotes".into()),
                ..wrong()
            })
        }
        (Kind::List(kind), Node::List(items)) => {
            let item = |(index, item)| {
                convert(kind, item, around).map_err(|w| w.inside(Step::Item(index)))
            };
            items.iter().enumerate().map(item).collect()
        }
        // An empty Lua table may arrive as a group.
        (Kind::List(_), Node::Map(entries)) if entries.is_empty() => Ok(json!([])),
        (Kind::Secret, Node::Map(entries)) => match entries.as_slice() {
            [(name, Node::List(words))] if name == "cmd" && !words.is_empty() => {
                let words = Node::List(words.clone());
                let words = convert(&Kind::List(Box::new(Kind::Text)), &words, around)?;
                Ok(json!({ "cmd": words }))
            }
            _ => Err(wrong()),
        },
        (Kind::Map(_) | Kind::Group(..), Node::Map(entries)) => {
            let known = entries.iter().filter_map(|(name, node)| {
                let kind = kind.of(name)?;
                let step = Step::Key {
                    name: name.clone(),
                    skip: 0,
                };
                let value = convert(kind, node, around).map_err(|wrong| wrong.inside(step));
                Some(value.map(|value| (name.clone(), value)))
            });
            known.collect::<Result<_, _>>().map(Value::Object)
        }
        (Kind::Map(_) | Kind::Group(..), Node::List(items)) if items.is_empty() => Ok(json!({})),
        (Kind::Other, node) => Ok(to_json(node)),
        _ => Err(wrong()),
    }
}

/// Text that stands for a value of another kind: out of a variable.
fn from_text(kind: &Kind, text: &str) -> Node {
    match kind {
        Kind::Bool => text.parse().map(Node::Bool).ok(),
        Kind::Integer(..) => text.trim().parse().map(Node::Integer).ok(),
        _ => None,
    }
    .unwrap_or_else(|| Node::Text(text.to_owned()))
}

fn to_json(node: &Node) -> Value {
    match node {
        Node::Null => Value::Null,
        Node::Bool(value) => json!(value),
        Node::Integer(n) => i64::try_from(*n).map_or_else(|_| json!(*n as f64), |n| json!(n)),
        Node::Float(n) => json!(n),
        Node::Text(text) => json!(text),
        Node::List(items) => items.iter().map(to_json).collect(),
        Node::Map(entries) => Value::Object(
            entries
                .iter()
                .map(|(k, v)| (k.clone(), to_json(v)))
                .collect(),
        ),
    }
}

/// Lets the field's own type judge the value, alone in a configuration of defaults.
fn accept(field: &Field, value: Value) -> Result<Value, String> {
    let whole = field
        .path
        .rsplit('.')
        .fold(value.clone(), |inner, name| json!({ name: inner }));
    match serde_json::from_value::<Config>(whole) {
        Ok(_) => Ok(value),
        Err(error) => Err(format!("{} can't be used: {error}", field.path)),
    }
}

fn is_group(path: &str) -> bool {
    fields().iter().any(|f| {
        f.path
            .strip_prefix(path)
            .is_some_and(|rest| rest.starts_with('.'))
    })
}

/// The names right under a group, in their order, without what promptstack manages itself.
fn names_in(prefix: &str) -> Vec<&'static str> {
    let mut names: Vec<&str> = Vec::new();
    for field in fields().iter().filter(|f| f.path != "version") {
        let inside = match prefix {
            "" => Some(field.path.as_str()),
            _ => field
                .path
                .strip_prefix(prefix)
                .and_then(|rest| rest.strip_prefix('.')),
        };
        let name = inside.and_then(|rest| rest.split('.').next());
        names.extend(name.filter(|name| !names.contains(name)));
    }
    names
}

fn allowed(prefix: &str) -> String {
    match prefix {
        "" => format!("allowed keys: {}", names_in(prefix).join(", ")),
        _ => format!("allowed keys in {prefix}: {}", names_in(prefix).join(", ")),
    }
}

/// The path that was probably meant: a name beside it, else the same or a near one elsewhere.
fn nearest_key(prefix: &str, name: &str) -> Option<String> {
    if let Some(near) = nearest(name, names_in(prefix).into_iter()) {
        return Some(if prefix.is_empty() {
            near.into()
        } else {
            format!("{prefix}.{near}")
        });
    }
    let paths = || fields().iter().map(|f| f.path.as_str());
    let ends_alike = |path: &&str| {
        name.strip_suffix(last_name(path))
            .is_some_and(|s| s.ends_with('_'))
    };
    let alike = paths()
        .find(|path| last_name(path) == name)
        .or_else(|| paths().find(ends_alike));
    if let Some(alike) = alike {
        return Some(alike.into());
    }
    let path = if prefix.is_empty() {
        name.to_owned()
    } else {
        format!("{prefix}.{name}")
    };
    let near = nearest(&path, paths().filter(|_| path.contains('.')))?;
    Some(near.into())
}

fn last_name(path: &str) -> &str {
    path.rsplit('.').next().unwrap_or(path)
}
