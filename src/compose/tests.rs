//! Both selectors over a small library: what comes first, why, and what never changes.

use expect_test::{Expect, expect};

use super::linear::LinearSelector;
use super::ranked::RankedSelector;
use super::select::{ContextSelector, Question};
use super::{Candidate, Composition, OLDEST_DAYS, Origin, Use, Uses};

fn candidate(id: &str, title: &str, tags: &[&str], body: &str) -> Candidate {
    let (category, _) = id.rsplit_once('/').unwrap_or_default();
    Candidate {
        id: id.to_owned(),
        title: title.to_owned(),
        category: category.to_owned(),
        tags: tags.iter().map(|tag| (*tag).to_owned()).collect(),
        body: body.to_owned(),
        ..Candidate::default()
    }
}

fn library() -> Vec<Candidate> {
    vec![
        candidate(
            "web/retry",
            "Retry policy",
            &["http client"],
            "Idempotency keys, backoff.",
        ),
        candidate(
            "web/api",
            "Document an API",
            &["api"],
            "Describe every endpoint.",
        ),
        candidate("web/style", "House style", &[], "Short sentences."),
        candidate(
            "test/unit",
            "Unit tests",
            &["testing"],
            "One rule for each test.",
        ),
        candidate("test/load", "Load tests", &[], "Measure, then compare."),
    ]
}

fn used(id: &str, count: u32) -> Uses {
    let used = Use {
        count,
        in_last_session: count > 1,
    };
    Uses::from([(id.to_owned(), used)])
}

fn check(selector: &dyn ContextSelector, text: &str, uses: &Uses, expected: Expect) {
    let composition = Composition { text, named: &[] };
    let ranking = selector.rank(&Question {
        composition,
        uses,
        limit: 3,
    });
    let mut told = String::new();
    for row in ranking.named.iter().chain(&ranking.others) {
        told += &format!("{} {:.2}: {}\n", row.id, row.score, row.reasons.join("; "));
    }
    expected.assert_eq(&told);
}

