use tokio::time::Instant;

use super::*;
use crate::ai::middleware::fake::{
    Fake, Hands, Step, ask, failure, later, reply, request, services,
};
use crate::error::Kind;

struct Case {
    fake: Arc<Fake>,
    layer: Again,
    services: Services,
    _home: tempfile::TempDir,
}

impl Case {
    fn new(script: impl IntoIterator<Item = Step>) -> Self {
        Self::with(0.0, script)
    }

    fn with(jitter: f64, script: impl IntoIterator<Item = Step>) -> Self {
        let home = tempfile::tempdir().unwrap();
        let mut services = services(home.path(), &Hands::new());
        services.jitter = Arc::new(move || jitter);
        let fake = Fake::new(script);
        let layer = Again::new(fake.clone(), &super::super::Settings::default(), &services);
        Self {
            fake,
            layer,
            services,
            _home: home,
        }
    }

    /// Asks, and gives what was said of waiting and how long it took in milliseconds.
    async fn ask(&self) -> (Result<Reply, Failure>, Vec<String>, u128) {
        let since = Instant::now();
        let (answer, heard) = ask(&self.layer, &request("a")).await;
        let waits = heard.into_iter().filter_map(|chunk| match chunk {
            Chunk::Waiting { why, wait } => Some(format!("{why}: {wait:?}")),
            Chunk::Text(_) => None,
        });
        (answer, waits.collect(), since.elapsed().as_millis())
    }
}

fn fail(retry: Retry) -> Step {
    Step::Fail("", failure(Kind::Unavailable, retry))
}

fn in_seconds(seconds: u64) -> Retry {
    Retry::Later {
        after: Some(Duration::from_secs(seconds)),
    }
}

const SOON: Retry = Retry::Later { after: None };

