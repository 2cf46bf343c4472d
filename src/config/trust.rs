//! Which project files the person trusts: bound to the file's real path and to its exact content.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::config::home::cannot;
use crate::config::store;
use crate::error::{Error, Result};
use crate::problem::Problem;
use crate::text::Position;

/// The largest file that is read; an entry takes some 150 bytes.
const MAX_FILE: usize = 4 * 1024 * 1024;

/// The decisions in `trust.json` of the home folder; every question reads the file anew, since
/// another editor may have changed it.
#[derive(Debug, Clone)]
pub struct TrustStore {
    file: PathBuf,
}

/// What the file holds: the hex SHA-256 of the trusted content by the file's real path.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Decisions {
    version: u32,
    files: BTreeMap<String, String>,
}

const VERSION: u32 = 1;

enum State {
    Good(Decisions),
    Damaged(String),
    Newer(u32),
}

impl TrustStore {
    /// The decisions of a home folder.
    pub fn new(home: &Path) -> Self {
        Self {
            file: home.join("trust.json"),
        }
    }

    /// Whether the person trusted this file with exactly this content.
    ///
    /// Whatever stands in the way means no: a file of decisions that can't be read is added to
    /// the problems, and a path that does not exist is not trusted.
    pub fn is_trusted(&self, path: &Path, text: &str, problems: &mut Vec<Problem>) -> bool {
        let Ok(key) = key_of(path) else { return false };
        let message = match self.read() {
            Ok(State::Good(decisions)) => return decisions.files.get(&key) == Some(&hash(text)),
            Ok(State::Newer(version)) => newer(version),
            Ok(State::Damaged(why)) => format!("damaged, so no project file is trusted: {why}"),
            Err(error) => format!("can't be read, so no project file is trusted: {error}"),
        };
        problems.push(Problem::error(&self.file, Position::START, message));
        false
    }

    /// Trusts a file with the content that the person has seen, instead of what was trusted before.
    ///
    /// A damaged file of decisions is moved aside, which is added to the problems.
    ///
    /// # Errors
    /// `not_found` when the project file does not exist, `unavailable` when the decision can't be
    /// written, `conflict` when a newer promptstack keeps the decisions.
    pub fn trust(&self, path: &Path, text: &str, problems: &mut Vec<Problem>) -> Result<()> {
        let key = key_of(path)?;
        self.change(problems, |files| {
            files.insert(key, hash(text));
        })
    }

    /// Forgets a decision, also about a file that is gone; one that was never made is no error.
    ///
    /// # Errors
    /// As for [`Self::trust`].
    pub fn revoke(&self, path: &Path, problems: &mut Vec<Problem>) -> Result<()> {
        let given = path.to_string_lossy().into_owned();
        let real = key_of(path).unwrap_or_else(|_| gone(path));
        self.change(problems, |files| {
            files.remove(&given);
            files.remove(&real);
        })
    }

    fn change(
        &self,
        problems: &mut Vec<Problem>,
        change: impl FnOnce(&mut BTreeMap<String, String>),
    ) -> Result<()> {
        let _lock = store::lock(&self.file).map_err(|e| cannot("lock", &self.file, e))?;
        let mut decisions = match self.read().map_err(|e| cannot("read", &self.file, e))? {
            State::Good(decisions) => decisions,
            State::Newer(version) => {
                return Err(Error::new(crate::error::Kind::Conflict, newer(version))
                    .hint("update promptstack"));
            }
            State::Damaged(why) => {
                let aside = self
                    .move_aside()
                    .map_err(|e| cannot("move", &self.file, e))?;
                let message = format!("was damaged ({why}) and begins anew");
                let hint = format!("the old one is kept as {}", aside.display());
                problems.push(Problem::warning(&self.file, Position::START, message).hint(hint));
                Decisions::default()
            }
        };
        decisions.version = VERSION;
        change(&mut decisions.files);
        let mut json = serde_json::to_vec_pretty(&decisions)
            .map_err(|e| Error::internal("the trust decisions can't be written").because(e))?;
        json.push(b'\n');
        store::replace(&self.file, &json).map_err(|e| cannot("write", &self.file, e))
    }

    fn read(&self) -> io::Result<State> {
        let bytes = match store::read(&self.file, MAX_FILE) {
            Ok(bytes) => bytes,
            Err(e) if e.kind() == io::ErrorKind::NotFound => {
                return Ok(State::Good(Decisions::default()));
            }
            Err(e) => return Err(e),
        };
        #[derive(Deserialize)]
        struct Versioned {
            version: u32,
        }
        Ok(match serde_json::from_slice::<Versioned>(&bytes) {
            Ok(Versioned { version }) if version > VERSION => State::Newer(version),
            _ => match serde_json::from_slice(&bytes) {
                Ok(decisions) => State::Good(decisions),
                Err(error) => State::Damaged(error.to_string()),
            },
        })
    }

    fn move_aside(&self) -> io::Result<PathBuf> {
        for number in 1..1000 {
            let aside = self
                .file
                .with_file_name(format!("trust.json.damaged-{number}"));
            if aside.symlink_metadata().is_err() {
                std::fs::rename(&self.file, &aside)?;
                return Ok(aside);
            }
        }
        Err(io::Error::other("too many damaged files lie beside it"))
    }
}

fn newer(version: u32) -> String {
    format!("of version {version}, which this promptstack does not know")
}

