//! What text does in a session: links, lines, endings.

use crate::session::{put, start, status};

#[tokio::test]
async fn linked_names_change_as_one_types_and_are_undone_together() {
    let nvim = start().await;
    nvim.keys("i").await;
    put(&nvim, &["For {{text:who}}: {{text:what}}"]).await;
    nvim.keys("<Esc>Go").await;
    put(&nvim, &["Then {{text:what}}, {{text:what}}."]).await;
    nvim.keys("ab").await;
    // Still in insert mode.
    nvim.reads("For {{text:who}}: ab\nThen ab, ab.").await;
    nvim.keys("<BS><CR>c").await;
    nvim.reads("For {{text:who}}: a\nc\nThen a\nc, a\nc.").await;
    nvim.keys("<Esc>x").await;
    nvim.reads("For {{text:who}}: a\n\nThen a\n, a\n.").await;
    nvim.keys("u").await;
    nvim.reads("For {{text:who}}: a\nc\nThen a\nc, a\nc.").await;
    nvim.keys("u").await;
    nvim.reads("For {{text:who}}: {{text:what}}\nThen {{text:what}}, {{text:what}}.")
        .await;
    nvim.keys("<C-r>").await;
    nvim.reads("For {{text:who}}: a\nc\nThen a\nc, a\nc.").await;
    nvim.quit().await;
}

#[tokio::test]
async fn links_on_the_line_of_the_cursor_leave_it_where_one_types() {
    let nvim = start().await;
    nvim.keys("i").await;
    put(&nvim, &["{{text:x}}{{text:x}}-{{text:x}}"]).await;
    nvim.keys("<Tab>").await;
    for letter in ["l", "o", "n", "g"] {
        nvim.keys(letter).await;
        nvim.holds("return vim.api.nvim_get_current_line():match('^(%w+)%1%-') ~= nil")
            .await;
    }
    nvim.reads("longlong-long").await;
    nvim.keys("<Esc>u").await;
    nvim.reads("{{text:x}}{{text:x}}-{{text:x}}").await;
    nvim.quit().await;
}

#[tokio::test]
async fn a_prompt_inserted_later_takes_the_values_that_its_names_have() {
    let nvim = start().await;
    nvim.keys("i").await;
    put(&nvim, &["{{text:lang}} {{text:rest}}"]).await;
    nvim.keys("Rust<Esc>o").await;
    put(&nvim, &["In {{text:lang}}: {{text:new}}"]).await;
    nvim.reads("Rust {{text:rest}}\nIn Rust: {{text:new}}")
        .await;
    nvim.sees("4/4 new").await;
    nvim.keys("x<Esc>uu").await;
    nvim.reads("Rust {{text:rest}}\n").await;
    nvim.quit().await;
}

#[tokio::test]
async fn continuation_lines_take_the_indent_of_the_stop() {
    // Typed without and with 'autoindent', and pasted.
    for (option, keys, wanted) in [
        ("noautoindent", "a<CR>b<CR>c", "  - a\n  b\n  c."),
        ("autoindent", "a<CR>b<CR>c", "  - a\n  b\n  c."),
    ] {
        let nvim = start().await;
        nvim.command(&format!("set {option}")).await;
        nvim.keys("i").await;
        put(&nvim, &["  - {{text:x}}."]).await;
        // One at a time, as a person does, and in one go.
        for key in keys.split_inclusive('>') {
            nvim.keys(key).await;
        }
        nvim.reads(wanted).await;
        nvim.keys("<Esc>u").await;
        nvim.reads("  - {{text:x}}.").await;
        nvim.keys(&format!("0fxi{keys}<Esc>")).await;
        nvim.reads(wanted).await;
        nvim.quit().await;
    }
}

#[tokio::test]
async fn pasted_lines_take_the_indent_on_top_of_their_own() {
    let nvim = start().await;
    nvim.keys("i").await;
    put(&nvim, &["  {{text:x}}!"]).await;
    nvim.keys("<BS>").await;
    nvim.lua("vim.api.nvim_paste('if a:\\n    b\\nend', true, -1)")
        .await;
    nvim.reads("  if a:\n      b\n  end!").await;
    nvim.keys("?<Esc>").await;
    nvim.reads("  if a:\n      b\n  end?!").await;
    nvim.quit().await;
}

