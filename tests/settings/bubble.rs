//! From an authorised application to a bubble that is ready, and what keeps it from being so.

use std::path::Path;

use centre_tests::TestCentre;
use domain::{
    Bubble,
    settings::bubble::{BubbleState, by_the_centre},
};

use crate::settings::kit::{
    at_work, authorise, bubble_is, habilitate, later, project, ready, replace, session_is,
};

#[tokio::test]
async fn an_authorised_project_gets_a_bubble_once_its_self_tests_pass() {
    let centre = TestCentre::start_with_bubbles().await;
    let project = project(&centre, "ada", "hie").await;
    authorise(&centre, &project).await;
    let ada = centre.person("ada").await;
    let waiting = bubble_is(&centre, project.application, "waiting_prerequisites").await;
    assert_eq!(waiting.state.missing(), ["no_member_enrolled"]);
    let page = ada.get(&format!("/bubbles/{}", waiting.id)).await;
    assert!(page.text.contains("At least one member must be enrolled"), "{}", page.text);
    habilitate(&centre, &project, "ada", 300).await;
    centre.centre.settle().await.unwrap();
    let bubble = bubble_is(&centre, project.application, "ready").await;
    for name in ["no_route", "names_do_not_resolve", "mounts_exact", "recorder_on"] {
        let check = bubble.checks.iter().find(|check| check.name == name);
        assert!(check.is_some_and(|check| check.passed), "{name}: {:#?}", bubble.checks);
    }
    let events = centre.events().await;
    let ours: Vec<&str> = events
        .iter()
        .map(String::as_str)
        .filter(|kind| {
            ["bubble", "checks", "prerequisites", "provision"]
                .contains(&kind.split('.').next().unwrap())
        })
        .collect();
    let expected = [
        "bubble.requested",
        "checks.opened",
        "prerequisites.complete",
        "provision.done",
        "bubble.ready",
    ];
    assert_eq!(ours, expected);
    authorise(&centre, &project).await; // the same event again makes no second bubble
    assert_eq!(centre.centre.store.all::<Bubble>().await.unwrap().len(), 1);
}

/// An image cache that looks complete and holds nothing that runs.
fn broken_images(folder: &Path) {
    let recipe = sandbox::image::Recipe::built_in().unwrap();
    let real = sandbox::image::default_cache().join(recipe.digest());
    let broken = folder.join(recipe.digest());
    for file in ["usr/bin/bash", "usr/bin/R", "opt/python/bin/python", "etc/passwd"] {
        let path = broken.join("root").join(file);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, "").unwrap();
    }
    std::fs::copy(real.join("manifest.json"), broken.join("manifest.json")).unwrap();
}

#[tokio::test]
async fn a_bubble_whose_self_tests_fail_is_not_ready_and_only_the_operator_tries_again() {
    sandbox::image::ensure(&sandbox::image::default_cache(), &mut |_| {}).unwrap();
    let images = tempfile::tempdir().unwrap();
    broken_images(images.path());
    let centre = TestCentre::start_with_images(Some(images.path().to_owned())).await;
    let project = project(&centre, "ada", "hie").await;
    habilitate(&centre, &project, "ada", 300).await;
    authorise(&centre, &project).await;
    let failed = bubble_is(&centre, project.application, "provision_failed").await;
    let ada = centre.person("ada").await;
    let entered = ada.get(&format!("/bubbles/{}/terminal", failed.id)).await;
    assert!(entered.text.contains("You cannot open a terminal"));
    let retry = format!("/host/bubbles/{}/retry", failed.id);
    for person in ["ada", "ines", "nora", "omar"] {
        let client = centre.person(person).await;
        assert_eq!(client.post(&retry, &[]).await.status, 403, "{person}");
        let api = client.api(reqwest::Method::POST, &format!("/api/v1{retry}"), "{}".into()).await;
        assert_eq!(api.status, 403, "{person}");
    }
    let marc = centre.person("marc").await;
    let host = marc.get("/host").await;
    assert!(host.text.contains("Try bubble 1 again"), "{}", host.text);
    assert!(!host.text.contains("secret title") && !host.text.contains("Ada Lovelace"));
    assert_eq!(marc.get(&format!("/bubbles/{}", failed.id)).await.status, 404);
    // The broken image is mended: the real one takes its place.
    let real = sandbox::image::default_cache();
    std::fs::remove_dir_all(images.path()).unwrap();
    std::os::unix::fs::symlink(real, images.path()).unwrap();
    assert_eq!(marc.post(&retry, &[]).await.status, 303);
    bubble_is(&centre, project.application, "ready").await;
    assert_eq!(marc.post(&retry, &[]).await.status, 409);
    std::fs::remove_file(images.path()).unwrap();
}

