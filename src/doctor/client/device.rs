//! Whether the client may begin a sign-in on another device (RFC 8628). The code is not shown, and expires unused.

use crate::doctor::case::Case;
use crate::doctor::finding::Verdict;
use crate::doctor::remedy::name_endpoint;
use crate::flows::client::Client;
use crate::oauth::device;

pub fn examine(case: &mut Case<'_>) -> Option<Verdict> {
    let zone = case.zone.as_ref().ok()?;
    if case.endpoint("device_authorization_endpoint").is_none() {
        let verdict =
            Verdict::fail("the metadata names no device authorization endpoint: the server has no device flow");
        return Some(verdict.fixed_by(name_endpoint(case, "--device-endpoint")));
    }
    let begun = Client::of(case.cx, zone).and_then(|client| {
        let asked = client
            .send("device_authorization_endpoint", &|url| device::request(url, &client.id, &zone.token_parameters()))?;
        client.judge(&asked, device::read(&asked.answer))
    });
    Some(match begun {
        Ok(_) => Verdict::ok("the device flow is open to the client"),
        Err(error) => Verdict::of_error(&error),
    })
}
