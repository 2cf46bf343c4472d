//! What the history and the shelf look like, whole screens compared.

use expect_test::expect;

use super::{drawn, faked, opened, size};

#[tokio::test]
async fn narrow_rows_show_time_folder_text_use_and_size() {
    let nvim = faked(size(80, 24)).await;
    let screen = opened(&nvim).await;
    expect![[r#"

        ~ ╭ History ──────────────────────────────────────────────────────────── 4/4 ╮
        ~ │ >                                                                        │
        ~ │▌today 14:03  ~/src/payments  [payments] Write integration… draft    85 B │
        ~ │ yesterday    …/http          Never use mocks: # they lie.    ×12    29 B │
        ~ │ 12 Nov       …/with/more     Explain the borrow checker t…    ×2  4.8 KB │
        ~ │ 2025-10-17   ~               x                                       2 B │
        ~ │                                                                          │
        ~ │                                                                          │
        ~ │                                                                          │
        ~ ╰ <C-/> keys · <CR> load · <Esc>dd delete · <C-g> this project ────────────╯
        ~ ╭ payments ────────────────────────────────────────────────────────────────╮
        ~ │ ~/src/payments                                                           │
        ~ │ begun today 13:43 · saved today 14:03                       draft · 85 B │
        ~ │ prompts: commands/api-doc                                                │
        ~ │ files: src/main.rs                                                       │
        ~ │ tags: api, tests                                                         │
        ~ │ ─────────────────────────────────────────────────────────────────────────│
        ~ │ Write integration tests for the payment API.                             │
        ~ │ Always mock the network.                                                 │
        ~ │                                                                          │
        ~ ╰──────────────────────────────────────────────────────────────────────────╯
        [No Name]                                                     0,1            All
        -- INSERT --                                                  1,1           All"#]]
    .assert_eq(&screen);
    nvim.quit().await;
}

#[tokio::test]
async fn wide_the_preview_stays_under_the_rows_and_tags_are_shown() {
    let nvim = faked(size(120, 40)).await;
    let screen = opened(&nvim).await;
    expect![[r#"

        ~     ╭ History ──────────────────────────────────────────────────────────────────────────────────────────── 4/4 ╮
        ~     │ >                                                                                                        │
        ~     │▌today 14:03  ~/src/payments          [payments] Write integration tests for t… api, tests  draft    85 B │
        ~     │ yesterday    …/adapters/http         Never use mocks: # they lie.                            ×12    29 B │
        ~     │ 12 Nov       …/with/more             Explain the borrow checker to 日本語 rea… rust           ×2  4.8 KB │
        ~     │ 2025-10-17   ~                       x                                                               2 B │
        ~     │                                                                                                          │
        ~     │                                                                                                          │
        ~     │                                                                                                          │
        ~     │                                                                                                          │
        ~     │                                                                                                          │
        ~     │                                                                                                          │
        ~     │                                                                                                          │
        ~     │                                                                                                          │
        ~     │                                                                                                          │
        ~     │                                                                                                          │
        ~     │                                                                                                          │
        ~     ╰ <C-/> keys · <CR> load · <Esc>dd delete · <C-g> this project · <Tab> mark ───────────────────────────────╯
        ~     ╭ payments ────────────────────────────────────────────────────────────────────────────────────────────────╮
        ~     │ ~/src/payments                                                                                           │
        ~     │ begun today 13:43 · saved today 14:03                                                       draft · 85 B │
        ~     │ prompts: commands/api-doc                                                                                │
        ~     │ files: src/main.rs                                                                                       │
        ~     │ tags: api, tests                                                                                         │
        ~     │ ─────────────────────────────────────────────────────────────────────────────────────────────────────────│
        ~     │ Write integration tests for the payment API.                                                             │
        ~     │ Always mock the network.                                                                                 │
        ~     │                                                                                                          │
        ~     │ {{text:what}}                                                                                            │
        ~     │                                                                                                          │
        ~     │                                                                                                          │
        ~     │                                                                                                          │
        ~     │                                                                                                          │
        ~     │                                                                                                          │
        ~     │                                                                                                          │
        ~     │                                                                                                          │
        ~     ╰──────────────────────────────────────────────────────────────────────────────────────────────────────────╯
        [No Name]                                                                                             0,1            All
        -- INSERT --                                                                                          1,1           All"#]].assert_eq(&screen);
    nvim.quit().await;
}

#[tokio::test]
async fn very_wide_the_preview_stands_beside_the_rows() {
    let nvim = faked(size(160, 20)).await;
    let screen = opened(&nvim).await;
    expect![[r#"

        ~       ╭ History ──────────────────────────────────────────────────────── 4/4 ╮╭ payments ────────────────────────────────────────────────────────────╮
        ~       │ >                                                                    ││ ~/src/payments                                                       │
        ~       │▌today 14:03  ~/src/payments  [payments] Write integra… draft    85 B ││ begun today 13:43 · saved today 14:03                   draft · 85 B │
        ~       │ yesterday    …/http          Never use mocks: # they …   ×12    29 B ││ prompts: commands/api-doc                                            │
        ~       │ 12 Nov       …/with/more     Explain the borrow check…    ×2  4.8 KB ││ files: src/main.rs                                                   │
        ~       │ 2025-10-17   ~               x                                   2 B ││ tags: api, tests                                                     │
        ~       │                                                                      ││ ─────────────────────────────────────────────────────────────────────│
        ~       │                                                                      ││ Write integration tests for the payment API.                         │
        ~       │                                                                      ││ Always mock the network.                                             │
        ~       │                                                                      ││                                                                      │
        ~       │                                                                      ││ {{text:what}}                                                        │
        ~       │                                                                      ││                                                                      │
        ~       │                                                                      ││                                                                      │
        ~       │                                                                      ││                                                                      │
        ~       │                                                                      ││                                                                      │
        ~       ╰ <C-/> keys · <CR> load · <Esc>dd delete · <C-g> this project ────────╯╰──────────────────────────────────────────────────────────────────────╯
        ~
        [No Name]                                                                                                                                     0,1            All
        -- INSERT --                                                                                                                                  1,1           All"#]].assert_eq(&screen);
    nvim.quit().await;
}

#[tokio::test]
async fn under_sixty_columns_the_rows_stand_alone_without_folders() {
    let nvim = faked(size(56, 14)).await;
    nvim.command("Prompt history").await;
    nvim.sees("4/4").await;
    let screen = drawn(&nvim).await;
    expect![[r#"
         ╭ History ────────────────────────────────────── 4/4 ╮
        ~│ >                                                  │
        ~│▌today 14:03  [payments] Write integ… draft    85 B │
        ~│ yesterday    Never use mocks: # the…   ×12    29 B │
        ~│ 12 Nov       Explain the borrow che…    ×2  4.8 KB │
        ~│ 2025-10-17   x                                 2 B │
        ~│                                                    │
        ~│                                                    │
        ~│                                                    │
        ~│                                                    │
        ~│                                                    │
        ~│                                                    │
        [╰ <C-/> keys · <CR> load · <Esc>dd delete ───────────╯l
        -- INSERT --                          1,1           All"#]]
    .assert_eq(&screen);
    nvim.quit().await;
}

#[tokio::test]
async fn a_tiny_screen_shows_the_texts() {
    let nvim = faked(size(36, 8)).await;
    nvim.command("Prompt history").await;
    nvim.sees("4/4").await;
    let screen = drawn(&nvim).await;
    expect![[r#"
        ╭ History ──────────────────── 4/4 ╮
        │ >                                │
        │▌[payments] Write integrat… draft │
        │ Never use mocks: # they l…   ×12 │
        │ Explain the borrow checke…    ×2 │
        │ x                                │
        ╰ <C-/> keys · <CR> load ──────────╯
        -- INSERT --      1,1           All"#]]
    .assert_eq(&screen);
    nvim.quit().await;
}

#[tokio::test]
async fn plain_letters_stand_for_signs_without_icons() {
    let nvim = faked(size(80, 24)).await;
    nvim.lua("vim.g.promptstack = { ui = { icons = false } }")
        .await;
    nvim.lua("_G.fake.note = 'the index is away'").await;
    let screen = opened(&nvim).await;
    assert!(screen.contains("x12"), "{screen}");
    assert!(screen.contains("! the index is away"), "{screen}");
    nvim.quit().await;
}

#[tokio::test]
async fn the_keys_are_listed() {
    let nvim = faked(size(80, 30)).await;
    opened(&nvim).await;
    nvim.keys("<Esc>g?").await;
    nvim.sees("Keys").await;
    nvim.sees("delete it").await;
    let screen = drawn(&nvim).await;
    for key in ["<CR>", "<C-g>", "dd", "gd", "<C-q>", "<Tab>"] {
        assert!(screen.contains(key), "{key}\n{screen}");
    }
    nvim.quit().await;
}

#[tokio::test]
async fn a_time_is_told_as_one_speaks_of_it() {
    let nvim = faked(size(80, 24)).await;
    let told = nvim
        .lua(
            "local format = require('promptstack.history.format')\n\
             local function at(...) local t = { ... } return os.time({ year = t[1], month = t[2], day = t[3], hour = t[4], min = t[5] }) end\n\
             local now, out = at(2026, 1, 1, 0, 30), {}\n\
             for _, time in ipairs({ at(2026, 1, 1, 0, 5), at(2025, 12, 31, 23, 59), at(2025, 12, 31, 0, 0), at(2025, 12, 30, 23, 59), at(2027, 3, 2, 1, 1) }) do\n\
               out[#out + 1] = format.time(time, now)\n\
             end\n\
             out[#out + 1] = format.time(at(2026, 2, 3, 4, 5), at(2026, 12, 1, 0, 0))\n\
             return out",
        )
        .await;
    assert_eq!(
        told,
        serde_json::json!([
            "today 00:05",
            "yesterday",
            "yesterday",
            "2025-12-30",
            "2027-03-02",
            "3 Feb"
        ])
    );
    nvim.quit().await;
}

#[tokio::test]
async fn sizes_and_folders_are_short() {
    let nvim = faked(size(80, 24)).await;
    let told = nvim
        .lua(
            "local format = require('promptstack.history.format')\n\
             return { vim.tbl_map(format.size, { 0, 999, 1000, 1229, 10189, 1024 * 999, 3355443, 2^33 }),\n\
               format.tail('/a/long/way/to/somewhere', 15), format.tail('/averylongname', 8), format.tail('~/x', 9),\n\
               format.number(1234567), format.number(999), format.count(1), format.count(2000) }",
        )
        .await;
    assert_eq!(
        told,
        serde_json::json!([
            [
                "0 B", "999 B", "1.0 KB", "1.2 KB", "10 KB", "999 KB", "3.2 MB", "8.0 GB"
            ],
            "…/to/somewhere",
            "…ongname",
            "~/x",
            "1,234,567",
            "999",
            "1 composition",
            "2,000 compositions"
        ])
    );
    nvim.quit().await;
}