/// The real path, so that no link leads a decision elsewhere.
fn key_of(path: &Path) -> Result<String> {
    let real = path.canonicalize().map_err(|error| {
        Error::not_found(format!("can't find {}", path.display())).because(error)
    })?;
    let text = real
        .to_str()
        .ok_or_else(|| Error::invalid(format!("the path is not UTF-8: {}", real.display())))?;
    Ok(text.to_owned())
}

/// The key of a file that is gone: its folder's real path, where that still is.
fn gone(path: &Path) -> String {
    let folder = path.parent().and_then(|folder| folder.canonicalize().ok());
    let real = folder
        .zip(path.file_name())
        .map(|(folder, name)| folder.join(name));
    real.as_deref()
        .unwrap_or(path)
        .to_string_lossy()
        .into_owned()
}

/// The hex SHA-256 of a content: what trust is bound to.
pub fn hash(text: &str) -> String {
    Sha256::digest(text.as_bytes())
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::*;

    struct Case {
        dir: tempfile::TempDir,
        store: TrustStore,
        problems: Vec<Problem>,
    }

    impl Case {
        fn new() -> Self {
            let dir = tempfile::tempdir().unwrap();
            fs::write(dir.path().join("project.yaml"), "a: 1\n").unwrap();
            let store = TrustStore::new(dir.path());
            Self {
                dir,
                store,
                problems: Vec::new(),
            }
        }

        fn path(&self, name: &str) -> PathBuf {
            self.dir.path().join(name)
        }

        fn trusted(&mut self, name: &str, text: &str) -> bool {
            self.store
                .is_trusted(&self.path(name), text, &mut self.problems)
        }

        fn trust(&mut self, name: &str, text: &str) -> Result<()> {
            self.store.trust(&self.path(name), text, &mut self.problems)
        }

        fn messages(&self) -> Vec<&str> {
            self.problems.iter().map(|p| p.message.as_str()).collect()
        }
    }

    #[test]
    fn trust_holds_for_one_file_with_one_content() {
        let mut case = Case::new();
        symlink("project.yaml", case.path("link.yaml")).unwrap();
        fs::write(case.path("other.yaml"), "a: 1\n").unwrap();
        assert!(!case.trusted("project.yaml", "a: 1\n"));
        case.trust("link.yaml", "a: 1\n").unwrap();
        for (name, text, expected) in [
            ("project.yaml", "a: 1\n", true),
            ("link.yaml", "a: 1\n", true),
            ("project.yaml", "a: 2\n", false),
            ("other.yaml", "a: 1\n", false),
            ("missing.yaml", "a: 1\n", false),
        ] {
            assert_eq!(case.trusted(name, text), expected, "{name} {text:?}");
        }
        let mode = fs::metadata(case.path("trust.json"))
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600);
        assert!(case.problems.is_empty(), "{:?}", case.problems);
    }

    #[test]
    fn trust_is_revoked_even_when_the_file_is_gone() {
        let mut case = Case::new();
        case.trust("project.yaml", "a: 1\n").unwrap();
        fs::remove_file(case.path("project.yaml")).unwrap();
        case.store
            .revoke(&case.path("project.yaml"), &mut case.problems)
            .unwrap();
        fs::write(case.path("project.yaml"), "a: 1\n").unwrap();
        assert!(!case.trusted("project.yaml", "a: 1\n"));
    }

    #[test]
    fn a_damaged_file_trusts_nothing_and_is_kept() {
        for content in [
            "",
            "{",
            "[]",
            "{\"version\": 1, \"files\": {\"/a\": 1}}",
            "\u{0}\u{0}",
        ] {
            let mut case = Case::new();
            fs::write(case.path("trust.json"), content).unwrap();
            assert!(!case.trusted("project.yaml", "a: 1\n"), "{content:?}");
            assert!(case.messages()[0].starts_with("damaged, so no project file is trusted"));
            assert_eq!(
                fs::read_to_string(case.path("trust.json")).unwrap(),
                content
            );
            case.trust("project.yaml", "a: 1\n").unwrap();
            assert!(case.trusted("project.yaml", "a: 1\n"));
            let kept = fs::read_to_string(case.path("trust.json.damaged-1")).unwrap();
            assert_eq!(kept, content);
        }
    }

    #[test]
    fn a_newer_file_is_not_touched() {
        let mut case = Case::new();
        let content = "{\"version\": 2, \"projects\": []}";
        fs::write(case.path("trust.json"), content).unwrap();
        assert!(!case.trusted("project.yaml", "a: 1\n"));
        assert!(case.trust("project.yaml", "a: 1\n").is_err());
        assert_eq!(
            fs::read_to_string(case.path("trust.json")).unwrap(),
            content
        );
    }

    #[test]
    fn a_fifo_does_not_hang() {
        let mut case = Case::new();
        let made = rustix::fs::mkfifoat(rustix::fs::CWD, case.path("trust.json"), 0o600.into());
        made.unwrap();
        assert!(!case.trusted("project.yaml", "a: 1\n"));
        assert_eq!(case.messages().len(), 1);
    }

    #[test]
    fn decisions_of_many_at_once_are_all_kept() {
        let case = Case::new();
        let names: Vec<PathBuf> = (0..16).map(|n| case.path(&format!("{n}.yaml"))).collect();
        let store = &case.store;
        std::thread::scope(|scope| {
            for name in &names {
                scope.spawn(move || {
                    fs::write(name, "x").unwrap();
                    store.trust(name, "x", &mut Vec::new()).unwrap();
                });
            }
        });
        for name in &names {
            assert!(
                case.store.is_trusted(name, "x", &mut Vec::new()),
                "{}",
                name.display()
            );
        }
    }
}
