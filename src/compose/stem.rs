//! Light stemming of English: words of one family to the letters that they share. Pure.
//!
//! A stem need not be a word. What is not English mostly stays as it is.

/// Endings, the longest of a kind first; what is left must have as many letters.
const ENDINGS: &[(&str, usize)] = &[
    ("izations", 3),
    ("isations", 3),
    ("ization", 3),
    ("isation", 3),
    ("ifications", 3),
    ("ification", 3),
    ("ifying", 3),
    ("ifies", 3),
    ("ified", 3),
    ("ifier", 3),
    ("ify", 3),
    ("fulness", 3),
    ("iveness", 3),
    ("ousness", 3),
    ("ations", 3),
    ("ation", 3),
    ("ators", 3),
    ("ator", 3),
    ("ating", 3),
    ("ated", 3),
    ("ates", 3),
    ("ative", 3),
    ("ate", 4),
    ("izing", 3),
    ("ising", 3),
    ("izers", 3),
    ("isers", 3),
    ("izer", 3),
    ("iser", 3),
    ("ized", 3),
    ("ised", 3),
    ("izes", 3),
    ("ises", 4),
    ("ize", 3),
    ("ise", 4),
    ("abilities", 3),
    ("ability", 3),
    ("ibility", 3),
    ("able", 4),
    ("ible", 4),
    ("mentations", 4),
    ("mentation", 4),
    ("menting", 4),
    ("mented", 4),
    ("ements", 4),
    ("ement", 4),
    ("ments", 4),
    ("ment", 4),
    ("nesses", 4),
    ("ness", 4),
    ("ically", 3),
    ("ical", 3),
    ("ally", 4),
    ("ics", 4),
    ("ic", 4),
    ("ities", 4),
    ("ity", 4),
    ("ively", 4),
    ("ive", 4),
    ("ions", 3),
    ("ion", 3),
    ("ingly", 3),
    ("edly", 3),
    ("ings", 3),
    ("ing", 3),
    ("ures", 4),
    ("ure", 4),
    ("ural", 4),
    ("ences", 4),
    ("ence", 4),
    ("ances", 4),
    ("ance", 4),
    ("ents", 4),
    ("ent", 4),
    ("ants", 4),
    ("ant", 4),
    ("ies", 2),
    ("ied", 2),
    ("iers", 3),
    ("ier", 3),
    ("sses", 2),
    ("ers", 3),
    ("ors", 4),
    ("er", 4),
    ("or", 4),
    ("eed", 9),
    ("ed", 3),
    ("ly", 4),
    ("es", 3),
    ("al", 4),
    ("s", 3),
    ("e", 3),
    ("y", 3),
];

/// The stem of a word in lower case.
pub(super) fn stem(word: &str) -> &str {
    if !word.bytes().all(|b| b.is_ascii_lowercase()) {
        return word;
    }
    if word.ends_with("ss") || word.ends_with("us") || word.ends_with("is") {
        return word;
    }
    let ending = ENDINGS
        .iter()
        .find(|(ending, least)| word.ends_with(ending) && word.len() - ending.len() >= *least);
    let Some((ending, _)) = ending else {
        return word;
    };
    undouble(&word[..word.len() - ending.len()])
}

/// `runn` to `run`.
fn undouble(stem: &str) -> &str {
    match stem.as_bytes() {
        [.., a, b] if a == b && stem.len() > 3 && !b"aeioulsz".contains(a) => {
            &stem[..stem.len() - 1]
        }
        _ => stem,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_one_family_have_one_stem() {
        let families: [&[&str]; 12] = [
            &["test", "tests", "testing", "tested", "tester"],
            &[
                "optimize",
                "optimizing",
                "optimized",
                "optimization",
                "optimizer",
            ],
            &[
                "validate",
                "validates",
                "validating",
                "validation",
                "validator",
            ],
            &["run", "running", "runs"],
            &["query", "queries"],
            &["document", "documents", "documented", "documenting"],
            &["generate", "generator", "generation"],
            &["security"],
            &["class"],
            &["status"],
            &["ing"],
            &["größe"],
        ];
        let mut stems = std::collections::HashSet::new();
        for family in families {
            let first = stem(family[0]);
            assert!(family.iter().all(|word| stem(word) == first), "{family:?}");
            assert!(stems.insert(first), "{first} of {family:?} is another's");
            assert!(!first.is_empty());
        }
    }
}
