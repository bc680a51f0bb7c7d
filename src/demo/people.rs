//! The cast: sixty administrators of a school district that does not exist.

/// The first super administrator.
pub(super) const ROOT: &str = "ada.root";
/// Works at the help desk; the user whose authenticator is printed.
pub(super) const HELP_DESK: &str = "hanna.desk";
/// Sits at the desk at night, with the rights of an IT administrator: whom the attacker talks to.
pub(super) const NIGHT_DESK: &str = "nils.desk";
/// The victim of the attack.
pub(super) const VICTIM: &str = "ines.it";
/// Whom the attacker goes on to.
pub(super) const SECOND_VICTIM: &str = "iris.it";
/// Reads the activity log; has no MFA, so that a demo needs no code.
pub(super) const AUDITOR: &str = "otto.audit";
/// A super administrator whom the help desk may not reset.
pub(super) const SECOND_ROOT: &str = "alan.root";
/// Has a role that is made to require MFA, and never enrolled.
pub(super) const UNENROLLED: &str = "sven.security";

/// Of the general staff; her phone is lost, for whoever wants to try a reset.
pub(super) const LOST_PHONE: &str = "dana.reyes";

/// Given names of the general staff, who make up the rest.
const STAFF: &[&str] = &[
    "anna", "bela", "carla", "david", "elena", "felix", "greta", "hugo", "ida", "jakub", "klara", "lukas",
    "marta", "noah", "olga", "pavel", "quirin", "rosa", "samuel", "tereza", "ulla", "viktor", "wanda",
    "xaver", "yara", "zoe", "amir", "birgit", "cyril", "emil", "frida", "georg", "helena", "ivan", "jana",
    "karel", "lucie", "milan", "nina", "oskar", "petra", "radek", "sara", "tomas", "vera", "wilma", "zdenek",
];

/// User name, role.
pub(super) fn cast() -> Vec<(String, &'static str)> {
    let known = [
        (HELP_DESK, "help-desk"),
        (NIGHT_DESK, "it-administrator"),
        ("petr.desk", "help-desk"),
        (VICTIM, "it-administrator"),
        (SECOND_VICTIM, "it-administrator"),
        ("igor.it", "it-administrator"),
        (SECOND_ROOT, "system-administrator"),
        (UNENROLLED, "security-officer"),
        ("sofia.security", "security-officer"),
        (AUDITOR, "auditor"),
        ("olivia.audit", "auditor"),
        (LOST_PHONE, "general-staff"),
    ];
    let known = known.into_iter().map(|(name, role)| (name.to_owned(), role));
    known.chain(STAFF.iter().map(|given| (format!("{given}.staff"), "general-staff"))).collect()
}

/// Whether somebody of the general staff.
pub(super) fn is_staff(user_name: &str) -> bool {
    user_name == LOST_PHONE || user_name.split_once('.').is_some_and(|(_, rest)| rest == "staff")
}

/// `hanna.desk` is Hanna Desk.
pub(super) fn display_name(user_name: &str) -> String {
    let capital = |part: &str| part[..1].to_uppercase() + &part[1..];
    user_name.split('.').map(capital).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cast_and_the_first_administrator_are_sixty() {
        assert_eq!(cast().len() + 1, 60);
        assert_eq!(display_name("hanna.desk"), "Hanna Desk");
    }
}
