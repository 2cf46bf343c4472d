//! What has to be done so that the index says what the files say. Pure: listings in, a plan out.
//!
//! Files are compared by their content's hash; one that looks as it did when it was indexed, by size
//! and time, is not read for that.

use std::collections::{HashMap, HashSet};

use super::composition::{CompositionId, Entry};
use super::files::Listed;
use super::repository::Known;

/// So many differences are repaired without asking, however small the history is.
const FEW: usize = 200;

/// How index and files differ at first sight.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Glance {
    /// Files that have to be read to know more.
    pub unsure: Vec<Listed>,
    /// Compositions of which there is no file.
    pub extra: Vec<CompositionId>,
    /// How many of the unsure were indexed as they were saved, and never compared since.
    pub unconfirmed: usize,
}

impl Glance {
    /// How many compositions may differ, those left out that were only never compared.
    pub fn differences(&self) -> usize {
        self.unsure.len() - self.unconfirmed + self.extra.len()
    }

    /// Whether there is so much to do that it is done only when somebody agrees: more than 200
    /// compositions and more than one in twenty.
    pub fn is_large(&self, known: usize) -> bool {
        self.differences() > FEW.max(known / 20)
    }
}

/// What has to be done to the index.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// Compositions that it lacks.
    pub missing: Vec<Entry>,
    /// Compositions of which it has another text.
    pub different: Vec<Entry>,
    /// Compositions of which there is no file.
    pub extra: Vec<CompositionId>,
    /// Files that are as it has them and only look different.
    pub same: Vec<Listed>,
    /// Files that can't be read, and why; the index keeps what it has of them.
    pub unreadable: Vec<(String, String)>,
}

/// Compares how files look with how they looked.
pub fn glance(files: &[Listed], known: &[Known]) -> Glance {
    let names: HashSet<&str> = files.iter().map(|listed| listed.file.as_str()).collect();
    let by_name: HashMap<&str, &Known> = known.iter().map(|k| (k.file.as_str(), k)).collect();
    let is_same = |listed: &&Listed| {
        let known = by_name.get(listed.file.as_str());
        known.is_some_and(|known| known.stamp == Some(listed.stamp))
    };
    let unsure: Vec<Listed> = files.iter().filter(|l| !is_same(l)).cloned().collect();
    let is_unconfirmed = |listed: &&Listed| {
        let known = by_name.get(listed.file.as_str());
        known.is_some_and(|known| known.stamp.is_none())
    };
    Glance {
        unconfirmed: unsure.iter().filter(is_unconfirmed).count(),
        unsure,
        extra: known
            .iter()
            .filter(|known| !names.contains(known.file.as_str()))
            .map(|known| known.id)
            .collect(),
    }
}

