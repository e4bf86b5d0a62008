//! Where statements are planned and run: the tables, the functions, and what they may take.

use std::sync::Arc;

use datafusion::common::Result;
use datafusion::execution::SessionStateDefaults;
use datafusion::execution::disk_manager::{DiskManagerBuilder, DiskManagerMode};
use datafusion::execution::memory_pool::FairSpillPool;
use datafusion::execution::runtime_env::RuntimeEnvBuilder;
use datafusion::execution::session_state::SessionStateBuilder;
use datafusion::logical_expr::AggregateUDF;
use datafusion::prelude::{SessionConfig, SessionContext};
use exports::Kind;

use crate::limits::Limits;
use crate::subject::{Asked, Subject};
use crate::sum::ExactSum;
use crate::table::KindTable;

/// Rows are handled so many at a time. An event may have a MiB of text: then they take 256 MiB.
const BATCH_ROWS: usize = 256;

/// What a sort sets aside at most.
const SORT_BYTES: usize = 10 << 20;

/// A session over all tables. It knows no format of files and no place that they come from.
pub(crate) fn session(subject: Arc<dyn Subject>, limits: &Limits) -> Result<SessionContext> {
    let spilling = DiskManagerBuilder::default()
        .with_mode(DiskManagerMode::OsTmpDirectory)
        .with_max_temp_directory_size(limits.spill_bytes);
    let runtime = RuntimeEnvBuilder::new()
        .with_memory_pool(Arc::new(FairSpillPool::new(limits.memory_bytes)))
        .with_disk_manager_builder(spilling)
        .build_arc()?;
    let mut aggregates = SessionStateDefaults::default_aggregate_functions();
    aggregates.retain(|function| function.name() != "sum");
    aggregates.push(Arc::new(AggregateUDF::from(ExactSum::default())));
    let state = SessionStateBuilder::new()
        .with_config(config(limits))
        .with_runtime_env(runtime)
        .with_expr_planners(SessionStateDefaults::default_expr_planners())
        .with_scalar_functions(SessionStateDefaults::default_scalar_functions())
        .with_higher_order_functions(SessionStateDefaults::default_higher_order_functions())
        .with_aggregate_functions(aggregates)
        .with_window_functions(SessionStateDefaults::default_window_functions())
        .with_table_function_list(SessionStateDefaults::default_table_functions())
        .build();
    let session = SessionContext::new_with_state(state);
    for kind in Kind::ALL {
        session.register_table(kind.as_str(), Arc::new(KindTable::new(*kind, Asked(subject.clone()))))?;
    }
    Ok(session)
}

fn config(limits: &Limits) -> SessionConfig {
    // One lane: the same question gives the same rows in the same order, and who makes the rows has another core.
    let mut config =
        SessionConfig::new().with_target_partitions(1).with_batch_size(BATCH_ROWS).with_information_schema(true);
    let options = config.options_mut();
    // `commission * 0.1` is an amount, and no float.
    options.sql_parser.parse_float_as_decimal = true;
    options.sql_parser.collect_spans = true;
    // What a sort sets aside to merge what it has laid aside.
    options.execution.sort_spill_reservation_bytes = (limits.memory_bytes / 8).min(SORT_BYTES);
    config
}
