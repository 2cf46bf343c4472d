use proptest::prelude::*;

use super::*;
use crate::library::prompt::{PromptId, PromptInfo};

/// A prompt from `id | title | tags | category | description`.
fn prompt(row: &str) -> PromptInfo {
    let mut parts = row.split('|').map(str::trim);
    let mut next = || parts.next().unwrap_or_default().to_owned();
    PromptInfo {
        id: PromptId(next()),
        title: next(),
        tags: next().split_whitespace().map(Into::into).collect(),
        category: next(),
        description: next(),
        source: "user".into(),
        path: "x.md".into(),
        bytes: 1,
        version: 1,
        problems: Vec::new(),
    }
}

/// The library of most tests: `id | title | tags | category | description`.
const LIBRARY: &[&str] = &[
    "commands/api-doc | Generate API documentation | docs http | commands | Writes reference pages",
    "commands/refactor | Refactor | code | commands | Tidies the given function",
    "commands/refactor-py | Refactor a Python module | code | commands | Splits what is too long",
    "workflows/safe | Safe refactoring steps | code | workflows | Small steps with tests between",
    "workflows/review | Security review | audit | workflows | Looks for injection and refactor debt",
    "rules/tests | Write tests first | testing | rules | Names the cases before the code",
    "rules/tone | Plain words | writing docs | rules | No jargon",
];

fn library(rows: &[&str]) -> Vec<PromptInfo> {
    rows.iter().map(|row| prompt(row)).collect()
}

/// Ids found, best first, without their folders.
fn found(prompts: &[PromptInfo], query: &str, uses: &[u32]) -> Vec<String> {
    let hits = Searcher::new().search(&SearchIndex::build(prompts), query, uses, 100);
    assert_eq!(hits.total, hits.rows.len(), "{query}");
    let name = |hit: &Hit| {
        index::split_id(prompts[hit.index as usize].id.as_str())
            .1
            .to_owned()
    };
    hits.rows.iter().map(name).collect()
}

#[track_caller]
fn check(query: &str, expected: &[&str]) {
    assert_eq!(found(&library(LIBRARY), query, &[]), expected, "{query}");
}

#[test]
fn exact_comes_before_prefix_before_word_before_other_fields() {
    check("refactor", &["refactor", "refactor-py", "safe", "review"]);
    check("Refactor", &["refactor", "refactor-py", "safe", "review"]);
    check("REFACTOR a", &["refactor-py", "refactor", "safe", "review"]);
}

#[test]
fn title_comes_before_id_before_tags_before_category_before_description() {
    let rows = [
        "e | Five | | | about quorum",
        "d | Four | | some quorum | ",
        "c | Three | a-quorum | | ",
        "a-quorum | Two | | | ",
        "a | A quorum | | | ",
    ];
    assert_eq!(
        found(&library(&rows), "quorum", &[]),
        ["a", "a-quorum", "c", "d", "e"]
    );
    assert_eq!(
        found(&library(&rows), "uoru", &[]),
        ["a", "a-quorum", "c", "d", "e"]
    );
}

#[test]
fn letters_may_be_scattered_over_a_title_or_an_id() {
    check("gapid", &["api-doc"]);
    check("rpm", &["refactor-py", "api-doc"]);
    check("srv", &["review"]);
    check("cmmndsapi", &["api-doc"]);
}

#[test]
fn scattered_comes_after_contiguous() {
    let rows = [
        "a | Terse edits start today",
        "b | Contest",
        "c | A test",
        "d | Test it",
        "e | Test",
    ];
    assert_eq!(
        found(&library(&rows), "test", &[]),
        ["e", "d", "c", "b", "a"]
    );
}

#[test]
fn every_word_must_match_each_in_any_field() {
    check("docs api", &["api-doc"]);
    check("api docs", &["api-doc"]);
    check("code tests", &["tests", "safe"]);
    check("review zzz", &[]);
    check("rev sec", &["review"]);
}

#[test]
fn words_found_together_come_first() {
    let rows = [
        "a | Doc of an api",
        "b | Write an api doc now",
        "c | Api doc",
        "api-doc | Other",
    ];
    assert_eq!(
        found(&library(&rows), "api doc", &[]),
        ["c", "b", "a", "api-doc"]
    );
    assert_eq!(found(&library(&rows), "api-doc", &[])[0], "api-doc");
}

