//! What keeps a text from going, and what it waits for.

use expect_test::expect;
use serde_json::json;

use super::{clipboard, composed, put};

/// The lines of a window with a border.
fn framed(screen: &str) -> String {
    let lines = screen.lines().filter(|line| line.contains(['│', '╭', '╰']));
    lines
        .map(|line| {
            let from = line.find(['│', '╭', '╰']).unwrap_or_default();
            let to = line.rfind(['│', '╮', '╯']).unwrap_or_default();
            &line[from..to]
        })
        .collect::<Vec<_>>()
        .join("\n")
}

#[tokio::test]
async fn placeholders_without_a_default_block_with_their_names_and_the_first_is_gone_to() {
    let nvim =
        composed("one {{text:tone=calm}}\n日本 {{text:goal}} and {{list:points}} {{text:goal}}")
            .await;
    nvim.keys(":Prompt copy<CR>").await;
    nvim.sees("not sent, still to be filled: goal, points (:Prompt next")
        .await;
    assert_eq!(clipboard(&nvim).await, "");
    assert_eq!(
        nvim.lua("return vim.api.nvim_win_get_cursor(0)").await,
        json!([2, 7])
    );
    nvim.quit().await;
}

#[tokio::test]
async fn defaults_are_put_in_and_references_expanded() {
    let nvim = composed("be {{text:tone=calm}}\n\n@src/main.rs:2\n\nend").await;
    nvim.keys(":Prompt copy<CR>").await;
    nvim.sees("copied to the clipboard: ~").await;
    expect![[r#"
        be calm

        `src/main.rs:2`
        ```rust
            run();
        ```

        end"#]]
    .assert_eq(&clipboard(&nvim).await);
    // The text itself stays as it is.
    assert_eq!(
        nvim.text().await,
        "be {{text:tone=calm}}\n\n@src/main.rs:2\n\nend"
    );
    nvim.quit().await;
}

#[tokio::test]
async fn a_reference_that_leads_nowhere_blocks_and_its_place_is_gone_to() {
    let nvim = composed("see\n\nthe @src/gone.rs and @src/main.rs:7-9 {{text:x}}").await;
    nvim.keys(":Prompt copy<CR>").await;
    let screen = nvim.sees("Not sent · 3 things to mend").await;
    expect![[r#"
        ╭ Not sent · 3 things to mend ─────────────────────────────────────────────
        │✗ 3:5  there is no file src/gone.rs (paths start at the working directory)
        │✗ 3:22  src/main.rs has only 3 lines                                      
        │✗ 3:39  not filled: x                                                     
        ╰ <CR> go there · q close ─────────────────────────────────────────────────"#]]
    .assert_eq(&framed(&screen));
    nvim.keys("j<CR>").await;
    nvim.loses("Not sent").await;
    assert_eq!(
        nvim.lua("return vim.api.nvim_win_get_cursor(0)").await,
        json!([3, 21])
    );
    assert_eq!(clipboard(&nvim).await, "");
    nvim.quit().await;
}

#[tokio::test]
async fn what_may_be_secret_or_is_hidden_is_shown_and_goes_only_when_confirmed() {
    let nvim = composed(
        "@.env\nzero\u{200b}width\npassword = \"kX9#mQ2$vL7pRt4w\"\nghp_x8Kq2mZ7vN4pT1wY6rB3sD9fG5hJ0aLcEuVi",
    )
    .await;
    nvim.keys(":Prompt copy<CR>").await;
    let screen = nvim
        .sees("to confirm before it goes to the clipboard")
        .await;
    expect![[r#"
        ╭ 4 things to confirm before it goes to the clipboard ─────────────────────
        │▲ 1:1  .env may hold secrets (environment with credentials) (it is left   
        │  out unless you confirm it)                                              
        │▲ 2:5  hidden: U+200B zero width space                                    
        │▲ 3:13  looks like a secret: password or key, kX9#…                       
        │▲ 4:1  looks like a secret: GitHub token, ghp_…                           
        ╰ y send anyway · <CR> go there · q cancel ────────────────────────────────"#]]
    .assert_eq(&framed(&screen));
    nvim.keys("q").await;
    nvim.loses("to confirm before").await;
    assert_eq!(clipboard(&nvim).await, "");
    nvim.keys(":Prompt copy<CR>").await;
    nvim.sees("to confirm before it goes to the clipboard")
        .await;
    nvim.keys("y").await;
    nvim.sees("copied to the clipboard").await;
    let text = clipboard(&nvim).await;
    assert!(text.contains("TOKEN=x"), "{text}");
    assert!(text.contains("zero\u{200b}width"), "{text}");
    nvim.quit().await;
}

#[tokio::test]
async fn what_a_confirmed_file_holds_is_looked_at_before_it_goes() {
    let nvim = composed("@.env").await;
    crate::files::write(
        &nvim,
        &[(
            ".env",
            "A=1\nGITHUB_TOKEN=ghp_x8Kq2mZ7vN4pT1wY6rB3sD9fG5hJ0aLcEuVi\n",
        )],
    );
    nvim.keys(":Prompt copy<CR>").await;
    nvim.sees("1 thing to confirm").await;
    nvim.keys("y").await;
    let screen = nvim.sees(".env:2:").await;
    assert!(screen.contains("GitHub token"), "{screen}");
    assert_eq!(clipboard(&nvim).await, "");
    // Its place is in the file.
    nvim.keys("<CR>").await;
    nvim.holds(
        "return vim.fs.basename(vim.api.nvim_buf_get_name(0)) == '.env' and vim.fn.line('.') == 2",
    )
    .await;
    nvim.quit().await;
}

#[tokio::test]
async fn a_dry_run_shows_what_would_go_with_its_parts_and_sends_nothing() {
    let nvim = composed("Look at @src/main.rs and {{text:goal}}").await;
    nvim.keys(":Prompt send clipboard --dry-run<CR>").await;
    let screen = nvim.sees("fn main() {").await;
    expect![[r#"
        ╭ Would be sent · ~43 tok (0.0%) ──────────────────────────────────────────
        │text         19 tok                                                       
        │src/main.rs  25 tok                                                       
        │✗ 1:26  not filled: goal                                                  
        │──────────────────────────────────────────────────────────────────────────
        │Look at `src/main.rs` and {{text:goal}}                                   
        │                                                                          
        │`src/main.rs`                                                             
        │```rust                                                                   
        │fn main() {                                                               
        │    run();                                                                
        │}                                                                         
        │```                                                                       
        ╰ nothing was sent · q close ──────────────────────────────────────────────"#]]
    .assert_eq(&framed(&screen));
    nvim.keys("q").await;
    nvim.loses("Would be sent").await;
    assert_eq!(clipboard(&nvim).await, "");
    nvim.quit().await;
}

#[tokio::test]
async fn any_buffer_and_any_lines_of_it_can_be_sent() {
    let nvim = composed("").await;
    nvim.command("edit docs/plan.md").await;
    nvim.keys(":4Prompt copy<CR>").await;
    nvim.sees("copied to the clipboard").await;
    assert_eq!(clipboard(&nvim).await, "# Plan");
    put(&nvim, "one\ntwo @src/gone.rs\nthree").await;
    nvim.keys("G:2,3Prompt copy<CR>").await;
    nvim.sees("✗ 2:5  there is no file src/gone.rs").await;
    nvim.keys("<CR>").await;
    assert_eq!(
        nvim.lua("return vim.api.nvim_win_get_cursor(0)").await,
        json!([2, 4])
    );
    nvim.keys(":%d<CR>:Prompt copy<CR>").await;
    nvim.sees("there is nothing to send").await;
    nvim.quit().await;
}

#[tokio::test]
async fn bytes_that_are_no_text_are_told_before_they_are_replaced() {
    let nvim = composed("").await;
    nvim.lua("vim.api.nvim_buf_set_lines(0, 0, -1, true, { 'caf\\233', 'fine' })")
        .await;
    nvim.keys(":Prompt copy<CR>").await;
    nvim.sees("1 line with bytes that are no UTF-8").await;
    nvim.keys("y").await;
    nvim.sees("copied to the clipboard").await;
    assert_eq!(clipboard(&nvim).await, "caf\u{fffd}\nfine");
    nvim.quit().await;
}
