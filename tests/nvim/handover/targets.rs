//! Where a text can go.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use serde_json::{Value as Json, json};
use tempfile::TempDir;

use super::{CLIPBOARD, clipboard, composed, put};
use crate::files::{PROJECT, project, size};
use crate::support::{Nvim, Options};

/// A program that shows every byte that it gets at once, as it comes.
const READER: &str = "terminal sh -c 'stty raw -echo opost onlcr; echo ready; exec cat -v'";

/// An editor with readers in terminals below a window with this text.
async fn reading(readers: usize, text: &str) -> Nvim {
    let nvim = project(PROJECT, size(80, 24)).await;
    for _ in 0..readers {
        nvim.command("new").await;
        nvim.command(READER).await;
        nvim.sees("ready").await;
        nvim.command("hide").await;
    }
    put(&nvim, text).await;
    nvim
}

/// What the reader in the nth terminal has shown.
fn shown(number: usize) -> String {
    format!(
        "local bufs = vim.tbl_filter(function(b) return vim.bo[b].buftype == 'terminal' end, vim.api.nvim_list_bufs())\n\
         local text = table.concat(vim.api.nvim_buf_get_lines(bufs[{number}], 0, -1, true), '\\n')\n\
         return (text:gsub('%s*$', ''))"
    )
}

async fn shows(nvim: &Nvim, number: usize, expected: &str) {
    let wanted = serde_json::to_string(expected).expect("JSON");
    nvim.holds(&format!(
        "return (function() {} end)() == vim.json.decode({wanted:?})",
        shown(number)
    ))
    .await;
}

#[tokio::test]
async fn a_terminal_gets_one_bracketed_paste_and_no_enter() {
    let nvim = reading(1, "first line\n日本\nlast").await;
    nvim.keys(":Prompt send terminal<CR>").await;
    nvim.sees("sent to terminal (").await;
    let pasted = "ready\n^[[200~first line\nM-fM-^WM-%M-fM-^\\M-,\nlast^[[201~";
    shows(&nvim, 1, pasted).await;
    // Enter would come by now: it is sent a tenth of a second later, where it is asked for.
    nvim.keys(":Prompt! send terminal<CR>").await;
    shows(
        &nvim,
        1,
        &format!("{pasted}^[[200~first line\nM-fM-^WM-%M-fM-^\\M-,\nlast^[[201~^M"),
    )
    .await;
    nvim.quit().await;
}

#[tokio::test]
async fn nothing_in_the_text_is_a_command_to_the_terminal() {
    let nvim = reading(1, "").await;
    nvim.lua(
        "vim.api.nvim_buf_set_lines(0, 0, -1, true, { 'a\\27[201~rm -rf\\rb', 'c\\3d\\0nul\\127\\194\\155x' })",
    )
    .await;
    nvim.keys(":Prompt send terminal<CR>").await;
    nvim.sees("to confirm").await;
    nvim.keys("y").await;
    nvim.sees("sent to terminal (").await;
    let pictures = |text: &str| {
        // As `cat -v` shows U+241B and its like.
        text.replace('␛', "M-bM-^PM-^[")
            .replace('␍', "M-bM-^PM-^M")
            .replace('␃', "M-bM-^PM-^C")
            .replace('␀', "M-bM-^PM-^@")
            .replace('␡', "M-bM-^PM-!")
            .replace('\u{fffd}', "M-oM-?M-=")
    };
    let expected = pictures("ready\n^[[200~a␛[201~rm -rf␍b\nc␃d␀nul␡\u{fffd}x^[[201~");
    shows(&nvim, 1, &expected).await;
    nvim.quit().await;
}

#[tokio::test]
async fn of_several_terminals_one_is_chosen_and_remembered() {
    let nvim = reading(2, "hello").await;
    nvim.keys(":Prompt send terminal<CR>").await;
    let screen = nvim.sees("Send to").await;
    assert!(screen.contains("1  terminal:"), "{screen}");
    assert!(screen.contains("cat -v"), "{screen}");
    nvim.keys("2").await;
    nvim.loses("Send to").await;
    shows(&nvim, 2, "ready\n^[[200~hello^[[201~").await;
    // Without a name the last one is meant.
    nvim.keys(":Prompt send<CR>").await;
    shows(&nvim, 2, "ready\n^[[200~hello^[[201~^[[200~hello^[[201~").await;
    shows(&nvim, 1, "ready").await;
    // And asked again when it is gone.
    nvim.lua(
        "for _, b in ipairs(vim.api.nvim_list_bufs()) do\n\
           if vim.bo[b].buftype == 'terminal' then vim.api.nvim_buf_delete(b, { force = true }) end\n\
         end",
    )
    .await;
    nvim.keys(":Prompt send<CR>").await;
    let screen = nvim.sees("Send to").await;
    assert!(!screen.contains("terminal:"), "{screen}");
    nvim.keys("q:Prompt send terminal<CR>").await;
    nvim.sees("no terminal runs a program").await;
    nvim.quit().await;
}