#[test]
fn one_typo_is_forgiven_and_ranks_below_clean_matches() {
    check("pyhton", &["refactor-py"]);
    check("secruity", &["review"]);
    check("refaktor", &["refactor", "safe", "refactor-py", "review"]);
    check("reviwe pytohn", &[]);
    check("docmuentation", &["api-doc"]);
    let rows = [
        "a | Form",
        "b | A very long title with from in it | | | ",
        "c | x | | | the from",
    ];
    assert_eq!(found(&library(&rows), "from", &[]), ["b", "c", "a"]);
}

#[test]
fn operators_work_as_in_fzf() {
    check("'efac", &["refactor", "safe", "refactor-py", "review"]);
    check("'gapid", &[]);
    check("^refactor", &["refactor", "refactor-py"]);
    check("steps$", &["safe"]);
    check("^refactor$", &["refactor"]);
    check("^docs$", &["tone", "api-doc"]);
    check("refactor !python", &["refactor", "safe", "review"]);
    check("!code !docs", &["review"]);
    check(
        "\\!refactor",
        &["refactor", "refactor-py", "safe", "review"],
    );
}

#[test]
fn an_empty_query_gives_all_by_use_then_category_then_title() {
    check(
        "",
        &[
            "api-doc",
            "refactor",
            "refactor-py",
            "tone",
            "tests",
            "safe",
            "review",
        ],
    );
    check(
        " ?! ",
        &[
            "api-doc",
            "refactor",
            "refactor-py",
            "tone",
            "tests",
            "safe",
            "review",
        ],
    );
    let all = found(&library(LIBRARY), "", &[0, 0, 0, 0, 7, 0, 9]);
    assert_eq!(all[..3], ["tone", "review", "api-doc"]);
}

#[test]
fn ties_go_by_use_then_shorter_title_then_id() {
    let rows = [
        "c | Plan long",
        "b | Plan abc",
        "a | Plan abd",
        "d | A plan",
    ];
    assert_eq!(found(&library(&rows), "plan", &[]), ["a", "b", "c", "d"]);
    assert_eq!(
        found(&library(&rows), "plan", &[1, 0, 0, 9]),
        ["c", "a", "b", "d"]
    );
    assert_eq!(
        found(&library(&rows), "plan", &[0, u32::MAX, 0, 0]),
        ["b", "a", "c", "d"]
    );
}

#[test]
fn matched_letters_are_whole_characters_of_the_text_as_written() {
    let check = |row: &str, query: &str, expected: &[(Field, &str)]| {
        let prompts = [prompt(row)];
        let hits = Searcher::new().search(&SearchIndex::build(&prompts), query, &[], 9);
        let spans: Vec<_> = hits.rows.iter().flat_map(|hit| hits.spans(hit)).collect();
        let lit = spans.iter().map(|span| {
            let text = match span.field {
                Field::Title => &prompts[0].title,
                Field::Id => prompts[0].id.0.as_str(),
                _ => &prompts[0].category,
            };
            (span.field, &text[span.start as usize..span.end as usize])
        });
        assert_eq!(lit.collect::<Vec<_>>(), expected, "{query} in {row}");
    };
    use Field::{Category, Id, Title};
    check("x | Generate API docs", "api", &[(Title, "API")]);
    check("x | Rapid API", "api", &[(Title, "API")]);
    check(
        "x | Generate API docs",
        "gapid",
        &[(Title, "G"), (Title, "API"), (Title, "d")],
    );
    check(
        "x | Generate API docs",
        "gapi",
        &[(Title, "G"), (Title, "API")],
    );
    check(
        "x | Generate API docs",
        "docs gen",
        &[(Title, "Gen"), (Title, "docs")],
    );
    check("x | Über Café", "cafe", &[(Title, "Café")]);
    check("x | Über Cafe\u{301} ja", "café", &[(Title, "Cafe\u{301}")]);
    check("x | Über Cafe\u{301} ja", "ja", &[(Title, "ja")]);
    check("x | Große Straße", "strasse", &[(Title, "Straße")]);
    check("x | İstanbul ç", "c", &[(Title, "ç")]);
    check("x | コードレビュー", "レビ", &[(Title, "レビ")]);
    check(
        "x | コードとレビュー",
        "コレ",
        &[(Title, "コ"), (Title, "レ")],
    );
    check("x | A Python script", "pyhton", &[(Title, "Python")]);
    check("web/slug | Title | | web", "slug", &[(Id, "slug")]);
    check("web/slug | Title | | wëb", "web", &[(Category, "wëb")]);
    check("x | Title | docs", "docs", &[]);
    check("x | 🚀 Launch", "🚀", &[(Title, "🚀")]);
}

