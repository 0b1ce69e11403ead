//! The certificate that a zone's client presents to its authorization server (mutual TLS, RFC 8705).

use crate::config::Zone;
use crate::context::Context;
use crate::edges::Moment;
use crate::error::Error;
use crate::flows::discovery::Endpoint;
use crate::http::{Identity, Validity};

/// The certificate of a zone with its key; `None` for a zone without. Warns if it is expired or not yet valid.
pub fn load_identity(cx: &Context, zone: &Zone) -> Result<Option<Identity>, Error> {
    let identity = cx.client_identity(zone)?;
    let validity = identity.as_ref().and_then(Identity::validity);
    let warning = validity.and_then(|validity| validity_warning(validity, cx.clock.now()));
    if let (Some(warning), Some(file)) = (warning, &zone.cert) {
        cx.ui.warn(&format!("the client certificate {} {warning}", file.display()));
    }
    Ok(identity)
}

/// The thumbprint of the zone's certificate, to which the server may bind tokens (RFC 8705 §3).
pub fn thumbprint(zone: &Zone) -> Result<Option<String>, Error> {
    zone.cert.as_deref().map(|file| Ok(Identity::thumbprint(file)?)).transpose()
}

fn validity_warning(validity: Validity, now: Moment) -> Option<String> {
    if validity.not_after < now {
        return Some(format!("expired at {}", validity.not_after.rfc3339()));
    }
    (validity.not_before > now).then(|| format!("is not valid before {}", validity.not_before.rfc3339()))
}

/// The server's alias of an endpoint for clients with a certificate (RFC 8705 §5), unless the zone names the endpoint.
pub fn use_mtls_alias(zone: &Zone, name: &str, mut endpoint: Endpoint) -> Result<Endpoint, Error> {
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
    use super::{Validity, validity_warning};
    use crate::edges::Moment;

    #[test]
    fn only_certificate_out_of_its_time_is_worry() {
        let at = Moment::from_epoch;
        let validity = Validity { not_before: at(100), not_after: at(200) };
        assert_eq!((validity_warning(validity, at(100)), validity_warning(validity, at(200))), (None, None));
        assert_eq!(validity_warning(validity, at(201)).unwrap(), "expired at 1970-01-01T00:03:20Z");
        assert_eq!(validity_warning(validity, at(99)).unwrap(), "is not valid before 1970-01-01T00:01:40Z");
    }
}
