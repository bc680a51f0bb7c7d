//! Alerts: detection raises them, people look into them and settle them; silences keep them from being passed on.

use mfa_ledger_projections::{Alert, AlertStage};
use mfa_ledger_schemas::v1::{AlertAcknowledged, AlertRaised, AlertResolved, RuleSilenced, SilenceEnded};
use mfa_ledger_schemas::{AlertId, Event, Permission, RefusalCode, StreamName};

use super::case::{Case, No};
use super::command::{AcknowledgeAlert, EndSilence, ResolveAlert, SilenceRule};

pub(super) fn raise(case: &Case<'_>, alert: &AlertRaised) -> Result<Event, No> {
    case.require_system()?;
    case.note(StreamName::Alert(alert.alert));
    // Its id comes from rule, group and position: the same match is the same alert.
    if case.state().alerts.get(alert.alert).is_some() {
        return Err(RefusalCode::AlertExists.into());
    }
    Ok(alert.clone().into())
}

pub(super) fn acknowledge(case: &Case<'_>, command: &AcknowledgeAlert) -> Result<Event, No> {
    case.require(Permission::ManageAlerts)?;
    let alert = known(case, command.alert)?;
    if alert.stage != AlertStage::Open {
        return Err(RefusalCode::AlertClosed.into());
    }
    Ok(AlertAcknowledged { alert: alert.id, note: command.note.clone() }.into())
}

pub(super) fn resolve(case: &Case<'_>, command: &ResolveAlert) -> Result<Event, No> {
    case.require(Permission::ManageAlerts)?;
    let alert = known(case, command.alert)?;
    if alert.stage == AlertStage::Resolved {
        return Err(RefusalCode::AlertClosed.into());
    }
    let (false_positive, note) = (command.false_positive, command.note.clone());
    Ok(AlertResolved { alert: alert.id, false_positive, note }.into())
}

pub(super) fn silence(case: &Case<'_>, command: &SilenceRule) -> Result<Event, No> {
    case.require(Permission::ManageAlerts)?;
    let SilenceRule { silence, rule, group, hours, note } = command.clone();
    let until = case.now.plus_hours(hours.into());
    Ok(RuleSilenced { silence, rule, group, until, note }.into())
}

pub(super) fn end_silence(case: &Case<'_>, command: &EndSilence) -> Result<Event, No> {
    case.require(Permission::ManageAlerts)?;
    let silence = case.state().alerts.silence(command.silence).ok_or(RefusalCode::SilenceNotFound)?;
    case.note(StreamName::Rule(silence.rule.clone()));
    if !silence.is_in_force(case.now) {
        return Err(RefusalCode::SilenceNotFound.into());
    }
    Ok(SilenceEnded { silence: silence.id, rule: silence.rule.clone() }.into())
}

fn known<'a>(case: &Case<'a>, id: AlertId) -> Result<&'a Alert, No> {
    case.note(StreamName::Alert(id));
    case.state().alerts.get(id).ok_or(RefusalCode::AlertNotFound.into())
}
