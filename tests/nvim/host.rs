//! The host's life as the editor sees it: whatever happens to it, typing goes on and no text is lost.

use std::path::Path;
use std::time::Duration;

use serde_json::json;

use crate::session::{SETUP, put};
use crate::support::{Nvim, Options, root};

const HELLO: (&str, &str) = (
    "hello",
    "---\ntitle: Say hello\n---\nHello {{text:name}}, SECRETWORD\n",
);

/// A call whose outcome is kept in `_G.answer`.
const CALL: &str = "_G.answer = nil\n\
    require('promptstack.rpc.contract').library_get({ id = 'hello' }, function(err, reply)\n\
      _G.answer = { err = err and err.message, hint = err and err.hint, title = reply and reply.title }\n\
    end, { timeout = 1500 })";

pub const PID: &str = "return vim.fn.jobpid(require('promptstack.host').channel())";

async fn answer(nvim: &Nvim) -> serde_json::Value {
    nvim.holds("return _G.answer ~= nil").await;
    nvim.lua("return _G.answer").await
}

async fn ready(nvim: &Nvim) -> i64 {
    nvim.lua(CALL).await;
    assert_eq!(answer(nvim).await, json!({ "title": "Say hello" }));
    nvim.lua(PID).await.as_i64().expect("a pid")
}

pub fn signal(pid: i64, name: &str) {
    let status = std::process::Command::new("kill")
        .args([name, &pid.to_string()])
        .status();
    assert!(status.expect("kill runs").success());
}

/// Stops the host; a thread of its may run on for a moment after `kill`, and answer.
pub fn stop(pid: i64) {
    signal(pid, "-STOP");
    let stands = |thread: std::io::Result<std::fs::DirEntry>| {
        let stat = std::fs::read_to_string(thread.expect("a thread").path().join("stat"));
        let stat = stat.expect("its state");
        let (_, after_name) = stat.rsplit_once(") ").expect("a name in parentheses");
        after_name.starts_with('T')
    };
    let threads = || std::fs::read_dir(format!("/proc/{pid}/task")).expect("threads");
    while !threads().all(stands) {
        std::thread::sleep(std::time::Duration::from_millis(1));
    }
}

/// Attaches the buffer and begins to fill the first of two placeholders.
async fn fill_attached(nvim: &Nvim) {
    nvim.command("Prompt attach").await;
    nvim.lua(SETUP).await;
    nvim.keys("i").await;
    put(nvim, &["{{text:a}} and {{text:b}}"]).await;
    nvim.sees("1/2 a").await;
}

/// Whether as many placeholders are coloured.
const COLOURED: &str = "return #vim.api.nvim_buf_get_extmarks(\
    0, require('promptstack.ui.marks').highlight, 0, -1, {}) == COUNT";

/// Whatever Lua has thrown since the start.
async fn errors(nvim: &Nvim) -> String {
    let said = nvim.lua("return vim.fn.execute('messages')").await;
    let lines = said.as_str().expect("text").lines();
    let thrown =
        |line: &&str| line.contains("Error") || line.contains(".lua:") || line.contains("defect");
    lines.filter(thrown).collect::<Vec<_>>().join("\n")
}

#[tokio::test]
async fn the_host_starts_on_first_use_and_answers() {
    let nvim = Nvim::start(&[HELLO]).await;
    assert_eq!(
        nvim.lua("return package.loaded['promptstack'] == nil")
            .await,
        true
    );
    assert_eq!(
        nvim.lua("return require('promptstack.host').state()").await,
        "stopped"
    );
    ready(&nvim).await;
    nvim.quit().await;
}

#[tokio::test]
async fn a_killed_host_is_started_again_while_typing_goes_on() {
    let nvim = Nvim::start(&[HELLO]).await;
    let pid = ready(&nvim).await;
    fill_attached(&nvim).await;
    nvim.keys("before ").await;
    signal(pid, "-9");
    nvim.keys("after<Tab>two {{text:c}}").await;
    nvim.reads("before after and two {{text:c}}").await;
    let another = "local channel = require('promptstack.host').channel()\n\
                   local ok, pid = pcall(vim.fn.jobpid, channel)\n\
                   return channel ~= nil and ok and pid ~= OLD";
    nvim.holds(&another.replace("OLD", &pid.to_string())).await;
    assert_ne!(ready(&nvim).await, pid);
    // The session lives on, and what was typed meanwhile is coloured by the new host.
    nvim.holds(&COLOURED.replace("COUNT", "1")).await;
    nvim.keys("<Tab>ONE<Esc>").await;
    nvim.reads("ONE and two {{text:c}}").await;
    assert_eq!(errors(&nvim).await, "");
    nvim.quit().await;
}

