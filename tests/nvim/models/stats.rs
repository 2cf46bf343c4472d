//! `:Prompt stats`: a month as bars.

use std::fs;

use expect_test::{Expect, expect};
use serde_json::json;

use super::{drawn, size};
use crate::support::{Nvim, Options};

async fn faked(options: Options) -> Nvim {
    let nvim = Nvim::with(&[], options).await;
    nvim.lua(include_str!("fake.lua")).await;
    nvim
}

async fn check(options: Options, expected: Expect) {
    let nvim = faked(options).await;
    nvim.command("Prompt stats").await;
    nvim.sees("November 2026").await;
    expected.assert_eq(&drawn(&nvim).await);
    nvim.quit().await;
}

#[tokio::test]
async fn a_small_screen_shows_one_group_at_a_time() {
    check(
        size(80, 24),
        expect![[r#"

            ~
            ~
            ~
            ~╭ Models · November 2026 ────────────────────────────────────────────────────╮
            ~│ requests    12, 25% from the cache, 1 failed, 2 withdrawn                  │
            ~│ tokens      12,400 in, 3,200 out                                           │
            ~│ spent       $62.50, and 1 request whose cost nobody knows; 1 request       │
            ~│             counted as reserved                                            │
            ~│ answers     half within 850 ms, 95 of 100 within 4.0 s                     │
            ~│ today       $45.00 of $50.00        ████████████████████████████████▍      │
            ~│ this month  $62.50 of $500.00       ████▌                                  │
            ~│ cache       14 answers, 205 KB                                             │
            ~│                                                                            │
            ~│ by day                                                                     │
            ~│ 2026-11-19  ████████████                                     4  $12.50     │
            ~│ 2026-11-20  ▍                                                3  $0.005 + ? │
            ~│ 2026-11-21  ███████████████████████████████████████████      5  $45.00     │
            ~╰ [ ] month · <Tab> by provider · q close · g? keys ─────────────────────────╯
            ~
            ~
            ~
            [No Name]                                                     0,0-1          All
                                                                          1,1           All"#]],
    )
    .await;
}

#[tokio::test]
async fn a_large_screen_shows_all_of_them() {
    check(size(120, 40), expect![[r#"

        ~
        ~
        ~
        ~
        ~
        ~                    ╭ Models · November 2026 ────────────────────────────────────────────────────╮
        ~                    │ requests    12, 25% from the cache, 1 failed, 2 withdrawn                  │
        ~                    │ tokens      12,400 in, 3,200 out                                           │
        ~                    │ spent       $62.50, and 1 request whose cost nobody knows; 1 request       │
        ~                    │             counted as reserved                                            │
        ~                    │ answers     half within 850 ms, 95 of 100 within 4.0 s                     │
        ~                    │ today       $45.00 of $50.00        ████████████████████████████████▍      │
        ~                    │ this month  $62.50 of $500.00       ████▌                                  │
        ~                    │ cache       14 answers, 205 KB                                             │
        ~                    │                                                                            │
        ~                    │ by day                                                                     │
        ~                    │ 2026-11-19  ████████████                                     4  $12.50     │
        ~                    │ 2026-11-20  ▍                                                3  $0.005 + ? │
        ~                    │ 2026-11-21  ███████████████████████████████████████████      5  $45.00     │
        ~                    │                                                                            │
        ~                    │ by provider                                                                │
        ~                    │ claude  ███████████████████████████████████████████████████     11  $62.50 │
        ~                    │ mine                                                             1  ?      │
        ~                    │                                                                            │
        ~                    │ by model                                                                   │
        ~                    │ claude-sonnet-5-5           ███████████████████████████████     11  $62.50 │
        ~                    │ a-model-with-a-very-long-…                                       1  ?      │
        ~                    │                                                                            │
        ~                    │ by task                                                                    │
        ~                    │ ask      ██████████████████████████████████████████████████      8  $50.00 │
        ~                    │ suggest  ████████████▌                                           4  $12.50 │
        ~                    ╰ [ ] month · q close · g? keys ─────────────────────────────────────────────╯
        ~
        ~
        ~
        ~
        ~
        [No Name]                                                                                             0,0-1          All
                                                                                                              1,1           All"#]]).await;
}

#[tokio::test]
async fn without_icons_bars_are_made_of_a_plain_character() {
    let nvim = faked(Options {
        before: "vim.g.promptstack = { ui = { icons = false } }",
        ..size(80, 24)
    })
    .await;
    nvim.command("Prompt stats").await;
    nvim.sees("2026-11-21  ###").await;
    assert!(!nvim.screen().contains('█'), "{}", nvim.screen());
    nvim.quit().await;
}

#[tokio::test]
async fn keys_go_through_the_months_and_the_groups() {
    let nvim = faked(size(80, 24)).await;
    nvim.command("Prompt stats").await;
    nvim.sees("by day").await;
    for title in ["by provider", "by model", "by task", "by day"] {
        nvim.keys("<Tab>").await;
        nvim.sees(title).await;
    }
    nvim.keys("]").await;
    nvim.sees("there is no month after this one yet").await;
    nvim.keys("[").await;
    nvim.sees("no model was asked in October 2026").await;
    nvim.sees("today       $45.00 of $50.00").await;
    nvim.keys("l").await;
    nvim.sees("Models · November 2026").await;
    nvim.keys("h").await;
    nvim.sees("Models · October 2026").await;
    let asked = nvim.lua("return _G.fake.asked").await;
    assert_eq!(asked, json!(["now", "2026-10", "2026-11", "2026-10"]));
    nvim.keys("g?").await;
    nvim.sees("the month before").await;
    nvim.keys("qq").await;
    nvim.loses("October").await;
    assert_eq!(nvim.lua("return #vim.api.nvim_list_wins()").await, 1);
    nvim.quit().await;
}

#[tokio::test]
async fn the_accounts_of_the_host_are_what_is_shown() {
    let nvim = Nvim::with(&[], size(80, 40)).await;
    nvim.command("Prompt stats").await;
    nvim.sees("no model was asked in ").await;
    nvim.keys("q").await;
    let data = nvim.stack().join("data");
    let day = nvim.lua("return os.date('%Y-%m-%d')").await;
    let line = |what: &str, micro: u64| {
        json!({
            "what": what, "id": "a", "at": "2026-11-21T12:00:00Z", "day": day, "provider": "claude",
            "model": "claude-sonnet-5-5", "role": "ask", "micro_usd": micro,
        })
    };
    let ledger = format!(
        "{}\n{}\n",
        line("reserve", 900_000),
        line("settle", 310_000)
    );
    fs::write(data.join("ledger.jsonl"), ledger).expect("a file");
    nvim.command("Prompt stats").await;
    let screen = nvim.sees("today       $0.31 of $50.00").await;
    assert!(screen.contains("claude-sonnet-5-5"), "{screen}");
    nvim.quit().await;
}
