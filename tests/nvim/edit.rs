//! `promptstack edit`: how a wait ends, and with what.

use serde_json::json;

use crate::edit_client::Client;
use crate::support::Nvim;

/// Saves to the history are written down instead, in `_G.kept`.
pub const KEEP: &str = "_G.kept = {}\n\
    require('promptstack.composition').keep = function(buf)\n\
      table.insert(_G.kept, table.concat(vim.api.nvim_buf_get_lines(buf, 0, -1, true), '\\n'))\n\
    end";

const WAITING: &str = "return vim.tbl_map(function(it)\n\
      return { vim.fs.basename(it.file), it.modified, it.hidden }\n\
    end, require('promptstack.edit').waiting())";

/// A Neovim in terminal mode, in a terminal that fills the screen.
pub async fn terminal() -> Nvim {
    let nvim = Nvim::start(&[]).await;
    nvim.lua(KEEP).await;
    nvim.keys(":terminal cat<CR>i").await;
    nvim.holds("return vim.fn.mode() == 't'").await;
    nvim
}

/// Types into the file, ends the wait with `keys`, and compares exit code, file and history.
async fn check(nvim: &Nvim, keys: &str, code: i32, file: &str, kept: &[&str]) {
    nvim.lua("_G.kept = {}").await;
    let client = nvim.edits("prompt.md", "old\n").await;
    nvim.keys("Snew <Esc>").await;
    nvim.keys(keys).await;
    let (ended, said) = client.ended().await;
    assert_eq!(
        (ended, nvim.file("prompt.md").as_str()),
        (code, file),
        "{keys}: {said}"
    );
    assert_eq!(nvim.lua("return _G.kept").await, json!(kept), "{keys}");
    nvim.holds("return vim.fn.mode() == 't'").await;
    let left = nvim
        .lua("return { #vim.api.nvim_list_wins(), vim.bo.buftype, #vim.fn.getbufinfo({ buflisted = 1 }) }")
        .await;
    assert_eq!(left, json!([1, "terminal", 1]), "{keys}");
}

#[tokio::test]
async fn closing_the_window_hands_back_what_is_written_and_keeps_what_is_not() {
    let nvim = terminal().await;
    let none: &[&str] = &[];
    for (keys, file, kept) in [
        (":wq<CR>", "new \n", none),
        (":x<CR>", "new \n", none),
        ("ZZ", "new \n", none),
        (":w<CR>:q<CR>", "new \n", none),
        (":w<CR>:close<CR>", "new \n", none),
        (":w<CR><C-w>c", "new \n", none),
        (":w<CR><C-w>q", "new \n", none),
        (":w<CR>:quit<CR>", "new \n", none),
        (":w<CR>:bdelete<CR>", "new \n", none),
        (":w<CR>:bwipeout<CR>", "new \n", none),
        (":w<CR>:bunload<CR>", "new \n", none),
        (":q!<CR>", "old\n", &["new "]),
        ("ZQ", "old\n", &["new "]),
        (":bdelete!<CR>", "old\n", &["new "]),
        (":bwipeout!<CR>", "old\n", &["new "]),
        (":w<CR>omore<Esc>:q!<CR>", "new \n", &["new \nmore"]),
    ] {
        check(&nvim, keys, 0, file, kept).await;
    }
    nvim.quit().await;
}

#[tokio::test]
async fn giving_up_leaves_the_file_as_it_was_and_neovim_running() {
    let nvim = terminal().await;
    for keys in [
        ":Prompt abort<CR>",
        ":w<CR>:Prompt abort<CR>",
        ":cq<CR>",
        ":cquit<CR>",
        ":cquit 3<CR>",
        ":2cq<CR>",
        ":cq!<CR>",
        ":silent cq<CR>",
        ":w | cq<CR>",
        ":w<CR>:cq<CR>",
        ":if 1 | cq | endif<CR>",
        ":windo cq<CR>",
        "q:icq<Esc><CR>",
    ] {
        check(&nvim, keys, 1, "old\n", &["new "]).await;
    }
    let client = nvim.edits("prompt.md", "old\n").await;
    nvim.keys(":cq<CR>").await;
    let (_, said) = client.ended().await;
    let expected = "prompt.md is left as it was: aborted in Neovim";
    assert!(said.contains(expected), "{said}");
    let told = nvim
        .lua("return vim.fn.execute('messages')")
        .await
        .to_string();
    let expected = "prompt.md is given back as it was, the text is in the history";
    assert!(told.contains(expected), "{told}");
    nvim.quit().await;
}

