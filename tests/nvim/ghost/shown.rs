//! What is shown, when it goes, and what is asked of the model.

use serde_json::Value;

use super::{answer, editor, ended, is_gone, said, shown, shows, writing};
use crate::provider_server::{Act, ProviderServer};
use crate::support::Options;

#[tokio::test]
async fn it_is_shown_at_the_cursor_and_is_not_in_the_text() {
    let server = ProviderServer::start(answer("sts first.\nThen the code."));
    let nvim = writing(&server, "Write the te and more<Esc>8hi").await;
    nvim.keys("<C-g>").await;
    let screen = nvim.sees("Then the code.").await;
    assert!(
        screen.contains("Write the tests first. and more"),
        "{screen}"
    );
    assert!(screen.contains("Then the code. and more"), "{screen}");
    nvim.reads("Write the te and more").await;
    let request = server.request();
    for part in [
        "Write the te<|cursor|> and more",
        "claude-sonnet-5-5",
        "\"max_tokens\":300",
    ] {
        assert!(request.contains(part), "{part}: {request}");
    }
    nvim.keys("<C-k>").await;
    nvim.loses("Then the code.").await;
    assert_eq!(shown(&nvim).await, Value::Null);
    nvim.quit().await;
}

#[tokio::test]
async fn typing_its_own_letters_leaves_the_rest_and_other_letters_take_it_away() {
    let server = ProviderServer::start(answer("sts first.\nThen"));
    let nvim = writing(&server, "Write the te").await;
    nvim.keys("<C-g>").await;
    nvim.sees("Write the tests first.").await;
    nvim.keys("s").await;
    shows(&nvim, "ts first.\nThen").await;
    nvim.keys("ts first.").await;
    shows(&nvim, "\nThen").await;
    nvim.keys("<CR>Th").await;
    shows(&nvim, "en").await;
    nvim.sees("Then").await;
    nvim.keys("x").await;
    is_gone(&nvim).await;
    nvim.reads("Write the tests first.\nThx").await;
    assert_eq!(server.requests().len(), 1);
    nvim.quit().await;
}

#[tokio::test]
async fn leaving_the_place_takes_it_away() {
    let server = ProviderServer::start(answer("sts"));
    for keys in [
        "<Left>",
        "<Esc>",
        "<C-c>",
        "<BS>",
        "<C-w>",
        "<C-o>:wincmd w<CR>",
        "<CR>",
    ] {
        let nvim = writing(&server, "Write the te").await;
        nvim.keys("<C-g>").await;
        shows(&nvim, "sts").await;
        nvim.keys(keys).await;
        is_gone(&nvim).await;
        assert_eq!(shown(&nvim).await, Value::Null, "{keys}");
        nvim.quit().await;
    }
}

#[tokio::test]
async fn what_comes_for_another_place_is_dropped() {
    let server = ProviderServer::start(answer("sts"));
    let nvim = writing(&server, "Write the te").await;
    nvim.lua(
        "require('promptstack.rpc.contract').ai_complete = function(_, on_reply)\n\
           _G.on_reply = on_reply return function() end\n\
         end",
    )
    .await;
    let late = "_G.on_reply(nil, { lines = { 'sts' }, model = 'm' }) return true";
    for keys in ["x", "<Left>", "<Esc>"] {
        nvim.keys("<C-g>").await;
        nvim.keys(keys).await;
        nvim.lua(late).await;
        assert_eq!(shown(&nvim).await, Value::Null, "{keys}");
        nvim.keys("<Esc>A").await;
    }
    nvim.keys("<C-g>").await;
    nvim.lua(late).await;
    shows(&nvim, "sts").await;
    assert_eq!(server.requests().len(), 0);
    nvim.quit().await;
}

#[tokio::test]
async fn waiting_is_seen_and_typing_or_ctrl_c_ends_the_request() {
    for keys in ["x", "<C-c>", "<C-k>", "<Esc>"] {
        let server = ProviderServer::start(vec![Act::Hold]);
        let nvim = writing(&server, "Write the te").await;
        nvim.keys("<C-g>").await;
        nvim.sees("Write the te ⠹").await;
        server.request();
        nvim.keys(keys).await;
        server.wait_for_hang_up();
        is_gone(&nvim).await;
        nvim.holds("return #vim.api.nvim_buf_get_extmarks(0, require('promptstack.ui.marks').ghost_wait, 0, -1, {}) == 0")
            .await;
        nvim.quit().await;
    }
}

