//! A composition that a model answers: what is sent, what is seen of the answer, what is kept.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::json;

use super::put;
use crate::files::size;
use crate::host::{PID, signal};
use crate::provider_server::{Act, ProviderServer};
use crate::support::{Nvim, Options};

const HEAD: &str = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n";

/// An event of a stream.
fn event(data: serde_json::Value) -> String {
    let kind = data["type"].as_str().expect("a type").to_owned();
    format!("event: {kind}\ndata: {data}\n\n")
}

/// The beginning of an answer, as far as these pieces.
fn begin(pieces: &[&str]) -> Act {
    let start = json!({"type": "message_start", "message": {"id": "m", "type": "message", "role": "assistant",
        "model": "claude-sonnet-5-5", "content": [], "usage": {"input_tokens": 1200, "output_tokens": 1}}});
    let block = json!({"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}});
    let head = [HEAD.to_owned(), event(start), event(block)].concat();
    Act::Send([head, text(pieces)].concat().into_bytes())
}

fn text(pieces: &[&str]) -> String {
    let delta = |piece: &&str| {
        let delta = json!({"type": "text_delta", "text": piece});
        event(json!({"type": "content_block_delta", "index": 0, "delta": delta}))
    };
    pieces.iter().map(delta).collect()
}

/// The rest of an answer.
fn end(pieces: &[&str], stop: &str) -> Act {
    let rest = [
        text(pieces),
        event(json!({"type": "content_block_stop", "index": 0})),
        event(
            json!({"type": "message_delta", "delta": {"stop_reason": stop}, "usage": {"output_tokens": 34}}),
        ),
        event(json!({"type": "message_stop"})),
    ];
    Act::Send(rest.concat().into_bytes())
}

/// A server that answers so.
fn answering(pieces: &[&str]) -> ProviderServer {
    ProviderServer::start(vec![begin(pieces), end(&[], "end_turn")])
}

/// An editor that asks this server, with more in its configuration and a composition of this text.
async fn asking(server: &ProviderServer, more: &str, draft: &str) -> Nvim {
    let options = Options {
        env: vec![("KEY", "sk-test-0123456789".to_owned())],
        ..size(80, 24)
    };
    let nvim = Nvim::with(&[], options).await;
    fs::create_dir_all(nvim.stack()).expect("a folder");
    let config = format!(
        "version: 1\nai_provider: claude\nclaude_api_key: ${{KEY}}\nclaude_base_url: {}\n{more}",
        server.url()
    );
    fs::write(nvim.stack().join("config.yaml"), config).expect("a file");
    nvim.command("Prompt compose").await;
    put(&nvim, draft).await;
    nvim
}

/// The files of the history, with all that stands in them.
fn kept(nvim: &Nvim) -> Vec<String> {
    let Ok(files) = fs::read_dir(nvim.stack().join("data/.history")) else {
        return Vec::new();
    };
    let mut texts: Vec<_> = files
        .map(|file| file.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|it| it == "md"))
        .map(|path| fs::read_to_string(path).expect("text"))
        .collect();
    texts.sort();
    texts
}

/// The file of the history that holds this.
fn kept_with(nvim: &Nvim, text: &str) -> String {
    let all = kept(nvim);
    let found = all.iter().find(|it| it.contains(text));
    found.unwrap_or_else(|| panic!("{text}: {all:#?}")).clone()
}

/// The files below a folder that hold this.
fn holding(folder: &Path, text: &str) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else {
        return Vec::new();
    };
    let found = entries.flat_map(|entry| {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            return holding(&path, text);
        }
        let bytes = fs::read(&path).unwrap_or_default();
        let holds = String::from_utf8_lossy(&bytes).contains(text);
        Vec::from_iter(holds.then_some(path))
    });
    found.collect()
}

