//! Files of a project: the picker, the title editor, references in a text.

mod picker;
mod titles;

use std::fs;

use crate::support::{Nvim, Options};

/// A project in which everything that a row can show occurs.
pub const PROJECT: &[(&str, &str)] = &[
    (
        "docs/plan.md",
        "---\ntitle: The plan [draft]\n---\n# Plan\n",
    ),
    ("src/main.rs", "fn main() {\n    run();\n}\n"),
    ("src/größe.rs", "pub fn size() {}\n"),
    ("a file.txt", "text\n"),
    ("secrets.yml", "password: x\n"),
    (".gitignore", "*.log\n"),
    ("noise.log", "noise\n"),
    (".env", "TOKEN=x\n"),
];

/// Writes files below the folder "work" of the home folder.
pub fn write(nvim: &Nvim, files: &[(&str, &str)]) {
    for (name, text) in files {
        let path = nvim.home.path().join("work").join(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("folders");
        fs::write(path, text).expect("a file");
    }
}

/// Starts an editor whose working directory is a project with these files.
pub async fn project(files: &[(&str, &str)], options: Options) -> Nvim {
    let nvim = Nvim::with(&[], options).await;
    fs::create_dir_all(nvim.home.path().join("work")).expect("a folder");
    write(&nvim, files);
    nvim.command("cd work").await;
    nvim
}

/// A screen of this size.
pub fn size(width: i64, height: i64) -> Options {
    Options {
        width,
        height,
        ..Options::default()
    }
}
