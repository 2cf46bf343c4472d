//! Letters in order with others between, over a whole title or id: the one part that reads texts.

use frizbee::{CaseMatching, Config, Matcher, SortStrategy};

use super::Field;
use super::index::SearchIndex;
use super::tier::{BEST, Kind, Tier};
use super::words::Needle;

/// How texts are matched: both sides are folded already.
pub(super) fn config() -> Config {
    Config::default()
        .casing(CaseMatching::Respect)
        .max_typos(Some(0))
        .sort(SortStrategy::IndexAsc)
}

/// Raises `tiers` where the letters of `needle` are scattered over a title or an id, among the
/// prompts for which all of `within` are not 0.
pub(super) fn match_texts(
    index: &SearchIndex,
    needle: &Needle,
    within: &[&[u8]],
    tiers: &mut [u8],
) {
    let letters = needle.letters() as u16;
    let mut matcher = Matcher::new(needle.text(), &config());
    for (field, texts, masks) in [
        (Field::Title, &index.titles, &index.title_masks),
        (Field::Id, &index.ids, &index.id_masks),
    ] {
        let floor = Tier::new(Kind::Scattered, field, 0).0;
        let mut candidates: Vec<u32> = (0..index.len as u32).collect();
        keep(&mut candidates, |i| {
            (needle.mask() & !masks[i] == 0) & (tiers[i] < floor)
        });
        for tiers in within {
            keep(&mut candidates, |i| tiers[i] != 0);
        }
        let haystacks: Vec<&str> = candidates.iter().map(|i| texts.get(*i as usize)).collect();
        for found in matcher.match_list(&haystacks) {
            // A letter gives 12 and costs up to 6 for the gap before it: below 9 a letter the match
            // is crumbs, above 13 it is word beginnings or runs.
            let quality = (found.score / letters.max(1)).saturating_sub(7) / 2;
            let tier = Tier::new(Kind::Scattered, field, quality.min(u16::from(BEST)) as u8);
            tiers[candidates[found.index as usize] as usize] = tier.0;
        }
    }
}

/// Keeps the prompts for which `test` holds, in order.
///
/// Like `retain` but without a branch on the test, whose outcome the processor can't foresee: that
/// was the dearest line of a search.
fn keep(prompts: &mut Vec<u32>, test: impl Fn(usize) -> bool) {
    let mut kept = 0;
    for n in 0..prompts.len() {
        let prompt = prompts[n];
        prompts[kept] = prompt;
        kept += usize::from(test(prompt as usize));
    }
    prompts.truncate(kept);
}