#[tokio::test]
async fn a_program_that_has_ended_is_no_target() {
    let nvim = project(PROJECT, size(80, 24)).await;
    nvim.command("terminal true").await;
    nvim.sees("[Process exited 0]").await;
    nvim.command("new").await;
    put(&nvim, "hello").await;
    nvim.keys(":Prompt send terminal<CR>").await;
    nvim.sees("no terminal runs a program").await;
    nvim.quit().await;
}

#[tokio::test]
async fn registers_take_it_and_without_a_clipboard_that_is_said() {
    let options = Options {
        before: "vim.g.loaded_clipboard_provider = 1",
        ..size(80, 24)
    };
    let nvim = project(PROJECT, options).await;
    put(&nvim, "one\ntwo").await;
    nvim.keys(":Prompt send register x<CR>").await;
    nvim.sees("copied to register x").await;
    assert_eq!(
        nvim.lua("return { vim.fn.getreg('x'), vim.fn.getregtype('x') }")
            .await,
        json!(["one\ntwo", "v"])
    );
    nvim.keys(":Prompt copy<CR>").await;
    nvim.sees("there is no clipboard here, copied to register \"")
        .await;
    assert_eq!(nvim.lua("return vim.fn.getreg('\"')").await, "one\ntwo");
    nvim.keys(":Prompt send register<CR>").await;
    nvim.sees("which register?").await;
    nvim.quit().await;
}

/// Starts an editor whose own configuration file names commands.
async fn with_commands() -> Nvim {
    let nvim = Nvim::with(
        &[],
        Options {
            before: CLIPBOARD,
            ..size(80, 24)
        },
    )
    .await;
    let stack = nvim.stack();
    std::fs::create_dir_all(&stack).expect("a folder");
    let commands = "version: 1\nsend:\n  commands:\n    count: [wc, -w]\n    fails: [sh, -c, 'echo no luck >&2; exit 3']\n";
    std::fs::write(stack.join("config.yaml"), commands).expect("a file");
    crate::files::write(&nvim, PROJECT);
    nvim.command("cd work").await;
    nvim.command("Prompt compose").await;
    put(&nvim, "three words here").await;
    nvim
}

#[tokio::test]
async fn a_configured_command_gets_it_and_its_output_is_shown() {
    let nvim = with_commands().await;
    nvim.keys(":Prompt send count<CR>").await;
    let screen = nvim.sees("Output of count").await;
    assert!(screen.contains("│3 "), "{screen}");
    nvim.keys("q").await;
    nvim.sees("sent to count: ~").await;
    nvim.quit().await;
}

#[tokio::test]
async fn a_command_that_fails_says_why_and_the_draft_stays() {
    let nvim = with_commands().await;
    nvim.keys(":Prompt send fails<CR>").await;
    nvim.sees("ended with exit code 3: no luck").await;
    assert_eq!(nvim.text().await, "three words here");
    nvim.keys(":Prompt send nobody<CR>").await;
    nvim.sees("there is no target 'nobody' (count, fails").await;
    nvim.keys(":Prompt send ai<CR>").await;
    nvim.sees("no model is configured to be asked").await;
    assert_eq!(nvim.text().await, "three words here");
    nvim.quit().await;
}

#[tokio::test]
async fn targets_are_completed() {
    let nvim = with_commands().await;
    nvim.command("new").await;
    nvim.command("terminal cat").await;
    let complete = async |line: &str| {
        nvim.lua(&format!("return vim.fn.getcompletion({line:?}, 'cmdline')"))
            .await
    };
    assert_eq!(
        complete("Prompt send c").await,
        json!(["clipboard", "count"])
    );
    assert_eq!(complete("Prompt send t").await, json!(["terminal"]));
    assert_eq!(complete("Prompt! send --").await, json!(["--dry-run"]));
    nvim.quit().await;
}

#[tokio::test]
async fn the_client_that_waits_gets_the_text_in_its_file() {
    let nvim = composed("for {{text:who=you}}: @src/main.rs:2").await;
    nvim.lua(
        "vim.cmd.new('handed.md')\n\
         local buf = vim.api.nvim_get_current_buf()\n\
         vim.cmd.wincmd('p')\n\
         require('promptstack.edit')\n\
         require('promptstack.edit.waits').add({ buf = buf, file = vim.api.nvim_buf_get_name(buf),\n\
           channels = {}, origin = require('promptstack.ui.origin').here(), borrowed = false, bufhidden = '' })",
    )
    .await;
    nvim.keys(":Prompt send client<CR>").await;
    nvim.sees("sent to client (handed.md)").await;
    assert_eq!(
        nvim.lua("return #require('promptstack.edit').waiting()")
            .await,
        0
    );
    let text = std::fs::read_to_string(nvim.home.path().join("work/handed.md")).expect("the file");
    assert!(text.starts_with("for you: `src/main.rs:2`\n\n"), "{text}");
    assert!(text.contains("    run();\n"), "{text}");
    assert_eq!(clipboard(&nvim).await, "");
    nvim.quit().await;
}

