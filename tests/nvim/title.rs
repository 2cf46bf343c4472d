//! Compositions that get a name: by hand, or as a model that a server on loopback plays proposes it.

use std::fs;
use std::path::{Path, PathBuf};

use crate::claude;
use crate::composition::{SAVED, below, history, kept, written};
use crate::host::{PID, signal};
use crate::provider_server::{Act, ProviderServer};
use crate::support::{Nvim, Options};

/// The front matter's line with the name, of each file of the history.
fn names(stack: &Path) -> Vec<Option<String>> {
    let files = below(stack, "data/.history", "md").into_iter();
    let name = |(_, text): (_, String)| {
        let lines = text.lines().take_while(|line| !line.is_empty());
        let mut lines = lines.map(str::to_owned);
        lines.find_map(|line| line.strip_prefix("name: ").map(str::to_owned))
    };
    files.map(name).collect()
}

/// Waits until the composition in the current buffer has a name and is on the disk with it.
async fn is_named(nvim: &Nvim, name: &str) {
    nvim.holds(&kept(&format!("k.name == {name:?} and {SAVED}")))
        .await;
    let expected = Some(format!("{name:?}"));
    assert!(names(&nvim.stack()).contains(&expected), "{name}");
}

/// The files below a folder that hold a text.
fn holding(folder: &Path, text: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("a folder");
    let found = entries.flat_map(|entry| {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            return holding(&path, text);
        }
        let bytes = fs::read(&path).unwrap_or_default();
        let holds = String::from_utf8_lossy(&bytes).contains(text);
        Vec::from_iter(holds.then_some(path))
    });
    found.collect()
}

/// Waits until these words were said.
async fn said(nvim: &Nvim, words: &str) {
    nvim.holds(&format!(
        "return vim.fn.execute('messages'):gsub('%s+', ' '):find({words:?}, 1, true) ~= nil"
    ))
    .await;
}

/// An editor with a composition that a server may be asked about.
async fn asking(server: &ProviderServer, more: &str) -> Nvim {
    let nvim = Nvim::start(&[]).await;
    fs::create_dir_all(nvim.stack()).expect("a folder");
    let config = format!(
        "version: 1\nai_provider: claude\nclaude_api_key: sk-test-0123456789\nclaude_base_url: {}\n{more}",
        server.url()
    );
    fs::write(nvim.stack().join("config.yaml"), config).expect("a file");
    nvim.command("Prompt compose").await;
    nvim.keys("iWrite tests.<Esc>").await;
    nvim.holds(&kept(SAVED)).await;
    nvim
}

const BUFFER: &str = "return vim.api.nvim_buf_get_name(0)";

#[tokio::test]
async fn a_name_is_on_the_disk_at_once_and_a_new_neovim_finds_the_draft_by_it() {
    let nvim = written("Write tests.").await;
    nvim.command("edit other.txt").await;
    nvim.keys("<C-^>").await;
    let before = nvim.lua("return vim.fn.bufnr('#')").await;
    let buffers = "return #vim.api.nvim_list_bufs()";
    let count = nvim.lua(buffers).await;
    nvim.keys(":Prompt title release notes<CR>").await;
    is_named(&nvim, "release notes").await;
    nvim.sees("promptstack: named 'release notes'").await;
    nvim.sees("release notes  saved ✓").await;
    assert_eq!(
        nvim.lua(BUFFER).await,
        "promptstack://compose/release notes"
    );
    // The name of before is left behind nowhere.
    assert_eq!(nvim.lua(buffers).await, count);
    assert_eq!(nvim.lua("return vim.fn.bufnr('#')").await, before);
    assert_eq!(nvim.lua("return vim.bo.modified").await, false);
    nvim.keys(":w<CR>oand more<Esc>").await;
    nvim.holds(&kept(SAVED)).await;
    assert_eq!(history(&nvim)[0].1, "Write tests.\nand more\n");
    nvim.keys(":Prompt title notes<CR>").await;
    is_named(&nvim, "notes").await;
    nvim.keys(":Prompt title release notes<CR>").await;
    is_named(&nvim, "release notes").await;
    nvim.command("Prompt drafts").await;
    nvim.sees("release notes").await;
    nvim.keys("<Esc><Esc>").await;
    let next = Nvim::start(&[]).await;
    // Another Neovim, on the same folder and in the same place.
    let (stack, home) = (nvim.stack(), nvim.home.path().to_owned());
    nvim.lua("vim.cmd.bwipeout()").await;
    let moved = format!("vim.env.PROMPTSTACK_HOME = {stack:?} vim.cmd.cd({home:?})");
    next.lua(&moved).await;
    next.keys(":Prompt compose release notes<CR>").await;
    next.reads("Write tests.\nand more").await;
    next.quit().await;
    nvim.quit().await;
}

