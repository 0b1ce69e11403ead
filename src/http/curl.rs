//! A request as a curl command, for `--dry-run`: redacted, quoted for a shell, and as careful as we are.

use super::proxy::Proxy;
use super::redact::{add_sent, redact_credentials, redact_path, redact_sent_json, shown_parameter};
use super::settings::Settings;
use super::target::Target;
use crate::oauth::message::{Body, Method, Request, Value};
use crate::oauth::secure_url::without_secrets;
use crate::redaction::{REDACTED, Secrets};
use crate::text::escape_control;
use crate::text::shell_quote::quote_posix_word;

/// The command, with `[redacted]` for hidden values. It never follows a redirect and reads no `.curlrc`.
pub fn curl(request: &Request, settings: &Settings) -> String {
    let secrets = Secrets::default();
    add_sent(&secrets, request, settings.headers.iter().map(|(_, value)| value.as_str()));
    let mut words = ["curl", "--disable", "--silent", "--show-error"].map(str::to_owned).to_vec();
    let mut option = |name: &str, value: &str| words.extend([name.to_owned(), quote_posix_word(value)]);
    let has_body = !matches!(request.body, Body::Empty);
    // With data curl posts by itself, and without any it gets.
    let implied = if has_body { Method::Post } else { Method::Get };
    if request.method != implied {
        option("--request", &request.method.to_string());
    }
    let target = Target::parse(&request.url);
    if let Ok(target) = &target {
        match Proxy::for_target(target, settings) {
            Ok(Some(proxy)) => option("--proxy", &proxy.origin),
            _ => option("--noproxy", "*"),
        }
        if !target.is_plain() {
            settings.cacert.iter().for_each(|file| option("--cacert", &file.to_string_lossy()));
            if let Some(identity) = &settings.identity {
                option("--cert", &identity.file().to_string_lossy());
                option("--key", REDACTED);
            }
        }
    }
    for (name, value) in &request.headers {
        let shown = match value {
            Value::Plain(text) => text.clone(),
            Value::Hidden(secret) => redact_credentials(name, secret.expose()),
        };
        option("--header", &format!("{name}: {shown}"));
    }
    for (name, _) in settings.headers_for(&request.url) {
        option("--header", &format!("{name}: {REDACTED}"));
    }
    match &request.body {
        Body::Empty => {}
        Body::Form(pairs) => {
            for (name, value) in pairs {
                // curl encodes what follows the first `=`, the name must be encoded already.
                let shown = shown_parameter(name, value).unwrap_or(REDACTED);
                let name: String = url::form_urlencoded::byte_serialize(name.as_bytes()).collect();
                option("--data-urlencode", &format!("{name}={shown}"));
            }
        }
        Body::Json(value) => {
            option("--header", "Content-Type: application/json");
            option("--data-raw", &redact_sent_json(&secrets, value));
        }
    }
    let url = match &target {
        Ok(target) => format!("{}{}", target.origin, redact_path(&target.url, request.visibility)),
        Err(_) => without_secrets(&request.url),
    };
    words.push(quote_posix_word(&url));
    escape_control(&secrets.redact(&words.join(" ")))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Settings, curl};
    use crate::edges::{Deadline, Environment};
    use crate::oauth::message::{Method, Replay, Request};
    use crate::secret::Secret;
    use crate::text::shell_quote::quote_posix_word as quote;

    fn settings() -> Settings {
        Settings {
            deadline: Deadline::after(Duration::from_secs(5)),
            cacert: vec!["/etc/my ca.pem".into()],
            headers: vec![("X-Key".to_owned(), "hunter2".to_owned())],
            headers_to: None,
            proxy: Some("http://me:hunter2@proxy:3128".to_owned()),
            environment: Environment::default(),
            identity: None,
            retries: true,
            before_send: None,
        }
    }

    #[test]
    fn form_is_shown_without_its_secrets() {
        let mut request = Request::form(
            "token endpoint",
            "https://as.example/token?tenant=a&code=hunter2",
            vec![
                ("grant_type".to_owned(), "client_credentials".into()),
                ("scope".to_owned(), "it's all".into()),
                ("client_secret".to_owned(), Secret::new("hunter2").into()),
            ],
            Replay::RetryOnce,
        );
        request.headers.push(("Authorization".to_owned(), Secret::new("Basic hunter2").into()));
        assert_eq!(
            curl(&request, &settings()),
            "curl --disable --silent --show-error --proxy http://proxy:3128 --cacert '/etc/my ca.pem' \
             --header 'Accept: application/json' --header 'Authorization: Basic [redacted]' \
             --header 'X-Key: [redacted]' --data-urlencode grant_type=client_credentials \
             --data-urlencode 'scope=it'\\''s all' --data-urlencode 'client_secret=[redacted]' \
             'https://as.example/token?tenant=a&code=[redacted]'"
        );
    }

    #[test]
    fn loopback_has_neither_proxy_nor_certificates() {
        let mut request = Request::metadata("http://127.0.0.1:8080/x");
        request.method = Method::Delete;
        assert_eq!(
            curl(&request, &settings()),
            "curl --disable --silent --show-error --request DELETE --noproxy '*' \
             --header 'Accept: application/json' --header 'X-Key: [redacted]' http://127.0.0.1:8080/x"
        );
    }

    #[test]
    fn url_that_is_refused_shows_no_user() {
        let shown = curl(&Request::metadata("https://me:hunter2@as.example/?code=hunter2"), &settings());
        assert!(shown.ends_with(" https://as.example/") && !shown.contains("hunter2"), "{shown}");
    }

    #[test]
    fn words_survive_shell() {
        assert_eq!((quote("a b"), quote("$(x)'`"), quote("")), ("'a b'".into(), r"'$(x)'\''`'".into(), "''".into()));
    }
}
