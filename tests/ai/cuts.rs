//! A stream that is cut is never a success, wherever it is cut.

use promptstack::ai::Kind;
use promptstack::ai::provider::Retry;

use crate::provider_server::{Act, ProviderServer};
use crate::support::{ALL, CLAUDE, Outcome, TEXT, block_on, changed, fixture, provider, request};

/// Cuts `reply` after each number of bytes; whole it is from `whole` on.
fn check(kind: Kind, reply: &[u8], whole: usize) {
    let cuts = 0..=reply.len();
    let plays = cuts
        .clone()
        .map(|cut| vec![Act::Send(reply[..cut].to_vec())]);
    let server = ProviderServer::playing(plays.collect());
    let provider = provider(kind, &server.url(), kind.limits());
    block_on(async {
        for cut in cuts {
            let outcome = Outcome::of(&*provider, &request()).await;
            match &outcome.result {
                Ok(reply) => {
                    assert!(cut >= whole, "cut after {cut}: {}", outcome.told());
                    assert_eq!((reply.text.as_str(), reply.is_usable()), (TEXT, true));
                }
                Err(failure) => {
                    assert!(cut < whole, "cut after {cut}: {}", outcome.told());
                    assert_eq!(failure.retry, Retry::Never, "{}", outcome.told());
                    assert!(TEXT.starts_with(&failure.partial), "{}", outcome.told());
                }
            }
        }
    });
}

fn without_length(number: usize) {
    let (kind, name) = ALL[number];
    let reply = fixture(name);
    check(kind, &reply, reply.len());
}

#[test]
fn claude_cut_at_every_byte_is_no_success() {
    without_length(0);
}

#[test]
fn responses_cut_at_every_byte_are_no_success() {
    without_length(1);
}

#[test]
fn chat_cut_at_every_byte_is_no_success() {
    without_length(2);
}

#[test]
fn ollama_cut_at_every_byte_is_no_success() {
    without_length(3);
}

#[test]
fn chunks_cut_at_every_byte_are_no_success() {
    let reply = changed(
        "claude/text.txt",
        "content-type: ",
        "transfer-encoding: chunked\r\ncontent-type: ",
    );
    let start = reply
        .windows(4)
        .position(|it| it == b"\r\n\r\n")
        .expect("a body")
        + 4;
    let (head, body) = reply.split_at(start);
    let mut chunked = head.to_vec();
    let mut whole = 0;
    for piece in body.chunks(97) {
        chunked.extend(format!("{:x}\r\n", piece.len()).bytes());
        chunked.extend(piece);
        whole = chunked.len();
        chunked.extend(b"\r\n");
    }
    chunked.extend(b"0\r\n\r\n");
    check(CLAUDE, &chunked, whole);
}

#[test]
fn a_length_that_is_not_reached_is_no_success() {
    for (kind, name) in ALL {
        let cut = changed(
            name,
            "content-type: ",
            "content-length: 99999\r\ncontent-type: ",
        );
        let (most, _) = cut.split_at(cut.len() - 2);
        let server = ProviderServer::say(most);
        let outcome = crate::support::ask_at(kind, &server.url(), kind.limits(), &request());
        let failure = outcome.result.expect_err("a failure");
        assert_eq!(failure.retry, Retry::Never);
    }
}
