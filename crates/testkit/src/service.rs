//! A service that runs inside the test.

use std::{
    net::{SocketAddr, TcpListener},
    time::Duration,
};

use tonic::transport::{Channel, Endpoint};
use voxanne_clock::Clock;
use voxanne_runtime::Process;

/// An address that was free a moment ago.
pub fn free_addr() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0")
        .and_then(|listener| listener.local_addr())
        .expect("the loopback interface has a free port")
}

/// A service in this process; it stops when dropped.
#[derive(Debug)]
pub struct Running {
    pub process: Process,
    pub grpc: SocketAddr,
}

impl Running {
    /// A connection to its gRPC server.
    pub fn channel(&self) -> Channel {
        Endpoint::from_shared(format!("http://{}", self.grpc))
            .expect("an address makes a URI")
            .connect_timeout(Duration::from_secs(5))
            .connect_lazy()
    }

    /// Stops it as SIGTERM does and waits for its tasks.
    pub async fn stop(&self) {
        self.process.shutdown.cancel();
        self.process.tasks.close();
        self.process.tasks.wait().await;
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.process.shutdown.cancel();
    }
}

/// Starts `serve` with the configuration that `config` makes for a free gRPC address, and waits
/// until it answers.
pub async fn start<C, F>(
    service: &'static str,
    clock: Clock,
    config: impl FnOnce(SocketAddr) -> C,
    serve: fn(C, Process) -> F,
) -> Running
where
    F: Future<Output = anyhow::Result<()>> + Send + 'static,
{
    let process = Process::new(service).with_clock(clock);
    let grpc = free_addr();
    let serving = serve(config(grpc), process.clone());
    process
        .tasks
        .spawn(async move { serving.await.expect("the service serves") });
    crate::eventually("the service listens", || async {
        tokio::net::TcpStream::connect(grpc).await.is_ok()
    })
    .await;
    Running { process, grpc }
}
