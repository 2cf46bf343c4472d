//! Waits, errors, a changing library; what others see of the picker.

use serde_json::json;

use super::{LIBRARY, faked, leftovers, opened, size, until};
use crate::support::{Nvim, Options};

#[tokio::test]
async fn the_newest_query_wins_whatever_comes_late() {
    let nvim = faked(size(80, 24)).await;
    opened(&nvim, "3/3", "Write").await;
    nvim.lua("_G.fake.held = true").await;
    nvim.keys("e").await;
    nvim.sees("> e").await;
    nvim.keys("ndp").await;
    nvim.sees("> endp").await;
    let count = "local n = 0 for _, call in ipairs(_G.fake.asked) do \
                 if call.name == 'library_search' and not call.answered then n = n + 1 end end return n";
    let late = nvim.lua(count).await.as_i64().expect("a number");
    // Newest first, then the late ones.
    nvim.lua("_G.fake.asked[#_G.fake.asked].answer()").await;
    nvim.sees("1/3").await;
    for _ in 1..late {
        assert_eq!(
            nvim.lua("return _G.fake.answer('library_search')").await,
            true
        );
    }
    nvim.sees("▌workflows").await;
    assert!(nvim.screen().contains("1/3"), "{}", nvim.screen());
    nvim.quit().await;
}

#[tokio::test]
async fn a_long_wait_shows_a_spinner_and_typing_goes_on() {
    let nvim = faked(size(80, 24)).await;
    nvim.lua("_G.fake.held = true").await;
    nvim.command("Prompt").await;
    nvim.sees("⠹").await;
    nvim.keys("doc").await;
    nvim.sees("> doc").await;
    nvim.lua("_G.fake.asked[#_G.fake.asked].answer()").await;
    nvim.sees("▌commands").await;
    // The preview is still waited for.
    nvim.holds("return _G.fake.answer('library_get')").await;
    nvim.sees("Write {{text:what}}").await;
    until(&nvim, "the spinner stops", |screen| {
        !screen
            .chars()
            .any(|c| ('\u{2800}'..'\u{28ff}').contains(&c))
    })
    .await;
    nvim.quit().await;
}

#[tokio::test]
async fn an_error_of_the_host_stands_in_the_picker() {
    let nvim = faked(size(80, 24)).await;
    nvim.lua("_G.fake.err = { kind = 'unavailable', message = 'the host is gone', hint = ':Prompt restart' }").await;
    nvim.command("Prompt").await;
    nvim.sees("the host is gone (:Prompt restart)").await;
    nvim.keys("doc<CR>").await;
    nvim.sees("> doc").await;
    nvim.lua("_G.fake.err = nil").await;
    nvim.keys("<BS>").await;
    nvim.sees("3/3").await;
    nvim.keys("<C-c>").await;
    assert_eq!(leftovers(&nvim).await, json!([0, 0, 0, 0]));
    nvim.quit().await;
}

#[tokio::test]
async fn a_missing_host_is_said_in_the_picker_and_blocks_nothing() {
    let env = vec![("PROMPTSTACK_BIN", "/nowhere/promptstack".to_owned())];
    let nvim = Nvim::with(
        &[],
        Options {
            env,
            ..size(120, 24)
        },
    )
    .await;
    nvim.keys(":Prompt<CR>").await;
    nvim.sees("run :Prompt build").await;
    nvim.keys("abc").await;
    nvim.sees("> abc").await;
    nvim.keys("<C-c>").await;
    nvim.loses("Prompts").await;
    nvim.quit().await;
}

#[tokio::test]
async fn while_the_library_is_read_it_says_so_and_fills_when_it_is() {
    let nvim = faked(size(80, 24)).await;
    nvim.lua("_G.fake.loading, _G.fake.kept, _G.fake.rows = true, _G.fake.rows, {}")
        .await;
    nvim.command("Prompt").await;
    nvim.sees("reading the library…").await;
    nvim.lua(
        "_G.fake.loading, _G.fake.rows = false, _G.fake.kept \
         require('promptstack.rpc.client').on_event('library.changed', { first = true })",
    )
    .await;
    nvim.sees("3/3").await;
    nvim.quit().await;
}

