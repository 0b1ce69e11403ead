//! What the server does wrong when it is asked to: `[TARGET:]KIND[*N]`.

mod gzip;
mod kind;
mod spoil;

use std::fmt;
use std::str::FromStr;

pub use kind::{Kind, Reach};
pub use spoil::{Delivery, Manner};

use super::endpoint::message::Reply;
use super::state::State;

/// The endpoint whose answers are spoiled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// The token endpoint: the one that is meant when none is named.
    Token,
    /// All discovery documents.
    Metadata,
    /// The key set.
    Jwks,
    /// The introspection endpoint.
    Introspection,
    /// The revocation endpoint.
    Revocation,
    /// The registration endpoint and those where clients are managed.
    Registration,
    /// The endpoint where authorization requests are pushed.
    Par,
    /// The device authorization endpoint.
    Device,
    /// The authorization endpoint, which a browser asks.
    Authorize,
}

impl Target {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::Token,
        Self::Metadata,
        Self::Jwks,
        Self::Introspection,
        Self::Revocation,
        Self::Registration,
        Self::Par,
        Self::Device,
        Self::Authorize,
    ];

    /// The name before the colon.
    pub fn name(self) -> &'static str {
        match self {
            Self::Token => "token",
            Self::Metadata => "metadata",
            Self::Jwks => "jwks",
            Self::Introspection => "introspection",
            Self::Revocation => "revocation",
            Self::Registration => "registration",
            Self::Par => "par",
            Self::Device => "device",
            Self::Authorize => "authorize",
        }
    }
}

/// One fault: what goes wrong, where, and how often.
#[derive(Debug, Clone, Copy)]
pub struct Fault {
    kind: &'static Kind,
    target: Target,
    times: Option<u32>,
}

impl Fault {
    /// Every kind, for help and completion.
    pub const ALL: &'static [Kind] = kind::KINDS;

    /// The kind.
    pub fn kind(self) -> &'static Kind {
        self.kind
    }

    /// The endpoint that it strikes.
    pub fn target(self) -> Target {
        self.target
    }

    /// How many requests it strikes; all of them when not said.
    pub fn times(self) -> Option<u32> {
        self.times
    }

    /// Spoils one answer.
    pub fn strike(self, state: &State, reply: Reply) -> Delivery {
        (self.kind.act)(state, reply)
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.target != Target::Token {
            write!(f, "{}:", self.target.name())?;
        }
        f.write_str(self.kind.name)?;
        self.times.map_or(Ok(()), |times| write!(f, "*{times}"))
    }
}

/// Why a text is not a fault; names what would be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// No kind of that name.
    #[error("there is no fault of this kind; the kinds are {}", names().join(" "))]
    Kind,
    /// No target of that name.
    #[error("there is no such target; the targets are {}", Target::ALL.map(Target::name).join(" "))]
    Target,
    /// The kind makes no sense there.
    #[error("the fault {kind} strikes only {}, so write {}:{kind}", .only.name(), .only.name())]
    Elsewhere {
        /// The kind.
        kind: &'static str,
        /// Its one target.
        only: Target,
    },
    /// Not a count.
    #[error("after * comes how many requests it strikes, from 1 to 4294967294")]
    Times,
}

fn names() -> Vec<&'static str> {
    Fault::ALL.iter().map(|kind| kind.name).collect()
}

impl FromStr for Fault {
    type Err = Unreadable;

    fn from_str(text: &str) -> Result<Self, Unreadable> {
        let (rest, times) = match text.split_once('*') {
            None => (text, None),
            Some((rest, count)) => {
                let count = count.parse().ok().filter(|count| (1..u32::MAX).contains(count));
                (rest, Some(count.ok_or(Unreadable::Times)?))
            }
        };
        let (target, name) = match rest.split_once(':') {
            None => (Target::Token, rest),
            Some((target, name)) => {
                let target = Target::ALL.into_iter().find(|known| known.name() == target);
                (target.ok_or(Unreadable::Target)?, name)
            }
        };
        let kind = Self::ALL.iter().find(|kind| kind.name == name).ok_or(Unreadable::Kind)?;
        match kind.reach {
            Reach::Only(only) if only != target => Err(Unreadable::Elsewhere { kind: kind.name, only }),
            _ => Ok(Self { kind, target, times }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Fault, Reach, Target, Unreadable};

    #[test]
    fn a_fault_reads_what_it_prints() {
        for text in ["503", "503*2", "metadata:html", "jwks:wrong-key*1", "introspection:silence"] {
            assert_eq!(text.parse::<Fault>().unwrap().to_string(), text);
        }
        assert_eq!("token:reset".parse::<Fault>().unwrap().to_string(), "reset");
        for kind in Fault::ALL {
            let target = match kind.reach {
                Reach::Any => Target::Revocation,
                Reach::Only(only) => only,
            };
            assert!(format!("{}:{}", target.name(), kind.name).parse::<Fault>().is_ok(), "{}", kind.name);
            assert_eq!(Fault::ALL.iter().filter(|other| other.name == kind.name).count(), 1, "{}", kind.name);
        }
    }

    #[test]
    fn what_is_no_fault_names_the_faults() {
        let fault = |text: &str| text.parse::<Fault>().unwrap_err();
        assert!(fault("explode").to_string().contains(" reset "));
        assert_eq!(fault("nowhere:503"), Unreadable::Target);
        assert_eq!(fault("no-expiry*0"), Unreadable::Times);
        assert_eq!(fault("503*"), Unreadable::Times);
        assert_eq!(
            fault("wrong-issuer").to_string(),
            "the fault wrong-issuer strikes only metadata, so write metadata:wrong-issuer"
        );
    }
}