#[tokio::test]
async fn an_answer_is_read_while_it_comes_and_kept_with_what_it_took() {
    let server = ProviderServer::start(vec![
        begin(&["Mock the ", "network.\nUse a **zebrafish"]),
        Act::Gate,
        end(&["** for it."], "end_turn"),
    ]);
    let nvim = asking(&server, "", "How do I test it?").await;
    nvim.keys(":Prompt send ai<CR>").await;
    nvim.sees("claude-sonnet-5-5 answers · <C-c> stops it")
        .await;
    nvim.reads("Mock the network.\nUse a **zebrafish").await;
    assert!(kept(&nvim).iter().all(|it| it.contains("draft: true")));
    server.open_gate();
    nvim.sees("claude-sonnet-5-5 · 1,200 in · 34 out · $0.0")
        .await;
    nvim.sees(" · kept").await;
    nvim.sees("answered by claude-sonnet-5-5 (").await;
    nvim.reads("Mock the network.\nUse a **zebrafish** for it.")
        .await;
    let question = kept_with(&nvim, "How do I test it?");
    assert!(!question.contains("draft: true"), "{question}");
    assert!(
        question.contains("- {to: \"ai (claude-sonnet-5-5 · 1,200 in · 34 out · $0.0"),
        "{question}"
    );
    let answer = kept_with(&nvim, "zebrafish** for it.\n");
    let id = question
        .lines()
        .nth(1)
        .expect("an id")
        .trim_start_matches("id: ");
    let about = format!(
        "answer: {{to: \"{id}\", model: \"claude-sonnet-5-5\", input: 1200, output: 34, micro_usd: "
    );
    assert!(answer.contains(&about), "{answer}");
    assert!(!answer.contains("draft: true"), "{answer}");
    nvim.keys("q").await;
    assert_eq!(nvim.text().await, "How do I test it?");
    nvim.keys(":Prompt history<CR>").await;
    nvim.keys("zebrafish").await;
    nvim.sees("1/2").await;
    nvim.sees("answer of: claude-sonnet-5-5 · 1,200 in").await;
    nvim.quit().await;
}

#[tokio::test]
async fn a_whole_answer_outlives_a_host_that_is_killed() {
    let server = answering(&["Ask a zebrafish."]);
    let nvim = asking(&server, "", "Who knows?").await;
    nvim.keys(":Prompt send ai<CR>").await;
    nvim.sees(" · kept").await;
    let pid = nvim.lua(PID).await.as_i64().expect("a pid");
    signal(pid, "-9");
    nvim.holds(&format!(
        "local channel = require('promptstack.host').channel()\n\
         local ok, pid = pcall(vim.fn.jobpid, channel)\n\
         return channel ~= nil and ok and pid ~= {pid}"
    ))
    .await;
    nvim.keys(":Prompt history<CR>").await;
    nvim.keys("zebrafish").await;
    nvim.sees("answer of: claude-sonnet-5-5").await;
    nvim.quit().await;
}

#[tokio::test]
async fn what_came_before_the_host_died_stays_in_sight() {
    let server = ProviderServer::start(vec![begin(&["Half of it"]), Act::Hold]);
    let nvim = asking(&server, "", "Go on").await;
    nvim.keys(":Prompt send ai<CR>").await;
    nvim.sees("Half of it").await;
    signal(nvim.lua(PID).await.as_i64().expect("a pid"), "-9");
    nvim.sees("incomplete · claude-sonnet-5-5").await;
    assert_eq!(nvim.text().await, "Half of it");
    nvim.quit().await;
}

#[tokio::test]
async fn an_answer_that_is_stopped_is_marked_and_the_draft_stays() {
    // Typed while Lua runs, it is no key for Neovim but an interruption.
    for while_at_work in [false, true] {
        let server = ProviderServer::start(vec![begin(&["Half of it"]), Act::Hold]);
        let nvim = asking(&server, "", "Go on").await;
        nvim.keys(":Prompt send ai<CR>").await;
        nvim.sees("Half of it").await;
        if while_at_work {
            nvim.lua("vim.api.nvim_input('<C-c>')").await;
        } else {
            nvim.keys("<C-c>").await;
        }
        nvim.sees("incomplete: you stopped it").await;
        server.wait_for_hang_up();
        assert_eq!(nvim.text().await, "Half of it");
        let all = kept(&nvim);
        assert_eq!(all.len(), 1, "{all:#?}");
        assert!(all[0].contains("draft: true"), "{}", all[0]);
        nvim.quit().await;
    }
}

#[tokio::test]
async fn the_key_that_comes_while_a_piece_is_put_in_stops_the_answer_and_the_piece_is_there() {
    let server = ProviderServer::start(vec![
        begin(&["Half of it"]),
        Act::Gate,
        Act::Send(text(&[" and more\nthan that"]).into_bytes()),
        Act::Hold,
    ]);
    let nvim = asking(&server, "", "Go on").await;
    nvim.keys(":Prompt send ai<CR>").await;
    nvim.sees("Half of it").await;
    nvim.lua(
        "local real = vim.api.nvim_win_set_cursor\n\
         vim.api.nvim_win_set_cursor = function()\n\
           vim.api.nvim_win_set_cursor = real\n\
           error('Keyboard interrupt')\n\
         end",
    )
    .await;
    server.open_gate();
    nvim.sees("incomplete: you stopped it").await;
    server.wait_for_hang_up();
    assert_eq!(nvim.text().await, "Half of it and more\nthan that");
    nvim.quit().await;
}

#[tokio::test]
async fn who_closes_the_answer_does_not_wait_for_it() {
    let server = ProviderServer::start(vec![begin(&["Half of it"]), Act::Hold]);
    let nvim = asking(&server, "", "Go on").await;
    nvim.keys(":Prompt send ai<CR>").await;
    nvim.reads("Half of it").await;
    nvim.keys("q").await;
    server.wait_for_hang_up();
    assert_eq!(nvim.text().await, "Go on");
    nvim.quit().await;
}

