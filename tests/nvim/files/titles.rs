//! The title editor.

use expect_test::expect;
use serde_json::json;

use super::{PROJECT, project, size};
use crate::support::Nvim;

/// Files of which two have the same title.
const TWINS: &[(&str, &str)] = &[
    ("a/README.md", "one\n"),
    ("b/README.md", "two\n"),
    ("c.md", "---\ntitle: Third\n---\n"),
];

/// Marks all rows of a project with three files and opens the title editor.
async fn three(text: &str) -> Nvim {
    let nvim = project(TWINS, size(80, 24)).await;
    nvim.keys(&format!("i{text}<Esc>")).await;
    nvim.keys(":Prompt files<CR>").await;
    nvim.sees("3/3").await;
    nvim.keys("<Tab><Tab><Tab>").await;
    nvim.sees("3 c.md").await;
    nvim.keys("<CR>").await;
    nvim.sees("Link 3 files").await;
    nvim
}

/// The files that stand behind the lines.
async fn behind(nvim: &Nvim) -> serde_json::Value {
    nvim.lua(
        "return vim.tbl_map(function(mark) return vim.trim(mark[4].virt_text[1][1]) end,\n\
         vim.api.nvim_buf_get_extmarks(0, -1, 0, -1, { details = true }))",
    )
    .await
}

