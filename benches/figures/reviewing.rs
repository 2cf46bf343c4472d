//! What happens to a composition before a model is asked: checks, context.

use std::path::Path;

use promptstack::ai::local::{self, Around};
use promptstack::app::selecting::Selector;
use promptstack::app::{App, Boot};
use promptstack::tokens::vocabulary;
use serde_json::Value;
use tokio::runtime::Runtime;

use super::library;
use super::numbers::{Quantity, Samples};
use super::table::{Figure, Measured, Target};

pub const FIGURES: [Figure; 2] = [
    Figure {
        name: "local checks of 10,000 words",
        target: Target::AtMost(Quantity::Seconds(0.010)),
    },
    Figure {
        name: "context for 300 words out of 10,000 prompts, index warm",
        target: Target::AtMost(Quantity::Seconds(0.002)),
    },
];

const ROUNDS: usize = 51;
const PROMPTS: usize = 10_000;
const SIZE: usize = 6_400;

pub fn measure() -> Vec<Result<Measured, String>> {
    let text = composition(10_000);
    let around = Around {
        exists: &|_| false,
        off: &[],
    };
    let mut checks = Samples::default();
    for _ in 0..ROUNDS {
        checks.time(|| local::check(&text, &around));
    }
    vec![
        Ok(Measured::median(&checks)),
        Ok(Measured::median(&context())),
    ]
}

fn context() -> Samples {
    vocabulary::wait();
    let folder = tempfile::tempdir().expect("a temporary folder");
    let home = folder.path().join("stack");
    library::generate(&home.join("prompts"), PROMPTS, SIZE).expect("a library");
    let boot = Boot {
        home,
        user_home: None,
        env: |name| (name == "PROMPTSTACK_NO_STARTER").then(|| "1".into()),
    };
    let text = composition(300);
    let runtime = Runtime::new().expect("a runtime");
    runtime.block_on(async {
        let app = App::open(&boot, Path::new("/"), Value::Null).app;
        app.refresh().await;
        let mut times = Samples::default();
        // The first one makes the index.
        for round in 0..=ROUNDS {
            let started = std::time::Instant::now();
            let chosen = app.select_context(Selector::Ranked, &text, None).await;
            assert!(
                chosen.is_ok_and(|it| !it.chosen.is_empty()),
                "something fits"
            );
            if round > 0 {
                times.push(started.elapsed().as_secs_f64());
            }
        }
        times
    })
}

/// Instructions in paragraphs and lists, with what the checks look for now and then.
fn composition(words: usize) -> String {
    const LINES: [&str; 6] = [
        "Write integration tests for the payment API and review every branch of the parser.\n",
        "Always mock the network. Be thorough and handle errors appropriately.\n\n",
        "- list each function that reads from a file without checking its error\n",
        "- keep the public interface as it is, and name what changed\n\n",
        "Explain in one line why, in plain names; see @src/main.rs.\n",
        "Use {{text:framework}} where it fits.\n\n",
    ];
    let mut text = String::new();
    let mut count = 0;
    for n in 0.. {
        if count >= words {
            break;
        }
        let line = LINES[n * 7 % LINES.len()];
        count += line.split_whitespace().count();
        text.push_str(line);
    }
    text
}
