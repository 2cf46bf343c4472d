//! Keys and mouse: what they do, and where the person is afterwards.

use serde_json::json;

use super::{faked, leftovers, opened, size};

#[tokio::test]
async fn enter_inserts_where_the_cursor_was_in_normal_mode() {
    let nvim = faked(size(80, 24)).await;
    nvim.keys("ione two three<Esc>0w").await;
    opened(&nvim, "3/3", "Write").await;
    nvim.keys("endp").await;
    nvim.sees("1/3").await;
    nvim.keys("<CR>").await;
    nvim.holds("return _G.fake.put ~= nil").await;
    let put = nvim.lua("return _G.fake.put").await;
    assert_eq!(put["lines"], json!(["text of workflows/doc"]));
    assert_eq!(put["new_line"], json!(false));
    assert_eq!(put["mode"], json!("n"));
    assert_eq!(put["cursor"], json!([1, 4]));
    assert_eq!(leftovers(&nvim).await, json!([0, 0, 0, 0]));
    nvim.quit().await;
}

#[tokio::test]
async fn insert_mode_stays_insert_mode_at_the_same_place() {
    for (keys, what) in [("", "at once"), ("<Esc>", "by way of normal mode")] {
        let nvim = faked(size(80, 24)).await;
        nvim.lua("vim.keymap.set('i', '<F2>', '<Plug>(promptstack-pick)')")
            .await;
        nvim.keys("ione two<F2>").await;
        nvim.sees("Write").await;
        nvim.keys(keys).await;
        nvim.keys("<CR>").await;
        nvim.holds("return _G.fake.put ~= nil").await;
        let put = nvim.lua("return _G.fake.put").await;
        assert_eq!(
            (&put["mode"], &put["cursor"]),
            (&json!("i"), &json!([1, 7])),
            "{what}"
        );
        nvim.keys("!").await;
        assert_eq!(nvim.text().await, "one two!", "{what}");
        nvim.quit().await;
    }
}

#[tokio::test]
async fn the_key_that_comes_while_the_editor_is_at_work_closes_too() {
    for keys in ["", "<Esc>"] {
        let nvim = faked(size(80, 24)).await;
        nvim.command("Prompt").await;
        nvim.sees("Write").await;
        nvim.keys(&format!("xyz{keys}")).await;
        nvim.sees("xyz").await;
        // Typed while Lua runs, it is no key for Neovim but an interruption.
        nvim.lua("vim.api.nvim_input('<C-c>')").await;
        nvim.loses("Prompts").await;
        assert_eq!(nvim.mode().await, "n");
        nvim.quit().await;
    }
}

#[tokio::test]
async fn closing_leaves_the_cursor_and_the_mode_alone() {
    let nvim = faked(size(80, 24)).await;
    nvim.lua("vim.keymap.set('i', '<F2>', '<Plug>(promptstack-pick)')")
        .await;
    nvim.keys("ione two three<Left><Left><F2>").await;
    nvim.sees("Write").await;
    nvim.keys("xyz<C-c>").await;
    nvim.loses("Prompts").await;
    nvim.keys("|").await;
    assert_eq!(nvim.text().await, "one two thr|ee");
    assert_eq!(nvim.mode().await, "i");
    nvim.keys("<Esc>0ll").await;
    opened(&nvim, "3/3", "Write").await;
    nvim.keys("a<Esc>").await;
    nvim.sees("> a").await;
    nvim.keys("<Esc>").await;
    nvim.loses("Prompts").await;
    assert_eq!(
        nvim.lua("return vim.api.nvim_win_get_cursor(0)").await,
        json!([1, 2])
    );
    assert_eq!(nvim.mode().await, "n");
    assert_eq!(leftovers(&nvim).await, json!([0, 0, 0, 0]));
    nvim.quit().await;
}

#[tokio::test]
async fn marked_prompts_are_inserted_in_the_order_marked_as_one_text() {
    let nvim = faked(size(80, 24)).await;
    opened(&nvim, "3/3", "Write").await;
    nvim.keys("<Down><Down><Tab><C-p><C-p><Tab>").await;
    nvim.sees("2 commands").await;
    nvim.keys("<CR>").await;
    nvim.holds("return _G.fake.put ~= nil").await;
    let lines = nvim.lua("return _G.fake.put.lines").await;
    assert_eq!(
        lines,
        json!(["text of rules/doc", "", "text of commands/api-doc"])
    );
    nvim.quit().await;
}

