//! Files that come into a bubble, at the node agent: one that hangs, and one that is lied to.

use domain::{Import, outputs::import::ImportState};
use sha2::{Digest, Sha256};
use tokio::io::AsyncWriteExt;

use super::{
    import::{CODE, import, in_bubble, send},
    kit::{Lab, project, replace},
};

/// A host that hangs costs a round one wait and not one for each import; then all are brought.
#[tokio::test]
async fn a_hung_agent_is_waited_for_once_in_a_round() {
    let lab = Lab::start().await;
    let (ada, grace) = (lab.centre.person("ada").await, lab.centre.person("grace").await);
    let socket = lab.centre.centre.config.agent_socket();
    let real = socket.with_extension("real");
    std::fs::rename(&socket, &real).unwrap();
    let hung = std::os::unix::net::UnixListener::bind(&socket).unwrap();
    let asked = std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let count = asked.clone();
    std::thread::spawn(move || {
        let mut held = Vec::new(); // taken, and never answered
        for stream in hung.incoming().map_while(Result::ok) {
            count.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
            held.push(stream);
        }
    });
    let mut ids = Vec::new();
    for name in ["a.py", "b.py", "c.py"] {
        let id = send(&lab, &ada, name, CODE.into()).await.id();
        let before = import(&lab, &id).await;
        let state = ImportState::Accepted {
            by: lab.centre.who("grace").await.id,
            at: lab.centre.centre.now(),
            comment: String::new(),
        };
        replace(&lab.centre, &before, &Import { state, ..before.clone() }).await;
        ids.push(id);
    }
    asked.store(0, std::sync::atomic::Ordering::SeqCst);
    lab.centre.advance(20).await;
    assert_eq!(asked.load(std::sync::atomic::Ordering::SeqCst), 1);
    for id in &ids {
        assert_eq!(import(&lab, id).await.state.name(), "accepted");
    }
    std::fs::rename(&real, &socket).unwrap();
    lab.centre.advance(20).await;
    for id in &ids {
        assert_eq!(import(&lab, id).await.state.name(), "delivered");
    }
    assert!(grace.get("/imports").await.text.contains("in the bubble"));
}

/// Takes requests at the agent's place: hands those of other bubbles on, and never answers for this one.
async fn hang_for(bubble: u32, socket: std::path::PathBuf, real: std::path::PathBuf) {
    use workflows::settings::agent::protocol::{Request, receive, send as ask};
    let mut held = Vec::new();
    let taken = tokio::net::UnixListener::bind(&socket).unwrap();
    while let Ok((mut from, _)) = taken.accept().await {
        let request = receive::<Request>(&mut from).await.unwrap();
        if matches!(&request, Request::PutImport { bubble: into, .. } if *into == bubble) {
            held.push(from);
            continue;
        }
        let mut to = tokio::net::UnixStream::connect(&real).await.unwrap();
        tokio::spawn(async move {
            ask(&mut to, &request).await.unwrap();
            let _ = tokio::io::copy_bidirectional(&mut from, &mut to).await;
        });
    }
}

/// Threat: a bubble whose host hangs keeps every later file of all the others out, round after round.
/// The same where the row of an import cannot be read.
#[tokio::test]
async fn a_bubble_that_hangs_keeps_no_file_out_of_another() {
    let lab = Lab::start().await;
    let (_, other) = project(&lab.centre, "zoe", &[], 2).await;
    let zoe = lab.centre.person("zoe").await;
    let mut ids = Vec::new();
    for (into, who) in
        [(&lab.bubble, &lab.centre.person("ada").await), (&other, &zoe), (&other, &zoe)]
    {
        let address = format!("/api/v1/bubbles/{}/imports", into.id);
        let address = format!("{address}?name=a.py&kind=code&origin=o&reason=r");
        let sent = who.send(reqwest::Method::POST, &address, |request| request.body(CODE)).await;
        assert!(sent.status < 300, "{}", sent.text);
        let id = sent.json()["id"].as_str().unwrap().to_owned();
        let before = import(&lab, &id).await;
        let state = ImportState::Accepted {
            by: lab.centre.who("grace").await.id,
            at: lab.centre.centre.now(),
            comment: String::new(),
        };
        replace(&lab.centre, &before, &Import { state, ..before.clone() }).await;
        ids.push(id);
    }
    let spoil = format!("update imports set body = '{{}}' where id = '{}'", ids[1]);
    crate::office::kit::tamper(&lab.centre, spoil).await;
    let socket = lab.centre.centre.config.agent_socket();
    let real = socket.with_extension("real");
    std::fs::rename(&socket, &real).unwrap();
    let hung = tokio::spawn(hang_for(lab.bubble.number, socket.clone(), real.clone()));
    while !socket.exists() {
        tokio::task::yield_now().await;
    }
    lab.centre.centre.tick().await.expect_err("the operator is told of the row");
    assert_eq!(import(&lab, &ids[0]).await.state.name(), "accepted");
    assert_eq!(import(&lab, &ids[2]).await.state.name(), "delivered");
    hung.abort();
    std::fs::rename(&real, &socket).unwrap();
    lab.centre.centre.tick().await.expect_err("the row");
    assert_eq!(import(&lab, &ids[0]).await.state.name(), "delivered");
}

/// Whoever holds the server speaks to the agent as they like: it looks at everything again.
#[tokio::test]
async fn the_agent_itself_puts_no_file_elsewhere() {
    use workflows::settings::agent::protocol::{Answer, Request, receive, send as ask};
    let lab = Lab::start().await;
    let socket = lab.centre.centre.config.agent_socket();
    let sha256 = hex::encode(Sha256::digest(CODE));
    let put = async |name: &str, sha256: &str, number: u32| {
        let mut stream = tokio::net::UnixStream::connect(&socket).await.unwrap();
        let request = Request::PutImport {
            bubble: lab.bubble.number,
            profile: "small".to_owned(),
            number,
            name: name.to_owned(),
            sha256: sha256.to_owned(),
            bytes: CODE.len() as u64,
            note: "{}".to_owned(),
        };
        ask(&mut stream, &request).await.unwrap();
        let _ = stream.write_all(CODE.as_bytes()).await; // it may have hung up already
        receive::<Answer>(&mut stream).await.unwrap()
    };
    let refused = |answer: Answer| matches!(answer, Answer::Refused { .. });
    for name in ["../../../evil.py", "/tmp/evil.py", "..", "", "a/b", "a\0b", "-rf", "\u{202e}a"] {
        assert!(refused(put(name, &sha256, 1).await), "{name:?}");
    }
    assert!(refused(put("fit.py", &"0".repeat(64), 1).await), "other bytes than were sent");
    assert!(!in_bubble(&lab, "1").exists());
    // A link where the import's folder is to stand: nothing is written through it.
    let elsewhere = lab.centre.dir.path().join("elsewhere");
    std::fs::create_dir(&elsewhere).unwrap();
    std::fs::create_dir_all(in_bubble(&lab, "")).unwrap();
    std::os::unix::fs::symlink(&elsewhere, in_bubble(&lab, "1")).unwrap();
    assert!(refused(put("fit.py", &sha256, 1).await), "a link");
    assert_eq!(std::fs::read_dir(&elsewhere).unwrap().count(), 0);
    assert!(matches!(put("fit.py", &sha256, 2).await, Answer::Done), "and a plain one comes in");
    assert_eq!(std::fs::read_to_string(in_bubble(&lab, "2/fit.py")).unwrap(), CODE);
}
