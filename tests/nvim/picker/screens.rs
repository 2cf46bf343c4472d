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
    expect![[r#"

        ~ ╭ Prompts ───────────────────────────────────── 1/4 ╮╭ commands/api-doc ─────────────────────────────────╮
        ~ │ > apdoc                                           ││ Generate API documentation                        │
        ~ │▌commands  Generate API documentation              ││ docs, api                                 ~22 tok │
        ~ │                                                   ││ ──────────────────────────────────────────────────│
        ~ │                                                   ││ Generate documentation for                        │
        ~ │                                                   ││ {{text:endpoint_name}} that handles               │
        ~ │                                                   ││ {{list:http_methods}}.                            │
        ~ │                                                   ││                                                   │
        ~ │                                                   ││                                                   │
        ~ │                                                   ││                                                   │
        ~ │                                                   ││                                                   │
        ~ ╰ <C-/> keys · <CR> insert · <Tab> mark ────────────╯╰───────────────────────────────────────────────────╯
        ~
        [No Name]                                                                                   0,1            All
        -- INSERT --                                                                                1,6           All"#]].assert_eq(&screen);
    nvim.quit().await;
}

#[tokio::test]
async fn narrow_the_preview_goes_under_the_list() {
    let nvim = Nvim::with(LIBRARY, size(80, 24)).await;
    let screen = opened(&nvim, "4/4", " tok ").await;
    expect![[r#"

        ~ ╭ Prompts ──────────────────────────────────────────────────────────── 4/4 ╮
        ~ │ >                                                                        │
        ~ │▌commands   Generate API documentation                                    │
        ~ │ commands   ⚠ Old API checklist                                           │
        ~ │ rules      Document as you go                                            │
        ~ │ workflows  Document an endpoint                                          │
        ~ │                                                                          │
        ~ │                                                                          │
        ~ │                                                                          │
        ~ ╰ <C-/> keys · <CR> insert · <Tab> mark · <C-o> new line ──────────────────╯
        ~ ╭ commands/api-doc ────────────────────────────────────────────────────────╮
        ~ │ Generate API documentation                                               │
        ~ │ docs, api                                                        ~22 tok │
        ~ │ ─────────────────────────────────────────────────────────────────────────│
        ~ │ Generate documentation for                                               │
        ~ │ {{text:endpoint_name}} that handles                                      │
        ~ │ {{list:http_methods}}.                                                   │
        ~ │                                                                          │
        ~ │                                                                          │
        ~ │                                                                          │
        ~ ╰──────────────────────────────────────────────────────────────────────────╯
        [No Name]                                                     0,1            All
        -- INSERT --                                                  1,1           All"#]]
    .assert_eq(&screen);
    nvim.quit().await;
}

#[tokio::test]
async fn under_sixty_columns_the_list_stands_alone() {
    let nvim = Nvim::with(LIBRARY, size(56, 14)).await;
    let screen = opened(&nvim, "4/4", "Document as you go").await;
    expect![[r#"
         ╭ Prompts ────────────────────────────────────── 4/4 ╮
        ~│ >                                                  │
        ~│▌commands   Generate API documentation              │
        ~│ commands   ⚠ Old API checklist                     │
        ~│ rules      Document as you go                      │
        ~│ workflows  Document an endpoint                    │
        ~│                                                    │
        ~│                                                    │
        ~│                                                    │
        ~│                                                    │
        ~│                                                    │
        ~│                                                    │
        [╰ <C-/> keys · <CR> insert · <Tab> mark ─────────────╯l
        -- INSERT --                          1,1           All"#]]
    .assert_eq(&screen);
    nvim.quit().await;
}

#[tokio::test]
async fn a_tiny_screen_still_works() {
    let nvim = Nvim::with(LIBRARY, size(20, 6)).await;
    let screen = opened(&nvim, "4/4", "▌Generate").await;
    expect![[r#"
        ╭ Prompts ──── 4/4 ╮
        │ >                │
        │▌Generate API do… │
        │ ⚠ Old API check… │
        ╰ <C-/> keys ──────╯
        -- INSERT 1,1   All"#]]
    .assert_eq(&screen);
    nvim.keys("endpo<CR>").await;
    nvim.sees("What").await;
    nvim.quit().await;
}

#[tokio::test]
async fn no_match_says_so_and_the_way_out() {
    let nvim = Nvim::with(LIBRARY, size(80, 20)).await;
    opened(&nvim, "4/4", " tok ").await;
    nvim.keys("zzzz").await;
    nvim.sees("clears").await;
    nvim.loses(" tok ").await;
    let screen = nvim.screen();
    expect![[r#"

        ~ ╭ Prompts ──────────────────────────────────────────────────────────── 0/4 ╮
        ~ │ > zzzz                                                                   │
        ~ │ no prompt matches “zzzz”; <C-u> clears                                   │
        ~ │                                                                          │
        ~ │                                                                          │
        ~ │                                                                          │
        ~ │                                                                          │
        ~ ╰ <C-/> keys · <CR> insert · <Tab> mark · <C-o> new line ──────────────────╯
        ~ ╭──────────────────────────────────────────────────────────────────────────╮
        ~ │                                                                          │
        ~ │                                                                          │
        ~ │                                                                          │
        ~ │                                                                          │
        ~ │                                                                          │
        ~ │                                                                          │
        ~ │                                                                          │
        ~ ╰──────────────────────────────────────────────────────────────────────────╯
        [No Name]                                                     0,1            All
        -- INSERT --                                                  1,5           All"#]]
    .assert_eq(&screen);
    nvim.keys("<C-u>").await;
    nvim.sees("4/4").await;
    nvim.quit().await;
}

#[tokio::test]
async fn a_prompt_with_an_error_is_marked_and_refused_with_the_place() {
    let nvim = Nvim::with(LIBRARY, size(80, 24)).await;
    opened(&nvim, "4/4", " tok ").await;
    nvim.keys("old").await;
    nvim.sees("again").await;
    nvim.keys("<CR>").await;
    nvim.sees("commands/old.md:").await;
    let screen = nvim.sees("twice").await;
    expect![[r#"

        ~ ╭ Prompts ──────────────────────────────────────────────────────────── 2/4 ╮
        ~ │ > old                                                                    │
        ~ │▌commands   ⚠ Old API checklist                                           │
        ~ │ workflows  Document an endpoint                                          │
        ~ │                                                                          │
        ~ │                                                                          │
        ~ │                                                                          │
        ~ │ ~/stack/prompts/commands/old.md:5:7: placeholder 'endpoint' is defined   │
        ~ │ twice (first at 4:1) (give one of them another name)                     │
        ~ ╰ <C-/> keys · <CR> insert · <Tab> mark · <C-o> new line ──────────────────╯
        ~ ╭ commands/old ────────────────────────────────────────────────────────────╮
        ~ │ Old API checklist                                                        │
        ~ │                                                                  ~12 tok │
        ~ │ ⚠ 5:7 placeholder 'endpoint' is defined twice (first at 4:1) (give one   │
        ~ │ of them another name)                                                    │
        ~ │ ─────────────────────────────────────────────────────────────────────────│
        ~ │ {{text:endpoint}} and                                                    │
        ~ │ again {{text:endpoint}}                                                  │
        ~ │                                                                          │
        ~ │                                                                          │
        ~ ╰──────────────────────────────────────────────────────────────────────────╯
        [No Name]                                                     0,1            All
        -- INSERT --                                                  1,4           All"#]]
    .assert_eq(&screen);
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
    // A use is counted after the answer, away from it.
    nvim.holds(
        "require('promptstack.rpc.contract').library_search({ query = '' }, function(_, reply)\n\
           _G.uses = reply.uses[1]\n\
         end)\n\
         return _G.uses == 2",
    )
    .await;
    let screen = opened(&nvim, "4/4", "×2").await;
    expect![[r#"
         ╭ Prompts ────────────────────────────────────── 4/4 ╮
        ~│ >                                                  │
        ~│▌workflows  Document an endpoint                 ×2 │
        ~│ commands   Generate API documentation              │
        ~│ commands   ⚠ Old API checklist                     │
        ~│ rules      Document as you go                      │
        ~│                                                    │
        ~│                                                    │
        ~│                                                    │
        ~│                                                    │
        [╰ <C-/> keys · <CR> insert · <Tab> mark ─────────────╯l
        -- INSERT --                          1,1           All"#]]
    .assert_eq(&screen);
    nvim.quit().await;
}

#[tokio::test]
async fn titles_of_any_script_or_with_control_characters_keep_the_frame_whole() {
    let library = [
        (
            "cjk",
            "---\ntitle: 付款接口的集成测试生成器与文档整理工具说明书\n---\nx\n",
        ),
        ("emoji", "---\ntitle: 🚀 launch e\u{301}lan\n---\nx\n"),
        ("rtl", "---\ntitle: \"תיעוד של \u{202e}ממשק\"\n---\nx\n"),
        (
            "tab",
            "---\ntitle: \"a\\tb \\e[31mred\\r\\x01 end\"\n---\nx\n",
        ),
    ];
    let nvim = Nvim::with(&library, size(48, 12)).await;
    let screen = opened(&nvim, "4/4", "red").await;
    for line in screen.lines().filter(|line| line.contains('│')) {
        assert!(
            line.ends_with('│') || line.ends_with("│~"),
            "a broken frame: {line:?}\n{screen}"
        );
    }
    expect![[r#"
         ╭ Prompts ────────────────────────────── 4/4 ╮
        ~│ >                                          │
        ~│▌a b [31mred end                            │
        ~│ תיעוד של <202e>ממשק                        │
        ~│ 付款接口的集成测试生成器与文档整理工具说…  │
        ~│ 🚀 launch élan                             │
        ~│                                            │
        ~│                                            │
        ~│                                            │
        ~│                                            │
        [╰ <C-/> keys · <CR> insert · <Tab> mark ─────╯l
        -- INSERT --                  1,1           All"#]]
    .assert_eq(&screen);
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
    let before = "vim.g.promptstack = { ui = { icons = false, border = 'single' }, library = { validate_on_startup = false } }";
    let nvim = Nvim::with(
        LIBRARY,
        Options {
            before,
            ..size(56, 10)
        },
    )
    .await;
    let screen = opened(&nvim, "4/4", "! Old API").await;
    expect![[r#"
         ┌ Prompts ────────────────────────────────────── 4/4 ┐
        ~│ >                                                  │
        ~│>commands   Generate API documentation              │
        ~│ commands   ! Old API checklist                     │
        ~│ rules      Document as you go                      │
        ~│ workflows  Document an endpoint                    │
        ~│                                                    │
        ~│                                                    │
        [└ <C-/> keys · <CR> insert · <Tab> mark ─────────────┘l
        -- INSERT --                          1,1           All"#]]
    .assert_eq(&screen);
    nvim.quit().await;
}
