//! All placeholders as one form, and the colours of placeholders while one types.

use crate::session::{put, start, start_with, status};
use crate::support::{Nvim, Options};

const FOUR: [&str; 3] = [
    "{{text:name}} in {{choice:tone=formal|terse}}",
    "{{list:steps}} then {{text:name}}",
    "{{text:by=me}}",
];

#[tokio::test]
async fn the_form_shows_every_name_once_and_applies_all_as_one_undo_step() {
    let nvim = start_with(Options {
        width: 80,
        ..Options::default()
    })
    .await;
    nvim.lua(
        "vim.api.nvim_buf_set_lines(0, 0, -1, true, { '{{text:name}} in {{choice:tone=formal|terse}}', \
         '{{list:steps}} then {{text:name}}', '{{text:by=me}}' })",
    )
    .await;
    nvim.lua("require('promptstack').fill()").await;
    let screen = nvim.sees("Fill · 4 placeholders").await;
    for wanted in [
        "name   text",
        "tone   choice  formal | terse",
        "steps  list",
        "by     text      = me",
    ] {
        let squeezed = screen.split_whitespace().collect::<Vec<_>>().join(" ");
        let wanted = wanted.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(squeezed.contains(&wanted), "{wanted:?} in\n{screen}");
    }
    nvim.keys("iAnn<CR>Bob<Tab>terse<Tab>one<CR>two<Esc><CR>")
        .await;
    nvim.loses("Fill · 4").await;
    nvim.reads("Ann\nBob in terse\n- one\n- two\nthen Ann\nBob\nme")
        .await;
    nvim.keys("u").await;
    nvim.reads(&FOUR.join("\n")).await;
    nvim.quit().await;
}

#[tokio::test]
async fn a_form_refuses_what_is_no_option_and_q_cancels() {
    let nvim = start().await;
    put(&nvim, &FOUR).await;
    nvim.lua("require('promptstack').fill()").await;
    nvim.sees("Fill · 4").await;
    nvim.keys("<Tab>iwarm<C-s>").await;
    nvim.sees("tone can't be 'warm' (formal, terse)").await;
    nvim.sees("Fill · 4").await;
    nvim.keys("<Esc>q").await;
    nvim.loses("Fill · 4").await;
    nvim.reads(&FOUR.join("\n")).await;
    assert_eq!(status(&nvim).await, "1/5");
    nvim.quit().await;
}

#[tokio::test]
async fn a_form_shows_what_is_filled_and_changes_only_what_was_changed() {
    let nvim = start().await;
    put(&nvim, &FOUR).await;
    nvim.keys("iAda<Esc>").await;
    nvim.lua("require('promptstack').fill()").await;
    nvim.sees("Fill · 4").await;
    nvim.keys("A!<Esc><C-s>").await;
    nvim.loses("Fill · 4").await;
    nvim.reads("Ada! in {{choice:tone=formal|terse}}\n{{list:steps}} then Ada!\nme")
        .await;
    nvim.keys("u").await;
    nvim.reads("Ada in {{choice:tone=formal|terse}}\n{{list:steps}} then Ada\n{{text:by=me}}")
        .await;
    nvim.quit().await;
}

#[tokio::test]
async fn a_field_whose_line_was_deleted_is_an_empty_field() {
    for (keys, wanted) in [
        ("Gdd<Tab>", "name tone steps by"),
        ("Gdd<S-Tab>", "name tone steps by"),
        ("jdd<Tab>", "name tone steps by"),
        ("ggdG<Tab>", "name tone steps by"),
    ] {
        let nvim = start().await;
        put(&nvim, &FOUR).await;
        nvim.keys("iAda<Esc>").await;
        nvim.lua("require('promptstack').fill()").await;
        nvim.sees("Fill · 4").await;
        nvim.keys(keys).await;
        let screen = nvim.sees("by").await;
        let labels: Vec<&str> = screen
            .lines()
            .filter_map(|line| line.split('│').nth(1)?.split_whitespace().next())
            .filter(|word| ["name", "tone", "steps", "by"].contains(word))
            .collect();
        assert_eq!(labels.join(" "), wanted, "{keys}\n{screen}");
        assert_eq!(nvim.lua("return vim.v.errmsg").await, "", "{keys}");
        assert_eq!(nvim.lines().await.len(), 4, "{keys}");
        nvim.keys("<Esc>q").await;
        nvim.quit().await;
    }
}

#[tokio::test]
async fn a_deleted_last_field_is_filled_again_and_one_undo_brings_it_back() {
    let nvim = start().await;
    put(&nvim, &FOUR).await;
    nvim.lua("require('promptstack').fill()").await;
    nvim.sees("Fill · 4").await;
    nvim.keys("GIyou<Esc>dd").await;
    nvim.holds("return vim.api.nvim_buf_line_count(0) == 4")
        .await;
    nvim.keys("u").await;
    nvim.reads("\n\n\nyou").await;
    nvim.keys("dd").await;
    nvim.keys("GIthem<Esc><CR>").await;
    nvim.loses("Fill · 4").await;
    nvim.sees("them").await;
    nvim.quit().await;
}

#[tokio::test]
async fn the_keys_of_the_form_are_listed() {
    let nvim = start().await;
    put(&nvim, &FOUR).await;
    nvim.lua("require('promptstack').fill()").await;
    nvim.sees("Fill · 4").await;
    nvim.keys("g?").await;
    nvim.sees("<C-S>     apply the form  (insert mode too)")
        .await;
    nvim.keys("q").await;
    nvim.loses("apply the form").await;
    nvim.sees("Fill · 4").await;
    nvim.quit().await;
}

