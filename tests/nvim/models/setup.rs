//! `:Prompt setup`: who can be asked, and what is written when one is chosen. And what `:checkhealth` says.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::thread;

use expect_test::expect;

use super::{drawn, size};
use crate::support::{Nvim, Options};

fn config(nvim: &Nvim) -> String {
    fs::read_to_string(nvim.stack().join("config.yaml")).expect("a file")
}

async fn opened(options: Options) -> Nvim {
    let nvim = Nvim::with(&[], options).await;
    nvim.command("Prompt setup").await;
    nvim.sees("checks that need no network").await;
    nvim
}

#[tokio::test]
async fn it_shows_who_can_be_asked_and_where_keys_are() {
    let nvim = opened(size(80, 24)).await;
    expect![[r#"

        ~
        ~
        ~
        ~
        ~╭ Who is asked ──────────────────────────────────────────────────────────────╮
        ~│ nobody is asked: only the checks that need no network                      │
        ~│                                                                            │
        ~│   claude     claude-sonnet-5-5 · key: $ANTHROPIC_API_KEY is not set        │
        ~│   openai     no model · key: $OPENAI_API_KEY is not set                    │
        ~│   ollama     no model · http://localhost:11434                             │
        ~│   another    a service that speaks OpenAI's chat, by its address           │
        ~│ * local      nobody: checks that need no network                           │
        ~│                                                                            │
        ~│ today: $0.00 of $50.00                                                     │
        ~│ this month: $0.00 of $500.00                                               │
        ~╰ <CR> choose · m models · e config.yaml · q close · g? keys ────────────────╯
        ~
        ~
        ~
        ~
        ~
        [No Name]                                                     0,0-1          All
                                                                      7,1           All"#]]
    .assert_eq(&drawn(&nvim).await);
    nvim.keys("gg").await;
    nvim.sees("or claude_api_key: { cmd: [pass, show, claude] }")
        .await;
    nvim.keys("q").await;
    nvim.loses("Who is asked").await;
    nvim.quit().await;
}

#[tokio::test]
async fn a_choice_is_written_holds_at_once_and_changes_nothing_else() {
    let options = Options {
        env: vec![("ANTHROPIC_API_KEY", "sk-test-0123456789".into())],
        ..size(80, 24)
    };
    let nvim = opened(options).await;
    let before = config(&nvim);
    nvim.keys("gg<CR>").await;
    nvim.sees("claude is asked").await;
    nvim.sees("what it was is in config.yaml.backup").await;
    let screen = nvim.screen();
    assert!(screen.contains("$ANTHROPIC_API_KEY is set"), "{screen}");
    assert!(!screen.contains("0123456789"), "{screen}");
    let after = config(&nvim);
    assert_eq!(
        after,
        before.replace("# ai_provider: local", "ai_provider: claude")
    );
    let backup = fs::read_to_string(nvim.stack().join("config.yaml.backup"));
    assert_eq!(backup.expect("a backup"), before);
    nvim.keys("G<CR>").await;
    nvim.sees("nobody is asked").await;
    assert!(config(&nvim).contains("\nai_provider: local\n"));
    nvim.quit().await;
}

#[tokio::test]
async fn a_model_is_asked_for_where_none_is_named() {
    let nvim = opened(size(80, 24)).await;
    nvim.keys("ggjj<CR>").await;
    nvim.sees("Which model of ollama").await;
    nvim.keys("<CR>").await;
    nvim.sees("a model has to be named").await;
    nvim.keys("illama3:8b<Esc><CR>").await;
    nvim.sees("ollama is asked").await;
    nvim.loses("Which model").await;
    let text = config(&nvim);
    assert!(text.contains("\nai_provider: ollama\n"), "{text}");
    assert!(text.contains("      model: \"llama3:8b\"\n"), "{text}");
    nvim.quit().await;
}

#[tokio::test]
async fn another_service_is_named_with_its_address() {
    let nvim = opened(size(80, 24)).await;
    nvim.keys("ggjjj<CR>").await;
    nvim.sees("Which service").await;
    nvim.keys("igroq<Tab>nowhere<Tab>small<Esc><CR>").await;
    nvim.sees("'nowhere' is no address").await;
    assert!(!config(&nvim).contains("groq"));
    nvim.keys("<Esc>").await;
    nvim.quit().await;
}

#[tokio::test]
async fn a_file_that_can_not_be_changed_safely_is_left_alone_and_the_lines_are_shown() {
    let nvim = Nvim::with(&[], size(80, 24)).await;
    let odd = "version: 1\nx: &a { ai_provider: local }\nlogging: *a\n'ai_provider': >-\n  local\n";
    fs::create_dir_all(nvim.stack()).expect("a folder");
    fs::write(nvim.stack().join("config.yaml"), odd).expect("a file");
    nvim.command("Prompt setup").await;
    nvim.sees("Who is asked").await;
    nvim.keys("gg<CR>").await;
    nvim.sees("ai_provider: claude").await;
    assert_eq!(config(&nvim), odd);
    nvim.keys("e").await;
    nvim.holds("return vim.fn.expand('%:t') == 'config.yaml' and vim.fn.line('.') == 4")
        .await;
    nvim.quit().await;
}

#[tokio::test]
async fn models_are_asked_for_only_by_a_key_press() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    thread::spawn(move || {
        let (mut client, _) = listener.accept().expect("a client");
        let _ = client.read(&mut [0; 4096]);
        let body = r#"{"models":[{"name":"llama3:latest","model":"llama3:latest"}]}"#;
        let length = body.len();
        let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length:";
        let _ = write!(client, "{head} {length}\r\n\r\n{body}");
    });
    let nvim = Nvim::with(&[], size(80, 24)).await;
    let said = format!(
        "version: 1\nproviders: {{ text: {{ ollama: {{ base_url: 'http://{address}', model: llama3 }} }} }}\n"
    );
    fs::create_dir_all(nvim.stack()).expect("a folder");
    fs::write(nvim.stack().join("config.yaml"), said).expect("a file");
    nvim.command("Prompt setup").await;
    nvim.sees("checks that need no network").await;
    nvim.keys("ggm").await;
    nvim.sees("claude_api_key uses ${ANTHROPIC_API_KEY}, which is not")
        .await;
    nvim.keys("jjm").await;
    nvim.sees("ollama answers: llama3:latest").await;
    nvim.quit().await;
}

#[tokio::test]
async fn the_health_check_tells_of_tasks_keys_and_limits_and_never_a_key() {
    let options = Options {
        env: vec![("ANTHROPIC_API_KEY", "sk-test-0123456789".into())],
        ..size(100, 60)
    };
    let nvim = Nvim::with(&[], options).await;
    fs::create_dir_all(nvim.stack()).expect("a folder");
    let said = "version: 1\nai_provider: claude\nroles: { ask: { provider: openai } }\n";
    fs::write(nvim.stack().join("config.yaml"), said).expect("a file");
    nvim.command("checkhealth promptstack").await;
    let text = nvim.text().await;
    for line in [
        "suggest: claude, claude-sonnet-5-5",
        "ask: openai, no model",
        "claude: key $ANTHROPIC_API_KEY is set",
        "openai: key $OPENAI_API_KEY is not set",
        "this month: $0.00 of $500.00 spent",
    ] {
        assert!(text.contains(line), "{line}: {text}");
    }
    assert!(!text.contains("0123456789"), "{text}");
    nvim.quit().await;
}
