use expect_test::{Expect, expect};

use super::*;

fn check(text: &str, expected: Expect) {
    expected.assert_eq(&match parse(text) {
        Ok(node) => format!("{node:?}"),
        Err(Unreadable { at, message }) => format!("{}:{}: {message}", at.line, at.column),
    });
}

#[test]
fn a_text_becomes_a_tree_in_its_own_order() {
    check("", expect!["Null"]);
    check("# only this\n", expect!["Null"]);
    check("\u{feff}\r\n", expect!["Null"]);
    check(
        "b: 1\na: [x, ~, 0.5, true]\nb: no\n",
        expect![[
            r#"Map([("b", Integer(1)), ("a", List([Text("x"), Null, Float(0.5), Bool(true)])), ("b", Text("no"))])"#
        ]],
    );
    check(
        "1: a\ntrue: b\n",
        expect![[r#"Map([("1", Text("a")), ("true", Text("b"))])"#]],
    );
}

#[test]
fn an_unreadable_text_says_where_and_why() {
    check(
        "a: [1, 2\nb: 3\n",
        expect![
            "2:2: invalid YAML: did not find expected ',' or ']', while parsing a flow sequence"
        ],
    );
    check(
        "a: b: c\n",
        expect!["1:5: invalid YAML: mapping values are not allowed in this context"],
    );
    check(
        "a: 1\n b: 2\n",
        expect!["2:3: invalid YAML: mapping values are not allowed in this context"],
    );
    check(
        "a: \"x\nb: 1\n",
        expect![
            "3:1: invalid YAML: found unexpected end of stream, while scanning a quoted scalar"
        ],
    );
    check(
        "\ta: 1\n",
        expect![
            "1:1: invalid YAML: found character that cannot start any token, while scanning for the next token"
        ],
    );
    check("a: *nobody\n", expect!["1:4: invalid YAML: unknown anchor"]);
    check(
        "a: !secret x\n",
        expect!["1:4: invalid YAML: a: tags that start with '!' are not used here"],
    );
    check(
        "[a]: 1\n",
        expect!["1:1: invalid YAML: invalid type: sequence, expected a plain key"],
    );
    check(
        "a: 1\n---\nb: 1\n",
        expect!["1:1: more than one document in the file"],
    );
    check("a: \u{0}\n", expect!["1:4: control character U+0000"]);
    check("a: &a [*a]\n", expect!["1:4: nested too deeply"]);
}

#[test]
fn monsters_are_refused_at_once() {
    check(
        &"a".repeat(MAX_TEXT + 1),
        expect!["1:1: larger than 256 KB, which no configuration is"],
    );
    check(
        &"[".repeat(MAX_TEXT),
        expect!["1:65: more than 64 open brackets"],
    );
    check(
        &"- ".repeat(MAX_TEXT / 2),
        expect!["1:257: nested too deeply"],
    );
    check(
        &"? ".repeat(MAX_TEXT / 2),
        expect!["1:3: invalid YAML: invalid type: map, expected a plain key"],
    );
    let deep: String = (0..600)
        .map(|depth| format!("{}a:\n", " ".repeat(depth)))
        .collect();
    check(&deep, expect!["129:129: nested too deeply"]);
    let mut bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n".to_owned();
    for n in 1..9 {
        let p = n - 1;
        bomb += &format!("a{n}: &a{n} [*a{p}, *a{p}, *a{p}, *a{p}, *a{p}, *a{p}, *a{p}]\n");
    }
    check(&bomb, expect!["1:1: aliases expand to too many values"]);
    let wide = format!(
        "a: &a [{}]\nb: [{}]\n",
        "1,".repeat(9_000),
        "*a,".repeat(9_000)
    );
    check(&wide, expect!["1:4: aliases expand to too many values"]);
}
