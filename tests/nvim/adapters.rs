//! The library in other plugins' pickers; each test runs where the plugin is present.

use std::path::PathBuf;

use crate::picker::LIBRARY;
use crate::support::{Nvim, Options};

/// Where the plugins are, each in a folder of its name.
const PLUGINS: &str = "PROMPTSTACK_TEST_PLUGINS";

/// Prints to the standard error itself: of a test that passes nothing else is seen.
pub fn say(line: &str) {
    use std::io::Write as _;
    let _ = writeln!(std::io::stderr(), "{line}");
}

#[expect(
    clippy::disallowed_methods,
    reason = "the Makefile says where the plugins are"
)]
fn plugin(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os(PLUGINS).map(|dir| PathBuf::from(dir).join(name));
    let found = path.filter(|path| path.is_dir());
    if found.is_none() {
        say(&format!("skipped: {name} is not present ({PLUGINS})"));
    }
    found
}

/// An editor with plugins on its path and the picker chosen; `None` where one of them is missing.
async fn with(plugins: &[&str], picker: &str, setup: &str) -> Option<Nvim> {
    let paths: Option<Vec<_>> = plugins.iter().map(|name| plugin(name)).collect();
    let nvim = Nvim::with(
        LIBRARY,
        Options {
            width: 120,
            height: 30,
            ..Options::default()
        },
    )
    .await;
    for path in paths? {
        nvim.lua(&format!(
            "vim.opt.rtp:append({:?})",
            path.display().to_string()
        ))
        .await;
    }
    let set = format!("vim.g.promptstack = {{ ui = {{ picker = '{picker}' }} }}");
    let loaded = nvim
        .lua(&format!("{set} return {{ pcall(function() {setup} end) }}"))
        .await;
    if loaded[0] != true {
        // Newer plugins need a newer Neovim than the oldest one under test.
        let why = loaded[1]
            .as_str()
            .unwrap_or_default()
            .lines()
            .next()
            .unwrap_or_default();
        say(&format!("skipped: {plugins:?} did not load: {why}"));
        nvim.quit().await;
        return None;
    }
    nvim.keys("ibefore <Esc>").await;
    Some(nvim)
}

/// Types a query, takes what it finds, and looks at the buffer.
async fn pick_one(nvim: &Nvim) {
    nvim.keys(":Prompt<CR>").await;
    nvim.sees("Document an endpoint").await;
    nvim.keys("as you").await;
    nvim.loses("Document an endpoint").await;
    nvim.sees("rules").await;
    nvim.keys("<CR>").await;
    nvim.reads("before Document as you go.").await;
}

/// Marks two prompts, not in the order of the rows.
async fn pick_marked(nvim: &Nvim, mark: &str, expected: &str) {
    nvim.keys(":Prompt<CR>").await;
    nvim.sees("Document an endpoint").await;
    nvim.keys("as you").await;
    nvim.loses("Document an endpoint").await;
    nvim.keys(mark).await;
    nvim.keys("<BS><BS><BS><BS><BS><BS>apidoc").await;
    nvim.sees("Generate API").await;
    nvim.loses("as you go").await;
    nvim.keys(mark).await;
    nvim.keys("<CR>").await;
    nvim.reads(expected).await;
}

const MARKED: &str = "before Document as you go.\n\nGenerate documentation for\n\
                      {{text:endpoint_name}} that handles\n{{list:http_methods}}.";

#[tokio::test]
async fn telescope() {
    let plugins = ["telescope.nvim", "plenary.nvim"];
    let Some(nvim) = with(
        &plugins,
        "telescope",
        "vim.cmd.runtime('plugin/telescope.lua')",
    )
    .await
    else {
        return;
    };
    pick_one(&nvim).await;
    nvim.command("%d _ | call setline(1, 'before ') | normal! $")
        .await;
    pick_marked(&nvim, "<Tab>", MARKED).await;
    nvim.keys("<Esc>").await;
    nvim.command("Telescope promptstack default_text=old").await;
    nvim.sees("⚠ 5:7 placeholder 'endpoint'").await;
    nvim.keys("<C-e>").await;
    nvim.holds("return vim.api.nvim_buf_get_name(0):match('old.md$') ~= nil")
        .await;
    nvim.quit().await;
}

