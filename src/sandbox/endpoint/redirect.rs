//! Redirect URIs (RFC 9700 §2.1) and the authorization response that goes there.

use url::Url;
use url::form_urlencoded::Serializer;

use super::response::Response;
use crate::oauth::secure_url::is_loopback;
use crate::sandbox::model::OAuthError;
use crate::sandbox::state::State;

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

/// The authorization response with its state and its issuer (RFC 9207 §2).
pub fn redirect_back(state: &State, redirect_uri: &str, echo: Option<&str>, members: &[(&str, &str)]) -> Response {
    let mut query = Serializer::new(String::new());
    query.extend_pairs(members).extend_pairs(echo.map(|echo| ("state", echo))).append_pair("iss", state.issuer());
    let join = if redirect_uri.contains('?') { '&' } else { '?' };
    Response::redirect(format!("{redirect_uri}{join}{}", query.finish()))
}

/// The authorization error response (RFC 6749 §4.1.2.1).
pub fn redirect_error(state: &State, redirect_uri: &str, echo: Option<&str>, error: &OAuthError) -> Response {
    let members = [("error", error.error), ("error_description", &error.description)];
    redirect_back(state, redirect_uri, echo, &members)
}

#[cfg(test)]
mod tests {
    use super::is_allowed;
    use crate::sandbox::model::clients::LOOPBACK;

    #[test]
    fn only_the_port_of_loopback_is_free() {
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
