//! What goes wrong: refusals, errors after a 200, redirects, strangers, and what is made of them.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::thread;
use std::time::Duration;

use expect_test::{Expect, expect};
use promptstack::ai::Kind;
use promptstack::ai::http::Limits;
use promptstack::ai::provider::Retry;

use crate::provider_server::ProviderServer;
use crate::support::{
    ALL, CHAT, CLAUDE, KEY, OLLAMA, RESPONSES, ask, ask_at, block_on, changed, fixture, has_key,
    provider, request,
};

fn reply(status: &str, headers: &[&str], body: &str) -> Vec<u8> {
    let headers: String = headers.iter().map(|line| format!("{line}\r\n")).collect();
    let length = body.len();
    format!("HTTP/1.1 {status}\r\ncontent-length: {length}\r\n{headers}\r\n{body}").into_bytes()
}

fn check(rows: &[(Kind, Vec<u8>)], expected: Expect) {
    let lines = rows.iter().map(|(kind, bytes)| ask(*kind, bytes).told());
    expected.assert_eq(&lines.collect::<String>());
}

#[test]
fn a_status_means_the_same_everywhere() {
    let rows = [
        ("400 Bad Request", "Never"),
        ("401 Unauthorized", "UntilConfigured"),
        ("402 Payment Required", "UntilConfigured"),
        ("403 Forbidden", "UntilConfigured"),
        ("404 Not Found", "Never"),
        ("408 Request Timeout", "Later { after: Some(7s) }"),
        ("413 Content Too Large", "Never"),
        ("422 Unprocessable Content", "Never"),
        ("429 Too Many Requests", "Later { after: Some(7s) }"),
        ("500 Internal Server Error", "Later { after: Some(7s) }"),
        ("503 Service Unavailable", "Later { after: Some(7s) }"),
        ("529 ", "Later { after: Some(7s) }"),
    ];
    for (kind, _) in ALL {
        for (status, expected) in rows {
            let body = format!("{{\"error\":{{\"message\":\"your key is {KEY}\"}}}}");
            let outcome = ask(kind, &reply(status, &["retry-after: 7"], &body));
            let failure = outcome.result.expect_err(status);
            assert_eq!(
                format!("{:?}", failure.retry),
                expected,
                "{kind:?} {status}"
            );
            let said = failure.error.to_string();
            assert!(
                said.contains(": ") && said.contains("your key is …"),
                "{said}"
            );
        }
    }
}

