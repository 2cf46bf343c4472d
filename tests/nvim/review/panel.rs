//! The panel: its two shapes, its list, its keys, and what it says while there is none.

use expect_test::expect;
use serde_json::json;

use super::{asked, faked, reviewing, rows, text};
use crate::support::Nvim;

/// The screen without the lines that hold nothing but the editor's tildes.
fn seen(nvim: &Nvim) -> String {
    let screen = nvim.screen();
    let lines: Vec<&str> = screen
        .lines()
        .filter(|line| !line.trim_matches(['~', ' ', '│']).is_empty())
        // The bar, the status line and the ruler.
        .filter(|line| {
            !["6 lines", "[No Name]", "Top"]
                .iter()
                .any(|part| line.contains(part))
        })
        .collect();
    lines.join("\n")
}

#[tokio::test]
async fn on_a_wide_screen_it_is_a_split_beside_the_text() {
    let nvim = reviewing(120, 40).await;
    expect![[r#"
          Write integration tests for the payment API.                         │▌▲ Contradiction  lines 2 and 6  two directive…
        W Always mock the network.                                             │   "always mock" against "never use mocks": a
                                                                               │   reader can only follow one of them, and does
        H Be thorough, and etc.                                                │   not know which
        W                                                                      │   two directives contradict each other
          Never use mocks.                                                     │ ◆ Gap  no language named
          Mock only the network; use real databases.                           │   Say which language the tests are written in.
        ~                                                                      │ ● Clarity  line 4  vague words         2 hunks
        ~                                                                      │   "be thorough" can't be checked
        ~                                                                      │ ■ Formatting  line 5  an empty line too many
        ~                                                                      │   One is enough.
        ~                                                                      │ ★ Recommendation  a prompt of the library fits
        ~                                                                      │   workflows/tests asks for what is missing he…
        ~                                                                      │ a accept · d dismiss · <CR> look · r retry
        ~                                                                      │ q close · g? keys"#]]
    .assert_eq(&seen(&nvim));
    assert_eq!(
        nvim.lua("return vim.api.nvim_win_get_width(0)").await,
        48,
        "40% of 120"
    );
    nvim.quit().await;
}

#[tokio::test]
async fn on_a_narrow_screen_it_is_a_float_under_the_text() {
    let nvim = reviewing(80, 24).await;
    expect![[r#"
          Write integration tests for the payment API.
        W Always mock the network.
        H Be thorough, and etc.
        W
          Never use mocks.
          Mock only the network; use real databases.
        ╭ Suggestions · local · 5 ─────────────────────────────────────────────────────╮
        │▌▲ Contradiction  lines 2 and 6  two directives contradict each other         │
        │   "always mock" against "never use mocks": a reader can only follow one of   │
        │   them, and does not know which                                              │
        │ ◆ Gap  no language named                                                     │
        │   Say which language the tests are written in.                               │
        │ ● Clarity  line 4  vague words                                       2 hunks │
        │   "be thorough" can't be checked                                             │
        │ ■ Formatting  line 5  an empty line too many                                 │
        │   One is enough.                                                             │
        ╰ a accept · d dismiss · <CR> look · r retry · q close · g? keys ──────────────╯"#]]
    .assert_eq(&seen(&nvim));
    nvim.quit().await;
}

#[tokio::test]
async fn it_remembers_the_width_that_it_was_dragged_to() {
    let nvim = reviewing(120, 40).await;
    nvim.keys("<C-w>20<lt>").await;
    let width = nvim.lua("return vim.api.nvim_win_get_width(0)").await;
    assert_eq!(width, 28);
    nvim.keys("q").await;
    nvim.loses("Suggestions").await;
    nvim.command("Prompt suggest").await;
    nvim.sees("Suggestions · local · 5").await;
    assert_eq!(
        nvim.lua("return vim.api.nvim_win_get_width(0)").await,
        width
    );
    nvim.quit().await;
}

#[tokio::test]
async fn a_screen_that_shrinks_makes_a_float_of_it_with_the_same_suggestion_chosen() {
    let nvim = reviewing(120, 40).await;
    nvim.keys("jj").await;
    nvim.api.ui_try_resize(80, 24).await.expect("a resize");
    nvim.sees("╭ Suggestions · local · 5").await;
    nvim.sees("▌● Clarity").await;
    nvim.api.ui_try_resize(120, 40).await.expect("a resize");
    nvim.sees("│ Suggestions · local · 5").await;
    nvim.sees("▌● Clarity").await;
    nvim.keys("a").await;
    assert!(text(&nvim).await.contains("Cover every status code."));
    assert_eq!(asked(&nvim).await, 1);
    nvim.quit().await;
}

#[tokio::test]
async fn it_opens_again_as_it_was_unless_the_text_has_changed() {
    let nvim = reviewing(80, 24).await;
    nvim.keys("jdjq").await;
    nvim.loses("Suggestions").await;
    nvim.command("PromptSuggest").await;
    let screen = nvim.sees("Suggestions · local · 4").await;
    assert!(screen.contains("▌■ Formatting"), "{screen}");
    assert!(!screen.contains("Gap"), "{screen}");
    // What was accepted is no reason to ask again, what was typed is.
    nvim.keys("aq").await;
    nvim.command("Prompt suggest").await;
    nvim.sees("applied ✓").await;
    assert_eq!(asked(&nvim).await, 1);
    nvim.keys("q").await;
    nvim.keys("Gomore<Esc>").await;
    nvim.command("Prompt suggest").await;
    nvim.holds("return #_G.fake.asked == 2").await;
    nvim.quit().await;
}

#[tokio::test]
async fn what_was_dismissed_comes_back_only_when_everything_is_asked_again() {
    let nvim = reviewing(80, 24).await;
    nvim.keys("d").await;
    nvim.sees("Suggestions · local · 4").await;
    assert!(!rows(&nvim).await.contains("Contradiction"));
    nvim.keys("r").await;
    nvim.holds("return #_G.fake.asked == 2").await;
    nvim.sees("Suggestions · local · 4").await;
    assert!(!rows(&nvim).await.contains("Contradiction"));
    nvim.keys("R").await;
    nvim.sees("Suggestions · local · 5").await;
    assert!(rows(&nvim).await.contains("Contradiction"));
    nvim.quit().await;
}

#[tokio::test]
async fn nothing_found_is_said_in_words() {
    let nvim = faked(80, 24).await;
    nvim.lua("_G.fake.suggestions = {}").await;
    nvim.command("Prompt suggest").await;
    nvim.sees("nothing to suggest: the checks found nothing")
        .await;
    nvim.keys("adgd<CR>j]h").await;
    nvim.sees("there is no suggestion").await;
    nvim.quit().await;
}

#[tokio::test]
async fn what_could_not_be_used_of_an_answer_is_told() {
    let nvim = faked(80, 24).await;
    nvim.lua("_G.fake.problems = { 'an edit outside of the text' } _G.fake.by = 'a-model'")
        .await;
    nvim.command("Prompt suggest").await;
    nvim.sees("not all of the answer could be used: an edit outside of the text")
        .await;
    nvim.sees("Suggestions · a-model · 5").await;
    nvim.quit().await;
}

#[tokio::test]
async fn an_error_is_told_once_and_asking_again_mends_it() {
    let nvim = faked(80, 24).await;
    nvim.lua("_G.fake.err = { kind = 'unavailable', message = 'the host has ended' }")
        .await;
    nvim.command("Prompt suggest").await;
    nvim.sees("no answer: the host has ended; r asks again")
        .await;
    let told = nvim.lua("return vim.fn.execute('messages')").await;
    let told = told.as_str().expect("messages");
    assert_eq!(told.matches("the host has ended").count(), 1, "{told}");
    nvim.lua("_G.fake.err = nil").await;
    nvim.keys("r").await;
    nvim.sees("Suggestions · local · 5").await;
    nvim.quit().await;
}

#[tokio::test]
async fn an_answer_that_takes_long_can_be_cancelled_and_is_ignored_then() {
    for (key, shows) in [("<C-c>", true), ("<Esc>", true), ("q", false)] {
        let nvim = faked(100, 24).await;
        nvim.lua("_G.fake.held = true").await;
        nvim.command("Prompt suggest").await;
        nvim.sees("looking (<C-c> cancels)").await;
        nvim.lua("_G.fake.asked[1].part(_G.fake.suggestions[1])")
            .await;
        nvim.sees("Contradiction").await;
        nvim.keys(key).await;
        nvim.loses("looking").await;
        nvim.lua(
            "_G.fake.asked[1].part(_G.fake.suggestions[2]) _G.fake.asked[1].answer() \
             vim.cmd.redraw()",
        )
        .await;
        let screen = nvim.screen();
        assert_eq!(screen.contains("Contradiction"), shows, "{key}\n{screen}");
        assert!(!screen.contains("Gap"), "{key}\n{screen}");
        assert_eq!(text(&nvim).await, super::TEXT, "{key}");
        assert_eq!(
            nvim.lua("return _G.fake.asked[1].cancelled").await,
            true,
            "{key}"
        );
        nvim.quit().await;
    }
}

#[tokio::test]
async fn the_key_that_comes_while_the_editor_is_at_work_cancels_too() {
    let nvim = faked(100, 24).await;
    nvim.lua("_G.fake.held = true").await;
    nvim.command("Prompt suggest").await;
    nvim.sees("looking (<C-c> cancels)").await;
    // Typed while Lua runs, it is no key for Neovim but an interruption.
    nvim.lua("vim.api.nvim_input('<C-c>')").await;
    nvim.loses("looking").await;
    nvim.sees("Suggestions").await;
    assert_eq!(nvim.lua("return _G.fake.asked[1].cancelled").await, true);
    nvim.quit().await;
}

#[tokio::test]
async fn the_old_list_stays_until_something_new_is_there() {
    let nvim = reviewing(80, 24).await;
    nvim.lua("_G.fake.held = true").await;
    nvim.keys("r").await;
    nvim.sees("looking (<C-c> cancels)").await;
    nvim.sees("Contradiction").await;
    nvim.lua("_G.fake.asked[2].part(_G.fake.suggestions[2])")
        .await;
    nvim.loses("Contradiction").await;
    nvim.lua("_G.fake.asked[2].answer()").await;
    nvim.sees("Suggestions · local · 1").await;
    nvim.quit().await;
}

#[tokio::test]
async fn enter_goes_to_the_place_and_commands_act_from_there() {
    let nvim = reviewing(80, 24).await;
    nvim.keys("jj<CR>").await;
    assert_eq!(
        nvim.lua("return { vim.api.nvim_get_current_buf(), vim.fn.line('.') }")
            .await,
        json!([1, 4])
    );
    nvim.command("Prompt next-suggestion").await;
    nvim.sees("▌■ Formatting").await;
    nvim.command("Prompt prev-suggestion").await;
    nvim.sees("▌● Clarity").await;
    nvim.command("Prompt dismiss").await;
    nvim.sees("Suggestions · local · 4").await;
    assert_eq!(nvim.lua("return vim.api.nvim_get_current_buf()").await, 1);
    nvim.command("Prompt suggest").await;
    nvim.keys("q").await;
    nvim.command("Prompt accept").await;
    nvim.sees("no suggestion is shown (:Prompt suggest)").await;
    assert_eq!(text(&nvim).await, super::TEXT);
    nvim.quit().await;
}

#[tokio::test]
async fn a_place_out_of_sight_is_brought_into_sight_above_the_float() {
    let nvim = faked(80, 24).await;
    nvim.lua(
        "local lines = {} for i = 1, 200 do lines[i] = 'line ' .. i end\n\
         vim.api.nvim_buf_set_lines(0, 0, -1, true, lines)\n\
         local function at(row) return { kind = 'clarity', title = 't', description = 'd' .. row, by = 'local', first = row, last = row, edits = {} } end\n\
         _G.fake.suggestions = { at(0), at(14), at(150) }",
    )
    .await;
    nvim.command("Prompt suggest").await;
    nvim.sees("Suggestions · local · 3").await;
    for line in ["line 15", "line 151"] {
        nvim.keys("j").await;
        nvim.sees(line).await;
    }
    nvim.quit().await;
}

#[tokio::test]
async fn leaving_the_text_closes_it() {
    let nvim = reviewing(120, 40).await;
    nvim.keys("<C-w>p").await;
    nvim.command("enew").await;
    nvim.loses("Suggestions").await;
    nvim.quit().await;
}

#[tokio::test]
async fn q_in_the_last_window_of_the_text_ends_neovim() {
    let nvim = reviewing(120, 40).await;
    nvim.keys("<C-w>p").await;
    // Neovim hangs up instead of answering.
    let _ = nvim.api.input(":q!<CR>").await;
    assert_eq!(nvim.ended().await, Some(0));
}

#[tokio::test]
async fn what_can_not_be_reviewed_is_refused_with_the_reason() {
    let nvim = faked(80, 24).await;
    nvim.command("setlocal nomodifiable").await;
    nvim.command("Prompt suggest").await;
    nvim.sees("suggestions need a text that can be changed")
        .await;
    nvim.command("enew").await;
    nvim.command("Prompt suggest").await;
    nvim.sees("there is nothing to look through yet").await;
    assert_eq!(asked(&nvim).await, 0);
    nvim.quit().await;
}

#[tokio::test]
async fn a_buffer_becomes_a_composition_and_goes_with_its_review() {
    let nvim = reviewing(120, 40).await;
    nvim.holds("return require('promptstack.composition.keeper').get(1) ~= nil")
        .await;
    nvim.command("bwipeout! 1").await;
    nvim.loses("Suggestions").await;
    nvim.quit().await;
}

#[tokio::test]
async fn plain_letters_stand_for_icons() {
    let nvim = faked(80, 24).await;
    nvim.lua("require('promptstack').setup({ ui = { icons = false } })")
        .await;
    nvim.command("Prompt suggest").await;
    nvim.sees(">! Contradiction").await;
    nvim.keys("a").await;
    let screen = nvim.sees("applied").await;
    assert!(
        !screen.contains('✓') || screen.contains("saved ✓"),
        "{screen}"
    );
    nvim.quit().await;
}

#[tokio::test]
async fn findings_of_the_checks_are_diagnostics_while_the_panel_is_open() {
    let nvim = reviewing(120, 40).await;
    let found = "return vim.tbl_map(function(d) return { d.lnum, d.col, d.end_col, d.severity, d.code } end, vim.diagnostic.get(1))";
    assert_eq!(
        nvim.lua(found).await,
        json!([
            [1, 0, 24, 2, "contradiction"],
            [3, 0, 11, 4, "vague"],
            [4, 0, 0, 2, "blank-lines"]
        ])
    );
    nvim.keys("d").await;
    assert_eq!(
        nvim.lua("return #vim.diagnostic.get(1)").await,
        2,
        "dismissed"
    );
    nvim.keys("ja").await;
    assert_eq!(
        nvim.lua("return #vim.diagnostic.get(1)").await,
        1,
        "accepted"
    );
    nvim.keys("q").await;
    assert_eq!(nvim.lua("return #vim.diagnostic.get(1)").await, 0, "closed");
    nvim.quit().await;
}

#[tokio::test]
async fn it_opens_from_insert_mode_with_its_keys_at_hand() {
    let nvim = faked(80, 24).await;
    nvim.lua("vim.keymap.set('i', '<C-g>', '<Plug>(promptstack-suggest)')")
        .await;
    nvim.keys("i<C-g>").await;
    nvim.sees("Suggestions · local · 5").await;
    assert_eq!(nvim.mode().await, "n");
    nvim.keys("a").await;
    assert!(text(&nvim).await.ends_with("use real databases."));
    nvim.quit().await;
}

#[tokio::test]
async fn a_host_that_ends_meanwhile_is_told_once_and_the_next_one_is_asked() {
    let nvim = Nvim::start(&[]).await;
    nvim.keys("iWrite something.<Esc>").await;
    nvim.command("Prompt attach").await;
    nvim.holds("return require('promptstack.host').state() == 'ready'")
        .await;
    let pid = nvim
        .lua("return vim.fn.jobpid(require('promptstack.host').channel())")
        .await;
    let pid = pid.as_i64().expect("a process id");
    crate::host::stop(pid);
    nvim.command("Prompt suggest").await;
    nvim.sees("looking (<C-c> cancels)").await;
    crate::host::signal(pid, "-KILL");
    nvim.sees("no answer: the host ended").await;
    let told = nvim.lua("return vim.fn.execute('messages')").await;
    let told = told.as_str().expect("messages");
    assert_eq!(told.matches("the host ended").count(), 1, "{told}");
    nvim.keys("r").await;
    nvim.sees("Suggestions · local").await;
    nvim.quit().await;
}

#[tokio::test]
async fn a_file_that_is_read_again_is_asked_about_again() {
    let nvim = faked(80, 24).await;
    nvim.command("silent write text.md").await;
    nvim.command("Prompt suggest").await;
    nvim.sees("Suggestions · local · 5").await;
    nvim.keys("<CR>").await;
    nvim.command("edit!").await;
    nvim.loses("Suggestions").await;
    nvim.command("Prompt suggest").await;
    nvim.sees("Suggestions · local · 5").await;
    assert_eq!(asked(&nvim).await, 2);
    nvim.keys("a").await;
    assert!(text(&nvim).await.ends_with("use real databases."));
    nvim.quit().await;
}
