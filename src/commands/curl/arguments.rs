//! Reads curl's command line by curl's own grammar: the URLs that it would fetch, and what decides where they lead.

use std::ffi::{OsStr, OsString};

use crate::commands::checked_url::CheckedUrl;
use crate::error::{self, Error};

use super::options::CurlOption;

/// What `--next` separates: its URLs and the options that count for them.
#[derive(Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of curl")]
pub struct Transfer {
    pub urls: Vec<CheckedUrl>,
    /// Before which argument its configuration stands.
    pub start: usize,
    pub insecure: bool,
    pub follows_redirects: bool,
    /// The option that leads connections elsewhere.
    pub rerouted: Option<&'static str>,
    /// Whether curl leaves dot segments in the path.
    pub path_as_is: bool,
    globbing_off: bool,
    method: Method,
}

/// What decides the method of a request.
#[derive(Debug, Default)]
struct Method {
    /// `-X`.
    given: Option<String>,
    /// What other options ask for, GET if none does.
    implied: Option<&'static str>,
    /// `-G`: data becomes a query.
    query: bool,
}

impl Transfer {
    fn starting_at(start: usize) -> Self {
        Self { start, ..Self::default() }
    }

    /// The method of its requests.
    pub fn method(&self) -> &str {
        let implied = self.method.implied.filter(|method| !(self.method.query && *method == "POST"));
        self.method.given.as_deref().or(implied).unwrap_or("GET")
    }
}

/// A command line of curl.
#[derive(Debug)]
pub struct CurlArguments {
    /// At least one, each with at least one URL.
    pub transfers: Vec<Transfer>,
    /// The option that prints what is sent, the token too.
    pub shows_headers: Option<&'static str>,
    /// The option that keeps the request from being made twice, and why.
    unrepeatable: Option<(&'static str, &'static str)>,
    /// Whether the response goes into a file.
    pub writes_file: bool,
}

impl CurlArguments {
    /// Reads the arguments after `curl`.
    pub fn read(arguments: &[OsString]) -> Result<Self, Error> {
        let mut found =
            Self { transfers: vec![Transfer::default()], shows_headers: None, unrepeatable: None, writes_file: false };
        let mut urls: Vec<Vec<String>> = vec![Vec::new()];
        let mut options_end = false;
        let mut rest = arguments.iter().enumerate();
        while let Some((at, argument)) = rest.next() {
            let text = argument.to_str();
            if options_end || !argument.as_encoded_bytes().starts_with(b"-") {
                urls.last_mut().into_iter().for_each(|urls| urls.push(readable(argument)));
                continue;
            }
            match text {
                Some("--") => options_end = true,
                Some("--next" | "-:") => {
                    found.transfers.push(Transfer::starting_at(at + 1));
                    urls.push(Vec::new());
                }
                _ => {
                    let mut value = || rest.next().map(|(_, value)| value.as_os_str());
                    for (option, value, on) in read_options(argument, &mut value)? {
                        found.apply(option, value, on, urls.last_mut())?;
                    }
                }
            }
        }
        for (transfer, urls) in found.transfers.iter_mut().zip(urls) {
            for url in urls {
                if !transfer.globbing_off && has_pattern(&url) {
                    return Err(error::curl::pattern());
                }
                transfer.urls.push(CheckedUrl::read(&url).map_err(error::curl::unreadable_url)?);
            }
            if transfer.urls.is_empty() {
                return Err(error::curl::no_url());
            }
        }
        Ok(found)
    }

    /// Its one URL, if the request for it can be made a second time.
    pub fn repeatable_url(&self) -> Result<&str, Error> {
        match (self.unrepeatable, &*self.transfers) {
            (Some((option, reason)), _) => Err(error::curl::unrepeatable_option(option, reason)),
            (None, [Transfer { urls, .. }]) if urls.len() == 1 => Ok(&urls[0].text),
            _ => Err(error::curl::several_urls_to_repeat()),
        }
    }

