//! Placeholders for the names in a report: hosts, realms, clients, users, zones. One name has one placeholder, in whatever case
//! or encoding it comes.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::config::SecretLocation;
use crate::identity::collect_roles;
use crate::jose;
use crate::oauth::secure_url::is_loopback_host;
use crate::oauth::{claim, issuer};
use crate::secret::Secret;
use crate::text::sanitize;

use super::case::Case;

/// A shorter name is replaced as a whole word only: `ci` must not change half of every sentence.
const SHORTEST: usize = 4;
/// Claims that name a person or a session of one.
const PERSONAL: [&str; 14] = [
    "sub",
    "username",
    "preferred_username",
    "email",
    "name",
    "given_name",
    "middle_name",
    "family_name",
    "nickname",
    "phone_number",
    "upn",
    "unique_name",
    "sid",
    "session_state",
];
/// Names that every server has.
const COMMON: [&str; 14] = [
    "account",
    "auth",
    "authorize",
    "broker",
    "default",
    "master",
    "oauth",
    "oauth2",
    "offline_access",
    "oidc",
    "realm-management",
    "realms",
    "uma_authorization",
    "v2.0",
];

#[derive(Default)]
pub struct Pseudonyms {
    /// Names in lower case and their placeholders, the longest first.
    names: Vec<(String, String)>,
    counts: BTreeMap<&'static str, usize>,
}

impl Pseudonyms {
    /// The names that the case knows.
    pub fn of_case(case: &Case<'_>) -> Self {
        let mut known = Self::default();
        let environment = &case.cx.environment;
        let home = case.cx.paths_or_none().ok().flatten().and_then(|paths| paths.home.clone());
        known.insert(&home.map(|home| home.display().to_string()).unwrap_or_default(), "$HALLPASS_HOME");
        known.insert(environment.text("HOME").unwrap_or_default(), "~");
        if let Ok(zone) = &case.zone {
            known.learn_issuer(&zone.issuer);
            known.learn_issuer(zone.token_issuer());
            known.add("zone", &zone.name);
            known.add("client", zone.client_id.as_deref().unwrap_or_default());
            zone.audience.iter().for_each(|audience| known.add("audience", audience));
            for (_, location) in zone.secret_locations() {
                if let SecretLocation::Referenced(source) = location {
                    known.add("source", &source.to_string());
                }
            }
            let files = [case.cx.cacert(Some(zone)).map(|file| file.value), zone.cert.clone()];
            files.into_iter().flatten().for_each(|file| known.add("file", &file.display().to_string()));
        }
        if let Some(metadata) = &case.metadata {
            known.learn_text(&Value::Object(metadata.members().clone()).to_string());
        }
        let questions = &case.questions;
        questions.audiences.iter().chain(&questions.exchange_audience).for_each(|name| known.add("audience", name));
        questions.roles.iter().for_each(|role| known.add("role", role));
        known.learn_text(questions.redirect_uri.as_deref().unwrap_or_default());
        known.add("file", environment.text("SSL_CERT_FILE").unwrap_or_default());
        let tokens = [&questions.token, &questions.subject_token, &questions.refresh_token];
        let minted = case.examined.as_ref().map(|examined| &examined.token);
        tokens.into_iter().flatten().chain(minted).for_each(|token| known.learn_token(token));
        known.add("user", environment.text("USER").unwrap_or_default());
        known
    }

    /// Adds the names in a string: the hosts and realms of its URLs, other hosts of their domains, and what it quotes.
    pub fn learn_text(&mut self, text: &str) {
        let decoded: Vec<u8> = Decoded(text.as_bytes()).map(|(byte, _)| byte).collect();
        for text in [text, &String::from_utf8_lossy(&decoded)] {
            for (at, _) in text.match_indices("://") {
                let start = text[..at].rfind(|c: char| !c.is_ascii_alphanumeric()).map_or(0, |before| before + 1);
                let url = &text[start..];
                self.learn_url(
                    &url[..url.find(|c: char| c.is_whitespace() || "\"'<>,;)|".contains(c)).unwrap_or(url.len())],
                );
            }
            for word in text.split(|c: char| !(c.is_ascii_alphanumeric() || "-._@".contains(c))) {
                let word = word.trim_matches('.');
                if word.parse::<std::net::Ipv4Addr>().is_ok() || self.is_below_known_domain(word) {
                    self.add_host(word);
                }
                if word.contains('@') {
                    self.add("user", word);
                }
            }
            let quoted = text.split('\'').skip(1).step_by(2).filter(|name| !name.contains(' '));
            quoted.for_each(|name| self.add("name", name));
        }
    }