#[tokio::test]
async fn a_bubble_that_a_killed_server_was_making_is_made_at_the_next_start() {
    let centre = TestCentre::start_with_bubbles().await;
    let project = project(&centre, "ada", "hie").await;
    habilitate(&centre, &project, "ada", 300).await;
    // What a killed server leaves: the row in `provisioning`, no job.
    let bubble = Bubble::requested(centre.centre.id(), project.application, 1, "small");
    let left = by_the_centre(&bubble).check(vec![]).unwrap();
    crate::settings::kit::insert(&centre, "test.made", &left).await;
    let centre = centre.restart().await;
    bubble_is(&centre, project.application, "ready").await;
}

#[tokio::test]
async fn a_suspension_cuts_sessions_and_its_end_takes_two_officers() {
    let centre = TestCentre::start_with_bubbles().await;
    let (project, bubble) = ready(&centre, "ada", "hie").await;
    let mut terminal = at_work(&centre, &bubble, "ada").await;
    terminal.run("echo here").await;
    let (ines, jules) = (centre.person("ines").await, centre.person("jules").await);
    let suspend = format!("/bubbles/{}/suspend", bubble.id);
    let empty = ines.post(&suspend, &[("reason", "  ")]).await;
    assert_eq!(empty.status, 422);
    assert!(empty.text.contains("Give a reason"));
    for person in ["ada", "nora"] {
        let refused = centre.person(person).await.post(&suspend, &[("reason", "x")]).await;
        assert_eq!(refused.status, 403, "{person}");
    }
    assert_eq!(ines.post(&suspend, &[("reason", "odd hours")]).await.status, 303);
    assert_eq!(terminal.over().await, "The bubble is suspended.");
    let cut = session_is(&centre, centre.who("ada").await.id, "cut").await;
    assert!(cut.recording().is_some_and(|recording| !recording.sha256.is_empty()));
    let restore = format!("/bubbles/{}/restore", bubble.id);
    assert_eq!(ines.post(&restore, &[]).await.status, 303);
    assert_eq!(ines.post(&restore, &[]).await.status, 403);
    let still = bubble_is(&centre, project.application, "suspended").await;
    assert!(matches!(still.state, BubbleState::Suspended { restore_asked_by: Some(_), .. }));
    assert_eq!(jules.post(&restore, &[]).await.status, 303);
    bubble_is(&centre, project.application, "active").await;
}

#[tokio::test]
async fn a_closing_bubble_is_read_only_then_archived_and_deleted_with_a_certificate() {
    let centre = TestCentre::start_with_bubbles().await;
    let (project, bubble) = ready(&centre, "ada", "hie").await;
    let mut terminal = at_work(&centre, &bubble, "ada").await;
    terminal.run("echo kept > /project/model.R").await;
    terminal.leave().await;
    let (ada, marc) = (centre.person("ada").await, centre.person("marc").await);
    let close = format!("/bubbles/{}/close", bubble.id);
    assert_eq!(centre.person("zoe").await.post(&close, &[]).await.status, 404);
    assert_eq!(ada.post(&close, &[]).await.status, 303);
    let closing = bubble_is(&centre, project.application, "closing").await;
    let mut terminal = at_work(&centre, &closing, "ada").await;
    assert!(terminal.run("cat /project/model.R").await.contains("kept"));
    let refused = terminal.run("echo new > /project/new").await;
    assert!(refused.contains("Read-only"), "{refused}");
    assert!(terminal.run("echo last > /exports/last.txt").await.contains("done-0"));
    terminal.leave().await;
    let archive = format!("/host/bubbles/{}/archive", bubble.id);
    assert_eq!(marc.post(&archive, &[]).await.status, 409); // the thirty days are not over
    centre.advance(31 * 86_400).await;
    let marc = centre.person("marc").await; // the login ended meanwhile
    assert_eq!(marc.post(&archive, &[]).await.status, 303);
    let kept = centre.dir.path().join("bubbles/archive/1/project/model.R");
    assert_eq!(std::fs::read_to_string(&kept).unwrap(), "kept\n");
    centre.advance(11 * 365 * 86_400).await;
    let deleted = bubble_is(&centre, project.application, "deleted").await;
    assert!(!kept.exists());
    let BubbleState::Deleted { certificate, .. } = deleted.state else { unreachable!() };
    assert!(certificate.contains("\"files\":"), "{certificate}");
}

#[tokio::test]
async fn the_end_of_a_project_closes_its_bubble() {
    let centre = TestCentre::start_with_bubbles().await;
    let (project, bubble) = ready(&centre, "ada", "hie").await;
    let event = centre.centre.system_event("application.ended", "application", project.application);
    centre.centre.store.change(&event).commit().await.unwrap();
    centre.centre.settle().await.unwrap();
    let closing = bubble_is(&centre, project.application, "closing").await;
    assert_eq!(closing.state, BubbleState::Closing { until: later(&centre, 30) });
    // The same again changes nothing.
    replace(&centre, "application.ended", &closing, &closing).await;
    centre.centre.settle().await.unwrap();
    assert_eq!(bubble_is(&centre, project.application, "closing").await.id, bubble.id);
}
