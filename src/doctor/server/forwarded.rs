//! Whether the server believes forwarded fields from anybody: then anybody can choose its issuer.

use crate::doctor::case::Case;
use crate::doctor::finding::Verdict;
use crate::oauth::message::Request;
use crate::oauth::metadata;

const HOST: &str = "forwarded.invalid";

pub fn examine(case: &mut Case<'_>) -> Option<Verdict> {
    let mut urls = metadata::well_known(case.issuer()).into_iter().map(|(_, url)| url);
    let url = urls.find(|url| Result::as_ref(&case.get(url)).is_ok_and(|answer| answer.status == 200))?;
    let mut request = Request::metadata(&url);
    request.headers = vec![
        ("X-Forwarded-Host".to_owned(), HOST.into()),
        ("X-Forwarded-Proto".to_owned(), "https".into()),
        ("Forwarded".to_owned(), format!("host={HOST};proto=https").into()),
    ];
    let answer = match case.ask(&request) {
        Ok(answer) => answer,
        Err(fault) => return Some(Verdict::warn("the probe was not answered").because_of(fault.to_string())),
    };
    let believed = answer.body.windows(HOST.len()).any(|window| window == HOST.as_bytes());
    Some(if believed {
        let keycloak = if case.is_keycloak() { "; Keycloak: set hostname, or proxy-trusted-addresses" } else { "" };
        Verdict::fail("anybody can choose the server's issuer by a forwarded field")
            .because_of(format!("GET {url} with X-Forwarded-Host: {HOST}: the metadata names {HOST}"))
            .fixed_by(format!("the proxy must replace X-Forwarded-* and Forwarded of its clients{keycloak}"))
    } else {
        Verdict::ok("forwarded fields of a client change nothing")
    })
}
