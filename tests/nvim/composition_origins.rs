//! What a composition was made of: it stays known when the composition is gone on with, and whatever becomes of the host.

use std::path::PathBuf;

use tempfile::TempDir;

use crate::composition::{SAVED, below, kept};
use crate::host::PID;
use crate::support::Nvim;
use crate::walk::{home, start};

/// What stands in the front matter of a draft that was begun with [`begun`].
const BEGUN: [&str; 4] = [
    r#"{id: "review", hash: ""#,
    r#""text:risk": "double spending""#,
    r#""text:what": "payments""#,
    "files:\n- \"src/pay.rs\"\n",
];

/// And what [`gone_on`] adds to it.
const ADDED: [&str; 3] = [
    r#"{id: "answer", hash: ""#,
    r#""choice:language": "German""#,
    "- \"src/retry.rs\"\n",
];

/// The files of the history, the last one begun last.
fn files(home: &TempDir) -> Vec<(PathBuf, String)> {
    below(&home.path().join("stack"), "data/.history", "md")
}

fn assert_holds(text: &str, provenance: &[&str]) {
    for piece in provenance {
        assert!(text.contains(piece), "{piece} is not in\n{text}");
    }
}

async fn link(nvim: &Nvim, path: &str) {
    nvim.lua(&format!(
        "require('promptstack.files').insert({{ '[x]({path})' }}, {{ '{path}' }}, 'links', true, 'n')"
    ))
    .await;
}

/// Begins the draft `plan` with a prompt that is filled and a linked file, and ends its editor when it is saved.
async fn begun(home: &TempDir) {
    let nvim = start(home).await;
    nvim.keys(":Prompt compose plan<CR>:Prompt insert review<CR>")
        .await;
    nvim.sees("1/2 what").await;
    nvim.keys("ipayments<Tab>double spending<Esc>").await;
    nvim.reads("Review payments for double spending.").await;
    nvim.keys("o<Esc>").await;
    link(&nvim, "src/pay.rs").await;
    nvim.holds(&kept(SAVED)).await;
    nvim.quit().await;
    assert_holds(&files(home)[0].1, &BEGUN);
}

/// Adds another prompt and another file at the end, and waits until they are saved.
async fn gone_on(nvim: &Nvim) {
    nvim.keys("Go<Esc>:Prompt insert answer<CR>").await;
    nvim.sees("1/1 language").await;
    nvim.keys("i").await;
    nvim.sees("2: German").await;
    nvim.keys("2<CR>").await;
    nvim.sees("Answer in German.").await;
    nvim.keys("<Esc>o<Esc>").await;
    link(nvim, "src/retry.rs").await;
    nvim.holds(&kept(SAVED)).await;
}

#[tokio::test]
async fn a_draft_that_is_gone_on_with_keeps_what_it_was_made_of() {
    for resume in [":Prompt compose plan<CR>", ":Prompt drafts<CR>"] {
        let home = home();
        begun(&home).await;
        let before = files(&home);
        let nvim = start(&home).await;
        nvim.keys(resume).await;
        if resume.contains("drafts") {
            nvim.sees("1/1").await;
            nvim.keys("<CR>").await;
        }
        nvim.holds(&kept("k.reply ~= nil")).await;
        assert_eq!(files(&home), before, "nothing was changed yet");
        gone_on(&nvim).await;
        let after = files(&home);
        assert_eq!(after.len(), 1, "{resume}");
        assert_holds(&after[0].1, &BEGUN);
        assert_holds(&after[0].1, &ADDED);
        nvim.quit().await;
    }
}

#[tokio::test]
async fn a_new_composition_with_an_old_text_takes_along_what_that_was_made_of() {
    let home = home();
    begun(&home).await;
    let old = files(&home).remove(0);
    let nvim = start(&home).await;
    nvim.keys(":Prompt history<CR>").await;
    nvim.sees("1/1").await;
    nvim.keys("<CR>").await;
    nvim.holds(&kept("k.path and k.path ~= ''")).await;
    gone_on(&nvim).await;
    let mut both = files(&home);
    both.retain(|file| *file != old);
    assert_eq!(both.len(), 1, "the old one is as it was");
    assert_holds(&both[0].1, &BEGUN);
    assert_holds(&both[0].1, &ADDED);
    nvim.quit().await;
}