    /// The text with placeholders in place of the names.
    pub fn replace(&self, text: &str) -> String {
        let (mut shown, mut at) = (String::with_capacity(text.len()), 0);
        while let Some(next) = text[at..].chars().next() {
            let found = self.names.iter().find_map(|(name, shown)| Some((find_end(text, at, name)?, shown)));
            if let Some((end, placeholder)) = found {
                shown.push_str(placeholder);
                at = end;
            } else {
                shown.push(next);
                at += next.len_utf8();
            }
        }
        shown
    }

    fn add(&mut self, kind: &'static str, name: &str) {
        let is_known = |name: &str| self.names.iter().any(|(known, _)| *known == name.to_lowercase());
        if name.is_empty() || COMMON.contains(&name) || is_known(name) {
            return;
        }
        let count = self.counts.entry(kind).or_default();
        *count += 1;
        let placeholder = format!("{kind}-{count}");
        for form in [name, &sanitize(name)] {
            self.insert(form, &placeholder);
        }
    }

    fn insert(&mut self, name: &str, placeholder: &str) {
        let name = name.to_lowercase();
        if name.len() > 1 && !self.names.iter().any(|(known, _)| *known == name) {
            let at = self.names.partition_point(|(known, _)| known.len() >= name.len());
            self.names.insert(at, (name, placeholder.to_owned()));
        }
    }

    fn add_host(&mut self, host: &str) {
        let host = host.trim_matches(['[', ']']);
        if is_loopback_host(host) {
            return;
        }
        self.add("host", host);
        if let Some(domain) = find_domain(host) {
            self.add("host", domain);
        }
    }

    fn is_below_known_domain(&self, word: &str) -> bool {
        find_domain(word).is_some_and(|domain| self.names.iter().any(|(known, _)| known.eq_ignore_ascii_case(domain)))
    }

    fn learn_url(&mut self, url: &str) {
        let Some(parts) = issuer::parts(url) else { return };
        self.add_host(parts.host);
        self.add("user", parts.userinfo.unwrap_or_default());
        if let Some((_, rest)) = parts.path.split_once("/realms/") {
            self.add("realm", rest.split('/').next().unwrap_or_default().trim_end_matches(['.', ':']));
        }
        if !matches!(parts.scheme, "http" | "https") {
            self.add("uri", url);
        }
    }

    /// The path of an issuer may name a tenant.
    fn learn_issuer(&mut self, issuer: &str) {
        self.learn_url(issuer);
        let path = issuer::parts(issuer).map(|parts| parts.path).unwrap_or_default();
        path.split('/').for_each(|segment| self.add("tenant", segment));
    }

    fn learn_token(&mut self, token: &Secret) {
        let Ok(decoded) = jose::decode(token.expose()) else { return };
        let claims: &Map<String, Value> = &decoded.claims;
        for name in ["azp", "client_id"] {
            self.add("client", claim::text(claims, name).unwrap_or_default());
        }
        for name in PERSONAL {
            self.add("user", claim::text(claims, name).unwrap_or_default());
        }
        self.learn_text(claim::text(claims, "iss").unwrap_or_default());
        for audience in claim::list(claims, "aud") {
            self.learn_text(audience);
            self.add("audience", audience);
        }
        for role in collect_roles(claims, &[]) {
            self.add("role", &role);
        }
    }
}

