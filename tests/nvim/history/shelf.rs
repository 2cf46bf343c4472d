//! The shelf: drafts, what is open, what a program waits for.

use serde_json::json;

use super::{asked, drawn, faked, size};
use crate::support::Nvim;

async fn shelf(nvim: &Nvim, count: &str) -> String {
    nvim.command("Prompt drafts").await;
    nvim.sees("Drafts").await;
    nvim.sees(count).await;
    drawn(nvim).await
}

#[tokio::test]
async fn it_shows_the_drafts_of_this_project_and_goes_on_with_one() {
    let nvim = faked(size(80, 24)).await;
    let screen = shelf(&nvim, "1/1").await;
    assert!(screen.contains("Drafts · ~/src/payments"), "{screen}");
    assert!(
        screen.contains("▌today 14:03  [payments] Write"),
        "{screen}"
    );
    nvim.keys("<CR>").await;
    nvim.reads(
        "Write integration tests for the payment API.\nAlways mock the network.\n\n{{text:what}}",
    )
    .await;
    assert_eq!(
        nvim.lua(
            "local k = require('promptstack.composition.keeper').get(vim.api.nvim_get_current_buf()) \
             return { k.id, k.mark, k.name }"
        )
        .await,
        json!(["a", "mark of a", "payments"]),
        "under its own id"
    );
    nvim.quit().await;
}

#[tokio::test]
async fn an_empty_shelf_says_how_to_begin() {
    let nvim = faked(size(80, 24)).await;
    nvim.lua("_G.fake.rows[1].directory = '/elsewhere'").await;
    shelf(&nvim, "0/0").await;
    nvim.sees("no drafts in ~/src/payments").await;
    nvim.sees(":Prompt compose begins one").await;
    nvim.sees("<C-g> shows those of all projects").await;
    nvim.keys("<C-g>").await;
    nvim.sees("1/1").await;
    nvim.sees("/elsewhere").await;
    nvim.quit().await;
}

#[tokio::test]
async fn a_bang_shows_all_projects_at_once() {
    let nvim = faked(size(80, 24)).await;
    nvim.lua("_G.fake.rows[1].directory = '/elsewhere'").await;
    nvim.command("Prompt! drafts").await;
    nvim.sees("1/1").await;
    nvim.sees("/elsewhere").await;
    nvim.quit().await;
}

#[tokio::test]
async fn what_is_open_is_gone_back_to_and_not_opened_twice() {
    let nvim = faked(size(80, 24)).await;
    nvim.command("Prompt compose").await;
    nvim.keys("ia thought<Esc>").await;
    nvim.sees("saved ✓").await;
    nvim.command("only").await;
    nvim.command("enew").await;
    let screen = shelf(&nvim, "2/2").await;
    assert!(screen.contains("▌open"), "{screen}");
    nvim.sees("buffer: promptstack://compose").await;
    nvim.keys("<CR>").await;
    nvim.reads("a thought").await;
    assert_eq!(nvim.mode().await, "n");
    assert_eq!(asked(&nvim, "history_get").await, 0);
    // Shown in a window, it is gone to.
    nvim.command("wincmd p").await;
    shelf(&nvim, "2/2").await;
    nvim.keys("<CR>").await;
    nvim.reads("a thought").await;
    assert_eq!(nvim.lua("return #vim.api.nvim_list_wins()").await, 2);
    nvim.quit().await;
}

#[tokio::test]
async fn a_draft_that_is_open_stands_there_once() {
    let nvim = faked(size(80, 24)).await;
    shelf(&nvim, "1/1").await;
    nvim.keys("<CR>").await;
    nvim.reads(
        "Write integration tests for the payment API.\nAlways mock the network.\n\n{{text:what}}",
    )
    .await;
    let screen = shelf(&nvim, "1/1").await;
    assert!(screen.contains("▌open  [payments] Write"), "{screen}");
    nvim.quit().await;
}

#[tokio::test]
async fn what_is_open_is_looked_through_too() {
    let nvim = faked(size(80, 24)).await;
    nvim.command("Prompt compose").await;
    nvim.keys("ia thought<Esc>").await;
    nvim.sees("saved ✓").await;
    shelf(&nvim, "2/2").await;
    nvim.keys("Thou").await;
    nvim.sees("1/2").await;
    nvim.keys("<C-w>zebra").await;
    nvim.sees("no draft holds “zebra”").await;
    nvim.quit().await;
}

#[tokio::test]
async fn a_program_that_waits_stands_first_and_is_named() {
    let nvim = faked(size(80, 24)).await;
    nvim.lua(
        "local buf = vim.api.nvim_create_buf(true, false)\n\
         vim.api.nvim_buf_set_name(buf, '/tmp/claude-prompt-1.md')\n\
         vim.api.nvim_buf_set_lines(buf, 0, -1, true, { 'answer me' })\n\
         package.loaded['promptstack.edit'] = { waiting = function()\n\
           return { { buf = buf, file = '/tmp/claude-prompt-1.md', client = 'claude' } }\n\
         end }",
    )
    .await;
    let screen = shelf(&nvim, "2/2").await;
    assert!(screen.contains(" 10 B │"), "{screen}");
    assert!(
        screen.contains("▌waited for   /tmp  [claude-prompt-1.md] answer me"),
        "{screen}"
    );
    nvim.sees("waited for by claude").await;
    nvim.keys("<Esc>dd").await;
    nvim.sees("claude waits for 'claude-prompt-1.md'").await;
    nvim.keys("<CR>").await;
    nvim.reads("answer me").await;
    nvim.quit().await;
}