#[tokio::test]
async fn when_all_are_filled_the_first_change_outside_ends_the_session() {
    let nvim = start().await;
    nvim.keys("i").await;
    put(&nvim, &["{{text:a}} - {{text:b}}"]).await;
    // Outside, but not all are filled.
    nvim.keys("x<Esc>A!<Esc>").await;
    nvim.reads("x - {{text:b}}!").await;
    assert_eq!(status(&nvim).await, "1/2");
    nvim.keys("<Tab>iy<Esc>").await;
    assert_eq!(status(&nvim).await, "2/2");
    // Inside a stop.
    nvim.keys("0iX<Esc>").await;
    nvim.reads("Xx - y!").await;
    assert_eq!(status(&nvim).await, "1/2");
    nvim.keys("f-r+").await;
    nvim.holds("return require('promptstack.placeholder').status() == nil")
        .await;
    nvim.holds("return #vim.api.nvim_buf_get_extmarks(0, require('promptstack.ui.marks').session, 0, -1, {}) == 0")
        .await;
    nvim.holds("return #vim.api.nvim_get_autocmds({ buffer = 0 }) == 0")
        .await;
    nvim.quit().await;
}

#[tokio::test]
async fn leaving_for_another_file_ends_the_session_and_a_float_does_not() {
    let nvim = start().await;
    put(&nvim, &["{{text:a}}"]).await;
    nvim.lua(
        "_G.float = vim.api.nvim_open_win(vim.api.nvim_create_buf(false, true), true, \
         { relative = 'editor', row = 1, col = 1, width = 9, height = 2 })\n\
         vim.bo.buftype = 'nofile' vim.api.nvim_win_close(_G.float, true)",
    )
    .await;
    assert_eq!(status(&nvim).await, "1/1");
    nvim.command("help").await;
    nvim.command("close").await;
    nvim.keys("q::q<CR>").await;
    assert_eq!(status(&nvim).await, "1/1");
    nvim.command("set hidden | edit other").await;
    nvim.holds("return require('promptstack.placeholder').status(1) == nil")
        .await;
    nvim.quit().await;
}

#[tokio::test]
async fn a_session_without_text_left_in_any_stop_ends() {
    let nvim = start().await;
    put(&nvim, &["one {{text:a}}", "two {{text:b}}", "three"]).await;
    nvim.keys("dd").await;
    nvim.reads("two {{text:b}}\nthree").await;
    assert_eq!(status(&nvim).await, "0/1");
    nvim.keys("dd").await;
    nvim.holds("return require('promptstack.placeholder').status() == nil")
        .await;
    nvim.quit().await;
}

#[tokio::test]
async fn a_deleted_stop_comes_back_with_undo() {
    let nvim = start().await;
    put(&nvim, &["one {{text:a}}", "two {{text:b}}"]).await;
    nvim.keys("<Tab>kdd").await;
    nvim.reads("two {{text:b}}").await;
    assert_eq!(status(&nvim).await, "1/1");
    nvim.keys("u").await;
    assert_eq!(status(&nvim).await, "2/2");
    nvim.keys("gg0<Tab>ix<Esc>").await;
    nvim.reads("one x\ntwo {{text:b}}").await;
    nvim.quit().await;
}

#[tokio::test]
async fn reading_the_file_anew_ends_the_session() {
    let nvim = start().await;
    let file = nvim.home.path().join("text.md");
    std::fs::write(&file, "fresh\n").expect("a file");
    nvim.command(&format!("edit {}", file.display())).await;
    put(&nvim, &["{{text:a}}"]).await;
    nvim.command("edit!").await;
    nvim.holds("return require('promptstack.placeholder').status() == nil")
        .await;
    nvim.quit().await;
}

