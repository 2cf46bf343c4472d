//! The review over the contract, with a model that a server plays.

use serde_json::{Value as Json, json};

use crate::claude;
use crate::provider_server::{Act, ProviderServer};
use crate::support::{Editor, Said};

const LINES: [&str; 2] = ["Write tests for the API.", "Never use mocks."];

/// A host whose models are played, and the hello is said.
async fn with(server: &ProviderServer, more: &str) -> Editor {
    let prompt = "---\ntitle: Tests\ntags: [tests]\n---\nWrite tests first.\n";
    let mut editor = Editor::start(&[("rules/tests", prompt)]);
    let config = format!(
        "version: 1\nai_provider: claude\nclaude_api_key: sk-test-0123456789\nclaude_base_url: {}\n{more}",
        server.url()
    );
    std::fs::write(editor.home.path().join("stack/config.yaml"), config).expect("a file");
    let hello = editor.hello();
    let reply = editor.reply("host.hello", hello).await;
    assert_eq!(reply["problems"], json!([]));
    editor
}

/// The parts of a review and its end.
async fn review(editor: &mut Editor, params: Json) -> (Vec<Json>, Result<Json, Json>) {
    let mut all = json!({ "lines": LINES, "directory": "/" });
    let given = params.as_object().expect("an object").clone();
    all.as_object_mut().expect("an object").extend(given);
    let id = editor.send("review.suggest", all).await;
    let mut parts = Vec::new();
    loop {
        match editor.hear().await {
            Said::Part(of, part) if of == id => parts.push(part),
            Said::Reply(of, reply) if of == id => return (parts, Ok(reply)),
            Said::Error(of, error) if of == id => return (parts, Err(error)),
            _ => {}
        }
    }
}

/// Which parts came, each by its only field, those of one sort in a row once.
fn sorts(parts: &[Json]) -> Vec<String> {
    let mut sorts: Vec<String> = parts
        .iter()
        .map(|part| {
            let suggestion = &part["suggestion"]["by"];
            let field = part.as_object().and_then(|it| it.keys().next().cloned());
            suggestion
                .as_str()
                .map_or(field.unwrap_or_default(), str::to_owned)
        })
        .collect();
    sorts.dedup();
    sorts
}

fn said() -> Vec<u8> {
    claude::answer(
        r#"{"suggestions":[{"type":"clarity","title":"mocks","description":"Which?","quote":"","edits":[{"find":"Never","replace":"Seldom","line":2}]},{"type":"gap","title":"lost"},{"title":3}]}"#,
    )
}

#[tokio::test]
async fn the_checks_come_first_then_who_is_asked_what_goes_along_and_what_it_says() {
    let server = ProviderServer::say(&said());
    let mut editor = with(&server, "").await;
    let (parts, reply) = review(&mut editor, json!({})).await;
    assert_eq!(
        sorts(&parts),
        ["local", "asked", "context", "claude-sonnet-5-5"]
    );
    let context = parts
        .iter()
        .find(|part| part["context"].is_object())
        .expect("a context");
    let companion = &context["context"]["chosen"][0];
    assert_eq!(
        (&companion["id"], &companion["off"]),
        (&json!("rules/tests"), &json!(false))
    );
    let mocks = parts
        .iter()
        .find(|part| part["suggestion"]["title"] == "mocks")
        .expect("it");
    assert_eq!(
        mocks["suggestion"]["edits"][0],
        json!({ "start_row": 1, "start_col": 0, "end_row": 1, "end_col": 5, "expected": ["Never"], "lines": ["Seldom"] })
    );
    let reply = reply.expect("an answer");
    assert_eq!(
        (&reply["by"], &reply["finds_changes"]),
        (&json!("claude-sonnet-5-5"), &json!(true))
    );
    assert_eq!(
        (&reply["took"]["input"], &reply["took"]["output"]),
        (&json!(800), &json!(90))
    );
    assert!(
        reply["took"]["cost"]
            .as_str()
            .is_some_and(|cost| cost.starts_with("$0.0"))
    );
    assert_eq!(
        reply["problems"].as_array().map(Vec::len),
        Some(1),
        "{reply}"
    );
    // The same again is free, unless it has to be fresh or the context is another.
    let (_, again) = review(&mut editor, json!({})).await;
    assert_eq!(again.expect("an answer")["took"]["cost"], "$0.00");
    assert_eq!(server.requests().len(), 1);
    review(&mut editor, json!({ "fresh": true }))
        .await
        .1
        .expect("an answer");
    review(&mut editor, json!({ "without": ["rules/tests"] }))
        .await
        .1
        .expect("an answer");
    let sent = server.requests();
    assert_eq!(sent.len(), 2);
    assert!(sent[0].contains("Write tests first.") && !sent[1].contains("Write tests first."));
    editor.hang_up().await;
}

#[tokio::test]
async fn nothing_is_sent_for_the_checks_alone_before_a_yes_or_of_what_is_too_large() {
    let server = ProviderServer::say(&said());
    let mut editor = with(&server, "cost_limits: { confirm_above: 0.0001 }\n").await;
    let (parts, reply) = review(&mut editor, json!({ "by": "local" })).await;
    assert_eq!(
        (sorts(&parts), &reply.expect("an answer")["by"]),
        (vec!["local".to_owned()], &json!("local"))
    );
    let (_, reply) = review(&mut editor, json!({})).await;
    let question = reply.expect("an answer")["confirm"].clone();
    assert!(
        question
            .as_str()
            .is_some_and(|it| it.starts_with("Ask claude-sonnet-5-5? ~")),
        "{question}"
    );
    let wanted = json!({ "lines": LINES, "title": "t", "description": "d" });
    let reply = editor.reply("review.apply", wanted).await;
    assert!(
        reply["confirm"].is_string() && reply["edits"] == json!([]),
        "{reply}"
    );
    let large = json!({ "lines": vec!["many words of a text that does not end"; 60_000], "confirmed": true });
    let (parts, reply) = review(&mut editor, large).await;
    assert_eq!(sorts(&parts), ["local"]);
    let error = reply.expect_err("too large");
    assert!(
        error["message"]
            .as_str()
            .is_some_and(|it| it.contains("not sent: ")),
        "{error}"
    );
    assert_eq!(server.requests().len(), 0);
    editor.hang_up().await;
}

