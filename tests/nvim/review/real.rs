//! The review with its host and its real checks.

use crate::support::{Nvim, Options};

/// Whether this is the last line of the composition.
fn last(line: &str) -> String {
    format!("return vim.fn.getbufline(vim.fn.bufnr('promptstack://compose'), '$')[1] == '{line}'")
}

#[tokio::test]
async fn without_a_key_a_text_gets_suggestions_of_many_kinds_at_once() {
    let nvim = Nvim::with(
        &[],
        Options {
            width: 120,
            height: 40,
            ..Options::default()
        },
    )
    .await;
    nvim.keys(
        ":Prompt compose<CR>iWrite integration tests for the payment API.<CR>Always mock the network.<CR><CR>\
         Be thorough and handle errors appropriately.<CR><CR>Never use mocks.<CR><CR>\
         Use {{text:framework}}.<CR><CR>1. one<CR>3. two<Esc>",
    )
    .await;
    nvim.keys(":Prompt suggest<CR>").await;
    nvim.sees("Suggestions · local · ").await;
    for shown in [
        "Contradiction",
        "Clarity",
        "Gap",
        "Formatting",
        "lines 2 and 6",
    ] {
        nvim.sees(shown).await;
    }
    nvim.keys("Ga").await;
    nvim.holds(&last("2. two")).await;
    nvim.keys("<C-w>pu").await;
    nvim.holds(&last("3. two")).await;
    nvim.quit().await;
}