#[tokio::test]
async fn titles_are_edited_as_any_text_and_become_links_in_one_undo_step() {
    let nvim = three("see ").await;
    let screen = nvim.screen();
    let lines: Vec<&str> = screen
        .lines()
        .filter(|line| line.contains(['│', '╭', '╰']))
        .map(|line| line.trim_start_matches(['~', ' ']))
        .collect();
    expect![[r#"
        ╭ Link 3 files ──────────────────────────────╮
        │README.md   a/README.md                     │
        │README.md   b/README.md                     │
        │Third   c.md                                │
        │                                            │
        ╰ <CR> insert · dd drop · q cancel · g? keys ╯"#]]
    .assert_eq(&lines.join("\n"));
    nvim.keys("ccFirst [one]<Esc>jdd<CR>").await;
    nvim.reads("see [First \\[one\\]](a/README.md), [Third](c.md)")
        .await;
    assert_eq!(nvim.mode().await, "n");
    nvim.keys("u").await;
    nvim.reads("see ").await;
    nvim.quit().await;
}

#[tokio::test]
async fn moved_lines_keep_their_files_even_with_the_same_title() {
    let nvim = three("").await;
    for (keys, expected) in [
        ("ddp", ["b/README.md", "a/README.md", "c.md"]),
        ("u", ["b/README.md", "a/README.md", "c.md"]),
        (":3move 0<CR>", ["c.md", "b/README.md", "a/README.md"]),
        ("dGu", ["c.md", "b/README.md", "a/README.md"]),
        (":%d<CR>u", ["c.md", "b/README.md", "a/README.md"]),
        ("2ddp", ["a/README.md", "c.md", "b/README.md"]),
    ] {
        nvim.keys(keys).await;
        if keys == "u" {
            // Undoing the put takes the line away, undoing the deletion brings it back.
            nvim.keys("u").await;
            assert_eq!(
                behind(&nvim).await,
                json!(["a/README.md", "b/README.md", "c.md"])
            );
            nvim.keys("<C-r><C-r>").await;
        }
        assert_eq!(behind(&nvim).await, json!(expected), "{keys}");
    }
    nvim.quit().await;
}

#[tokio::test]
async fn a_changed_title_is_that_of_its_file_after_deleting_and_undoing() {
    let nvim = three("").await;
    nvim.keys("cwChanged<Esc>ddjp").await;
    assert_eq!(
        behind(&nvim).await,
        json!(["b/README.md", "c.md", "a/README.md"])
    );
    nvim.keys("uu").await;
    assert_eq!(nvim.lines().await[0], "Changed.md");
    assert_eq!(
        behind(&nvim).await,
        json!(["a/README.md", "b/README.md", "c.md"])
    );
    nvim.quit().await;
}

#[tokio::test]
async fn a_line_that_stands_for_no_file_is_left_out_and_says_so() {
    let nvim = three("").await;
    nvim.keys("oa note<Esc>").await;
    nvim.sees("no file: left out").await;
    nvim.keys("jdd").await;
    nvim.keys("<CR>").await;
    nvim.reads("[README.md](a/README.md)\n[Third](c.md)").await;
    nvim.quit().await;
}

#[tokio::test]
async fn alone_on_a_line_or_a_bullet_each_link_gets_a_line() {
    for (text, expected) in [
        (
            "",
            "[README.md](a/README.md)\n[README.md](b/README.md)\n[Third](c.md)",
        ),
        (
            "- ",
            "- [README.md](a/README.md)\n- [README.md](b/README.md)\n- [Third](c.md)",
        ),
        (
            "see ",
            "see [README.md](a/README.md), [README.md](b/README.md), [Third](c.md)",
        ),
    ] {
        let nvim = three(text).await;
        nvim.keys("<CR>").await;
        nvim.reads(expected).await;
        nvim.keys("u").await;
        nvim.reads(text).await;
        nvim.quit().await;
    }
}

#[tokio::test]
async fn writing_inserts_and_quitting_or_q_cancels() {
    let links = "[README.md](a/README.md), [README.md](b/README.md), [Third](c.md)";
    for (keys, inserts) in [
        (":w<CR>", true),
        (":wq<CR>", true),
        ("ZZ", true),
        ("q", false),
        (":q<CR>", false),
        ("ccmistyped<Esc>:q!<CR>", false),
    ] {
        let nvim = three("x ").await;
        nvim.keys(keys).await;
        nvim.loses("Link 3 files").await;
        let expected = if inserts {
            format!("x {links}")
        } else {
            "x ".to_owned()
        };
        nvim.reads(&expected).await;
        assert_eq!(
            nvim.lua("return #vim.api.nvim_list_wins()").await,
            1,
            "{keys}"
        );
        assert_eq!(nvim.lua("return vim.v.errmsg").await, "", "{keys}");
        nvim.quit().await;
    }
}

#[tokio::test]
async fn from_insert_mode_one_comes_back_to_insert_mode() {
    let nvim = project(PROJECT, size(80, 24)).await;
    for (key, text) in [
        ("<CR>", "see [The plan \\[draft\\]](docs/plan.md)"),
        ("q", "see "),
    ] {
        nvim.keys("<Esc>ccsee <Cmd>Prompt files plan<CR>").await;
        nvim.sees("1/5").await;
        nvim.keys("<CR>").await;
        nvim.sees("Link a file").await;
        assert_eq!(nvim.mode().await, "n");
        nvim.keys(key).await;
        nvim.loses("Link a file").await;
        nvim.reads(text).await;
        nvim.holds("return vim.api.nvim_get_mode().mode == 'i'")
            .await;
        nvim.keys("!").await;
        nvim.reads(&format!("{text}!")).await;
    }
    nvim.quit().await;
}

#[tokio::test]
async fn a_composition_remembers_the_files_that_were_linked_in_it() {
    let nvim = project(PROJECT, size(80, 24)).await;
    nvim.command("Prompt compose").await;
    nvim.keys(":Prompt files plan<CR>").await;
    nvim.sees("1/5").await;
    nvim.keys("<CR>").await;
    nvim.sees("Link a file").await;
    nvim.keys("<CR>").await;
    nvim.reads("[The plan \\[draft\\]](docs/plan.md)").await;
    nvim.sees("saved ✓").await;
    let folder = nvim.stack().join("data/.history");
    let mut entries = std::fs::read_dir(folder).expect("the history");
    let path = entries.next().expect("a file").expect("an entry").path();
    let text = std::fs::read_to_string(path).expect("text");
    assert!(text.contains("files:\n- \"docs/plan.md\"\n"), "{text}");
    nvim.quit().await;
}

#[tokio::test]
async fn when_the_window_is_gone_nothing_is_put_elsewhere() {
    let nvim = three("").await;
    nvim.lua(
        "local origin = vim.fn.win_getid(1)\n\
         vim.cmd.new()\n\
         _G.editor = vim.tbl_filter(function(w) return vim.api.nvim_win_get_config(w).relative ~= '' end, vim.api.nvim_list_wins())[1]\n\
         vim.api.nvim_win_close(origin == vim.api.nvim_get_current_win() and vim.fn.win_getid(2) or origin, true)\n\
         vim.api.nvim_set_current_win(_G.editor)",
    )
    .await;
    nvim.keys("<CR>").await;
    nvim.sees("the links are not inserted").await;
    nvim.quit().await;
}
