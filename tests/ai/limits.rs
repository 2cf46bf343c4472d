//! Time, size and number are bounded, whatever a server does.

use std::thread;
use std::time::Duration;

use expect_test::expect;
use promptstack::ai::Kind;
use promptstack::ai::http::Limits;

use crate::provider_server::{Act, ProviderServer};
use crate::support::{
    ALL, CHAT, CLAUDE, OLLAMA, Outcome, ask_at, block_on, fixture, provider, request,
};

const SHORT: Duration = Duration::from_millis(150);
const LONG: Duration = Duration::from_secs(60);

/// Limits of which only the one that is set matters.
fn patient() -> Limits {
    Limits {
        first: LONG,
        idle: LONG,
        total: LONG,
        ..Limits::default()
    }
}

fn told(kind: Kind, acts: Vec<Act>, limits: Limits) -> String {
    let server = ProviderServer::start(acts);
    let line = ask_at(kind, &server.url(), limits, &request()).told();
    server.wait_for_hang_up();
    line
}

/// A recorded reply up to and without its last event.
fn begun(name: &str) -> Vec<u8> {
    let mut bytes = fixture(name);
    let crab = "🦀!\"".as_bytes();
    let at = bytes
        .windows(crab.len())
        .position(|it| it == crab)
        .expect("its last words");
    let end = bytes[at..]
        .iter()
        .position(|byte| *byte == b'\n')
        .expect("a line end");
    // An empty line ends an event, and means nothing between lines.
    bytes.truncate(at + end + 1);
    bytes.push(b'\n');
    bytes
}

fn head() -> Vec<u8> {
    b"HTTP/1.1 200 OK\r\n\r\n".to_vec()
}