#[tokio::test]
async fn a_name_that_another_draft_has_is_refused_and_what_is_no_name_too() {
    let nvim = written("Write tests.").await;
    nvim.keys(":Prompt title taken<CR>").await;
    is_named(&nvim, "taken").await;
    nvim.keys(":Prompt compose<CR>").await;
    nvim.keys("ianother<Esc>").await;
    nvim.holds(&kept(SAVED)).await;
    let name = nvim.lua(BUFFER).await;
    nvim.keys(":Prompt title taken<CR>").await;
    said(
        &nvim,
        "another draft here is named 'taken' (:Prompt compose taken goes on with it",
    )
    .await;
    nvim.keys(&format!(":Prompt title {}<CR>", "x".repeat(101)))
        .await;
    said(
        &nvim,
        "a name has at most 100 characters, and this one has 101",
    )
    .await;
    assert_eq!(nvim.lua(BUFFER).await, name);
    assert_eq!(nvim.lua(&kept("k.name == nil")).await, true);
    let mut names = names(&nvim.stack());
    names.sort();
    assert_eq!(names, [None, Some("\"taken\"".to_owned())]);
    nvim.keys(":Prompt compose taken<CR>").await;
    nvim.reads("Write tests.").await;
    nvim.command("enew").await;
    nvim.keys(":Prompt title x<CR>").await;
    said(
        &nvim,
        "this buffer is no composition (:Prompt attach makes it one)",
    )
    .await;
    nvim.quit().await;
}

#[tokio::test]
async fn a_blank_one_has_its_name_when_it_is_written() {
    let nvim = Nvim::start(&[]).await;
    nvim.command("Prompt compose").await;
    nvim.keys(":Prompt title later<CR>").await;
    nvim.sees("promptstack: named 'later'").await;
    assert_eq!(names(&nvim.stack()), []);
    nvim.keys("itext<Esc>").await;
    is_named(&nvim, "later").await;
    nvim.quit().await;
}

#[tokio::test]
async fn a_long_name_leaves_the_status_in_sight() {
    let nvim = written("text").await;
    for letter in ["x", "漢"] {
        nvim.keys(&format!(":Prompt title {}<CR>", letter.repeat(100)))
            .await;
        nvim.sees(&format!("{letter}…  saved ✓ · 5 chars")).await;
    }
    nvim.quit().await;
}

#[tokio::test]
async fn a_files_buffer_keeps_its_name() {
    let nvim = Nvim::start(&[]).await;
    let file = nvim.home.path().join("plan.md");
    fs::write(&file, "The plan\n").expect("a file");
    nvim.command(&format!("edit {}", file.display())).await;
    nvim.command("Prompt attach").await;
    nvim.keys("onext<Esc>").await;
    nvim.holds(&kept(SAVED)).await;
    let buffer = nvim.lua(BUFFER).await;
    nvim.keys(":Prompt title the plan<CR>").await;
    is_named(&nvim, "the plan").await;
    assert_eq!(nvim.lua(BUFFER).await, buffer);
    assert_eq!(fs::read_to_string(file).expect("text"), "The plan\n");
    nvim.quit().await;
}

