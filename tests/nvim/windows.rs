//! Our windows: their borders, their keys, and what a file is opened in.

use serde_json::json;

use crate::support::{Nvim, Options};

const HELLO: (&str, &str) = ("hello", "---\ntitle: Say hello\n---\nHello {{text:name}}\n");
const BROKEN: (&str, &str) = (
    "broken",
    "---\ntitle: Broken\n---\n{{text:a}}\n{{text:a}}\n",
);

async fn with(before: &'static str) -> Nvim {
    let options = Options {
        before,
        ..Options::default()
    };
    Nvim::with(&[HELLO], options).await
}

#[tokio::test]
async fn a_list_of_border_characters_is_taken_from_winborder() {
    let nvim =
        with("if vim.fn.has('nvim-0.12') == 1 then vim.o.winborder = 'a,b,c,d,e,f,g,h' end").await;
    let newest = nvim.lua("return vim.fn.has('nvim-0.12')").await == 1;
    nvim.keys(":Prompt preview hello<CR>").await;
    nvim.sees("Hello {{text:name}}").await;
    nvim.sees(if newest {
        "a Say hello bbb"
    } else {
        "╭ Say hello ──"
    })
    .await;
    nvim.keys("q:Prompt<CR>").await;
    nvim.sees(if newest {
        "a Prompts bbb"
    } else {
        "╭ Prompts ──"
    })
    .await;
    nvim.quit().await;
}

#[tokio::test]
async fn a_border_that_cannot_be_used_is_reported_and_not_used() {
    let nvim = with("vim.g.promptstack = { ui = { border = 'fancy' } }").await;
    assert_eq!(
        nvim.lua("return require('promptstack.config').problems()")
            .await,
        json!([
            "ui.border can't be 'fancy' (allowed: none, single, double, rounded, solid, shadow, bold)"
        ])
    );
    nvim.keys(":Prompt preview hello<CR>").await;
    nvim.sees("╭ Say hello ──").await;
    nvim.quit().await;
}

#[tokio::test]
async fn every_border_that_may_be_named_can_be_drawn() {
    for border in [
        "", "none", "single", "double", "rounded", "solid", "shadow", "bold",
    ] {
        let nvim = Nvim::start(&[HELLO]).await;
        nvim.lua(&format!(
            "vim.g.promptstack = {{ ui = {{ border = '{border}' }} }}"
        ))
        .await;
        assert_eq!(
            nvim.lua("return require('promptstack.config').problems()")
                .await,
            json!([])
        );
        nvim.keys(":Prompt<CR>").await;
        nvim.sees("Say hello").await;
        nvim.quit().await;
    }
}

#[tokio::test]
async fn a_picker_that_could_not_open_opens_the_next_time() {
    let nvim = Nvim::start(&[HELLO]).await;
    nvim.lua(
        "local open_win, calls = vim.api.nvim_open_win, 0\n\
         vim.api.nvim_open_win = function(...)\n\
           calls = calls + 1\n\
           if calls == 2 then error('no window') end\n\
           return open_win(...)\n\
         end\n\
         pcall(vim.cmd.Prompt)",
    )
    .await;
    assert_eq!(nvim.lua("return #vim.api.nvim_list_wins()").await, 1);
    nvim.keys(":Prompt<CR>").await;
    nvim.sees("Say hello").await;
    nvim.quit().await;
}

#[tokio::test]
async fn a_buffer_that_cannot_be_hidden_keeps_its_window() {
    let nvim = Nvim::start(&[HELLO]).await;
    nvim.command("set nohidden").await;
    nvim.keys("iunsaved<Esc>:Prompt edit hello<CR>").await;
    nvim.sees("title: Say hello").await;
    nvim.sees("unsaved").await;
    assert_eq!(nvim.lua("return vim.v.errmsg").await, "");
    // Back to it: from an unchanged buffer no split is needed.
    nvim.command("Prompt settings").await;
    nvim.holds("return vim.api.nvim_buf_get_name(0):find('config.yaml') ~= nil")
        .await;
    assert_eq!(nvim.lua("return #vim.api.nvim_list_wins()").await, 2);
    nvim.quit().await;
}

#[tokio::test]
async fn a_window_that_is_bound_to_its_buffer_keeps_it() {
    let nvim = Nvim::start(&[HELLO]).await;
    nvim.command("set winfixbuf").await;
    nvim.keys(":Prompt edit hello<CR>").await;
    nvim.sees("title: Say hello").await;
    assert_eq!(nvim.lua("return #vim.api.nvim_list_wins()").await, 2);
    nvim.quit().await;
}

