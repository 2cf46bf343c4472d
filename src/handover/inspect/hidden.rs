//! Characters that a person does not see and a model reads.
//!
//! | found | but not |
//! |---|---|
//! | tags, U+E0000 to E007F | in the flag of a region: a black flag, 3 to 6 of them, the cancel tag |
//! | direction, U+202A to 202E, 2066 to 2069, 200E, 200F, 061C | |
//! | joiners, U+200C, 200D | between emoji; after a letter of a script that needs them |
//! | zero width, U+200B, 2060 to 2064, FEFF | a byte order mark as the first character |
//! | soft hyphen U+00AD, vowel separator U+180E, fillers U+115F, 1160, 3164, FFA0 | |
//! | variation selectors U+FE00 to FE0F, E0100 to E01EF | one alone after another character |
//! | line ends U+2028, 2029, annotations U+FFF9 to FFFB, and others that show nothing | |
//! | C0 and C1 controls, U+007F | tab, line feed, and the carriage return of a line's end |

use std::collections::BTreeMap;

use super::{Finding, Kind, MAX_PLACES, Rows};

/// Finds hidden characters: a finding for each that occurs, in the order of their first places.
pub(super) fn find(text: &str) -> Vec<Finding> {
    // Most texts are plain, and one fast pass tells.
    let plain = |byte: u8| matches!(byte, b' '..=b'~' | b'\n' | b'\t');
    if text.bytes().all(plain) {
        return Vec::new();
    }
    let mut rows = Rows::new(text);
    let mut found: Vec<Finding> = Vec::new();
    let mut index = BTreeMap::new();
    let mut around = Around::default();
    let mut chars = text.char_indices().peekable();
    let mut flag_end = 0;
    while let Some((at, c)) = chars.next() {
        if c == BLACK_FLAG {
            flag_end = at + region(&text[at..]);
        }
        let next = chars.peek().map(|(_, next)| *next);
        let name = match at >= flag_end || c == BLACK_FLAG {
            true => hidden(c, at, next, &around),
            false => None,
        };
        if let Some(name) = name {
            let place = rows.place(at..at + c.len_utf8());
            let group = is_message(c).then_some(name);
            let at = *index
                .entry((group, group.map_or(c, |_| ' ')))
                .or_insert_with(|| {
                    found.push(Finding {
                        kind: Kind::Hidden,
                        name: match group {
                            Some(name) => format!("{name}s"),
                            None => format!("U+{:04X} {name}", c as u32),
                        },
                        count: 0,
                        places: Vec::new(),
                        sample: None,
                    });
                    found.len() - 1
                });
            found[at].count += 1;
            if found[at].places.len() < MAX_PLACES {
                found[at].places.push(place);
            }
        }
        around.pass(c);
    }
    found
}

const BLACK_FLAG: char = '\u{1F3F4}';

/// What came before a character.
#[derive(Default)]
struct Around {
    last: Option<char>,
    /// The last one that is no variation selector and no skin tone.
    base: Option<char>,
}

impl Around {
    fn pass(&mut self, c: char) {
        self.last = Some(c);
        if !is_selector(c) && !matches!(c, '\u{1F3FB}'..='\u{1F3FF}') {
            self.base = Some(c);
        }
    }
}

/// What a hidden character is called, nothing for one that is seen or has its reason.
fn hidden(c: char, at: usize, next: Option<char>, around: &Around) -> Option<&'static str> {
    let name = name(c)?;
    let wanted = match c {
        '\r' => next == Some('\n'),
        '\u{FEFF}' => at == 0,
        '\u{200D}' if around.base.is_some_and(is_emoji) => next.is_some_and(is_emoji),
        '\u{200C}' | '\u{200D}' => around.last.is_some_and(joins),
        c if is_selector(c) => around
            .last
            .is_some_and(|last| !is_selector(last) && last > ' '),
        _ => false,
    };
    (!wanted).then_some(name)
}

