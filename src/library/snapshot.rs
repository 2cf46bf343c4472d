//! What several sources hold, as one library. Pure.

use std::cmp::Ordering;
use std::sync::Arc;

use crate::library::prompt::{PromptId, PromptInfo};
use crate::library::source::Loaded;
use crate::problem::Problem;

/// The library at one moment.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Snapshot {
    /// Every prompt, sorted by id.
    pub prompts: Vec<PromptInfo>,
    /// Every finding, those of the prompts included, sorted by path and place.
    pub problems: Vec<Problem>,
    /// Grows with every change.
    pub revision: u64,
}

impl Snapshot {
    pub(super) fn position(&self, id: &PromptId) -> Option<usize> {
        self.prompts.binary_search_by(|info| info.id.cmp(id)).ok()
    }

    /// Up to three ids that somebody may have meant.
    pub fn nearest(&self, id: &PromptId) -> Vec<&PromptId> {
        let wanted = id.as_str().to_lowercase();
        let last = |id: &str| id.rsplit(['/', ':']).next().unwrap_or_default().to_owned();
        let wanted_last = last(&wanted);
        let mut near: Vec<(usize, &PromptId)> = Vec::new();
        for info in &self.prompts {
            let id = info.id.as_str().to_lowercase();
            let id_last = last(&id);
            let distance = distance(&wanted, &id).min(distance(&wanted_last, &id_last) + 1);
            let part = wanted_last.len() >= 3 && id.contains(&wanted_last);
            let distance = if part { distance.min(2) } else { distance };
            if distance <= 1 + wanted_last.chars().count() / 3 {
                near.push((distance, &info.id));
            }
        }
        near.sort();
        near.into_iter().take(3).map(|(_, id)| id).collect()
    }
}

/// How many letters to add, drop or replace.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, c) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, d) in b.iter().enumerate() {
            let replaced = diagonal + usize::from(c != *d);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}

/// What a refresh found different. A new id of a prompt counts as one removed and one added.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Change {
    /// Prompts that were not there.
    pub added: Vec<PromptId>,
    /// Prompts whose file may read differently.
    pub changed: Vec<PromptId>,
    /// Prompts that are gone.
    pub removed: Vec<PromptId>,
    /// Other findings than before, be they about a file that gives no prompt.
    pub problems: bool,
}

impl Change {
    /// Nothing is different.
    pub fn is_empty(&self) -> bool {
        let prompts = [&self.added, &self.changed, &self.removed];
        !self.problems && prompts.iter().all(|ids| ids.is_empty())
    }
}

/// Where a prompt of the snapshot comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Origin {
    /// Which source.
    pub source: usize,
    /// How many bytes of the id are the source's name, with its colon.
    pub prefix: usize,
}

/// Joins what the sources hold, in the order of their precedence: the first to hold an id keeps
/// it, the others show theirs with the source's name in front.
pub(super) fn merge(sources: Vec<(&str, Loaded)>) -> (Vec<PromptInfo>, Vec<Origin>, Vec<Problem>) {
    let mut names = Vec::with_capacity(sources.len());
    let (mut prompts, mut problems) = (Vec::new(), Vec::new());
    for (name, mut loaded) in sources {
        names.push(name);
        problems.append(&mut loaded.problems);
        problems.extend(
            loaded
                .prompts
                .iter()
                .flat_map(|info| info.problems.iter().cloned()),
        );
        if prompts.is_empty() {
            prompts = loaded.prompts;
        } else {
            prompts.append(&mut loaded.prompts);
        }
    }
    problems.sort_by(|a, b| order(a).cmp(&order(b)));
    // Costs one comparison a prompt where a source gives its prompts in order, as folders nearly do.
    prompts.sort_by(|a: &PromptInfo, b| a.id.cmp(&b.id));
    let origin = |info: &PromptInfo| {
        let source = names
            .iter()
            .position(|name| *name == info.source)
            .unwrap_or_default();
        Origin { source, prefix: 0 }
    };
    let mut origins: Vec<Origin> = prompts.iter().map(origin).collect();
    if prompts.windows(2).any(|pair| pair[0].id == pair[1].id) {
        (prompts, origins) = tell_apart(&names, prompts.into_iter().zip(origins).collect());
    }
    (prompts, origins, problems)
}

