//! `promptstack select` and `promptstack eval`: what they print, and with which exit code.

use expect_test::expect;
use serde_json::json;

use crate::Shell;

fn shell() -> Shell {
    let shell = Shell::new(&[
        (
            "web/retry",
            "---\ntitle: Retry policy\ntags: [http]\n---\nIdempotency keys, backoff.\n",
        ),
        (
            "web/api",
            "---\ntitle: Document an API\ntags: [api]\nkeywords: swagger\n---\nEvery endpoint.\n",
        ),
        ("style", "---\ntitle: House style\n---\nShort sentences.\n"),
        ("broken", "api api api\n"),
    ]);
    let text = "Document the api: retries with idempotency, in the manner of `style`.\n";
    std::fs::write(shell.home.path().join("notes.md"), text).expect("a file");
    shell
}

#[test]
fn select_chooses_and_explains_and_never_takes_what_is_broken() {
    let shell = shell();
    shell.check(
        &["select", "notes.md"],
        expect![[r#"
        style      5 tok
        web/api    5 tok
        web/retry  12 tok
        --- 0
    "#]],
    );
    shell.check(
        &["select", "notes.md", "--explain"],
        expect![[r#"
            style      5 tok
                       0.4: named in the composition; title style
            web/api    5 tok
                       1.1: tag api; title document
            web/retry  12 tok
                       0.8: title retries; rare word idempotency
            --- 0
        "#]],
    );
    shell.check(
        &["select", "notes.md", "--explain", "--selector", "linear"],
        expect![[r#"
            style      5 tok
                       1.0: named in the composition; words style 1×
            web/api    5 tok
                       12.0: tag api; words api 1×, document 1×
            web/retry  12 tok
                       1.0: words idempotency 1×
            --- 0
        "#]],
    );
    let json = shell.json(&["select", "notes.md", "--json"]);
    assert_eq!(json["chosen"][0]["id"], json!("style"));
    assert_eq!(
        json["chosen"][0]["reasons"],
        json!(["named in the composition", "title style"])
    );
    assert_eq!(json["allowance"], json!(150_000));
}

#[test]
fn a_small_window_cuts_and_a_large_composition_is_told() {
    let long = format!(
        "---\ntitle: Long walrus\n---\n{}",
        "walrus words\n".repeat(900)
    );
    let shell = Shell::new(&[("long", &long)]);
    let home = shell.home.path();
    let config = "version: 1\nmodel: gpt-4o\ntokens: {window: 4000}\n";
    std::fs::write(home.join("stack/config.yaml"), config).expect("a file");
    std::fs::write(home.join("notes.md"), "walrus ".repeat(800)).expect("a file");
    shell.check(
        &["select", "notes.md"],
        expect![[r#"
        long  600 tok of 3,600, cut
        the composition is 601 tokens over a quarter of the window
        --- 0
    "#]],
    );
}

#[test]
fn nothing_that_fits_is_exit_code_3_as_is_no_such_file() {
    let shell = shell();
    std::fs::write(shell.home.path().join("empty.md"), "the of and\n").expect("a file");
    shell.check(
        &["select", "empty.md"],
        expect![[r#"
        --- 3
    "#]],
    );
    shell.check(
        &["select", "nowhere.md"],
        expect![[r#"
        --- 3
        promptstack: there is no file nowhere.md
    "#]],
    );
}

#[test]
fn eval_measures_a_folder_and_names_it_by_its_contents() {
    let shell = Shell::new(&[]);
    let folder = shell.home.path().join("prompts");
    std::fs::create_dir_all(&folder).expect("a folder");
    for (name, text) in [
        (
            "a.md",
            "---\ntitle: Alpha\ndescription: alpha zebra\n---\nnothing\n",
        ),
        (
            "b.md",
            "---\ntitle: Beta\ndescription: a walrus\n---\nwalrus\n",
        ),
        ("c.md", "---\ntitle: Gamma\n---\nzebra\n"),
    ] {
        std::fs::write(folder.join(name), text).expect("a file");
    }
    shell.check(&["eval", "prompts"], expect![[r#"
        3 prompts, 2 with a description, SHA-256 afb07ddbd95321f88c4baf7017fba3c0b2b424aeee5256f7976c00504a6b5661

        selector  question  recall@1  recall@5    MRR
        linear    plain        1.000     1.000  1.000
        linear    masked       0.500     0.500  0.500
        ranked    plain        1.000     1.000  1.000
        ranked    masked       0.500     0.500  0.500
        --- 0
    "#]]);
    let moved = shell.home.path().join("moved");
    let before = shell.json(&["eval", "prompts", "--json"]);
    std::fs::rename(&folder, &moved).expect("it moves");
    assert_eq!(before, shell.json(&["eval", "./moved/", "--json"]));
    std::fs::write(moved.join("c.md"), "---\ntitle: Gamma\n---\nother\n").expect("a file");
    let after = shell.json(&["eval", "moved", "--json"]);
    assert_ne!(before["sha256"], after["sha256"]);
    shell.check(
        &["eval", "nowhere"],
        expect![[r#"
        --- 3
        promptstack: no prompt under nowhere has a description
    "#]],
    );
}
