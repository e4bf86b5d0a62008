//! The fields of a code, as a new one and a change have them.

use api::Problem;
use maud::{Markup, html};
use projections::views::{Account, CodeRow};
use schemas::Rate;

use super::super::figures::percent;
use super::super::forms::{Field, Filled, Input, checkbox, post, rate_rule};
use super::super::per_cent;
use super::super::referrals::NOTE_UNITS_MAX;
use super::super::split;
use super::super::submission::Fields;
use super::super::visit::Visit;
use super::PATH;
use crate::words::words;

/// The fields that an error stands at.
const FIELDS: [&str; 4] = ["code", "spot_rebate_rate", "futures_rebate_rate", "note"];
/// The button that only shows what a split gives, where no script does.
pub(super) const PREVIEW: &str = "preview";

/// What a new code's form holds at first: all for the referrer.
pub(super) fn blank() -> Filled {
    Filled::with(&[("spot_rebate_rate", "0%".to_owned()), ("futures_rebate_rate", "0%".to_owned())])
}

/// What the form of a code holds at first.
pub(super) fn held(row: &CodeRow) -> Filled {
    let mut values = vec![
        ("spot_rebate_rate", percent(row.spot_rebate_rate)),
        ("futures_rebate_rate", percent(row.futures_rebate_rate)),
        ("note", row.note.clone()),
    ];
    if row.is_default {
        values.push(("is_default", "true".to_owned()));
    }
    Filled::with(&values)
}

/// The form of a new code.
pub(super) fn new(visit: &Visit, form: &str, account: &Account, filled: &Filled) -> Markup {
    let code = Field {
        name: "code",
        form,
        label: words!("codes-code"),
        hint: words!("codes-code-hint"),
        input: Input::Text { max: 20 },
        is_required: false,
    };
    let inside = html! {
        (filled.general_error(&FIELDS))
        (code.draw(filled))
        (rest(form, account, filled))
        div.row {
            button.primary type="submit" { (words!("codes-make")) }
            button type="submit" name=(PREVIEW) value="true" data-no-script { (words!("codes-preview")) }
        }
    };
    post(visit, PATH, inside)
}

/// The form that changes a code. It bears what it was given with, so that only what was changed is.
pub(super) fn change(visit: &Visit, row: &CodeRow, account: &Account, filled: &Filled) -> Markup {
    let was = [
        ("was_spot_rebate_rate", row.spot_rebate_rate.to_string()),
        ("was_futures_rebate_rate", row.futures_rebate_rate.to_string()),
        ("was_note", row.note.clone()),
        ("was_is_default", row.is_default.to_string()),
    ];
    let inside = html! {
        (filled.general_error(&FIELDS))
        @for (name, value) in &was {
            input type="hidden" name=(name) value=(if filled.value(name).is_empty() { value } else { filled.value(name) });
        }
        (rest("code", account, filled))
        p.hint { (words!("codes-split-from-now-on")) }
        div.row {
            button.primary type="submit" { (words!("codes-save-changes")) }
            button type="submit" name=(PREVIEW) value="true" data-no-script { (words!("codes-preview")) }
        }
    };
    post(visit, &format!("{PATH}/{}", row.code), inside)
}

fn rest(form: &str, account: &Account, filled: &Filled) -> Markup {
    let hint = |base: Rate| words!("codes-rate-hint", base = percent(base));
    let (spot, futures) = (hint(account.spot_rate), hint(account.futures_rate));
    let rate =
        |name, label, hint| Field { name, form, label, hint, input: Input::Rate, is_required: true }.draw(filled);
    let note = Field {
        name: "note",
        form,
        label: words!("codes-note"),
        hint: words!("codes-note-hint"),
        input: Input::Area { rows: 2, max: NOTE_UNITS_MAX },
        is_required: false,
    };
    html! {
        div.fields-2 {
            (rate("spot_rebate_rate", words!("codes-friend-gets-spot-margin"), &spot))
            (rate("futures_rebate_rate", words!("codes-friend-gets-futures"), &futures))
        }
        (rate_rule())
        (split::draw(form, account, filled))
        (note.draw(filled))
        (checkbox(form, "is_default", "true", words!("codes-make-default"), filled.is_checked("is_default")))
    }
}

/// A refusal in the words of the form.
pub(super) fn in_per_cent(problem: Problem, fields: &Fields, account: &Account) -> Problem {
    let bases = [("spot_rebate_rate", account.spot_rate), ("futures_rebate_rate", account.futures_rate)];
    per_cent::in_per_cent(problem, fields, bases)
}
