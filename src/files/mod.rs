//! Files of the project: found, linked, referred to, and kept from being handed over by mistake.
//!
//! What is done with a reference when a composition is handed over is `handover`'s work.

pub mod catalog;
pub mod fence;
pub mod finder;
pub mod language;
pub mod ranking;
pub mod reference;
pub mod resolve;
pub mod secret;
pub mod title;

pub use finder::{End, Finder, Found, Walked};
pub use ranking::{Ranked, Ranking, Row};
pub use reference::{Reference, Typed, references, scan, token, typed};
pub use resolve::{Base, Finding, Trouble, check};
pub use title::{link, title};
