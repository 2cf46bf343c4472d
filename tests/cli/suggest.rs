//! `promptstack suggest`: what it prints, and with which exit code.

use std::collections::BTreeSet;
use std::fs;

use expect_test::expect;

use crate::Shell;

/// What the manual of the review shows, too.
const TEXT: &str = "Write integration tests for the payment API.\nAlways mock the network.\n\n\
                    Be thorough and handle errors appropriately.\n\nNever use mocks.\n\n\
                    Use {{text:framework}}.\n";

fn shell(text: &str) -> Shell {
    let shell = Shell::new(&[]);
    fs::write(shell.home.path().join("prompt.md"), text).expect("a file");
    shell
}

#[test]
fn what_could_be_better_is_said_without_a_key() {
    let shell = shell(TEXT);
    shell.check(&["suggest", "prompt.md"], expect![[r#"
        prompt.md:1:1: gap: no form of the answer is named (no-format)
            Say what the answer looks like and how long it is: a table, a list of five, a file, a patch.
        prompt.md:4:1: clarity: "Be thorough" can't be checked (vague)
            Say what has to be true at the end, or what has to be looked at.
        prompt.md:4:1: reformatting: 3 instructions would make a list (loose-list)
            As items they are seen to be as many as they are, and can be ticked off.
        prompt.md:4:31: clarity: "appropriately" can't be checked (vague)
            Say which, or by what it is decided.
        prompt.md:6:1: contradiction: "Always mock the network" against "Never use mocks" (contradiction)
            What lines 2 and 6 ask for can't both be done. Take one out, or say in which case each holds.
        prompt.md:6:1: clarity: "Never use mocks" leaves open what to do (negative-only)
            Say what to use in its place; what is only forbidden is replaced by a guess.
        prompt.md:8:5: gap: 'framework' is not filled (placeholder)
            It has no default, so the text can't be handed over. It takes a text.
        --- 0
    "#]]);
    let json = shell.json(&["suggest", "prompt.md", "--json"]);
    let suggestions = json["suggestions"].as_array().expect("a list");
    let kinds: BTreeSet<&str> = suggestions
        .iter()
        .filter_map(|it| it["type"].as_str())
        .collect();
    assert!(suggestions.len() >= 5 && kinds.len() >= 4, "{json:#}");
    for suggestion in suggestions {
        for edit in suggestion["edits"].as_array().expect("a list") {
            let [start, end] = [0, 1].map(|n| edit["bytes"][n].as_u64().expect("a place") as usize);
            assert_eq!(edit["expected"], TEXT[start..end], "{suggestion:#}");
        }
    }
}

#[test]
fn a_text_with_nothing_to_mend_and_one_that_is_not_there() {
    let shell = shell("Say hello.\n");
    shell.check(
        &["suggest", "prompt.md"],
        expect![[r#"
        --- 3
    "#]],
    );
    shell.check(
        &["suggest", "nowhere.md"],
        expect![[r#"
        --- 3
        promptstack: there is no file nowhere.md
    "#]],
    );
}

#[test]
fn a_reference_begins_where_its_file_is() {
    let shell = shell("");
    let folder = shell.home.path().join("below");
    fs::create_dir(&folder).expect("a folder");
    fs::write(folder.join("main.rs"), "fn main() {}\n").expect("a file");
    fs::write(folder.join("p.md"), "Look at @main.rs and at @lib.rs.\n").expect("a file");
    shell.check(
        &["suggest", "below/p.md"],
        expect![[r#"
        below/p.md:1:25: gap: there is no file lib.rs (missing-file)
            Correct the path, or take the reference out: it would be handed over as it stands.
        --- 0
    "#]],
    );
}