#[tokio::test]
async fn a_program_of_which_nothing_is_known_waits_all_the_same() {
    let nvim = faked(size(80, 24)).await;
    nvim.lua(
        "local buf = vim.api.nvim_create_buf(true, false)\n\
         vim.api.nvim_buf_set_name(buf, '/tmp/message.md')\n\
         vim.api.nvim_buf_set_lines(buf, 0, -1, true, { 'answer me' })\n\
         package.loaded['promptstack.edit'] = { waiting = function()\n\
           return { { buf = buf, file = '/tmp/message.md', modified = false, hidden = true } }\n\
         end }",
    )
    .await;
    let screen = shelf(&nvim, "2/2").await;
    assert!(screen.contains("▌waited for   /tmp"), "{screen}");
    nvim.sees("waited for, hidden").await;
    nvim.keys("<Esc>dd").await;
    nvim.sees("a program waits for 'message.md'").await;
    nvim.quit().await;
}

#[tokio::test]
async fn a_draft_is_put_away_and_the_history_keeps_it() {
    let nvim = faked(size(80, 24)).await;
    shelf(&nvim, "1/1").await;
    nvim.keys("<Esc>dd").await;
    nvim.sees("put away 1; :Prompt history still finds what was written")
        .await;
    nvim.sees("no drafts in ~/src/payments").await;
    assert_eq!(nvim.lua("return #_G.fake.rows").await, 4);
    nvim.quit().await;
}

#[tokio::test]
async fn one_that_is_open_is_saved_and_closed_first() {
    let nvim = faked(size(80, 24)).await;
    nvim.command("Prompt compose").await;
    nvim.keys("ia thought").await;
    nvim.keys("<Esc>").await;
    shelf(&nvim, "2/2").await;
    nvim.keys("<Esc>dd").await;
    nvim.sees("put away 1").await;
    nvim.sees("1/1").await;
    assert_eq!(
        nvim.lua("return #require('promptstack.composition.keeper').all()")
            .await,
        0
    );
    let texts: Vec<_> = crate::composition::history(&nvim)
        .into_iter()
        .map(|(_, text)| text)
        .collect();
    assert_eq!(texts, ["a thought\n"]);
    nvim.quit().await;
}

#[tokio::test]
async fn a_blank_one_is_simply_closed() {
    let nvim = faked(size(80, 24)).await;
    nvim.command("Prompt compose").await;
    let screen = shelf(&nvim, "2/2").await;
    assert!(screen.contains("(nothing written yet)"), "{screen}");
    nvim.keys("<Esc>dd").await;
    nvim.sees("1/1").await;
    assert_eq!(asked(&nvim, "composition_shelve").await, 0);
    assert_eq!(
        nvim.lua("return #require('promptstack.composition.keeper').all()")
            .await,
        0
    );
    nvim.quit().await;
}

#[tokio::test]
async fn what_is_kept_nowhere_or_is_a_file_stays() {
    let nvim = faked(size(80, 24)).await;
    nvim.command("Prompt private").await;
    nvim.keys("isecret<Esc>").await;
    shelf(&nvim, "2/2").await;
    nvim.sees("▌private").await;
    nvim.keys("<Esc>dd").await;
    nvim.sees("'secret' is private and kept nowhere").await;
    nvim.keys("<Esc>").await;
    nvim.loses("Drafts").await;
    nvim.command("bwipeout!").await;
    nvim.command("edit notes.md").await;
    nvim.command("Prompt attach").await;
    nvim.keys("ia note<Esc>").await;
    shelf(&nvim, "2/2").await;
    nvim.keys("<Esc>dd").await;
    nvim.sees("'notes.md' is the buffer of a file and stays open")
        .await;
    assert_eq!(asked(&nvim, "composition_shelve").await, 0);
    nvim.quit().await;
}

#[tokio::test]
async fn without_a_host_what_is_open_is_still_there() {
    let nvim = faked(size(80, 24)).await;
    nvim.command("Prompt compose").await;
    nvim.keys("ia thought<Esc>").await;
    nvim.sees("saved ✓").await;
    nvim.lua("_G.fake.err = { kind = 'unavailable', message = 'the host is away' }")
        .await;
    let screen = shelf(&nvim, "1/1").await;
    assert!(screen.contains("▌open"), "{screen}");
    nvim.sees("⚠ the host is away").await;
    nvim.keys("<Esc><Esc>").await;
    nvim.command("bwipeout").await;
    nvim.command("Prompt drafts").await;
    nvim.sees("│ the host is away").await;
    nvim.quit().await;
}
