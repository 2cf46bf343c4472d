//! Instructions in paragraphs of their own that would make a list.

use super::directives::is_instruction;
use super::lines::Kind;
use super::reading::Block;
use super::{Around, Finding, Reading, Rule, edit};
use crate::ai::suggestions::SuggestionKind;

pub(super) const LOOSE_LIST: Rule = Rule {
    id: "loose-list",
    kind: SuggestionKind::Reformatting,
    summary: "Three or more short instructions follow each other as paragraphs.",
    example: "Keep the old parser.\n\nRun the tests.\n\nCommit nothing.\n",
    found: "Keep the old parser.\n\nRun the tests.\n\nCommit nothing.",
    run,
};

const FEWEST: usize = 3;
const MOST_WORDS: usize = 12;

fn run(reading: &Reading<'_>, _: &Around<'_>) -> Vec<Finding> {
    let is_short = |block: &Block| {
        block.kind == Kind::Prose
            && block.lines.len() == 1
            && reading.lines[block.lines.start].indent == 0
            && block.sentences.len() == 1
            && reading.sentences[block.sentences.start].words.len() <= MOST_WORDS
            && is_instruction(reading, &reading.sentences[block.sentences.start])
            && !reading.text[block.range.clone()].trim_end().ends_with(':')
    };
    // Nothing but blank lines lies between.
    let follows = |a: &Block, b: &Block| {
        reading.lines[a.lines.end..b.lines.start]
            .iter()
            .all(|it| it.kind == Kind::Blank)
    };
    let mut findings = Vec::new();
    let mut from = 0;
    while from < reading.blocks.len() {
        let mut until = from;
        while until < reading.blocks.len()
            && is_short(&reading.blocks[until])
            && (until == from || follows(&reading.blocks[until - 1], &reading.blocks[until]))
        {
            until += 1;
        }
        if until - from >= FEWEST {
            findings.push(finding(reading, &reading.blocks[from..until]));
        }
        from = until.max(from + 1);
    }
    findings
}

fn finding(reading: &Reading<'_>, blocks: &[Block]) -> Finding {
    let end = blocks.last().map_or(0, |it| it.range.end);
    let mut edits = Vec::new();
    for (index, block) in blocks.iter().enumerate() {
        let start = block.range.start;
        // The blank lines before it go with the same change.
        let from = match index {
            0 => start,
            _ => blocks[index - 1].range.end,
        };
        let mark = if index == 0 { "- " } else { "\n- " };
        edits.push(match index {
            0 => {
                let first = reading.text[start..]
                    .chars()
                    .next()
                    .map_or(0, char::len_utf8);
                let range = start..start + first;
                let new = format!("{mark}{}", &reading.text[range.clone()]);
                edit(reading.text, range, new)
            }
            _ => edit(reading.text, from..start, mark),
        });
    }
    Finding::new(
        blocks[0].range.start..end,
        format!("{} instructions would make a list", blocks.len()),
        "As items they are seen to be as many as they are, and can be ticked off.",
    )
    .fixed_by(edits)
}
