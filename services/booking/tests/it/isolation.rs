//! For every rpc: another organisation's ids get what unknown ids get, and nothing of it is seen.

use std::collections::BTreeSet;

use prost::Message as _;
use voxanne_proto::booking::v1 as proto;
use voxanne_testkit::two_orgs;

use crate::desk::{Clinic, Desk, TEN};

const PHONE: &str = "+14155550123";

/// Calls an rpc as globex, with acme's id and with one nobody has, and compares the answers.
macro_rules! same_as_unknown {
    ($fence:ident, $client:ident . $rpc:ident, $theirs:expr, |$id:ident| $request:expr) => {
        $fence.seen.insert(stringify!($rpc).replace('_', ""));
        let theirs = $theirs;
        let (prefix, _) = theirs.split_once('_').unwrap();
        let unknown = format!("{prefix}_0190f3a2c0de7000800000000000abcd");
        let mut answers = Vec::new();
        for $id in [theirs, unknown] {
            let request = $fence.desk.ask(&$fence.globex.tenant, $request);
            let status = $fence.desk.$client().$rpc(request).await.err();
            let status = status.unwrap_or_else(|| panic!("{} let globex in", stringify!($rpc)));
            answers.push((
                status.code(),
                status.message().to_owned(),
                status.details().to_vec(),
            ));
        }
        assert_eq!(answers[0], answers[1], stringify!($rpc));
        assert_eq!(answers[0].0, tonic::Code::NotFound, stringify!($rpc));
    };
}

/// Lists as one organisation and expects this many rows.
macro_rules! sees {
    ($fence:ident, $org:ident, $client:ident . $rpc:ident, $rows:ident, $count:expr) => {
        $fence.seen.insert(stringify!($rpc).replace('_', ""));
        let request = $fence.desk.ask(&$fence.$org.tenant, Default::default());
        let answer = $fence.desk.$client().$rpc(request).await.unwrap();
        assert_eq!(answer.into_inner().$rows.len(), $count, stringify!($rpc));
    };
}

mod bookings;
mod calendars;
mod clinic;
mod days;
mod waitlist;

/// Two clinics, and what acme has that globex must not reach.
struct Fence {
    desk: Desk,
    acme: Clinic,
    globex: Clinic,
    theirs: proto::Booking,
    patient: String,
    /// The rpcs that were tried.
    seen: BTreeSet<String>,
}

#[tokio::test]
async fn nothing_crosses_between_organisations() {
    let desk = Desk::open().await;
    let (acme, globex) = two_orgs();
    let acme = desk.clinic(&acme).await;
    let globex = desk.clinic(&globex).await;
    let theirs = desk
        .book(&acme.tenant, acme.booking(TEN, PHONE))
        .await
        .unwrap();
    let patient = theirs.patient.clone().unwrap().id;
    let seen = BTreeSet::new();
    let mut fence = Fence {
        desk,
        acme,
        globex,
        theirs,
        patient,
        seen,
    };
    clinic::rpcs(&mut fence).await;
    days::rpcs(&mut fence).await;
    bookings::rpcs(&mut fence).await;
    calendars::rpcs(&mut fence).await;
    waitlist::rpcs(&mut fence).await;
    assert_eq!(fence.seen, rpcs(), "every rpc has a case here");
    let get = proto::GetBookingRequest {
        id: fence.theirs.id.clone(),
    };
    let request = fence.desk.ask(&fence.acme.tenant, get);
    let still = fence.desk.bookings().get_booking(request).await.unwrap();
    assert_eq!(
        still.into_inner().booking.unwrap(),
        fence.theirs,
        "acme's booking is as it was"
    );
}

/// Every rpc of the contract, without underscores, in lower case.
fn rpcs() -> BTreeSet<String> {
    let set = prost_types::FileDescriptorSet::decode(voxanne_proto::FILE_DESCRIPTOR_SET).unwrap();
    set.file
        .iter()
        .filter(|file| file.package() == "voxanne.booking.v1")
        .flat_map(|file| &file.service)
        .flat_map(|service| &service.method)
        .map(|method| method.name().to_lowercase())
        .collect()
}