#[test]
fn the_words_are_found_where_each_provider_puts_them() {
    let claude =
        "{\"type\":\"error\",\"error\":{\"type\":\"not_found_error\",\"message\":\"model: x\"}}";
    let ollama = "{\"error\":\"model 'x' not found\"}";
    let date = "retry-after: Wed, 25 Nov 2026 07:28:30 GMT";
    let now = "date: Wed, 25 Nov 2026 07:28:00 GMT";
    check(
        &[
            (CLAUDE, reply("404 Not Found", &[], claude)),
            (OLLAMA, reply("404 Not Found", &[], ollama)),
            (CHAT, fixture("openai/quota.txt")),
            (RESPONSES, fixture("openai/quota.txt")),
            (CHAT, reply("429 Too Many Requests", &[date, now], "")),
            (
                CHAT,
                b"HTTP/1.1 429 Slow\r\ncontent-length: 99\r\n\r\n{\"err".to_vec(),
            ),
            (
                CHAT,
                reply("401 Unauthorized", &["content-encoding: gzip"], "\x1f"),
            ),
        ],
        expect![[r#"
            Never | not_found: 127.0.0.1 does not know that: 404 model: x (is it the model's name?)
            Never | not_found: 127.0.0.1 does not know that: 404 model 'x' not found (is it the model's name?)
            UntilConfigured | budget: 127.0.0.1 wants to be paid first: 429 You exceeded your current quota, please check your plan and billing details. (look at your account there)
            UntilConfigured | budget: 127.0.0.1 wants to be paid first: 429 You exceeded your current quota, please check your plan and billing details. (look at your account there)
            Later { after: Some(30s) } | rate_limited: 127.0.0.1 takes no more for now: 429 (try again after Wed, 25 Nov 2026 07:28:30 GMT)
            Later { after: None } | rate_limited: 127.0.0.1 takes no more for now: 429 (try again later; without a time it may be a spend limit)
            UntilConfigured | auth: 127.0.0.1 refuses the key: 401 (check providers.text.openai.api_key, :Prompt setup shows how)
        "#]],
    );
}

#[test]
fn an_error_after_a_200_is_one() {
    let responses = |from: &str, to: &str| changed("openai/responses.txt", from, to);
    let done = "response.completed";
    let failed =
        "\"error\":{\"code\":\"server_error\",\"message\":\"Sorry\"},\"incomplete_details\"";
    let failed = String::from_utf8(responses(done, "response.failed"))
        .unwrap()
        .replace("\"error\":null,\"incomplete_details\"", failed);
    let error = |said: &str| {
        let text = String::from_utf8(fixture("openai/responses.txt")).unwrap();
        let at = text.rfind("event: ").unwrap();
        format!("{}event: error\ndata: {said}\n\n", &text[..at]).into_bytes()
    };
    let chat = |said: &str| {
        changed(
            "openai/chat.txt",
            "[DONE]",
            &format!("{{\"error\":{said}}}"),
        )
    };
    let claude = |kind: &str| changed("claude/error_midway.txt", "overloaded_error", kind);
    check(
        &[
            (CLAUDE, fixture("claude/error_midway.txt")),
            (CLAUDE, claude("rate_limit_error")),
            (CLAUDE, claude("invalid_request_error")),
            (CLAUDE, claude("billing_error")),
            (CLAUDE, claude("something_new")),
            (RESPONSES, failed.into_bytes()),
            (
                RESPONSES,
                error("{\"type\":\"error\",\"code\":\"rate_limit_exceeded\",\"message\":\"Slow\"}"),
            ),
            (
                RESPONSES,
                error("{\"error\":{\"code\":\"insufficient_quota\",\"message\":\"Pay\"}}"),
            ),
            (CHAT, chat("{\"message\":\"Busy\",\"code\":503}")),
            (CHAT, chat("\"no\"")),
            (OLLAMA, fixture("ollama/error_midway.txt")),
        ],
        expect![[r#"
            Later { after: None } | unavailable: 127.0.0.1 is overloaded or out of order: 529 Overloaded (try again later) | "Half of " | 25 in, 1 out
            Later { after: None } | rate_limited: 127.0.0.1 takes no more for now: 429 Overloaded (try again later; without a time it may be a spend limit) | "Half of " | 25 in, 1 out
            Never | invalid_input: 127.0.0.1 refuses the text or the model: 400 Overloaded | "Half of " | 25 in, 1 out
            UntilConfigured | budget: 127.0.0.1 wants to be paid first: 402 Overloaded (look at your account there) | "Half of " | 25 in, 1 out
            Later { after: None } | unavailable: 127.0.0.1 is overloaded or out of order: 500 Overloaded (try again later) | "Half of " | 25 in, 1 out
            Later { after: None } | unavailable: 127.0.0.1 is overloaded or out of order: 500 Sorry (try again later) | "Grüße, 🦀!" | 32 in, 15 out
            Later { after: None } | rate_limited: 127.0.0.1 takes no more for now: 429 Slow (try again later; without a time it may be a spend limit) | "Grüße, 🦀!"
            UntilConfigured | budget: 127.0.0.1 wants to be paid first: 429 Pay (look at your account there) | "Grüße, 🦀!"
            Later { after: None } | unavailable: 127.0.0.1 is overloaded or out of order: 503 Busy (try again later) | "Grüße, 🦀!" | 32 in, 15 out
            Never | invalid_input: 127.0.0.1 refuses the text or the model: 400 no | "Grüße, 🦀!" | 32 in, 15 out
            Later { after: None } | unavailable: 127.0.0.1 is overloaded or out of order: 500 an error was encountered while running the model (try again later) | "Half of "
        "#]],
    );
}

#[test]
fn a_question_that_was_cut_off_in_silence_has_no_answer() {
    let read = |count: &str| changed("ollama/chat.txt", "\"prompt_eval_count\":132", count);
    check(
        &[
            (OLLAMA, read("\"prompt_eval_count\":4")),
            (OLLAMA, read("\"prompt_eval_count\":4096")),
            (OLLAMA, read("\"prompt_eval_count\":5")),
            (OLLAMA, read("\"new\":1")),
        ],
        expect![[r#"
            Never | invalid_input: 127.0.0.1 has read only 4 tokens of the text (the model's window is too small: shorten the text or take another model) | "Grüße, 🦀!" | 4 in, 15 out
            Never | invalid_input: 127.0.0.1 has read only 4096 tokens of the text (the model's window is too small: shorten the text or take another model) | "Grüße, 🦀!" | 4096 in, 15 out
            End "Grüße, 🦀!" by llama3: 5 in, 0 read, 0 written, 15 out, 0 thought
            End "Grüße, 🦀!" by llama3: 0 in, 0 read, 0 written, 15 out, 0 thought
        "#]],
    );
}

#[test]
fn a_stranger_is_told() {
    let page = reply(
        "200 OK",
        &["content-type: text/html"],
        "<html>\n\nhello</html>",
    );
    let odd = reply("200 OK", &[], "data: {\"type\":\n\n");
    let odd_line = reply("200 OK", &[], "<html>\n");
    let gzip = reply("200 OK", &["content-encoding: gzip"], "\x1f");
    let plain = changed(
        "openai/chat.txt",
        "content-type: ",
        "content-encoding: identity\r\ncontent-type: ",
    );
    check(
        &[
            (CLAUDE, page.clone()),
            (RESPONSES, page.clone()),
            (CHAT, page),
            (OLLAMA, odd_line),
            (CHAT, odd),
            (CHAT, reply("204 No Content", &[], "")),
            (CHAT, b"SSH-2.0-OpenSSH_9.2\r\n".to_vec()),
            (CLAUDE, gzip.clone()),
            (OLLAMA, gzip),
            (CHAT, plain),
        ],
        expect![[r#"
            Never | unavailable: 127.0.0.1 gave no answer that can be understood (is claude_base_url Claude's?)
            Never | unavailable: 127.0.0.1 gave no answer that can be understood (is providers.text.openai.base_url an API like OpenAI's?)
            Never | unavailable: 127.0.0.1 gave no answer that can be understood (is providers.text.openai.base_url an API like OpenAI's?)
            Never | unavailable: 127.0.0.1 gave no answer that can be understood (is providers.text.ollama.base_url Ollama's?)
            Never | unavailable: 127.0.0.1 gave no answer that can be understood (is providers.text.openai.base_url an API like OpenAI's?)
            Never | unavailable: 127.0.0.1 gave no answer that can be understood (is providers.text.openai.base_url an API like OpenAI's?)
            Never | unavailable: the answer of 127.0.0.1 broke off: invalid HTTP version parsed (check the network and try again)
            Never | unavailable: 127.0.0.1 answers compressed (gzip), which was not asked for (is something between that changes answers?)
            Never | unavailable: 127.0.0.1 answers compressed (gzip), which was not asked for (is something between that changes answers?)
            End "Grüße, 🦀!" by gpt-4o-mini: 32 in, 100 read, 0 written, 15 out, 5 thought
        "#]],
    );
}

#[test]
fn a_key_goes_nowhere_else() {
    for (kind, whole) in ALL {
        for status in [
            "301 Moved",
            "302 Found",
            "307 Temporary Redirect",
            "308 Permanent Redirect",
        ] {
            let other = ProviderServer::say(&fixture(whole));
            let location = format!("location: {}/v1/messages", other.url());
            let outcome = ask(kind, &reply(status, &[&location], ""));
            let failure = outcome.result.expect_err("a failure");
            assert_eq!(failure.retry, Retry::UntilConfigured, "{}", failure.error);
            assert_eq!(other.requests(), [""; 0]);
            let server = ProviderServer::say(&reply(status, &[&location], ""));
            let listed = block_on(provider(kind, &server.url(), kind.limits()).models());
            assert_eq!(listed.unwrap_err().retry, Retry::UntilConfigured);
            assert_eq!(other.requests(), [""; 0]);
        }
    }
}

#[test]
fn a_key_is_in_its_header_and_in_nothing_else() {
    for (kind, whole) in ALL {
        let server = ProviderServer::say(&fixture(whole));
        ask_at(kind, &server.url(), kind.limits(), &request());
        let text = server.requests().concat();
        let lines: Vec<_> = text.lines().filter(|line| has_key(line)).collect();
        let expected = match kind {
            Kind::Claude => format!("x-api-key: {KEY}"),
            Kind::OpenAi(_) | Kind::Ollama => format!("authorization: Bearer {KEY}"),
        };
        assert_eq!(lines, [expected]);
    }
}

#[test]
fn no_connection_is_told_with_the_host_and_the_cause() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let nobody = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let unencrypted = format!("https://{}", unencrypted());
    // It reads the first words of an encrypted conversation and waits for more.
    let mute = ProviderServer::say(b"");
    let mute = mute.url().replace("http:", "https:");
    let lines = ALL.map(|(kind, _)| {
        let short = Limits {
            connect: Duration::from_millis(150),
            ..kind.limits()
        };
        let told = |url: &str, limits| ask_at(kind, url, limits, &request()).told();
        [
            told(&nobody, kind.limits()),
            told(&unencrypted, kind.limits()),
            told(&mute, short),
        ]
        .concat()
    });
    let [first, others @ ..] = &lines;
    assert!(others.iter().all(|other| other == first), "{lines:?}");
    expect![[r#"
        Once | unavailable: 127.0.0.1 can't be reached: Connection refused (os error 111) (check the network and try again)
        Once | unavailable: 127.0.0.1 can't be reached: received corrupt message of type InvalidContentType (check the network and try again)
        Once | unavailable: 127.0.0.1 can't be reached within 150ms (check the network and try again)
    "#]].assert_eq(first);
    let outcome = ask_at(CHAT, "https://nowhere.invalid", CHAT.limits(), &request());
    let failure = outcome.result.expect_err("a failure");
    let said = failure.error.message();
    assert!(
        said.starts_with("nowhere.invalid can't be reached"),
        "{said}"
    );
    assert_eq!(failure.retry, Retry::Once);
}

/// A server that says something unencrypted to whoever comes.
fn unencrypted() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    thread::spawn(move || {
        for client in listener.incoming() {
            let mut client = client.expect("a client");
            let _ = client.read(&mut [0; 4096]);
            let _ = client.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n");
        }
    });
    address
}
