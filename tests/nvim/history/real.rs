//! The history with its host: what is written by hand into the folder is found, deleted and cleaned up.

use std::fs;
use std::path::PathBuf;

use super::{drawn, size};
use crate::support::Nvim;

/// Writes a composition of a day of January 2020 as the host would.
fn write(nvim: &Nvim, day: u8, head: &str, text: &str) -> PathBuf {
    let folder = nvim.stack().join("data/.history");
    fs::create_dir_all(&folder).expect("a folder");
    let path = folder.join(format!("2020-01-{day:02}_12-00-00.md"));
    let time = format!("2020-01-{day:02}T12:00:00.000000Z");
    let id = format!("016f5e00-0000-7000-8000-0000000000{day:02}");
    let front =
        format!("---\nid: {id}\nsequence: 1\ncreated: {time}\nupdated: {time}\n{head}---\n");
    fs::write(&path, front + text).expect("a composition");
    path
}

async fn start() -> (Nvim, Vec<PathBuf>) {
    let nvim = Nvim::with(&[], size(80, 24)).await;
    let home = nvim.home.path().display().to_string();
    let here = format!("directory: \"{home}/src/payments\"\n");
    let files = vec![
        write(&nvim, 1, &here, "Never use mocks.\n"),
        write(
            &nvim,
            2,
            &format!("draft: true\n{here}name: \"tests\"\n"),
            "Mock the network.\n",
        ),
        write(
            &nvim,
            3,
            "directory: \"/elsewhere\"\n",
            "Explain the borrow checker.\n",
        ),
    ];
    // The host starts with the first request, and reads what is there.
    nvim.lua("require('promptstack.host').ensure(function() end)")
        .await;
    nvim.lua(
        "require('promptstack.rpc.contract').history_state({}, function(_, state) _G.state = state end)",
    )
    .await;
    nvim.holds(
        "if _G.state and _G.state.count == 3 and not _G.state.note then return true end\n\
         require('promptstack.rpc.contract').history_state({}, function(_, state) _G.state = state end)\n\
         return false",
    )
    .await;
    (nvim, files)
}

#[tokio::test]
async fn what_is_on_the_disk_is_found_by_what_stands_in_it() {
    let (nvim, _) = start().await;
    nvim.command("Prompt history").await;
    nvim.sees("3/3").await;
    nvim.sees("▌2020-01-03").await;
    nvim.keys("mock").await;
    nvim.sees("2/3").await;
    nvim.keys(" netw").await;
    nvim.sees("1/3").await;
    nvim.sees("▌2020-01-02").await;
    nvim.keys("<CR>").await;
    nvim.reads("Mock the network.").await;
    nvim.sees("saved ✓").await;
    // It is a composition of its own, and the old one is as it was.
    assert_eq!(crate::composition::history(&nvim).len(), 4);
    nvim.quit().await;
}

#[tokio::test]
async fn what_is_deleted_is_gone_from_the_disk() {
    let (nvim, files) = start().await;
    nvim.command("Prompt history").await;
    nvim.sees("3/3").await;
    nvim.keys("<Esc>Gdd").await;
    nvim.sees("delete this composition for good (17 B)?").await;
    assert!(files[0].exists());
    nvim.keys("y").await;
    nvim.sees("deleted 1, freed").await;
    nvim.sees("2/2").await;
    assert!(!files[0].exists() && files[1].exists());
    nvim.quit().await;
}

#[tokio::test]
async fn an_open_composition_that_was_deleted_is_not_saved_until_it_changes() {
    let (nvim, files) = start().await;
    nvim.command("Prompt drafts").await;
    nvim.sees("1/1").await;
    nvim.keys("<CR>").await;
    nvim.reads("Mock the network.").await;
    nvim.sees("saved ✓").await;
    nvim.command("Prompt history").await;
    nvim.sees("3/3").await;
    nvim.keys("<Esc>jdd").await;
    nvim.sees("a draft)? y deletes").await;
    nvim.keys("y").await;
    nvim.sees("deleted 1, freed").await;
    assert!(!files[1].exists());
    nvim.keys("q").await;
    nvim.loses("saved ✓").await;
    nvim.reads("Mock the network.").await;
    nvim.keys("oAnd the clock.<Esc>").await;
    nvim.sees("saved ✓").await;
    let all = crate::composition::history(&nvim);
    assert_eq!(all.len(), 3, "{all:#?}");
    nvim.quit().await;
}

