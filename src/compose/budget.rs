//! How many of the ranked candidates go along, and how much of each. Pure.

use super::select::{Choice, Dropped, Ranked, Ranking, Selection};

/// So many are chosen, if as many have anything to do with the composition.
pub const LEAST: usize = 3;
/// Not more are chosen, unless more are named.
pub const MOST: usize = 5;
/// Near misses that are told.
pub const NEAR: usize = 10;
/// The part of the window that the library may take, in percent.
pub const LIBRARY_PERCENT: u64 = 15;
/// The part of the window that the composition should not exceed, in percent.
pub const COMPOSITION_PERCENT: u64 = 25;

/// Beyond [`LEAST`] a candidate is chosen whose score is at least this part of the best one's.
const NEARNESS: f64 = 0.5;
/// Less of a prompt than so many tokens is of no use.
const USEFUL: u32 = 200;

/// The limits of a selection, in tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// The model's window.
    pub window: u32,
    /// The composition.
    pub composition: u32,
}

/// Chooses from a ranking what fits; `tokens` gives the tokens of a candidate's text by its id.
///
/// What is named is always chosen. Where not all fits, the short ones stay whole and the long ones are
/// cut to equal parts of what is left; what would be cut to almost nothing is dropped, the last first.
pub fn fit(ranking: Ranking, limits: Limits, tokens: impl Fn(&str) -> u32) -> Selection {
    let allowance = part(limits.window, LIBRARY_PERCENT);
    let Ranking {
        named,
        mut others,
        unknown,
    } = ranking;
    let mut dropped: Vec<Dropped> = unknown
        .into_iter()
        .map(|id| Dropped {
            id,
            why: "named in the composition, but there is no such prompt".to_owned(),
        })
        .collect();
    let near = others.split_off(places(named.len(), &others).min(others.len()));
    let is_named = named.len();
    let mut wanted: Vec<(Ranked, u32)> = named
        .into_iter()
        .chain(others)
        .map(|ranked| {
            let whole = tokens(&ranked.id);
            (ranked, whole)
        })
        .collect();
    let shares = loop {
        let wholes: Vec<u32> = wanted.iter().map(|(_, whole)| *whole).collect();
        let shares = share_out(allowance, &wholes);
        let too_small = |(share, whole): (&u32, &u32)| *share < (*whole).min(USEFUL);
        if wanted.len() == is_named || !shares.iter().zip(&wholes).any(too_small) {
            break shares;
        }
        let Some((ranked, whole)) = wanted.pop() else {
            break shares;
        };
        let (whole, allowance) = (grouped(whole), grouped(allowance));
        let why =
            format!("no room: it takes {whole} tokens, and all together may take {allowance}");
        dropped.push(Dropped { id: ranked.id, why });
    };
    let best = wanted.get(is_named).map_or(0.0, |(ranked, _)| ranked.score);
    dropped.extend(near.into_iter().take(NEAR).map(|ranked| Dropped {
        why: match ranked.score < best * NEARNESS {
            true => format!("scores {:.1}, less than half of the best", ranked.score),
            false => format!("scores {:.1}, and all places are taken", ranked.score),
        },
        id: ranked.id,
    }));
    let chosen: Vec<Choice> = wanted
        .into_iter()
        .zip(shares)
        .map(|((ranked, whole), share)| Choice {
            id: ranked.id,
            score: ranked.score,
            reasons: ranked.reasons,
            signs: ranked.signs,
            tokens: share,
            whole,
            cut: share < whole,
        })
        .collect();
    Selection {
        tokens: chosen.iter().map(|choice| choice.tokens).sum(),
        chosen,
        dropped,
        allowance,
        composition_over: limits
            .composition
            .saturating_sub(part(limits.window, COMPOSITION_PERCENT)),
    }
}

/// A number with a comma between thousands.
pub fn grouped(number: u32) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// How many of the others are chosen beside so many that are named.
fn places(named: usize, others: &[Ranked]) -> usize {
    let best = others.first().map_or(0.0, |ranked| ranked.score);
    let near = others
        .iter()
        .take_while(|ranked| ranked.score >= best * NEARNESS)
        .count();
    near.max(LEAST.saturating_sub(named))
        .min(MOST.saturating_sub(named))
}

fn part(window: u32, percent: u64) -> u32 {
    u32::try_from(u64::from(window) * percent / 100).unwrap_or(u32::MAX)
}

