//! Whether the directories of hallpass can be written, and are nobody else's.

use crate::doctor::case::Case;
use crate::doctor::finding::Verdict;
use crate::error::Error;
use crate::store::file;

pub fn examine(case: &mut Case<'_>) -> Option<Verdict> {
    let paths = match case.cx.paths_or_none() {
        Ok(Some(paths)) => paths,
        Ok(None) => {
            return Some(
                Verdict::warn("there is no home directory: nothing is stored or cached")
                    .fixed_by("set HALLPASS_HOME to a directory that can be written"),
            );
        }
        Err(error) => return Some(Verdict::of_error(&error)),
    };
    let places = [&paths.config_dir, &paths.lock_dir, &paths.cache_dir];
    // One that is not there yet is made when it is needed.
    for place in places.into_iter().filter(|place| place.exists()) {
        if let Err(fault) = file::check_writable(place) {
            let error = Error::from(fault);
            return Some(Verdict::of_error(&error).because_of(format!("{} must be writable", place.display())));
        }
    }
    Some(Verdict::ok(format!("settings are in {}", paths.config_dir.display())))
}
