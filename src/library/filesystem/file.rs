//! One file of a folder: taken from the index where it is the same, else read and examined.

use std::collections::BTreeMap;
use std::ffi::CStr;
use std::os::fd::AsFd;
use std::path::{Path, PathBuf};

use rustix::fs::{AtFlags, FileType};

use super::index::Row;
use super::queue::Folder;
use super::read::{self, Stamp, Trouble};
use super::walk::{Found, Scan, join};
use crate::library::decode;
use crate::library::document::{self, Document, Strictness};
use crate::library::prompt::{PromptId, PromptInfo};
use crate::problem::Problem;
use crate::text::Position;

impl Scan<'_> {
    /// A prompt with its stamp; `row` is what the index has next to this name, if not of it.
    pub(super) fn file(
        &self,
        folder: &Folder<'_>,
        name: &CStr,
        row: Option<&Row<'_>>,
        buffer: &mut Vec<u8>,
        found: &mut Found,
    ) -> Option<(PromptInfo, Stamp)> {
        let text = name.to_str().ok()?;
        if let Some(stem) = text.strip_suffix(".markdown") {
            let other = format!("{stem}.md");
            if rustix::fs::statat(&folder.fd, &other, AtFlags::SYMLINK_NOFOLLOW).is_ok() {
                let message = format!("'{other}' has the same name and goes first");
                let problem =
                    Problem::error(folder.place.path.join(text), Position::START, message);
                found.problems.push(problem.hint("rename one of them"));
                return None;
            }
        }
        let row = row.filter(|row| row.name == text);
        if let Some(known) = row.and_then(|row| self.unchanged(folder, name, row)) {
            return Some(known);
        }
        found.read += 1;
        let path = beneath(&folder.place.path, text);
        let read = read::read(folder.fd.as_fd(), name, self.max_file_size, buffer);
        let prompt = read.and_then(|(length, stamp)| {
            let id = PromptId(join(&folder.place.name, stem(text)));
            let name = Name {
                id,
                category: &folder.place.name,
                source: self.source,
                path: &path,
            };
            let bytes = &buffer[..length];
            examine(name, bytes, stamp, self.strictness, |_, _, _| ())
                .map(|(info, ())| (info, stamp))
        });
        prompt
            .inspect_err(|trouble| found.trouble(&path, trouble))
            .ok()
    }

    /// What the index says of a file, if the file is surely the same.
    fn unchanged(
        &self,
        folder: &Folder<'_>,
        name: &CStr,
        row: &Row<'_>,
    ) -> Option<(PromptInfo, Stamp)> {
        let stat = rustix::fs::statat(&folder.fd, name, AtFlags::empty()).ok()?;
        let same = FileType::from_raw_mode(stat.st_mode) == FileType::RegularFile
            && Stamp::of(&stat) == row.stamp
            && row.stamp.size <= self.max_file_size
            && self.index.is_settled(&row.stamp);
        if !same {
            return None;
        }
        let path = beneath(&folder.place.path, row.name);
        let info = PromptInfo {
            id: PromptId(join(&folder.place.name, stem(row.name))),
            title: row.title.to_owned(),
            description: row.description.to_owned(),
            tags: row.tags(),
            category: folder.place.name.clone(),
            source: self.source.to_owned(),
            bytes: row.stamp.size,
            version: row.stamp.version(),
            problems: row.problems(&path),
            path,
        };
        Some((info, row.stamp))
    }
}

/// What a file is called.
pub(super) struct Name<'a> {
    pub id: PromptId,
    pub category: &'a str,
    pub source: &'a str,
    pub path: &'a Path,
}

/// Makes a prompt of a file's bytes; `keep` takes what only a reader of the text needs.
pub(super) fn examine<T>(
    name: Name<'_>,
    bytes: &[u8],
    stamp: Stamp,
    strictness: Strictness,
    keep: impl FnOnce(Extra, &str, u32) -> T,
) -> Result<(PromptInfo, T), Trouble> {
    let decoded = decode::decode(bytes).map_err(|decode::NotText| Trouble::NotText)?;
    let Document {
        title,
        description,
        tags,
        extra,
        body,
        body_line,
        mut problems,
    } = document::read(name.path, &decoded.text, strictness);
    if let Some(finding) = decoded.finding {
        problems.insert(0, document::encoding_problem(name.path, bytes, finding));
    }
    let info = PromptInfo {
        id: name.id,
        title,
        description,
        tags,
        category: name.category.to_owned(),
        source: name.source.to_owned(),
        path: name.path.to_owned(),
        bytes: stamp.size,
        version: stamp.version(),
        problems,
    };
    Ok((info, keep(extra, body, body_line)))
}

type Extra = BTreeMap<String, serde_json::Value>;

/// The name below its folder without the extension.
fn stem(name: &str) -> &str {
    name.strip_suffix(".md")
        .or_else(|| name.strip_suffix(".markdown"))
        .unwrap_or(name)
}

/// As `Path::join`, which allocates twice.
fn beneath(folder: &Path, name: &str) -> PathBuf {
    let mut path = PathBuf::with_capacity(folder.as_os_str().len() + 1 + name.len());
    path.push(folder);
    path.push(name);
    path
}
