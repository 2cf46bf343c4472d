//! Rules that a text switches off by comments.
//!
//! `<!-- promptstack: off RULE, RULE -->` holds for the whole text, `<!-- promptstack-ignore RULE -->` for its
//! line, or for the next one where it has a line to itself.

use std::collections::HashSet;
use std::ops::Range;

use super::lines::Kind;
use super::spans::SpanKind;
use super::{Around, Finding, Reading, Rule, edit, names, short};
use crate::ai::suggestions::SuggestionKind;
use crate::config::nearest;

pub(super) const UNKNOWN_RULE: Rule = Rule {
    id: "unknown-rule",
    kind: SuggestionKind::Formatting,
    summary: "A comment switches off a rule that there is not.",
    example: "<!-- promptstack: off vauge -->\nFix the parser.",
    found: "vauge",
    run: unknown_rule,
};

/// What the comments of a text switch off.
pub(super) struct Switches<'a> {
    off: HashSet<&'a str>,
    ignored: HashSet<(&'a str, usize)>,
}

/// Reads the comments of a text.
pub(super) fn read<'a>(reading: &Reading<'a>) -> Switches<'a> {
    let mut switches = Switches {
        off: HashSet::new(),
        ignored: HashSet::new(),
    };
    for named in named(reading) {
        let rule = &reading.text[named.place];
        match named.line {
            Some(line) => switches.ignored.insert((rule, line)),
            None => switches.off.insert(rule),
        };
    }
    switches
}

impl Switches<'_> {
    /// Whether a rule is switched off for the text.
    pub(super) fn is_off(&self, rule: &str) -> bool {
        self.off.contains(rule)
    }

    /// Whether a rule is switched off for a line, counted from 0.
    pub(super) fn ignores(&self, rule: &'static str, line: usize) -> bool {
        self.ignored.contains(&(rule, line))
    }
}

/// A rule that a comment names.
struct Named {
    place: Range<usize>,
    /// The line that it holds for; none for the text.
    line: Option<usize>,
}

fn named(reading: &Reading<'_>) -> Vec<Named> {
    let mut found = Vec::new();
    for range in comments(reading) {
        let comment = &reading.text[range.clone()];
        let Some(inner) = comment
            .strip_prefix("<!--")
            .and_then(|it| it.strip_suffix("-->"))
        else {
            continue;
        };
        let inner = inner.trim();
        let (names, for_text) = match inner.strip_prefix("promptstack") {
            Some(rest) if rest.starts_with("-ignore ") => (&rest["-ignore ".len()..], false),
            Some(rest) => match rest.strip_prefix(':').map(str::trim_start) {
                Some(rest) if rest.starts_with("off ") => (&rest["off ".len()..], true),
                _ => continue,
            },
            None => continue,
        };
        let from = range.start + 4 + comment[4..].find(inner).unwrap_or_default() + inner.len()
            - names.len();
        let line = reading.line_of(range.start);
        let alone = reading.line(line).trim().len() == comment.len();
        let mut at = from;
        for name in names.split([',', ' ', '\n', '\t']) {
            if !name.is_empty() {
                found.push(Named {
                    place: at..at + name.len(),
                    line: (!for_text).then_some(line + usize::from(alone)),
                });
            }
            at += name.len() + 1;
        }
    }
    found
}

/// The comments of a text: those of lines of their own and those in a sentence.
fn comments(reading: &Reading<'_>) -> Vec<Range<usize>> {
    let spans = reading
        .spans
        .iter()
        .filter(|it| it.kind == SpanKind::Comment);
    let mut found: Vec<Range<usize>> = spans.map(|it| it.range.clone()).collect();
    let starts = |text: &str| text.trim_start().starts_with("<!--");
    let mut until = 0;
    for line in reading.lines.iter().filter(|it| it.kind == Kind::Comment) {
        if line.start >= until && starts(&reading.text[line.start..line.end]) {
            let length = reading.text[line.body..].find("-->").map_or(0, |it| it + 3);
            until = line.body + length;
            found.push(line.body..until);
        }
    }
    found
}

fn unknown_rule(reading: &Reading<'_>, _: &Around<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for named in named(reading) {
        let name = &reading.text[named.place.clone()];
        if names().any(|rule| rule == name) {
            continue;
        }
        let near = nearest(name, names());
        let title = format!("there is no rule '{}'", short(name));
        let finding = match near {
            Some(near) => Finding::new(named.place.clone(), title, format!("Did you mean {near}?"))
                .fixed_by(vec![edit(reading.text, named.place, near)]),
            None => Finding::new(
                named.place,
                title,
                "The manual lists them: :help promptstack-checks",
            ),
        };
        findings.push(finding);
    }
    findings
}
