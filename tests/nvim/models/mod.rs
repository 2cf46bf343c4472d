//! Models: what they cost, and which one is asked.

mod setup;
mod stats;

use crate::support::{Nvim, Options};

/// The screen with all that is to be drawn.
async fn drawn(nvim: &Nvim) -> String {
    nvim.lua("vim.cmd.redraw() return true").await;
    nvim.screen()
}

fn size(width: i64, height: i64) -> Options {
    Options {
        width,
        height,
        ..Options::default()
    }
}
