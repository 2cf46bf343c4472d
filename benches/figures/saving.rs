//! What it costs to keep a composition: on the disk, and in the editor.

use std::fs::{self, File};
use std::io::Write;
use std::path::Path;

use jiff::{Timestamp, Zoned};
use promptstack::history::composition::{Composition, Meta};
use promptstack::history::files::Files;
use serde_json::json;

use super::editor::{self, Home, run, samples};
use super::numbers::{Quantity, Samples};
use super::table::{Figure, Measured, Target};

/// The size of the composition that is saved.
const BYTES: usize = 6 << 10;
const SAVES: usize = 1000;

pub const FIGURES: [Figure; 4] = [
    Figure {
        name: "save of 6 KB, durable, p50, against write, fsync, rename",
        target: Target::Times(3.0),
    },
    Figure {
        name: "save of 6 KB, durable, p99, against write, fsync, rename",
        target: Target::Times(5.0),
    },
    Figure {
        name: "one autosave of 6 KB, editor's side",
        target: Target::AtMost(Quantity::Seconds(0.001)),
    },
    Figure {
        name: "a letter typed into a composition of 1 MB, editor's side, p99",
        target: Target::AtMost(Quantity::Seconds(0.004)),
    },
];

pub fn measure() -> Vec<Result<Measured, String>> {
    let mut rows = durable();
    rows.extend(editor::with_neovim(2, in_the_editor()));
    rows
}

/// Ours and the bare one take turns, so that both meet the same disk.
fn durable() -> Vec<Result<Measured, String>> {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let files = Files::new(folder.path().join("history"), Box::new(Zoned::now));
    let bare_file = folder.path().join("bare.md");
    let mut composition = Composition {
        meta: Meta::new(Timestamp::now(), "/home/me/project".into()),
        body: "words of a text that somebody wrote\n"
            .repeat(BYTES / 36 + 1)
            .into_bytes(),
    };
    composition.body.truncate(BYTES);
    let mut last = files.save(&composition, None).expect("a first save");
    let (mut ours, mut bare) = (Samples::default(), Samples::default());
    for n in 0..SAVES {
        composition.body[n % BYTES] = b'a' + (n % 26) as u8;
        ours.time(|| last = files.save(&composition, Some(&last)).expect("a save"));
        let bytes = fs::read(folder.path().join("history").join(&last.file)).expect("the file");
        bare.time(|| write_fsync_rename(&bare_file, &bytes));
    }
    [0.5, 0.99]
        .into_iter()
        .map(|part| {
            Ok(Measured {
                value: Quantity::Seconds(ours.quantile(part)),
                note: String::new(),
                reference: Some(("bare".into(), Quantity::Seconds(bare.quantile(part)))),
            })
        })
        .collect()
}

fn write_fsync_rename(path: &Path, bytes: &[u8]) {
    let temporary = path.with_extension("tmp");
    let mut file = File::create(&temporary).expect("a file");
    file.write_all(bytes).expect("room");
    file.sync_all().expect("a disk");
    fs::rename(&temporary, path).expect("a name");
}

async fn in_the_editor() -> Vec<Result<Measured, String>> {
    let home = Home::new();
    let nvim = home.start().await;
    let saved = run(
        &nvim,
        include_str!("lua/autosave.lua"),
        json!({ "bytes": BYTES, "saves": 300 }),
    )
    .await;
    nvim.quit().await;
    let nvim = home.start().await;
    let typed = run(
        &nvim,
        include_str!("lua/typing.lua"),
        json!({ "bytes": 1 << 20, "letters": 600, "pause_ms": 20 }),
    )
    .await;
    nvim.quit().await;
    let saves = Samples::from(samples(&saved["saves"]));
    let letters = Samples::from(samples(&typed["letters"]));
    let row = |value: f64, note: String| {
        Ok(Measured {
            value: Quantity::Seconds(value),
            note,
            reference: None,
        })
    };
    vec![
        row(
            saves.median(),
            format!("p99 {}", Quantity::Seconds(saves.quantile(0.99))),
        ),
        row(
            letters.quantile(0.99),
            format!(
                "p50 {}, {} saves meanwhile",
                Quantity::Seconds(letters.median()),
                typed["saves"]
            ),
        ),
    ]
}
