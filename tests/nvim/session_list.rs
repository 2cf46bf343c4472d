//! List and choice placeholders: their windows, what they write, what they offer.

use crate::session::{put, start, start_with, status};
use crate::support::Options;

#[tokio::test]
async fn from_insert_mode_a_list_opens_its_window_and_becomes_bullets_at_its_indent() {
    let nvim = start().await;
    nvim.keys("i").await;
    put(&nvim, &["Do:", "  {{list:steps}}", "End {{text:x}}"]).await;
    nvim.sees("<CR> write · q cancel").await;
    assert_eq!(nvim.mode().await, "i");
    nvim.keys("first<CR>second<Esc><CR>").await;
    nvim.loses("q cancel").await;
    nvim.reads("Do:\n  - first\n  - second\nEnd {{text:x}}")
        .await;
    // Back in the mode from which the jump came, behind the bullets.
    assert_eq!(nvim.mode().await, "i");
    nvim.keys("!<Tab>y<Esc>").await;
    nvim.reads("Do:\n  - first\n  - second!\nEnd y").await;
    nvim.quit().await;
}

#[tokio::test]
async fn in_mid_line_the_bullets_get_lines_of_their_own_and_neighbours_stay_stops() {
    let nvim = start().await;
    put(&nvim, &["  {{text:a}} handles {{list:m}}, and {{text:b}}"]).await;
    nvim.keys("<Tab>i").await;
    nvim.sees("q cancel").await;
    nvim.keys("iGET<Esc>oPOST<Esc><Esc>").await;
    nvim.loses("q cancel").await;
    nvim.reads("  {{text:a}} handles\n  - GET\n  - POST\n  , and {{text:b}}")
        .await;
    assert_eq!(nvim.mode().await, "n");
    nvim.keys("<Tab>iB<Esc><Tab>iA<Esc>").await;
    nvim.reads("  A handles\n  - GET\n  - POST\n  , and B")
        .await;
    nvim.quit().await;
}

#[tokio::test]
async fn one_undo_takes_back_one_list_and_q_leaves_it_as_it_was() {
    let nvim = start().await;
    put(&nvim, &["{{list:l}} rest {{text:t}}"]).await;
    nvim.keys("<CR>").await;
    nvim.sees("q cancel").await;
    nvim.keys("iGET<Esc>q").await;
    nvim.loses("q cancel").await;
    nvim.reads("{{list:l}} rest {{text:t}}").await;
    nvim.keys("a").await;
    nvim.sees("q cancel").await;
    nvim.keys("iGET<Esc><CR>").await;
    nvim.reads("- GET\nrest {{text:t}}").await;
    nvim.keys("u").await;
    nvim.reads("{{list:l}} rest {{text:t}}").await;
    assert_eq!(status(&nvim).await, "1/2");
    nvim.quit().await;
}

#[tokio::test]
async fn a_filled_list_opens_with_its_items_and_linked_lists_follow() {
    let nvim = start().await;
    put(&nvim, &["{{list:l}}", "again: {{list:l}}", "{{text:t}}"]).await;
    nvim.keys("<CR>").await;
    nvim.sees("q cancel").await;
    nvim.keys("ione<Esc><CR>").await;
    nvim.reads("- one\nagain:\n- one\n{{text:t}}").await;
    nvim.keys("<CR>").await;
    nvim.sees("q cancel").await;
    nvim.keys("otwo<Esc><CR>").await;
    nvim.reads("- one\n- two\nagain:\n- one\n- two\n{{text:t}}")
        .await;
    nvim.keys("uu").await;
    nvim.reads("{{list:l}}\nagain: {{list:l}}\n{{text:t}}")
        .await;
    nvim.quit().await;
}

#[tokio::test]
async fn single_keys_act_in_the_list_only_when_asked_for() {
    for (asked, wanted) in [("true", "- b"), ("false", "- a")] {
        let nvim = start().await;
        nvim.lua(&format!(
            "require('promptstack').setup({{ ui = {{ list_keys = {asked} }} }})"
        ))
        .await;
        put(&nvim, &["{{list:l}}"]).await;
        nvim.keys("<CR>").await;
        nvim.sees("q cancel").await;
        // With the keys: a new item, edited, and the first deleted. Without: n searches, e and d are motions.
        nvim.keys("ia<Esc>").await;
        match asked {
            "true" => nvim.keys("nx<Esc>eb<Esc>0xkd").await,
            _ => nvim.keys("e").await,
        }
        nvim.keys("<CR>").await;
        nvim.reads(wanted).await;
        nvim.quit().await;
    }
}

#[tokio::test]
async fn a_list_window_whose_host_is_dead_keeps_its_text_and_says_so() {
    let nvim = start_with(Options {
        height: 30,
        ..Options::default()
    })
    .await;
    put(&nvim, &["{{list:l}}"]).await;
    nvim.keys("<CR>").await;
    nvim.sees("q cancel").await;
    nvim.lua("require('promptstack.host').stop() vim.env.PROMPTSTACK_BIN = '/nowhere'")
        .await;
    nvim.keys("iprecious<Esc>:set cmdheight=5<CR><CR>").await;
    nvim.sees("the list is not written and stays open").await;
    nvim.sees("precious").await;
    nvim.sees("q cancel").await;
    nvim.quit().await;
}

