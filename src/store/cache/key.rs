//! What a cached token answers to.

use std::collections::BTreeSet;

use crate::store::digest::Digest;

use super::token::CachedToken;

/// Everything that makes one token another one than the next.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TokenKey {
    /// The zone's name.
    pub zone: String,
    /// The issuer, byte for byte.
    pub issuer: String,
    /// The client; empty when there is none.
    pub client_id: String,
    /// The grant, as in the request: `client_credentials`.
    pub grant: String,
    /// The scopes asked for; order and repetition do not matter.
    pub scopes: Vec<String>,
    /// The audiences asked for, in their order.
    pub audiences: Vec<String>,
    /// The resources asked for (RFC 8707), in their order.
    pub resources: Vec<String>,
    /// A hash of the subject token or assertion, where the grant has one.
    pub subject: Option<String>,
    /// The thumbprint of the key that the token is bound to (RFC 9449 §6.1), where it is.
    pub proof_key: Option<String>,
    /// Further parameters of the request, in their order.
    pub parameters: Vec<(String, String)>,
}

impl TokenKey {
    /// The name of the file: 64 hexadecimal digits. Two keys share one only if they are equal.
    pub fn file_name(&self) -> String {
        file_name(&self.zone, &self.fingerprint())
    }

    /// Whether a token was asked for as this key says, as far as the token tells: not what was handed in, proven or sent
    /// besides.
    pub fn asks_for(&self, token: &CachedToken) -> bool {
        let set = |scopes: &[String]| scopes.iter().cloned().collect::<BTreeSet<_>>();
        token.zone == self.zone
            && token.issuer == self.issuer
            && token.client_id == self.client_id
            && token.grant == self.grant
            && token.audience == self.audiences
            && token.resource == self.resources
            && set(&token.requested_scope) == set(&self.scopes)
    }

    /// A hash of everything but the zone's name, so that a zone can be renamed with its tokens.
    pub(super) fn fingerprint(&self) -> String {
        let mut scopes: Vec<&String> = self.scopes.iter().collect();
        scopes.sort_unstable();
        scopes.dedup();
        Digest::new("token")
            .text(&self.issuer)
            .text(&self.client_id)
            .text(&self.grant)
            .list(scopes)
            .list(&self.audiences)
            .list(&self.resources)
            .optional(self.subject.as_deref())
            .optional(self.proof_key.as_deref())
            .list(self.parameters.iter().flat_map(|(name, value)| [name, value]))
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

    use super::TokenKey;

    // A tiny alphabet makes near misses likely: the same letters on either side of a border.
    fn field() -> impl Strategy<Value = String> {
        "[ab]{0,2}"
    }

    fn key() -> impl Strategy<Value = TokenKey> {
        let fields = (field(), field(), field(), field());
        let lists = (vec(field(), 0..3), vec(field(), 0..3), vec(field(), 0..3));
        let rest = (proptest::option::of(field()), proptest::option::of(field()), vec((field(), field()), 0..2));
        (fields, lists, rest).prop_map(|(fields, lists, rest)| TokenKey {
            zone: fields.0,
            issuer: fields.1,
            client_id: fields.2,
            grant: fields.3,
            scopes: lists.0,
            audiences: lists.1,
            resources: lists.2,
            subject: rest.0,
            proof_key: rest.1,
            parameters: rest.2,
        })
    }

    fn canonical(mut key: TokenKey) -> TokenKey {
        key.scopes.sort();
        key.scopes.dedup();
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
            0 => move_last(&mut key.zone, &mut key.issuer),
            1 => move_last(&mut key.issuer, &mut key.client_id),
            2 => move_last(&mut key.client_id, &mut key.grant),
            3 => move_item(&mut key.scopes, &mut key.audiences),
            4 => move_item(&mut key.audiences, &mut key.resources),
            5 => std::mem::swap(&mut key.subject, &mut key.proof_key),
            6 => key.resources.extend(key.subject.take()),
            _ => key.parameters.iter_mut().for_each(|(name, value)| move_last(name, value)),
        }
        key
    }

    proptest! {
        #[test]
        fn only_equal_keys_share_a_name(one in key(), other in key(), border in 0..8_usize) {
            for other in [&other, &shifted(&one, border)] {
                let same = canonical(one.clone()) == canonical(other.clone());
                prop_assert_eq!(one.file_name() == other.file_name(), same);
            }
        }

        #[test]
        fn the_order_of_scopes_does_not_matter(one in key()) {
            let mut other = one.clone();
            other.scopes.reverse();
            other.scopes.extend(one.scopes.first().cloned());
            prop_assert_eq!(one.file_name(), other.file_name());
        }
    }
}
