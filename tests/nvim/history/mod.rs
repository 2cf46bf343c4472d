//! The history, the shelf, the clean-up and the rebuild, on the screen and under the fingers.

mod browser;
mod cleanup;
mod look;
mod real;
mod rebuild;
mod shelf;

use crate::support::{Nvim, Options};

/// The size of a screen, in the middle of a project.
fn size(width: i64, height: i64) -> Options {
    Options {
        width,
        height,
        before: "vim.fn.mkdir(vim.env.HOME .. '/src/payments/.git', 'p') \
                 vim.cmd.cd(vim.env.HOME .. '/src/payments')",
        ..Options::default()
    }
}

/// Starts an editor whose history requests are answered by `fake.lua`.
async fn faked(options: Options) -> Nvim {
    let nvim = Nvim::with(&[], options).await;
    nvim.lua(include_str!("fake.lua")).await;
    nvim
}

/// Opens the history and waits for its rows and its preview.
async fn opened(nvim: &Nvim) -> String {
    nvim.command("Prompt history").await;
    nvim.sees("4/4").await;
    nvim.sees("files: src/main.rs").await;
    drawn(nvim).await
}

/// The screen with all that is to be drawn: what is drawn comes before the answer.
async fn drawn(nvim: &Nvim) -> String {
    nvim.lua("vim.cmd.redraw() return true").await;
    nvim.screen()
}

/// How often a request was made.
async fn asked(nvim: &Nvim, name: &str) -> u64 {
    let code = format!(
        "return #vim.tbl_filter(function(call) return call.name == '{name}' end, _G.fake.asked)"
    );
    nvim.lua(&code).await.as_u64().expect("a number")
}
