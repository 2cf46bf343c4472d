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

#[tokio::test]
async fn the_demo_has_something_of_many_kinds_to_mend() {
    let nvim = Nvim::start(&[]).await;
    let script = crate::support::root().join("scripts/demo.lua");
    nvim.command(&format!("luafile {}", script.display())).await;
    nvim.command("doautocmd VimEnter").await;
    nvim.command("Prompt suggest").await;
    nvim.holds(
        "local review = require('promptstack.rpc.contract')\n\
         if not _G.kinds then\n\
           _G.kinds, _G.count = {}, 0\n\
           local buf = vim.tbl_filter(function(it) return vim.bo[it].filetype == 'markdown' end, vim.api.nvim_list_bufs())[1]\n\
           local lines = vim.api.nvim_buf_get_lines(buf, 0, -1, true)\n\
           review.review_suggest({ lines = lines, directory = '.' }, function() _G.is_done = true end, nil,\n\
             function(it) _G.kinds[it.suggestion.kind], _G.count = true, _G.count + 1 end)\n\
         end\n\
         return _G.is_done and _G.count >= 5 and vim.tbl_count(_G.kinds) >= 4",
    )
    .await;
    nvim.quit().await;
}
