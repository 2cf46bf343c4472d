//! What is sent: the documented form, and only what a model is known to take.

use expect_test::{Expect, expect};
use promptstack::ai::http::Limits;
use promptstack::ai::provider::{Effort, Message, Request, Schema, Speaker};
use promptstack::ai::{Kind, Settings, build};
use serde_json::{Value, json};

use crate::provider_server::ProviderServer;
use crate::support::{ALL, CHAT, CLAUDE, OLLAMA, RESPONSES, ask_at, block_on, fixture, request};

/// The request as it is on the wire: its first line, its headers in order, its body.
fn sent(kind: Kind, request: &Request) -> (String, Value) {
    let (_, reply) = ALL.iter().find(|(it, _)| *it == kind).expect("a reply");
    let server = ProviderServer::say(&fixture(reply));
    let outcome = ask_at(kind, &server.url(), kind.limits(), request);
    assert!(outcome.result.is_ok(), "{}", outcome.told());
    let text = server.requests().concat();
    let (head, body) = text.split_once("\r\n\r\n").expect("a body");
    let mut lines: Vec<_> = head
        .lines()
        .filter(|line| !line.starts_with("host: ") && !line.starts_with("content-length: "))
        .collect();
    lines[1..].sort_unstable();
    let body = serde_json::from_str(body).expect("JSON");
    (lines.join("\n"), body)
}

fn everything(model: &str) -> Request {
    let turn = |speaker, text: &str| Message {
        speaker,
        text: text.into(),
    };
    Request {
        model: model.into(),
        messages: vec![
            turn(Speaker::User, "One?"),
            turn(Speaker::Assistant, "Two."),
            turn(Speaker::User, "Three?"),
        ],
        temperature: Some(1.5),
        effort: Some(Effort::Low),
        schema: Some(Schema {
            name: "review".into(),
            schema: json!({ "type": "object" }),
        }),
        ..request()
    }
}

fn check(kind: Kind, model: &str, head: Expect, body: Expect) {
    let (found, value) = sent(kind, &everything(model));
    head.assert_eq(&found);
    body.assert_eq(&value.to_string());
}

