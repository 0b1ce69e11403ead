//! Whether who presents a token has the key that it is bound to (DPoP, RFC 9449 §7.1).

use std::fmt::Write as _;

use url::Url;

use super::decision::Proof;
use super::replay_window::{ReplayWindow, Use, UsedProof};
use crate::edges::Moment;
use crate::hex;
use crate::jose::dpop;
use crate::secret::Secret;

/// How far the time of a proof may be from now, in seconds.
const WINDOW: i64 = 60;

/// How a token was presented.
#[derive(Debug, Clone, Copy)]
pub struct Presentation<'a> {
    pub token: &'a Secret,
    /// Whether its scheme is DPoP and not Bearer.
    pub is_dpop: bool,
    pub proof: Option<&'a str>,
    /// Method and URL of the request, where they are certain.
    pub request: Option<(&'a str, &'a str)>,
}

/// Why possession is not proven.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unproven {
    /// The token must not be presented in this way.
    Token(&'static str),
    Proof(String),
    /// Whether the proof was used before is not known.
    Unknown,
}

impl Unproven {
    pub fn used_before() -> Self {
        Self::Proof("the DPoP proof was used before".to_owned())
    }
}

impl Proof {
    /// Checks how a proven token was presented. From then on it counts as any other. Gives the proof that this took.
    pub fn check_possession(
        mut self,
        shown: Presentation<'_>,
        window: &ReplayWindow,
        now: Moment,
    ) -> Result<(Self, Option<UsedProof>), Unproven> {
        let Self::Proven { claims, .. } = &mut self else { return Ok((self, None)) };
        let presented = match (&claims.bound_to, shown.is_dpop, shown.proof) {
            (None, false, None) => return Ok((self, None)),
            (None, ..) => return Err(Unproven::Token("it is not bound to a key, and was presented with DPoP")),
            (Some(_), false, _) => return Err(Unproven::Token("it is bound to a key: expected the scheme DPoP")),
            (Some(_), true, None) => return Err(Unproven::Proof("there is no DPoP proof".to_owned())),
            (Some(key), true, Some(proof)) => (key.as_str(), proof),
        };
        let used = check_proof(presented, shown, window, now)?;
        claims.bound_to = None;
        Ok((self, Some(used)))
    }
}

/// RFC 9449 §4.3.
fn check_proof(
    (key, proof): (&str, &str),
    shown: Presentation<'_>,
    window: &ReplayWindow,
    now: Moment,
) -> Result<UsedProof, Unproven> {
    let refuse = |why: &str| Err(Unproven::Proof(why.to_owned()));
    let proof = dpop::read(proof).map_err(|fault| Unproven::Proof(format!("the DPoP proof is unusable: {fault}")))?;
    if proof.thumbprint != key {
        return Err(Unproven::Token("it is bound to another key than that of the DPoP proof"));
    }
    if proof.token_hash.as_deref() != Some(&dpop::token_hash(shown.token)) {
        return refuse("the DPoP proof is for another token");
    }
    let Some((method, url)) = shown.request else { return refuse("the original request of the proof is not certain") };
    if proof.method != method {
        return refuse("the DPoP proof is for another method");
    }
    let is_same_url = normalize(url).is_some_and(|url| normalize(&proof.url) == Some(url));
    if !is_same_url {
        return refuse("the DPoP proof is for another URL");
    }
    if proof.issued_at.abs_diff(now.epoch()) > WINDOW.unsigned_abs() {
        return refuse("the time of the DPoP proof is not now");
    }
    let end = proof.issued_at + WINDOW;
    match window.use_once(key, &proof.jti, end, now) {
        Use::First => Ok(UsedProof { key: key.to_owned(), jti: proof.jti, end }),
        Use::Again => Err(Unproven::used_before()),
        Use::Unknown => Err(Unproven::Unknown),
    }
}

