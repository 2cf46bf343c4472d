//! The rules as a whole: their examples, their fixes, and what they must leave alone.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use proptest::prelude::*;

use super::*;

fn checked(text: &str) -> Vec<Suggestion> {
    check_with(text, &[])
}

/// Only `src/main.rs` and `docs/plan.md` exist, and their folders.
fn check_with(text: &str, off: &[String]) -> Vec<Suggestion> {
    let exists = |path: &str| ["src", "src/main.rs", "docs", "docs/plan.md"].contains(&path);
    check(
        text,
        &Around {
            exists: &exists,
            off,
        },
    )
}

/// What was found: the rule and the words that it points at.
fn shown(text: &str, found: &[Suggestion]) -> Vec<String> {
    let place = |it: &Suggestion| text[it.place.clone().unwrap()].to_owned();
    let rule = |it: &Suggestion| it.rule.unwrap();
    found
        .iter()
        .map(|it| format!("{}: {}", rule(it), place(it)))
        .collect()
}

pub(super) fn rows(rows: &[(&str, &[&str])]) {
    for (text, expected) in rows {
        assert_eq!(shown(text, &checked(text)), *expected, "{text:?}");
    }
}

/// What the rules find in a text.
pub(super) fn found(text: &str) -> Vec<String> {
    shown(text, &checked(text))
}

/// The text with what a rule offers done.
pub(super) fn fixed(text: &str, rule: &str) -> String {
    let found = checked(text);
    let found = found.iter().filter(|it| it.rule == Some(rule));
    let edits: Vec<Edit> = found.flat_map(|it| it.edits.clone()).collect();
    edited(text, &edits)
}

/// The text with the edits done, each of which must fit it and follow the one before.
fn edited(text: &str, edits: &[Edit]) -> String {
    let (mut new, mut at) = (String::new(), 0);
    for edit in edits {
        assert!(edit.range.start >= at, "out of order: {edits:?}");
        assert_eq!(
            text[edit.range.clone()],
            edit.expected,
            "{edit:?} of {text:?}"
        );
        new += &text[at..edit.range.start];
        new += &edit.text;
        at = edit.range.end;
    }
    new + &text[at..]
}

const DEMO: &str = "Write integration tests for the payment API.\nAlways mock the network.\n\n\
    Be thorough and handle errors appropriately.\n\nNever use mocks.\n\nUse {{text:framework}}.\n";

#[test]
fn the_text_of_the_demo_has_five_things_of_four_kinds() {
    let found = checked(DEMO);
    expect_test::expect![[r#"
        gap no-format: no form of the answer is named
        clarity vague: "Be thorough" can't be checked
        reformatting loose-list: 3 instructions would make a list
        clarity vague: "appropriately" can't be checked
        contradiction contradiction: "Always mock the network" against "Never use mocks"
        clarity negative-only: "Never use mocks" leaves open what to do
        gap placeholder: 'framework' is not filled
    "#]]
    .assert_eq(
        &found
            .iter()
            .map(|it| format!("{} {}: {}\n", it.kind.word(), it.rule.unwrap(), it.title))
            .collect::<String>(),
    );
    let kinds: BTreeSet<_> = found.iter().map(|it| it.kind).collect();
    assert!(found.len() >= 5 && kinds.len() >= 4, "{found:#?}");
    let both = found
        .iter()
        .find(|it| it.rule == Some("contradiction"))
        .unwrap();
    assert!(
        both.description.contains("lines 2 and 6"),
        "{}",
        both.description
    );
}

#[test]
fn the_example_of_each_rule_is_found_by_it_alone_and_its_fix_settles_it() {
    assert!(RULES.len() >= 15);
    let ids: BTreeSet<_> = RULES.iter().map(|rule| rule.id).collect();
    assert_eq!(ids.len(), RULES.len(), "an id is given twice");
    for rule in RULES {
        let found = checked(rule.example);
        assert_eq!(
            shown(rule.example, &found),
            [format!("{}: {}", rule.id, rule.found)],
            "{}",
            rule.example
        );
        assert_eq!(found[0].kind, rule.kind);
        if !found[0].edits.is_empty() {
            let fixed = edited(rule.example, &found[0].edits);
            assert_eq!(shown(&fixed, &checked(&fixed)), [""; 0], "{fixed}");
        }
    }
}

#[test]
fn sound_texts_are_left_alone() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/sound");
    let mut texts = 0;
    let mut wrong = String::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let text = fs::read_to_string(&path).unwrap();
        for it in shown(&text, &checked(&text)) {
            wrong += &format!("{}: {it}\n", path.display());
        }
        texts += 1;
    }
    assert!(texts >= 28, "{texts} texts");
    assert_eq!(wrong, "");
}

