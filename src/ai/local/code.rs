//! Where a block of code between fences begins and ends. Pure.
//!
//! Follows CommonMark: what closes a fence is at most three blanks deeper than the item that holds it, and a
//! block ends with its item. Where that leaves one open at the end of the text, and a fence with a language
//! stood within another, a second reading takes them as one in the other: so their author meant it.

/// A fence that is not closed where it should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct OpenFence {
    /// The line that it stands on, from 0.
    pub line: usize,
    /// What closes it, such as three backticks.
    pub mark: String,
    /// Whether it names a language, so that it can't be one that should close.
    pub named: bool,
    /// Where it ends all the same.
    pub end: End,
}

/// Where a block ends that nothing closes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// With the text.
    Text,
    /// With the item of a list, of which this is the last line that is not blank.
    Item(usize),
    /// At this line, by its author; a fence within it ends it before. The longest has so many marks.
    Outer { line: usize, longest: usize },
}

/// The fences of a text, line by line.
pub(super) struct Fences<'a> {
    nests: bool,
    open: Option<Open<'a>>,
    found: Vec<OpenFence>,
    another: bool,
    /// The columns of the items that a line may belong to.
    items: Vec<usize>,
    /// Each line that may be a fence.
    all: Vec<Fence>,
}

struct Fence {
    line: usize,
    mark: u8,
    indent: usize,
    /// Whether it names no language, so that it may close a block.
    bare: bool,
}

struct Open<'a> {
    line: usize,
    mark: &'a str,
    named: bool,
    /// The column of the item that holds it; 0 outside of one.
    column: usize,
    /// The column up to which a fence may close it.
    reach: usize,
    /// The fences that are open within it, and the longest that ever was.
    depth: usize,
    longest: usize,
    last: usize,
    /// How deep it is itself.
    indent: usize,
    /// Whether it is bare and a blank line follows: it was to close something, and holds no other.
    stray: bool,
}

impl<'a> Fences<'a> {
    /// Reads as CommonMark does: no fence stands within another.
    pub(super) fn new(text: &'a str) -> Self {
        let mut all = Vec::new();
        for (index, line) in text.lines().enumerate() {
            let inner = line.trim_start_matches([' ', '\t']);
            if let Some((mark, info)) = fence(inner) {
                all.push(Fence {
                    line: index,
                    mark: mark.as_bytes()[0],
                    indent: columns(&line[..line.len() - inner.len()]),
                    bare: info.is_empty(),
                });
            }
        }
        Self {
            nests: false,
            open: None,
            found: Vec::new(),
            another: false,
            items: Vec::new(),
            all,
        }
    }

    /// Reads a fence with a language within a block as one that is to be closed itself.
    pub(super) fn nested(text: &'a str) -> Self {
        Self {
            nests: true,
            ..Self::new(text)
        }
    }

    /// Whether a fence with a language stood within a block.
    pub(super) fn holds_another(&self) -> bool {
        self.another
    }

    /// How many blocks nothing closes.
    pub(super) fn unclosed(&self) -> usize {
        let cut = |it: &&OpenFence| !matches!(it.end, End::Outer { .. });
        usize::from(self.open.is_some()) + self.found.iter().filter(cut).count()
    }

    /// The fences that are not closed where they should be, in order.
    pub(super) fn found(mut self) -> Vec<OpenFence> {
        if let Some(open) = self.open.take() {
            self.found.push(open.ending(End::Text));
        }
        self.found
    }

