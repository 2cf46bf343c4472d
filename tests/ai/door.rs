//! The app's door to models: by configuration alone, with money watched, told and counted.

use std::fs;
use std::path::Path;
use std::sync::{Arc, Mutex};

use promptstack::ai::provider::{Message, Request, Speaker};
use promptstack::app::asking::{Asked, Choice};
use promptstack::app::selecting::Selector;
use promptstack::app::{App, Boot};
use promptstack::events::Event;
use serde_json::Value;
use tempfile::TempDir;

use crate::provider_server::ProviderServer;
use crate::support::{TEXT, fixture};

/// An app whose configuration is `config`, with `URL` for the address of a server.
fn app(home: &TempDir, config: &str, server: &ProviderServer) -> App {
    let stack = home.path().join("stack");
    fs::create_dir_all(&stack).expect("a folder");
    let config = config.replace("URL", &server.url());
    fs::write(stack.join("config.yaml"), format!("version: 1\n{config}")).expect("a file");
    let boot = Boot {
        home: stack,
        user_home: Some(home.path().to_owned()),
        env: |name| match name {
            "PROMPTSTACK_NO_STARTER" => Some("1".into()),
            "KEY" => Some("sk-test-0123456789".into()),
            _ => None,
        },
    };
    let opened = App::open(&boot, Path::new("/"), Value::Null);
    assert_eq!(opened.problems, [], "the configuration is right");
    opened.app
}

fn hello(request: Request) -> Request {
    let messages = vec![Message {
        speaker: Speaker::User,
        text: "Hello?".into(),
    }];
    Request {
        messages,
        ..request
    }
}

/// Asks for a task and tells in a line what became of it.
async fn ask(app: &App, role: &str, change: impl Fn(Request) -> Request) -> String {
    let assigned = match app.assign(role, &Choice::default()).await {
        Ok(assigned) => assigned,
        Err(error) => return format!("{error}"),
    };
    let request = change(hello(assigned.request("", Vec::new())));
    match app.ask(&assigned, &request, &mut |_| {}).await {
        Ok(Asked::Answer(answer)) => {
            let cost = answer.cost.map_or("?".into(), |cost| cost.to_string());
            let cached = if answer.reply.cached { ", cached" } else { "" };
            format!("{} for {cost}{cached}", answer.reply.text)
        }
        Ok(Asked::Confirm(question)) => question,
        Err(failure) => format!("{}", failure.error),
    }
}

const CLAUDE: &str = "ai_provider: claude\nclaude_api_key: ${KEY}\nclaude_base_url: URL\n";

