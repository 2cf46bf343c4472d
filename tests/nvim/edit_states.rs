//! `promptstack edit`: from whatever the person is doing, and back to it; and which file it is.

use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::symlink;

use serde_json::json;

use crate::edit::KEEP;
use crate::edit_client::Client;
use crate::support::{Nvim, Options};

/// What a program in the terminal of a Neovim prints, started by a shell as `$EDITOR` is.
const PROGRAM: &str = "sh -c '$EDITOR prompt.md && echo got: $(cat prompt.md) || echo failed: $?'";

/// The window in which the person was, its text, cursor and mode.
const WHERE: &str = "return { vim.api.nvim_get_current_win(), vim.fn.getline(1, '$'),\n\
    vim.api.nvim_win_get_cursor(0), vim.fn.mode() }";

async fn with_program(program: &str) -> Nvim {
    // What the client says stands on one line.
    let options = Options {
        width: 160,
        ..Options::default()
    };
    let nvim = Nvim::with(&[], options).await;
    std::fs::write(nvim.home.path().join("prompt.md"), "old\n").expect("a file");
    let editor = format!("{} edit", env!("CARGO_BIN_EXE_promptstack"));
    nvim.lua(&format!("vim.env.EDITOR = {editor:?}")).await;
    nvim.lua(KEEP).await;
    nvim.lua(&format!("vim.cmd.terminal({program:?})")).await;
    nvim.keys("i").await;
    nvim
}

#[tokio::test]
async fn a_program_in_the_terminal_gets_the_text_back() {
    let nvim = with_program(PROGRAM).await;
    nvim.reads("old").await;
    assert_eq!(nvim.mode().await, "n");
    assert_eq!(nvim.lua("return #vim.api.nvim_list_wins()").await, 2);
    let said = "local lines = vim.fn.getbufline(vim.fn.bufnr('^term://'), 1, '$')\n\
                return table.concat(lines):find('waiting for prompt.md in Neovim') ~= nil";
    nvim.holds(said).await;
    nvim.sees(":wq hands prompt.md back, :Prompt abort gives up")
        .await;
    nvim.keys("Sthe new text<Esc>:wq<CR>").await;
    nvim.sees("got: the new text").await;
    nvim.holds("return vim.api.nvim_get_mode().mode == 't'")
        .await;
    nvim.quit().await;
}

#[tokio::test]
async fn a_program_in_the_terminal_hears_of_failure() {
    let nvim = with_program(PROGRAM).await;
    nvim.reads("old").await;
    nvim.keys("Snew<Esc>:w | cq<CR>").await;
    nvim.sees("failed: 1").await;
    assert_eq!(nvim.file("prompt.md"), "old\n");
    nvim.holds("return vim.api.nvim_get_mode().mode == 't'")
        .await;
    nvim.quit().await;
}

#[tokio::test]
async fn git_takes_its_message_from_here() {
    let nvim = with_program(
        "sh -c 'git init -q repo && cd repo && \
         git -c user.name=A -c user.email=a@b commit -q --allow-empty; git --no-pager log'",
    )
    .await;
    nvim.holds("return vim.bo.filetype == 'gitcommit'").await;
    nvim.keys("ggOthe subject<Esc>:x<CR>").await;
    nvim.sees("    the subject").await;
    nvim.quit().await;
}

#[tokio::test]
async fn a_program_that_ends_with_its_terminal_waits_no_longer() {
    let nvim = with_program(PROGRAM).await;
    nvim.reads("old").await;
    nvim.keys("Snew<Esc>").await;
    nvim.command("bwipeout! #").await;
    nvim.holds("return #require('promptstack.edit').waiting() == 0")
        .await;
    nvim.reads("new").await;
    nvim.quit().await;
}

