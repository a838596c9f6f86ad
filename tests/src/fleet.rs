//! Every service, the gateway and the sandbox, started as `cargo xtask up` starts them.

mod settings;

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    fs,
    net::SocketAddr,
    path::PathBuf,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use reqwest::{Client, Method, StatusCode};
use serde_json::Value;
use voxanne_testkit::{Database, eventually, free_addr};

use self::settings::OPERATOR_TOKEN;
pub use self::settings::{KEY, VAPI_SECRET};
use crate::{process::Process, redis::Redis};

/// The services behind the gateway.
pub const SERVICES: [&str; 5] = [
    "identity",
    "booking",
    "notification",
    "voice-tooling",
    "realtime",
];

/// A running fleet; dropping it ends every process.
#[derive(Debug)]
pub struct Fleet {
    pub database: Database,
    pub http: Client,
    pub gateway: SocketAddr,
    pub sandbox: SocketAddr,
    smtp: SocketAddr,
    grpc: BTreeMap<&'static str, SocketAddr>,
    admin: BTreeMap<&'static str, SocketAddr>,
    processes: Mutex<BTreeMap<&'static str, Process>>,
    redis: Mutex<Redis>,
    folder: PathBuf,
    filter: &'static str,
    collector: Option<SocketAddr>,
}

impl Fleet {
    /// Starts everything and waits until everything is ready.
    pub async fn start() -> Self {
        Self::start_logging("info").await
    }

    /// Starts everything with logs that `filter` lets through.
    pub async fn start_logging(filter: &'static str) -> Self {
        Self::start_with(filter, None).await
    }

    /// The same, with every process sending its traces to `collector`.
    pub async fn start_observed(filter: &'static str, collector: SocketAddr) -> Self {
        Self::start_with(filter, Some(collector)).await
    }

    async fn start_with(filter: &'static str, collector: Option<SocketAddr>) -> Self {
        // A second installation means that it is there already.
        drop(rustls::crypto::aws_lc_rs::default_provider().install_default());
        let folder = std::env::temp_dir().join(format!("voxanne-{}", uuid::Uuid::new_v4()));
        fs::create_dir_all(&folder).expect("the temporary folder can be written to");
        let fleet = Self {
            database: Database::fresh().await,
            http: Client::builder()
                .timeout(Duration::from_secs(30))
                .build()
                .expect("plain settings make a client"),
            gateway: free_addr(),
            sandbox: free_addr(),
            smtp: free_addr(),
            grpc: addresses(&SERVICES),
            admin: addresses(&[
                "gateway",
                "identity",
                "booking",
                "notification",
                "voice-tooling",
                "realtime",
            ]),
            processes: Mutex::default(),
            redis: Mutex::new(Redis::start(
                from_runner("VOXANNE_REDIS_SERVER"),
                free_addr(),
                &folder,
            )),
            folder,
            filter,
            collector,
        };
        for name in ["sandbox"].into_iter().chain(SERVICES) {
            fleet.launch(name);
        }
        // A gateway that finds identity at once is ready at once.
        open(fleet.grpc["identity"]).await;
        fleet.launch("gateway");
        fleet.ready().await;
        fleet
    }

    /// Waits until every process answers and the gateway reaches what it needs.
    pub async fn ready(&self) {
        for (name, addr) in &self.admin {
            let url = format!("http://{addr}/readyz");
            eventually(&format!("{name} is ready"), || async {
                matches!(self.http.get(&url).send().await, Ok(answer) if answer.status().is_success())
            })
            .await;
        }
        for addr in self.grpc.values().chain([&self.sandbox, &self.gateway]) {
            open(*addr).await;
        }
    }

    /// SIGKILL to one process.
    pub fn kill(&self, name: &str) {
        self.process(name, Process::kill);
    }

    /// SIGTERM to one process; gives the code it exits with.
    pub fn terminate(&self, name: &str) -> Option<i32> {
        self.process(name, Process::terminate)
    }

    /// Starts a killed process again, as a supervisor does.
    pub fn revive(&self, name: &str) {
        self.process(name, Process::start);
    }