#[tokio::test]
async fn a_draft_is_gone_on_with_and_put_away() {
    let (nvim, files) = start().await;
    nvim.command("Prompt drafts").await;
    nvim.sees("1/1").await;
    nvim.keys("<CR>").await;
    nvim.reads("Mock the network.").await;
    nvim.keys("oAnd the clock.<Esc>").await;
    nvim.sees("saved ✓").await;
    nvim.holds(&format!(
        "return table.concat(vim.fn.readfile('{}'), ' '):find('And the clock.', 1, true) ~= nil",
        files[1].display()
    ))
    .await;
    nvim.command("Prompt drafts").await;
    nvim.sees("▌open  [tests]").await;
    nvim.keys("<Esc>dd").await;
    nvim.sees("put away 1").await;
    let text = fs::read_to_string(&files[1]).expect("the file");
    assert!(!text.contains("draft: true"), "{text}");
    assert!(
        text.ends_with("Mock the network.\nAnd the clock.\n"),
        "{text}"
    );
    nvim.quit().await;
}

#[tokio::test]
async fn a_preview_of_a_draft_whose_buffer_has_just_gone_says_so() {
    let (nvim, _) = start().await;
    let shown = nvim
        .lua(
            "local buf = vim.api.nvim_create_buf(true, false)\n\
             local row = { buf = buf, name = 'x', directory = '/', state = 'open', note = '' }\n\
             vim.api.nvim_buf_delete(buf, { force = true })\n\
             local view = require('promptstack.history.shelf').view(row)\n\
             return { view.notes[1][1], #view.lines }",
        )
        .await;
    assert_eq!(
        shown,
        serde_json::json!(["its buffer is gone (:Prompt history finds it)", 0])
    );
    nvim.quit().await;
}

#[tokio::test]
async fn a_clean_up_spares_drafts_and_dates_are_checked() {
    let (nvim, files) = start().await;
    nvim.command("Prompt cleanup").await;
    nvim.sees("3 compositions, ").await;
    nvim.keys("jjjjjj<CR>").await;
    nvim.sees("YYYY-MM-DD").await;
    nvim.keys("2020-13-01<CR>").await;
    nvim.sees("'2020-13-01' is no day (write it like 2026-01-31)")
        .await;
    nvim.keys("q").await;
    nvim.loses("YYYY-MM-DD").await;
    nvim.command("Prompt cleanup").await;
    nvim.sees("3 compositions, ").await;
    nvim.keys("<CR>").await;
    nvim.sees("2 compositions go, ").await;
    let screen = drawn(&nvim).await;
    assert!(screen.contains("1 draft is spared"), "{screen}");
    nvim.keys("y").await;
    nvim.sees("deleted 2, freed").await;
    assert_eq!(files.iter().filter(|file| file.exists()).count(), 1);
    assert!(files[1].exists());
    nvim.quit().await;
}

#[tokio::test]
async fn the_index_is_made_anew_on_demand() {
    let (nvim, _) = start().await;
    nvim.command("Prompt history").await;
    nvim.sees("3/3").await;
    nvim.keys("<Esc><Esc>").await;
    nvim.command("Prompt rebuild").await;
    nvim.sees("the index of the history is new: 3 compositions")
        .await;
    nvim.quit().await;
}

#[tokio::test]
async fn an_index_far_off_is_offered_without_stopping_anybody() {
    let nvim = Nvim::with(&[], size(80, 24)).await;
    nvim.lua(
        "require('promptstack.rpc.contract')\n\
         for _ = 1, 2 do\n\
           require('promptstack.rpc.client').on_event('history.out_of_sync', { differences = 1234 })\n\
         end",
    )
    .await;
    nvim.sees("history index out of sync: 1234 compositions differ")
        .await;
    assert_eq!(nvim.mode().await, "n", "nobody is asked anything");
    let said = nvim
        .lua("return select(2, vim.fn.execute('messages'):gsub('out of sync', ''))")
        .await;
    assert_eq!(said, 1, "and it is said once");
    nvim.quit().await;
}

#[tokio::test]
async fn neovim_ends_with_the_history_open_whatever_is_still_to_be_shown() {
    let (nvim, _) = start().await;
    nvim.command("Prompt history").await;
    nvim.sees("3/3").await;
    // The preview of the last row is asked for a moment after the moves, when Neovim is ending already.
    nvim.keys("<Esc>jkjkj").await;
    nvim.quit().await;
}
