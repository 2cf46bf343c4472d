//! What comes late or is away: a reply in the middle of typing, a map, marks or a buffer that are gone.

use crate::host::{PID, signal, stop};
use crate::session::{SETUP, put, start, status};
use crate::support::Nvim;

const HELLO: (&str, &str) = (
    "hello",
    "---\ntitle: Say hello\n---\nHello {{text:name}}, from {{text:who=me}}.\n",
);

const TWO: [&str; 2] = ["A {{text:aa}}", "B {{text:bb}}"];

/// Stops the host, which has started.
async fn stopped(nvim: &Nvim) -> i64 {
    nvim.lua("_G.up = nil require('promptstack.rpc.contract').placeholder_values({ key = 'text:q' }, function() _G.up = true end)")
        .await;
    nvim.holds("return _G.up").await;
    let pid = nvim.lua(PID).await.as_i64().expect("a pid");
    stop(pid);
    pid
}

/// Lets the host go on, and waits until it has answered all that was asked.
async fn goes_on(nvim: &Nvim, pid: i64) {
    signal(pid, "-CONT");
    for _ in 0..3 {
        nvim.lua("_G.up = nil require('promptstack.rpc.contract').placeholder_values({ key = 'text:q' }, function() _G.up = true end)")
            .await;
        nvim.holds("return _G.up").await;
    }
}

async fn messages(nvim: &Nvim) -> String {
    let said = nvim.lua("return vim.fn.execute('messages')").await;
    said.as_str().expect("text").trim().to_owned()
}

#[tokio::test]
async fn next_in_a_session_waits_for_no_host_and_a_late_reply_only_adds_stops() {
    let nvim = start().await;
    put(&nvim, &TWO).await;
    let pid = stopped(&nvim).await;
    nvim.keys(":Prompt next<CR>").await;
    assert_eq!(status(&nvim).await, "2/2");
    nvim.keys("oMy own {{text:cc}}").await;
    goes_on(&nvim, pid).await;
    nvim.keys(" words").await;
    nvim.reads("A {{text:aa}}\nB {{text:bb}}\nMy own {{text:cc}} words")
        .await;
    assert_eq!(nvim.mode().await, "i");
    nvim.holds("return require('promptstack.placeholder').status().total == 3")
        .await;
    nvim.keys("<Esc>:Prompt next<CR>").await;
    nvim.sees("3/3 cc").await;
    nvim.quit().await;
}

#[tokio::test]
async fn without_a_session_a_late_next_jumps_only_where_nothing_was_done_since() {
    for (keys, wanted) in [("", "1/2"), ("omine", "0/2"), ("j", "0/2"), ("i", "0/2")] {
        let nvim = start().await;
        nvim.lua(
            "vim.api.nvim_buf_set_lines(0, 0, -1, true, { 'A {{text:aa}}', 'B {{text:bb}}' })",
        )
        .await;
        let pid = stopped(&nvim).await;
        nvim.keys(&format!(":Prompt next<CR>{keys}")).await;
        goes_on(&nvim, pid).await;
        nvim.holds("return require('promptstack.placeholder').status() ~= nil")
            .await;
        assert_eq!(status(&nvim).await, wanted, "after {keys:?}");
        nvim.quit().await;
    }
}

#[tokio::test]
async fn a_late_form_does_not_open_over_what_one_types() {
    let nvim = start().await;
    put(&nvim, &TWO).await;
    let pid = stopped(&nvim).await;
    nvim.keys(":Prompt fill<CR>omine").await;
    goes_on(&nvim, pid).await;
    let said = messages(&nvim).await;
    assert!(
        said.contains("the form is not opened: the text changed meanwhile"),
        "{said}"
    );
    nvim.keys(" all").await;
    nvim.reads("A {{text:aa}}\nmine all\nB {{text:bb}}").await;
    nvim.quit().await;
}

