//! What looks like a credential.
//!
//! Either a token with a known beginning, see [`TOKENS`], or one of these forms:
//!
//! | form | found when |
//! |---|---|
//! | `-----BEGIN … PRIVATE KEY-----` | base64 follows: prose about keys has none |
//! | `eyJ….eyJ….…` | all three parts of a JWT are there |
//! | `scheme://user:password@host` | the password is no word |
//! | `password = "…"` and the like, see [`KEYS`] | the value looks made up by chance: see [`is_random`] |
//!
//! What stands for a secret is none: `${TOKEN}`, `<your key>`, `xxxx`, `sk-…`, `AKIA…EXAMPLE`.

use std::ops::Range;

use memchr::memmem;

use super::{Finding, Kind, Rows};

/// A token that is known by its beginning.
struct Token {
    name: &'static str,
    /// How it may begin.
    starts: &'static [&'static str],
    /// What may follow, besides letters and digits.
    also: &'static [u8],
    /// How many bytes follow at least and at most.
    length: Range<usize>,
}

/// The first that fits names the token, so the longer beginnings come first.
const TOKENS: &[Token] = &[
    token("AWS access key", &["AKIA", "ASIA"], b"", 16..17),
    token(
        "GitHub token",
        &["ghp_", "gho_", "ghu_", "ghs_", "ghr_"],
        b"",
        36..256,
    ),
    token("GitHub token", &["github_pat_"], b"_", 50..256),
    token(
        "GitLab token",
        &["glpat-", "gldt-", "glrt-", "glptt-"],
        b"_-.",
        20..256,
    ),
    token(
        "Slack token",
        &[
            "xoxb-", "xoxp-", "xoxa-", "xoxr-", "xoxs-", "xoxe-", "xapp-",
        ],
        b"-",
        20..256,
    ),
    token(
        "Slack address",
        &["hooks.slack.com/services/"],
        b"/",
        30..128,
    ),
    token("Anthropic key", &["sk-ant-"], b"_-", 32..256),
    token(
        "OpenAI key",
        &["sk-proj-", "sk-svcacct-", "sk-admin-"],
        b"_-",
        32..256,
    ),
    token("OpenRouter key", &["sk-or-v1-"], b"", 40..256),
    token("API key", &["sk-"], b"", 32..256),
    token("Google key", &["AIza"], b"_-", 35..36),
    token("Google client secret", &["GOCSPX-"], b"_-", 20..64),
    token("Google access token", &["ya29."], b"_-.", 30..2048),
    token("Stripe key", &["sk_live_", "rk_live_"], b"", 16..256),
    token("Stripe webhook secret", &["whsec_"], b"+/=", 24..128),
    token("npm token", &["npm_"], b"", 36..37),
    token("PyPI token", &["pypi-AgE"], b"_-", 50..512),
    token("Hugging Face token", &["hf_"], b"", 30..64),
    token("Groq key", &["gsk_"], b"", 40..128),
    token("xAI key", &["xai-"], b"", 60..128),
    token("Perplexity key", &["pplx-"], b"", 40..128),
    token("Docker token", &["dckr_pat_"], b"_-", 20..64),
    token("DigitalOcean token", &["dop_v1_", "doo_v1_"], b"", 64..65),
    token("SendGrid key", &["SG."], b"_-.", 60..80),
    token(
        "Shopify token",
        &["shpat_", "shpss_", "shpca_"],
        b"",
        32..33,
    ),
    token("Linear key", &["lin_api_"], b"", 32..64),
    token("Notion token", &["ntn_"], b"", 40..64),
    token("Vault token", &["hvs.", "hvb."], b"_-", 24..256),
    token("Grafana token", &["glsa_"], b"_", 32..64),
    token("age key", &["AGE-SECRET-KEY-1"], b"", 58..59),
    token("Azure storage key", &["AccountKey="], b"+/=", 80..100),
];

const fn token(
    name: &'static str,
    starts: &'static [&'static str],
    also: &'static [u8],
    length: Range<usize>,
) -> Token {
    Token {
        name,
        starts,
        also,
        length,
    }
}

