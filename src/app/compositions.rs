//! Compositions as the editor needs them: opened, resumed, kept out of the history where that is wanted.

use std::cell::OnceCell;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use globset::{Glob, GlobSet, GlobSetBuilder};

use super::App;
use crate::error::{Error, Result};
use crate::history::composition::{self, CompositionId, Entry, Meta, Sent};
use crate::history::files::{Written, is_alive};
use crate::history::repository::{Filter, ListQuery, Order, Row};
use crate::history::rescue::{self, Outcome};
use crate::problem::Problem;
use crate::text::Position;

/// The folder of texts that editors set aside, below `data_dir`.
const RESCUE: &str = "rescue";

/// What an editor says of a composition that it opens.
#[derive(Debug)]
pub struct Opening {
    /// Its id.
    pub id: CompositionId,
    /// What its last save answered.
    pub mark: Option<String>,
    /// The draft's name.
    pub name: Option<String>,
    /// The working directory.
    pub directory: PathBuf,
    /// The file whose buffer it is.
    pub source: Option<PathBuf>,
    /// Whether nothing of it may be kept.
    pub is_private: bool,
}

impl App {
    /// Makes a composition known; what was saved of it before is gone on with. Blocking.
    ///
    /// Says whether nothing of it is kept.
    ///
    /// # Errors
    /// When the file of its last save can't be read.
    pub fn open_composition(&self, opening: Opening) -> Result<bool> {
        let source = opening.source.as_deref();
        let is_private = opening.is_private || self.is_excluded(source, &opening.directory);
        let known = match opening.mark.as_deref().and_then(Mark::parse) {
            Some(mark) if !is_private => self.saved_before(&mark)?,
            _ => None,
        };
        let name = opening.name;
        let (meta, written) = match known {
            Some((entry, written)) => (entry.composition.meta, Some(written)),
            None => {
                let mut meta = Meta::new(self.files.now(), opening.directory);
                meta.id = opening.id;
                meta.source = opening.source;
                (meta, None)
            }
        };
        let meta = Meta {
            id: opening.id,
            // It is named in the editor; the file may still have the name of before.
            name: name.or(meta.name),
            ..meta
        };
        self.desk.open(meta, written, is_private);
        Ok(is_private)
    }

    /// The draft of a working directory that has a name.
    ///
    /// # Errors
    /// When the history can't be read.
    pub async fn draft(&self, name: &str, directory: &Path) -> Result<Option<Entry>> {
        match self.drafts_named(name, directory).await?.first() {
            Some(row) => self.history().await.get(row.id).await.map(Some),
            None => Ok(None),
        }
    }

    /// Names a composition of a working directory, and says how the name is written.
    ///
    /// One that is not open here gets its name when it is opened.
    ///
    /// # Errors
    /// `invalid_input` for what is no name, or is that of another draft there; when the history can't
    /// be read.
    pub async fn rename(&self, id: CompositionId, name: &str, directory: &Path) -> Result<String> {
        let name = composition::name(name)?;
        let rows = self.drafts_named(&name, directory).await?;
        // The index may not know yet how those that are open are named now.
        let mut rows = rows.iter().filter(|row| self.desk.about(row.id).is_err());
        if rows.any(|row| row.id != id) || self.desk.has_other(id, &name, directory) {
            let message = format!("another draft here is named '{name}'");
            let hint = format!(":Prompt compose {name} goes on with it, or take another name");
            return Err(Error::invalid(message).hint(hint));
        }
        // Whoever opens it later says its name.
        let _ = self.desk.rename(id, name.clone());
        Ok(name)
    }

    /// The drafts of a working directory that have a name, those of folders below left out.
    async fn drafts_named(&self, name: &str, directory: &Path) -> Result<Vec<Row>> {
        let filter = Filter {
            directory: Some(directory.to_owned()),
            draft: Some(true),
            name: Some(name.to_owned()),
            ..Filter::default()
        };
        let query = ListQuery {
            filter,
            order: Order::Updated,
            limit: usize::MAX,
            offset: 0,
        };
        let mut rows = self.history().await.list(query).await?.rows;
        rows.retain(|row| row.directory == directory);
        Ok(rows)
    }

    /// Puts a composition on the shelf or takes it from there.
    ///
    /// # Errors
    /// `not_found`; what the disk says.
    pub async fn shelve(
        &self,
        id: CompositionId,
        draft: bool,
        sent_to: Option<String>,
    ) -> Result<()> {
        let sent = sent_to.map(|to| Sent {
            to,
            at: self.files.now(),
        });
        let file = match self.desk.standing(id) {
            Ok(_) => None,
            Err(_) => Some(self.history().await.get(id).await?.file),
        };
        let (desk, files) = (self.desk.clone(), self.files.clone());
        let shelving = tokio::task::spawn_blocking(move || {
            desk.shelve(id, draft, sent, || match file {
                Some(file) => files.open(&file),
                None => Err(Error::not_found("the composition was closed a moment ago")),
            })
        });
        shelving
            .await
            .map_err(|e| Error::internal("a job stopped half-way").because(e))?
    }

