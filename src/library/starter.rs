//! The starter library: prompts inside the program, handed to a person once.
//!
//! A record keeps which prompts were handed over. Only those that it never had are written, and
//! never over a file: what was deleted stays deleted, what was changed stays changed.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use include_dir::{Dir, include_dir};
use rustix::fs::{CWD, RenameFlags};
use sha2::{Digest, Sha256};

use crate::error::{Error, Result};
use crate::library::prompt::PromptId;
use crate::problem::Problem;
use crate::text::Position;

static STARTER: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/starter");

/// How long another first start may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// What was handed over.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Installed {
    /// The prompts that were written.
    pub added: Vec<PromptId>,
    /// What went wrong with single files, or with the record.
    pub problems: Vec<Problem>,
}

/// The prompts of the starter library with their texts, sorted by id.
pub fn prompts() -> Vec<(PromptId, &'static str)> {
    let mut prompts = Vec::new();
    let mut folders = vec![&STARTER];
    while let Some(folder) = folders.pop() {
        folders.extend(folder.dirs());
        for file in folder.files() {
            let id = file
                .path()
                .to_str()
                .and_then(|path| path.strip_suffix(".md"));
            if let (Some(id), Some(text)) = (id, file.contents_utf8()) {
                prompts.push((PromptId(id.to_owned()), text));
            }
        }
    }
    prompts.sort();
    prompts
}

/// Writes the starter prompts that the record never had into `folder`.
///
/// # Errors
/// `unavailable` when the record can't be locked or written; what goes wrong with single files is
/// in [`Installed::problems`] and tried again at the next start.
pub fn install(folder: &Path, record: &Path) -> Result<Installed> {
    install_from(&prompts(), folder, record)
}

/// Prompt ids with the hash of the text that was handed over.
type Record = BTreeMap<String, String>;

fn install_from(prompts: &[(PromptId, &str)], folder: &Path, record: &Path) -> Result<Installed> {
    let mut installed = Installed::default();
    let unwritable = |error: std::io::Error| {
        Error::unavailable(format!(
            "the record of starter prompts, {}, can't be written: {}",
            record.display(),
            error.kind()
        ))
        .because(error)
    };
    create_folder(record.parent().unwrap_or(Path::new("."))).map_err(unwritable)?;
    let _lock = lock(&beside(record, "lock"))?;
    let (mut had, readable) = match read_record(record) {
        Ok(had) => (had, true),
        Err(problem) => {
            // Which prompts were deleted is no longer known: none is written again.
            installed.problems.push(problem);
            let _ = fs::copy(record, beside(record, "broken"));
            (Record::new(), false)
        }
    };
    let before = had.len();
    for (id, text) in prompts {
        if had.contains_key(id.as_str()) {
            continue;
        }
        let path = folder.join(format!("{id}.md"));
        let written = if readable {
            write_new(&path, text)
        } else {
            Ok(false)
        };
        match written {
            Ok(new) => {
                installed.added.extend(new.then(|| id.clone()));
                had.insert(id.0.clone(), hash(text));
            }
            Err(error) => {
                let message = format!("this starter prompt can't be written: {}", error.kind());
                installed
                    .problems
                    .push(Problem::warning(path, Position::START, message));
            }
        }
    }
    // Before the record, which says that they are there.
    sync_folders(folder, &installed.added);
    if had.len() > before || !readable {
        write_record(record, &had).map_err(unwritable)?;
    }
    Ok(installed)
}

/// One first start at a time; the lock ends with the file.
fn lock(path: &Path) -> Result<File> {
    let failed = |error: std::io::Error| {
        Error::unavailable(format!(
            "{} can't be locked: {}",
            path.display(),
            error.kind()
        ))
        .because(error)
    };
    let file = OpenOptions::new()
        .create(true)
        .append(true)
        .mode(0o600)
        .open(path)
        .map_err(failed)?;
    let until = Instant::now() + PATIENCE;
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(TryLockError::Error(error)) => return Err(failed(error)),
            Err(TryLockError::WouldBlock) if Instant::now() > until => {
                let message = "another promptstack is writing the starter prompts";
                return Err(Error::unavailable(message).hint("start again when it is done"));
            }
            Err(TryLockError::WouldBlock) => std::thread::sleep(Duration::from_millis(5)),
        }
    }
}

