//! Turns the facts of the rooms below into judged errors.

use crate::edges::KeyringFault;
use crate::oauth::client_auth;
use crate::text::similar::find_similar;
use crate::{config, http, jose, oauth, source, store};

use super::{Error, Finding, Kind, exit, prompt};

impl Error {
    /// The causes that stand behind a fault, beyond its own sentence.
    fn with_sources(mut self, fault: &dyn std::error::Error) -> Self {
        let mut next = fault.source();
        while let Some(source) = next {
            self.causes.push(source.to_string());
            next = source.source();
        }
        self
    }
}

impl From<http::Fault> for Error {
    fn from(fault: http::Fault) -> Self {
        use http::Fault as F;
        let message = fault.to_string();
        let judged = match &fault {
            // An answer that can't be used may still say that it was done; it is no outage that passes.
            F::InDoubt { cause, .. } => {
                let kind = if cause.is_outage() { Kind::Network } else { Kind::Protocol };
                Self::new(kind, exit::UNSAFE, message)
                    .doubtful()
                    .hint("check at the server whether the request took effect before retrying")
            }
            F::ClientCertificate { .. } => Self::new(Kind::Authentication, exit::REFUSED, message),
            F::Url { .. } | F::Cacert { .. } | F::Identity { .. } | F::ProxySetting { .. } => Self::config(message),
            F::NoRoots => Self::config(message).hint("name the certificates with --cacert FILE or SSL_CERT_FILE"),
            F::NoTls { origin, loopback: true } => {
                Self::config(message).hint(format!("name it as {}", origin.replacen("https://", "http://", 1)))
            }
            F::NoTls { .. } => {
                Self::config(message).hint("name the port that serves https: plain http is allowed to loopback only")
            }
            F::Header { .. } => Self::usage(message),
            F::PlainHttp { .. } => Self::refused(message).hint("use https"),
            F::Untrusted { .. } => Self::config(message)
                .finding(Finding::Reach)
                .hint("pass its CA with --cacert FILE; TLS verification can't be disabled"),
            F::Certificate { why, .. } if http::depends_on_clock(why) => Self::refused(message)
                .finding(Finding::Reach)
                .hint("if the certificate should be valid, check the date and time of this machine"),
            F::Certificate { .. } => Self::refused(message).finding(Finding::Reach),
            F::Redirect { .. } | F::RedirectRefused { .. } => Self::refused(message),
            F::ProxyAuthentication { .. } => Self::config(message).hint("give them in the URL of the proxy variable"),
            F::BadResponse { .. } => Self::new(Kind::Protocol, exit::UNSAFE, message),
            F::Bind { .. } => Self::storage(message),
            F::Listen { .. } => Self::config(message).hint("name a free one: --port N"),
            F::BrowserTimeout => Self::new(Kind::Network, exit::RETRY, message).hint("more time: --deadline 15m"),
            F::Deadline { .. } => Self::new(Kind::Network, exit::RETRY, message).hint("more time: --deadline 60s"),
            F::ProxyRefused { .. } if !fault.is_outage() => {
                Self::config(message).hint("allow this host at the proxy, or list it in NO_PROXY")
            }
            F::NoConnection { why, .. } if why.starts_with(http::NO_HOST) => {
                Self::new(Kind::Network, exit::RETRY, message).hint("check the spelling of the host, and the network")
            }
            F::NoConnection { why, .. } if why == http::NO_LISTENER => Self::new(Kind::Network, exit::RETRY, message)
                .hint("nothing listens there: start the server, or correct the host and the port"),
            F::NoConnection { why, .. } if why.starts_with(http::NO_WAY) => {
                Self::new(Kind::Network, exit::RETRY, message).hint(
                    "see whether the host runs, and whether a firewall or a missing proxy (HTTPS_PROXY) is in the way",
                )
            }
            F::NoConnection { .. }
            | F::Silent { .. }
            | F::Cut { .. }
            | F::Gateway { .. }
            | F::Proxy { .. }
            | F::ProxyRefused { .. }
            | F::Start { .. } => Self::new(Kind::Network, exit::RETRY, message),
        };
        judged.with_sources(&fault)
    }
}