#[tokio::test]
async fn next_starts_a_session_at_the_cursor_with_what_stands_in_the_buffer() {
    let nvim = start().await;
    nvim.lua(
        "vim.api.nvim_buf_set_lines(0, 0, -1, true, { '{{text:a}} {{x}} ${{ y }} {{{text:z}}}', '{{text:b}}', '{{list:c}}' })",
    )
    .await;
    nvim.keys("j").await;
    nvim.lua("require('promptstack.placeholder').next()").await;
    nvim.sees("2/3 b").await;
    nvim.keys("<Tab><Tab>").await;
    nvim.sees("1/3 a").await;
    nvim.lua("require('promptstack.placeholder').done()").await;
    nvim.loses("1/3").await;
    nvim.quit().await;
}

#[tokio::test]
async fn a_session_lives_on_without_its_host() {
    let nvim = start().await;
    nvim.keys("i").await;
    put(&nvim, &["{{text:a}} {{text:b}} {{text:a}}"]).await;
    nvim.lua("vim.env.PROMPTSTACK_BIN = '/nowhere' vim.fn.jobstop(require('promptstack.host').channel())").await;
    nvim.holds("return require('promptstack.host').state() ~= 'ready'")
        .await;
    nvim.keys("one<Tab>two<Tab>").await;
    nvim.reads("one two one").await;
    nvim.keys("<S-Tab>TWO<Esc>u").await;
    nvim.reads("one two one").await;
    nvim.quit().await;
}

#[tokio::test]
async fn neighbours_without_a_gap_do_not_take_each_others_text() {
    let nvim = start().await;
    nvim.keys("i").await;
    put(&nvim, &["{{text:a}}{{text:b}}{{text:c}}"]).await;
    nvim.keys("<Tab>bb<S-Tab>aa<S-Tab>cc").await;
    nvim.reads("aabbcc").await;
    // Emptied and filled again between full neighbours.
    nvim.keys("<S-Tab><BS>").await;
    nvim.reads("aacc").await;
    nvim.keys("<Tab><S-Tab>new<Tab>C<Tab>A<Esc>").await;
    nvim.reads("AnewC").await;
    nvim.quit().await;
}

#[tokio::test]
async fn values_of_several_bytes_are_selected_whole_whatever_selection_is_set_to() {
    for selection in ["inclusive", "exclusive", "old"] {
        let nvim = start().await;
        nvim.command(&format!("set selection={selection}")).await;
        nvim.keys("i").await;
        put(&nvim, &["é{{text:a}}é", "{{text:b}}"]).await;
        nvim.keys("日本<CR>語<Tab>é<Tab>x<Tab>y<Esc>").await;
        nvim.reads("éxé\ny").await;
        nvim.keys("u").await;
        nvim.reads("éxé\né").await;
        nvim.quit().await;
    }
}

#[tokio::test]
async fn a_buffer_wiped_in_the_middle_leaves_nothing_behind() {
    let nvim = start().await;
    nvim.keys("i").await;
    put(&nvim, &["{{text:a}} {{choice:b=x|y}}"]).await;
    nvim.keys("x<Tab>").await;
    nvim.sees("<CR> take").await;
    nvim.command("bwipeout!").await;
    nvim.loses("<CR> take").await;
    nvim.keys("<Esc>").await;
    nvim.holds("return require('promptstack.placeholder').status(1) == nil")
        .await;
    nvim.holds("return #vim.api.nvim_list_wins() == 1 and vim.v.errmsg == ''")
        .await;
    nvim.quit().await;
}

#[tokio::test]
async fn a_recorded_fill_can_be_played_again() {
    let nvim = start().await;
    put(&nvim, &["{{text:a}} {{text:b}}"]).await;
    nvim.keys("qqix<Tab>y<Esc>q").await;
    nvim.reads("x y").await;
    nvim.keys("uu<Tab><S-Tab>").await;
    nvim.reads("{{text:a}} {{text:b}}").await;
    nvim.keys("@q").await;
    nvim.reads("x y").await;
    nvim.quit().await;
}