    /// Whether a line is one of an open block; reads the fence that may close it.
    pub(super) fn hold(&mut self, line: usize, inner: &'a str, indent: usize) -> bool {
        let Some(open) = &mut self.open else {
            return false;
        };
        if inner.is_empty() {
            open.stray |= !open.named && line == open.line + 1;
            return true;
        }
        if indent < open.column {
            // Code that its author forgot to indent is still closed by the next fence.
            let next = self.all.partition_point(|it| it.line < line);
            let mark = open.mark.as_bytes()[0];
            let mut rest = self.all[next..].iter().filter(|it| it.mark == mark);
            if rest
                .next()
                .is_none_or(|it| !it.bare || it.indent > open.indent)
            {
                let end = End::Item(open.last);
                self.found.extend(self.open.take().map(|it| it.ending(end)));
                return false;
            }
            open.column = 0;
        }
        open.last = line;
        let Some((mark, info)) = fence(inner).filter(|(mark, _)| mark.starts_with(open.mark))
        else {
            return true;
        };
        if !info.is_empty() {
            if open.stray {
                return true;
            }
            self.another = true;
            open.depth += usize::from(self.nests);
            open.longest = open.longest.max(mark.len());
        } else if open.depth > 0 {
            open.depth -= 1;
        } else if indent <= open.reach {
            let end = End::Outer {
                line,
                longest: open.longest,
            };
            let closed = self.open.take().filter(|it| self.nests && it.longest > 0);
            self.found.extend(closed.map(|it| it.ending(end)));
        }
        true
    }

    /// Opens a block where a line, or the content of an item, begins with a fence.
    pub(super) fn open(&mut self, line: usize, inner: &'a str, indent: usize) -> bool {
        let Some((mark, info)) = fence(inner) else {
            return false;
        };
        let column = self.items.iter().rev().find(|it| **it <= indent);
        let column = column.copied().unwrap_or(0);
        self.open = Some(Open {
            line,
            mark,
            named: !info.is_empty(),
            column,
            reach: indent.max(column + 3),
            depth: 0,
            longest: 0,
            last: line,
            indent,
            stray: false,
        });
        true
    }

    /// Begins an item whose marker has this indent and, with the blanks behind it, this width.
    pub(super) fn begin_item(&mut self, indent: usize, width: usize) {
        while self.items.last().is_some_and(|it| *it > indent) {
            self.items.pop();
        }
        self.items.push(indent + width);
    }

    /// Ends all items.
    pub(super) fn end_list(&mut self) {
        self.items.clear();
    }
}

impl Open<'_> {
    fn ending(self, end: End) -> OpenFence {
        OpenFence {
            line: self.line,
            mark: self.mark.to_owned(),
            named: self.named,
            end,
        }
    }
}

/// The run of marks at the beginning of a line that opens or closes a block, and what is behind it.
fn fence(inner: &str) -> Option<(&str, &str)> {
    let mark = *inner
        .as_bytes()
        .first()
        .filter(|it| matches!(it, b'`' | b'~'))?;
    let length = inner.bytes().take_while(|b| *b == mark).count();
    let info = inner[length..].trim();
    let is_fence = length >= 3 && (mark == b'~' || !info.contains('`'));
    is_fence.then(|| (&inner[..length], info))
}

/// How far some blanks reach, a tab being four.
pub(super) fn columns(blanks: &str) -> usize {
    blanks.bytes().map(|b| if b == b'\t' { 4 } else { 1 }).sum()
}

#[cfg(test)]
mod tests {
    use super::super::lines::read;
    use super::*;

    /// The line, the mark and the end of each.
    fn check(text: &str, expected: &[(usize, &str, End)]) {
        let found = read(text).1;
        let found: Vec<_> = found
            .iter()
            .map(|it| (it.line, &*it.mark, it.end))
            .collect();
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn a_fence_without_end_is_told_with_what_closes_it() {
        check("```\na\n```", &[]);
        check("a\n````md\n```\n", &[(1, "````", End::Text)]);
        check("- ```\n  a\n  ```\n- b", &[]);
    }

    #[test]
    fn a_block_of_an_item_ends_with_it_at_the_latest() {
        let text = "- a\n  ```c\n  b\n\nd\n\n```e\nf\n```\n";
        check(text, &[(1, "```", End::Item(2))]);
        check("1. a\n   ```c\nb\n   ```\nd", &[]);
    }

    #[test]
    fn a_fence_within_another_is_told_where_both_come_out_even() {
        let end = |line| End::Outer { line, longest: 3 };
        check("```md\n```c\na\n```\nb\n```\n", &[(0, "```", end(5))]);
        check("````md\n```c\na\n```\nb\n````\n", &[]);
        check("```md\n```c\na\n```\nb\n", &[]);
        let text = "1. a\n   ```md\n   ```c\n   b\n   ```\n   ```\n\n2. d\n";
        check(text, &[(1, "```", end(5))]);
    }
}