#[test]
fn the_starter_prompts_hold_nothing_but_what_is_to_be_filled() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("starter");
    let mut wrong = String::new();
    let off = ["placeholder".to_owned()];
    for folder in fs::read_dir(root).unwrap() {
        for entry in fs::read_dir(folder.unwrap().path()).unwrap() {
            let path = entry.unwrap().path();
            let text = fs::read_to_string(&path).unwrap();
            for it in shown(&text, &check_with(&text, &off)) {
                wrong += &format!("{}: {it}\n", path.display());
            }
        }
    }
    assert_eq!(wrong, "");
}

#[test]
fn no_rule_looks_into_code_quotations_and_front_matter() {
    for rule in RULES.iter().filter(|rule| rule.id != "unclosed-fence") {
        let example = rule.example.trim_end();
        let quoted: String = example.lines().map(|line| format!("> {line}\n")).collect();
        let sentence = rule.example.replace('\n', " ");
        for text in [
            format!("````text\n{example}\n````\n"),
            format!("---\n{example}\n---\n"),
            format!("`{}`\n", sentence.trim_end()),
            quoted,
        ] {
            assert_eq!(shown(&text, &checked(&text)), [""; 0], "{text}");
        }
    }
}

#[test]
fn a_rule_is_switched_off_by_the_configuration_the_text_or_its_line() {
    for rule in RULES {
        let text = rule.example;
        let off = [rule.id.to_owned()];
        assert_eq!(check_with(text, &off), [], "{}", rule.id);
        let text = format!("<!-- promptstack: off other, {} -->\n{text}", rule.id);
        let found = checked(&text);
        let left: Vec<_> = found.iter().filter(|it| it.rule == Some(rule.id)).collect();
        // The comment itself names a rule that there is not.
        let expected = usize::from(rule.id == "unknown-rule");
        assert!(left.len() <= expected, "{}: {left:?}", rule.id);
    }
    rows(&[
        (
            "Handle it properly. <!-- promptstack-ignore vague -->\nHandle that properly.",
            &["vague: properly"],
        ),
        (
            "<!-- promptstack-ignore vague, todo -->\nHandle it properly.\nHandle that properly.",
            &["vague: properly"],
        ),
        (
            "<!-- promptstack: off vague -->\n\nHandle it properly.",
            &[],
        ),
        (
            "`<!-- promptstack: off vague -->`\n\nHandle it properly.",
            &["vague: properly"],
        ),
        (
            "<!-- promptstack-ignore zzz -->\nRead this.",
            &["unknown-rule: zzz"],
        ),
    ]);
}

#[test]
fn short_texts_are_not_asked_for_a_goal_or_a_form() {
    rows(&[
        ("Explain this.", &[]),
        ("The parser is slow.", &[]),
        ("Hello there", &[]),
        ("", &[]),
        ("\n\n", &[]),
    ]);
}

#[test]
fn an_unfilled_placeholder_is_named_once_and_one_with_a_default_never() {
    rows(&[
        (
            "Port {{text:a}} and {{text:a}} to {{text:b=Rust}}.",
            &["placeholder: {{text:a}}"],
        ),
        ("Show `{{text:a}}`.", &[]),
        (
            "Use {{choice:c=x|y}}, {{list:d}}.",
            &["placeholder: {{choice:c=x|y}}", "placeholder: {{list:d}}"],
        ),
    ]);
}

#[test]
fn what_excludes_each_other_contradicts_and_what_names_a_case_does_not() {
    let against = |text: &str| {
        let found = checked(text);
        found
            .iter()
            .filter(|it| it.rule == Some("contradiction"))
            .count()
    };
    let rows = [
        ("Always mock the network.\nNever use mocks.", 1),
        ("Always mock the network.\nDon't mock it.", 1),
        ("Add comments.\n\nDo not add comments.", 1),
        ("Be brief.\nExplain in detail.", 1),
        ("- Keep it short\n- Explain everything", 1),
        ("Use a formal tone.\n\nWrite in a casual style.", 1),
        ("Return only JSON.\nExplain your reasoning.", 1),
        ("Ask clarifying questions. Do not ask questions.", 1),
        ("Never use mocks.\nAlways use mock objects for time.", 0),
        ("Always run the tests.\nNever run the migrations.", 0),
        ("Always run `make test`.\nNever run `make deploy`.", 0),
        ("Write the parser.\nDo not write code yet.", 0),
        (
            "Use mocks for the network.\nNever use mocks for the clock.",
            0,
        ),
        ("Be brief, except where I ask.\nExplain in detail.", 0),
        ("Write the commit message.\nNever commit.", 0),
        ("Mock the network.\nUse mocks.", 0),
        ("Never log keys.\n\nBad ideas:\n\n- Log keys\n", 0),
    ];
    for (text, expected) in rows {
        assert_eq!(against(text), expected, "{text}");
    }
}

#[test]
fn references_and_links_are_asked_for_where_they_are_files_for_certain() {
    rows(&[
        ("Read @src/main.rs:3-9 and [it](docs/plan.md#now).", &[]),
        (
            "Read (@src/mian.rs:3) now.",
            &["missing-file: @src/mian.rs:3"],
        ),
        ("Ask @someone about @types/node or @org/pkg.", &[]),
        ("See [the plan](plan.md).", &["missing-file: plan.md"]),
        (
            "See [a](https://a.example/x.md), [b](#there), [c](mailto:x@y.example).",
            &[],
        ),
    ]);
}