    fn process<T>(&self, name: &str, act: impl FnOnce(&mut Process) -> T) -> T {
        let mut processes = held(&self.processes);
        act(processes.get_mut(name).expect("a process of the fleet"))
    }

    pub fn stop_redis(&self) {
        held(&self.redis).stop();
    }

    pub fn start_redis(&self) {
        held(&self.redis).resume();
    }

    /// The fleet's own Redis.
    pub fn redis_url(&self) -> String {
        held(&self.redis).url()
    }

    /// The gRPC address of a service.
    pub fn grpc(&self, service: &str) -> SocketAddr {
        self.grpc[service]
    }

    /// The admin address of a process.
    pub fn admin(&self, name: &str) -> SocketAddr {
        self.admin[name]
    }

    pub const fn operator_token(&self) -> &'static str {
        OPERATOR_TOKEN
    }

    /// Everything that every process has written to its log so far.
    pub fn logs(&self) -> String {
        let mut all = String::new();
        for (name, process) in held(&self.processes).iter() {
            let text = fs::read_to_string(process.log()).unwrap_or_default();
            writeln!(all, "=== {name}\n{text}").expect("a string takes any text");
        }
        all
    }

    /// Calls the gateway with a JSON body, or none for `Value::Null`.
    pub async fn call(
        &self,
        method: Method,
        path: &str,
        token: &str,
        body: Value,
    ) -> (StatusCode, Value) {
        let mut request = self
            .http
            .request(method, format!("http://{}{path}", self.gateway))
            .bearer_auth(token);
        if !body.is_null() {
            request = request.json(&body);
        }
        answer(request)
            .await
            .unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    /// Calls the sandbox's control surface.
    pub async fn sandbox(&self, method: Method, path: &str, body: Value) -> (StatusCode, Value) {
        let mut request = self
            .http
            .request(method, format!("http://{}/_sandbox{path}", self.sandbox));
        if !body.is_null() {
            request = request.json(&body);
        }
        answer(request)
            .await
            .unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    fn launch(&self, name: &'static str) {
        let log = self.folder.join(format!("{name}.log"));
        let mut process = Process::new(binary(name), self.env(name), log);
        process.start();
        held(&self.processes).insert(name, process);
    }
}

impl Drop for Fleet {
    fn drop(&mut self) {
        if std::thread::panicking() {
            // What the processes said is the best account of why a test failed.
            let logs = self.logs();
            let tail: Vec<&str> = logs
                .lines()
                .filter(|line| !line.contains("\"level\":\"INFO\""))
                .collect();
            eprintln!("{}", tail[tail.len().saturating_sub(60)..].join("\n"));
        }
        held(&self.processes).clear();
        held(&self.redis).stop();
        // A folder that stays behind in the temporary folder harms nobody.
        drop(fs::remove_dir_all(&self.folder));
    }
}

pub(crate) async fn answer(
    request: reqwest::RequestBuilder,
) -> Result<(StatusCode, Value), reqwest::Error> {
    let answer = request.send().await?;
    let status = answer.status();
    let text = answer.text().await?;
    Ok((
        status,
        serde_json::from_str(&text).unwrap_or(Value::String(text)),
    ))
}

/// Where the runner built the binary called `name`.
pub fn binary(name: &str) -> PathBuf {
    PathBuf::from(from_runner("VOXANNE_BIN_DIR")).join(name)
}

/// A test that failed while it held the lock must still end its processes.
fn held<T>(lock: &Mutex<T>) -> MutexGuard<'_, T> {
    lock.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn open(addr: SocketAddr) {
    eventually("every port is open", || async {
        tokio::net::TcpStream::connect(addr).await.is_ok()
    })
    .await;
}

fn addresses(names: &[&'static str]) -> BTreeMap<&'static str, SocketAddr> {
    names.iter().map(|name| (*name, free_addr())).collect()
}

#[expect(
    clippy::disallowed_methods,
    reason = "tests are configured by their runner"
)]
fn from_runner(name: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| panic!("{name} is not set: run `cargo xtask test`"))
}
