//! Notes to oneself that were left in a text.

use super::{Around, Finding, Reading, Rule};
use crate::ai::suggestions::SuggestionKind;

pub(super) const TODO: Rule = Rule {
    id: "todo",
    kind: SuggestionKind::Gap,
    summary: "A note such as TODO or TBD was left in the text.",
    example: "Write tests for the parser.\nTODO: name the framework",
    found: "TODO",
    run,
};

/// A text may be about such notes, so only what stands where one writes them counts: `TODO: …`, `(TBD)`,
/// `Deadline: TBD`.
fn run(reading: &Reading<'_>, _: &Around<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for sentence in reading.prose() {
        for index in sentence.words.clone() {
            let place = reading.place(index);
            let word = &reading.text[place.clone()];
            if !matches!(word, "TODO" | "FIXME" | "XXX" | "TBD" | "TBC") {
                continue;
            }
            let before = reading.text[sentence.range.start..place.start].trim_end();
            let after = &reading.text[place.end..];
            // `Mark them with [TODO]`, `[A], [TODO]`: a mark to be set, or a slot.
            let outer = before.strip_suffix('[').map(str::trim_end);
            if outer.is_some_and(|it| !it.is_empty() && !it.ends_with([':', '.'])) {
                continue;
            }
            let begins = before.is_empty() || before.ends_with(['(', '[']);
            let ends = after
                .trim_start_matches(['.', ' '])
                .starts_with(['\n', '\r', ')', ']']);
            let is_note = match word {
                "TBD" | "TBC" => ends || after.trim_matches(['.', ' ']).is_empty() || begins,
                _ => begins && (after.starts_with([':', '(']) || ends || after.trim().is_empty()),
            };
            if is_note {
                findings.push(Finding::new(
                    place,
                    format!("{word} is left over"),
                    "Whoever reads this can't do it for you: write what is missing, or take the note out.",
                ));
            }
        }
    }
    findings
}
