//! Positions in text. Pure.

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
