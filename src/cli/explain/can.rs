//! `mfa-ledger explain can`

use clap::ValueEnum;
use mfa_ledger_api::moment::Moment;
use mfa_ledger_api::rows::cell;
use mfa_ledger_api::text::Name;
use mfa_ledger_schemas::ResetRequestId;
use serde_json::{Value, json};

use crate::cli::activity::entry::note;
use crate::cli::out::{self};
use crate::cli::reach::reach;
use crate::cli::{Column, Exit, Failed, Globals, Here, Reach, Single, fields};
use crate::service::{self, PAST, Question, command};

const AFTER_HELP: &str = "\
The answer is the decision that the attempt would have been given, on the state of the moment; `Assumed` says what is
supposed of the attempt. Nothing is done; the question is recorded as reading.

Exit codes: 0 for both answers; 5 when the log had not begun then, or nobody has or had the name, or no request
the id.";

const COLUMNS: &[Column] = &[
    ("Actor", "actor.user_name"),
    ("Target", "target.user_name"),
    ("Allowed", "allowed"),
    ("Code", "code"),
    ("Explanation", "explanation"),
    ("Again at", "retry_at"),
    ("At", "at"),
    ("Position", "position"),
    ("Rests on", "rests_on_in_brief"),
    ("Assumed", "assumed_in_brief"),
];

/// What would be done.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Deed {
    /// Reset the MFA of
    Reset,
    /// Approve the request
    Approve,
    /// Change the names or addresses of
    Change,
}

impl Deed {
    fn name(self) -> &'static str {
        match self {
            Self::Reset => "reset",
            Self::Approve => "approve",
            Self::Change => "change",
        }
    }

    /// As records of the question name it.
    fn about(self) -> &'static str {
        match self {
            Self::Reset => "explain",
            Self::Approve => "explain-approve",
            Self::Change => "explain-change",
        }
    }

    /// What is acted upon, as the API names it.
    fn parameter(self) -> &'static str {
        if matches!(self, Self::Approve) { "reset_request" } else { "target" }
    }

    fn asked(self, target: &str) -> Result<service::Deed, Failed> {
        let of = || target.to_owned();
        Ok(match self {
            Self::Reset => service::Deed::Reset { target: of() },
            Self::Change => service::Deed::Change { target: of() },
            Self::Approve => {
                let id = target.parse::<ResetRequestId>();
                let reset_request =
                    id.map_err(|error| Failed::with(Exit::Usage, format!("{target}: {error}")))?;
                service::Deed::Approve { reset_request }
            }
        })
    }
}

#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub(in crate::cli) struct Args {
    /// Who would act: user name or id
    #[arg(value_name = "ACTOR")]
    actor: Name,
    /// What they would do
    #[arg(value_name = "DEED", value_enum)]
    deed: Deed,
    /// Who would be acted upon: user name or id; what is approved: the id of the request
    #[arg(value_name = "TARGET")]
    target: Name,
    /// When: a position in the log in digits, an RFC 3339 time, or so long ago: 90m, 24h, 7d [default: now]
    #[arg(long, value_name = "MOMENT", value_parser = fields::past_moment)]
    at: Option<Moment>,
    /// Form of what is printed
    #[arg(long, value_enum, default_value_t)]
    output: Single,
}

pub(super) async fn run(globals: &Globals, args: Args) -> Result<(), Failed> {
    let Args { actor, deed, target, at, output } = args;
    let (actor, target) = (actor.into_inner(), target.into_inner());
    let asked = deed.asked(&target)?;
    let question = Question { actor, deed: asked };
    let mut answer = match reach(globals).await? {
        Reach::Here(here) => {
            here.work(async |here| explained(here, (deed, &target), &question, at).await).await?
        }
        Reach::There(remote) => {
            let mut query = vec![("actor", question.actor.clone()), (deed.parameter(), target)];
            query.extend(at.map(|at| ("as_of", at.to_string())));
            remote.get(&format!("/v1/explain/{}", deed.name()), &query).await?
        }
    };
    if output == Single::Table {
        let rests = answer["rests_on"].as_array().into_iter().flatten();
        let rests: Vec<_> = rests.map(|it| format!("{}@{}", cell(it, "stream"), it["position"])).collect();
        let assumed = answer["assumed"].as_array().into_iter().flatten().filter_map(Value::as_str);
        let assumed = assumed.collect::<Vec<_>>().join("; ");
        answer["rests_on_in_brief"] = json!(rests);
        answer["assumed_in_brief"] = json!(assumed);
    }
    out::single(output, COLUMNS, &answer)
}

async fn explained(
    here: &Here,
    (deed, target): (Deed, &str),
    question: &Question,
    at: Option<Moment>,
) -> Result<Value, Failed> {
    let at_moment = at.map(|at| format!("&as_of={at}")).unwrap_or_default();
    let (about, parameter) = (deed.about(), deed.parameter());
    let query = format!("past={about}&actor={}&{parameter}={target}{at_moment}", question.actor);
    note(here, command::ReadActivity { query, right: PAST }).await?;
    let service = here.service();
    let past = match at {
        Some(moment) => service.as_of(moment).await?,
        None => service.present(),
    };
    let answer = service.explain(&past, question).map(|answer| json!(answer));
    answer.ok_or_else(|| {
        let names = format!("{} or {target}", question.actor);
        Failed::with(Exit::NotFound, format!("nobody is, or was then, known as {names}"))
    })
}
