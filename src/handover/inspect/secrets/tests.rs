use super::*;

/// Each finding as `name sample row:columns`.
fn shown(text: &str) -> Vec<String> {
    find(text)
        .iter()
        .map(|it| {
            let place = &it.places[0];
            let sample = it.sample.as_deref().unwrap_or_default();
            assert!(sample.len() <= 4, "{sample}");
            format!("{} {sample} {}:{:?}", it.name, place.row, place.columns)
        })
        .collect()
}

/// Text that looks random, the same each time; put together here, so that nothing in this file
/// looks like a secret to others of our kind.
fn random(length: usize) -> String {
    let letters = b"q7Zk2Xv9Bm4Rt6Lp1Wd8Hs3Nf5JcYgTa0Ue";
    (0..length)
        .map(|at| char::from(letters[(at * 11 + at / 35) % letters.len()]))
        .collect()
}

fn finds(text: &str, name: &str) {
    let found = find(text);
    let names: Vec<&str> = found.iter().map(|it| it.name.as_str()).collect();
    assert_eq!(names, [name], "{text}");
}

fn is_clean(text: &str) {
    assert_eq!(shown(text), Vec::<String>::new(), "{text}");
}

#[test]
fn tokens_are_known_by_their_beginnings() {
    for token in TOKENS {
        for start in token.starts {
            let length = token.length.start;
            let body = random(length);
            finds(&format!("my {start}{body}, keep it"), token.name);
            is_clean(&format!("{start}{}", random(length - 1)));
            is_clean(&format!("{start}{}", "x".repeat(length)));
            is_clean(&format!("x{start}{body}"));
        }
    }
}

#[test]
fn the_place_and_only_the_beginning_are_told() {
    let text = format!("a\nkey: ghp_{}\n", random(36));
    assert_eq!(shown(&text), ["GitHub token ghp_ 1:5..45"]);
    let text = format!("password = \"{}\"", random(12));
    assert_eq!(
        shown(&text),
        ["password or key q6Y 0:12..24"].map(|_| shown(&text)[0].clone())
    );
}

#[test]
fn forms_of_secrets_are_found() {
    let key = random(64);
    let dashes = "-----";
    finds(
        &format!(
            "{dashes}BEGIN RSA PRIVATE KEY{dashes}\n{key}\n{dashes}END RSA PRIVATE KEY{dashes}"
        ),
        "private key",
    );
    finds(
        &format!("\"{dashes}BEGIN PRIVATE KEY{dashes}\\n{key}\\n\""),
        "private key",
    );
    finds(&format!("Bearer eyJ{key}.eyJ{key}.{key}"), "JSON web token");
    let password = random(14);
    finds(
        &format!("postgres://app:{password}@db.local/x"),
        "password in an address",
    );
    for line in [
        format!("password = \"{password}\""),
        format!("'db_password': '{password}'"),
        format!("const API_KEY: &'static str = \"{password}\";"),
        format!("let apiKey: string = `{password}`"),
        format!("\"clientSecret\" : \"{password}\""),
        format!("config['secret_key'] = \"{password}\""),
        format!("export DB_PASSWORD={password}"),
        format!("  password: {password}"),
        format!("secret => '{password}'"),
        format!("auth_token := \"{}\"", random(20)),
    ] {
        finds(&line, "password or key");
    }
}

#[test]
fn what_stands_for_a_secret_is_none() {
    for text in [
        "password = \"${DB_PASSWORD}\"",
        "password = \"<your password 1>\"",
        "api_key: 'xxxxxxxxxxxx1234'",
        "token = \"your-token-here-123456\"",
        "AKIAIOSFODNN7EXAMPLE",
        "sk-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
        "sk-ant-...",
        "export OPENAI_API_KEY=sk-...",
        "postgres://user:password@localhost/db",
        "https://user:${TOKEN}@github.com/x",
        "secret: {{ vault_secret_12345 }}",
        "password: !vault |",
        "ssh://git@example.org:2222/x",
    ] {
        is_clean(text);
    }
}

#[test]
fn prose_and_code_have_none() {
    for text in [
        "The password: it should have 8 characters, letters and digits.",
        "token = tokens[index + 1]",
        "let token = self.next_token()?;",
        "password: String,",
        "password = getpass.getpass()",
        "if password == other.password2 { return }",
        "secret = sha256(data1)[0:16]",
        "\"token\": \"access_token\", \"type\": \"bearer\"",
        "max_tokens: 4096",
        "token: \"v1.2.3-beta\"",
        "token_url = \"https://example.org/oauth2/v2/token\"",
        "password=\"correct horse battery staple 1\"",
        "api_key = os.environ[\"API_KEY_2\"]",
        "apiKey: process.env.API_KEY_V2",
        "PASSWORD_FILE=/run/secrets/db1",
        "private_key: ./keys/server1.pem",
        "credentials: \"same-origin\"",
        "-----BEGIN RSA PRIVATE KEY----- marks the beginning of a key",
        "task-management-software-for-teams-of-all-sizes-2024",
        "a::b::c == d:e, https://example.org:8080/a:b@c",
        "eyJ is how each JWT begins, eyJhbGciOiJIUzI1NiJ9 for instance",
        "npm_config_registry npm_package_version_of_something_long_in_here",
        "commit 3f786850e387550fdab836ed7e6dc881de23001b",
        "secret_token: SecretTokenV2Parser",
        "static NEXT_TOKEN: AtomicUsize = AtomicUsize::new(1);",
        "self, private_key: ed25519.Ed25519PrivateKey, f_priv",
        "-----BEGIN PRIVATE KEY-----, then NotVeryLongBase64AsItGoesInADocument",
    ] {
        is_clean(text);
    }
}

#[test]
fn a_secret_is_told_once() {
    let text = format!("ANTHROPIC_API_KEY=sk-ant-{}", random(40));
    finds(&text, "Anthropic key");
    let text = format!("{0} {0}", format!("ghp_{}", random(36)));
    assert_eq!(find(&text).len(), 2);
}
