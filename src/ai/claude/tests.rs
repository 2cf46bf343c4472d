use std::net::TcpListener;
use std::time::Duration;

use expect_test::{Expect, expect};

use super::*;
use crate::config::Secret;

#[path = "../../../tests/support/http_server.rs"]
mod http_server;
use http_server::{Script, Server as Fake};

const KEY: &str = "sk-ant-secret";

fn ask(address: &str, limits: Limits) -> Result<u32> {
    let key = Secret::new(KEY).reveal("claude_api_key", &|_| None)?;
    let claude = Claude::new(address, key, limits)?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(claude.count_tokens("claude-sonnet-5-5", "Hello \"you\"\n"))
}

/// What comes of an answer, in a line, and never the key.
fn told(script: Script, limits: Limits) -> String {
    let server = Fake::start(script);
    let outcome = ask(&server.url(), limits);
    assert_eq!(
        server.requests().len(),
        1,
        "asked once, whatever comes back"
    );
    let line = match &outcome {
        Ok(tokens) => format!("{tokens}\n"),
        Err(error) => format!("{}: {error}\n", error.kind().word()),
    };
    assert!(
        !line.contains(KEY) && !format!("{outcome:?}").contains(KEY),
        "{outcome:?}"
    );
    line
}

fn check(rows: &[(&str, &[&str], &str)], expected: Expect) {
    let lines = rows.iter().map(|(status, headers, body)| {
        told(Script::answer(status, headers, body), Limits::default())
    });
    expected.assert_eq(&lines.collect::<String>());
}

fn error(words: &str) -> String {
    json!({ "type": "error", "error": { "type": "some_error", "message": words } }).to_string()
}