    /// Takes what editors set aside into the history, and says so; removes what saves of dead processes
    /// left unfinished. Blocking.
    pub fn take_in_rescued(&self) -> (Vec<String>, Vec<Problem>) {
        if let Err(error) = self.files.reap() {
            tracing::warn!(%error, "what unfinished saves left can't be removed");
        }
        // Only where there is something to take in is every file looked at.
        let known = OnceCell::new();
        let lookup = |id: &CompositionId| known.get_or_init(|| self.files_by_id()).get(id).cloned();
        let folder = self.config.data_dir.join(RESCUE);
        let (taken, problems) = rescue::take_in(&folder, &self.files, is_alive, lookup);
        let saved = taken
            .iter()
            .filter(|taken| matches!(taken.outcome, Outcome::Saved(_)))
            .count();
        let notice = match saved {
            0 => None,
            1 => {
                Some("a text that was set aside is in the history now (:Prompt drafts)".to_owned())
            }
            n => Some(format!(
                "{n} texts that were set aside are in the history now (:Prompt drafts)"
            )),
        };
        (notice.into_iter().collect(), problems)
    }

    /// Every composition's file; one that can't be read has none.
    fn files_by_id(&self) -> HashMap<CompositionId, String> {
        let listed = self.files.list().unwrap_or_default();
        let heads = listed.into_iter().filter_map(|listed| {
            let head = self.files.head(&listed.file).ok()?;
            Some((head.meta.id, listed.file))
        });
        heads.collect()
    }

    /// Whether a buffer is to be composed without being kept.
    fn is_excluded(&self, source: Option<&Path>, directory: &Path) -> bool {
        self.excluded.is_match(source.unwrap_or(directory)) || self.excluded.is_match(directory)
    }

    /// The composition of a mark, and what its next save starts from: where the file was changed
    /// since, the save is to find that out.
    fn saved_before(&self, mark: &Mark) -> Result<Option<(Entry, Written)>> {
        match self.files.open(mark.file) {
            Ok((entry, written)) if entry.hash == mark.hash => Ok(Some((entry, written))),
            Ok((entry, written)) => {
                let hash = mark.hash;
                Ok(Some((
                    entry,
                    Written {
                        hash,
                        stamp: Default::default(),
                        ..written
                    },
                )))
            }
            // Somebody deleted it; what stands in the buffer becomes a new file.
            Err(error) if error.kind() == crate::error::Kind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }
}

/// What an editor keeps of a save, to go on from it with another host.
struct Mark<'a> {
    hash: [u8; 32],
    file: &'a str,
}

impl Mark<'_> {
    fn parse(text: &str) -> Option<Mark<'_>> {
        let (hex, file) = text.split_once(' ')?;
        let mut hash = [0; 32];
        if hex.len() != 64 {
            return None;
        }
        for (byte, at) in hash.iter_mut().zip((0..64).step_by(2)) {
            *byte = u8::from_str_radix(hex.get(at..at + 2)?, 16).ok()?;
        }
        Some(Mark { hash, file })
    }
}

/// The mark of a save: [`Opening::mark`] takes it.
pub fn mark(file: &str, hash: &[u8; 32]) -> String {
    let hex: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("{hex} {file}")
}

/// The patterns of `history.exclude`, and what is wrong with some of them.
pub(super) fn excluded(patterns: &[String], file: &Path) -> (Arc<GlobSet>, Vec<Problem>) {
    let mut set = GlobSetBuilder::new();
    let mut problems = Vec::new();
    for pattern in patterns {
        match Glob::new(pattern) {
            Ok(glob) => _ = set.add(glob),
            Err(error) => {
                let message = format!("history.exclude: {error}");
                problems.push(Problem::error(file, Position::NONE, message));
            }
        }
    }
    (Arc::new(set.build().unwrap_or_default()), problems)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_comes_back_as_it_was() {
        let hash = std::array::from_fn(|n| n as u8 * 7);
        let text = mark("2026-11-21_10-00-00.md", &hash);
        let back = Mark::parse(&text).expect("a mark");
        assert_eq!((back.hash, back.file), (hash, "2026-11-21_10-00-00.md"));
        for wrong in [
            "",
            "x y",
            "zz",
            &text[1..],
            &format!("{}é {}", "0".repeat(62), "f"),
        ] {
            assert!(Mark::parse(wrong).is_none(), "{wrong:?}");
        }
    }

    #[test]
    fn a_pattern_that_is_wrong_is_told_and_the_others_hold() {
        let patterns = [
            "**/secret/**".to_owned(),
            "[".to_owned(),
            "*.key".to_owned(),
        ];
        let (set, problems) = excluded(&patterns, Path::new("config.yaml"));
        assert_eq!(problems.len(), 1);
        assert!(set.is_match("/home/me/secret/plan.md") && set.is_match("/x/y.key"));
        assert!(!set.is_match("/home/me/plan.md"));
    }
}
