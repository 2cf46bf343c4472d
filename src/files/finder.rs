//! The files below a folder, told as they are found.
//!
//! Blocks: call it on a blocking thread. What `.gitignore`, `.ignore`, `.git/info/exclude` and the
//! person's global ignore file exclude is left out, also where no repository is, and so is what is
//! hidden. Which of the files is meant is [`super::ranking`]'s work.

use std::collections::HashSet;
use std::collections::hash_map::RandomState;
use std::fs;
use std::hash::BuildHasher;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use ignore::WalkBuilder;

use crate::error::{Error, Result};

/// The most files that a walk finds, where the caller does not say otherwise.
pub const MAX_FILES: usize = 200_000;

/// The first batch is small, so that something is seen at once; each is twice as large as the last.
const FIRST_BATCH: usize = 64;
const LAST_BATCH: usize = 4096;
/// After so many entries the caller is asked at the latest, if only with an empty batch.
const ASK_EVERY: usize = 4096;

/// A file that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Its path below the folder, with `/`.
    pub path: String,
    /// Whether it is a link to a folder outside, which is told and not entered.
    pub folder: bool,
}

/// How a walk ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// All was seen.
    Complete,
    /// There are more files than asked for.
    Limit,
    /// The caller had enough.
    Cancelled,
}

/// What a walk came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Walked {
    /// How many files were told.
    pub files: usize,
    /// How many entries could not be read, or have a name that is no UTF-8.
    pub skipped: usize,
    /// How it ended.
    pub end: End,
}

/// Walks a folder.
#[derive(Debug, Clone)]
pub struct Finder {
    root: PathBuf,
    limit: usize,
}

impl Finder {
    /// Of the files below `root`, at most [`MAX_FILES`].
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self {
            root: root.into(),
            limit: MAX_FILES,
        }
    }

    /// Finds at most `limit` files.
    #[must_use]
    pub fn limit(self, limit: usize) -> Self {
        Self { limit, ..self }
    }

    /// Tells the files in batches, in no particular order, each once; links come last.
    ///
    /// `each` may be called with an empty batch, only to be asked whether to go on. An entry that
    /// can't be read is counted and stops nothing.
    ///
    /// # Errors
    /// `not_found` when the root is no folder that can be read.
    pub fn run(&self, each: impl Fn(Vec<Found>) -> ControlFlow<()>) -> Result<Walked> {
        let root = fs::canonicalize(&self.root)
            .and_then(|root| fs::read_dir(&root).map(|_| root))
            .map_err(|error| {
                let message = format!("can't look for files in {}", self.root.display());
                Error::not_found(format!("{message}: {error}")).because(error)
            })?;
        let mut walk = Walk {
            told: Told::new(&each, self.limit),
            seen: Seen::default(),
            skipped: 0,
        };
        let end = match walk.all(&root) {
            ControlFlow::Continue(()) => End::Complete,
            ControlFlow::Break(end) => end,
        };
        Ok(Walked {
            files: walk.told.count,
            skipped: walk.skipped,
            end,
        })
    }
}

/// A walk on its way.
struct Walk<'a, F> {
    told: Told<'a, F>,
    seen: Seen,
    skipped: usize,
}

impl<F: Fn(Vec<Found>) -> ControlFlow<()>> Walk<'_, F> {
    fn all(&mut self, root: &Path) -> ControlFlow<End> {
        let walker = WalkBuilder::new(root)
            .require_git(false)
            .current_dir(root)
            .build();
        let mut links = Vec::new();
        for entry in walker {
            self.told.go_on()?;
            let Ok(entry) = entry else {
                self.skipped += 1;
                continue;
            };
            match entry.file_type() {
                Some(kind) if kind.is_file() => {
                    self.seen.insert(entry.path());
                    self.tell(root, entry.path(), false)?;
                }
                Some(kind) if kind.is_symlink() => links.push(entry.into_path()),
                _ => {}
            }
        }
        // Only now is it known which of their targets were told already.
        links.sort();
        for link in links {
            self.told.go_on()?;
            self.link(root, &link)?;
        }
        self.told.flush()
    }

    fn link(&mut self, root: &Path, link: &Path) -> ControlFlow<End> {
        let Ok(target) = fs::canonicalize(link) else {
            return ControlFlow::Continue(()); // it leads nowhere, or round
        };
        let Ok(metadata) = fs::metadata(&target) else {
            return ControlFlow::Continue(());
        };
        let folder = metadata.is_dir();
        let wanted = match folder {
            // What a folder inside holds was told where it lies.
            true => !target.starts_with(root) && !root.starts_with(&target),
            false => metadata.is_file(),
        };
        if wanted && self.seen.insert(&target) {
            self.tell(root, link, folder)?;
        }
        ControlFlow::Continue(())
    }

    fn tell(&mut self, root: &Path, path: &Path, folder: bool) -> ControlFlow<End> {
        let below = path.strip_prefix(root).ok().and_then(Path::to_str);
        let Some(below) = below else {
            self.skipped += 1;
            return ControlFlow::Continue(());
        };
        self.told.add(Found {
            path: below.to_owned(),
            folder,
        })
    }
}

