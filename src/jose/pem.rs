//! PEM (RFC 7468): the block of a private key among others.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

use super::Fault;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// `PrivateKeyInfo` (RFC 5958), any algorithm.
    Pkcs8,
    /// `RSAPrivateKey` (RFC 8017 appendix A.1.2).
    Pkcs1,
    /// `ECPrivateKey` (RFC 5915, SEC 1 appendix C.4).
    Sec1,
}

/// The text of a key as it was before it went through a variable: without quotes and a byte order mark, with the line
/// breaks that were spelt out as `\n` or replaced by spaces, and decoded where it is base64 of the text of a key.
pub fn restore_text(text: &str) -> Zeroizing<String> {
    let text = text.trim_start_matches('\u{feff}').trim().trim_matches(['"', '\'']).trim();
    if text.starts_with('{') {
        return Zeroizing::new(text.to_owned());
    }
    if !text.contains("-----BEGIN ") {
        let packed: Zeroizing<String> = Zeroizing::new(text.split_whitespace().collect());
        let decoded = STANDARD.decode(packed.as_bytes()).ok().map(String::from_utf8);
        return match decoded {
            Some(Ok(inner)) if inner.contains("-----BEGIN ") || inner.trim_start().starts_with('{') => {
                restore_text(&Zeroizing::new(inner))
            }
            _ => Zeroizing::new(text.to_owned()),
        };
    }
    let unescaped = Zeroizing::new(text.replace("\\r", "").replace("\\n", "\n"));
    let mut lines = Zeroizing::new(String::with_capacity(2 * unescaped.len()));
    for (at, piece) in unescaped.split("-----").enumerate() {
        // Every second piece is the label of a line that begins or ends a block.
        let parts = if at % 2 == 1 { ["-----", piece, "-----"] } else { ["\n", piece, "\n"] };
        lines.extend(parts);
    }
    lines
}

/// Finds the one private key in PEM; certificates, parameters and other text are skipped.
pub fn private_key(text: &str) -> Result<(Form, Zeroizing<Vec<u8>>), Fault> {
    let mut found = None;
    let mut other = None;
    let mut lines = text.lines().map(str::trim);
    while let Some(line) = lines.next() {
        let Some(label) = line.strip_prefix("-----BEGIN ").and_then(|rest| rest.strip_suffix("-----")) else {
            continue;
        };
        let mut body = Zeroizing::new(String::with_capacity(text.len()));
        let mut encrypted = false;
        loop {
            let line = lines.next().ok_or(Fault::Key("its PEM block does not end"))?;
            if line.strip_prefix("-----END ").and_then(|rest| rest.strip_suffix("-----")) == Some(label) {
                break;
            }
            if line.starts_with("-----") {
                return Err(Fault::Key("its PEM block does not end"));
            }
            // Header fields of the old form (RFC 1421 §4.6).
            encrypted |= line.starts_with("Proc-Type:") && line.contains("ENCRYPTED");
            if !line.contains(':') {
                line.split_whitespace().for_each(|piece| body.push_str(piece));
            }
        }
        let form = match label {
            "PRIVATE KEY" => Form::Pkcs8,
            "RSA PRIVATE KEY" => Form::Pkcs1,
            "EC PRIVATE KEY" => Form::Sec1,
            "ENCRYPTED PRIVATE KEY" => return Err(Fault::EncryptedKey),
            "OPENSSH PRIVATE KEY" => {
                return Err(Fault::Key("it is in OpenSSH's own form; convert a copy: ssh-keygen -p -m PKCS8 -f COPY"));
            }
            "DSA PRIVATE KEY" => return Err(Fault::Key("it is a DSA key, which signs no JSON Web Tokens")),
            "PUBLIC KEY" | "RSA PUBLIC KEY" | "CERTIFICATE" => {
                other = Some(Fault::Key("it is a public key or a certificate; the private key is needed"));
                continue;
            }
            _ => continue,
        };
        if encrypted {
            return Err(Fault::EncryptedKey);
        }
        if found.is_some() {
            return Err(Fault::Key("it contains several private keys"));
        }
        let der = STANDARD.decode(body.as_bytes()).map_err(|_| Fault::Key("its PEM block is not base64"))?;
        found = Some((form, Zeroizing::new(der)));
    }
    found.ok_or(other.unwrap_or(Fault::Key(describe_text(text))))
}

