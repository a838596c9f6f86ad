//! Limits against a real Redis, and without one.

use std::{num::NonZeroU32, time::Duration};

use redis::aio::ConnectionManager;
use uuid::Uuid;
use voxanne_events::Redis;
use voxanne_limits::{Attempt, Demand, Limiter};
use voxanne_testkit::{free_addr, redis_url};

/// However busy the machine is, a Redis that is there counts.
const PATIENCE: Duration = Duration::from_secs(20);

fn redis() -> ConnectionManager {
    Redis::connect_lazy(&redis_url())
        .expect("a Redis URL")
        .connection()
}

fn nobody() -> ConnectionManager {
    let url = format!("redis://{}", free_addr()).into();
    Redis::connect_lazy(&url).expect("a Redis URL").connection()
}

fn limiter(redis: ConnectionManager) -> Limiter {
    Limiter::new(Some(redis), NonZeroU32::MIN, PATIENCE)
}

fn demand(key: &str, rate: &str) -> Demand {
    Demand {
        key: key.to_owned(),
        rate: rate.parse().expect("a rate"),
    }
}

fn fresh() -> String {
    Uuid::new_v4().simple().to_string()
}

async fn taken(limiters: &[&Limiter], demands: &[Demand], times: usize) -> usize {
    let mut taken = 0;
    for time in 0..times {
        let limiter = limiters[time % limiters.len()];
        taken += usize::from(limiter.take(demands).await.is_ok());
    }
    taken
}

#[tokio::test]
async fn replicas_count_together() {
    let (one, two) = (limiter(redis()), limiter(redis()));
    for burst in [5, 100] {
        let demands = [demand(&fresh(), &format!("1/h burst {burst}"))];
        let taken = taken(&[&one, &two], &demands, 3 * burst).await;
        assert_eq!(taken, burst, "leases included, neither more nor less");
        let refused = one.take(&demands).await.unwrap_err();
        assert_eq!(refused.standing.remaining, 0);
        assert!(refused.wait > Duration::from_secs(3500), "{refused:?}");
    }
}

#[tokio::test]
async fn many_at_once_get_no_more() {
    let limiter = limiter(redis());
    let demands = [demand(&fresh(), "1/h burst 60")];
    let all = (0..300).map(|_| limiter.take(&demands));
    let answers = futures_util::future::join_all(all).await;
    assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 60);
}

#[tokio::test]
async fn what_one_rate_refuses_costs_the_others_nothing() {
    for redis in [redis(), nobody()] {
        let limiter = limiter(redis);
        let (org, one, two) = (fresh(), fresh(), fresh());
        let of = |user: &str| [demand(&org, "1/h burst 40"), demand(user, "1/h burst 10")];
        assert_eq!(taken(&[&limiter], &of(&one), 200).await, 10);
        let refused = limiter.take(&of(&one)).await.unwrap_err();
        assert_eq!((refused.place, refused.standing.limit), (1, 10));
        assert_eq!(taken(&[&limiter], &of(&two), 200).await, 10);
        let left = [demand(&org, "1/h burst 40")];
        assert_eq!(taken(&[&limiter], &left, 200).await, 20);
    }
}

#[tokio::test]
async fn what_remains_is_told() {
    let limiter = limiter(redis());
    let demands = [
        demand(&fresh(), "1/h burst 40"),
        demand(&fresh(), "1/h burst 3"),
    ];
    for remaining in [2, 1, 0] {
        let standing = limiter.take(&demands).await.unwrap();
        assert_eq!((standing.limit, standing.remaining), (3, remaining));
    }
    let wide = [demand(&fresh(), "1/h burst 40")];
    for remaining in (0..40).rev() {
        assert_eq!(limiter.take(&wide).await.unwrap().remaining, remaining);
    }
}

#[tokio::test]
async fn without_redis_each_replica_has_its_share() {
    let replicas = NonZeroU32::new(3).unwrap();
    for redis in [None, Some(nobody())] {
        let limiter = Limiter::new(redis, replicas, PATIENCE);
        let demands = [demand(&fresh(), "1/h burst 30")];
        assert_eq!(taken(&[&limiter], &demands, 50).await, 10);
        let key = fresh();
        let window = "9/h".parse().unwrap();
        let mut counted = 0;
        for _ in 0..20 {
            let key = key.clone();
            counted += usize::from(limiter.attempt(&[Attempt { key, window }]).await.is_ok());
        }
        assert_eq!(counted, 3);
    }
}

#[tokio::test]
async fn attempts_are_counted_exactly_and_can_be_taken_back() {
    let shared = [limiter(redis()), limiter(redis())];
    let alone = Limiter::new(None, NonZeroU32::MIN, PATIENCE);
    for pair in [[&shared[0], &shared[1]], [&alone, &alone]] {
        let (account, address) = (fresh(), fresh());
        let attempt = |key: &str, window: &str| Attempt {
            key: key.to_owned(),
            window: window.parse().unwrap(),
        };
        let attempts = [attempt(&account, "3/h"), attempt(&address, "5/h")];
        for limiter in pair {
            limiter.attempt(&attempts).await.unwrap();
        }
        for _ in 0..10 {
            let ticket = pair[0].attempt(&attempts).await.unwrap();
            pair[0].forgive(ticket).await;
        }
        pair[1].attempt(&attempts).await.unwrap();
        let wait = pair[0].attempt(&attempts).await.unwrap_err();
        assert!(wait > Duration::from_secs(3500), "{wait:?}");
        let elsewhere = [attempt(&fresh(), "3/h"), attempts[1].clone()];
        for _ in 0..2 {
            pair[1].attempt(&elsewhere).await.unwrap();
        }
        pair[1].attempt(&elsewhere).await.unwrap_err();
    }
}

#[tokio::test]
async fn both_ways_of_counting_agree() {
    let (shared, alone) = (
        limiter(redis()),
        Limiter::new(None, NonZeroU32::MIN, PATIENCE),
    );
    let keys = [fresh(), fresh(), fresh()];
    // A step of this walk is far shorter than what an hour's rate refills.
    for step in 0..400_usize {
        let demands: Vec<_> = (0..3)
            .filter(|place| step * 7 % (place + 2) == 0)
            .map(|place| demand(&keys[place], &format!("1/h burst {}", 10 + 3 * place)))
            .collect();
        let (one, two) = (shared.take(&demands).await, alone.take(&demands).await);
        match (&one, &two) {
            (Ok(one), Ok(two)) => assert_eq!(one.remaining, two.remaining, "{step}"),
            (Err(one), Err(two)) => assert_eq!(one.place, two.place, "{step}"),
            _ => panic!("{step}: {one:?} {two:?}"),
        }
    }
}

#[tokio::test]
async fn a_redis_that_comes_and_goes_makes_no_attempt_forgotten() {
    // Too little patience for any answer, and then enough.
    for patience in [Duration::ZERO, PATIENCE] {
        let limiter = Limiter::new(Some(redis()), NonZeroU32::MIN, patience);
        let (key, window) = (fresh(), "3/h".parse().unwrap());
        let attempts = [Attempt { key, window }];
        let mut counted = 0;
        for _ in 0..9 {
            counted += usize::from(limiter.attempt(&attempts).await.is_ok());
        }
        assert_eq!(counted, 3);
    }
}
