//! The certificate that a zone's client presents to its authorization server (mutual TLS, RFC 8705).

use crate::config::Zone;
use crate::context::Context;
use crate::edges::Moment;
use crate::error::{Error, Hint};
use crate::flows::discovery::Endpoint;
use crate::http::{Identity, Validity};

/// The certificate of a zone with its key; `None` for a zone without. With `--dry-run` the key is not read.
pub fn of(cx: &Context, zone: &Zone) -> Result<Option<Identity>, Error> {
    let Some(file) = &zone.cert else { return Ok(None) };
    if cx.options.dry_run {
        return Ok(Some(Identity::without_key(file)));
    }
    let key = cx.cert_key(zone)?.ok_or_else(|| {
        Error::config(format!("zone {} has a certificate but no key for it", zone.name))
            .hint(Hint::edit(&zone.name, "--cert-key-from SOURCE"))
    })?;
    let identity = Identity::load(file, &key)?;
    if let Some(worry) = identity.validity().and_then(|validity| worry(validity, cx.clock.now())) {
        cx.ui.warn(&format!("the client certificate {} {worry}", file.display()));
    }
    Ok(Some(identity))
}

/// What tokens may be bound to that are got by the zone's certificate (RFC 8705 §3): one that was got by another is no
/// good.
pub fn thumbprint(zone: &Zone) -> Result<Option<String>, Error> {
    zone.cert.as_deref().map(|file| Ok(Identity::thumbprint(file)?)).transpose()
}

/// What the server will say against its time.
pub fn worry(validity: Validity, now: Moment) -> Option<String> {
    if validity.not_after < now {
        return Some(format!("expired at {}", validity.not_after.rfc3339()));
    }
    (validity.not_before > now).then(|| format!("is not valid before {}", validity.not_before.rfc3339()))
}

/// The endpoint for who presents a certificate (RFC 8705 §5): the server's alias, unless the zone names the endpoint.
pub fn aliased(zone: &Zone, name: &str, mut endpoint: Endpoint) -> Result<Endpoint, Error> {
    if zone.endpoint(name)?.is_none()
        && let Some(metadata) = &endpoint.metadata
        && let Some(alias) = metadata.mtls_endpoint(name)?
    {
        endpoint.url = alias.to_owned();
    }
    Ok(endpoint)
}

#[cfg(test)]
mod tests {
    use super::{Validity, worry};
    use crate::edges::Moment;

    #[test]
    fn only_a_certificate_out_of_its_time_is_a_worry() {
        let at = Moment::from_epoch;
        let validity = Validity { not_before: at(100), not_after: at(200) };
        assert_eq!((worry(validity, at(100)), worry(validity, at(200))), (None, None));
        assert_eq!(worry(validity, at(201)).unwrap(), "expired at 1970-01-01T00:03:20Z");
        assert_eq!(worry(validity, at(99)).unwrap(), "is not valid before 1970-01-01T00:01:40Z");
    }
}