#[tokio::test]
async fn a_changed_library_refreshes_the_rows_and_keeps_the_selection() {
    let nvim = faked(size(80, 24)).await;
    opened(&nvim, "3/3", "Write").await;
    nvim.keys("<Down>").await;
    nvim.sees("▌workflows").await;
    nvim.lua(
        "table.insert(_G.fake.rows, 1, { 'a/new', 'Brand new', 'a', 0, 0 }) \
         require('promptstack.rpc.client').on_event('library.changed', { first = false })",
    )
    .await;
    nvim.sees("Brand new").await;
    nvim.sees("▌workflows").await;
    nvim.quit().await;
}

#[tokio::test]
async fn only_the_rows_that_are_seen_are_drawn_and_more_come_at_the_end() {
    let nvim = faked(size(80, 24)).await;
    nvim.lua("for i = 4, 450 do _G.fake.rows[i] = { 'x/' .. i, 'Row ' .. i, 'x', 0, 0 } end")
        .await;
    opened(&nvim, "450/450", "Write").await;
    nvim.keys("<Esc>G").await;
    nvim.sees("▌x          Row 200").await;
    nvim.keys("j").await;
    nvim.sees("Row 200").await;
    nvim.holds(
        "return _G.fake.asked[#_G.fake.asked].params.limit == 400 or \
                _G.fake.asked[#_G.fake.asked - 1].params.limit == 400",
    )
    .await;
    nvim.keys("j").await;
    nvim.sees("▌x          Row 201").await;
    let lines = nvim
        .lua(
            "local most = 0 for _, buf in ipairs(vim.api.nvim_list_bufs()) do \
             most = math.max(most, vim.api.nvim_buf_line_count(buf)) end return most",
        )
        .await;
    assert!(lines.as_i64().expect("a number") < 24, "{lines} lines");
    nvim.quit().await;
}

#[tokio::test]
async fn held_down_keys_ask_only_for_the_preview_they_stop_at() {
    let nvim = faked(size(80, 24)).await;
    nvim.lua("for i = 4, 60 do _G.fake.rows[i] = { 'x/' .. i, 'Row ' .. i, 'x', 0, 0 } end")
        .await;
    opened(&nvim, "60/60", "Write").await;
    nvim.lua("_G.fake.asked = {}").await;
    nvim.keys(&"<C-n>".repeat(40)).await;
    nvim.sees("Title of x/41").await;
    let asked = nvim
        .lua("return #_G.fake.asked")
        .await
        .as_i64()
        .expect("a number");
    assert!(asked <= 10, "{asked} previews asked for");
    nvim.quit().await;
}

#[tokio::test]
async fn closed_from_outside_nothing_is_left() {
    for close in [
        "vim.cmd('quit')",
        "vim.cmd('tabnew')",
        "vim.cmd('wincmd w')",
    ] {
        let nvim = faked(size(80, 24)).await;
        opened(&nvim, "3/3", "Write").await;
        nvim.keys("<Esc>").await;
        nvim.lua(&format!("pcall(function() {close} end)")).await;
        if close.contains("wincmd") {
            // Our own windows give the cursor back.
            nvim.holds("return vim.bo.buftype == 'prompt'").await;
            nvim.keys("<Esc>").await;
        }
        nvim.loses("3/3").await;
        assert_eq!(leftovers(&nvim).await, json!([0, 0, 0, 0]), "{close}");
        nvim.quit().await;
    }
}

#[tokio::test]
async fn opening_it_twice_gives_the_one_that_is_open() {
    let nvim = faked(size(80, 24)).await;
    opened(&nvim, "3/3", "Write").await;
    nvim.lua("require('promptstack').pick()").await;
    nvim.holds("return #vim.api.nvim_list_wins() == 4").await;
    nvim.keys("<C-c>").await;
    assert_eq!(leftovers(&nvim).await, json!([0, 0, 0, 0]));
    nvim.quit().await;
}

#[tokio::test]
async fn the_real_host_killed_while_typing_does_no_harm() {
    let nvim = Nvim::with(LIBRARY, size(80, 24)).await;
    opened(&nvim, "4/4", " tok ").await;
    nvim.lua("vim.uv.kill(vim.fn.jobpid(require('promptstack.host').channel()), 'sigkill')")
        .await;
    nvim.keys("endp").await;
    nvim.sees("> endp").await;
    // It is started again, and the picker with it.
    nvim.sees("1/4").await;
    nvim.quit().await;
}
