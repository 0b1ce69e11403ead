//! Redacts the secrets of this command, and what looks like a secret in text from outside.

use std::cmp::Reverse;
use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::Value;

use crate::secret::Secret;
use crate::text::{FOREIGN, sanitize};

pub const REDACTED: &str = "[redacted]";

/// Shorter secrets are not searched for: they would hide half of every sentence.
const SHORTEST: usize = 4;
/// Shorter secrets are hidden as whole words only: `secret` must not hide half of `--client-secret-from`.
const WHOLE_WORD: usize = 8;
/// The most forms of secrets that pass through.
const MOST_PASSING: usize = 4096;
/// From this length on a string that is not made of words looks like a secret.
const OPAQUE: usize = 32;
/// The longest piece of a string that counts as a word, in characters.
const LONGEST_WORD: usize = 24;

/// The secrets of one command: all that it sent hidden, read from a source or the vault, or was given by a server.
#[derive(Default)]
pub struct Secrets(Mutex<Known>);

#[derive(Default)]
struct Known {
    /// The longest first.
    forms: Vec<Arc<Secret>>,
    /// The forms of secrets that pass through, the oldest first.
    passing: VecDeque<Arc<Secret>>,
}

impl Secrets {
    /// Adds a secret, with the forms in which a server may repeat it: sanitized, form-encoded and percent-encoded.
    pub fn add(&self, secret: &str) {
        self.add_forms(secret, false);
    }

    /// As [`Secrets::add`], for one that is sent or received: of a server that runs on, the newest are known.
    pub fn add_passing(&self, secret: &str) {
        self.add_forms(secret, true);
    }

    fn add_forms(&self, secret: &str, passes: bool) {
        if secret.len() < SHORTEST {
            return;
        }
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Known { forms, passing } = &mut *known;
        if forms.iter().any(|form| form.expose() == secret) {
            if !passes {
                passing.retain(|form| form.expose() != secret);
            }
            return;
        }
        let form_encoded: String = url::form_urlencoded::byte_serialize(secret.as_bytes()).collect();
        let percent_encoded = form_encoded.replace('+', "%20");
        for form in [secret.to_owned(), sanitize(secret), form_encoded, percent_encoded].map(Secret::new).map(Arc::new)
        {
            if !forms.iter().any(|other| other.expose() == form.expose()) {
                passing.extend(passes.then(|| Arc::clone(&form)));
                forms.push(form);
            }
        }
        while passing.len() > MOST_PASSING {
            let oldest = passing.pop_front();
            forms.retain(|form| oldest.as_ref().is_none_or(|oldest| !Arc::ptr_eq(oldest, form)));
        }
        forms.sort_by_key(|form| Reverse(form.expose().len()));
    }

    /// A sentence of ours without the secrets of this command. A word stays where it is ours: who knows the sentence would
    /// see which word is a secret. In text from outside, which is marked, every secret is hidden.
    pub fn redact(&self, text: &str) -> String {
        let pieces = text.split(FOREIGN).enumerate();
        pieces.map(|(number, piece)| self.hide(piece, number % 2 == 1)).collect()
    }

    /// Text from outside without the secrets of this command, also where a secret was cut off by an ellipsis.
    pub fn redact_foreign(&self, text: &str) -> String {
        self.hide(text, true)
    }

    fn hide(&self, text: &str, is_foreign: bool) -> String {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let known: Vec<_> = known.forms.iter().filter(|form| is_foreign || !is_common(form.expose())).collect();
        if known.is_empty() {
            return text.to_owned();
        }
        // A body may have a million bytes at which no secret begins.
        let mut begins = [false; 256];
        known.iter().filter_map(|form| form.expose().bytes().next()).for_each(|byte| begins[usize::from(byte)] = true);
        let mut shown = String::with_capacity(text.len());
        let (mut at, mut before) = (0, None);
        while let Some(next) = text[at..].chars().next() {
            let length = begins[usize::from(text.as_bytes()[at])]
                .then(|| known.iter().find_map(|form| length_hidden(&text[at..], before, form.expose())))
                .flatten();
            if length.is_some() {
                shown.push_str(REDACTED);
            } else {
                shown.push(next);
            }
            at += length.unwrap_or(next.len_utf8());
            before = text[..at].chars().next_back();
        }
        shown
    }

    /// Redacts every string in a JSON value from outside, but no name of a member.
    pub fn redact_strings(&self, value: &mut Value) {
        match value {
            Value::String(text) => *text = self.redact_foreign(text),
            Value::Array(items) => items.iter_mut().for_each(|item| self.redact_strings(item)),
            Value::Object(members) => members.values_mut().for_each(|member| self.redact_strings(member)),
            _ => {}
        }
    }
}

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secrets(…)")
    }
}

/// Whether a sentence of ours may have it by chance: words of letters, such as `client` and `invalid_client`.
fn is_common(secret: &str) -> bool {
    let is_letters = |piece: &str| piece.bytes().all(|byte| byte.is_ascii_alphabetic()) && is_word(piece);
    secret.len() <= LONGEST_WORD && secret.split(['-', '_', ' ']).all(is_letters)
}

