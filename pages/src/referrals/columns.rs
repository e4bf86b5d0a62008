//! The columns of the list: which the user wants to see, remembered in a cookie, and how each is shown.

use api::Problem;
use axum::http::{HeaderMap, header};
use axum::response::Response;
use maud::{Markup, html};
use projections::views::ReferralRow;
use schemas::{Relationship, Timestamp};

use super::super::cookies::{self, SameSite};
use super::super::figures;
use super::super::forms::{checkbox, post};
use super::super::link::{encoded, local};
use super::super::submission::Submission;
use super::super::tables::Column;
use super::super::visit::{Visit, see_other};
use crate::words::{Key, words};

/// Where the choice is sent to.
pub(super) const PATH: &str = "/referrals/columns";
const COOKIE: &str = "tributary_referral_columns";

/// A column beside the uid, which always stands first.
#[derive(Clone, Copy)]
pub(crate) struct ReferralColumn {
    name: &'static str,
    label: Key,
    is_figure: bool,
    is_default: bool,
    show: fn(&Visit, &ReferralRow) -> Markup,
}

impl ReferralColumn {
    /// How its cells stand: figures to the right; on a card the commission first, and the note on a line of its own.
    fn class(self) -> Option<&'static str> {
        match self.name {
            "commission" => Some("num matters"),
            "note" => Some("wide"),
            _ => self.is_figure.then_some("num"),
        }
    }
}

/// So many characters of a note fit a line.
const NOTE_LINE_CHARS: usize = 28;

/// All columns, in the order in which they stand.
const COLUMNS: [ReferralColumn; 14] = [
    text("registered_at", Key("referrals-column-registered-at"), true, |_, row| moment(Some(row.registered_at))),
    text("code", Key("referrals-column-code"), true, |visit, row| {
        html! { a href=(visit.link(format!("/codes/{}", encoded(&row.code)))) { (row.code) } }
    }),
    text("country", Key("referrals-column-country"), true, |_, row| match row.country {
        Some(country) => html! { (country.as_str()) },
        None => figures::none(),
    }),
    text("verified_at", Key("referrals-column-verified-at"), true, |_, row| moment(row.verified_at)),
    text("first_deposit_at", Key("referrals-column-first-deposit-at"), true, |_, row| moment(row.first_deposit_at)),
    text("first_trade_at", Key("referrals-column-first-trade-at"), true, |_, row| moment(row.first_trade_at)),
    figure("commission", Key("referrals-column-commission"), true, |visit, row| {
        amount(visit, row, figures::amount(row.commission))
    }),
    figure("rebate", Key("referrals-column-rebate"), false, |visit, row| {
        amount(visit, row, figures::amount(row.rebate))
    }),
    figure("volume", Key("referrals-column-volume"), true, |visit, row| {
        amount(visit, row, figures::amount(row.volume))
    }),
    figure("vip_level", Key("referrals-column-vip-level"), true, |_, row| figures::count(u64::from(row.vip_level))),
    text("commission_type", Key("referrals-column-commission-type"), true, |_, row| {
        html! {
            (match row.commission_type {
                Relationship::Spot => words!("referrals-type-spot"),
                Relationship::Futures => words!("referrals-type-futures"),
                Relationship::Both => words!("referrals-type-both"),
            })
        }
    }),
    figure("spot_rebate_rate", Key("referrals-column-spot-rebate"), true, |_, row| figures::rate(row.spot_rebate_rate)),
    figure("futures_rebate_rate", Key("referrals-column-futures-rebate"), false, |_, row| {
        figures::rate(row.futures_rebate_rate)
    }),
    text("note", Key("referrals-column-note"), true, note),
];

const fn text(
    name: &'static str,
    label: Key,
    is_default: bool,
    show: fn(&Visit, &ReferralRow) -> Markup,
) -> ReferralColumn {
    ReferralColumn { name, label, is_figure: false, is_default, show }
}

const fn figure(
    name: &'static str,
    label: Key,
    is_default: bool,
    show: fn(&Visit, &ReferralRow) -> Markup,
) -> ReferralColumn {
    ReferralColumn { name, label, is_figure: true, is_default, show }
}

/// A time by its day; the whole of it where it is pointed at.
fn moment(time: Option<Timestamp>) -> Markup {
    let Some(time) = time else { return figures::none() };
    let exact = time.to_string();
    html! { time.fig datetime=(exact) data-value=(exact) title=(exact) { (time.day()) } }
}

/// An amount of an invitee leads to what it is made of.
fn amount(visit: &Visit, row: &ReferralRow, figure: Markup) -> Markup {
    html! { a.amount href=(visit.link(format!("/referrals/{}", row.uid))) { (figure) } }
}

