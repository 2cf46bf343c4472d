use super::*;
use crate::ai::middleware::fake::{Fake, Hands, Step, ask, failure, reply, request, services};

fn limits(requests: Option<u32>, tokens: Option<u64>) -> Limits {
    Limits {
        requests_per_minute: requests,
        tokens_per_hour: tokens,
    }
}

struct Case {
    limiter: Arc<Limiter>,
    layers: Vec<RateLimit>,
}

impl Case {
    /// Limits of all, of `claude`, and what happens; `openai` has none of its own.
    fn new(global: Limits, claude: Limits, mode: Mode) -> Self {
        let limiter = Arc::new(Limiter::new(Settings {
            global,
            providers: [("claude".to_owned(), claude)].into(),
            mode,
        }));
        let home = tempfile::tempdir().unwrap();
        let mut services = services(home.path(), &Hands::new());
        services.limiter = limiter.clone();
        let layers = ["claude", "openai"].map(|name| Fake::named(name, []));
        let layers = layers.map(|fake| RateLimit::new(fake, &services));
        Self {
            limiter,
            layers: layers.into(),
        }
    }

    /// Asks with one token in and 50 out, and gives the seconds that it took.
    async fn ask(&self, layer: usize) -> u64 {
        let since = Instant::now();
        let (answer, heard) = ask(&self.layers[layer], &request("a")).await;
        assert!(answer.is_ok());
        let said = heard.iter().find_map(|chunk| match chunk {
            Chunk::Waiting { wait, .. } => Some(*wait),
            Chunk::Text(_) => None,
        });
        let took = since.elapsed().as_secs();
        assert_eq!(
            said.unwrap_or_default().as_secs(),
            took,
            "every wait is said"
        );
        took
    }

    async fn refusal(&self, layer: usize) -> Option<String> {
        let failure = ask(&self.layers[layer], &request("a")).await.0.err()?;
        assert_eq!(failure.retry, Retry::Never);
        assert_eq!(failure.error.kind(), Kind::RateLimited);
        Some(failure.error.to_string())
    }
}

const NONE: Limits = Limits {
    requests_per_minute: None,
    tokens_per_hour: None,
};

#[tokio::test(start_paused = true)]
async fn whoever_comes_too_soon_waits() {
    let case = Case::new(limits(Some(4), None), limits(Some(2), None), Mode::Wait);
    // By its own limit, one each half a minute; by the common one, one each 15 seconds.
    let rows = [(0, 0), (0, 0), (0, 30), (1, 0), (1, 0), (1, 0), (1, 15)];
    for (row, (layer, expected)) in rows.into_iter().enumerate() {
        assert_eq!(case.ask(layer).await, expected, "row {row}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_a_request_did_not_take_is_given_back() {
    // 51 are reserved and 150 taken by each.
    let case = Case::new(limits(None, Some(360)), NONE, Mode::Wait);
    assert_eq!(case.ask(0).await, 0);
    assert_eq!(case.ask(1).await, 0);
    // 60 are left; the third one leaves 90 too few, and an hour brings 360.
    assert_eq!(case.ask(0).await, 0);
    assert_eq!(case.ask(0).await, 1410);
}

#[tokio::test(start_paused = true)]
async fn who_does_not_wait_is_told_when() {
    let case = Case::new(NONE, limits(Some(1), None), Mode::Refuse);
    assert_eq!(case.refusal(0).await, None);
    let said = "claude is asked too often (try again in 60 s)";
    assert_eq!(case.refusal(0).await.unwrap(), said);
    assert_eq!(case.refusal(1).await, None);
    tokio::time::advance(Duration::from_secs(60)).await;
    assert_eq!(case.refusal(0).await, None);
}

#[tokio::test(start_paused = true)]
async fn what_would_never_fit_is_refused_in_either_mode() {
    for mode in [Mode::Wait, Mode::Refuse] {
        let case = Case::new(NONE, limits(None, Some(50)), mode);
        let said = case.refusal(0).await.unwrap();
        assert!(said.starts_with("this takes up to 51 tokens, and 50 an hour are allowed"));
    }
}

#[tokio::test(start_paused = true)]
async fn whoever_stops_waiting_gives_the_turn_back() {
    let case = Case::new(limits(Some(1), Some(1000)), NONE, Mode::Wait);
    assert_eq!(case.ask(0).await, 0);
    let second = Duration::from_secs(1);
    for _ in 0..3 {
        let asked = request("a");
        let given_up = case.layers[0].complete(&asked);
        assert!(tokio::time::timeout(second, given_up).await.is_err());
    }
    assert_eq!(case.ask(0).await, 57);
}

#[tokio::test(start_paused = true)]
async fn those_who_wait_go_one_after_the_other() {
    let case = Case::new(limits(Some(1), None), NONE, Mode::Wait);
    let all = (0..4).map(|_| case.ask(0));
    assert_eq!(futures::future::join_all(all).await, [0, 60, 120, 180]);
}

#[tokio::test(start_paused = true)]
async fn what_a_provider_says_of_its_limits_holds_for_it_alone() {
    let case = Case::new(NONE, NONE, Mode::Wait);
    let learn = |provider: &str, what, remaining| {
        let reset = Duration::from_secs(20);
        let said = Left {
            what,
            remaining,
            reset,
        };
        case.limiter.learn(provider, &said);
    };
    learn("claude", What::Requests, 1);
    learn("openai", What::Tokens, 100);
    let rows = [(0, 0), (1, 0), (0, 20), (0, 0), (1, 0)];
    for (row, (layer, expected)) in rows.into_iter().enumerate() {
        assert_eq!(case.ask(layer).await, expected, "row {row}");
    }
    learn("openai", What::Tokens, 50);
    assert_eq!(case.ask(1).await, 20);
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_says_that_nothing_is_left_makes_the_next_one_wait() {
    let home = tempfile::tempdir().unwrap();
    let services = services(home.path(), &Hands::new());
    let said = Left {
        what: What::Requests,
        remaining: 0,
        reset: Duration::from_secs(7),
    };
    let last = Reply {
        left: vec![said],
        ..reply("a")
    };
    let fake = Fake::new([Step::Answer(last), Step::Answer(reply("b"))]);
    let layer = RateLimit::new(fake, &services);
    let begun = Instant::now();
    for _ in 0..2 {
        assert!(layer.complete(&request("a")).await.is_ok());
    }
    assert_eq!(begun.elapsed().as_secs(), 7);
}

#[tokio::test(start_paused = true)]
async fn counting_and_listing_take_a_turn_and_no_tokens() {
    let case = Case::new(limits(Some(2), Some(51)), NONE, Mode::Refuse);
    assert!(case.layers[0].count_tokens("m", "long").await.is_ok());
    assert!(case.layers[0].models().await.is_ok());
    assert!(case.layers[0].models().await.is_err());
}

#[tokio::test(start_paused = true)]
async fn a_failed_attempt_has_had_its_turn_and_took_no_tokens() {
    let home = tempfile::tempdir().unwrap();
    let mut services = services(home.path(), &Hands::new());
    services.limiter = Arc::new(Limiter::new(Settings {
        global: limits(Some(2), Some(60)),
        mode: Mode::Refuse,
        ..Settings::default()
    }));
    let failed = Step::Fail("", failure(Kind::Unavailable, Retry::Never));
    let fake = Fake::new([failed, Step::Answer(reply("a"))]);
    let layer = RateLimit::new(fake.clone(), &services);
    for _ in 0..3 {
        let _ = layer.complete(&request("a")).await;
    }
    assert_eq!(fake.asked(), 2);
}