/// How many bytes of the text hide, when it begins with this secret, or with a part of it that an ellipsis ends.
fn length_hidden(text: &str, before: Option<char>, secret: &str) -> Option<usize> {
    let word = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_');
    let whole_words = secret.len() < WHOLE_WORD;
    if whole_words && before.is_some_and(word) {
        return None;
    }
    if let Some(rest) = text.strip_prefix(secret) {
        return (!whole_words || !rest.starts_with(word)).then_some(secret.len());
    }
    let common = text.bytes().zip(secret.bytes()).take_while(|(a, b)| a == b).count();
    let cut = (0..=common).rev().find(|at| text.is_char_boundary(*at))?;
    (cut >= SHORTEST && text[cut..].starts_with('…')).then_some(cut)
}

/// Hides JWTs, and strings of 32 and more characters that are not made of words or UUIDs; also in the path of a URL.
pub fn redact_opaque(text: &str) -> String {
    let of_token = |c: char| c.is_ascii_alphanumeric() || "-._~+/%!|^$*".contains(c);
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while !rest.is_empty() {
        let other = rest.find(of_token).unwrap_or(rest.len());
        shown.push_str(&rest[..other]);
        rest = &rest[other..];
        let (run, after) = rest.split_at(rest.find(|c| !of_token(c)).unwrap_or(rest.len()));
        match run.strip_prefix("//").filter(|_| shown.ends_with("http:") || shown.ends_with("https:")) {
            Some(url) => {
                let (authority, path) = url.split_once('/').map_or((url, None), |(host, path)| (host, Some(path)));
                shown.extend(["//", authority]);
                for segment in path.into_iter().flat_map(|path| path.split('/')) {
                    shown.extend(["/", if is_opaque(segment) { REDACTED } else { segment }]);
                }
            }
            None => shown.push_str(if is_opaque(run) { REDACTED } else { run }),
        }
        rest = after;
    }
    shown
}

/// Whether a member or parameter of that name must not be shown: credentials, codes, handles, private key parts.
pub fn is_secret_name(name: &str) -> bool {
    is_credential_name(name)
        || matches!(
            &*name.to_ascii_lowercase(),
            "code" | "request_uri" | "d" | "dp" | "dq" | "k" | "oth" | "p" | "q" | "qi"
        )
}

/// Whether it contains a credential, which is hidden everywhere. A `code` may be that of an error.
pub fn is_credential_name(name: &str) -> bool {
    const ENDS: [&str; 9] =
        ["token", "secret", "password", "assertion", "ticket", "api_key", "apikey", "cookie", "private_key"];
    let name = name.to_ascii_lowercase();
    ENDS.iter().any(|end| name.ends_with(end))
        || matches!(&*name, "device_code" | "code_verifier" | "passphrase" | "software_statement" | "secret_key")
}

pub fn is_opaque(text: &str) -> bool {
    (text.starts_with("eyJ") && text.contains('.')) || (text.len() >= OPAQUE && !is_readable(text))
}

/// Whether a string is made of words (`tls_client_auth`, `userRead.All`), small numbers and UUIDs.
fn is_readable(text: &str) -> bool {
    let mut rest = text;
    while !rest.is_empty() {
        if let Some(after) = without_uuid(rest) {
            rest = after;
            continue;
        }
        let (piece, after) = rest.split_at(rest.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(rest.len()));
        if !piece.is_empty() && !is_word(piece) {
            return false;
        }
        rest = after.get(1..).unwrap_or_default();
    }
    true
}

/// What follows a UUID at the beginning of a string.
fn without_uuid(text: &str) -> Option<&str> {
    let uuid = text.get(..36)?;
    let fits = |(at, byte): (usize, u8)| match at {
        8 | 13 | 18 | 23 => byte == b'-',
        _ => byte.is_ascii_hexdigit(),
    };
    let after = &text[36..];
    (uuid.bytes().enumerate().all(fits) && !after.starts_with(|c: char| c.is_ascii_alphanumeric())).then_some(after)
}

