//! The running Neovims: each has left a record of its socket, and some belong to a project.
//!
//! Only reads the records and takes away what is stale; Lua writes them, and who talks to a socket
//! finds out whether anybody is there.

use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};

use serde::Deserialize;

/// The folder of the records, below the home folder.
const FOLDER: &str = "run";

/// A larger file is no record.
const MAX_RECORD: u64 = 64 * 1024;

/// What makes a folder the root of a project.
const ROOT_MARKS: [&str; 3] = [".git", ".prompts", ".promptstack.yaml"];

/// A Neovim that said where it listens; it may have died since.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Server {
    /// Its process id.
    pub pid: u32,
    /// The path of its socket, or `host:port`.
    pub address: String,
    record: PathBuf,
    used: u64,
}

impl Server {
    /// Removes its record: nobody listens there any more.
    pub fn forget(&self) {
        let _ = fs::remove_file(&self.record);
    }
}

/// A record as Lua writes it; times are milliseconds since 1970.
#[derive(Deserialize)]
struct Record {
    pid: u32,
    address: String,
    cwd: PathBuf,
    #[serde(default)]
    started: u64,
    #[serde(default)]
    focused: u64,
}

/// The Neovims of the project that `cwd` is in, the one last looked at first; whoever never had the
/// focus, as far as is known, was looked at when it started.
///
/// A record that can't be read is passed over: it may be of a later version.
pub fn of_project(home: &Path, cwd: &Path, user_home: Option<&Path>) -> Vec<Server> {
    let Ok(entries) = fs::read_dir(home.join(FOLDER)) else {
        return Vec::new();
    };
    let cwd = real(cwd);
    let user_home = user_home.map(real);
    let mut found: Vec<Server> = entries
        .filter_map(|entry| {
            let path = entry.ok()?.path();
            let record = read(&path)?;
            let same = same_project(&cwd, &real(&record.cwd), user_home.as_deref());
            same.then(|| Server {
                pid: record.pid,
                address: record.address,
                record: path,
                used: record.focused.max(record.started),
            })
        })
        .collect();
    found.sort_by_key(|server| (std::cmp::Reverse(server.used), server.pid));
    found
}

fn read(path: &Path) -> Option<Record> {
    if path.extension()? != "json" {
        return None;
    }
    let mut text = String::new();
    let file = File::open(path).ok()?;
    file.take(MAX_RECORD).read_to_string(&mut text).ok()?;
    serde_json::from_str(&text).ok()
}

/// The path without links; as it is where that can't be told.
fn real(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| path.to_owned())
}

fn same_project(one: &Path, other: &Path, user_home: Option<&Path>) -> bool {
    match (root(one, user_home), root(other, user_home)) {
        (Some(one), Some(other)) => one == other,
        (None, None) => one.starts_with(other) || other.starts_with(one),
        _ => false,
    }
}

/// The nearest folder upwards with a mark; the person's home and what is above it are no projects.
fn root<'a>(folder: &'a Path, user_home: Option<&Path>) -> Option<&'a Path> {
    folder
        .ancestors()
        .take_while(|folder| user_home.is_none_or(|home| !home.starts_with(folder)))
        .find(|folder| {
            let is_there = |name: &&str| folder.join(name).symlink_metadata().is_ok();
            ROOT_MARKS.iter().any(is_there)
        })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    struct Place(tempfile::TempDir);

    impl Place {
        /// Folders below a home folder; a name that ends in a mark makes the mark too.
        fn new(folders: &[&str]) -> Self {
            let place = Self(tempfile::tempdir().unwrap());
            for folder in folders {
                fs::create_dir_all(place.at(folder)).unwrap();
            }
            place
        }

        fn at(&self, path: &str) -> PathBuf {
            self.0.path().join(path)
        }

        fn record(&self, pid: u32, cwd: &str, times: (u64, u64)) -> PathBuf {
            let text = json!({
                "pid": pid, "address": format!("/socket/{pid}"), "cwd": self.at(cwd),
                "started": times.0, "focused": times.1,
            });
            fs::create_dir_all(self.at("stack/run")).unwrap();
            let path = self.at(&format!("stack/run/{pid}.json"));
            fs::write(&path, text.to_string()).unwrap();
            path
        }

        fn found(&self, cwd: &str) -> Vec<u32> {
            let servers = of_project(&self.at("stack"), &self.at(cwd), Some(&self.at("home")));
            servers.iter().map(|server| server.pid).collect()
        }
    }

    #[test]
    fn a_project_is_the_nearest_folder_with_a_mark_below_home() {
        let place = Place::new(&[
            "home/.git",
            "home/a/.git",
            "home/a/src/deep",
            "home/a/inner/.prompts",
            "home/b/src",
            "home/plain/below",
            "outside/.git",
            "outside/src",
        ]);
        let rows = [
            ("home/a", "home/a", true),
            ("home/a/src", "home/a/src/deep", true),
            ("home/a/src", "home/a", true),
            ("home/a", "home/a/inner", false),
            ("home/a", "home/b", false),
            // Without a mark: the same folder, or one below the other.
            ("home/plain", "home/plain", true),
            ("home/plain", "home/plain/below", true),
            ("home/plain/below", "home/plain", true),
            ("home/plain", "home/b", false),
            // A home folder under version control is no project of all that lies in it.
            ("home/b", "home/b/src", true),
            ("home", "home/a", false),
            ("outside", "outside/src", true),
            ("outside", "home/a", false),
        ];
        for (cwd, of_neovim, expected) in rows {
            let same = same_project(
                &place.at(cwd),
                &place.at(of_neovim),
                Some(&place.at("home")),
            );
            assert_eq!(same, expected, "{cwd} and {of_neovim}");
        }
        fs::write(place.at("home/b/.promptstack.yaml"), "").unwrap();
        assert!(same_project(
            &place.at("home/b/src"),
            &place.at("home/b"),
            Some(&place.at("home"))
        ));
    }

    #[test]
    fn the_one_last_looked_at_comes_first() {
        let place = Place::new(&["home/a/.git", "home/b"]);
        place.record(1, "home/a", (10, 0));
        place.record(2, "home/a", (5, 30));
        place.record(3, "home/a", (20, 0));
        place.record(4, "home/b", (99, 99));
        assert_eq!(place.found("home/a"), [2, 3, 1]);
    }

    #[test]
    fn a_link_leads_to_the_same_project() {
        let place = Place::new(&["home/a/.git"]);
        std::os::unix::fs::symlink(place.at("home/a"), place.at("home/link")).unwrap();
        place.record(1, "home/link", (1, 0));
        assert_eq!(place.found("home/a"), [1]);
    }

    #[test]
    fn what_is_no_record_is_passed_over_and_what_is_stale_can_be_forgotten() {
        let place = Place::new(&["home/a"]);
        assert!(place.found("home/a").is_empty(), "no folder at all");
        let stale = place.record(1, "home/a", (1, 0));
        for (name, text) in [
            ("2.json", "{"),
            ("3.json", "{}"),
            ("4.json.tmp", "{}"),
            ("5.json", "\u{0}"),
        ] {
            fs::write(place.at("stack/run").join(name), text).unwrap();
        }
        fs::create_dir(place.at("stack/run/6.json")).unwrap();
        assert_eq!(place.found("home/a"), [1]);
        let home = place.at("stack");
        of_project(&home, &place.at("home/a"), None)[0].forget();
        assert!(!stale.exists());
        assert!(place.found("home/a").is_empty());
    }
}
