use std::ffi::OsString;

use super::CurlArguments;
use crate::error::{Error, exit};

fn read(line: &str) -> Result<CurlArguments, Error> {
    CurlArguments::read(&line.split(' ').map(OsString::from).collect::<Vec<_>>())
}

fn urls(line: &str) -> Vec<Vec<String>> {
    let read = read(line).unwrap_or_else(|error| panic!("{line}: {error:?}"));
    let of_transfer = |transfer: &super::Transfer| transfer.urls.iter().map(|url| url.text.clone()).collect();
    read.transfers.iter().map(of_transfer).collect()
}

#[test]
fn every_url_is_found_and_no_value_is_taken_for_one() {
    for (line, expected) in [
        ("https://a", vec![vec!["https://a"]]),
        ("-sSfo https://out https://a", vec![vec!["https://a"]]),
        ("-sSfohttps://out https://a", vec![vec!["https://a"]]),
        ("--output https://out https://a", vec![vec!["https://a"]]),
        ("--output=https://out https://a", vec![vec!["https://a"]]),
        ("--url https://a --url=https://b", vec![vec!["https://a", "https://b"]]),
        ("--no-progress-meter -N https://a -d @f", vec![vec!["https://a"]]),
        ("https://a -- https://b", vec![vec!["https://a", "https://b"]]),
        ("https://a --next -o x https://b -: https://c", vec![vec!["https://a"], vec!["https://b"], vec!["https://c"]]),
        ("-g https://a/{x}", vec![vec!["https://a/{x}"]]),
        ("http://[::1]:80/", vec![vec!["http://[::1]:80/"]]),
        ("-H X-A:https://b -e https://c https://a", vec![vec!["https://a"]]),
    ] {
        assert_eq!(urls(line), expected, "{line}");
    }
}

#[test]
fn what_can_not_be_read_for_sure_is_refused() {
    for line in [
        "--outp x https://a",
        "--unheard https://a",
        "-W https://a",
        "- https://a",
        "--no-output https://a",
        "--silent=x https://a",
        "-s:o x https://a",
        "https://a https://b/[1-9]",
        "https://{a,b}",
        "https://a --next https://b/{x} -g --next https://c/{x}",
        "a.example",
        "--url @urls",
        "-o",
        "-s",
        "https://a --next",
        "--next https://a",
        "--expand-url https://a",
    ] {
        assert_eq!(read(line).unwrap_err().exit, exit::USAGE, "{line}");
    }
    for (line, name) in [
        ("-K f https://a", "config"),
        ("-sKf https://a", "config"),
        ("--variable x https://a", "variable"),
        ("--location-trusted https://a", "location-trusted"),
        ("-u a:b https://a", "user"),
        ("-H authorization:x https://a", "header"),
        ("-HDPoP:x https://a", "header"),
        ("-H Authorization; https://a", "header"),
        ("--libcurl f https://a", "libcurl"),
        ("-V", "version"),
    ] {
        let error = read(line).unwrap_err();
        assert!(error.exit == exit::UNSAFE && error.message.contains(&format!("--{name} ")), "{line}");
    }
}

#[test]
fn options_count_for_their_transfer() {
    let found = read("-k https://a --next -L https://b --next -k --no-insecure --resolve a:1:b https://c").unwrap();
    let found_options = |transfer: &super::Transfer| (transfer.insecure, transfer.follows_redirects, transfer.rerouted);
    let found_options: Vec<_> = found.transfers.iter().map(found_options).collect();
    assert_eq!(found_options, [(true, false, None), (false, true, None), (false, false, Some("resolve"))]);
    assert_eq!(found.transfers.iter().map(|transfer| transfer.start).collect::<Vec<_>>(), [0, 3, 6]);
    assert_eq!(read("-sv https://a").unwrap().shows_headers, Some("verbose"));
}

#[test]
fn method_is_what_curl_would_send() {
    for (line, method) in [
        ("https://a", "GET"),
        ("-X DELETE https://a", "DELETE"),
        ("-d x https://a", "POST"),
        ("--json {} https://a", "POST"),
        ("-F a=b https://a", "POST"),
        ("-T f https://a", "PUT"),
        ("-I https://a", "HEAD"),
        ("-G -d x https://a", "GET"),
        ("-I -G -d x https://a", "HEAD"),
        ("-X PATCH -d x https://a", "PATCH"),
    ] {
        assert_eq!(read(line).unwrap().transfers[0].method(), method, "{line}");
    }
}
