//! Paragraphs that are too long to be followed.

use super::lines::Kind;
use super::{Around, Finding, Reading, Rule};
use crate::ai::suggestions::SuggestionKind;

pub(super) const LONG_PARAGRAPH: Rule = Rule {
    id: "long-paragraph",
    kind: SuggestionKind::Reformatting,
    summary: "A paragraph has more than 150 words.",
    example: LONG,
    found: LONG,
    run,
};

const MOST_WORDS: usize = 150;

/// A hundred and fifty-two words.
const LONG: &str = "\
Read the log of the import before anything else, since it names the row at which it stopped. \
The import reads a file of customers, one a line, and writes them into three tables that refer to each other. \
It runs at night, when nobody works with the system, and takes about forty minutes on the old machine. \
Since the move to the new one it stops after some minutes with a message about a key that exists already. \
The file is made by another department, which has changed its program in spring and says that nothing else did. \
We have compared two files, one from March and one from June, and found that names may now hold quotation marks. \
The code that splits the lines is ten years old and was written for files without them. \
Replace it by the parser that the export uses, and keep the order of the columns as it is there now. \
Report each changed function.";

fn run(reading: &Reading<'_>, _: &Around<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for block in reading.blocks.iter().filter(|it| it.kind == Kind::Prose) {
        let sentences = &reading.sentences[block.sentences.clone()];
        let words: usize = sentences.iter().map(|it| it.words.len()).sum();
        if words > MOST_WORDS {
            findings.push(Finding::new(
                block.range.clone(),
                format!("a paragraph of {words} words"),
                "Break it up: the background in one, the task in another, the conditions as a list.",
            ));
        }
    }
    findings
}
