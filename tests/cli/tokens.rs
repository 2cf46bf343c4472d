//! `promptstack tokens`: what it tells, and that it asks nobody unless told to.

use std::io::Write;
use std::process::{Output, Stdio};

use expect_test::{Expect, expect};
use serde_json::{Value as Json, json};

use crate::Shell;
use crate::http_server::{Script, Server};

const NOTES: &str = "Write integration tests for the payment API.\n";

/// A shell with a configuration and a file to count.
fn shell(config: &str) -> Shell {
    let shell = Shell::new(&[]);
    let home = shell.home.path();
    std::fs::create_dir_all(home.join("stack")).expect("a folder");
    std::fs::write(
        home.join("stack/config.yaml"),
        format!("version: 1\n{config}"),
    )
    .expect("a file");
    std::fs::write(home.join("notes.md"), NOTES.repeat(100)).expect("a file");
    shell
}

/// A shell whose Claude is a server of ours, with a key in the environment.
fn with_claude(script: Script) -> (Shell, Server) {
    let server = Server::start(script);
    (
        shell(&format!("claude_base_url: {}\n", server.url())),
        server,
    )
}

fn run(shell: &Shell, args: &[&str], env: &[(&str, &str)]) -> Output {
    let mut command = shell.command(&["tokens"]);
    let command = command.args(args).env("PROMPTSTACK_NO_STARTER", "1");
    command.envs(env.iter().copied()).output().expect("it runs")
}

fn check(output: &Output, expected: Expect) {
    let out = String::from_utf8_lossy(&output.stdout);
    let err = String::from_utf8_lossy(&output.stderr);
    expected.assert_eq(&format!(
        "{out}--- {}\n{err}",
        output.status.code().expect("a code")
    ));
}

