//! References to files in a text: their colours, what is said about them, their completion.

use serde_json::{Value as Json, json};

use crate::files::{PROJECT, project, size, write};
use crate::host::{PID, signal};
use crate::support::{Nvim, Options};

/// An attached buffer of a project with this text.
async fn attached(lines: &[&str]) -> Nvim {
    let nvim = project(PROJECT, size(80, 24)).await;
    let text = serde_json::to_string(lines).expect("JSON");
    nvim.lua(&format!(
        "vim.api.nvim_buf_set_lines(0, 0, -1, true, vim.json.decode({text:?}))"
    ))
    .await;
    nvim.command("Prompt attach").await;
    nvim
}

/// What is coloured as a reference.
const COLOURED: &str = "\
    local found, seen = {}, {}\n\
    for _, mark in ipairs(vim.api.nvim_buf_get_extmarks(0, -1, 0, -1, { details = true })) do\n\
      local row, col, end_col = mark[2], mark[3], mark[4].end_col\n\
      local key = row .. ':' .. col\n\
      if mark[4].hl_group == 'PromptstackReference' and end_col and not seen[key] then\n\
        seen[key] = true\n\
        found[#found + 1] = vim.api.nvim_buf_get_text(0, row, col, row, end_col, {})[1]\n\
      end\n\
    end\n\
    return vim.json.encode(found)";

/// Findings as `row:col-end word`.
const FINDINGS: &str = "\
    return vim.json.encode(vim.tbl_map(function(d)\n\
      return ('%d:%d-%d %s %s'):format(d.lnum, d.col, d.end_col, vim.diagnostic.severity[d.severity], d.message)\n\
    end, vim.diagnostic.get(0)))";

async fn until_equal(nvim: &Nvim, code: &str, expected: &[&str]) {
    let wanted = serde_json::to_string(expected).expect("JSON");
    nvim.holds(&format!(
        "local is = (function() {code} end)()\n\
         return vim.deep_equal(vim.json.decode(is), vim.json.decode({wanted:?}))"
    ))
    .await;
}

#[tokio::test]
async fn references_are_coloured_and_literal_text_is_not() {
    let nvim = attached(&[
        "see @src/main.rs:1-2 and @\"a file.txt\", not me@example.org or @someone",
        "`@src/main.rs` is code, and so is",
        "```",
        "@src/main.rs",
        "```",
        "日本 @src/größe.rs.",
        "@.gitignore",
    ])
    .await;
    until_equal(
        &nvim,
        COLOURED,
        &[
            "@src/main.rs:1-2",
            "@\"a file.txt\"",
            "@src/größe.rs",
            "@.gitignore",
        ],
    )
    .await;
    // A fence that goes makes prose of what follows.
    nvim.keys("3Gdd").await;
    until_equal(
        &nvim,
        COLOURED,
        &["@src/main.rs:1-2", "@\"a file.txt\"", "@src/main.rs"],
    )
    .await;
    nvim.keys("u").await;
    until_equal(
        &nvim,
        COLOURED,
        &[
            "@src/main.rs:1-2",
            "@\"a file.txt\"",
            "@src/größe.rs",
            "@.gitignore",
        ],
    )
    .await;
    nvim.quit().await;
}

#[tokio::test]
async fn what_is_wrong_with_a_reference_is_a_diagnostic_at_its_place() {
    let nvim = attached(&[
        "日本 @src/gone.rs",
        "@src/main.rs:2-9",
        "@.env",
        "@src/main.rs",
    ])
    .await;
    until_equal(
        &nvim,
        FINDINGS,
        &[
            "0:7-19 ERROR there is no file src/gone.rs (paths start at the working directory)",
            "1:0-16 ERROR src/main.rs has only 3 lines",
            "2:0-5 WARN .env may hold secrets (environment with credentials) \
             (it is left out unless you confirm it)",
        ],
    )
    .await;
    nvim.quit().await;
}

#[tokio::test]
async fn findings_move_with_their_lines_and_go_with_them() {
    let nvim = attached(&["@src/main.rs", "@src/gone.rs", "between", "@src/lost.rs"]).await;
    let finding = |row: u32, name: &str| {
        format!(
            "{row}:0-{} ERROR there is no file src/{name} (paths start at the working directory)",
            name.len() + 5
        )
    };
    let expect = async |rows: &[(u32, &str)]| {
        let texts: Vec<String> = rows.iter().map(|(row, name)| finding(*row, name)).collect();
        until_equal(
            &nvim,
            FINDINGS,
            &texts.iter().map(String::as_str).collect::<Vec<_>>(),
        )
        .await;
    };
    expect(&[(1, "gone.rs"), (3, "lost.rs")]).await;
    nvim.keys("ggOone<CR>two @src/main.rs<Esc>").await;
    expect(&[(3, "gone.rs"), (5, "lost.rs")]).await;
    nvim.keys("4Gdd").await;
    expect(&[(4, "lost.rs")]).await;
    nvim.keys("u").await;
    expect(&[(3, "gone.rs"), (5, "lost.rs")]).await;
    nvim.keys(":%s/gone/main/<CR>").await;
    expect(&[(5, "lost.rs")]).await;
    nvim.keys(":%d<CR>").await;
    expect(&[]).await;
    nvim.quit().await;
}

