//! The clean-up: what there is, what would go, and that nothing goes unseen.

use expect_test::expect;
use serde_json::json;

use super::{asked, drawn, faked, size};

#[tokio::test]
async fn it_shows_what_there_is_what_goes_and_then_deletes_it() {
    let nvim = faked(size(80, 24)).await;
    nvim.command("Prompt cleanup").await;
    nvim.sees("everything").await;
    let screen = drawn(&nvim).await;
    expect![[r#"

        ~
        ~
        ~
        ~
        ~      ╭ Clean up the history ──────────────────────────────────────────╮
        ~      │ 4 compositions, 4.9 KB, the oldest of 2025-10-17               │
        ~      │ 1 of them is a draft, and stays                                │
        ~      │                                                                │
        ~      │   older than 30 days                                           │
        ~      │   older than 60 days                                           │
        ~      │   older than 90 days                                           │
        ~      │   all but the last 10                                          │
        ~      │   all but the last 25                                          │
        ~      │   all but the last 50                                          │
        ~      │   from one day to another …                                    │
        ~      │   everything                                                   │
        ~      ╰ <CR> shows what goes · q close · g? keys ──────────────────────╯
        ~
        ~
        ~
        ~
        [No Name]                                                     0,0-1          All
                                                                      4,1           All"#]]
    .assert_eq(&screen);
    nvim.keys("G<CR>").await;
    nvim.sees("y deletes these 3 for good").await;
    let screen = drawn(&nvim).await;
    expect![[r#"

        ~
        ~
        ~
        ~
        ~
        ~
        ~
        ~  ╭ Clean up: everything ──────────────────────────────────────────────────╮
        ~  │ 3 compositions go, 4.8 KB; 1 draft is spared                           │
        ~  │                                                                        │
        ~  │ yesterday    …/adapters/http       Never use mocks: # they lie.        │
        ~  │ 12 Nov       …/with/more           Explain the borrow checker to 日本… │
        ~  │ 2025-10-17   ~                     x                                   │
        ~  ╰ y deletes these 3 for good · q keeps · <BS> back ──────────────────────╯
        ~
        ~
        ~
        ~
        ~
        ~
        ~
        [No Name]                                                     0,0-1          All
                                                                      1,1           All"#]]
    .assert_eq(&screen);
    nvim.keys("y").await;
    nvim.sees("deleted 3, freed 4.8 KB").await;
    assert_eq!(nvim.lua("return #_G.fake.rows").await, 1);
    let last = nvim
        .lua("return _G.fake.asked[#_G.fake.asked].params")
        .await;
    assert_eq!(
        last,
        json!({ "everything": true, "delete": "this" }),
        "no more than was shown"
    );
    nvim.quit().await;
}

#[tokio::test]
async fn leaving_or_going_back_deletes_nothing() {
    let nvim = faked(size(80, 24)).await;
    for keys in ["q", "<Esc>", "x<Esc>"] {
        nvim.command("Prompt cleanup").await;
        nvim.sees("everything").await;
        nvim.keys("G<CR>").await;
        nvim.sees("y deletes these 3").await;
        nvim.keys(keys).await;
        nvim.loses("y deletes").await;
        nvim.loses("all but the last").await;
    }
    nvim.command("Prompt cleanup").await;
    nvim.sees("everything").await;
    nvim.keys("G<CR>").await;
    nvim.sees("y deletes these 3").await;
    nvim.keys("<BS>").await;
    nvim.sees("all but the last 25").await;
    nvim.loses("y deletes").await;
    nvim.keys("q").await;
    nvim.loses("all but the last 25").await;
    assert_eq!(nvim.lua("return #_G.fake.rows").await, 4);
    assert_eq!(nvim.lua("return #vim.api.nvim_list_wins()").await, 1);
    nvim.quit().await;
}

#[tokio::test]
async fn each_choice_asks_for_what_it_says() {
    let nvim = faked(size(80, 24)).await;
    for (row, params) in [
        (0, json!({ "older_than_days": 30 })),
        (1, json!({ "older_than_days": 60 })),
        (2, json!({ "older_than_days": 90 })),
        (3, json!({ "keep_last": 10 })),
        (4, json!({ "keep_last": 25 })),
        (5, json!({ "keep_last": 50 })),
        (7, json!({ "everything": true })),
    ] {
        let before = asked(&nvim, "history_cleanup").await;
        nvim.command("Prompt cleanup").await;
        nvim.sees("everything").await;
        let down = "j".repeat(row);
        nvim.keys(&format!("{down}<CR>")).await;
        nvim.loses("from one day").await;
        assert_eq!(asked(&nvim, "history_cleanup").await, before + 1);
        let last = nvim
            .lua("return _G.fake.asked[#_G.fake.asked].params")
            .await;
        assert_eq!(last, params);
        nvim.keys("<Esc>").await;
    }
    nvim.quit().await;
}

#[tokio::test]
async fn nothing_to_delete_is_said_with_the_drafts_that_are_spared() {
    let nvim = faked(size(80, 24)).await;
    nvim.lua("_G.fake.rows = { _G.fake.rows[1] }").await;
    nvim.command("Prompt cleanup").await;
    nvim.sees("1 of them is a draft, and stays").await;
    nvim.keys("G<CR>").await;
    nvim.sees("nothing to delete: everything (1 draft spared)")
        .await;
    nvim.quit().await;
}

#[tokio::test]
async fn two_dates_are_asked_for() {
    let nvim = faked(size(80, 24)).await;
    nvim.command("Prompt cleanup").await;
    nvim.sees("everything").await;
    nvim.keys("Gk<CR>").await;
    nvim.sees("YYYY-MM-DD, such as 2025-01-31").await;
    nvim.keys("<CR>").await;
    nvim.sees("neither day is given").await;
    nvim.keys("i2025-01-01<Tab>2025-12-31<CR>").await;
    nvim.sees("nothing to delete: from 2025-01-01 to 2025-12-31")
        .await;
    let last = nvim
        .lua("return _G.fake.asked[#_G.fake.asked].params")
        .await;
    assert_eq!(
        last,
        json!({ "since": "2025-01-01", "until": "2025-12-31" })
    );
    nvim.quit().await;
}

#[tokio::test]
async fn what_changed_meanwhile_is_shown_anew() {
    let nvim = faked(size(80, 24)).await;
    nvim.command("Prompt cleanup").await;
    nvim.sees("everything").await;
    nvim.keys("G<CR>").await;
    nvim.sees("y deletes these 3").await;
    nvim.lua("_G.fake.conflict = { kind = 'conflict', message = 'there are others than were shown' } table.remove(_G.fake.rows)")
        .await;
    nvim.keys("y").await;
    nvim.sees("there are others than were shown").await;
    nvim.sees("y deletes these 2").await;
    nvim.quit().await;
}

#[tokio::test]
async fn an_empty_history_has_nothing_to_clean() {
    let nvim = faked(size(80, 24)).await;
    nvim.lua("_G.fake.rows = {}").await;
    nvim.command("Prompt cleanup").await;
    nvim.sees("the history is empty: there is nothing to clean up")
        .await;
    nvim.quit().await;
}

#[tokio::test]
async fn long_lists_are_cut_and_counted() {
    let nvim = faked(size(60, 20)).await;
    nvim.lua(
        "for n = 5, 450 do _G.fake.rows[n] = vim.tbl_extend('force', _G.fake.rows[4], { id = 'r' .. n, text = 'row ' .. n }) end\n\
         _G.fake.previewed = 10",
    )
    .await;
    nvim.command("Prompt cleanup").await;
    nvim.sees("450 compositions, ").await;
    nvim.keys("G<CR>").await;
    nvim.sees("449 compositions go, ").await;
    let screen = drawn(&nvim).await;
    assert!(screen.contains("… and 440 more"), "{screen}");
    assert!(screen.contains("1 draft is spared"), "{screen}");
    nvim.quit().await;
}