#[tokio::test]
async fn a_private_one_is_named_in_the_editor_and_nowhere_else() {
    let server = ProviderServer::say(&claude::answer("Secret plan"));
    let nvim = asking(&server, "").await;
    nvim.keys(":Prompt private<CR>").await;
    nvim.keys("isecret<Esc>").await;
    let buffer = nvim.lua(BUFFER).await;
    nvim.keys(":Prompt title zebrafish<CR>").await;
    nvim.sees("named 'zebrafish', here alone: it is private")
        .await;
    nvim.sees("zebrafish  private, not kept").await;
    // Neovim writes names of buffers into its own files.
    assert_eq!(nvim.lua(BUFFER).await, buffer);
    nvim.keys(":Prompt title<CR>").await;
    nvim.sees("Name: Secret plan").await;
    nvim.keys("<CR>").await;
    nvim.sees("named 'Secret plan', here alone").await;
    nvim.command("Prompt restart").await;
    nvim.holds("return require('promptstack.host').channel() ~= nil")
        .await;
    for text in ["zebrafish", "Secret plan"] {
        assert_eq!(
            holding(&nvim.stack(), text),
            Vec::<PathBuf>::new(),
            "{text}"
        );
    }
    nvim.quit().await;
}

#[tokio::test]
async fn a_host_that_died_in_between_costs_no_name() {
    // It is named while the host is away, and while the next one does not know it yet.
    for saved in [false, true] {
        let nvim = written("before").await;
        let pid = nvim.lua(PID).await.as_i64().expect("a pid");
        signal(pid, "-KILL");
        nvim.holds("return require('promptstack.host').channel() == nil")
            .await;
        if !saved {
            nvim.keys("oafter<Esc>").await;
        }
        nvim.keys(":Prompt title zebrafish<CR>").await;
        is_named(&nvim, "zebrafish").await;
        let texts: Vec<String> = history(&nvim).into_iter().map(|it| it.1).collect();
        let text = if saved { "before\n" } else { "before\nafter\n" };
        assert_eq!(texts, [text]);
        // And with the next host it keeps it.
        let pid = nvim.lua(PID).await.as_i64().expect("a pid");
        signal(pid, "-KILL");
        nvim.keys("olast<Esc>").await;
        nvim.holds(&kept(SAVED)).await;
        assert_eq!(names(&nvim.stack()), [Some("\"zebrafish\"".to_owned())]);
        nvim.quit().await;
    }
}

#[tokio::test]
async fn one_that_is_named_while_it_is_opened_has_its_name() {
    let nvim = Nvim::start(&[]).await;
    nvim.lua(
        "vim.cmd('Prompt compose')\n\
         vim.api.nvim_buf_set_lines(0, 0, -1, true, { 'text' })\n\
         vim.cmd('Prompt title at once')",
    )
    .await;
    is_named(&nvim, "at once").await;
    // The host is told to open it under no name, says of the naming that it is not open, and then that it is.
    nvim.lua(
        "local rpc = require('promptstack.rpc.contract')\n\
         local open = rpc.composition_open\n\
         rpc.composition_open = function(params, done)\n\
           return open(params, function(...)\n\
             local reply = { ... }\n\
             _G.go_on = function() done(unpack(reply)) end\n\
           end)\n\
         end\n\
         vim.cmd('Prompt compose')\n\
         rpc.composition_rename = function(params, done)\n\
           done(nil, { name = params.name })\n\
           rpc.composition_open = open\n\
           _G.go_on()\n\
         end",
    )
    .await;
    nvim.holds("return _G.go_on ~= nil").await;
    nvim.keys("itext<Esc>:Prompt title zebrafish<CR>").await;
    is_named(&nvim, "zebrafish").await;
    nvim.quit().await;
}

#[tokio::test]
async fn what_the_provider_lets_one_wait_for_is_seen() {
    let busy = b"HTTP/1.1 429 Too Many Requests\r\nretry-after: 2\r\ncontent-length: 2\r\n\r\n{}";
    let server = ProviderServer::playing(vec![
        vec![Act::Send(busy.to_vec())],
        vec![Act::Send(claude::answer("Tests first"))],
    ]);
    let nvim = asking(&server, "").await;
    nvim.keys(":Prompt title<CR>").await;
    nvim.sees(" s (<C-c> cancels)").await;
    nvim.sees("Name: Tests first").await;
    nvim.keys("<CR>").await;
    is_named(&nvim, "Tests first").await;
    nvim.quit().await;
}

