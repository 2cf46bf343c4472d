//! A review by the app itself: what it takes is in the accounts of the day.

use std::path::Path;

use promptstack::app::reviewing::{Change, Composition, Wanted};
use promptstack::app::{App, Boot};
use serde_json::Value;

use crate::claude;
use crate::provider_server::{Act, ProviderServer};

#[tokio::test(flavor = "multi_thread")]
async fn what_a_review_and_a_change_take_is_in_the_accounts_by_role() {
    let change = r#"{"edits":[{"find":"Never","replace":"Seldom","line":1}]}"#;
    let server = ProviderServer::playing(vec![
        vec![Act::Send(claude::answer(r#"{"suggestions":[]}"#))],
        vec![Act::Send(claude::answer(change))],
    ]);
    let home = tempfile::tempdir().expect("a folder");
    let config = format!(
        "version: 1\nai_provider: claude\nclaude_api_key: sk-test-0123456789\nclaude_base_url: {}\n",
        server.url()
    );
    std::fs::write(home.path().join("config.yaml"), config).expect("a file");
    let boot = Boot {
        home: home.path().to_owned(),
        user_home: Some(home.path().to_owned()),
        env: |name| (name == "PROMPTSTACK_NO_STARTER").then(|| "1".into()),
    };
    let app = App::open(&boot, Path::new("/"), Value::Null).app;
    app.refresh().await;
    let composition = Composition {
        text: "Never use mocks.".into(),
        ..Composition::default()
    };
    let reviewed = app.review(composition, &|_| {}).await.expect("an answer");
    assert_eq!(reviewed.problems, Vec::<String>::new());
    let wanted = Wanted {
        text: "Never use mocks.".into(),
        ..Wanted::default()
    };
    let changed = app.find_change(wanted, &|_| {}).await.expect("a change");
    let Change::Edits(edits, took) = changed else {
        panic!("{changed:?}");
    };
    assert_eq!(edits[0].text, "Seldom use mocks.");
    let today = jiff::Zoned::now().date();
    let yesterday = today.yesterday().expect("a day");
    let summary = app.spending(yesterday, today).await.expect("accounts");
    let roles: Vec<(&str, u64)> = summary
        .by_role
        .iter()
        .map(|row| (row.name.as_str(), row.requests))
        .collect();
    assert_eq!(roles, [("apply", 1), ("suggest", 1)]);
    let cost = took.cost.expect("a known price").0
        + reviewed.took.and_then(|took| took.cost).expect("a price").0;
    assert_eq!(summary.total.micro_usd.0, cost);
}
