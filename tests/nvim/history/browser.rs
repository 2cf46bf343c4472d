//! What the keys of the history do.

use serde_json::json;

use super::{asked, drawn, faked, opened, size};
use crate::picker::leftovers;
use crate::support::Options;

#[tokio::test]
async fn nothing_is_deleted_without_a_yes() {
    let nvim = faked(size(80, 24)).await;
    opened(&nvim).await;
    nvim.keys("<Esc>").await;
    for no in ["n", "<Esc>", "q", "j", "gg"] {
        nvim.keys("dd").await;
        nvim.sees("delete this composition for good (85 B, a draft)? y deletes, n keeps")
            .await;
        nvim.keys(no).await;
        nvim.loses("y deletes").await;
        nvim.keys("ygg").await;
        nvim.sees("▌today 14:03").await;
    }
    nvim.keys("ddiy").await;
    nvim.sees("> y").await;
    nvim.loses("y deletes").await;
    assert_eq!(asked(&nvim, "history_delete").await, 0);
    nvim.keys("<Esc><Esc>").await;
    nvim.loses("History").await;
    assert_eq!(leftovers(&nvim).await, json!([0, 0, 0, 0]));
    nvim.quit().await;
}

#[tokio::test]
async fn a_yes_deletes_and_the_next_row_is_chosen() {
    let nvim = faked(size(80, 24)).await;
    opened(&nvim).await;
    nvim.keys("<Esc>jdd").await;
    nvim.sees("delete this composition for good (29 B)?").await;
    nvim.keys("y").await;
    nvim.sees("deleted 1, freed 29 B").await;
    nvim.sees("3/3").await;
    nvim.sees("▌12 Nov").await;
    nvim.loses("Never use mocks").await;
    nvim.quit().await;
}

#[tokio::test]
async fn marked_ones_are_deleted_together() {
    let nvim = faked(size(80, 24)).await;
    opened(&nvim).await;
    nvim.keys("<Tab><Down><Tab><Esc>dd").await;
    nvim.sees("delete 2 compositions for good (4.9 KB, 1 of them drafts)?")
        .await;
    nvim.keys("y").await;
    nvim.sees("deleted 2, freed 4.9 KB").await;
    assert_eq!(
        nvim.lua("return _G.fake.rows[1].id .. _G.fake.rows[2].id")
            .await,
        "bd"
    );
    assert_eq!(asked(&nvim, "history_delete").await, 1);
    nvim.quit().await;
}

#[tokio::test]
async fn deleting_all_of_them_says_so() {
    let nvim = faked(size(80, 24)).await;
    opened(&nvim).await;
    nvim.keys("<Tab><Tab><Tab><Tab><Esc>ddy").await;
    nvim.sees("deleted 4, freed").await;
    nvim.sees("nothing was composed yet").await;
    nvim.quit().await;
}

#[tokio::test]
async fn what_can_not_be_deleted_is_said_and_stays() {
    let nvim = faked(size(80, 24)).await;
    opened(&nvim).await;
    nvim.keys("<Esc>dd").await;
    nvim.sees("y deletes").await;
    nvim.lua("_G.fake.err = { kind = 'unavailable', message = 'the disk is read-only' }")
        .await;
    nvim.keys("y").await;
    nvim.sees("the disk is read-only").await;
    nvim.sees("▌today 14:03").await;
    nvim.quit().await;
}

#[tokio::test]
async fn an_old_text_becomes_a_new_composition_from_either_mode() {
    for keys in ["<CR>", "<Esc><CR>"] {
        let nvim = faked(size(80, 24)).await;
        opened(&nvim).await;
        nvim.keys(&format!("<Down>{keys}")).await;
        nvim.reads("Never use mocks: # they lie.").await;
        assert_eq!(nvim.mode().await, "n");
        assert_eq!(nvim.lua("return vim.bo.filetype").await, "markdown");
        let id = nvim
            .lua(
                "return require('promptstack.composition.keeper').get(vim.api.nvim_get_current_buf()).id",
            )
            .await;
        assert_eq!(id.as_str().map(str::len), Some(36), "an id of its own");
        nvim.sees("saved ✓").await;
        nvim.quit().await;
    }
}

