//! Files that come into a bubble, at the node agent: one that hangs, and one that is lied to.

use domain::{Import, outputs::import::ImportState};
use sha2::{Digest, Sha256};
use tokio::io::AsyncWriteExt;

use super::{
    import::{CODE, import, in_bubble, send},
    kit::{Lab, replace},
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
