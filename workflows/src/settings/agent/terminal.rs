//! One terminal: the bubble's frames on one side, the server's connection on the other, bytes as
//! they are. What they mean is the server's to say: it filters and records.

use std::sync::{Arc, PoisonError};

use domain::SessionId;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, copy},
    net::UnixStream,
    process::{ChildStderr, ChildStdin, ChildStdout},
    sync::{Notify, watch},
    task::spawn_blocking,
};

use crate::failure::causes;

use super::{
    Agent, Refused, Running,
    protocol::{self, Answer, Order},
    refuse, spaces,
};

/// Opens the terminal and relays it until the bubble ends, the server leaves or the session is cut.
/// Every process of the bubble has ended when this returns.
pub(super) async fn run(
    agent: &Arc<Agent>,
    mut stream: UnixStream,
    order: Order,
    session: SessionId,
    size: (u16, u16),
) {
    let opener = agent.clone();
    let number = order.bubble;
    let opened = spawn_blocking(move || {
        let launch = spaces::launch(&opener.config, opener.image()?, &order)?;
        let failed = |error| Refused::because("starts")(&error);
        sandbox::terminal::open(&launch, size.0, size.1).map_err(failed)
    });
    let terminal = match opened.await.unwrap_or_else(|e| Err(Refused::because("internal")(&e))) {
        Ok(terminal) => terminal,
        Err(refused) => {
            let _ = protocol::send(&mut stream, &refuse(refused)).await; // the server may have left
            return;
        }
    };
    let end = Arc::new(Notify::new());
    let (alive, over) = watch::channel(());
    let lock = || agent.running.lock().unwrap_or_else(PoisonError::into_inner);
    lock().insert(session, Running { bubble: number, end: end.clone(), over });
    let sandbox::terminal::Terminal { input, output, messages, bubble } = terminal;
    let streams = (|| {
        Ok::<_, std::io::Error>((
            ChildStdin::from_std(input)?,
            ChildStdout::from_std(output)?,
            ChildStderr::from_std(messages)?,
        ))
    })();
    match streams {
        Ok((input, output, messages)) => {
            let watch = tokio::spawn(drain(messages));
            if protocol::send(&mut stream, &Answer::Opened).await.is_ok() {
                let seen = relay(stream, input, output, &end).await;
                // A bubble that never said a word did not start, and nobody was inside: what it
                // wrote is bwrap's. Otherwise its messages are the researcher's, and not logged.
                if seen == 0
                    && let Ok(message) = watch.await
                {
                    tracing::warn!(%session, message, "a terminal ended before it began");
                }
            }
        }
        Err(error) => {
            let refused = Refused { code: "starts", message: causes(&error) };
            let _ = protocol::send(&mut stream, &refuse(refused)).await;
        }
    }
    // Dropping it ends every process; that waits for the kernel, so not on this thread.
    let _ = spawn_blocking(move || drop(bubble)).await;
    lock().remove(&session);
    drop(alive); // whoever asked for the end now knows that it has come
}

/// Copies both ways until one side ends. Returns how many bytes the bubble sent.
async fn relay(
    stream: UnixStream,
    mut input: ChildStdin,
    mut output: ChildStdout,
    end: &Notify,
) -> u64 {
    let (mut from, mut to) = stream.into_split();
    let mut sent = 0;
    let outwards = async {
        let mut buffer = vec![0; 1 << 16];
        while let Ok(count @ 1..) = output.read(&mut buffer).await {
            sent += count as u64;
            if to.write_all(&buffer[..count]).await.is_err() {
                break;
            }
        }
    };
    let inwards = async {
        let _ = copy(&mut from, &mut input).await;
    };
    tokio::select! {
        () = outwards => {}
        () = inwards => {}
        () = end.notified() => {}
    }
    let _ = to.shutdown().await;
    sent
}

/// Reads messages so that the pipe never fills; keeps the first 4 KiB.
async fn drain(mut messages: ChildStderr) -> String {
    let (mut kept, mut buffer) = (Vec::new(), [0; 4096]);
    while let Ok(count @ 1..) = messages.read(&mut buffer).await {
        let room = 4096_usize.saturating_sub(kept.len());
        kept.extend_from_slice(&buffer[..count.min(room)]);
    }
    String::from_utf8_lossy(&kept).trim().to_owned()
}
