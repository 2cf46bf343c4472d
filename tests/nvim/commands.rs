//! `:Prompt` and its subcommands as a person types them.

use expect_test::expect;
use serde_json::json;

use crate::support::{Nvim, Options};

const HELLO: (&str, &str) = (
    "social/hello",
    "---\ntitle: Say hello\n---\nHello {{text:name}}\n",
);
const REVIEW: (&str, &str) = (
    "review",
    "---\ntitle: Review\n---\nReview this:\n```\n{{text:selection}}\n```\nEnd.\n",
);
const BROKEN: (&str, &str) = (
    "broken",
    "---\ntitle: Broken\n---\n{{text:a}}\n{{text:a}}\n{{data:b}}\n",
);

#[tokio::test]
async fn a_prompt_is_inserted_by_its_id_and_a_bang_gives_it_a_line() {
    let nvim = Nvim::start(&[HELLO]).await;
    nvim.keys("ifirst<Esc>:PromptInsert! social/hello<CR>")
        .await;
    nvim.reads("first\nHello {{text:name}}").await;
    nvim.keys("u").await;
    nvim.reads("first").await;
    nvim.keys(":Prompt insert! social/hello<CR>").await;
    nvim.reads("first\nHello {{text:name}}").await;
    nvim.quit().await;
}

#[tokio::test]
async fn a_range_fills_the_selection_of_the_prompt() {
    let nvim = Nvim::start(&[REVIEW]).await;
    nvim.keys("ilet a = 1;<CR>let b = 2;<Esc>:1,2Prompt! insert review<CR>")
        .await;
    nvim.reads("let a = 1;\nlet b = 2;\nReview this:\n```\nlet a = 1;\nlet b = 2;\n```\nEnd.")
        .await;
    nvim.quit().await;
}

#[tokio::test]
async fn an_unknown_prompt_and_an_unknown_subcommand_are_answered_with_what_there_is() {
    let nvim = Nvim::start(&[HELLO]).await;
    nvim.keys(":PromptInsert social/helo<CR>").await;
    nvim.sees("social/hello").await;
    nvim.keys("<CR>:Prompt nonsense<CR>").await;
    nvim.sees("there is no ':Prompt nonsense'").await;
    nvim.quit().await;
}

#[tokio::test]
async fn subcommands_and_ids_are_completed() {
    let nvim = Nvim::start(&[HELLO, REVIEW]).await;
    let complete = async |line: &str| {
        nvim.lua(&format!("return vim.fn.getcompletion({line:?}, 'cmdline')"))
            .await
    };
    assert_eq!(
        complete("Prompt pre").await,
        json!(["prev", "prev-suggestion", "preview"])
    );
    assert_eq!(
        complete("Prompt insert hell").await,
        json!(["social/hello"])
    );
    assert_eq!(complete("PromptInsert rev").await, json!(["review"]));
    assert_eq!(
        complete("2,3Promptstack! insert hello").await,
        json!(["social/hello"])
    );
    assert_eq!(complete("Prompt insert! rev").await, json!(["review"]));
    assert_eq!(complete("Prompt next x").await, json!([]));
    assert_eq!(
        complete("Prompt suggest o").await,
        json!(["openai", "ollama"])
    );
    nvim.quit().await;
}

#[tokio::test]
async fn somebody_elses_prompt_command_is_left_alone() {
    let before = "vim.api.nvim_create_user_command('Prompt', function() _G.theirs = true end, {})";
    let nvim = Nvim::with(
        &[HELLO],
        Options {
            before,
            ..Options::default()
        },
    )
    .await;
    nvim.command("Prompt").await;
    assert_eq!(nvim.lua("return _G.theirs").await, true);
    nvim.keys(":Promptstack! insert social/hello<CR>").await;
    nvim.holds("return vim.api.nvim_get_current_line():find('Hello') ~= nil")
        .await;
    nvim.quit().await;
}