#[tokio::test]
async fn findings_in_a_buffer_without_a_name_lead_into_that_buffer() {
    let nvim = Nvim::start(&[HELLO]).await;
    nvim.lua("vim.api.nvim_buf_set_lines(0, 0, -1, true, { 'one', '{{text:a}}', '  {{text:a}}' })")
        .await;
    nvim.keys(":Prompt! validate<CR>").await;
    nvim.sees("[No Name]:3:3").await;
    nvim.keys("j<CR>").await;
    nvim.loses("Library check").await;
    assert_eq!(nvim.text().await, "one\n{{text:a}}\n  {{text:a}}");
    assert_eq!(
        nvim.lua("return vim.api.nvim_win_get_cursor(0)").await,
        json!([3, 2])
    );
    nvim.keys(":Prompt! validate<CR>").await;
    nvim.sees("[No Name]:3:3").await;
    assert_eq!(
        nvim.lua("return #vim.fn.getbufinfo({ buflisted = 1 })")
            .await,
        1,
        "no other buffer was opened"
    );
    nvim.keys("<C-q>").await;
    assert_eq!(
        nvim.lua("return vim.tbl_map(function(i) return { i.bufnr, i.lnum, i.col } end, vim.fn.getqflist())")
            .await,
        json!([[1, 1, 1], [1, 3, 3]])
    );
    nvim.quit().await;
}

#[tokio::test]
async fn the_keys_of_every_window_are_listed() {
    let nvim = Nvim::start(&[HELLO, BROKEN]).await;
    std::fs::write(nvim.home.path().join(".promptstack.yaml"), "version: 1\n").expect("a file");
    for (command, title, key) in [
        (
            "Prompt validate",
            "Library check",
            "<C-Q>     put all into the quickfix list",
        ),
        ("Prompt preview hello", "Say hello", "q         close"),
    ] {
        nvim.keys(&format!(":{command}<CR>")).await;
        nvim.sees(title).await;
        nvim.keys("g?").await;
        nvim.sees(key).await;
        nvim.keys("q").await;
        nvim.loses(key).await;
        nvim.sees(title).await;
        nvim.keys("<Esc>").await;
        nvim.loses(title).await;
    }
    nvim.quit().await;
}

#[tokio::test]
async fn the_window_of_the_project_file_lists_its_keys_and_closes_with_escape() {
    let nvim = Nvim::start(&[HELLO]).await;
    let work = nvim.home.path().join("work");
    std::fs::create_dir(&work).expect("a folder");
    std::fs::write(work.join(".promptstack.yaml"), "version: 1\n").expect("a file");
    nvim.command("cd work").await;
    nvim.keys(":Prompt trust<CR>").await;
    nvim.sees("(not trusted)").await;
    nvim.keys("g?").await;
    nvim.sees("t         trust exactly this").await;
    nvim.keys("<Esc>").await;
    nvim.loses("t         trust exactly this").await;
    nvim.keys("<Esc>").await;
    nvim.loses("(not trusted)").await;
    nvim.keys(":Prompt trust<CR>").await;
    nvim.sees("(not trusted)").await;
    nvim.keys("t").await;
    nvim.sees("is trusted as it stands").await;
    nvim.keys(":Prompt trust<CR>").await;
    nvim.sees("(trusted)").await;
    nvim.keys("g?").await;
    nvim.sees("d         trust no longer").await;
    nvim.quit().await;
}

#[tokio::test]
async fn closing_a_window_leads_back_to_where_it_was_opened() {
    let nvim = Nvim::start(&[HELLO, BROKEN]).await;
    nvim.command("split | wincmd j").await;
    let here = nvim.lua("return vim.api.nvim_get_current_win()").await;
    nvim.keys(":Prompt validate<CR>").await;
    nvim.sees("Library check").await;
    // The window of the keys makes Neovim forget which one was the one before.
    nvim.keys("g?").await;
    nvim.sees("these keys").await;
    nvim.keys("q").await;
    nvim.loses("these keys").await;
    nvim.keys("q").await;
    nvim.loses("Library check").await;
    assert_eq!(
        nvim.lua("return vim.api.nvim_get_current_win()").await,
        here
    );
    nvim.quit().await;
}

#[tokio::test]
async fn the_keys_begin_with_enter_and_end_with_what_closes() {
    let nvim = Nvim::start(&[HELLO, BROKEN]).await;
    nvim.keys(":Prompt validate<CR>").await;
    nvim.sees("Library check").await;
    nvim.keys("g?").await;
    nvim.sees("these keys").await;
    let keys = nvim
        .lua(
            "return vim.tbl_map(function(line) return line:match('%S+') end, \
             vim.api.nvim_buf_get_lines(0, 0, -1, true))",
        )
        .await;
    assert_eq!(keys, json!(["<CR>", "<C-Q>", "g?", "<Esc>", "q"]));
    nvim.quit().await;
}
