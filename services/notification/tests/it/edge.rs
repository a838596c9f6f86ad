//! The gateway's part in a callback: it knows the clinic by its account and hands the words on.

use std::{
    collections::HashMap,
    net::SocketAddr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
};

use axum::{
    Form, Router,
    extract::{Query, State},
    http::StatusCode,
    routing::post,
};
use tokio::net::TcpListener;
use tokio_util::task::TaskTracker;
use voxanne_clock::Clock;
use voxanne_proto::notification::v1::{
    RecordStatusRequest, notification_service_client::NotificationServiceClient,
};
use voxanne_tenant::{Outbound, Tenant};
use voxanne_testkit::keys;

#[derive(Clone, Default)]
pub(crate) struct Edge {
    accounts: Arc<Mutex<HashMap<String, Tenant>>>,
    service: Arc<Mutex<Option<SocketAddr>>>,
    deaf: Arc<AtomicBool>,
}

impl Edge {
    /// Listens for Twilio's callbacks and answers with its address.
    pub(crate) async fn start(&self) -> String {
        let app = Router::new()
            .route("/api/webhooks/sms-status", post(callback))
            .with_state(self.clone());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        TaskTracker::new().spawn(async move { axum::serve(listener, app).await.unwrap() });
        url
    }

    pub(crate) fn knows(&self, account: &str, tenant: &Tenant) {
        let mut accounts = self.accounts.lock().unwrap();
        accounts.insert(account.to_owned(), tenant.clone());
    }

    pub(crate) fn leads_to(&self, service: SocketAddr) {
        *self.service.lock().unwrap() = Some(service);
    }

    /// From here on callbacks are lost.
    pub(crate) fn goes_deaf(&self) {
        self.deaf.store(true, Ordering::SeqCst);
    }
}

async fn callback(
    State(edge): State<Edge>,
    Query(query): Query<HashMap<String, String>>,
    Form(form): Form<HashMap<String, String>>,
) -> StatusCode {
    if edge.deaf.load(Ordering::SeqCst) {
        return StatusCode::SERVICE_UNAVAILABLE;
    }
    let tenant = edge.accounts.lock().unwrap()[&form["AccountSid"]].clone();
    let service = edge.service.lock().unwrap().expect("the service runs");
    let connected = NotificationServiceClient::connect(format!("http://{service}")).await;
    let Ok(mut client) = connected else {
        return StatusCode::SERVICE_UNAVAILABLE;
    };
    let error_code = form.get("ErrorCode").and_then(|code| code.parse().ok());
    let told = RecordStatusRequest {
        message_id: query["mid"].clone(),
        sid: form["MessageSid"].clone(),
        status: form["MessageStatus"].clone(),
        error_code: error_code.unwrap_or_default(),
    };
    let outbound = Outbound::new(keys(), Clock::system(), "gateway", "notification");
    match client.record_status(outbound.request(&tenant, told)).await {
        Ok(_) => StatusCode::NO_CONTENT,
        Err(_) => StatusCode::NOT_FOUND,
    }
}
