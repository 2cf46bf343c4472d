//! Continuations that come by themselves: only where that is switched on, and never where they would disturb.

use serde_json::{Value, json};

use super::{answer, is_gone, said, shown, shows, writing, writing_by_itself};
use crate::provider_server::{Act, ProviderServer};

#[tokio::test]
async fn by_default_nothing_is_loaded_and_nothing_is_sent() {
    let server = ProviderServer::start(answer("sts"));
    let nvim = writing(&server, "Write the te<Esc>a").await;
    let loaded = nvim
        .lua(
            "return vim.tbl_filter(function(name) return vim.startswith(name, 'promptstack.ghost') end,\n\
               vim.tbl_keys(package.loaded))",
        )
        .await;
    assert_eq!(loaded, json!([]), "nothing that could ask");
    let group = nvim
        .lua("return pcall(vim.api.nvim_get_autocmds, { group = 'promptstack.ghost.auto.' .. vim.api.nvim_get_current_buf() })")
        .await;
    assert_eq!(group, false);
    assert_eq!(server.requests().len(), 0);
    nvim.quit().await;
}

#[tokio::test]
async fn after_a_pause_it_is_shown_and_what_is_accepted_is_not_continued_unasked() {
    let server = ProviderServer::playing(vec![answer("sts"), answer("by hand.")]);
    let nvim = writing_by_itself(&server, "").await;
    nvim.keys("Write the te").await;
    nvim.sees("Write the tests").await;
    nvim.keys("<C-l>").await;
    nvim.reads("Write the tests").await;
    assert_eq!(
        nvim.lua(
            "return require('promptstack.ghost.auto').may_ask(0 + vim.api.nvim_get_current_buf())"
        )
        .await,
        false
    );
    nvim.keys(" ").await;
    nvim.sees("Write the tests by hand.").await;
    assert_eq!(server.requests().len(), 2);
    nvim.quit().await;
}

#[tokio::test]
async fn typing_on_ends_one_request_before_the_next() {
    let server = ProviderServer::playing(vec![vec![Act::Hold], answer("ts")]);
    let nvim = writing_by_itself(&server, "").await;
    nvim.keys("Write the te").await;
    server.request();
    nvim.keys("s").await;
    server.wait_for_hang_up();
    nvim.sees("Write the tests").await;
    shows(&nvim, "ts").await;
    assert!(server.request().contains("Write the tes<|cursor|>"));
    assert_eq!(server.most_at_once(), 1);
    nvim.quit().await;
}

#[tokio::test]
async fn it_is_silent_where_it_would_disturb() {
    let server = ProviderServer::start(answer("sts"));
    let nvim = writing_by_itself(&server, "").await;
    let may_ask =
        "return require('promptstack.ghost.auto').may_ask(vim.api.nvim_get_current_buf())";
    nvim.command("set completeopt=menuone,noinsert,noselect")
        .await;
    nvim.command("setlocal completeopt<").await;
    // So long that none comes while this is looked at.
    nvim.lua("vim.g.promptstack = { ui = { ghost = true, ghost_delay = 60000 } }")
        .await;
    for (what, keys, expected) in [
        ("nothing typed", "", false),
        ("blanks alone", "  ", false),
        ("words", "word wo", true),
        ("a menu", "<C-x><C-n>", false),
        ("no menu", "<C-e>", true),
        ("normal mode", "<Esc>", false),
        ("nothing typed since", "a", false),
        ("typed", "x", true),
        ("in a placeholder", "<Esc>o{{text:name=x}} is<Esc>", false),
        ("behind it", "<Esc>A so", true),
    ] {
        nvim.keys(keys).await;
        if what.contains("placeholder") {
            nvim.keys(":Prompt next<CR>").await;
            nvim.sees("1/1 name").await;
            nvim.keys("iab").await;
        }
        assert_eq!(
            nvim.lua(may_ask).await,
            expected,
            "{what}\n{}",
            nvim.screen()
        );
    }
    nvim.keys("<Esc>:Prompt private<CR>iwords").await;
    assert_eq!(nvim.lua(may_ask).await, false, "private");
    assert_eq!(server.requests().len(), 0);
    nvim.quit().await;
}

#[tokio::test]
async fn a_price_is_never_asked_about_unasked() {
    let server = ProviderServer::start(answer("sts"));
    let nvim = writing_by_itself(&server, "cost_limits: { confirm_above: 0.0001 }\n").await;
    nvim.keys("Write the te").await;
    said(
        &nvim,
        "promptstack: no continuation by itself: Ask claude-sonnet-5-5? ~",
    )
    .await;
    nvim.sees("no continuation by itself: Ask claude-sonnet-5-5?")
        .await;
    is_gone(&nvim).await;
    assert_eq!(nvim.mode().await, "i");
    assert_eq!(shown(&nvim).await, Value::Null);
    assert_eq!(server.requests().len(), 0);
    nvim.quit().await;
}

#[tokio::test]
async fn an_error_is_said_once_until_all_is_well_again() {
    let server = ProviderServer::start(answer("sts"));
    let nvim = writing_by_itself(&server, "").await;
    nvim.lua(
        "_G.asked = 0\n\
         require('promptstack.rpc.contract').ai_complete = function(_, on_reply)\n\
           _G.asked = _G.asked + 1\n\
           vim.schedule(function() on_reply({ kind = 'unavailable', message = 'no way', hint = 'go round' }) end)\n\
           return function() end\n\
         end",
    )
    .await;
    for (typed, count) in [("a", 1), ("b", 2), ("c", 3)] {
        nvim.keys(typed).await;
        nvim.holds(&format!("return _G.asked == {count}")).await;
        is_gone(&nvim).await;
    }
    let said = nvim
        .lua("local _, count = vim.fn.execute('messages'):gsub('no continuation by itself: no way %(go round%)', '') return count")
        .await;
    assert_eq!(said, 1);
    nvim.quit().await;
}

#[tokio::test]
async fn a_pause_that_makes_no_sense_is_said_and_not_used() {
    let server = ProviderServer::start(answer("sts"));
    let nvim = writing(&server, "text").await;
    for (given, expected) in [
        ("5", "ui.ghost_delay must be from 100 to 60000, not 5"),
        ("'long'", "ui.ghost_delay must be a number, not string"),
    ] {
        let found = nvim
            .lua(&format!(
                "vim.g.promptstack = {{ ui = {{ ghost_delay = {given} }} }}\n\
                 local config = require('promptstack.config')\n\
                 return {{ config.problems()[1], config.ui('ghost_delay') }}"
            ))
            .await;
        assert_eq!(found, json!([expected, 600]), "{given}");
    }
    nvim.quit().await;
}