fn read_record(path: &Path) -> std::result::Result<Record, Problem> {
    let reason = match fs::read(path) {
        Ok(bytes) => match serde_json::from_slice(&bytes) {
            Ok(record) => return Ok(record),
            Err(_) => "is not what promptstack wrote".to_owned(),
        },
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Record::new()),
        Err(error) => format!("can't be read: {}", error.kind()),
    };
    let message = format!("the record of starter prompts {reason}, so none was added");
    Err(Problem::warning(path, Position::START, message)
        .hint("to have them all again, delete it and start again"))
}

fn write_record(path: &Path, record: &Record) -> std::io::Result<()> {
    let temporary = beside(path, "tmp");
    // Held under the lock: a file of that name is a dead process's.
    let _ = fs::remove_file(&temporary);
    create(&temporary, &serde_json::to_vec_pretty(record)?)?;
    fs::rename(&temporary, path)
}

/// Writes a file that is not there; false when there is one. It has its name only when it is whole
/// and on the disk: half a prompt would pass for the person's own at the next start.
fn write_new(path: &Path, text: &str) -> std::io::Result<bool> {
    if let Some(folder) = path.parent() {
        create_folder(folder)?;
    }
    let temporary = unfinished(path);
    // Held under the lock: a file of that name is a dead process's.
    let _ = fs::remove_file(&temporary);
    if path.symlink_metadata().is_ok() {
        return Ok(false);
    }
    let named = create(&temporary, text.as_bytes()).and_then(|()| name(&temporary, path));
    let _ = fs::remove_file(&temporary);
    match named {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(false),
        Err(error) => Err(error),
    }
}

/// Writes a new file through to the disk.
fn create(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// Gives a file a name that nobody has.
fn name(file: &Path, path: &Path) -> std::io::Result<()> {
    match fs::hard_link(file, path) {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => {
            // FAT and some network folders know no second names.
            let flags = RenameFlags::NOREPLACE;
            Ok(rustix::fs::renameat_with(CWD, file, CWD, path, flags)?)
        }
        named => named,
    }
}

/// Where a prompt is written before it has its name; hidden, so no prompt itself.
fn unfinished(path: &Path) -> PathBuf {
    let mut name = OsString::from(".");
    name.push(path.file_name().unwrap_or_default());
    name.push(".promptstack-new");
    path.with_file_name(name)
}

/// Writes the names of `ids` through to the disk, with those of the folders they are in.
fn sync_folders(folder: &Path, ids: &[PromptId]) {
    let mut folders = BTreeSet::new();
    for id in ids {
        let path = folder.join(id.as_str());
        let above = path.ancestors().skip(1).map(Path::to_owned);
        folders.extend(above.take_while(|above| above.starts_with(folder)));
    }
    for folder in folders {
        // Where it can't be done, the names are as safe as they are.
        let _ = File::open(folder).and_then(|folder| folder.sync_all());
    }
}

fn create_folder(folder: &Path) -> std::io::Result<()> {
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)
}

fn beside(path: &Path, extension: &str) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".");
    name.push(extension);
    path.with_file_name(name)
}