#[tokio::test]
async fn a_menu_hides_it() {
    let server = ProviderServer::start(answer("sts first."));
    let nvim = writing(&server, "tester<CR>te").await;
    nvim.command("set completeopt=menuone,noinsert,noselect")
        .await;
    nvim.command("setlocal completeopt<").await;
    nvim.keys("<C-g>").await;
    nvim.sees("tests first.").await;
    nvim.keys("<C-x><C-n>").await;
    nvim.holds("return vim.fn.pumvisible() == 1").await;
    nvim.loses("tests first.").await;
    assert_eq!(shown(&nvim).await, Value::Null);
    nvim.keys("<C-e>").await;
    nvim.sees("tests first.").await;
    // Menus of plugins are floats, which the plugins tell of.
    nvim.lua(
        "local buf = vim.api.nvim_create_buf(false, true)\n\
         vim.bo[buf].filetype = 'blink-cmp-menu'\n\
         _G.menu = vim.api.nvim_open_win(buf, false, { relative = 'cursor', row = 1, col = 0, width = 9, height = 1 })\n\
         vim.api.nvim_exec_autocmds('User', { pattern = 'BlinkCmpMenuOpen' })",
    )
    .await;
    nvim.loses("tests first.").await;
    nvim.keys("<C-l>").await;
    nvim.reads("tester\nte").await;
    nvim.lua(
        "vim.api.nvim_win_close(_G.menu, true)\n\
         vim.api.nvim_exec_autocmds('User', { pattern = 'BlinkCmpMenuClose' })",
    )
    .await;
    shows(&nvim, "sts first.").await;
    nvim.quit().await;
}

#[tokio::test]
async fn a_menu_of_nvim_cmp_hides_it_as_soon_as_that_tells_of_it() {
    let server = ProviderServer::start(answer("sts first."));
    let nvim = writing(&server, "te").await;
    nvim.lua(
        "_G.heard = {}\n\
         package.loaded.cmp = { event = { on = function(_, name, callback) _G.heard[name] = callback end } }",
    )
    .await;
    nvim.keys("<C-g>").await;
    nvim.sees("tests first.").await;
    nvim.lua(
        "local buf = vim.api.nvim_create_buf(false, true)\n\
         vim.bo[buf].filetype = 'cmp_menu'\n\
         _G.menu = vim.api.nvim_open_win(buf, false, { relative = 'cursor', row = 1, col = 0, width = 9, height = 1, noautocmd = true })\n\
         _G.heard.menu_opened()",
    )
    .await;
    nvim.loses("tests first.").await;
    nvim.lua("vim.api.nvim_win_close(_G.menu, true) _G.heard.menu_closed()")
        .await;
    nvim.sees("tests first.").await;
    nvim.quit().await;
}

#[tokio::test]
async fn after_one_that_can_not_be_shown_the_next_is_asked_anew() {
    let server = ProviderServer::playing(vec![answer("a\u{202E}b"), answer("sts")]);
    let nvim = writing(&server, "Write the te").await;
    nvim.keys("<C-g>").await;
    said(&nvim, "characters that are not seen: U+202E").await;
    nvim.keys("<C-t>").await;
    shows(&nvim, "sts").await;
    assert_eq!(server.requests().len(), 2);
    nvim.quit().await;
}

#[tokio::test]
async fn of_an_answer_that_was_cut_off_the_whole_words_are_shown() {
    let server = ProviderServer::start(ended("sts first, the co", "max_tokens"));
    let nvim = writing(&server, "Write the te").await;
    nvim.keys("<C-g>").await;
    shows(&nvim, "sts first, the").await;
    nvim.quit().await;
}

