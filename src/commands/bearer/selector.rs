//! Selects tokens of a file by the token itself, its fingerprint or its label.

use crate::secret::Secret;
use crate::store::token_file::Entry;

#[derive(Debug)]
pub enum Selector {
    Token(Secret),
    /// The one whose SHA-256 begins so.
    Fingerprint(String),
    Label(String),
}

/// A token's name: its fingerprint or its label.
#[derive(Debug, clap::Args)]
#[group(multiple = false)]
pub struct SelectorFlags {
    /// The token whose SHA-256 begins with these 12 hexadecimal digits, as `list` shows them
    #[arg(long, value_name = "FINGERPRINT", value_parser = parse_fingerprint)]
    fingerprint: Option<String>,
    /// All tokens of this label
    #[arg(long, value_name = "LABEL")]
    label: Option<String>,
}

impl SelectorFlags {
    pub fn selector(&self) -> Option<Selector> {
        let fingerprint = self.fingerprint.clone().map(Selector::Fingerprint);
        fingerprint.or_else(|| self.label.clone().map(Selector::Label))
    }
}

impl Selector {
    /// Whether it selects the token with these lines: a label above one of them is enough.
    pub fn matches(&self, lines: &[Entry]) -> bool {
        match self {
            Self::Token(token) => lines.first().is_some_and(|line| token.matches(&line.token)),
            Self::Fingerprint(fingerprint) => lines.first().is_some_and(|line| *fingerprint == line.fingerprint()),
            Self::Label(label) => lines.iter().any(|line| line.label.as_ref() == Some(label)),
        }
    }
}

fn parse_fingerprint(text: &str) -> Result<String, String> {
    let fits = text.len() == 12 && text.bytes().all(|b| b.is_ascii_hexdigit());
    if fits { Ok(text.to_ascii_lowercase()) } else { Err("expected 12 hexadecimal digits".to_owned()) }
}