#[tokio::test]
async fn before_anything_came_it_is_given_up_with_the_same_key() {
    let server = ProviderServer::start(vec![Act::Hold]);
    let nvim = asking(&server, "", "Go on").await;
    nvim.keys(":Prompt send ai<CR>").await;
    nvim.sees("claude-sonnet-5-5 is asked (<C-c> cancels)")
        .await;
    nvim.keys("<C-c>").await;
    server.wait_for_hang_up();
    nvim.loses("is asked").await;
    assert_eq!(nvim.text().await, "Go on");
    assert!(kept(&nvim)[0].contains("draft: true"));
    nvim.quit().await;
}

#[tokio::test]
async fn what_may_be_dear_is_sent_only_when_the_person_agrees() {
    let server = answering(&["Yes."]);
    let limits = "cost_limits: { confirm_above: 0.0001 }\n";
    let nvim = asking(&server, limits, "Really?").await;
    nvim.keys(":Prompt send ai<CR>").await;
    nvim.sees("Ask claude-sonnet-5-5? ~").await;
    nvim.keys("2").await;
    nvim.loses("Ask claude-sonnet-5-5?").await;
    nvim.keys(":Prompt send ai<CR>").await;
    nvim.sees("Ask claude-sonnet-5-5? ~").await;
    assert_eq!(server.requests().len(), 0, "nothing was sent");
    nvim.keys("1").await;
    nvim.sees("answered by claude-sonnet-5-5").await;
    nvim.reads("Yes.").await;
    assert_eq!(server.requests().len(), 1);
    nvim.quit().await;
}