#[test]
fn lists_are_counted_each_for_itself() {
    rows(&[
        ("1. a\n1. b\n1. c", &[]),
        ("3. a\n4. b", &[]),
        ("1. a\n   - x\n   - y\n2. b\n\n   more\n\n3. c", &[]),
        ("1. a\n2. b\n\nText.\n\n1. c\n2. d", &[]),
        ("1. a\n   1. b\n   2. c\n2. d", &[]),
        ("1. a\n3. b\n4. c", &["numbering: 3"]),
        ("1. a\n```\nx\n```\n2. b", &[]),
        ("- a\n  * b\n  * c\n- d", &[]),
        ("- a\n- b\n\n* c\n* d", &[]),
        ("- a\n  * b\n  - c", &["mixed-bullets: -"]),
    ]);
}

#[test]
fn an_instruction_said_twice_goes_with_its_line_and_no_other() {
    let fixed = |text: &str| {
        let found = checked(text);
        let twice = found.iter().find(|it| it.rule == Some("duplicate"));
        edited(text, &twice.expect("said twice").edits)
    };
    let given = [
        (
            "- Keep the public names.\n- Run it.\n- **Keep the public names.**\n- Stop.\n",
            "- Keep the public names.\n- Run it.\n- Stop.\n",
        ),
        (
            "Keep the public names.\n\nKeep the public names.\n\nRun it.\n",
            "Keep the public names.\n\nRun it.\n",
        ),
        (
            "Keep the public names. Run it.\nKeep the public names. Stop.",
            "Keep the public names. Run it. Stop.",
        ),
    ];
    for (text, expected) in given {
        assert_eq!(fixed(text), expected);
    }
    rows(&[
        ("Run the tests.\nStop.\nRun the tests.", &[]),
        (
            "Run `make first build now`.\nRun `make second build now`.",
            &[],
        ),
        (
            "Fix this. The cache holds old rows. Again: The cache holds old rows.",
            &[],
        ),
    ]);
}

#[test]
fn brackets_and_tags_are_paired_over_lines_and_around_code() {
    rows(&[
        ("Read (see `a)` and\nthe rest) it.", &[]),
        ("Read [the\nplan](docs/plan.md) :( now", &[]),
        ("1) a\n2) b", &[]),
        ("Write <name> and <b>bold</b>.", &[]),
        ("<doc>\n\ntext\n\n</doc>", &[]),
        ("<doc>\n<a>\ntext\n</doc>", &["unclosed-tag: <a>"]),
        ("text\n</doc>", &["unclosed-tag: </doc>"]),
        ("Read [the plan.", &["unclosed-bracket: ["]),
    ]);
}

#[test]
fn a_note_to_oneself_is_told_from_a_text_about_such_notes() {
    rows(&[
        ("Find each TODO in the code and list them.", &[]),
        ("List all FIXME comments.", &[]),
        ("- TODO: write this", &["todo: TODO"]),
        ("The deadline is TBD.", &["todo: TBD"]),
    ]);
}

#[test]
fn each_rule_is_in_the_manual() {
    let manual = Path::new(env!("CARGO_MANIFEST_DIR")).join("doc/promptstack.txt");
    let manual = fs::read_to_string(manual).unwrap();
    assert!(manual.contains("*promptstack-checks*"));
    for rule in RULES {
        let tag = format!("*promptstack-rule-{}*", rule.id);
        assert!(manual.contains(&tag), "no {tag}");
    }
}

proptest! {
    #[test]
    fn any_text_is_checked_the_same_twice_and_its_places_lie_in_it(
        parts in prop::collection::vec(
            prop_oneof![
                Just("- "), Just("1. "), Just("3) "), Just("# "), Just("### "), Just("```\n"), Just("`"),
                Just("\n"), Just("\n\n"), Just("> "), Just("<a>"), Just("</a>"), Just("<!-- "), Just(" -->"),
                Just("promptstack-ignore vague"), Just("{{text:a}}"), Just("("), Just("["), Just("]("),
                Just("\""), Just("„"), Just("“"), Just("Never use mocks."), Just("Use mocks. "), Just("ä"),
                Just("。"), Just("the the "), Just("TODO: "), Just("---\n"), Just("@a/b.rs "), Just("|"),
                Just("’"), Just("    "), Just("\t"), Just("\r\n"), Just("Be brief. "), Just("etc. "),
            ],
            0..40,
        )
    ) {
        let text = parts.concat();
        let found = checked(&text);
        prop_assert_eq!(&found, &checked(&text));
        let mut last = 0;
        for it in &found {
            let place = it.place.clone().unwrap();
            prop_assert!(place.start >= last && text.get(place.clone()).is_some(), "{:?}", it);
            last = place.start;
            edited(&text, &it.edits);
        }
    }
}