#[test]
fn a_model_that_does_not_begin_is_left() {
    let limits = Limits {
        first: SHORT,
        ..patient()
    };
    let pings = Act::Repeat(b": ping\n\n".to_vec(), Duration::from_millis(5));
    let empty = Act::Repeat(b"\n".to_vec(), Duration::from_millis(5));
    let lines = [
        told(CLAUDE, vec![Act::Hold], limits),
        told(CHAT, vec![Act::Send(head()), Act::Hold], limits),
        told(CLAUDE, vec![Act::Send(head()), pings], limits),
        told(OLLAMA, vec![Act::Send(head()), empty], limits),
    ];
    expect![[r#"
        Never | unavailable: 127.0.0.1 has not begun to answer within 150ms (try again, or another model)
        Never | unavailable: 127.0.0.1 has not begun to answer within 150ms (try again, or another model)
        Never | unavailable: 127.0.0.1 has not begun to answer within 150ms (try again, or another model)
        Never | unavailable: 127.0.0.1 has not begun to answer within 150ms (try again, or another model)
    "#]].assert_eq(&lines.concat());
}

#[test]
fn a_model_that_stops_in_the_middle_is_left() {
    let limits = Limits {
        idle: SHORT,
        ..patient()
    };
    let lines = ALL.map(|(kind, name)| told(kind, vec![Act::Send(begun(name)), Act::Hold], limits));
    expect![[r#"
        Never | unavailable: the answer of 127.0.0.1 stopped: nothing for 150ms (check the network and try again) | "Grüße, 🦀!" | 25 in, 1 out
        Never | unavailable: the answer of 127.0.0.1 stopped: nothing for 150ms (check the network and try again) | "Grüße, 🦀!"
        Never | unavailable: the answer of 127.0.0.1 stopped: nothing for 150ms (check the network and try again) | "Grüße, 🦀!"
        Never | unavailable: the answer of 127.0.0.1 stopped: nothing for 150ms (check the network and try again) | "Grüße, 🦀!"
    "#]].assert_eq(&lines.concat());
}

#[test]
fn an_answer_that_never_ends_is_left() {
    let limits = Limits {
        // Long enough to begin in, on a busy machine too.
        total: Duration::from_secs(1),
        // Silence is counted from what came last, so that this one is never reached.
        idle: Duration::from_millis(800),
        ..patient()
    };
    let lines = ALL.map(|(kind, name)| {
        let drip = Act::Repeat(b"\n".to_vec(), Duration::from_millis(5));
        told(kind, vec![Act::Send(begun(name)), drip], limits)
    });
    expect![[r#"
        Never | unavailable: 127.0.0.1 has not finished its answer within 1s (ask for less) | "Grüße, 🦀!" | 25 in, 1 out
        Never | unavailable: 127.0.0.1 has not finished its answer within 1s (ask for less) | "Grüße, 🦀!"
        Never | unavailable: 127.0.0.1 has not finished its answer within 1s (ask for less) | "Grüße, 🦀!"
        Never | unavailable: 127.0.0.1 has not finished its answer within 1s (ask for less) | "Grüße, 🦀!"
    "#]].assert_eq(&lines.concat());
}

#[test]
fn a_list_that_does_not_come_is_left() {
    let limits = Limits {
        idle: SHORT,
        ..patient()
    };
    for (kind, _) in ALL {
        let server = ProviderServer::start(vec![Act::Hold]);
        let models = block_on(provider(kind, &server.url(), limits).models());
        let said = models.unwrap_err().error.to_string();
        assert!(said.contains("has not answered within 150ms"), "{said}");
    }
}

#[test]
fn an_answer_that_is_too_large_is_left_where_it_becomes_so() {
    let limits = Limits {
        most: 256 << 10,
        line: 64 << 10,
        ..patient()
    };
    let now = Duration::ZERO;
    let small = b"data: {\"choices\":[]}\n\n".repeat(100);
    let lines = [
        told(
            CHAT,
            vec![Act::Send(head()), Act::Repeat(small, now)],
            limits,
        ),
        told(
            CHAT,
            vec![Act::Send(head()), Act::Repeat(vec![b'x'; 9999], now)],
            limits,
        ),
        told(
            OLLAMA,
            vec![Act::Send(head()), Act::Repeat(vec![b'{'; 9999], now)],
            limits,
        ),
        // One event in any number of lines.
        told(
            CHAT,
            vec![Act::Send(head()), Act::Repeat(b"data: x\n".to_vec(), now)],
            limits,
        ),
    ];
    expect![[r#"
        Never | unavailable: the answer of 127.0.0.1 is larger than 256 KB
        Never | unavailable: a line of the answer of 127.0.0.1 is larger than 64 KB
        Never | unavailable: a line of the answer of 127.0.0.1 is larger than 64 KB
        Never | unavailable: the answer of 127.0.0.1 is larger than 256 KB
    "#]]
    .assert_eq(&lines.concat());
}

#[test]
fn only_four_requests_are_under_way_at_once() {
    let reply = fixture("openai/chat.txt");
    let server = ProviderServer::start(vec![Act::Gate, Act::Send(reply)]);
    let provider = provider(CHAT, &server.url(), CHAT.limits());
    thread::scope(|scope| {
        let asking = scope.spawn(|| {
            block_on(async {
                let request = request();
                let six = [(); 6].map(|()| Outcome::of(&*provider, &request));
                futures::future::join_all(six).await
            })
        });
        for _ in 0..4 {
            server.request();
        }
        server.open_gate();
        let outcomes = asking.join().expect("answers");
        assert!(outcomes.iter().all(|outcome| outcome.result.is_ok()));
    });
    assert_eq!((server.requests().len(), server.most_at_once()), (2, 4));
}

#[test]
fn a_call_that_is_dropped_ends_at_the_provider_too() {
    for (kind, name) in ALL {
        let server = ProviderServer::start(vec![Act::Send(begun(name)), Act::Hold]);
        let provider = provider(kind, &server.url(), patient());
        block_on(async {
            let (sender, mut receiver) = tokio::sync::mpsc::unbounded_channel();
            let mut sink = |chunk| sender.send(chunk).expect("a listener");
            let request = request();
            tokio::select! {
                _ = provider.stream(&request, &mut sink) => panic!("it never ends"),
                chunk = receiver.recv() => assert!(chunk.is_some()),
            }
            // What is left to do is the runtime's, until it has hung up.
            tokio::task::spawn_blocking(move || server.wait_for_hang_up())
                .await
                .expect("a hang-up");
        });
    }
}
