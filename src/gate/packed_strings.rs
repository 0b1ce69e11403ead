//! Optional strings in few bytes: one more than each has, and 17 for a UUID, which most subjects and sessions are.

const NONE: u8 = 0xff;
const UUID: u8 = 0xfe;
/// The length follows in eight bytes. Shorter strings have theirs in place of the mark.
const LONG: u8 = 0xfd;

pub fn pack_strings<const N: usize>(strings: [&Option<String>; N]) -> Box<[u8]> {
    let mut packed = Vec::new();
    for string in strings {
        let Some(string) = string else {
            packed.push(NONE);
            continue;
        };
        if let Some(number) = read_uuid(string) {
            packed.push(UUID);
            packed.extend(number.to_le_bytes());
            continue;
        }
        match u8::try_from(string.len()) {
            Ok(length) if length < LONG => packed.push(length),
            _ => {
                packed.push(LONG);
                packed.extend((string.len() as u64).to_le_bytes());
            }
        }
        packed.extend(string.as_bytes());
    }
    // A copy: what grew and is shrunk in place leaves a hole behind it.
    packed.as_slice().into()
}

pub fn unpack_strings<const N: usize>(packed: &[u8]) -> Option<[Option<String>; N]> {
    let mut strings = [const { None }; N];
    let mut rest = packed;
    for string in &mut strings {
        let length = match *rest.split_off_first()? {
            NONE => continue,
            UUID => {
                let (number, after) = rest.split_first_chunk()?;
                (*string, rest) = (Some(show_uuid(u128::from_le_bytes(*number))), after);
                continue;
            }
            LONG => {
                let (length, after) = rest.split_first_chunk()?;
                rest = after;
                usize::try_from(u64::from_le_bytes(*length)).ok()?
            }
            short => usize::from(short),
        };
        let (bytes, after) = rest.split_at_checked(length)?;
        (*string, rest) = (Some(String::from_utf8(bytes.to_vec()).ok()?), after);
    }
    Some(strings)
}

/// The number of a UUID that is written as most programs do: another spelling is another string.
fn read_uuid(text: &str) -> Option<u128> {
    if text.len() != 36 {
        return None;
    }
    let number = u128::from_str_radix(&text.replace('-', ""), 16).ok()?;
    (show_uuid(number) == text).then_some(number)
}

fn show_uuid(number: u128) -> String {
    let hex = format!("{number:032x}");
    [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]].join("-")
}

#[cfg(test)]
mod tests {
    use super::{pack_strings, unpack_strings};

    #[test]
    fn strings_read_back() {
        let uuid = "f3b0c442-98fc-4c14-9afb-f4c8996fb924";
        let long = [252, 253, 254, 255, 256, 70_000].map(|length| "x".repeat(length));
        let shorts =
            ["", "\u{e9}\0\"", "00000000-0000-0000-0000-000000000000", &uuid.to_uppercase(), &uuid.replace('-', "+")];
        let moved = "f3b0c4429-8fc-4c14-9afb-f4c8996fb924";
        for string in shorts.into_iter().chain([uuid, moved]).chain(long.iter().map(String::as_str)) {
            let string = Some(string.to_owned());
            let packed = pack_strings([&None, &string, &string]);
            let read = unpack_strings(&packed);
            assert_eq!(read, Some([None, string.clone(), string]));
            assert_eq!(unpack_strings::<4>(&packed), None, "there are three");
        }
        assert_eq!(pack_strings([&Some(uuid.to_owned()), &Some("name".to_owned()), &None]).len(), 17 + 5 + 1);
    }
}