#[test]
fn the_best_field_is_named() {
    let prompts = library(LIBRARY);
    let index = SearchIndex::build(&prompts);
    for (query, field) in [
        ("refactor", Field::Title),
        ("refactor-py", Field::Id),
        ("audit", Field::Tags),
        ("workflows", Field::Category),
        ("jargon", Field::Description),
    ] {
        let hits = Searcher::new().search(&index, query, &[], 9);
        assert_eq!(hits.rows[0].field, field, "{query}");
    }
}

#[test]
fn the_limit_keeps_the_best_and_the_total_counts_all() {
    let prompts: Vec<_> = (0..500)
        .map(|i| prompt(&format!("id{i:03} | Plan {i:03}")))
        .collect();
    let index = SearchIndex::build(&prompts);
    let hits = Searcher::new().search(&index, "plan", &[], 3);
    assert_eq!(hits.total, 500);
    assert_eq!(
        hits.rows.iter().map(|hit| hit.index).collect::<Vec<_>>(),
        [0, 1, 2]
    );
    assert_eq!(Searcher::new().search(&index, "", &[], 0).rows, []);
    assert_eq!(Searcher::new().search(&index, "plan", &[], 0).total, 500);
    assert_eq!(
        Searcher::new()
            .search(&SearchIndex::build(&[]), "plan", &[], 3)
            .total,
        0
    );
}

#[test]
fn a_new_index_is_noticed() {
    let mut searcher = Searcher::new();
    let one = SearchIndex::build(&[prompt("a | Plan")]);
    let two = SearchIndex::build(&library(LIBRARY));
    assert_eq!(searcher.search(&one, "plan", &[], 9).total, 1);
    assert_eq!(searcher.search(&two, "refactor", &[], 9).total, 4);
    assert_eq!(searcher.search(&one, "plan", &[], 9).total, 1);
}

#[test]
fn hostile_input_is_only_text() {
    let long = "ab ".repeat(5000);
    let prompts = [
        prompt(&format!("x | {long}")),
        prompt(" | | | | "),
        prompt("x | \u{0}\u{301}\\"),
    ];
    let index = SearchIndex::build(&prompts);
    let mut searcher = Searcher::new();
    let word = "a".repeat(100_000);
    for query in [
        word.as_str(),
        &long,
        "\\",
        "!!",
        "^",
        "$^",
        "'",
        "\u{301}",
        "\u{0}",
        "ab$ ^ab",
    ] {
        searcher.search(&index, query, &[], 200);
    }
}

/// Texts in which words, typos, scatterings and odd letters are likely.
fn texts() -> impl Strategy<Value = String> {
    let word = prop_oneof![
        4 => "[abc]{1,5}",
        1 => Just("refactor".to_owned()),
        1 => Just("refcator".to_owned()),
        1 => "[aäéßcレİ\u{301}🚀-]{1,4}",
    ];
    proptest::collection::vec(word, 0..5).prop_map(|words| words.join(" "))
}

proptest! {
    #[test]
    fn what_is_remembered_never_changes_a_result(
        rows in proptest::collection::vec((texts(), texts(), texts(), texts()), 1..30),
        queries in proptest::collection::vec(texts(), 1..5),
        limit in 0_usize..20,
    ) {
        let prompts: Vec<_> = rows
            .iter()
            .map(|(id, title, tags, text)| prompt(&format!("{id}|{title}|{tags}|{tags}|{text}")))
            .collect();
        let index = SearchIndex::build(&prompts);
        let mut typed = Searcher::new();
        for query in &queries {
            for end in query.char_indices().map(|(at, c)| at + c.len_utf8()) {
                let query = &query[..end];
                let hits = typed.search(&index, query, &[3, 1, 2], limit);
                prop_assert_eq!(&hits, &Searcher::new().search(&index, query, &[3, 1, 2], limit));
                prop_assert_eq!(hits.rows.len(), hits.total.min(limit));
                for hit in &hits.rows {
                    let title = &prompts[hit.index as usize].title;
                    for span in hits.spans(hit).iter().filter(|s| s.field == Field::Title) {
                        let lit = title.get(span.start as usize..span.end as usize);
                        prop_assert!(lit.is_some_and(|lit| !lit.is_empty()), "{:?} {:?}", title, span);
                    }
                }
            }
        }
    }
}