#[tokio::test]
async fn a_marked_prompt_with_an_error_keeps_all_out_and_the_picker_open() {
    let nvim = faked(size(80, 24)).await;
    nvim.lua("_G.fake.rows[2][5] = 2").await;
    opened(&nvim, "3/3", "Write").await;
    nvim.keys("<Tab><Tab>").await;
    nvim.sees("2 workflows").await;
    nvim.lua(
        "_G.fake.err = { kind = 'invalid_input', message = 'workflows/doc.md:3:1: not good' }",
    )
    .await;
    nvim.keys("<CR>").await;
    nvim.sees("workflows/doc.md:3:1: not good").await;
    let asked = nvim
        .lua(
            "local ids = {} for _, call in ipairs(_G.fake.asked) do \
             if call.name == 'library_insert' then table.insert(ids, call.params.id) end end return ids",
        )
        .await;
    assert_eq!(
        asked,
        json!(["workflows/doc"]),
        "no other prompt is counted as used"
    );
    assert_eq!(nvim.lua("return _G.fake.put").await, json!(null));
    nvim.quit().await;
}

#[tokio::test]
async fn control_o_and_the_bang_insert_on_a_new_line_and_a_range_is_the_selection() {
    let nvim = faked(size(80, 24)).await;
    nvim.keys("ia<CR>b<CR>c<Esc>").await;
    opened(&nvim, "3/3", "Write").await;
    nvim.keys("<C-o>").await;
    nvim.holds("return _G.fake.put ~= nil and _G.fake.put.new_line")
        .await;
    nvim.command("1,2Prompt! pick endp").await;
    nvim.sees("1/3").await;
    nvim.keys("<CR>").await;
    nvim.holds("return _G.fake.put.selection ~= nil").await;
    let put = nvim.lua("return _G.fake.put").await;
    assert_eq!(
        (&put["selection"], &put["new_line"]),
        (&json!(["a", "b"]), &json!(true))
    );
    nvim.quit().await;
}

#[tokio::test]
async fn files_open_in_place_in_splits_and_in_tabs() {
    let nvim = faked(size(80, 24)).await;
    for (key, windows, tabs) in [
        ("<C-e>", 1, 1),
        ("<C-s>", 2, 1),
        ("<C-v>", 3, 1),
        ("<C-t>", 1, 2),
    ] {
        opened(&nvim, "3/3", "Write").await;
        nvim.keys(key).await;
        nvim.loses("Prompts").await;
        nvim.holds("return vim.api.nvim_buf_get_name(0):match('commands%-api%-doc.md$') ~= nil")
            .await;
        let found = nvim
            .lua("return { #vim.api.nvim_tabpage_list_wins(0), #vim.api.nvim_list_tabpages() }")
            .await;
        assert_eq!(found, json!([windows, tabs]), "{key}");
        assert_eq!(nvim.mode().await, "n", "{key}");
    }
    nvim.quit().await;
}

#[tokio::test]
async fn the_quickfix_list_takes_the_marked_ones_or_all() {
    let nvim = faked(size(80, 24)).await;
    let texts = "return vim.tbl_map(function(item) return item.text end, vim.fn.getqflist())";
    opened(&nvim, "3/3", "Write").await;
    nvim.keys("<C-q>").await;
    nvim.holds("return #vim.fn.getqflist() == 3").await;
    nvim.command("cclose").await;
    opened(&nvim, "3/3", "Write").await;
    nvim.keys("<Down><Tab><C-q>").await;
    nvim.holds("return #vim.fn.getqflist() == 1").await;
    assert_eq!(nvim.lua(texts).await, json!(["Title of workflows/doc"]));
    nvim.quit().await;
}

#[tokio::test]
async fn the_keys_are_shown_and_hidden_without_leaving_the_line() {
    let nvim = faked(size(80, 30)).await;
    opened(&nvim, "3/3", "Write").await;
    for (show, hide) in [("<C-_>", "<C-/>"), ("<Esc>g?", "g?")] {
        nvim.keys(show).await;
        nvim.sees("insert on a new line").await;
        nvim.keys(hide).await;
        nvim.loses("insert on a new line").await;
    }
    nvim.keys("ig").await;
    nvim.sees("> g").await;
    nvim.keys("<C-/><C-c>").await;
    nvim.loses("Keys").await;
    assert_eq!(leftovers(&nvim).await, json!([0, 0, 0, 0]));
    nvim.quit().await;
}

