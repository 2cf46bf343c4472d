//! The file that is edited: which one it is, and what it held before.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::io::ErrorKind;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use crate::error::{Error, Result};

/// A file to be edited.
#[derive(Debug)]
pub struct Edited {
    /// Its absolute path, as it was named: links are kept.
    pub path: PathBuf,
    /// Where the cursor goes, from 1.
    pub line: Option<u32>,
    /// As the person named it.
    name: String,
    /// What it held at the beginning; nothing when it was not there.
    original: Option<Vec<u8>>,
}

impl Edited {
    /// Reads what the command line names: `[+LINE] FILE`.
    ///
    /// # Errors
    /// `invalid_input` for other words; `unavailable` for a file that can't be edited: a folder, a
    /// device, one that can't be read or whose folder is missing.
    pub fn open(words: &[OsString], cwd: &Path) -> Result<Self> {
        let (line, file) = read_words(words)?;
        let name = file.to_string_lossy().into_owned();
        let path = cwd.join(file);
        let original = read(&path, &name)?;
        Ok(Self {
            path,
            line,
            name,
            original,
        })
    }

    /// As the person named it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Puts back what it held at the beginning, where it holds something else now.
    ///
    /// Written in place: whoever waits may look at the same file, through a link or with its mode.
    ///
    /// # Errors
    /// `unavailable` when it can't be written.
    pub fn restore(&self) -> Result<()> {
        let now = fs::read(&self.path);
        let done = match (&self.original, now) {
            (Some(before), Ok(now)) if *before == now => Ok(()),
            (Some(before), _) => fs::write(&self.path, before),
            (None, Err(e)) if e.kind() == ErrorKind::NotFound => Ok(()),
            // Of a link that led to nothing, what it leads to now.
            (None, _) => self.path.canonicalize().and_then(fs::remove_file),
        };
        done.map_err(|e| {
            Error::unavailable(format!("{} can't be put back as it was: {e}", self.name))
                .hint("the text that you wrote is in it")
        })
    }
}

fn read_words(words: &[OsString]) -> Result<(Option<u32>, &OsStr)> {
    let usage = |message: String| {
        Error::invalid(message)
            .hint("promptstack edit [+LINE] FILE; ./+NAME is a file that begins with a plus")
    };
    match words {
        [file] if !file.as_bytes().starts_with(b"+") => Ok((None, file)),
        [line, file] if line.as_bytes().starts_with(b"+") => {
            let number = line.to_str().map(|text| text[1..].parse());
            let Some(Ok(number)) = number else {
                return Err(usage(format!("{line:?} is no line")));
            };
            Ok((Some(number), file))
        }
        [_] => Err(usage("no file is named".into())),
        _ => Err(usage("one file is edited at a time".into())),
    }
}

/// What a file holds; nothing where there is none.
fn read(path: &Path, name: &str) -> Result<Option<Vec<u8>>> {
    let refuse = |why: &str| Err(Error::unavailable(format!("{name} can't be edited: {why}")));
    let metadata = match fs::metadata(path) {
        Err(e) if e.kind() == ErrorKind::NotFound => {
            return match path.parent() {
                Some(folder) if !folder.is_dir() => {
                    refuse(&format!("there is no folder {}", folder.display()))
                }
                _ => Ok(None),
            };
        }
        Err(e) => return refuse(&e.to_string()),
        Ok(metadata) => metadata,
    };
    if metadata.is_dir() {
        return refuse("it is a folder");
    }
    if !metadata.is_file() {
        return refuse("it is no regular file");
    }
    match fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(e) => refuse(&e.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    fn open(folder: &Path, words: &[&str]) -> Result<Edited> {
        let words: Vec<OsString> = words.iter().map(OsString::from).collect();
        Edited::open(&words, folder)
    }

    #[test]
    fn the_words_are_a_line_and_a_file() {
        let dir = tempfile::tempdir().unwrap();
        let file = |words: &[&str]| match open(dir.path(), words) {
            Ok(edited) => Ok((edited.line, edited.path)),
            Err(error) => Err(error.message().to_owned()),
        };
        assert_eq!(file(&["a b.md"]), Ok((None, dir.path().join("a b.md"))));
        assert_eq!(file(&["+12", "a"]), Ok((Some(12), dir.path().join("a"))));
        assert_eq!(
            file(&["/tmp/../no such"]),
            Ok((None, "/tmp/../no such".into()))
        );
        assert_eq!(file(&["./+1"]), Ok((None, dir.path().join("./+1"))));
        let rows: [(&[&str], &str); 5] = [
            (&["+12"], "no file is named"),
            (&["+x", "a"], "\"+x\" is no line"),
            (&["+", "a"], "\"+\" is no line"),
            (&["a", "b"], "one file is edited at a time"),
            (&["+1", "a", "b"], "one file is edited at a time"),
        ];
        for (words, message) in rows {
            assert_eq!(file(words), Err(message.to_owned()), "{words:?}");
        }
    }

    #[test]
    fn what_is_no_file_is_refused_in_words() {
        let dir = tempfile::tempdir().unwrap();
        symlink("loop", dir.path().join("loop")).unwrap();
        let _socket = std::os::unix::net::UnixListener::bind(dir.path().join("socket")).unwrap();
        fs::write(dir.path().join("file"), "").unwrap();
        let missing = format!("there is no folder {}/no", dir.path().display());
        let rows = [
            (".", "it is a folder"),
            ("socket", "it is no regular file"),
            ("no/x", missing.as_str()),
            ("file/x", "Not a directory"),
            ("loop", "Too many levels of symbolic links"),
        ];
        for (name, why) in rows {
            let error = open(dir.path(), &[name]).unwrap_err();
            let expected = format!("{name} can't be edited: {why}");
            assert!(error.message().starts_with(&expected), "{error}");
        }
    }

    #[test]
    fn a_file_is_put_back_as_it_was_and_left_alone_where_it_is_so() {
        let dir = tempfile::tempdir().unwrap();
        let path = |name: &str| dir.path().join(name);
        fs::write(path("written"), b"before\xff\r\n\0").unwrap();
        symlink("written", path("link")).unwrap();
        symlink("made", path("dangling")).unwrap();
        let edited = ["link", "new", "dangling"].map(|name| open(dir.path(), &[name]).unwrap());
        for one in &edited {
            fs::write(&one.path, "after").unwrap();
            one.restore().unwrap();
        }
        assert_eq!(fs::read(path("written")).unwrap(), b"before\xff\r\n\0");
        assert!(path("link").is_symlink() && path("dangling").is_symlink());
        assert!(!path("new").exists() && !path("made").exists());
        let stamp = fs::metadata(path("written")).unwrap().modified().unwrap();
        edited.iter().for_each(|one| one.restore().unwrap());
        let after = fs::metadata(path("written")).unwrap().modified().unwrap();
        assert_eq!(stamp, after, "what is as it was is not written");
    }
}