#[test]
fn a_file_is_counted_for_the_model_against_its_window() {
    let shell = shell("");
    check(
        &run(&shell, &["notes.md"], &[]),
        expect![[r#"
        notes.md  ~1,144 tok (0.1%)
        model     claude-sonnet-5-5, a window of 1,000,000 tokens
        --- 0
    "#]],
    );
    check(
        &run(&shell, &["notes.md", "--model", "gpt-4o"], &[]),
        expect![[r#"
            notes.md  800 tok (0.6%)
            model     gpt-4o, a window of 128,000 tokens
            --- 0
        "#]],
    );
    check(
        &run(&shell, &["notes.md", "--model", "my-own"], &[]),
        expect![[r#"
            notes.md  ~1,125 tok (0.9%)
            model     my-own, which is not known: a window of 128,000 tokens is assumed
            --- 0
        "#]],
    );
    let counted = shell.json(&["tokens", "notes.md", "--json"]);
    let count = json!({ "tokens": 1144, "kind": "estimate", "percent": 0.1144 });
    let mut part = count.clone();
    part["name"] = json!("notes.md");
    assert_eq!(
        counted,
        json!({
            "parts": [part], "total": count, "model": "claude-sonnet-5-5", "known": true,
            "window": 1_000_000, "max_output": 128_000, "level": "fine", "reason": null,
        })
    );
}

#[test]
fn what_is_large_or_too_large_says_so() {
    let large = shell("model: gpt-4o\ntokens: {warn_at: 1, window: 40000}\n");
    check(
        &run(&large, &["notes.md"], &[]),
        expect![[r#"
        notes.md  800 tok (2.0%)
        model     gpt-4o, a window of 40,000 tokens
        large     more than 400 tokens (tokens.warn_at)
        --- 0
    "#]],
    );
    let too_large = shell("model: gpt-4o\ntokens: {refuse_at: 1, window: 40000}\n");
    check(
        &run(&too_large, &["notes.md"], &[]),
        expect![[r#"
        notes.md  800 tok (2.0%)
        model     gpt-4o, a window of 40,000 tokens
        refused   800 tokens are more than 1% of the window of 40,000 (tokens.refuse_at)
        --- 0
    "#]],
    );
    let json = too_large.json(&["tokens", "notes.md", "--json"]);
    assert_eq!(
        (&json["level"], json["reason"].is_string()),
        (&json!("refuse"), true)
    );
}

#[test]
fn standard_input_is_a_dash_and_need_not_be_text() {
    let shell = shell("model: gpt-4o\n");
    let mut command = shell.command(&["tokens", "-"]);
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .env("PROMPTSTACK_NO_STARTER", "1")
        .spawn()
        .expect("it runs");
    let mut stdin = child.stdin.take().expect("piped");
    stdin.write_all(b"hello \xff world").expect("it reads");
    drop(stdin);
    check(
        &child.wait_with_output().expect("it ends"),
        expect![[r#"
        standard input  3 tok (0.0%)
        model           gpt-4o, a window of 128,000 tokens
        --- 0
    "#]],
    );
}

#[test]
fn a_file_that_can_not_be_read_is_told() {
    let shell = shell("");
    check(
        &run(&shell, &["nowhere.md"], &[]),
        expect![[r#"
        --- 3
        promptstack: there is no file nowhere.md
    "#]],
    );
    check(
        &run(&shell, &["stack"], &[]),
        expect![[r#"
        --- 1
        promptstack: stack can't be read: Is a directory (os error 21)
    "#]],
    );
}

#[test]
fn only_exact_asks_the_provider_and_sends_the_text() {
    let (shell, claude) = with_claude(Script::answer("200 OK", &[], "{\"input_tokens\": 1207}"));
    let key = [("ANTHROPIC_API_KEY", "sk-ant-secret")];
    assert!(run(&shell, &["notes.md"], &key).status.success());
    assert!(
        run(&shell, &["notes.md", "--exact", "--model", "o3"], &key)
            .status
            .success()
    );
    assert_eq!(
        claude.requests(),
        [""; 0],
        "an estimate, or a public vocabulary"
    );

    check(
        &run(&shell, &["notes.md", "--exact"], &key),
        expect![[r#"
        notes.md  ~1,144 tok (0.1%)
        total     1,207 tok (0.1%)
        model     claude-sonnet-5-5, a window of 1,000,000 tokens
        --- 0
    "#]],
    );
    let requests = claude.requests();
    let (head, body) = requests[0].split_once("\r\n\r\n").expect("head and body");
    assert!(head.contains("x-api-key: sk-ant-secret"), "{head}");
    let body: Json = serde_json::from_str(body).expect("JSON");
    assert_eq!(body["messages"][0]["content"], json!(NOTES.repeat(100)));
    assert_eq!(
        (requests.len(), &body["model"]),
        (1, &json!("claude-sonnet-5-5"))
    );
}

#[test]
fn what_stands_in_the_way_of_an_exact_count_is_told() {
    let refused = "{\"error\": {\"message\": \"invalid x-api-key\"}}";
    let (shell, claude) = with_claude(Script::answer("401 Unauthorized", &[], refused));
    check(
        &run(&shell, &["notes.md", "--exact"], &[]),
        expect![[r#"
        --- 1
        promptstack: claude_api_key uses ${ANTHROPIC_API_KEY}, which is not set (:Prompt setup shows how to set it)
    "#]],
    );
    check(
        &run(&shell, &["notes.md", "--exact", "--model", "llama3"], &[]),
        expect![[r#"
            --- 2
            promptstack: no provider is known that counts for 'llama3' (without --exact you get an estimate)
        "#]],
    );
    assert_eq!(claude.requests(), [""; 0]);
    let output = run(
        &shell,
        &["notes.md", "--exact"],
        &[("ANTHROPIC_API_KEY", "sk-ant-secret")],
    );
    check(
        &output,
        expect![[r#"
        --- 1
        promptstack: 127.0.0.1 refuses the key: 401 invalid x-api-key (check claude_api_key, :Prompt setup shows how)
    "#]],
    );
}