/// How a name ends that a secret is given to, in lower case and without `_`, `-` and `.`.
const KEYS: &[&str] = &[
    "password",
    "passwd",
    "passphrase",
    "secret",
    "secretkey",
    "apikey",
    "apisecret",
    "accesskey",
    "privatekey",
    "authkey",
    "encryptionkey",
    "signingkey",
    "token",
    "credential",
    "credentials",
];

/// What a value holds that stands for a secret, in lower case.
const STAND_INS: &[&str] = &[
    "example",
    "xxxx",
    "****",
    "....",
    "…",
    "placeholder",
    "changeme",
    "change_me",
    "change-me",
    "your",
    "dummy",
    "redacted",
    "removed",
    "${",
    "{{",
    "%(",
    "0123456789",
    "1234567890",
    "abcdefgh",
    "test",
];

/// Longer values are looked at no further: no secret is.
const MAX_VALUE: usize = 512;
/// So many blanks may stand before a value.
const MAX_BLANKS: usize = 32;
/// As much of each part of a web token is looked at, and of a private key.
const MAX_WEB_TOKEN: usize = 16 * 1024;
/// How far before a value its name is looked for.
const MAX_KEY: usize = 96;

/// Something found: its bytes, and what it is.
struct Hit {
    range: Range<usize>,
    name: &'static str,
    sample: usize,
}

/// Finds what looks like a credential, in the order of the text.
pub(super) fn find(text: &str) -> Vec<Finding> {
    let mut hits = Vec::new();
    tokens(text, &mut hits);
    private_keys(text, &mut hits);
    web_tokens(text, &mut hits);
    addresses(text, &mut hits);
    assignments(text, &mut hits);
    // Of two that overlap the earlier, and of those the one that was looked for first.
    hits.sort_by_key(|hit| hit.range.start);
    let mut rows = Rows::new(text);
    let mut end = 0;
    let mut found = Vec::new();
    for Hit {
        range,
        name,
        sample,
    } in hits
    {
        if range.start < end {
            continue;
        }
        end = range.end;
        found.push(Finding {
            kind: Kind::Secret,
            name: name.to_owned(),
            count: 1,
            sample: Some(text[range.clone()].chars().take(sample).collect()),
            places: vec![rows.place(range)],
        });
    }
    found
}

fn tokens(text: &str, hits: &mut Vec<Hit>) {
    let bytes = text.as_bytes();
    for token in TOKENS {
        for start in token.starts {
            for at in memmem::find_iter(bytes, start) {
                let body = at + start.len();
                let allowed = |byte: u8| byte.is_ascii_alphanumeric() || token.also.contains(&byte);
                let run = run(bytes, body, token.length.end, allowed);
                let fits = token.length.contains(&run);
                if fits && begins_here(bytes, at) && is_random(&text[body..body + run]) {
                    hits.push(Hit {
                        range: at..body + run,
                        name: token.name,
                        sample: 4,
                    });
                }
            }
        }
    }
}

fn private_keys(text: &str, hits: &mut Vec<Hit>) {
    const BEGIN: &str = "-----BEGIN ";
    for (at, _) in text.match_indices(BEGIN) {
        let title = &text[at + BEGIN.len()..];
        let Some(end) = title.bytes().take(64).position(|byte| byte == b'-') else {
            continue;
        };
        if !title[..end].contains("PRIVATE KEY") {
            continue;
        }
        let body = at + BEGIN.len() + end;
        if is_key_text(&text.as_bytes()[body..text.len().min(body + 128)]) {
            let key = &text.as_bytes()[body..text.len().min(body + MAX_WEB_TOKEN)];
            let finish = memmem::find(key, b"-----END ");
            hits.push(Hit {
                range: at..finish.map_or(body, |end| body + end),
                name: "private key",
                sample: 0,
            });
        }
    }
}

/// Whether a key follows its title: base64, or the headers that may come before; line ends may be
/// written as `\n`.
fn is_key_text(text: &[u8]) -> bool {
    let filler = |byte: u8| b"- \t\r\n\\\"'+,|#>nr".contains(&byte);
    let start = run(text, 0, 40, filler);
    let base64 = |byte: u8| byte.is_ascii_alphanumeric() || b"+/=".contains(&byte);
    let headers: [&[u8]; 4] = [b"Proc-Type:", b"DEK-Info:", b"Version:", b"Comment:"];
    run(text, start, 24, base64) >= 24 || headers.iter().any(|it| text[start..].starts_with(it))
}

