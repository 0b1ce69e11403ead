//! Searches a token file on disk: read once, in pieces that stay in the processor's cache, by as many threads as help.

use std::fs::File;
use std::io;
use std::path::Path;

use zeroize::Zeroizing;

use crate::edges::Moment;
use crate::secret::Secret;
use crate::store::Fault;

use super::file::TokenFile;
use super::open::{self, LIMIT, Opened};
use super::search::{Lookup, NotText, Search};

/// How much is read at once.
const PIECE: usize = 128 * 1024;
/// How much is worth a thread.
const SHARE: u64 = 4 * 1024 * 1024;
const THREADS: u64 = 4;

impl TokenFile {
    /// Looks up a token in a file, which is not kept in memory, and returns the warnings about it. The token is compared in
    /// constant time with every line, whatever was found before; only its length is not hidden.
    pub fn search_file(path: &Path, offered: &Secret, now: Moment) -> Result<(Lookup, Vec<String>), Fault> {
        let Opened { file, metadata } = Opened::open(path)?;
        let mut warnings = open::collect_warnings(path, &metadata);
        let size = metadata.len();
        let cores = || std::thread::available_parallelism().map_or(1, |cores| cores.get() as u64);
        let parts = if cfg!(unix) && size >= 2 * SHARE { (size / SHARE).min(THREADS).min(cores()) } else { 1 };
        let mut whole = Search::from_start(offered);
        for part in search_parts(&file, size, parts, offered, path) {
            match part {
                Ok(part) => whole.join_next(part),
                Err(Fault::NotText { path, line }) => return Err(Fault::NotText { path, line: whole.lines + line }),
                Err(fault) => return Err(fault),
            }
        }
        warnings.extend(open::content_warnings(path, whole.marked, whole.tokens == 0));
        Ok((whole.finish(now), warnings))
    }
}

/// Searches the file in so many parts, all at once.
fn search_parts<'a>(
    file: &File,
    size: u64,
    parts: u64,
    offered: &'a Secret,
    path: &Path,
) -> Vec<Result<Search<'a>, Fault>> {
    let border = |part: u64| if part == parts { u64::MAX } else { size / parts * part };
    let part = |part: u64| search_part(file, border(part), border(part + 1), offered, path);
    std::thread::scope(|scope| {
        // Without another thread, the part is searched here.
        let start = |number| std::thread::Builder::new().spawn_scoped(scope, move || part(number)).map_err(|_| number);
        let begun: Vec<_> = (1..parts).map(start).collect();
        let first = part(0);
        let end = |begun: Result<std::thread::ScopedJoinHandle<'_, _>, u64>| match begun {
            Ok(thread) => thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)),
            Err(number) => part(number),
        };
        std::iter::once(first).chain(begun.into_iter().map(end)).collect()
    })
}

/// Searches the lines that begin in this part of the file.
fn search_part<'a>(file: &File, from: u64, to: u64, offered: &'a Secret, path: &Path) -> Result<Search<'a>, Fault> {
    let mut search = if from == 0 { Search::from_start(offered) } else { Search::from_line(offered) };
    let mut piece = Zeroizing::new(vec![0; PIECE]);
    // The line that the previous part has begun ends at the first line feed.
    let mut skipping = from > 0;
    // Where in the file the piece begins, and how much of it is filled.
    let (mut base, mut filled) = (from.saturating_sub(1), 0);
    loop {
        if filled == piece.len() {
            // A line is longer than the piece.
            let longer = Zeroizing::new(vec![0; piece.len() * 2]);
            let shorter = std::mem::replace(&mut piece, longer);
            piece[..filled].copy_from_slice(&shorter);
        }
        let more = read_at(file, &mut piece[filled..], base + filled as u64)
            .map_err(|e| Fault::io("read", path)(e).foreign(path))?;
        filled += more;
        if base + filled as u64 > LIMIT {
            return Err(Fault::TooLarge { path: path.to_owned(), limit: LIMIT });
        }
        let mut begin = 0;
        if skipping {
            match piece[..filled].iter().position(|b| *b == b'\n') {
                Some(end) => begin = end + 1,
                None => begin = filled,
            }
            skipping = begin == filled && piece[..filled].last() != Some(&b'\n');
        }
        // The first line feed at or after the last byte before the next part ends the last line of this one.
        let last = to.saturating_sub(1).saturating_sub(base);
        let last = usize::try_from(last).unwrap_or(usize::MAX).max(begin.saturating_sub(1));
        let end =
            piece.get(last..filled).and_then(|rest| rest.iter().position(|b| *b == b'\n')).map(|end| last + end + 1);
        let stop = end.is_some() || more == 0;
        if !skipping {
            let not_text = |NotText(line)| Fault::NotText { path: path.to_owned(), line };
            begin += search.feed(&piece[begin..end.unwrap_or(filled).max(begin)], stop).map_err(not_text)?;
        }
        if stop {
            return Ok(search);
        }
        piece.copy_within(begin..filled, 0);
        base += begin as u64;
        filled -= begin;
    }
}