#[tokio::test]
async fn a_clients_own_composition_stays_in_the_history_as_it_was_written() {
    let nvim = composed("").await;
    nvim.command("edit handed.md").await;
    nvim.command("Prompt attach").await;
    nvim.lua(
        "local buf = vim.api.nvim_get_current_buf()\n\
         require('promptstack.edit')\n\
         require('promptstack.edit.waits').add({ buf = buf, file = vim.api.nvim_buf_get_name(buf),\n\
           channels = {}, origin = require('promptstack.ui.origin').here(), borrowed = false, bufhidden = '' })",
    )
    .await;
    put(&nvim, "see @src/main.rs:2").await;
    nvim.keys(":Prompt send client<CR>").await;
    nvim.sees("sent to client (handed.md)").await;
    let written =
        std::fs::read_to_string(nvim.home.path().join("work/handed.md")).expect("the file");
    assert!(written.contains("run();"), "{written}");
    let folder = nvim.stack().join("data/.history");
    let texts: Vec<String> = std::fs::read_dir(folder)
        .expect("the history")
        .map(|entry| std::fs::read_to_string(entry.expect("an entry").path()).expect("text"))
        .filter(|text| text.contains("see @src/main.rs:2\n"))
        .collect();
    assert_eq!(texts.len(), 1, "{texts:?}");
    assert!(texts[0].contains("client (handed.md)"), "{}", texts[0]);
    nvim.quit().await;
}

/// A tmux server of its own with a pane in which a program reads.
struct Tmux {
    folder: TempDir,
    socket: String,
}

impl Tmux {
    /// Starts one; nothing where there is no tmux.
    fn start(program: &str) -> Option<Self> {
        let folder = tempfile::tempdir().expect("a folder");
        let socket = folder.path().join("tmux").display().to_string();
        let tmux = Self { folder, socket };
        let started = Command::new("tmux")
            .args([
                "-S",
                &tmux.socket,
                "-f",
                "/dev/null",
                "new-session",
                "-d",
                "-x",
                "80",
                "-y",
                "24",
            ])
            .arg(program)
            .current_dir(tmux.folder.path())
            .status();
        match started {
            Ok(status) => {
                assert!(status.success(), "tmux starts a session");
                Some(tmux)
            }
            Err(_) => {
                crate::adapters::say("skipped: there is no tmux");
                None
            }
        }
    }

    fn run(&self, arguments: &[&str]) -> String {
        let output = Command::new("tmux")
            .args(["-S", &self.socket])
            .args(arguments)
            .output()
            .expect("tmux runs");
        String::from_utf8(output.stdout)
            .expect("text")
            .trim_end()
            .to_owned()
    }

    /// Waits until the pane shows something.
    async fn shows(&self, wanted: &str) {
        for _ in 0..1500 {
            if self.run(&["capture-pane", "-p"]).contains(wanted) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!(
            "the pane does not show {wanted:?}:\n{}",
            self.run(&["capture-pane", "-p"])
        );
    }
}

impl Drop for Tmux {
    fn drop(&mut self) {
        self.run(&["kill-server"]);
    }
}

#[tokio::test]
async fn a_tmux_pane_gets_one_bracketed_paste_and_enter_only_when_asked() {
    // It asks for bracketed paste, as agents do.
    let reader = "sh -c 'stty raw -echo opost onlcr; printf \"\\033[?2004hready\\n\"; exec cat -v'";
    let Some(tmux) = Tmux::start(reader) else {
        return;
    };
    tmux.shows("ready").await;
    let pane = tmux.run(&["list-panes", "-a", "-F", "#{pane_id}"]);
    let options = Options {
        env: vec![("TMUX", format!("{},1,0", tmux.socket))],
        ..size(80, 24)
    };
    let nvim = project(PROJECT, options).await;
    put(&nvim, "one\ntwo").await;
    let complete: Json = nvim
        .lua("return vim.fn.getcompletion('Prompt send tmux', 'cmdline')")
        .await;
    assert_eq!(complete, json!([format!("tmux:{pane}")]));
    nvim.keys(&format!(":Prompt send tmux:{pane}<CR>")).await;
    nvim.sees(&format!("sent to tmux:{pane} (")).await;
    tmux.shows("^[[200~one\ntwo^[[201~").await;
    nvim.keys(":Prompt! send<CR>").await;
    tmux.shows("^[[201~^[[200~one\ntwo^[[201~^M").await;
    assert!(Path::new(&tmux.socket).exists());
    nvim.quit().await;
}
