//! Whether the server knows the client. The token endpoint of Keycloak says the same of a client that is not there and of one
//! that is disabled; its sign-in page tells them apart.

use crate::doctor::case::Case;
use crate::doctor::finding::{State, Verdict};
use crate::error::{Finding, Hint};

use super::{authorization_request, mint};

pub fn examine(case: &mut Case<'_>) -> Option<Verdict> {
    let verdict = mint::judge(case, "client")?;
    let is_unknown = matches!(&case.minted, Some(Err(error)) if error.finding == Some(Finding::Client));
    if verdict.state != State::Fail || !is_unknown || !case.is_keycloak() {
        return Some(verdict);
    }
    let evidence = format!("{}; the sign-in page says so too", verdict.what);
    ask_page(case).map(|page| page.because_of(evidence)).or(Some(verdict))
}

fn ask_page(case: &mut Case<'_>) -> Option<Verdict> {
    let zone = case.zone.clone().ok()?;
    let client_id = zone.client_id.as_deref()?;
    let endpoint = case.endpoint("authorization_endpoint")?;
    let request = authorization_request::build(&zone, client_id, &endpoint, "http://127.0.0.1/callback", Some("none"))?;
    let page = case.ask(&request).ok()?;
    read_page(case, mint::tried_grant(&zone).registered_name(), client_id, &String::from_utf8_lossy(&page.body))
}

/// What Keycloak's page says of the client, if it says that it is not there, or disabled; `ask` is what was refused because of
/// it.
pub fn read_page(case: &Case<'_>, ask: &str, client_id: &str, page: &str) -> Option<Verdict> {
    let event = case.event(ask, page);
    if page.contains("Client disabled") {
        let fix = format!("Keycloak: Clients > {client_id} > Enabled: on");
        return Some(Verdict::fail(format!("the client {client_id} is disabled")).fixed_by(fix).with_event(event));
    }
    let edit = Hint::edit(&case.zone.as_ref().ok()?.name, "--client-id ID").purpose("check the client_id");
    let missing = || Verdict::fail(format!("the realm has no client {client_id}")).fixed_by(edit.to_string());
    page.contains("Client not found").then(missing).map(|verdict| verdict.with_event(event))
}
