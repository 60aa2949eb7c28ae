//! How often one address may read.

use centre_tests::TestCentre;
use workflows::Reads;

#[tokio::test]
async fn an_address_that_reads_too_often_is_told_when_to_come_again() {
    let reads = Reads { at_once: 3, per_second: 0 };
    let centre = TestCentre::start().await.restart_with(|config| config.reads = reads).await;
    let visitor = centre.visitor();
    for _ in 0..3 {
        assert_eq!(visitor.get("/catalogue").await.status, 200);
    }
    let page = visitor.get("/catalogue").await;
    assert_eq!(
        page.headline(),
        "429 Too many requests from your address: wait 3600 s, then try again"
    );
    assert_eq!(page.headers.get("retry-after").map(String::as_str), Some("3600"));
    let answer = visitor.get("/api/v1/catalogue").await;
    assert_eq!((answer.status, answer.json()["code"].as_str()), (429, Some("too-many")));
    assert_eq!(answer.headers.get("retry-after").map(String::as_str), Some("3600"));
    // Monitoring, style sheets and commands are counted by themselves or not at all.
    for free in ["/health", "/assets/style.css"] {
        assert_eq!(visitor.get(free).await.status, 200, "{free}");
    }
    assert_eq!(visitor.post("/demo/step-in", &[("person", "ada")]).await.status, 303);
}
