//! Any range of records as a file: without a script a plain download, with one its progress and a way to stop it.

use api::{Asking, PathNames, Problem, Scope, export};
use axum::response::Response;
use maud::{Markup, html};
use projections::views::Rewards;

use super::super::link::Link;
use super::super::parts;
use super::super::visit::Visit;
use super::title_of;

/// What the form gives, and the API takes.
const GIVEN: [&str; 6] = ["uid", "as_of", "kind", "from", "to", "format"];

/// The API's file, for the browser that is signed in here.
pub(super) async fn get_export(visit: Visit) -> Result<Response, Problem> {
    let given = GIVEN.iter().filter_map(|name| Some(((*name).to_owned(), visit.parameter(name)?.to_owned())));
    let asking = Asking {
        caller: visit.caller.clone(),
        path: PathNames::none(),
        parameters: given.collect(),
        scope: Scope::Ledger,
        came: visit.came.clone(),
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
        "Export",
        html! {
            p { (title_of(rewards.kind)) ": every record of any range, however long." }
            form.inline method="get" action=(action.path()) data-export {
                (super::super::forms::hidden_parameters(&action))
                input type="hidden" name="kind" value=(rewards.kind.as_str());
                (day("from", "From", rewards.from.to_string()))
                (day("to", "To", rewards.to.to_string()))
                div.field {
                    label for="export-format" { "Format" }
                    select #export-format name="format" {
                        option value="csv" { "CSV" }
                        option value="ndjson" { "NDJSON" }
                        option value="parquet" { "Parquet" }
                    }
                }
                button type="submit" { "Download" }
                button.quiet type="button" hidden data-export-cancel { "Cancel" }
            }
            p #export-progress.hint role="status" data-export-progress {}
        },
    )
}
