//! Threads that do nothing but hash passwords, and the queue in front of them.
//!
//! A hash takes 19 MiB and tens of milliseconds by design. On threads of their own, one fewer than
//! there are processors and behind others in the system's turn, a flood of sign-ins slows other
//! sign-ins and nothing else; and what memory it takes is threads times 19 MiB, since an allocator keeps a freed
//! hash's memory with its thread.
//!
//! Invariant: no more than [`MAX_WAITING`] hashes wait; the rest is told to come back.

use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::Context as _;
use tokio::sync::oneshot;

use crate::error::{Error, Result};

const MAX_WAITING: usize = 64;
/// Seconds until somebody who found the queue full may come back: half the queue is done by then.
const COME_BACK: u32 = 2;

type Work = Box<dyn FnOnce() + Send>;

/// The threads. Cheap to clone; they end with the last clone.
#[derive(Clone)]
pub(super) struct HashingThreads(SyncSender<Work>);

impl HashingThreads {
    /// Starts one thread fewer than there are processors, at least one.
    pub(super) fn start() -> anyhow::Result<Self> {
        let processors = std::thread::available_parallelism().map_or(1, usize::from);
        let (sender, receiver) = sync_channel(MAX_WAITING);
        let receiver = Arc::new(Mutex::new(receiver));
        for _ in 1..processors.max(2) {
            let receiver = Arc::clone(&receiver);
            std::thread::Builder::new()
                .name("hash-passwords".to_owned())
                .spawn(move || work_off(&receiver))
                .context("no thread can be started")?;
        }
        Ok(Self(sender))
    }

    /// Runs `work` in turn. Nobody waiting any more, it is not done at all.
    ///
    /// # Errors
    ///
    /// `Unavailable` when too many wait already.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T> {
        let (sender, receiver) = oneshot::channel();
        let work = move || {
            if !sender.is_closed() {
                // Nobody to tell: the request was given up meanwhile.
                let _ = sender.send(work());
            }
        };
        self.0
            .try_send(Box::new(work))
            .map_err(|_| Error::Unavailable { retry_after: COME_BACK })?;
        receiver.await.map_err(|_| Error::Internal(anyhow::anyhow!("hashing a password panicked")))
    }
}

fn work_off(receiver: &Mutex<Receiver<Work>>) {
    go_after_others();
    loop {
        let next = receiver.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(work) = next else { return };
        // Its caller hears of a panic by the dropped answer; the thread is needed on.
        let _ = std::panic::catch_unwind(std::panic::AssertUnwindSafe(work));
    }
}

/// Lets other threads go first, three times of four: last of all would mean never on a machine that is
/// busy. On Linux a priority is a thread's; elsewhere it would be the whole process's.
fn go_after_others() {
    #[cfg(target_os = "linux")]
    if let Err(error) = rustix::process::nice(5) {
        tracing::debug!(%error, "passwords are hashed at the usual priority");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Occupies every thread until the sender is dropped.
    fn occupy(threads: &HashingThreads) -> std::sync::mpsc::Sender<()> {
        let processors = std::thread::available_parallelism().map_or(1, usize::from);
        let (release, released) = std::sync::mpsc::channel::<()>();
        let released = Arc::new(Mutex::new(released));
        let (began, all_began) = std::sync::mpsc::channel();
        for _ in 1..processors.max(2) {
            let (released, began) = (Arc::clone(&released), began.clone());
            let wait = move || {
                began.send(()).unwrap();
                let _ = released.lock().unwrap().recv();
            };
            threads.0.send(Box::new(wait)).unwrap();
            all_began.recv().unwrap();
        }
        release
    }

    #[tokio::test]
    async fn too_long_a_queue_sends_people_away() {
        let threads = HashingThreads::start().unwrap();
        let release = occupy(&threads);
        for _ in 0..MAX_WAITING {
            threads.0.try_send(Box::new(|| {})).unwrap();
        }
        let refused = threads.run(|| 1).await.unwrap_err();
        assert!(matches!(refused, Error::Unavailable { retry_after: COME_BACK }));
        drop(release);
        // As many as ran at once are asked for until the queue has moved.
        while threads.run(|| 1).await.is_err() {
            tokio::task::yield_now().await;
        }
    }

    #[tokio::test]
    async fn what_nobody_waits_for_is_not_done() {
        let threads = HashingThreads::start().unwrap();
        let release = occupy(&threads);
        let (done, was_done) = std::sync::mpsc::channel();
        let given_up = threads.run(move || done.send(()));
        assert!(futures_util::FutureExt::now_or_never(given_up).is_none());
        drop(release);
        assert_eq!(threads.run(|| 1).await.unwrap(), 1);
        assert!(was_done.recv().is_err());
    }

    #[tokio::test]
    async fn a_panic_costs_its_caller_alone() {
        let threads = HashingThreads::start().unwrap();
        for _ in 0..3 {
            let panicked = threads.run(|| panic!("on purpose")).await.unwrap_err();
            assert!(matches!(panicked, Error::Internal(_)));
        }
        assert_eq!(threads.run(|| 1).await.unwrap(), 1);
    }
}