#[tokio::test]
async fn normal_mode_moves_and_goes_round() {
    let nvim = faked(size(80, 24)).await;
    opened(&nvim, "3/3", "Write").await;
    nvim.keys("<Esc>").await;
    for (keys, row) in [
        ("j", "▌workflows"),
        ("G", "▌rules"),
        ("j", "▌commands"),
        ("k", "▌rules"),
        ("gg", "▌commands"),
    ] {
        nvim.keys(keys).await;
        nvim.sees(row).await;
    }
    nvim.quit().await;
}

#[tokio::test]
async fn a_click_selects_a_double_click_inserts_the_wheel_scrolls() {
    let nvim = faked(size(80, 24)).await;
    nvim.command("set mouse=a").await;
    let screen = opened(&nvim, "3/3", "Write").await;
    let row = |title: &str| {
        screen
            .lines()
            .position(|line| line.contains(title))
            .expect("a row") as i64
    };
    let at = async |button: &str, action: &str, row: i64| {
        nvim.api
            .input_mouse(button, action, "", 0, row, 20)
            .await
            .expect("a mouse");
    };
    at("left", "press", row("Document an")).await;
    at("left", "release", row("Document an")).await;
    nvim.sees("▌workflows").await;
    at("wheel", "down", row("Document an")).await;
    nvim.sees("▌rules").await;
    at("left", "press", row("Generate")).await;
    at("left", "release", row("Generate")).await;
    nvim.sees("▌commands").await;
    at("left", "press", row("Generate")).await;
    nvim.holds("return _G.fake.put ~= nil").await;
    assert_eq!(
        nvim.lua("return _G.fake.put.lines").await,
        json!(["text of commands/api-doc"])
    );
    opened(&nvim, "3/3", "Write").await;
    at("left", "press", 0).await;
    nvim.loses("Prompts").await;
    nvim.quit().await;
}

#[tokio::test]
async fn enter_pressed_before_the_rows_are_there_takes_the_row_that_was_meant() {
    let nvim = faked(size(80, 24)).await;
    opened(&nvim, "3/3", "Write").await;
    nvim.keys("endpoint<CR>").await;
    nvim.holds("return _G.fake.put ~= nil").await;
    assert_eq!(
        nvim.lua("return _G.fake.put.lines").await,
        json!(["text of workflows/doc"])
    );
    opened(&nvim, "3/3", "Write").await;
    nvim.keys("document<C-n><C-n><CR>").await;
    nvim.holds("return _G.fake.put.lines[1] == 'text of rules/doc'")
        .await;
    nvim.quit().await;
}

#[tokio::test]
async fn control_w_deletes_a_word() {
    let nvim = faked(size(80, 24)).await;
    opened(&nvim, "3/3", "Write").await;
    nvim.keys("foo bar<C-w>").await;
    nvim.sees("> foo").await;
    nvim.keys("x").await;
    nvim.sees("> foo x").await;
    nvim.keys("<C-c>").await;
    nvim.loses("Prompts").await;
    assert_eq!(nvim.text().await, "");
    assert_eq!(leftovers(&nvim).await, json!([0, 0, 0, 0]));
    nvim.quit().await;
}

#[tokio::test]
async fn nothing_is_inserted_where_the_window_or_its_buffer_is_gone() {
    for (gone, keys) in [
        ("vim.api.nvim_win_close(_G.home, true)", "<CR>"),
        (
            "vim.api.nvim_win_set_buf(_G.home, vim.api.nvim_create_buf(true, false))",
            "<CR>",
        ),
    ] {
        let nvim = faked(size(80, 24)).await;
        nvim.keys("itheirs<Esc>:vnew<CR>imine<Esc>").await;
        nvim.lua("_G.home = vim.api.nvim_get_current_win()").await;
        opened(&nvim, "3/3", "Write").await;
        nvim.lua(&format!("vim.o.hidden = true {gone}")).await;
        nvim.keys(keys).await;
        nvim.sees("is not inserted: the window").await;
        assert_eq!(nvim.lua("return _G.fake.put").await, json!(null), "{gone}");
        nvim.quit().await;
    }
}

#[tokio::test]
async fn a_file_is_opened_though_the_window_is_gone() {
    let nvim = faked(size(80, 24)).await;
    nvim.keys(":vnew<CR>").await;
    nvim.lua("_G.home = vim.api.nvim_get_current_win()").await;
    opened(&nvim, "3/3", "Write").await;
    nvim.lua("vim.api.nvim_win_close(_G.home, true)").await;
    nvim.keys("<C-e>").await;
    nvim.reads("---\ntitle: x\n---\ntext of commands/api-doc")
        .await;
    nvim.quit().await;
}
