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
            "- [ ] The dialogs fit the screen properly",
            &["vague: properly"],
        ),
    ]);
}

#[test]
fn what_names_its_measure_is_not_vague() {
    rows(&[
        ("Use appropriate tools: `npm audit` and `pip check`.", &[]),
        ("Write production-ready code.", &[]),
        ("Check that the quotes are properly escaped.", &[]),
        (
            "Write high-quality code with tests for each branch of it.",
            &[],
        ),
        (
            "If rights, notes or a suitable picture are missing, leave the picture out.",
            &[],
        ),
        (
            "Use the exceptions appropriately.\n\n| Failure | Exception |\n|---|---|\n| empty | A |\n",
            &[],
        ),
        (
            "Deploy high-quality devices.\n\nChecklist:\n- The power lasts a week\n",
            &[],
        ),
        ("- Test coverage of 85% achieved thoroughly", &[]),
        ("- [ ] The parser is thoroughly tested (`make test`)", &[]),
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
            "Show a tool with:\n\n- proper tags, set properly\n- the handler",
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
fn a_section_with_a_comment_or_a_sentence_for_a_title_is_not_empty() {
    rows(&[
        (
            "# Task\n\nFix it.\n\n# Issue 2: ...\n\n# Form\n\nA patch.",
            &[],
        ),
        (
            "Fill in this template for the pull request.\n\n## Summary\n\n<!-- Three sentences on what it does. -->\n\n## Testing\n\n<!-- How it was validated. -->\n",
            &[],
        ),
        (
            "# Rules\n\n## Use `html=1` whenever a label contains tags\n\n## Keep the order of the columns as it is\n\nSort nothing.",
            &[],
        ),
        (
            "# Task\n\nFix it.\n\n# Report on {name}\n\n# Form\n\nA patch.",
            &[],
        ),
        (
            "# Task\n\nFix it.\n\n## 6) Make the files\n\n## 7) Run it\n\nNow.",
            &["empty-section: 6) Make the files"],
        ),
    ]);
}

#[test]
fn packages_and_what_stands_elsewhere_are_no_missing_files() {
    rows(&[
        ("Show each as ![preview](thumbnail_url) with a title.", &[]),
        (
            "- @google/design.md CLI toolkit (lint, diff, export)\n- Save the specification in the [/spec/](/spec/) directory.",
            &[],
        ),
        (
            "Write a list of links such as [the guide](./sdk/guide.md).",
            &[],
        ),
        (
            "See [the plan](docs/plam.md).",
            &["missing-file: docs/plam.md"],
        ),
    ]);
}

#[test]
fn references_of_another_project_are_no_missing_files() {
    rows(&[
        (
            "- Version: @package.json or @setup.py\n- Settings: @docs/a.toml (if it exists)",
            &[],
        ),
        ("- Version: @package.json\n- Settings: @docs/a.toml", &[]),
        (
            "Read @src/main.rs and @docs/a.toml.",
            &["missing-file: @docs/a.toml"],
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

#[test]
fn small_things_are_read_for_what_they_are() {
    rows(&[
        (
            "Write the first draft as a table. Mark places that need a source with [TODO].",
            &[],
        ),
        ("Set these variables: [HOST], [PORT], [TODO].", &[]),
        ("Deadline: [TODO]", &["todo: TODO"]),
        (
            "List the licences of the tools. The first one says:\n\nTHE SOFTWARE IS PROVIDED \"AS IS\", WITHOUT WARRANTY OF ANY KIND.",
            &[],
        ),
        (
            "- Do not use `any`.\n\n```ts\nfunction a(b: unknown) {}\n```\n",
            &[],
        ),
        ("Install the canvas from the the-workshop repo.", &[]),
        (
            "Say which of the rules hold (120 lines\n+ three findings) and stop.",
            &[],
        ),
        (
            "# Team\n\n- The name of the team and its people <!-- who works on what -->\n- The tools of the team",
            &[],
        ),
    ]);
}

#[test]
fn a_long_tag_has_no_words() {
    let path = "M8 1 L9 2 ".repeat(80);
    let text = format!("Point at it to see <svg d=\"{path}\"> and click on that.");
    rows(&[(&text, &[])]);
}