#[tokio::test]
async fn several_marked_ones_become_a_composition_each() {
    let nvim = faked(size(80, 24)).await;
    opened(&nvim).await;
    nvim.keys("<Tab><Tab><C-t>").await;
    nvim.reads("Never use mocks: # they lie.").await;
    nvim.holds("return #vim.api.nvim_list_tabpages() == 3")
        .await;
    nvim.quit().await;
}

#[tokio::test]
async fn a_text_that_is_saved_nowhere_is_asked_about() {
    let nvim = faked(size(80, 24)).await;
    nvim.command("Prompt compose").await;
    nvim.keys("iprecious<Esc>").await;
    nvim.sees("saved ✓").await;
    nvim.lua(
        "require('promptstack.composition.keeper').get(vim.api.nvim_get_current_buf()).failure = \
         { kind = 'unavailable', message = 'the disk is full' }",
    )
    .await;
    opened(&nvim).await;
    nvim.keys("<CR>").await;
    nvim.sees("NOT SAVED (the disk is full): open another one?")
        .await;
    nvim.keys("n").await;
    nvim.loses("open another one?").await;
    assert_eq!(asked(&nvim, "history_get").await, 0);
    nvim.keys("<CR>").await;
    nvim.sees("open another one?").await;
    nvim.keys("y").await;
    nvim.reads(
        "Write integration tests for the payment API.\nAlways mock the network.\n\n{{text:what}}",
    )
    .await;
    nvim.quit().await;
}

#[tokio::test]
async fn a_private_text_is_asked_about_only_where_it_goes_out_of_sight() {
    for (compose, asks) in [("current", true), ("split", false)] {
        let nvim = faked(size(80, 24)).await;
        nvim.lua(&format!(
            "vim.g.promptstack = {{ ui = {{ compose = '{compose}' }} }}"
        ))
        .await;
        nvim.command("Prompt private").await;
        nvim.keys("isecret<Esc>").await;
        opened(&nvim).await;
        nvim.keys("<CR>").await;
        if asks {
            nvim.sees("kept nowhere but in its buffer: open").await;
            nvim.keys("y").await;
        }
        nvim.sees("Always mock the network.").await;
        nvim.loses("History").await;
        nvim.quit().await;
    }
}

#[tokio::test]
async fn it_is_compared_with_the_buffer_that_one_came_from() {
    let nvim = faked(size(100, 24)).await;
    nvim.keys("iAlways use mocks.<Esc>").await;
    opened(&nvim).await;
    nvim.keys("<Esc>jgd").await;
    nvim.sees("history, yesterday 15:00 · q closes").await;
    nvim.sees("now: [No Name]").await;
    let screen = drawn(&nvim).await;
    assert!(screen.contains("Never use mocks"), "{screen}");
    assert!(screen.contains("Always use mocks."), "{screen}");
    assert_eq!(
        nvim.lua("return { vim.wo.diff, #vim.api.nvim_tabpage_list_wins(0), vim.bo.modifiable }")
            .await,
        json!([true, 2, false])
    );
    nvim.keys("q").await;
    nvim.reads("Always use mocks.").await;
    assert_eq!(
        nvim.lua(
            "return { vim.wo.diff, #vim.api.nvim_list_tabpages(), #vim.api.nvim_list_bufs() }"
        )
        .await,
        json!([false, 1, 1])
    );
    nvim.quit().await;
}

#[tokio::test]
async fn a_comparison_ends_with_either_of_its_windows() {
    let nvim = faked(size(100, 24)).await;
    nvim.keys("iAlways<Esc>").await;
    opened(&nvim).await;
    nvim.keys("<Esc>gd").await;
    nvim.sees("q closes").await;
    nvim.keys("<C-w>l:q<CR>").await;
    nvim.loses("q closes").await;
    nvim.reads("Always").await;
    assert_eq!(
        nvim.lua("return { vim.wo.diff, #vim.api.nvim_list_tabpages() }")
            .await,
        json!([false, 1])
    );
    nvim.quit().await;
}

