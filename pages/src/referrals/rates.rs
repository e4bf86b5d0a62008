//! An invitee's rebate rates: those in force, how they came about, and the form that sets them from now on.

use api::Problem;
use api::commands::referrals::{RebateBody, rebate_of};
use api::query::invitee_of_path;
use axum::extract::Path;
use axum::response::Response;
use maud::{Markup, html};
use projections::commands::Command;
use projections::views::{Account, AgreedRates, ReferralRow};
use schemas::{Rate, Uid};

use super::super::bodies::FormBody;
use super::super::figures::{self, percent};
use super::super::forms::{Field, Filled, Input, post, rate_rule};
use super::super::link::encoded;
use super::super::per_cent::in_per_cent;
use super::super::split;
use super::super::submission::{Fields, Submission};
use super::super::tables::{Column, Table};
use super::super::visit::Visit;
use super::invitee;
use crate::words::{marked, words};

/// The fields of the form.
const FIELDS: [&str; 2] = ["spot_rebate_rate", "futures_rebate_rate"];

/// The history, with who set each.
pub(super) fn history(visit: &Visit, row: &ReferralRow, agreed: &[AgreedRates]) -> Markup {
    let columns = [
        Column::text(words!("referrals-rates-from")),
        Column::figure(words!("referrals-spot-and-margin")),
        Column::figure(words!("referrals-futures")),
        Column::text(words!("referrals-rates-set-by")),
    ];
    let rows = html! {
        @for rates in agreed.iter().rev() {
            tr {
                th scope="row" { (figures::time(rates.since)) }
                td.num { (figures::rate(rates.spot)) }
                td.num { (figures::rate(rates.futures)) }
                td {
                    @if rates.event.event_type == "referral.code.v1" {
                        @let link = visit.link(format!("/codes/{}", encoded(&row.code)));
                        (marked!("referrals-rates-by-code", code = html! { a href=(link) { (row.code) } }))
                    } @else {
                        code { (rates.event.event_type) } " " code { (rates.event.id) }
                    }
                    span.hint { (marked!("referrals-rates-position", position = figures::count(rates.event.position))) }
                }
            }
        }
    };
    let caption = words!("referrals-rates-caption");
    Table { id: "rate-history", caption, columns: &columns, sorting: None, rows }.draw(visit)
}

/// What the form holds before it is sent.
pub(super) fn held(row: &ReferralRow) -> Filled {
    Filled::with(&[
        ("spot_rebate_rate", percent(row.spot_rebate_rate)),
        ("futures_rebate_rate", percent(row.futures_rebate_rate)),
    ])
}

/// What the form holds after a refusal.
pub(super) fn refused(fields: Fields, problem: Problem, account: &Account) -> Filled {
    let bases = [("spot_rebate_rate", account.spot_rate), ("futures_rebate_rate", account.futures_rate)];
    let problem = in_per_cent(problem, &fields, bases);
    Filled::refused(fields, problem)
}

/// The form that sets the rates.
pub(super) fn form(visit: &Visit, invitee: Uid, account: &Account, filled: &Filled) -> Markup {
    let hint = |base: Rate| words!("referrals-rate-hint", base = percent(base));
    let (spot, futures) = (hint(account.spot_rate), hint(account.futures_rate));
    let field = |name, label, hint| {
        Field { name, form: "rebate", label, hint, input: Input::Rate, is_required: true }.draw(filled)
    };
    let inside = html! {
        (filled.general_error(&FIELDS))
        div.fields-2 {
            (field("spot_rebate_rate", words!("referrals-rebate-of-spot"), &spot))
            (field("futures_rebate_rate", words!("referrals-rebate-of-futures"), &futures))
        }
        (rate_rule())
        (split::draw("rebate", account, filled))
        p.hint { (words!("referrals-rates-from-now-on")) }
        button.primary type="submit" { (words!("referrals-set-rates")) }
    };
    post(visit, &format!("/referrals/{invitee}/rebate"), inside)
}

pub(super) async fn post_rebate(Path(invitee): Path<String>, submission: Submission) -> Result<Response, Problem> {
    let invitee = invitee_of_path(&invitee)?;
    submission.require_command()?;
    let fields = &submission.fields;
    let given = match rebate(fields, invitee) {
        Ok(command) => submission.command(command).await,
        Err(problem) => Err(problem),
    };
    match given {
        Ok(_) => {
            let to = submission.visit.link(format!("/referrals/{invitee}"));
            Ok(submission.redirect(&to, &words!("referrals-rates-are-set", uid = invitee)))
        }
        Err(problem) => invitee::show(&submission.visit, invitee, Some((submission.fields.clone(), problem))).await,
    }
}

/// The command that a form gives.
fn rebate(fields: &Fields, invitee: Uid) -> Result<Command, Problem> {
    let body = FIELDS.into_iter().try_fold(FormBody::default(), |body, name| body.rate(fields, name))?;
    Ok(rebate_of(&body.read(RebateBody::SHAPE)?)?(invitee))
}
