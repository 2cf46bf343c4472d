//! Names in the configuration that stand for something elsewhere and for which there is nothing. Pure.

use std::path::Path;

use super::asking;
use crate::ai::local;
use crate::config::{Config, nearest};
use crate::problem::Problem;
use crate::text::Position;

/// Finds names of rules and providers that there are not; what is meant can't be guessed, so they have no
/// effect until they are mended.
pub(super) fn check(config: &Config, file: &Path) -> Vec<Problem> {
    let problem = |message: String, near: Option<&str>, way_out: &str| {
        Problem::warning(file, Position::NONE, message).hint(match near {
            Some(near) => format!("did you mean {near:?}?"),
            None => way_out.to_owned(),
        })
    };
    let rules = local::unknown(&config.review.off).map(|(name, near)| {
        let message = format!("review.off: there is no rule {name:?}");
        problem(message, near, ":help promptstack-checks lists them")
    });
    let known = asking::known(config);
    let roles = config.roles.iter().filter_map(|(role, own)| {
        Some((format!("roles.{role}.provider"), own.provider.as_deref()?))
    });
    let default = config.providers.text.default.as_str();
    let default = Some(default).filter(|name| !name.is_empty());
    let default = default.map(|name| ("providers.text.default".to_owned(), name));
    let providers = roles.chain(default).filter_map(|(key, name)| {
        (!known.contains(&name)).then(|| {
            let message = format!("{key}: there is no provider {name:?}");
            let near = nearest(name, known.iter().copied());
            problem(message, near, "say where it is in providers.text")
        })
    });
    rules.chain(providers).collect()
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::*;
    use crate::config::{ProviderConfig, RoleConfig};

    #[test]
    fn a_name_that_stands_for_nothing_is_told_with_what_was_probably_meant() {
        let mut config = Config::default();
        config.review.off = ["vauge", "todo", "no-such-rule"].map(Into::into).into();
        let role = |provider: &str| RoleConfig {
            provider: Some(provider.into()),
            ..RoleConfig::default()
        };
        let roles = [
            ("a", "opnai"),
            ("b", "mine"),
            ("c", "other"),
            ("d", "local"),
        ];
        config.roles = roles.map(|(name, it)| (name.into(), role(it))).into();
        config.providers.text.default = "claud".into();
        let named = ("mine".to_owned(), ProviderConfig::default());
        config.providers.text.named = [named].into();
        let problems = check(&config, Path::new("config.yaml"));
        let lines: String = problems.iter().map(|it| format!("{it}\n")).collect();
        expect![[r#"
            config.yaml: warning: review.off: there is no rule "vauge" (did you mean "vague"?)
            config.yaml: warning: review.off: there is no rule "no-such-rule" (:help promptstack-checks lists them)
            config.yaml: warning: roles.a.provider: there is no provider "opnai" (did you mean "openai"?)
            config.yaml: warning: roles.c.provider: there is no provider "other" (say where it is in providers.text)
            config.yaml: warning: providers.text.default: there is no provider "claud" (did you mean "claude"?)
        "#]]
        .assert_eq(&lines);
    }

    #[test]
    fn the_defaults_name_nothing_that_there_is_not() {
        assert_eq!(check(&Config::default(), Path::new("config.yaml")), []);
    }
}
