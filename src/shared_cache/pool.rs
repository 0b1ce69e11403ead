//! Connections to the engine: kept for a while, and only so many at once, however many questions a gate has.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use redis::{Cmd, Value};
use tokio::sync::Semaphore;

use crate::secret::Secret;

use super::connection::{Connection, Way};
use super::fault::Fault;

/// The most connections.
const MOST: usize = 32;
/// How long one is kept: what lies between may drop it without a word.
const IDLE: Duration = Duration::from_secs(5);

pub struct Pool {
    way: Way,
    idle: Mutex<Vec<(Connection, Instant)>>,
    turns: Semaphore,
}

impl Pool {
    pub fn new(way: Way) -> Self {
        Self { way, idle: Mutex::default(), turns: Semaphore::new(MOST) }
    }

    pub fn password(&self) -> Option<&Secret> {
        self.way.password.as_ref()
    }

    /// The answer to a command, once a connection may be used for it.
    pub async fn send(self: Arc<Self>, command: Cmd) -> Result<Value, Fault> {
        let _turn = self.turns.acquire().await;
        // A kept connection may have gone stale; what an engine refuses is not sent again.
        if let Some(mut connection) = self.take_idle() {
            match connection.call(&command).await {
                Err(Fault::NoConnection(_)) => {}
                answer => return self.keep(connection, answer),
            }
        }
        let mut connection = Connection::open(&self.way).await?;
        let answer = connection.call(&command).await;
        self.keep(connection, answer)
    }

    fn take_idle(&self) -> Option<Connection> {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        idle.retain(|(_, since)| since.elapsed() < IDLE);
        idle.pop().map(|(connection, _)| connection)
    }

    fn keep(&self, connection: Connection, answer: Result<Value, Fault>) -> Result<Value, Fault> {
        if answer.is_ok() {
            self.idle.lock().unwrap_or_else(PoisonError::into_inner).push((connection, Instant::now()));
        }
        answer
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use redis::cmd;
    use tokio::net::UnixListener;
    use tokio::time::timeout;

    use super::{MOST, Pool, Way};

    #[test]
    fn only_so_many_connections_are_open_at_once() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("socket");
        let address = format!("redis+unix://{}", path.display()).parse().unwrap();
        let pool = Arc::new(Pool::new(Way { address, dialer: None, password: None }));
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let listener = UnixListener::bind(&path).unwrap();
            let sends: Vec<_> = (0..3 * MOST).map(|_| tokio::spawn(Arc::clone(&pool).send(cmd("PING")))).collect();
            // It answers nobody.
            let mut open = Vec::new();
            while let Ok(Ok(accepted)) = timeout(Duration::from_millis(200), listener.accept()).await {
                open.push(accepted);
            }
            assert_eq!(open.len(), MOST);
            sends.iter().take(2).for_each(tokio::task::JoinHandle::abort);
            for _ in 0..2 {
                open.push(timeout(Duration::from_secs(60), listener.accept()).await.unwrap().unwrap());
            }
        });
    }
}
