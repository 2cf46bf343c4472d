//! Headings: their order, their form, and whether anything follows them.

use super::lines::Kind;
use super::{Around, Finding, Reading, Rule, edit, short, words};
use crate::ai::suggestions::{Edit, SuggestionKind};

pub(super) const EMPTY_SECTION: Rule = Rule {
    id: "empty-section",
    kind: SuggestionKind::Gap,
    summary: "A heading has nothing below it.",
    example: "# Task\n\nFix the parser.\n\n# Constraints\n\n# Output\n\nA patch.\n",
    found: "Constraints",
    run: empty_section,
};

pub(super) const HEADING_ORDER: Rule = Rule {
    id: "heading-order",
    kind: SuggestionKind::Formatting,
    summary: "A heading is more than one level below the one before it.",
    example: "# Task\n\nFix the parser.\n\n### Limits\n\nTouch no other file.\n",
    found: "Limits",
    run: heading_order,
};

pub(super) const HEADING_SPACE: Rule = Rule {
    id: "heading-space",
    kind: SuggestionKind::Formatting,
    summary: "A heading has no blank behind its #, so it is none.",
    example: "##Task\n\nFix the parser.\n",
    found: "##Task",
    run: heading_space,
};

fn empty_section(reading: &Reading<'_>, _: &Around<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut open: Option<(usize, u8)> = None;
    let mut close = |open: Option<(usize, u8)>| {
        if let Some((index, _)) = open {
            let line = &reading.lines[index];
            let title = &reading.text[line.body..line.end];
            if says_all(reading, index) {
                return;
            }
            findings.push(Finding::new(
                line.body..line.end,
                format!("nothing stands below \"{}\"", short(title)),
                "Write what belongs there, or take the heading out: a reader looks for what it promises.",
            ));
        }
    };
    for (index, line) in reading.lines.iter().enumerate() {
        match line.kind {
            Kind::Heading(level) => {
                if open.is_some_and(|(_, above)| level <= above) {
                    close(open);
                }
                open = Some((index, level));
            }
            // A comment tells what belongs there: the text is a form to fill in.
            Kind::Blank | Kind::Rule => {}
            _ => open = None,
        }
    }
    // A text that is nothing but a heading has only begun.
    let alone = |(index, _): &(usize, u8)| {
        reading.lines[..*index]
            .iter()
            .all(|line| line.kind == Kind::Blank)
    };
    close(open.filter(|it| !alone(it)));
    findings
}

/// The words of a heading that is a sentence of its own.
const SENTENCE: usize = 6;

/// Whether a heading needs nothing below it: it is a sentence, refers to something, or has a slot to fill.
fn says_all(reading: &Reading<'_>, line: usize) -> bool {
    let at = reading.blocks.partition_point(|it| it.lines.start < line);
    let Some(block) = reading.blocks.get(at).filter(|it| it.lines.start == line) else {
        return false;
    };
    let title = &reading.text[block.range.clone()];
    let spans = reading.spans_in(&block.range);
    let sentences = &reading.sentences[block.sentences.clone()];
    let words = || sentences.iter().flat_map(|it| reading.words_of(it));
    let refers = title.contains(':') && !spans.is_empty();
    let said = words().count() + spans.len() >= SENTENCE && words().any(words::is_frequent);
    said || refers
        || title.contains(['{', '<'])
        || title.trim_end().ends_with([',', '…'])
        || title.trim_end().ends_with("...")
}

fn heading_order(reading: &Reading<'_>, _: &Around<'_>) -> Vec<Finding> {
    let headings: Vec<(usize, u8)> = (reading.lines.iter().enumerate())
        .filter_map(|(index, line)| match line.kind {
            Kind::Heading(level) => Some((index, level)),
            _ => None,
        })
        .collect();
    let mut findings = Vec::new();
    let mut skip = 0;
    for (at, pair) in headings.windows(2).enumerate() {
        let ((_, above), (index, level)) = (pair[0], pair[1]);
        if at < skip || level <= above + 1 {
            continue;
        }
        // What follows at that level or below belongs with it and moves along.
        let moved = headings[at + 1..].iter().take_while(|(_, it)| *it >= level);
        let moved: Vec<(usize, u8)> = moved.copied().collect();
        skip = at + moved.len();
        let up = level - above - 1;
        let line = &reading.lines[index];
        findings.push(
            Finding::new(
                line.body..line.end,
                format!("level {level} follows level {above}"),
                format!(
                    "A level is left out; make it {}.",
                    "#".repeat(usize::from(above + 1))
                ),
            )
            .fixed_by(
                moved
                    .iter()
                    .filter_map(|(index, level)| raised(reading, *index, *level, up))
                    .collect(),
            ),
        );
    }
    findings
}

/// Takes some `#` away; nothing where the heading is underlined instead.
fn raised(reading: &Reading<'_>, index: usize, level: u8, up: u8) -> Option<Edit> {
    let line = &reading.lines[index];
    let start = line.start + line.indent;
    let hashes = reading.text.get(start..start + usize::from(level))?;
    let all = hashes.bytes().all(|it| it == b'#');
    all.then(|| edit(reading.text, start..start + usize::from(up), ""))
}

fn heading_space(reading: &Reading<'_>, _: &Around<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for line in reading
        .lines
        .iter()
        .filter(|line| line.kind == Kind::Prose && line.indent == 0)
    {
        let content = &reading.text[line.start..line.end];
        let title = content.trim_start_matches('#');
        let hashes = content.len() - title.len();
        // One alone may be a tag or the number of an issue.
        if (2..=6).contains(&hashes) && title.starts_with(char::is_alphabetic) {
            let end = line.start + hashes;
            findings.push(
                Finding::new(
                    line.start..line.end,
                    "a heading without a blank behind its #",
                    "Markdown takes it for text.",
                )
                .fixed_by(vec![edit(
                    reading.text,
                    line.start..end,
                    format!("{} ", "#".repeat(hashes)),
                )]),
            );
        }
    }
    findings
}
