//! What accepting does to the text, and what it refuses.

use serde_json::json;

use super::{TEXT, asked, faked, reviewing, rows, text};

#[tokio::test]
async fn each_acceptance_is_undone_by_one_u() {
    let nvim = reviewing(120, 40).await;
    nvim.keys("aaaa").await;
    let all = "You know {{text:language}} well.\n\nWrite integration tests for the payment API.\n\
               Always mock the network.\n\nCover every status code.\n\
               Mock only the network; use real databases.";
    assert_eq!(text(&nvim).await, all);
    nvim.sees("Suggestions · local · 1").await;
    nvim.keys("<C-w>p").await;
    for undone in [
        all.replace("code.\n", "code.\n\n"),
        all.replace("Cover every status code.\n", "Be thorough, and etc.\n\n"),
        TEXT.replace(
            "Never use mocks.",
            "Mock only the network; use real databases.",
        ),
        TEXT.to_owned(),
    ] {
        nvim.keys("u").await;
        assert_eq!(text(&nvim).await, undone);
    }
    nvim.sees("Suggestions · local · 5").await;
    assert!(!rows(&nvim).await.contains("applied"));
    nvim.keys("<C-r>").await;
    nvim.sees("Suggestions · local · 4").await;
    // What was taken back can be accepted again.
    nvim.keys("u").await;
    nvim.sees("Suggestions · local · 5").await;
    nvim.command("Prompt suggest").await;
    nvim.keys("gga").await;
    assert!(text(&nvim).await.ends_with("use real databases."));
    nvim.quit().await;
}

#[tokio::test]
async fn a_hunk_is_accepted_alone() {
    for (keys, wanted) in [
        ("A", "Cover every status code, and etc."),
        ("]hA", "Be thorough."),
        ("]h[hA", "Cover every status code, and etc."),
        ("[hAA", "Cover every status code."),
        ("Aa", "Cover every status code."),
    ] {
        let nvim = reviewing(80, 24).await;
        nvim.keys(&format!("jj{keys}")).await;
        let line = text(&nvim).await;
        assert_eq!(line.lines().nth(3), Some(wanted), "{keys}");
        if keys == "A" {
            nvim.sees("1 of 2 applied").await;
        }
        nvim.quit().await;
    }
}

#[tokio::test]
async fn edits_follow_what_is_typed_before_them() {
    let nvim = reviewing(80, 24).await;
    nvim.keys("jj<CR>").await;
    nvim.keys("ggOan earlier line<Esc>4Gigap <Esc>5GIvery <Esc>")
        .await;
    nvim.sees("▌● Clarity  line 5").await;
    nvim.command("Prompt accept").await;
    assert_eq!(
        text(&nvim).await.lines().nth(4),
        Some("very Cover every status code.")
    );
    assert_eq!(asked(&nvim).await, 1);
    nvim.quit().await;
}

#[tokio::test]
async fn a_suggestion_whose_text_has_changed_is_refused_and_marked() {
    let nvim = reviewing(80, 24).await;
    nvim.lua("vim.api.nvim_buf_set_text(1, 5, 0, 5, 5, { 'Seldom' })")
        .await;
    nvim.keys("a").await;
    nvim.sees("promptstack: the text of this suggestion has changed; r")
        .await;
    nvim.sees("failed ✗").await;
    assert_eq!(
        text(&nvim).await,
        TEXT.replace("Never use", "Seldom use"),
        "nothing is done"
    );
    // Once it reads again as it did, it fits.
    nvim.lua("vim.api.nvim_buf_call(1, function() vim.cmd.undo() end)")
        .await;
    nvim.loses("failed ✗").await;
    nvim.keys("a").await;
    assert!(text(&nvim).await.ends_with("use real databases."));
    nvim.quit().await;
}

#[tokio::test]
async fn one_edit_that_does_not_fit_stops_all_of_its_suggestion() {
    let nvim = reviewing(80, 24).await;
    nvim.lua("vim.api.nvim_buf_set_text(1, 3, 17, 3, 20, { 'so on' })")
        .await;
    nvim.keys("jja").await;
    nvim.sees("failed ✗").await;
    assert_eq!(text(&nvim).await, TEXT.replace("etc", "so on"));
    // The hunk that fits can still be had.
    nvim.keys("A").await;
    assert!(
        text(&nvim)
            .await
            .contains("Cover every status code, and so on")
    );
    nvim.quit().await;
}