fn note(visit: &Visit, row: &ReferralRow) -> Markup {
    let edit = visit.link(format!("/referrals/{}/note", row.uid)).with("next", visit.here());
    html! {
        @if is_long(&row.note) {
            details.note-whole { summary { span.note dir="auto" { bdi { (row.note) } } } }
        } @else {
            span.note dir="auto" { bdi { (row.note) } }
        }
        @if visit.may_command() {
            " "
            a.edit href=(edit) data-note-of=(row.uid) {
                @if row.note.is_empty() { (words!("referrals-note-add")) } @else { (words!("referrals-note-edit")) }
                span.visually-hidden { " " (words!("referrals-note-of", uid = row.uid)) }
            }
        }
    }
}

/// Whether a note does not fit a line of its column: then the rest of it is shown on demand.
fn is_long(note: &str) -> bool {
    note.chars().count() > NOTE_LINE_CHARS || note.contains('\n')
}

/// The columns that this browser's user wants to see.
pub(crate) fn chosen(headers: &HeaderMap) -> Vec<ReferralColumn> {
    let Some(names) = cookies::cookie(headers, COOKIE) else {
        return COLUMNS.into_iter().filter(|column| column.is_default).collect();
    };
    let names: Vec<&str> = names.split('.').collect();
    COLUMNS.into_iter().filter(|column| names.contains(&column.name)).collect()
}

/// The columns as a table's headings, the uid first.
pub(crate) fn headings(chosen: &[ReferralColumn]) -> Vec<Column<'static>> {
    let uid = Column::text(words!("referrals-column-uid")).sorted_by("uid");
    let others = chosen.iter().map(|column| {
        let label = column.label.say();
        let heading = if column.is_figure { Column::figure(label) } else { Column::text(label) };
        heading.sorted_by(column.name)
    });
    std::iter::once(uid).chain(others).collect()
}

/// The rows of a table of referrals.
pub(crate) fn rows(visit: &Visit, chosen: &[ReferralColumn], rows: &[ReferralRow]) -> Markup {
    html! {
        @for row in rows {
            tr {
                th scope="row" { a href=(visit.link(format!("/referrals/{}", row.uid))) { (row.uid) } }
                @for column in chosen {
                    td class=[column.class()] data-label=(column.label) { ((column.show)(visit, row)) }
                }
            }
        }
    }
}

/// The form that chooses the columns.
pub(crate) fn chooser(visit: &Visit, chosen: &[ReferralColumn]) -> Markup {
    html! {
        details.popover-menu {
            summary.button.small { (words!("referrals-columns")) }
            div.panel {
                (post(visit, PATH, html! {
                    input type="hidden" name="next" value=(visit.here());
                    fieldset {
                        legend { (words!("referrals-columns-beside-uid")) }
                        @for column in COLUMNS {
                            (checkbox("columns", "column[]", column.name, column.label.say(), chosen.iter().any(|one| one.name == column.name)))
                        }
                    }
                    div.row {
                        button.primary.small type="submit" { (words!("referrals-columns-save")) }
                        button.small type="submit" name="default" value="true" { (words!("referrals-columns-reset")) }
                    }
                }))
            }
        }
    }
}

pub(super) async fn post_columns(submission: Submission) -> Result<Response, Problem> {
    let wanted: Vec<&str> = submission.fields.all("column[]").collect();
    let is_default = submission.fields.is_checked("default");
    let names =
        COLUMNS.iter().filter(|column| if is_default { column.is_default } else { wanted.contains(&column.name) });
    let value = names.map(|column| column.name).collect::<Vec<_>>().join(".");
    let list = submission.visitor.address(super::PATH);
    let next = local(submission.fields.get("next")).unwrap_or(&list);
    let mut response = see_other(next);
    if let Some(cookie) = cookies::set(COOKIE, &value, SameSite::Lax, submission.visitor.is_secure) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    Ok(response)
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;
    use projections::query::ReferralSort;

    use super::*;

    #[test]
    fn every_column_of_the_api_can_be_shown_and_sorted_by() {
        let mut names: Vec<&str> = COLUMNS.iter().map(|column| column.name).chain(["uid"]).collect();
        let mut expected = ReferralSort::NAMES.to_vec();
        names.sort_unstable();
        expected.sort_unstable();
        assert_eq!(names, expected);
    }

    #[test]
    fn a_cookie_says_which_columns_stand_and_unknown_ones_are_ignored() {
        let chosen = |cookie: &'static str| {
            let headers = HeaderMap::from_iter([(header::COOKIE, HeaderValue::from_static(cookie))]);
            super::chosen(&headers).iter().map(|column| column.name).collect::<Vec<_>>()
        };
        assert_eq!(chosen("tributary_referral_columns=volume.code.no"), ["code", "volume"]);
        assert_eq!(chosen("tributary_referral_columns="), Vec::<&str>::new());
        assert_eq!(chosen("other=1").len(), COLUMNS.iter().filter(|column| column.is_default).count());
    }
}
