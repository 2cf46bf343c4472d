//! Compositions: what is written in one is on the disk, whatever happens.

use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::host::{PID, signal, stop};
use crate::support::{Nvim, Options};

/// Runs with the composition of the current buffer as `k`.
pub fn kept(expression: &str) -> String {
    format!(
        "local keepers = require('promptstack.composition.keeper')\n\
         local k = keepers.get(vim.api.nvim_get_current_buf())\n\
         return k ~= nil and ({expression})"
    )
}

pub const SAVED: &str = "keepers.state(k) == 'saved'";

/// The files of the history, with their texts after the front matter.
pub fn history(nvim: &Nvim) -> Vec<(PathBuf, String)> {
    below(&nvim.stack(), "data/.history", "md")
        .into_iter()
        .map(|(path, text)| {
            let body = text.splitn(3, "---\n").nth(2).expect("front matter");
            (path, body.to_owned())
        })
        .collect()
}

pub fn rescued(nvim: &Nvim) -> Vec<(PathBuf, String)> {
    below(&nvim.stack(), "data/rescue", "rescue")
        .into_iter()
        .map(|(path, text)| {
            let body = text.split_once("\n\n").expect("headers").1.to_owned();
            (path, body)
        })
        .collect()
}

/// The files of a kind in a folder below the stack's, with their texts.
pub fn below(stack: &Path, folder: &str, extension: &str) -> Vec<(PathBuf, String)> {
    let Ok(entries) = std::fs::read_dir(stack.join(folder)) else {
        return Vec::new();
    };
    let mut files: Vec<_> = entries
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|e| e == extension))
        .map(|path| (path.clone(), std::fs::read_to_string(path).expect("a file")))
        .collect();
    files.sort();
    files
}

fn texts(nvim: &Nvim) -> Vec<String> {
    history(nvim).into_iter().map(|(_, text)| text).collect()
}

