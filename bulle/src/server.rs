//! A centre that listens.

use std::net::SocketAddr;

use anyhow::Context;
use tokio::{net::TcpListener, sync::oneshot, task::JoinHandle};
use workflows::{Centre, Clock, Config};

/// A centre that listens until it is stopped.
pub struct Running {
    /// The centre.
    pub centre: Centre,
    /// Where it listens.
    pub address: SocketAddr,
    stop: oneshot::Sender<()>,
    server: JoinHandle<std::io::Result<()>>,
}

impl Running {
    /// Opens the centre and listens; the port 0 takes a free one. Answers as soon as it returns.
    pub async fn start(config: Config, clock: Clock) -> anyhow::Result<Self> {
        let listen = config.listen.clone();
        let centre = Centre::open(config, clock).await.context("cannot open the centre")?;
        let listener = TcpListener::bind(&listen)
            .await
            .with_context(|| format!("cannot listen on {listen}"))?;
        let address = listener.local_addr()?;
        let (stop, stopped) = oneshot::channel();
        let routes = portal::router(centre.clone());
        let service = routes.into_make_service_with_connect_info::<SocketAddr>();
        let server = axum::serve(listener, service).with_graceful_shutdown(async move {
            let _ = stopped.await; // a dropped sender stops the server too
        });
        let server = tokio::spawn(async move { server.await });
        Ok(Self { centre, address, stop, server })
    }

    /// Stops listening, once the requests under way are answered.
    pub async fn stop(self) -> anyhow::Result<()> {
        workflows::settings::session::end_all(&self.centre).await;
        let _ = self.stop.send(());
        Ok(self.server.await??)
    }
}