fn web_tokens(text: &str, hits: &mut Vec<Hit>) {
    let bytes = text.as_bytes();
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"_-".contains(&byte);
    // The one of the documentation, which is everywhere.
    const SAMPLE: &str = "eyJzdWIiOiIxMjM0NTY3ODkw";
    let mut from = 0;
    for at in memmem::find_iter(bytes, b"eyJ") {
        if at < from || !begins_here(bytes, at) {
            continue;
        }
        let header = at + run(bytes, at, MAX_WEB_TOKEN, allowed);
        from = header;
        if !bytes[header..].starts_with(b".eyJ") {
            continue;
        }
        let payload = header + 1 + run(bytes, header + 1, MAX_WEB_TOKEN, allowed);
        let signed = bytes.get(payload) == Some(&b'.');
        let length = run(bytes, payload + 1, MAX_WEB_TOKEN, allowed);
        from = payload;
        if signed && length >= 16 && !text[header + 1..payload].starts_with(SAMPLE) {
            hits.push(Hit {
                range: at..payload + 1 + length,
                name: "JSON web token",
                sample: 3,
            });
        }
    }
}

fn addresses(text: &str, hits: &mut Vec<Hit>) {
    let bytes = text.as_bytes();
    for at in memmem::find_iter(bytes, b"://") {
        let start = at + 3;
        let allowed = |byte: u8| byte.is_ascii_graphic() && !b"/?#\"'`<>@,;()".contains(&byte);
        let end = start + run(bytes, start, MAX_VALUE, allowed);
        let Some(colon) = memchr::memchr(b':', &bytes[start..end]) else {
            continue;
        };
        let password = start + colon + 1..end;
        if bytes.get(end) == Some(&b'@') && looks_like_a_password(&text[password.clone()]) {
            hits.push(Hit {
                sample: (password.len() / 4).min(4),
                range: password,
                name: "password in an address",
            });
        }
    }
}

fn assignments(text: &str, hits: &mut Vec<Hit>) {
    let bytes = text.as_bytes();
    for at in memchr::memchr2_iter(b'=', b':', bytes) {
        let Some(key) = key_before(text, at) else {
            continue;
        };
        // `:=`, `=>`, `==`, and blanks.
        let value = at + 1 + run(bytes, at + 1, MAX_BLANKS, |byte| b"=> \t".contains(&byte));
        let Some(found) = value_at(text, value) else {
            continue;
        };
        let Value { range, quoted } = found;
        let value = &text[range.clone()];
        // `KEY=value` without blanks, as files for the environment have it.
        let capital = |b: u8| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_';
        let environment = key.bytes().all(capital)
            && range.start == at + 1
            && bytes[at] == b'='
            && text[..at].ends_with(key);
        let random = match quoted || environment {
            true => looks_like_a_password(value),
            false => looks_like_a_password(value) && is_no_code(value),
        };
        let is_token = key.to_ascii_lowercase().ends_with("token");
        if random && (!is_token || value.len() >= 16) {
            hits.push(Hit {
                sample: (value.len() / 4).min(4),
                range,
                name: "password or key",
            });
        }
    }
}

/// The name that a value is given to at `at`, if it is one for secrets.
fn key_before(text: &str, at: usize) -> Option<&str> {
    let bytes = text.as_bytes();
    let floor = at.saturating_sub(MAX_KEY);
    let mut end = at;
    let skip = |end: usize, skipped: &[u8]| {
        let back = bytes[floor..end].iter().rev();
        end - back.take_while(|byte| skipped.contains(byte)).count()
    };
    end = skip(end, b" \t:");
    let name = |end: usize| {
        let part = |byte: &u8| byte.is_ascii_alphanumeric() || b"_-.".contains(byte);
        let back = bytes[floor..end].iter().rev();
        end - back.take_while(|byte| part(byte)).count()
    };
    // `password: &'static str =`: the type is passed over.
    if bytes[at] == b'=' {
        let type_start = skip(name(end), b"&'<>[] staic");
        let before = skip(type_start, b" \t");
        if before > floor && before < end && bytes[before - 1] == b':' {
            end = skip(before - 1, b" \t");
        }
    }
    end = skip(end, b"\"'`])");
    let key = &text[name(end)..end];
    let plain: String = key
        .chars()
        .filter(|c| c.is_ascii_alphanumeric())
        .map(|c| c.to_ascii_lowercase())
        .collect();
    KEYS.iter()
        .any(|known| plain.ends_with(known))
        .then_some(key)
}