#[tokio::test]
async fn a_file_that_comes_is_seen_when_one_comes_back_to_the_buffer() {
    let nvim = attached(&["@src/later.rs"]).await;
    nvim.holds("return #vim.diagnostic.get(0) == 1").await;
    write(&nvim, &[("src/later.rs", "")]);
    nvim.command("new").await;
    nvim.command("wincmd p").await;
    nvim.holds("return #vim.diagnostic.get(0) == 0").await;
    nvim.quit().await;
}

#[tokio::test]
async fn only_lines_that_changed_are_looked_at() {
    let lines: Vec<String> = (0..3000)
        .map(|n| format!("{n} @src/main.rs @gone{n}.rs"))
        .collect();
    let nvim = attached(&lines.iter().map(String::as_str).collect::<Vec<_>>()).await;
    nvim.holds("return #vim.diagnostic.get(0) == 3000").await;
    nvim.lua(
        "_G.sent = {}\n\
         local rpc = require('promptstack.rpc.contract')\n\
         local check = rpc.files_check\n\
         rpc.files_check = function(params, ...)\n\
           _G.sent[#_G.sent + 1] = #params.lines\n\
           return check(params, ...)\n\
         end",
    )
    .await;
    nvim.keys("1500GA and @gone/too.rs @src/lost.rs<Esc>").await;
    nvim.holds("return #vim.diagnostic.get(0) == 3002").await;
    assert_eq!(nvim.lua("return _G.sent").await, json!([1]));
    nvim.quit().await;
}

#[tokio::test]
async fn what_could_not_be_looked_at_is_when_the_host_is_back() {
    let nvim = attached(&["fine"]).await;
    nvim.holds("return require('promptstack.host').channel() ~= nil")
        .await;
    let pid = nvim.lua(PID).await.as_i64().expect("a pid");
    signal(pid, "-KILL");
    nvim.holds("return require('promptstack.host').channel() == nil")
        .await;
    nvim.keys("o@src/gone.rs<Esc>").await;
    nvim.holds("return #vim.diagnostic.get(0) == 1").await;
    nvim.quit().await;
}

#[tokio::test]
async fn omni_completion_offers_files_at_the_right_place_in_any_script() {
    let nvim = attached(&[""]).await;
    nvim.holds("return require('promptstack.host').channel() ~= nil")
        .await;
    for (typed, expected) in [
        ("日本 @src/m", "日本 @src/main.rs"),
        ("(@doc", "(@docs/plan.md"),
        ("@src/gr", "@src/größe.rs"),
    ] {
        nvim.keys(&format!("<Esc>cc{typed}<C-x><C-o>")).await;
        nvim.reads(expected).await;
        nvim.keys("<C-y>").await;
        nvim.reads(expected).await;
    }
    // A path that needs quotes gets them; Neovim 0.11 takes only the first word of what a server offers.
    if nvim.lua("return vim.version().minor").await != 11 {
        nvim.keys("<Esc>cc@\"a f<C-x><C-o>").await;
        nvim.reads("@\"a file.txt\"").await;
    }
    nvim.keys("<C-y><Esc>ccme@exam<C-x><C-o>").await;
    nvim.holds("return vim.fn.pumvisible() == 0").await;
    assert_eq!(nvim.text().await, "me@exam");
    nvim.quit().await;
}

#[tokio::test]
async fn the_file_type_takes_omni_completion_from_nobody() {
    let nvim = project(PROJECT, size(80, 24)).await;
    nvim.command("Prompt compose").await;
    nvim.holds(
        "return vim.bo.filetype == 'markdown' and vim.bo.omnifunc == 'v:lua.vim.lsp.omnifunc'",
    )
    .await;
    nvim.command("new").await;
    nvim.command("set omnifunc=MyOwn").await;
    nvim.command("Prompt attach").await;
    nvim.command("setfiletype markdown | set omnifunc=MyOwn")
        .await;
    nvim.holds("return #vim.lsp.get_clients({ bufnr = 0 }) == 1")
        .await;
    assert_eq!(nvim.lua("return vim.bo.omnifunc").await, "MyOwn");
    nvim.quit().await;
}