#[tokio::test]
async fn a_prompt_of_before_keeps_the_values_that_it_was_filled_with() {
    let home = home();
    let file = home.path().join("stack/prompts/fix.md");
    std::fs::write(file, "---\ntitle: Fix\n---\nFix {{text:what}}.\n").expect("a prompt");
    begun(&home).await;
    let nvim = start(&home).await;
    nvim.keys(":Prompt compose plan<CR>").await;
    nvim.holds(&kept("k.reply ~= nil")).await;
    nvim.keys("Go<Esc>:Prompt insert fix<CR>").await;
    nvim.sees("1/1 what").await;
    nvim.keys("ithe parser<Esc>").await;
    nvim.holds(&kept(SAVED)).await;
    let text = files(&home).remove(0).1;
    assert_holds(&text, &BEGUN);
    assert_holds(&text, &[r#"values: {"text:what": "the parser"}"#]);
    nvim.quit().await;
}

#[tokio::test]
async fn what_is_inserted_while_the_draft_is_looked_for_is_known_too() {
    let home = home();
    begun(&home).await;
    let nvim = start(&home).await;
    nvim.lua(
        "vim.cmd('Prompt compose plan')\n\
         require('promptstack.insert').put({ id = 'early', hash = 'ab12', lines = { 'Be brief.' }, stops = {} })",
    )
    .await;
    nvim.sees("Review payments").await;
    nvim.sees("Be brief.").await;
    nvim.holds(&kept(SAVED)).await;
    let text = files(&home).remove(0).1;
    assert_holds(&text, &BEGUN);
    assert_holds(&text, &[r#"{id: "early", hash: "ab12"}"#]);
    nvim.quit().await;
}

#[tokio::test]
async fn what_was_left_open_is_filled_after_the_draft_is_gone_on_with() {
    let home = home();
    let nvim = start(&home).await;
    nvim.keys(":Prompt compose plan<CR>:Prompt insert review<CR>")
        .await;
    nvim.sees("1/2 what").await;
    nvim.holds(&kept(SAVED)).await;
    nvim.quit().await;
    let nvim = start(&home).await;
    nvim.keys(":Prompt compose plan<CR>").await;
    nvim.holds(&kept("k.reply ~= nil")).await;
    nvim.keys("gg:Prompt next<CR>").await;
    nvim.sees("1/2 what").await;
    nvim.keys("ipay<Esc>").await;
    nvim.holds(&kept(SAVED)).await;
    nvim.keys("aments<Esc>").await;
    nvim.reads("Review payments for {{text:risk}}.").await;
    nvim.holds(&kept(SAVED)).await;
    let text = files(&home).remove(0).1;
    assert_holds(&text, &[r#""text:risk": "", "text:what": "payments""#]);
    nvim.quit().await;
}

#[tokio::test]
async fn a_host_that_is_started_anew_takes_nothing_away() {
    let home = home();
    begun(&home).await;
    let nvim = start(&home).await;
    nvim.keys(":Prompt compose plan<CR>").await;
    nvim.holds(&kept("k.reply ~= nil")).await;
    nvim.command("Prompt restart").await;
    gone_on(&nvim).await;
    let text = files(&home).remove(0).1;
    assert_holds(&text, &BEGUN);
    assert_holds(&text, &ADDED);
    nvim.quit().await;
}

#[tokio::test]
async fn what_a_host_was_told_and_never_saved_is_told_to_the_next_one() {
    for saved_before in [false, true] {
        let home = home();
        let prompt = home.path().join("stack/prompts/plain.md");
        std::fs::write(prompt, "---\ntitle: Plain\n---\nBe brief.\n").expect("a prompt");
        if saved_before {
            begun(&home).await;
        }
        let nvim = start(&home).await;
        nvim.keys(":Prompt compose plan<CR>").await;
        nvim.holds(&kept("k.reply ~= nil")).await;
        let before = files(&home);
        let pid = nvim.lua(PID).await.as_i64().expect("a pid");
        // Right when the host has heard of the prompt, which is before anybody asks it to save.
        nvim.lua(
            "local keepers = require('promptstack.composition.keeper')\n\
             local pid = vim.fn.jobpid(require('promptstack.host').channel())\n\
             local chars = keepers.get(vim.api.nvim_get_current_buf()).reply.chars\n\
             keepers.on_change(function(k)\n\
               if not _G.killed and k.reply.chars > chars then\n\
                 _G.killed = k.reply.saved and 'saved' or 'not saved'\n\
                 vim.uv.kill(pid, 'sigkill')\n\
               end\n\
             end)",
        )
        .await;
        nvim.keys(":Prompt insert plain<CR>").await;
        nvim.holds("return _G.killed ~= nil").await;
        assert_eq!(nvim.lua("return _G.killed").await, "not saved");
        assert_eq!(files(&home), before);
        nvim.holds(&format!(
            "local channel = require('promptstack.host').channel()\n\
             return channel ~= nil and vim.fn.jobpid(channel) ~= {pid}"
        ))
        .await;
        nvim.holds(&kept(SAVED)).await;
        let text = files(&home).remove(0).1;
        assert_holds(&text, &[r#"{id: "plain", hash: ""#]);
        if saved_before {
            assert_holds(&text, &BEGUN);
        }
        nvim.quit().await;
    }
}