#[cfg(unix)]
fn read_at(file: &File, piece: &mut [u8], at: u64) -> io::Result<usize> {
    use std::os::unix::fs::FileExt as _;
    loop {
        match file.read_at(piece, at) {
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            read => return read,
        }
    }
}

#[cfg(not(unix))]
fn read_at(mut file: &File, piece: &mut [u8], _at: u64) -> io::Result<usize> {
    use std::io::Read as _;
    file.read(piece)
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use std::io::Write as _;

    use proptest::prelude::*;

    use super::{Lookup, search_parts};
    use crate::edges::Moment;
    use crate::secret::Secret;
    use crate::store::token_file::TokenFile;
    use crate::store::token_file::search::Search;
    use crate::store::token_file::tests::look_up;

    fn summarize(sought: &Lookup) -> String {
        match sought {
            Lookup::Live(entry) => format!("live {} {:?}", entry.line, entry.label),
            Lookup::Inactive(entry) => format!("{} {} {:?}", entry.state.name(), entry.line, entry.label),
            Lookup::Absent => "absent".to_owned(),
        }
    }

    /// As the file is swept in so many parts, whatever its size.
    fn in_parts(text: &str, token: &str, parts: u64) -> (String, usize, usize) {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(text.as_bytes()).unwrap();
        let token = Secret::new(token);
        let mut whole = Search::from_start(&token);
        for part in search_parts(file.as_file(), text.len() as u64, parts, &token, file.path()) {
            let Ok(part) = part else { panic!("a part could not be read") };
            whole.join_next(part);
        }
        let (lines, tokens) = (whole.lines, whole.tokens);
        (summarize(&whole.finish(Moment::from_epoch(1_795_341_600))), lines, tokens)
    }

    #[test]
    fn file_of_many_pieces_is_read_whole() {
        let (head, token, tail) =
            ("0123456789-0123456789\n".repeat(40_000), "the-one-that-is-sought", "x\n".repeat(40_000));
        for end in ["\n", "\r\n", ""] {
            let mut file = tempfile::NamedTempFile::new().unwrap();
            let tail = if end.is_empty() { "" } else { tail.as_str() };
            write!(file, "{head}#hallpass: label=\"{}\"\n{token}{end}{tail}", "l".repeat(300_000)).unwrap();
            let (sought, warnings) =
                TokenFile::search_file(file.path(), &Secret::new(token), Moment::from_epoch(1_795_341_600)).unwrap();
            let Lookup::Live(entry) = sought else { panic!("not found") };
            assert_eq!((entry.line, entry.label.map(|label| label.len()), warnings.len()), (40_002, Some(300_000), 0));
            let absent = TokenFile::search_file(file.path(), &Secret::new("absent"), Moment::from_epoch(1_795_341_600));
            assert!(matches!(absent.unwrap().0, Lookup::Absent));
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(100))]
        #[test]
        fn parts_are_as_good_as_whole(
            text in r"(\u{feff})?((abcdefghijk|#hallpass-off:|#hallpass: ?(label=[xy] ?)?(expires=(1|9999999999|z))?|#|[ \u{b}é])?(ab|abcdefghijk)?\r?\n?){0,12}",
            parts in 2_u64..6,
        ) {
            // Parts are large, so none is empty.
            let parts = parts.min(text.len().max(1) as u64);
            for token in ["ab", "abcdefghijk"] {
                prop_assert_eq!(in_parts(&text, token, parts), in_parts(&text, token, 1));
                let seen = look_up(&text, token, Moment::from_epoch(1_795_341_600));
                prop_assert_eq!(in_parts(&text, token, parts).0, summarize(&seen));
            }
        }
    }
}
