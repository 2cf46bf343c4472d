//! Blocks of code that nothing closes, and those that end too early.

use super::code::{End, OpenFence};
use super::{Around, Finding, Reading, Rule, edit};
use crate::ai::suggestions::{Edit, SuggestionKind};

pub(super) const UNCLOSED_FENCE: Rule = Rule {
    id: "unclosed-fence",
    kind: SuggestionKind::Formatting,
    summary: "A block of code is not closed, so all that follows is code.",
    example: "Explain this function in one sentence.\n\n```rust\nfn main() {}\n",
    found: "```rust",
    run,
};

/// What is said of a fence that only begins a block.
const NOTHING: &str = "It begins a block in which nothing stands. Take it out, or write the one that is missing above.";

fn run(reading: &Reading<'_>, _: &Around<'_>) -> Vec<Finding> {
    let fences = reading.open_fences.iter();
    fences.map(|it| finding(reading, it)).collect()
}

fn finding(reading: &Reading<'_>, fence: &OpenFence) -> Finding {
    let line = &reading.lines[fence.line];
    let place = line.body..line.end;
    let mark = &fence.mark;
    match fence.end {
        End::Text => {
            let rest = reading.lines.get(fence.line + 1..).unwrap_or_default();
            let says = |it: &super::lines::Line| !reading.text[it.start..it.end].trim().is_empty();
            let description = match (fence.named, rest.iter().any(says)) {
                (true, _) => format!("All that follows is taken for code. Close it with {mark}."),
                (false, true) => "All that follows is taken for code. Close it, or take it out where it is \
                                  one too many."
                    .to_owned(),
                (false, false) => {
                    NOTHING.to_owned()
                }
            };
            let found = Finding::new(place, "a block of code is not closed", description);
            // Behind a blank line there may be the text that goes on, and a bare fence may be one too many.
            let code = rest.iter().take_while(|it| says(it)).count();
            let all = code > 0 && !rest[code..].iter().any(says);
            match fence.named && all {
                true => found.fixed_by(vec![closing(reading, fence, fence.line + code)]),
                false => found,
            }
        }
        End::Item(last) if last == fence.line => {
            Finding::new(place, "a block of code is not closed", NOTHING)
        }
        End::Item(last) => Finding::new(
            place,
            "a block of code is not closed",
            format!("It ends where its item does. Close it with {mark} there, for those who read the text as it is."),
        )
        .fixed_by(vec![closing(reading, fence, last)]),
        End::Outer { line: end, longest } => {
            let longer = mark[..1].repeat(longest + 1);
            let change = |line: usize| {
                let line = &reading.lines[line];
                let start = line.start + reading.text[line.start..line.end].find(&**mark)?;
                let run = reading.text[start..line.end].bytes();
                let length = run.take_while(|it| *it == mark.as_bytes()[0]).count();
                Some(edit(reading.text, start..start + length, &longer))
            };
            Finding::new(
                place,
                "a block of code ends too early",
                format!(
                    "The block within it closes it, so code and text change places up to line {}. Begin and end \
                     this one with {longer}.",
                    end + 1
                ),
            )
            .fixed_by([fence.line, end].into_iter().filter_map(change).collect())
        }
    }
}

/// What closes a block behind a line.
fn closing(reading: &Reading<'_>, fence: &OpenFence, last: usize) -> Edit {
    let line = &reading.lines[fence.line];
    let end = reading.lines[last].end;
    let blanks = " ".repeat(line.body - line.start);
    let newline = if end == reading.text.len() { "\n" } else { "" };
    Edit {
        range: end..end,
        expected: String::new(),
        text: format!("\n{blanks}{}{newline}", fence.mark),
    }
}