#[tokio::test]
async fn an_answer_that_breaks_off_says_why_and_keeps_what_came() {
    let error =
        json!({"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}});
    let server = ProviderServer::start(vec![
        begin(&["Half of it"]),
        Act::Send(event(error).into_bytes()),
    ]);
    let nvim = asking(&server, "", "Go on").await;
    nvim.keys(":Prompt send ai<CR>").await;
    nvim.sees("incomplete: ").await;
    nvim.sees("incomplete · claude-sonnet-5-5").await;
    assert_eq!(nvim.text().await, "Half of it");
    let all = kept(&nvim);
    assert!(all.len() == 1 && all[0].contains("draft: true"), "{all:#?}");
    nvim.quit().await;
}

#[tokio::test]
async fn one_that_became_too_long_is_kept_as_what_it_is_and_the_draft_stays() {
    let server = ProviderServer::start(vec![begin(&["On and on"]), end(&[], "max_tokens")]);
    let nvim = asking(&server, "", "Tell me all").await;
    nvim.keys(":Prompt send ai<CR>").await;
    nvim.sees("incomplete: it reached the limit of 4000 tokens")
        .await;
    let answer = kept_with(&nvim, "On and on\n");
    assert!(answer.contains("incomplete: \"it reached"), "{answer}");
    let question = kept_with(&nvim, "Tell me all");
    assert!(question.contains("draft: true"), "{question}");
    nvim.quit().await;
}

#[tokio::test]
async fn of_a_private_one_nothing_is_kept() {
    let server = answering(&["A secret answer."]);
    let nvim = asking(&server, "", "").await;
    nvim.command("bwipeout!").await;
    nvim.command("Prompt private").await;
    put(&nvim, "a secret plan").await;
    nvim.keys(":Prompt send ai<CR>").await;
    nvim.sees("answered by claude-sonnet-5-5").await;
    nvim.reads("A secret answer.").await;
    assert!(!nvim.screen().contains("· kept"), "{}", nvim.screen());
    let home = nvim.home.path().to_owned();
    for secret in ["secret plan", "secret answer"] {
        assert_eq!(holding(&home, secret), Vec::<PathBuf>::new());
    }
    nvim.quit().await;
}

#[tokio::test]
async fn what_would_be_sent_is_shown_and_nothing_is_sent() {
    let server = answering(&["Never."]);
    let roles = "roles: { ask: { max_tokens: 900, temperature: 0.5, effort: low } }\n";
    let nvim = asking(&server, roles, "Explain {{text:what=monads}}").await;
    nvim.keys(":Prompt send --dry-run ai<CR>").await;
    for shown in [
        "provider     claude",
        &format!("address      {}", server.url()),
        "model        claude-sonnet-5-5",
        "role         ask",
        "max_tokens   900",
        "temperature  0.5, where the service takes one",
        "effort       low",
        "tokens in, up to 900 out, at most $0.0",
        "── user ──",
        "Explain monads",
        "nothing was sent",
    ] {
        nvim.sees(shown).await;
    }
    assert!(!nvim.screen().contains("sk-test"), "{}", nvim.screen());
    nvim.keys("q").await;
    assert_eq!(server.requests().len(), 0);
    nvim.quit().await;
}

#[tokio::test]
async fn a_text_that_is_too_long_for_the_model_is_refused_with_the_reason() {
    let server = answering(&["Never."]);
    let window = "tokens: { window: 32000, refuse_at: 1, warn_at: 1 }\n";
    let nvim = asking(&server, window, &"word ".repeat(1000)).await;
    nvim.keys(":Prompt send ai<CR>").await;
    nvim.sees("not sent: ").await;
    nvim.sees("are more than 1% of the window of 32,000").await;
    nvim.keys(":Prompt send --dry-run ai<CR>").await;
    nvim.sees("would not be sent: ").await;
    assert_eq!(server.requests().len(), 0);
    nvim.quit().await;
}

#[tokio::test]
async fn characters_that_are_not_seen_are_marked_and_named() {
    let server = answering(&["Run ls\u{200B} now\u{202E}"]);
    let nvim = asking(&server, "", "What?").await;
    nvim.keys(":Prompt send ai<CR>").await;
    nvim.sees("‹U+200B›").await;
    nvim.sees("‹U+202E›").await;
    nvim.sees("hidden characters · claude-sonnet-5-5").await;
    nvim.sees("not seen, and marked above: U+200B zero width space, U+202E")
        .await;
    assert_eq!(nvim.text().await, "Run ls\u{200B} now\u{202E}");
    nvim.quit().await;
}

#[tokio::test]
async fn the_answer_does_not_move_who_has_moved() {
    let many: String = (1..40).map(|n| format!("line {n}\n")).collect();
    let server = ProviderServer::start(vec![
        begin(&[&many]),
        Act::Gate,
        end(&["and the\nvery last"], "end_turn"),
    ]);
    let nvim = asking(&server, "", "Go on").await;
    nvim.keys(":Prompt send ai<CR>").await;
    nvim.sees("line 39").await;
    nvim.keys("gg").await;
    nvim.sees("line 1\n").await;
    nvim.keys("g?").await;
    nvim.sees("stop the answer").await;
    nvim.keys("q").await;
    server.open_gate();
    nvim.sees("answered by claude-sonnet-5-5").await;
    assert_eq!(nvim.lua("return vim.fn.line('.')").await, 1);
    nvim.quit().await;
}

#[tokio::test]
async fn who_goes_on_writing_keeps_the_cursor_where_it_is() {
    let server = ProviderServer::start(vec![Act::Gate, begin(&["Late."]), end(&[], "end_turn")]);
    let nvim = asking(&server, "", "Go on").await;
    nvim.keys(":Prompt send ai<CR>").await;
    nvim.sees("is asked").await;
    nvim.keys("oand more").await;
    server.open_gate();
    nvim.sees("Late.").await;
    nvim.sees(" · kept").await;
    nvim.keys(", still").await;
    nvim.keys("<Esc>").await;
    assert_eq!(nvim.text().await, "Go on\nand more, still");
    nvim.quit().await;
}

#[tokio::test]
async fn what_comes_while_the_command_line_window_is_open_is_shown_afterwards() {
    let server = ProviderServer::start(vec![Act::Gate, begin(&["Late."]), end(&[], "end_turn")]);
    let nvim = asking(&server, "", "Go on").await;
    nvim.keys(":Prompt send ai<CR>").await;
    nvim.sees("is asked").await;
    nvim.keys("q:").await;
    nvim.holds("return vim.fn.getcmdwintype() == ':'").await;
    server.open_gate();
    let files = nvim.stack().join("data/.history/*.md");
    nvim.holds(&format!(
        "return #vim.fn.glob({:?}, true, true) == 2",
        files.display().to_string()
    ))
    .await;
    nvim.keys(":q<CR>").await;
    nvim.sees("Late.").await;
    nvim.sees(" · kept").await;
    nvim.quit().await;
}

#[tokio::test]
async fn a_role_can_be_named_and_is_one_of_the_configuration() {
    let server = answering(&["Short."]);
    let roles = "roles: { brief: { model: claude-opus-5-5, max_tokens: 100 } }\n";
    let nvim = asking(&server, roles, "Go on").await;
    nvim.keys(":Prompt send ai:nobody<CR>").await;
    nvim.sees("there is no role 'nobody'").await;
    nvim.keys(":Prompt send ai:brief<CR>").await;
    nvim.sees("answered by").await;
    let request = server.request();
    assert!(request.contains("claude-opus-5-5"), "{request}");
    assert!(request.contains("\"max_tokens\":100"), "{request}");
    nvim.quit().await;
}