#[tokio::test]
async fn it_opens_from_every_mode_and_leads_back_where_that_can_be() {
    // Keys that lead there, what leaves it again, and the mode that the person is back in.
    for (keys, back) in [
        ("<Esc>", "n"),
        ("a", "i"),
        ("R", "i"),
        ("a<C-o>", "i"),
        ("v", "n"),
        ("V", "n"),
        ("gh", "n"),
        ("d", "n"),
        (":echo", "n"),
        ("/foo", "n"),
        ("a<C-r>=1+", "n"),
        ("q:", "n"),
        ("q:iecho", "n"),
    ] {
        let nvim = Nvim::start(&[]).await;
        nvim.keys("ione two<CR>three<Esc>b").await;
        let before = nvim.lua("return vim.api.nvim_get_current_win()").await;
        nvim.keys(keys).await;
        let client = nvim.edits("prompt.md", "old\n").await;
        nvim.reads("old").await;
        nvim.keys("Snew<Esc>:wq<CR>").await;
        let (code, said) = client.ended().await;
        assert_eq!(
            (code, nvim.file("prompt.md").as_str()),
            (0, "new\n"),
            "{keys}: {said}"
        );
        nvim.holds(&format!("return vim.fn.mode() == '{back}'"))
            .await;
        let after = nvim.lua(WHERE).await;
        assert_eq!(
            (&after[0], &after[1]),
            (&before, &json!(["one two", "three"])),
            "{keys}"
        );
        nvim.quit().await;
    }
}

#[tokio::test]
async fn an_unfinished_command_line_stays_in_its_history() {
    let nvim = Nvim::start(&[]).await;
    nvim.keys(":echo 'unfinished").await;
    let client = nvim.edits("prompt.md", "old\n").await;
    nvim.keys(":x<CR>").await;
    assert_eq!(client.ended().await.0, 0);
    nvim.keys(":<Up><Up>").await;
    nvim.sees(":echo 'unfinished").await;
    nvim.quit().await;
}

#[tokio::test]
async fn somebody_who_types_is_not_interrupted() {
    let nvim = Nvim::start(&[]).await;
    nvim.keys("i").await;
    nvim.lua(
        "_G.typed = {}\n\
         vim.api.nvim_create_autocmd('BufEnter', { callback = function()\n\
           table.insert(_G.typed, #vim.fn.getbufline(1, 1)[1])\n\
         end })",
    )
    .await;
    std::fs::write(nvim.home.path().join("prompt.md"), "old\n").expect("a file");
    let mut client = Client::start(nvim.client(&["prompt.md"]).await);
    client.says("waiting for").await;
    for _ in 0..20 {
        let _ = nvim.api.input("x").await;
        tokio::time::sleep(std::time::Duration::from_millis(30)).await;
    }
    nvim.holds("return #require('promptstack.edit').waiting() == 1")
        .await;
    assert_eq!(nvim.lua("return _G.typed[1]").await, 20);
    assert_eq!(nvim.text().await, "old");
    nvim.quit().await;
}

#[tokio::test]
async fn a_float_does_not_cover_it() {
    let nvim = Nvim::start(&[]).await;
    nvim.lua(
        "local buf = vim.api.nvim_create_buf(false, true)\n\
         local shape = { relative = 'editor', row = 0, col = 0, width = 100, height = 22 }\n\
         vim.api.nvim_open_win(buf, true, shape)\n\
         vim.cmd.terminal('cat') vim.cmd.startinsert()",
    )
    .await;
    nvim.holds("return vim.fn.mode() == 't'").await;
    let before = nvim.lua("return vim.api.nvim_get_current_win()").await;
    let client = nvim.edits("prompt.md", "the text of the file\n").await;
    nvim.sees("the text of the file").await;
    nvim.keys("x:wq<CR>").await;
    assert_eq!(client.ended().await.0, 0);
    nvim.holds("return vim.fn.mode() == 't'").await;
    assert_eq!(
        nvim.lua("return vim.api.nvim_get_current_win()").await,
        before
    );
    assert_eq!(nvim.lua("return #vim.api.nvim_list_tabpages()").await, 1);
    nvim.quit().await;
}

