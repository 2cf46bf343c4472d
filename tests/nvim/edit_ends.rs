//! `promptstack edit`: when one of the two sides ends, the other does not wait on, and no text is lost.

use serde_json::json;

use crate::edit::{KEEP, terminal};
use crate::edit_client::Client;
use crate::host::{signal, stop};
use crate::support::Nvim;

const WAITING: &str = "return #require('promptstack.edit').waiting()";

/// Saves to the history go to a file, which is there after Neovim has ended.
async fn keep_in_a_file(nvim: &Nvim) {
    nvim.lua(
        "require('promptstack.composition').keep = function(buf)\n\
           vim.fn.writefile(vim.api.nvim_buf_get_lines(buf, 0, -1, true), 'kept')\n\
         end",
    )
    .await;
}

#[tokio::test]
async fn a_neovim_that_ends_tells_whoever_waits() {
    // What is done, the exit code of the client, the file, what is kept, and what the client says. After a signal
    // Neovim has let go of all text before anybody hears of it: there is what was saved before.
    for (what, code, file, kept, says) in [
        ("qa!", 0, "old\n", Some("new\n"), ""),
        ("wqa", 0, "new\n", None, ""),
        ("w | qa", 0, "new\n", None, ""),
        (
            "lua vim.cmd.cquit()",
            1,
            "old\n",
            Some("new\n"),
            "is left as it was",
        ),
        (
            "w | lua vim.cmd('3cquit')",
            1,
            "old\n",
            Some("new\n"),
            "is left as it was",
        ),
        (
            "-TERM",
            1,
            "old\n",
            None,
            "was ended by a signal (prompt.md is as it was last written",
        ),
        (
            "-HUP",
            1,
            "old\n",
            None,
            "was ended by a signal (prompt.md is as it was last written",
        ),
        (
            "-KILL",
            1,
            "old\n",
            None,
            "is gone without an answer (prompt.md is as it was last written",
        ),
    ] {
        let nvim = Nvim::start(&[]).await;
        keep_in_a_file(&nvim).await;
        let client = nvim.edits("prompt.md", "old\n").await;
        nvim.keys("Snew<Esc>").await;
        match what.starts_with('-') {
            true => signal(nvim.pid(), what),
            false => drop(nvim.api.command(what).await),
        }
        let (ended, said) = client.ended().await;
        let home = nvim.home.path();
        let read = |name: &str| std::fs::read_to_string(home.join(name)).ok();
        assert_eq!(
            (ended, read("prompt.md").as_deref()),
            (code, Some(file)),
            "{what}: {said}"
        );
        assert!(said.contains(says), "{what}: {said}");
        assert_eq!(read("kept").as_deref(), kept, "{what}");
        nvim.ended().await;
    }
}

#[tokio::test]
async fn typed_in_another_window_cquit_ends_neovim_and_the_wait_fails() {
    let nvim = Nvim::start(&[]).await;
    keep_in_a_file(&nvim).await;
    let client = nvim.edits("prompt.md", "old\n").await;
    nvim.keys("Snew<Esc>:w<CR><C-w>k").await;
    let _ = nvim.api.input(":cq 7<CR>").await;
    assert_eq!(client.ended().await.0, 1);
    assert_eq!(nvim.file("prompt.md"), "old\n");
    assert_eq!(nvim.file("kept"), "new\n");
    assert_eq!(nvim.ended().await, Some(7));
}

#[tokio::test]
async fn a_hidden_buffer_is_handed_back_too_when_neovim_ends() {
    let nvim = Nvim::start(&[]).await;
    let client = nvim.edits("prompt.md", "old\n").await;
    nvim.keys("Snew<Esc>:w<CR>:hide<CR>").await;
    let _ = nvim.api.input(":q<CR>").await;
    assert_eq!(client.ended().await.0, 0);
    assert_eq!(nvim.file("prompt.md"), "new\n");
    assert_eq!(nvim.ended().await, Some(0));
}

#[tokio::test]
async fn a_client_that_is_interrupted_leaves_a_draft() {
    for (name, code) in [("-INT", 130), ("-HUP", 129), ("-TERM", 143)] {
        let nvim = terminal().await;
        let client = nvim.edits("prompt.md", "old\n").await;
        nvim.keys("Snew<Esc>").await;
        signal(client.pid(), name);
        let (ended, said) = client.ended().await;
        assert_eq!(ended, code, "{said}");
        assert!(
            said.contains("the wait for prompt.md is given up"),
            "{said}"
        );
        nvim.sees("prompt.md: the wait was given up, the text stays here as a draft")
            .await;
        assert_eq!(nvim.lua(WAITING).await, 0);
        assert_eq!(nvim.text().await, "new");
        assert_eq!(nvim.file("prompt.md"), "old\n");
        // It is an ordinary file now.
        assert_eq!(nvim.lua("return vim.bo.bufhidden").await, "");
        nvim.keys(":wq<CR>").await;
        nvim.holds("return vim.bo.buftype == 'terminal'").await;
        nvim.quit().await;
    }
}

#[tokio::test]
async fn a_client_that_is_killed_is_noticed() {
    let nvim = terminal().await;
    let client = nvim.edits("prompt.md", "old\n").await;
    let mut other = nvim.opens(&["prompt.md"]).await;
    nvim.keys("Snew<Esc>").await;
    signal(client.pid(), "-KILL");
    let one = "return #require('promptstack.edit.waits').list()[1].channels == 1";
    nvim.holds(one).await;
    assert!(other.waits());
    signal(other.pid(), "-KILL");
    nvim.sees("prompt.md: the program that waited is gone, the text stays here as a draft")
        .await;
    assert_eq!(nvim.lua(WAITING).await, 0);
    assert_eq!(nvim.text().await, "new");
    // Nothing is watched while nothing is waited for.
    let watched = "return pcall(vim.api.nvim_get_autocmds, { group = 'promptstack.edit' })";
    assert_eq!(nvim.lua(watched).await, false);
    nvim.quit().await;
}

