//! The best few of many scores, without sorting the many. Pure.

use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;

/// A score and whose it is; greater is better, and of equals the smaller number.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Scored {
    pub score: f32,
    pub number: u32,
}

impl Eq for Scored {}

impl Ord for Scored {
    fn cmp(&self, other: &Self) -> Ordering {
        let by_score = self.score.total_cmp(&other.score);
        by_score.then_with(|| other.number.cmp(&self.number))
    }
}

impl PartialOrd for Scored {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// The best scores above nothing, best first.
pub(super) fn best(scores: &[f32], limit: usize, skip: impl Fn(u32) -> bool) -> Vec<Scored> {
    let mut heap = BinaryHeap::with_capacity(limit.min(scores.len()) + 1);
    for (number, &score) in (0..).zip(scores) {
        if score <= 0.0 || skip(number) {
            continue;
        }
        let scored = Scored { score, number };
        if heap.len() < limit {
            heap.push(Reverse(scored));
        } else if heap.peek().is_some_and(|Reverse(least)| scored > *least) {
            heap.pop();
            heap.push(Reverse(scored));
        }
    }
    let sorted = heap.into_sorted_vec();
    sorted.into_iter().map(|Reverse(scored)| scored).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_equals_the_first_wins_and_what_scores_nothing_is_left_out() {
        let scores = [1.0, 3.0, 0.0, 3.0, 2.0, -1.0];
        let check = |limit, expected: &[u32]| {
            let best = best(&scores, limit, |number| number == 4);
            let numbers: Vec<u32> = best.iter().map(|scored| scored.number).collect();
            assert_eq!(numbers, expected);
        };
        check(9, &[1, 3, 0]);
        check(1, &[1]);
        check(0, &[]);
    }
}
