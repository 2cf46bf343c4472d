//! A continuation of the text at the cursor, by a model that a server on loopback plays.

mod accept;
mod auto;
mod inline;
mod shown;

use std::fs;

use serde_json::{Value, json};

use crate::provider_server::{Act, ProviderServer};
use crate::support::{Nvim, Options};

/// The answer of a model as it is on the wire.
fn answer(text: &str) -> Vec<Act> {
    ended(text, "end_turn")
}

fn ended(text: &str, stop: &str) -> Vec<Act> {
    let usage = json!({ "input_tokens": 25, "output_tokens": 1 });
    let events = [
        json!({ "type": "message_start", "message": { "id": "msg_1", "type": "message", "role": "assistant",
            "model": "claude-sonnet-5-5", "content": [], "stop_reason": null, "usage": usage } }),
        json!({ "type": "content_block_start", "index": 0, "content_block": { "type": "text", "text": "" } }),
        json!({ "type": "content_block_delta", "index": 0, "delta": { "type": "text_delta", "text": text } }),
        json!({ "type": "content_block_stop", "index": 0 }),
        json!({ "type": "message_delta", "delta": { "stop_reason": stop, "stop_sequence": null },
            "usage": { "output_tokens": 15 } }),
        json!({ "type": "message_stop" }),
    ];
    let mut bytes = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n".to_owned();
    for event in events {
        let name = event["type"].as_str().expect("a name");
        bytes += &format!("event: {name}\ndata: {event}\n\n");
    }
    vec![Act::Send(bytes.into_bytes())]
}

/// Keys that a person may have mapped in insert mode.
const KEYS: &str = "for lhs, name in pairs({ ['<C-g>'] = 'complete', ['<C-l>'] = 'ghost-accept', ['<C-f>'] = 'ghost-word',\n\
                      ['<C-b>'] = 'ghost-line', ['<C-t>'] = 'ghost-next', ['<C-k>'] = 'ghost-dismiss' }) do\n\
                      vim.keymap.set({ 'n', 'i' }, lhs, '<Plug>(promptstack-' .. name .. ')')\n\
                    end";

/// Starts an editor that asks the server.
async fn editor(server: &ProviderServer, config: &str, options: Options) -> Nvim {
    let nvim = Nvim::with(&[], options).await;
    fs::create_dir_all(nvim.stack()).expect("a folder");
    let config = format!(
        "version: 1\nai_provider: claude\nclaude_api_key: sk-test-0123456789\nclaude_base_url: {}\n{config}",
        server.url()
    );
    fs::write(nvim.stack().join("config.yaml"), config).expect("a file");
    nvim.lua(KEYS).await;
    nvim
}

/// Starts one with a composition in which `text` was typed, in insert mode.
async fn writing(server: &ProviderServer, text: &str) -> Nvim {
    let nvim = editor(server, "", Options::default()).await;
    nvim.keys(":Prompt compose<CR>i").await;
    nvim.keys(text).await;
    nvim
}

/// Starts one in which continuations come by themselves.
async fn writing_by_itself(server: &ProviderServer, config: &str) -> Nvim {
    let options = Options {
        before: "vim.g.promptstack = { ui = { ghost = true, ghost_delay = 100 } }",
        ..Options::default()
    };
    let nvim = editor(server, config, options).await;
    nvim.keys(":Prompt compose<CR>i").await;
    nvim
}

/// What is shown of a continuation.
async fn shown(nvim: &Nvim) -> Value {
    nvim.lua("return require('promptstack').ghost()").await
}

/// Waits until what is shown of a continuation is this.
async fn shows(nvim: &Nvim, wanted: &str) {
    let wanted = json!(wanted).to_string().replace("\\n", "\n");
    nvim.holds(&format!(
        "return require('promptstack').ghost() == [=[\n{}]=]",
        wanted.trim_matches('"')
    ))
    .await;
}

/// Waits until nothing of one is shown or awaited.
async fn is_gone(nvim: &Nvim) {
    nvim.holds("return not require('promptstack.ghost').is_busy()")
        .await;
}

/// Waits until something was said: in insert mode the mode's name is soon drawn over a message.
async fn said(nvim: &Nvim, words: &str) {
    let code = format!(
        "return vim.fn.execute('messages'):gsub('%s+', ' '):find({words:?}, 1, true) ~= nil"
    );
    nvim.holds(&code).await;
}
