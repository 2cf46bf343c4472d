//! What the picker looks like, whole screens compared.

use expect_test::expect;

use super::{LIBRARY, opened, size};
use crate::support::{Nvim, Options};

#[tokio::test]
async fn wide_the_preview_stands_beside_the_list() {
    let nvim = Nvim::with(LIBRARY, size(110, 16)).await;
    nvim.command("Prompt pick apdoc").await;
    nvim.sees("1/4").await;
    let screen = nvim.sees("http_methods").await;
    expect![[r#""#]].assert_eq(&screen);
    nvim.quit().await;
}

#[tokio::test]
async fn narrow_the_preview_goes_under_the_list() {
    let nvim = Nvim::with(LIBRARY, size(80, 24)).await;
    let screen = opened(&nvim, "4/4", "~").await;
    expect![[r#""#]].assert_eq(&screen);
    nvim.quit().await;
}

#[tokio::test]
async fn under_sixty_columns_the_list_stands_alone() {
    let nvim = Nvim::with(LIBRARY, size(56, 14)).await;
    let screen = opened(&nvim, "4/4", "Document as you go").await;
    expect![[r#""#]].assert_eq(&screen);
    nvim.quit().await;
}

#[tokio::test]
async fn a_tiny_screen_still_works() {
    let nvim = Nvim::with(LIBRARY, size(20, 6)).await;
    let screen = opened(&nvim, "4/4", "Document").await;
    expect![[r#""#]].assert_eq(&screen);
    nvim.keys("endpo<CR>").await;
    nvim.sees("What").await;
    nvim.quit().await;
}

#[tokio::test]
async fn no_match_says_so_and_the_way_out() {
    let nvim = Nvim::with(LIBRARY, size(80, 20)).await;
    opened(&nvim, "4/4", "~").await;
    nvim.keys("zzzz").await;
    let screen = nvim.sees("clears").await;
    expect![[r#""#]].assert_eq(&screen);
    nvim.keys("<C-u>").await;
    nvim.sees("4/4").await;
    nvim.quit().await;
}

#[tokio::test]
async fn a_prompt_with_an_error_is_marked_and_refused_with_the_place() {
    let nvim = Nvim::with(LIBRARY, size(80, 24)).await;
    opened(&nvim, "4/4", "~").await;
    nvim.keys("old").await;
    nvim.sees("1/4").await;
    nvim.sees("again").await;
    nvim.keys("<CR>").await;
    nvim.sees("commands/old.md:").await;
    let screen = nvim.sees("twice").await;
    expect![[r#""#]].assert_eq(&screen);
    nvim.quit().await;
}

#[tokio::test]
async fn use_counts_stand_at_the_right_edge_and_order_the_rows() {
    let nvim = Nvim::with(LIBRARY, size(56, 12)).await;
    for _ in 0..2 {
        nvim.lua(
            "_G.done = false require('promptstack.rpc.contract').library_insert({ id = 'workflows/endpoint' }, \
             function() _G.done = true end)",
        )
        .await;
        nvim.holds("return _G.done").await;
    }
    let screen = opened(&nvim, "4/4", "×2").await;
    expect![[r#""#]].assert_eq(&screen);
    nvim.quit().await;
}

#[tokio::test]
async fn titles_of_any_script_or_with_control_characters_keep_the_frame_whole() {
    let library = [
        ("cjk", "---\ntitle: 付款接口的集成测试生成器与文档整理工具说明书\n---\nx\n"),
        ("emoji", "---\ntitle: 👩‍👩‍👧 family 🚀 launch e\u{301}lan\n---\nx\n"),
        ("rtl", "---\ntitle: \"תיעוד של \u{202e}ממשק\"\n---\nx\n"),
        ("tab", "---\ntitle: \"a\\tb \\e[31mred\\r\\x01 end\"\n---\nx\n"),
    ];
    let nvim = Nvim::with(&library, size(48, 12)).await;
    let screen = opened(&nvim, "4/4", "red").await;
    for line in screen.lines().filter(|line| line.contains('│')) {
        assert!(line.ends_with('│') || line.ends_with("│~"), "a broken frame: {line:?}\n{screen}");
    }
    expect![[r#""#]].assert_eq(&screen);
    nvim.keys("re").await;
    nvim.sees("1/4").await;
    nvim.quit().await;
}

#[tokio::test]
async fn an_empty_library_says_where_prompts_go() {
    let nvim = Nvim::with(&[], size(80, 20)).await;
    nvim.command("Prompt").await;
    nvim.sees("the library is empty").await;
    nvim.sees("put markdown files into ~/stack/prompts").await;
    // And what is put there shows up.
    let folder = nvim.stack().join("prompts");
    std::fs::create_dir_all(&folder).expect("a folder");
    std::fs::write(folder.join("new.md"), "---\ntitle: Brand new\n---\nx\n").expect("a prompt");
    nvim.sees("Brand new").await;
    nvim.quit().await;
}

#[tokio::test]
async fn plain_letters_stand_in_for_icons() {
    let before = "vim.g.promptstack = { ui = { icons = false, border = 'single' } }";
    let nvim = Nvim::with(LIBRARY, Options { before, ..size(56, 10) }).await;
    let screen = opened(&nvim, "4/4", "! Old API").await;
    expect![[r#""#]].assert_eq(&screen);
    nvim.quit().await;
}