#[tokio::test]
async fn a_late_insertion_puts_nothing_into_what_was_typed_since() {
    for (before, keys, after, why) in [
        ("", "omy own", "one two\nmy own go on", "the text changed"),
        ("", "0i", " go onone two", "the mode changed"),
        ("", "0", "one two", "the cursor moved"),
        ("a", "ly", "one twoly go on", "the text changed"),
        ("a", "<Left>", "one tw go ono", "the cursor moved"),
    ] {
        let nvim = Nvim::start(&[HELLO]).await;
        nvim.keys(&format!("ione two<Esc>{before}")).await;
        let pid = stopped(&nvim).await;
        nvim.keys("<Cmd>PromptInsert hello<CR>").await;
        nvim.keys(keys).await;
        goes_on(&nvim, pid).await;
        let wanted = format!("'hello' is not inserted: {why} meanwhile (run it again)");
        let said = messages(&nvim).await;
        assert!(said.contains(&wanted), "{said}");
        if nvim.mode().await == "i" {
            nvim.keys(" go on").await;
        }
        nvim.reads(after).await;
        nvim.quit().await;
    }
}

#[tokio::test]
async fn an_insertion_that_waits_comes_where_one_still_stands() {
    for (keys, wanted) in [
        (
            "<Cmd>PromptInsert hello<CR>",
            "one Hello {{text:name}}, from {{text:who=me}}.",
        ),
        (
            "a<Cmd>PromptInsert hello<CR>",
            "one Hello {{text:name}}, from {{text:who=me}}.",
        ),
        (
            "a<C-o>:PromptInsert hello<CR>",
            "one Hello {{text:name}}, from {{text:who=me}}.",
        ),
    ] {
        let nvim = Nvim::start(&[HELLO]).await;
        nvim.keys("ione <Esc>").await;
        let pid = stopped(&nvim).await;
        nvim.keys(keys).await;
        goes_on(&nvim, pid).await;
        nvim.reads(wanted).await;
        nvim.quit().await;
    }
}

#[tokio::test]
async fn a_list_that_is_being_written_takes_no_more_items_and_can_be_left() {
    for (leave, wanted) in [("", "- one\nend"), ("q", "{{list:l}}\nend")] {
        let nvim = start().await;
        put(&nvim, &["{{list:l}}", "end"]).await;
        nvim.keys("<CR>").await;
        nvim.sees("q cancel").await;
        nvim.keys("ione<Esc>").await;
        let pid = stopped(&nvim).await;
        nvim.keys("<CR>").await;
        nvim.sees("writing … · q cancel").await;
        nvim.keys("o<Esc>").await;
        nvim.sees("E21").await;
        nvim.keys(leave).await;
        goes_on(&nvim, pid).await;
        nvim.loses("q cancel").await;
        nvim.reads(wanted).await;
        nvim.quit().await;
    }
}

#[tokio::test]
async fn a_list_that_cannot_be_written_can_be_edited_again() {
    let nvim = start().await;
    put(&nvim, &["{{list:l}}", "end"]).await;
    nvim.keys("<CR>").await;
    nvim.sees("q cancel").await;
    nvim.keys("ione<Esc>").await;
    let pid = stopped(&nvim).await;
    nvim.keys("<CR>").await;
    nvim.sees("the list is not written and stays open").await;
    signal(pid, "-CONT");
    nvim.keys("otwo<Esc><CR>").await;
    nvim.loses("q cancel").await;
    nvim.reads("- one\n- two\nend").await;
    nvim.quit().await;
}

#[tokio::test]
async fn a_composition_that_was_unloaded_is_one_again_when_it_is_back() {
    let nvim = start().await;
    let file = nvim.home.path().join("text.md");
    std::fs::write(&file, "one {{text:a}}\n").expect("a file");
    nvim.command(&format!("set nohidden | edit {}", file.display()))
        .await;
    nvim.command("Prompt attach").await;
    let coloured = |count: usize| {
        format!(
            "return #vim.api.nvim_buf_get_extmarks(0, require('promptstack.ui.marks').highlight, 0, -1, {{}}) == {count}"
        )
    };
    nvim.holds(&coloured(1)).await;
    for way in ["edit other", "edit #"] {
        nvim.command(way).await;
    }
    nvim.holds(&coloured(1)).await;
    nvim.keys("o{{text:b}}<Esc>").await;
    nvim.holds(&coloured(2)).await;
    nvim.command("write | edit other | edit #").await;
    nvim.holds(&coloured(2)).await;
    nvim.quit().await;
}

