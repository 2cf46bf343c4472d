//! Bytes, however they are cut, to lines of bounded length. Pure.

use memchr::{memchr, memchr2};

/// A line is longer than is allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TooLong;

/// Cuts a stream into lines.
#[derive(Debug)]
pub struct Lines {
    longest: usize,
    /// Whether a carriage return ends a line too, alone or before a line feed.
    returns: bool,
    begun: Vec<u8>,
    after_return: bool,
}

impl Lines {
    /// The lines of a stream, each of at most `longest` bytes.
    pub fn new(longest: usize, returns: bool) -> Self {
        Self {
            longest,
            returns,
            begun: Vec::new(),
            after_return: false,
        }
    }

    /// Takes the next bytes and hands over each line that they end, without its end.
    ///
    /// # Errors
    /// When a line is too long, ended or not.
    pub fn feed(&mut self, mut bytes: &[u8], mut line: impl FnMut(&[u8])) -> Result<(), TooLong> {
        while !bytes.is_empty() {
            if std::mem::take(&mut self.after_return) && bytes[0] == b'\n' {
                bytes = &bytes[1..];
                continue;
            }
            let end = match self.returns {
                true => memchr2(b'\n', b'\r', bytes),
                false => memchr(b'\n', bytes),
            };
            let piece = &bytes[..end.unwrap_or(bytes.len())];
            if self.begun.len() + piece.len() > self.longest {
                return Err(TooLong);
            }
            let Some(end) = end else {
                self.begun.extend_from_slice(piece);
                return Ok(());
            };
            if self.begun.is_empty() {
                line(piece);
            } else {
                self.begun.extend_from_slice(piece);
                line(&self.begun);
                self.begun.clear();
            }
            self.after_return = bytes[end] == b'\r';
            bytes = &bytes[end + 1..];
        }
        Ok(())
    }
}

/// Some bytes in pieces, cut at these places.
#[cfg(test)]
pub fn cut_at<'a>(bytes: &'a [u8], cuts: &[proptest::sample::Index]) -> Vec<&'a [u8]> {
    let mut at: Vec<_> = cuts.iter().map(|cut| cut.index(bytes.len() + 1)).collect();
    at.extend([0, bytes.len()]);
    at.sort_unstable();
    at.windows(2).map(|pair| &bytes[pair[0]..pair[1]]).collect()
}
