//! What is said to the person: in one line that fits, in whole in a small window, and while something is waited for.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use serde_json::json;

use crate::support::{Nvim, Options};

const HELLO: (&str, &str) = ("hello", "---\ntitle: Say hello\n---\nHello {{text:name}}\n");

#[tokio::test]
async fn a_message_goes_to_a_notify_that_is_a_callable_table() {
    let nvim = Nvim::start(&[]).await;
    nvim.lua("vim.notify = setmetatable({}, { __call = function(_, text) _G.said = text end })")
        .await;
    nvim.command("Prompt nonsense").await;
    let said = nvim.lua("return _G.said").await;
    let said = said.as_str().expect("a message");
    assert!(said.contains("there is no ':Prompt nonsense'"), "{said}");
    nvim.quit().await;
}

#[tokio::test]
async fn a_very_long_message_is_cut_at_once() {
    let nvim = Nvim::start(&[]).await;
    let took = nvim
        .lua(
            "local started = vim.uv.hrtime()\n\
             require('promptstack.notify').warn(('wörd '):rep(20000))\n\
             return (vim.uv.hrtime() - started) / 1e6",
        )
        .await;
    assert!(took.as_f64().expect("milliseconds") < 1000.0, "{took} ms");
    nvim.sees("promptstack: wörd wörd").await;
    nvim.quit().await;
}

#[tokio::test]
async fn messages_that_follow_each_other_stop_nobody() {
    let nvim = Nvim::start(&[]).await;
    nvim.keys(
        ":lua local n = require('promptstack.notify') vim.schedule(function() n.info('one') \
         n.warn('two') n.error({ kind = 'internal', message = 'three' }) end)<CR>",
    )
    .await;
    nvim.sees("promptstack: three").await;
    assert!(!nvim.screen().contains("Press ENTER"), "{}", nvim.screen());
    nvim.keys("itext").await;
    nvim.reads("text").await;
    let said = nvim.lua("return vim.fn.execute('messages')").await;
    for wanted in ["one", "two", "three"] {
        assert!(said.as_str().expect("text").contains(wanted), "{said}");
    }
    nvim.quit().await;
}

/// An editor in which `cargo` is this script.
async fn with_cargo(script: &str) -> Nvim {
    let bin = tempfile::tempdir().expect("a folder").keep();
    let cargo = bin.join("cargo");
    std::fs::write(&cargo, format!("#!/bin/sh\n{script}\n")).expect("a script");
    std::fs::set_permissions(&cargo, std::fs::Permissions::from_mode(0o755)).expect("a mode");
    let path = format!("{}:/usr/bin:/bin", Path::new(&bin).display());
    let options = Options {
        env: vec![("PATH", path)],
        ..Options::default()
    };
    Nvim::with(&[HELLO], options).await
}

#[tokio::test]
async fn a_failed_build_is_told_once_and_stops_nobody() {
    let nvim = with_cargo(
        "for i in 1 2 3 4 5 6 7 8; do echo \"   Compiling crate$i v1\" >&2; done\n\
         echo 'error[E0425]: no such thing' >&2\n\
         echo 'error: could not compile promptstack' >&2\nexit 101",
    )
    .await;
    nvim.keys(":Prompt build<CR>").await;
    // The line holds the cause, the small window the last lines.
    nvim.sees("promptstack: cargo could not build the host")
        .await;
    nvim.sees("error[E0425]: no such thing").await;
    assert!(!nvim.screen().contains("Press ENTER"), "{}", nvim.screen());
    nvim.keys("itext").await;
    nvim.reads("text").await;
    let said = nvim.lua("return vim.fn.execute('messages')").await;
    let said = said.as_str().expect("text");
    assert_eq!(said.matches("could not build").count(), 1, "{said}");
    assert!(!said.contains("E0425"), "{said}");
    nvim.quit().await;
}

#[tokio::test]
async fn a_build_shows_how_it_goes() {
    let nvim = with_cargo("echo '   Compiling serde v1.0.0' >&2\nsleep 1").await;
    nvim.keys(":Prompt build<CR>").await;
    nvim.sees("promptstack: 1 crates compiled, now serde").await;
    nvim.sees("promptstack: the host is built").await;
    nvim.quit().await;
}