#[tokio::test]
async fn a_file_that_was_not_there_is_gone_again_after_giving_up() {
    let nvim = terminal().await;
    let client = nvim.opens(&["new.md"]).await;
    nvim.keys("itext<Esc>:w<CR>").await;
    assert_eq!(nvim.file("new.md"), "text\n");
    nvim.keys(":Prompt abort<CR>").await;
    assert_eq!(client.ended().await.0, 1);
    assert!(!nvim.home.path().join("new.md").exists());
    nvim.quit().await;
}

#[tokio::test]
async fn only_the_buffer_that_is_waited_for_can_be_given_up() {
    let nvim = terminal().await;
    let mut client = nvim.edits("prompt.md", "old\n").await;
    nvim.keys("<C-w>k:Prompt abort<CR>").await;
    nvim.sees("no program waits for this buffer; they wait for prompt.md")
        .await;
    assert!(client.waits());
    nvim.keys("<C-w>j:Prompt abort<CR>").await;
    assert_eq!(client.ended().await.0, 1);
    nvim.command("stopinsert").await;
    nvim.keys("<C-\\><C-n>:Prompt abort<CR>").await;
    nvim.sees("no program waits for this buffer").await;
    nvim.quit().await;
}

#[tokio::test]
async fn a_quit_that_is_refused_changes_nothing() {
    let nvim = terminal().await;
    let mut client = nvim.edits("prompt.md", "old\n").await;
    nvim.keys("xx").await;
    for only in [false, true] {
        if only {
            nvim.command("only").await;
        }
        for keys in [":q<CR>", "<C-w>q", ":quit<CR>"] {
            nvim.command("let v:errmsg = ''").await;
            nvim.keys(keys).await;
            nvim.holds("return vim.v.errmsg:find('^E37') ~= nil").await;
            let windows = nvim.lua("return #vim.api.nvim_list_wins()").await;
            assert_eq!(windows, if only { 1 } else { 2 }, "{keys}");
            assert_eq!(nvim.text().await, "d", "{keys}");
        }
    }
    assert_eq!(nvim.lua("return vim.bo.bufhidden").await, "hide");
    assert_eq!(
        nvim.lua("return #vim.fn.getbufinfo({ buflisted = 1 })")
            .await,
        2
    );
    assert!(client.waits());
    nvim.keys(":wq<CR>").await;
    assert_eq!(client.ended().await.0, 0);
    assert_eq!(nvim.file("prompt.md"), "d\n");
    nvim.quit().await;
}

#[tokio::test]
async fn a_question_before_the_last_window_closes_may_be_answered_late() {
    let nvim = terminal().await;
    let mut client = nvim.edits("prompt.md", "old\n").await;
    nvim.keys("Snew<Esc>:only<CR>").await;
    for (answer, ends) in [("c", false), ("y", true)] {
        nvim.keys(":confirm quit<CR>").await;
        nvim.sees("[Y]es, (N)o, (C)ancel").await;
        // Longer than it is looked for the answer.
        tokio::time::sleep(std::time::Duration::from_millis(150)).await;
        let _ = nvim.api.input(answer).await;
        if !ends {
            nvim.holds("return vim.fn.mode() == 'n' and #vim.api.nvim_list_wins() == 1")
                .await;
            assert!(client.waits());
        }
    }
    assert_eq!(client.ended().await.0, 0);
    assert_eq!(nvim.file("prompt.md"), "new\n");
    // The client had not to wait for the key that the message of the write asks for.
    let _ = nvim.api.input("<CR>").await;
    nvim.holds("return vim.bo.buftype == 'terminal'").await;
    nvim.quit().await;
}

