//! One organisation asks as fast as it can.

use std::sync::atomic::{AtomicBool, Ordering};

use futures_util::future::join_all;
use voxanne_testkit::redis_url;

use super::{
    fixture::{Behind, Person},
    limits::{assert_limited, booking, limits, list},
};

/// A13: one organisation asks as fast as it can while nine others do what they do all day.
#[tokio::test(flavor = "multi_thread")]
async fn nine_organisations_notice_nothing_of_a_tenth_that_floods() {
    let (rpcs, _) = booking();
    let behind = Behind {
        redis: Some(redis_url()),
        limits: limits(|limits| limits.org = "1/min burst 50".parse().unwrap()),
        ..Behind::booking(rpcs)
    };
    let api = behind.start().await;
    let (loud, over) = (Person::new("staff"), AtomicBool::new(false));
    let flood = async || {
        let (mut sent, mut refused) = (0, 0);
        // Until the others are done, and until it has met its limit in any case.
        while !over.load(Ordering::SeqCst) || refused == 0 {
            let got = list(&api, &loud).await;
            match got.status {
                200 => {}
                429 => {
                    assert_limited(&got, "50");
                    refused += 1;
                }
                other => panic!("{other}: {got:?}"),
            }
            sent += 1;
        }
        sent - refused
    };
    let quiet = async |person: Person| {
        for _ in 0..40 {
            let got = list(&api, &person).await;
            assert_eq!(got.status, 200, "{got:?}");
        }
    };
    let nine = async {
        join_all((0..9).map(|_| quiet(Person::new("staff")))).await;
        over.store(true, Ordering::SeqCst);
    };
    let (served, ()) = tokio::join!(join_all((0..16).map(|_| flood())), nine);
    let served: i32 = served.iter().sum();
    // A minute's refill may fall into the test.
    assert!((50..=55).contains(&served), "{served}");
}
