//! A damaged header of the key slots is called damage by every command, not a wrong key.

use super::served::{doctor, serve};
use crate::support::server::{Place, text};

/// Bytes that nothing covers but the check of the header page: one of its zeros, and one of the number of slots.
const UNDER_NO_KEY: [usize; 2] = [2000, 513];

#[test]
fn a_damaged_header_page_of_the_vault_is_damage_to_every_command() {
    let (place, _) = Place::initialised();
    let made = place.run(&["backup", "create", "--to", "sound"]);
    assert!(made.status.success(), "{}", text(&made.stderr));
    let file = place.data_dir().join("vault/slots");
    let sound = std::fs::read(&file).unwrap();
    for at in UNDER_NO_KEY {
        let mut bytes = sound.clone();
        bytes[at] ^= 0x41;
        std::fs::write(&file, &bytes).unwrap();
        let output = serve(&place, &[]);
        let told = text(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "byte {at}: {told}");
        assert!(told.contains("is damaged at byte") && told.contains("--vault-only"), "byte {at}: {told}");
        let (code, told) = doctor(&place);
        assert_eq!((code, told["status"].as_str()), (Some(1), Some("fail")), "byte {at}: {told}");
        assert!(told["detail"].as_str().unwrap().contains("is damaged at byte"), "byte {at}: {told}");
        assert!(told["advice"].as_str().unwrap().contains("--vault-only"), "byte {at}: {told}");
        let to = format!("b{at}");
        for (door, code) in [(&["backup", "create", "--to", &to][..], 10), (&["administrator", "list"], 1)] {
            let output = place.run(door);
            let told = text(&output.stderr);
            assert_eq!(output.status.code(), Some(code), "byte {at}: {door:?}: {told}");
            assert!(told.contains("is damaged at byte"), "byte {at}: {door:?}: {told}");
            assert!(!told.contains("master key"), "byte {at}: {door:?}: {told}");
        }
        let from = place.outside().join("sound").display().to_string();
        let output = place.run(&["backup", "restore", &from, "--vault-only"]);
        assert!(output.status.success(), "byte {at}: {}", text(&output.stderr));
        assert_eq!(doctor(&place).1["status"], "ok", "byte {at}");
        std::fs::write(&file, &sound).unwrap();
    }
}