#[tokio::test]
async fn marks_that_somebody_cleared_end_the_session_without_an_error() {
    for (lines, keys) in [
        (&TWO[..], "ihi<Esc>"),
        (&TWO[..], "<Tab>"),
        (&["{{choice:c=xa|xb}} {{text:d}}"][..], "ihi<Esc>"),
    ] {
        let nvim = start().await;
        put(&nvim, lines).await;
        nvim.lua("vim.api.nvim_buf_clear_namespace(0, -1, 0, -1)")
            .await;
        nvim.keys(keys).await;
        nvim.holds("return require('promptstack.placeholder').status() == nil")
            .await;
        assert_eq!(messages(&nvim).await, "", "after {keys}");
        nvim.quit().await;
    }
}

#[tokio::test]
async fn a_choice_whose_mark_was_cleared_while_one_types_completes_nothing() {
    let nvim = start().await;
    nvim.keys("i").await;
    put(&nvim, &["{{choice:c=xa|xb}} {{text:d}}"]).await;
    nvim.keys("q").await;
    nvim.lua("vim.api.nvim_buf_clear_namespace(0, -1, 0, -1)")
        .await;
    nvim.keys("x<Esc>").await;
    nvim.reads("qx {{text:d}}").await;
    assert_eq!(messages(&nvim).await, "");
    nvim.quit().await;
}

#[tokio::test]
async fn a_nop_that_is_hidden_does_nothing() {
    for scope in ["", "<buffer> "] {
        let nvim = start().await;
        nvim.command(&format!("nnoremap {scope}<CR> <Nop>")).await;
        put(&nvim, &TWO).await;
        nvim.keys("0<CR>l<CR>").await;
        assert_eq!(
            nvim.lua("return vim.api.nvim_win_get_cursor(0)").await,
            serde_json::json!([1, 1])
        );
        nvim.quit().await;
    }
}

/// A terminal that echoes, entered, and the float over it.
async fn over_a_terminal() -> Nvim {
    let nvim = Nvim::start(&[HELLO]).await;
    nvim.lua(SETUP).await;
    nvim.command("terminal cat").await;
    nvim.keys("i").await;
    nvim.keys("<C-Bslash><C-n>:tnoremap <F2> <lt>Cmd>PromptInsert hello<lt>CR><CR>i<F2>")
        .await;
    nvim.sees("Fill and paste into the terminal").await;
    nvim.sees("1/2 name").await;
    nvim
}

#[tokio::test]
async fn a_terminal_gets_the_defaults_and_is_gone_on_with_in_its_mode() {
    let nvim = over_a_terminal().await;
    nvim.keys("iyou<Esc><C-s>").await;
    nvim.loses("Fill and paste").await;
    nvim.sees("Hello you, from me.").await;
    nvim.holds("return vim.api.nvim_get_mode().mode == 't'")
        .await;
    nvim.quit().await;
}

#[tokio::test]
async fn the_picker_over_a_terminal_leads_back_into_its_mode() {
    let nvim = Nvim::start(&[HELLO]).await;
    nvim.command("terminal cat").await;
    nvim.command("tnoremap <F2> <Cmd>Prompt<CR>").await;
    nvim.keys("i<F2>").await;
    nvim.sees("Say hello").await;
    nvim.keys("<CR>").await;
    nvim.sees("Fill and paste into the terminal").await;
    nvim.sees("1/2 name").await;
    nvim.keys("iyou<Esc><C-s>").await;
    nvim.sees("Hello you, from me.").await;
    nvim.holds("return vim.api.nvim_get_mode().mode == 't'")
        .await;
    nvim.quit().await;
}

#[tokio::test]
async fn what_is_required_is_asked_for_once_before_it_goes_into_a_terminal() {
    let nvim = over_a_terminal().await;
    nvim.keys("<Tab><C-s>").await;
    nvim.sees("not filled yet: name (<C-s> once more pastes all the same)")
        .await;
    nvim.sees("1/2 name").await;
    nvim.keys("<C-s>").await;
    nvim.loses("Fill and paste").await;
    nvim.sees("Hello {{text:name}}, from me.").await;
    nvim.quit().await;
}

#[tokio::test]
async fn whoever_came_from_terminal_mode_goes_back_to_it_also_where_it_was_left_since() {
    for key in ["<C-s>", "q"] {
        let nvim = start().await;
        nvim.command("terminal cat").await;
        nvim.lua("_G.put({ 'plain text' }, { terminal = true })")
            .await;
        nvim.sees("Fill and paste into the terminal").await;
        nvim.keys(key).await;
        nvim.loses("Fill and paste").await;
        nvim.holds("return vim.api.nvim_get_mode().mode == 't'")
            .await;
        nvim.quit().await;
    }
}
