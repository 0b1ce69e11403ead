//! What a cached token answers to.

use std::collections::BTreeSet;

use zeroize::Zeroizing;

use crate::store::digest::Digest;

use super::token::{Provenance, Stored, Token};

/// Everything that makes one token another one than the next.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TokenKey {
    pub asked: Provenance,
    /// A hash of the subject token or assertion, where the grant has one.
    pub subject: Option<String>,
    /// The thumbprint of the key that the token is bound to (RFC 9449 §6.1), where it is.
    pub proof_key: Option<String>,
    pub parameters: Vec<(String, String)>,
    /// The token endpoint, where it is set and not discovered.
    pub endpoint: Option<String>,
    /// The headers of the request besides its own.
    pub headers: Vec<(String, String)>,
}

impl TokenKey {
    /// The name of the file: 64 hexadecimal digits. Two keys share one only if they are equal.
    pub fn file_name(&self) -> String {
        file_name(&self.asked.zone, &self.fingerprint())
    }

    /// The beginning of the name of the file, as a number: the lock of this key among those of all.
    pub fn number(&self) -> u64 {
        self.file_name().get(..16).and_then(|digits| u64::from_str_radix(digits, 16).ok()).unwrap_or_default()
    }

    /// What is stored of its token outside of this cache.
    pub fn encode_token(&self, token: &Token) -> Zeroizing<Vec<u8>> {
        Stored::of(token, &self.fingerprint()).to_json()
    }

    /// The token that [`TokenKey::encode_token`] stored under this key, perhaps for a zone of another name.
    pub fn decode_token(&self, bytes: &[u8]) -> Option<Token> {
        let asked = &self.asked;
        let stored = Stored::parse(bytes)?;
        let fits = stored.fingerprint == self.fingerprint()
            && (&*stored.issuer, &*stored.client_id) == (asked.issuer.as_str(), asked.client_id.as_str());
        let mut token = stored.into_token();
        token.provenance.zone.clone_from(&asked.zone);
        fits.then_some(token)
    }

    /// Whether a token was asked for as this key says, as far as the token tells: not what was handed in, proven or sent
    /// besides.
    pub fn asks_for(&self, token: &Token) -> bool {
        let set = |scopes: &[String]| scopes.iter().cloned().collect::<BTreeSet<_>>();
        let (ours, theirs) = (&self.asked, &token.provenance);
        let same_but_scopes = Provenance { scopes: theirs.scopes.clone(), ..ours.clone() } == *theirs;
        same_but_scopes && set(&ours.scopes) == set(&theirs.scopes)
    }

    /// A hash of everything but the zone's name, so that a zone can be renamed with its tokens.
    pub fn fingerprint(&self) -> String {
        let asked = &self.asked;
        let mut scopes: Vec<&String> = asked.scopes.iter().collect();
        scopes.sort_unstable();
        scopes.dedup();
        let digest = Digest::new("token")
            .text(&asked.issuer)
            .text(&asked.client_id)
            .text(&asked.grant)
            .list(scopes)
            .list(&asked.audiences)
            .list(&asked.resources)
            .list(self.subject.as_deref())
            .list(self.proof_key.as_deref())
            .list(self.parameters.iter().flat_map(|(name, value)| [name, value]));
        if self.endpoint.is_none() && self.headers.is_empty() {
            return digest.hex();
        }
        let mut headers: Vec<(String, &str)> =
            self.headers.iter().map(|(name, value)| (name.trim().to_ascii_lowercase(), value.trim())).collect();
        headers.sort_by(|(one, _), (other, _)| one.cmp(other));
        digest
            .list(self.endpoint.as_deref())
            .list(headers.iter().flat_map(|(name, value)| [name.as_str(), value]))
            .hex()
    }
}

pub(super) fn file_name(zone: &str, fingerprint: &str) -> String {
    Digest::new("zone").text(zone).text(fingerprint).hex()
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::{Provenance, TokenKey};

    // A tiny alphabet makes near misses likely: the same letters on either side of a border.
    fn field() -> impl Strategy<Value = String> {
        "[ab]{0,2}"
    }

    fn key() -> impl Strategy<Value = TokenKey> {
        let fields = (field(), field(), field(), field());
        let lists = (vec(field(), 0..3), vec(field(), 0..3), vec(field(), 0..3));
        let rest = (proptest::option::of(field()), proptest::option::of(field()), vec((field(), field()), 0..2));
        let sent = (proptest::option::of(field()), vec((field(), field()), 0..2));
        (fields, lists, rest, sent).prop_map(|(fields, lists, rest, sent)| TokenKey {
            asked: Provenance {
                zone: fields.0,
                issuer: fields.1,
                client_id: fields.2,
                grant: fields.3,
                scopes: lists.0,
                audiences: lists.1,
                resources: lists.2,
            },
            subject: rest.0,
            proof_key: rest.1,
            parameters: rest.2,
            endpoint: sent.0,
            headers: sent.1,
        })
    }

    fn canonical(mut key: TokenKey) -> TokenKey {
        key.asked.scopes.sort();
        key.asked.scopes.dedup();
        key
    }

    /// The key with one text moved over one border.
    fn shifted(key: &TokenKey, border: usize) -> TokenKey {
        let mut key = key.clone();
        let move_last = |from: &mut String, to: &mut String| {
            if let Some(c) = from.pop() {
                to.insert(0, c);
            }
        };
        let move_item = |from: &mut Vec<String>, to: &mut Vec<String>| to.extend(from.pop());
        match border {
            0 => move_last(&mut key.asked.zone, &mut key.asked.issuer),
            1 => move_last(&mut key.asked.issuer, &mut key.asked.client_id),
            2 => move_last(&mut key.asked.client_id, &mut key.asked.grant),
            3 => move_item(&mut key.asked.scopes, &mut key.asked.audiences),
            4 => move_item(&mut key.asked.audiences, &mut key.asked.resources),
            5 => std::mem::swap(&mut key.subject, &mut key.proof_key),
            6 => key.asked.resources.extend(key.subject.take()),
            7 => std::mem::swap(&mut key.parameters, &mut key.headers),
            8 => std::mem::swap(&mut key.proof_key, &mut key.endpoint),
            _ => key.parameters.iter_mut().for_each(|(name, value)| move_last(name, value)),
        }
        key
    }

    proptest! {
        #[test]
        fn only_equal_keys_share_name(one in key(), other in key(), border in 0..10_usize) {
            for other in [&other, &shifted(&one, border)] {
                let same = canonical(one.clone()) == canonical(other.clone());
                prop_assert_eq!(one.file_name() == other.file_name(), same);
            }
        }

        #[test]
        fn order_of_scopes_does_not_matter(one in key()) {
            let mut other = one.clone();
            other.asked.scopes.reverse();
            other.asked.scopes.extend(one.asked.scopes.first().cloned());
            prop_assert_eq!(one.file_name(), other.file_name());
        }
    }
}
