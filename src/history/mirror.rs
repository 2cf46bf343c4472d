//! The host's copy of a buffer: lines kept up to date by what changed, and the bytes of the file
//! that they make. Pure.

/// How lines end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum LineEnd {
    /// With a line feed.
    #[default]
    Unix,
    /// With a carriage return and a line feed.
    Dos,
    /// With a carriage return.
    Mac,
}

impl LineEnd {
    /// The bytes at the end of a line.
    pub fn bytes(self) -> &'static [u8] {
        match self {
            LineEnd::Unix => b"\n",
            LineEnd::Dos => b"\r\n",
            LineEnd::Mac => b"\r",
        }
    }
}

/// What changed: all between `head` lines at the beginning and `tail` lines at the end.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Change {
    /// Lines at the beginning that are as they were.
    pub head: usize,
    /// Lines at the end that are as they were.
    pub tail: usize,
    /// What stands between them now.
    pub lines: Vec<Vec<u8>>,
    /// How many lines there are then.
    pub total: usize,
}

/// The change does not fit: everything has to be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OutOfStep;

/// Lines as an editor has them: without their ends, a newline standing for NUL.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Mirror {
    lines: Vec<Vec<u8>>,
    /// How the lines end.
    pub end: LineEnd,
    /// Whether the last line ends too.
    pub ended: bool,
}

impl Mirror {
    /// Reads the bytes of a text: as Neovim does, the end of the first line tells how all of them
    /// end, if they all do.
    pub fn read(bytes: &[u8]) -> Self {
        let end = line_end(bytes);
        let mut lines: Vec<Vec<u8>> = split(bytes, end.bytes());
        let ended = lines.len() > 1 && lines.last().is_some_and(Vec::is_empty);
        if ended {
            lines.pop();
        }
        for byte in lines.iter_mut().flatten() {
            if *byte == 0 {
                *byte = b'\n';
            }
        }
        Self { lines, end, ended }
    }

    /// The lines.
    pub fn lines(&self) -> &[Vec<u8>] {
        &self.lines
    }

    /// Takes a change over.
    ///
    /// # Errors
    /// [`OutOfStep`] where it does not fit; nothing is changed then.
    pub fn apply(&mut self, change: Change) -> Result<(), OutOfStep> {
        let (head, tail, total) = (change.head, change.tail, change.total);
        let kept = head.checked_add(tail).ok_or(OutOfStep)?;
        if kept > self.lines.len() || kept.checked_add(change.lines.len()) != Some(total) {
            return Err(OutOfStep);
        }
        let old = head..self.lines.len() - tail;
        self.lines.splice(old, change.lines);
        Ok(())
    }

    /// Whether nothing was written.
    pub fn is_blank(&self) -> bool {
        self.lines.iter().flatten().all(u8::is_ascii_whitespace)
    }

    /// The bytes of the file that it is.
    pub fn bytes(&self) -> Vec<u8> {
        let end = self.end.bytes();
        let size: usize = self.lines.iter().map(|line| line.len() + end.len()).sum();
        let mut bytes = Vec::with_capacity(size);
        for (n, line) in self.lines.iter().enumerate() {
            if n > 0 {
                bytes.extend_from_slice(end);
            }
            bytes.extend(
                line.iter()
                    .map(|byte| if *byte == b'\n' { 0 } else { *byte }),
            );
        }
        if self.ended && !self.lines.is_empty() {
            bytes.extend_from_slice(end);
        }
        bytes
    }

    /// How many characters the text has, line ends counted as one each.
    pub fn chars(&self) -> u64 {
        // Every byte that does not continue a character begins one.
        let begun =
            |line: &Vec<u8>| line.iter().filter(|byte| **byte & 0xc0 != 0x80).count() as u64;
        let ends = self.lines.len().saturating_sub(usize::from(!self.ended)) as u64;
        self.lines.iter().map(begun).sum::<u64>() + ends
    }
}

fn line_end(bytes: &[u8]) -> LineEnd {
    let feeds = memchr::memchr_iter(b'\n', bytes);
    let mut any = false;
    for at in feeds {
        any = true;
        if at == 0 || bytes[at - 1] != b'\r' {
            return LineEnd::Unix;
        }
    }
    match any {
        true => LineEnd::Dos,
        false if memchr::memchr(b'\r', bytes).is_some() => LineEnd::Mac,
        false => LineEnd::Unix,
    }
}

fn split(bytes: &[u8], end: &[u8]) -> Vec<Vec<u8>> {
    let mut lines = Vec::new();
    let mut start = 0;
    for at in memchr::memmem::find_iter(bytes, end) {
        lines.push(bytes[start..at].to_vec());
        start = at + end.len();
    }
    lines.push(bytes[start..].to_vec());
    lines
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn mirror(text: &[u8]) -> Mirror {
        Mirror::read(text)
    }

    #[test]
    fn the_bytes_are_the_texts_bytes_whatever_they_are() {
        for text in [
            &b""[..],
            b"\n",
            b"a",
            b"a\nb\n",
            b"a\r\nb\r\n",
            b"a\r\nb",
            b"a\r\nb\n",
            b"a\rb\r",
            b"a\0b\xff\n\n\n",
            b"---\nid: 1\n---\n",
        ] {
            assert_eq!(mirror(text).bytes(), text, "{text:?}");
        }
    }

    #[test]
    fn nul_is_a_newline_within_a_line_as_in_neovim() {
        assert_eq!(mirror(b"a\0b\n").lines(), [b"a\nb".to_vec()]);
    }

    #[test]
    fn a_change_that_does_not_fit_changes_nothing() {
        let mut text = mirror(b"1\n2\n3\n");
        let before = text.clone();
        for (head, tail, lines, total) in [(2, 2, 0, 3), (1, 1, 1, 4), (usize::MAX, 1, 1, 1)] {
            let lines = vec![b"x".to_vec(); lines];
            let change = Change {
                head,
                tail,
                lines,
                total,
            };
            assert_eq!(text.apply(change), Err(OutOfStep));
            assert_eq!(text, before);
        }
    }

    #[test]
    fn characters_are_counted_with_line_ends() {
        for (text, chars) in [("", 0), ("ä\n", 2), ("a\r\nb", 3), ("日本\n\n", 4)] {
            assert_eq!(mirror(text.as_bytes()).chars(), chars, "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn any_bytes_come_back(bytes in proptest::collection::vec(prop_oneof![Just(b'\n'), Just(b'\r'), Just(0), any::<u8>()], 0..64)) {
            prop_assert_eq!(Mirror::read(&bytes).bytes(), bytes);
        }

        #[test]
        fn what_changed_between_the_ends_is_all_that_is_needed(
            old in proptest::collection::vec("[a-c]{0,2}", 1..8),
            new in proptest::collection::vec("[a-c]{0,2}", 1..8),
        ) {
            let bytes = |lines: &[String]| -> Vec<Vec<u8>> {
                lines.iter().map(|line| line.as_bytes().to_vec()).collect()
            };
            let (old, new) = (bytes(&old), bytes(&new));
            let head = old.iter().zip(&new).take_while(|(a, b)| a == b).count();
            let most = old.len().min(new.len()) - head;
            let tail = old.iter().rev().zip(new.iter().rev()).take(most).take_while(|(a, b)| a == b).count();
            let mut mirror = Mirror { lines: old, end: LineEnd::Unix, ended: true };
            let lines = new[head..new.len() - tail].to_vec();
            mirror.apply(Change { head, tail, lines, total: new.len() }).unwrap();
            prop_assert_eq!(mirror.lines(), new);
        }
    }
}
