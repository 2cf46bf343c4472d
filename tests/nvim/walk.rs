//! The whole way of a composition, as a person goes it: written, filled, linked, killed, found again.

use std::fs;

use tempfile::TempDir;

use crate::composition::{SAVED, below, kept};
use crate::host::signal;
use crate::support::{Nvim, Options};

const PROMPTS: [(&str, &str); 2] = [
    (
        "review",
        "---\ntitle: Review\n---\nReview {{text:what}} for {{text:risk}}.\n",
    ),
    (
        "answer",
        "---\ntitle: Answer\n---\nAnswer in {{choice:language=English|German}}.\n",
    ),
];

/// A home with two prompts and a project with two files; each editor starts in the project.
pub fn home() -> TempDir {
    let home = tempfile::tempdir().expect("a temporary folder");
    for folder in ["stack/prompts", "project/src"] {
        fs::create_dir_all(home.path().join(folder)).expect("folders");
    }
    for (id, text) in PROMPTS {
        let file = home.path().join(format!("stack/prompts/{id}.md"));
        fs::write(file, text).expect("a prompt");
    }
    for name in ["src/pay.rs", "src/retry.rs"] {
        fs::write(home.path().join("project").join(name), "fn f() {}\n").expect("a file");
    }
    home
}

pub async fn start(home: &TempDir) -> Nvim {
    let stack = home.path().join("stack").display().to_string();
    let options = Options {
        width: 80,
        env: vec![("PROMPTSTACK_HOME", stack)],
        ..Options::default()
    };
    let nvim = Nvim::with(&[], options).await;
    let project = home.path().join("project");
    nvim.command(&format!("cd {}", project.display())).await;
    nvim
}

#[tokio::test]
async fn a_composition_outlives_its_killed_editor_with_its_history_and_is_found_by_its_words() {
    const TEXT: &str = "Please look at the idempotency keys.\n\
                        Review payments for double spending.\n\
                        Answer in German.\n\
                        [pay.rs](src/pay.rs)\n\
                        [retry.rs](src/retry.rs)";
    let home = home();
    let nvim = start(&home).await;
    nvim.keys(":Prompt compose<CR>iPlease look at the idempotency keys.<CR><Esc>")
        .await;
    nvim.keys(":Prompt insert review<CR>").await;
    nvim.sees("1/2 what").await;
    nvim.keys("ipayments<Tab>double spending<Esc>").await;
    nvim.reads(&TEXT.lines().take(2).collect::<Vec<_>>().join("\n"))
        .await;
    nvim.keys("o<Esc>:Prompt insert answer<CR>").await;
    nvim.sees("1/1 language").await;
    nvim.keys("i").await;
    nvim.sees("2: German").await;
    nvim.keys("2<CR>").await;
    nvim.reads(&TEXT.lines().take(3).collect::<Vec<_>>().join("\n"))
        .await;
    nvim.keys("o<Esc>:Prompt files<CR>").await;
    nvim.sees("2/2").await;
    nvim.keys("<Tab><Tab>").await;
    nvim.sees("2 src/retry.rs").await;
    nvim.keys("<CR>").await;
    nvim.sees("Link 2 files").await;
    nvim.keys("<CR>").await;
    nvim.reads(TEXT).await;
    nvim.holds(&kept(SAVED)).await;
    signal(nvim.pid(), "-KILL");
    nvim.ended().await;

    let nvim = start(&home).await;
    nvim.command("Prompt history").await;
    nvim.sees("1/1").await;
    nvim.keys("idempot").await;
    nvim.sees("Review payments for double spending.").await;
    nvim.keys("<CR>").await;
    nvim.reads(TEXT).await;
    let kept = below(&home.path().join("stack"), "data/.history", "md");
    let (_, file) = kept.first().expect("the composition");
    for provenance in [
        r#"{id: "review", "#,
        r#""text:risk": "double spending""#,
        r#""text:what": "payments""#,
        r#"{id: "answer", "#,
        r#""choice:language": "German""#,
        r#"- "src/pay.rs""#,
        r#"- "src/retry.rs""#,
    ] {
        assert!(file.contains(provenance), "{provenance} is not in\n{file}");
    }
    nvim.quit().await;
}

#[tokio::test]
async fn a_value_is_known_though_its_session_ends_before_it_was_sent() {
    let home = home();
    let nvim = start(&home).await;
    nvim.keys(":Prompt compose<CR>:Prompt insert answer<CR>")
        .await;
    nvim.sees("1/1 language").await;
    nvim.holds(&kept(SAVED)).await;
    // Chosen, and gone on with elsewhere, before anything else has its turn.
    nvim.lua(
        "vim.ui.select = function(items, _, choose) choose(items[2], 2) end\n\
         vim.api.nvim_feedkeys('i', 'mx', false)\n\
         require('promptstack.placeholder.session').finish(vim.api.nvim_get_current_buf())",
    )
    .await;
    nvim.reads("Answer in German.").await;
    nvim.holds(&kept(SAVED)).await;
    let kept = below(&home.path().join("stack"), "data/.history", "md");
    let (_, file) = kept.first().expect("the composition");
    assert!(file.contains(r#""choice:language": "German""#), "{file}");
    nvim.quit().await;
}
