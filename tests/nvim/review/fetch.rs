//! The change of a suggestion that has none: fetched with the text locked, shown, and put in by accepting once more.

use super::model::{GOAL, Played, answer, list, played};
use super::{TEXT, text};
use crate::provider_server::Act;
use crate::support::Nvim;

const CHANGE: &str =
    r#"{"edits":[{"find":"payment API.","replace":"payment API, to find regressions.","line":1}]}"#;

/// No check of the host's own is in the way.
const OFF: &str = "review: { off: [no-format, vague, contradiction, negative-only, loose-list] }\n";

fn changed() -> String {
    TEXT.replace("payment API.", "payment API, to find regressions.")
}

/// Starts one with the suggestion that has no edits chosen in the panel; `plays` follow its answer.
async fn chosen(plays: Vec<Vec<Act>>, more: &str) -> Played {
    let mut all = vec![vec![answer(&list(&[GOAL]))]];
    all.extend(plays);
    let played = played(120, all, &format!("{OFF}{more}")).await;
    played.nvim.command("Prompt suggest").await;
    played.nvim.sees("· $0.0").await;
    played.nvim.keys("G").await;
    played.nvim.sees("▌◆ Gap").await;
    played
}

async fn is_locked(nvim: &Nvim) -> bool {
    nvim.lua("return not vim.bo[1].modifiable").await == true
}

/// Waits until the text is locked and that is said.
async fn locked(nvim: &Nvim) {
    nvim.sees("the text is locked while its change is fetched")
        .await;
    nvim.sees("applying …").await;
    assert!(is_locked(nvim).await);
}

/// Everything is as it was, and can be typed in.
async fn unlocked(nvim: &Nvim) {
    nvim.holds("return vim.bo[1].modifiable").await;
    nvim.loses("the text is locked").await;
    assert_eq!(text(nvim).await, TEXT);
    nvim.lua("vim.api.nvim_set_current_win(vim.fn.bufwinid(1))")
        .await;
    nvim.keys("ggIx<Esc>").await;
    assert_eq!(text(nvim).await, format!("x{TEXT}"));
}

#[tokio::test]
async fn a_change_is_fetched_shown_and_put_in_as_one_undo_step() {
    let played = chosen(vec![vec![Act::Gate, answer(CHANGE)]], "").await;
    let nvim = &played.nvim;
    nvim.keys("a").await;
    locked(nvim).await;
    played.server.open_gate();
    nvim.sees("accept it again to put it in").await;
    nvim.sees("payment API, to find regressions.").await;
    assert!(!is_locked(nvim).await);
    assert_eq!(text(nvim).await, TEXT, "shown only");
    nvim.keys("a").await;
    assert_eq!(text(nvim).await, changed());
    nvim.keys("<C-w>pu").await;
    assert_eq!(text(nvim).await, TEXT);
    played.nvim.quit().await;
}

#[tokio::test]
async fn insert_mode_is_left_before_the_text_is_locked() {
    let played = chosen(vec![vec![Act::Gate, answer(CHANGE)]], "").await;
    let nvim = &played.nvim;
    nvim.lua("vim.keymap.set('i', '<C-g>', '<Plug>(promptstack-accept)')")
        .await;
    nvim.keys("<C-w>pi<C-g>").await;
    locked(nvim).await;
    assert_eq!(nvim.mode().await, "n");
    played.server.open_gate();
    nvim.sees("accept it again to put it in").await;
    assert!(!is_locked(nvim).await);
    played.nvim.quit().await;
}

#[tokio::test]
async fn cancelling_unlocks_the_text_and_hangs_up() {
    for (from_panel, key) in [
        (true, "<Esc>"),
        (true, "<C-c>"),
        (false, "<Esc>"),
        (false, "<C-c>"),
    ] {
        let played = chosen(vec![vec![Act::Hold]], "").await;
        let nvim = &played.nvim;
        nvim.keys("a").await;
        locked(nvim).await;
        if !from_panel {
            nvim.keys("<C-w>p").await;
        }
        nvim.keys(key).await;
        nvim.sees("cancelled: the text is as it was").await;
        nvim.sees("Suggestions").await;
        played.server.wait_for_hang_up();
        unlocked(nvim).await;
        played.nvim.quit().await;
    }
}