#[tokio::test]
async fn a_change_is_made_of_a_whole_answer_only() {
    let change = r#"{"edits":[{"find":"Never","replace":"Seldom","line":2}]}"#;
    let cut = claude::begin() + &claude::piece(change) + &claude::end("max_tokens");
    let server = ProviderServer::playing(vec![
        vec![Act::Send(cut.into_bytes())],
        vec![Act::Send(claude::answer(change))],
    ]);
    let mut editor = with(&server, "").await;
    let wanted = json!({ "lines": LINES, "title": "t", "description": "d" });
    let error = editor.error("review.apply", wanted.clone()).await;
    assert!(
        error["message"]
            .as_str()
            .is_some_and(|it| it.contains("the answer was cut")),
        "{error}"
    );
    let reply = editor.reply("review.apply", wanted).await;
    assert_eq!(
        reply["edits"],
        json!([{ "start_row": 1, "start_col": 0, "end_row": 1, "end_col": 16, "expected": ["Never use mocks."], "lines": ["Seldom use mocks."] }])
    );
    editor.hang_up().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cancelled_review_hangs_up_on_the_model() {
    let server = ProviderServer::start(vec![Act::Hold]);
    let mut editor = with(&server, "").await;
    let params = json!({ "lines": LINES, "directory": "/" });
    let id = editor.send("review.suggest", params).await;
    loop {
        match editor.hear().await {
            Said::Part(of, part) if of == id && part["context"].is_object() => break,
            _ => {}
        }
    }
    server.request();
    let bytes = crate::support::notification("cancel", vec![id.into()]);
    editor.write(&bytes).await;
    server.wait_for_hang_up();
    editor.hang_up().await;
}

#[tokio::test]
async fn a_prompt_of_the_library_that_fits_is_recommended_unless_it_is_there_or_unwanted() {
    let prompt = |title: &str, line: &str| format!("---\ntitle: {title}\n---\n{line}\n");
    let mut editor = Editor::start(&[
        (
            "rules/a",
            &prompt("Integration tests", "Mock nothing but the network itself."),
        ),
        ("rules/b", &prompt("Public interfaces", "Keep all of them.")),
        ("rules/c", &prompt("Release notes", "Say what is new.")),
    ]);
    let hello = editor.hello();
    editor.reply("host.hello", hello).await;
    let text = "Write integration tests for the API.";
    for (more, expected) in [
        ("", &["rules/a"][..]),
        ("It is public.", &["rules/a"]),
        ("Mock nothing but the network itself.", &[]),
        ("As in rules/a.", &[]),
        ("<!-- promptstack: off library -->", &[]),
    ] {
        let lines = json!({ "lines": [text, more] });
        let (parts, reply) = review(&mut editor, lines).await;
        assert_eq!(reply.expect("a review")["by"], "local");
        let found = parts
            .iter()
            .filter_map(|part| part["suggestion"]["prompt"].as_str());
        assert_eq!(found.collect::<Vec<_>>(), expected, "{more}");
    }
    editor.hang_up().await;
}

#[tokio::test]
async fn compositions_of_the_last_days_go_along_only_where_that_is_wanted() {
    for (more, expected) in [("", 0), ("review: { history: true }\n", 1)] {
        let server = ProviderServer::say(&said());
        let mut editor = with(&server, more).await;
        let now = jiff::Timestamp::now();
        for (name, days, text) in [
            ("new", 2, "The payment API answers 402 for each test card."),
            ("old", 40, "The payment API is tested by hand."),
            ("same", 1, "Write tests for the API.\nNever use mocks."),
        ] {
            let at = now - jiff::SignedDuration::from_hours(24 * days);
            let folder = editor.home.path().join("stack/data/.history");
            std::fs::create_dir_all(&folder).expect("a folder");
            let id = uuid::Uuid::now_v7();
            let file =
                format!("---\nid: {id}\nsequence: 1\ncreated: {at}\nupdated: {at}\n---\n{text}");
            std::fs::write(folder.join(format!("{name}.md")), file).expect("a file");
        }
        editor.reply("history.rebuild", json!({})).await;
        let (parts, reply) = review(&mut editor, json!({ "confirmed": true })).await;
        reply.expect("a review");
        let chosen = parts
            .iter()
            .filter_map(|part| part["context"]["chosen"].as_array());
        let past: Vec<&Json> = chosen
            .flatten()
            .filter(|it| {
                it["id"]
                    .as_str()
                    .is_some_and(|id| id.starts_with("history/"))
            })
            .collect();
        assert_eq!(past.len(), expected, "{past:?}");
        let sent = server.requests().concat();
        assert_eq!(sent.contains("answers 402"), expected == 1, "{sent}");
        assert!(!sent.contains("tested by hand"));
        if let [only] = past[..] {
            assert_eq!(only["id"], "history/new.md");
            assert_eq!(
                only["title"],
                "The payment API answers 402 for each test card."
            );
            let reasons = only["reasons"]
                .as_str()
                .map(str::to_owned)
                .unwrap_or_else(|| only["reasons"].to_string());
            assert!(reasons.contains("from the history, 2 days old"), "{only}");
        }
        editor.hang_up().await;
    }
}
