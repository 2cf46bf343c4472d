//! What a selector is, what it is asked, and what comes of it. Pure.

use super::{Composition, Uses};

/// An order of candidates for a composition.
///
/// Equal questions give equal answers: what scores the same stands in the order of its id.
pub trait ContextSelector: Send + Sync {
    /// Scores the candidates and gives the best of them.
    fn rank(&self, question: &Question<'_>) -> Ranking;
}

/// What a selector is asked.
#[derive(Debug, Clone, Copy)]
pub struct Question<'a> {
    /// What is being written.
    pub composition: Composition<'a>,
    /// How much the candidates were used.
    pub uses: &'a Uses,
    /// The most candidates wanted, besides those that are named.
    pub limit: usize,
}

/// Candidates, best first.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Ranking {
    /// Those that the composition names, in the order of their naming.
    pub named: Vec<Ranked>,
    /// The others that have something to do with it, best first.
    pub others: Vec<Ranked>,
    /// Ids that were given and that no candidate has.
    pub unknown: Vec<String>,
}

/// A candidate with its score.
#[derive(Debug, Clone, PartialEq)]
pub struct Ranked {
    /// Its id.
    pub id: String,
    /// Its score: comparable within one ranking only.
    pub score: f64,
    /// What the score is made of, in plain words, the weightiest first.
    pub reasons: Vec<String>,
    /// How many of its tags, words of its title and rare words the composition has.
    pub signs: usize,
}

/// What goes along with a composition.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Selection {
    /// What was chosen: what is named first, then best first.
    pub chosen: Vec<Choice>,
    /// What was nearly chosen, or would not fit.
    pub dropped: Vec<Dropped>,
    /// The tokens of all that was chosen.
    pub tokens: u32,
    /// The tokens that were to be had for it.
    pub allowance: u32,
    /// By how many tokens the composition itself is over its part of the window.
    pub composition_over: u32,
}

/// A chosen candidate.
#[derive(Debug, Clone, PartialEq)]
pub struct Choice {
    /// Its id.
    pub id: String,
    /// Its score.
    pub score: f64,
    /// Why it was chosen, in plain words.
    pub reasons: Vec<String>,
    /// As in [`Ranked`].
    pub signs: usize,
    /// The tokens that it may take.
    pub tokens: u32,
    /// The tokens of its whole text.
    pub whole: u32,
    /// Whether it has to be cut, see [`super::cut::cut`].
    pub cut: bool,
}

/// A candidate that was not chosen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dropped {
    /// Its id.
    pub id: String,
    /// Why not, in plain words.
    pub why: String,
}
