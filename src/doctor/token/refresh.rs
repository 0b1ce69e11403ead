//! Whether the server takes a refresh token. It may be spent by this: it is sent only because a flag says so.

use crate::config::Zone;
use crate::doctor::case::Case;
use crate::doctor::finding::Verdict;
use crate::error::Hint;
use crate::flows::client::Client;
use crate::jose;
use crate::oauth::{token, token_request, validity};

pub fn examine(case: &mut Case<'_>) -> Option<Verdict> {
    let zone = case.zone.as_ref().ok()?;
    let refresh_token = case.questions.refresh_token.clone()?;
    let read = jose::decode(refresh_token.expose());
    if let Some(other) = read.ok().and_then(|it| validity::other_issuer(&it.claims, zone.token_issuer())) {
        let verdict = Verdict::fail("the refresh token is one of another issuer, and is not sent to this one");
        return Some(verdict.because_of(other).fixed_by(sign_in_again(zone)));
    }
    let parameters = zone.token_parameters();
    let result = Client::of(case.cx, zone).and_then(|client| {
        let asked = client.send("token_endpoint", &|url| token_request::refresh(url, &refresh_token, &parameters))?;
        client.judge(&asked, token::read(&asked.answer))
    });
    Some(match result {
        Ok(response) if response.refresh_token.as_ref().is_some_and(|new| !new.matches(&refresh_token)) => {
            Verdict::ok("the server takes the refresh token, and has issued another one")
                .because_of("where the server rotates them, the given one is spent now")
        }
        Ok(_) => Verdict::ok("the server takes the refresh token"),
        Err(error) if error.code.as_deref() == Some("invalid_grant") => {
            Verdict::of_error(&error).or_fixed_by(sign_in_again(zone))
        }
        Err(error) => Verdict::of_error(&error),
    })
}

fn sign_in_again(zone: &Zone) -> String {
    Hint::login(&zone.name).purpose("sign in again").to_string()
}
