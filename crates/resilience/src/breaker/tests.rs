use std::sync::{
    Arc,
    atomic::{AtomicI32, AtomicUsize, Ordering},
};

use tower::service_fn;
use voxanne_problem::Kind;

use super::*;

/// A server whose next answers are chosen by the test.
#[derive(Clone)]
struct Server {
    code: Arc<AtomicI32>,
    calls: Arc<AtomicUsize>,
}

impl Server {
    fn answering(code: Code) -> Self {
        Self {
            code: Arc::new(AtomicI32::new(code.into())),
            calls: Arc::default(),
        }
    }

    fn answer(&self, code: Code) {
        self.code.store(code.into(), Ordering::SeqCst);
    }

    fn calls(&self) -> usize {
        self.calls.load(Ordering::SeqCst)
    }

    fn guarded(&self, open_for: Duration) -> Guarded {
        let server = self.clone();
        guard_for(
            "test",
            open_for,
            service_fn(move |_request: GrpcRequest| {
                server.calls.fetch_add(1, Ordering::SeqCst);
                let code = Code::from_i32(server.code.load(Ordering::SeqCst));
                async move {
                    let mut response =
                        Status::with_metadata(code, "", MetadataMap::new()).into_http();
                    if code == Code::Ok {
                        response.headers_mut().remove(Status::GRPC_STATUS);
                    }
                    Ok::<GrpcResponse, BoxError>(response)
                }
            }),
        )
    }
}

async fn call(guarded: &Guarded) -> Option<Status> {
    let response = guarded
        .clone()
        .oneshot(GrpcRequest::new(Body::empty()))
        .await
        .expect("a refusal is an answer, not an error");
    Status::from_header_map(response.headers())
}

async fn call_often(guarded: &Guarded) {
    for _ in 0..FAILURES {
        call(guarded).await;
    }
}

#[tokio::test]
async fn an_open_breaker_answers_unavailable_without_calling() {
    let server = Server::answering(Code::Unavailable);
    let guarded = server.guarded(Duration::from_secs(60));
    call_often(&guarded).await;
    let before = server.calls();
    let status = call(&guarded).await.expect("a refused call has a status");
    assert_eq!(status.code(), Code::Unavailable);
    assert!(is_refusal(&status));
    assert_eq!(server.calls(), before);
}

#[tokio::test]
async fn a_breaker_closes_when_the_server_answers_again() {
    let server = Server::answering(Code::DeadlineExceeded);
    let guarded = server.guarded(Duration::from_millis(20));
    call_often(&guarded).await;
    assert!(
        call(&guarded)
            .await
            .is_some_and(|status| is_refusal(&status))
    );
    server.answer(Code::Ok);
    let recovered = async {
        while call(&guarded).await.is_some() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), recovered)
        .await
        .expect("it recovers");
    let before = server.calls();
    call_often(&guarded).await;
    assert_eq!(server.calls(), before + FAILURES);
}

#[tokio::test]
async fn answers_about_one_request_leave_the_breaker_closed() {
    for code in [
        Code::InvalidArgument,
        Code::NotFound,
        Code::Aborted,
        Code::PermissionDenied,
        Code::Unauthenticated,
        Code::ResourceExhausted,
        Code::Internal,
        Code::Unknown,
        Code::Cancelled,
    ] {
        let server = Server::answering(code);
        let guarded = server.guarded(Duration::from_secs(60));
        for _ in 0..4 * FAILURES {
            call(&guarded).await;
        }
        assert_eq!(server.calls(), 4 * FAILURES, "{code:?}");
    }
}

/// With `BUSY` a server refuses what is too much, and serves the rest.
#[tokio::test]
async fn a_server_that_is_busy_is_asked_again() {
    let calls = Arc::new(AtomicUsize::new(0));
    let asked = calls.clone();
    let server = service_fn(move |_request: GrpcRequest| {
        asked.fetch_add(1, Ordering::SeqCst);
        let busy = Problem::new(Kind::Unavailable, "BUSY", "too much at once");
        async { Ok::<GrpcResponse, BoxError>(Status::from(busy).into_http()) }
    });
    let guarded = guard_for("test", Duration::from_secs(60), server);
    for _ in 0..4 * FAILURES {
        let status = call(&guarded).await.expect("a status");
        assert_eq!(Problem::from(status).reason, "BUSY");
    }
    assert_eq!(calls.load(Ordering::SeqCst), 4 * FAILURES);
}
