//! What a reference leads to on the disk: the file, or why there is none that may be read.
//!
//! Blocks: call it on a blocking thread. Nothing is followed twice: the path is resolved once, and
//! what is judged is what is read.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use rustix::fs::OFlags;

use super::reference::Reference;
use super::secret::is_secret;
use crate::problem::Severity;

/// The most bytes that one reference may bring.
pub const MAX_EXCERPT: usize = 1 << 20;
/// The largest file of which some lines are taken.
const MAX_FILE: u64 = 64 << 20;

/// Where paths start.
#[derive(Debug, Clone, Copy)]
pub struct Base<'a> {
    /// The folder that relative paths start at: the composition's working directory.
    pub root: &'a Path,
    /// What `~` stands for, where it is known.
    pub home: Option<&'a Path>,
}

impl<'a> From<&'a Path> for Base<'a> {
    /// A base in which `~` stands for nothing.
    fn from(root: &'a Path) -> Self {
        Base { root, home: None }
    }
}

/// What there is to say about a reference.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// There is no such file.
    Missing,
    /// It is a folder.
    Folder,
    /// It is a pipe, a device or the like.
    Special,
    /// Its name, or that of the file that it leads to, says that it holds secrets.
    Secret,
    /// The lines are out of order or beyond the file's end.
    Lines,
    /// It is no text.
    Binary,
    /// It is more than a reference may bring.
    TooLarge,
    /// The system does not let it be read.
    Unreadable,
    /// Some of its bytes are no UTF-8 and were replaced.
    Encoding,
    /// It lies outside of the working directory.
    Outside,
}

impl Trouble {
    /// An error keeps the file's text out; with a warning it is taken.
    pub fn severity(self) -> Severity {
        match self {
            Trouble::Encoding | Trouble::Outside => Severity::Warning,
            _ => Severity::Error,
        }
    }

    /// The trouble as one word.
    pub fn word(self) -> &'static str {
        match self {
            Trouble::Missing => "missing",
            Trouble::Folder => "folder",
            Trouble::Special => "special",
            Trouble::Secret => "secret",
            Trouble::Lines => "lines",
            Trouble::Binary => "binary",
            Trouble::TooLarge => "too_large",
            Trouble::Unreadable => "unreadable",
            Trouble::Encoding => "encoding",
            Trouble::Outside => "outside",
        }
    }
}

/// A finding about a reference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What sort of trouble it is.
    pub trouble: Trouble,
    /// What is wrong, in lower case, without a full stop.
    pub message: String,
    /// The way out, where it is not plain from the message.
    pub hint: Option<String>,
}

impl Finding {
    fn new(trouble: Trouble, message: impl Into<String>) -> Self {
        Self {
            trouble,
            message: message.into(),
            hint: None,
        }
    }

    fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

/// A file that a reference leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// The file itself, with all links followed.
    pub path: PathBuf,
    /// Whether it lies outside of the root.
    pub outside: bool,
    /// What it is likely to hold that should not be handed over.
    pub secret: Option<&'static str>,
}

/// Text out of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Excerpt {
    /// The text, without a byte order mark.
    pub text: String,
    /// The file's line that it begins with, from 1.
    pub first_line: u32,
    /// Whether bytes that are no UTF-8 were replaced in it.
    pub replaced: bool,
}

/// Finds the file of a reference; `None` when it is somebody's literal text after all.
///
/// # Errors
/// The finding when there is no such file, or when it is none that can be read.
pub fn resolve(reference: &Reference, base: Base<'_>) -> Result<Option<Target>, Finding> {
    let Some(written) = join(&reference.path, base) else {
        return Ok(None);
    };
    let failed = |error: io::Error| match error.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => {
            let means_a_file = reference.certain || begins_in_a_folder(&reference.path, base);
            means_a_file.then(|| {
                Finding::new(
                    Trouble::Missing,
                    format!("there is no file {}", reference.path),
                )
                .hint("paths start at the working directory")
            })
        }
        _ => Some(unreadable(reference, &error)),
    };
    let found = fs::canonicalize(&written).and_then(|path| Ok((fs::metadata(&path)?, path)));
    let (metadata, path) = match found {
        Ok(found) => found,
        Err(error) => return failed(error).map_or(Ok(None), Err),
    };
    if metadata.is_dir() {
        // A folder without a word of its own, `@docs`, is as likely an account.
        let means_it = reference.certain || reference.path.contains('/');
        return match means_it {
            true => Err(
                Finding::new(Trouble::Folder, format!("{} is a folder", reference.path))
                    .hint("refer to its files"),
            ),
            false => Ok(None),
        };
    }
    if !metadata.is_file() {
        let message = format!("{} is not a regular file", reference.path);
        return Err(Finding::new(Trouble::Special, message));
    }
    let root = fs::canonicalize(base.root).unwrap_or_else(|_| base.root.to_owned());
    Ok(Some(Target {
        outside: !path.starts_with(&root),
        secret: is_secret(&written).or_else(|| is_secret(&path)),
        path,
    }))
}

