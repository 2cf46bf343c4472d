//! The review by a model, a scripted one: its answer as it comes, and as it may fail.

use tempfile::TempDir;

use super::{TEXT, rows, text};
use crate::claude::{self, begin, end, piece};
use crate::composition::{SAVED, below, kept};
use crate::host::signal;
use crate::provider_server::{Act, ProviderServer};
use crate::support::{Nvim, Options};

/// A suggestion with an edit, and one without.
pub const MOCKS: &str = r#"{"type":"contradiction","title":"mocks or no mocks","description":"Both can't be done.","quote":"","edits":[{"find":"Never use mocks.","replace":"Mock only the network.","line":6}]}"#;
pub const GOAL: &str = r#"{"type":"gap","title":"no goal","description":"Say what the tests are for.","quote":"payment API","edits":[]}"#;

pub fn send(text: String) -> Act {
    Act::Send(text.into_bytes())
}

/// A whole answer.
pub fn answer(text: &str) -> Act {
    Act::Send(claude::answer(text))
}

pub fn list(suggestions: &[&str]) -> String {
    format!("{{\"suggestions\":[{}]}}", suggestions.join(","))
}

fn refusal(status: &str, kind: &str) -> Act {
    let body =
        format!("{{\"type\":\"error\",\"error\":{{\"type\":\"{kind}\",\"message\":\"no\"}}}}");
    send(format!(
        "HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    ))
}

/// A Neovim whose models are played by a server.
pub struct Played {
    pub nvim: Nvim,
    pub server: ProviderServer,
    pub home: TempDir,
}

/// Starts one with the text in its buffer; `more` of the configuration comes after who is asked.
pub async fn played(width: i64, plays: Vec<Vec<Act>>, more: &str) -> Played {
    let server = ProviderServer::playing(plays);
    let home = tempfile::tempdir().expect("a folder");
    let prompts = home.path().join("prompts/rules");
    std::fs::create_dir_all(&prompts).expect("a folder");
    let prompt = "---\ntitle: Mocks\ntags: [mocks]\n---\nMock the network in integration tests.\n";
    std::fs::write(prompts.join("mocks.md"), prompt).expect("a file");
    let config = format!(
        "version: 1\nai_provider: claude\nclaude_api_key: ${{KEY}}\nclaude_base_url: {}\n{more}",
        server.url()
    );
    std::fs::write(home.path().join("config.yaml"), config).expect("a file");
    let nvim = started(&home, width).await;
    write(&nvim).await;
    Played { nvim, server, home }
}

/// Starts a Neovim whose configuration is in this home.
async fn started(home: &TempDir, width: i64) -> Nvim {
    let env = vec![
        ("PROMPTSTACK_HOME", home.path().display().to_string()),
        ("KEY", "sk-test-0123456789".to_owned()),
    ];
    let options = Options {
        width,
        height: 40,
        env,
        ..Options::default()
    };
    Nvim::with(&[], options).await
}

/// Puts the text into the current buffer.
async fn write(nvim: &Nvim) {
    let lines: Vec<&str> = TEXT.split('\n').collect();
    let lines = serde_json::to_string(&lines).expect("JSON");
    nvim.lua(&format!(
        "vim.api.nvim_buf_set_lines(0, 0, -1, true, vim.json.decode([==[{lines}]==]))"
    ))
    .await;
}

#[tokio::test]
async fn suggestions_come_one_by_one_and_are_accepted_as_one_undo_step() {
    let whole = list(&[MOCKS, GOAL]);
    let (first, second) = whole.split_at(whole.find(GOAL).expect("it is there") + 20);
    let play = vec![
        send(begin() + &piece(first)),
        Act::Gate,
        send(piece(second) + &end("end_turn")),
    ];
    let Played { nvim, server, home } = played(120, vec![play], "").await;
    nvim.command("Prompt suggest").await;
    nvim.sees("mocks or no mocks").await;
    nvim.sees("asking claude-sonnet-5-5 (<C-c> cancels)").await;
    let shown = rows(&nvim).await;
    assert!(!shown.contains("no goal"), "{shown}");
    // What the checks find is there as well.
    assert!(shown.contains("form of the answer"), "{shown}");
    assert!(shown.contains("1 prompt goes along"), "{shown}");
    server.open_gate();
    nvim.sees("no goal").await;
    let screen = nvim.sees("· $0.0").await;
    assert!(
        screen.contains("Suggestions · claude-sonnet-5-5 · "),
        "{screen}"
    );
    let sent = server.request();
    for held in [
        "Mock the network in integration tests.",
        "6\\tNever use mocks.",
    ] {
        assert!(sent.contains(held), "{held}: {sent}");
    }
    nvim.lua("for row, line in ipairs(vim.api.nvim_buf_get_lines(vim.fn.bufnr('promptstack://suggestions'), 0, -1, true)) do if line:find('mocks or no', 1, true) then vim.api.nvim_win_set_cursor(0, { row, 0 }) end end")
        .await;
    nvim.sees("Mock only the network.").await;
    nvim.keys("a").await;
    let changed = TEXT.replace("Never use mocks.", "Mock only the network.");
    assert_eq!(text(&nvim).await, changed);
    nvim.keys("<C-w>pu").await;
    assert_eq!(text(&nvim).await, TEXT);
    // In micro-dollars: 800 tokens in and 90 out, settled behind what was reserved.
    let ledger = std::fs::read_to_string(home.path().join("data/ledger.jsonl")).expect("a ledger");
    let settled = ledger.lines().last().expect("a line");
    assert!(settled.contains("\"micro_usd\":2500"), "{settled}");
    nvim.command("Prompt stats").await;
    let screen = nvim.sees("800 in, 90 out").await;
    assert!(screen.contains("$0.0025 of $50.00"), "{screen}");
    nvim.quit().await;
}

#[tokio::test]
async fn what_is_wrong_with_an_answer_is_said_above_what_could_be_used_of_it() {
    let cut = list(&[MOCKS, GOAL]);
    let cut = &cut[..cut.len() - 30];
    let rows = [
        // Cut at the allowed length, refused, broken off, not of the form, misquoted.
        (
            vec![send(begin() + &piece(cut) + &end("max_tokens"))],
            "the answer was cut",
            true,
        ),
        (
            vec![send(begin() + &piece("I will not.") + &end("refusal"))],
            "refused",
            false,
        ),
        (
            vec![send(begin() + &piece(cut))],
            "the answer broke off: ",
            true,
        ),
        (
            vec![answer("Nothing but words.")],
            "the answer has no suggestions in it",
            false,
        ),
        (
            vec![answer(&list(&[
                &MOCKS.replace("Never use", "Always use"),
                GOAL,
            ]))],
            "quotes what does not stand in the text",
            true,
        ),
        (
            vec![refusal("401 Unauthorized", "authentication_error")],
            "no answer: ",
            false,
        ),
    ];
    for (play, said, has_some) in rows {
        let Played {
            nvim,
            server: _server,
            home: _home,
        } = played(240, vec![play], "").await;
        nvim.command("Prompt suggest").await;
        let screen = nvim.sees(said).await;
        let shown = super::rows(&nvim).await;
        assert_eq!(
            shown.contains("mocks or no mocks"),
            has_some,
            "{said}\n{screen}"
        );
        assert!(
            shown.contains("form of the answer"),
            "the checks:\n{screen}"
        );
        assert_eq!(text(&nvim).await, TEXT);
        nvim.quit().await;
    }
}

#[tokio::test]
async fn a_missing_key_leaves_the_checks_and_says_the_way_out_once() {
    let Played { nvim, server, home: _home } = played(160, vec![vec![Act::Hold]], "roles: { suggest: { provider: openai, model: m } }\nproviders: { text: { openai: { api_key: '${NONE}' } } }\n").await;
    nvim.command("Prompt suggest").await;
    nvim.sees("no answer: ").await;
    let shown = rows(&nvim).await;
    assert!(shown.contains("form of the answer"), "{shown}");
    let told = nvim.lua("return vim.fn.execute('messages')").await;
    let told = told.as_str().expect("messages");
    assert_eq!(told.matches("NONE").count(), 1, "{told}");
    assert_eq!(server.requests().len(), 0);
    nvim.quit().await;
}

#[tokio::test]
async fn a_wait_is_shown_and_retry_asks_anew() {
    let busy = refusal("429 Too Many Requests", "rate_limit_error");
    let plays = vec![
        vec![busy],
        vec![answer(&list(&[MOCKS]))],
        vec![answer(&list(&[GOAL]))],
    ];
    let Played {
        nvim,
        server,
        home: _home,
    } = played(120, plays, "").await;
    nvim.command("Prompt suggest").await;
    nvim.sees("waiting: ").await;
    nvim.sees("mocks or no mocks").await;
    nvim.sees("· $0.0").await;
    nvim.keys("r").await;
    nvim.sees("no goal").await;
    nvim.loses("mocks or no mocks").await;
    assert_eq!(server.requests().len(), 3);
    nvim.quit().await;
}

/// Whatever a model is asked for: the status of the text says why nothing comes, until something does.
#[tokio::test]
async fn a_wait_is_in_the_status_of_the_text() {
    let busy = || vec![refusal("429 Too Many Requests", "rate_limit_error")];
    let change = r#"{"edits":[{"find":"payment API.","replace":"API.","line":1}]}"#;
    let plays = vec![
        busy(),
        vec![answer(&list(&[GOAL]))],
        busy(),
        vec![answer(change)],
        busy(),
        vec![answer("And so on.")],
        busy(),
        vec![answer("Payment tests")],
        busy(),
        vec![answer("Here are the tests.")],
    ];
    let more = "review: { off: [no-format, vague, contradiction, negative-only, loose-list] }\n";
    let Played {
        nvim,
        server,
        home: _home,
    } = played(120, plays, more).await;
    let tasks = [
        (":Prompt suggest<CR>", "· $0.0"),
        ("Ga", "accept it again to put it in"),
        ("q:Prompt complete<CR>", "And so on."),
        (":Prompt title<CR>", "Name: Payment tests"),
        ("<Esc>:Prompt send ai<CR>", "Here are the tests."),
    ];
    const STATUS: &str = "require('promptstack.composition.status').text(1)";
    for (keys, seen) in tasks {
        nvim.keys(keys).await;
        nvim.holds(&format!(
            "return {STATUS}:find('waiting: 127', 1, true) ~= nil"
        ))
        .await;
        nvim.sees(seen).await;
        nvim.holds(&format!("return {STATUS}:find('waiting', 1, true) == nil"))
            .await;
        assert_eq!(server.requests().len(), 2, "{keys}");
    }
    nvim.quit().await;
}

#[tokio::test]
async fn cancelling_hangs_up_on_the_model_and_keeps_what_came() {
    let play = vec![send(begin() + &piece(&list(&[MOCKS]))), Act::Hold];
    let Played {
        nvim,
        server,
        home: _home,
    } = played(120, vec![play], "").await;
    nvim.command("Prompt suggest").await;
    nvim.sees("mocks or no mocks").await;
    nvim.keys("<C-c>").await;
    nvim.sees("cancelled").await;
    server.wait_for_hang_up();
    nvim.sees("mocks or no mocks").await;
    assert_eq!(text(&nvim).await, TEXT);
    nvim.quit().await;
}

#[tokio::test]
async fn what_may_be_dear_is_asked_in_the_panel_and_sent_only_after_a_yes() {
    let plays = vec![vec![answer(&list(&[MOCKS]))]];
    let more = "cost_limits: { confirm_above: 0.0001 }\n";
    let Played {
        nvim,
        server,
        home: _home,
    } = played(80, plays, more).await;
    nvim.command("Prompt suggest").await;
    nvim.sees("Ask claude-sonnet-5-5? ~").await;
    nvim.sees("asks, n does not)").await;
    nvim.keys("n").await;
    nvim.loses("Ask claude").await;
    assert_eq!(server.requests().len(), 0);
    nvim.keys("r").await;
    nvim.sees("Ask claude-sonnet-5-5? ~").await;
    nvim.keys("y").await;
    nvim.sees("mocks or no mocks").await;
    assert_eq!(server.requests().len(), 1);
    nvim.quit().await;
}

#[tokio::test]
async fn a_prompt_that_is_switched_off_does_not_go_along_the_next_time() {
    let plays = vec![vec![answer(&list(&[MOCKS]))]];
    let Played {
        nvim,
        server,
        home: _home,
    } = played(120, plays, "").await;
    nvim.command("Prompt suggest").await;
    nvim.sees("1 prompt goes along").await;
    nvim.sees("· $0.0").await;
    assert!(server.request().contains("Mock the network in integration"));
    nvim.keys("c").await;
    nvim.sees("[x] rules/mocks  Mocks").await;
    nvim.keys("<Space>").await;
    nvim.sees("[ ] rules/mocks").await;
    nvim.keys("r").await;
    nvim.sees("0 prompts go along").await;
    assert!(!server.request().contains("Mock the network in integration"));
    nvim.quit().await;
}

/// Waits until everything that is composed is on the disk.
async fn all_saved(nvim: &Nvim) {
    nvim.holds(
        "local keepers = require('promptstack.composition.keeper')\n\
         return vim.iter(keepers.all()):all(function(k) return keepers.state(k) == 'saved' end)",
    )
    .await;
}

/// The lists of what is left out, as the files of the history have them.
fn left_out(home: &TempDir) -> Vec<bool> {
    let files = below(home.path(), "data/.history", "md").into_iter();
    files
        .map(|(_, text)| text.contains("without:\n- \"rules/mocks\"\n"))
        .collect()
}

#[tokio::test]
async fn what_is_switched_off_stays_off_for_its_composition_over_restarts() {
    let play = vec![answer(&list(&[MOCKS]))];
    let Played { nvim, server, home } = played(120, vec![play], "").await;
    nvim.command(&format!("cd {}", home.path().display())).await;
    nvim.command("Prompt compose plan").await;
    nvim.holds(&kept("k.reply ~= nil")).await;
    write(&nvim).await;
    nvim.holds(&kept(SAVED)).await;
    nvim.command("Prompt suggest").await;
    nvim.sees("· $0.0").await;
    assert!(server.request().contains("Mock the network in integration"));
    nvim.keys("c").await;
    nvim.sees("[x] rules/mocks  Mocks").await;
    nvim.keys("<Space>").await;
    nvim.sees("[ ] rules/mocks").await;
    // Though no line has changed, and nothing is left that would save it at the end.
    all_saved(&nvim).await;
    assert_eq!(left_out(&home), [true]);
    signal(nvim.pid(), "-KILL");
    nvim.ended().await;

    let nvim = started(&home, 120).await;
    nvim.command(&format!("cd {}", home.path().display())).await;
    nvim.command("Prompt compose plan").await;
    nvim.reads(TEXT).await;
    nvim.command("Prompt suggest").await;
    nvim.sees("0 prompts go along").await;
    nvim.sees("· $0.0").await;
    assert!(!server.request().contains("Mock the network in integration"));
    nvim.keys("c").await;
    nvim.sees("[ ] rules/mocks  Mocks").await;
    nvim.keys("q").await;
    nvim.loses("What goes along").await;
    nvim.keys(":Prompt history<CR>").await;
    nvim.sees("1/1").await;
    nvim.keys("<CR>").await;
    nvim.holds(&kept("k.path and k.path ~= ''")).await;
    assert_eq!(left_out(&home), [true, true], "a new one takes it along");
    nvim.command("Prompt suggest").await;
    nvim.sees("0 prompts go along").await;
    nvim.sees("· $0.0").await;
    nvim.keys("c").await;
    nvim.sees("[ ] rules/mocks  Mocks").await;
    nvim.keys("<Space>").await;
    nvim.sees("[x] rules/mocks  Mocks").await;
    all_saved(&nvim).await;
    assert_eq!(left_out(&home), [true, false], "the old one is left alone");
    nvim.quit().await;
}

#[tokio::test]
async fn what_is_switched_off_for_a_private_text_is_kept_nowhere() {
    let play = vec![answer(&list(&[MOCKS]))];
    let Played { nvim, server, home } = played(120, vec![play], "").await;
    nvim.command("Prompt private").await;
    write(&nvim).await;
    nvim.command("Prompt suggest").await;
    nvim.sees("· $0.0").await;
    assert!(server.request().contains("Mock the network in integration"));
    nvim.keys("c").await;
    nvim.sees("[x] rules/mocks  Mocks").await;
    nvim.keys("<Space>").await;
    nvim.sees("[ ] rules/mocks").await;
    nvim.keys("r").await;
    nvim.sees("0 prompts go along").await;
    assert!(!server.request().contains("Mock the network in integration"));
    nvim.quit().await;
    assert!(left_out(&home).is_empty());
}

#[tokio::test]
async fn who_is_named_with_the_command_is_asked() {
    let Played {
        nvim,
        server,
        home: _home,
    } = played(120, vec![vec![Act::Hold]], "").await;
    nvim.command("Prompt suggest local").await;
    nvim.sees("Suggestions · local · ").await;
    assert_eq!(server.requests().len(), 0);
    nvim.quit().await;
}

#[tokio::test]
async fn invisible_characters_are_named_before_they_can_be_accepted() {
    let sly = MOCKS.replace("Mock only", "Mock\\u200b only\\u202e");
    let Played {
        nvim,
        server: _server,
        home: _home,
    } = played(
        160,
        vec![vec![answer(&list(&[&sly]))]],
        "review: { off: [no-format, vague, contradiction, negative-only, loose-list] }\n",
    )
    .await;
    nvim.command("Prompt suggest").await;
    nvim.sees("mocks or no mocks").await;
    nvim.keys("G").await;
    nvim.sees("invisible characters: <200b> <202e>").await;
    nvim.keys("a").await;
    nvim.sees("it has invisible characters: <200b> <202e> (accept it again to take them)")
        .await;
    assert_eq!(text(&nvim).await, TEXT);
    nvim.keys("a").await;
    assert!(
        text(&nvim)
            .await
            .ends_with("Mock\u{200b} only\u{202e} the network.")
    );
    nvim.quit().await;
}
