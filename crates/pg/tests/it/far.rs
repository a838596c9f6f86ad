//! A database that is far away, so that a cancel hits every stage of a statement.

use std::time::Duration;

use secrecy::{ExposeSecret as _, SecretString};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{
        TcpListener, TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
};
use tokio_util::task::TaskTracker;
use url::Url;

/// The same database behind a wire that takes `delay` each way.
pub(crate) async fn far_away(url: &SecretString, delay: Duration) -> SecretString {
    let mut url: Url = url.expose_secret().parse().unwrap();
    let near = (url.host_str().unwrap().to_owned(), url.port().unwrap());
    let proxy = TcpListener::bind("127.0.0.1:0").await.unwrap();
    url.set_port(Some(proxy.local_addr().unwrap().port()))
        .unwrap();
    let tasks = TaskTracker::new();
    tasks.clone().spawn(async move {
        while let Ok((client, _)) = proxy.accept().await {
            let server = TcpStream::connect(&near).await.unwrap();
            let (from_client, to_client) = client.into_split();
            let (from_server, to_server) = server.into_split();
            tasks.spawn(carry(from_client, to_server, delay));
            tasks.spawn(carry(from_server, to_client, delay));
        }
    });
    url.to_string().into()
}

async fn carry(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, delay: Duration) {
    let mut buffer = vec![0; 16 * 1024];
    while let Ok(read @ 1..) = from.read(&mut buffer).await {
        tokio::time::sleep(delay).await;
        if to.write_all(&buffer[..read]).await.is_err() {
            return;
        }
    }
}