/// Which paths were met. Their hashes are enough: of 200,000, two are the same once in 10^9 walks.
#[derive(Default)]
struct Seen {
    hasher: RandomState,
    hashes: HashSet<u64>,
}

impl Seen {
    fn insert(&mut self, path: &Path) -> bool {
        self.hashes.insert(self.hasher.hash_one(path))
    }
}

/// Gathers what is told into batches.
struct Told<'a, F> {
    each: &'a F,
    limit: usize,
    count: usize,
    batch: Vec<Found>,
    size: usize,
    visited: usize,
}

impl<'a, F: Fn(Vec<Found>) -> ControlFlow<()>> Told<'a, F> {
    fn new(each: &'a F, limit: usize) -> Self {
        Self {
            each,
            limit,
            count: 0,
            batch: Vec::new(),
            size: FIRST_BATCH,
            visited: 0,
        }
    }

    fn add(&mut self, found: Found) -> ControlFlow<End> {
        if self.count == self.limit {
            self.flush()?;
            return ControlFlow::Break(End::Limit);
        }
        self.count += 1;
        self.batch.push(found);
        if self.batch.len() < self.size {
            return ControlFlow::Continue(());
        }
        self.size = (self.size * 2).min(LAST_BATCH);
        self.flush()
    }

    /// Asks whether to go on where nothing has been told for long.
    fn go_on(&mut self) -> ControlFlow<End> {
        self.visited += 1;
        match self.visited < ASK_EVERY {
            true => ControlFlow::Continue(()),
            false => self.flush(),
        }
    }

