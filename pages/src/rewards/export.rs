//! Any range of records as a file: without a script a plain download, with one its progress and a way to stop it.

use api::{Asking, PathNames, Problem, Scope, export};
use axum::response::Response;
use maud::{Markup, html};
use projections::views::Rewards;

use super::super::link::Link;
use super::super::parts;
use super::super::visit::Visit;
use super::title_of;
use crate::words::words;

/// What the form gives, and the API takes.
const GIVEN: [&str; 6] = ["uid", "as_of", "kind", "from", "to", "format"];

/// The API's file, for the browser that is signed in here.
pub(super) async fn get_export(visit: Visit) -> Result<Response, Problem> {
    let given = GIVEN.iter().filter_map(|name| Some(((*name).to_owned(), visit.parameter(name)?.to_owned())));
    let parameters: Vec<(String, String)> = given.collect();
    if let Some(elsewhere) = visit.elsewhere() {
        return elsewhere.answer("/v1/rewards/export", &parameters).await;
    }
    let asking = Asking {
        caller: visit.caller.clone(),
        path: PathNames::none(),
        parameters,
        scope: Scope::Ledger,
        came: visit.came.clone(),
        now_at_least: None,
    };
    export::get_export(axum::extract::State(visit.site.app.clone()), asking).await
}

/// The form that asks for a file, of the range that is shown unless another is entered.
pub(super) fn form(visit: &Visit, rewards: &Rewards) -> Markup {
    let action: Link = visit.link("/rewards/export");
    let day = |name: &str, label: &str, value: String| {
        let id = format!("export-{name}");
        html! { div.field { label for=(id) { (label) } input id=(id) name=(name) type="date" value=(value) required; } }
    };
    parts::section(
        "export",
        words!("rewards-export"),
        html! {
            p { (words!("rewards-export-what", kind = title_of(rewards.kind))) }
            form.inline method="get" action=(action.path()) data-export {
                (super::super::forms::hidden_parameters(&action))
                input type="hidden" name="kind" value=(rewards.kind.as_str());
                (day("from", words!("ranges-from"), rewards.from.to_string()))
                (day("to", words!("ranges-to"), rewards.to.to_string()))
                div.field {
                    label for="export-format" { (words!("rewards-format")) }
                    select #export-format name="format" {
                        option value="csv" { "CSV" }
                        option value="ndjson" { "NDJSON" }
                        option value="parquet" { "Parquet" }
                    }
                }
                button type="submit" { (words!("rewards-download")) }
                button.quiet type="button" hidden data-export-cancel { (words!("rewards-cancel")) }
            }
            p #export-progress.hint role="status" data-export-progress
                data-begins=(words!("rewards-export-begins")) data-refused=(words!("rewards-export-refused", why = "{why}")) data-answered=(words!("rewards-export-answered", status = "{status}"))
                data-so-far=(words!("rewards-export-so-far", size = "{size}")) data-done=(words!("rewards-export-done", name = "{name}", size = "{size}", position = "{position}"))
                data-stopped=(words!("rewards-export-stopped")) data-cut-off=(words!("rewards-export-cut-off")) {}
        },
    )
}