#[test]
fn ranked_goes_by_rare_words_and_says_which() {
    let selector = RankedSelector::new(library());
    let none = Uses::new();
    check(
        &selector,
        "Documenting the api with idempotency",
        &none,
        expect![[r#"
            web/api 1.66: tag api; title documenting
            web/retry 0.55: rare word idempotency
        "#]],
    );
    check(
        &selector,
        "test",
        &none,
        expect![[r#"
        test/unit 0.61: tag testing
        test/load 0.41: title test
    "#]],
    );
    check(
        &selector,
        "the of and, nothing known",
        &none,
        expect![[r#""#]],
    );
    check(
        &selector,
        "an api test as in `web/style`",
        &none,
        expect![[r#"
            web/style 0.65: named in the composition; title style
            web/api 0.89: tag api
            test/unit 0.61: tag testing
            test/load 0.41: title test
        "#]],
    );
}

#[test]
fn use_lifts_what_is_near_and_never_what_has_nothing_to_do_with_it() {
    let selector = RankedSelector::new(library());
    check(
        &selector,
        "tests",
        &used("test/unit", 9),
        expect![[r#"
        test/unit 0.79: tag testing; used 9×
        test/load 0.41: title tests
    "#]],
    );
    check(
        &selector,
        "tests",
        &used("web/style", 4_000_000_000),
        expect![[r#"
            test/unit 0.61: tag testing
            test/load 0.41: title tests
        "#]],
    );
    let score = |count| {
        let composition = Composition {
            text: "tests",
            named: &[],
        };
        let question = Question {
            composition,
            uses: &used("test/unit", count),
            limit: 1,
        };
        selector.rank(&question).others[0].score
    };
    assert_eq!(score(100), score(u32::MAX));
}

#[test]
fn linear_adds_points_as_they_are_told() {
    let selector = LinearSelector::new(library());
    let none = Uses::new();
    // +10 for the tag, +2 for a keyword that stands there twice.
    check(
        &selector,
        "the api, an API",
        &none,
        expect![[r#"
        web/api 12.00: tag api; words api 2×
    "#]],
    );
    // A tag of two words matches as a whole.
    check(
        &selector,
        "our http-client",
        &none,
        expect![[r#"
        web/retry 10.00: tag http client
    "#]],
    );
    check(&selector, "our http and a client", &none, expect![[r#""#]]);
    // +5 each for those beside the one that is named.
    check(
        &selector,
        "as in web/style",
        &none,
        expect![[r#"
        web/style 6.00: named in the composition; category web; words style 1×
        web/api 5.00: category web
        web/retry 5.00: category web
    "#]],
    );
    // +3 for the last session, +9 for the use.
    check(
        &selector,
        "nothing",
        &used("test/load", 9),
        expect![[r#"
            test/load 12.00: used in the last session; used 9×
        "#]],
    );
    check(
        &selector,
        "nothing",
        &used("test/load", 1),
        expect![[r#"
            test/load 1.00: used 1×
        "#]],
    );
}

#[test]
fn the_order_of_the_candidates_changes_nothing() {
    let mut turned = library();
    turned.reverse();
    let text = "test the api client with idempotency and short sentences, as in web/retry";
    let uses = used("test/unit", 3);
    let composition = Composition { text, named: &[] };
    let question = Question {
        composition,
        uses: &uses,
        limit: 9,
    };
    let ranked = |candidates| RankedSelector::new(candidates).rank(&question);
    let linear = |candidates| LinearSelector::new(candidates).rank(&question);
    assert_eq!(ranked(library()), ranked(turned.clone()));
    assert_eq!(linear(library()), linear(turned));
}

#[test]
fn what_scores_the_same_stands_in_the_order_of_its_id() {
    let same = ["c", "a", "b"].map(|id| candidate(id, "Same", &[], "words"));
    for selector in [
        &RankedSelector::new(same.to_vec()) as &dyn ContextSelector,
        &LinearSelector::new(same.to_vec()),
    ] {
        let uses = Uses::new();
        let composition = Composition {
            text: "same words",
            named: &[],
        };
        let ranking = selector.rank(&Question {
            composition,
            uses: &uses,
            limit: 2,
        });
        let ids: Vec<&str> = ranking.others.iter().map(|row| row.id.as_str()).collect();
        assert_eq!(ids, ["a", "b"]);
    }
}

#[test]
fn compositions_of_the_history_are_candidates_while_they_are_young() {
    let aged = |id: &str, age_days| Candidate {
        origin: Origin::History { age_days },
        ..candidate(id, "Walrus", &[], "walrus")
    };
    let all = [0, 1, OLDEST_DAYS, OLDEST_DAYS + 1].map(|age| aged(&format!("h{age}"), age));
    check(
        &RankedSelector::new(all.to_vec()),
        "walrus",
        &Uses::new(),
        expect![[r#"
            h0 0.08: title walrus; from today's history
            h1 0.08: title walrus; from the history, a day old
            h30 0.08: title walrus; from the history, 30 days old
        "#]],
    );
    check(
        &LinearSelector::new(all.to_vec()),
        "walrus",
        &Uses::new(),
        expect![[r#"
            h0 1.00: words walrus 1×; from today's history
            h1 1.00: words walrus 1×; from the history, a day old
            h30 1.00: words walrus 1×; from the history, 30 days old
        "#]],
    );
}

#[test]
fn no_candidates_and_no_text_are_no_trouble() {
    let uses = Uses::new();
    let question = |text| Question {
        composition: Composition { text, named: &[] },
        uses: &uses,
        limit: 5,
    };
    assert!(
        RankedSelector::new(Vec::new())
            .rank(&question("text"))
            .others
            .is_empty()
    );
    assert!(
        LinearSelector::new(Vec::new())
            .rank(&question("text"))
            .others
            .is_empty()
    );
    assert!(
        RankedSelector::new(library())
            .rank(&question(""))
            .others
            .is_empty()
    );
}
