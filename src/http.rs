//! The only place that talks to a network, and the only one that names reqwest.
//!
//! The law:
//! - A request that carries a credential follows no redirect. An anonymous GET follows three at most, within its
//!   origin.
//! - https only. Plain http goes to loopback only: 127.0.0.0/8, `[::1]` and `localhost`, which is resolved here and
//!   asked of nobody (RFC 6761 §6.3). Loopback never goes through a proxy; https goes through one by CONNECT only.
//! - No netrc, no cookies, no Referer, no compression, no HTTP/2, nothing repeated below our own retry table.
//! - Connect 5 s, idle 10 s, the whole within the deadline. Headers have 64 KiB, a body has the request's limit. A
//!   body that was cut off is never handed out.
//! - TLS 1.2 or newer, verified against the roots of the system and those of `--cacert`. There is no switch. A
//!   certificate of the client is presented only where its request says so.
//! - Neither errors nor traces show the query or the user of a URL, a hidden value, or a token in an answer.

mod acceptor;
mod breaker;
mod callback;
mod client;
mod client_certificate;
mod connector;
mod curl;
mod diagnosis;
mod dialer;
mod event_loop;
mod fault;
pub mod metrics;
mod phase;
mod proxy;
mod record;
mod redact;
mod redirect;
mod retry;
mod roots;
mod round_trip;
pub mod server;
mod settings;
mod shown_exchange;
mod target;
mod trace;
mod transport;
mod tunnel;
mod verifier;
pub mod wire;

#[cfg(test)]
mod tests;

pub use acceptor::{Acceptor, CertError, Presented, thumbprint};
pub use breaker::{Admission, Breaker};
pub use callback::{Callback, Verdict};
pub use client::{Client, is_outage};
pub use client_certificate::{Identity, Validity};
pub use connector::Connector;
pub use curl::curl;
pub use diagnosis::{NO_HOST, NO_LISTENER, NO_WAY, depends_on_clock};
pub use dialer::{Dialer, connect_to_socket};
pub use event_loop::EventLoop;
pub use fault::Fault;
pub use phase::BeforeSend;
pub use proxy::proxy_for;
pub use record::Record;
pub use retry::retry_after;
pub use roots::check_roots;
pub use settings::Settings;
pub use target::check_page;
pub use trace::Trace;
pub use transport::MAX_FIELDS as RESPONSE_FIELDS;
pub use tunnel::Stream;
