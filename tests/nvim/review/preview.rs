//! The chosen suggestion in the text, as virtual text and as a diff.

use expect_test::expect;
use serde_json::{Value, json};

use super::{TEXT, reviewing, text};
use crate::support::Nvim;

/// What is drawn: row, column, end column, and the groups and texts of each mark.
async fn drawn(nvim: &Nvim) -> Value {
    nvim.lua(
        "local found = {}\n\
         for _, m in ipairs(vim.api.nvim_buf_get_extmarks(1, require('promptstack.ui.marks').proposed, 0, -1, { details = true })) do\n\
           local d, what = m[4], {}\n\
           if d.hl_group then table.insert(what, d.hl_group .. ' until ' .. d.end_row .. ':' .. d.end_col) end\n\
           for _, chunk in ipairs(d.virt_text or {}) do table.insert(what, chunk[2] .. ': ' .. chunk[1]) end\n\
           for _, line in ipairs(d.virt_lines or {}) do\n\
             local words = {} for _, chunk in ipairs(line) do table.insert(words, chunk[2] .. ': ' .. chunk[1]) end\n\
             table.insert(what, (d.virt_lines_above and 'above ' or 'below ') .. table.concat(words, '|'))\n\
           end\n\
           table.insert(found, m[2] .. ':' .. m[3] .. ' ' .. table.concat(what, ' '))\n\
         end\n\
         table.sort(found) return found",
    )
    .await
}

/// Waits until nothing is drawn.
async fn draws_nothing(nvim: &Nvim) {
    let count =
        "#vim.api.nvim_buf_get_extmarks(1, require('promptstack.ui.marks').proposed, 0, -1, {})";
    nvim.holds(&format!("return {count} == 0")).await;
}

#[tokio::test]
async fn what_goes_is_struck_and_what_comes_is_virtual() {
    let nvim = reviewing(120, 40).await;
    assert_eq!(
        drawn(&nvim).await,
        json!([
            "5:0 PromptstackDelete until 5:16",
            "5:0 PromptstackStruck until 5:16",
            "5:0 below PromptstackAdd: Mock only the network; use real databases.",
        ]),
        "whole lines"
    );
    nvim.keys("j").await;
    assert_eq!(
        drawn(&nvim).await,
        json!([
            "0:0 above PromptstackAdd: You know {{text:language}} well. above PromptstackAdd:  "
        ]),
        "lines before"
    );
    let screen = nvim.sees("  You know {{text:language}} well.").await;
    let above = screen.find("You know").expect("seen") < screen.find("Write int").expect("seen");
    assert!(above, "{screen}");
    nvim.keys("j").await;
    assert_eq!(
        drawn(&nvim).await,
        json!([
            "3:0 PromptstackDelete until 3:11",
            "3:0 PromptstackProgress: hunk 1/2",
            "3:0 PromptstackStruck until 3:11",
            "3:11 PromptstackAdd: Cover every status code",
            "3:11 PromptstackDelete until 3:21",
            "3:11 PromptstackStruck until 3:21",
            "3:21 PromptstackAdd: .",
        ]),
        "words"
    );
    nvim.sees("Be thoroughCover every status code, and etc.. hunk 1/2")
        .await;
    nvim.keys("]h").await;
    nvim.sees("hunk 2/2").await;
    nvim.keys("j").await;
    assert_eq!(
        drawn(&nvim).await,
        json!([
            "4:0 PromptstackDelete until 5:0",
            "4:0 PromptstackDelete: ↵",
            "4:0 PromptstackStruck until 5:0"
        ]),
        "a line break"
    );
    assert_eq!(text(&nvim).await, TEXT, "nothing of it is in the text");
    nvim.quit().await;
}

#[tokio::test]
async fn it_goes_with_the_panel_with_another_choice_and_with_the_text_it_is_for() {
    let nvim = reviewing(120, 40).await;
    nvim.lua("vim.api.nvim_buf_set_text(1, 5, 0, 5, 5, { 'Seldom' })")
        .await;
    nvim.loses("use real databases").await;
    draws_nothing(&nvim).await;
    nvim.lua("vim.api.nvim_buf_call(1, function() vim.cmd.undo() end)")
        .await;
    nvim.sees("use real databases").await;
    nvim.keys("q").await;
    draws_nothing(&nvim).await;
    nvim.command("Prompt suggest").await;
    nvim.sees("use real databases").await;
    nvim.keys("jjjj").await;
    draws_nothing(&nvim).await;
    nvim.quit().await;
}

#[tokio::test]
async fn long_lines_are_broken_and_what_hides_is_seen() {
    let nvim = super::faked(80, 24).await;
    nvim.lua(
        "_G.fake.suggestions = { { kind = 'reformatting', title = 't', description = 'd', by = 'a-model', first = 5, last = 5,\n\
           edits = { { start_row = 5, start_col = 0, end_row = 5, end_col = 16, expected = { 'Never use mocks.' },\n\
             lines = { ('word '):rep(20) .. '\\27[31m a\\226\\128\\139b é' } } } } }",
    )
    .await;
    nvim.command("Prompt suggest").await;
    let screen = nvim.sees("^[[31m a<200b>b é").await;
    let words = screen.lines().filter(|line| line.contains("word word"));
    assert_eq!(words.count(), 2, "{screen}");
    assert_eq!(
        nvim.lua("return #vim.diagnostic.get(1)").await,
        0,
        "only the checks are diagnostics"
    );
    nvim.quit().await;
}

#[tokio::test]
async fn the_diff_shows_the_text_before_and_after() {
    let nvim = reviewing(80, 24).await;
    nvim.keys("jjgd").await;
    nvim.sees("Diff · vague words").await;
    let lines = nvim.lines().await;
    let shown: Vec<&str> = lines
        .iter()
        .filter(|line| line.starts_with(['+', '-', '@']))
        .map(String::as_str)
        .collect();
    expect![[r"
        @@ -1,6 +1,6 @@
        -Be thorough, and etc.
        +Cover every status code."]]
    .assert_eq(&shown.join("\n"));
    nvim.keys("q").await;
    nvim.loses("Diff · vague words").await;
    nvim.keys("gg<CR>").await;
    nvim.command("Prompt diff").await;
    nvim.sees("+Mock only the network; use real databases.")
        .await;
    nvim.keys("q").await;
    nvim.lua("vim.api.nvim_buf_set_text(1, 5, 0, 5, 5, { 'Seldom' })")
        .await;
    nvim.command("Prompt diff").await;
    nvim.sees("the text of this suggestion has changed").await;
    nvim.quit().await;
}
