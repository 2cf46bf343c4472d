//! Neovim's own inline completion, which asks our language server; there is none before 0.12.

use serde_json::json;

use super::{answer, writing, writing_by_itself};
use crate::provider_server::ProviderServer;
use crate::support::Nvim;

/// Whether there is one; says so where there is none.
async fn is_there(nvim: &Nvim) -> bool {
    let there = nvim.lua("return vim.lsp.inline_completion ~= nil").await == true;
    if !there {
        crate::adapters::say("skipped: this Neovim has no inline completion");
    }
    there
}

const ENABLE: &str =
    "vim.lsp.inline_completion.enable(true, { bufnr = vim.api.nvim_get_current_buf() })";

#[tokio::test]
async fn it_shows_and_accepts_ours_where_both_are_switched_on() {
    let server = ProviderServer::playing(vec![answer("sts first.\nThen"), answer("not asked")]);
    let nvim = writing_by_itself(&server, "").await;
    if !is_there(&nvim).await {
        return nvim.quit().await;
    }
    nvim.lua(ENABLE).await;
    nvim.keys("Write the te").await;
    nvim.sees("Write the tests first.").await;
    // Its own letters ask nobody.
    nvim.keys("s").await;
    nvim.sees("Write the tests first.").await;
    nvim.lua("_G.shows = require('promptstack').ghost() return true")
        .await;
    assert_eq!(
        nvim.lua("return _G.shows").await,
        json!(null),
        "not shown twice"
    );
    nvim.holds(
        "local marks = vim.api.nvim_buf_get_extmarks(0, vim.api.nvim_create_namespace('nvim.lsp.inline_completion'), 0, -1, { details = true })\n\
         return #marks == 1 and marks[1][4].virt_text[1][1] == 'ts first.'",
    )
    .await;
    nvim.lua(
        "local ready = false\n\
         vim.keymap.set('i', '<C-l>', function() vim.lsp.inline_completion.get() end)",
    )
    .await;
    nvim.keys("<C-l>").await;
    nvim.holds("return vim.api.nvim_get_current_line():find('Then') ~= nil")
        .await;
    assert_eq!(server.requests().len(), 1);
    nvim.quit().await;
}

#[tokio::test]
async fn it_gets_nothing_unasked_where_ours_is_off_and_an_answer_when_a_person_asks() {
    let server = ProviderServer::start(answer("sts"));
    let nvim = writing(&server, "Write the te").await;
    if !is_there(&nvim).await {
        return nvim.quit().await;
    }
    let ask = "local kind = ...\n\
        local client = vim.lsp.get_clients({ name = 'promptstack' })[1]\n\
        local params = vim.lsp.util.make_position_params(0, 'utf-8')\n\
        params.context = { triggerKind = kind }\n\
        _G.got = nil\n\
        client:request('textDocument/inlineCompletion', params, function(err, result) _G.got = result end, 0)";
    nvim.lua(&ask.replace("...", "2")).await;
    nvim.holds("return _G.got ~= nil and #_G.got.items == 0")
        .await;
    assert_eq!(server.requests().len(), 0);
    nvim.lua(&ask.replace("...", "1")).await;
    nvim.holds("return _G.got ~= nil and #_G.got.items == 1")
        .await;
    assert_eq!(
        nvim.lua("return _G.got.items").await,
        json!([{ "insertText": "sts", "range": {
            "start": { "line": 0, "character": 12 }, "end": { "line": 0, "character": 12 } } }])
    );
    assert_eq!(server.requests().len(), 1);
    nvim.quit().await;
}
