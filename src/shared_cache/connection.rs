//! One connection to the engine, and how it is spoken with. The protocol (RESP) is that of the crate `redis`.

use redis::{Cmd, Value, cmd, parse_redis_value_async};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use crate::http::{Dialer, Stream, connect_to_socket};
use crate::secret::Secret;

use super::address::{Address, Place};
use super::fault::Fault;

/// The largest answer that is read: two entries of 256 KiB and what is around them.
const LIMIT: u64 = 1024 * 1024;

/// How connections are made.
#[derive(Clone)]
pub struct Way {
    pub address: Address,
    /// For an engine behind a host and port.
    pub dialer: Option<Dialer>,
    pub password: Option<Secret>,
}

pub struct Connection(Stream);

impl Connection {
    /// A connection that has said who it is and which database it means.
    pub async fn open(way: &Way) -> Result<Self, Fault> {
        let stream = match (&way.address.place, &way.dialer) {
            (Place::Socket(path), _) => connect_to_socket(path).await,
            (Place::Host { .. }, Some(dialer)) => dialer.connect().await,
            (Place::Host { .. }, None) => Err("there is no way to it".to_owned()),
        };
        let mut connection = Self(stream.map_err(Fault::NoConnection)?);
        if let Some(password) = &way.password {
            connection.authenticate(cmd("AUTH").arg(way.address.user.as_deref()).arg(password.expose())).await?;
        } else if let Some(user) = &way.address.user {
            // One that needs none.
            connection.authenticate(cmd("AUTH").arg(user).arg("")).await?;
        }
        if way.address.database != 0 {
            connection.call(cmd("SELECT").arg(way.address.database)).await?;
        }
        Ok(connection)
    }

    /// Sends AUTH, whose refusal is reported by its code alone: the rest might repeat a password.
    async fn authenticate(&mut self, command: &Cmd) -> Result<(), Fault> {
        match self.exchange(command).await? {
            Value::ServerError(error) if error.code() == "ERR" => {
                Err(Fault::refused("ERR to AUTH, probably because it has no password"))
            }
            Value::ServerError(error) => Err(Fault::refused(error.code())),
            _ => Ok(()),
        }
    }

    /// The answer to one command; an error of the engine is a fault.
    pub async fn call(&mut self, command: &Cmd) -> Result<Value, Fault> {
        match self.exchange(command).await? {
            Value::ServerError(error) => {
                Err(Fault::refused(&format!("{} {}", error.code(), error.details().unwrap_or_default())))
            }
            value => Ok(value),
        }
    }

    async fn exchange(&mut self, command: &Cmd) -> Result<Value, Fault> {
        let lost = |error: std::io::Error| Fault::NoConnection(format!("the connection was lost ({})", error.kind()));
        self.0.write_all(&command.get_packed_command()).await.map_err(lost)?;
        self.0.flush().await.map_err(lost)?;
        #[expect(clippy::default_trait_access, reason = "its type is of a crate below")]
        let mut decoder = Default::default();
        let mut answer = (&mut self.0).take(LIMIT);
        match parse_redis_value_async(&mut decoder, &mut answer).await {
            Ok(value) => Ok(value),
            Err(_) if answer.limit() == 0 => Err(Fault::Forged("an entry of it is too large")),
            Err(error) if error.is_io_error() => Err(Fault::NoConnection("the connection was lost".to_owned())),
            Err(_) => Err(Fault::Protocol),
        }
    }
}
