//! Which of many paths is meant by some letters.
//!
//! As in fzf: letters in order with others between, words in any order, `'word` as it stands,
//! `^start`, `end$`, `!not`; upper case counts only where it is typed. A match in the file's name
//! counts twice.

use std::ops::Range;

use frizbee::{Config, Match, Matcher, Pattern, SortStrategy};

use super::finder::Found;

/// Paths to be ranked; more may be added at any time.
#[derive(Debug, Clone, Default)]
pub struct Ranking {
    found: Vec<Found>,
}

/// The best of the paths.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Ranked {
    /// How many match.
    pub total: usize,
    /// The best ones, best first.
    pub rows: Vec<Row>,
}

/// One path of a result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Which path, in the order of adding.
    pub index: u32,
    /// The bytes of the path that matched, in order, whole characters.
    pub spans: Vec<Range<u32>>,
}

impl Ranking {
    /// Adds paths.
    pub fn extend(&mut self, batch: Vec<Found>) {
        self.found.extend(batch);
    }

    /// All paths in the order of adding.
    pub fn found(&self) -> &[Found] {
        &self.found
    }

    /// Finds the best `limit` paths; a query without words takes all, by name.
    pub fn rank(&self, query: &str, limit: usize) -> Ranked {
        let patterns = Pattern::parse_query(query);
        let mut scored = match patterns.is_empty() {
            true => (0..self.found.len() as u32).map(|i| (0, i)).collect(),
            false => self.score(&patterns),
        };
        let total = scored.len();
        let by_key = |a: &(u64, u32), b: &(u64, u32)| b.0.cmp(&a.0);
        let by_path = |a: &(u64, u32), b: &(u64, u32)| self.path(a.1).cmp(self.path(b.1));
        if limit < total {
            // Of many that are equally good any will do: looking at all their paths, which lie all
            // over the memory, took most of the time for a query of one letter.
            match patterns.is_empty() {
                true => scored.select_nth_unstable_by(limit, by_path),
                false => {
                    scored.select_nth_unstable_by(limit, |a, b| by_key(a, b).then(a.1.cmp(&b.1)))
                }
            };
            scored.truncate(limit);
        }
        scored.sort_unstable_by(|a, b| by_key(a, b).then_with(|| by_path(a, b)));
        let mut lights = Lights::new(&patterns);
        let row = |(_, index)| Row {
            index,
            spans: lights.of(self.path(index)),
        };
        Ranked {
            total,
            rows: scored.into_iter().map(row).collect(),
        }
    }

    fn path(&self, index: u32) -> &str {
        &self.found[index as usize].path
    }

    /// The paths that match, each with a key: higher for a better score, then for a shorter path.
    fn score(&self, patterns: &[Pattern]) -> Vec<(u64, u32)> {
        let config = config();
        let paths: Vec<&str> = self.found.iter().map(|found| found.path.as_str()).collect();
        let matches = Matcher::from_patterns(patterns, &config).match_list(&paths);
        let names: Vec<&str> = matches
            .iter()
            .map(|found| name(paths[found.index as usize]))
            .collect();
        let mut scores: Vec<u64> = matches.iter().map(|found| found.score.into()).collect();
        for pattern in wanted(patterns) {
            for found in Matcher::new(pattern.clone(), &config).match_list(&names) {
                scores[found.index as usize] += u64::from(found.score);
            }
        }
        let shortness = |path: &str| u64::from(u32::MAX - path.len() as u32);
        let key = |(found, score): (&Match, u64)| {
            let path = paths[found.index as usize];
            (score << 32 | shortness(path), found.index)
        };
        matches.iter().zip(scores).map(key).collect()
    }
}

fn config() -> Config {
    Config::default().sort(SortStrategy::IndexAsc)
}

/// The patterns that something has to match.
fn wanted(patterns: &[Pattern]) -> impl Iterator<Item = &Pattern> {
    patterns.iter().filter(|pattern| !pattern.negated)
}

fn name(path: &str) -> &str {
    &path[memchr::memrchr(b'/', path.as_bytes()).map_or(0, |at| at + 1)..]
}

/// Finds the letters that matched.
struct Lights(Vec<Matcher>);

impl Lights {
    fn new(patterns: &[Pattern]) -> Self {
        let matcher = |pattern: &Pattern| Matcher::new(pattern.clone(), &config());
        Self(wanted(patterns).map(matcher).collect())
    }

