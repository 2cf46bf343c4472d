//! A model that answers, by the contract alone.

use std::fs;

use serde_json::{Value as Json, json};

use crate::provider_server::ProviderServer;
use crate::support::{Editor, Said};

/// A host that asks this server, with a role of its own and a prompt that names it.
async fn asking(server: &ProviderServer) -> Editor {
    let prompts = [
        ("brief", "---\ntitle: Brief\nrole: brief\n---\nBe brief.\n"),
        (
            "pirate",
            "---\ntitle: Pirate\nrole: You are a pirate\n---\nArr.\n",
        ),
    ];
    let mut editor = Editor::start(&prompts);
    let config = format!(
        "version: 1\nroles: {{ brief: {{ max_tokens: 77 }} }}\n\
         providers: {{ text: {{ default: mine, mine: {{ base_url: {}, model: small }} }} }}\n",
        server.url()
    );
    fs::write(editor.home.path().join("stack/config.yaml"), config).expect("a file");
    let hello = editor.hello();
    editor.reply("host.hello", hello).await;
    editor
}

fn answering() -> ProviderServer {
    let reply = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/tests/fixtures/ai/openai/chat.txt"
    );
    let recorded = fs::read_to_string(reply).expect("a recorded reply");
    // What stands above the first blank line is about the recording.
    let (_, reply) = recorded.split_once("\n\n").expect("a reply");
    ProviderServer::say(reply.as_bytes())
}

/// Opens a composition of some prompts.
async fn composed(editor: &mut Editor, prompts: &[&str], is_private: bool) -> String {
    let id = uuid::Uuid::now_v7().to_string();
    let open = json!({ "id": id, "directory": "/x", "is_private": is_private });
    editor.reply("composition.open", open).await;
    let used: Vec<Json> = prompts
        .iter()
        .map(|id| json!({ "id": id, "hash": "", "values": {} }))
        .collect();
    let update = json!({
        "id": id, "number": 1, "head": 0, "tail": 0, "lines": ["Hello?"], "total": 1,
        "ended": true, "prompts": used, "save": true,
    });
    editor.reply("composition.update", update).await;
    id
}

/// A fact of what would be sent.
async fn fact(editor: &mut Editor, name: &str, composition: &str) -> String {
    let params = json!({ "lines": ["Hello?"], "composition": composition });
    let plan = editor.reply("ask.plan", params).await;
    let facts = plan["facts"].as_array().expect("facts").clone();
    let found = facts.iter().find(|fact| fact["name"] == name);
    found.expect("the fact")["value"]
        .as_str()
        .expect("text")
        .to_owned()
}

#[tokio::test]
async fn an_answer_comes_in_parts_and_then_what_it_took() {
    let server = answering();
    let mut editor = asking(&server).await;
    let composition = composed(&mut editor, &[], false).await;
    let params = json!({ "lines": ["Hello?"], "composition": composition });
    let id = editor.send("ask.send", params).await;
    let (mut text, mut model) = (String::new(), Json::Null);
    let reply = loop {
        match editor.hear().await {
            Said::Part(of, part) if of == id => match part["text"].as_str() {
                Some(piece) => text += piece,
                None => model = part["model"].clone(),
            },
            Said::Reply(of, reply) if of == id => break reply,
            Said::Error(of, error) if of == id => panic!("{error}"),
            _ => {}
        }
    };
    assert_eq!((text.as_str(), model), ("Grüße, 🦀!", json!("small")));
    assert_eq!(reply["answer"]["kept"], true, "{reply}");
    // The index hears of it after the file is written.
    let found = loop {
        let query = json!({ "query": "Grüße" });
        let found = editor.reply("history.list", query).await;
        if found["ids"][0].is_string() {
            break found;
        }
        tokio::task::yield_now().await;
    };
    let preview = json!({ "id": found["ids"][0] });
    let preview = editor.reply("history.preview", preview).await;
    assert_eq!(preview["answer"], reply["answer"]["by"]);
    assert_eq!(preview["tags"], json!(["answer"]));
    editor.hang_up().await;
}

#[tokio::test]
async fn a_prompt_names_the_role_only_where_the_configuration_knows_it() {
    let server = answering();
    let mut editor = asking(&server).await;
    for (prompts, role) in [
        (&["pirate"][..], "ask"),
        (&["pirate", "brief"], "brief (named by brief)"),
    ] {
        for is_private in [false, true] {
            let id = composed(&mut editor, prompts, is_private).await;
            assert_eq!(fact(&mut editor, "role", &id).await, role, "{prompts:?}");
        }
    }
    let id = composed(&mut editor, &["brief"], false).await;
    assert_eq!(fact(&mut editor, "max_tokens", &id).await, "77");
    assert_eq!(server.requests().len(), 0, "a plan asks nobody");
    editor.hang_up().await;
}

#[tokio::test]
async fn of_a_private_composition_and_of_a_text_that_is_none_nothing_is_kept() {
    let server = answering();
    let mut editor = asking(&server).await;
    let private = composed(&mut editor, &[], true).await;
    for params in [
        json!({ "lines": ["Hello?"], "composition": private }),
        json!({ "lines": ["Hello?"] }),
    ] {
        let reply = editor.reply("ask.send", params).await;
        assert_eq!(reply["answer"]["kept"], false, "{reply}");
    }
    let listed = editor.reply("history.list", json!({ "query": "" })).await;
    assert_eq!(listed["ids"], json!([]));
    // Nor as an answer to be given again: it was asked twice.
    assert_eq!(server.requests().len(), 2);
    editor.hang_up().await;
}

#[tokio::test]
async fn what_is_not_seen_is_found_with_its_place_and_secrets_are_nobodys_business() {
    let mut editor = Editor::greeted(&[]).await;
    let lines =
        json!({ "lines": ["plain", "a\u{200B}b \u{200B}", "password = \"hunter2hunter2\""] });
    let reply = editor.reply("ask.hidden", lines).await;
    let expected = json!([{
        "name": "U+200B zero width space",
        "count": 2,
        "places": [{ "row": 1, "start": 1, "finish": 4 }, { "row": 1, "start": 6, "finish": 9 }],
    }]);
    assert_eq!(reply["found"], expected);
    editor.hang_up().await;
}
