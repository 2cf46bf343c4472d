//! Tab is borrowed, never stolen.

use crate::session::{put, start, start_with, status};
use crate::support::{Nvim, Options};

const TWO: [&str; 1] = ["{{text:a}} {{text:b}}"];

/// What a key is mapped to, and whether in this buffer; the default maps of Neovim 0.11 and later count as none.
async fn map(nvim: &Nvim, lhs: &str, mode: &str) -> String {
    let code = format!(
        "local m = vim.fn.maparg({lhs:?}, {mode:?}, false, true)\n\
         if (m.desc or ''):find('^vim.snippet.jump') then return '' end\n\
         return (m.buffer == 1 and 'buffer ' or '') .. (m.desc or m.rhs or '')"
    );
    nvim.lua(&code).await.as_str().expect("text").to_owned()
}

#[tokio::test]
async fn tab_is_mapped_only_while_a_session_lives_and_put_back_as_it_was() {
    let nvim = start().await;
    nvim.command("inoremap <buffer> <expr> <Tab> 'old'").await;
    nvim.command("nnoremap <buffer> <S-Tab> iback<Esc>").await;
    nvim.command("nnoremap <buffer> i iX").await;
    put(&nvim, &TWO).await;
    assert_eq!(
        map(&nvim, "<Tab>", "i").await,
        "buffer promptstack: next placeholder"
    );
    assert_eq!(
        map(&nvim, "<Tab>", "s").await,
        "buffer promptstack: next placeholder"
    );
    // From another buffer: what was buffer-local goes back to the buffer where it was.
    nvim.command("new").await;
    assert_eq!(status(&nvim).await, "");
    assert_eq!(map(&nvim, "<Tab>", "i").await, "");
    nvim.command("close").await;
    assert_eq!(map(&nvim, "<Tab>", "i").await, "buffer 'old'");
    assert_eq!(map(&nvim, "<S-Tab>", "n").await, "buffer iback<Esc>");
    assert_eq!(map(&nvim, "i", "n").await, "buffer iX");
    for (lhs, mode) in [
        ("<Tab>", "n"),
        ("<Tab>", "s"),
        ("<S-Tab>", "i"),
        ("<S-Tab>", "s"),
        ("a", "n"),
        ("<BS>", "s"),
        ("<CR>", "n"),
    ] {
        assert_eq!(map(&nvim, lhs, mode).await, "", "{lhs} in {mode}");
    }
    nvim.keys("A <Tab><Esc>").await;
    nvim.reads("{{text:a}} {{text:b}} old").await;
    nvim.quit().await;
}

#[tokio::test]
async fn a_map_that_somebody_set_since_is_left_alone_at_the_end() {
    let nvim = start().await;
    put(&nvim, &TWO).await;
    nvim.command("nnoremap <buffer> <Tab> inew<Esc>").await;
    nvim.lua("require('promptstack.placeholder').done()").await;
    assert_eq!(map(&nvim, "<Tab>", "n").await, "buffer inew<Esc>");
    assert_eq!(map(&nvim, "<Tab>", "i").await, "");
    nvim.quit().await;
}

#[tokio::test]
async fn a_session_survives_a_plugin_that_sets_its_tab_at_insert_enter() {
    let nvim = start().await;
    // As blink.cmp does, and a moment later, as others do.
    nvim.lua(
        "_G.plugin = function()\n\
           vim.keymap.set('i', '<Tab>', function() vim.api.nvim_feedkeys('P', 'n', false) end, { buffer = 0, desc = 'theirs' })\n\
         end\n\
         vim.api.nvim_create_autocmd('InsertEnter', { callback = function() _G.plugin() vim.schedule(_G.plugin) end })",
    )
    .await;
    put(&nvim, &TWO).await;
    nvim.keys("i").await;
    nvim.holds(
        "return vim.fn.maparg('<Tab>', 'i', false, true).desc == 'promptstack: next placeholder'",
    )
    .await;
    nvim.keys("x<Tab>y<Esc>").await;
    nvim.reads("x y").await;
    nvim.lua("require('promptstack.placeholder').done()").await;
    assert_eq!(map(&nvim, "<Tab>", "i").await, "buffer theirs");
    nvim.quit().await;
}

/// A visible float with the file type of a completion plugin's menu.
const FLOAT: &str = "\
    local buf = vim.api.nvim_create_buf(false, true)\n\
    vim.bo[buf].filetype = ...\n\
    _G.float = vim.api.nvim_open_win(buf, false, { relative = 'cursor', row = 1, col = 0, width = 9, height = 2 })";

#[tokio::test]
async fn with_a_plugins_menu_tab_is_theirs_and_ours_again_when_it_closes() {
    for filetype in ["cmp_menu", "blink-cmp-menu"] {
        let nvim = start().await;
        nvim.lua(
            "vim.api.nvim_create_autocmd('InsertEnter', { callback = function()\n\
               vim.keymap.set('i', '<Tab>', function() vim.api.nvim_feedkeys('P', 'n', false) end, { buffer = 0 })\n\
             end })",
        )
        .await;
        nvim.keys("i").await;
        put(&nvim, &TWO).await;
        nvim.keys("x").await;
        nvim.lua(&FLOAT.replace("...", &format!("{filetype:?}")))
            .await;
        nvim.keys("<Tab>").await;
        nvim.reads("xP {{text:b}}").await;
        nvim.lua("vim.api.nvim_win_close(_G.float, true)").await;
        nvim.keys("<Tab>y<Esc>").await;
        nvim.reads("xP y").await;
        nvim.quit().await;
    }
}

