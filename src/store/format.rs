//! Our own JSON files: a version, then members that only it has.

use serde::Deserialize;

use super::Fault;

/// Reads JSON of at most this version. A fault never quotes the content, which may be a secret.
pub(super) fn parse_version<'de, T: Deserialize<'de>>(
    json: &'de [u8],
    version: u64,
    place: &str,
    expected: &'static str,
) -> Result<T, Fault> {
    #[derive(Deserialize)]
    struct Version {
        v: u64,
    }
    let damaged = |_| Fault::Damaged { place: place.to_owned(), why: expected };
    let found: Version = serde_json::from_slice(json).map_err(damaged)?;
    if found.v > version {
        return Err(Fault::Newer { place: place.to_owned(), version: found.v });
    }
    serde_json::from_slice(json).map_err(damaged)
}

/// A moment as milliseconds since the epoch.
pub(super) mod milliseconds {
    use serde::{Deserialize as _, Deserializer, Serializer};

    use crate::edges::Moment;

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde gives a reference")]
    pub fn serialize<S: Serializer>(moment: &Moment, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_i64(moment.millis())
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Moment, D::Error> {
        i64::deserialize(deserializer).map(Moment::from_millis)
    }
}
