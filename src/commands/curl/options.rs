//! The options of curl: which of them take a value, and which can't go along with a token.
//!
//! The names are those of curl 8.16 and of every version before it. curl also takes an abbreviation of a name in some
//! versions: what is not in these lists is refused, because it may take the next argument as its value.

use std::os::unix::fs::FileTypeExt;

/// The options that take a value.
const WITH_VALUE: &str = "\
    abstract-unix-socket alt-svc aws-sigv4 cacert capath cert cert-type ciphers config connect-timeout \
    connect-to continue-at cookie cookie-jar create-file-mode crlfile curves data data-ascii data-binary \
    data-raw data-urlencode delegation dns-interface dns-ipv4-addr dns-ipv6-addr dns-servers doh-url \
    dump-header ech egd-file engine etag-compare etag-save expect100-timeout form form-string ftp-account \
    ftp-alternative-to-user ftp-method ftp-port ftp-ssl-ccc-mode happy-eyeballs-timeout-ms haproxy-clientip \
    header help hostpubmd5 hostpubsha256 hsts httpsig-algo httpsig-headers httpsig-key httpsig-keyid \
    interface ip-tos ipfs-gateway json keepalive-cnt keepalive-time key key-type knownhosts krb krb4 libcurl \
    limit-rate local-port login-options mail-auth mail-from mail-rcpt max-filesize max-redirs max-time \
    netrc-file noproxy oauth2-bearer output output-dir parallel-max parallel-max-host pass pinnedpubkey \
    preproxy proto proto-default proto-redir proxy proxy-cacert proxy-capath proxy-cert proxy-cert-type \
    proxy-ciphers proxy-crlfile proxy-header proxy-key proxy-key-type proxy-pass proxy-pinnedpubkey \
    proxy-service-name proxy-tls13-ciphers proxy-tlsauthtype proxy-tlspassword proxy-tlsuser proxy-user \
    proxy1.0 pubkey quote random-file range rate referer request request-target resolve retry retry-delay \
    retry-max-time sasl-authzid service-name sigalgs socks4 socks4a socks5 socks5-gssapi-service \
    socks5-hostname speed-limit speed-time ssl-sessions stderr telnet-option tftp-blksize time-cond tls-max \
    tls13-ciphers tlsauthtype tlspassword tlsuser trace trace-ascii trace-config unix-socket upload-file \
    upload-flags url url-query user user-agent variable vlan-priority write-out";

/// The options that take none; `--no-` before one of them turns it off.
const SWITCHES: &str = "\
    alpn anyauth append basic buffer ca-native cert-status clobber compressed compressed-ssh create-dirs crlf \
    digest disable disable-eprt disable-epsv disallow-username-in-url doh-cert-status doh-insecure \
    dump-ca-embed eprt epsv fail fail-early fail-with-body false-start follow form-escape ftp-create-dirs \
    ftp-pasv ftp-pret ftp-skip-pasv-ip ftp-ssl ftp-ssl-ccc ftp-ssl-control ftp-ssl-reqd get globoff \
    haproxy-protocol head http0.9 http1.0 http1.1 http2 http2-prior-knowledge http3 http3-only \
    ignore-content-length include insecure ipv4 ipv6 junk-session-cookies keepalive list-only location \
    location-trusted mail-rcpt-allowfails manual metalink mptcp negotiate netrc netrc-optional next npn ntlm \
    ntlm-wb out-null parallel parallel-immediate path-as-is post301 post302 post303 progress-bar \
    progress-meter proxy-anyauth proxy-basic proxy-ca-native proxy-digest proxy-http2 proxy-http3 \
    proxy-insecure proxy-negotiate proxy-ntlm proxy-ssl-allow-beast proxy-ssl-auto-client-cert proxy-tlsv1 \
    proxytunnel raw remote-header-name remote-name remote-name-all remote-time remove-on-error \
    retry-all-errors retry-connrefused sasl-ir sessionid show-error show-headers silent skip-existing \
    socks5-basic socks5-gssapi socks5-gssapi-nec ssl ssl-allow-beast ssl-auto-client-cert ssl-no-revoke \
    ssl-reqd ssl-revoke-best-effort sslv2 sslv3 styled-output suppress-connect-headers tcp-fastopen \
    tcp-nodelay test-duphandle test-event tftp-no-options tls-earlydata tlsv1 tlsv1.0 tlsv1.1 tlsv1.2 tlsv1.3 \
    tr-encoding trace-ids trace-time use-ascii verbose version wdebug xattr";

/// The options of one letter: the letter, then the name.
const LETTERS: &str = "\
    0http1.0 1tlsv1 2sslv2 3sslv3 4ipv4 6ipv6 #progress-bar :next Auser-agent Buse-ascii Ccontinue-at Ddump-header \
    Ecert Fform Gget Hheader Ihead Jremote-header-name Kconfig Llocation Mmanual Nbuffer Oremote-name Pftp-port Qquote \
    Rremote-time Sshow-error Tupload-file Uproxy-user Vversion Xrequest Yspeed-limit Zparallel aappend bcookie \
    ccookie-jar ddata ereferer ffail ggloboff hhelp ishow-headers jjunk-session-cookies kinsecure llist-only \
    mmax-time nnetrc ooutput pproxytunnel qdisable rrange ssilent ttelnet-option uuser vverbose wwrite-out xproxy \
    yspeed-time ztime-cond";

