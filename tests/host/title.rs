//! Names of compositions, by the contract alone: given, taken by another, and proposed by a model.

use std::fs;

use serde_json::{Value as Json, json};

use crate::claude;
use crate::provider_server::ProviderServer;
use crate::support::Editor;

/// A host with this configuration, `URL` in it for the address of the server.
async fn configured(config: &str, server: &ProviderServer) -> Editor {
    let mut editor = Editor::start(&[]);
    let config = format!("version: 1\n{}", config.replace("URL", &server.url()));
    let stack = editor.home.path().join("stack");
    fs::create_dir_all(&stack).expect("a folder");
    fs::write(stack.join("config.yaml"), config).expect("a file");
    let hello = editor.hello();
    editor.reply("host.hello", hello).await;
    editor
}

const CLAUDE: &str =
    "ai_provider: claude\nclaude_api_key: sk-test-0123456789\nclaude_base_url: URL\n";

/// Opens a composition with a text that is saved, and gives its id and the mark of the save.
async fn saved(editor: &mut Editor, id: Option<&str>, more: Json) -> (String, Json) {
    let new = uuid::Uuid::now_v7().to_string();
    let id = id.map_or(new, str::to_owned);
    let mut open = json!({ "id": id, "directory": "/x" });
    for (key, value) in more.as_object().expect("an object") {
        open[key] = value.clone();
    }
    editor.reply("composition.open", open).await;
    let mark = save(editor, &id, 1).await;
    (id, mark)
}

/// Brings the text to the host and has it saved.
async fn save(editor: &mut Editor, id: &str, number: u64) -> Json {
    let update = json!({
        "id": id, "number": number, "head": 0, "tail": 0, "lines": ["Hello?"], "total": 1,
        "ended": true, "save": true,
    });
    let reply = editor.reply("composition.update", update).await;
    reply["mark"].clone()
}

/// The names of the drafts that the index knows, waited for until they are these.
async fn listed(editor: &mut Editor, wanted: &[&str]) {
    loop {
        let query = json!({ "query": "", "drafts": true });
        let found = editor.reply("history.list", query).await;
        if found["names"] == json!(wanted) {
            return;
        }
        tokio::task::yield_now().await;
    }
}

fn rename(id: &str, name: &str) -> Json {
    json!({ "id": id, "name": name, "directory": "/x" })
}

#[tokio::test]
async fn a_name_is_refused_that_another_draft_of_the_directory_has() {
    let mut editor = Editor::greeted(&[]).await;
    let (first, _) = saved(&mut editor, None, json!({})).await;
    let (second, _) = saved(&mut editor, None, json!({ "name": "two" })).await;
    let named = rename(&first, "  release   notes ");
    let reply = editor.reply("composition.rename", named).await;
    assert_eq!(reply, json!({ "name": "release notes" }));
    // What is known of one that is open goes before what the index has, and the other way round.
    for closed in [false, true] {
        if closed {
            save(&mut editor, &first, 2).await;
            listed(&mut editor, &["release notes", "two"]).await;
            let close = json!({ "id": first });
            editor.reply("composition.close", close).await;
        }
        let taken = rename(&second, "release notes");
        let error = editor.error("composition.rename", taken).await;
        assert_eq!(
            (&error["kind"], &error["message"]),
            (
                &json!("invalid_input"),
                &json!("another draft here is named 'release notes'")
            )
        );
        let mut elsewhere = rename(&second, "release notes");
        elsewhere["directory"] = json!("/x/sub");
        editor.reply("composition.rename", elsewhere).await;
        let own = rename(&second, "two");
        editor.reply("composition.rename", own).await;
    }
    // One that is not open gets it when it is opened.
    let reply = editor
        .reply("composition.rename", rename(&first, "free"))
        .await;
    assert_eq!(reply, json!({ "name": "free" }));
    let error = editor
        .error("composition.rename", rename(&second, " "))
        .await;
    assert_eq!(error["message"], "a name has at least one character");
    editor.hang_up().await;
}

#[tokio::test]
async fn the_name_in_the_editor_goes_before_that_of_the_file_with_another_host() {
    let mut editor = Editor::greeted(&[]).await;
    let (id, mut mark) = saved(&mut editor, None, json!({ "name": "of before" })).await;
    for (name, expected) in [
        (None, "of before"),
        (Some("of the editor"), "of the editor"),
        (None, "of the editor"),
    ] {
        editor.finish().await;
        editor = editor.again();
        let hello = editor.hello();
        editor.reply("host.hello", hello).await;
        let mut more = json!({ "mark": mark });
        if let Some(name) = name {
            more["name"] = json!(name);
        }
        mark = saved(&mut editor, Some(&id), more).await.1;
        listed(&mut editor, &[expected]).await;
    }
    let folder = editor.home.path().join("stack/data/.history");
    let files = fs::read_dir(folder).expect("the history");
    let files = files.filter_map(|file| file.ok()?.path().extension().map(|it| it == "md"));
    assert_eq!(files.filter(|is| *is).count(), 1, "it stays one file");
    editor.hang_up().await;
}

