//! What was acknowledged, compared with what is on the disk.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use promptstack::history::document;

use crate::text::text;

/// The last acknowledged text of each composition, and its file.
#[derive(Default)]
pub struct Ledger {
    acknowledged: BTreeMap<String, (u32, String)>,
    count: usize,
}

impl Ledger {
    /// Notes what a program said; says whether that was an acknowledgement.
    pub fn note(&mut self, line: &str) -> bool {
        let words: Vec<&str> = line.split_whitespace().collect();
        let ["ack", key, n, file] = words[..] else {
            return false;
        };
        let n = n.parse().expect("a number");
        let entry = (n, file.to_owned());
        let earlier = self.acknowledged.insert(key.to_owned(), entry);
        assert!(earlier.is_none_or(|(earlier, _)| earlier < n), "{line}");
        self.count += 1;
        true
    }

    /// How many saves were acknowledged.
    pub fn count(&self) -> usize {
        self.count
    }

    /// The acknowledged texts that are neither there nor followed by a later one of the same
    /// composition in the same file.
    pub fn lost(&self, folder: &Path) -> Vec<String> {
        let mut lost = Vec::new();
        for (key, (n, file)) in &self.acknowledged {
            let found = fs::read(folder.join(file)).ok();
            let found = found.as_deref().and_then(whole);
            match found {
                Some((found_key, found_n)) if found_key == *key && found_n >= *n => {}
                found => lost.push(format!("{key} {n} in {file}: found {found:?}")),
            }
        }
        lost
    }
}

/// The compositions' files in a folder.
pub fn files(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).expect("a folder");
    let names = entries.map(|entry| entry.expect("an entry").file_name());
    let names = names.map(|name| name.into_string().expect("names of ours"));
    let mut files: Vec<String> = names.filter(|name| name.ends_with(".md")).collect();
    files.sort();
    files
}

/// The files in a folder that are not some whole text.
pub fn torn(folder: &Path) -> Vec<String> {
    let mut torn = files(folder);
    torn.retain(|file| {
        let bytes = fs::read(folder.join(file)).expect("it can be read");
        whole(&bytes).is_none()
    });
    torn
}

/// Writes a rescue copy with the first text of a composition that was never saved.
pub fn write_copy(folder: &Path, key: &str) {
    let text = text(key, 1);
    let size = text.len();
    let lines = format!("id:\nnumber: 1\nbytes: {size}\ncreated: 1700000000000\n\n");
    fs::create_dir_all(folder).expect("a folder");
    fs::write(folder.join(format!("{key}.rescue")), lines + &text).expect("a copy");
}

/// Which text a file holds, if it is whole.
fn whole(bytes: &[u8]) -> Option<(String, u32)> {
    let body = document::parse(bytes).ok()?.body;
    let body = String::from_utf8(body).ok()?;
    let mut words = body.lines().next()?.split(' ');
    let (key, n) = (words.next()?, words.next()?.parse().ok()?);
    (text(key, n) == body).then(|| (key.to_owned(), n))
}