#[tokio::test]
async fn a_window_without_room_or_bound_to_its_buffer_is_left_alone() {
    let nvim = Nvim::start(&[]).await;
    let bound = nvim.lua("return vim.fn.exists('+winfixbuf')").await == 1;
    for setup in ["topleft 20vsplit", "botright 2split", "set winfixbuf"] {
        if setup.contains("winfixbuf") && !bound {
            continue;
        }
        nvim.command(setup).await;
        let client = nvim.edits("prompt.md", "old\n").await;
        nvim.reads("old").await;
        let size =
            "return vim.api.nvim_win_get_width(0) >= 40 and vim.api.nvim_win_get_height(0) >= 5";
        nvim.holds(size).await;
        nvim.keys(":wq<CR>").await;
        assert_eq!(client.ended().await.0, 0, "{setup}");
        nvim.command("set nowinfixbuf | only").await;
        nvim.reads("").await;
    }
    nvim.quit().await;
}

#[tokio::test]
async fn a_file_that_is_open_already_is_shown_where_it_is_and_stays() {
    let nvim = Nvim::start(&[]).await;
    nvim.lua(KEEP).await;
    std::fs::write(nvim.home.path().join("notes.md"), "one\ntwo\n").expect("a file");
    nvim.command("edit notes.md | tabnew").await;
    let client = nvim.opens(&["+2", "notes.md"]).await;
    assert_eq!(nvim.lua("return #vim.api.nvim_list_wins()").await, 2);
    assert_eq!(nvim.lua("return vim.fn.line('.')").await, 2);
    nvim.keys("Snew<Esc>:wq<CR>").await;
    assert_eq!(client.ended().await.0, 0);
    assert_eq!(nvim.file("notes.md"), "one\nnew\n");
    assert_eq!(nvim.lua("return vim.fn.buflisted('notes.md')").await, 1);
    assert_eq!(
        nvim.lua("return vim.bo[vim.fn.bufnr('notes.md')].bufhidden")
            .await,
        ""
    );
    nvim.quit().await;
}

#[tokio::test]
async fn a_file_that_changed_since_it_was_last_open_is_read_again() {
    let nvim = Nvim::start(&[]).await;
    nvim.lua(KEEP).await;
    std::fs::write(nvim.home.path().join("prompt.md"), "first\n").expect("a file");
    nvim.command("edit prompt.md | enew").await;
    let client = nvim.edits("prompt.md", "second, longer\n").await;
    nvim.reads("second, longer").await;
    // Given up by the program: the text is a draft. When it comes again, its own text counts.
    nvim.command("bwipeout! prompt.md").await;
    assert_eq!(client.ended().await.0, 0);
    let client = nvim.edits("prompt.md", "third\n").await;
    nvim.keys("Smine<Esc>").await;
    crate::host::signal(client.pid(), "-TERM");
    assert_eq!(client.ended().await.0, 143);
    nvim.holds("return #require('promptstack.edit').waiting() == 0")
        .await;
    nvim.reads("mine").await;
    let client = nvim.edits("prompt.md", "fourth\n").await;
    nvim.reads("fourth").await;
    assert_eq!(nvim.lua("return _G.kept").await, json!(["mine"]));
    nvim.keys(":wq<CR>").await;
    assert_eq!(client.ended().await.0, 0);
    nvim.quit().await;
}

#[tokio::test]
async fn any_name_will_do() {
    let nvim = Nvim::start(&[]).await;
    std::fs::create_dir(nvim.home.path().join("sub folder")).expect("a folder");
    for name in [
        "with space.md",
        "sub folder/[a]*?.md",
        "%#<cfile>$HOME~`x`.md",
        "quo'te\"s\\.md",
        "-dash.md",
        "ünï→.md",
        "line\nbreak.md",
    ] {
        let client = nvim.opens(&["--", name]).await;
        nvim.keys("inew<Esc>:w<CR>").await;
        assert_eq!(nvim.file(name), "new\n", "{name}");
        nvim.keys(":q<CR>").await;
        assert_eq!(client.ended().await.0, 0, "{name}");
    }
    let name = std::ffi::OsStr::from_bytes(b"not utf8 \xff.md");
    let mut command = nvim.client(&[]).await;
    command.arg(name);
    let client = Client::start(command);
    nvim.holds("return #require('promptstack.edit').waiting() == 1")
        .await;
    nvim.keys("inew<Esc>:wq<CR>").await;
    assert_eq!(client.ended().await.0, 0);
    assert_eq!(
        std::fs::read(nvim.home.path().join(name)).expect("a file"),
        b"new\n"
    );
    nvim.quit().await;
}