#[tokio::test]
async fn a_suggestion_for_a_text_that_changed_while_it_was_made_is_never_put_elsewhere() {
    let nvim = faked(100, 24).await;
    nvim.lua("_G.fake.held = true").await;
    nvim.command("Prompt suggest").await;
    nvim.lua("vim.api.nvim_buf_set_lines(1, 0, 0, true, { 'an earlier line' })")
        .await;
    nvim.lua("for _, s in ipairs(_G.fake.suggestions) do _G.fake.asked[1].part(s) end _G.fake.asked[1].answer()")
        .await;
    nvim.sees("failed ✗").await;
    nvim.keys("aja").await;
    assert_eq!(text(&nvim).await, format!("an earlier line\n{TEXT}"));
    nvim.quit().await;
}

#[tokio::test]
async fn two_insertions_at_one_place_are_both_accepted() {
    let nvim = faked(80, 24).await;
    nvim.lua(
        "local function insert(row, col, ...)\n\
           return { { start_row = row, start_col = col, end_row = row, end_col = col, expected = { '' }, lines = { ... } } }\n\
         end\n\
         local function gap(title, edits) return { kind = 'gap', title = title, description = title, by = 'local', edits = edits } end\n\
         _G.fake.suggestions = {\n\
           gap('role', insert(0, 0, 'You are a tester.', '')), gap('goal', insert(0, 0, 'The goal: no bugs.', '')),\n\
           gap('format', insert(5, 16, '', 'As JSON.')), gap('example', insert(5, 16, '', 'Example: {}')),\n\
         }",
    )
    .await;
    nvim.command("Prompt suggest").await;
    nvim.sees("Suggestions · local · 4").await;
    nvim.keys("aaaa").await;
    assert_eq!(
        text(&nvim).await,
        format!("You are a tester.\nThe goal: no bugs.\n{TEXT}\nExample: {{}}\nAs JSON.")
    );
    nvim.quit().await;
}

#[tokio::test]
async fn accepting_in_insert_mode_is_an_undo_step_of_its_own() {
    let nvim = reviewing(80, 24).await;
    nvim.lua("vim.keymap.set('i', '<C-g>', '<Plug>(promptstack-accept)')")
        .await;
    nvim.keys("<CR>").await;
    nvim.keys("ggAfirst<C-g>second<Esc>").await;
    let with = TEXT.replace("API.", "API.firstsecond").replace(
        "Never use mocks.",
        "Mock only the network; use real databases.",
    );
    assert_eq!(text(&nvim).await, with);
    nvim.keys("u").await;
    assert_eq!(text(&nvim).await, with.replace("second", ""));
    nvim.keys("u").await;
    assert_eq!(text(&nvim).await, TEXT.replace("API.", "API.first"));
    nvim.keys("u").await;
    assert_eq!(text(&nvim).await, TEXT);
    nvim.quit().await;
}

#[tokio::test]
async fn a_placeholder_session_goes_on_and_the_text_is_saved() {
    let nvim = reviewing(120, 40).await;
    nvim.keys("<C-w>pggO{{text:a}} and {{text:b}}<Esc>").await;
    nvim.command("Prompt next").await;
    nvim.sees("2/2 b").await;
    nvim.command("Prompt accept").await;
    assert!(text(&nvim).await.contains("use real databases."));
    nvim.sees("2/2 b").await;
    nvim.keys("<Tab>").await;
    nvim.sees("1/2 a").await;
    nvim.sees("saved ✓").await;
    nvim.quit().await;
}

#[tokio::test]
async fn a_recommended_prompt_is_inserted_where_the_cursor_is() {
    let nvim = reviewing(80, 24).await;
    nvim.keys("Ga").await;
    nvim.sees("applied ✓").await;
    nvim.sees("1/1 what").await;
    assert!(text(&nvim).await.contains("Test {{text:what}} well."));
    nvim.quit().await;
}

#[tokio::test]
async fn who_listens_hears_what_was_accepted() {
    let nvim = reviewing(80, 24).await;
    nvim.keys("a").await;
    assert_eq!(
        nvim.lua("return _G.fake.accepted").await,
        json!({ "kind": "contradiction", "rule": "contradiction", "by": "local" })
    );
    nvim.quit().await;
}

#[tokio::test]
async fn a_locked_text_is_left_alone() {
    let nvim = reviewing(80, 24).await;
    nvim.lua("vim.bo[1].modifiable = false").await;
    nvim.keys("a").await;
    nvim.sees("this text is locked: nothing was changed").await;
    assert_eq!(text(&nvim).await, TEXT);
    nvim.quit().await;
}