/// The domain of a host: its last two labels, or three where the last two are short, as in `co.uk`.
fn find_domain(host: &str) -> Option<&str> {
    let ends: Vec<usize> = host.rmatch_indices('.').map(|(at, _)| at).collect();
    if host.split('.').any(str::is_empty) || host.rsplit('.').next()?.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let is_short = ends.get(1).is_some_and(|before| host.len() - before <= "co.uk".len() + 2);
    let start = ends.get(if is_short { 2 } else { 1 }).map_or(0, |at| at + 1);
    (!ends.is_empty()).then(|| &host[start..])
}

/// Where the name ends, if it begins there: in any case, percent-encoded or not.
fn find_end(text: &str, at: usize, name: &str) -> Option<usize> {
    let is_word = |c: char| c.is_alphanumeric();
    let is_short = name.len() < SHORTEST;
    if is_short && text[..at].ends_with(is_word) {
        return None;
    }
    let mut end = at;
    let mut bytes = Decoded(&text.as_bytes()[at..]);
    for wanted in name.bytes() {
        let (byte, length) = bytes.next()?;
        let is_space = wanted == b' ' && byte == b'+';
        if !is_space && !byte.eq_ignore_ascii_case(&wanted) {
            return None;
        }
        end += length;
    }
    let rest = text.get(end..)?;
    (!is_short || !rest.starts_with(is_word)).then_some(end)
}

/// The bytes of a string, percent-decoded, each with the length that it had.
struct Decoded<'a>(&'a [u8]);

impl Iterator for Decoded<'_> {
    type Item = (u8, usize);

    fn next(&mut self) -> Option<(u8, usize)> {
        let digit = |at: usize| self.0.get(at).and_then(|byte| char::from(*byte).to_digit(16));
        let first = *self.0.first()?;
        let (byte, length) = match (first, digit(1), digit(2)) {
            (b'%', Some(high), Some(low)) => (u8::try_from(high * 16 + low).ok()?, 3),
            _ => (first, 1),
        };
        self.0 = &self.0[length..];
        Some((byte, length))
    }
}

#[cfg(test)]
mod tests {
    use super::{Pseudonyms, find_domain};

    fn known() -> Pseudonyms {
        let mut known = Pseudonyms::default();
        known.learn_issuer("https://sso.acme.example:8443/realms/Payroll");
        known.add("client", "ledger app");
        known.add("client", "ci");
        known
    }

    #[test]
    fn names_are_replaced_in_every_form() {
        for (text, shown) in [
            ("https://sso.acme.example:8443/realms/Payroll", "https://host-1:8443/realms/realm-1"),
            ("SSO.ACME.EXAMPLE, xpayrollx", "host-1, xrealm-1x"),
            ("https%3A%2F%2Fsso.acme%2Eexample%2Frealms", "https%3A%2F%2Fhost-1%2Frealms"),
            ("ledger%20app ledger+app Ledger App", "client-1 client-1 client-1"),
            ("circuit of ci, service-account-ci", "circuit of client-2, service-account-client-2"),
            ("http://127.0.0.1:80/ and http://localhost/", "http://127.0.0.1:80/ and http://localhost/"),
            ("ünïcode% %4", "ünïcode% %4"),
        ] {
            assert_eq!(known().replace(text), shown);
        }
    }

    #[test]
    fn hosts_users_and_quoted_names_of_text_are_learned() {
        let mut known = known();
        let text =
            "db.acme.example is at 10.1.2.3; ask ada@acme.example about User 'bob' of http://eve@h.example/realms/Two";
        known.learn_text(text);
        let shown = known.replace(text);
        for name in ["acme", "10.1", "ada", "bob", "eve", "h.example", "Two"] {
            assert!(!shown.contains(name), "{name}: {shown}");
        }
    }

    #[test]
    fn domain_is_last_two_labels_or_three() {
        for (host, domain) in [
            ("a.b.acme.example", Some("acme.example")),
            ("sso.acme.co.uk", Some("acme.co.uk")),
            ("acme.example", Some("acme.example")),
            ("intranet", None),
            ("10.0.0.1", None),
        ] {
            assert_eq!(find_domain(host), domain, "{host}");
        }
    }
}
