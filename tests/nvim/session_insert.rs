//! Where inserted text goes, and what it takes with it.

use crate::session::{put, put_with, start, status};

#[tokio::test]
async fn insertion_in_mid_line_splits_it_and_one_undo_takes_it_back() {
    let nvim = start().await;
    nvim.keys("ibefore after<Esc>0fa").await;
    put(&nvim, &["one", "two {{text:a}} "]).await;
    nvim.reads("before one\ntwo {{text:a}} after").await;
    nvim.sees("1/1 a").await;
    nvim.keys("u").await;
    nvim.reads("before after").await;
    // Behind the last character of a line, where a person who has typed stands.
    nvim.keys("A é<Esc>").await;
    put(&nvim, &["x"]).await;
    nvim.reads("before after éx").await;
    nvim.keys("u").await;
    nvim.reads("before after é").await;
    nvim.quit().await;
}

#[tokio::test]
async fn on_a_new_line_the_text_stands_below_and_an_empty_line_is_replaced() {
    let nvim = start().await;
    nvim.keys("ione<CR><CR>three<Esc>gg").await;
    put_with(&nvim, &["a {{text:x}}", "b"], "{ new_line = true }").await;
    nvim.reads("one\na {{text:x}}\nb\n\nthree").await;
    nvim.keys("u2G").await;
    put_with(&nvim, &["a", "b"], "{ new_line = true }").await;
    nvim.reads("one\na\nb\nthree").await;
    nvim.keys("u").await;
    put(&nvim, &["c", "d"]).await;
    nvim.reads("one\nc\nd\nthree").await;
    nvim.quit().await;
}

#[tokio::test]
async fn a_selection_fills_its_placeholder_in_the_same_undo_step() {
    let nvim = start().await;
    put_with(
        &nvim,
        &["{{text:a}}:", "  {{text:selection}} in {{text:b}}"],
        "{ selection = { 'if x:', '  y' } }",
    )
    .await;
    nvim.reads("{{text:a}}:\n  if x:\n    y in {{text:b}}")
        .await;
    nvim.sees("1/3 a").await;
    nvim.keys("<S-Tab>ib<Esc>").await;
    nvim.reads("{{text:a}}:\n  if x:\n    y in b").await;
    nvim.keys("uu").await;
    nvim.reads("").await;
    nvim.quit().await;
}

#[tokio::test]
async fn a_buffer_that_cannot_be_modified_is_refused_in_one_line_that_names_the_register() {
    let nvim = start().await;
    nvim.command("set nomodifiable").await;
    put(&nvim, &["one {{text:a}}"]).await;
    nvim.sees("'test' was copied to register \"").await;
    assert_eq!(
        nvim.lua("return vim.fn.getreg('\"')").await,
        "one {{text:a}}\n"
    );
    nvim.reads("").await;
    nvim.quit().await;
}

#[tokio::test]
async fn a_terminal_gets_the_text_filled_and_pasted() {
    let nvim = start().await;
    nvim.command("terminal cat").await;
    nvim.keys("i").await;
    nvim.lua("_G.put({ 'say {{text:a}} now' })").await;
    nvim.sees("Fill and paste into the terminal").await;
    nvim.sees("1/1 a").await;
    nvim.keys("ihello<Esc><C-s>").await;
    nvim.loses("Fill and paste").await;
    nvim.sees("say hello now").await;
    nvim.holds("return vim.api.nvim_get_mode().mode == 't'")
        .await;
    nvim.quit().await;
}

#[tokio::test]
async fn text_typed_just_before_an_insertion_is_undone_by_itself() {
    let nvim = start().await;
    nvim.keys("iabc").await;
    put(&nvim, &["[{{text:a}}]"]).await;
    nvim.keys("x<Esc>u").await;
    nvim.reads("abc[{{text:a}}]").await;
    nvim.keys("u").await;
    nvim.reads("abc").await;
    nvim.keys("u").await;
    nvim.reads("").await;
    nvim.keys("<C-r><C-r><C-r>").await;
    nvim.reads("abc[x]").await;
    nvim.quit().await;
}

#[tokio::test]
async fn text_without_placeholders_leaves_the_cursor_behind_it() {
    let nvim = start().await;
    nvim.keys("iabc<Left>").await;
    put(&nvim, &["one", "two"]).await;
    nvim.keys("!<Esc>").await;
    nvim.reads("abone\ntwo!c").await;
    assert_eq!(status(&nvim).await, "");
    nvim.quit().await;
}

#[tokio::test]
async fn a_second_prompt_at_the_edge_of_a_stop_is_no_part_of_its_value() {
    let nvim = start().await;
    nvim.keys("i").await;
    put(&nvim, &["{{text:a}}"]).await;
    nvim.keys("x").await;
    put(&nvim, &["{{text:b}}"]).await;
    nvim.reads("x{{text:b}}").await;
    assert_eq!(status(&nvim).await, "2/2");
    nvim.keys("y<S-Tab>z<Esc>").await;
    nvim.reads("zy").await;
    nvim.quit().await;
}
