//! Placeholders that nobody has filled.

use std::collections::HashSet;

use super::{Around, Finding, Reading, Rule};
use crate::ai::suggestions::SuggestionKind;
use crate::placeholder::Kind;

pub(super) const PLACEHOLDER: Rule = Rule {
    id: "placeholder",
    kind: SuggestionKind::Gap,
    summary: "A placeholder has no default and is not filled.",
    example: "Write integration tests in {{text:framework}}.",
    found: "{{text:framework}}",
    run,
};

fn run(reading: &Reading<'_>, _: &Around<'_>) -> Vec<Finding> {
    let mut seen = HashSet::new();
    let mut findings = Vec::new();
    for it in &reading.placeholders {
        if it.default.is_some() || !seen.insert(&it.name) {
            continue;
        }
        let way_out = match it.kind {
            Kind::Text => "It takes a text.".to_owned(),
            Kind::List => "It takes a list.".to_owned(),
            Kind::Choice => format!("It is one of: {}.", it.options.join(", ")),
        };
        findings.push(Finding::new(
            it.range.clone(),
            format!("'{}' is not filled", it.name),
            format!("It has no default, so the text can't be handed over. {way_out}"),
        ));
    }
    findings
}
