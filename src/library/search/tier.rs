//! How well a word of the query matched: one byte that compares as the ranking does. Pure.

use super::Field;

/// The ways to match, worst first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    /// With one letter missing, wrong, doubled or swapped.
    Typo,
    /// The letters in order, with others between.
    Scattered,
    /// In the middle of a word.
    Inside,
    /// From the beginning of a word.
    WordStart,
    /// From the beginning of the field.
    Prefix,
    /// The whole field.
    Exact,
}

/// Kind before field before quality; never 0, which stands for "no match".
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Tier(pub(super) u8);

/// The greatest quality within a kind and field.
pub(super) const BEST: u8 = 3;
const QUALITIES: u8 = BEST + 1;
const FIELDS: u8 = 5;

/// Fields by rank, lowest first.
const BY_RANK: [Field; FIELDS as usize] = [
    Field::Description,
    Field::Category,
    Field::Tags,
    Field::Id,
    Field::Title,
];
const KINDS: [Kind; 6] = [
    Kind::Typo,
    Kind::Scattered,
    Kind::Inside,
    Kind::WordStart,
    Kind::Prefix,
    Kind::Exact,
];

impl Tier {
    /// The greatest value there is.
    pub(super) const MAX: u8 = KINDS.len() as u8 * FIELDS * QUALITIES;

    pub(super) fn new(kind: Kind, field: Field, quality: u8) -> Self {
        let field = BY_RANK.iter().position(|f| *f == field).unwrap_or(0) as u8;
        Self(1 + (kind as u8 * FIELDS + field) * QUALITIES + quality.min(BEST))
    }

    /// The same as one word among several: that a title begins with one of them says little.
    pub(super) fn among_words(byte: u8) -> u8 {
        match Self::parts(byte) {
            Some((Kind::Exact | Kind::Prefix, field)) => Self::new(Kind::WordStart, field, 1).0,
            _ => byte,
        }
    }

    /// Reads a stored byte back; `None` for "no match".
    pub(super) fn parts(byte: u8) -> Option<(Kind, Field)> {
        let rest = byte.checked_sub(1)? / QUALITIES;
        Some((
            *KINDS.get(usize::from(rest / FIELDS))?,
            BY_RANK[usize::from(rest % FIELDS)],
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_outweigh_fields_and_fields_outweigh_quality() {
        let rows = [
            Tier::new(Kind::Typo, Field::Title, 3),
            Tier::new(Kind::Scattered, Field::Description, 0),
            Tier::new(Kind::Scattered, Field::Description, 3),
            Tier::new(Kind::Scattered, Field::Category, 0),
            Tier::new(Kind::WordStart, Field::Title, 0),
            Tier::new(Kind::Prefix, Field::Id, 3),
            Tier::new(Kind::Prefix, Field::Title, 0),
            Tier::new(Kind::Exact, Field::Title, 3),
        ];
        assert!(rows.is_sorted_by(|a, b| a < b), "{rows:?}");
        assert_eq!(rows[7].0, Tier::MAX);
        assert_eq!(Tier::parts(rows[5].0), Some((Kind::Prefix, Field::Id)));
        assert_eq!(Tier::parts(0), None);
    }
}