/// Compares what was read of the files that a [`glance`] was unsure of.
pub fn plan(glance: Glance, read: Vec<(Listed, Result<Entry, String>)>, known: &[Known]) -> Plan {
    let by_name: HashMap<&str, &Known> = known.iter().map(|k| (k.file.as_str(), k)).collect();
    let by_id: HashMap<CompositionId, &Known> = known.iter().map(|k| (k.id, k)).collect();
    let mut gone: HashSet<CompositionId> = glance.extra.into_iter().collect();
    let mut plan = Plan::default();
    for (listed, entry) in read {
        let entry = match entry {
            Ok(entry) => entry,
            Err(why) => {
                plan.unreadable.push((listed.file, why));
                continue;
            }
        };
        let (id, sequence) = (entry.composition.meta.id, entry.composition.meta.sequence);
        match by_name.get(listed.file.as_str()) {
            Some(known) if known.hash == entry.hash => plan.same.push(listed),
            Some(_) => plan.different.push(entry),
            None => match by_id.get(&id) {
                // A copy that somebody made of a file; the one that the index has is as new.
                Some(other) if !gone.contains(&id) && other.sequence >= sequence => {}
                _ => plan.missing.push(entry),
            },
        }
        // It was renamed: the index forgets the old name when it gets the new one.
        gone.remove(&id);
    }
    plan.extra = gone.into_iter().collect();
    plan.extra.sort_unstable();
    plan
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::files::Stamp;
    use crate::history::repository::conformance::entry;

    fn listed(file: &str, modified: i64) -> Listed {
        Listed {
            file: file.to_owned(),
            stamp: Stamp { size: 1, modified },
        }
    }

    fn known(entry: &Entry, modified: i64) -> Known {
        Known {
            id: entry.composition.meta.id,
            sequence: entry.composition.meta.sequence,
            file: entry.file.clone(),
            hash: entry.hash,
            stamp: Some(Stamp { size: 1, modified }),
        }
    }

    #[test]
    fn what_looks_as_it_did_is_not_read() {
        let (a, b) = (entry("a.md", 0, "a"), entry("b.md", 1, "b"));
        let known = [known(&a, 1), known(&b, 1)];
        let files = [listed("a.md", 1), listed("b.md", 2), listed("c.md", 1)];
        let glance = glance(&files, &known);
        let unsure: Vec<&str> = glance.unsure.iter().map(|l| l.file.as_str()).collect();
        assert_eq!(unsure, ["b.md", "c.md"]);
        assert_eq!(glance.extra, []);
    }

    #[test]
    fn each_difference_has_its_place() {
        let entries =
            ["same", "changed", "gone", "broken"].map(|name| entry(&format!("{name}.md"), 0, name));
        let indexed: Vec<Known> = entries.iter().map(|entry| known(entry, 1)).collect();
        let new = entry("new.md", 9, "new");
        let changed = Entry {
            hash: [9; 32],
            ..entries[1].clone()
        };
        let files = ["same.md", "changed.md", "broken.md", "new.md"].map(|name| listed(name, 2));
        let read = vec![
            (files[0].clone(), Ok(entries[0].clone())),
            (files[1].clone(), Ok(changed.clone())),
            (files[2].clone(), Err("damaged".to_owned())),
            (files[3].clone(), Ok(new.clone())),
        ];
        let expected = Plan {
            missing: vec![new],
            different: vec![changed],
            extra: vec![entries[2].composition.meta.id],
            same: vec![files[0].clone()],
            unreadable: vec![("broken.md".into(), "damaged".into())],
        };
        assert_eq!(plan(glance(&files, &indexed), read, &indexed), expected);
    }

    #[test]
    fn a_file_that_was_renamed_is_not_forgotten_and_a_copy_of_one_is_not_taken_twice() {
        let old = entry("old.md", 0, "text");
        let indexed = [known(&old, 1)];
        let renamed = Entry {
            file: "renamed.md".into(),
            ..old.clone()
        };
        let files = [listed("renamed.md", 1)];
        let read = vec![(files[0].clone(), Ok(renamed.clone()))];
        let moved = plan(glance(&files, &indexed), read.clone(), &indexed);
        assert_eq!((moved.missing, moved.extra), (vec![renamed], vec![]));
        let both = [listed("old.md", 1), listed("renamed.md", 1)];
        let copied = plan(glance(&both, &indexed), read, &indexed);
        assert_eq!(copied, Plan::default());
    }

    #[test]
    fn few_differences_are_small_and_many_only_in_a_large_history() {
        for (differences, known, large) in [
            (200, 10, false),
            (201, 10, true),
            (500, 10_000, false),
            (501, 10_000, true),
        ] {
            let glance = Glance {
                unsure: (0..differences)
                    .map(|n| listed(&n.to_string(), 0))
                    .collect(),
                ..Glance::default()
            };
            assert_eq!(glance.is_large(known), large, "{differences} of {known}");
        }
    }

    #[test]
    fn however_many_were_saved_since_the_last_comparison_is_no_difference() {
        let entries = (0..201).map(|n| entry(&format!("{n}.md"), n, "text"));
        let known: Vec<Known> = entries
            .map(|entry| Known {
                stamp: None,
                ..known(&entry, 1)
            })
            .collect();
        let files: Vec<Listed> = known.iter().map(|k| listed(&k.file, 1)).collect();
        let glance = glance(&files, &known);
        assert_eq!((glance.unsure.len(), glance.differences()), (201, 0));
        assert!(!glance.is_large(201));
    }
}
