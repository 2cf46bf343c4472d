//! A placeholder session as a person lives it: inserted text, Tab, typing, undo.

use crate::support::{Nvim, Options};

/// `_G.put(lines, opts)` inserts a text through the plugin's own door, its stops read by the host.
pub const SETUP: &str = "\
    _G.put = function(lines, opts)\n\
      _G.inserted = false\n\
      require('promptstack.rpc.contract').placeholder_parse({ lines = lines }, function(err, reply)\n\
        assert(not err, err and err.message)\n\
        require('promptstack.insert').put({ id = 'test', lines = lines, stops = reply.stops }, opts)\n\
        _G.inserted = true\n\
      end)\n\
    end";

/// A Neovim in which `_G.put` is known.
pub async fn start() -> Nvim {
    start_with(Options::default()).await
}

pub async fn start_with(options: Options) -> Nvim {
    let nvim = Nvim::with(&[], options).await;
    nvim.lua(SETUP).await;
    nvim
}

/// Inserts lines at the cursor and waits until they are there.
pub async fn put(nvim: &Nvim, lines: &[&str]) {
    put_with(nvim, lines, "{}").await;
}

pub async fn put_with(nvim: &Nvim, lines: &[&str], opts: &str) {
    let lines = lines
        .iter()
        .map(|line| format!("{line:?}"))
        .collect::<Vec<_>>()
        .join(", ");
    nvim.lua(&format!("_G.put({{ {lines} }}, {opts})")).await;
    nvim.holds("return _G.inserted").await;
}

/// `current/total`, or nothing without a session.
pub async fn status(nvim: &Nvim) -> String {
    let status = nvim
        .lua(
            "local s = require('promptstack.placeholder').status()\n\
             return s and (s.current .. '/' .. s.total) or ''",
        )
        .await;
    status.as_str().expect("text").to_owned()
}

const THREE: [&str; 2] = ["Write {{text:a}} for {{text:b}},", "then {{text:c=later}}."];

#[tokio::test]
async fn tab_selects_typing_replaces_and_the_place_is_shown() {
    let nvim = start().await;
    nvim.keys("i").await;
    put(&nvim, &THREE).await;
    nvim.sees("1/3 a").await;
    assert_eq!(nvim.mode().await, "s");
    nvim.keys("tests<Tab>the parser").await;
    nvim.reads("Write tests for the parser,\nthen {{text:c=later}}.")
        .await;
    nvim.sees("2/3 b").await;
    nvim.keys("<Tab>").await;
    nvim.sees("3/3 c").await;
    nvim.quit().await;
}

#[tokio::test]
async fn at_the_last_next_wraps_to_the_first_and_back() {
    let nvim = start().await;
    put(&nvim, &THREE).await;
    assert_eq!(status(&nvim).await, "1/3");
    nvim.keys("<S-Tab>").await;
    assert_eq!(status(&nvim).await, "3/3");
    nvim.keys("<Tab>").await;
    assert_eq!(status(&nvim).await, "1/3");
    nvim.keys("i<Esc>").await;
    nvim.quit().await;
}

#[tokio::test]
async fn a_filled_placeholder_stays_a_stop() {
    let nvim = start().await;
    nvim.keys("i").await;
    put(&nvim, &THREE).await;
    nvim.keys("x<Tab>y<S-Tab>").await;
    assert_eq!(status(&nvim).await, "1/3");
    nvim.keys("long").await;
    nvim.reads("Write long for y,\nthen {{text:c=later}}.")
        .await;
    nvim.quit().await;
}

#[tokio::test]
async fn three_fills_from_insert_mode_are_undone_one_by_one_to_the_original_bytes() {
    let nvim = start().await;
    nvim.keys("iab<Esc>i").await;
    put(&nvim, &THREE).await;
    nvim.keys("one<Tab>two<Tab>three<Esc>").await;
    nvim.reads("aWrite one for two,\nthen three.b").await;
    nvim.keys("u").await;
    nvim.reads("aWrite one for two,\nthen {{text:c=later}}.b")
        .await;
    nvim.keys("u").await;
    nvim.reads("aWrite one for {{text:b}},\nthen {{text:c=later}}.b")
        .await;
    nvim.keys("u").await;
    nvim.reads("aWrite {{text:a}} for {{text:b}},\nthen {{text:c=later}}.b")
        .await;
    assert_eq!(status(&nvim).await, "3/3");
    nvim.keys("u").await;
    nvim.reads("ab").await;
    assert_eq!(status(&nvim).await, "");
    nvim.quit().await;
}

#[tokio::test]
async fn three_fills_from_normal_mode_are_undone_one_by_one_and_redone() {
    let nvim = start().await;
    put(&nvim, &THREE).await;
    nvim.keys("ione<Esc><Tab>atwo<Esc><Tab>ithree<Esc>").await;
    nvim.reads("Write one for two,\nthen three.").await;
    nvim.keys("u").await;
    nvim.reads("Write one for two,\nthen {{text:c=later}}.")
        .await;
    nvim.keys("u").await;
    nvim.reads("Write one for {{text:b}},\nthen {{text:c=later}}.")
        .await;
    nvim.keys("u").await;
    nvim.reads("Write {{text:a}} for {{text:b}},\nthen {{text:c=later}}.")
        .await;
    nvim.keys("<C-r><C-r>").await;
    nvim.reads("Write one for two,\nthen {{text:c=later}}.")
        .await;
    // The stops are where their text is, after undo and redo too.
    nvim.keys("gg0<Tab>").await;
    nvim.keys("i<Tab>TWO<Tab>THREE<Tab>ONE<Esc>").await;
    nvim.reads("Write ONE for TWO,\nthen THREE.").await;
    nvim.quit().await;
}

#[tokio::test]
async fn five_letters_and_escape_in_one_input_reach_the_stop_and_its_link() {
    let nvim = start().await;
    nvim.keys("i").await;
    put(&nvim, &["{{text:who}} and {{text:what}}"]).await;
    nvim.keys("<Esc>o").await;
    put(&nvim, &["again {{text:what}}"]).await;
    nvim.keys("<Tab><Tab>hello<Esc>").await;
    nvim.reads("{{text:who}} and hello\nagain hello").await;
    nvim.keys("u").await;
    nvim.reads("{{text:who}} and {{text:what}}\nagain {{text:what}}")
        .await;
    nvim.quit().await;
}

#[tokio::test]
async fn no_register_changes() {
    let nvim = start().await;
    nvim.lua("vim.fn.setreg('\"', 'kept') vim.fn.setreg('-', 'small') vim.o.clipboard = ''")
        .await;
    nvim.keys("i").await;
    put(&nvim, &THREE).await;
    nvim.keys("one<Tab><BS>two<Tab><Esc>").await;
    nvim.keys("ithree<Esc><S-Tab><S-Tab>i<C-o>:let g:x=1<CR><Esc>")
        .await;
    nvim.reads("Write one for two,\nthen three.").await;
    let registers = "return { vim.fn.getreg('\"'), vim.fn.getreg('-'), vim.fn.getreg('1') }";
    assert_eq!(
        nvim.lua(registers).await,
        serde_json::json!(["kept", "small", ""])
    );
    nvim.quit().await;
}
