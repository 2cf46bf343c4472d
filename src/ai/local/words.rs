//! What is known of English words: stems, imperatives, words without a content of their own. Pure.
//!
//! All words are taken in lower case.

use std::collections::HashSet;
use std::sync::LazyLock;

/// Words to look up.
type Words = LazyLock<HashSet<&'static str>>;

/// Verbs that begin an instruction.
static IMPERATIVES: Words = LazyLock::new(|| {
    set("\
    accept act add adjust aim align allow analyse analyze answer append apply ask assess assume attach \
    audit avoid base be begin brainstorm break bring build calculate call capture change check choose cite \
    clarify classify clean clone close collect combine commit compare complete compose compress compute \
    configure confirm consider continue convert copy correct count cover create critique cut debug decide \
    define delegate delete deliver deploy derive describe design detect determine develop diagnose disable \
    discuss display dispose divide do document draft draw drop edit eliminate embed emit enable end enforce \
    ensure establish estimate evaluate examine exclude execute expand explain explore export expose extend \
    extract fetch fill filter find finish fix flag focus follow for format formulate generate get give go \
    group handle have help highlight identify ignore illustrate implement import improve include indent \
    infer inform insert inspect install integrate interpret introduce investigate iterate justify keep \
    label lead leave let leverage limit link list load locate log look maintain make manage map mark match \
    measure mention merge migrate minimise minimize mock model modify move name never normalise normalize \
    note number obey offer omit open optimise optimize order organise organize outline output paraphrase \
    parse pay perform pick place plan play point polish port predict prefer prepare present preserve \
    pretend prevent print prioritise prioritize produce proofread propose protect prove provide put quote \
    raise rank rate read reason recommend record reduce refactor refer reformat regenerate reject relocate \
    rely remember remove rename render reorder rephrase replace reply report reproduce request research \
    resolve respect respond restate restrict restructure return reuse review revise rewrite round run save \
    say scan score search see select send separate serve set share shorten show simplify sketch skip solve \
    sort speak specify split stage start state stay stick stop structure study style suggest sum summarise \
    summarize support surround swap take talk target teach tell test think tighten trace track transform \
    translate treat trim try turn type understand undo update upgrade use validate vary verify visit wait \
    walk warn work wrap write")
});

/// Words before an instruction that leave it one.
static LEAD_INS: Words = LazyLock::new(|| {
    set("please then first next also finally always now second third lastly afterwards and")
});

/// Words that say nothing of what a sentence is about.
static EMPTY: Words = LazyLock::new(|| {
    set("\
    a an the this that these those my your our its their his her it them they he she we you i me us to of \
    in on at by for from with into onto as and or but so is are was were be been being am do does did have \
    has had will would shall should must can could may might please always ever never not no any all each \
    every some don't doesn't avoid without sure that which who whom just only also then there here if \
    remember")
});

/// Verbs that take their meaning from what follows.
static LIGHT: Words = LazyLock::new(|| {
    set("use using add write make include do create put give provide have contain apply keep be")
});

/// Words that tie a sentence to a case.
static CONDITIONS: Words = LazyLock::new(|| {
    set("\
    if when whenever unless until before after except where while once only yet first then otherwise \
    instead elsewhere during without but however later unlike")
});

/// The most frequent words of English.
static FREQUENT: Words = LazyLock::new(|| {
    set("\
    the a an of to and in is are for with that this it on as be or by from not at you your i my we our use \
    do what how its have has was were which when if each no any")
});

fn set(words: &'static str) -> HashSet<&'static str> {
    words.split_ascii_whitespace().collect()
}

/// Whether it is a verb that can begin an instruction.
pub(super) fn is_imperative(word: &str) -> bool {
    IMPERATIVES.contains(word)
}

/// Whether an instruction may begin with it and go on with its verb.
pub(super) fn is_lead_in(word: &str) -> bool {
    LEAD_INS.contains(word)
}

/// Whether it says nothing of what a sentence is about.
pub(super) fn is_empty(word: &str) -> bool {
    EMPTY.contains(word)
}

/// Whether it takes its meaning from what follows, as `use` does.
pub(super) fn is_light(word: &str) -> bool {
    LIGHT.contains(word)
}

/// Whether it ties its sentence to a case.
pub(super) fn is_condition(word: &str) -> bool {
    CONDITIONS.contains(word)
}

/// Whether it ties a manner, such as `be brief`, to a case; `only json` names none.
pub(super) fn is_condition_of_manner(word: &str) -> bool {
    is_condition(word) && !matches!(word, "only" | "without" | "then" | "first")
}

/// Whether it is one of the words that make up half of any English text.
pub(super) fn is_frequent(word: &str) -> bool {
    FREQUENT.contains(word)
}

/// Whether it turns an instruction round.
pub(super) fn is_negation(word: &str) -> bool {
    matches!(word, "never" | "not" | "avoid" | "don't" | "don’t")
}

/// The part of a word that its forms share: `mock` of `mocks`, `mocked` and `mocking`.
pub(super) fn stem(word: &str) -> &str {
    let word = word.strip_suffix("'s").unwrap_or(word);
    if word.len() < 4 || !word.is_ascii() || word.ends_with("ss") {
        return word
            .strip_suffix('e')
            .filter(|it| it.len() > 1)
            .unwrap_or(word);
    }
    for ending in ["ies", "ing", "ied", "ed", "es", "ly", "s", "e", "y"] {
        let Some(rest) = word.strip_suffix(ending).filter(|it| it.len() >= 2) else {
            continue;
        };
        // `running` and `run`.
        return match rest.as_bytes() {
            [.., a, b] if a == b && rest.len() > 3 && !b"ls".contains(b) => &rest[..rest.len() - 1],
            _ => rest,
        };
    }
    word
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_forms_of_a_word_share_a_stem() {
        let rows = [
            &["mock", "mocks", "mocked", "mocking"][..],
            &["use", "uses", "used", "using"],
            &["dependency", "dependencies"],
            &["run", "runs", "running"],
            &["test", "tests", "testing"],
            &["class", "classes"],
        ];
        for forms in rows {
            let stems: HashSet<&str> = forms.iter().map(|it| stem(it)).collect();
            assert_eq!(stems.len(), 1, "{stems:?}");
        }
        assert_ne!(stem("mock"), stem("model"));
    }
}
