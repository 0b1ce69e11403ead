//! A registry that wants a token, a zone whose tokens may go there, and a registry that no zone names.

use crate::fault::{Reply, Request, Server, answer, with_fields};
use crate::site::{Site, token_of, tokens};

pub struct Shop {
    pub site: Site,
    pub registry: Server,
    pub stranger: Server,
    credential: fn(u64) -> String,
}

impl Shop {
    /// `credential` is the field with a token, `refusal` the field of a 401; `files` answer a path at the base URL. What is
    /// below `/public/` needs no token.
    pub fn new(
        credential: fn(u64) -> String,
        refusal: &'static str,
        files: impl Fn(&str, &str) -> Option<Reply> + Send + Sync + 'static,
    ) -> Self {
        let registry = Server::start(move |request, base| serve(request, base, credential, refusal, &files));
        Self::of(registry, Server::start(move |_, _| with_fields(401, refusal, "")), credential)
    }

    /// The same over TLS.
    pub fn over_tls(
        credential: fn(u64) -> String,
        refusal: &'static str,
        files: impl Fn(&str, &str) -> Option<Reply> + Send + Sync + 'static,
    ) -> Self {
        let registry = Server::start_tls(move |request, base| serve(request, base, credential, refusal, &files));
        let shop = Self::of(registry, Server::start_tls(move |_, _| with_fields(401, refusal, "")), credential);
        shop.site.write("authorities.pem", format!("{}{}", shop.registry.certificate(), shop.stranger.certificate()));
        let authorities = shop.site.path("authorities.pem");
        shop.with("SSL_CERT_FILE", authorities)
    }

    fn of(registry: Server, stranger: Server, credential: fn(u64) -> String) -> Self {
        Self { site: Site::expiring(registry.host()), registry, stranger, credential }
    }

    /// Sets a variable for every program.
    #[must_use]
    pub fn with(self, name: &str, value: impl AsRef<std::ffi::OsStr>) -> Self {
        Self { site: self.site.with(name, value), ..self }
    }

    /// Asserts that the registry got the first token, and then the one that came after its expiry.
    #[track_caller]
    pub fn assert_token_was_renewed(&self) {
        assert_eq!(tokens(&self.registry, self.credential), [1, 2]);
    }

    /// Asserts that the other registry was asked, and got no token.
    #[track_caller]
    pub fn assert_stranger_got_nothing(&self) {
        let got = self.stranger.requests();
        assert!(
            !got.is_empty() && got.iter().all(|one| !one.head.contains("AT-") && !one.body.contains("AT-")),
            "{got:?}"
        );
    }
}

/// The answer with a file.
#[expect(clippy::unnecessary_wraps, reason = "others answer nothing")]
pub fn file(bytes: impl AsRef<[u8]>) -> Option<Reply> {
    Some(answer(200, "application/json", bytes))
}

fn serve(
    request: &Request,
    base: &str,
    credential: fn(u64) -> String,
    refusal: &str,
    files: &dyn Fn(&str, &str) -> Option<Reply>,
) -> Reply {
    let is_public = request.target().starts_with("/public/");
    if !is_public && token_of(request, credential).is_none() {
        return with_fields(401, refusal, "");
    }
    files(request.target(), base).unwrap_or_else(|| answer(404, "text/plain", "no"))
}
