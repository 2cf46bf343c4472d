//! Texts that rules once misread, shortened to the structure that misled them.

use super::tests::{fixed, rows};

#[test]
fn a_series_behind_its_kind_needs_no_names() {
    rows(&[
        (
            "Scan all files for secrets and list each one with its line:\n\n- Cloud credentials (AWS, GCP, Azure, Stripe, etc.)\n- Passwords and private keys",
            &[],
        ),
        (
            "Mock what is outside (the clock, the network, etc.) in each test.",
            &[],
        ),
        ("Read the manifests: package.json, go.mod, etc.", &[]),
        ("Support formats such as PDF, PNG, etc.", &[]),
        (
            "Check the names, sizes, etc. of the files.",
            &["vague: etc"],
        ),
    ]);
}

#[test]
fn labels_titles_and_facts_ask_for_nothing() {
    rows(&[
        (
            "Review the module and list what breaks these rules.\n\n**Best practices:**\n\n- Close every connection in a `finally` block.\n- **Test thoroughly**: run it with no network and with a slow one.",
            &[],
        ),
        (
            "- **Handle empty values appropriately.** Never make zeros of them.",
            &[],
        ),
        (
            "Read [Best Practices of Pools](https://a.example/pools).",
            &[],
        ),
        (
            "The small pool is not suitable for tests. List the tests that use it.",
            &[],
        ),
        ("- **Choose appropriate patterns**", &["vague: appropriate"]),
        (
            "- **Parser**: Handle the errors of it properly",
            &["vague: properly"],
        ),
        (
            "- [ ] The dialogs are displayed properly",
            &["vague: properly"],
        ),
    ]);
}

#[test]
fn what_names_its_measure_is_not_vague() {
    rows(&[
        (
            "Write the handler of the endpoint.\n\n- Return appropriate HTTP status codes (429, 503).\n- Choose a branching strategy appropriate for a team of five.",
            &[],
        ),
        (
            "Choose an appropriate level:\n\n- `warn` for what is retried\n- `error` for the rest",
            &[],
        ),
        (
            "- Choose an appropriate level\n  - `warn` for what is retried",
            &[],
        ),
        (
            "Make no change unless it seems reasonable to both, and say so.",
            &[],
        ),
        (
            "Stop when you see:\n\n- a tie of reasonable solutions\n- an empty list",
            &[],
        ),
        (
            "Read the diff to determine an appropriate scope and type.",
            &[],
        ),
        ("Search the web for the best practices of today.", &[]),
        ("Follow these best practices from the guide.", &[]),
        ("Write audience-appropriate labels.", &[]),
        (
            "Use a pool for best practices, and keep the cache of reasonable size for tests.",
            &[],
        ),
        (
            "Show a tool with:\n\n- properly tagged structs\n- the handler",
            &["vague: properly"],
        ),
        ("Follow best practices.", &["vague: best practices"]),
        ("Add logs where appropriate.", &["vague: where appropriate"]),
    ]);
}

#[test]
fn a_step_of_two_tasks_is_a_step_of_both() {
    rows(&[
        (
            "Run these two steps.\n\n## 1. Security review\n\n- Use the Task tool with the backend architect.\n- Prompt: \"Review the design.\"\n\n## 2. Hardening\n\n- Use the Task tool with the backend architect.\n- Prompt: \"Implement the measures.\"",
            &[],
        ),
        (
            "- Use `<param>` for parameters.\n  - Begin the text with an introductory article.\n- Use `<value>` for properties.\n  - Begin the text with an introductory article.",
            &[],
        ),
        (
            "- The parser fails: stop. Ask the user for help.\n- The build fails: stop. Ask the user for help.",
            &[],
        ),
        (
            "**Before:**\n\n- Check the version of the schema.\n\n**After:**\n\n- Check the version of the schema.",
            &[],
        ),
        (
            "Model: the name of the model.\n\nModel: the name of the model.",
            &[],
        ),
        (
            "# Plan\n\n- Never touch the generated files.\n\n# Build\n\n- Never touch the generated files.",
            &["duplicate: Never touch the generated files."],
        ),
    ]);
    let section = "## Unzip the downloaded file\n\n- Run this command in the terminal to unzip it\n\n```sh\nunzip a.zip\n```\n";
    let found = super::tests::found(&format!("{section}\n{section}"));
    assert_eq!(found.len(), 1, "{found:?}");
    let passage = "- Read the log of the import.\n- Find the row that failed.\n- Take its key.\n- Search the table for the key.\n";
    let found = super::tests::found(&format!("# A\n\n{passage}\n# B\n\n{passage}"));
    assert_eq!(found.len(), 3, "{found:?}");
}

#[test]
fn a_day_that_moves_on_purpose_is_left_alone() {
    rows(&[
        (
            "Add a filter to the list of tasks:\n\n- **recent**: tasks that were updated in the last week\n\nWrite the date of the commit, not today's date.",
            &[],
        ),
        ("- Show tasks that were updated in the last week", &[]),
        (
            "- Next quarter planning (120 min): which bets to make?",
            &[],
        ),
        (
            "Find the commits of last week.",
            &["relative-date: last week"],
        ),
    ]);
}

#[test]
fn fences_are_read_as_commonmark_does_and_as_they_were_meant() {
    rows(&[
        (
            "Answer in this form:\n\n```\nThe steps:\n    ```\n    make test\n    ```\n```\n",
            &[],
        ),
        (
            "- **Old and new**\n  ```csharp\n  var a = 1;\n\nBuild it:\n\n```bash\nmake\n```\n",
            &["unclosed-fence: ```csharp"],
        ),
        (
            "Answer in this form:\n\n```markdown\n# Title\n\n```bash\n# make\n```\n\n### Steps\n```\n",
            &["unclosed-fence: ```markdown"],
        ),
        (
            "Run it.\n\n```\n\nThen read the log.\n\n```sh\nmake\n```\n\nStop.\n```\n",
            &["unclosed-fence: ```"],
        ),
        (
            "Run it.\n\n```\n\nThen read the log.\n",
            &["unclosed-fence: ```"],
        ),
    ]);
    let pairs = [
        (
            "- a\n  ```csharp\n  var a = 1;\n\nBuild it.\n",
            "- a\n  ```csharp\n  var a = 1;\n  ```\n\nBuild it.\n",
        ),
        (
            "Run it:\n\n```md\n```sh\nmake\n```\n```\n",
            "Run it:\n\n````md\n```sh\nmake\n```\n````\n",
        ),
        (
            "Explain it.\n\n```rust\nfn a() {}",
            "Explain it.\n\n```rust\nfn a() {}\n```\n",
        ),
        // It may be one too many, or the text may go on.
        ("Run it.\n\n```\nmake\n", "Run it.\n\n```\nmake\n"),
        (
            "Run it.\n\n```sh\nmake\n\nThen stop.\n",
            "Run it.\n\n```sh\nmake\n\nThen stop.\n",
        ),
    ];
    for (text, expected) in pairs {
        assert_eq!(fixed(text, "unclosed-fence"), expected, "{text}");
    }
}

#[test]
fn not_as_y_agrees_with_never_as_y_and_an_item_names_a_case() {
    rows(&[
        (
            "- Treat resource IDs as names in the cloud, not as file paths.\n- Never treat resource IDs as file paths.",
            &[],
        ),
        (
            "Never skip any step.\n\n## Phases\n\n- High confidence:\n  - Skip proof-of-concept steps.",
            &[],
        ),
        (
            "Never skip any test.\n\nIf the build is red:\n\n- Skip the slow tests.",
            &[],
        ),
    ]);
}
