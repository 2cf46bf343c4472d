//! What the two sides say to each other, rule by rule.

use serde_json::{Value as Json, json};

use crate::support::{Editor, Said, notification, to_lua};

const GREETING: &str =
    "---\ntitle: Say hello\ntags: [greeting]\n---\nHello {{text:name}}, meet {{list:friends}}\n";
const BROKEN: &str = "---\ntitle: Broken\n---\n{{text:a}} {{text:a}}\n";

#[tokio::test]
async fn the_first_request_must_be_hello() {
    let mut editor = Editor::start(&[]);
    let error = editor.error("library.search", json!({ "query": "" })).await;
    assert_eq!(error["kind"], "invalid_input");
    assert_eq!(error["message"], "the first request must be 'host.hello'");
    editor.hang_up().await;
}

#[tokio::test]
async fn a_mismatch_says_which_side_is_behind_and_what_to_do() {
    let current = env!("CARGO_PKG_VERSION");
    for (version, message, hint) in [
        (
            "99.0.0",
            format!("the host ({current}) is older than the plugin (99.0.0)"),
            "run :Prompt build",
        ),
        (
            "0.0.1",
            format!("the host ({current}) is newer than the plugin (0.0.1)"),
            "update the plugin and restart Neovim",
        ),
        (
            current,
            format!("the host was built from another revision of {current} than the plugin"),
            "run :Prompt build",
        ),
    ] {
        let mut editor = Editor::start(&[]);
        let mut hello = editor.hello();
        hello["version"] = version.into();
        hello["schema"] = "0000".into();
        let error = editor.error("host.hello", hello).await;
        assert_eq!(
            error,
            json!({ "kind": "conflict", "message": message, "hint": hint })
        );
        editor.hang_up().await;
    }
}

#[tokio::test]
async fn an_unknown_method_and_wrong_parameters_are_refused_in_words() {
    let mut editor = Editor::greeted(&[]).await;
    let error = editor.error("no.such", json!({})).await;
    assert_eq!(error["message"], "the host knows no request 'no.such'");
    let error = editor.error("library.get", json!({})).await;
    assert_eq!(
        error["message"],
        "'library.get' can't be called like this: missing field `id`"
    );
    editor.hang_up().await;
}

#[tokio::test]
async fn a_synchronous_request_is_refused_and_does_not_end_the_conversation() {
    let mut editor = Editor::greeted(&[]).await;
    let request = rmpv::Value::Array(vec![
        0.into(),
        9.into(),
        "library.search".into(),
        rmpv::Value::Array(vec![]),
    ]);
    let mut bytes = Vec::new();
    rmpv::encode::write_value(&mut bytes, &request).expect("memory takes everything");
    editor.write(&bytes).await;
    // The refusal is a response, which `hear` does not know: the next answer has to come all the same.
    let refusal = editor.hear_response().await;
    assert!(
        refusal.contains("must be sent as a notification"),
        "{refusal}"
    );
    editor.reply("config.project", json!({})).await;
    editor.hang_up().await;
}

#[tokio::test]
async fn a_prompt_is_found_read_and_inserted_and_its_use_is_announced() {
    let mut editor = Editor::greeted(&[("social/hello", GREETING)]).await;
    let inserted = editor
        .reply("library.insert", json!({ "id": "social/hello" }))
        .await;
    assert_eq!(
        inserted["lines"],
        json!(["Hello {{text:name}}, meet {{list:friends}}"])
    );
    assert_eq!(
        inserted["stops"],
        json!([
            { "row": 0, "start": 6, "finish": 19, "kind": "text", "name": "name", "options": [] },
            { "row": 0, "start": 26, "finish": 42, "kind": "list", "name": "friends", "options": [] },
        ])
    );
    let used = loop {
        match editor.hear().await {
            Said::Event(name, data) if name == "prompt.used" => break data,
            _ => {}
        }
    };
    assert_eq!(used, json!({ "id": "social/hello" }));
    let found = editor
        .reply("library.search", json!({ "query": "hello" }))
        .await;
    assert_eq!(found["ids"], json!(["social/hello"]));
    assert_eq!(found["positions"], json!([[4, 5, 6, 7, 8]]));
    editor.hang_up().await;
}

#[tokio::test]
async fn a_prompt_with_an_error_is_shown_but_not_inserted() {
    let mut editor = Editor::greeted(&[("broken", BROKEN)]).await;
    let shown = editor.reply("library.get", json!({ "id": "broken" })).await;
    assert_eq!(shown["problems"][0]["severity"], "error");
    let error = editor
        .error("library.insert", json!({ "id": "broken" }))
        .await;
    let message = error["message"].as_str().expect("a message");
    assert!(
        message.ends_with("broken.md:4:12: placeholder 'a' is defined twice (first at 4:1)"),
        "{message}"
    );
    editor.hang_up().await;
}

