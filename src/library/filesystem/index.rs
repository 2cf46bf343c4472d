//! What the last load found, kept in a file so that the next one need only ask for time stamps.
//!
//! A cache and nothing more: damaged, old, foreign or missing, it is ignored and written anew.
//! Layout: eight bytes of magic and version, eight of checksum, then postcard. The rows of each
//! folder are a block of their own, read by whichever thread lists that folder.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fs;
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

use serde::{Deserialize, Serialize};

use super::read::Stamp;
use crate::library::document::Strictness;
use crate::library::prompt::PromptInfo;
use crate::problem::{Problem, Severity};

/// To be raised whenever a file would be read differently, or the rows differ.
const MAGIC: &[u8; 8] = b"psindex2";
/// A file as young as this when it was read may have changed since without its stamp showing it.
const SETTLED: i64 = 2_000_000_000;

/// The index as it stands in the bytes of its file.
#[derive(Default)]
pub(super) struct Index<'a> {
    written: i64,
    count: usize,
    folders: HashMap<&'a str, &'a [u8]>,
}

#[derive(Serialize, Deserialize)]
struct Contents<'a> {
    program: &'a str,
    root: &'a [u8],
    own: bool,
    written: i64,
    count: usize,
    #[serde(borrow)]
    folders: Vec<(&'a str, &'a [u8])>,
}

/// What is known of one file.
#[derive(Serialize, Deserialize)]
pub(super) struct Row<'a> {
    /// The name in its folder.
    pub name: &'a str,
    pub stamp: Stamp,
    pub title: &'a str,
    pub description: &'a str,
    /// One a line: a list of its own would be an allocation for each file.
    #[serde(borrow)]
    tags: Cow<'a, str>,
    #[serde(borrow)]
    problems: Vec<RowProblem<'a>>,
}

#[derive(Serialize, Deserialize)]
struct RowProblem<'a> {
    line: u32,
    column: u32,
    severity: Severity,
    message: &'a str,
    hint: Option<&'a str>,
}

impl Row<'_> {
    /// The tags, which have no line breaks in them.
    pub(super) fn tags(&self) -> Vec<String> {
        self.tags.lines().map(str::to_owned).collect()
    }

    /// The findings, about the file at `path`.
    pub(super) fn problems(&self, path: &Path) -> Vec<Problem> {
        let problems = self.problems.iter().map(|p| Problem {
            path: path.to_owned(),
            line: p.line,
            column: p.column,
            severity: p.severity,
            message: p.message.to_owned(),
            hint: p.hint.map(str::to_owned),
        });
        problems.collect()
    }
}

impl<'a> Index<'a> {
    /// Reads an index of the same folder; `None` when it can't serve.
    pub(super) fn parse(bytes: &'a [u8], root: &Path, strictness: Strictness) -> Option<Self> {
        let rest = bytes.strip_prefix(MAGIC)?;
        let (sum, rest) = rest.split_first_chunk::<8>()?;
        if u64::from_le_bytes(*sum) != checksum(rest) {
            return None;
        }
        let contents: Contents = postcard::from_bytes(rest).ok()?;
        let same = contents.program == env!("CARGO_PKG_VERSION")
            && contents.root == root.as_os_str().as_encoded_bytes()
            && contents.own == (strictness == Strictness::Own);
        same.then(|| Self {
            written: contents.written,
            count: contents.count,
            folders: contents.folders.into_iter().collect(),
        })
    }

    /// How many files it knows.
    pub(super) fn len(&self) -> usize {
        self.count
    }

    /// The rows of a folder by name.
    pub(super) fn folder(&self, name: &str) -> Vec<Row<'a>> {
        let block = self.folders.get(name);
        block
            .and_then(|block| postcard::from_bytes(block).ok())
            .unwrap_or_default()
    }

    /// Whether a file with this stamp is surely the one that was read.
    pub(super) fn is_settled(&self, stamp: &Stamp) -> bool {
        stamp.modified.max(stamp.changed).saturating_add(SETTLED) <= self.written
    }
}

/// Writes the index of prompts, each with its stamp, so that a reader sees the old one or the
/// new one. `started` is when their reading began, in nanoseconds since 1970.
pub(super) fn write(
    file: &Path,
    root: &Path,
    strictness: Strictness,
    started: i64,
    batches: &[Vec<(PromptInfo, Stamp)>],
) -> std::io::Result<()> {
    let bytes = serialise(root, strictness, started, batches)?;
    let folder = file.parent().unwrap_or(Path::new("."));
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)?;
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    let temporary = folder.join(format!(".{name}.{}.{count}.tmp", std::process::id()));
    let written = fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&temporary)
        // Not synced: after a power cut the checksum tells.
        .and_then(|mut out| out.write_all(&bytes))
        .and_then(|()| fs::rename(&temporary, file));
    if written.is_err() {
        let _ = fs::remove_file(&temporary);
    }
    written
}

fn serialise(
    root: &Path,
    strictness: Strictness,
    started: i64,
    batches: &[Vec<(PromptInfo, Stamp)>],
) -> std::io::Result<Vec<u8>> {
    let mut folders: HashMap<&str, Vec<Row>> = HashMap::new();
    for (info, stamp) in batches.iter().flatten() {
        let Some(name) = info.path.file_name().and_then(|name| name.to_str()) else {
            continue;
        };
        folders.entry(&info.category).or_default().push(Row {
            name,
            stamp: *stamp,
            title: &info.title,
            description: &info.description,
            tags: info.tags.join("\n").into(),
            problems: info.problems.iter().map(row_problem).collect(),
        });
    }
    let mut blocks = Vec::with_capacity(folders.len());
    for (folder, mut rows) in folders {
        rows.sort_unstable_by_key(|row| row.name);
        blocks.push((
            folder,
            postcard::to_stdvec(&rows).map_err(std::io::Error::other)?,
        ));
    }
    let contents = Contents {
        program: env!("CARGO_PKG_VERSION"),
        root: root.as_os_str().as_encoded_bytes(),
        own: strictness == Strictness::Own,
        written: started,
        count: batches.iter().map(Vec::len).sum(),
        folders: blocks
            .iter()
            .map(|(folder, block)| (*folder, block.as_slice()))
            .collect(),
    };
    let head = [MAGIC.as_slice(), &[0; 8]].concat();
    let mut bytes = postcard::to_extend(&contents, head).map_err(std::io::Error::other)?;
    let sum = checksum(&bytes[16..]);
    bytes[8..16].copy_from_slice(&sum.to_le_bytes());
    Ok(bytes)
}

fn row_problem(problem: &Problem) -> RowProblem<'_> {
    RowProblem {
        line: problem.line,
        column: problem.column,
        severity: problem.severity,
        message: &problem.message,
        hint: problem.hint.as_deref(),
    }
}

/// Against damage, not against malice: eight bytes at a step, as it runs at every start.
fn checksum(bytes: &[u8]) -> u64 {
    let (words, rest) = bytes.as_chunks::<8>();
    let mut last = [0; 8];
    last[..rest.len()].copy_from_slice(rest);
    words
        .iter()
        .chain([&last])
        .fold(bytes.len() as u64, |sum, word| {
            (sum.rotate_left(23) ^ u64::from_le_bytes(*word)).wrapping_mul(0x9e37_79b9_7f4a_7c15)
        })
}