/// Reads what a reference asks for of its file, whatever the file is likely to hold.
///
/// # Errors
/// The finding that says why it can't be had.
pub fn excerpt(reference: &Reference, target: &Target) -> Result<Excerpt, Finding> {
    let too_large = |what: &str, limit: u64| {
        let message = format!("{reference} {what} larger than {} MB", limit >> 20);
        Finding::new(Trouble::TooLarge, message)
    };
    let bytes = match reference.lines {
        None => read(&target.path, MAX_EXCERPT as u64)
            .map_err(|e| unreadable(reference, &e))?
            .ok_or_else(|| {
                too_large("is", MAX_EXCERPT as u64).hint(format!(
                    "refer to some of its lines: @{}:1-200",
                    reference.path
                ))
            })?,
        Some(lines) => {
            let whole = read(&target.path, MAX_FILE)
                .map_err(|e| unreadable(reference, &e))?
                .ok_or_else(|| too_large("is in a file", MAX_FILE))?;
            cut(reference, whole, lines)?
        }
    };
    if bytes.len() > MAX_EXCERPT {
        return Err(too_large("is", MAX_EXCERPT as u64).hint("refer to fewer lines"));
    }
    let first_line = reference.lines.map_or(1, |(first, _)| first);
    let binary = || Finding::new(Trouble::Binary, format!("{} is no text", reference.path));
    if memchr::memchr(0, &bytes).is_some() {
        return Err(binary());
    }
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&bytes);
    let text = String::from_utf8_lossy(bytes).into_owned();
    let replaced = std::str::from_utf8(bytes).is_err();
    // Text in another encoding has a letter here and there; a picture has nothing else.
    let strange = text.matches(char::REPLACEMENT_CHARACTER).count();
    if replaced && strange * 4 > bytes.len() {
        return Err(binary());
    }
    Ok(Excerpt {
        text,
        first_line,
        replaced,
    })
}

/// Tells what is wrong with a reference, or to be known of it: the gravest finding, if any.
///
/// A secret-like file is not read.
pub fn check(reference: &Reference, base: Base<'_>) -> Option<Finding> {
    let target = match resolve(reference, base) {
        Ok(target) => target?,
        Err(finding) => return Some(finding),
    };
    if let Some(finding) = secret_finding(reference, &target) {
        return Some(finding);
    }
    match excerpt(reference, &target) {
        Err(finding) => Some(finding),
        Ok(excerpt) => warnings(reference, &target, &excerpt).into_iter().next(),
    }
}

/// What keeps a secret-like file from being taken unless it is confirmed.
pub fn secret_finding(reference: &Reference, target: &Target) -> Option<Finding> {
    let why = target.secret?;
    let leads_to = match is_secret(Path::new(&reference.path)) {
        Some(_) => String::new(),
        None => format!(", it leads to {}", target.path.display()),
    };
    let message = format!("{} may hold secrets ({why}){leads_to}", reference.path);
    Some(Finding::new(Trouble::Secret, message).hint("it is left out unless you confirm it"))
}

/// What is to be known of a text that is taken.
pub fn warnings(reference: &Reference, target: &Target, excerpt: &Excerpt) -> Vec<Finding> {
    let mut found = Vec::new();
    if target.outside {
        let message = format!("{} lies outside of the working directory", reference.path);
        found.push(Finding::new(Trouble::Outside, message));
    }
    if excerpt.replaced {
        let message = format!(
            "{} is not all UTF-8, the rest was replaced by �",
            reference.path
        );
        found.push(Finding::new(Trouble::Encoding, message));
    }
    found
}

/// The path where the reference was written; nothing for `~` without a home.
fn join(path: &str, base: Base<'_>) -> Option<PathBuf> {
    match path.strip_prefix("~/") {
        Some(rest) => Some(base.home?.join(rest.trim_start_matches('/'))),
        None => Some(base.root.join(path)),
    }
}

/// Whether the first part of a longer path is a folder that is there: then a file in it is meant.
fn begins_in_a_folder(path: &str, base: Base<'_>) -> bool {
    let absolute = usize::from(path.starts_with('/'));
    match path[absolute..].find('/') {
        Some(end) => base.root.join(&path[..absolute + end]).is_dir(),
        None => false,
    }
}

/// A file's bytes; nothing when there are more than `limit`. Never waits on a pipe.
fn read(path: &Path, limit: u64) -> io::Result<Option<Vec<u8>>> {
    // The links were followed before the file was judged: one that is there now is another file.
    let flags = OFlags::NONBLOCK | OFlags::NOFOLLOW;
    let file: File = OpenOptions::new()
        .read(true)
        .custom_flags(flags.bits() as i32)
        .open(path)?;
    if !file.metadata()?.is_file() {
        return Err(io::Error::other("not a regular file"));
    }
    let mut bytes = Vec::new();
    file.take(limit + 1).read_to_end(&mut bytes)?;
    Ok((bytes.len() as u64 <= limit).then_some(bytes))
}

/// The lines from the first to the last one, with their ends.
fn cut(reference: &Reference, bytes: Vec<u8>, lines: (u32, u32)) -> Result<Vec<u8>, Finding> {
    let wrong = |message: String| Err(Finding::new(Trouble::Lines, message));
    let (first, last) = lines;
    if first == 0 {
        return wrong("lines are counted from 1".into());
    }
    if first > last {
        return wrong(format!("line {first} comes after line {last}"));
    }
    let mut start = None;
    let mut at = 0;
    let mut count: u32 = 0;
    while at < bytes.len() {
        count += 1;
        if count == first {
            start = Some(at);
        }
        at = memchr::memchr(b'\n', &bytes[at..]).map_or(bytes.len(), |end| at + end + 1);
        if let (Some(start), true) = (start, count == last) {
            return Ok(bytes[start..at].to_vec());
        }
    }
    let s = if count == 1 { "" } else { "s" };
    wrong(format!("{} has only {count} line{s}", reference.path))
}

fn unreadable(reference: &Reference, error: &io::Error) -> Finding {
    let message = format!("can't read {}: {error}", reference.path);
    Finding::new(Trouble::Unreadable, message)
}

#[cfg(test)]
mod tests;