#[tokio::test]
async fn a_choice_shows_its_options_and_takes_the_chosen_one() {
    let nvim = start().await;
    nvim.keys("i").await;
    put(
        &nvim,
        &["A {{choice:tone=formal|terse|warm}} answer in {{text:t}}"],
    )
    .await;
    let screen = nvim.sees("terse").await;
    assert!(screen.contains("<CR> take"), "{screen}");
    assert_eq!(nvim.mode().await, "s");
    nvim.keys("<C-n><CR>").await;
    nvim.reads("A terse answer in {{text:t}}").await;
    nvim.loses("<CR> take").await;
    nvim.keys("<Tab>Dutch<Esc>u").await;
    nvim.reads("A terse answer in {{text:t}}").await;
    nvim.keys("u").await;
    nvim.reads("A {{choice:tone=formal|terse|warm}} answer in {{text:t}}")
        .await;
    // What the menu borrowed is given back.
    nvim.holds("return vim.fn.maparg('<C-n>', 's') == ''").await;
    nvim.quit().await;
}

#[tokio::test]
async fn a_choice_can_be_typed_and_is_completed() {
    let nvim = start().await;
    nvim.keys("i").await;
    put(&nvim, &["{{choice:tone=formal|terse|warm}} {{text:t}}"]).await;
    nvim.sees("<CR> take").await;
    nvim.keys("te").await;
    nvim.loses("<CR> take").await;
    nvim.holds("return vim.fn.pumvisible() == 1").await;
    nvim.reads("te {{text:t}}").await;
    nvim.keys("<C-n><C-y><Tab>x<Esc>").await;
    nvim.reads("terse x").await;
    nvim.holds("return not vim.o.completeopt:find('noselect')")
        .await;
    nvim.quit().await;
}

#[tokio::test]
async fn in_normal_mode_a_choice_is_asked_for() {
    let nvim = start().await;
    nvim.lua("vim.ui.select = function(items, opts, done) _G.asked = opts.prompt .. ':' .. table.concat(items, ',') done(items[3]) end").await;
    put(&nvim, &["{{choice:tone=formal|terse|wa\\|rm}} {{text:t}}"]).await;
    nvim.keys("i").await;
    nvim.reads("wa|rm {{text:t}}").await;
    assert_eq!(nvim.lua("return _G.asked").await, "tone:formal,terse,wa|rm");
    nvim.keys("u").await;
    nvim.reads("{{choice:tone=formal|terse|wa\\|rm}} {{text:t}}")
        .await;
    nvim.quit().await;
}

#[tokio::test]
async fn earlier_values_are_offered_and_filled_ones_remembered() {
    let nvim = start().await;
    nvim.lua(
        "local c = require('promptstack.rpc.contract')\n\
         c.placeholder_values = function(p, done) _G.key = p.key done(nil, { values = { 'newest', 'old' } }) end\n\
         c.placeholder_remember = function(p, done) _G.kept = p.key .. '=' .. p.value done(nil, {}) end",
    )
    .await;
    nvim.keys("i").await;
    put(&nvim, &["{{text:a}} {{text:b}}"]).await;
    nvim.sees("<C-n> newest +1").await;
    nvim.keys("<C-n>").await;
    nvim.sees("<CR> take").await;
    nvim.keys("<C-n><CR>").await;
    nvim.reads("old {{text:b}}").await;
    nvim.keys("<Tab>typed<S-Tab><Esc>").await;
    nvim.holds("return _G.kept == 'text:b=typed'").await;
    nvim.lua("vim.ui.select = function(items, _, done) done(items[1]) end")
        .await;
    nvim.keys("uu<Tab><S-Tab>").await;
    nvim.sees("<CR> newest +1").await;
    nvim.keys("<CR>").await;
    nvim.reads("newest {{text:b}}").await;
    nvim.quit().await;
}

#[tokio::test]
async fn the_menu_stands_below_the_choice_at_80_columns_and_above_it_at_the_bottom() {
    let nvim = start_with(Options {
        width: 80,
        height: 12,
        ..Options::default()
    })
    .await;
    nvim.keys("i").await;
    put(&nvim, &["Use a {{choice:tone=formal|terse}} tone."]).await;
    let screen = nvim.sees("<CR> take").await;
    let rows: Vec<&str> = screen.lines().take(5).collect();
    assert_eq!(
        rows.join("\n"),
        "Use a {{choice:tone=formal|terse}} tone.  1/1 tone · <Tab> next\n\
         ~     ╭────────────────────────╮\n\
         ~     │ formal                 │\n\
         ~     │ terse                  │\n\
         ~     ╰ <C-n> next · <CR> take ╯"
    );
    nvim.keys("<Esc>u9O<Esc>G").await;
    nvim.keys("i").await;
    put(&nvim, &["{{choice:tone=formal|terse}}"]).await;
    let screen = nvim.sees("<CR> take").await;
    let rows: Vec<&str> = screen.lines().collect();
    let choice = rows
        .iter()
        .position(|row| row.starts_with("{{choice"))
        .expect("the choice in sight");
    assert!(rows[choice - 1].starts_with("╰ <C-n> next"), "{screen}");
    nvim.quit().await;
}