struct Value {
    range: Range<usize>,
    quoted: bool,
}

fn value_at(text: &str, at: usize) -> Option<Value> {
    let bytes = text.as_bytes();
    let (start, quote) = match bytes.get(at)? {
        quote @ (b'"' | b'\'' | b'`') => (at + 1, Some(*quote)),
        _ => (at, None),
    };
    let length = run(bytes, start, MAX_VALUE, |byte| match quote {
        Some(quote) => byte != quote && byte != b'\n',
        None => byte.is_ascii_graphic() && !b",;)}]#&\"'`".contains(&byte),
    });
    let closed = quote.is_none_or(|quote| bytes.get(start + length) == Some(&quote));
    closed.then_some(Value {
        range: start..start + length,
        quoted: quote.is_some(),
    })
}

/// Whether a token begins at `at`, and not in the middle of a word.
fn begins_here(bytes: &[u8], at: usize) -> bool {
    at == 0 || !(bytes[at - 1].is_ascii_alphanumeric() || b"_-".contains(&bytes[at - 1]))
}

/// How many bytes from `at` on are allowed, at most `limit`: without one, a text of nothing but
/// beginnings would take quadratic time.
fn run(bytes: &[u8], at: usize, limit: usize, allowed: impl Fn(u8) -> bool) -> usize {
    let rest = bytes.get(at..).unwrap_or_default();
    let run = rest.iter().take(limit).take_while(|byte| allowed(**byte));
    run.count()
}

/// Whether text looks made up by chance: it stands for nothing else, and has many different
/// characters, digits among them.
fn is_random(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    let mut seen = [false; 128];
    for byte in text.bytes().filter(u8::is_ascii) {
        seen[usize::from(byte)] = true;
    }
    let different = seen.iter().filter(|seen| **seen).count();
    let digits = text.bytes().any(|byte| byte.is_ascii_digit());
    digits
        && different >= 8.min(text.len() - text.len() / 4)
        && !STAND_INS.iter().any(|it| lower.contains(it))
}

/// Whether a value can hardly be a word, a name, a path or a piece of code.
fn looks_like_a_password(value: &str) -> bool {
    let graphic = value.bytes().all(|byte| byte.is_ascii_graphic());
    let letters = value.bytes().any(|byte| byte.is_ascii_alphabetic());
    let refers = value.starts_with(['$', '<', '{', '%', '/', '.', '~', '@', '#', '[', '(']);
    let address = value.contains("://") || value.contains("()");
    value.len() >= 8
        && graphic
        && letters
        && !refers
        && !address
        && is_random(value)
        && !is_name(value)
}

/// `access-token-v2`, `2024-01-01`, `config.secret_1`: words and numbers, one after the other.
fn is_name(value: &str) -> bool {
    let words = |part: &str| {
        let rest =
            part.trim_start_matches(|c: char| c.is_ascii_lowercase() || c.is_ascii_uppercase());
        let letters = &part[..part.len() - rest.len()];
        let one_case = letters.chars().skip(1).all(|c| c.is_ascii_lowercase())
            || letters.chars().all(|c| c.is_ascii_uppercase());
        one_case && rest.len() <= 4 && rest.bytes().all(|byte| byte.is_ascii_digit())
    };
    let mut parts = value.split(['-', '_', '.', '/', ':', ',', '@', '+', '=']);
    parts.all(words)
}

/// Whether a value without quotes is no name of a program: digits in several places, and letters in
/// both cases or with signs between.
fn is_no_code(value: &str) -> bool {
    let groups = value
        .split(|c: char| !c.is_ascii_digit())
        .filter(|digits| !digits.is_empty())
        .count();
    let upper = value.bytes().any(|byte| byte.is_ascii_uppercase());
    let lower = value.bytes().any(|byte| byte.is_ascii_lowercase());
    let call = value.contains(['(', '[', '<', '>', '|', '*', '\\', '{', '.', ':']);
    value.len() >= 12 && groups >= 2 && upper && lower && !call
}

#[cfg(test)]
mod tests;