#[tokio::test]
async fn in_a_composition_the_menu_opens_by_itself_and_puts_nothing_in_the_text() {
    let nvim = project(PROJECT, size(80, 24)).await;
    nvim.command("Prompt compose").await;
    nvim.holds("return require('promptstack.host').channel() ~= nil")
        .await;
    if nvim.lua("return vim.fn.has('nvim-0.11')").await == 0 {
        // There is no such completion yet: nothing is taken over.
        assert_eq!(nvim.lua("return vim.go.completeopt").await, "menu,preview");
        nvim.keys("isee @<C-x><C-o>").await;
        nvim.sees("docs/plan.md").await;
        return nvim.quit().await;
    }
    nvim.keys("isee @").await;
    nvim.sees("docs/plan.md").await;
    assert_eq!(nvim.text().await, "see @");
    // Letters in any place of the path: the host chooses, the menu shows what it chose.
    nvim.keys("m").await;
    nvim.keys("ain").await;
    nvim.loses("docs/plan.md").await;
    nvim.sees("src/main.rs").await;
    assert_eq!(nvim.text().await, "see @main");
    nvim.keys("<C-n><C-y>, then").await;
    nvim.reads("see @src/main.rs, then").await;
    nvim.keys(" @file").await;
    nvim.sees("a file.txt").await;
    nvim.keys("<C-n><C-y>").await;
    nvim.reads("see @src/main.rs, then @\"a file.txt\"").await;
    nvim.quit().await;
}

#[tokio::test]
async fn where_a_completion_plugin_is_loaded_the_menu_is_its_affair() {
    let nvim = Nvim::with(
        &[],
        Options {
            before: "package.loaded['blink.cmp'] = {}",
            ..size(80, 24)
        },
    )
    .await;
    nvim.command("Prompt compose").await;
    let clients = "return #vim.lsp.get_clients({ bufnr = 0, name = 'promptstack' })";
    assert_eq!(nvim.lua(clients).await, 1);
    nvim.holds("return require('promptstack.host').channel() ~= nil")
        .await;
    nvim.lua(
        "_G.asked = 0\n\
         require('promptstack.rpc.contract').files_complete = function() _G.asked = _G.asked + 1 end",
    )
    .await;
    nvim.keys("isee @src").await;
    nvim.reads("see @src").await;
    assert_eq!(nvim.lua("return _G.asked").await, 0);
    nvim.quit().await;
}

#[tokio::test]
async fn the_server_is_there_for_compositions_alone_and_goes_with_the_last() {
    let nvim = project(PROJECT, size(80, 24)).await;
    let clients = async || nvim.lua("return #vim.lsp.get_clients()").await;
    nvim.command("edit src/main.rs").await;
    assert_eq!(clients().await, 0);
    nvim.command("Prompt compose").await;
    nvim.command("Prompt compose").await;
    assert_eq!(clients().await, 1, "one for all of them");
    assert_eq!(
        nvim.lua("return vim.tbl_count(vim.lsp.get_clients()[1].attached_buffers)")
            .await,
        2
    );
    nvim.command("bwipeout").await;
    nvim.command("wincmd w").await;
    assert_eq!(clients().await, 1);
    nvim.lua(
        "for _, buf in ipairs(vim.api.nvim_list_bufs()) do\n\
                if vim.bo[buf].buftype == 'acwrite' then vim.api.nvim_buf_delete(buf, {}) end\n\
              end",
    )
    .await;
    nvim.holds("return #vim.lsp.get_clients() == 0").await;
    // And comes back with the next.
    nvim.command("Prompt compose").await;
    assert_eq!(clients().await, 1);
    nvim.quit().await;
}

#[tokio::test]
async fn completion_outlives_the_host() {
    let nvim = attached(&[""]).await;
    nvim.holds("return require('promptstack.host').channel() ~= nil")
        .await;
    let pid = nvim.lua(PID).await.as_i64().expect("a pid");
    signal(pid, "-KILL");
    nvim.holds("return require('promptstack.host').channel() == nil")
        .await;
    nvim.keys("i@src/m<C-x><C-o>").await;
    // Without a host it offers nothing, and says nothing.
    nvim.holds("return require('promptstack.host').channel() ~= nil")
        .await;
    nvim.keys("<Esc>cc@src/m<C-x><C-o>").await;
    nvim.reads("@src/main.rs").await;
    nvim.quit().await;
}

#[tokio::test]
async fn neovims_own_health_check_of_language_servers_is_content() {
    let nvim = attached(&["@src/main.rs"]).await;
    nvim.command("checkhealth vim.lsp").await;
    let report = nvim.text().await;
    assert!(report.contains("promptstack (id"), "{report}");
    for sign in ["ERROR", "❌"] {
        assert!(!report.contains(sign), "{report}");
    }
    nvim.quit().await;
}

#[tokio::test]
async fn no_request_stays_pending() {
    let nvim = attached(&["word @src/m"]).await;
    nvim.holds("return require('promptstack.host').channel() ~= nil")
        .await;
    nvim.keys("A<C-x><C-o>").await;
    nvim.reads("word @src/main.rs").await;
    let pending: Json = nvim
        .lua("return vim.tbl_count(vim.lsp.get_clients()[1].requests)")
        .await;
    assert_eq!(pending, 0);
    nvim.quit().await;
}