/// What a string looks like that contains no private key.
fn describe_text(text: &str) -> &'static str {
    let is_base64 = |c: char| c.is_ascii_alphanumeric() || "+/=_-".contains(c) || c.is_whitespace();
    if text.starts_with(['/', '~', '.']) && text.lines().count() == 1 {
        return "it looks like the path of a file, which is the source file:PATH";
    }
    if text.len() >= 64 && text.chars().all(is_base64) {
        return "it looks like base64 without the lines BEGIN and END around it";
    }
    "it contains no private key, neither PEM nor JWK"
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;

    use super::{Fault, Form, STANDARD, private_key, restore_text};

    fn block(label: &str) -> String {
        format!("-----BEGIN {label}-----\nAQ\n==\n-----END {label}-----\n")
    }

    #[test]
    fn private_key_is_found_among_others() {
        let text = format!(
            "Bag Attributes\r\n{}{}words\r\n{}",
            block("CERTIFICATE"),
            block("EC PARAMETERS"),
            block("EC PRIVATE KEY")
        );
        let (form, der) = private_key(&text.replace('\n', "\r\n")).unwrap();
        assert_eq!((form, &der[..]), (Form::Sec1, &[1][..]));
        assert_eq!(private_key(&block("PRIVATE KEY")).unwrap().0, Form::Pkcs8);
        assert_eq!(private_key(&block("RSA PRIVATE KEY")).unwrap().0, Form::Pkcs1);
    }

    #[test]
    fn key_that_went_through_variable_is_restored() {
        let text = block("EC PRIVATE KEY");
        let spelt = [
            text.clone(),
            format!("\u{feff}{text}"),
            text.replace('\n', "\r\n"),
            text.trim().replace('\n', "\\n"),
            text.replace('\n', "\\r\\n"),
            format!("\"{}\"", text.trim().replace('\n', "\\n")),
            text.trim().replace('\n', " "),
            text.replace('\n', ""),
            STANDARD.encode(&text),
            STANDARD.encode(text.trim().replace('\n', "\\n")),
        ];
        for text in spelt {
            let (form, der) = private_key(&restore_text(&text)).unwrap_or_else(|fault| panic!("{text}: {fault}"));
            assert_eq!((form, &der[..]), (Form::Sec1, &[1][..]), "{text}");
        }
        let both = block("CERTIFICATE") + &text;
        assert!(private_key(&restore_text(&both.replace('\n', " "))).is_ok());
        assert_eq!(&*restore_text(&STANDARD.encode("{\"kty\":\"EC\"}")), "{\"kty\":\"EC\"}");
    }

    #[test]
    fn encrypted_key_is_told() {
        assert_eq!(private_key(&block("ENCRYPTED PRIVATE KEY")).unwrap_err(), Fault::EncryptedKey);
        let old = "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00\n\nAQ==\n-----END RSA PRIVATE KEY-----";
        assert_eq!(private_key(old).unwrap_err(), Fault::EncryptedKey);
    }

    #[test]
    fn what_is_no_key_says_why_and_shows_nothing() {
        for (text, reason) in [
            (block("PUBLIC KEY"), "a public key"),
            (block("CERTIFICATE"), "a certificate"),
            (block("PRIVATE KEY").repeat(2), "several"),
            (block("OPENSSH PRIVATE KEY"), "ssh-keygen"),
            (block("DSA PRIVATE KEY"), "DSA"),
            (block("PGP MESSAGE"), "no private key"),
            ("hunter2".to_owned(), "no private key"),
            ("/etc/hunter2.pem".to_owned(), "file:PATH"),
            ("hunter2A".repeat(20), "without the lines BEGIN and END"),
            ("-----BEGIN PRIVATE KEY-----\nhunter2".to_owned(), "does not end"),
            ("-----BEGIN PRIVATE KEY-----\nAQ==\n-----END RSA PRIVATE KEY-----".to_owned(), "does not end"),
            ("-----BEGIN PRIVATE KEY-----\nhunter2!\n-----END PRIVATE KEY-----".to_owned(), "not base64"),
        ] {
            let fault = private_key(&text).unwrap_err().to_string();
            assert!(fault.contains(reason) && !fault.contains("hunter2"), "{text}: {fault}");
        }
    }
}
