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
                body.push_str(line);
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
    found.ok_or(other.unwrap_or(Fault::Key("it contains no private key, neither PEM nor JWK")))
}

#[cfg(test)]
mod tests {
    use super::{Fault, Form, private_key};

    fn block(label: &str) -> String {
        format!("-----BEGIN {label}-----\nAQ\n==\n-----END {label}-----\n")
    }

    #[test]
    fn the_private_key_is_found_among_others() {
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
    fn an_encrypted_key_is_told() {
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
            ("-----BEGIN PRIVATE KEY-----\nhunter2".to_owned(), "does not end"),
            ("-----BEGIN PRIVATE KEY-----\nAQ==\n-----END RSA PRIVATE KEY-----".to_owned(), "does not end"),
            ("-----BEGIN PRIVATE KEY-----\nhunter2!\n-----END PRIVATE KEY-----".to_owned(), "not base64"),
        ] {
            let fault = private_key(&text).unwrap_err().to_string();
            assert!(fault.contains(reason) && !fault.contains("hunter2"), "{text}: {fault}");
        }
    }
}