#[tokio::test]
async fn in_the_last_window_the_person_is_back_where_they_were_and_neovim_stays() {
    for keys in [
        ":wq<CR>",
        ":x<CR>",
        "ZZ",
        ":w<CR>:q<CR>",
        "ZQ",
        ":q!<CR>",
        ":1q!<CR>",
        ":cq<CR>",
        ":w<CR>:bd<CR>",
    ] {
        let nvim = terminal().await;
        let client = nvim.edits("prompt.md", "old\n").await;
        nvim.keys("Snew<Esc>:only<CR>").await;
        nvim.keys(keys).await;
        let (code, said) = client.ended().await;
        assert_eq!(code, i32::from(keys == ":cq<CR>"), "{keys}: {said}");
        nvim.holds("return vim.fn.mode() == 't' and vim.bo.buftype == 'terminal'")
            .await;
        assert_eq!(
            nvim.lua("return #vim.api.nvim_list_wins()").await,
            1,
            "{keys}"
        );
        nvim.quit().await;
    }
    // A help window and a float do not hold Neovim, nor is there a buffer to go back to.
    let nvim = Nvim::start(&[]).await;
    let client = nvim.edits("prompt.md", "old\n").await;
    nvim.keys(":only<CR>:bwipeout 1<CR>:help<CR><C-w>j").await;
    nvim.keys(":x<CR>").await;
    assert_eq!(client.ended().await.0, 0);
    nvim.holds("return vim.bo.buftype == '' and vim.api.nvim_buf_get_name(0) == ''")
        .await;
    nvim.quit().await;
}

#[tokio::test]
async fn a_hidden_buffer_is_waited_for_and_listed() {
    for keys in [
        ":e other.md<CR>",
        ":hide<CR>",
        ":close<CR>",
        "<C-w>o:enew<CR>",
    ] {
        let nvim = terminal().await;
        let mut client = nvim.edits("prompt.md", "old\n").await;
        nvim.keys("Snew<Esc>").await;
        nvim.keys(keys).await;
        nvim.holds("return require('promptstack.edit').waiting()[1].hidden")
            .await;
        assert_eq!(
            nvim.lua(WAITING).await,
            json!([["prompt.md", true, true]]),
            "{keys}"
        );
        assert!(client.waits(), "{keys}");
        nvim.command("sbuffer prompt.md").await;
        assert_eq!(
            nvim.lua(WAITING).await,
            json!([["prompt.md", true, false]]),
            "{keys}"
        );
        nvim.reads("new").await;
        nvim.keys("<C-\\><C-n>:wq<CR>").await;
        assert_eq!(client.ended().await.0, 0, "{keys}");
        assert_eq!(nvim.lua(WAITING).await, json!([]), "{keys}");
        assert_eq!(nvim.file("prompt.md"), "new\n", "{keys}");
        nvim.quit().await;
    }
}

#[tokio::test]
async fn hidden_on_purpose_it_is_waited_for_even_without_changes() {
    let nvim = terminal().await;
    let mut client = nvim.edits("prompt.md", "old\n").await;
    nvim.keys(":hide<CR>").await;
    nvim.sees("prompt.md is hidden and still waited for (:Prompt drafts)")
        .await;
    assert!(client.waits());
    nvim.keys(":bdelete prompt.md<CR>").await;
    assert_eq!(client.ended().await.0, 0);
    nvim.quit().await;
}

#[tokio::test]
async fn the_last_of_several_windows_ends_the_wait() {
    let nvim = terminal().await;
    let mut client = nvim.edits("prompt.md", "old\n").await;
    nvim.keys("Snew<Esc>:vsplit<CR>:tab split<CR>").await;
    for _ in 0..2 {
        nvim.keys(":wq<CR>").await;
        nvim.holds("return #require('promptstack.edit').waiting() == 1")
            .await;
        assert!(client.waits());
    }
    nvim.keys(":wq<CR>").await;
    assert_eq!(client.ended().await.0, 0);
    nvim.quit().await;
}

#[tokio::test]
async fn reading_the_file_anew_ends_nothing() {
    let nvim = terminal().await;
    let mut client = nvim.edits("prompt.md", "old\n").await;
    nvim.keys("Snew<Esc>:e!<CR>").await;
    nvim.reads("old").await;
    assert_eq!(nvim.lua("return _G.kept").await, json!(["new"]));
    assert!(client.waits());
    nvim.keys("Sagain<Esc>:wq<CR>").await;
    assert_eq!(client.ended().await.0, 0);
    assert_eq!(nvim.file("prompt.md"), "again\n");
    nvim.quit().await;
}