#[tokio::test]
async fn snacks() {
    let setup = "require('snacks').setup({ picker = { enabled = true } })";
    let Some(nvim) = with(&["snacks.nvim"], "snacks", setup).await else {
        return;
    };
    pick_one(&nvim).await;
    nvim.command("%d _ | call setline(1, 'before ') | normal! $")
        .await;
    pick_marked(&nvim, "<Tab>", MARKED).await;
    nvim.keys("<Esc>").await;
    nvim.keys(":Prompt pick old<CR>").await;
    nvim.sees("⚠ 5:7 placeholder 'endpoint'").await;
    nvim.keys("<C-e>").await;
    nvim.holds("return vim.api.nvim_buf_get_name(0):match('old.md$') ~= nil")
        .await;
    nvim.quit().await;
}

#[tokio::test]
async fn fzf_lua() {
    let Some(nvim) = with(&["fzf-lua"], "fzf_lua", "").await else {
        return;
    };
    if nvim.lua("return vim.fn.executable('fzf')").await != 1 {
        say("skipped: fzf is not on PATH");
        return nvim.quit().await;
    }
    nvim.lua("require('fzf-lua').setup({})").await;
    pick_one(&nvim).await;
    nvim.keys(":Prompt pick old<CR>").await;
    nvim.sees("⚠ 5:7 placeholder 'endpoint'").await;
    nvim.keys("<C-e>").await;
    nvim.holds("return vim.api.nvim_buf_get_name(0):match('old.md$') ~= nil")
        .await;
    nvim.quit().await;
}

#[tokio::test]
async fn mini_pick() {
    let setup = "require('mini.pick').setup()";
    let Some(nvim) = with(&["mini.nvim"], "mini", setup).await else {
        return;
    };
    pick_one(&nvim).await;
    nvim.keys(":Prompt pick old<CR>").await;
    nvim.sees("Old API").await;
    nvim.keys("<Tab>").await;
    nvim.sees("⚠ 5:7 placeholder 'endpoint'").await;
    nvim.keys("<C-e>").await;
    nvim.holds("return vim.api.nvim_buf_get_name(0):match('old.md$') ~= nil")
        .await;
    nvim.quit().await;
}

#[tokio::test]
async fn select_as_neovim_has_it() {
    let nvim = with(&[], "select", "").await.expect("no plugin is needed");
    nvim.keys(":Prompt pick as you go<CR>").await;
    nvim.sees("1: rules  Document as you go").await;
    nvim.keys("1<CR>").await;
    nvim.reads("before Document as you go.").await;
    nvim.quit().await;
}

#[tokio::test]
async fn select_as_a_plugin_replaces_it() {
    let replaced = "vim.ui.select = function(items, opts, on_choice) \
                      _G.shown = vim.tbl_map(opts.format_item, items) \
                      vim.schedule(function() on_choice(items[#items], #items) end) end";
    let nvim = with(&[], "select", replaced)
        .await
        .expect("no plugin is needed");
    nvim.keys(":Prompt pick as you go<CR>").await;
    nvim.reads("before Document as you go.").await;
    assert_eq!(
        nvim.lua("return _G.shown").await,
        serde_json::json!(["rules  Document as you go"])
    );
    nvim.quit().await;
}

#[tokio::test]
async fn a_picker_that_is_not_installed_gives_way_to_ours_with_a_word() {
    let nvim = with(&[], "fzf_lua", "").await.expect("no plugin is needed");
    nvim.lua("_G.said = '' vim.notify = function(message) _G.said = _G.said .. message end")
        .await;
    nvim.command("Prompt").await;
    nvim.sees("4/4").await;
    let said = nvim.lua("return _G.said").await.to_string();
    assert!(said.contains("fzf-lua is not installed"), "{said}");
    nvim.quit().await;
}