#[tokio::test]
async fn an_error_or_an_answer_that_is_no_change_unlocks_the_text() {
    let refused = "HTTP/1.1 400 Bad Request\r\ncontent-length: 2\r\n\r\n{}";
    for (act, said) in [
        (Act::Send(refused.into()), "400"),
        (answer("no JSON"), "the answer is not of the form"),
        (
            answer(&CHANGE.replace("payment", "delivery")),
            "quotes what does not stand in the text",
        ),
    ] {
        let played = chosen(vec![vec![act]], "").await;
        let nvim = &played.nvim;
        nvim.keys("a").await;
        nvim.sees("failed ✗").await;
        let told = nvim.lua("return vim.fn.execute('messages')").await;
        assert!(
            told.as_str().is_some_and(|told| told.contains(said)),
            "{said}: {told}"
        );
        unlocked(nvim).await;
        played.nvim.quit().await;
    }
}

#[tokio::test]
async fn a_host_that_dies_unlocks_the_text() {
    let played = chosen(vec![vec![Act::Hold]], "").await;
    let nvim = &played.nvim;
    nvim.keys("a").await;
    locked(nvim).await;
    let pid = nvim
        .lua("return vim.fn.jobpid(require('promptstack.host').channel())")
        .await;
    crate::host::signal(pid.as_i64().expect("a process id"), "-KILL");
    nvim.sees("failed ✗").await;
    unlocked(nvim).await;
    played.nvim.quit().await;
}

#[tokio::test]
async fn a_text_is_not_locked_for_longer_than_a_minute() {
    let played = chosen(vec![vec![Act::Hold]], "").await;
    let nvim = &played.nvim;
    assert_eq!(
        nvim.lua("return require('promptstack.review.fetch').LIMIT_MS")
            .await,
        60_000
    );
    nvim.lua("require('promptstack.review.fetch').LIMIT_MS = 400")
        .await;
    nvim.keys("a").await;
    nvim.sees("no change came within 1 s; accept it again to ask anew")
        .await;
    played.server.wait_for_hang_up();
    unlocked(nvim).await;
    played.nvim.quit().await;
}

#[tokio::test]
async fn a_change_of_a_text_that_is_gone_is_refused_and_asked_for_again() {
    let plays = vec![vec![Act::Gate, answer(CHANGE)], vec![answer(CHANGE)]];
    let played = chosen(plays, "").await;
    let nvim = &played.nvim;
    nvim.keys("a").await;
    locked(nvim).await;
    // Somebody writes all the same.
    nvim.lua("vim.bo[1].modifiable = true vim.api.nvim_buf_set_lines(1, 0, 0, true, { 'Above.' })")
        .await;
    played.server.open_gate();
    nvim.sees("failed ✗").await;
    assert_eq!(text(nvim).await, format!("Above.\n{TEXT}"));
    nvim.keys("a").await;
    nvim.sees("accept it again to put it in").await;
    // And once more, now that it is shown.
    nvim.lua("vim.api.nvim_buf_set_text(1, 1, 0, 1, 5, { 'Draft' })")
        .await;
    nvim.keys("a").await;
    nvim.sees("failed ✗").await;
    assert!(
        text(nvim)
            .await
            .contains("Draft integration tests for the payment API.")
    );
    played.nvim.quit().await;
}

#[tokio::test]
async fn a_dear_change_is_asked_for_only_after_a_yes() {
    let plays = vec![vec![answer(&list(&[GOAL]))], vec![answer(CHANGE)]];
    let more = format!("{OFF}cost_limits: {{ confirm_above: 0.0001 }}\n");
    let played = played(120, plays, &more).await;
    let nvim = &played.nvim;
    nvim.command("Prompt suggest").await;
    nvim.sees("Ask claude-sonnet-5-5?").await;
    nvim.keys("y").await;
    nvim.sees("· $0.0").await;
    nvim.keys("Ga").await;
    nvim.sees("Ask claude-sonnet-5-5?").await;
    assert!(!is_locked(nvim).await);
    assert_eq!(played.server.requests().len(), 1);
    nvim.keys("y").await;
    nvim.sees("accept it again to put it in").await;
    played.nvim.quit().await;
}