/// Waits, for the disk tells nobody.
async fn until(what: &str, check: impl Fn() -> bool) {
    for _ in 0..1500 {
        if check() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("waited in vain: {what}");
}

/// Begins a composition with a text that is saved.
pub async fn written(text: &str) -> Nvim {
    let nvim = Nvim::start(&[]).await;
    nvim.command("Prompt compose").await;
    nvim.keys(&format!("i{text}<Esc>")).await;
    nvim.holds(&kept(SAVED)).await;
    nvim
}

#[tokio::test]
async fn what_is_typed_is_saved_after_a_pause_without_leaving_insert_mode() {
    let nvim = Nvim::start(&[]).await;
    nvim.command("PromptCompose").await;
    nvim.keys("ihalf a thought").await;
    nvim.holds(&kept(SAVED)).await;
    assert_eq!(nvim.mode().await, "i");
    assert_eq!(texts(&nvim), ["half a thought\n"]);
    nvim.sees("saved ✓").await;
    nvim.keys("<CR>and another").await;
    until("the second text", || {
        texts(&nvim) == ["half a thought\nand another\n"]
    })
    .await;
    nvim.quit().await;
}

#[tokio::test]
async fn leaving_insert_mode_saves_at_once() {
    let nvim = Nvim::with(
        &[],
        Options {
            before: "vim.g.promptstack = { history = { autosave_ms = 10000 } }",
            ..Options::default()
        },
    )
    .await;
    nvim.command("Prompt compose").await;
    nvim.keys("iat once<Esc>").await;
    nvim.holds(&kept(SAVED)).await;
    assert_eq!(texts(&nvim), ["at once\n"]);
    nvim.quit().await;
}

#[tokio::test]
async fn text_outlives_an_editor_that_is_killed_right_after_it_was_typed() {
    let nvim = Nvim::with(
        &[],
        Options {
            before: "vim.g.promptstack = { history = { autosave_ms = 10000 } }",
            ..Options::default()
        },
    )
    .await;
    nvim.command("Prompt compose").await;
    nvim.keys("inot saved yet").await;
    // It has reached the host's memory; no disk is waited for.
    nvim.holds(&kept("k.reply ~= nil and k.reply.chars == 14"))
        .await;
    let pid = nvim
        .lua("return vim.uv.os_getpid()")
        .await
        .as_i64()
        .expect("a pid");
    signal(pid, "-KILL");
    until("the host saves", || texts(&nvim) == ["not saved yet\n"]).await;
}

#[tokio::test]
async fn text_outlives_an_editor_that_is_told_to_end() {
    for name in ["-TERM", "-HUP"] {
        let nvim = Nvim::with(
            &[],
            Options {
                before: "vim.g.promptstack = { history = { autosave_ms = 10000 } }",
                ..Options::default()
            },
        )
        .await;
        nvim.command("Prompt compose").await;
        nvim.keys("isaid goodbye").await;
        nvim.holds(&kept("k.reply ~= nil and k.reply.chars == 13"))
            .await;
        let pid = nvim.lua("return vim.uv.os_getpid()").await;
        signal(pid.as_i64().expect("a pid"), name);
        until("the text is there", || texts(&nvim) == ["said goodbye\n"]).await;
        tokio::time::sleep(Duration::from_millis(300)).await;
        assert_eq!(texts(&nvim), ["said goodbye\n"], "and stays there");
    }
}

#[tokio::test]
async fn a_composition_without_a_name_is_written_by_w_and_quit_by_q() {
    let nvim = written("one").await;
    nvim.keys("otwo<Esc>").await;
    nvim.command("w").await;
    assert_eq!(texts(&nvim), ["one\ntwo\n"]);
    assert_eq!(nvim.lua("return vim.bo.modified").await, false);
    nvim.keys("othree<Esc>:q<CR>").await;
    nvim.holds("return #vim.api.nvim_list_wins() == 1").await;
    until("the third line", || texts(&nvim) == ["one\ntwo\nthree\n"]).await;
    nvim.command("Prompt compose").await;
    nvim.keys("ikept<Esc>").await;
    let other = nvim.home.path().join("other.md");
    nvim.command(&format!("w {}", other.display())).await;
    assert_eq!(std::fs::read_to_string(other).expect("the file"), "kept\n");
    nvim.quit().await;
}

#[tokio::test]
async fn qa_leaves_nothing_behind_unsaved() {
    let nvim = Nvim::start(&[]).await;
    nvim.command("Prompt compose").await;
    nvim.keys("ilast words").await;
    let stack = nvim.stack();
    nvim.keys("<Esc>").await;
    nvim.holds(&kept(SAVED)).await;
    nvim.keys("A!").await;
    let _ = tokio::time::timeout(Duration::from_secs(5), nvim.api.command("qa!")).await;
    let body = || {
        let entries = std::fs::read_dir(stack.join("data/.history")).expect("the history");
        let path = entries
            .map(|entry| entry.expect("an entry").path())
            .find(|path| path.extension().is_some_and(|e| e == "md"));
        std::fs::read_to_string(path.expect("a file")).expect("text")
    };
    until("the last letter", || body().ends_with("last words!\n")).await;
}

#[tokio::test]
async fn a_killed_host_costs_nothing_and_the_next_one_goes_on_with_the_same_file() {
    let nvim = written("before").await;
    let pid = nvim.lua(PID).await.as_i64().expect("a pid");
    signal(pid, "-KILL");
    nvim.holds("return require('promptstack.host').channel() == nil")
        .await;
    nvim.keys("oafter<Esc>").await;
    until("it is saved by the next host", || {
        texts(&nvim) == ["before\nafter\n"]
    })
    .await;
    nvim.holds(&kept(SAVED)).await;
    until("nothing is set aside any more", || {
        rescued(&nvim).is_empty()
    })
    .await;
    nvim.quit().await;
}

#[tokio::test]
async fn while_the_host_is_away_the_text_is_set_aside() {
    let nvim = Nvim::with(
        &[],
        Options {
            env: vec![("PROMPTSTACK_BIN", "/nowhere/promptstack".into())],
            ..Options::default()
        },
    )
    .await;
    nvim.keys(":Prompt compose<CR>").await;
    nvim.keys("ino host at all<Esc>").await;
    until("it is set aside", || {
        rescued(&nvim)
            .iter()
            .map(|(_, text)| text.as_str())
            .eq(["no host at all\n"])
    })
    .await;
    nvim.sees("set aside").await;
    nvim.quit().await;
}

#[tokio::test]
async fn what_was_set_aside_is_taken_in_by_the_next_host() {
    let nvim = Nvim::with(
        &[],
        Options {
            env: vec![("PROMPTSTACK_BIN", "/nowhere/promptstack".into())],
            ..Options::default()
        },
    )
    .await;
    nvim.keys(":Prompt compose<CR>").await;
    nvim.keys("iwritten without a host<Esc>").await;
    until("it is set aside", || rescued(&nvim).len() == 1).await;
    let (path, _) = rescued(&nvim).remove(0);
    let copy = std::fs::read(path).expect("the copy");
    nvim.quit().await;
    let next = Nvim::start(&[]).await;
    let folder = next.stack().join("data/rescue");
    std::fs::create_dir_all(&folder).expect("folders");
    std::fs::write(folder.join("x.rescue"), copy).expect("the copy");
    next.command("Prompt log").await;
    until("it is in the history", || {
        texts(&next) == ["written without a host\n"]
    })
    .await;
    until("nothing is set aside any more", || {
        rescued(&next).is_empty()
    })
    .await;
    next.quit().await;
}

#[tokio::test]
async fn a_host_that_stands_still_does_not_keep_the_text_from_the_disk() {
    let nvim = written("before").await;
    let pid = nvim.lua(PID).await.as_i64().expect("a pid");
    stop(pid);
    nvim.keys("oafter<Esc>").await;
    until("it is set aside", || {
        rescued(&nvim)
            .iter()
            .any(|(_, text)| text == "before\nafter\n")
    })
    .await;
    signal(pid, "-CONT");
    nvim.holds(&kept(SAVED)).await;
    until("nothing is left aside", || rescued(&nvim).is_empty()).await;
    assert_eq!(texts(&nvim), ["before\nafter\n"]);
    nvim.quit().await;
}

#[tokio::test]
async fn a_private_composition_is_nowhere_on_the_disk() {
    let nvim = Nvim::start(&[]).await;
    nvim.command("Prompt private").await;
    nvim.keys("iSECRETWORD<Esc>").await;
    nvim.sees("private").await;
    nvim.holds(&kept("k.reply ~= nil and k.reply.chars == 11"))
        .await;
    nvim.command("w").await;
    let pid = nvim.lua(PID).await.as_i64().expect("a pid");
    signal(pid, "-KILL");
    nvim.holds("return require('promptstack.host').channel() == nil")
        .await;
    nvim.keys("oSECRETWORD<Esc>").await;
    nvim.holds(&kept("k.reply ~= nil and k.reply.chars == 22"))
        .await;
    let found = std::process::Command::new("grep")
        .args(["-rl", "SECRETWORD"])
        .arg(nvim.home.path())
        .output()
        .expect("grep runs");
    assert_eq!(String::from_utf8_lossy(&found.stdout), "");
    nvim.quit().await;
}

#[tokio::test]
async fn a_file_that_another_editor_changed_is_not_overwritten() {
    let nvim = written("mine").await;
    let (path, _) = history(&nvim).remove(0);
    let text = std::fs::read_to_string(&path).expect("text");
    std::fs::write(&path, text.replace("mine", "theirs")).expect("changed underneath");
    nvim.keys("A too<Esc>").await;
    until("both are there", || {
        let mut all = texts(&nvim);
        all.sort();
        all == ["mine too\n", "theirs\n"]
    })
    .await;
    nvim.sees("changed by another editor").await;
    nvim.quit().await;
}

#[tokio::test]
async fn a_named_draft_is_gone_on_with_after_a_restart() {
    let nvim = Nvim::start(&[]).await;
    nvim.command("Prompt compose plan").await;
    nvim.keys("ifirst<Esc>").await;
    nvim.holds(&kept(SAVED)).await;
    nvim.command("bwipeout!").await;
    nvim.command("Prompt restart").await;
    nvim.keys(":Prompt compose plan<CR>").await;
    nvim.reads("first").await;
    nvim.keys("Gosecond<Esc>").await;
    nvim.holds(&kept(SAVED)).await;
    assert_eq!(texts(&nvim), ["first\nsecond\n"]);
    nvim.quit().await;
}

#[tokio::test]
async fn bytes_that_are_no_text_are_kept_as_they_are() {
    let nvim = Nvim::start(&[]).await;
    nvim.command("Prompt compose").await;
    nvim.lua("vim.api.nvim_buf_set_lines(0, 0, -1, true, { 'a\\xff\\xfeb', 'nulhere', 'ä' })")
        .await;
    nvim.keys("2Gfhi<C-v>000<Esc>").await;
    nvim.holds(&kept(SAVED)).await;
    let path = std::fs::read_dir(nvim.stack().join("data/.history"))
        .expect("the history")
        .map(|entry| entry.expect("an entry").path())
        .find(|path| path.extension().is_some_and(|e| e == "md"))
        .expect("a file");
    let bytes = std::fs::read(path).expect("bytes");
    assert!(
        bytes.ends_with(b"---\na\xff\xfeb\nnul\0here\n\xc3\xa4\n"),
        "{bytes:?}"
    );
    nvim.quit().await;
}

#[tokio::test]
async fn a_megabyte_that_is_pasted_is_saved_whole() {
    let nvim = Nvim::start(&[]).await;
    nvim.command("Prompt compose").await;
    nvim.lua(
        "local lines = {}\n\
         for i = 1, 40000 do lines[i] = i .. ' ' .. ('x'):rep(25) end\n\
         vim.api.nvim_buf_set_lines(0, 0, -1, true, lines)",
    )
    .await;
    nvim.holds(&kept(SAVED)).await;
    let text = texts(&nvim).remove(0);
    assert_eq!(text.lines().count(), 40000);
    assert!(text.starts_with("1 x") && text.ends_with(&format!("40000 {}\n", "x".repeat(25))));
    nvim.quit().await;
}

#[tokio::test]
async fn an_attached_file_is_kept_in_the_history_and_never_written() {
    let nvim = Nvim::start(&[]).await;
    let file = nvim.home.path().join("claude-prompt-1234.md");
    std::fs::write(&file, "hello\n").expect("a file");
    nvim.command(&format!("edit {}", file.display())).await;
    nvim.keys("A there<Esc>").await;
    nvim.holds(&kept(SAVED)).await;
    assert_eq!(texts(&nvim), ["hello there\n"]);
    assert_eq!(nvim.lua("return vim.bo.modified").await, true);
    assert_eq!(std::fs::read_to_string(&file).expect("the file"), "hello\n");
    nvim.quit().await;
}

#[tokio::test]
async fn the_status_tells_what_is_saved_and_how_long_it_is() {
    let nvim = written("four words in here").await;
    nvim.holds(
        "return require('promptstack').status() == 'saved ✓ · 19 chars · 1 line · ~4 tok (0.0%)' \
         or require('promptstack').status():match('^saved ✓ · 19 chars · 1 line · ') ~= nil",
    )
    .await;
    nvim.quit().await;
}

#[tokio::test]
async fn only_the_file_that_codex_makes_is_taken_for_one() {
    let nvim = Nvim::start(&[]).await;
    std::fs::create_dir(nvim.home.path().join(".tmpl")).expect("a folder");
    for (name, is_one) in [
        (".tmpaB3_x9.md", true),
        (".tmpl/readme.md", false),
        (".tmpl/ab.md", false),
        (".tmp.md", false),
        (".tmpaB3_x9z.md", false),
    ] {
        nvim.command(&format!("edit {name}")).await;
        assert_eq!(nvim.lua(&kept("true")).await, is_one, "{name}");
    }
    nvim.quit().await;
}

#[tokio::test]
async fn an_empty_one_counts_no_line_break() {
    let nvim = Nvim::start(&[]).await;
    nvim.command("Prompt compose").await;
    nvim.holds("return require('promptstack').status() == 'empty'")
        .await;
    nvim.keys("ihello<Esc>").await;
    nvim.holds(
        "return vim.startswith(require('promptstack').status(), 'saved ✓ · 6 chars · 1 line · ~')",
    )
    .await;
    nvim.quit().await;
}

#[tokio::test]
async fn a_text_that_nobody_changes_is_counted_with_the_vocabulary_too() {
    let nvim = Nvim::start(&[]).await;
    // A quarter of the bytes would be 25.
    nvim.lua(
        "vim.api.nvim_buf_set_lines(0, 0, -1, true, { ('a '):rep(50) })\n\
         require('promptstack').attach()",
    )
    .await;
    nvim.holds(
        "local count = require('promptstack').status():match('~(%d+) tok')\n\
         return count and tonumber(count) > 40",
    )
    .await;
    nvim.quit().await;
}
