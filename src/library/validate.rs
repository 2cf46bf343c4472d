//! The check of a library or of one text: every finding in order, and how many. Pure.

use std::collections::BTreeMap;
use std::path::Path;

use crate::library::Snapshot;
use crate::library::document::{self, Strictness};
use crate::problem::Problem;

/// What a check found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// Every finding, by path and place.
    pub problems: Vec<Problem>,
    /// How many prompts were checked.
    pub prompts: usize,
    /// How many files have an error.
    pub files_with_errors: usize,
    /// How many files have warnings and no error.
    pub files_with_warnings: usize,
    /// How many errors there are.
    pub errors: usize,
    /// How many warnings there are.
    pub warnings: usize,
}

/// Checks a whole library.
pub fn library(snapshot: &Snapshot) -> Report {
    report(snapshot.problems.clone(), snapshot.prompts.len())
}

/// Checks the text of one file, which need not be saved; `path` names it in the findings.
pub fn check_text(path: &Path, text: &str, strictness: Strictness) -> Vec<Problem> {
    document::read(path, text, strictness).problems
}

/// Counts findings; they stay in their order.
pub fn report(problems: Vec<Problem>, prompts: usize) -> Report {
    let mut files: BTreeMap<&Path, bool> = BTreeMap::new();
    for problem in &problems {
        *files.entry(&problem.path).or_default() |= problem.is_error();
    }
    let files_with_errors = files.values().filter(|error| **error).count();
    let files_with_warnings = files.len() - files_with_errors;
    let errors = problems.iter().filter(|problem| problem.is_error()).count();
    let warnings = problems.len() - errors;
    Report {
        prompts,
        files_with_errors,
        files_with_warnings,
        errors,
        warnings,
        problems,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::Position;

    #[test]
    fn files_are_counted_once_by_their_worst_finding() {
        let at = Position::START;
        let problems = vec![
            Problem::warning("a.md", at, "one"),
            Problem::error("a.md", at, "two"),
            Problem::warning("b.md", at, "three"),
            Problem::warning("b.md", at, "four"),
        ];
        let report = report(problems.clone(), 7);
        let expected = Report {
            problems,
            prompts: 7,
            files_with_errors: 1,
            files_with_warnings: 1,
            errors: 1,
            warnings: 3,
        };
        assert_eq!(report, expected);
    }

    #[test]
    fn an_unsaved_text_is_checked_as_its_file_would_be() {
        let text = "---\ntitle: T\n---\n{{text:a}} {{text:a}}";
        let problems = check_text(Path::new("a.md"), text, Strictness::Own);
        assert_eq!(problems.len(), 1);
        assert!(
            problems[0]
                .to_string()
                .starts_with("a.md:4:12: error: placeholder 'a'")
        );
    }
}