/// An option by its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CurlOption {
    pub name: &'static str,
    pub takes_value: bool,
}

impl CurlOption {
    /// The option of this full name.
    pub fn by_name(name: &str) -> Option<Self> {
        let find = |names: &'static str| names.split(' ').find(|known| *known == name);
        let switch = find(SWITCHES).map(|name| Self { name, takes_value: false });
        switch.or_else(|| find(WITH_VALUE).map(|name| Self { name, takes_value: true }))
    }

    /// The option of this letter.
    pub fn by_letter(letter: char) -> Option<Self> {
        LETTERS.split(' ').find_map(|row| row.strip_prefix(letter)).and_then(Self::by_name)
    }

    /// Why it can't be used beside a token.
    pub fn reason_against(self) -> Option<&'static str> {
        match self.name {
            "config" | "variable" => Some("it can set URLs and options that hallpass can't check"),
            "location-trusted" => Some("it sends the token to every host that a redirect names"),
            "metalink" => Some("it fetches URLs that a server names"),
            "libcurl" => Some("it writes the token into a file"),
            "anyauth" | "aws-sigv4" | "digest" | "negotiate" | "ntlm" | "ntlm-wb" | "oauth2-bearer" | "user" => {
                Some("hallpass sends the credential")
            }
            "help" | "manual" | "version" | "dump-ca-embed" => Some("it fetches nothing: run curl itself"),
            _ => None,
        }
    }

    /// Why a request with it can't be made twice.
    pub fn reason_against_repeat(self, value: &str, on: bool) -> Option<&'static str> {
        match self.name {
            "dump-header" => Some("hallpass reads the head of the response by it"),
            "continue-at" | "remote-header-name" | "skip-existing" if on => Some(NOT_REPLACED),
            "clobber" if !on => Some(NOT_REPLACED),
            _ if reads_stdin(self.name, value) || has_pipe(value) => {
                Some("stdin and pipes can't be read a second time")
            }
            _ => None,
        }
    }

    /// Whether it can lead the connection to another machine than the URL names.
    pub fn reroutes(self) -> bool {
        const NAMES: &str = "connect-to dns-interface dns-ipv4-addr dns-ipv6-addr dns-servers doh-url interface noproxy preproxy \
            proxy proxy1.0 resolve socks4 socks4a socks5 socks5-hostname";
        NAMES.split_whitespace().any(|name| name == self.name)
    }
}

const NOT_REPLACED: &str = "the second response would not replace the file of the first";

/// Whether a value names stdin, for an option that reads: `-`, `@-`, `name@-`, `name=@-;type=…`, `name=<-`.
fn reads_stdin(name: &str, value: &str) -> bool {
    let writes = matches!(name, "output" | "cookie-jar" | "stderr" | "trace" | "trace-ascii");
    let only = value == "-" && !writes || value == "." && name == "upload-file";
    only || value.ends_with("@-") || ["=@-", "=<-"].iter().any(|mark| value.contains(mark))
}

/// Whether a value names a pipe or a terminal, such as that of `<(…)`.
fn has_pipe(value: &str) -> bool {
    let is_pipe = |path: &str| {
        let kind = std::fs::metadata(path).map(|found| found.file_type());
        kind.is_ok_and(|kind| kind.is_fifo() || kind.is_char_device())
    };
    let ours = ["", "/dev/null", "/dev/stdout", "/dev/stderr"];
    value.split(['@', '<', '=', ';', ',']).any(|part| !ours.contains(&part) && is_pipe(part))
}

#[cfg(test)]
mod tests {
    use super::{CurlOption, LETTERS, SWITCHES, WITH_VALUE};

    #[test]
    fn every_letter_has_option_and_no_name_comes_twice() {
        for row in LETTERS.split(' ') {
            assert!(CurlOption::by_letter(row.chars().next().unwrap()).is_some(), "{row}");
        }
        let mut names: Vec<_> = WITH_VALUE.split(' ').chain(SWITCHES.split(' ')).collect();
        let all = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), all);
    }

    #[test]
    fn option_is_found_by_whole_name_only() {
        let output = CurlOption { name: "output", takes_value: true };
        assert_eq!([CurlOption::by_name("output"), CurlOption::by_letter('o')], [Some(output); 2]);
        let silent = CurlOption { name: "silent", takes_value: false };
        assert_eq!([CurlOption::by_name("silent"), CurlOption::by_letter('s')], [Some(silent); 2]);
        assert_eq!(["", "out", "outputs", "silent "].map(CurlOption::by_name), [None; 4]);
        assert_eq!([' ', 'W', '-', '\0'].map(CurlOption::by_letter), [None; 4]);
    }
}