#[tokio::test]
async fn with_a_plugins_menu_and_no_map_below_tab_jumps_and_inserts_no_tab() {
    let nvim = start().await;
    nvim.keys("i").await;
    put(&nvim, &TWO).await;
    nvim.keys("x").await;
    nvim.lua(&FLOAT.replace("...", "'cmp_menu'")).await;
    nvim.keys("<Tab>y<Esc>").await;
    nvim.reads("x y").await;
    nvim.quit().await;
}

#[tokio::test]
async fn with_neovims_menu_and_no_map_below_it_closes_keeping_what_was_typed() {
    let nvim = start().await;
    nvim.lua("vim.o.completeopt = 'menu'").await;
    nvim.keys("ihello helium<CR>").await;
    put(&nvim, &TWO).await;
    nvim.keys("he<C-n>").await;
    nvim.holds("return vim.fn.pumvisible() == 1").await;
    nvim.keys("<Tab>y<Esc>").await;
    nvim.reads("hello helium\nhe y").await;
    nvim.keys("u").await;
    nvim.reads("hello helium\nhe {{text:b}}").await;
    nvim.quit().await;
}

#[tokio::test]
async fn with_neovims_menu_the_map_below_runs_as_it_would_alone() {
    // A global expression map with a script-local name, and a buffer-local Lua one.
    for set in [
        "vim.cmd([[inoremap <expr> <Tab> pumvisible() ? \"\\<C-n>\" : \"\\<Tab>\"]])",
        "vim.keymap.set('i', '<Tab>', function() return vim.fn.pumvisible() == 1 and '<C-n>' or '<Tab>' end, \
         { buffer = 0, expr = true })",
    ] {
        let nvim = start().await;
        nvim.lua("vim.o.completeopt = 'menu'").await;
        nvim.lua(set).await;
        nvim.keys("ihello helium<CR>").await;
        put(&nvim, &TWO).await;
        nvim.keys("he<C-n><Tab>").await;
        nvim.reads("hello helium\nhelium {{text:b}}").await;
        nvim.keys("<C-y><Tab>y<Esc>").await;
        nvim.reads("hello helium\nhelium y").await;
        nvim.quit().await;
    }
}

#[tokio::test]
async fn ctrl_v_tab_always_inserts_one() {
    let nvim = start().await;
    nvim.keys("i").await;
    put(&nvim, &TWO).await;
    nvim.keys("x<C-v><Tab>y<Esc>").await;
    nvim.reads("x\ty {{text:b}}").await;
    nvim.quit().await;
}

#[tokio::test]
async fn tab_in_normal_mode_can_be_given_back() {
    let nvim = start().await;
    nvim.lua("require('promptstack').setup({ ui = { tab_normal = false } })")
        .await;
    put(&nvim, &TWO).await;
    assert_eq!(map(&nvim, "<Tab>", "n").await, "");
    assert_eq!(map(&nvim, "<S-Tab>", "n").await, "");
    assert_eq!(
        map(&nvim, "<Tab>", "i").await,
        "buffer promptstack: next placeholder"
    );
    nvim.command("lua require('promptstack.placeholder').next()")
        .await;
    nvim.holds("return require('promptstack.placeholder').status().current == 2")
        .await;
    nvim.quit().await;
}

#[tokio::test]
async fn the_first_stop_says_which_keys_jump() {
    let nvim = start_with(Options {
        width: 80,
        ..Options::default()
    })
    .await;
    put(&nvim, &TWO).await;
    nvim.sees("1/2 a · i fills · <Tab> (<C-i> too) next").await;
    nvim.keys("<Tab>").await;
    nvim.sees("2/2 b").await;
    nvim.loses("<C-i>").await;
    nvim.quit().await;
}

#[tokio::test]
async fn i_and_a_replace_only_the_highlighted_unfilled_stop_and_only_without_a_count() {
    let nvim = start().await;
    put(&nvim, &["x {{text:a}} y"]).await;
    // Away from the stop.
    nvim.keys("0iA<Esc>").await;
    nvim.reads("Ax {{text:a}} y").await;
    // With a count.
    nvim.keys("fe3iB<Esc>").await;
    nvim.reads("Ax {{tBBBext:a}} y").await;
    nvim.keys("u<Tab>").await;
    nvim.reads("Ax {{text:a}} y").await;
    // On it, wherever in it; and in one go, when maps are looked up before the cursor has moved.
    nvim.keys("0ftaone<Esc>").await;
    nvim.reads("Ax one y").await;
    // Filled, they are themselves again.
    nvim.keys("0fniC<Esc>").await;
    nvim.reads("Ax oCne y").await;
    nvim.keys("aD<Esc>").await;
    nvim.reads("Ax oCDne y").await;
    nvim.quit().await;
}

#[tokio::test]
async fn a_snippet_inside_of_a_stop_comes_first() {
    let nvim = start().await;
    nvim.keys("i").await;
    put(&nvim, &TWO).await;
    nvim.keys("x").await;
    nvim.lua("vim.snippet.expand('f($1, $2)')").await;
    nvim.keys("one<Tab>two<Tab>").await;
    nvim.reads("xf(one, two) {{text:b}}").await;
    // At its last stop the snippet has ended.
    nvim.keys("<Tab>y<Esc>").await;
    nvim.reads("xf(one, two) y").await;
    nvim.quit().await;
}
