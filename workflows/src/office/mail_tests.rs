use std::sync::atomic::{AtomicUsize, Ordering};

use tempfile::TempDir;
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::TcpListener,
};

use super::*;

fn config(dir: &TempDir, smtp: Option<String>) -> Config {
    let url = "https://data.example.org".parse().unwrap();
    let mut config = Config::demo(dir.path().to_owned(), "127.0.0.1:0".to_owned(), url);
    config.demo = false;
    config.mail.smtp = smtp;
    config
}

async fn mailer(dir: &TempDir, smtp: Option<String>) -> (Mailer, Store, Clock) {
    let config = config(dir, smtp);
    let store = Store::open(&config.database_url()).await.unwrap();
    let clock = Clock::simulated("2026-11-02T10:00:00Z".parse().unwrap());
    (Mailer::open(&config, &store, &clock).unwrap(), store, clock)
}

fn message(to: &str) -> Message {
    Message {
        to_name: "Zoé\r\nBcc: thief@example.org".to_owned(),
        to: to.to_owned(),
        lang: Lang::Fr,
        subject: "Bienvenue à bord\r\nBcc: thief@example.org".to_owned(),
        text: "https://data.example.org/invitations/secret".to_owned(),
    }
}

/// A server that answers `RCPT` with `codes`, one a mail, and keeps what it was given.
async fn server(codes: Vec<&'static str>) -> (String, Arc<tokio::sync::Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("smtp://{}", listener.local_addr().unwrap());
    let taken = Arc::new(tokio::sync::Mutex::new(Vec::new()));
    let (kept, turn) = (Arc::clone(&taken), Arc::new(AtomicUsize::new(0)));
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let mut stream = BufReader::new(stream);
            let code = codes[turn.fetch_add(1, Ordering::SeqCst).min(codes.len() - 1)];
            stream.write_all(b"220 ready\r\n").await.unwrap();
            let (mut line, mut data) = (String::new(), None::<String>);
            while stream.read_line(&mut line).await.unwrap_or(0) > 0 {
                let verb = line.split_whitespace().next().unwrap_or_default().to_owned();
                let answer = match (&mut data, verb.as_str()) {
                    (Some(_), ".") => {
                        kept.lock().await.extend(data.take());
                        Some("250 taken")
                    }
                    (Some(text), _) => {
                        text.push_str(&line);
                        None
                    }
                    (None, "RCPT") => Some(code),
                    (None, "DATA") => {
                        data = Some(String::new());
                        Some("354 go on")
                    }
                    (None, "QUIT") => Some("221 bye"),
                    _ => Some("250 ok"),
                };
                if let Some(answer) = answer {
                    stream.write_all(format!("{answer}\r\n").as_bytes()).await.unwrap();
                }
                line.clear();
            }
        }
    });
    (url, taken)
}

#[tokio::test]
async fn without_a_server_a_mail_is_a_private_file_and_its_link_is_forgotten() {
    use std::os::unix::fs::PermissionsExt as _;
    let dir = tempfile::tempdir().unwrap();
    let (mailer, store, _) = mailer(&dir, None).await;
    mailer.send_now(message("zoe@example.org")).await.unwrap();
    let files: Vec<_> = std::fs::read_dir(dir.path().join("outbox"))
        .unwrap()
        .map(|it| it.unwrap().path())
        .collect();
    assert_eq!(files.len(), 1);
    assert_eq!(std::fs::metadata(&files[0]).unwrap().permissions().mode() & 0o777, 0o600);
    let text = std::fs::read_to_string(&files[0]).unwrap();
    assert!(text.contains("To: ") && text.contains("Auto-Submitted: auto-generated"));
    assert!(text.contains("Content-Language: fr"));
    assert!(!text.lines().any(|line| line.starts_with("Bcc:")), "a name made a header: {text}");
    let kept = store.latest_mails(10).await.unwrap().remove(0);
    assert!(kept.sent_at.is_some() && kept.text.is_empty());
}

#[tokio::test]
async fn an_address_that_is_none_is_given_up_at_once() {
    let dir = tempfile::tempdir().unwrap();
    let (mailer, store, _) = mailer(&dir, None).await;
    mailer.send_now(message("no address\r\nRCPT TO:<thief@example.org>")).await.unwrap();
    let kept = store.latest_mails(10).await.unwrap().remove(0);
    assert!(kept.next_at.is_none() && kept.sent_at.is_none() && kept.problem.is_some());
}

#[tokio::test]
async fn a_server_that_is_busy_is_tried_again_and_a_mail_is_sent_once() {
    let dir = tempfile::tempdir().unwrap();
    let (url, taken) = server(vec!["451 busy", "451 busy", "250 ok"]).await;
    let (mailer, store, clock) = mailer(&dir, Some(url)).await;
    store.queue_mail(&mailer.queued(message("zoe@example.org"))).await.unwrap();
    for (attempts, minutes) in [(1, 1), (2, 2)] {
        mailer.round().await.unwrap();
        let kept = store.latest_mails(1).await.unwrap().remove(0);
        assert_eq!(kept.attempts, attempts);
        assert!(!kept.text.is_empty() && kept.problem.is_some());
        assert_eq!(kept.next_at.unwrap(), clock.now().checked_add(minutes.minutes()).unwrap());
        mailer.round().await.unwrap(); // not due yet
        assert_eq!(store.latest_mails(1).await.unwrap()[0].attempts, attempts);
        clock.advance(minutes * 60);
    }
    mailer.round().await.unwrap();
    mailer.round().await.unwrap();
    let kept = store.latest_mails(1).await.unwrap().remove(0);
    assert!(kept.sent_at.is_some() && kept.next_at.is_none() && kept.text.is_empty());
    assert_eq!(taken.lock().await.len(), 1);
}

#[tokio::test]
async fn a_refused_mail_is_given_up_and_a_silent_server_is_for_five_days() {
    let dir = tempfile::tempdir().unwrap();
    let (url, _) = server(vec!["550 nobody here"]).await;
    let (mailer, store, clock) = mailer(&dir, Some(url)).await;
    store.queue_mail(&mailer.queued(message("zoe@example.org"))).await.unwrap();
    mailer.round().await.unwrap();
    let kept = store.latest_mails(1).await.unwrap().remove(0);
    assert!(kept.next_at.is_none() && kept.sent_at.is_none());
    let (mut tried, mut mail) = (0, mailer.queued(message("zoe@example.org")));
    while let Some(next) = next_attempt(&mail, clock.now()) {
        clock.advance(next.duration_since(clock.now()).as_secs());
        (tried, mail.attempts) = (tried + 1, mail.attempts + 1);
    }
    assert!((30..50).contains(&tried), "{tried} attempts in five days");
}