#[tokio::test]
async fn a_link_stays_one_and_a_read_only_file_is_not_written() {
    let nvim = Nvim::start(&[]).await;
    let home = nvim.home.path();
    std::fs::write(home.join("target.md"), "old\n").expect("a file");
    symlink("target.md", home.join("link.md")).expect("a link");
    let client = nvim.opens(&["link.md"]).await;
    nvim.keys("Snew<Esc>:wq<CR>").await;
    assert_eq!(client.ended().await.0, 0);
    assert!(home.join("link.md").is_symlink());
    assert_eq!(nvim.file("target.md"), "new\n");
    // Whoever runs this as root may write everything, so the option stands for the mode.
    let mut client = nvim.edits("prompt.md", "old\n").await;
    nvim.command("set readonly").await;
    nvim.keys("Snew<Esc>:wq<CR>").await;
    nvim.holds("return vim.fn.execute('messages'):find('E45') ~= nil")
        .await;
    assert!(client.waits());
    nvim.keys(":q!<CR>").await;
    assert_eq!(client.ended().await.0, 0);
    assert_eq!(nvim.file("prompt.md"), "old\n");
    nvim.quit().await;
}

#[tokio::test]
async fn a_swap_file_stops_nobody_and_is_told_of() {
    let nvim = Nvim::start(&[]).await;
    let swap = nvim.home.path().join("swap");
    std::fs::create_dir(&swap).expect("a folder");
    let set = format!("set updatecount=200 directory={}", swap.display());
    let other = Nvim::start(&[]).await;
    let file = nvim.home.path().join("prompt.md");
    std::fs::write(&file, "old\n").expect("a file");
    other.command(&set).await;
    other
        .command(&format!(
            "edit {} | call setline(1, 'more') | preserve",
            file.display()
        ))
        .await;
    nvim.command(&set).await;
    let client = nvim.opens(&["prompt.md"]).await;
    nvim.reads("old").await;
    let open = format!(
        "this file is also open in another editor (process {})",
        other.pid()
    );
    let told = "return vim.fn.execute('messages')";
    assert!(nvim.lua(told).await.to_string().contains(&open));
    nvim.keys(":q<CR>").await;
    assert_eq!(client.ended().await.0, 0);
    crate::host::signal(other.pid(), "-KILL");
    other.ended().await;
    let client = nvim.opens(&["prompt.md"]).await;
    nvim.reads("old").await;
    let crashed = "an editor that ended unexpectedly left";
    assert!(nvim.lua(told).await.to_string().contains(crashed));
    nvim.keys(":q<CR>").await;
    assert_eq!(client.ended().await.0, 0);
    nvim.quit().await;
}

#[tokio::test]
async fn a_file_that_cannot_be_opened_is_told_of() {
    let nvim = Nvim::start(&[]).await;
    nvim.lua(
        "vim.api.nvim_create_autocmd('BufReadPre', { pattern = 'prompt.md', callback = function()\n\
           vim.cmd('bwipeout! prompt.md')\n\
         end })",
    )
    .await;
    std::fs::write(nvim.home.path().join("prompt.md"), "old\n").expect("a file");
    let (code, said) = Client::start(nvim.client(&["prompt.md"]).await)
        .ended()
        .await;
    assert_eq!(code, 1, "{said}");
    assert!(said.contains("it can't be opened there"), "{said}");
    assert_eq!(
        nvim.lua("return require('promptstack.edit').waiting()")
            .await,
        json!([])
    );
    nvim.quit().await;
}
