//! How large a statement may be beyond its bytes: what it costs to plan one grows faster than it does.

use std::ops::ControlFlow;

use datafusion::logical_expr::sqlparser::ast::{Expr, Select, TableFactor, Visit, Visitor};
use datafusion::sql::parser::Statement;

use crate::error::SqlError;

/// How many operators, calls and the like may stand within each other; `a + b + c` are two. A list (`in (…)`) is one, however
/// long.
const LEVELS_MAX: usize = 400;
/// How many `select`s a statement may have, and how often tables may be named in it, each.
const PARTS_MAX: usize = 200;

/// Holds a statement to what may be planned.
pub(crate) fn check(statement: &Statement) -> Result<(), SqlError> {
    let mut size = Size::default();
    let is_within = match statement {
        Statement::Statement(statement) => statement.visit(&mut size).is_continue(),
        Statement::Explain(explain) => return check(&explain.statement),
        // None of them is taken anyway.
        Statement::CreateExternalTable(_) | Statement::CopyTo(_) | Statement::Reset(_) => true,
    };
    if is_within {
        return Ok(());
    }
    Err(SqlError::Refused(format!(
        "the statement is too large to be planned: at most {LEVELS_MAX} operators within each other are taken (a list with `in (…)` is one), \
         and {PARTS_MAX} selects and names of tables"
    )))
}

/// What was met on the way through a statement.
#[derive(Default)]
struct Size {
    levels: usize,
    selects: usize,
    tables: usize,
}

fn within(count: usize, most: usize) -> ControlFlow<()> {
    if count > most { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
}

impl Visitor for Size {
    type Break = ();

    fn pre_visit_expr(&mut self, _: &Expr) -> ControlFlow<()> {
        self.levels += 1;
        within(self.levels, LEVELS_MAX)
    }

    fn post_visit_expr(&mut self, _: &Expr) -> ControlFlow<()> {
        self.levels = self.levels.saturating_sub(1);
        ControlFlow::Continue(())
    }

    fn pre_visit_select(&mut self, _: &Select) -> ControlFlow<()> {
        self.selects += 1;
        within(self.selects, PARTS_MAX)
    }

    fn pre_visit_table_factor(&mut self, _: &TableFactor) -> ControlFlow<()> {
        self.tables += 1;
        within(self.tables, PARTS_MAX)
    }
}