#[tokio::test]
async fn a_client_that_is_gone_before_the_file_is_open_opens_nothing() {
    let nvim = Nvim::start(&[]).await;
    nvim.keys("ityped").await;
    nvim.lua(
        "local waits = require('promptstack.edit.waits')\n\
         local is_there = waits.is_there\n\
         waits.is_there = function(channel)\n\
           _G.gone = not is_there(channel)\n\
           return not _G.gone\n\
         end",
    )
    .await;
    std::fs::write(nvim.home.path().join("prompt.md"), "old\n").expect("a file");
    let mut client = Client::start(nvim.client(&["prompt.md"]).await);
    client.says("waiting for").await;
    signal(client.pid(), "-KILL");
    nvim.holds("return _G.gone == true").await;
    assert_eq!(
        (nvim.text().await.as_str(), nvim.mode().await.as_str()),
        ("typed", "i")
    );
    assert_eq!(nvim.lua("return #vim.api.nvim_list_wins()").await, 1);
    nvim.quit().await;
}

/// A stand-in for the Neovim that is started when no running one takes the file.
fn instead(nvim: &Nvim) -> (&'static str, String) {
    use std::os::unix::fs::PermissionsExt;
    let script = nvim.home.path().join("instead");
    std::fs::write(&script, "#!/bin/sh\necho \"started: $*\" >&2\nexit 7\n").expect("a file");
    std::fs::set_permissions(&script, std::fs::Permissions::from_mode(0o755)).expect("a mode");
    ("PROMPTSTACK_NVIM", script.display().to_string())
}

#[tokio::test]
async fn a_neovim_that_does_not_answer_is_passed_over_in_words() {
    for blocked in [":echo \"one\\ntwo\\nthree\"<CR>", ""] {
        let nvim = Nvim::start(&[]).await;
        let (name, path) = instead(&nvim);
        let mut command = nvim.client(&["prompt.md"]).await;
        command.env(name, path);
        match blocked.is_empty() {
            true => stop(nvim.pid()),
            false => {
                nvim.keys(blocked).await;
                nvim.sees("Press ENTER").await;
            }
        }
        let (code, said) = Client::start(command).ended().await;
        assert_eq!(code, 7, "{said}");
        let expected = "the Neovim around this terminal does not answer (it waits for a key, is busy or is stopped)";
        assert!(said.contains(expected), "{said}");
        assert!(said.contains("started: -c lua"), "{said}");
        match blocked.is_empty() {
            true => signal(nvim.pid(), "-CONT"),
            false => drop(nvim.api.input("<CR>").await),
        }
        assert_eq!(said.matches("does not answer").count(), 1, "{said}");
        // What it was asked meanwhile is not done afterwards.
        assert_eq!(nvim.lua("return #vim.api.nvim_list_wins()").await, 1);
        assert_eq!(nvim.lua(WAITING).await, 0);
        nvim.quit().await;
    }
}

#[tokio::test]
async fn a_file_comes_when_the_person_has_left_a_hit_enter_prompt() {
    let nvim = Nvim::start(&[]).await;
    nvim.lua(KEEP).await;
    let command = nvim.client(&["prompt.md"]).await;
    std::fs::write(nvim.home.path().join("prompt.md"), "old\n").expect("a file");
    nvim.keys(":echo \"one\\ntwo\\nthree\"<CR>").await;
    nvim.sees("Press ENTER").await;
    let mut client = Client::start(command);
    // Asked, and not answered: the connection is there and the request in its queue.
    tokio::time::sleep(std::time::Duration::from_millis(300)).await;
    assert_eq!(client.said(), "");
    let _ = nvim.api.input("<CR>").await;
    client.says("waiting for prompt.md").await;
    nvim.reads("old").await;
    nvim.keys(":wq<CR>").await;
    assert_eq!(client.ended().await.0, 0);
    assert_eq!(nvim.lua("return _G.kept").await, json!([]));
    nvim.quit().await;
}

#[tokio::test]
async fn what_is_handed_back_leaves_the_shelf_and_what_is_thrown_away_stays_on_it() {
    for (keys, is_draft) in [
        (":wq<CR>", false),
        (":w<CR>:bdelete<CR>", false),
        (":q!<CR>", true),
        (":Prompt abort<CR>", true),
    ] {
        let nvim = Nvim::start(&[]).await;
        let client = nvim.edits("prompt.md", "old\n").await;
        nvim.keys("Snew<Esc>").await;
        nvim.holds("return require('promptstack').status():find('saved') ~= nil")
            .await;
        nvim.keys(keys).await;
        client.ended().await;
        nvim.holds(&format!(
            "_G.asked = _G.asked or 0\n\
             if _G.asked == 0 then\n\
               _G.asked = 1\n\
               require('promptstack.rpc.contract').history_state({{}}, function(_, reply)\n\
                 _G.asked, _G.drafts, _G.count = 0, reply and reply.drafts, reply and reply.count\n\
               end)\n\
             end\n\
             return _G.count == 1 and _G.drafts == {}",
            u8::from(is_draft)
        ))
        .await;
        nvim.quit().await;
    }
}
