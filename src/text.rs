//! Positions and spans in text. Pure.

use std::collections::HashMap;
use std::ops::Range;

/// A place in a text, both parts counted from 1; columns count bytes, as Neovim's `col()` does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// Line, from 1.
    pub line: u32,
    /// Byte column, from 1.
    pub column: u32,
}

impl Position {
    /// The first byte of a text.
    pub const START: Position = Position { line: 1, column: 1 };
    /// No place: what it is about is no file.
    pub const NONE: Position = Position { line: 0, column: 0 };
}

/// Finds the line and column of a byte offset; an offset past the end gives the end.
pub fn position_of(text: &str, offset: usize) -> Position {
    let before = &text.as_bytes()[..offset.min(text.len())];
    let line = memchr::memchr_iter(b'\n', before).count();
    let start = memchr::memrchr(b'\n', before).map_or(0, |i| i + 1);
    Position {
        line: line as u32 + 1,
        column: (before.len() - start) as u32 + 1,
    }
}

/// The code spans of a line or a block of lines: from a run of backticks to the next one of the same length.
pub fn code_spans(text: &str) -> Vec<Range<usize>> {
    let mut runs: Vec<Range<usize>> = Vec::new();
    for at in memchr::memchr_iter(b'`', text.as_bytes()) {
        match runs.last_mut() {
            Some(run) if run.end == at => run.end += 1,
            _ => runs.push(at..at + 1),
        }
    }
    // Looked for from the end, or a text of many lengths would take quadratic time.
    let mut next_of_length = HashMap::new();
    let mut closing = vec![None; runs.len()];
    for (index, run) in runs.iter().enumerate().rev() {
        closing[index] = next_of_length.insert(run.len(), index);
    }
    let mut spans = Vec::new();
    let mut index = 0;
    while index < runs.len() {
        if let Some(close) = closing[index] {
            spans.push(runs[index].start..runs[close].end);
            index = close;
        }
        index += 1;
    }
    spans
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_count_lines_and_bytes_from_one() {
        let text = "ä{{\nb";
        for (offset, line, column) in [(0, 1, 1), (2, 1, 3), (5, 2, 1), (6, 2, 2), (99, 2, 2)] {
            assert_eq!(
                position_of(text, offset),
                Position { line, column },
                "offset {offset}"
            );
        }
    }
}
