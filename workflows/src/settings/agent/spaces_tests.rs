use super::*;

fn config(dir: &Path) -> AgentConfig {
    let config = AgentConfig {
        bubbles: dir.join("bubbles"),
        deposits: dir.join("deposits"),
        image_cache: dir.join("images"),
        volumes: false,
        server_uid: None,
        program: None,
    };
    fs::create_dir_all(&config.bubbles).unwrap();
    config
}

#[test]
fn spaces_are_made_once_archived_once_and_deleted_with_a_count() {
    let dir = tempfile::tempdir().unwrap();
    let config = config(dir.path());
    prepare(&config, 3, "small").unwrap();
    prepare(&config, 3, "small").unwrap();
    fs::write(config.bubbles.join("3/project/model.R"), "lm()").unwrap();
    fs::write(config.bubbles.join("3/scratch/big"), "x").unwrap();
    archive(&config, 3).unwrap();
    archive(&config, 3).unwrap();
    assert!(!config.bubbles.join("3").exists());
    assert!(config.bubbles.join("archive/3/project/model.R").exists());
    assert!(!config.bubbles.join("archive/3/scratch").exists());
    assert_eq!(prepare(&config, 3, "small").unwrap_err().code, "archived");
    let certificate: serde_json::Value =
        serde_json::from_str(&delete(&config, 3).unwrap()).unwrap();
    assert_eq!(certificate["files"], 1);
    assert!(!config.bubbles.join("archive/3").exists());
}

#[test]
fn a_link_in_place_of_a_space_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let config = config(dir.path());
    fs::create_dir(config.bubbles.join("1")).unwrap();
    std::os::unix::fs::symlink("/etc", config.bubbles.join("1/project")).unwrap();
    assert_eq!(prepare(&config, 1, "small").unwrap_err().code, "disk");
}

#[test]
fn deleting_follows_no_link() {
    let dir = tempfile::tempdir().unwrap();
    let config = config(dir.path());
    let outside = dir.path().join("precious");
    fs::create_dir(&outside).unwrap();
    fs::write(outside.join("data"), "kept").unwrap();
    prepare(&config, 2, "small").unwrap();
    std::os::unix::fs::symlink(&outside, config.bubbles.join("2/project/way-out")).unwrap();
    delete(&config, 2).unwrap();
    assert!(outside.join("data").exists());
}

#[test]
fn a_taken_file_is_copied_hashed_and_the_copy_removed() {
    let dir = tempfile::tempdir().unwrap();
    let config = config(dir.path());
    prepare(&config, 1, "small").unwrap();
    fs::write(exports(&config, 1).join("t.csv"), "a,b\n").unwrap();
    std::os::unix::fs::symlink("/etc/passwd", exports(&config, 1).join("l.csv")).unwrap();
    let (digest, copy) = take(&config, 1, "t.csv", 100).unwrap();
    assert_eq!(digest.bytes, 4);
    let place = copy.path().to_owned();
    assert_eq!(fs::read(&place).unwrap(), b"a,b\n");
    drop(copy);
    assert!(!place.exists());
    assert_eq!(take(&config, 1, "t.csv", 3).err().unwrap().code, "too_long");
    assert_eq!(take(&config, 1, "l.csv", 100).err().unwrap().code, "leads_out");
    assert_eq!(take(&config, 1, "../../precious", 100).err().unwrap().code, "leads_out");
    assert_eq!(take(&config, 9, "t.csv", 100).err().unwrap().code, "missing");
}

#[test]
fn an_unknown_profile_and_a_deposit_without_data_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    let config = config(dir.path());
    assert_eq!(prepare(&config, 1, "huge").unwrap_err().code, "profile");
    let deposit = domain::DepositId(uuid::Uuid::from_u128(1));
    let order = Order {
        bubble: 1,
        profile: "small".into(),
        person: None,
        mounts: vec![super::super::protocol::MountOrder { name: "a/1".into(), deposit }],
        frozen: false,
        application: uuid::Uuid::nil().into(),
        rules: "{}".to_owned(),
    };
    let image = Image { root: dir.path().to_owned(), digest: String::new() };
    assert_eq!(launch(&config, image, &order).unwrap_err().code, "deposit");
}

#[test]
fn halves_of_imports_that_a_killed_agent_left_are_removed_and_nothing_else() {
    let dir = tempfile::tempdir().unwrap();
    let config = config(dir.path());
    prepare(&config, 3, "small").unwrap();
    let bubble = config.bubbles.join("3");
    let own = bubble.join("project/.import-notes"); // a researcher's, whatever its name
    for path in [&bubble.join(".import-a1"), &bubble.join(".import-b2"), &own] {
        fs::write(path, "half").unwrap();
    }
    fs::write(config.bubbles.join(".import-c3"), "no bubble's").unwrap();
    sweep_imports(&config);
    let mut left: Vec<_> = fs::read_dir(&bubble)
        .unwrap()
        .map(|it| it.unwrap().file_name().into_string().unwrap())
        .collect();
    left.sort();
    assert_eq!(left, ["exports", "home", "imports", "project", "scratch"]);
    assert!(own.exists() && config.bubbles.join(".import-c3").exists());
}