    fn flush(&mut self) -> ControlFlow<End> {
        self.visited = 0;
        match (self.each)(std::mem::take(&mut self.batch)) {
            ControlFlow::Continue(()) => ControlFlow::Continue(()),
            ControlFlow::Break(()) => ControlFlow::Break(End::Cancelled),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::os::unix::ffi::OsStrExt;
    use std::os::unix::fs::symlink;

    use super::*;

    struct Disk(tempfile::TempDir);

    impl Disk {
        /// Files by their paths; `PATH > TARGET` is a link, `PATH = TEXT` one with a content.
        fn new(entries: &[&str]) -> Self {
            let disk = Self(tempfile::tempdir().expect("a folder"));
            for entry in entries {
                let (name, text) = entry.split_once(" = ").unwrap_or((entry, ""));
                let (name, target) = match name.split_once(" > ") {
                    Some((name, target)) => (name, Some(target)),
                    None => (name, None),
                };
                let path = disk.path(name);
                fs::create_dir_all(path.parent().expect("a folder")).expect("folders");
                match target {
                    Some(target) => symlink(target, path).expect("a link"),
                    None => fs::write(path, text).expect("a file"),
                }
            }
            disk
        }

        fn path(&self, name: &str) -> PathBuf {
            self.0.path().join(name)
        }

        fn found(&self, root: &str) -> (Vec<String>, Walked) {
            let all = RefCell::new(Vec::new());
            let walked = Finder::new(self.path(root)).run(|batch| {
                all.borrow_mut().extend(batch);
                ControlFlow::Continue(())
            });
            let shown = |found: Found| found.path + if found.folder { "/" } else { "" };
            let mut paths: Vec<String> = all.into_inner().into_iter().map(shown).collect();
            paths.sort();
            (paths, walked.expect("a walk"))
        }
    }

    fn check(entries: &[&str], expected: &[&str]) {
        let (paths, walked) = Disk::new(entries).found("p");
        assert_eq!(paths, expected);
        assert_eq!(walked.files, expected.len());
        assert_eq!(walked.end, End::Complete);
    }

    #[test]
    fn ignored_and_hidden_files_are_left_out() {
        check(
            &[
                "p/.git/info/exclude = secret.txt",
                "p/.gitignore = target/\n*.log\n!keep.log",
                "p/target/x",
                "p/a.log",
                "p/keep.log",
                "p/secret.txt",
                "p/.hidden",
                "p/.config/x",
                "p/src/a.rs",
                "p/src/.gitignore = b.rs",
                "p/src/b.rs",
            ],
            &["keep.log", "src/a.rs"],
        );
    }

    #[test]
    fn ignore_files_count_where_no_repository_is() {
        check(
            &[
                "p/.gitignore = *.log",
                "p/.ignore = *.tmp",
                "p/a.log",
                "p/a.tmp",
                "p/a.md",
            ],
            &["a.md"],
        );
    }

    #[test]
    fn a_repository_above_counts() {
        check(
            &[".git/HEAD", ".gitignore = *.log", "p/a.log", "p/a.md"],
            &["a.md"],
        );
    }

    #[test]
    fn a_file_that_links_lead_to_is_told_once() {
        check(
            &[
                "p/a.md",
                "p/again.md > a.md",
                "p/0/first.md > ../a.md",
                "out/b.md",
                "p/b1.md > ../out/b.md",
                "p/b2.md > ../out/b.md",
                "p/.hidden/c.md",
                "p/c.md > .hidden/c.md",
            ],
            &["a.md", "b1.md", "c.md"],
        );
    }

    #[test]
    fn links_to_folders_are_not_entered() {
        check(
            &[
                "p/src/a.rs",
                "p/same > src",
                "p/src/round > ..",
                "p/self > self",
                "p/nowhere > gone",
                "p/up > ../..",
                "out/b.md",
                "p/out > ../out",
            ],
            &["out/", "src/a.rs"],
        );
    }

    #[test]
    fn what_can_not_be_told_is_counted() {
        let disk = Disk::new(&["p/a.md"]);
        let odd = std::ffi::OsStr::from_bytes(b"caf\xE9");
        fs::write(disk.path("p").join(odd), "").expect("a file");
        let (paths, walked) = disk.found("p");
        assert_eq!((paths, walked.skipped), (vec!["a.md".to_owned()], 1));
    }

    #[test]
    fn a_root_that_is_no_folder_is_an_error() {
        let disk = Disk::new(&["p/a.md"]);
        for root in ["nowhere", "p/a.md"] {
            let walked = Finder::new(disk.path(root)).run(|_| ControlFlow::Continue(()));
            assert!(walked.is_err(), "{root}");
        }
    }

    #[test]
    fn a_root_that_is_a_link_is_entered() {
        let disk = Disk::new(&["p/a.md", "link > p"]);
        assert_eq!(disk.found("link").0, ["a.md"]);
    }

    #[test]
    fn a_walk_ends_where_it_is_told_to() {
        let names: Vec<String> = (0..500).map(|n| format!("p/{n}.md")).collect();
        let disk = Disk::new(&names.iter().map(String::as_str).collect::<Vec<_>>());
        let count = RefCell::new(0);
        let finder = Finder::new(disk.path("p"));
        let add = |batch: Vec<Found>| {
            *count.borrow_mut() += batch.len();
            ControlFlow::Continue(())
        };
        let walked = finder.clone().limit(100).run(add).expect("a walk");
        assert_eq!(
            (walked.files, walked.end, count.take()),
            (100, End::Limit, 100)
        );
        let walked = finder.clone().limit(500).run(add).expect("a walk");
        assert_eq!(
            (walked.files, walked.end, count.take()),
            (500, End::Complete, 500)
        );
        let walked = finder.run(|_| ControlFlow::Break(())).expect("a walk");
        assert_eq!((walked.files, walked.end), (FIRST_BATCH, End::Cancelled));
    }
}
