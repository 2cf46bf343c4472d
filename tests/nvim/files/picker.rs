//! The file picker.

use expect_test::expect;

use super::{PROJECT, project, size};
use crate::support::{Nvim, Options};

/// The lines of the screen that belong to a window with a border.
fn framed(screen: &str) -> String {
    let lines = screen.lines().filter(|line| line.contains(['│', '╭', '╰']));
    // The home folder has another name each time.
    let cut = lines.map(|line| match line.find(" ─") {
        Some(at) if line.contains("╭ Files") => format!("╭ Files{}", &line[at..]),
        _ => line.to_owned(),
    });
    cut.collect::<Vec<_>>().join("\n")
}

async fn opened(nvim: &Nvim) {
    nvim.keys(":Prompt files<CR>").await;
    nvim.sees("5/5").await;
}

#[tokio::test]
async fn files_are_listed_with_what_may_be_secret_and_a_preview_of_what_is_not() {
    let nvim = project(PROJECT, size(80, 24)).await;
    opened(&nvim).await;
    nvim.keys("plan").await;
    nvim.sees("1/5").await;
    let screen = nvim.sees("title: The plan [draft]").await;
    expect![[r#"
        ╭ Files ───────────────────────────────────────────────────── 1/5 ╮
        ~ │ > plan                                                                   │
        ~ │▌docs/plan.md                                                             │
        ~ │                                                                          │
        ~ │                                                                          │
        ~ │                                                                          │
        ~ │                                                                          │
        ~ │                                                                          │
        ~ │                                                                          │
        ~ ╰ <C-/> keys · <CR> link · <Tab> mark · <C-o> @reference ──────────────────╯
        ~ ╭ docs/plan.md  39 bytes ──────────────────────────────────────────────────╮
        ~ │ ---                                                                      │
        ~ │ title: The plan [draft]                                                  │
        ~ │ ---                                                                      │
        ~ │ # Plan                                                                   │
        ~ │                                                                          │
        ~ │                                                                          │
        ~ │                                                                          │
        ~ │                                                                          │
        ~ │                                                                          │
        ~ ╰──────────────────────────────────────────────────────────────────────────╯"#]]
    .assert_eq(&framed(&screen));
    nvim.keys("<C-u><BS><BS><BS><BS>secr").await;
    let screen = nvim.sees("not shown, it may hold secrets (secrets)").await;
    assert!(screen.contains("▌⚠ secrets.yml"), "{screen}");
    assert!(!screen.contains("password"), "{screen}");
    nvim.quit().await;
}

#[tokio::test]
async fn the_letters_that_matched_are_lit() {
    let nvim = project(PROJECT, size(100, 24)).await;
    opened(&nvim).await;
    nvim.keys("größe").await;
    nvim.sees("1/5").await;
    let lit = nvim
        .lua(
            "local lit = {}\n\
             for _, buf in ipairs(vim.api.nvim_list_bufs()) do\n\
               for _, mark in ipairs(vim.api.nvim_buf_get_extmarks(buf, -1, 0, -1, { details = true })) do\n\
                 if mark[4].hl_group == 'PromptstackMatch' then\n\
                   lit[#lit + 1] = vim.api.nvim_buf_get_text(buf, mark[2], mark[3], mark[2], mark[4].end_col, {})[1]\n\
                 end\n\
               end\n\
             end\n\
             return table.concat(lit)",
        )
        .await;
    assert_eq!(lit, "größe");
    nvim.quit().await;
}

#[tokio::test]
async fn a_path_that_is_too_long_keeps_its_end() {
    let long = "one/very/long/folder/after/another/very/long/folder/name/of/the/file.rs";
    let nvim = project(&[(long, "")], size(60, 24)).await;
    nvim.keys(":Prompt files<CR>").await;
    nvim.sees("/name/of/the/file.rs").await;
    assert!(nvim.screen().contains("▌…/"), "{}", nvim.screen());
    nvim.quit().await;
}

#[tokio::test]
async fn rows_appear_while_the_folder_is_still_read_and_the_best_is_chosen_until_one_moves() {
    let nvim = project(PROJECT, size(80, 24)).await;
    nvim.lua(
        "_G.all, _G.done = { 'domain.rs' }, false\n\
         local rpc = require('promptstack.rpc.contract')\n\
         rpc.files_find = function(params, on_reply)\n\
           vim.schedule(function()\n\
             local none, no = {}, {}\n\
             for i in ipairs(_G.all) do none[i], no[i] = {}, false end\n\
             on_reply(nil, { matching = #_G.all, all = #_G.all, loading = not _G.done, limited = false,\n\
               paths = _G.all, positions = none, secret = no })\n\
           end)\n\
           return function() end\n\
         end",
    )
    .await;
    nvim.keys(":Prompt files<CR>").await;
    nvim.sees("▌domain.rs").await;
    nvim.lua("_G.all = { 'main.rs', 'domain.rs' }").await;
    nvim.sees("▌main.rs").await;
    nvim.keys("<Down>").await;
    nvim.sees("▌domain.rs").await;
    nvim.lua("_G.all = { 'a.rs', 'main.rs', 'domain.rs' }")
        .await;
    nvim.sees("3/3").await;
    nvim.sees("▌domain.rs").await;
    // A spinner says that there may be more.
    nvim.sees("⠙").await;
    nvim.lua("_G.done = true").await;
    nvim.quit().await;
}

#[tokio::test]
async fn marked_files_become_references_in_the_order_marked_apart_from_the_words_beside_them() {
    let nvim = project(PROJECT, size(80, 24)).await;
    nvim.keys("ilookhere<Esc>3h").await;
    opened(&nvim).await;
    nvim.keys("main").await;
    nvim.sees("▌src/main.rs").await;
    nvim.keys("<Tab><BS><BS><BS><BS>file").await;
    nvim.sees("a file.txt").await;
    nvim.keys("<Tab>").await;
    nvim.sees("▌2 a file.txt").await;
    nvim.keys("<C-o>").await;
    nvim.reads("look @src/main.rs @\"a file.txt\" here").await;
    nvim.keys("u").await;
    nvim.reads("lookhere").await;
    nvim.quit().await;
}

#[tokio::test]
async fn from_insert_mode_one_goes_on_writing_behind_what_was_inserted() {
    let nvim = project(PROJECT, size(80, 24)).await;
    nvim.keys("isee <Cmd>Prompt files<CR>").await;
    nvim.sees("5/5").await;
    nvim.keys("main").await;
    nvim.sees("1/5").await;
    nvim.keys("<C-o>").await;
    nvim.reads("see @src/main.rs").await;
    nvim.holds("return vim.api.nvim_get_mode().mode == 'i'")
        .await;
    nvim.keys(", then").await;
    nvim.reads("see @src/main.rs, then").await;
    nvim.quit().await;
}

#[tokio::test]
async fn a_file_that_may_hold_secrets_is_taken_only_when_that_is_said_twice() {
    let nvim = project(PROJECT, size(80, 24)).await;
    opened(&nvim).await;
    nvim.keys("secrets").await;
    nvim.sees("1/5").await;
    nvim.keys("<C-o>").await;
    nvim.sees("may hold secrets: secrets.yml").await;
    nvim.keys("<C-o>").await;
    nvim.reads("@secrets.yml").await;
    nvim.quit().await;
}

#[tokio::test]
async fn files_are_opened_from_the_picker() {
    let nvim = project(PROJECT, size(100, 24)).await;
    opened(&nvim).await;
    nvim.keys("main").await;
    nvim.sees("1/5").await;
    nvim.keys("<C-v>").await;
    nvim.reads("fn main() {\n    run();\n}").await;
    assert_eq!(nvim.lua("return #vim.api.nvim_list_wins()").await, 2);
    assert_eq!(nvim.mode().await, "n");
    nvim.quit().await;
}

#[tokio::test]
async fn an_empty_folder_and_no_match_are_told() {
    let nvim = project(&[], size(80, 24)).await;
    nvim.keys(":Prompt files<CR>").await;
    nvim.sees("there is no file here").await;
    nvim.keys("<C-c>").await;
    super::write(&nvim, PROJECT);
    nvim.keys(":Prompt files zzz<CR>").await;
    nvim.sees("no file matches “zzz”").await;
    nvim.quit().await;
}

#[tokio::test]
async fn in_a_terminal_references_are_pasted() {
    let nvim = project(PROJECT, size(80, 24)).await;
    nvim.command("terminal cat").await;
    nvim.keys("i<C-\\><C-o>:Prompt files<CR>").await;
    nvim.sees("5/5").await;
    nvim.keys("main").await;
    nvim.sees("1/5").await;
    nvim.keys("<C-o>").await;
    nvim.holds(
        "return vim.api.nvim_buf_get_lines(0, 0, 1, false)[1]:find('@src/main.rs', 1, true) ~= nil",
    )
    .await;
    nvim.quit().await;
}

#[tokio::test]
async fn ten_thousands_of_files_are_searched_and_only_some_of_them_fetched() {
    let nvim = project(&[], Options::default()).await;
    let root = nvim.home.path().join("work");
    for folder in 0..100 {
        let folder = root.join(format!("module_{folder}"));
        std::fs::create_dir_all(&folder).expect("a folder");
        for file in 0..100 {
            std::fs::write(folder.join(format!("part_{file}.rs")), "").expect("a file");
        }
    }
    nvim.keys(":Prompt files<CR>").await;
    nvim.sees("10000/10000").await;
    nvim.keys("77part99").await;
    nvim.sees("▌module_77/part_99.rs").await;
    nvim.quit().await;
}
