//! The rebuild: how far it is, how it ends, and that nobody is stopped by the offer.

use super::{asked, faked, size};

#[tokio::test]
async fn it_shows_how_far_it_is_and_says_how_it_ended() {
    let nvim = faked(size(100, 24)).await;
    nvim.lua("_G.fake.held = true").await;
    nvim.command("Prompt rebuild").await;
    nvim.sees("reading the history").await;
    nvim.lua("_G.fake.asked[1].on_part({ done = 1200, total = 10000 })")
        .await;
    nvim.sees("rebuilding the index of the history: 1,200/10,000 (<C-c> cancels)")
        .await;
    // One goes on writing.
    nvim.keys("ihello<Esc>").await;
    nvim.reads("hello").await;
    nvim.command("Prompt rebuild").await;
    nvim.sees("is being rebuilt already").await;
    nvim.lua("return _G.fake.answer('history_rebuild')").await;
    nvim.sees("the index of the history is new: 4 compositions")
        .await;
    nvim.loses("rebuilding").await;
    assert_eq!(asked(&nvim, "history_rebuild").await, 1);
    nvim.quit().await;
}

#[tokio::test]
async fn it_is_cancelled_by_one_key_and_can_be_begun_again() {
    let nvim = faked(size(100, 24)).await;
    nvim.lua("_G.fake.held = true").await;
    nvim.command("Prompt rebuild").await;
    nvim.sees("reading the history").await;
    nvim.keys("<C-c>").await;
    nvim.sees("the rebuild is stopped; :Prompt rebuild goes on with it")
        .await;
    nvim.holds("return _G.fake.asked[1].cancelled == true")
        .await;
    nvim.command("Prompt rebuild").await;
    nvim.sees("reading the history").await;
    assert_eq!(asked(&nvim, "history_rebuild").await, 2);
    nvim.quit().await;
}

#[tokio::test]
async fn files_that_can_not_be_read_are_named() {
    let nvim = faked(size(120, 24)).await;
    nvim.lua("_G.fake.unreadable = { 'a.md: is no composition', 'b.md: is a folder' }")
        .await;
    nvim.command("Prompt rebuild").await;
    nvim.sees("b.md: is a folder").await;
    nvim.quit().await;
}