fn name(c: char) -> Option<&'static str> {
    Some(match c {
        '\t' | '\n' | ' '..='~' => return None,
        '\0' => "null",
        '\u{7}' => "bell",
        '\u{8}' => "backspace",
        '\u{B}' => "vertical tab",
        '\u{C}' => "form feed",
        '\r' => "carriage return within a line",
        '\u{1B}' => "escape",
        '\u{7F}' => "delete",
        '\u{1}'..='\u{1F}' | '\u{80}'..='\u{9F}' => "control character",
        '\u{AD}' => "soft hyphen",
        '\u{61C}' => "arabic letter mark",
        '\u{115F}' | '\u{1160}' | '\u{3164}' | '\u{FFA0}' => "hangul filler",
        '\u{180E}' => "mongolian vowel separator",
        '\u{200B}' => "zero width space",
        '\u{200C}' => "zero width non-joiner",
        '\u{200D}' => "zero width joiner",
        '\u{200E}' => "left-to-right mark",
        '\u{200F}' => "right-to-left mark",
        '\u{202A}' => "left-to-right embedding",
        '\u{202B}' => "right-to-left embedding",
        '\u{202C}' => "pop directional formatting",
        '\u{202D}' => "left-to-right override",
        '\u{202E}' => "right-to-left override",
        '\u{2028}' => "line separator",
        '\u{2029}' => "paragraph separator",
        '\u{2060}' => "word joiner",
        '\u{2061}'..='\u{2064}' => "invisible operator",
        '\u{2066}' => "left-to-right isolate",
        '\u{2067}' => "right-to-left isolate",
        '\u{2068}' => "first strong isolate",
        '\u{2069}' => "pop directional isolate",
        '\u{FEFF}' => "zero width no-break space",
        '\u{E0000}'..='\u{E007F}' => "tag character",
        '\u{FFF9}'..='\u{FFFB}' => "annotation mark",
        '\u{34F}' | '\u{17B4}' | '\u{17B5}' | '\u{206A}'..='\u{206F}' => "invisible character",
        '\u{1D173}'..='\u{1D17A}' => "invisible character",
        c if is_selector(c) => "variation selector",
        _ => return None,
    })
}

/// Whether many different ones together spell a text, and so are told together.
fn is_message(c: char) -> bool {
    is_selector(c) || matches!(c, '\u{E0000}'..='\u{E007F}')
}

fn is_selector(c: char) -> bool {
    matches!(c, '\u{FE00}'..='\u{FE0F}' | '\u{E0100}'..='\u{E01EF}')
}

/// Whether a joiner beside it makes one emoji of several.
fn is_emoji(c: char) -> bool {
    matches!(
        c,
        '\u{1F000}'..='\u{1FAFF}' | '\u{2190}'..='\u{2BFF}' | '\u{00A9}' | '\u{00AE}'
    )
}

/// Whether it is a letter of a script that writes with joiners: Arabic, Syriac, N'Ko and those
/// around them, the scripts of India, Tibetan, Myanmar, Khmer, Mongolian.
fn joins(c: char) -> bool {
    matches!(
        c,
        '\u{0600}'..='\u{0604}'
            | '\u{0606}'..='\u{061B}'
            | '\u{061D}'..='\u{08FF}'
            | '\u{0900}'..='\u{0DFF}'
            | '\u{0F00}'..='\u{109F}'
            | '\u{1780}'..='\u{180D}'
            | '\u{1820}'..='\u{18AF}'
            | '\u{A8E0}'..='\u{A8FF}'
            | '\u{FB50}'..='\u{FDFF}'
            | '\u{FE70}'..='\u{FEFC}'
            | '\u{11000}'..='\u{11FFF}'
    )
}

