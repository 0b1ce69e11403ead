//! Where the response may go (RFC 9700 §2.1): exactly where the client registered, but for the port of loopback.

use url::Url;

use crate::oauth::secure_url::is_loopback;

/// What clients have that registered nothing else: native ones on this machine.
pub const LOOPBACK: [&str; 3] = ["http://127.0.0.1/callback", "http://[::1]/callback", "http://localhost/callback"];

/// Whether a redirect URI is one of the registered. On loopback any port will do (RFC 8252 §7.3).
pub fn allowed(registered: &[String], asked: &str) -> bool {
    registered.iter().any(|known| known == asked || portless(known).is_some_and(|known| Some(known) == portless(asked)))
}

/// A URI on loopback without its port; nothing else of it may differ, not even how it is written.
fn portless(text: &str) -> Option<String> {
    let url = Url::parse(text).ok().filter(|url| url.scheme() == "http" && url.fragment().is_none())?;
    let rest = text.strip_prefix("http://")?;
    let end = rest.find('/')?;
    let host = match rest[..end].rsplit_once(':') {
        Some((host, port)) if !port.contains(']') && port.bytes().all(|digit| digit.is_ascii_digit()) => host,
        _ => &rest[..end],
    };
    is_loopback(&url).then(|| format!("{host}{}", &rest[end..]))
}

#[cfg(test)]
mod tests {
    use super::{LOOPBACK, allowed};

    #[test]
    fn only_the_port_of_loopback_is_free() {
        let mut registered: Vec<String> = LOOPBACK.map(str::to_owned).to_vec();
        registered.push("https://app.example/cb".to_owned());
        for good in [
            "http://127.0.0.1/callback",
            "http://127.0.0.1:1234/callback",
            "http://[::1]:9/callback",
            "http://localhost:80/callback",
            "https://app.example/cb",
        ] {
            assert!(allowed(&registered, good), "{good}");
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
            assert!(!allowed(&registered, bad), "{bad}");
        }
    }
}
