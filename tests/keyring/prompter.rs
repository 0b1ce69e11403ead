//! A person at the dialog of gnome-keyring: what gcr's prompter says on the session bus, without a window.

#![allow(
    clippy::unused_self,
    clippy::needless_pass_by_value,
    clippy::used_underscore_binding,
    reason = "the macro of the bus wants its methods so"
)]

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use aws_lc_rs::cipher::{AES_128, DecryptionContext, PaddedBlockEncryptingKey, UnboundCipherKey};
use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use zbus::blocking::{Connection, connection};
use zbus::message::Header;
use zbus::object_server::ResponseDispatchNotifier;
use zbus::zvariant::{OwnedObjectPath, OwnedValue};

/// What the person does in the dialog.
#[derive(Clone, Copy)]
pub enum Person {
    Types(&'static str),
    Dismisses,
}

pub struct Prompter {
    asked: Arc<AtomicUsize>,
    _connection: Connection,
}

impl Prompter {
    pub fn start(address: &str, person: Person) -> Self {
        let asked = Arc::<AtomicUsize>::default();
        let dialog = Dialog { person, asked: Arc::clone(&asked) };
        let builder = connection::Builder::address(address).unwrap().serve_at("/org/gnome/keyring/Prompter", dialog);
        let connection = builder.unwrap().name("org.gnome.keyring.SystemPrompter").unwrap().build().unwrap();
        Self { asked, _connection: connection }
    }

    /// How often the dialog came up.
    pub fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }
}

struct Dialog {
    person: Person,
    asked: Arc<AtomicUsize>,
}

type Properties = HashMap<String, OwnedValue>;

#[zbus::interface(name = "org.gnome.keyring.internal.Prompter")]
impl Dialog {
    fn begin_prompting(
        &self,
        callback: OwnedObjectPath,
        #[zbus(header)] header: Header<'_>,
        #[zbus(connection)] connection: &zbus::Connection,
    ) -> ResponseDispatchNotifier<()> {
        let body = ("", Properties::new(), OUR_HALF.to_owned());
        call_back(connection, &header, callback, "PromptReady", body)
    }

    fn perform_prompt(
        &self,
        callback: OwnedObjectPath,
        _kind: String,
        _properties: Properties,
        exchange: String,
        #[zbus(header)] header: Header<'_>,
        #[zbus(connection)] connection: &zbus::Connection,
    ) -> ResponseDispatchNotifier<()> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        let (reply, exchange) = match self.person {
            Person::Types(password) => ("yes", seal(&exchange, password)),
            Person::Dismisses => ("no", OUR_HALF.to_owned()),
        };
        call_back(connection, &header, callback, "PromptReady", (reply, Properties::new(), exchange))
    }

    fn stop_prompting(
        &self,
        callback: OwnedObjectPath,
        #[zbus(header)] header: Header<'_>,
        #[zbus(connection)] connection: &zbus::Connection,
    ) -> ResponseDispatchNotifier<()> {
        call_back(connection, &header, callback, "PromptDone", ())
    }
}

/// Calls the daemon back as soon as it has its answer: it would not expect it before.
fn call_back<B>(
    connection: &zbus::Connection,
    header: &Header<'_>,
    path: OwnedObjectPath,
    method: &'static str,
    body: B,
) -> ResponseDispatchNotifier<()>
where
    B: serde::Serialize + zbus::zvariant::DynamicType + Send + Sync + 'static,
{
    let (connection, daemon) = (connection.clone(), header.sender().unwrap().to_owned());
    let (answer, sent) = ResponseDispatchNotifier::new(());
    let executor = connection.executor().clone();
    let call = async move {
        sent.await;
        let interface = "org.gnome.keyring.internal.Prompter.Callback";
        connection.call_method(Some(daemon), path, Some(interface), method, &body).await.unwrap();
    };
    executor.spawn(call, "callback").detach();
    answer
}

/// Our part of the key agreement (GcrSecretExchange): the private key is 1, so the public one is the generator, and the
/// shared secret is the daemon's public key.
const OUR_HALF: &str = "[sx-aes-1]\npublic=Ag==\n";

/// The password as the daemon reads it: AES-128-CBC under a key of HKDF-SHA256.
fn seal(exchange: &str, password: &str) -> String {
    let public = exchange.lines().find_map(|line| line.strip_prefix("public=")).expect("the daemon's public key");
    let public = STANDARD.decode(public).unwrap();
    // The group has 1536 bits.
    let secret = [vec![0; 192 - public.len()], public].concat();
    let hash = |key: &[u8], text: &[u8]| hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), text);
    let key = hash(hash(&[0; 32], &secret).as_ref(), &[1]);
    let key = UnboundCipherKey::new(&AES_128, &key.as_ref()[..16]).unwrap();
    let mut sealed = password.as_bytes().to_vec();
    let context = PaddedBlockEncryptingKey::cbc_pkcs7(key).unwrap().encrypt(&mut sealed).unwrap();
    let DecryptionContext::Iv128(iv) = context else { unreachable!("CBC has an initialization vector") };
    format!("{OUR_HALF}secret={}\niv={}\n", STANDARD.encode(sealed), STANDARD.encode(iv.as_ref()))
}
