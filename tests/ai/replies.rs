//! What is answered: the recorded replies, how they end, what they took.

use std::time::Duration;

use expect_test::{Expect, expect};
use promptstack::ai::Kind;
use promptstack::ai::provider::Model;

use crate::provider_server::{Act, ProviderServer};
use crate::support::{
    ALL, CHAT, CLAUDE, OLLAMA, RESPONSES, TEXT, ask, ask_at, block_on, changed, fixture, provider,
    request,
};

#[test]
fn each_recorded_reply_is_read_to_its_end() {
    let lines = ALL.map(|(kind, name)| ask(kind, &fixture(name)).told());
    expect![[r#"
        End "Grüße, 🦀!" by claude-sonnet-5-5: 25 in, 100 read, 7 written, 15 out, 0 thought
        End "Grüße, 🦀!" by gpt-5-mini-2025-08-07: 32 in, 100 read, 0 written, 15 out, 5 thought
        End "Grüße, 🦀!" by gpt-4o-mini: 32 in, 100 read, 0 written, 15 out, 5 thought
        End "Grüße, 🦀!" by llama3: 132 in, 0 read, 0 written, 15 out, 0 thought
    "#]]
    .assert_eq(&lines.concat());
}

#[test]
fn the_providers_name_of_the_request_is_kept_and_logged() {
    for (kind, name) in &ALL[..3] {
        let reply = ask(*kind, &fixture(name)).result.unwrap();
        let id = reply.request_id.expect("an id");
        assert!(id.starts_with("req_"), "{id}");
        assert!(
            crate::support::log().contains(&format!("request_id=\"{id}\"")),
            "{id}"
        );
    }
}

fn check(kind: Kind, name: &str, from: &str, ends: &[&str], expected: Expect) {
    let lines = ends.iter().map(|to| {
        let outcome = ask(kind, &changed(name, from, to));
        let reply = outcome.result.expect("an answer");
        format!("{to}: {:?}, usable: {}\n", reply.stop, reply.is_usable())
    });
    expected.assert_eq(&lines.collect::<String>());
}

#[test]
fn only_an_answer_that_ended_by_itself_is_usable() {
    check(
        CLAUDE,
        "claude/text.txt",
        "\"end_turn\"",
        &[
            "\"end_turn\"",
            "\"stop_sequence\"",
            "\"max_tokens\"",
            "\"model_context_window_exceeded\"",
            "\"refusal\"",
            "\"tool_use\"",
            "\"pause_turn\"",
            "\"what\\nelse\"",
            "null",
        ],
        expect![[r#"
            "end_turn": End, usable: true
            "stop_sequence": End, usable: true
            "max_tokens": Length, usable: false
            "model_context_window_exceeded": Length, usable: false
            "refusal": Refused, usable: false
            "tool_use": Other("tool_use"), usable: false
            "pause_turn": Other("pause_turn"), usable: false
            "what\nelse": Other("what else"), usable: false
            null: Other("no reason"), usable: false
        "#]],
    );
    check(
        CHAT,
        "openai/chat.txt",
        "\"stop\"",
        &[
            "\"stop\"",
            "\"length\"",
            "\"content_filter\"",
            "\"tool_calls\"",
            "null",
        ],
        expect![[r#"
            "stop": End, usable: true
            "length": Length, usable: false
            "content_filter": Refused, usable: false
            "tool_calls": Other("tool_calls"), usable: false
            null: Other("no reason"), usable: false
        "#]],
    );
    check(
        OLLAMA,
        "ollama/chat.txt",
        "\"done_reason\":\"stop\"",
        &[
            "\"done_reason\":\"stop\"",
            "\"done_reason\":\"length\"",
            "\"done_reason\":\"unload\"",
            "\"new\":1",
        ],
        expect![[r#"
            "done_reason":"stop": End, usable: true
            "done_reason":"length": Length, usable: false
            "done_reason":"unload": Other("unload"), usable: false
            "new":1: Other("no reason"), usable: false
        "#]],
    );
    let incomplete = |reason: &str| {
        let text = String::from_utf8(fixture("openai/responses.txt")).unwrap();
        let text = text
            .replace("response.completed", "response.incomplete")
            .replace(
                "\"incomplete_details\":null",
                &format!("\"incomplete_details\":{reason}"),
            );
        let reply = ask(RESPONSES, text.as_bytes()).result.unwrap();
        format!(
            "{reason}: {:?}, usable: {}\n",
            reply.stop,
            reply.is_usable()
        )
    };
    let lines = [
        "{\"reason\":\"max_output_tokens\"}",
        "{\"reason\":\"content_filter\"}",
        "null",
    ]
    .map(incomplete);
    expect![[r#"
        {"reason":"max_output_tokens"}: Length, usable: false
        {"reason":"content_filter"}: Refused, usable: false
        null: Other("no reason"), usable: false
    "#]]
    .assert_eq(&lines.concat());
}

#[test]
fn a_refusal_is_no_answer() {
    let chat = changed(
        "openai/chat.txt",
        "\"content\":\"🦀!\"",
        "\"refusal\":\"I can't.\"",
    );
    let responses = changed(
        "openai/responses.txt",
        "response.output_text.delta",
        "response.refusal.delta",
    );
    let lines = [ask(CHAT, &chat), ask(RESPONSES, &responses)].map(|outcome| outcome.told());
    expect![[r#"
        Refused "Grüße, I can't." by gpt-4o-mini: 32 in, 100 read, 0 written, 15 out, 5 thought
        Refused "Grüße, 🦀!" by gpt-5-mini-2025-08-07: 32 in, 100 read, 0 written, 15 out, 5 thought
    "#]]
    .assert_eq(&lines.concat());
}

#[test]
fn a_reply_byte_by_byte_is_the_same() {
    for (kind, name) in ALL {
        let server = ProviderServer::start(vec![Act::Dribble(fixture(name))]);
        let outcome = ask_at(kind, &server.url(), kind.limits(), &request());
        assert_eq!(outcome.streamed, TEXT);
        assert_eq!(outcome.told(), ask(kind, &fixture(name)).told());
    }
}

#[test]
fn line_ends_of_any_sort_are_the_same() {
    for (kind, name) in ALL {
        let text = String::from_utf8(fixture(name)).unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        let other = format!("{head}\r\n\r\n{}", body.replace('\n', "\r\n"));
        assert_eq!(
            ask(kind, other.as_bytes()).told(),
            ask(kind, text.as_bytes()).told()
        );
    }
}

fn listed(kind: Kind, plays: &[&str]) -> (Vec<Model>, Vec<String>) {
    let plays = plays.iter().map(|name| vec![Act::Send(fixture(name))]);
    let server = ProviderServer::playing(plays.collect());
    let models = block_on(provider(kind, &server.url(), kind.limits()).models());
    let requests = server.requests();
    let lines = requests.iter().filter_map(|request| request.lines().next());
    (models.expect("models"), lines.map(str::to_owned).collect())
}

#[test]
fn the_models_are_listed_page_by_page() {
    let lists = [
        listed(CLAUDE, &["claude/models_1.txt", "claude/models_2.txt"]),
        listed(CHAT, &["openai/models.txt"]),
        listed(OLLAMA, &["ollama/tags.txt"]),
    ];
    let lines = lists.iter().map(|(models, requests)| {
        let models = models.iter().map(|model| {
            let Model {
                id,
                name,
                input_limit,
                output_limit,
            } = model;
            format!("  {id} {name:?} {input_limit:?} {output_limit:?}\n")
        });
        format!("{}\n{}", requests.join("\n"), models.collect::<String>())
    });
    expect![[r#"
        GET /v1/models?limit=1000 HTTP/1.1
        GET /v1/models?limit=1000&after_id=claude-opus-5-5 HTTP/1.1
          claude-opus-5-5 Some("Claude Opus 5.5") Some(1000000) Some(128000)
          claude-old None None None
        GET /v1/models HTTP/1.1
          gpt-5-mini None None None
          o3 None None None
        GET /api/tags HTTP/1.1
          llama3:latest None None None
    "#]]
    .assert_eq(&lines.collect::<String>());
}

#[test]
fn pages_without_an_end_are_left() {
    let (models, requests) = listed(CLAUDE, &["claude/models_1.txt"]);
    assert_eq!(
        (models.len(), requests.len()),
        (2, 2),
        "the second is the first again"
    );
}

#[test]
fn what_is_left_of_a_providers_limits_comes_with_the_answer() {
    let reply = String::from_utf8(fixture("openai/chat.txt")).expect("text");
    let limits = "x-ratelimit-remaining-requests: 59\r\nx-ratelimit-reset-requests: 1s\r\n";
    let reply = reply.replacen("x-request-id", &format!("{limits}x-request-id"), 1);
    let server = ProviderServer::say(reply.as_bytes());
    let outcome = ask_at(CHAT, &server.url(), CHAT.limits(), &request());
    let left = outcome.result.expect("an answer").left;
    let told: Vec<_> = left.iter().map(|it| (it.remaining, it.reset)).collect();
    assert_eq!(told, [(59, Duration::from_secs(1))]);
}
