//! Redirect URIs (RFC 9700 §2.1), where authorization responses go.

use url::Url;
use url::form_urlencoded::Serializer;

use crate::oauth::secure_url::is_loopback;

/// Whether a redirect URI is registered. On loopback any port is allowed (RFC 8252 §7.3).
pub fn is_allowed(registered: &[String], asked: &str) -> bool {
    registered
        .iter()
        .any(|known| known == asked || without_port(known).is_some_and(|known| Some(known) == without_port(asked)))
}

/// A URI on loopback without its port; nothing else of it may differ, not even its spelling.
fn without_port(text: &str) -> Option<String> {
    let url = Url::parse(text).ok().filter(|url| url.scheme() == "http" && url.fragment().is_none())?;
    let (authority, path) = text.strip_prefix("http://")?.split_once('/')?;
    let host = match authority.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|digit| digit.is_ascii_digit()) => host,
        _ => authority,
    };
    is_loopback(&url).then(|| format!("{host}/{path}"))
}

/// Where the authorization response goes.
#[derive(Clone)]
pub struct Redirect {
    pub uri: String,
    /// The `state` of the request, which the response repeats.
    pub state: Option<String>,
}

impl Redirect {
    /// The URL of the authorization response, with its issuer (RFC 9207 §2).
    pub fn location(&self, issuer: &str, members: &[(&str, &str)]) -> String {
        let mut query = Serializer::new(String::new());
        let state = self.state.as_ref().map(|state| ("state", state));
        query.extend_pairs(members).extend_pairs(state).append_pair("iss", issuer);
        let separator = if self.uri.contains('?') { '&' } else { '?' };
        format!("{}{separator}{}", self.uri, query.finish())
    }
}

#[cfg(test)]
mod tests {
    use super::is_allowed;
    use crate::sandbox::model::clients::LOOPBACK;

    #[test]
    fn only_port_of_loopback_is_free() {
        let mut registered: Vec<String> = LOOPBACK.map(str::to_owned).to_vec();
        registered.push("https://app.example/cb".to_owned());
        for good in [
            "http://127.0.0.1/callback",
            "http://127.0.0.1:1234/callback",
            "http://[::1]/callback",
            "http://[::1]:9/callback",
            "http://localhost:80/callback",
            "https://app.example/cb",
        ] {
            assert!(is_allowed(&registered, good), "{good}");
        }
        for bad in [
            "",
            "http://127.0.0.1:1234/callback/",
            "http://127.0.0.1:1234/callback?x=1",
            "http://127.0.0.1:1234/callback#x",
            "http://127.0.0.1:1234/Callback",
            "http://127.0.0.2:1234/callback",
            "http://127.0.0.1:1234@evil.example/callback",
            "http://evil.example@127.0.0.1:1/callback",
            "https://127.0.0.1:1234/callback",
            "http://0x7f.1:1234/callback",
            "https://app.example:444/cb",
            "https://app.example/cb/../evil",
        ] {
            assert!(!is_allowed(&registered, bad), "{bad}");
        }
    }
}
