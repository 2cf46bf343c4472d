//! Joins the sources of the configuration: defaults, the person's file, the project's file, the
//! environment, `setup()`. Each overrules the ones before it, key by key and name by name; lists are
//! replaced.

use std::io;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::config::check::{Checked, Finding, Origin, check, check_text, check_value};
use crate::config::expand::{Lookup, Surroundings};
use crate::config::fields::{Field, fields};
use crate::config::locate::locate;
use crate::config::migrate::{self, CURRENT_VERSION, Plan};
use crate::config::tree::{self, MAX_TEXT, Node};
use crate::config::{Config, store};
use crate::error::{Error, Result};
use crate::problem::{Problem, Severity};
use crate::text::{Position, position_of};

/// Problems of one source beyond these are only counted: each costs another look through the text.
const MAX_PROBLEMS: usize = 50;

/// Everything that the configuration depends on.
pub struct Inputs<'a> {
    /// promptstack's home folder, with `config.yaml`; absolute.
    pub home: &'a Path,
    /// What `~` stands for, where it is known.
    pub user_home: Option<&'a Path>,
    /// Looks an environment variable up.
    pub env: Lookup<'a>,
    /// The project's file, only when the person trusted this very content.
    pub project: Option<ProjectFile>,
    /// What Lua's `setup()` was given; `null` for nothing.
    pub setup: Value,
}

/// A project's `.promptstack.yaml` with the content that was trusted.
#[derive(Debug, Clone)]
pub struct ProjectFile {
    /// Where it lies; absolute. Relative paths in it start at its folder.
    pub path: PathBuf,
    /// Its content as it was when its trust was checked.
    pub text: String,
}

/// The configuration, and what there is to say about it.
#[derive(Debug, Clone)]
pub struct Loaded {
    /// Every key that was right, over the defaults; paths are absolute.
    pub config: Config,
    /// All that is wrong, by file and position. A key that is wrong keeps the value of the source
    /// below; a problem from the environment has the path `environment`, one from Lua `setup()`.
    pub problems: Vec<Problem>,
    /// What was done that the person should know: a migration with its backup.
    pub notices: Vec<String>,
}

/// Loads the configuration; never fails, what is wrong is in the problems.
///
/// Reads `config.yaml` in the home folder, and rewrites it when it is of an older version.
pub fn load(inputs: Inputs<'_>) -> Loaded {
    let mut notices = Vec::new();
    let mut problems = Vec::new();
    let user = read_user_file(inputs.home, &mut problems, &mut notices);
    let mut loaded = resolve(&inputs, user);
    problems.append(&mut loaded.problems);
    Loaded {
        config: loaded.config,
        problems,
        notices,
    }
}

/// Gives what [`load()`] would give, without a word and without changing a file: for the log, which
/// runs before there is anybody to tell.
pub fn peek(inputs: Inputs<'_>) -> Config {
    let text = read_text(&inputs.home.join("config.yaml")).ok().flatten();
    let user = text.map(|on_disk| UserFile {
        path: PathBuf::new(),
        text: migrated(&on_disk),
        on_disk: String::new(),
    });
    resolve(&inputs, user).config
}

/// The text as it is after all steps that can be made.
fn migrated(text: &str) -> String {
    let plan = tree::parse(text).map(|root| migrate::plan(text, &root));
    match plan {
        Ok(Plan::Older { text, .. }) => text,
        _ => text.to_owned(),
    }
}

/// A file's content: what is checked, and the text that positions are found in.
struct UserFile {
    path: PathBuf,
    text: String,
    on_disk: String,
}