#[test]
fn the_request_is_the_documented_one_and_the_reply_is_its_count() {
    let reply = Script::answer(
        "200 OK",
        &["request-id: req_1"],
        "{\"input_tokens\": 14, \"new\": 1}",
    );
    let server = Fake::start(reply);
    let address = format!("{}/gateway/", server.url());
    assert_eq!(ask(&address, Limits::default()).unwrap(), 14);
    let request = server.requests().concat();
    let (head, body) = request.split_once("\r\n\r\n").unwrap();
    let mut lines: Vec<_> = head
        .lines()
        .filter(|line| !line.starts_with("host: "))
        .collect();
    lines[1..].sort();
    expect![[r#"
        POST /gateway/v1/messages/count_tokens HTTP/1.1
        accept: */*
        anthropic-version: 2023-06-01
        content-length: 86
        content-type: application/json
        user-agent: promptstack/0.1.0
        x-api-key: sk-ant-secret"#]]
    .assert_eq(&lines.join("\n"));
    expect![[
        r#"{"messages":[{"content":"Hello \"you\"\n","role":"user"}],"model":"claude-sonnet-5-5"}"#
    ]]
    .assert_eq(body);
}

#[test]
fn what_is_refused_says_why_and_the_way_out() {
    check(
        &[
            ("401 Unauthorized", &[], &error("invalid x-api-key")),
            (
                "403 Forbidden",
                &[],
                &error("your key is sk-ant-secret, isn't it?"),
            ),
            ("402 Payment Required", &[], ""),
            ("404 Not Found", &[], &error("model: claude-nonsense")),
            (
                "400 Bad Request",
                &[],
                &error("messages: text content blocks must be non-empty"),
            ),
            (
                "413 Request Entity Too Large",
                &[],
                "<html>too large</html>",
            ),
            (
                "429 Too Many Requests",
                &["retry-after: 30"],
                &error("rate\nlimited"),
            ),
            ("429 Too Many Requests", &["retry-after: 3600"], ""),
            (
                "429 Too Many Requests",
                &["retry-after: Wed, 25 Nov 2026 07:28:00 GMT"],
                "",
            ),
            ("429 Too Many Requests", &[], &error("out of credit")),
            ("529 ", &[], &error("Overloaded")),
            ("503 Service Unavailable", &["retry-after: 5"], ""),
            ("500 Internal Server Error", &[], "{}"),
        ],
        expect![[r#"
            auth: 127.0.0.1 refuses the key: 401 invalid x-api-key (check claude_api_key, :Prompt setup shows how)
            auth: 127.0.0.1 refuses the key: 403 your key is …, isn't it? (check claude_api_key, :Prompt setup shows how)
            budget: 127.0.0.1 wants to be paid first: 402 (look at your account there)
            not_found: 127.0.0.1 does not know that: 404 model: claude-nonsense (is it the model's name?)
            invalid_input: 127.0.0.1 refuses the text or the model: 400 messages: text content blocks must be non-empty
            invalid_input: 127.0.0.1 refuses the text or the model: 413
            rate_limited: 127.0.0.1 takes no more for now: 429 rate limited (try again in 30 s)
            rate_limited: 127.0.0.1 takes no more for now: 429 (try again in 60 min)
            rate_limited: 127.0.0.1 takes no more for now: 429 (try again after Wed, 25 Nov 2026 07:28:00 GMT)
            rate_limited: 127.0.0.1 takes no more for now: 429 out of credit (try again later; without a time it may be a spend limit)
            unavailable: 127.0.0.1 is overloaded or out of order: 529 Overloaded (try again later)
            unavailable: 127.0.0.1 is overloaded or out of order: 503 (try again in 5 s)
            unavailable: 127.0.0.1 is overloaded or out of order: 500 (try again later)
        "#]],
    );
}

#[test]
fn a_key_goes_nowhere_else() {
    let other = Fake::start(Script::answer("200 OK", &[], "{\"input_tokens\": 1}"));
    let location = format!("location: {}/v1/messages/count_tokens", other.url());
    check(
        &[("307 Temporary Redirect", &[&location], "")],
        expect![[r#"
            config: 127.0.0.1 sends elsewhere, where your key does not go: 307 (check claude_base_url)
        "#]],
    );
    assert_eq!(other.requests(), [""; 0]);
}

#[test]
fn an_answer_that_is_none_is_told() {
    check(
        &[
            ("200 OK", &[], ""),
            ("200 OK", &[], "<html>hello</html>"),
            ("200 OK", &[], "{\"input_tokens\": -1}"),
            ("204 No Content", &[], ""),
        ],
        expect![[r#"
            unavailable: 127.0.0.1 gave no count (is claude_base_url Claude's?)
            unavailable: 127.0.0.1 gave no count (is claude_base_url Claude's?)
            unavailable: 127.0.0.1 gave no count (is claude_base_url Claude's?)
            unavailable: 127.0.0.1 gave no count (is claude_base_url Claude's?)
        "#]],
    );
    let say = |text: &str| told(Script::Say(text.into()), Limits::default());
    let cut = "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{\"input_tokens\":";
    let lines = [
        cut,
        "HTTP/1.1 200 OK\r\ncontent-le",
        "SSH-2.0-OpenSSH_9.2\r\n",
        "",
    ]
    .map(say);
    expect![[r#"
        unavailable: the answer of 127.0.0.1 broke off: end of file before message length reached (check the network and try again)
        unavailable: the answer of 127.0.0.1 broke off: connection closed before message completed (check the network and try again)
        unavailable: the answer of 127.0.0.1 broke off: invalid HTTP version parsed (check the network and try again)
        unavailable: the answer of 127.0.0.1 broke off: connection closed before message completed (check the network and try again)
    "#]].assert_eq(&lines.concat());
}

#[test]
fn time_and_size_are_bounded() {
    let limits = Limits {
        total: Duration::from_millis(200),
        most: 2048,
        ..Limits::default()
    };
    let large = "x".repeat(4096);
    let endless = format!("HTTP/1.1 200 OK\r\n\r\n{large}");
    let scripts = [
        Script::Wait,
        Script::answer("200 OK", &[], &large),
        Script::Say(endless.into_bytes()),
    ];
    let lines = scripts.map(|script| told(script, limits));
    expect![[r#"
        unavailable: 127.0.0.1 has not answered within 200ms (check the network and try again)
        unavailable: the answer of 127.0.0.1 is larger than 2 KB
        unavailable: the answer of 127.0.0.1 is larger than 2 KB
    "#]]
    .assert_eq(&lines.concat());
}

#[test]
fn nobody_there_is_told_with_the_host_and_the_cause() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let error = ask(&address, Limits::default()).unwrap_err();
    expect!["127.0.0.1 can't be reached: Connection refused (os error 111) (check the network and try again)"].assert_eq(&error.to_string());
}

#[test]
fn a_model_is_claudes_by_its_name() {
    for (model, expected) in [
        ("claude-sonnet-5-5", true),
        (" Claude-x", true),
        ("claude", false),
        ("gpt-4o", false),
    ] {
        assert_eq!(serves(model), expected, "{model}");
    }
}
