use proptest::prelude::*;

use super::*;
use crate::ai::suggestions::apply;

const TEXT: &str = "Always mock the network.\nBe thorough.\nNever use mocks.\nBe thorough.\n";

const ANSWER: &str = r#"Here you are: ```json
{"suggestions": [
  {"type": "contradiction", "title": "Mocks", "description": "Line 1 against {3}.", "quote": "",
   "edits": [{"find": "Never use mocks.", "replace": "Mock only the \"network\".", "line": 3}]},
  {"type": "clarity", "title": "Thorough", "description": "Can't be checked.", "quote": "",
   "edits": [{"find": "Be thorough.", "replace": "Test each error.", "line": 4}]},
  {"type": "gap", "title": "No language", "description": "Which one?", "quote": "the network", "edits": []}
]}
```"#;

fn read(answer: &str) -> (Vec<Suggestion>, Vec<String>) {
    let mut reader = Reader::new(TEXT);
    let found = reader.feed(answer);
    (found, reader.finish())
}

#[test]
fn an_answer_becomes_suggestions_with_exact_places() {
    let (found, problems) = read(ANSWER);
    assert_eq!(problems, Vec::<String>::new());
    let [mocks, thorough, language] = found.as_slice() else {
        panic!("{found:?}");
    };
    assert_eq!(
        apply(TEXT, &mocks.edits).unwrap(),
        TEXT.replace("Never use mocks.", "Mock only the \"network\".")
    );
    assert_eq!(thorough.edits[0].range, 55..67);
    assert_eq!(language.place, Some(12..23));
    assert_eq!(
        found.iter().map(|it| it.kind).collect::<Vec<_>>(),
        [
            SuggestionKind::Contradiction,
            SuggestionKind::Clarity,
            SuggestionKind::Gap
        ]
    );
}

#[test]
fn what_can_not_be_used_is_said_and_the_rest_is_used() {
    let one = |object: &str| format!(r#"{{"suggestions": [{object}]}}"#);
    let rows = [
        (String::new(), 0, "the answer has no suggestions in it"),
        (
            "I can't help.".into(),
            0,
            "the answer has no suggestions in it",
        ),
        (
            r#"{"suggestions": [{"type": "gap", "title": "A"#.into(),
            0,
            "the answer breaks off before its first suggestion",
        ),
        (
            r#"{"suggestions": [{"type": "gap", "title": "A"}, {"#.into(),
            1,
            "the answer breaks off after suggestion 1",
        ),
        (
            one(r#"{"type": "style", "title": "A"}"#),
            1,
            "suggestion 1 is of the unknown type 'style'",
        ),
        (
            one(r#"{"type": "gap", "title": 5}"#),
            0,
            "suggestion 1 can't be read: invalid type: integer `5`, expected a string at line 1 column 26",
        ),
        (
            one(r#"{"type": "gap", "title": "A", "edits": [{"find": "nowhere", "replace": ""}]}"#),
            1,
            "suggestion 1 quotes what does not stand in the text",
        ),
        (
            one(
                r#"{"type": "gap", "title": "A", "edits": [{"find": "Be thorough.", "replace": ""}]}"#,
            ),
            1,
            "suggestion 1 quotes what does not stand in the text",
        ),
        (
            one(
                r#"{"type": "gap", "title": "A", "edits": [{"find": "Always mock", "replace": ""},
                    {"find": "mock the", "replace": ""}]}"#,
            ),
            1,
            "suggestion 1 quotes what does not stand in the text",
        ),
        (
            one(r#"{"type": "gap", "title": "A"}, {"type": "gap", "title": "a "}"#),
            1,
            "",
        ),
    ];
    for (answer, count, problem) in rows {
        let (found, problems) = read(&answer);
        assert_eq!(found.len(), count, "{answer}");
        assert_eq!(problems.join("; "), problem, "{answer}");
    }
}

#[test]
fn an_empty_list_is_an_answer() {
    // A text in which there is nothing to mend.
    assert_eq!(read(r#"{"suggestions": []}"#), (vec![], vec![]));
}

#[test]
fn an_answer_without_end_is_bounded() {
    let mut reader = Reader::new(TEXT);
    let _ = reader.feed("{");
    for _ in 0..40 {
        let _ = reader.feed(&"x".repeat(1 << 16));
        assert!(reader.answer.len() <= LONGEST + (1 << 16));
    }
    assert!(!reader.finish().is_empty());
    let many = r#"{"type": "gap", "title": "N"}"#;
    let many: String = (0..99).map(|n| many.replace('N', &n.to_string())).collect();
    let (found, problems) = read(&many);
    assert_eq!(found.len(), MOST);
    assert_eq!(problems, ["only the first 50 suggestions are shown"]);
}

proptest! {
    #[test]
    fn it_does_not_matter_how_an_answer_is_cut(cuts in prop::collection::vec(0..ANSWER.len(), 0..9)) {
        let mut cuts = cuts;
        cuts.sort_unstable();
        let mut reader = Reader::new(TEXT);
        let (mut found, mut at) = (Vec::new(), 0);
        for cut in cuts.into_iter().chain([ANSWER.len()]) {
            if ANSWER.is_char_boundary(cut) {
                found.extend(reader.feed(&ANSWER[at..cut]));
                at = cut;
            }
        }
        prop_assert_eq!((found, reader.finish()), read(ANSWER));
    }

    #[test]
    fn whatever_a_model_says_edits_fit_the_text(answer in "[{}\\[\\]\",: a-z]{0,80}", cut in 0..ANSWER.len()) {
        for answer in [answer, ANSWER[..cut].to_owned()] {
            for suggestion in read(&answer).0 {
                prop_assert!(apply(TEXT, &suggestion.edits).is_ok());
            }
        }
    }
}