impl From<oauth::Fault> for Error {
    fn from(fault: oauth::Fault) -> Self {
        use oauth::Fault as F;
        let message = fault.clone().mark_words().to_string();
        let mut judged = match &fault {
            F::Refused(response) => {
                let mut judged = refused(response, message);
                judged.code = Some(response.error.as_str().into());
                judged
            }
            F::NotAuthorized { error, uri, .. } => {
                let mut judged = not_authorized(error, uri.as_deref(), message);
                judged.code = Some(error.as_str().into());
                judged
            }
            F::NotJson { .. } | F::Status { .. } if fault.is_outage() => Self::new(Kind::Http, exit::RETRY, message),
            F::Status { status: 400..=499, .. } | F::NotJson { status: 400..=499, .. } => {
                Self::new(Kind::Http, exit::REFUSED, message)
            }
            F::Status { .. }
            | F::NotJson { .. }
            | F::Malformed { .. }
            | F::MissingMember { .. }
            | F::BadToken { .. } => Self::new(Kind::Protocol, exit::UNSAFE, message),
            // Entra's document for all tenants is a template, which no token of a tenant names.
            F::IssuerMismatch { expected, found, .. } if found.contains("{tenantid}") => Self::refused(message)
                .hint(format!("name the issuer of one tenant: {}", found.replace("{tenantid}", "TENANT-ID")))
                .hint(format!("for accounts of every tenant: hallpass zone add NAME --issuer {expected} --issuer-template '{found}'"))
                .hint("the tenant id is in the claim tid of its tokens, or in the portal under Overview")
                .finding(Finding::Issuer),
            F::IssuerMismatch { found, .. } => Self::refused(message)
                .finding(Finding::Issuer)
                .hint(format!("if you trust it, name the issuer byte for byte as it does: {found}")),
            F::NotTrusted { .. } | F::WrongResource { .. } | F::NotFieldValue { .. } => Self::refused(message),
            F::NotAnIssuer { .. } => Self::config(message),
            F::UnknownFeature { name, known } => {
                let names = known.split(", ").filter_map(|known| known.split(':').next());
                Self::usage(message).similar(&find_similar(name.as_deref().unwrap_or_default(), names))
            }
            F::WholeLine => Self::usage(message).hint("say --line to have a whole header line read"),
        };
        if let Some(wish) = fault.retry_after() {
            let seconds = !wish.is_empty() && wish.bytes().all(|b| b.is_ascii_digit());
            judged =
                judged.hint(if seconds { format!("try again in {wish} s") } else { format!("try again at {wish}") });
        }
        judged
    }
}

impl From<client_auth::Fault> for Error {
    fn from(fault: client_auth::Fault) -> Self {
        use client_auth::Fault as F;
        match fault {
            F::Unsupported(_) | F::NoMethod { .. } | F::NoProof(_) => Self::config(fault.to_string()),
            F::UnknownMethod { .. } | F::NotBasic { .. } => Self::usage(fault.to_string()),
        }
    }
}

/// What the authorization endpoint sent the browser back with (RFC 6749 §4.1.2.1, `OpenID` Connect Core §3.1.2.6).
fn not_authorized(error: &str, uri: Option<&str>, message: String) -> Error {
    let judged = match error {
        "server_error" | "temporarily_unavailable" => Error::new(Kind::Protocol, exit::RETRY, message),
        "login_required" | "interaction_required" | "consent_required" | "account_selection_required" => {
            Error::new(Kind::Authentication, exit::SIGN_IN, message).hint("sign in without --prompt none")
        }
        "access_denied" | "unauthorized_client" => Error::new(Kind::Authentication, exit::REFUSED, message),
        _ => Error::new(Kind::Protocol, exit::REFUSED, message),
    };
    match uri {
        Some(uri) => judged.hint(format!("the server explains it at {uri}")),
        None => judged,
    }
}

/// Status outranks the code: 429 and 5xx may pass, whatever the body says.
fn refused(response: &oauth::fault::ErrorResponse, message: String) -> Error {
    if oauth::fault::is_outage(response.status) {
        return Error::new(Kind::Protocol, exit::RETRY, message);
    }
    let kind = match response.error.as_str() {
        "invalid_client" | "unauthorized_client" | "invalid_token" => Kind::Authentication,
        _ if response.status == 401 => Kind::Authentication,
        _ => Kind::Protocol,
    };
    let judged = Error::new(kind, exit::REFUSED, message);
    match &response.uri {
        Some(uri) => judged.hint(format!("the server explains it at {uri}")),
        None => judged,
    }
}

