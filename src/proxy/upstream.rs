//! Connections to the one origin, kept for the next request.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::Poll;
use std::time::{Duration, Instant};

use tokio::io::{ReadHalf, WriteHalf, split};

use crate::http::wire::Reader;
use crate::http::{Connector, Fault, Stream};

/// How long a connection is kept for a request that may be repeated if the upstream has just closed it, and for others.
const IDLE: (Duration, Duration) = (Duration::from_secs(10), Duration::from_secs(1));
/// The most connections that are kept.
const KEPT: usize = 256;

pub struct Connection {
    pub reader: Reader<ReadHalf<Stream>>,
    pub writer: WriteHalf<Stream>,
    /// Whether an earlier request went over it.
    pub is_reused: bool,
}

pub struct Upstream {
    pub connector: Connector,
    idle: Mutex<Vec<(Instant, Connection)>>,
}

impl Upstream {
    pub fn new(connector: Connector) -> Self {
        Self { connector, idle: Mutex::default() }
    }

    /// A connection for a request: a kept one that is still open, else a new one.
    pub async fn connect(&self, may_repeat: bool) -> Result<Connection, Fault> {
        let longest = if may_repeat { IDLE.0 } else { IDLE.1 };
        loop {
            let newest = self.idle().pop_if(|(since, _)| since.elapsed() < longest);
            let Some((_, mut kept)) = newest else { return self.open_new().await };
            if is_quiet(&mut kept).await {
                return Ok(kept);
            }
        }
    }

    pub async fn open_new(&self) -> Result<Connection, Fault> {
        let (read, writer) = split(self.connector.connect().await?);
        Ok(Connection { reader: Reader::new(read), writer, is_reused: false })
    }

    /// Keeps a connection whose last exchange is complete. One that says more than was asked is not used again.
    pub fn keep(&self, connection: Connection) {
        if connection.reader.buffered().is_empty() {
            let mut idle = self.idle();
            if idle.len() < KEPT {
                idle.push((Instant::now(), Connection { is_reused: true, ..connection }));
            }
        }
    }

    /// Closes what was kept for too long, now and then.
    pub async fn close_idle(&self) {
        loop {
            tokio::time::sleep(IDLE.0 / 2).await;
            self.idle().retain(|(since, _)| since.elapsed() < IDLE.0);
        }
    }

    fn idle(&self) -> MutexGuard<'_, Vec<(Instant, Connection)>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether nothing has come on a connection, not even its end.
async fn is_quiet(connection: &mut Connection) -> bool {
    let mut more = pin!(connection.reader.fill());
    poll_fn(|cx| Poll::Ready(more.as_mut().poll(cx).is_pending())).await
}
