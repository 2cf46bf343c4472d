use std::ffi::OsStr;

use expect_test::{Expect, expect};
use proptest::collection::{btree_map, vec};
use proptest::option;
use proptest::prelude::*;

use super::*;

fn meta() -> Meta {
    let created: Timestamp = "2026-01-31T12:00:00.123456789Z".parse().unwrap();
    Meta {
        id: "01890a5d-ac96-774b-bcce-b302099a8057".parse().unwrap(),
        ..Meta::new(created, "/home/me/project".into())
    }
}

fn composition(meta: Meta, body: &[u8]) -> Composition {
    let body = body.to_vec();
    Composition { meta, body }
}

#[test]
fn a_file_is_front_matter_and_the_text() {
    let mut meta = meta();
    meta.sequence = 3;
    meta.name = Some("a \"new\" API".into());
    meta.tags = vec!["rust".into(), "a, b".into()];
    meta.source = Some("/tmp/ä.md".into());
    meta.files = vec!["src/lib.rs".into()];
    meta.without = vec!["rules/mocks".into()];
    meta.conflict_of = Some("01890a5d-ac96-774b-bcce-b302099a8058".parse().unwrap());
    meta.answer = Some(Answer {
        to: "01890a5d-ac96-774b-bcce-b302099a8059".parse().unwrap(),
        model: "claude-sonnet-5-5".into(),
        input: 1840,
        output: 210,
        micro_usd: Some(3100),
        incomplete: None,
    });
    meta.sent = vec![Sent {
        to: "tmux %3".into(),
        at: meta.created,
    }];
    meta.prompts = vec![UsedPrompt {
        id: "own:review".into(),
        hash: "ab12".into(),
        values: [("text:lang".into(), "Rust\n2024".into())].into(),
    }];
    let bytes = render(&composition(meta, b"the text"));
    expect![[r#"
        ---
        id: 01890a5d-ac96-774b-bcce-b302099a8057
        sequence: 3
        created: 2026-01-31T12:00:00.123456Z
        updated: 2026-01-31T12:00:00.123456Z
        draft: true
        conflict_of: 01890a5d-ac96-774b-bcce-b302099a8058
        answer: {to: "01890a5d-ac96-774b-bcce-b302099a8059", model: "claude-sonnet-5-5", input: 1840, output: 210, micro_usd: 3100}
        directory: "/home/me/project"
        name: "a \"new\" API"
        source: "/tmp/ä.md"
        tags:
        - "rust"
        - "a, b"
        sent:
        - {to: "tmux %3", at: "2026-01-31T12:00:00.123456Z"}
        files:
        - "src/lib.rs"
        without:
        - "rules/mocks"
        prompts:
        - {id: "own:review", hash: "ab12", values: {"text:lang": "Rust\n2024"}}
        ---
        the text"#]]
    .assert_eq(std::str::from_utf8(&bytes).unwrap());
}

#[test]
fn the_text_is_kept_to_the_byte() {
    for body in [
        &b""[..],
        b"\n",
        b"no newline at the end",
        b"---\n",
        b"---\nid: x\n---\n",
        b"\r\nCRLF\r\n",
        b"NUL \0, invalid \xff\xfe, \xef\xbb\xbfa mark\n",
    ] {
        let written = composition(meta(), body);
        assert_eq!(parse(&render(&written)).unwrap(), written, "{body:?}");
    }
}

#[test]
fn a_path_that_is_not_utf8_survives() {
    let mut meta = meta();
    meta.directory = OsStr::from_bytes(b"/home/\xff").into();
    meta.source = Some(OsStr::from_bytes(b"\xfe.md").into());
    let written = composition(meta, b"x");
    let bytes = render(&written);
    let text = std::str::from_utf8(&bytes).unwrap();
    assert!(
        text.contains("directory_hex: \"2f686f6d652fff\"\n"),
        "{text}"
    );
    assert_eq!(parse(&bytes).unwrap(), written);
}

/// What is read from front matter with an id and a time, or why nothing is.
fn check(lines: &str, expected: Expect) {
    let id = "id: 01890a5d-ac96-774b-bcce-b302099a8057";
    let text = format!("---\n{id}\ncreated: 2026-01-31T12:00:00Z\n{lines}---\nbody");
    let said = match parse(text.as_bytes()) {
        Err(error) => error.to_string(),
        Ok(Composition { meta, body }) => {
            assert_eq!(body, b"body");
            let usual = self::meta();
            let mut said = format!("sequence {}\n", meta.sequence);
            if meta.updated != meta.created {
                said += &format!("updated {}\n", meta.updated);
            }
            for (key, value, usual) in [
                ("name", format!("{:?}", meta.name), "None"),
                ("tags", format!("{:?}", meta.tags), "[]"),
                ("sent", format!("{}", meta.sent.len()), "0"),
                ("prompts", format!("{:?}", meta.prompts), "[]"),
                ("directory", format!("{:?}", meta.directory), "\"\""),
            ] {
                if value != usual {
                    said += &format!("{key} {value}\n");
                }
            }
            assert_eq!(meta.id, usual.id);
            said
        }
    };
    expected.assert_eq(&said);
}

#[test]
fn what_a_person_changed_is_read_by_yaml() {
    check(
        "# my own line\nname:   'draft: one'\ntags: [a,b ,  \"c\"]\nupdated: 2026-01-31T13:00:00+01:00\n",
        expect![[r#"
            sequence 0
            name Some("draft: one")
            tags ["a", "b", "c"]
        "#]],
    );
    check(
        "prompts:\n  - id: own:review\n    values:\n      text:a: |\n        two\n        lines\n",
        expect![[r#"
            sequence 0
            prompts [UsedPrompt { id: "own:review", hash: "", values: {"text:a": "two\nlines\n"} }]
        "#]],
    );
}

#[test]
fn unknown_keys_and_unreadable_provenance_are_passed_over() {
    check(
        "future: {a: [1, \"b\"]}\nsequence: 4\nlater:\n- \"x\"\nsent:\n- {to: \"a\", at: \"never\", by: x}\n\
         updated: 2025-01-01T00:00:00Z\n",
        expect![[r#"
            sequence 4
        "#]],
    );
}

#[test]
fn what_orders_compositions_must_be_right() {
    check(
        "sequence: -1\n",
        expect![[
            r#"the front matter can't be read: sequence: invalid type: integer `-1`, expected u64 at line 3 column 11"#
        ]],
    );
    check(
        "updated: yesterday\n",
        expect!["'updated' is no time (write it like 2026-01-31T12:00:00Z)"],
    );
    check("conflict_of: x\n", expect!["'x' is no composition's id"]);
    check(
        "directory_hex: \"2g\"\n",
        expect!["'directory_hex' is no hexadecimal number"],
    );
    check(
        "name: a\nname: b\n",
        expect!["the front matter can't be read: duplicate field `name`"],
    );
}

#[test]
fn what_is_no_composition_says_why() {
    for (text, why) in [
        (&b""[..], "the front matter is not closed"),
        (b"--", "the front matter is not closed"),
        (b"---\nid: x\n---", "the front matter is not closed"),
        (b"# Notes\n", "the file does not begin with front matter"),
        (b"----\n", "the file does not begin with front matter"),
        (b"---\n---\n", "the front matter"),
        (b"---\nname: x\n---\n", "the front matter has no 'id'"),
        (b"---\nname: \xff\n---\n", "the front matter is not UTF-8"),
    ] {
        let error = parse(text).expect_err("no composition");
        assert!(error.message().starts_with(why), "{text:?}: {error}");
    }
}

#[test]
fn the_head_is_read_once_it_is_there() {
    let bytes = render(&composition(meta(), b"body"));
    let begins = bytes.len() - 4;
    for end in 0..begins {
        assert_eq!(parse_head(&bytes[..end]).unwrap(), None, "{end}");
    }
    for end in begins..bytes.len() {
        let head = parse_head(&bytes[..end]).unwrap();
        assert_eq!(head, Some((meta(), begins)), "{end}");
    }
}

#[test]
fn hostile_front_matter_ends_soon() {
    let lines = |line: &str, count: usize| line.repeat(count);
    let cases = [
        lines("[", MAX_FRONT_MATTER),
        lines("a: ", MAX_FRONT_MATTER / 3),
        format!("x: {}\n", lines("[", MAX_YAML - 10)),
        format!("x: {}\n", lines("{a: ", 900)),
        lines("- ", MAX_YAML / 2),
        lines("? ", MAX_YAML / 2),
        lines("%TAG !a! x\n", MAX_YAML / 11),
        lines("a: &a 1\n", MAX_YAML / 8),
        format!("x: {}\n", lines("!a ", MAX_YAML / 3)),
        format!("a: &a [x, x]\nb: [{}]\n", lines("*a, ", MAX_YAML / 5)),
        format!("name: \"{}", lines("\\", MAX_YAML)),
        "\u{2028}\0".repeat(1000),
    ];
    for header in cases {
        let text = format!("---\n{header}\n---\nbody");
        assert!(parse(text.as_bytes()).is_err(), "{:.40}", header);
    }
}

#[test]
fn too_much_front_matter_is_an_error() {
    let text = |length: usize| {
        let rest = format!("id: {}\ncreated: 2026-01-31T12:00:00Z\n", meta().id);
        let name = "n".repeat(length - rest.len() - "name: \n".len());
        format!("---\n{rest}name: {name}\n---\nbody").into_bytes()
    };
    assert_eq!(parse(&text(MAX_FRONT_MATTER)).unwrap().body, b"body");
    let endless = [b"---\n", &b"a".repeat(MAX_FRONT_MATTER + 6)[..]].concat();
    for text in [text(MAX_FRONT_MATTER + 1), endless] {
        let message = parse(&text).err().map(|error| error.message().to_owned());
        let wanted = "the front matter is larger than 1024 KB";
        assert_eq!(message.as_deref(), Some(wanted));
    }
}

#[test]
fn provenance_never_keeps_a_text_from_being_read() {
    let mut meta = meta();
    let long = "x".repeat(700 << 10);
    meta.prompts = vec![
        UsedPrompt {
            id: "first".into(),
            hash: "1".into(),
            values: [
                ("text:a".into(), long.clone()),
                ("y".repeat(2000), "z".into()),
            ]
            .into(),
        },
        UsedPrompt {
            id: "second".into(),
            hash: "2".into(),
            values: [("text:a".into(), long.clone())].into(),
        },
    ];
    meta.files = vec!["a".into(), "b".repeat(MAX_FRONT_MATTER), "c".into()];
    let read = parse(&render(&composition(meta, b"body"))).unwrap();
    assert_eq!(read.body, b"body");
    assert_eq!(read.meta.files, ["a", "c"]);
    let values: Vec<usize> = read.meta.prompts.iter().map(|p| p.values.len()).collect();
    assert_eq!(values, [1, 0]);
}

prop_compose! {
    fn times()(micros in -62_167_219_200_000_000_i64..253_402_207_200_000_000) -> Timestamp {
        Timestamp::from_microsecond(micros).unwrap()
    }
}

prop_compose! {
    fn paths()(bytes in vec(any::<u8>(), 0..20), utf8 in ".{0,10}", plain in any::<bool>()) -> PathBuf {
        match plain {
            true => utf8.into(),
            false => OsString::from_vec(bytes).into(),
        }
    }
}

prop_compose! {
    fn answers()(
        to in any::<u128>(),
        model in any::<String>(),
        tokens in (any::<u64>(), any::<u64>()),
        micro_usd in option::of(any::<u64>()),
        incomplete in option::of(any::<String>()),
    ) -> Answer {
        let to = CompositionId(uuid::Uuid::from_u128(to));
        Answer { to, model, input: tokens.0, output: tokens.1, micro_usd, incomplete }
    }
}

prop_compose! {
    fn metas()(
        ids in (any::<u128>(), option::of(any::<u128>())),
        sequence in any::<u64>(),
        times in (times(), times()),
        paths in (paths(), option::of(paths())),
        name in option::of(any::<String>()),
        draft in any::<bool>(),
        lists in (
            vec(any::<String>(), 0..3),
            vec(any::<String>(), 0..3),
            vec(any::<String>(), 0..3),
        ),
        sent in vec((any::<String>(), times()), 0..3),
        prompts in vec(
            (any::<String>(), any::<String>(), btree_map(any::<String>(), any::<String>(), 0..3)),
            0..3,
        ),
        answer in option::of(answers()),
    ) -> Meta {
        let id = |id| CompositionId(uuid::Uuid::from_u128(id));
        Meta {
            id: id(ids.0),
            sequence,
            created: times.0,
            updated: times.1.max(times.0),
            directory: paths.0,
            name,
            tags: lists.0,
            draft,
            sent: sent.into_iter().map(|(to, at)| Sent { to, at }).collect(),
            prompts: prompts
                .into_iter()
                .map(|(id, hash, values)| UsedPrompt { id, hash, values })
                .collect(),
            files: lists.1,
            without: lists.2,
            source: paths.1,
            conflict_of: ids.1.map(id),
            answer,
        }
    }
}

/// Front matter as people and programs might write it.
fn lines() -> impl Strategy<Value = String> {
    let key = proptest::sample::select(vec![
        "id", "sequence", "created", "draft", "name", "tags", "sent", "prompts", "answer",
        "without", "future", "null",
    ]);
    let value = proptest::sample::select(vec![
        "\"",
        "\"",
        "\"a\"",
        "a",
        "b c",
        "1",
        "01",
        "1.5",
        "true",
        "null",
        "~",
        "2026-01-31",
        ": ",
        ":",
        ", ",
        ",",
        "[",
        "]",
        "{",
        "}",
        "{to: ",
        "id: ",
        "values: ",
        "\\n",
        "\\x41",
        "\\u2028",
        "\\",
        "- ",
        "\n- ",
        " ",
        "#",
        " #",
        "/",
        "'",
        "&a",
        "*a",
        "!",
        "|",
        "\t",
        "ä",
        "\u{85}",
        "\u{feff}",
        "---",
        "-",
        ".",
        "+",
        "<<",
    ]);
    let line = (key, vec(value, 0..6)).prop_map(|(key, value)| {
        let value = value.concat();
        let space = if value.starts_with('\n') { "" } else { " " };
        format!("{key}:{space}{value}\n")
    });
    vec(line, 0..4).prop_map(|lines| lines.concat())
}

/// Values in the form that is written, and nearly so.
fn written() -> impl Strategy<Value = String> {
    let leaf = proptest::sample::select(vec![
        "\"\"",
        "\"a b\"",
        "\"\\\"\\\\\\n\\x00\\uffff\"",
        "a",
        "a b",
        "null",
        "1",
        "true",
        "/a:b",
        "\"ä\"",
        "[]",
        "{}",
        "a_b.c-d+e",
        "2026-01-31T12:00:00.000001Z",
        "\"null\"",
    ])
    .prop_map(str::to_owned);
    let key = proptest::sample::select(vec!["to", "at", "id", "hash", "values", "\"k\"", "other"]);
    let value = leaf.prop_recursive(3, 12, 3, move |inner| {
        let entry = (key.clone(), inner.clone()).prop_map(|(key, value)| format!("{key}: {value}"));
        prop_oneof![
            vec(inner, 0..3).prop_map(|items| format!("[{}]", items.join(", "))),
            vec(entry, 0..3).prop_map(|entries| format!("{{{}}}", entries.join(", "))),
        ]
    });
    let key = proptest::sample::select(vec![
        "id", "sequence", "draft", "name", "tags", "sent", "prompts", "files", "without", "future",
    ]);
    let line = (key, vec(value, 1..3), any::<bool>()).prop_map(|(key, values, list)| match list {
        true => format!("{key}:\n- {}\n", values.join("\n- ")),
        false => format!("{key}: {}\n", values[0]),
    });
    vec(line, 0..4).prop_map(|lines| lines.concat())
}

proptest! {
    #[test]
    fn what_is_written_is_read(meta in metas(), body in vec(any::<u8>(), 0..60)) {
        let written = Composition { meta, body };
        let bytes = render(&written);
        prop_assert_eq!(&parse(&bytes).unwrap(), &written);
        // Both ways, and the scanner reads whatever is written.
        let (header, _) = split(&bytes).unwrap().unwrap();
        let header = std::str::from_utf8(&bytes[header]).unwrap();
        let scanned = scan::fields(header);
        prop_assert!(scanned.is_some(), "{}", header);
        prop_assert_eq!(scanned.unwrap(), by_yaml(header).unwrap());
    }

    #[test]
    fn any_bytes_are_read(bytes in vec(any::<u8>(), 0..200)) {
        let _ = parse(&bytes);
        let _ = parse(&[b"---\n", &bytes[..], b"\n---\n"].concat());
    }

    /// The scanner may refuse, but may not differ.
    #[test]
    fn the_scanner_reads_what_yaml_reads(header in prop_oneof![lines(), written()]) {
        if let Some(fields) = scan::fields(&header) {
            match by_yaml(&header) {
                Ok(yaml) => prop_assert_eq!(fields, yaml),
                Err(error) => prop_assert!(false, "{}: {}", error, header),
            }
        }
    }
}
