//! The client against a real server: it connects late, and answers fast when nobody is there.

use std::time::{Duration, Instant};

use tokio::net::TcpListener;
use tokio_stream::wrappers::TcpListenerStream;
use tonic::{Code, Request, transport::Server};
use tonic_health::pb::{HealthCheckRequest, health_client::HealthClient};
use voxanne_resilience::{grpc_channel, retry_idempotent};

fn everything() -> HealthCheckRequest {
    HealthCheckRequest {
        service: String::new(),
    }
}

#[tokio::test]
async fn a_server_that_appears_later_is_reached() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let client = HealthClient::new(grpc_channel("health", &format!("http://{address}")).unwrap());
    let (_reporter, health) = tonic_health::server::health_reporter();
    let server = Server::builder()
        .add_service(health)
        .serve_with_incoming(TcpListenerStream::new(listener));
    let asked = retry_idempotent(|| {
        let mut client = client.clone();
        async move { client.check(everything()).await }
    });
    tokio::select! {
        ended = server => panic!("the server ended: {ended:?}"),
        answer = asked => assert_eq!(answer.unwrap().into_inner().status, 1),
    }
}

#[tokio::test]
async fn a_server_that_is_away_is_unavailable_and_soon_not_asked() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let mut client =
        HealthClient::new(grpc_channel("health", &format!("http://{address}")).unwrap());
    let started = Instant::now();
    let mut last = None;
    for _ in 0..10 {
        last = client.check(everything()).await.err();
        assert_eq!(
            last.as_ref().map(tonic::Status::code),
            Some(Code::Unavailable),
            "{last:?}"
        );
    }
    assert!(
        last.unwrap()
            .message()
            .contains("`health` is not reachable")
    );
    assert!(started.elapsed() < Duration::from_secs(5));
}

#[tokio::test]
async fn no_call_is_made_when_no_time_is_left() {
    let mut client = HealthClient::new(grpc_channel("health", "http://127.0.0.1:1").unwrap());
    // More often than a breaker would stand: the server has no part in this.
    for _ in 0..10 {
        let mut late = Request::new(everything());
        late.set_timeout(Duration::ZERO);
        let status = client.check(late).await.unwrap_err();
        assert_eq!(status.code(), Code::DeadlineExceeded);
    }
}

#[tokio::test]
async fn an_address_that_is_no_uri_is_refused() {
    let error = grpc_channel("booking", "not a uri").err().unwrap();
    assert!(error.to_string().contains("`booking`"), "{error}");
}