    fn of(&mut self, path: &str) -> Vec<Range<u32>> {
        let mut bytes = Vec::new();
        let name_at = path.len() - name(path).len();
        for matcher in &mut self.0 {
            let found = match matcher.match_one_indices(&path[name_at..], 0) {
                Some(in_name) => Some((in_name, name_at)),
                None => matcher.match_one_indices(path, 0).map(|it| (it, 0)),
            };
            if let Some((found, offset)) = found {
                bytes.extend(found.indices.iter().map(|i| *i as usize + offset));
            }
        }
        bytes.sort_unstable();
        let mut spans: Vec<Range<u32>> = Vec::new();
        for byte in bytes {
            let boundary = |at: &usize| path.is_char_boundary(*at);
            let start = (0..=byte).rev().find(boundary).unwrap_or(0) as u32;
            let end = (byte + 1..path.len()).find(boundary).unwrap_or(path.len()) as u32;
            match spans.last_mut() {
                Some(last) if start <= last.end => last.end = last.end.max(end),
                _ => spans.push(start..end),
            }
        }
        spans
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ranking(paths: &[&str]) -> Ranking {
        let mut ranking = Ranking::default();
        ranking.extend(
            paths
                .iter()
                .map(|path| Found {
                    path: (*path).to_owned(),
                    folder: false,
                })
                .collect(),
        );
        ranking
    }

    /// The rows in order, with what matched in brackets.
    fn check(paths: &[&str], query: &str, expected: &[&str]) {
        let ranking = ranking(paths);
        let ranked = ranking.rank(query, 10);
        let shown: Vec<String> = ranked
            .rows
            .iter()
            .map(|row| {
                let mut path = ranking.found()[row.index as usize].path.clone();
                for span in row.spans.iter().rev() {
                    path.insert(span.end as usize, ']');
                    path.insert(span.start as usize, '[');
                }
                path
            })
            .collect();
        assert_eq!(shown, expected, "{query}");
        assert_eq!(ranked.total, expected.len(), "{query}");
    }

    #[test]
    fn a_match_in_the_name_comes_before_one_in_the_folders() {
        check(
            &["finder/src/mod.rs", "src/files/finder.rs", "src/x/y.rs"],
            "finder",
            &["src/files/[finder].rs", "[finder]/src/mod.rs"],
        );
    }

    #[test]
    fn letters_may_be_scattered_over_folders() {
        check(
            &["src/files/finder.rs", "docs/a.md"],
            "sffind",
            &["[s]rc/[f]iles/[find]er.rs"],
        );
    }

    #[test]
    fn words_come_in_any_order_and_all_must_match() {
        check(
            &["src/files/mod.rs", "src/rpc/mod.rs"],
            "mod fil",
            &["src/[fil]es/[mod].rs"],
        );
        check(&["a/b.rs", "a/b.lua"], "b !lua", &["a/[b].rs"]);
        check(&["a/b.rs", "a/b.rst"], ".rs$", &["a/b[.rs]"]);
    }

    #[test]
    fn upper_case_counts_where_it_is_typed() {
        check(
            &["readme.md", "README.md"],
            "readme",
            &["[readme].md", "[README].md"],
        );
        check(&["readme.md", "README.md"], "READ", &["[READ]ME.md"]);
    }

    #[test]
    fn without_words_all_come_by_name() {
        check(&["b", "a/c", "a/b"], " ", &["a/b", "a/c", "b"]);
    }

    #[test]
    fn what_matched_is_whole_characters() {
        check(&["ä/größe.md"], "ß", &["ä/grö[ß]e.md"]);
        check(&["ä/größe.md"], "md", &["ä/größe.[md]"]);
        check(&["ä/größe.md"], "ge", &["ä/[g]röß[e].md"]);
        check(&["日本/語.md"], "語", &["日本/[語].md"]);
    }

    #[test]
    fn of_many_the_best_are_given_and_all_are_counted() {
        let paths: Vec<String> = (0..1000).map(|n| format!("dir{n}/file{n}.rs")).collect();
        let paths: Vec<&str> = paths.iter().map(String::as_str).collect();
        let ranking = ranking(&paths);
        let ranked = ranking.rank("file777", 3);
        assert_eq!(ranked.rows[0].index, 777);
        let all = ranking.rank("file", 1000);
        assert_eq!((all.total, all.rows.len()), (1000, 1000));
        let some = ranking.rank("file", 10);
        assert!(
            some.rows.iter().all(|row| row.index < 10),
            "the shortest paths"
        );
        assert_eq!(ranking.rank(" ", 2).rows, ranking.rank(" ", 1000).rows[..2]);
        assert_eq!(ranking.rank("file", 0).total, 1000);
    }
}