#[tokio::test]
async fn one_key_shows_this_project_alone_and_all_again() {
    let nvim = faked(size(80, 24)).await;
    opened(&nvim).await;
    nvim.keys("<C-g>").await;
    nvim.sees("History · ~/src/payments").await;
    nvim.sees("2/2").await;
    let screen = drawn(&nvim).await;
    assert!(screen.contains("<C-g> all projects"), "{screen}");
    assert!(screen.contains("…/http"), "{screen}");
    nvim.keys("<Esc><C-g>").await;
    nvim.sees("4/4").await;
    nvim.loses("History ·").await;
    nvim.quit().await;
}

#[tokio::test]
async fn files_of_all_rows_or_of_the_marked_go_into_the_quickfix_list() {
    for (keys, count) in [("<C-q>", 4), ("<Tab><Tab><Esc><C-q>", 2)] {
        let nvim = faked(size(80, 24)).await;
        opened(&nvim).await;
        nvim.keys(keys).await;
        nvim.holds("return vim.bo.buftype == 'quickfix'").await;
        assert_eq!(
            nvim.lua(
                "local l = vim.fn.getqflist() return { #l, vim.fn.bufname(l[1].bufnr), l[1].text }"
            )
            .await,
            json!([
                count,
                format!("{}/a.md", nvim.home.path().display()),
                "today 14:03  Write integration tests for the payment API. Always mock the network. {{text:what}}"
            ])
        );
        nvim.quit().await;
    }
}

#[tokio::test]
async fn what_is_typed_is_looked_for_and_the_hits_are_lit() {
    let nvim = faked(size(80, 24)).await;
    nvim.command("Prompt history mock").await;
    nvim.sees("> mock").await;
    nvim.sees("2/4").await;
    let lit = nvim
        .lua(
            "for _, buf in ipairs(vim.api.nvim_list_bufs()) do\n\
               for _, mark in ipairs(vim.api.nvim_buf_get_extmarks(buf, -1, 0, -1, { details = true })) do\n\
                 if mark[4].hl_group == 'PromptstackMatch' and mark[2] == 2 then return mark[3] end\n\
               end\n\
             end",
        )
        .await;
    assert!(lit.as_u64().is_some(), "{lit}");
    nvim.keys("zz").await;
    nvim.sees("nothing that was composed holds “mockzz”; <C-u> clears")
        .await;
    nvim.quit().await;
}

#[tokio::test]
async fn only_the_newest_search_counts() {
    let nvim = faked(size(80, 24)).await;
    opened(&nvim).await;
    nvim.lua("_G.fake.held = true").await;
    nvim.keys("mock").await;
    nvim.keys(" x").await;
    let open = "local open = 0 for _, call in ipairs(_G.fake.asked) do \
                if call.name == 'history_list' and not call.answered and not call.cancelled then open = open + 1 end end \
                return open == 1";
    nvim.holds(open).await;
    nvim.keys("<Esc>").await;
    nvim.quit().await;
}

#[tokio::test]
async fn an_error_is_an_error_and_no_empty_history() {
    let nvim = faked(size(80, 24)).await;
    nvim.lua("_G.fake.err = { kind = 'unavailable', message = 'the history can not be read', hint = ':Prompt log' }")
        .await;
    nvim.command("Prompt history").await;
    nvim.sees("the history can not be read (:Prompt log)").await;
    let screen = drawn(&nvim).await;
    assert!(!screen.contains("0/0"), "{screen}");
    assert!(!screen.contains("nothing was composed"), "{screen}");
    nvim.lua("_G.fake.err = nil").await;
    nvim.keys("e").await;
    nvim.sees("/4").await;
    nvim.quit().await;
}

#[tokio::test]
async fn what_there_is_to_say_of_the_index_stands_in_the_border() {
    let nvim = faked(size(80, 24)).await;
    nvim.lua("_G.fake.note = 'the index is being rebuilt, 1,200 of 10,000'")
        .await;
    opened(&nvim).await;
    nvim.sees("╰ ⚠ the index is being rebuilt, 1,200 of 10,000 · <C-/> keys")
        .await;
    nvim.lua("_G.fake.note, _G.fake.ranked_newest = nil, 20000")
        .await;
    nvim.keys("mock").await;
    nvim.sees("╰ ⚠ ranked: the newest 20,000; others by date · <C-/> keys")
        .await;
    nvim.quit().await;
}

