//! `promptstack suggest`: what it prints, and with which exit code.

use std::collections::BTreeSet;
use std::fs;

use expect_test::expect;

use crate::provider_server::ProviderServer;
use crate::{Shell, claude};

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

#[test]
fn a_configured_model_is_asked_beside_the_checks_and_dear_ones_only_with_yes() {
    let said = r#"{"suggestions":[{"type":"gap","title":"no goal","description":"Say why.","quote":"","edits":[]}]}"#;
    let server = ProviderServer::say(&claude::answer(said));
    let shell = shell(TEXT);
    let config = |more: &str| {
        let config = format!(
            "version: 1\nclaude_api_key: sk-test-0123456789\nclaude_base_url: {}\n{more}",
            server.url()
        );
        fs::create_dir_all(shell.home.path().join("stack")).expect("a folder");
        fs::write(shell.home.path().join("stack/config.yaml"), config).expect("a file");
    };
    let command = ["suggest", "prompt.md", "--json"];
    let with = |words: &[&'static str]| [&command[..], words].concat();
    config("cost_limits: { confirm_above: 0.0001 }\n");
    assert_eq!(shell.json(&command)["by"], "local", "nobody is named");
    let refused = shell.run(&with(&["--provider", "claude"]));
    let told = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(
        !refused.status.success()
            && told.contains("Ask claude-sonnet-5-5?")
            && told.contains("--yes agrees"),
        "{told}"
    );
    assert_eq!(server.requests().len(), 0);
    let json = shell.json(&with(&["--provider", "claude", "--yes"]));
    assert_eq!(json["by"], "claude-sonnet-5-5");
    assert_eq!(json["took"]["output"], 90);
    assert!(
        json["took"]["micro_usd"]
            .as_u64()
            .is_some_and(|cost| cost > 0),
        "{json:#}"
    );
    let suggestions = json["suggestions"].as_array().expect("a list");
    let of = |by: &str| suggestions.iter().filter(|it| it["by"] == by).count();
    assert!(of("local") >= 5 && of("claude-sonnet-5-5") == 1, "{json:#}");
    config("ai_provider: claude\n");
    assert_eq!(shell.json(&with(&["--provider", "local"]))["by"], "local");
    assert_eq!(shell.json(&command)["by"], "claude-sonnet-5-5");
}
