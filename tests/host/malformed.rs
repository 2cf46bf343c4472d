//! 10,000 malformed frames, each sent to a fresh host: an error reply or a clean end, no panic, no hang.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use rmpv::Value;
use serde_json::json;

use crate::support::{Editor, Said, notification, to_lua};
use promptstack::rpc::contract::schema_hash;
use promptstack::rpc::host::STACK;

/// The bound that the issue of the host's end names.
const LIMIT: Duration = Duration::from_millis(500);

/// A small generator with a fixed seed, so that a failing frame can be had again by its number.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        // SplitMix64.
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, n: usize) -> usize {
        (self.next() % n as u64) as usize
    }
}

fn value(random: &mut Random, depth: usize) -> Value {
    match random.below(if depth > 3 { 8 } else { 10 }) {
        0 => Value::Nil,
        1 => Value::Boolean(true),
        2 => Value::from(random.next() as i64),
        3 => Value::from(random.next()),
        4 => Value::F64(f64::from_bits(random.next())),
        5 => Value::Binary((0..random.below(9)).map(|_| random.next() as u8).collect()),
        6 => Value::Ext(random.below(128) as i8, vec![1, 2, 3]),
        7 => ["library.search", "query", "", "{{text:a}}", "cancel"][random.below(5)].into(),
        8 => Value::Array(
            (0..random.below(4))
                .map(|_| value(random, depth + 1))
                .collect(),
        ),
        _ => Value::Map(
            (0..random.below(4))
                .map(|_| (value(random, depth + 1), value(random, depth + 1)))
                .collect(),
        ),
    }
}

fn encoded(value: &Value) -> Vec<u8> {
    let mut bytes = Vec::new();
    rmpv::encode::write_value(&mut bytes, value).expect("memory takes everything");
    bytes
}

/// One frame of each kind of damage in turn.
fn frame(random: &mut Random, number: usize) -> Vec<u8> {
    let methods = [
        "host.hello",
        "library.search",
        "library.get",
        "placeholder.parse",
        "no.such",
        "cancel",
    ];
    let method = methods[random.below(methods.len())];
    let valid = notification(
        method,
        vec![
            7.into(),
            to_lua(&json!({ "query": "a", "id": "b", "lines": ["c"], "schema": "d" })),
        ],
    );
    match number % 8 {
        // Bits flipped in a valid message.
        0 => {
            let mut bytes = valid;
            for _ in 0..=random.below(4) {
                let at = random.below(bytes.len());
                bytes[at] ^= 1 << random.below(8);
            }
            bytes
        }
        // Cut in the middle.
        1 => valid[..random.below(valid.len())].to_vec(),
        // Plain noise.
        2 => (0..random.below(64)).map(|_| random.next() as u8).collect(),
        // A length that promises gigabytes.
        3 => {
            let marker = [0xdd, 0xdf, 0xdb, 0xc6, 0xc9][random.below(5)];
            let mut bytes = vec![0x93, 0x02, 0xa1, b'x', marker, 0xff, 0xff, 0xff, 0xff];
            bytes.extend((0..random.below(16)).map(|_| random.next() as u8));
            bytes
        }
        // Deeper than anybody nests.
        4 => {
            let mut bytes = vec![0x93, 0x02, 0xa1, b'x'];
            bytes.extend(std::iter::repeat_n(0x91, 1000 + random.below(20_000)));
            bytes
        }
        // Well-formed values in the shape of a message.
        5 => encoded(&Value::Array(vec![
            (random.below(5) as u64).into(),
            value(random, 0),
            value(random, 0),
            value(random, 0),
        ])),
        // A known method with arguments of any shape.
        6 => notification(
            method,
            (0..random.below(4)).map(|_| value(random, 0)).collect(),
        ),
        // An answer to a question that nobody asked.
        _ => encoded(&Value::Array(vec![
            1.into(),
            random.next().into(),
            Value::Nil,
            value(random, 0),
        ])),
    }
}

#[test]
fn ten_thousand_malformed_frames_panic_nothing_and_hang_nothing() {
    // The host's own thread has this much.
    let host = std::thread::Builder::new().stack_size(STACK).spawn(|| {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build();
        runtime
            .expect("a runtime")
            .block_on(send_malformed_frames());
    });
    host.expect("a thread").join().expect("no panic");
}

/// The id of a request that is whole enough to be answered.
fn answerable(bytes: &[u8]) -> Option<u64> {
    let mut rest = bytes;
    let message = rmpv::decode::read_value(&mut rest)
        .ok()
        .filter(|_| rest.is_empty())?;
    let [kind, method, args] = message.as_array()?.as_slice() else {
        return None;
    };
    let asked = kind.as_u64() == Some(2) && !matches!(method.as_str(), None | Some("cancel"));
    asked.then(|| args.as_array()?.first()?.as_u64()).flatten()
}

async fn send_malformed_frames() {
    static PANICS: AtomicUsize = AtomicUsize::new(0);
    let usual = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        PANICS.fetch_add(1, Ordering::Relaxed);
        usual(info);
    }));
    let mut random = Random(42);
    for number in 0..10_000 {
        let bytes = frame(&mut random, number);
        // Some hosts have an app behind them, so that parameters get as far as the handlers.
        let mut editor = match number % 40 {
            39 => Editor::greeted(&[]).await,
            _ => Editor::start(&[]),
        };
        let asks = answerable(&bytes);
        editor.write(&bytes).await;
        let shown = || {
            bytes
                .iter()
                .take(60)
                .map(|b| format!("{b:02x}"))
                .collect::<String>()
        };
        let ended = tokio::time::timeout(LIMIT, async {
            let mut answered = asks.is_none();
            while !answered {
                match editor.hear_any().await {
                    Some(Said::Error(id, _) | Said::Reply(id, _)) => answered = Some(id) == asks,
                    Some(_) => {}
                    None => panic!("frame {number} {}: no answer", shown()),
                }
            }
            editor.finish().await;
            while editor.hear_any().await.is_some() {}
            editor.hang_up().await;
        });
        ended
            .await
            .unwrap_or_else(|_| panic!("frame {number} hangs: {}", shown()));
        assert_eq!(
            PANICS.load(Ordering::Relaxed),
            0,
            "frame {number} panics: {}",
            shown()
        );
    }
}

#[tokio::test]
async fn a_host_still_answers_after_a_message_it_does_not_understand() {
    let mut editor = Editor::start(&[]);
    for args in [
        vec![],
        vec!["no id".into()],
        vec![Value::from(-1)],
        vec![Value::from(1), "no map".into()],
    ] {
        editor.write(&notification("library.search", args)).await;
    }
    let hello = json!({
        "version": env!("CARGO_PKG_VERSION"),
        "schema": schema_hash(),
        "cwd": editor.home.path().display().to_string(),
    });
    let id = 500;
    editor
        .write(&notification("host.hello", vec![id.into(), to_lua(&hello)]))
        .await;
    loop {
        match editor.hear().await {
            Said::Reply(500, _) => break,
            Said::Reply(other, _) => panic!("{other} was no valid request"),
            _ => {}
        }
    }
    editor.hang_up().await;
}
