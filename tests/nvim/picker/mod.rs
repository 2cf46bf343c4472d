//! The built-in picker, on the screen and under the fingers.

mod keys;
mod layouts;
mod manners;
mod screens;

use std::time::{Duration, Instant};

use crate::support::{Nvim, Options};

/// A library in which everything that a row can show occurs.
pub const LIBRARY: &[(&str, &str)] = &[
    (
        "commands/api-doc",
        "---\ntitle: Generate API documentation\ntags: [docs, api]\n---\nGenerate documentation for\n\
         {{text:endpoint_name}} that handles\n{{list:http_methods}}.\n",
    ),
    (
        "workflows/endpoint",
        "---\ntitle: Document an endpoint\n---\nWhat {{choice:voice=short|long}} text says.\n",
    ),
    (
        "commands/old",
        "---\ntitle: Old API checklist\n---\n{{text:endpoint}} and\nagain {{text:endpoint}}\n",
    ),
    (
        "rules/doc",
        "---\ntitle: Document as you go\n---\nDocument as you go.\n",
    ),
];

/// The size of a screen.
pub fn size(width: i64, height: i64) -> Options {
    Options {
        width,
        height,
        // What is said of the library at the start has a test of its own, and would lie over the picker.
        before: "vim.g.promptstack = { library = { validate_on_startup = false } }",
        ..Options::default()
    }
}

/// Starts an editor whose library requests are answered by `fake.lua`.
pub async fn faked(options: Options) -> Nvim {
    let nvim = Nvim::with(&[], options).await;
    nvim.lua(include_str!("fake.lua")).await;
    nvim
}

/// Opens the picker and waits for its rows and its preview.
pub async fn opened(nvim: &Nvim, rows: &str, preview: &str) -> String {
    nvim.command("Prompt").await;
    nvim.sees(rows).await;
    nvim.sees(preview).await
}

/// Waits until the screen is as wanted.
pub async fn until(nvim: &Nvim, what: &str, wanted: impl Fn(&str) -> bool) {
    let started = Instant::now();
    while !wanted(&nvim.screen()) {
        assert!(
            started.elapsed() < Duration::from_secs(15),
            "waited in vain: {what}\n{}",
            nvim.screen()
        );
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// What is left of a closed picker: windows, buffers, autocommands of ours but for those that last, and maps.
pub async fn leftovers(nvim: &Nvim) -> serde_json::Value {
    nvim.lua(
        "local floats = vim.tbl_filter(function(w) return vim.api.nvim_win_get_config(w).relative ~= '' end, \
           vim.api.nvim_list_wins()) \
         local bufs = vim.tbl_filter(function(b) return vim.bo[b].filetype:find('promptstack') ~= nil end, \
           vim.api.nvim_list_bufs()) \
         local autocmds = #vim.tbl_filter(function(a) \
           if a.group_name == 'promptstack.servers' or a.group_name == 'promptstack.attach' then return false end \
           return (a.group_name or ''):find('promptstack') or (a.event == 'WinClosed' and not a.group) end, \
           vim.api.nvim_get_autocmds({})) \
         local maps = #vim.api.nvim_buf_get_keymap(0, 'n') + #vim.api.nvim_buf_get_keymap(0, 'i') \
         return { #floats, #bufs, autocmds, maps }",
    )
    .await
}