#[tokio::test(start_paused = true)]
async fn what_may_succeed_is_asked_again_when_it_may() {
    // What fails before it succeeds, whether it is asked so often, the milliseconds, and the jitter.
    let rows: [(&[Retry], u32, bool, u128, f64); 13] = [
        (&[], 1, true, 0, 1.0),
        (&[SOON], 2, true, 1000, 0.0),
        (&[SOON], 2, true, 1250, 1.0),
        (&[SOON, SOON], 3, true, 3000, 0.0),
        (&[SOON, SOON, SOON], 4, true, 7000, 0.0),
        (&[SOON, SOON, SOON], 4, true, 8750, 1.0),
        (&[SOON, SOON, SOON, SOON], 4, false, 7000, 0.0),
        (&[in_seconds(60)], 2, true, 61_000, 1.0),
        (&[in_seconds(61)], 1, false, 0, 0.0),
        (&[Retry::Never], 1, false, 0, 0.0),
        (&[Retry::UntilConfigured], 1, false, 0, 0.0),
        (&[Retry::Once], 2, true, 0, 0.0),
        (&[Retry::Once, Retry::Once], 2, false, 0, 0.0),
    ];
    for (fails, asked, succeeds, ms, jitter) in rows {
        let case = Case::with(jitter, fails.iter().map(|retry| fail(*retry)));
        let (answer, _, took) = case.ask().await;
        let found = (case.fake.asked(), answer.is_ok(), took);
        assert_eq!(found, (asked, succeeds, ms), "{fails:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn every_wait_is_said() {
    let case = Case::new([fail(SOON), fail(in_seconds(7))]);
    let (_, waits, _) = case.ask().await;
    assert_eq!(
        waits,
        [
            "it failed, attempt 2 of 4: 1s",
            "it failed, attempt 3 of 4: 7s"
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn a_wait_that_is_too_long_says_when() {
    let rows = [
        (61, "try again in 61 s"),
        (121, "try again in 3 min"),
        (7201, "try again in 3 h"),
    ];
    for (seconds, hint) in rows {
        let case = Case::new([fail(in_seconds(seconds))]);
        let error = case.ask().await.0.unwrap_err().error;
        assert_eq!(error.hint_text(), Some(hint));
        assert_eq!(
            (error.kind(), error.message()),
            (Kind::Unavailable, "it failed")
        );
    }
}

#[tokio::test(start_paused = true)]
async fn nothing_is_asked_again_once_text_was_shown() {
    for retry in [SOON, Retry::Once] {
        let case = Case::new([Step::Fail("par", failure(Kind::Unavailable, retry))]);
        let failure = case.ask().await.0.unwrap_err();
        assert_eq!((failure.partial.as_str(), case.fake.asked()), ("par", 1));
    }
}

#[tokio::test(start_paused = true)]
async fn counting_and_listing_are_asked_again_too() {
    let case = Case::new([fail(SOON), fail(Retry::Once)]);
    assert_eq!(case.layer.count_tokens("m", "a").await.unwrap(), 7);
    assert_eq!(case.fake.asked(), 3);
    let case = Case::new([fail(SOON)]);
    assert!(case.layer.models().await.unwrap().is_empty());
    let case = Case::new([fail(Retry::Never), fail(Retry::Never)]);
    assert!(case.layer.models().await.is_err());
    assert!(case.layer.count_tokens("m", "a").await.is_err());
}

#[tokio::test(start_paused = true)]
async fn a_refused_key_is_not_tried_until_the_configuration_changes() {
    let mut refused = failure(Kind::Auth, Retry::UntilConfigured);
    refused.error = Error::new(Kind::Auth, "the key is refused").hint("check it");
    let case = Case::new([Step::Fail("", refused)]);
    for _ in 0..3 {
        let failure = case.ask().await.0.unwrap_err();
        assert_eq!(failure.error.kind(), Kind::Auth);
        assert_eq!(failure.error.to_string(), "the key is refused (check it)");
        tokio::time::advance(Duration::from_secs(3600)).await;
    }
    assert_eq!(case.fake.asked(), 1);
    case.services.breakers.reset();
    assert!(case.ask().await.0.is_ok());
}

#[tokio::test(start_paused = true)]
async fn after_five_failures_in_a_row_it_rests_a_minute_and_one_may_try() {
    let trial = Step::After(Duration::from_secs(5), Box::new(fail(SOON)));
    let script = (0..5).map(|_| fail(SOON)).chain([trial]);
    let case = Case::new(script);
    assert!(case.ask().await.0.is_err());
    // The fifth opens it, and nothing more is tried.
    assert!(case.ask().await.0.is_err());
    assert_eq!(case.fake.asked(), 5);
    let error = case.ask().await.0.unwrap_err().error;
    let expected = "claude failed 5 times in a row (it is asked again in 60 s)";
    assert_eq!(error.to_string(), expected);
    tokio::time::advance(Duration::from_secs(59)).await;
    assert!(case.ask().await.0.is_err());
    assert_eq!(case.fake.asked(), 5);

    // One tries and fails, the other is sent away meanwhile.
    tokio::time::advance(Duration::from_secs(1)).await;
    let both = [case.ask(), case.ask()];
    let both = futures::future::join_all(both).await;
    assert!(both.iter().all(|(answer, ..)| answer.is_err()));
    assert_eq!(case.fake.asked(), 6);
    assert!(case.ask().await.0.is_err());
    assert_eq!(case.fake.asked(), 6);

    // It is closed by a success.
    tokio::time::advance(Duration::from_secs(60)).await;
    for _ in 0..2 {
        assert!(case.ask().await.0.is_ok());
    }
}

#[tokio::test(start_paused = true)]
async fn only_failures_in_a_row_count() {
    let four = || (0..4).map(|_| fail(SOON));
    for between in [Step::Answer(reply("")), fail(Retry::Never)] {
        let case = Case::new(four().chain([between]).chain(four()));
        for _ in 0..3 {
            let _ = case.ask().await;
        }
        assert!(case.ask().await.0.is_ok());
        assert_eq!(case.fake.asked(), 10);
    }
}

#[tokio::test(start_paused = true)]
async fn what_our_own_limit_refuses_says_nothing_of_the_provider() {
    let own = || Step::Fail("", failure(Kind::RateLimited, Retry::Never));
    let four = (0..4).map(|_| fail(SOON));
    let case = Case::new(four.chain([own(), fail(SOON), own()]));
    for _ in 0..3 {
        assert!(case.ask().await.0.is_err());
    }
    // The fifth of the provider's own failures opened it, and a trial that we refuse is none.
    assert!(case.ask().await.0.is_err());
    assert_eq!(case.fake.asked(), 6);
    tokio::time::advance(Duration::from_secs(60)).await;
    let error = case.ask().await.0.unwrap_err().error;
    assert_eq!(error.kind(), Kind::RateLimited);
    assert!(case.ask().await.0.is_ok());
}

#[tokio::test(start_paused = true)]
async fn a_trial_that_is_withdrawn_lets_the_next_one_try() {
    let slow = Step::After(Duration::from_secs(9), Box::new(fail(SOON)));
    let case = Case::new((0..5).map(|_| fail(SOON)).chain([slow]));
    for _ in 0..2 {
        assert!(case.ask().await.0.is_err());
    }
    tokio::time::advance(Duration::from_secs(60)).await;
    let asked = request("a");
    let trial = case.layer.complete(&asked);
    let second = Duration::from_secs(1);
    assert!(tokio::time::timeout(second, trial).await.is_err());
    assert!(case.ask().await.0.is_ok());
}

#[tokio::test(start_paused = true)]
async fn a_wait_ends_when_the_request_is_withdrawn() {
    let case = Case::new([Step::Fail("", later())]);
    let asked = request("a");
    let half = Duration::from_millis(500);
    assert!(
        tokio::time::timeout(half, case.layer.complete(&asked))
            .await
            .is_err()
    );
    tokio::time::advance(Duration::from_secs(60)).await;
    assert_eq!(case.fake.asked(), 1);
}
