//! The two files that remember what the anchors held: damaged, deleted, or of anchors that are no longer configured.

use std::path::Path;

use serde_json::Value;

use super::directory::{ANCHORS, anchor, checkpoint, size};
use super::emptied::{LESS, WAY_OUT, anchored, doctor, forget};
use super::{copy, ended, memory, more, put_back, refused};
use crate::support::server::{Place, Server, text};

#[tokio::test]
async fn an_old_installation_and_a_new_anchor_begin_to_remember() {
    let (place, password) = Place::initialised();
    let dir = anchor(&place);
    let first = [(ANCHORS, dir.to_str().expect("a path"))];
    let place = ended(Server::on(place, password.clone(), &[]));
    assert!(!memory(&place).exists(), "without anchors there is nothing to remember");
    let place = anchored(place, &password, &first).await;
    // As an earlier version left it: anchored, and nothing remembered.
    std::fs::remove_file(memory(&place)).expect("it is there");
    std::fs::remove_file(place.data_dir().join("anchors")).expect("it is there");
    let place = anchored(place, &password, &first).await;
    assert!(memory(&place).exists() && place.data_dir().join("anchors").exists());
    let second = place.outside().join("second");
    std::fs::create_dir(&second).expect("it is made");
    let both = format!("{},{}", dir.display(), second.display());
    let place = anchored(place, &password, &[(ANCHORS, &both)]).await;
    assert_eq!(size(&second), size(&dir));
    let list = text(&place.run(&["anchors", "list", "--output", "csv"]).stdout);
    assert!(list.contains(&format!("anchor {},{}", second.display(), size(&second))), "{list}");
    // A command that runs without the configuration of the anchors forgets nothing.
    more(&place, "ann");
    std::fs::remove_dir_all(checkpoint(&second).expect("one").parent().expect("a directory"))
        .expect("removed");
    refused(&place, &[(ANCHORS, &both)], &[&format!("anchor {}", second.display()), LESS]);
    // Taken out of the configuration, it stops nothing, and is reported until somebody says that it is no longer used.
    let place = anchored(place, &password, &first).await;
    let name = format!("anchor {}", second.display());
    let (code, found) = doctor(&place, &first);
    assert_eq!((code, found["status"].as_str()), (Some(0), Some("warn")), "{found}");
    let way_out = format!("{WAY_OUT} \"{name}\" --reason");
    assert!(found["advice"].as_str().is_some_and(|it| it.contains(&way_out)), "{found}");
    let list =
        place.command(&["anchors", "list", "--output", "json"]).envs(first).output().expect("it starts");
    let list: Value = serde_json::from_slice(&list.stdout).expect("JSON");
    let configured = |name: &str| {
        let rows = list.as_array().expect("rows");
        rows.iter().find(|row| row["target"] == name).expect("a row")["configured"].clone()
    };
    assert_eq!(
        (configured(&name), configured(&format!("anchor {}", dir.display()))),
        (false.into(), true.into())
    );
    let server = Server::on(place, password, &first);
    assert!(server.told().contains("the configuration does not name it"), "{}", server.told());
    let place = ended(server);
    let (code, told) = forget(&place, &[&name, "--reason", "no longer used"], &first);
    assert_eq!(code, Some(0), "{told}");
    let (code, found) = doctor(&place, &first);
    assert_eq!((code, found["status"].as_str()), (Some(0), Some("ok")), "{found}");
}

/// The attack: yesterday's data directory and yesterday's anchor, and the one file that knows better is gone.
#[tokio::test]
async fn a_directory_that_was_rolled_back_is_refused_without_the_file_outside() {
    let (place, password) = Place::initialised();
    let dir = anchor(&place);
    let anchors = [(ANCHORS, dir.to_str().expect("a path"))];
    let place = anchored(place, &password, &anchors).await;
    let (yesterday, earlier) = (copy(&place, "yesterday"), size(&dir));
    let sound = std::fs::read(checkpoint(&dir).expect("it is anchored")).expect("it is read");
    more(&place, "ann");
    let place = anchored(place, &password, &anchors).await;
    assert!(size(&dir) > earlier);
    put_back(&place, &yesterday);
    std::fs::write(checkpoint(&dir).expect("one"), &sound).expect("it is written");

    let file = memory(&place);
    let whole = std::fs::read(&file).expect("it is read");
    for (damage, told) in [(None, "is missing, and"), (Some(&whole[..whole.len() / 2]), "is damaged")] {
        match damage {
            None => std::fs::remove_file(&file).expect("it can be removed"),
            Some(bytes) => std::fs::write(&file, bytes).expect("it is written"),
        }
        let told = format!("{} {told}", file.display());
        let told: [&str; 4] =
            [&told, "anchors forget --all", "log verify --checkpoint FILE", "events verify"];
        refused(&place, &anchors, &told);
        // Neither is the configuration a way around it.
        refused(&place, &[], &told);
        assert_eq!(doctor(&place, &anchors).0, Some(10));
        let list = place.run(&["anchors", "list"]);
        assert_eq!(list.status.code(), Some(10));
        assert!(text(&list.stdout).contains(&format!("anchor {}", dir.display())), "{}", text(&list.stdout));
        // The log is checked all the same, so that somebody can compare how far it goes.
        let verify = place.command(&["log", "verify"]).envs(anchors).output().expect("it starts");
        assert_eq!(verify.status.code(), Some(10), "{}", text(&verify.stderr));
        assert!(text(&verify.stdout).contains("sound"), "{}", text(&verify.stdout));
    }
    // An operator who has checked says so; what is left is named, and what is not known as well.
    let (code, told) = forget(&place, &["--all", "--reason", "compared with NATS"], &anchors);
    assert_eq!(code, Some(0), "{told}");
    assert!(told.contains(&format!("anchor {}", dir.display())) && told.contains("not checked"), "{told}");
    anchored(place, &password, &anchors).await;
}

