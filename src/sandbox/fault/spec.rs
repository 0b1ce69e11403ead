//! One fault as the command line names it.

use std::str::FromStr;
use std::sync::atomic::{AtomicU32, Ordering};

use super::delivery::Delivery;
use super::kind::{FaultKind, KINDS, TARGETS, TOKEN};
use crate::sandbox::endpoint::response::Response;

/// One fault: what goes wrong, where, and how often.
#[derive(Debug, Clone, Copy)]
pub struct Fault {
    pub kind: &'static FaultKind,
    pub target: &'static str,
    /// To how many responses it is applied; to all when `None`.
    pub times: Option<u32>,
}

impl Fault {
    pub fn apply(self, response: Response) -> Delivery {
        let mut delivery = Delivery::from(response);
        (self.kind.apply)(&mut delivery);
        delivery
    }
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidFault {
    #[error("unknown fault; the faults are {}", KINDS.iter().map(|kind| kind.name).collect::<Vec<_>>().join(" "))]
    Kind,
    #[error("unknown target; the targets are {}", TARGETS.join(" "))]
    Target,
    #[error("the fault {kind} is for {only} only: {only}:{kind}")]
    Elsewhere { kind: &'static str, only: &'static str },
    #[error("after * comes the number of requests, from 1 to 4294967294")]
    Times,
}

impl FromStr for Fault {
    type Err = InvalidFault;

    fn from_str(text: &str) -> Result<Self, InvalidFault> {
        let (rest, times) = match text.split_once('*') {
            None => (text, None),
            Some((rest, count)) => {
                let count = count.parse().ok().filter(|count| (1..u32::MAX).contains(count));
                (rest, Some(count.ok_or(InvalidFault::Times)?))
            }
        };
        let (target, name) = match rest.split_once(':') {
            None => (TOKEN, rest),
            Some((target, name)) => {
                let target = TARGETS.into_iter().find(|known| *known == target);
                (target.ok_or(InvalidFault::Target)?, name)
            }
        };
        let kind = KINDS.iter().find(|kind| kind.name == name).ok_or(InvalidFault::Kind)?;
        match kind.only {
            Some(only) if only != target => Err(InvalidFault::Elsewhere { kind: kind.name, only }),
            _ => Ok(Self { kind, target, times }),
        }
    }
}

pub struct FaultPlan {
    fault: Option<Fault>,
    left: AtomicU32,
}

impl FaultPlan {
    pub fn new(fault: Option<Fault>) -> Self {
        let times = fault.and_then(|fault| fault.times);
        Self { fault, left: AtomicU32::new(times.unwrap_or(u32::MAX)) }
    }

    /// The fault for the next response of an endpoint; counts it.
    pub fn next(&self, target: Option<&str>) -> Option<Fault> {
        let fault = self.fault.filter(|fault| Some(fault.target) == target)?;
        if fault.times.is_some() {
            let decrement = |left: u32| left.checked_sub(1);
            self.left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, decrement).ok()?;
        }
        Some(fault)
    }
}

#[cfg(test)]
mod tests {
    use super::{Fault, InvalidFault, KINDS};

    #[test]
    fn fault_has_target_kind_and_times() {
        for (text, target, name, times) in [
            ("503", "token", "503", None),
            ("503*2", "token", "503", Some(2)),
            ("metadata:html", "metadata", "html", None),
            ("jwks:wrong-key*1", "jwks", "wrong-key", Some(1)),
            ("token:reset", "token", "reset", None),
        ] {
            let fault: Fault = text.parse().unwrap();
            assert_eq!((fault.target, fault.kind.name, fault.times), (target, name, times), "{text}");
        }
        for kind in KINDS {
            let target = kind.only.unwrap_or("revocation");
            assert!(format!("{target}:{}", kind.name).parse::<Fault>().is_ok(), "{}", kind.name);
            assert_eq!(KINDS.iter().filter(|other| other.name == kind.name).count(), 1, "{}", kind.name);
        }
    }

    #[test]
    fn invalid_fault_lists_valid_ones() {
        let fault = |text: &str| text.parse::<Fault>().unwrap_err();
        assert!(fault("explode").to_string().contains(" reset "));
        assert_eq!(fault("nowhere:503"), InvalidFault::Target);
        assert_eq!(fault("no-expiry*0"), InvalidFault::Times);
        assert_eq!(fault("503*"), InvalidFault::Times);
        assert_eq!(
            fault("wrong-issuer").to_string(),
            "the fault wrong-issuer is for metadata only: metadata:wrong-issuer"
        );
    }
}
