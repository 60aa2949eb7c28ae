//! Structured logs hold no personal data, no secret and no data.

use std::{
    io::{self, Write},
    sync::{Arc, Mutex},
};

use centre_tests::TestCentre;
use serde_json::json;
use tracing_subscriber::{EnvFilter, fmt::MakeWriter};
use workflows::office::mail::Message;

use super::kit::{export, happens, item, project};

#[derive(Clone, Default)]
struct Captured(Arc<Mutex<Vec<u8>>>);

impl Write for Captured {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Captured {
    type Writer = Self;
    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

#[tokio::test]
async fn a_journey_leaves_no_name_no_address_no_secret_and_no_value_in_the_logs() {
    let captured = Captured::default();
    let filter = "info,bulle=debug,portal=debug,workflows=debug,store=debug,ledger=debug";
    let subscriber = tracing_subscriber::fmt()
        .json()
        .with_env_filter(EnvFilter::new(filter))
        .with_writer(captured.clone())
        .finish();
    // The whole program's, because work is done on other threads too.
    tracing::subscriber::set_global_default(subscriber).expect("no other test sets one");
    let centre = TestCentre::start().await;
    let project = project(&centre).await;
    let (item, export) = (item(&centre, &project).await, export(&centre, &project).await);
    let value = json!({ "cell": "4217.93", "reason": "CONFIDENTIAL-REASON" });
    happens(&centre, Some("chloe"), "item.answered", "item", item.id, value.clone()).await;
    happens(&centre, Some("ben"), "export.sealed", "export", export.id, value).await;
    let ada = centre.person("ada").await;
    let secret = "5ec2e7".repeat(12);
    for path in ["/", "/log", "/notices", "/nowhere", &format!("/invitations/{secret}")] {
        ada.get(path).await;
    }
    ada.post("/demo/step-in", &[("person", "nobody-SECRET-WORD")]).await;
    // What fails is logged: it must not tell whom it failed for.
    let message = Message {
        to_name: "Nadia Untold".to_owned(),
        to: "not an address <untold@example.org>".to_owned(),
        lang: domain::Lang::En,
        subject: "Untold subject".to_owned(),
        text: format!("http://localhost:8470/invitations/{secret}"),
    };
    centre.centre.mailer.send_now(message).await.unwrap();
    centre.advance(120).await;
    let text = String::from_utf8(captured.0.lock().unwrap().clone()).unwrap();
    assert!(text.contains("a mail was given up"), "nothing was captured: {text}");
    for name in ["Lovelace", "Barka", "Durand", "example.org", "Untold", "nobody-SECRET"] {
        assert!(!text.contains(name), "the logs name {name}: {text}");
    }
    for hidden in ["4217.93", "CONFIDENTIAL-REASON", secret.as_str(), "Coverage and use", "Table 1"]
    {
        assert!(!text.contains(hidden), "the logs hold {hidden}: {text}");
    }
}