/// Reads the person's file; one that is missing is an empty one.
fn read_user_file(
    home: &Path,
    problems: &mut Vec<Problem>,
    notices: &mut Vec<String>,
) -> Option<UserFile> {
    let path = home.join("config.yaml");
    // Once more when another editor migrates it at the same moment.
    for _ in 0..2 {
        let on_disk = match read_text(&path) {
            Ok(text) => text?,
            Err((at, message)) => {
                problems.push(Problem::error(&path, at, message));
                return None;
            }
        };
        let unchanged = || UserFile {
            path: path.clone(),
            text: on_disk.clone(),
            on_disk: on_disk.clone(),
        };
        let plan =
            tree::parse(&on_disk).map_or(Plan::Current, |root| migrate::plan(&on_disk, &root));
        let (from, text) = match plan {
            Plan::Current | Plan::Newer(_) => return Some(unchanged()),
            Plan::Stuck { from } => {
                problems.push(not_migrated(&path, from, "its form is unusual"));
                return Some(unchanged());
            }
            Plan::Older { from, text } => (from, text),
        };
        match migrate::write(&path, &on_disk, from, &text) {
            Ok(Some(backup)) => {
                let backup = backup
                    .file_name()
                    .unwrap_or_default()
                    .to_string_lossy()
                    .into_owned();
                notices.push(format!(
                    "config.yaml was of version {from} and is now of version {CURRENT_VERSION}; \
                     the old file is kept as {backup}"
                ));
                return Some(UserFile {
                    path,
                    on_disk: text.clone(),
                    text,
                });
            }
            Ok(None) => {}
            Err(error) => {
                problems.push(not_migrated(&path, from, &error.to_string()));
                return Some(UserFile {
                    path,
                    text,
                    on_disk,
                });
            }
        }
    }
    let text = read_text(&path).ok()??;
    Some(UserFile {
        path,
        on_disk: text.clone(),
        text,
    })
}

fn not_migrated(path: &Path, from: u32, why: &str) -> Problem {
    let message = format!("this file is of version {from} and could not be rewritten: {why}");
    Problem::warning(path, Position::START, message)
        .hint(format!("it works; add 'version: {CURRENT_VERSION}' to it"))
}

/// Reads a project's file, to ask whether its content is trusted; never waits on a FIFO.
///
/// # Errors
/// `not_found` when there is none; `config` when it is no regular UTF-8 file of at most 256 KB.
pub fn read_project_file(path: &Path) -> Result<ProjectFile> {
    match read_text(path) {
        Ok(Some(text)) => Ok(ProjectFile {
            path: path.to_owned(),
            text,
        }),
        Ok(None) => Err(Error::not_found(format!("there is no {}", path.display()))),
        Err((_, message)) => Err(Error::config(format!("{}: {message}", path.display()))),
    }
}

/// A file's text, nothing where there is none, or where and why it can't be read.
fn read_text(path: &Path) -> Result<Option<String>, (Position, String)> {
    let wrong = |message: String| Err((Position::START, message));
    match store::read(path, MAX_TEXT) {
        Ok(bytes) => String::from_utf8(bytes).map(Some).map_err(|error| {
            let good = error.utf8_error().valid_up_to();
            let text = String::from_utf8_lossy(&error.as_bytes()[..good]);
            (position_of(&text, good), "not UTF-8 text".into())
        }),
        Err(e) if e.kind() == io::ErrorKind::NotFound => match path.symlink_metadata() {
            Ok(_) => wrong("a link to a file that does not exist".into()),
            Err(_) => Ok(None),
        },
        Err(error) => wrong(format!("can't be read: {error}")),
    }
}

/// Joins the sources. Pure but for the environment function.
fn resolve(inputs: &Inputs<'_>, user: Option<UserFile>) -> Loaded {
    let Inputs {
        home,
        user_home,
        env,
        ref project,
        ref setup,
    } = *inputs;
    let mut merge = Merge {
        values: json!({}),
        problems: Vec::new(),
    };
    let written = Surroundings {
        env: Some(env),
        user_home,
        base: home,
    };
    let literal = Surroundings {
        env: None,
        ..written
    };

    for field in fields() {
        if let Ok(value) = check_value(field, &Node::from_json(&field.default), literal) {
            merge.set(field, value);
        }
    }
    if let Some(UserFile {
        path,
        text,
        on_disk,
    }) = &user
    {
        merge.file(path, text, on_disk, written, true);
    }
    if let Some(ProjectFile { path, text }) = project {
        let base = path.parent().unwrap_or(home);
        merge.file(path, text, text, Surroundings { base, ..written }, false);
    }
    merge.environment(env, literal);
    let node = Node::from_json(setup);
    let checked = check(&node, Origin::Setup, written);
    merge.take(Path::new("setup()"), checked, |_| Position::NONE, false);

    let Merge {
        values,
        mut problems,
    } = merge;
    let config = serde_json::from_value(values).unwrap_or_else(|error| {
        // Each value was accepted alone, so together they are too; but a start must not hang on it.
        let message = format!("the configuration can't be used: {error}");
        problems.push(Problem::error("setup()", Position::NONE, message));
        Config::default()
    });
    Loaded {
        config,
        problems,
        notices: Vec::new(),
    }
}