#[tokio::test]
async fn whoever_asks_for_a_build_while_one_runs_hears_of_its_end_too() {
    let nvim = with_cargo("sleep 0.3").await;
    nvim.lua(
        "_G.heard = {}\n\
         for i = 1, 3 do require('promptstack').build(function(ok) table.insert(_G.heard, { i, ok }) end) end",
    )
    .await;
    nvim.holds("return #_G.heard == 3").await;
    assert_eq!(
        nvim.lua("return _G.heard").await,
        json!([[1, true], [2, true], [3, true]])
    );
    nvim.quit().await;
}

/// Stops the host in mid-air, once it has said hello.
async fn stopped(nvim: &Nvim) {
    nvim.lua("require('promptstack.rpc.contract').library_complete({ query = '' }, function() _G.up = true end)")
        .await;
    nvim.holds("return _G.up == true").await;
    signal(nvim, "sigstop").await;
    nvim.holds(
        "local stat = io.open(('/proc/%d/stat'):format(vim.fn.jobpid(require('promptstack.host').channel())))\n\
         return stat == nil or stat:read('*a'):match('%) (%a)') == 'T'",
    )
    .await;
}

async fn signal(nvim: &Nvim, name: &str) {
    nvim.lua(&format!(
        "vim.uv.kill(vim.fn.jobpid(require('promptstack.host').channel()), '{name}')"
    ))
    .await;
}

#[tokio::test]
async fn commands_that_wait_for_a_slow_host_show_it() {
    for (command, words, then) in [
        ("Prompt edit hello", "reading hello", "title: Say hello"),
        (
            "Prompt preview hello",
            "reading hello",
            "Hello {{text:name}}",
        ),
        ("Prompt validate", "checking the library", "nothing to mend"),
        (
            "Prompt trust",
            "reading .promptstack.yaml",
            "this project has no",
        ),
    ] {
        let nvim = Nvim::start(&[HELLO]).await;
        nvim.command("set cmdheight=0").await;
        stopped(&nvim).await;
        nvim.keys(&format!(":{command}<CR>")).await;
        nvim.sees(words).await;
        nvim.keys("itext").await;
        nvim.sees("text").await;
        nvim.keys("<Esc>u").await;
        signal(&nvim, "sigcont").await;
        nvim.sees(then).await;
        nvim.loses(words).await;
        nvim.quit().await;
    }
}

#[tokio::test]
async fn a_wait_is_cancelled_with_one_key() {
    let nvim = Nvim::start(&[HELLO]).await;
    stopped(&nvim).await;
    nvim.keys(":Prompt edit hello<CR>").await;
    nvim.sees("reading hello").await;
    nvim.keys("<C-c>").await;
    nvim.loses("reading hello").await;
    signal(&nvim, "sigcont").await;
    nvim.lua(
        "_G.up = false require('promptstack.rpc.contract').library_complete({ query = '' }, function() _G.up = true end)",
    )
    .await;
    nvim.holds("return _G.up == true").await;
    assert_eq!(nvim.lua("return vim.api.nvim_buf_get_name(0)").await, "");
    nvim.quit().await;
}

#[tokio::test]
async fn completion_waits_once_for_a_host_that_stands_still() {
    let nvim = Nvim::start(&[HELLO]).await;
    let complete = async || {
        nvim.lua(
            "local started = vim.uv.hrtime()\n\
             local ids = vim.fn.getcompletion('Prompt insert hel', 'cmdline')\n\
             return { ids, (vim.uv.hrtime() - started) / 1e6 }",
        )
        .await
    };
    assert_eq!(complete().await[0], json!(["hello"]));
    stopped(&nvim).await;
    assert_eq!(complete().await[0], json!(["hello"]));
    for _ in 0..3 {
        let again = complete().await;
        assert_eq!(again[0], json!(["hello"]));
        assert!(again[1].as_f64().expect("milliseconds") < 200.0, "{again}");
    }
    signal(&nvim, "sigcont").await;
    std::fs::write(nvim.stack().join("prompts/help.md"), HELLO.1).expect("a prompt");
    let started = std::time::Instant::now();
    while complete().await[0] != json!(["hello", "help"]) {
        assert!(started.elapsed().as_secs() < 15, "it is asked again");
    }
    nvim.quit().await;
}