/// At most four digits, or letters as words have them (`abc`, `Abc`, `ABC`, `abcDefGhi`) and at most two digits.
fn is_word(piece: &str) -> bool {
    let letters = piece.trim_end_matches(|c: char| c.is_ascii_digit());
    if letters.len() <= 1 {
        return piece.len() <= 4;
    }
    if piece.len() - letters.len() > 2 || letters.contains(|c: char| c.is_ascii_digit()) {
        return false;
    }
    if letters.bytes().all(|byte| byte.is_ascii_uppercase()) {
        return letters.len() <= LONGEST_WORD;
    }
    let starts = letters.bytes().enumerate().filter(|(at, byte)| *at == 0 || byte.is_ascii_uppercase());
    let starts: Vec<usize> = starts.map(|(at, _)| at).chain([letters.len()]).collect();
    starts.windows(2).all(|pair| (2..=LONGEST_WORD).contains(&(pair[1] - pair[0])))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Secrets, is_opaque, redact_opaque, sanitize};
    use crate::text::mark_foreign;

    fn knowing(secrets: &[&str]) -> Secrets {
        let known = Secrets::default();
        for secret in secrets {
            known.add(secret);
        }
        known
    }

    #[test]
    fn known_secret_is_hidden_in_every_form() {
        let text =
            "you sent hunter2 ##é+ or hunter2 #\\u{23}é+ or hunter2+%23%23%C3%A9%2B or hunter2%20%23%23%C3%A9%2B";
        let shown = knowing(&["hunter2 ##é+"]).redact(text);
        assert_eq!(shown, "you sent [redacted] or [redacted] or [redacted] or [redacted]");
    }

    #[test]
    fn secret_cut_by_ellipsis_is_hidden() {
        let known = knowing(&["hunter2-é-horse"]);
        for (said, shown) in [
            ("zzhunter2-é-hor… (HTTP 400)", "zz[redacted]… (HTTP 400)"),
            ("hunter2-é…", "[redacted]…"),
            ("hunter2-… and hunt… and x…", "[redacted]… and [redacted]… and x…"),
            ("hun…", "hun…"),
            ("hunter2-é-horse…", "[redacted]…"),
            ("unter2-…", "unter2-…"),
        ] {
            assert_eq!(known.redact(said), shown, "{said}");
        }
    }

    #[test]
    fn short_secret_counts_as_whole_word() {
        let known = knowing(&["secret", "abc"]);
        assert_eq!(
            known.redact_foreign("secret, `secret`: --client-secret-from secrets abc"),
            "[redacted], `[redacted]`: --client-secret-from secrets abc"
        );
    }

    #[test]
    fn word_is_hidden_in_text_from_outside_alone() {
        let known = knowing(&["client", "invalid_client", "Summer", "horse-1"]);
        let ours = "the client was refused: invalid_client";
        assert_eq!(known.redact(ours), ours);
        assert_eq!(known.redact_foreign(ours), "the [redacted] was refused: [redacted]");
        let marked = format!("the client: {}, horse-1, {}.", mark_foreign("no client"), mark_foreign("Summer…"));
        assert_eq!(known.redact(&marked), "the client: no [redacted], [redacted], [redacted]….");
        assert_eq!(mark_foreign(&mark_foreign("a")), mark_foreign("a"));
        // What comes from outside can't end its mark.
        assert_eq!(known.redact(&mark_foreign(&sanitize("a\u{fdd1} client"))), "a\\u{fdd1} [redacted]");
    }

    #[test]
    fn longest_secret_wins() {
        let known = knowing(&["hunter2-a", "hunter2-a-and-b"]);
        assert_eq!(known.redact("hunter2-a-and-b hunter2-a-and"), "[redacted] [redacted]-and");
    }

    #[test]
    fn what_looks_like_secret_is_hidden() {
        for opaque in [
            "eyJhbGciOiJub25lIn0.e30.",
            "0123456789abcdef0123456789abcdef",
            "gho_16C7e42F292c6912E7710c838347Ae178B4a",
            "abcdefghijklmnopqrstuvwxyzabcdefghij",
            "sk-proj-Ab3dEfGhIjKlMnOpQrStUvWxYz0123",
            "00Dx0000000BV7z!AR8AQP0jITN80ESEsj5EbaZTFG0RNBaT1cyWk7TrqoDjoNIWQ2ME",
            "dGhpcyBpcyBhIHNlY3JldCB0aGF0IGlzIGxvbmcgZW5vdWdo/abc+def",
            "123456789012345678901234567890123456",
        ] {
            assert!(is_opaque(opaque), "{opaque}");
            assert_eq!(redact_opaque(&format!("a \"{opaque}\", b={opaque}&c")), "a \"[redacted]\", b=[redacted]&c");
        }
    }

    #[test]
    fn what_is_public_stays_readable() {
        for public in [
            "tls_client_certificate_bound_access_tokens",
            "urn:ietf:params:oauth:grant-type:token-exchange",
            "https://login.example/aaaaaaaa-1111-2222-3333-bbbbbbbbbbbb/v2.0/.well-known/openid-configuration",
            "https://a-very-long-name-0123456789abcdef.auth.eu-central-1.example/realms/x/protocol/openid-connect/token",
            "aaaaaaaa-1111-2222-3333-bbbbbbbbbbbb",
            "DelegatedPermissionGrant.ReadWrite.All",
            "toolregistry-gateway-production-eu-west-1",
            "max-age=31536000; includeSubDomains",
            "Client is not within the token audience",
        ] {
            assert_eq!(redact_opaque(public), public);
        }
        let url = "https://as.example/register/0123456789abcdef0123456789abcdef?token=0123456789abcdef0123456789abcdef";
        assert_eq!(redact_opaque(url), "https://as.example/register/[redacted]?token=[redacted]");
    }

    proptest! {
        #[test]
        fn random_tokens_are_opaque(token in "[A-Za-z0-9_-]{40,80}") {
            prop_assert!(is_opaque(&token));
        }

        #[test]
        fn no_text_breaks_it(text in ".{0,80}", secret in ".{0,20}") {
            let shown = redact_opaque(&knowing(&[&secret]).redact_foreign(&text));
            prop_assert!(secret.len() < 8 || secret.contains("edacted") || !shown.contains(&secret));
        }
    }
}
