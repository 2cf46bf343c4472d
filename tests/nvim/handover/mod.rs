//! Handing a text over: what blocks it, what has to be confirmed, where it goes, what becomes of the composition.

mod ask;
mod confirm;
mod shelf;
mod targets;

use crate::files::{PROJECT, project, size};
use crate::support::{Nvim, Options};

/// A clipboard that is a variable.
const CLIPBOARD: &str = "\
    local function copy(lines) _G.clip = table.concat(lines, '\\n') end \
    local function paste() return { vim.split(_G.clip or '', '\\n'), 'v' } end \
    vim.g.clipboard = { name = 'test', copy = { ['+'] = copy, ['*'] = copy }, \
      paste = { ['+'] = paste, ['*'] = paste } }";

/// An editor in a project, with a clipboard, a composition with this text, and what it is sent with.
async fn composed(text: &str) -> Nvim {
    let options = Options {
        before: CLIPBOARD,
        ..size(80, 24)
    };
    let nvim = project(PROJECT, options).await;
    nvim.command("Prompt compose").await;
    put(&nvim, text).await;
    nvim
}

/// Makes this the text of the current buffer.
async fn put(nvim: &Nvim, text: &str) {
    let text = serde_json::to_string(text).expect("JSON");
    nvim.lua(&format!(
        "vim.api.nvim_buf_set_lines(0, 0, -1, true, vim.split(vim.json.decode({text:?}), '\\n'))"
    ))
    .await;
}

/// What is in the clipboard.
async fn clipboard(nvim: &Nvim) -> String {
    let text = nvim.lua("return _G.clip or ''").await;
    text.as_str().expect("text").to_owned()
}
