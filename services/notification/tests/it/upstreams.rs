//! The two services this one asks, as far as it asks them.

use std::{
    collections::HashMap,
    net::SocketAddr,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard},
};

use tonic::{Request, Response, Status, service::Routes};
use voxanne_ids::OrgId;
use voxanne_problem::Problem;
use voxanne_proto::{
    booking::v1 as booking,
    booking::v1::booking_service_server::{BookingService, BookingServiceServer},
    identity::v1 as identity,
    identity::v1::credential_service_server::{CredentialService, CredentialServiceServer},
    identity::v1::identity_service_server::{IdentityService, IdentityServiceServer},
};
use voxanne_runtime::{Process, serve_grpc};
use voxanne_tenant::{Caller, Tenant};
use voxanne_testkit::{free_addr, keys};

#[derive(Default)]
struct Known {
    names: HashMap<OrgId, String>,
    credentials: HashMap<OrgId, identity::OpenCredentialResponse>,
    bookings: HashMap<(OrgId, String), booking::Booking>,
    tested: Vec<(OrgId, String, i64, bool)>,
}

/// Both services over one memory.
#[derive(Clone, Default)]
pub(crate) struct Upstreams(Arc<Mutex<Known>>);

impl Upstreams {
    pub(crate) fn name(&self, org: OrgId, name: &str) {
        self.lock().names.insert(org, name.to_owned());
    }

    pub(crate) fn connect(&self, org: OrgId, credential: identity::OpenCredentialResponse) {
        self.lock().credentials.insert(org, credential);
    }

    pub(crate) fn book(&self, org: OrgId, booking: booking::Booking) {
        self.lock()
            .bookings
            .insert((org, booking.id.clone()), booking);
    }

    /// What was noted of tests: organisation, caller, version and whether it was accepted.
    pub(crate) fn tested(&self) -> Vec<(OrgId, String, i64, bool)> {
        self.lock().tested.clone()
    }

    fn lock(&self) -> MutexGuard<'_, Known> {
        self.0.lock().unwrap()
    }

    /// Serves both; identity's address comes first.
    pub(crate) async fn serve(&self) -> (SocketAddr, SocketAddr) {
        let identity = Routes::new(IdentityServiceServer::new(self.clone()))
            .add_service(CredentialServiceServer::new(self.clone()));
        let booking = Routes::new(BookingServiceServer::new(self.clone()));
        (
            listen("identity", identity).await,
            listen("booking", booking).await,
        )
    }
}

async fn listen(service: &'static str, routes: Routes) -> SocketAddr {
    let (process, addr) = (Process::new(service), free_addr());
    let listener = process.bind("gRPC", addr).await.unwrap();
    process.tasks.clone().spawn(async move {
        serve_grpc(&process, listener, keys(), routes)
            .await
            .unwrap();
    });
    addr
}

type Answer<T> = Result<Response<T>, Status>;

/// Written as `async_trait` would: it does not look into macros.
macro_rules! not_asked {
    ($($rpc:ident: $request:ty => $answer:ty;)*) => {$(
        fn $rpc<'a, 'b>(
            &'a self,
            _: Request<$request>,
        ) -> Pin<Box<dyn Future<Output = Answer<$answer>> + Send + 'b>>
        where
            'a: 'b,
            Self: 'b,
        {
            Box::pin(async { Err(Status::unimplemented("this service does not ask it")) })
        }
    )*};
}

#[tonic::async_trait]
impl IdentityService for Upstreams {
    async fn get_org(
        &self,
        request: Request<identity::GetOrgRequest>,
    ) -> Answer<identity::GetOrgResponse> {
        let org = Tenant::of(&request)?.org();
        let name = self.lock().names.get(&org).cloned();
        Ok(Response::new(identity::GetOrgResponse {
            org: Some(identity::Org {
                id: org.to_string(),
                name: name.unwrap_or_default(),
                time_zone: "America/New_York".to_owned(),
            }),
        }))
    }

    async fn open_credential(
        &self,
        request: Request<identity::OpenCredentialRequest>,
    ) -> Answer<identity::OpenCredentialResponse> {
        let tenant = Tenant::of(&request)?;
        assert!(matches!(tenant.caller(), Caller::Job(_)), "only a job may");
        assert_eq!(request.get_ref().provider, "twilio");
        let none = || Problem::not_found("CREDENTIAL_NOT_FOUND", "none is stored");
        let found = self.lock().credentials.get(&tenant.org()).cloned();
        Ok(Response::new(found.ok_or_else(none)?))
    }

    not_asked! {
        sign_up: identity::SignUpRequest => identity::SignUpResponse;
        login: identity::LoginRequest => identity::LoginResponse;
        refresh: identity::RefreshRequest => identity::RefreshResponse;
        logout: identity::LogoutRequest => identity::LogoutResponse;
        get_session: identity::GetSessionRequest => identity::GetSessionResponse;
        get_jwks: identity::GetJwksRequest => identity::GetJwksResponse;
        put_credential: identity::PutCredentialRequest => identity::PutCredentialResponse;
        get_credential: identity::GetCredentialRequest => identity::GetCredentialResponse;
        delete_credential: identity::DeleteCredentialRequest => identity::DeleteCredentialResponse;
        find_webhook_secrets: identity::FindWebhookSecretsRequest => identity::FindWebhookSecretsResponse;
    }
}

#[tonic::async_trait]
impl CredentialService for Upstreams {
    async fn record_test(
        &self,
        request: Request<identity::RecordTestRequest>,
    ) -> Answer<identity::RecordTestResponse> {
        let tenant = Tenant::of(&request)?;
        let note = request.get_ref();
        let caller = tenant.caller().to_string();
        let noted = (tenant.org(), caller, note.version, note.accepted);
        self.lock().tested.push(noted);
        Ok(Response::new(identity::RecordTestResponse {}))
    }
}

#[tonic::async_trait]
impl BookingService for Upstreams {
    async fn get_booking(
        &self,
        request: Request<booking::GetBookingRequest>,
    ) -> Answer<booking::GetBookingResponse> {
        let org = Tenant::of(&request)?.org();
        let key = (org, request.into_inner().id);
        let none = || Problem::not_found("BOOKING_NOT_FOUND", "there is no such booking");
        let found = self.lock().bookings.get(&key).cloned();
        let booking = Some(found.ok_or_else(none)?);
        Ok(Response::new(booking::GetBookingResponse { booking }))
    }

    not_asked! {
        find_slots: booking::FindSlotsRequest => booking::FindSlotsResponse;
        create_booking: booking::CreateBookingRequest => booking::CreateBookingResponse;
        list_bookings: booking::ListBookingsRequest => booking::ListBookingsResponse;
        confirm_booking: booking::ConfirmBookingRequest => booking::ConfirmBookingResponse;
        cancel_booking: booking::CancelBookingRequest => booking::CancelBookingResponse;
        reschedule_booking: booking::RescheduleBookingRequest => booking::RescheduleBookingResponse;
        mark_booking: booking::MarkBookingRequest => booking::MarkBookingResponse;
    }
}
