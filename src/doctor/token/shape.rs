//! Whether there is a token to examine, and whether the issuer signed it.

use crate::doctor::case::{Case, Examined};
use crate::doctor::client::mint;
use crate::doctor::finding::Verdict;
use crate::error;
use crate::jose::{self, Fault};
use crate::oauth::claim;
use crate::text::sanitize;

pub fn examine(case: &mut Case<'_>) -> Option<Verdict> {
    let (token, whose) = match (&case.questions.token, &case.minted) {
        (Some(token), _) => (token.clone(), "given"),
        (None, Some(Ok(Some(token)))) => (token.access_token.clone(), "new"),
        (None, Some(Err(error))) => {
            return Some(match mint::blame(case.zone.as_ref().ok()?, error) {
                "token" => Verdict::of_error(error),
                blamed => Verdict::skip_for(blamed),
            });
        }
        (None, _) => return None,
    };
    if let Some(verdict) = judge_type(case) {
        return Some(verdict);
    }
    let text = token.expose().to_owned();
    let Ok(decoded) = jose::decode(&text) else {
        return Some(Verdict::ok(format!("the {whose} token is opaque: only the server can read it")));
    };
    let kid =
        claim::text(&decoded.header, "kid").map_or_else(|| "no kid".to_owned(), |kid| format!("kid {}", sanitize(kid)));
    case.examined = Some(Examined { token, claims: decoded.claims });
    let Some(keys) = &case.keys else { return Some(Verdict::ok(format!("the {whose} token is a JWT"))) };
    Some(match jose::verify(&text, keys) {
        Ok(_) => Verdict::ok(format!("the issuer signed the {whose} token")),
        // Of another issuer: its own check says so.
        Err(_) if case.has_foreign_token() => Verdict::ok(format!("the {whose} token is a JWT")),
        Err(Fault::NoKey { .. } | Fault::UnusableKey { .. }) => {
            Verdict::fail(format!("no key of the issuer has signed the {whose} token"))
                .because_of(format!("{kid} is not in the key set"))
                .fixed_by("get a new token: its key was rotated out, or another server issued it")
        }
        Err(fault) => Verdict::fail(format!("the signature of the {whose} token is not the issuer's"))
            .because_of(format!("{kid}: {fault}"))
            .fixed_by("do not accept this token: it was changed, or signed by somebody else"),
    })
}

/// Only a bearer token, or one that is bound to a key, can be presented.
fn judge_type(case: &Case<'_>) -> Option<Verdict> {
    let (None, Some(Ok(Some(token)))) = (&case.questions.token, &case.minted) else { return None };
    let is_usable = matches!(token.token_type.as_str(), "Bearer" | "DPoP");
    let error = (!is_usable).then(|| error::token::unusable_type(&token.token_type))?;
    Some(Verdict::of_error(&error).or_fixed_by("let the server issue bearer tokens to this client"))
}
