//! Which check of `hallpass doctor` explains a failure.

use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Finding {
    Audience,
    AuthMethod,
    Client,
    Clock,
    Device,
    Discovery,
    Endpoint,
    Exchange,
    Grant,
    Introspection,
    Issuer,
    Key,
    Proof,
    Reach,
    Realm,
    RedirectUri,
    Refresh,
    Registration,
    Scope,
    Secret,
    SubjectToken,
    Vault,
}

impl Finding {
    /// The id of the check.
    pub fn id(self) -> &'static str {
        match self {
            Self::Audience => "audience",
            Self::AuthMethod => "auth-method",
            Self::Client => "client",
            Self::Clock => "clock",
            Self::Device => "device",
            Self::Discovery => "discovery",
            Self::Endpoint => "endpoint",
            Self::Exchange => "exchange",
            Self::Grant => "grant",
            Self::Introspection => "introspection",
            Self::Issuer => "issuer",
            Self::Key => "key",
            Self::Proof => "proof",
            Self::Reach => "reach",
            Self::Realm => "realm",
            Self::RedirectUri => "redirect-uri",
            Self::Refresh => "refresh",
            Self::Registration => "registration",
            Self::Scope => "scope",
            Self::Secret => "secret",
            Self::SubjectToken => "subject-token",
            Self::Vault => "vault",
        }
    }
}
