//! The review of a composition: the panel, the text as it would be, what is accepted.

mod accept;
mod fetch;
mod model;
mod panel;
mod preview;
mod real;

use crate::support::{Nvim, Options};

/// The text that `fake.lua` writes and makes suggestions for.
const TEXT: &str = "Write integration tests for the payment API.\nAlways mock the network.\n\n\
                    Be thorough, and etc.\n\nNever use mocks.";

const PROMPT: (&str, &str) = (
    "workflows/tests",
    "---\ntitle: Tests\n---\nTest {{text:what}} well.\n",
);

/// Starts an editor whose reviews are answered by `fake.lua`.
async fn faked(width: i64, height: i64) -> Nvim {
    let options = Options {
        width,
        height,
        ..Options::default()
    };
    let nvim = Nvim::with(&[PROMPT], options).await;
    nvim.lua(include_str!("fake.lua")).await;
    nvim
}

/// Starts one with the panel open and all suggestions in it; the cursor is in the panel.
async fn reviewing(width: i64, height: i64) -> Nvim {
    let nvim = faked(width, height).await;
    nvim.command("Prompt suggest").await;
    nvim.sees("Suggestions · local · 5").await;
    nvim.lua("vim.cmd.redraw() return true").await;
    nvim
}

/// The text under review, wherever the cursor is.
async fn text(nvim: &Nvim) -> String {
    let text = nvim
        .lua("return table.concat(vim.api.nvim_buf_get_lines(1, 0, -1, true), '\\n')")
        .await;
    text.as_str().expect("a text").to_owned()
}

/// How often suggestions were asked for.
async fn asked(nvim: &Nvim) -> u64 {
    let count = nvim.lua("return #_G.fake.asked").await;
    count.as_u64().expect("a number")
}

/// The rows of the panel's buffer.
async fn rows(nvim: &Nvim) -> String {
    let code = "return table.concat(vim.api.nvim_buf_get_lines(vim.fn.bufnr('promptstack://suggestions'), 0, -1, true), '\\n')";
    let rows = nvim.lua(code).await;
    rows.as_str().expect("a text").to_owned()
}