#[tokio::test]
async fn a_request_that_dies_with_the_host_is_told_so() {
    let nvim = Nvim::start(&[HELLO]).await;
    let pid = ready(&nvim).await;
    stop(pid);
    nvim.lua(&CALL.replace("1500", "15000")).await;
    signal(pid, "-9");
    let answer = answer(&nvim).await;
    let message = answer["err"].as_str().expect("an error");
    assert!(
        message.starts_with("the host ended unexpectedly"),
        "{message}"
    );
    assert_eq!(answer["hint"], "it is being restarted");
    nvim.quit().await;
}

#[tokio::test]
async fn a_stopped_host_blocks_nothing_and_the_way_out_is_named() {
    let nvim = Nvim::start(&[HELLO]).await;
    let pid = ready(&nvim).await;
    fill_attached(&nvim).await;
    stop(pid);
    nvim.lua(CALL).await;
    nvim.keys("typed while<Tab>the host<Tab>it stands still")
        .await;
    nvim.reads("it stands still and the host").await;
    assert_eq!(
        answer(&nvim).await,
        json!({ "err": "the host has not answered 'library.get' in time", "hint": ":Prompt restart" })
    );
    nvim.keys("<Esc>").await;
    nvim.command("Prompt restart").await;
    nvim.holds("return require('promptstack.host').state() == 'ready'")
        .await;
    assert_ne!(ready(&nvim).await, pid);
    nvim.keys("<Tab>iTWO {{list:c}}<Esc>").await;
    nvim.reads("it stands still and TWO {{list:c}}the host")
        .await;
    nvim.holds(&COLOURED.replace("COUNT", "1")).await;
    assert_eq!(errors(&nvim).await, "");
    nvim.quit().await;
}

#[tokio::test]
async fn a_missing_host_is_said_once_with_the_way_to_build_it() {
    let env = vec![("PROMPTSTACK_BIN", "/nonexistent/promptstack".to_owned())];
    let nvim = Nvim::with(
        &[],
        Options {
            env,
            ..Options::default()
        },
    )
    .await;
    nvim.keys(":Prompt attach<CR>").await;
    nvim.sees("promptstack: the host is not built (run :Prompt build")
        .await;
    nvim.keys("<CR>iplain {{text:x}} text<CR>{{list:y}}").await;
    nvim.reads("plain {{text:x}} text\n{{list:y}}").await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    nvim.keys("<Esc>ggdGu").await;
    nvim.reads("plain {{text:x}} text\n{{list:y}}").await;
    assert_eq!(errors(&nvim).await, "");
    let said = nvim.lua("return vim.fn.execute('messages')").await;
    assert_eq!(
        said.as_str().expect("text").matches("is not built").count(),
        1
    );
    nvim.quit().await;
}

#[tokio::test]
async fn a_mismatched_host_says_which_side_is_older() {
    let nvim = Nvim::start(&[HELLO]).await;
    nvim.lua(
        "require('promptstack.rpc.contract'); require('promptstack.rpc.client').speak('99.0.0', '0000')",
    )
    .await;
    nvim.lua(CALL).await;
    let answer = answer(&nvim).await;
    let message = answer["err"].as_str().expect("an error");
    assert!(
        message.ends_with("is older than the plugin (99.0.0)"),
        "{message}"
    );
    assert_eq!(answer["hint"], "run :Prompt build");
    nvim.keys(":Prompt attach<CR>").await;
    nvim.sees("is older than the plugin (99.0.0)").await;
    nvim.keys("<CR>i{{text:x}} text").await;
    nvim.reads("{{text:x}} text").await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    let said = nvim.lua("return vim.fn.execute('messages')").await;
    let said = said.as_str().expect("text");
    assert_eq!(said.matches("is older").count(), 1, "{said}");
    assert_eq!(errors(&nvim).await, "");
    nvim.quit().await;
}

