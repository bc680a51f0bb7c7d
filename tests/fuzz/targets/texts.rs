//! Every type that is read from text: ids, streams, moments, positions, closed sets. What is read is
//! written as something that reads as the same; an id has one spelling.

use std::fmt::{Debug, Display};
use std::str::FromStr;

use mfa_ledger_schemas::{
    AdministratorId, AlertId, AnnexId, CredentialId, EventId, Instant, LedgerId, MfaStatus, Outcome as What,
    Permission, Position, ResetReason, ResetRequestId, RoleId, Scope, ServiceAccountId, SessionId,
    StreamName, VerificationMethod,
};

use super::{Outcome, Target};

pub const TARGET: Target = Target { name: "texts", seeds, run };

pub fn seeds() -> Vec<Vec<u8>> {
    let texts = [
        "adm_01h455vb4pex5vsknk084sn02q",
        "ses_7zzzzzzzzzzzzzzzzzzzzzzzzz",
        "crd_00000000000000000000000000",
        "lgr_01h455vb4pex5vsknk084sn02q",
        "administrator/adm_01h455vb4pex5vsknk084sn02q",
        "service-account/sva_01h455vb4pex5vsknk084sn02q",
        "role/help-desk",
        "rule/night-resets",
        "strangers",
        "2026-05-03T14:05:00.050Z",
        "2026-05-03T14:05:00+02:00",
        "-009999-01-02T01:59:59Z",
        "9999-12-30T22:00:00.999999999Z",
        "9223372036854775807",
        "manage-mfa",
        "lost_or_stolen_device",
        "not_enabled",
    ];
    texts.map(|text| text.as_bytes().to_vec()).to_vec()
}

pub fn run(data: &[u8]) -> Outcome {
    let Ok(text) = std::str::from_utf8(data) else { return "not UTF-8".into() };
    let spelt_once = [
        exact::<AdministratorId>(text),
        exact::<AlertId>(text),
        exact::<AnnexId>(text),
        exact::<CredentialId>(text),
        exact::<EventId>(text),
        exact::<LedgerId>(text),
        exact::<ResetRequestId>(text),
        exact::<ServiceAccountId>(text),
        exact::<SessionId>(text),
    ];
    let ids = spelt_once.into_iter().filter(|read| *read).count();
    assert!(ids <= 1, "{text:?} is the id of several things");
    let slug = exact::<RoleId>(text);
    let stream = again::<StreamName>(text);
    let moment = again::<Instant>(text);
    if let Ok(read) = text.parse::<Instant>() {
        is_moment(&read.to_string());
    }
    let position = again::<Position>(text);
    let member = exact::<MfaStatus>(text)
        | exact::<What>(text)
        | exact::<Permission>(text)
        | exact::<ResetReason>(text)
        | exact::<Scope>(text)
        | exact::<VerificationMethod>(text);
    match (ids, stream, moment, position, member, slug) {
        (1, ..) => "id".into(),
        (_, true, ..) => "stream".into(),
        (_, _, true, ..) => "moment".into(),
        (.., true, _, _) => "position".into(),
        (.., true, _) => "member".into(),
        (.., true) => "slug".into(),
        _ => "refused".into(),
    }
}

/// Whether it reads; it is then written as it was.
fn exact<T: FromStr + Display>(text: &str) -> bool {
    let read = text.parse::<T>();
    read.is_ok_and(|value| {
        assert_eq!(value.to_string(), text, "it has another spelling");
        true
    })
}

/// Whether it reads; what is then written reads as the same.
fn again<T: FromStr<Err: Debug> + Display + Debug + PartialEq>(text: &str) -> bool {
    text.parse::<T>().is_ok_and(|value| {
        assert_eq!(value.to_string().parse::<T>().expect("it reads back"), value, "{text:?}");
        true
    })
}

/// RFC 3339 with three decimals, which sorts as the moments do.
fn is_moment(text: &str) {
    let (digits, others): (Vec<_>, Vec<_>) =
        text.bytes().enumerate().partition(|(_, it)| it.is_ascii_digit());
    let others: Vec<_> = others.into_iter().map(|(at, byte)| (at, char::from(byte))).collect();
    let expected = [(4, '-'), (7, '-'), (10, 'T'), (13, ':'), (16, ':'), (19, '.'), (23, 'Z')];
    assert!(digits.len() == 17 && others == expected, "{text:?} is no moment");
}