/// The bytes of a region's flag at the start of a text, 0 where there is none.
fn region(text: &str) -> usize {
    let mut length = BLACK_FLAG.len_utf8();
    let mut tags = 0;
    for c in text.chars().skip(1) {
        length += c.len_utf8();
        match c {
            '\u{E0030}'..='\u{E0039}' | '\u{E0061}'..='\u{E007A}' if tags < 6 => tags += 1,
            '\u{E007F}' if tags >= 3 => return length,
            _ => return 0,
        }
    }
    0
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each finding as `name xCOUNT ROW:COLUMN`.
    fn check(text: &str, expected: &[&str]) {
        let shown: Vec<String> = find(text)
            .iter()
            .map(|it| {
                let place = &it.places[0];
                format!(
                    "{} x{} {}:{:?}",
                    it.name, it.count, place.row, place.columns
                )
            })
            .collect();
        assert_eq!(shown, expected, "{text:?}");
    }

    #[test]
    fn what_is_not_seen_is_found_with_its_place() {
        check(
            "a\u{200B}b\nä\u{200B}",
            &["U+200B zero width space x2 0:1..4"],
        );
        check("x\n\u{1B}[31m", &["U+001B escape x1 1:0..1"]);
        check(
            "a\0\u{7F}\u{9B}",
            &[
                "U+0000 null x1 0:1..2",
                "U+007F delete x1 0:2..3",
                "U+009B control character x1 0:3..5",
            ],
        );
        check(
            "a\u{202E}b\u{2066}\u{200F}",
            &[
                "U+202E right-to-left override x1 0:1..4",
                "U+2066 left-to-right isolate x1 0:5..8",
                "U+200F right-to-left mark x1 0:8..11",
            ],
        );
        check(
            "a\u{AD}\u{180E}\u{3164}\u{2062}",
            &[
                "U+00AD soft hyphen x1 0:1..3",
                "U+180E mongolian vowel separator x1 0:3..6",
                "U+3164 hangul filler x1 0:6..9",
                "U+2062 invisible operator x1 0:9..12",
            ],
        );
    }

    #[test]
    fn ordinary_text_of_any_script_has_none() {
        for text in [
            "plain\ttext\nof two lines",
            "dos\r\nlines\r\n",
            "\u{FEFF}with a byte order mark",
            "Größe, naïve, Ελλάδα, Привет, 日本語, 한국어, עברית",
            "می\u{200C}خواهم", // Persian, with a non-joiner
            "क्\u{200D}ष",      // Hindi, with a joiner
            "👩\u{200D}💻 👨\u{200D}👩\u{200D}👧 ❤\u{FE0F}\u{200D}🔥 👩🏽\u{200D}🚀",
            "🏳\u{FE0F}\u{200D}🌈 1\u{FE0F}\u{20E3} ☺\u{FE0F}",
            "🏴\u{E0067}\u{E0062}\u{E0065}\u{E006E}\u{E0067}\u{E007F}",
            "葛\u{E0100}城",
        ] {
            check(text, &[]);
        }
    }

    #[test]
    fn what_has_its_reason_elsewhere_is_found() {
        check(
            "a\u{FEFF}b",
            &["U+FEFF zero width no-break space x1 0:1..4"],
        );
        check("a\rb", &["U+000D carriage return within a line x1 0:1..2"]);
        check("a\u{200D}b", &["U+200D zero width joiner x1 0:1..4"]);
        check("👩\u{200D}a", &["U+200D zero width joiner x1 0:4..7"]);
        check(
            "می\u{200C}\u{200D}x",
            &["U+200D zero width joiner x1 0:7..10"],
        );
        check("\u{FE0F}a", &["variation selectors x1 0:0..3"]);
        check(
            "a\u{FE0E}\u{FE01}\u{FE02}",
            &["variation selectors x2 0:4..7"],
        );
    }

    #[test]
    fn a_flag_carries_no_message() {
        let tags = |text: &str| -> String {
            text.chars()
                .map(|c| char::from_u32(0xE0000 + c as u32).expect("a tag"))
                .collect()
        };
        let hello = tags("hello");
        let count = |text: String| find(&text).iter().map(|it| it.count).sum::<usize>();
        assert_eq!(find(&hello)[0].name, "tag characters");
        assert_eq!(count(hello.clone()), 5);
        assert_eq!(count(format!("🏴{hello}")), 5, "not closed");
        assert_eq!(
            count(format!("🏴{}\u{E007F}", tags("hellohello"))),
            11,
            "too long"
        );
        assert_eq!(
            count(format!("🏴{}\u{E007F}{hello}", tags("gbsct"))),
            5,
            "after a flag"
        );
    }

    #[test]
    fn many_are_counted_and_some_are_placed() {
        let found = find(&"a\u{200B}\n".repeat(1000));
        assert_eq!((found[0].count, found[0].places.len()), (1000, MAX_PLACES));
        assert_eq!(found[0].places[19].row, 19);
    }
}