#[tokio::test]
async fn a_host_that_keeps_dying_is_restarted_four_times_then_left_with_a_lasting_notice() {
    let env = vec![("PROMPTSTACK_BIN", "/bin/false".to_owned())];
    let nvim = Nvim::with(
        &[],
        Options {
            env,
            ..Options::default()
        },
    )
    .await;
    // The pauses are recorded and not waited for; the limit for the first answer never runs out.
    nvim.lua(
        "_G.pauses, _G.said = {}, {}\n\
         vim.defer_fn = function(fn, ms)\n\
           if ms ~= 10000 then table.insert(_G.pauses, ms) vim.schedule(fn) end\n\
         end\n\
         vim.notify = function(text, level, opts) table.insert(_G.said, { text, opts.timeout }) end\n\
         require('promptstack.rpc.contract').library_get({ id = 'x' }, function() end)",
    )
    .await;
    nvim.holds("return require('promptstack.host').state() == 'failed'")
        .await;
    assert_eq!(
        nvim.lua("return _G.pauses").await,
        json!([200, 1000, 5000, 15000])
    );
    let said = nvim.lua("return _G.said").await;
    let (text, timeout) = (said[0][0].as_str().expect("text"), &said[0][1]);
    assert!(
        text.contains("ended 5 times in 3 minutes") && text.contains(":Prompt restart"),
        "{text}"
    );
    assert_eq!(timeout, false, "the notice stays");
    nvim.quit().await;
}

#[tokio::test]
async fn a_stray_print_does_not_break_the_channel() {
    // Cargo builds examples only for a test run without a choice of targets.
    let build = ["build", "--locked", "--quiet", "--example", "stray_print"];
    let built = std::process::Command::new(env!("CARGO"))
        .args(build)
        .current_dir(root())
        .status();
    assert!(built.expect("cargo runs").success());
    let program =
        Path::new(env!("CARGO_BIN_EXE_promptstack")).with_file_name("examples/stray_print");
    let env = vec![("PROMPTSTACK_BIN", program.display().to_string())];
    let nvim = Nvim::with(
        &[HELLO],
        Options {
            env,
            ..Options::default()
        },
    )
    .await;
    for _ in 0..20 {
        ready(&nvim).await;
    }
    nvim.quit().await;
}

#[tokio::test]
async fn a_reply_waits_for_the_person_to_leave_a_hit_enter_prompt() {
    let nvim = Nvim::start(&[HELLO]).await;
    ready(&nvim).await;
    nvim.lua(&CALL.replace("_G.answer = nil", "_G.answer = nil _G.asked = true"))
        .await;
    let _ = nvim.api.input(":echo \"one\\ntwo\\nthree\"<CR>").await;
    nvim.sees("Press ENTER").await;
    tokio::time::sleep(Duration::from_millis(50)).await;
    let _ = nvim.api.input("<CR>").await;
    assert_eq!(answer(&nvim).await, json!({ "title": "Say hello" }));
    nvim.quit().await;
}

#[tokio::test]
async fn the_log_never_holds_prompt_text() {
    let nvim = Nvim::start(&[HELLO]).await;
    nvim.lua("require('promptstack').setup({ logging = { level = 'trace' } })")
        .await;
    ready(&nvim).await;
    nvim.command("PromptInsert hello").await;
    nvim.reads("Hello {{text:name}}, SECRETWORD").await;
    nvim.lua(
        "require('promptstack.rpc.contract').placeholder_remember(\
         { key = 'text:name', value = 'SECRETVALUE' }, function() _G.kept = true end)",
    )
    .await;
    nvim.holds("return _G.kept == true").await;
    let log = nvim.stack().join("logs/promptstack.log");
    let text = std::fs::read_to_string(&log).expect("a log");
    assert!(text.contains("library.insert"), "{text}");
    assert!(!text.contains("SECRET"), "{text}");
    for line in text.lines() {
        serde_json::from_str::<serde_json::Value>(line).expect("a JSON line");
    }
    nvim.quit().await;
}

#[tokio::test]
async fn without_cargo_the_build_says_what_is_missing() {
    let env = vec![("PATH", "/nonexistent".to_owned())];
    let nvim = Nvim::with(
        &[],
        Options {
            env,
            ..Options::default()
        },
    )
    .await;
    nvim.keys(":Prompt build<CR>").await;
    nvim.sees("the host is built with cargo, which is not on your PATH")
        .await;
    nvim.quit().await;
}
