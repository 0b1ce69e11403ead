//! What `hallpass doctor` needs to examine the failure of a command.

use clap::ArgMatches;

use crate::config::EPHEMERAL;
use crate::context::Context;
use crate::error::Error;
use crate::error::examination::Examination;
use crate::source::Source;

/// The error with the call of `hallpass doctor` that explains it, where one does.
pub fn hint_at_doctor(cx: &Context, matches: Option<&ArgMatches>, error: Error) -> Error {
    if !error.is_examined() {
        return error;
    }
    let texts = |id: &str| -> Vec<String> {
        let given = matches.and_then(|matches| matches.try_get_many::<String>(id).ok().flatten());
        given.into_iter().flatten().cloned().collect()
    };
    let text = |id: &str| matches?.try_get_one::<String>(id).ok()?.cloned();
    let is_zone =
        |name: &String| name == EPHEMERAL || cx.config().is_ok_and(|config| config.zones().contains(&&**name));
    let issuer = text("issuer").filter(|issuer| issuer.contains("://"));
    let named = error.zone.as_deref().cloned().filter(is_zone);
    // A resource leads to a server that no zone need have.
    let is_elsewhere = issuer.is_some() || text("resource").is_some();
    let chosen = || cx.zone_or_none().ok().flatten().filter(|_| !is_elsewhere).map(|chosen| chosen.zone.name);
    let source = matches.and_then(|matches| matches.try_get_one::<Source>("subject_token_from").ok().flatten());
    let is_read_again = |source: &&Source| !matches!(source, Source::Stdin | Source::Descriptor(_));
    error.or_examine(&Examination {
        zone: named.or_else(chosen),
        issuer,
        subject_token: source.filter(is_read_again).map(ToString::to_string),
        audiences: texts("audience"),
        scopes: texts("scope").iter().flat_map(|scope| scope.split_whitespace()).map(str::to_owned).collect(),
        redirect_uri: text("redirect_uri"),
    })
}