#[tokio::test]
async fn what_is_found_first_is_shown_until_all_is_searched() {
    let nvim = faked(size(80, 24)).await;
    opened(&nvim).await;
    nvim.lua("_G.fake.searched_newest, _G.fake.held = 1, true")
        .await;
    nvim.keys("mock").await;
    let one_waits = "local waits = vim.tbl_filter(function(call) return call.name == 'history_list' \
                     and not call.answered and not call.cancelled end, _G.fake.asked)\n\
                     if #waits ~= 1 or waits[1].params.query ~= 'mock' then return false end\n";
    let answer = format!("{one_waits} waits[1].answer() return true");
    nvim.holds(&answer).await;
    nvim.sees("1/4").await;
    nvim.sees("⚠ searched so far: the newest 1").await;
    nvim.holds(&answer).await;
    nvim.sees("2/4").await;
    nvim.loses("searched so far").await;
    nvim.quit().await;
}

#[tokio::test]
async fn an_empty_history_says_how_to_begin() {
    let nvim = faked(size(80, 24)).await;
    nvim.lua("_G.fake.rows = {}").await;
    nvim.command("PromptHistory").await;
    nvim.sees("nothing was composed yet").await;
    nvim.sees(":Prompt compose begins").await;
    nvim.keys("<C-g>").await;
    nvim.sees("nothing was composed in ~/src/payments").await;
    nvim.quit().await;
}

#[tokio::test]
async fn an_index_in_the_making_is_no_empty_history() {
    let nvim = faked(size(80, 24)).await;
    nvim.lua("_G.fake.rows, _G.fake.note = {}, 'the history is being read'")
        .await;
    nvim.command("Prompt history").await;
    nvim.sees("│ the history is being read").await;
    let screen = drawn(&nvim).await;
    assert!(!screen.contains("nothing was composed"), "{screen}");
    nvim.keys("<Esc><Esc>").await;
    nvim.loses("History").await;
    nvim.command("Prompt cleanup").await;
    nvim.sees("promptstack: the history is being read").await;
    nvim.quit().await;
}

#[tokio::test]
async fn a_row_that_is_gone_meanwhile_is_said_to_be() {
    let nvim = faked(size(80, 24)).await;
    opened(&nvim).await;
    nvim.lua("table.remove(_G.fake.rows, 1)").await;
    nvim.keys("<CR>").await;
    nvim.sees("there is no composition 'a'").await;
    nvim.sees("History").await;
    nvim.quit().await;
}

#[tokio::test]
async fn more_rows_come_at_the_end_of_the_list() {
    let nvim = faked(size(80, 24)).await;
    nvim.lua(
        "for n = 5, 450 do _G.fake.rows[n] = vim.tbl_extend('force', _G.fake.rows[4], { id = 'r' .. n, text = 'row ' .. n }) end",
    )
    .await;
    nvim.command("Prompt history").await;
    nvim.sees("450/450").await;
    nvim.keys("<Esc>G").await;
    nvim.sees("row 100").await;
    nvim.keys("jj").await;
    nvim.sees("row 101").await;
    nvim.quit().await;
}

#[tokio::test]
async fn a_missing_host_is_said_in_the_history() {
    let options = Options {
        env: vec![("PROMPTSTACK_BIN", "/nowhere/promptstack".to_owned())],
        ..size(80, 24)
    };
    let nvim = crate::support::Nvim::with(&[], options).await;
    nvim.keys(":Prompt history<CR>").await;
    nvim.sees("run :Prompt build").await;
    nvim.quit().await;
}

#[tokio::test]
async fn a_comparison_without_a_difference_says_so() {
    let nvim = faked(size(100, 24)).await;
    nvim.lua(
        "vim.api.nvim_buf_set_lines(0, 0, -1, true, { 'Write integration tests for the payment API.',\n\
           'Always mock the network.', '', '{{text:what}}' })",
    )
    .await;
    opened(&nvim).await;
    nvim.keys("<Esc>gd").await;
    nvim.sees("the two texts are the same").await;
    nvim.quit().await;
}
