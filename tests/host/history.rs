//! The history over the contract: files written by hand, lists, searches, deletions, the rebuild.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

use serde_json::{Value as Json, json};

use crate::support::{Editor, Said};

/// A composition as a file has it; `n` tells it from others and says when it was begun.
struct Written<'a> {
    n: u8,
    head: &'a str,
    text: &'a str,
}

fn id(n: u8) -> String {
    format!("019aa000-0000-7000-8000-0000000000{n:02x}")
}

fn folder(editor: &Editor) -> PathBuf {
    editor.home.path().join("stack/data/.history")
}

fn write(editor: &Editor, written: &Written) {
    let Written { n, head, text } = written;
    let created = format!("2026-01-{:02}T12:00:00.000000Z", n + 1);
    let document = format!(
        "---\nid: {}\nsequence: 1\ncreated: {created}\nupdated: {created}\n{head}---\n{text}",
        id(*n)
    );
    fs::create_dir_all(folder(editor)).expect("a folder");
    let name = format!("2026-01-{:02}_12-00-00.md", n + 1);
    fs::write(folder(editor).join(name), document).expect("a file");
}

const SOME: &[Written] = &[
    Written {
        n: 0,
        head: "directory: \"/src/app\"\nsent:\n- {to: \"claude\", at: \"2026-01-02T00:00:00Z\"}\n",
        text: "Never use mocks.\n",
    },
    Written {
        n: 1,
        head: "draft: true\ndirectory: \"/src/app/sub\"\nname: \"tests\"\ntags:\n- \"api\"\n- \"rust\"\n",
        text: "Write tests for\nthe {{text:what}} and mock the größe.\n",
    },
    Written {
        n: 2,
        head: "directory: \"/elsewhere\"\n",
        text: "Something else.\n",
    },
];

