//! A line in the log for each request: who, how long, how much. Never a text, never a key.

use std::sync::Arc;

use async_trait::async_trait;
use tokio::time::Instant;

use crate::ai::provider::{Failure, Model, Provider, Reply, Request, Sink};

/// The layer that writes the log.
pub struct Log {
    inner: Arc<dyn Provider>,
}

impl Log {
    /// Puts the log around a provider.
    pub fn new(inner: Arc<dyn Provider>) -> Self {
        Self { inner }
    }
}

#[async_trait]
impl Provider for Log {
    fn name(&self) -> &str {
        self.inner.name()
    }

    async fn stream(&self, request: &Request, sink: Sink<'_>) -> Result<Reply, Failure> {
        let mut line = Line::new("answer", self.name(), &request.model, &request.role);
        let answer = self.inner.stream(request, sink).await;
        line.done = true;
        match &answer {
            Ok(reply) => tracing::info!(
                provider = line.provider,
                model = line.model,
                role = line.role,
                stop = ?reply.stop,
                cached = reply.cached,
                input = reply.usage.input,
                output = reply.usage.output,
                cache_read = reply.usage.cache_read,
                cache_write = reply.usage.cache_write,
                request_id = reply.request_id,
                ms = line.ms(),
                "a model answered"
            ),
            Err(failure) => line.failed(failure),
        }
        answer
    }

    async fn count_tokens(&self, model: &str, text: &str) -> Result<u32, Failure> {
        let line = Line::new("count", self.name(), model, "");
        let answer = self.inner.count_tokens(model, text).await;
        line.end(&answer);
        answer
    }

    async fn models(&self) -> Result<Vec<Model>, Failure> {
        let line = Line::new("models", self.name(), "", "");
        let answer = self.inner.models().await;
        line.end(&answer);
        answer
    }
}

/// What is known of a request from its beginning; says that it was withdrawn when it is dropped early.
struct Line<'a> {
    what: &'static str,
    provider: &'a str,
    model: &'a str,
    role: &'a str,
    since: Instant,
    done: bool,
}

impl<'a> Line<'a> {
    fn new(what: &'static str, provider: &'a str, model: &'a str, role: &'a str) -> Self {
        Self {
            what,
            provider,
            model,
            role,
            since: Instant::now(),
            done: false,
        }
    }

    fn ms(&self) -> u64 {
        self.since.elapsed().as_millis() as u64
    }

    fn end<T>(mut self, answer: &Result<T, Failure>) {
        self.done = true;
        match answer {
            Ok(_) => tracing::info!(
                provider = self.provider,
                model = self.model,
                what = self.what,
                ms = self.ms(),
                "a provider answered"
            ),
            Err(failure) => self.failed(failure),
        }
    }

    /// The message is left out: a provider may repeat in it what it was sent.
    fn failed(&self, failure: &Failure) {
        tracing::warn!(
            provider = self.provider,
            model = self.model,
            role = self.role,
            what = self.what,
            kind = failure.error.kind().word(),
            retry = ?failure.retry,
            partial = failure.partial.len(),
            ms = self.ms(),
            "a request failed"
        );
    }
}

impl Drop for Line<'_> {
    fn drop(&mut self) {
        if !self.done {
            tracing::info!(
                provider = self.provider,
                model = self.model,
                role = self.role,
                what = self.what,
                ms = self.ms(),
                "a request was withdrawn"
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;
    use std::sync::Mutex;
    use std::time::Duration;

    use tracing::field::{Field, Visit};
    use tracing::span::{Attributes, Id, Record};
    use tracing::{Event, Metadata, Subscriber};

    use super::*;
    use crate::ai::middleware::fake::{Fake, Step, failure, reply, request};
    use crate::ai::provider::Retry;
    use crate::error::Kind;

    /// Keeps the events of this room as lines.
    #[derive(Clone, Default)]
    struct Kept(Arc<Mutex<Vec<String>>>);

    struct Words(String);

    impl Visit for Words {
        fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
            let _ = write!(self.0, " {field}={value:?}");
        }
    }

    impl Subscriber for Kept {
        fn enabled(&self, of: &Metadata<'_>) -> bool {
            of.target().contains("middleware::log")
        }
        fn new_span(&self, _: &Attributes<'_>) -> Id {
            Id::from_u64(1)
        }
        fn record(&self, _: &Id, _: &Record<'_>) {}
        fn record_follows_from(&self, _: &Id, _: &Id) {}
        fn event(&self, event: &Event<'_>) {
            let mut words = Words(event.metadata().level().to_string());
            event.record(&mut words);
            self.0.lock().unwrap().push(words.0);
        }
        fn enter(&self, _: &Id) {}
        fn exit(&self, _: &Id) {}
    }

    #[tokio::test(start_paused = true)]
    async fn a_line_says_who_and_how_much_and_never_what() {
        let kept = Kept::default();
        let _guard = tracing::subscriber::set_default(kept.clone());
        let mut refused = failure(Kind::Auth, Retry::UntilConfigured);
        refused.error = crate::error::Error::new(Kind::Auth, "no: sk-secret");
        let second = Duration::from_secs(1);
        let slow = || Box::new(Step::Answer(reply("the secret answer")));
        let fake = Fake::new([
            Step::After(second, slow()),
            Step::Fail("secret", refused),
            Step::Answer(reply("")),
            Step::Fail("", failure(Kind::NotFound, Retry::Never)),
            Step::After(second, slow()),
        ]);
        let log = Log::new(fake);
        let asked = request("a secret question");
        assert!(log.complete(&asked).await.is_ok());
        assert!(log.complete(&asked).await.is_err());
        assert_eq!(log.count_tokens("m", "secret").await.unwrap(), 7);
        assert!(log.models().await.is_err());
        let half = Duration::from_millis(500);
        assert!(
            tokio::time::timeout(half, log.complete(&asked))
                .await
                .is_err()
        );

        let lines = kept.0.lock().unwrap().join("\n");
        assert!(!lines.contains("secret"), "{lines}");
        let mut lines = lines.lines();
        let mut check = |parts: &[&str]| {
            let line = lines.next().unwrap();
            for part in parts {
                assert!(line.contains(part), "{part} in {line}");
            }
        };
        check(&[
            "INFO",
            "provider=\"claude\"",
            "model=\"m\"",
            "role=\"suggest\"",
            "stop=End",
            "input=100",
            "output=50",
            "request_id=\"req\"",
            "ms=1000",
            "cached=false",
        ]);
        check(&[
            "WARN",
            "kind=\"auth\"",
            "retry=UntilConfigured",
            "partial=6",
        ]);
        check(&["INFO", "what=\"count\"", "a provider answered"]);
        check(&["WARN", "what=\"models\"", "kind=\"not_found\""]);
        check(&["INFO", "ms=500", "a request was withdrawn"]);
    }
}