#[tokio::test]
async fn only_the_newest_of_several_searches_is_answered() {
    let mut editor = Editor::greeted(&[("hello", GREETING)]).await;
    editor
        .reply("library.complete", json!({ "query": "" }))
        .await;
    let mut burst = Vec::new();
    for id in 100..110u64 {
        burst.extend(notification(
            "library.search",
            vec![id.into(), to_lua(&json!({ "query": "h" }))],
        ));
    }
    editor.write(&burst).await;
    let marker = editor.send("config.project", json!({})).await;
    let mut answered = Vec::new();
    while !(answered.contains(&marker) && answered.contains(&109)) {
        if let Some(id) = editor.hear().await.id() {
            answered.push(id);
        }
    }
    answered.retain(|id| *id != marker);
    assert_eq!(answered, [109]);
    editor.hang_up().await;
}

#[tokio::test]
async fn a_cancelled_request_is_not_answered() {
    let mut editor = Editor::greeted(&[("hello", GREETING)]).await;
    let mut burst = notification(
        "library.get",
        vec![77.into(), to_lua(&json!({ "id": "hello" }))],
    );
    burst.extend(notification("cancel", vec![77.into()]));
    editor.write(&burst).await;
    let marker = editor.send("library.get", json!({ "id": "hello" })).await;
    loop {
        let said = editor.hear().await;
        assert_ne!(said.id(), Some(77), "{said:?}");
        if said.id() == Some(marker) {
            break;
        }
    }
    editor.hang_up().await;
}

#[tokio::test]
async fn the_check_of_a_library_comes_in_parts_and_ends_with_the_numbers() {
    let many: Vec<(String, String)> = (0..450)
        .map(|n| (format!("b{n:03}"), BROKEN.to_owned()))
        .collect();
    let prompts: Vec<(&str, &str)> = many
        .iter()
        .map(|(id, text)| (id.as_str(), text.as_str()))
        .collect();
    let mut editor = Editor::greeted(&prompts).await;
    let id = editor.send("library.validate", json!({})).await;
    let mut parts = Vec::new();
    let summary = loop {
        match editor.hear().await {
            Said::Part(of, data) if of == id => {
                parts.push(data["problems"].as_array().map_or(0, Vec::len));
            }
            Said::Reply(of, reply) if of == id => break reply,
            _ => {}
        }
    };
    assert_eq!(parts, [200, 200, 50]);
    assert_eq!(
        summary,
        json!({ "errors": 450, "warnings": 0, "files": 450, "checked": 450 })
    );
    editor.hang_up().await;
}

#[tokio::test]
async fn a_change_on_disk_is_announced() {
    let mut editor = Editor::greeted(&[("hello", GREETING)]).await;
    next_change(&mut editor).await;
    let folder = editor.home.path().join("stack/prompts");
    // The first may be found by the reading that follows the start of the watch, the second by
    // nothing but the watch.
    for (id, total) in [("first", 2), ("second", 3)] {
        std::fs::write(folder.join(format!("{id}.md")), GREETING).expect("a prompt");
        let change = next_change(&mut editor).await;
        assert_eq!(change["added"], json!([id]));
        assert_eq!(change["total"], total);
    }
    editor.hang_up().await;
}

async fn next_change(editor: &mut Editor) -> Json {
    loop {
        match editor.hear().await {
            Said::Event(name, data) if name == "library.changed" => return data,
            _ => {}
        }
    }
}

#[tokio::test]
async fn configuration_problems_come_with_hello_and_the_rest_works() {
    let mut editor = Editor::start(&[("hello", GREETING)]);
    let mut hello = editor.hello();
    hello["setup"] = json!({ "logging": { "level": "loud" }, "libary": {} });
    let reply = editor.reply("host.hello", hello).await;
    let problems = reply["problems"].as_array().expect("problems");
    assert_eq!(problems.len(), 2, "{problems:?}");
    assert!(
        problems.iter().all(|problem| problem["path"] == "setup()"),
        "{problems:?}"
    );
    assert_eq!(
        editor
            .reply("library.complete", json!({ "query": "hel" }))
            .await["ids"],
        json!(["hello"])
    );
    editor.hang_up().await;
}

#[tokio::test]
async fn what_neovim_says_of_a_failed_message_is_no_request() {
    let mut editor = Editor::greeted(&[]).await;
    let failed = notification("nvim_error_event", vec![0.into(), "E5108".into()]);
    editor.write(&failed).await;
    let id = editor.send("config.project", json!({})).await;
    loop {
        match editor.hear().await {
            Said::Event(..) => {}
            said => break assert_eq!(said.id(), Some(id), "{said:?}"),
        }
    }
    editor.hang_up().await;
}
