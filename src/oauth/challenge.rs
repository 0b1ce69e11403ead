//! Challenges of a `WWW-Authenticate` field (RFC 9110 §11.6.1), read leniently: servers write them by hand.

use super::message::Response;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Challenge {
    pub scheme: String,
    /// Names in lower case with their values, unquoted.
    pub parameters: Vec<(String, String)>,
}

impl Challenge {
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

/// All challenges of an answer, in order. What is no challenge is passed over.
pub fn challenges(answer: &Response) -> Vec<Challenge> {
    let fields = answer.headers.iter().filter(|(name, _)| name == "www-authenticate");
    fields.flat_map(|(_, value)| read(value)).collect()
}

pub fn read(field: &str) -> Vec<Challenge> {
    let mut found: Vec<Challenge> = Vec::new();
    let mut rest = field;
    loop {
        rest = rest.trim_start_matches([' ', '\t', ',']);
        let (word, after) = token(rest);
        if word.is_empty() {
            // Not a token: nothing is known about what follows, except after the next comma.
            match rest.split_once(',') {
                Some((_, next)) => rest = next,
                None => return found,
            }
            continue;
        }
        let value = after.trim_start_matches([' ', '\t']).strip_prefix('=').filter(|text| !text.starts_with('='));
        if let Some(value) = value {
            let (value, next) = parameter(value.trim_start_matches([' ', '\t']));
            if let Some(challenge) = found.last_mut() {
                challenge.parameters.push((word.to_ascii_lowercase(), value));
            }
            rest = next;
        } else {
            found.push(Challenge { scheme: word.to_owned(), parameters: Vec::new() });
            rest = after.trim_start_matches('=');
        }
    }
}

/// A token (RFC 9110 §5.6.2) and what follows.
fn token(text: &str) -> (&str, &str) {
    let end = text.find(|c: char| !(c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~/".contains(c)));
    text.split_at(end.unwrap_or(text.len()))
}

/// A token or a quoted string, and what follows.
fn parameter(text: &str) -> (String, &str) {
    let Some(quoted) = text.strip_prefix('"') else {
        let (value, rest) = text.split_at(text.find([',', ' ', '\t']).unwrap_or(text.len()));
        return (value.to_owned(), rest);
    };
    let mut value = String::new();
    let mut characters = quoted.char_indices();
    while let Some((offset, c)) = characters.next() {
        match c {
            '"' => return (value, &quoted[offset + 1..]),
            '\\' => value.extend(characters.next().map(|(_, c)| c)),
            _ => value.push(c),
        }
    }
    (value, "")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Challenge, read};

    fn challenge(scheme: &str, parameters: &[(&str, &str)]) -> Challenge {
        let parameters = parameters.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Challenge { scheme: scheme.to_owned(), parameters }
    }

    #[test]
    fn examples_of_rfc_6750_are_read() {
        assert_eq!(read(r#"Bearer realm="example""#), [challenge("Bearer", &[("realm", "example")])]);
        let field = r#"Bearer realm="example", error="invalid_token", error_description="The access token expired""#;
        let expected =
            [("realm", "example"), ("error", "invalid_token"), ("error_description", "The access token expired")];
        assert_eq!(read(field), [challenge("Bearer", &expected)]);
    }

    #[test]
    fn several_challenges_in_one_field_are_told_apart() {
        let field = r#"Negotiate, Basic realm="a, \"b\"" , Bearer error=invalid_token,Newauth abc=="#;
        assert_eq!(
            read(field),
            [
                challenge("Negotiate", &[]),
                challenge("Basic", &[("realm", "a, \"b\"")]),
                challenge("Bearer", &[("error", "invalid_token")]),
                challenge("Newauth", &[]),
                challenge("abc", &[]),
            ]
        );
    }

    proptest! {
        #[test]
        fn any_field_ends(text in r#"[a-c =",\\\t(é]{0,60}"#) {
            prop_assert!(read(&text).len() <= 60);
        }
    }
}
