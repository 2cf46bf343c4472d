//! `promptstack stats` and `promptstack models`, over accounts that real requests made.

use std::path::Path;

use expect_test::expect;
use promptstack::ai::provider::{Message, Request, Speaker};
use promptstack::app::asking::{Asked, Choice};
use promptstack::app::{App, Boot};
use serde_json::{Value as Json, json};

use crate::Shell;
use crate::provider_server::{Act, ProviderServer};

/// A recorded reply as it was on the wire.
fn fixture(name: &str) -> Vec<u8> {
    let path = format!("{}/tests/fixtures/ai/{name}", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(path).expect("a fixture");
    let start = text.find("HTTP/1.1").expect("a status line");
    let (head, body) = text[start..].split_once("\n\n").expect("a body");
    format!("{}\r\n\r\n{body}", head.replace('\n', "\r\n")).into_bytes()
}

fn shell(config: &str, server: &ProviderServer) -> Shell {
    let shell = Shell::new(&[]);
    let stack = shell.home.path().join("stack");
    std::fs::create_dir_all(&stack).expect("a folder");
    let config = config.replace("URL", &server.url());
    std::fs::write(stack.join("config.yaml"), format!("version: 1\n{config}")).expect("a file");
    shell
}

fn app(shell: &Shell) -> App {
    let boot = Boot {
        home: shell.home.path().join("stack"),
        user_home: Some(shell.home.path().to_owned()),
        env: |name| (name == "PROMPTSTACK_NO_STARTER").then(|| "1".into()),
    };
    App::open(&boot, Path::new("/"), Json::Null).app
}

/// Asks for a task so many times, each time anew, and then once what was asked before.
fn ask(shell: &Shell, role: &str, times: u64) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    runtime.block_on(async {
        let app = app(shell);
        let assigned = app.assign(role, &Choice::default()).await;
        let assigned = assigned.expect("somebody");
        let message = Message {
            speaker: Speaker::User,
            text: "Hello?".into(),
        };
        for n in 0..=times {
            let request = Request {
                fresh: n < times,
                ..assigned.request("", vec![message.clone()])
            };
            let asked = app.ask(&assigned, &request, &mut |_| {}).await;
            assert!(matches!(asked, Ok(Asked::Answer(_))), "{asked:?}");
        }
        // They are written while nobody waits.
        let today = jiff::Zoned::now().date();
        loop {
            let fresh = self::app(shell);
            let written = fresh
                .spending(today.yesterday().expect("a day"), today)
                .await;
            let written = written.expect("accounts");
            let of_role = written.by_role.iter().find(|row| row.name == role);
            if of_role.is_some_and(|row| row.requests == times + 1) {
                return;
            }
            tokio::task::yield_now().await;
        }
    });
}

const CLAUDE: &str =
    "ai_provider: claude\nclaude_api_key: sk-test-0123456789\nclaude_base_url: URL\n";

/// What is printed, without what the clock decides.
fn told(shell: &Shell, args: &[&str]) -> String {
    let output = shell.run(args);
    let out = String::from_utf8(output.stdout).expect("UTF-8");
    let today = jiff::Zoned::now().date();
    let (first, last) = (today.first_of_month(), today.last_of_month());
    let out = out.replace(&format!("{first} to {last}"), "FIRST to LAST");
    let out = out.replace(&today.to_string(), "TODAY     ");
    let lines = out.lines().filter(|line| !line.starts_with("answers"));
    let out: Vec<&str> = lines.collect();
    let err = String::from_utf8(output.stderr).expect("UTF-8");
    let code = output.status.code().expect("a code");
    format!("{}\n--- {code}\n{err}", out.join("\n"))
}

