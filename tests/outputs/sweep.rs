//! What a killed server left among the outputs is gone after the next start, and only that.

use centre_tests::TestCentre;

use super::kit::{insert, project};
use crate::office::kit::tamper;

/// Threat: personal data that nobody removes any more; and a centre that does not start because of
/// one row or file.
#[tokio::test]
async fn rubbish_is_removed_at_a_start_and_what_cannot_be_holds_up_nothing() {
    let centre = TestCentre::start().await;
    let (application, bubble) = project(&centre, "ada", &[], 1).await;
    let import = |number: u32| domain::Import {
        id: centre.centre.id(),
        version: 0,
        bubble: bubble.id,
        application: application.id,
        author: application.lead,
        number,
        sent_at: centre.centre.now(),
        told: domain::outputs::import::Told {
            name: "fit.py".to_owned(),
            kind: domain::outputs::import::ImportKind::Code,
            origin: String::new(),
            reason: String::new(),
            linkable: false,
        },
        sha256: "0".repeat(64),
        bytes: 1,
        state: domain::outputs::import::ImportState::InReview,
    };
    let (kept, unreadable) = (import(1), import(2));
    insert(&centre, &kept).await;
    insert(&centre, &unreadable).await;
    tamper(&centre, format!("update imports set body = '{{}}' where id = '{}'", unreadable.id))
        .await;
    let put = |path: String| {
        let path = centre.dir.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, "x").unwrap();
        path
    };
    let orphan = uuid::Uuid::now_v7();
    let rubbish = [
        put(format!("imports/{orphan}")), // killed between file and row
        put(format!("packs/.tmp-{orphan}")),
        put(format!("released/{}/.tmp-{orphan}-0", application.id)),
        put("exports/.tmp-0-0/0".to_owned()),
    ];
    let stays = [
        put(format!("imports/{}", kept.id)),
        put(format!("imports/{}", unreadable.id)),
        put(format!("packs/{orphan}.zip")),
        put(format!("released/{}/{orphan}-0.json", application.id)),
    ];
    std::fs::create_dir(centre.dir.path().join(format!("imports/{}", uuid::Uuid::nil()))).unwrap();
    let centre = centre.restart().await;
    for path in rubbish {
        assert!(!path.exists(), "{}", path.display());
    }
    for path in stays {
        assert!(path.exists(), "{}", path.display());
    }
    assert_eq!(centre.visitor().get("/sign-in").await.status, 200);
}
