//! `${VAR}`, `~` and relative paths in a value. Pure: the environment comes in as a function.

use std::path::{Component, Path, PathBuf};

/// Gives the value of an environment variable.
pub type Lookup<'a> = &'a dyn Fn(&str) -> Option<String>;

/// What a value is expanded with.
#[derive(Clone, Copy)]
pub(crate) struct Surroundings<'a> {
    /// Looks a variable up; where there is none, `${VAR}` is not expanded.
    pub(crate) env: Option<Lookup<'a>>,
    /// What `~` stands for, where it is known.
    pub(crate) user_home: Option<&'a Path>,
    /// Where relative paths start: the folder of the file that names them.
    pub(crate) base: &'a Path,
}

/// Replaces `${NAME}` by the variable's value and `$$` by one `$`; any other `$` stays.
///
/// What comes out of a variable is not expanded again.
///
/// # Errors
/// A message that names an undefined variable, or says that a `${` has no end.
pub(crate) fn variables(text: &str, env: Lookup<'_>) -> Result<String, String> {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find('$') {
        out.push_str(&rest[..start]);
        rest = &rest[start + 1..];
        if let Some(after) = rest.strip_prefix('$') {
            out.push('$');
            rest = after;
        } else if let Some(after) = rest.strip_prefix('{') {
            let Some((name, after)) = after.split_once('}') else {
                return Err("has a '${' without its '}'".into());
            };
            if !is_name(name) {
                return Err(format!("has ${{{name}}}, which does not name a variable"));
            }
            let Some(value) = env(name) else {
                return Err(format!("uses ${{{name}}}, which is not set"));
            };
            out.push_str(&value);
            rest = after;
        } else {
            out.push('$');
        }
    }
    out.push_str(rest);
    Ok(out)
}

/// Whether a variable may be called that.
pub(crate) fn is_name(name: &str) -> bool {
    !name.starts_with(|c: char| c.is_ascii_digit())
        && !name.is_empty()
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

/// Makes a path absolute: `~` and `~/…` start at the person's home, relative ones at the base.
///
/// # Errors
/// A message that says why it can't be a path.
pub(crate) fn path(text: &str, around: Surroundings<'_>) -> Result<PathBuf, String> {
    if text.trim().is_empty() {
        return Err("is an empty path".into());
    }
    if text.contains('\0') {
        return Err("is a path with a NUL in it".into());
    }
    let joined = match text.strip_prefix('~') {
        Some(rest) if rest.is_empty() || rest.starts_with('/') => {
            let home = around
                .user_home
                .ok_or("starts with '~', but the home folder is unknown")?;
            home.join(rest.trim_start_matches('/'))
        }
        Some(_) => return Err("starts with '~name'; only '~/' is known here".into()),
        None => around.base.join(text),
    };
    if joined.to_str().is_none() {
        return Err("lies in a folder whose name is not UTF-8".into());
    }
    Ok(joined
        .components()
        .filter(|c| *c != Component::CurDir)
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn env(name: &str) -> Option<String> {
        match name {
            "TEAM" => Some("red".into()),
            "RAW" => Some("${TEAM}$$".into()),
            _ => None,
        }
    }

    #[test]
    fn variables_are_replaced_once() {
        let rows = [
            ("plain", Ok("plain")),
            ("a/${TEAM}/b", Ok("a/red/b")),
            ("${TEAM}${TEAM}", Ok("redred")),
            ("${RAW}", Ok("${TEAM}$$")),
            ("$${TEAM}", Ok("${TEAM}")),
            ("$TEAM $ 5$", Ok("$TEAM $ 5$")),
            ("$$$$", Ok("$$")),
            ("${NONE}", Err("uses ${NONE}, which is not set")),
            ("${TEAM", Err("has a '${' without its '}'")),
            ("${}", Err("has ${}, which does not name a variable")),
            (
                "${TEAM:-x}",
                Err("has ${TEAM:-x}, which does not name a variable"),
            ),
            ("${1A}", Err("has ${1A}, which does not name a variable")),
        ];
        for (text, expected) in rows {
            let expected = expected.map(str::to_owned).map_err(str::to_owned);
            assert_eq!(variables(text, &env), expected, "{text}");
        }
    }

    #[test]
    fn paths_become_absolute() {
        let rows = [
            ("/a/b", Ok("/a/b")),
            ("b", Ok("/base/b")),
            ("./b/./c/", Ok("/base/b/c")),
            ("../b", Ok("/base/../b")),
            ("~", Ok("/home/me")),
            ("~/b", Ok("/home/me/b")),
            ("~//b", Ok("/home/me/b")),
            ("a~/b", Ok("/base/a~/b")),
            (".", Ok("/base")),
            (
                "~you/b",
                Err("starts with '~name'; only '~/' is known here"),
            ),
            ("", Err("is an empty path")),
            ("a\0b", Err("is a path with a NUL in it")),
        ];
        let around = |user_home| Surroundings {
            env: Some(&env),
            user_home,
            base: Path::new("/base"),
        };
        let home = Some(Path::new("/home/me"));
        for (text, expected) in rows {
            let expected = expected.map(PathBuf::from).map_err(str::to_owned);
            assert_eq!(path(text, around(home)), expected, "{text}");
        }
        let message = "starts with '~', but the home folder is unknown";
        assert_eq!(path("~/b", around(None)), Err(message.to_owned()));
    }
}