#[tokio::test]
async fn the_library_check_shows_lists_and_marks_what_is_wrong() {
    let nvim = Nvim::start(&[HELLO, BROKEN]).await;
    nvim.keys(":Prompt edit broken<CR>").await;
    nvim.holds("return vim.api.nvim_buf_get_name(0):find('broken.md') ~= nil")
        .await;
    nvim.keys(":Prompt validate<CR>").await;
    let screen = nvim.sees("Library check").await;
    let shown: Vec<&str> = screen
        .lines()
        .filter(|line| line.contains(['│', '╭', '╰']))
        .collect();
    expect![[r#"
        ~           ╭ Library check · 1 error · 1 warning · 1 of 2 files ─────────────────────╮
        ~           │✗ broken.md:5:1  placeholder 'a' is defined twice (first at 4:1)         │
        ~           │▲ broken.md:6:1  unknown placeholder type 'data', the text stays literal │
        ~           ╰ <CR> open · <C-q> quickfix · q close ───────────────────────────────────╯"#]]
    .assert_eq(&shown.join("\n"));
    nvim.keys("<C-q>").await;
    let list = nvim.lua(
        "return vim.tbl_map(function(i) return { i.lnum, i.col, i.type } end, vim.fn.getqflist())",
    );
    assert_eq!(list.await, json!([[5, 1, "E"], [6, 1, "W"]]));
    nvim.keys(":cclose<CR>").await;
    let marked = "return vim.tbl_map(function(d) return d.lnum end, vim.diagnostic.get(vim.fn.bufnr('broken.md')))";
    assert_eq!(nvim.lua(marked).await, json!([4, 5]));
    nvim.quit().await;
}

#[tokio::test]
async fn a_bang_checks_the_file_as_it_stands_in_the_buffer() {
    let nvim = Nvim::start(&[BROKEN]).await;
    nvim.keys(":Prompt edit broken<CR>").await;
    nvim.holds("return vim.api.nvim_buf_get_name(0):find('broken.md') ~= nil")
        .await;
    nvim.keys("5GddGdd:Prompt! validate<CR>").await;
    nvim.sees("this prompt can be used, nothing to mend").await;
    nvim.quit().await;
}

#[tokio::test]
async fn a_project_file_has_no_effect_before_it_is_trusted_as_it_was_shown() {
    let nvim = Nvim::start(&[HELLO]).await;
    let file = nvim.home.path().join("work/.promptstack.yaml");
    std::fs::create_dir_all(file.parent().expect("a parent")).expect("a folder");
    std::fs::create_dir_all(nvim.home.path().join("work/team")).expect("a folder");
    std::fs::write(nvim.home.path().join("work/team/shared.md"), HELLO.1).expect("a prompt");
    std::fs::write(&file, "version: 1\nlibrary:\n  paths: [team]\n").expect("a file");
    let ids = async || {
        nvim.lua("_G.ids = nil require('promptstack.rpc.contract').library_complete({ query = '' }, function(_, r) _G.ids = r.ids end)").await;
        nvim.holds("return _G.ids ~= nil").await;
        nvim.lua("table.sort(_G.ids) return _G.ids").await
    };
    nvim.command("cd work").await;
    assert_eq!(ids().await, json!(["social/hello"]));
    nvim.keys(":Prompt trust<CR>").await;
    let screen = nvim.sees("(not trusted)").await;
    assert!(screen.contains("paths: [team]"), "{screen}");
    nvim.keys("t").await;
    nvim.sees("is trusted as it stands").await;
    nvim.keys("<CR>:Prompt restart<CR>").await;
    nvim.sees("the host runs").await;
    assert_eq!(ids().await, json!(["shared", "social/hello"]));
    std::fs::write(&file, "version: 1\nlibrary:\n  paths: [team, more]\n").expect("a file");
    nvim.keys("<CR>:Prompt restart<CR>").await;
    nvim.holds("return require('promptstack.host').state() == 'ready'")
        .await;
    assert_eq!(
        ids().await,
        json!(["social/hello"]),
        "another content is not what was trusted"
    );
    nvim.quit().await;
}

#[tokio::test]
async fn events_reach_lua_as_user_autocommands() {
    let nvim = Nvim::start(&[HELLO]).await;
    nvim.lua(
        "_G.seen = {}\n\
         vim.api.nvim_create_autocmd('User', { pattern = 'Promptstack*', callback = function(ev)\n\
           _G.seen[ev.match] = ev.data\n\
         end })",
    )
    .await;
    nvim.keys(":PromptInsert social/hello<CR>").await;
    nvim.holds("return _G.seen.PromptstackPromptUsed ~= nil")
        .await;
    assert_eq!(
        nvim.lua("return _G.seen.PromptstackPromptUsed").await,
        json!({ "id": "social/hello" })
    );
    nvim.holds("return _G.seen.PromptstackLibraryChanged ~= nil")
        .await;
    assert_eq!(
        nvim.lua("return _G.seen.PromptstackLibraryChanged.total")
            .await,
        1
    );
    nvim.quit().await;
}

#[tokio::test]
async fn checkhealth_tells_how_things_stand() {
    let nvim = Nvim::start(&[HELLO, BROKEN]).await;
    nvim.lua("require('promptstack').setup({ ui = { picker = 'nonsense' }, logging = { level = 'loud' } })").await;
    nvim.command("checkhealth promptstack").await;
    let report = nvim.text().await;
    for wanted in [
        ":Prompt is ours",
        "ui.picker can't be 'nonsense' (allowed: auto, found, builtin,",
        "it runs, version",
        "setup():",
        "logging.level",
        "2 prompts; 1 error and 1 warning in 1 file",
        "0 compositions, 0 drafts, 0 B",
    ] {
        assert!(report.contains(wanted), "{wanted:?} is not in\n{report}");
    }
    nvim.quit().await;
}

#[tokio::test]
async fn highlight_links_survive_a_colour_scheme() {
    let nvim = Nvim::start(&[]).await;
    nvim.command("colorscheme habamax").await;
    let link = nvim
        .lua("return vim.api.nvim_get_hl(0, { name = 'PromptstackMatch' }).link")
        .await;
    assert_eq!(link, "Special");
    nvim.quit().await;
}

#[tokio::test]
async fn all_findings_of_the_configuration_and_of_setup_are_told_at_once_when_the_host_starts() {
    let nvim = Nvim::start(&[HELLO]).await;
    nvim.lua("require('promptstack').setup({ libary = {}, ui = { pickr = 'x' } })")
        .await;
    nvim.keys(":Prompt attach<CR>").await;
    nvim.sees("unknown option 'ui.pickr'").await;
    nvim.sees("setup(): unknown key").await;
    nvim.quit().await;
}

#[tokio::test]
async fn a_library_with_errors_is_mentioned_once_at_the_start() {
    let nvim = Nvim::start(&[HELLO, BROKEN]).await;
    nvim.keys(":Prompt attach<CR>").await;
    nvim.sees("1 prompt has an error").await;
    nvim.quit().await;
}
