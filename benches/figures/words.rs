//! Texts whose words are as common as those of people's texts, and what is looked for in them.

/// The words of which nearly every text has most, the commonest first.
const COMMON: &str = "the to a and of in is for that it with as on be this are an not if by or from \
    use test code write each should when file function error all no add which name one type value \
    make list only review return line can first what do so data change explain new text check case \
    run call out set class find at user step read any example request fix must docs other input \
    output than into method project where build keep parser prompt words answer language format \
    tool message task issue table index search sure follow commit branch style rules module library \
    version server client query state panel editor model token refactor";

/// What is typed, as `doc/benchmarks.md` publishes it: common words, beginnings of words, phrases, rare
/// words, and what no text has.
pub const QUERIES: [&str; 40] = [
    "the ",
    "to ",
    "the and of ",
    "is for that ",
    "code ",
    "review ",
    "refactor ",
    "the refactor ",
    "t",
    "th",
    "the",
    "a",
    "r",
    "re",
    "rev",
    "revi",
    "refac",
    "m",
    "mo",
    "mod",
    "the t",
    "of the r",
    "code re",
    "write each te",
    "error m",
    "fix the pars",
    "\"of the\"",
    "\"in the test\"",
    "\"write the code\"",
    "\"the review",
    "t* r*",
    "re* mo*",
    "kabuno",
    "salago the",
    "mamesi",
    "fadi",
    "parser salago",
    "padode s",
    "nowherefound",
    "nowhere the",
];

/// How many different words there are.
const WORDS: usize = 30_000;

/// A language: its words, and how often each comes.
pub struct Words {
    words: Vec<String>,
    /// For each word, the part of a text that it and the commoner ones make up.
    sums: Vec<f64>,
}

impl Words {
    /// Words that come by Zipf's law: the thousandth a tenth as often as the hundredth.
    pub fn new() -> Self {
        let mut words: Vec<String> = COMMON.split_whitespace().map(str::to_owned).collect();
        words.extend((0..WORDS - words.len()).map(made_up));
        let mut sum = 0.0;
        let weights = (0..words.len()).map(|rank| 1.0 / (rank as f64 + 1.7));
        let mut sums: Vec<f64> = weights
            .map(|weight| {
                sum += weight;
                sum
            })
            .collect();
        sums.iter_mut().for_each(|part| *part /= sum);
        Self { words, sums }
    }

    /// A text of at least so many bytes, the same for the same number.
    pub fn text(&self, number: u64, bytes: usize) -> String {
        let mut state = number.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
        let mut text = String::with_capacity(bytes + 16);
        let mut column = 0;
        while text.len() < bytes {
            // xorshift64*
            state ^= state >> 12;
            state ^= state << 25;
            state ^= state >> 27;
            let random = state.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 11;
            let part = random as f64 / (1_u64 << 53) as f64;
            let rank = self.sums.partition_point(|sum| *sum < part);
            text.push_str(&self.words[rank.min(WORDS - 1)]);
            column += 1;
            text.push(if column % 14 == 0 { '\n' } else { ' ' });
        }
        text
    }
}

/// Three syllables.
fn made_up(number: usize) -> String {
    const FIRST: &[u8] = b"bdfgklmnprstvz";
    const SECOND: &[u8] = b"aeiou";
    let count = FIRST.len() * SECOND.len();
    let mut rest = number * 7919 % count.pow(3);
    let mut word = String::new();
    for _ in 0..3 {
        let syllable = rest % count;
        rest /= count;
        word.push(FIRST[syllable / SECOND.len()] as char);
        word.push(SECOND[syllable % SECOND.len()] as char);
    }
    word
}
