//! What a person waits for: the host's hello, and the picker's rows on the screen.

use std::thread;
use std::time::{Duration, Instant};

use serde_json::json;

use super::editor::{self, Home, run};
use super::library;
use super::loading::SETTLED;
use super::numbers::{Quantity, Samples};
use super::support::Nvim;
use super::table::{Figure, Measured, Target};

pub const FIGURES: [Figure; 2] = [
    Figure {
        name: "picker open to first paint, 1,000 prompts, host running",
        target: Target::AtMost(Quantity::Seconds(0.050)),
    },
    Figure {
        name: "host start to handshake answered",
        target: Target::AtMost(Quantity::Seconds(0.030)),
    },
];

const ROUNDS: usize = 20;

/// Rows that are on the screen when the list is drawn; each begins with a folder's name.
const SEEN: usize = 10;

pub fn measure() -> Vec<Result<Measured, String>> {
    editor::with_neovim(FIGURES.len(), async {
        let home = Home::new();
        library::generate(&home.prompts(), 1_000, 5_000).expect("a library");
        thread::sleep(SETTLED);
        let (mut paints, mut handshakes) = (Samples::default(), Samples::default());
        // A new Neovim each time: the modules that the picker needs are loaded within the measure.
        for round in 0..=ROUNDS {
            let nvim = home.start().await;
            let result = run(
                &nvim,
                include_str!("lua/startup.lua"),
                json!({ "settle_ms": 300 }),
            )
            .await;
            let paint = first_paint(&nvim).await;
            nvim.quit().await;
            // The first one wrote the configuration and the index.
            if round > 0 {
                paints.push(paint.as_secs_f64());
                handshakes.push(result["handshake"].as_f64().expect("a time"));
            }
        }
        vec![
            Ok(Measured::median(&paints)),
            Ok(Measured::median(&handshakes)),
        ]
    })
}

/// From the call that opens the picker until its rows are on the screen.
async fn first_paint(nvim: &Nvim) -> Duration {
    let started = Instant::now();
    nvim.lua("require('promptstack').pick()").await;
    loop {
        let screen = nvim.screen();
        if screen
            .lines()
            .filter(|line| line.contains("commands"))
            .count()
            >= SEEN
        {
            return started.elapsed();
        }
        assert!(
            started.elapsed() < Duration::from_secs(10),
            "no rows:\n{screen}"
        );
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}