#[tokio::test]
async fn write_all_and_quit_hands_back_even_where_a_running_terminal_refuses() {
    for (keys, file) in [
        (":wqa<CR>", "new\n"),
        (":xa<CR>", "new\n"),
        (":w<CR>:wqa<CR>", "new\n"),
    ] {
        let nvim = terminal().await;
        let client = nvim.edits("prompt.md", "old\n").await;
        nvim.keys("Snew<Esc>").await;
        nvim.keys(keys).await;
        // Neovim may sit at its message meanwhile: nobody has to go there first.
        assert_eq!(client.ended().await.0, 0, "{keys}");
        assert_eq!(nvim.file("prompt.md"), file, "{keys}");
        nvim.keys("<CR>").await;
        nvim.holds("return #vim.api.nvim_list_wins() == 1 and vim.fn.mode() == 't'")
            .await;
        assert!(
            nvim.lua("return vim.fn.execute('messages')")
                .await
                .to_string()
                .contains("E948")
        );
        nvim.quit().await;
    }
    // A `:qa` that is refused for its changes is not the end.
    let nvim = terminal().await;
    let mut client = nvim.edits("prompt.md", "old\n").await;
    nvim.keys("Snew<Esc>").await;
    nvim.keys(":qa<CR>").await;
    nvim.keys("<CR>").await;
    nvim.reads("new").await;
    assert!(client.waits());
    nvim.keys(":wq<CR>").await;
    assert_eq!(client.ended().await.0, 0);
    nvim.quit().await;
}

#[tokio::test]
async fn two_programs_that_wait_for_one_file_both_hear() {
    for (keys, code, file) in [(":wq<CR>", 0, "new\n"), (":w<CR>:cq<CR>", 1, "old\n")] {
        let nvim = terminal().await;
        let first = nvim.edits("prompt.md", "old\n").await;
        nvim.keys("Snew<Esc>:w<CR>").await;
        let second = nvim.opens(&["prompt.md"]).await;
        assert_eq!(nvim.lua("return #vim.api.nvim_list_wins()").await, 2);
        nvim.keys(keys).await;
        let ended: [Client; 2] = [second, first];
        for client in ended {
            assert_eq!(client.ended().await.0, code, "{keys}");
        }
        assert_eq!(nvim.file("prompt.md"), file, "{keys}");
        nvim.quit().await;
    }
}

#[tokio::test]
async fn two_files_are_waited_for_each_for_itself() {
    let nvim = terminal().await;
    let one = nvim.edits("one.md", "1\n").await;
    let mut two = nvim.edits("two.md", "2\n").await;
    nvim.keys("Stwo<Esc>:hide<CR>").await;
    nvim.command("drop one.md").await;
    nvim.keys("Sone<Esc>:x<CR>").await;
    assert_eq!(one.ended().await.0, 0);
    assert_eq!(nvim.file("one.md"), "one\n");
    assert!(two.waits());
    nvim.command("sbuffer two.md").await;
    nvim.keys("<C-\\><C-n>:cq<CR>").await;
    assert_eq!(two.ended().await.0, 1);
    nvim.quit().await;
}

#[tokio::test]
async fn a_command_line_is_read_as_neovim_runs_it() {
    let nvim = Nvim::start(&[]).await;
    for (line, quits) in [
        ("cq", true),
        ("  :: cquit! 3", true),
        ("sil! 3verbose noautocmd cq", true),
        ("update|cq", true),
        ("let x = 'a|b' | cq", true),
        ("if a || b | cq", true),
        ("call F() | silent cq", true),
        ("s/a|cq|b/c|d/g | cq", true),
        ("g/x|y/cq", true),
        ("bufdo update | cq", true),
        ("execute 'cq 2'", true),
        ("try | cq | endtry", true),
        ("hide cq", true),
        ("q", false),
        ("cqa", false),
        ("echo 'cq'", false),
        ("echo '| cq'", false),
        ("s/a|cq|b/x/", false),
        ("s/a\\/|cq/| cq/", false),
        ("normal! | cq", false),
        ("!ls | cq", false),
        ("w !sh | cq", false),
        ("nonsense | cq", false),
        ("e cq", false),
        ("", false),
    ] {
        let code =
            format!("return require('promptstack.edit.typed').read({line:?}).quits_with_error");
        assert_eq!(nvim.lua(&code).await, quits, "{line}");
    }
    for (line, expected) in [
        ("hide", json!([true, false])),
        ("w | hid", json!([true, false])),
        ("hide e x", json!([false, false])),
        ("confirm wqa!", json!([false, true])),
        ("sp | xa", json!([false, true])),
        ("wa", json!([false, false])),
    ] {
        let code = format!(
            "local it = require('promptstack.edit.typed').read({line:?}) return {{ it.hides, it.writes_all_and_quits }}"
        );
        assert_eq!(nvim.lua(&code).await, expected, "{line}");
    }
    nvim.quit().await;
}
