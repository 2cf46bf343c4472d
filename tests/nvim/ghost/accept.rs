//! What accepting does to the text, the cursor and undo.

use serde_json::{Value, json};

use super::{answer, editor, is_gone, shown, shows, writing};
use crate::provider_server::ProviderServer;
use crate::support::Options;

#[tokio::test]
async fn all_of_it_is_one_undo_step_and_one_types_on() {
    let server = ProviderServer::start(answer("sts first.\nThen the code"));
    let nvim = writing(&server, "Write the te").await;
    nvim.keys("<C-g>").await;
    shows(&nvim, "sts first.\nThen the code").await;
    nvim.keys("<C-l>").await;
    is_gone(&nvim).await;
    assert_eq!(nvim.mode().await, "i");
    nvim.keys(", all of it.").await;
    nvim.reads("Write the tests first.\nThen the code, all of it.")
        .await;
    nvim.keys("<Esc>").await;
    for undone in ["Write the tests first.\nThen the code", "Write the te", ""] {
        nvim.keys("u").await;
        nvim.reads(undone).await;
    }
    nvim.keys("<C-r><C-r><C-r>").await;
    nvim.reads("Write the tests first.\nThen the code, all of it.")
        .await;
    nvim.quit().await;
}

#[tokio::test]
async fn words_and_lines_are_taken_one_by_one_and_the_rest_stays() {
    let server = ProviderServer::start(answer("sts für große 日本語.\n\n- one\n- two"));
    let nvim = writing(&server, "Write the te").await;
    nvim.keys("<C-g>").await;
    for (keys, text, left) in [
        (
            "<C-f>",
            "Write the tests",
            json!(" für große 日本語.\n\n- one\n- two"),
        ),
        (
            "<C-f>",
            "Write the tests für",
            json!(" große 日本語.\n\n- one\n- two"),
        ),
        (
            " g",
            "Write the tests für g",
            json!("roße 日本語.\n\n- one\n- two"),
        ),
        (
            "<C-b>",
            "Write the tests für große 日本語.",
            json!("\n\n- one\n- two"),
        ),
        (
            "<C-b>",
            "Write the tests für große 日本語.\n\n- one",
            json!("\n- two"),
        ),
        (
            "<C-f>",
            "Write the tests für große 日本語.\n\n- one\n-",
            json!(" two"),
        ),
        (
            "<C-f>",
            "Write the tests für große 日本語.\n\n- one\n- two",
            Value::Null,
        ),
    ] {
        if text == "Write the tests" {
            nvim.sees("- two").await;
        }
        nvim.keys(keys).await;
        nvim.reads(text).await;
        assert_eq!(shown(&nvim).await, left, "{keys}");
    }
    assert_eq!(server.requests().len(), 1);
    nvim.keys("<Esc>u").await;
    nvim.reads("Write the tests für große 日本語.\n\n- one\n-")
        .await;
    nvim.keys("uuuu").await;
    nvim.reads("Write the tests für").await;
    nvim.quit().await;
}

#[tokio::test]
async fn it_goes_where_the_cursor_is_and_neither_wraps_nor_indents() {
    let rows = [
        (
            "größe ende<Esc>3hi",
            "rer text und mehr\nals ",
            "größe rer text und mehr\nals |ende",
        ),
        (
            "  - one<CR>",
            "- two\n  - three",
            "  - one\n  - two\n  - three|",
        ),
        ("<Esc>i", "x", "x|"),
    ];
    for (typed, given, expected) in rows {
        let server = ProviderServer::start(answer(given));
        let nvim = editor(&server, "", Options::default()).await;
        nvim.keys(":Prompt compose<CR>:setlocal tw=12 ai fo+=t<CR>")
            .await;
        nvim.keys("i").await;
        nvim.keys(typed).await;
        if typed.starts_with("<Esc>") {
            // Nothing before the cursor, but something behind it.
            nvim.keys("<Esc>o<Esc>ggO<Esc>Gccrest<Esc>ggi").await;
        }
        nvim.keys("<C-g>").await;
        nvim.holds("return require('promptstack').ghost() ~= nil")
            .await;
        nvim.keys("<C-l>|").await;
        let text = nvim.text().await;
        assert!(text.starts_with(expected), "{typed}: {text}");
        nvim.quit().await;
    }
}

#[tokio::test]
async fn in_normal_mode_it_comes_behind_the_cursor() {
    let server = ProviderServer::start(answer(" größte\nText é"));
    let nvim = writing(&server, "Der é<Esc>").await;
    nvim.keys(":Prompt complete<CR>").await;
    nvim.sees("Der é größte").await;
    nvim.keys(":Prompt complete word<CR>").await;
    nvim.reads("Der é größte").await;
    assert_eq!(shown(&nvim).await, json!("\nText é"));
    nvim.keys(":Prompt complete accept<CR>").await;
    nvim.reads("Der é größte\nText é").await;
    assert_eq!(nvim.mode().await, "n");
    nvim.keys("x").await;
    nvim.reads("Der é größte\nText ").await;
    nvim.keys("uuu").await;
    nvim.reads("Der é").await;
    nvim.quit().await;
}

#[tokio::test]
async fn from_normal_mode_one_goes_on_writing_with_it() {
    let server = ProviderServer::start(answer("sts"));
    let nvim = writing(&server, "Write the te<Esc>").await;
    nvim.keys("<C-g>").await;
    shows(&nvim, "sts").await;
    nvim.keys("a").await;
    nvim.keys("s").await;
    shows(&nvim, "ts").await;
    nvim.keys("<C-o>:Prompt complete accept<CR>").await;
    nvim.reads("Write the tests").await;
    nvim.keys("!").await;
    nvim.reads("Write the tests!").await;
    nvim.quit().await;
}

#[tokio::test]
async fn a_locked_text_is_left_alone() {
    let server = ProviderServer::start(answer("sts"));
    let nvim = writing(&server, "Write the te").await;
    nvim.keys("<C-g>").await;
    shows(&nvim, "sts").await;
    nvim.lua("vim.bo.modifiable = false").await;
    nvim.keys("<C-l>").await;
    nvim.sees("this text is locked: nothing was changed").await;
    nvim.reads("Write the te").await;
    nvim.quit().await;
}

#[tokio::test]
async fn no_key_is_mapped_by_it() {
    let server = ProviderServer::start(answer("sts"));
    let nvim = writing(&server, "Write the te").await;
    let maps = "local found = {}\n\
        for _, mode in ipairs({ 'n', 'i' }) do\n\
          for _, map in ipairs(vim.api.nvim_buf_get_keymap(0, mode)) do found[#found + 1] = map.lhs end\n\
        end\n\
        table.sort(found)\n\
        local tab = vim.fn.maparg('<Tab>', 'i', false, true)\n\
        return { found, (tab.desc or ''):find('promptstack') or vim.NIL, tab.buffer or vim.NIL }";
    let before = nvim.lua(maps).await;
    assert_eq!(before[1], Value::Null);
    nvim.keys("<C-g>").await;
    shows(&nvim, "sts").await;
    assert_eq!(nvim.lua(maps).await, before);
    let tab = "local map = vim.fn.maparg('<Tab>', 'i', false, true)\n\
        return next(map) == nil or (map.desc or ''):find('^vim%.snippet%.jump') ~= nil";
    assert_eq!(nvim.lua(tab).await, true, "empty, or Neovim's own");
    nvim.quit().await;
}
