//! `promptstack history`

use expect_test::expect;
use serde_json::Value as Json;

use crate::Shell;

const IDS: [&str; 2] = [
    "01930000-0000-7000-8000-000000000001",
    "01940000-0000-7000-8000-000000000002",
];

/// A history of two compositions.
fn shell() -> Shell {
    let shell = Shell::new(&[]);
    let folder = shell.home.path().join("stack/data/.history");
    std::fs::create_dir_all(&folder).expect("folders");
    for (n, (id, text)) in IDS
        .iter()
        .zip(["Plan the retry policy\n", "Write a changelog"])
        .enumerate()
    {
        let file = format!("2026-11-0{}_10-00-00.md", n + 1);
        let head = format!(
            "---\nid: {id}\nsequence: 1\ncreated: 2026-11-0{0}T10:00:00Z\nupdated: 2026-11-0{0}T10:00:00Z\n\
             directory: /project/{0}\ndraft: {1}\n---\n",
            n + 1,
            n == 0
        );
        std::fs::write(folder.join(file), head + text).expect("a file");
    }
    shell
}

fn json(shell: &Shell, args: &[&str]) -> Json {
    let output = shell.run(args);
    serde_json::from_slice(&output.stdout).unwrap_or_else(|e| panic!("{e}: {output:?}"))
}

#[test]
fn compositions_are_listed_newest_first_and_found_by_their_text() {
    let shell = shell();
    let previews = |args: &[&str]| -> Vec<String> {
        let rows = json(&shell, args);
        let rows = rows.as_array().expect("rows").iter();
        rows.map(|row| row["preview"].as_str().expect("text").to_owned())
            .collect()
    };
    let (plan, changelog) = (
        "Plan the retry policy".to_owned(),
        "Write a changelog".to_owned(),
    );
    assert_eq!(
        previews(&["history", "list", "--json"]),
        [changelog.clone(), plan.clone()]
    );
    assert_eq!(
        previews(&["history", "list", "--drafts", "--json"]),
        std::slice::from_ref(&plan)
    );
    assert_eq!(
        previews(&["history", "search", "retry", "pol", "--json"]),
        [plan]
    );
    shell.check(
        &["history", "search", "nowhere"],
        expect![[r#"
            --- 3
        "#]],
    );
}

#[test]
fn one_is_shown_by_the_beginning_of_its_id() {
    let shell = shell();
    shell.check(
        &["history", "show", "0193"],
        expect![[r#"
            Plan the retry policy
            --- 0
        "#]],
    );
    shell.check(
        &["history", "show", "019"],
        expect![[r#"
            --- 2
            promptstack: '019' is the beginning of 2 ids (give more of it)
        "#]],
    );
    let shown = json(&shell, &["history", "show", IDS[1], "--json"]);
    assert_eq!(
        (&shown["text"], &shown["draft"]),
        (&"Write a changelog".into(), &false.into())
    );
}

#[test]
fn deleting_asks_and_is_for_good() {
    let shell = shell();
    shell.check(
        &["history", "delete", IDS[0]],
        expect![[r#"
            --- 2
            promptstack: nobody can be asked here (--yes deletes without asking)
        "#]],
    );
    assert_eq!(
        json(&shell, &["history", "delete", IDS[0], "--yes", "--json"])["count"],
        1
    );
    assert_eq!(json(&shell, &["history", "stats", "--json"])["count"], 1);
    shell.check(
        &["history", "show", IDS[0]],
        expect![[r#"
            --- 3
            promptstack: there is no composition 01930000-0000-7000-8000-000000000001
        "#]],
    );
}

#[test]
fn the_index_is_made_anew_and_everything_is_exported() {
    let shell = shell();
    assert_eq!(json(&shell, &["history", "rebuild", "--json"])["count"], 2);
    let lines = shell.run(&["history", "export"]).stdout;
    let lines = String::from_utf8(lines).expect("UTF-8");
    let texts: Vec<Json> = lines
        .lines()
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect();
    assert_eq!(texts.len(), 2);
    let folder = shell.home.path().join("out");
    let code = shell
        .run(&["history", "export", &folder.display().to_string()])
        .status
        .code();
    assert_eq!(code, Some(0));
    let text = std::fs::read_to_string(folder.join("2026-11-02_10-00-00.md")).expect("a file");
    assert_eq!(text, "Write a changelog");
}
