//! Blocks of code that nothing closes.

use super::{Around, Finding, Reading, Rule};
use crate::ai::suggestions::{Edit, SuggestionKind};

pub(super) const UNCLOSED_FENCE: Rule = Rule {
    id: "unclosed-fence",
    kind: SuggestionKind::Formatting,
    summary: "A block of code is not closed, so all that follows is code.",
    example: "Explain this function in one sentence.\n\n```rust\nfn main() {}\n",
    found: "```rust",
    run,
};

fn run(reading: &Reading<'_>, _: &Around<'_>) -> Vec<Finding> {
    let Some(fence) = &reading.open_fence else {
        return Vec::new();
    };
    let line = &reading.lines[fence.line];
    let text = reading.text;
    let end = text.len();
    let blanks = " ".repeat(line.body - line.start);
    let newline = if text.ends_with('\n') { "" } else { "\n" };
    let closing = Edit {
        range: end..end,
        expected: String::new(),
        text: format!("{newline}{blanks}{}\n", fence.mark),
    };
    vec![
        Finding::new(
            line.body..line.end,
            "a block of code is not closed",
            format!(
                "All that follows is taken for code. Close it with {}.",
                fence.mark
            ),
        )
        .fixed_by(vec![closing]),
    ]
}
