//! What becomes of a composition that was handed over.

use super::{clipboard, composed, put};
use crate::files::{PROJECT, project, size};
use crate::support::Nvim;

/// The front matter of the only file of the history.
fn front_matter(nvim: &Nvim) -> String {
    let folder = nvim.stack().join("data/.history");
    let mut files = std::fs::read_dir(folder).expect("the history");
    let path = files.next().expect("a file").expect("an entry").path();
    let text = std::fs::read_to_string(path).expect("text");
    text.split("---\n").nth(1).expect("front matter").to_owned()
}

/// A terminal with a program that shows what it gets, and a composition above it.
async fn beside_terminal(text: &str) -> Nvim {
    let nvim = project(PROJECT, size(80, 24)).await;
    nvim.command("terminal cat").await;
    nvim.command("Prompt compose").await;
    put(&nvim, text).await;
    nvim
}

#[tokio::test]
async fn it_leaves_the_shelf_its_window_closes_and_the_history_knows_where_it_went() {
    let nvim = beside_terminal("do it").await;
    nvim.lua(
        "vim.api.nvim_create_autocmd('User', { pattern = 'PromptstackCompositionSent',\n\
           callback = function(ev) _G.sent = ev.data.to end })",
    )
    .await;
    nvim.keys(":Prompt send terminal<CR>").await;
    nvim.sees("sent to terminal (cat): ~").await;
    nvim.holds("return #vim.api.nvim_list_wins() == 1").await;
    nvim.holds("return _G.sent == 'terminal (cat)'").await;
    let header = front_matter(&nvim);
    assert!(!header.contains("draft: true"), "{header}");
    assert!(header.contains("terminal (cat)"), "{header}");
    let left = "return #vim.tbl_filter(function(b) return vim.bo[b].buftype == 'acwrite' end, vim.api.nvim_list_bufs())";
    assert_eq!(nvim.lua(left).await, 0);
    nvim.quit().await;
}

#[tokio::test]
async fn who_goes_on_writing_keeps_the_window_and_the_draft() {
    let nvim = beside_terminal("do it").await;
    nvim.lua(
        "local deliver = require('promptstack.handover.deliver')\n\
         local to = deliver.to\n\
         deliver.to = function(...)\n\
           vim.api.nvim_buf_set_lines(0, -1, -1, true, { 'and more' })\n\
           return to(...)\n\
         end",
    )
    .await;
    nvim.keys(":Prompt send terminal<CR>").await;
    nvim.sees("sent to terminal (cat)").await;
    nvim.reads("do it\nand more").await;
    let header = front_matter(&nvim);
    assert!(header.contains("draft: true"), "{header}");
    nvim.quit().await;
}

#[tokio::test]
async fn a_window_that_was_there_before_shows_what_it_showed() {
    let nvim = project(PROJECT, size(80, 24)).await;
    nvim.command("terminal cat").await;
    nvim.command("new docs/plan.md").await;
    nvim.lua("require('promptstack').compose(nil, { how = 'current' })")
        .await;
    put(&nvim, "do it").await;
    nvim.keys(":Prompt send terminal<CR>").await;
    nvim.sees("sent to terminal (cat)").await;
    nvim.holds("return vim.fs.basename(vim.api.nvim_buf_get_name(0)) == 'plan.md'")
        .await;
    assert_eq!(nvim.lua("return #vim.api.nvim_list_wins()").await, 2);
    nvim.quit().await;
}

#[tokio::test]
async fn what_is_copied_stays_in_sight_and_leaves_the_shelf() {
    let nvim = composed("do it").await;
    nvim.keys(":Prompt copy<CR>").await;
    nvim.sees("copied to the clipboard").await;
    assert_eq!(nvim.text().await, "do it");
    let header = front_matter(&nvim);
    assert!(!header.contains("draft: true"), "{header}");
    nvim.quit().await;
}

#[tokio::test]
async fn a_part_is_sent_and_the_whole_stays_a_draft() {
    let nvim = composed("one\ntwo").await;
    nvim.keys(":1Prompt copy<CR>").await;
    nvim.sees("copied to the clipboard").await;
    assert_eq!(clipboard(&nvim).await, "one");
    nvim.sees("saved ✓").await;
    let header = front_matter(&nvim);
    assert!(header.contains("draft: true"), "{header}");
    nvim.quit().await;
}

#[tokio::test]
async fn of_a_private_one_nothing_is_kept() {
    let nvim = project(PROJECT, size(80, 24)).await;
    nvim.command("terminal cat").await;
    nvim.command("Prompt private").await;
    put(&nvim, "secret plan").await;
    nvim.keys(":Prompt send terminal<CR>").await;
    nvim.sees("sent to terminal (cat)").await;
    assert_eq!(nvim.text().await, "secret plan");
    assert!(std::fs::read_dir(nvim.stack().join("data/.history")).map_or(0, Iterator::count) == 0);
    nvim.quit().await;
}

#[tokio::test]
async fn while_the_host_is_away_it_says_so_and_nothing_is_lost() {
    let nvim = composed("do it").await;
    nvim.holds("return require('promptstack.host').channel() ~= nil")
        .await;
    nvim.lua("vim.env.PROMPTSTACK_BIN = '/nowhere' require('promptstack.host').stop()")
        .await;
    nvim.keys(":Prompt copy<CR>").await;
    nvim.sees("the host is not built").await;
    assert_eq!(nvim.text().await, "do it");
    let shown = "return #vim.fn.win_findbuf(vim.api.nvim_get_current_buf())";
    assert_eq!(nvim.lua(shown).await, 1);
    nvim.quit().await;
}