#[test]
fn claude_is_asked_as_documented() {
    check(
        CLAUDE,
        "claude-sonnet-4-6",
        expect![[r#"
            POST /v1/messages HTTP/1.1
            accept: */*
            anthropic-version: 2023-06-01
            content-type: application/json
            user-agent: promptstack/0.1.0
            x-api-key: sk-test-0123456789"#]],
        expect![[
            r#"{"max_tokens":3000,"messages":[{"content":"One?","role":"user"},{"content":"Two.","role":"assistant"},{"content":"Three?","role":"user"}],"model":"claude-sonnet-4-6","output_config":{"effort":"low","format":{"schema":{"type":"object"},"type":"json_schema"}},"stream":true,"system":"You review prompts.","temperature":1.0}"#
        ]],
    );
}

#[test]
fn responses_are_asked_as_documented_and_not_stored() {
    check(
        RESPONSES,
        "gpt-5-mini",
        expect![[r#"
        POST /v1/responses HTTP/1.1
        accept: */*
        authorization: Bearer sk-test-0123456789
        content-type: application/json
        user-agent: promptstack/0.1.0"#]],
        expect![[
            r#"{"input":[{"content":"One?","role":"user"},{"content":"Two.","role":"assistant"},{"content":"Three?","role":"user"}],"instructions":"You review prompts.","max_output_tokens":3000,"model":"gpt-5-mini","reasoning":{"effort":"low"},"store":false,"stream":true,"text":{"format":{"name":"review","schema":{"type":"object"},"strict":true,"type":"json_schema"}}}"#
        ]],
    );
}

#[test]
fn chat_completions_are_asked_as_documented() {
    check(
        CHAT,
        "gpt-4o-mini",
        expect![[r#"
        POST /v1/chat/completions HTTP/1.1
        accept: */*
        authorization: Bearer sk-test-0123456789
        content-type: application/json
        user-agent: promptstack/0.1.0"#]],
        expect![[
            r#"{"max_completion_tokens":3000,"messages":[{"content":"You review prompts.","role":"system"},{"content":"One?","role":"user"},{"content":"Two.","role":"assistant"},{"content":"Three?","role":"user"}],"model":"gpt-4o-mini","response_format":{"json_schema":{"name":"review","schema":{"type":"object"},"strict":true},"type":"json_schema"},"stream":true,"stream_options":{"include_usage":true},"temperature":1.5}"#
        ]],
    );
}

#[test]
fn ollama_is_asked_as_documented_with_its_window() {
    check(
        OLLAMA,
        "llama3",
        expect![[r#"
        POST /api/chat HTTP/1.1
        accept: */*
        authorization: Bearer sk-test-0123456789
        content-type: application/json
        user-agent: promptstack/0.1.0"#]],
        expect![[
            r#"{"format":{"type":"object"},"messages":[{"content":"You review prompts.","role":"system"},{"content":"One?","role":"user"},{"content":"Two.","role":"assistant"},{"content":"Three?","role":"user"}],"model":"llama3","options":{"num_ctx":4096,"num_predict":3000,"temperature":1.5},"stream":true,"truncate":false}"#
        ]],
    );
}

#[test]
fn what_a_model_is_not_known_to_take_is_not_sent() {
    for kind in [CLAUDE, RESPONSES, CHAT] {
        let (_, body) = sent(kind, &everything("my-own"));
        let text = body.to_string();
        assert!(
            !text.contains("temperature") && !text.contains("effort"),
            "{text}"
        );
    }
    let (_, body) = sent(CHAT, &everything("my-own"));
    assert_eq!(
        body["max_tokens"], 3000,
        "compatible services know the old name"
    );
    let (_, body) = sent(OLLAMA, &everything("gpt-oss:20b"));
    assert_eq!(body["think"], "low");
}

#[test]
fn what_is_empty_is_left_out() {
    let plain = Request {
        system: String::new(),
        ..request()
    };
    for (kind, _) in ALL {
        let (_, body) = sent(kind, &plain);
        let text = body.to_string();
        for word in ["system", "instructions", "format", "output_config", "null"] {
            assert!(!text.contains(word), "{word} in {text}");
        }
    }
}

#[test]
fn ollamas_window_holds_question_and_answer() {
    for (bytes, max_tokens, window) in [
        (0, 100, 4096),
        (4000, 2000, 4096),
        (4200, 2000, 8192),
        (20_000, 3000, 16_384),
    ] {
        let mut request = request();
        request.system = String::new();
        request.messages[0].text = "ä".repeat(bytes / 2);
        request.max_tokens = max_tokens;
        let (_, body) = sent(OLLAMA, &request);
        assert_eq!(body["options"]["num_ctx"], window, "{bytes} {max_tokens}");
    }
}

#[test]
fn a_provider_without_what_it_needs_is_not_built() {
    let check = |kind, name: &str, url: &str, with_key: bool| {
        let settings = Settings {
            name: name.into(),
            kind,
            base_url: url.into(),
            key: with_key.then(crate::support::key),
            limits: Limits::default(),
        };
        match build(settings) {
            Ok(provider) => format!("{} is built\n", provider.name()),
            Err(error) => format!("{}: {error}\n", error.kind().word()),
        }
    };
    let lines = [
        check(CLAUDE, "claude", "https://api.anthropic.com", false),
        check(CLAUDE, "work", "https://api.anthropic.com", false),
        check(CHAT, "groq", "http://10.0.0.1/v1", true),
        check(CHAT, "groq", "somewhere", true),
        check(CHAT, "vllm", "http://10.0.0.1/v1", false),
        check(OLLAMA, "ollama", "http://10.0.0.1:11434", false),
    ];
    expect![[r#"
        auth: claude needs a key (set claude_api_key, :Prompt setup shows how)
        auth: work needs a key (set providers.text.work.api_key, :Prompt setup shows how)
        config: providers.text.groq.base_url must begin with https:// (a key is not sent unencrypted, but to this machine)
        config: providers.text.groq.base_url is no address: relative URL without a base (such as https://host)
        vllm is built
        ollama is built
    "#]].assert_eq(&lines.concat());
}

#[test]
fn who_does_not_count_says_so() {
    for kind in [RESPONSES, CHAT, OLLAMA] {
        let provider = crate::support::provider(kind, "http://127.0.0.1:1", kind.limits());
        let failure = block_on(provider.count_tokens("my-model", "text")).unwrap_err();
        assert_eq!(failure.error.kind().word(), "invalid_input");
    }
}
