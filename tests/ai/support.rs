//! Asking a provider and telling in a line what came of it; nothing that is told or logged has the key.

use std::io::Write;
use std::sync::{Arc, LazyLock, Mutex};

use promptstack::ai::http::Limits;
use promptstack::ai::openai::Protocol;
use promptstack::ai::provider::{Chunk, Failure, Message, Provider, Reply, Request, Speaker};
use promptstack::ai::{Kind, Settings, build};
use promptstack::config::{Key, Secret};
use tracing_subscriber::filter::LevelFilter;

use crate::provider_server::ProviderServer;

pub const KEY: &str = "sk-test-0123456789";

pub const CLAUDE: Kind = Kind::Claude;
pub const RESPONSES: Kind = Kind::OpenAi(Protocol::Responses);
pub const CHAT: Kind = Kind::OpenAi(Protocol::Chat);
pub const OLLAMA: Kind = Kind::Ollama;

/// Each protocol and a whole answer of it.
pub const ALL: [(Kind, &str); 4] = [
    (CLAUDE, "claude/text.txt"),
    (RESPONSES, "openai/responses.txt"),
    (CHAT, "openai/chat.txt"),
    (OLLAMA, "ollama/chat.txt"),
];

/// The text of each of those answers.
pub const TEXT: &str = "Grüße, 🦀!";

/// All that was logged by any test, each line checked for the key.
static LOG: LazyLock<Arc<Mutex<Vec<u8>>>> = LazyLock::new(|| {
    let log = Arc::new(Mutex::new(Vec::new()));
    let writer = log.clone();
    tracing_subscriber::fmt()
        .with_max_level(LevelFilter::TRACE)
        .with_ansi(false)
        .with_writer(move || Log(writer.clone()))
        .init();
    log
});

struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        assert!(!has_key(&String::from_utf8_lossy(bytes)), "logged");
        self.0.lock().expect("no panic").extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// What was logged so far.
pub fn log() -> String {
    String::from_utf8_lossy(&LOG.lock().expect("no panic")).into_owned()
}

pub fn has_key(text: &str) -> bool {
    text.contains("0123456789")
}

pub fn key() -> Key {
    Secret::new(KEY)
        .reveal("the_key", &|_| None)
        .expect("a key")
}

/// A reply of tests/fixtures/ai as it was on the wire, without the lines that tell where it is from.
pub fn fixture(name: &str) -> Vec<u8> {
    let path = format!("{}/tests/fixtures/ai/{name}", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(&path).expect("a fixture");
    let start = text.find("HTTP/1.1").expect("a status line");
    let (head, body) = text[start..].split_once("\n\n").expect("a body");
    format!("{}\r\n\r\n{body}", head.replace('\n', "\r\n")).into_bytes()
}

/// The same with something else at a place in it.
pub fn changed(name: &str, from: &str, to: &str) -> Vec<u8> {
    let text = String::from_utf8(fixture(name)).expect("UTF-8");
    assert!(text.contains(from), "{name} has no {from}");
    text.replace(from, to).into_bytes()
}

pub fn provider(kind: Kind, url: &str, limits: Limits) -> Arc<dyn Provider> {
    LazyLock::force(&LOG);
    let (name, base_url) = match kind {
        Kind::Claude => ("claude", url.to_owned()),
        Kind::OpenAi(_) => ("openai", format!("{url}/v1")),
        Kind::Ollama => ("ollama", url.to_owned()),
    };
    let settings = Settings {
        name: name.into(),
        kind,
        base_url,
        key: Some(key()),
        limits,
    };
    build(settings).expect("a provider")
}

pub fn request() -> Request {
    Request {
        model: "my-model".into(),
        role: "suggest".into(),
        system: "You review prompts.".into(),
        messages: vec![Message {
            speaker: Speaker::User,
            text: "Review \"this\".".into(),
        }],
        max_tokens: 3000,
        temperature: None,
        effort: None,
        schema: None,
        fresh: false,
        private: false,
        confirmed: false,
    }
}

pub fn block_on<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    runtime.expect("a runtime").block_on(future)
}

/// What came of a request, and what was handed over meanwhile.
pub struct Outcome {
    pub result: Result<Reply, Failure>,
    pub streamed: String,
}

impl Outcome {
    pub async fn of(provider: &dyn Provider, request: &Request) -> Self {
        let mut streamed = String::new();
        let mut sink = |chunk| match chunk {
            Chunk::Text(text) => streamed += &text,
            Chunk::Waiting { .. } => panic!("a provider never waits"),
        };
        let result = provider.stream(request, &mut sink).await;
        assert!(!has_key(&format!("{result:?}")), "{result:?}");
        let text = match &result {
            Ok(reply) => &reply.text,
            Err(failure) => &failure.partial,
        };
        assert_eq!(&streamed, text, "what is shown is what is answered");
        Self { result, streamed }
    }

    /// The outcome in a line.
    pub fn told(&self) -> String {
        match &self.result {
            Ok(reply) => {
                let Reply {
                    text,
                    model,
                    stop,
                    usage: u,
                    ..
                } = reply;
                format!(
                    "{stop:?} {text:?} by {model}: {} in, {} read, {} written, {} out, {} thought\n",
                    u.input, u.cache_read, u.cache_write, u.output, u.reasoning
                )
            }
            Err(failure) => {
                let Failure { error, retry, .. } = failure;
                let mut line = format!("{retry:?} | {}: {error}", error.kind().word());
                if !failure.partial.is_empty() {
                    line += &format!(" | {:?}", failure.partial);
                }
                if let Some(usage) = failure.usage {
                    line += &format!(" | {} in, {} out", usage.input, usage.output);
                }
                line + "\n"
            }
        }
    }
}

/// Asks a server that answers with these bytes.
pub fn ask(kind: Kind, bytes: &[u8]) -> Outcome {
    let server = ProviderServer::say(bytes);
    ask_at(kind, &server.url(), kind.limits(), &request())
}

pub fn ask_at(kind: Kind, url: &str, limits: Limits, request: &Request) -> Outcome {
    let provider = provider(kind, url, limits);
    block_on(Outcome::of(&*provider, request))
}