#[tokio::test]
async fn what_a_model_proposes_is_taken_changed_or_left() {
    for (keys, expected) in [
        ("<CR>", Some("Tests first")),
        (" and last<CR>", Some("Tests first and last")),
        ("<Esc>", None),
        ("<C-c>", None),
    ] {
        let server = ProviderServer::say(&claude::answer("**Tests first.**\n"));
        let nvim = asking(&server, "").await;
        let buffer = nvim.lua(BUFFER).await;
        nvim.keys(":Prompt title<CR>").await;
        nvim.sees("Name: Tests first").await;
        assert_eq!(names(&nvim.stack()), [None], "it only proposes");
        nvim.keys(keys).await;
        match expected {
            Some(name) => is_named(&nvim, name).await,
            None => {
                assert_eq!(nvim.lua(&kept("k.name == nil")).await, true, "{keys}");
                assert_eq!(nvim.lua(BUFFER).await, buffer);
                assert_eq!(names(&nvim.stack()), [None]);
            }
        }
        assert!(server.request().contains("Write tests."));
        nvim.quit().await;
    }
}

#[tokio::test]
async fn a_request_that_is_cancelled_ends_at_the_provider() {
    let server = ProviderServer::start(vec![Act::Send(claude::begin().into_bytes()), Act::Hold]);
    let nvim = asking(&server, "").await;
    nvim.keys(":Prompt title<CR>").await;
    nvim.sees("a model is asked for a name (<C-c> cancels)")
        .await;
    server.request();
    nvim.keys("<C-c>").await;
    server.wait_for_hang_up();
    nvim.loses("a model is asked for a name").await;
    assert_eq!(nvim.lua(&kept("k.name == nil")).await, true);
    nvim.quit().await;
}

#[tokio::test]
async fn a_name_that_comes_late_disturbs_nobody() {
    let late = vec![Act::Gate, Act::Send(claude::answer("Tests first"))];
    for gone in [false, true] {
        let server = ProviderServer::start(late.clone());
        let nvim = asking(&server, "").await;
        nvim.keys(":Prompt title<CR>").await;
        nvim.sees("a model is asked for a name").await;
        nvim.keys(if gone { ":bwipeout!<CR>" } else { "oand more" })
            .await;
        server.open_gate();
        nvim.loses("is asked for a name").await;
        if gone {
            assert!(!nvim.screen().contains("Tests first"), "{}", nvim.screen());
        } else {
            said(
                &nvim,
                "a model proposes 'Tests first' (:Prompt title Tests first takes it)",
            )
            .await;
            nvim.keys(", still<Esc>").await;
            nvim.reads("Write tests.\nand more, still").await;
        }
        nvim.quit().await;
    }
}

#[tokio::test]
async fn what_may_be_dear_waits_for_a_yes_and_without_a_model_both_ways_out_are_said() {
    let server = ProviderServer::say(&claude::answer("Tests first"));
    let nvim = asking(&server, "cost_limits: { confirm_above: 0.0001 }\n").await;
    nvim.keys(":Prompt title<CR>").await;
    nvim.sees("Ask claude-sonnet-5-5? ~").await;
    nvim.keys("2").await;
    assert_eq!(server.requests().len(), 0);
    nvim.keys(":Prompt title<CR>").await;
    nvim.sees("Ask claude-sonnet-5-5? ~").await;
    nvim.keys("1").await;
    nvim.sees("Name: Tests first").await;
    nvim.keys("<CR>").await;
    is_named(&nvim, "Tests first").await;
    nvim.quit().await;
    let nvim = Nvim::with(
        &[],
        Options {
            width: 140,
            ..Options::default()
        },
    )
    .await;
    nvim.command("Prompt compose").await;
    nvim.keys(":Prompt title<CR>").await;
    nvim.sees("there is nothing to name yet").await;
    nvim.keys("itext<Esc>:Prompt title<CR>").await;
    nvim.sees("(:Prompt title {name} gives one, :Prompt setup chooses a model)")
        .await;
    nvim.quit().await;
}
