//! Which files are likely to hold secrets, told by their names. Pure.
//!
//! What a file holds is `handover::inspect`'s work. Following links is the caller's: the name that
//! was written and the one that it leads to are both to be asked for.

use std::path::Path;

/// What a row of the table matches; names are in lower case, and case does not count.
#[derive(Clone, Copy)]
enum Rule {
    /// The file's name is this.
    Name(&'static str),
    /// The file's name begins with this.
    Begins(&'static str),
    /// The file's name ends with this.
    Ends(&'static str),
    /// The file's name is this word, alone or with more after it, and no program or prose: see
    /// [`DATA`].
    Data(&'static str),
    /// Everything in a folder of this name.
    Folder(&'static str),
    /// The file of the second name right in a folder of the first.
    In(&'static str, &'static str),
}

use Rule::{Begins, Data, Ends, Folder, In, Name};

/// Which files are secret-like, and what such a file holds.
const SECRET: &[(Rule, &str)] = &[
    (Name(".env"), "environment with credentials"),
    (Begins(".env."), "environment with credentials"),
    (Begins(".env-"), "environment with credentials"),
    (Begins(".env_"), "environment with credentials"),
    (Ends(".env"), "environment with credentials"),
    (Name(".envrc"), "environment with credentials"),
    (Folder(".ssh"), "SSH keys"),
    (Begins("id_rsa"), "SSH key"),
    (Begins("id_dsa"), "SSH key"),
    (Begins("id_ecdsa"), "SSH key"),
    (Begins("id_ed25519"), "SSH key"),
    (Ends(".ppk"), "SSH key"),
    (Folder(".gnupg"), "PGP keys"),
    (Ends(".pem"), "key or certificate"),
    (Ends(".key"), "private key"),
    (Ends(".p8"), "private key"),
    (Ends(".p12"), "private key"),
    (Ends(".pfx"), "private key"),
    (Ends(".jks"), "key store"),
    (Ends(".keystore"), "key store"),
    (Ends(".kdbx"), "passwords"),
    (Ends(".kdb"), "passwords"),
    (Folder(".password-store"), "passwords"),
    (Name(".htpasswd"), "passwords"),
    (Name(".pgpass"), "passwords"),
    (Name(".my.cnf"), "passwords"),
    (In("etc", "shadow"), "passwords"),
    (Name(".netrc"), "passwords"),
    (Name("_netrc"), "passwords"),
    (Name(".authinfo"), "passwords"),
    (Name(".git-credentials"), "passwords"),
    (In(".git", "config"), "addresses that may hold tokens"),
    (Name(".npmrc"), "access token"),
    (Name(".yarnrc.yml"), "access token"),
    (Name(".pypirc"), "access token"),
    (In(".cargo", "credentials.toml"), "access token"),
    (Name(".vault-token"), "access token"),
    (Name(".terraformrc"), "access token"),
    (Name(".terraform.tfrc.json"), "access token"),
    (In("gh", "hosts.yml"), "access token"),
    (In("github-copilot", "hosts.json"), "access token"),
    (In("github-copilot", "apps.json"), "access token"),
    (In(".codex", "auth.json"), "access token"),
    (Name(".credentials.json"), "access token"),
    (Folder(".aws"), "cloud credentials"),
    (Folder(".azure"), "cloud credentials"),
    (
        Name("application_default_credentials.json"),
        "cloud credentials",
    ),
    (Name(".boto"), "cloud credentials"),
    (Name(".s3cfg"), "cloud credentials"),
    (In(".docker", "config.json"), "registry credentials"),
    (Name(".dockercfg"), "registry credentials"),
    (In(".kube", "config"), "cluster credentials"),
    (Name("kubeconfig"), "cluster credentials"),
    (Ends(".kubeconfig"), "cluster credentials"),
    (Ends(".tfstate"), "infrastructure with secrets"),
    (Ends(".tfstate.backup"), "infrastructure with secrets"),
    (Ends(".tfvars"), "infrastructure with secrets"),
    (Data("credentials"), "credentials"),
    (Data("credential"), "credentials"),
    (Data("client_secret"), "credentials"),
    (Data("service-account"), "credentials"),
    (Data("service_account"), "credentials"),
    (Data("serviceaccount"), "credentials"),
    (Data("secrets"), "secrets"),
    (Data(".secrets"), "secrets"),
    (Data("secret"), "secrets"),
    (Ends("_history"), "commands that were typed"),
];

/// What makes a file with a telling name data: `secrets.yml`, but not `secrets.rs` or `secrets.md`.
/// A name without any ending is data too.
const DATA: &[&str] = &[
    "json",
    "yml",
    "yaml",
    "toml",
    "ini",
    "conf",
    "cfg",
    "properties",
    "xml",
    "txt",
    "csv",
    "env",
    "enc",
    "gpg",
    "db",
];

/// Endings of files that are made to be shared, whatever the rest of their name.
const SHARED: &[&str] = &[
    "example", "sample", "template", "tmpl", "dist", "schema", "pub",
];

/// What a file of this name is likely to hold that should not be handed over, or nothing.
pub fn is_secret(path: &Path) -> Option<&'static str> {
    let lower = path.to_string_lossy().to_lowercase();
    let mut folders: Vec<&str> = lower.split('/').filter(|part| !part.is_empty()).collect();
    let name = folders.pop()?;
    let shared = is_shared(name);
    let matches = |rule: Rule| match rule {
        // What lies in such a folder is not there to be shared, whatever its name.
        Folder(folder) => folders.contains(&folder),
        _ if shared => false,
        Name(wanted) => name == wanted,
        Begins(start) => name.starts_with(start),
        Ends(end) => name.ends_with(end),
        Data(word) => name.strip_prefix(word).is_some_and(is_data),
        In(folder, wanted) => name == wanted && folders.last() == Some(&folder),
    };
    let row = SECRET.iter().find(|(rule, _)| matches(*rule));
    row.map(|(_, why)| *why)
}

/// `.env.example`, `example.env`, `secrets.sample.yml`, `id_rsa.pub`.
fn is_shared(name: &str) -> bool {
    let mut words = name.split('.');
    let first = words.next().is_some_and(|word| SHARED[..3].contains(&word));
    let mut ends = words.rev();
    let last = ends.next().is_some_and(|word| SHARED.contains(&word));
    first || last || ends.next().is_some_and(|word| SHARED[..3].contains(&word))
}

/// Whether what follows the telling word leaves it a word, and the file data.
fn is_data(rest: &str) -> bool {
    let whole_word = !rest.starts_with(|c: char| c.is_alphanumeric());
    let ending = rest.rsplit_once('.').map(|(_, ending)| ending);
    whole_word && ending.is_none_or(|ending| DATA.contains(&ending))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secret_like_names_are_told_and_shared_ones_are_not() {
        let secret = [
            ".env",
            ".env.local",
            ".ENV.Production",
            "prod.env",
            "a/b/.envrc",
            "server.pem",
            "tls/private.KEY",
            "id_rsa",
            "id_rsa.bak",
            "deploy/id_ed25519",
            "/home/me/.ssh/config",
            "/home/me/.ssh/id_rsa.pub",
            ".gnupg/pubring.kbx",
            "~/.aws/credentials",
            ".netrc",
            ".npmrc",
            ".pypirc",
            "vault.kdbx",
            "cert.p12",
            "cert.pfx",
            "credentials",
            "credentials.json",
            "credentials-prod.json",
            "client_secret_123.apps.json",
            ".docker/config.json",
            "/root/.kube/config",
            "secrets.yml",
            "config/secrets.production.yaml",
            "secret.json",
            "secrets",
            "main.tfstate",
            "main.tfstate.backup",
            "prod.tfvars",
            ".bash_history",
            "/etc/shadow",
            ".git/config",
        ];
        for path in secret {
            assert!(is_secret(Path::new(path)).is_some(), "{path}");
        }
        let harmless = [
            "",
            "/",
            ".env.example",
            ".env.sample",
            ".env.local.template",
            "example.env",
            "id_rsa.pub",
            "id_ed25519.pub",
            "secrets.example.yml",
            "secrets.rs",
            "secrets.md",
            "secretsanta.txt",
            "secretary.json",
            "src/credentials.ts",
            "environment.md",
            "env",
            "src/env.rs",
            "monkey",
            "key.rs",
            "keys.json",
            "docker/config.json",
            "config",
            "src/config/mod.rs",
            "gh/hosts.md",
            "shadow",
            "history.md",
            "prod.tfvars.example",
        ];
        for path in harmless {
            assert_eq!(is_secret(Path::new(path)), None, "{path}");
        }
    }
}