/// A host that has the compositions in its index.
async fn with(some: &[Written<'_>]) -> Editor {
    let mut editor = Editor::start(&[]);
    for written in some {
        write(&editor, written);
    }
    let hello = editor.hello();
    editor.reply("host.hello", hello).await;
    indexed(&mut editor, some.len() as u64).await;
    editor
}

/// Asks until the index has so many, and nothing more is to be said of it.
async fn indexed(editor: &mut Editor, count: u64) {
    loop {
        let state = editor.reply("history.state", json!({})).await;
        if state["count"] == count && state.get("note").is_none() {
            return;
        }
    }
}

#[tokio::test]
async fn the_newest_come_first_with_all_that_a_row_shows() {
    let mut editor = with(SOME).await;
    let folder = folder(&editor).display().to_string();
    let reply = editor.reply("history.list", json!({ "query": "" })).await;
    let begun = |n: i64| 1_767_268_800 + n * 86_400;
    assert_eq!(
        reply,
        json!({
            "matching": 3,
            "all": 3,
            "ids": [id(2), id(1), id(0)],
            "times": [begun(2), begun(1), begun(0)],
            "directories": ["/elsewhere", "/src/app/sub", "/src/app"],
            "names": ["", "tests", ""],
            "previews": ["Something else.", "Write tests for the {{text:what}} and mock the größe.", "Never use mocks."],
            "positions": [[], [], []],
            "sizes": [16, 56, 17],
            "tags": ["", "api, rust", ""],
            "uses": [0, 0, 1],
            "drafts": [false, true, false],
            "folder": folder,
            "files": ["2026-01-03_12-00-00.md", "2026-01-02_12-00-00.md", "2026-01-01_12-00-00.md"],
        })
    );
    editor.hang_up().await;
}

#[tokio::test]
async fn a_project_or_drafts_alone_can_be_asked_for() {
    let mut editor = with(SOME).await;
    for (params, ids) in [
        (json!({ "query": "", "directory": "/src/app" }), vec![1, 0]),
        (json!({ "query": "", "directory": "/src/ap" }), vec![]),
        (json!({ "query": "", "drafts": true }), vec![1]),
        (
            json!({ "query": "mock*", "directory": "/src/app" }),
            vec![0, 1],
        ),
        (json!({ "query": "mock", "drafts": true }), vec![1]),
        (json!({ "query": "", "limit": 1 }), vec![2]),
    ] {
        let reply = editor.reply("history.list", params.clone()).await;
        let mut found: Vec<&str> = reply["ids"]
            .as_array()
            .expect("ids")
            .iter()
            .filter_map(Json::as_str)
            .collect();
        let mut wanted: Vec<String> = ids.iter().map(|n| id(*n)).collect();
        if params["query"] != "" {
            found.sort_unstable();
            wanted.sort_unstable();
        }
        assert_eq!(found, wanted, "{params}");
    }
    editor.hang_up().await;
}

#[tokio::test]
async fn a_search_shows_the_piece_that_it_found_and_where() {
    let mut editor = with(SOME).await;
    let reply = editor
        .reply("history.list", json!({ "query": "größ" }))
        .await;
    assert_eq!(reply["matching"], 1);
    assert_eq!(reply["all"], 3);
    let preview = reply["previews"][0].as_str().expect("a text");
    let found: String = reply["positions"][0]
        .as_array()
        .expect("offsets")
        .iter()
        .filter_map(|at| {
            preview[at.as_u64().expect("a number") as usize..]
                .chars()
                .next()
        })
        .collect();
    assert_eq!(found, "größe");
    // Whatever is typed is no error.
    for odd in [
        "\"",
        "NEAR(",
        "a AND",
        "*",
        "col:x",
        "'; DROP TABLE",
        "\u{0}",
    ] {
        editor.reply("history.list", json!({ "query": odd })).await;
    }
    editor.hang_up().await;
}

#[tokio::test]
async fn a_preview_has_what_is_known_and_marks_what_was_looked_for() {
    let mut editor = with(SOME).await;
    let reply = editor
        .reply(
            "history.preview",
            json!({ "id": id(1), "query": "\"for the\" mock" }),
        )
        .await;
    assert_eq!(
        reply["lines"],
        json!(["Write tests for", "the {{text:what}} and mock the größe."])
    );
    assert_eq!(reply["total"], 2);
    assert_eq!(reply["stops"][0]["name"], "what");
    assert_eq!(
        reply["hits"],
        json!([
            { "row": 0, "start": 12, "finish": 15 },
            { "row": 1, "start": 0, "finish": 3 },
            { "row": 1, "start": 22, "finish": 26 },
        ])
    );
    assert_eq!(reply["tags"], json!(["api", "rust"]));
    let reply = editor
        .reply("history.preview", json!({ "id": id(0) }))
        .await;
    assert_eq!(
        reply["sent"],
        json!([{ "to": "claude", "at": 1_767_312_000 }])
    );
    assert_eq!(reply["hits"], json!([]));
    let error = editor
        .error("history.preview", json!({ "id": id(9) }))
        .await;
    assert_eq!(error["kind"], "not_found");
    editor.hang_up().await;
}

#[tokio::test]
async fn what_is_deleted_is_gone_from_the_disk_and_from_the_index() {
    let mut editor = with(SOME).await;
    let reply = editor
        .reply("history.delete", json!({ "ids": [id(0), id(2)] }))
        .await;
    assert_eq!(reply["count"], 2);
    assert_eq!(reply["problems"], json!([]));
    let left: Vec<_> = fs::read_dir(folder(&editor))
        .expect("a folder")
        .map(|entry| {
            entry
                .expect("an entry")
                .file_name()
                .into_string()
                .expect("a name")
        })
        .filter(|name| !name.starts_with('.'))
        .collect();
    assert_eq!(left, ["2026-01-02_12-00-00.md"]);
    let state = editor.reply("history.state", json!({})).await;
    assert_eq!((&state["count"], &state["drafts"]), (&json!(1), &json!(1)));
    editor.hang_up().await;
}

#[tokio::test]
async fn a_clean_up_deletes_exactly_what_it_has_shown() {
    let mut editor = with(SOME).await;
    let shown = editor
        .reply("history.cleanup", json!({ "everything": true }))
        .await;
    assert_eq!(shown["count"], 2);
    assert_eq!(shown["spared"], 1);
    assert_eq!(
        shown["previews"],
        json!(["Something else.", "Never use mocks."])
    );
    editor
        .reply("history.delete", json!({ "ids": [id(2)] }))
        .await;
    let error = editor
        .error(
            "history.cleanup",
            json!({ "everything": true, "delete": shown["choice"] }),
        )
        .await;
    assert_eq!(error["kind"], "conflict");
    assert_eq!(editor.reply("history.state", json!({})).await["count"], 2);
    let shown = editor
        .reply(
            "history.cleanup",
            json!({ "since": "2026-01-01", "until": "2026-01-02" }),
        )
        .await;
    assert_eq!(shown["count"], 1);
    let gone = editor
        .reply(
            "history.cleanup",
            json!({ "since": "2026-01-01", "until": "2026-01-02", "delete": shown["choice"] }),
        )
        .await;
    assert_eq!(gone["count"], 1);
    let state = editor.reply("history.state", json!({})).await;
    assert_eq!((&state["count"], &state["drafts"]), (&json!(1), &json!(1)));
    editor.hang_up().await;
}

#[tokio::test]
async fn a_rebuild_says_how_far_it_is_and_what_could_not_be_read() {
    let mut editor = with(SOME).await;
    fs::write(
        folder(&editor).join("2026-01-09_12-00-00.md"),
        "no composition",
    )
    .expect("a file");
    let rebuild = editor.send("history.rebuild", json!({})).await;
    let mut parts = 0;
    let reply = loop {
        match editor.hear().await {
            Said::Part(of, _) if of == rebuild => parts += 1,
            Said::Reply(of, reply) if of == rebuild => break reply,
            Said::Error(of, error) if of == rebuild => panic!("{error}"),
            _ => {}
        }
    };
    assert!(parts > 0, "it says how far it is");
    assert_eq!(reply["count"], 3);
    let unreadable = reply["unreadable"].as_array().expect("lines");
    assert_eq!(unreadable.len(), 1, "{unreadable:?}");
    let line = unreadable[0].as_str().expect("a line");
    assert!(line.starts_with("2026-01-09_12-00-00.md: "), "{line}");
    assert!(PathBuf::from(reply["backup"].as_str().expect("a path")).exists());
    editor.hang_up().await;
}

#[tokio::test]
async fn an_index_that_is_far_off_is_told_of_once_and_can_be_used() {
    let mut editor = with(&SOME[..1]).await;
    editor.finish().await;
    while editor.hear_any().await.is_some() {}
    for n in 0..250_u32 {
        let text = format!(
            "---\nid: 019aa000-0000-7000-8000-00000001{n:04x}\nsequence: 1\ncreated: 2026-02-01T12:00:00Z\n---\ntext {n}\n"
        );
        fs::write(
            folder(&editor).join(format!("2026-02-01_12-00-00-{n}.md")),
            text,
        )
        .expect("a file");
    }
    let mut again = editor.again();
    let hello = again.hello();
    again.send("host.hello", hello).await;
    let told = loop {
        if let Said::Event(name, data) = again.hear().await
            && name == "history.out_of_sync"
        {
            break data;
        }
    };
    assert!(
        told["differences"].as_u64().expect("a number") >= 250,
        "{told}"
    );
    let state = again.reply("history.state", json!({})).await;
    assert_eq!(
        (&state["count"], &state["rebuild"]),
        (&json!(1), &json!(true))
    );
    let reply = again.reply("history.list", json!({ "query": "" })).await;
    assert_eq!(reply["matching"], 1);
    let note = reply["note"].as_str().expect("a note");
    assert!(note.contains(":Prompt rebuild"), "{note}");
    again.reply("history.rebuild", json!({})).await;
    let reply = again.reply("history.list", json!({ "query": "" })).await;
    assert_eq!((&reply["matching"], reply.get("note")), (&json!(251), None));
    again.hang_up().await;
}

#[tokio::test]
async fn a_history_that_can_not_be_read_is_an_error_and_not_empty() {
    let mut editor = Editor::start(&[]);
    write(&editor, &SOME[0]);
    // A folder that is none can't be listed, by root neither.
    let folder = folder(&editor);
    fs::remove_dir_all(&folder).expect("it is there");
    fs::write(&folder, "no folder").expect("a file");
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o600)).expect("a mode");
    let hello = editor.hello();
    editor.reply("host.hello", hello).await;
    for (method, params) in [
        ("history.list", json!({ "query": "" })),
        ("history.list", json!({ "query": "x" })),
        ("history.state", json!({})),
    ] {
        let error = editor.error(method, params).await;
        assert_eq!(error["kind"], "unavailable", "{error}");
        let message = error["message"].as_str().expect("words");
        assert!(message.contains(".history"), "{message}");
    }
    editor.hang_up().await;
}