#[tokio::test]
async fn another_one_is_asked_for_with_what_was_shown() {
    let server = ProviderServer::playing(vec![
        answer("sts first."),
        answer("sts last."),
        answer("mplate."),
    ]);
    let nvim = writing(&server, "Write the te").await;
    nvim.keys("<C-g>").await;
    shows(&nvim, "sts first.").await;
    nvim.keys("<C-t>").await;
    shows(&nvim, "sts last.").await;
    nvim.keys("<C-t>").await;
    nvim.sees("Write the template.").await;
    let requests = server.requests();
    assert_eq!(requests.len(), 3);
    assert!(
        !requests[0].contains("Another continuation"),
        "{}",
        requests[0]
    );
    assert!(!requests[1].contains("sts last."), "{}", requests[1]);
    for part in ["sts first.", "sts last.", "Another continuation"] {
        assert!(requests[2].contains(part), "{}", requests[2]);
    }
    nvim.quit().await;
}

#[tokio::test]
async fn what_may_be_dear_is_asked_first() {
    let server = ProviderServer::start(answer("sts"));
    let config = "cost_limits: { confirm_above: 0.0001 }\n";
    let nvim = editor(&server, config, Options::default()).await;
    nvim.keys(":Prompt compose<CR>iWrite the te<C-g>").await;
    nvim.sees("Ask claude-sonnet-5-5? ~").await;
    nvim.keys("2").await;
    nvim.loses("Ask claude-sonnet-5-5? ~").await;
    assert_eq!(server.requests().len(), 0);
    nvim.keys("a<C-g>").await;
    nvim.sees("Ask claude-sonnet-5-5? ~").await;
    nvim.keys("1").await;
    shows(&nvim, "sts").await;
    assert_eq!(nvim.mode().await, "i");
    nvim.keys("<C-l>.").await;
    nvim.reads("Write the tests.").await;
    nvim.quit().await;
}

#[tokio::test]
async fn what_can_not_be_asked_or_used_is_said_with_the_way_out() {
    let rows = [
        (
            answer("a\u{202E}b"),
            "",
            "characters that are not seen: U+202E",
        ),
        (
            answer("Write the te"),
            "",
            "claude-sonnet-5-5 has nothing to add here",
        ),
        (
            ended("sts", "max_tokens"),
            "",
            "nothing of the continuation was whole after 300 tokens",
        ),
        (ended("no", "refusal"), "", "claude-sonnet-5-5 "),
        (answer("sts"), "tokens: { window: 1000 }\n", "of the window"),
        (
            answer("sts"),
            "roles: { complete: { provider: local } }\n",
            "no model is configured to be asked",
        ),
    ];
    for (acts, config, expected) in rows {
        let server = ProviderServer::start(acts);
        let nvim = editor(&server, config, Options::default()).await;
        nvim.keys(":Prompt compose<CR>").await;
        if config.contains("window") {
            nvim.lua("vim.api.nvim_buf_set_lines(0, 0, -1, true, { ('word '):rep(900), '' })")
                .await;
        }
        nvim.keys("GAWrite the te<C-g>").await;
        said(&nvim, expected).await;
        is_gone(&nvim).await;
        nvim.quit().await;
    }
    let server = ProviderServer::start(answer("sts"));
    let nvim = editor(&server, "", Options::default()).await;
    nvim.keys("ite<C-g>").await;
    said(
        &nvim,
        "this buffer is no composition (:Prompt attach makes it one)",
    )
    .await;
    nvim.keys("<C-l>").await;
    said(
        &nvim,
        "no continuation is shown (:Prompt complete asks for one)",
    )
    .await;
    nvim.keys("<Esc>:Prompt complete later<CR>").await;
    said(
        &nvim,
        "there is no ':Prompt complete later' (accept, line, word, next, dismiss)",
    )
    .await;
    assert_eq!(server.requests().len(), 0);
    nvim.quit().await;
}

#[tokio::test]
async fn long_lines_below_are_broken_and_tabs_have_a_width() {
    let server = ProviderServer::start(answer(&format!(":\n\t{}end", "word ".repeat(30))));
    let nvim = writing(&server, "Do").await;
    nvim.keys("<C-g>").await;
    let screen = nvim.sees("end").await;
    assert!(screen.contains("\n    word word"), "{screen}");
    assert_eq!(
        screen
            .lines()
            .filter(|line| line.contains("word word"))
            .count(),
        2,
        "{screen}"
    );
    nvim.quit().await;
}