struct Merge {
    values: Value,
    problems: Vec<Problem>,
}

impl Merge {
    fn file(
        &mut self,
        path: &Path,
        text: &str,
        on_disk: &str,
        around: Surroundings<'_>,
        own: bool,
    ) {
        let root = match tree::parse(text) {
            Ok(root) => root,
            Err(tree::Unreadable { at, message }) => {
                let hint = "nothing in this file is used until it is mended";
                return self
                    .problems
                    .push(Problem::error(path, at, message).hint(hint));
            }
        };
        if let Plan::Newer(version) = migrate::plan(text, &root) {
            let message = format!(
                "written for version {version} of the configuration, and this promptstack knows \
                 version {CURRENT_VERSION}"
            );
            let hint = "update promptstack; until then, what it knows is used";
            self.problems
                .push(Problem::warning(path, Position::START, message).hint(hint));
        }
        let origin = if own { Origin::File } else { Origin::Project };
        let checked = check(&root, origin, around);
        self.take(path, checked, |f| locate(on_disk, &f.steps, f.target), own);
    }

    fn environment(&mut self, env: Lookup<'_>, around: Surroundings<'_>) {
        for field in fields() {
            let Some(name) = field.env.as_deref() else {
                continue;
            };
            let Some(text) = env(name).filter(|text| !text.is_empty()) else {
                continue;
            };
            match check_text(field, &text, around) {
                Ok(value) => self.set(field, value),
                Err(message) => {
                    let problem = Problem::error("environment", Position::NONE, message);
                    self.problems.push(problem.hint(format!("set by {name}")));
                }
            }
        }
    }

    /// Takes over the values of a source and the problems with them. `own` is the person's file,
    /// the only one whose version is the configuration's.
    fn take(
        &mut self,
        path: &Path,
        checked: Checked,
        position: impl Fn(&Finding) -> Position,
        own: bool,
    ) {
        for (field, value) in checked.values {
            if own || field.path != "version" {
                self.set(field, value);
            }
        }
        let mut findings = checked.findings;
        let more = findings.len().saturating_sub(MAX_PROBLEMS);
        // What is wrong comes before what is only unknown, should there be too many.
        findings.sort_by_key(|f| std::cmp::Reverse(f.severity));
        findings.truncate(MAX_PROBLEMS);
        let mut problems: Vec<Problem> = findings
            .into_iter()
            .map(|f| problem(path, position(&f), f))
            .collect();
        problems.sort_by_key(|p| (p.line, p.column));
        self.problems.append(&mut problems);
        if more > 0 {
            let message = format!("and {more} more problems");
            self.problems
                .push(Problem::warning(path, Position::START, message));
        }
    }

    fn set(&mut self, field: &Field, value: Value) {
        let mut place = &mut self.values;
        for name in field.path.split('.') {
            place = &mut place[name];
        }
        join(place, value);
    }
}

/// Puts a value in the place of another; names given in two sources are both there.
fn join(place: &mut Value, value: Value) {
    match (place, value) {
        // A secret that is a command is no group.
        (Value::Object(names), Value::Object(more)) if !more.contains_key("cmd") => {
            for (name, value) in more {
                join(names.entry(name).or_insert(Value::Null), value);
            }
        }
        (place, value) => *place = value,
    }
}

fn problem(path: &Path, at: Position, finding: Finding) -> Problem {
    let problem = match finding.severity {
        Severity::Error => Problem::error(path, at, finding.message),
        Severity::Warning => Problem::warning(path, at, finding.message),
    };
    match finding.hint {
        Some(hint) => problem.hint(hint),
        None => problem,
    }
}

#[cfg(test)]
mod tests;
