use std::fs;
use std::path::Path;

use proptest::prelude::*;

use super::*;

/// What nothing here is made from, and everything is compared with.
fn reference(text: &str) -> u32 {
    bpe_openai::o200k_base().count(text) as u32
}

fn check(text: &str) {
    let start: String = text.chars().take(60).collect();
    assert_eq!(wait().count(text), reference(text), "{start:?}");
}

/// With `UPDATE_EXPECT` the file is written, as other expectations are.
#[test]
#[expect(
    clippy::disallowed_methods,
    reason = "the variable that rewrites every expectation"
)]
fn the_tokens_are_those_of_the_reference() {
    let bpe = &bpe_openai::o200k_base().bpe;
    let mut expected = Vec::new();
    for rank in 0..bpe.num_tokens() {
        let token = bpe.token_bytes(rank as u32);
        expected.push(u8::try_from(token.len()).unwrap());
        expected.extend_from_slice(token);
    }
    if expected != TOKENS && std::env::var_os("UPDATE_EXPECT").is_some() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/tokens/o200k.bin");
        fs::write(path, &expected).unwrap();
    }
    assert!(expected == TOKENS, "build again if it was just written");
    assert_eq!(tokens().count(), bpe.num_tokens());
    assert!(tokens().all(|token| wait().count_piece(token) == 1));
}

#[test]
fn pieces_of_every_sort_have_the_tokens_of_the_reference() {
    for text in [
        "",
        "a",
        "Hello, world!",
        "don't DON'T we'LL 'twas 'ſ x'ſ",
        "CamelCase SCREAMING_CASE ǅungla ʰa e\u{301}",
        "12345 67 ٣٤٥٦ ½",
        "}\n//x ///\r\n/ => ==\n\n",
        "foo   123",
        "x \t= 1",
        "  \n\n  x\n \t\n",
        "a\u{3000}\u{3000}b\u{a0}c\u{85}d\u{2028}e",
        "<|endoftext|> <|im_start|>",
        "为支付接口编写集成测试。テストを書く。테스트를 작성",
        "😀👩‍👩‍👧 \u{202e}abc\0\u{fffd}",
    ] {
        check(text);
        for white_space in ["  ", "\t", "\n ", "\u{3000}"] {
            check(&format!("{white_space}{text}{white_space}"));
        }
    }
}

#[test]
fn one_long_piece_has_the_tokens_of_the_reference() {
    for bit in [
        "a", "ab", "Ab", " ", "\n", "=", "-+", "中", "か", "\u{301}", "\u{200d}",
    ] {
        check(&bit.repeat(5000));
    }
}

#[test]
fn source_and_prose_have_the_tokens_of_the_reference() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for file in [
        "doc/promptstack.txt",
        "src/tokens/vocabulary.rs",
        "Cargo.lock",
    ] {
        check(&fs::read_to_string(root.join(file)).unwrap());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..Default::default() })]

    #[test]
    fn any_text_has_the_tokens_of_the_reference(
        any in ".{0,80}", plain in "[a-zA-Z0-9 '\t\r\n/.=-]{0,80}",
    ) {
        let text = any + &plain;
        prop_assert_eq!(wait().count(&text), reference(&text));
    }
}