#[test]
fn what_was_asked_is_told_with_its_tokens_and_its_money() {
    let server = ProviderServer::say(&fixture("claude/text.txt"));
    let config = format!("{CLAUDE}roles: {{ title: {{ model: claude-opus-5-5 }} }}\n");
    let shell = shell(&config, &server);
    ask(&shell, "ask", 3);
    ask(&shell, "title", 1);
    let printed = told(&shell, &["stats"]);
    expect![[r#"
        FIRST to LAST

        requests    6, 2 from the cache (33%)
        tokens      100 in, 60 out; kept by the provider: 400 read, 28 written
        spent       $0.0012
        today       $0.0012 of $50.00
        this month  $0.0012 of $500.00
        cache       2 answers, 1 KB

        by day
        TODAY              ████████████████████████       6  $0.0012

        by provider
        claude             ████████████████████████       6  $0.0012

        by model
        claude-opus-5-5    ████████████████               2  $0.0005
        claude-sonnet-5-5  ████████████████████████       4  $0.0007

        by task
        ask                ████████████████████████       4  $0.0007
        title              ████████████████               2  $0.0005
        --- 0
    "#]]
    .assert_eq(&printed);
    assert!(printed.lines().all(|line| line.chars().count() <= 80));

    let month = jiff::Zoned::now().strftime("%Y-%m").to_string();
    assert_eq!(told(&shell, &["stats", "--month", &month]), printed);
    let stats = shell.json(&["stats", "--days", "1", "--json"]);
    let total = &stats["total"];
    assert_eq!(
        (&total["requests"], &total["hits"], &total["output"]),
        (&json!(6), &json!(2), &json!(60)),
        "{stats:#}"
    );
    assert_eq!(stats["by_role"][0]["name"], "ask");
    assert_eq!(stats["limits"][0]["name"], "today");
    assert_eq!(stats["limits"][0]["spent_micro_usd"], total["micro_usd"]);
    assert_eq!(stats["cache"]["entries"], 2);
}

#[test]
fn a_month_without_requests_and_a_month_that_is_none() {
    let server = ProviderServer::say(b"");
    let shell = shell("", &server);
    shell.check(
        &["stats", "--month", "2025-02"],
        expect![[r#"
            2025-02-01 to 2025-02-28

            requests    no model was asked
            today       $0.00 of $50.00
            this month  $0.00 of $500.00
            cache       0 answers, 0 KB
            --- 0
        "#]],
    );
    for month in ["2025", "2025-13", "2025-2-1", "x"] {
        let output = shell.run(&["stats", "--month", month]);
        let said = String::from_utf8(output.stderr).expect("UTF-8");
        let expected = format!("promptstack: '{month}' is no month (write it as in 2026-11)\n");
        assert_eq!((output.status.code(), said), (Some(2), expected));
    }
}

#[test]
fn the_configured_providers_are_asked_and_one_that_fails_hides_no_other() {
    let pages = ["claude/models_1.txt", "claude/models_2.txt"].map(fixture);
    let claude = ProviderServer::playing(pages.map(|page| vec![Act::Send(page)]).to_vec());
    let ollama = ProviderServer::say(&fixture("ollama/tags.txt"));
    let config = format!(
        "{CLAUDE}roles: {{ title: {{ provider: ollama, model: llama3 }} }}\nproviders: {{ text: {{ ollama: {{ base_url: '{}' }}, \
         gone: {{ base_url: 'http://127.0.0.1:1', model: m }} }} }}\n",
        ollama.url()
    );
    let shell = shell(&config, &claude);
    shell.check(&["models"], expect![[r#"
        claude
          claude-opus-5-5  $4.00 in, $20.00 out; takes 1,000,000; gives 128,000
          claude-old       price not known
        ollama
          llama3:latest  free; does title
        prices are for a million tokens, looked up 2026-11-21 or later
        --- 0
        promptstack: gone: 127.0.0.1 can't be reached: Connection refused (os error 111) (check the network and try again)
    "#]]);
    let json = shell.json(&["models", "--provider", "ollama", "--json"]);
    expect![[r#"
        {
          "providers": [
            {
              "error": null,
              "models": [
                {
                  "id": "llama3:latest",
                  "input_limit": null,
                  "micro_usd_per_million": {
                    "input": 0,
                    "looked_up": null,
                    "output": 0
                  },
                  "name": null,
                  "output_limit": null,
                  "roles": [
                    "title"
                  ]
                }
              ],
              "provider": "ollama"
            }
          ]
        }
    "#]]
    .assert_eq(&format!("{json:#}\n"));
}

#[test]
fn nobody_is_asked_who_is_not_configured() {
    let server = ProviderServer::say(b"");
    let shell = shell("", &server);
    shell.check(
        &["models"],
        expect![[r#"
            --- 1
            promptstack: no provider is configured (set ai_provider in config.yaml, or name one with --provider)
        "#]],
    );
    shell.check(&["models", "--provider", "claude"], expect![[r#"
        --- 1
        promptstack: claude: claude_api_key uses ${ANTHROPIC_API_KEY}, which is not set (:Prompt setup shows how to set it)
    "#]]);
    assert_eq!(server.requests().len(), 0);
}
