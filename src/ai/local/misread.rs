//! Texts that rules once misread, shortened to the structure that misled them.

use super::tests::{fixed, rows};

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