/// Forgetting everything holds the log against what the anchors hold now, although no file can be read.
#[tokio::test]
async fn forgetting_everything_is_no_way_around_an_anchor_that_knows_more() {
    let (place, password) = Place::initialised();
    let dir = anchor(&place);
    let anchors = [(ANCHORS, dir.to_str().expect("a path"))];
    let place = anchored(place, &password, &anchors).await;
    let yesterday = copy(&place, "yesterday");
    more(&place, "ann");
    let place = anchored(place, &password, &anchors).await;
    put_back(&place, &yesterday);
    std::fs::remove_file(memory(&place)).expect("it is there");
    let (code, told) = forget(&place, &["--all", "--reason", "why"], &anchors);
    assert!(code == Some(10) && told.contains("records are missing"), "{code:?} {told}");
}

/// Another path of the same directory is the same anchor.
#[tokio::test]
async fn an_anchor_that_was_emptied_is_refused_under_every_path_of_it() {
    let (place, password) = Place::initialised();
    let dir = anchor(&place);
    let place = anchored(place, &password, &[(ANCHORS, dir.to_str().expect("a path"))]).await;
    let link = place.outside().join("link");
    std::os::unix::fs::symlink(&dir, &link).expect("it is made");
    std::fs::remove_dir_all(checkpoint(&dir).expect("one").parent().expect("a directory")).expect("removed");
    for path in [format!("{}/.", dir.display()), format!("{}//", dir.display()), link.display().to_string()] {
        refused(&place, &[(ANCHORS, &path)], &[LESS]);
    }
}

#[tokio::test]
async fn a_torn_inside_file_of_the_memory_is_replaced_and_a_torn_outside_file_is_refused() {
    let (place, password) = Place::initialised();
    let dir = anchor(&place);
    let anchors = [(ANCHORS, dir.to_str().expect("a path"))];
    let place = anchored(place, &password, &anchors).await;
    let (outside, inside) = (memory(&place), place.data_dir().join("anchors"));
    let whole = std::fs::read(&outside).expect("it is read");
    let tear = |file: &Path| std::fs::write(file, &whole[..whole.len() / 2]).expect("it is written");
    tear(&inside);
    let (code, found) = doctor(&place, &anchors);
    assert_eq!((code, found["status"].as_str()), (Some(0), Some("warn")), "{found}");
    assert!(found["detail"].as_str().is_some_and(|it| it.contains(&*inside.to_string_lossy())), "{found}");
    more(&place, "ann");
    let place = anchored(place, &password, &anchors).await;
    let (code, found) = doctor(&place, &anchors);
    assert_eq!((code, found["status"].as_str()), (Some(0), Some("ok")), "{found}");
    let sound = std::fs::read(&outside).expect("it is read");
    tear(&outside);
    refused(&place, &anchors, &["ledger.signing.anchors is damaged", "forget --all"]);
    std::fs::write(&outside, &sound).expect("it is written");
    let place = anchored(place, &password, &anchors).await;
    tear(&outside);
    tear(&inside);
    let told = ["what the anchors held is not known", "ledger.signing.anchors is damaged", "forget --all"];
    refused(&place, &anchors, &told);
    assert_eq!(doctor(&place, &anchors).0, Some(10));
    let (code, told) = forget(&place, &["--all", "--reason", "both files were torn"], &anchors);
    assert_eq!(code, Some(0), "{told}");
    let server = Server::on(place, password, &anchors);
    let held = forget(&server.place, &["--all", "--reason", "why"], &anchors);
    assert!(held.0 == Some(1) && held.1.contains("another process has the data directory"), "{held:?}");
    ended(server);
}
