//! How long things took, in few numbers that can be added.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// Upper edges in milliseconds: five to a decade, up to the ten minutes that an answer may take.
const EDGES: [u64; 24] = [
    10, 15, 25, 40, 60, 100, 150, 250, 400, 600, 1_000, 1_500, 2_500, 4_000, 6_000, 10_000, 15_000,
    25_000, 40_000, 60_000, 100_000, 150_000, 250_000, 600_000,
];

/// How many took at most as long as each edge and longer than the one before; the last took longer.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Histogram(Vec<u64>);

impl Histogram {
    /// Counts one.
    pub(super) fn count(&mut self, took: Duration) {
        let ms = took.as_millis();
        let at = EDGES.partition_point(|edge| u128::from(*edge) < ms);
        self.0.resize(self.0.len().max(at + 1), 0);
        self.0[at] += 1;
    }

    /// Counts all of another one.
    pub(super) fn add(&mut self, other: &Self) {
        self.0.resize(self.0.len().max(other.0.len()), 0);
        for (own, more) in self.0.iter_mut().zip(&other.0) {
            *own = own.saturating_add(*more);
        }
    }

    /// The milliseconds that so many hundredths took at most, up to the next edge; none of none.
    pub(super) fn percentile(&self, hundredths: u64) -> Option<u64> {
        let all = self.0.iter().fold(0, |sum: u64, n| sum.saturating_add(*n));
        let wanted = u128::from(all) * u128::from(hundredths);
        let mut sum = 0;
        let found = self.0.iter().position(|n| {
            sum += u128::from(*n);
            sum > 0 && sum * 100 >= wanted
        })?;
        Some(EDGES[found.min(EDGES.len() - 1)])
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn of(all: &[u64]) -> Histogram {
        let mut histogram = Histogram::default();
        for ms in all {
            histogram.count(Duration::from_millis(*ms));
        }
        histogram
    }

    #[test]
    fn a_percentile_is_the_edge_that_so_many_stayed_below() {
        let rows: [(&[u64], u64, Option<u64>); 9] = [
            (&[], 50, None),
            (&[0], 50, Some(10)),
            (&[10], 95, Some(10)),
            (&[11], 95, Some(15)),
            (&[5, 1_200], 50, Some(10)),
            (&[5, 1_200], 95, Some(1_500)),
            (&[5, 5, 5, 9_999], 50, Some(10)),
            (&[600_000], 50, Some(600_000)),
            (&[9_000_000], 50, Some(600_000)),
        ];
        for (all, hundredths, expected) in rows {
            assert_eq!(of(all).percentile(hundredths), expected, "{all:?}");
        }
    }

    proptest! {
        #[test]
        fn the_sum_of_two_is_that_of_all(
            one in prop::collection::vec(0..700_000_u64, 0..20),
            other in prop::collection::vec(0..700_000_u64, 0..20),
        ) {
            let mut sum = of(&one);
            sum.add(&of(&other));
            prop_assert_eq!(sum, of(&[one, other].concat()));
        }
    }
}
