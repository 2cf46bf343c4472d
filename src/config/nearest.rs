//! The word that was probably meant. Pure.

/// The nearest of some words, where it is near enough to be a slip: a third of the letters.
pub(crate) fn nearest<'a>(word: &str, among: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let word = word.to_lowercase();
    if word.chars().count() > 100 {
        return None;
    }
    let close = |candidate: &str| distance(&word, &candidate.to_lowercase());
    let (steps, near) = among.map(|candidate| (close(candidate), candidate)).min()?;
    (steps <= (word.chars().count() / 3).max(1)).then_some(near)
}

/// Counts insertions, deletions, replacements and swaps of neighbours (optimal string alignment).
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut before = vec![0; b.len() + 1];
    let mut above: Vec<usize> = (0..=b.len()).collect();
    for i in 1..=a.len() {
        let mut row = vec![i; b.len() + 1];
        for j in 1..=b.len() {
            let replaced = above[j - 1] + usize::from(a[i - 1] != b[j - 1]);
            row[j] = replaced.min(above[j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                row[j] = row[j].min(before[j - 2] + 1);
            }
        }
        before = std::mem::replace(&mut above, row);
    }
    above[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_finds_its_word_and_another_word_none() {
        let words = ["library", "logging", "level", "data_dir"];
        let rows = [
            ("libary", Some("library")),
            ("LIBRARY", Some("library")),
            ("levle", Some("level")),
            ("datadir", Some("data_dir")),
            ("lgoging", Some("logging")),
            ("storage", None),
            ("", None),
            ("x", None),
        ];
        for (word, expected) in rows {
            assert_eq!(nearest(word, words.into_iter()), expected, "{word}");
        }
    }
}
