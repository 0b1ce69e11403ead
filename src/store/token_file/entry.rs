//! One token of a token file, with what is known of it.

use std::collections::HashMap;

use crate::edges::Moment;
use crate::oauth::bearer::{TOKEN_LIMIT, is_b64token};
use crate::secret::Secret;
use crate::store::digest::Digest;

use super::line::{Line, LineKind, split_lines};
use super::metadata::Metadata;

pub const FINGERPRINT: usize = 12;

/// Whether a token is active, in ascending order of strictness: of several lines of one token the strictest counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    Live,
    /// Behind `#hallpass-off:`.
    Disabled,
    Expired,
    /// Not a bearer token, or its metadata can't be read.
    Malformed,
}

impl State {
    /// Its name in the output.
    pub fn name(self) -> &'static str {
        match self {
            Self::Live => "live",
            Self::Disabled => "disabled",
            Self::Expired => "expired",
            Self::Malformed => "malformed",
        }
    }
}

/// One token of a token file.
#[derive(Debug, Clone)]
pub struct Entry {
    pub line: usize,
    pub token: Secret,
    pub label: Option<String>,
    pub added: Option<Moment>,
    pub expires: Option<Moment>,
    /// The state of this line alone.
    pub line_state: State,
    /// The state of the token, which the strictest of its lines decides.
    pub state: State,
}

impl Entry {
    /// The stricter of two lines of one token; the first when both are equally strict.
    pub(super) fn stricter(self, other: Self) -> Self {
        if other.state > self.state { other } else { self }
    }

    pub fn fingerprint(&self) -> String {
        fingerprint(&self.token)
    }
}

/// The first 12 hexadecimal digits of a token's SHA-256.
pub fn fingerprint(token: &Secret) -> String {
    Digest::short_hash(token.expose().as_bytes(), FINGERPRINT)
}

/// Whether a client could present this token (RFC 6750 §2.1).
pub(super) fn is_valid(token: &str) -> bool {
    token.len() <= TOKEN_LIMIT && is_b64token(token)
}

/// A token's line with the metadata above it.
#[derive(Debug, Clone)]
pub(super) struct Item<'a> {
    pub line: Line<'a>,
    pub token: &'a str,
    pub off: bool,
    /// Every line of metadata since the previous token.
    pub above: Vec<Line<'a>>,
    pub metadata: Option<Result<Metadata, &'static str>>,
}

impl Item<'_> {
    pub(super) fn state(&self, now: Moment) -> State {
        line_state(self.token, self.off, self.metadata.as_ref(), now)
    }

    /// Its metadata, if it can be read.
    pub(super) fn known_metadata(&self) -> Metadata {
        self.metadata.clone().and_then(Result::ok).unwrap_or_default()
    }

    pub(super) fn to_entry(&self, now: Moment, states: &HashMap<&str, State>) -> Entry {
        let Metadata { label, added, expires } = self.known_metadata();
        let line_state = self.state(now);
        let state = states.get(self.token).copied().unwrap_or(line_state);
        Entry { line: self.line.number, token: Secret::new(self.token), label, added, expires, line_state, state }
    }
}

/// The state of a token on one line. It has expired from the very moment of its expiry.
pub(super) fn line_state(token: &str, off: bool, above: Option<&Result<Metadata, &'static str>>, now: Moment) -> State {
    match above {
        _ if off => State::Disabled,
        _ if !is_valid(token) => State::Malformed,
        Some(Err(_)) => State::Malformed,
        Some(Ok(Metadata { expires: Some(at), .. })) if *at <= now => State::Expired,
        _ => State::Live,
    }
}

/// The state of each token: that of its strictest line.
pub(super) fn token_states(whole: &str, now: Moment) -> HashMap<&str, State> {
    let mut states = HashMap::new();
    for item in parse_items(whole) {
        let state = item.state(now);
        states.entry(item.token).and_modify(|known: &mut State| *known = state.max(*known)).or_insert(state);
    }
    states
}

/// The tokens in their order. All metadata since the previous token counts, also above blank lines and comments: an
/// expiry must not get lost because somebody wrote a remark below it.
pub(super) fn parse_items(whole: &str) -> impl Iterator<Item = Item<'_>> {
    let mut above = Vec::new();
    split_lines(whole).filter_map(move |line| {
        let line = line.without_mark();
        let (token, off) = match line.kind() {
            LineKind::Blank | LineKind::Comment => return None,
            LineKind::Metadata(_) => {
                above.push(line);
                return None;
            }
            LineKind::Off(token) => (token, true),
            LineKind::Token(token) => (token, false),
        };
        let above = std::mem::take(&mut above);
        let metadata = Metadata::read_all(above.iter().map(Line::metadata));
        Some(Item { line, token, off, above, metadata })
    })
}