/// Puts source names in front of ids until no two are equal: a name in front can make another id
/// equal (a file called `team:a.md`).
fn tell_apart(
    names: &[&str],
    mut prompts: Vec<(PromptInfo, Origin)>,
) -> (Vec<PromptInfo>, Vec<Origin>) {
    loop {
        prompts.sort_by(|(a, from), (b, other)| {
            a.id.cmp(&b.id).then_with(|| from.source.cmp(&other.source))
        });
        let mut clash = false;
        for at in (1..prompts.len()).rev() {
            if prompts[at].0.id != prompts[at - 1].0.id {
                continue;
            }
            clash = true;
            let (info, origin) = &mut prompts[at];
            let name = names[origin.source];
            info.id.0.insert_str(0, &format!("{name}:"));
            origin.prefix += name.len() + 1;
        }
        if !clash {
            return prompts.into_iter().unzip();
        }
    }
}

fn order(problem: &Problem) -> impl Ord + '_ {
    (
        &problem.path,
        problem.line,
        problem.column,
        std::cmp::Reverse(problem.severity),
        &problem.message,
    )
}

/// Compares two lists that are sorted by id; what the findings are is not looked at.
pub(super) fn difference(old: &[PromptInfo], new: &[PromptInfo]) -> Change {
    let mut change = Change::default();
    let (mut old, mut new) = (old.iter().peekable(), new.iter().peekable());
    loop {
        let order = match (old.peek(), new.peek()) {
            (None, None) => return change,
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (Some(old), Some(new)) => old.id.cmp(&new.id),
        };
        let gone = if order.is_le() { old.next() } else { None };
        let come = if order.is_ge() { new.next() } else { None };
        match (gone, come) {
            (Some(gone), Some(come)) if gone != come => change.changed.push(come.id.clone()),
            (Some(gone), None) => change.removed.push(gone.id.clone()),
            (None, Some(come)) => change.added.push(come.id.clone()),
            _ => {}
        }
    }
}

/// The moment and where its prompts come from, replaced as one.
#[derive(Debug, Clone, Default)]
pub(super) struct State {
    pub snapshot: Arc<Snapshot>,
    pub origins: Arc<[Origin]>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn infos(ids: &[&str]) -> Vec<PromptInfo> {
        infos_of("user", ids)
    }

    fn infos_of(source: &str, ids: &[&str]) -> Vec<PromptInfo> {
        let info = |id: &&str| PromptInfo {
            id: PromptId((*id).into()),
            source: source.into(),
            ..PromptInfo::default()
        };
        ids.iter().map(info).collect()
    }

    fn check(sources: &[(&'static str, &[&str])], expected: &[&str]) {
        let loaded = |name: &str, ids: &[&str]| Loaded {
            prompts: infos_of(name, ids),
            problems: Vec::new(),
        };
        let sources = sources
            .iter()
            .map(|(name, ids)| (*name, loaded(name, ids)))
            .collect();
        let (prompts, origins, _) = merge(sources);
        let shown: Vec<String> = prompts
            .iter()
            .zip(&origins)
            .map(|(info, origin)| format!("{} {}", info.id, origin.source))
            .collect();
        assert_eq!(shown, expected);
    }

    #[test]
    fn the_first_source_keeps_the_id_and_nothing_is_hidden() {
        check(
            &[
                ("user", &["b", "a"]),
                ("team", &["a", "c"]),
                ("more", &["a"]),
            ],
            &["a 0", "b 0", "c 1", "more:a 2", "team:a 1"],
        );
        check(
            &[("user", &["team:a", "a"]), ("team", &["a"])],
            &["a 0", "team:a 0", "team:team:a 1"],
        );
        check(&[], &[]);
    }

    #[test]
    fn differences_are_found_by_id_and_content() {
        let old = infos(&["a", "b", "c", "e"]);
        let mut new = infos(&["b", "c", "d", "e"]);
        new[1].version = 1;
        let ids = |ids: &[&str]| {
            ids.iter()
                .map(|id| PromptId((*id).into()))
                .collect::<Vec<_>>()
        };
        let expected = Change {
            added: ids(&["d"]),
            changed: ids(&["c"]),
            removed: ids(&["a"]),
            problems: false,
        };
        assert_eq!(difference(&old, &new), expected);
        assert!(difference(&new, &new).is_empty());
    }

    #[test]
    fn near_ids_are_found_by_letters_and_by_the_last_part() {
        let prompts = infos(&[
            "commands/api-doc",
            "commands/write-tests",
            "rules/scope-guard",
            "x",
        ]);
        let snapshot = Snapshot {
            prompts,
            ..Snapshot::default()
        };
        for (wanted, expected) in [
            ("api-doc", "commands/api-doc"),
            ("commands/api-docs", "commands/api-doc"),
            ("Scope-Gard", "rules/scope-guard"),
            ("write", "commands/write-tests"),
            ("nothing-like-it", ""),
        ] {
            let near = snapshot.nearest(&PromptId(wanted.into()));
            let near: Vec<&str> = near.into_iter().map(PromptId::as_str).collect();
            assert_eq!(near.join(" "), expected, "{wanted}");
        }
    }
}
