//! Makes a library of prompts for measurements: the same files at every run.

use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::Path;

const FOLDERS: [&str; 4] = ["commands", "prompt-decorations", "rules", "workflows"];
const WORDS: [&str; 32] = [
    "review",
    "the",
    "change",
    "and",
    "list",
    "every",
    "function",
    "that",
    "reads",
    "from",
    "a",
    "file",
    "without",
    "checking",
    "its",
    "error",
    "then",
    "write",
    "tests",
    "for",
    "each",
    "branch",
    "of",
    "parser",
    "with",
    "plain",
    "names",
    "keep",
    "public",
    "interface",
    "as",
    "it",
];
const TAGS: [&str; 8] = [
    "rust", "review", "docs", "tests", "git", "lua", "sql", "api",
];

/// Numbers that look random and are the same everywhere.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % limit
    }

    fn pick<'a>(&mut self, words: &[&'a str]) -> &'a str {
        words[self.below(words.len())]
    }
}

/// Writes `count` prompts of about `size` bytes in four folders and gives their size in bytes. One in
/// fifty has front matter that is no valid YAML, one in five a few placeholders.
pub(crate) fn generate(root: &Path, count: usize, size: usize) -> io::Result<u64> {
    for folder in FOLDERS {
        fs::create_dir_all(root.join(folder))?;
    }
    let mut numbers = Numbers(1);
    let mut bytes = 0;
    for number in 0..count {
        let folder = FOLDERS[number % FOLDERS.len()];
        let text = prompt(number, size, &mut numbers);
        fs::write(
            root.join(folder)
                .join(format!("{}-{number:05}.md", numbers.pick(&WORDS))),
            &text,
        )?;
        bytes += text.len() as u64;
    }
    Ok(bytes)
}

fn prompt(number: usize, size: usize, numbers: &mut Numbers) -> String {
    let mut text = String::with_capacity(7 * 1024);
    let sentence = |numbers: &mut Numbers, words: usize| {
        (0..words)
            .map(|_| numbers.pick(&WORDS))
            .collect::<Vec<_>>()
            .join(" ")
    };
    let colon = if number % 50 == 7 { ": " } else { " " };
    let title = sentence(numbers, 4);
    let description = format!("{}{colon}{}", sentence(numbers, 5), sentence(numbers, 6));
    let tags = [numbers.pick(&TAGS), numbers.pick(&TAGS)].join(", ");
    let _ = write!(
        text,
        "---\ntitle: {title} {number}\ndescription: {description}\ntags: [{tags}]\n---\n\n# {title}\n\n"
    );
    if number.is_multiple_of(5) {
        text += "Read {{text:path=src/main.rs}} first.\n\n{{list:rules}}\n\n";
        text += "Answer in {{choice:language=English|German}}, with {{variable}} left alone.\n\n";
    }
    // The last line goes past the end by half its length.
    let size = size - 1_050 + numbers.below(2_000);
    while text.len() < size {
        let words = 8 + numbers.below(12);
        let _ = writeln!(text, "- {}.", sentence(numbers, words));
        if numbers.below(12) == 0 {
            text += "\n```sh\ncargo test --all\n```\n\n## Next\n\n";
        }
    }
    text
}
