//! The request for a code that shows what the server thinks of a client or a redirect URI. There is no user in it
//! (`prompt=none`), and nothing comes of it.

use crate::config::Zone;
use crate::oauth::authorization::{self, AuthorizationParameters};
use crate::oauth::message::Request;

/// The challenge of a verifier that nobody has: nothing can be redeemed.
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

pub fn build(
    zone: &Zone,
    client_id: &str,
    endpoint: &str,
    redirect_uri: &str,
    prompt: Option<&str>,
) -> Option<Request> {
    let scope = ["openid".to_owned()];
    let mut token = zone.token_parameters();
    token.scope = &scope;
    let parameters = authorization::parameters(&AuthorizationParameters {
        client_id,
        redirect_uri,
        state: "hallpass-doctor",
        nonce: Some("hallpass-doctor"),
        challenge: CHALLENGE,
        prompt,
        login_hint: None,
        acr: None,
        max_age: None,
        token,
    });
    let url = authorization::url(endpoint, &parameters).ok()?;
    // As with a credential, no redirect is followed: where it leads is the answer.
    Some(Request { credential: true, ..Request::metadata(url) })
}

/// The same as a browser sends it: some servers send only a browser to their sign-in page, and others a 401.
pub fn as_browser(request: Request) -> Request {
    Request { headers: vec![("Accept".to_owned(), "text/html".into())], ..request }
}