/// Scheme, authority and path of a URL, as it is compared (RFC 9449 §4.3; RFC 3986 §6.2.2, §6.2.3): case of scheme and host,
/// the port of the scheme and what is encoded without need make no difference. Dots are not resolved.
fn normalize(url: &str) -> Option<(String, String)> {
    let url = &*dpop::target(url);
    let is_plain = url.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    let (scheme, rest) = url.split_once("://").filter(|_| is_plain)?;
    let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    if authority.contains('@') {
        return None;
    }
    let origin = Url::parse(&format!("{scheme}://{authority}/")).ok()?.origin();
    if !origin.is_tuple() {
        return None;
    }
    let mut normal = String::with_capacity(path.len());
    let mut bytes = path.bytes();
    while let Some(byte) = bytes.next() {
        let decoded = if byte == b'%' { hex::decode_pair(bytes.next()?, bytes.next()?)? } else { byte };
        let is_unreserved = decoded.is_ascii_alphanumeric() || b"-._~".contains(&decoded);
        if byte == b'%' && !is_unreserved {
            let _ = write!(normal, "%{decoded:02X}");
        } else {
            normal.push(char::from(decoded));
        }
    }
    Some((origin.ascii_serialization(), if normal.is_empty() { "/".to_owned() } else { normal }))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Presentation, Proof, Unproven, normalize};
    use crate::edges::Moment;
    use crate::guard::evidence::{Claims, Matched};
    use crate::guard::{ReplayWindow, Requirements};
    use crate::identity::{Identity, Source};
    use crate::jose::dpop::{ProofClaims, ProofKey};
    use crate::secret::Secret;

    const NOW: i64 = 1_795_341_600;
    const URL: &str = "https://api.example/orders";

    fn proven(bound_to: Option<&str>) -> Proof {
        let identity = Identity::from_secret(Source::Jwt, Some("ci".to_owned()), String::new());
        let claims = Claims { bound_to: bound_to.map(str::to_owned), ..Claims::from_identity(identity) };
        Proof::Proven { matched: Matched::Jwks, claims: Box::new(claims), warnings: Vec::new() }
    }

    fn claims<'a>(token: &'a Secret, jti: &'a str) -> ProofClaims<'a> {
        ProofClaims { method: "GET", url: URL, jti, issued_at: NOW, nonce: None, token: Some(token) }
    }

    /// What comes of a proof with these claims, for a GET of [`URL`] now.
    fn check(key: &ProofKey, made: &ProofClaims<'_>, window: &ReplayWindow) -> Result<(), Unproven> {
        let (token, proof) = (Secret::new("token-1"), key.prove(made).unwrap());
        let request = Some(("GET", URL));
        let shown = Presentation { token: &token, is_dpop: true, proof: Some(proof.expose()), request };
        let found = proven(Some(key.thumbprint())).check_possession(shown, window, Moment::from_epoch(NOW));
        found.map(|(proof, used)| {
            let used = used.unwrap();
            assert_eq!((used.key.as_str(), used.jti.as_str()), (key.thumbprint(), made.jti));
            assert_eq!(used.end, made.issued_at + 60);
            assert!(proof.meet(&Requirements::default()).allowed);
        })
    }

    #[test]
    fn proof_is_for_token_request_and_now_and_counts_once() {
        let (key, window) = (ProofKey::generate().unwrap(), ReplayWindow::default());
        let token = Secret::new("token-1");
        let made = claims(&token, "j-1");
        check(&key, &made, &window).unwrap();
        assert_eq!(check(&key, &made, &window), Err(Unproven::Proof("the DPoP proof was used before".to_owned())));
        for (number, issued_at) in [NOW - 60, NOW + 60].into_iter().enumerate() {
            check(&key, &ProofClaims { jti: &format!("t-{number}"), issued_at, ..made }, &window).unwrap();
        }
        check(&key, &ProofClaims { jti: "u", url: "HTTPS://API.example:443/%6frders?a#b", ..made }, &window).unwrap();
        let other = Secret::new("token-2");
        for bad in [
            ProofClaims { issued_at: NOW - 61, ..made },
            ProofClaims { issued_at: NOW + 61, ..made },
            ProofClaims { issued_at: i64::MIN, ..made },
            ProofClaims { issued_at: i64::MAX, ..made },
            ProofClaims { method: "POST", ..made },
            ProofClaims { method: "get", ..made },
            ProofClaims { url: "https://api.example/orders/", ..made },
            ProofClaims { url: "https://api.example/Orders", ..made },
            ProofClaims { url: "https://api.example.evil/orders", ..made },
            ProofClaims { url: "http://api.example/orders", ..made },
            ProofClaims { url: "https://api.example:8443/orders", ..made },
            ProofClaims { url: "https://x@api.example/orders", ..made },
            ProofClaims { url: "https://api.example/a/../orders", ..made },
            ProofClaims { url: "/orders", ..made },
            ProofClaims { token: None, ..made },
            ProofClaims { token: Some(&other), ..made },
            ProofClaims { jti: "", ..made },
        ] {
            assert!(
                matches!(check(&key, &ProofClaims { jti: bad.jti, ..bad }, &window), Err(Unproven::Proof(_))),
                "{bad:?}"
            );
        }
        // A proof that was refused has used nothing up.
        check(&key, &ProofClaims { jti: "j-2", ..made }, &window).unwrap();
    }

    #[test]
    fn scheme_and_binding_must_agree() {
        let (key, window) = (ProofKey::generate().unwrap(), ReplayWindow::default());
        let (token, now) = (Secret::new("token-1"), Moment::from_epoch(NOW));
        let proof = key.prove(&claims(&token, "j")).unwrap();
        let checked = |bound: Option<&str>, is_dpop, proof: Option<&str>| {
            let shown = Presentation { token: &token, is_dpop, proof, request: Some(("GET", URL)) };
            let found = proven(bound).check_possession(shown, &window, now);
            found.map(|(proof, used)| {
                assert_eq!(used.is_some(), is_dpop);
                assert!(proof.meet(&Requirements::default()).allowed);
            })
        };
        let (jkt, proof) = (Some(key.thumbprint()), Some(proof.expose()));
        assert_eq!(checked(None, false, None), Ok(()));
        for (bound, is_dpop, proof) in
            [(None, true, None), (None, true, proof), (None, false, proof), (jkt, false, None), (jkt, false, proof)]
        {
            assert!(matches!(checked(bound, is_dpop, proof), Err(Unproven::Token(_))), "{bound:?} {is_dpop} {proof:?}");
        }
        assert!(matches!(checked(jkt, true, None), Err(Unproven::Proof(_))));
        assert!(matches!(checked(jkt, true, Some("abc")), Err(Unproven::Proof(_))));
        assert!(matches!(checked(Some("another-key"), true, proof), Err(Unproven::Token(_))));
        assert_eq!(checked(jkt, true, proof), Ok(()), "no refusal has used it up");
        let unmet = proven(jkt).meet(&Requirements::default());
        assert!(!unmet.allowed && unmet.identity.is_none());
    }

    #[test]
    fn request_that_is_not_certain_is_not_proven() {
        let (key, window, token) = (ProofKey::generate().unwrap(), ReplayWindow::default(), Secret::new("token-1"));
        let proof = key.prove(&claims(&token, "j")).unwrap();
        let shown = Presentation { token: &token, is_dpop: true, proof: Some(proof.expose()), request: None };
        let checked = proven(Some(key.thumbprint())).check_possession(shown, &window, Moment::from_epoch(NOW));
        assert!(matches!(checked, Err(Unproven::Proof(_))));
    }

    #[test]
    fn urls_that_mean_one_thing_are_one() {
        for (one, other, same) in [
            ("https://a.example", "https://a.example/", true),
            ("HTTP://A.Example:80/x", "http://a.example/x", true),
            ("https://a.example/%7Eb/%c3", "https://a.example/~b/%C3", true),
            ("http://[::1]:80/", "http://[0:0::1]/", true),
            ("https://a.example/a%2Fb", "https://a.example/a/b", false),
            ("https://a.example/a%2fb", "https://a.example/a%2Fb", true),
            ("https://a.example//b", "https://a.example/b", false),
            ("https://a.example/b/.", "https://a.example/b/", false),
            ("https://a.example:444/", "https://a.example/", false),
        ] {
            assert_eq!(normalize(one) == normalize(other), same, "{one} {other}");
        }
        for bad in [
            "",
            "/a",
            "https:/a",
            "https://",
            "https://a b/",
            "https://a\\b/",
            "https://u@a/",
            "https://a/%",
            "data://x",
        ] {
            assert_eq!(normalize(bad), None, "{bad}");
        }
    }

    proptest! {
        /// Two URLs are one only if they differ in case of scheme and host, port of the scheme or needless encoding.
        #[test]
        fn different_paths_stay_different(one in "/[a-c%25./;]{0,8}", other in "/[a-c%25./;]{0,8}") {
            let of = |path: &str| normalize(&format!("https://a.example{path}"));
            let decoded = |path: &str| percent_decode(path);
            if let (Some(left), Some(right)) = (of(&one), of(&other)) && left == right {
                prop_assert_eq!(decoded(&one), decoded(&other));
                prop_assert_eq!(one.matches('/').count(), other.matches('/').count());
            }
        }
    }

    fn percent_decode(path: &str) -> String {
        url::form_urlencoded::parse(path.replace('+', "%2B").replace(['&', '='], "").as_bytes())
            .map(|(name, _)| name.into_owned())
            .collect()
    }
}