impl From<store::Fault> for Error {
    fn from(fault: store::Fault) -> Self {
        use store::Fault as F;
        let message = fault.to_string();
        let judged = match &fault {
            F::Busy { .. } => Self::new(Kind::Storage, exit::RETRY, message).hint("try again when it has ended"),
            F::Unsafe { fix, .. } => Self::storage(message).hint(fix.clone()),
            F::Keyring(keyring) => without_keyring(message, keyring),
            F::KeyMissing { .. } => Self::storage(message)
                .hint("set HALLPASS_VAULT_KEY_FROM to the SOURCE of a 32-byte key, base64 or hex")
                .hint("or HALLPASS_VAULT_PASSPHRASE_FROM to the SOURCE of a passphrase"),
            F::KeySource(_) => Self::config(message),
            F::KeyUnanswered(cause) => return prompt::unanswered("passphrase of the sealed vault", cause),
            F::KeyMalformed(_) => Self::storage(message).hint("make one: head -c 32 /dev/urandom | base64"),
            F::WrongKey { made_with, .. } => Self::storage(message)
                .hint(format!("if its {made_with} is lost, delete the file and store its secrets again")),
            F::Entropy(_) => Self::internal(message),
            F::Io { source, .. } => match remedy(source.kind()) {
                Some(hint) => Self::storage(message).hint(hint),
                None => Self::storage(message),
            },
            F::Foreign { source, .. } => match source.kind() {
                std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => {
                    Self::storage(message).hint("free some space there; the file is as it was")
                }
                _ => Self::storage(message),
            },
            F::NotText { .. } | F::NotReadBack { .. } => Self::refused(message),
            F::LeadsAway { target, .. } => {
                Self::refused(message).hint(format!("name the file itself: {}", target.display()))
            }
            F::TooLarge { .. } | F::NotFile { .. } | F::Damaged { .. } | F::Newer { .. } | F::Tampered { .. } => {
                Self::storage(message)
            }
        };
        judged.with_sources(&fault)
    }
}

/// What helps when the disk does not take something.
fn remedy(kind: std::io::ErrorKind) -> Option<&'static str> {
    use std::io::ErrorKind as K;
    match kind {
        K::StorageFull | K::QuotaExceeded => Some("free some space there, or name another place with HALLPASS_HOME"),
        // `NotFound`: a home that does not exist, or where no directory can be made.
        K::ReadOnlyFilesystem | K::PermissionDenied | K::NotFound => {
            Some("name a place that can be written with HALLPASS_HOME, or keep no token with HALLPASS_NO_CACHE=1")
        }
        _ => None,
    }
}

/// A keyring that can't be used is never fallen back from in silence. The ways around it are those of the zone.
fn without_keyring(message: String, fault: &KeyringFault) -> Error {
    let first = match fault {
        KeyringFault::Locked => "unlock the keyring: run the command in a terminal of the desktop, or unlock it there",
        KeyringFault::NoCollection => {
            "make a default keyring: in Passwords and Keys (seahorse) or KWalletManager, or log in to the desktop once"
        }
        KeyringFault::Absent(_) | KeyringFault::Silent(_) | KeyringFault::Failed(_) => {
            "start and unlock a keyring in this session (gnome-keyring, KWallet, KeePassXC)"
        }
    };
    match fault {
        // What the bus answered explains it to few.
        KeyringFault::Absent(why) => {
            Error::storage("there is no keyring service in this session").because(why.as_str())
        }
        _ => Error::storage(message),
    }
    .hint(first)
}

impl From<jose::UnknownAlgorithm> for Error {
    fn from(fault: jose::UnknownAlgorithm) -> Self {
        Self::usage(fault.to_string())
    }
}

impl From<source::Fault> for Error {
    fn from(fault: source::Fault) -> Self {
        let judged = Self::config(fault.to_string()).with_sources(&fault);
        match fault {
            source::Fault::NoIdentity { remedy, .. } => judged.hint(remedy),
            source::Fault::Unreadable { place, .. } if place.starts_with("file:~/") => {
                judged.hint("~ is not the home directory here: file:$HOME/PATH")
            }
            _ => judged,
        }
    }
}