/// The colours in the buffer: `row:from-to group` each.
async fn colours(nvim: &Nvim) -> String {
    nvim.lua(
        "local out = {}\n\
         for _, m in ipairs(vim.api.nvim_buf_get_extmarks(0, require('promptstack.ui.marks').highlight, 0, -1, { details = true })) do\n\
           out[#out + 1] = ('%d:%d-%d %s'):format(m[2], m[3], m[4].end_col, m[4].hl_group:gsub('Promptstack', ''))\n\
         end\n\
         return table.concat(out, ', ')",
    )
    .await
    .as_str()
    .expect("text")
    .to_owned()
}

async fn coloured(nvim: &Nvim, wanted: &str) {
    for _ in 0..1500 {
        if colours(nvim).await == wanted {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    assert_eq!(colours(nvim).await, wanted);
}

#[tokio::test]
async fn placeholders_are_coloured_as_one_types_and_literal_text_is_not() {
    let nvim = start().await;
    nvim.lua("vim.api.nvim_buf_set_lines(0, 0, -1, true, { 'a {{text:a}}', '', '{{x}} ${{ y }} {{list:b}}' })").await;
    nvim.lua("require('promptstack').attach()").await;
    coloured(&nvim, "0:2-12 Text, 2:15-25 List").await;
    nvim.keys("jI{{choice:c=x|y}").await;
    coloured(&nvim, "0:2-12 Text, 2:15-25 List").await;
    nvim.keys("}").await;
    coloured(&nvim, "0:2-12 Text, 1:0-16 Choice, 2:15-25 List").await;
    nvim.keys("<Esc>ggO<Esc>").await;
    coloured(&nvim, "1:2-12 Text, 2:0-16 Choice, 3:15-25 List").await;
    // A brace less, and it is literal text; deleted and brought back, it is coloured again.
    nvim.keys("j$x").await;
    coloured(&nvim, "2:0-16 Choice, 3:15-25 List").await;
    nvim.keys("dGu").await;
    coloured(&nvim, "2:0-16 Choice, 3:15-25 List").await;
    nvim.quit().await;
}

#[tokio::test]
async fn one_typed_character_sends_one_line_of_a_large_composition() {
    let nvim = start().await;
    nvim.lua(
        "local lines = {}\n\
         for i = 1, 10000 do lines[i] = 'line {{text:n' .. i .. '}} of many' end\n\
         vim.api.nvim_buf_set_lines(0, 0, -1, true, lines)\n\
         require('promptstack').attach()",
    )
    .await;
    let all = "return #vim.api.nvim_buf_get_extmarks(0, require('promptstack.ui.marks').highlight, 0, -1, {})";
    nvim.holds(&format!("return (function() {all} end)() == 10000"))
        .await;
    nvim.lua(
        "local c = require('promptstack.rpc.contract')\n\
         local parse = c.placeholder_parse\n\
         _G.sent = {}\n\
         c.placeholder_parse = function(params, ...) table.insert(_G.sent, #params.lines) return parse(params, ...) end",
    )
    .await;
    nvim.keys("5000GI{{text:first}} ").await;
    nvim.holds(&format!("return (function() {all} end)() == 10001"))
        .await;
    let sent = nvim.lua("return _G.sent").await;
    assert!(
        sent.as_array().expect("a list").iter().all(|n| n == 1),
        "{sent}"
    );
    nvim.quit().await;
}

#[tokio::test]
async fn with_a_stopped_host_typing_goes_on_and_old_colours_stay_until_it_answers() {
    let nvim = start().await;
    nvim.lua("vim.api.nvim_buf_set_lines(0, 0, -1, true, { '{{text:a}}', '' })")
        .await;
    nvim.lua("require('promptstack').attach()").await;
    coloured(&nvim, "0:0-10 Text").await;
    let signal = |name: &str| {
        format!("vim.uv.kill(vim.fn.jobpid(require('promptstack.host').channel()), '{name}')")
    };
    nvim.lua(&signal("sigstop")).await;
    // The signal takes a moment, in which the host still answers.
    nvim.holds(
        "local stat = io.open(('/proc/%d/stat'):format(vim.fn.jobpid(require('promptstack.host').channel())))\n\
         return stat == nil or stat:read('*a'):match('%) (%a)') == 'T'",
    )
    .await;
    nvim.keys("Go{{text:b}}<Esc>").await;
    nvim.reads("{{text:a}}\n\n{{text:b}}").await;
    nvim.keys("o{{list:c}}<Esc>").await;
    assert_eq!(colours(&nvim).await, "0:0-10 Text");
    nvim.lua(&signal("sigcont")).await;
    coloured(&nvim, "0:0-10 Text, 2:0-10 Text, 3:0-10 List").await;
    nvim.quit().await;
}

#[tokio::test]
async fn a_killed_host_leaves_the_colours_and_the_next_one_catches_up() {
    let nvim = start().await;
    nvim.lua("vim.api.nvim_buf_set_lines(0, 0, -1, true, { '{{text:a}}' })")
        .await;
    nvim.lua("require('promptstack').attach()").await;
    coloured(&nvim, "0:0-10 Text").await;
    nvim.lua("vim.uv.kill(vim.fn.jobpid(require('promptstack.host').channel()), 'sigkill')")
        .await;
    nvim.keys("o{{list:b}}<Esc>").await;
    nvim.reads("{{text:a}}\n{{list:b}}").await;
    coloured(&nvim, "0:0-10 Text, 1:0-10 List").await;
    nvim.quit().await;
}
