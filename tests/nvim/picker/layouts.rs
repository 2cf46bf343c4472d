//! Sizes, borders and colours.

use expect_test::expect;

use super::{faked, leftovers, opened, size, until};
use crate::support::Options;

#[tokio::test]
async fn a_resize_moves_the_preview_and_back() {
    let nvim = faked(size(80, 24)).await;
    let under = opened(&nvim, "3/3", "Write {{text:what}}").await;
    nvim.api.ui_try_resize(110, 24).await.expect("a resize");
    let beside = nvim.sees("╮╭").await;
    assert!(beside.contains("Write {{text:what}}"), "{beside}");
    nvim.api.ui_try_resize(50, 24).await.expect("a resize");
    nvim.loses("Write").await;
    nvim.holds("return #vim.api.nvim_list_wins() == 3").await;
    nvim.api.ui_try_resize(80, 24).await.expect("a resize");
    nvim.sees("Write {{text:what}}").await;
    until(&nvim, "the first screen", |screen| screen == under).await;
    nvim.quit().await;
}

#[tokio::test]
async fn the_marks_show_their_order() {
    let nvim = faked(size(56, 10)).await;
    opened(&nvim, "3/3", "Document as you go").await;
    nvim.keys("<Down><Tab><Up><Up><Tab>").await;
    let screen = nvim.sees("2 commands").await;
    expect![[r#"
         ╭ Prompts ────────────────────────────────────── 3/3 ╮
        ~│ >                                                  │
        ~│ 2 commands   Generate API documentation         ×9 │
        ~│▌1 workflows  Document an endpoint               ×2 │
        ~│   rules      ⚠ Document as you go                  │
        ~│                                                    │
        ~│                                                    │
        ~│                                                    │
        [╰ <C-/> keys · <CR> insert · <Tab> mark ─────────────╯l
        -- INSERT --                          1,1           All"#]]
    .assert_eq(&screen);
    nvim.quit().await;
}

#[tokio::test]
async fn without_a_border_the_count_stands_in_the_line_that_is_typed_in() {
    let before = "vim.g.promptstack = { ui = { border = 'none' } }";
    let nvim = faked(Options {
        before,
        ..size(56, 10)
    })
    .await;
    nvim.command("set fillchars+=eob:·").await;
    let screen = opened(&nvim, "3/3", "Document as you go").await;
    expect![[r#"
          >                                              3/3
        ·▌commands   Generate API documentation           ×9
        · workflows  Document an endpoint                 ×2
        · rules      ⚠ Document as you go
        ·
        ·
        ·
        ·
        [No Name]                             0,1            All
        -- INSERT --                          1,1           All"#]]
    .assert_eq(&screen);
    nvim.quit().await;
}

#[tokio::test]
async fn it_works_without_a_command_line_and_with_the_persons_border() {
    let nvim = faked(size(56, 10)).await;
    nvim.lua("vim.o.cmdheight = 0; pcall(function() vim.o.winborder = 'double' end)")
        .await;
    opened(&nvim, "3/3", "Document as you go").await;
    nvim.keys("go").await;
    let screen = nvim.sees("1/3").await;
    assert!(!screen.contains("Press ENTER"), "{screen}");
    let has_winborder = nvim.lua("return vim.fn.exists('+winborder') == 1").await == true;
    assert_eq!(screen.contains('╔'), has_winborder, "{screen}");
    nvim.keys("<C-c>").await;
    assert_eq!(leftovers(&nvim).await, serde_json::json!([0, 0, 0, 0]));
    nvim.quit().await;
}

#[tokio::test]
async fn every_colour_comes_from_the_scheme_light_or_dark() {
    for background in ["light", "dark"] {
        let nvim = faked(size(80, 24)).await;
        nvim.command(&format!("set background={background} termguicolors"))
            .await;
        opened(&nvim, "3/3", "Write {{text:what}}").await;
        nvim.keys("doc").await;
        nvim.sees("> doc").await;
        // Every group that is drawn with leads to a colour or an attribute of the scheme.
        let bare = nvim
            .lua(
                "local ns = require('promptstack.ui.marks').window local bare, seen = {}, 0 \
                 for _, buf in ipairs(vim.api.nvim_list_bufs()) do \
                   for _, mark in ipairs(vim.api.nvim_buf_get_extmarks(buf, ns, 0, -1, { details = true })) do \
                     local group = mark[4].hl_group or mark[4].line_hl_group \
                     if type(group) == 'string' then seen = seen + 1 \
                       if vim.tbl_isempty(vim.api.nvim_get_hl(0, { name = group, link = false })) then \
                         table.insert(bare, group) end end end end \
                 return { seen > 5, bare }",
            )
            .await;
        let groups = bare[1].to_string();
        assert_eq!(bare[0], true, "nothing is coloured");
        assert!(groups == "[]" || groups == "{}", "{background}: {groups}");
        nvim.quit().await;
    }
}
