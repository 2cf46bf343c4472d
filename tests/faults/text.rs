//! Texts that tell by themselves which they are, and whether they are whole.

/// The text number `n` of the composition `key`: 100 bytes to 9 KB.
pub fn text(key: &str, n: u32) -> String {
    let lines = 1 + n.wrapping_mul(7919) % 300;
    let line = format!("{key} {n} is saved, or it is not\n");
    format!(
        "{key} {n} begins\n{}{key} {n} ends",
        line.repeat(lines as usize)
    )
}
