//! The home folder: where it is, and what a first run puts there.

use std::io;
use std::path::{Path, PathBuf};

use crate::config::store;
use crate::config::template::template;
use crate::error::{Error, Result};

/// The only thing that asks the process for its environment; everything else is handed values.
#[derive(Debug, Clone, Copy, Default)]
pub struct Environment;

impl Environment {
    /// A variable's value; an unset or non-UTF-8 one is `None`.
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place that reads the environment"
    )]
    pub fn get(&self, name: &str) -> Option<String> {
        std::env::var(name).ok()
    }

    /// The person's home folder, `$HOME`.
    pub fn user_home(&self) -> Option<PathBuf> {
        self.get("HOME")
            .map(PathBuf::from)
            .filter(|home| home.is_absolute())
    }

    /// promptstack's home folder: `$PROMPTSTACK_HOME`, else `~/.promptstack`.
    ///
    /// # Errors
    /// `config` when neither variable gives an absolute path.
    pub fn home(&self) -> Result<PathBuf> {
        let chosen = self
            .get("PROMPTSTACK_HOME")
            .filter(|value| !value.is_empty());
        home_from(chosen.as_deref(), self.user_home().as_deref())
    }
}

fn home_from(chosen: Option<&str>, user_home: Option<&Path>) -> Result<PathBuf> {
    let user = || {
        user_home.ok_or_else(|| {
            Error::config("the home folder is unknown").hint("set HOME or PROMPTSTACK_HOME")
        })
    };
    let Some(chosen) = chosen else {
        return Ok(user()?.join(".promptstack"));
    };
    let home = match chosen.strip_prefix('~') {
        Some(rest) if rest.is_empty() || rest.starts_with('/') => {
            user()?.join(rest.trim_start_matches('/'))
        }
        _ => PathBuf::from(chosen),
    };
    if !home.is_absolute() {
        let message = format!("PROMPTSTACK_HOME is not an absolute path: {chosen:?}");
        return Err(Error::config(message).hint("start it with '/' or '~/'"));
    }
    Ok(home)
}

/// What [`ensure_home`] had to create.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Created {
    /// The home folder was not there: this is the first run.
    pub home: bool,
    /// `config.yaml` was not there.
    pub config: bool,
}

/// Creates the home folder with `data`, `prompts` and a commented `config.yaml`, where they are
/// missing.
///
/// Folders get 0700, the file 0600; what exists keeps its mode and content, and a link is
/// respected, even one to nothing. Several editors may do this at the same time.
///
/// # Errors
/// `unavailable` when something can't be created.
pub fn ensure_home(home: &Path) -> Result<Created> {
    let new = !home.exists();
    for folder in [home.to_owned(), home.join("data"), home.join("prompts")] {
        ensure_folder(&folder)?;
    }
    let file = home.join("config.yaml");
    let config = file.symlink_metadata().is_err()
        && match store::create(&file, template().as_bytes()) {
            Ok(()) => true,
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => false,
            Err(error) => return Err(cannot("create", &file, error)),
        };
    Ok(Created { home: new, config })
}

/// Creates a folder (0700) with those above it, where it is missing.
///
/// # Errors
/// `unavailable` when it can't be created, or when something else has its name.
pub fn ensure_folder(path: &Path) -> Result<()> {
    store::create_folder(path).map_err(|error| cannot("create", path, error))
}

/// An error about a file that could not be read, created or written.
pub(crate) fn cannot(verb: &str, path: &Path, error: io::Error) -> Error {
    Error::unavailable(format!("can't {verb} {}: {error}", path.display())).because(error)
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::*;

    #[test]
    fn promptstack_home_is_chosen_or_lies_in_the_home_folder() {
        let user = Some(Path::new("/home/me"));
        let rows = [
            (None, user, Ok("/home/me/.promptstack")),
            (Some("/x"), None, Ok("/x")),
            (Some("~/x"), user, Ok("/home/me/x")),
            (
                Some("x"),
                user,
                Err("PROMPTSTACK_HOME is not an absolute path: \"x\""),
            ),
            (None, None, Err("the home folder is unknown")),
            (Some("~"), None, Err("the home folder is unknown")),
        ];
        for (chosen, user, expected) in rows {
            let found = home_from(chosen, user).map_err(|e| e.message().to_owned());
            assert_eq!(
                found,
                expected.map(PathBuf::from).map_err(str::to_owned),
                "{chosen:?}"
            );
        }
    }

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn a_first_run_creates_private_folders_and_a_commented_file() {
        let dir = tempfile::tempdir().unwrap();
        let home = dir.path().join("a/home");
        assert_eq!(
            ensure_home(&home).unwrap(),
            Created {
                home: true,
                config: true
            }
        );
        for folder in ["", "data", "prompts"] {
            assert_eq!(mode(&home.join(folder)), 0o700, "{folder}");
        }
        assert_eq!(mode(&home.join("config.yaml")), 0o600);
        assert_eq!(
            fs::read_to_string(home.join("config.yaml")).unwrap(),
            template()
        );
        assert_eq!(
            fs::read_dir(&home).unwrap().count(),
            3,
            "nothing else is left there"
        );
        assert_eq!(
            ensure_home(&home).unwrap(),
            Created {
                home: false,
                config: false
            }
        );
    }

    #[test]
    fn what_exists_is_left_as_it_is() {
        let dir = tempfile::tempdir().unwrap();
        let home = dir.path();
        fs::set_permissions(home, fs::Permissions::from_mode(0o755)).unwrap();
        symlink("nowhere.yaml", home.join("config.yaml")).unwrap();
        assert_eq!(
            ensure_home(home).unwrap(),
            Created {
                home: false,
                config: false
            }
        );
        assert_eq!(mode(home), 0o755);
        assert!(!home.join("nowhere.yaml").exists());
    }

    #[test]
    fn a_file_in_the_way_is_named() {
        let dir = tempfile::tempdir().unwrap();
        let home = dir.path().join("home");
        fs::write(&home, "").unwrap();
        assert!(
            ensure_home(&home)
                .unwrap_err()
                .message()
                .contains("can't create")
        );
    }

    #[test]
    fn of_several_editors_one_creates_the_file() {
        let dir = tempfile::tempdir().unwrap();
        let home = dir.path().join("home");
        let created: Vec<Created> = std::thread::scope(|scope| {
            let runs: Vec<_> = (0..8)
                .map(|_| scope.spawn(|| ensure_home(&home).unwrap()))
                .collect();
            runs.into_iter().map(|run| run.join().unwrap()).collect()
        });
        assert_eq!(created.iter().filter(|c| c.config).count(), 1);
        assert_eq!(
            fs::read_to_string(home.join("config.yaml")).unwrap(),
            template()
        );
    }
}