    fn apply(
        &mut self,
        option: CurlOption,
        value: Option<&OsStr>,
        on: bool,
        urls: Option<&mut Vec<String>>,
    ) -> Result<(), Error> {
        if let Some(reason) = option.reason_against().filter(|_| on) {
            return Err(error::curl::unusable_option(option.name, reason));
        }
        let (Some(transfer), value) = (self.transfers.last_mut(), value.map(readable).unwrap_or_default()) else {
            return Err(error::curl::no_url());
        };
        let reason = option.reason_against_repeat(&value, on);
        self.unrepeatable = self.unrepeatable.or(reason.map(|reason| (option.name, reason)));
        if option.reroutes() {
            transfer.rerouted = Some(option.name);
        }
        match option.name {
            "url" => urls.into_iter().for_each(|urls| urls.push(value.clone())),
            "header" if is_credential_field(&value) => {
                return Err(error::curl::unusable_option("header", "hallpass sends the credential"));
            }
            "globoff" => transfer.globbing_off = on,
            "insecure" => transfer.insecure = on,
            "path-as-is" => transfer.path_as_is = on,
            "location" | "follow" => transfer.follows_redirects = on,
            "request" => transfer.method.given = Some(value),
            "get" => transfer.method.query = on,
            "head" => transfer.method.implied = on.then_some("HEAD"),
            "upload-file" => transfer.method.implied = Some("PUT"),
            "data" | "data-ascii" | "data-binary" | "data-raw" | "data-urlencode" | "json" | "form" | "form-string" => {
                transfer.method.implied = transfer.method.implied.or(Some("POST"));
            }
            "output" | "remote-name" | "remote-name-all" | "out-null" => self.writes_file |= on && value != "-",
            "verbose" | "trace" | "trace-ascii" if on => self.shows_headers = Some(option.name),
            _ => {}
        }
        Ok(())
    }
}

/// An option, its value, and whether it is turned on.
type GivenOption<'a> = (CurlOption, Option<&'a OsStr>, bool);

/// The options of one argument; `next` gives the argument that follows.
fn read_options<'a>(
    argument: &'a OsStr,
    next: &mut dyn FnMut() -> Option<&'a OsStr>,
) -> Result<Vec<GivenOption<'a>>, Error> {
    let unknown = error::curl::unknown_option;
    // An option is ASCII; its value may be anything, and is joined to it only by `=` or behind a letter.
    let text = argument.to_str().ok_or_else(|| unknown("-"))?;
    if let Some(long) = text.strip_prefix("--") {
        let (name, joined) = long.split_once('=').map_or((long, None), |(name, value)| (name, Some(value)));
        let (name, on) = name.strip_prefix("no-").map_or((name, true), |name| (name, false));
        let option = CurlOption::by_name(name).filter(|option| on || !option.takes_value);
        let option = option.ok_or_else(|| unknown(&format!("--{}", long.split('=').next().unwrap_or_default())))?;
        let value = match (option.takes_value, joined) {
            (true, Some(joined)) => Some(OsStr::new(joined)),
            (true, None) => Some(next().ok_or_else(|| error::curl::missing_value(option.name))?),
            (false, Some(_)) => return Err(unknown(&format!("--{name}"))),
            (false, None) => None,
        };
        return Ok(vec![(option, value, on)]);
    }
    let mut found = Vec::new();
    let mut letters = text[1..].chars();
    while let Some(letter) = letters.next() {
        let option = CurlOption::by_letter(letter).ok_or_else(|| unknown(&format!("-{letter}")))?;
        if option.name == "next" {
            return Err(unknown("-: among other letters"));
        }
        let value = match (option.takes_value, letters.as_str()) {
            (false, _) => None,
            (true, "") => Some(next().ok_or_else(|| error::curl::missing_value(option.name))?),
            (true, joined) => {
                letters = "".chars();
                Some(OsStr::new(joined))
            }
        };
        // -N turns buffering off; no other letter turns off what it names.
        found.push((option, value, letter != 'N'));
    }
    if found.is_empty() { Err(unknown("-")) } else { Ok(found) }
}

/// The text of an argument. What is not UTF-8 becomes a character that no host may have.
fn readable(argument: impl AsRef<OsStr>) -> String {
    argument.as_ref().to_string_lossy().into_owned()
}

/// Whether a value of `--header` sets or removes what hallpass sends.
fn is_credential_field(value: &str) -> bool {
    let name = value.split([':', ';']).next().unwrap_or_default().trim();
    ["authorization", "dpop"].iter().any(|field| name.eq_ignore_ascii_case(field))
}

/// Whether curl would make several URLs of one: brackets around an IPv6 address are no pattern.
fn has_pattern(url: &str) -> bool {
    let rest = match url.split_once("://[") {
        Some((_, rest)) => rest.split_once(']').map_or(rest, |(_, rest)| rest),
        None => url,
    };
    rest.contains(['[', ']', '{', '}'])
}

#[cfg(test)]
mod tests;
