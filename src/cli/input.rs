//! The file that a command works on, or standard input.

use std::fs::File;
use std::io::{ErrorKind, Read};
use std::path::Path;

use crate::config::Bytes;
use crate::error::{Error, Result};

/// Larger files are not read: no model's window holds them.
const MOST: Bytes = Bytes(64 << 20);

/// Reads a file, or standard input for `-`, and gives it with its name for messages.
///
/// # Errors
/// `not_found`; when it is too large or can't be read.
pub fn read(file: &Path) -> Result<(String, Vec<u8>)> {
    let (name, text) = match file.as_os_str() == "-" {
        true => ("standard input".to_owned(), all(std::io::stdin().lock())),
        false => (file.display().to_string(), File::open(file).and_then(all)),
    };
    let text = text.map_err(|e| match e.kind() {
        ErrorKind::NotFound => Error::not_found(format!("there is no file {name}")),
        _ => Error::unavailable(format!("{name} can't be read: {e}")),
    })?;
    if text.len() as u64 > MOST.0 {
        return Err(Error::invalid(format!("{name} is larger than {MOST}")));
    }
    Ok((name, text))
}

fn all(from: impl Read) -> std::io::Result<Vec<u8>> {
    let mut text = Vec::new();
    from.take(MOST.0 + 1).read_to_end(&mut text)?;
    Ok(text)
}