#[tokio::test]
async fn a_model_is_shown_the_beginning_as_data_and_asked_for_little() {
    let server = ProviderServer::say(&claude::answer("\"Größere Prüfung.\"\nIt fits."));
    let mut editor = configured(CLAUDE, &server).await;
    let line = "a line of forty characters, all of them.".to_owned();
    let mut lines = vec!["Write größere tests.".to_owned()];
    lines.extend(vec![line; 300_000 / 40]);
    for (keep_nothing, asked) in [(true, 1), (false, 1), (false, 0), (true, 1)] {
        let params = json!({ "lines": lines, "keep_nothing": keep_nothing });
        let reply = editor.reply("ai.title", params).await;
        assert_eq!(reply, json!({ "name": "Größere Prüfung" }));
        let requests = server.requests();
        assert_eq!(requests.len(), asked, "{keep_nothing}");
        let Some(request) = requests.first() else {
            continue;
        };
        let (_, body) = request.split_once("\r\n\r\n").expect("a body");
        let body: Json = serde_json::from_str(body).expect("JSON");
        assert_eq!(body["model"], "claude-sonnet-5-5");
        assert_eq!(body["max_tokens"], 300);
        assert_eq!(body["output_config"]["effort"], "low", "{body}");
        let sent = body["messages"].to_string();
        let begins = "<composition-1>\\nWrite größere tests.\\na line";
        assert!(sent.contains(begins), "{sent}");
        assert!(sent.contains("them.\\n\\n… cut here, "), "{sent}");
        assert!(sent.chars().count() < 9_000, "{}", sent.len());
    }
    let month = jiff::Zoned::now().strftime("%Y-%m").to_string();
    let stats = editor.reply("stats.month", json!({ "month": month })).await;
    assert!(stats.to_string().contains("\"title\""), "{stats}");
    editor.hang_up().await;
}

#[tokio::test]
async fn the_role_says_otherwise() {
    let server = ProviderServer::say(&claude::answer("A name"));
    let roles =
        "roles: { title: { model: claude-opus-5-5, max_tokens: 77, effort: high } }\n".to_owned();
    let mut editor = configured(&(CLAUDE.to_owned() + &roles), &server).await;
    let params = json!({ "lines": ["Hello?"] });
    editor.reply("ai.title", params).await;
    let request = server.request();
    for expected in [
        "\"model\":\"claude-opus-5-5\"",
        "\"max_tokens\":77",
        "\"effort\":\"high\"",
    ] {
        assert!(request.contains(expected), "{request}");
    }
    editor.hang_up().await;
}

#[tokio::test]
async fn what_may_be_dear_is_asked_first() {
    let server = ProviderServer::say(&claude::answer("A name"));
    let config = format!("{CLAUDE}cost_limits: {{ confirm_above: 0.0001 }}\n");
    let mut editor = configured(&config, &server).await;
    let params = |confirmed| json!({ "lines": ["Hello?"], "confirmed": confirmed });
    let reply = editor.reply("ai.title", params(false)).await;
    let question = reply["confirm"].as_str().expect("a question");
    assert!(question.starts_with("Ask claude-sonnet-5-5? ~"), "{reply}");
    assert_eq!(server.requests().len(), 0, "nothing was sent");
    let reply = editor.reply("ai.title", params(true)).await;
    assert_eq!(reply, json!({ "name": "A name" }));
    editor.hang_up().await;
}

#[tokio::test]
async fn without_a_name_it_is_said_why() {
    let cut_off = claude::begin() + &claude::end("max_tokens");
    let refused = claude::begin() + &claude::end("refusal");
    let half = claude::begin() + &claude::piece("A name and") + &claude::end("max_tokens");
    for (config, lines, answer, expected) in [
        (
            "",
            ["Hello?"],
            &half,
            "no model is configured to be asked for a name (:Prompt title {name} gives one, :Prompt setup \
             chooses a model)",
        ),
        (CLAUDE, [" \t"], &half, "there is nothing to name yet"),
        (
            CLAUDE,
            ["Hello?"],
            &cut_off,
            "no name came within 300 tokens (set roles.title.max_tokens, or its effort; :Prompt title \
             {name} gives one)",
        ),
        (
            CLAUDE,
            ["Hello?"],
            &refused,
            "claude-sonnet-5-5 proposes no name (:Prompt title {name} gives one)",
        ),
        (CLAUDE, ["Hello?"], &half, "A name and"),
    ] {
        let server = ProviderServer::say(answer.as_bytes());
        let mut editor = configured(config, &server).await;
        let params = json!({ "lines": lines });
        let told = match editor.call("ai.title", params).await {
            crate::support::Said::Reply(_, reply) => reply["name"].as_str().map(str::to_owned),
            crate::support::Said::Error(_, error) => {
                let text = |key: &str| error[key].as_str().map(str::to_owned);
                let hint = text("hint").map_or(String::new(), |hint| format!(" ({hint})"));
                text("message").map(|message| message + &hint)
            }
            other => panic!("{other:?}"),
        };
        assert_eq!(told.as_deref(), Some(expected));
        editor.hang_up().await;
    }
}
