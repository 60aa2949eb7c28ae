//! An authenticator in software: makes passkeys and signs with them, rightly or wrongly.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD as BASE64};
use centre_tests::{Answer, Client};
use p256::ecdsa::{Signature, SigningKey, signature::Signer};
use reqwest::Method;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// One passkey and how its authenticator behaves.
#[derive(Clone)]
pub struct Authenticator {
    key: SigningKey,
    pub id: Vec<u8>,
    pub counter: u32,
    pub verifies_user: bool,
    pub origin: String,
    pub user: Vec<u8>,
}

impl Authenticator {
    /// A new one; `seed` tells it from others.
    pub fn new(seed: u8) -> Self {
        Self {
            key: SigningKey::from_slice(&[seed; 32]).expect("a key"),
            id: vec![seed; 32],
            counter: 0,
            verifies_user: true,
            origin: "http://localhost:8470".to_owned(),
            user: vec![],
        }
    }

    fn client_data(&self, kind: &str, options: &Value) -> Vec<u8> {
        let challenge = &options["publicKey"]["challenge"];
        let data = json!({ "type": kind, "challenge": challenge, "origin": self.origin });
        data.to_string().into_bytes()
    }

    /// Relying party, flags (present, verified, `more`) and counter.
    fn data(&mut self, more: u8) -> Vec<u8> {
        self.counter += 1;
        let flags = 1 | if self.verifies_user { 4 } else { 0 } | more;
        let mut data = Sha256::digest(b"localhost").to_vec();
        data.push(flags);
        data.extend(self.counter.to_be_bytes());
        data
    }

    /// Answers a registration.
    pub fn register(&mut self, options: &Value) -> Value {
        let user = options["publicKey"]["user"]["id"].as_str().expect("a user");
        self.user = BASE64.decode(user).expect("base64url");
        let point = self.key.verifying_key().to_sec1_point(false);
        let point = point.as_bytes();
        let mut data = self.data(0x40);
        data.extend([0; 16]);
        data.extend(u16::try_from(self.id.len()).expect("short").to_be_bytes());
        data.extend(&self.id);
        // COSE: {1: 2 (EC2), 3: -7 (ES256), -1: 1 (P-256), -2: x, -3: y}
        data.extend([0xa5, 1, 2, 3, 0x26, 0x20, 1, 0x21, 0x58, 32]);
        data.extend(&point[1..33]);
        data.extend([0x22, 0x58, 32]);
        data.extend(&point[33..65]);
        // {"fmt": "none", "attStmt": {}, "authData": bytes}
        let mut object = vec![0xa3, 0x63];
        object.extend(b"fmt\x64none\x67attStmt\xa0\x68authData\x58");
        object.push(u8::try_from(data.len()).expect("short"));
        object.extend(data);
        let client = self.client_data("webauthn.create", options);
        json!({
            "id": BASE64.encode(&self.id), "rawId": BASE64.encode(&self.id), "type": "public-key",
            "response": {
                "attestationObject": BASE64.encode(object), "clientDataJSON": BASE64.encode(client),
            },
        })
    }

    /// Answers a sign-in.
    pub fn sign_in(&mut self, options: &Value) -> Value {
        let client = self.client_data("webauthn.get", options);
        let data = self.data(0);
        let signed = [data.as_slice(), &Sha256::digest(&client)].concat();
        let signature: Signature = self.key.sign(&signed);
        json!({
            "id": BASE64.encode(&self.id), "rawId": BASE64.encode(&self.id), "type": "public-key",
            "response": {
                "authenticatorData": BASE64.encode(data),
                "clientDataJSON": BASE64.encode(client),
                "signature": BASE64.encode(signature.to_der().as_bytes()),
                "userHandle": BASE64.encode(&self.user),
            },
        })
    }
}

/// Sends JSON as the page's script does.
pub async fn send(browser: &Client, path: &str, body: &Value) -> Answer {
    let with = |r: reqwest::RequestBuilder| r.header("accept", "application/json").json(body);
    browser.send(Method::POST, path, with).await
}

/// Begins a ceremony: its id and options.
pub async fn begin(browser: &Client, path: &str) -> Value {
    let begun = send(browser, &format!("{path}/options"), &json!({})).await;
    assert_eq!(begun.status, 200, "{}", begun.text);
    begun.json()
}

/// The whole registration on a page.
pub async fn register(browser: &Client, path: &str, passkey: &mut Authenticator) -> Answer {
    let begun = begin(browser, path).await;
    let credential = passkey.register(&begun["options"]);
    let body = json!({ "id": begun["id"], "credential": credential, "label": "laptop" });
    send(browser, path, &body).await
}

/// The whole sign-in.
pub async fn sign_in(browser: &Client, passkey: &mut Authenticator) -> Answer {
    let begun = begin(browser, "/sign-in").await;
    let credential = passkey.sign_in(&begun["options"]);
    let body = json!({ "id": begun["id"], "credential": credential, "next": "/me" });
    send(browser, "/sign-in", &body).await
}
