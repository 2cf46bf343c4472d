//! Which lines of a markdown text are inside of a code fence. Pure.
//!
//! Follows CommonMark, but takes a fence at any indent, since a list can hold one at any, and one
//! right after a list's marker.

/// Tells code from prose, a line after the other.
#[derive(Debug, Clone, Default)]
pub struct Fences {
    open: Option<Fence>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Fence {
    mark: u8,
    length: usize,
    /// How many `>` stand before it; a line with fewer ends the quote and the fence with it.
    quotes: usize,
}

/// What a line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Line {
    /// Prose.
    Prose,
    /// The first line of a fence.
    Opens,
    /// A line inside of a fence, or its last one.
    Code,
}

impl Fences {
    /// Takes the next line, without its end.
    pub fn next(&mut self, line: &str) -> Line {
        let (quotes, rest) = unquoted(line);
        if let Some(fence) = self.open {
            if quotes >= fence.quotes {
                let rest = if fence.quotes == 0 { line } else { rest };
                if fence.is_closed_by(rest.trim()) {
                    self.open = None;
                }
                return Line::Code;
            }
            self.open = None;
        }
        self.open = opening(rest, quotes);
        match self.open {
            Some(_) => Line::Opens,
            None => Line::Prose,
        }
    }
}

impl Fence {
    fn is_closed_by(self, line: &str) -> bool {
        line.len() >= self.length && line.bytes().all(|byte| byte == self.mark)
    }
}

/// The number of `>` at the line's start, and what follows them.
fn unquoted(line: &str) -> (usize, &str) {
    let mut rest = line.trim_start();
    let mut quotes = 0;
    while let Some(inner) = rest.strip_prefix('>') {
        quotes += 1;
        rest = inner.trim_start();
    }
    (quotes, rest)
}

fn opening(line: &str, quotes: usize) -> Option<Fence> {
    let line = after_list_markers(line);
    let mark = *line.as_bytes().first()?;
    if !matches!(mark, b'`' | b'~') {
        return None;
    }
    let length = line.bytes().take_while(|byte| *byte == mark).count();
    // With backticks after it, it is a code span that begins a line.
    let opens = length >= 3 && (mark == b'~' || !line[length..].contains('`'));
    opens.then_some(Fence {
        mark,
        length,
        quotes,
    })
}

/// What a list item holds on its marker's line.
fn after_list_markers(mut line: &str) -> &str {
    loop {
        let digits = line.bytes().take_while(u8::is_ascii_digit).count();
        let marker = match line.as_bytes().get(digits) {
            Some(b'.' | b')') if digits > 0 => digits + 1,
            Some(b'-' | b'*' | b'+') if digits == 0 => 1,
            _ => return line,
        };
        let rest = &line[marker..];
        if !rest.starts_with([' ', '\t']) {
            return line;
        }
        line = rest.trim_start();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One letter a line: prose, opens, code.
    fn check(text: &str, expected: &str) {
        let mut fences = Fences::default();
        let kinds: String = text
            .lines()
            .map(|line| match fences.next(line) {
                Line::Prose => 'p',
                Line::Opens => 'o',
                Line::Code => 'c',
            })
            .collect();
        assert_eq!(kinds, expected, "{text}");
    }

    #[test]
    fn a_fence_ends_at_one_of_its_kind_and_at_least_its_length() {
        check("a\n```rust\nb\n```\nc", "poccp");
        check("````\n```\n~~~~\n````` \na", "occcp");
        check("~~~ a`b\n```\n~~~\na", "occp");
        check("```\nnever closed", "oc");
        check("```\n``` x\n```\na", "occp");
    }

    #[test]
    fn a_span_of_code_opens_no_fence() {
        check("```a``` b\nc", "pp");
        check("``\na", "pp");
    }

    #[test]
    fn lists_and_quotes_hold_fences() {
        check("1. a\n\n    ```\n    b\n    ```\nc", "ppoccp");
        check("- ```\n  b\n  ```\nc", "occp");
        check("> ```\n> b\nc", "ocp");
        check("> ```\n> ```\n> c", "ocp");
        check("```\n> ```\n```\na", "occp");
    }
}