impl From<jose::Fault> for Error {
    fn from(fault: jose::Fault) -> Self {
        use jose::Fault as F;
        let message = fault.to_string();
        match fault {
            F::EncryptedKey => Self::config(message)
                .hint("decrypt it where it is read: cmd:'openssl pkey -in KEY.pem -passin file:PASSPHRASE'"),
            F::SeveralKeys { .. } | F::NoSuchKey { .. } => Self::config(message).hint("name one with --key-id"),
            F::Unfit { .. } | F::OtherAlgorithm { .. } => {
                Self::config(message).hint("leave --algorithm out to use the key's own")
            }
            F::Key(_) | F::Weak { .. } => Self::config(message),
            F::Malformed(_)
            | F::Encrypted
            | F::Algorithm(_)
            | F::Critical
            | F::NoKey { .. }
            | F::UnusableKey { .. }
            | F::Signature => Self::new(Kind::Protocol, exit::UNSAFE, message),
        }
    }
}

impl From<config::Fault> for Error {
    fn from(fault: config::Fault) -> Self {
        let judged = Self::config(fault.to_string()).with_sources(&fault);
        match fault {
            config::Fault::Variable(fault) => fault.into(),
            config::Fault::ForeignOwner { .. } => judged.hint("name the zone with -z or HALLPASS_ZONE"),
            config::Fault::NotUtf8 { .. } => judged.hint("save it as UTF-8; it was not changed"),
            _ => judged,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Error, exit};
    use crate::edges::KeyringFault;
    use crate::{http, oauth, store};

    #[test]
    fn keyring_that_fails_names_three_ways_out() {
        let error = Error::from(store::Fault::Keyring(KeyringFault::Locked)).or_sealed_vault();
        let hints: Vec<String> = error.hints.iter().map(ToString::to_string).collect();
        assert_eq!(error.exit, exit::STORAGE);
        let [unlock, sealed, key] = &hints[..] else { panic!("{hints:?}") };
        assert!(unlock.contains("unlock") && sealed.contains("HALLPASS_VAULT=sealed"), "{hints:?}");
        assert!(key.contains("set -C"), "a key that is there stays: {hints:?}");
    }

    #[test]
    fn host_without_connection_has_a_hint() {
        for (why, hint) in [
            ("the host was not found (no such name)", "check the spelling of the host"),
            ("it refused the connection", "nothing listens there"),
            ("no connection within 5 s", "a firewall"),
            ("Network is unreachable (os error 101)", ""),
        ] {
            let fault = http::Fault::NoConnection { origin: "https://as.example".to_owned(), why: why.to_owned() };
            let hints: Vec<_> = Error::from(fault).hints.iter().map(ToString::to_string).collect();
            assert!(hints.len() == usize::from(!hint.is_empty()) && hints.join("").contains(hint), "{why}: {hints:?}");
        }
    }

    #[test]
    fn home_that_takes_no_directory_hints_at_another_one() {
        for kind in [std::io::ErrorKind::NotFound, std::io::ErrorKind::PermissionDenied] {
            let fault =
                store::Fault::Io { action: "create the directory", path: "/proc/.cache".into(), source: kind.into() };
            let hints = Error::from(fault).hints;
            assert!(hints.iter().any(|hint| hint.to_string().contains("HALLPASS_HOME")), "{hints:?}");
        }
    }

    #[test]
    fn certificate_out_of_its_time_hints_at_clock() {
        for (why, hinted) in
            [("it is not valid yet", true), ("it has expired", true), ("it is for another name", false)]
        {
            let fault = crate::http::Fault::Certificate { origin: "https://a.example".to_owned(), why: why.to_owned() };
            let hints = Error::from(fault).hints;
            assert_eq!(hints.iter().any(|hint| hint.to_string().contains("date and time")), hinted, "{why}");
        }
    }

    #[test]
    fn status_outranks_code() {
        let response = oauth::fault::ErrorResponse {
            status: 503,
            url: "https://a.example/token".into(),
            error: "invalid_client".to_owned(),
            description: None,
            uri: None,
            retry_after: Some("7".to_owned()),
        };
        let error = Error::from(oauth::Fault::Refused(response));
        assert_eq!(error.exit, exit::RETRY);
        assert!(error.hints.iter().any(|hint| hint.to_string() == "try again in 7 s"));
    }
}
