//! A kind of export as a table.

use std::sync::Arc;

use arrow_schema::{SchemaRef, SortOptions};
use async_trait::async_trait;
use datafusion::catalog::{Session, TableProvider};
use datafusion::common::Result;
use datafusion::logical_expr::{Expr, TableProviderFilterPushDown, TableType};
use datafusion::physical_expr::expressions::Column;
use datafusion::physical_expr::{LexOrdering, PhysicalSortExpr};
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::streaming::StreamingTableExec;
use exports::{Kind, Scan};

use crate::narrowing::{Narrowed, narrowed, narrows};
use crate::rows::Rows;
use crate::subject::Asked;

/// The rows of a kind.
#[derive(Debug)]
pub(crate) struct KindTable {
    kind: Kind,
    schema: SchemaRef,
    asked: Asked,
}

impl KindTable {
    pub(crate) fn new(kind: Kind, asked: Asked) -> KindTable {
        KindTable { kind, schema: Scan::schema_of(kind), asked }
    }
}

#[async_trait]
impl TableProvider for KindTable {
    fn schema(&self) -> SchemaRef {
        self.schema.clone()
    }

    fn table_type(&self) -> TableType {
        TableType::View
    }

    async fn scan(
        &self,
        _session: &dyn Session,
        projection: Option<&Vec<usize>>,
        conditions: &[Expr],
        limit: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let columns = projection.cloned().unwrap_or_else(|| (0..self.kind.columns().len()).collect());
        let Narrowed { filter, upto, is_empty } = narrowed(self.kind, conditions);
        let scan = Scan { kind: self.kind, filter, upto, columns };
        let schema = scan.schema()?;
        let ordering = position_in(&schema).filter(|_| self.kind.has_position());
        let scan = Some(scan).filter(|_| !is_empty);
        let rows = Arc::new(Rows { asked: self.asked.clone(), scan, schema: schema.clone() });
        Ok(Arc::new(StreamingTableExec::try_new(schema, vec![rows], None, ordering, false, limit)?))
    }

    fn supports_filters_pushdown(&self, conditions: &[&Expr]) -> Result<Vec<TableProviderFilterPushDown>> {
        let each = conditions.iter().map(|condition| {
            if narrows(self.kind, condition) {
                TableProviderFilterPushDown::Inexact
            } else {
                TableProviderFilterPushDown::Unsupported
            }
        });
        Ok(each.collect())
    }
}

/// The order of rows that ascend by their position, if that is among the columns.
fn position_in(schema: &SchemaRef) -> Option<LexOrdering> {
    let (at, _) = schema.column_with_name("position")?;
    let ascending = SortOptions { descending: false, nulls_first: false };
    LexOrdering::new([PhysicalSortExpr::new(Arc::new(Column::new("position", at)), ascending)])
}
