//! A browser that was there before is no stranger.

use super::{Guess, address, fresh, start, throttled, until_throttled};

#[tokio::test]
async fn the_owner_gets_in_with_a_browser_that_was_there_before() {
    let api = start().await;
    let (email, home) = (fresh("victim"), address());
    let owner = |cookie| Guess {
        email: &email,
        password: "right",
        from: home.clone(),
        cookie,
    };
    let got = owner("").send(&api).await;
    let cookies = got.headers.get_all("set-cookie").iter();
    let device = cookies
        .filter_map(|cookie| cookie.to_str().ok())
        .find(|cookie| cookie.starts_with("voxanne_device="))
        .expect("a device cookie");
    for attribute in [
        "; HttpOnly",
        "; SameSite=Strict",
        "; Path=/api/auth",
        "; Max-Age=",
    ] {
        assert!(device.contains(attribute), "{device}");
    }
    let device = device.split(';').next().expect("a pair").to_owned();
    let spread = |_| (email.clone(), address());
    assert_eq!(until_throttled(&api, 1000, spread).await, 50);
    let at_home = |_| (email.clone(), home.clone());
    assert_eq!(until_throttled(&api, 1000, at_home).await, 0);
    assert!(throttled(&owner("").send(&api).await));
    assert_eq!(owner(&device).send(&api).await.status, 200);
    // The browser is no way round either: it has ten guesses, for this account.
    let stolen = Guess {
        password: "wrong",
        ..owner(&device)
    };
    for _ in 0..10 {
        assert_eq!(stolen.send(&api).await.status, 401);
    }
    assert!(throttled(&stolen.send(&api).await));
}

#[tokio::test]
async fn a_device_cookie_counts_for_its_account_and_cannot_be_made() {
    let api = start().await;
    let (mine, victim) = (fresh("mine"), fresh("victim"));
    let got = Guess {
        email: &mine,
        password: "right",
        from: address(),
        cookie: "",
    };
    let got = got.send(&api).await;
    let cookies = got.headers.get_all("set-cookie").iter();
    let device = cookies
        .filter_map(|cookie| cookie.to_str().ok()?.split(';').next())
        .find(|cookie| cookie.starts_with("voxanne_device="))
        .expect("a device cookie");
    let spread = |_| (victim.clone(), address());
    assert_eq!(until_throttled(&api, 1000, spread).await, 50);
    let other = device.replacen('=', "=0", 1);
    let until = device.split('.').nth(1).expect("a time");
    let longer = device.replacen(until, "9999999999", 1);
    let unsigned = device.rsplit_once('.').expect("a mark").0.to_owned() + ".";
    for cookie in [
        device,
        &other,
        &longer,
        &unsigned,
        "voxanne_device=x",
        "voxanne_device=",
    ] {
        let guess = Guess {
            email: &victim,
            password: "right",
            from: address(),
            cookie,
        };
        assert!(throttled(&guess.send(&api).await), "{cookie}");
    }
}
