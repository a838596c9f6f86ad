//! A service that runs inside the test.

use std::{
    net::{SocketAddr, TcpListener, UdpSocket},
    sync::{Mutex, PoisonError},
    time::Duration,
};

use tonic::transport::{Channel, Endpoint};
use uuid::Uuid;
use voxanne_clock::Clock;
use voxanne_runtime::Process;

/// Ports that the system does not give to outgoing connections by itself.
const PORTS: std::ops::Range<u16> = 20_000..32_000;

/// A free address that no other test process is given while this one lives.
///
/// The UDP port of the same number stands for it: only one process can hold that, it is given back
/// when the process ends however it ends, and nothing is left on disk.
pub fn free_addr() -> SocketAddr {
    static TAKEN: Mutex<Vec<UdpSocket>> = Mutex::new(Vec::new());
    loop {
        let port = PORTS.start + Uuid::new_v4().as_fields().1 % PORTS.end.abs_diff(PORTS.start);
        let addr = SocketAddr::from(([127, 0, 0, 1], port));
        if let Ok(held) = UdpSocket::bind(addr)
            && TcpListener::bind(addr).is_ok()
        {
            // Held until this process ends, whatever becomes of the TCP port.
            TAKEN
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .push(held);
            return addr;
        }
    }
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