/// Gives each what it wants, and those that want more than their equal part of what is left that part.
fn share_out(all: u32, wanted: &[u32]) -> Vec<u32> {
    let mut order: Vec<usize> = (0..wanted.len()).collect();
    order.sort_by_key(|at| (wanted[*at], *at));
    let mut shares = vec![0; wanted.len()];
    let mut left = all;
    for (done, at) in order.into_iter().enumerate() {
        let waiting = u32::try_from(wanted.len() - done).unwrap_or(u32::MAX);
        shares[at] = wanted[at].min(left / waiting);
        left -= shares[at];
    }
    shares
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};
    use proptest::prelude::*;

    use super::*;

    /// Ids that tell the tokens: `a-300` has 300; scores fall from 10 on by `step`.
    fn ranking(named: &[&str], others: &[&str], step: f64) -> Ranking {
        let rows = |ids: &[&str]| {
            let row = |(at, id): (usize, &&str)| Ranked {
                id: (*id).to_owned(),
                score: 10.0 - step * at as f64,
                reasons: Vec::new(),
                signs: 0,
            };
            ids.iter().enumerate().map(row).collect()
        };
        Ranking {
            named: rows(named),
            others: rows(others),
            unknown: Vec::new(),
        }
    }

    fn tokens(id: &str) -> u32 {
        let (_, tokens) = id.split_once('-').expect("a number");
        tokens.parse().expect("a number")
    }

    fn check(ranking: Ranking, window: u32, expected: Expect) {
        let limits = Limits {
            window,
            composition: 300,
        };
        let Selection {
            chosen,
            dropped,
            tokens,
            allowance,
            composition_over,
        } = fit(ranking, limits, self::tokens);
        let mut text = format!("{tokens} of {allowance}, over by {composition_over}\n");
        for choice in chosen {
            let cut = if choice.cut { " cut" } else { "" };
            text += &format!("{} {} of {}{cut}\n", choice.id, choice.tokens, choice.whole);
        }
        for Dropped { id, why } in dropped {
            text += &format!("- {id}: {why}\n");
        }
        expected.assert_eq(&text);
    }

    #[test]
    fn three_to_five_are_chosen_by_how_near_they_are_to_the_best() {
        let six = ["a-1", "b-1", "c-1", "d-1", "e-1", "f-1"];
        check(
            ranking(&[], &six, 0.1),
            10_000,
            expect![[r#"
            5 of 1500, over by 0
            a-1 1 of 1
            b-1 1 of 1
            c-1 1 of 1
            d-1 1 of 1
            e-1 1 of 1
            - f-1: scores 9.5, and all places are taken
        "#]],
        );
        check(
            ranking(&[], &six, 1.5),
            10_000,
            expect![[r#"
            4 of 1500, over by 0
            a-1 1 of 1
            b-1 1 of 1
            c-1 1 of 1
            d-1 1 of 1
            - e-1: scores 4.0, less than half of the best
            - f-1: scores 2.5, less than half of the best
        "#]],
        );
        check(
            ranking(&[], &six, 2.0),
            10_000,
            expect![[r#"
            3 of 1500, over by 0
            a-1 1 of 1
            b-1 1 of 1
            c-1 1 of 1
            - d-1: scores 4.0, less than half of the best
            - e-1: scores 2.0, less than half of the best
            - f-1: scores 0.0, less than half of the best
        "#]],
        );
        check(
            ranking(&[], &six[..2], 2.0),
            10_000,
            expect![[r#"
            2 of 1500, over by 0
            a-1 1 of 1
            b-1 1 of 1
        "#]],
        );
        check(
            ranking(&[], &[], 2.0),
            10_000,
            expect![[r#"
            0 of 1500, over by 0
        "#]],
        );
    }

    #[test]
    fn what_is_named_is_always_chosen() {
        check(
            ranking(&["n-9"], &["a-1", "b-1", "c-1"], 4.0),
            10_000,
            expect![[r#"
                11 of 1500, over by 0
                n-9 9 of 9
                a-1 1 of 1
                b-1 1 of 1
                - c-1: scores 2.0, less than half of the best
            "#]],
        );
        let many = ["n-1", "o-1", "p-1", "q-1", "r-1", "s-1"];
        check(
            ranking(&many, &["a-1"], 1.0),
            10_000,
            expect![[r#"
            6 of 1500, over by 0
            n-1 1 of 1
            o-1 1 of 1
            p-1 1 of 1
            q-1 1 of 1
            r-1 1 of 1
            s-1 1 of 1
            - a-1: scores 10.0, and all places are taken
        "#]],
        );
        check(
            ranking(&["n-9000", "o-9000"], &["a-900"], 1.0),
            2000,
            expect![[r#"
                300 of 300, over by 0
                n-9000 150 of 9000 cut
                o-9000 150 of 9000 cut
                - a-900: no room: it takes 900 tokens, and all together may take 300
            "#]],
        );
    }

    #[test]
    fn the_long_ones_are_cut_and_what_would_be_almost_nothing_is_dropped() {
        check(
            ranking(&[], &["a-5000", "b-300", "c-4000"], 1.0),
            20_000,
            expect![[r#"
                3000 of 3000, over by 0
                a-5000 1350 of 5000 cut
                b-300 300 of 300
                c-4000 1350 of 4000 cut
            "#]],
        );
        check(
            ranking(&[], &["a-5000", "b-300", "c-4000"], 1.0),
            4000,
            expect![[r#"
                600 of 600, over by 0
                a-5000 200 of 5000 cut
                b-300 200 of 300 cut
                c-4000 200 of 4000 cut
            "#]],
        );
        check(
            ranking(&[], &["a-5000"], 1.0),
            1000,
            expect![[r#"
            0 of 150, over by 50
            - a-5000: no room: it takes 5,000 tokens, and all together may take 150
        "#]],
        );
    }

    #[test]
    fn an_id_that_nobody_has_is_told() {
        let mut ranking = ranking(&[], &[], 1.0);
        ranking.unknown.push("gone".to_owned());
        check(
            ranking,
            1000,
            expect![[r#"
            0 of 150, over by 50
            - gone: named in the composition, but there is no such prompt
        "#]],
        );
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..Default::default() })]

        #[test]
        fn shares_never_exceed_what_there_is_nor_what_is_wanted(
            all in 0..10_000_u32, wanted in prop::collection::vec(0..9000_u32, 0..8),
        ) {
            let shares = share_out(all, &wanted);
            prop_assert!(shares.iter().sum::<u32>() <= all);
            prop_assert!(shares.iter().zip(&wanted).all(|(share, wanted)| share <= wanted));
            let fits = wanted.iter().sum::<u32>() <= all;
            prop_assert_eq!(fits, shares == wanted);
        }
    }
}