#[tokio::test(flavor = "multi_thread")]
async fn any_provider_is_asked_by_configuration_alone() {
    let rows = [
        ("claude/text.txt", CLAUDE),
        (
            "openai/responses.txt",
            "ai_provider: openai\nproviders: { text: { openai: { api_key: '${KEY}', base_url: URL, model: gpt-6-sol } } }\n",
        ),
        (
            "openai/chat.txt",
            "providers: { text: { default: mine, mine: { base_url: URL, model: small } } }\n",
        ),
        (
            "ollama/chat.txt",
            "ai_provider: ollama\nproviders: { text: { ollama: { base_url: URL, model: llama3 } } }\n",
        ),
        (
            "openai/chat.txt",
            "roles: { ask: { provider: mine, model: small } }\nproviders: { text: { mine: { kind: openai_chat, api_key: { cmd: [printf, sk-test-1] }, base_url: URL } } }\n",
        ),
    ];
    for (reply, config) in rows {
        let home = tempfile::tempdir().expect("a folder");
        let server = ProviderServer::say(&fixture(reply));
        let app = app(&home, config, &server);
        let told = ask(&app, "ask", |request| request).await;
        assert!(told.starts_with(TEXT), "{config}: {told}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_asked_is_announced_once_and_is_in_the_accounts_of_the_day() {
    let home = tempfile::tempdir().expect("a folder");
    let server = ProviderServer::say(&fixture("claude/text.txt"));
    let app = app(&home, CLAUDE, &server);
    let spent = Arc::new(Mutex::new(Vec::new()));
    let heard = spent.clone();
    app.events.listen("test", move |event| {
        if let Event::RequestSpent { .. } = &event {
            heard.lock().expect("no panic").push(event);
        }
        async { Ok(()) }
    });
    let first = ask(&app, "ask", |request| request).await;
    assert!(first.contains(" for $0.0"), "{first}");
    let second = ask(&app, "ask", |request| request).await;
    assert_eq!(second, format!("{TEXT} for $0.00, cached"));
    let third = ask(&app, "ask", |request| Request {
        fresh: true,
        ..request
    })
    .await;
    assert_eq!(third, first);
    assert_eq!(server.requests().len(), 2);
    let today = jiff::Zoned::now().date();
    let yesterday = today.yesterday().expect("a day");
    let summary = app.spending(yesterday, today).await.expect("accounts");
    assert_eq!((summary.total.requests, summary.total.hits), (3, 1));
    let row = &summary.by_role[0];
    assert_eq!((row.name.as_str(), row.requests), ("ask", 3));
    while spent.lock().expect("no panic").len() < 3 {
        tokio::task::yield_now().await;
    }
    let told: u64 = spent
        .lock()
        .expect("no panic")
        .iter()
        .map(|event| match event {
            Event::RequestSpent { micro_usd, .. } => micro_usd.expect("a known price"),
            _ => 0,
        })
        .sum();
    assert_eq!(told, summary.total.micro_usd.0);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_may_be_dear_is_asked_for_and_what_exceeds_the_day_is_refused() {
    let home = tempfile::tempdir().expect("a folder");
    let server = ProviderServer::say(&fixture("claude/text.txt"));
    let config = format!("{CLAUDE}cost_limits: {{ confirm_above: 0.0001, daily: 0.1 }}\n");
    let app = app(&home, &config, &server);
    let told = ask(&app, "ask", |request| request).await;
    assert!(
        told.starts_with("Ask claude-sonnet-5-5? ~") && told.contains("up to 4000 out, at most $"),
        "{told}"
    );
    assert_eq!(server.requests().len(), 0, "nothing was sent");
    let yes = |request| Request {
        confirmed: true,
        fresh: true,
        ..request
    };
    assert!(ask(&app, "ask", yes).await.starts_with(TEXT));
    let told = ask(&app, "ask", |request| Request {
        max_tokens: 100_000,
        ..yes(request)
    })
    .await;
    assert!(told.starts_with("the daily limit is $0.10: "), "{told}");
    assert_eq!(server.requests().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_missing_is_said_with_the_way_out() {
    let home = tempfile::tempdir().expect("a folder");
    let server = ProviderServer::say(&fixture("claude/text.txt"));
    let rows = [
        (
            "",
            "no model is configured to be asked (set ai_provider in config.yaml, :Prompt setup shows how)",
        ),
        (
            "ai_provider: claude\nclaude_api_key: ${NONE}\n",
            "claude_api_key uses ${NONE}, which is not set (:Prompt setup shows how to set it)",
        ),
        (
            "ai_provider: openai\n",
            "no model is said for openai (set providers.text.openai.model)",
        ),
        (
            "providers: { text: { default: mine, mine: { model: m } } }\n",
            "nothing is said of the provider 'mine' (set providers.text.mine.base_url and providers.text.mine.model)",
        ),
        (
            "providers: { text: { default: mine, mine: { model: m, base_url: URL, api_key: { cmd: ['false'] } } } }\n",
            "providers.text.mine.api_key: false failed: exit status: 1 (try the command in a terminal)",
        ),
    ];
    for (config, expected) in rows {
        let app = app(&home, config, &server);
        assert_eq!(
            ask(&app, "ask", |request| request).await,
            expected,
            "{config}"
        );
    }
    assert_eq!(server.requests().len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_goes_along_has_room_in_the_window_of_the_model_that_is_asked() {
    let home = tempfile::tempdir().expect("a folder");
    let server = ProviderServer::say(&fixture("claude/text.txt"));
    let app = app(&home, CLAUDE, &server);
    app.refresh().await;
    let allowance = async |model| {
        let selection = app.select_context(Selector::Ranked, "a text", model).await;
        selection.expect("a selection").allowance
    };
    assert_eq!(allowance(None).await, 150_000);
    assert_eq!(allowance(Some("llama3")).await, 8_192 * 15 / 100);
}
