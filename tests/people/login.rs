use centre_tests::TestCentre;

#[tokio::test]
async fn a_visitor_steps_into_a_demonstration_s_person() {
    let centre = TestCentre::start().await;
    let ada = centre.person("ada").await;
    let page = ada.get("/").await;
    assert_eq!(page.status, 200);
    assert!(page.text.contains("Ada Lovelace"));
    assert_eq!(centre.visitor().post("/demo/step-in", &[("person", "nobody")]).await.status, 404);
}

#[tokio::test]
async fn a_login_ends_when_nobody_uses_it() {
    let centre = TestCentre::start().await;
    let ada = centre.person("ada").await;
    centre.advance(14 * 60).await;
    assert!(ada.get("/").await.text.contains("Ada Lovelace"));
    centre.advance(15 * 60).await;
    assert!(!ada.get("/").await.text.contains("Ada Lovelace"));
}

#[tokio::test]
async fn a_login_ends_after_eight_hours_even_in_use() {
    let centre = TestCentre::start().await;
    let ada = centre.person("ada").await;
    for _ in 0..47 {
        centre.advance(10 * 60).await;
        assert!(ada.get("/").await.text.contains("Ada Lovelace"));
    }
    centre.advance(10 * 60).await;
    assert!(!ada.get("/").await.text.contains("Ada Lovelace"));
}

#[tokio::test]
async fn a_copied_session_cookie_is_worth_nothing_without_the_device_cookie() {
    let centre = TestCentre::start().await;
    let visitor = centre.visitor();
    let answer = visitor.post("/demo/step-in", &[("person", "ada")]).await;
    assert_eq!(answer.status, 303);
    let cookie = answer.headers.get("set-cookie").expect("cookies").clone();
    let login = cookie.split(';').next().expect("a cookie").to_owned();
    let thief = centre.visitor();
    let page = thief.send(reqwest::Method::GET, "/", |r| r.header("cookie", login)).await;
    assert!(!page.text.contains("Ada Lovelace"));
}

#[tokio::test]
async fn a_post_from_another_site_is_refused() {
    let centre = TestCentre::start().await;
    let ada = centre.person("ada").await;
    let cross = |r: reqwest::RequestBuilder| r.header("sec-fetch-site", "cross-site");
    let answer = ada.send(reqwest::Method::POST, "/sign-out", cross).await;
    assert_eq!(answer.status, 403);
}