fn hash(text: &str) -> String {
    Sha256::digest(text.as_bytes())
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    const FIRST: [(&str, &str); 2] = [("commands/a", "text of a"), ("rules/b", "text of b")];

    struct Home(tempfile::TempDir);

    impl Home {
        fn new() -> Self {
            Self(tempfile::tempdir().unwrap())
        }

        fn file(&self, id: &str) -> PathBuf {
            self.0.path().join("prompts").join(format!("{id}.md"))
        }

        fn record(&self) -> PathBuf {
            self.0.path().join("data/starter.json")
        }

        /// Installs and says what was added, then the findings.
        fn start(&self, prompts: &[(&str, &str)]) -> String {
            let prompts: Vec<_> = prompts
                .iter()
                .map(|(id, text)| (PromptId((*id).into()), *text))
                .collect();
            let installed =
                install_from(&prompts, &self.0.path().join("prompts"), &self.record()).unwrap();
            let added = installed.added.iter().map(|id| id.0.clone());
            added
                .chain(installed.problems.into_iter().map(|p| p.message))
                .collect::<Vec<_>>()
                .join("; ")
        }
    }

    #[test]
    fn each_prompt_of_the_starter_library_has_placeholders_and_stands_filled() {
        use crate::library::document::{self, Strictness};
        use crate::placeholder::{self, Kind, Value, Values};

        let prompts = prompts();
        assert!(prompts.len() >= 24, "{} prompts", prompts.len());
        for (id, text) in prompts {
            let document = document::read(Path::new(id.as_str()), text, Strictness::Own);
            assert_eq!(document.problems, [], "{id}");
            let parsed = placeholder::parse(document.body);
            let values: Values = parsed
                .placeholders()
                .map(|found| {
                    let value = match found.kind {
                        Kind::Text => Value::Text(format!("<{}>", found.name)),
                        Kind::List => Value::Items(vec!["<one>".into(), "<two>".into()]),
                        Kind::Choice => Value::Text(found.options[0].clone()),
                    };
                    (found.name.clone(), value)
                })
                .collect();
            assert!(!values.is_empty(), "{id} has no placeholder");
            let filled =
                placeholder::render(document.body, &parsed, &values).expect("all is given");
            assert!(
                !filled.contains("{{"),
                "{id} keeps a placeholder:\n{filled}"
            );
            for (name, value) in &values {
                let shown = match value {
                    Value::Text(text) => text.clone(),
                    Value::Items(_) => "- <one>\n".into(),
                };
                assert!(filled.contains(&shown), "{id} loses '{name}':\n{filled}");
            }
        }
    }

    #[test]
    fn each_prompt_is_handed_over_once() {
        let home = Home::new();
        assert_eq!(home.start(&FIRST), "commands/a; rules/b");
        assert_eq!(
            fs::read_to_string(home.file("rules/b")).unwrap(),
            "text of b"
        );
        assert_eq!(home.start(&FIRST), "");
        fs::remove_file(home.file("rules/b")).unwrap();
        fs::write(home.file("commands/a"), "mine").unwrap();
        let next = [
            FIRST[0],
            ("commands/new", "n"),
            ("rules/b", "another text of b"),
        ];
        assert_eq!(home.start(&next), "commands/new");
        assert!(
            !home.file("rules/b").exists(),
            "what was deleted stays deleted"
        );
        assert_eq!(fs::read_to_string(home.file("commands/a")).unwrap(), "mine");
    }

    #[test]
    fn a_file_of_the_same_name_is_left_alone() {
        let home = Home::new();
        fs::create_dir_all(home.file("rules/b").parent().unwrap()).unwrap();
        fs::write(home.file("rules/b"), "mine").unwrap();
        assert_eq!(home.start(&FIRST), "commands/a");
        assert_eq!(fs::read_to_string(home.file("rules/b")).unwrap(), "mine");
        fs::remove_file(home.file("rules/b")).unwrap();
        assert_eq!(home.start(&FIRST), "", "it counts as had");
    }

    #[test]
    fn a_prompt_is_whole_from_its_first_moment() {
        let home = Home::new();
        let text = "x".repeat(32 * 1024 * 1024);
        std::thread::scope(|scope| {
            let start = scope.spawn(|| home.start(&[("a", &text)]));
            while !start.is_finished() {
                let length = fs::metadata(home.file("a")).map_or(text.len() as u64, |m| m.len());
                assert_eq!(length, text.len() as u64);
            }
            assert_eq!(start.join().unwrap(), "a");
        });
    }

    #[test]
    fn what_a_killed_start_left_is_cleared_and_its_prompt_handed_over() {
        let home = Home::new();
        let left = unfinished(&home.file("commands/a"));
        fs::create_dir_all(left.parent().unwrap()).unwrap();
        fs::write(&left, "text o").unwrap();
        assert_eq!(home.start(&FIRST), "commands/a; rules/b");
        assert!(!left.exists());
        // Between the name and the record: the prompt is there, and counts as had.
        fs::hard_link(home.file("commands/a"), &left).unwrap();
        fs::remove_file(home.record()).unwrap();
        assert_eq!(home.start(&FIRST), "");
        assert!(!left.exists());
        assert_eq!(
            fs::read_to_string(home.file("commands/a")).unwrap(),
            "text of a"
        );
    }

    #[test]
    fn with_a_broken_record_nothing_is_written_again() {
        let home = Home::new();
        home.start(&FIRST);
        fs::remove_file(home.file("commands/a")).unwrap();
        for broken in ["", "{\"commands/a\": ", "[1]", "{\"a\": 1}"] {
            fs::write(home.record(), broken).unwrap();
            let message =
                "the record of starter prompts is not what promptstack wrote, so none was added";
            assert_eq!(home.start(&FIRST), message);
            assert!(!home.file("commands/a").exists());
            assert_eq!(
                home.start(&[FIRST[0], ("c", "c")]),
                "c",
                "the next start is as ever"
            );
            fs::remove_file(home.file("c")).unwrap();
        }
    }

    #[test]
    fn a_file_that_fails_does_not_stop_the_others() {
        let home = Home::new();
        fs::create_dir_all(home.0.path().join("prompts")).unwrap();
        fs::write(home.0.path().join("prompts/commands"), "a file").unwrap();
        assert!(
            home.start(&FIRST)
                .starts_with("rules/b; this starter prompt can't be written")
        );
        fs::remove_file(home.0.path().join("prompts/commands")).unwrap();
        assert_eq!(home.start(&FIRST), "commands/a");
    }

    #[test]
    fn sixteen_first_starts_at_once_write_each_prompt_once() {
        let home = Home::new();
        let prompts: Vec<(String, String)> = (0..40)
            .map(|n| (format!("f/p{n:02}"), format!("text {n}")))
            .collect();
        let prompts: Vec<(&str, &str)> = prompts
            .iter()
            .map(|(id, text)| (id.as_str(), text.as_str()))
            .collect();
        let added: Vec<String> = std::thread::scope(|scope| {
            let starts: Vec<_> = (0..16)
                .map(|_| scope.spawn(|| home.start(&prompts)))
                .collect();
            starts
                .into_iter()
                .map(|start| start.join().unwrap())
                .collect()
        });
        let all: Vec<&str> = prompts.iter().map(|(id, _)| *id).collect();
        assert_eq!(added.concat(), all.join("; "));
        for (id, text) in prompts {
            assert_eq!(fs::read_to_string(home.file(id)).unwrap(), text);
        }
    }

    #[test]
    fn files_are_for_their_owner_only() {
        let home = Home::new();
        home.start(&FIRST);
        let folder = home.0.path();
        for (path, mode) in [
            (folder.join("prompts"), 0o700),
            (folder.join("prompts/rules"), 0o700),
            (home.file("rules/b"), 0o600),
            (folder.join("data"), 0o700),
            (home.record(), 0o600),
        ] {
            let found = path.metadata().unwrap().permissions().mode() & 0o777;
            assert_eq!(found, mode, "{}", path.display());
        }
    }

    #[test]
    fn the_starter_prompts_are_in_the_program() {
        for (id, text) in prompts() {
            assert!(!id.as_str().starts_with('/') && !text.is_empty(), "{id}");
        }
    }
}
