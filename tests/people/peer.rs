//! Behind a proxy: who is at the other end, for the limits of attempts.

use bulle::Running;
use centre_tests::{Client, TestCentre};
use reqwest::Method;

/// A centre that trusts `proxies`; the tests' own address is 127.0.0.1.
async fn behind(centre: &TestCentre, dir: &tempfile::TempDir, proxies: &[&str]) -> Running {
    let mut config = centre.centre.config.clone();
    config.database = None;
    config.dir = dir.path().to_owned();
    config.trusted_proxies = proxies.iter().map(|one| one.parse().unwrap()).collect();
    Running::start(config, centre.centre.clock.clone()).await.unwrap()
}

/// Tries to sign in as `forwarded` says; the status.
async fn tries(client: &Client, forwarded: &str) -> u16 {
    let with = |r: reqwest::RequestBuilder| {
        let r = r.header("x-forwarded-for", forwarded).header("content-type", "application/json");
        r.header("accept", "application/json").body("{}")
    };
    client.send(Method::POST, "/sign-in/options", with).await.status
}

/// How many of 40 attempts, each with the header that `forwarded` makes, are refused by the limit.
async fn refused(client: &Client, forwarded: impl Fn(u8) -> String) -> usize {
    let mut refused = 0;
    for number in 0..40 {
        refused += usize::from(tries(client, &forwarded(number)).await == 429);
    }
    refused
}

#[tokio::test]
async fn a_spoofed_header_from_an_untrusted_address_escapes_no_limit() {
    let (centre, dir) = (TestCentre::start().await, tempfile::tempdir().unwrap());
    let running = behind(&centre, &dir, &["10.0.0.0/8"]).await;
    let client = Client::at(&format!("http://{}", running.address));
    let spoofed = refused(&client, |number| format!("198.51.100.{number}")).await;
    assert!(spoofed > 0, "every attempt came from another address, by its own word");
    running.stop().await.unwrap();
}

#[tokio::test]
async fn a_trusted_proxy_s_clients_have_limits_of_their_own() {
    let (centre, dir) = (TestCentre::start().await, tempfile::tempdir().unwrap());
    let running = behind(&centre, &dir, &["127.0.0.0/8"]).await;
    let client = Client::at(&format!("http://{}", running.address));
    let many = refused(&client, |number| format!("198.51.100.{number}")).await;
    assert_eq!(many, 0, "forty clients, an attempt each");
    let one = refused(&client, |_| "203.0.113.7".to_owned()).await;
    assert!(one > 0, "one client, forty attempts");
    assert_ne!(tries(&client, "203.0.113.8").await, 429, "their neighbour is not kept out");
    // The client writes what it likes before the address that the proxy adds.
    let spoofed = refused(&client, |number| format!("192.0.2.{number}, 203.0.113.7")).await;
    assert!(spoofed > 30, "only the last address counts: {spoofed}");
    running.stop().await.unwrap();
}

#[tokio::test]
async fn a_name_that_is_no_range_stops_the_start_with_a_clear_word() {
    let text = r#"{ "name": "x", "dir": "/x", "public_url": "http://localhost", "trusted_proxies": ["proxy"] }"#;
    let error = serde_json::from_str::<workflows::Config>(text).unwrap_err().to_string();
    assert!(error.contains("`proxy` is neither an address nor a range"), "{error}");
}
