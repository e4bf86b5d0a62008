//! `sum`, exact: of whole numbers and decimals it is the number or an error, and never another number. DataFusion's own goes
//! round from the largest to the smallest.

use std::collections::BTreeSet;
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{Decimal128Type, Int64Type, UInt64Type};
use arrow_array::{Array, ArrayRef, BooleanArray, Decimal128Array, Int64Array, UInt64Array};
use arrow_schema::{DataType, Field, FieldRef};
use datafusion::common::{Result, ScalarValue, exec_datafusion_err, internal_err};
use datafusion::functions_aggregate::sum::Sum;
use datafusion::logical_expr::function::{AccumulatorArgs, StateFieldsArgs};
use datafusion::logical_expr::utils::{AggregateOrderSensitivity, format_state_name};
use datafusion::logical_expr::{
    Accumulator, AggregateUDFImpl, EmitTo, GroupsAccumulator, ReversedUDAF, SetMonotonicity, Signature,
};

/// The most digits of a decimal.
const DIGITS_MAX: u8 = 38;

/// The function.
#[derive(Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct ExactSum {
    plain: Sum,
}

/// Whether sums of a type are added up here.
fn is_exact(data_type: &DataType) -> bool {
    matches!(data_type, DataType::Int64 | DataType::UInt64 | DataType::Decimal128(..))
}

impl AggregateUDFImpl for ExactSum {
    fn name(&self) -> &str {
        self.plain.name()
    }

    fn signature(&self) -> &Signature {
        self.plain.signature()
    }

    fn return_type(&self, of: &[DataType]) -> Result<DataType> {
        self.plain.return_type(of)
    }

    fn accumulator(&self, args: AccumulatorArgs<'_>) -> Result<Box<dyn Accumulator>> {
        let data_type = args.return_field.data_type().clone();
        if !is_exact(&data_type) {
            return self.plain.accumulator(args);
        }
        if args.is_distinct {
            return Ok(Box::new(SumOfDistinct { data_type, values: BTreeSet::new() }));
        }
        Ok(Box::new(SumOfAll { data_type, sum: 0, count: 0 }))
    }

    fn state_fields(&self, args: StateFieldsArgs<'_>) -> Result<Vec<FieldRef>> {
        if !is_exact(args.return_type()) {
            return self.plain.state_fields(args);
        }
        let units = units_type(args.return_type());
        Ok(vec![Arc::new(if args.is_distinct {
            Field::new_list(format_state_name(args.name, "sum distinct"), Field::new_list_field(units, true), false)
        } else {
            Field::new(format_state_name(args.name, "sum"), units, true)
        })])
    }

    fn groups_accumulator_supported(&self, args: AccumulatorArgs<'_>) -> bool {
        self.plain.groups_accumulator_supported(args)
    }

    fn create_groups_accumulator(&self, args: AccumulatorArgs<'_>) -> Result<Box<dyn GroupsAccumulator>> {
        let data_type = args.return_field.data_type().clone();
        if !is_exact(&data_type) {
            return self.plain.create_groups_accumulator(args);
        }
        Ok(Box::new(SumsByGroup { data_type, sums: Vec::new() }))
    }

    fn create_sliding_accumulator(&self, args: AccumulatorArgs<'_>) -> Result<Box<dyn Accumulator>> {
        if is_exact(args.return_field.data_type()) && !args.is_distinct {
            return self.accumulator(args);
        }
        self.plain.create_sliding_accumulator(args)
    }

    fn reverse_expr(&self) -> ReversedUDAF {
        self.plain.reverse_expr()
    }

    fn order_sensitivity(&self) -> AggregateOrderSensitivity {
        self.plain.order_sensitivity()
    }

    fn set_monotonicity(&self, data_type: &DataType) -> SetMonotonicity {
        self.plain.set_monotonicity(data_type)
    }
}

/// What sums are kept as while they grow: decimals of the same scale, whole numbers as such without decimals.
fn units_type(data_type: &DataType) -> DataType {
    match data_type {
        DataType::Decimal128(_, scale) => DataType::Decimal128(DIGITS_MAX, *scale),
        _ => DataType::Decimal128(DIGITS_MAX, 0),
    }
}

fn scale_of(data_type: &DataType) -> i8 {
    if let DataType::Decimal128(_, scale) = data_type { *scale } else { 0 }
}

/// The cells of a column in their units.
fn units(column: &ArrayRef) -> Result<Vec<Option<i128>>> {
    Ok(match column.data_type() {
        DataType::Int64 => column.as_primitive::<Int64Type>().iter().map(|cell| cell.map(i128::from)).collect(),
        DataType::UInt64 => column.as_primitive::<UInt64Type>().iter().map(|cell| cell.map(i128::from)).collect(),
        DataType::Decimal128(..) => column.as_primitive::<Decimal128Type>().iter().collect(),
        other => return internal_err!("sum is given {other}"),
    })
}

fn column(columns: &[ArrayRef]) -> Result<Vec<Option<i128>>> {
    match columns {
        [column] => units(column),
        _ => internal_err!("sum is given {} columns", columns.len()),
    }
}

fn added(sum: i128, value: i128) -> Result<i128> {
    sum.checked_add(value).ok_or_else(too_large)
}

fn too_large() -> datafusion::common::DataFusionError {
    exec_datafusion_err!("a sum is too large for its type: it is told as an error, as it would be another number")
}

/// The units of a sum, held to what its type has place for.
fn held(sum: i128, data_type: &DataType) -> Result<i128> {
    let fits = match data_type {
        DataType::Int64 => i64::try_from(sum).is_ok(),
        DataType::UInt64 => u64::try_from(sum).is_ok(),
        DataType::Decimal128(digits, _) => {
            10_u128.checked_pow((*digits).into()).is_none_or(|end| sum.unsigned_abs() < end)
        }
        _ => false,
    };
    if fits { Ok(sum) } else { Err(too_large()) }
}

/// Sums in the units of a type as a column.
fn column_of(sums: &[Option<i128>], data_type: &DataType) -> Result<ArrayRef> {
    let held = sums.iter().map(|sum| sum.map(|sum| held(sum, data_type)).transpose()).collect::<Result<Vec<_>>>()?;
    Ok(match data_type {
        // They were held to what has place.
        DataType::Int64 => Arc::new(held.into_iter().map(|sum| sum.map(|sum| sum as i64)).collect::<Int64Array>()),
        DataType::UInt64 => Arc::new(held.into_iter().map(|sum| sum.map(|sum| sum as u64)).collect::<UInt64Array>()),
        DataType::Decimal128(digits, scale) => {
            let sums = held.into_iter().collect::<Decimal128Array>();
            Arc::new(sums.with_precision_and_scale(*digits, *scale)?)
        }
        other => return internal_err!("sum is to give {other}"),
    })
}

fn value_of(sum: Option<i128>, data_type: &DataType) -> Result<ScalarValue> {
    ScalarValue::try_from_array(&column_of(&[sum], data_type)?, 0)
}

/// The sum of all cells, also of a window that moves on.
#[derive(Debug)]
struct SumOfAll {
    data_type: DataType,
    sum: i128,
    /// How many cells there are.
    count: u64,
}

impl SumOfAll {
    fn sum(&self) -> Option<i128> {
        (self.count > 0).then_some(self.sum)
    }
}

impl Accumulator for SumOfAll {
    fn update_batch(&mut self, columns: &[ArrayRef]) -> Result<()> {
        for value in column(columns)?.into_iter().flatten() {
            self.sum = added(self.sum, value)?;
            self.count += 1;
        }
        Ok(())
    }

    fn retract_batch(&mut self, columns: &[ArrayRef]) -> Result<()> {
        for value in column(columns)?.into_iter().flatten() {
            self.sum = self.sum.checked_sub(value).ok_or_else(too_large)?;
            self.count = self.count.saturating_sub(1);
        }
        Ok(())
    }

    fn supports_retract_batch(&self) -> bool {
        true
    }

    fn evaluate(&mut self) -> Result<ScalarValue> {
        value_of(self.sum(), &self.data_type)
    }

    fn state(&mut self) -> Result<Vec<ScalarValue>> {
        Ok(vec![value_of(self.sum(), &units_type(&self.data_type))?])
    }

    fn merge_batch(&mut self, states: &[ArrayRef]) -> Result<()> {
        self.update_batch(states)
    }

    fn size(&self) -> usize {
        size_of_val(self)
    }
}

/// The sum of the cells that differ.
#[derive(Debug)]
struct SumOfDistinct {
    data_type: DataType,
    values: BTreeSet<i128>,
}

impl Accumulator for SumOfDistinct {
    fn update_batch(&mut self, columns: &[ArrayRef]) -> Result<()> {
        self.values.extend(column(columns)?.into_iter().flatten());
        Ok(())
    }

    fn evaluate(&mut self) -> Result<ScalarValue> {
        let sum = self.values.iter().try_fold(0, |sum, value| added(sum, *value))?;
        value_of((!self.values.is_empty()).then_some(sum), &self.data_type)
    }

    fn state(&mut self) -> Result<Vec<ScalarValue>> {
        let scale = scale_of(&self.data_type);
        let values: Vec<ScalarValue> =
            self.values.iter().map(|value| ScalarValue::Decimal128(Some(*value), DIGITS_MAX, scale)).collect();
        Ok(vec![ScalarValue::List(ScalarValue::new_list(&values, &units_type(&self.data_type), true))])
    }

    fn merge_batch(&mut self, states: &[ArrayRef]) -> Result<()> {
        let [lists] = states else { return internal_err!("sum is given {} columns", states.len()) };
        for values in lists.as_list::<i32>().iter().flatten() {
            self.values.extend(units(&values)?.into_iter().flatten());
        }
        Ok(())
    }

    fn size(&self) -> usize {
        // A value, and its part of the nodes of the tree.
        size_of_val(self) + self.values.len() * 2 * size_of::<i128>()
    }
}

/// The sums of groups.
#[derive(Debug)]
struct SumsByGroup {
    data_type: DataType,
    /// None is that of a group without a cell.
    sums: Vec<Option<i128>>,
}

impl SumsByGroup {
    fn add(
        &mut self,
        columns: &[ArrayRef],
        groups: &[usize],
        chosen: Option<&BooleanArray>,
        count: usize,
    ) -> Result<()> {
        self.sums.resize(count, None);
        for (row, (value, group)) in column(columns)?.into_iter().zip(groups).enumerate() {
            let is_chosen = chosen.is_none_or(|chosen| chosen.is_valid(row) && chosen.value(row));
            if let (Some(value), true, Some(sum)) = (value, is_chosen, self.sums.get_mut(*group)) {
                *sum = Some(added(sum.unwrap_or(0), value)?);
            }
        }
        Ok(())
    }
}

impl GroupsAccumulator for SumsByGroup {
    fn update_batch(
        &mut self,
        columns: &[ArrayRef],
        groups: &[usize],
        chosen: Option<&BooleanArray>,
        count: usize,
    ) -> Result<()> {
        self.add(columns, groups, chosen, count)
    }

    fn evaluate(&mut self, emit: EmitTo) -> Result<ArrayRef> {
        column_of(&emit.take_needed(&mut self.sums), &self.data_type)
    }

    fn state(&mut self, emit: EmitTo) -> Result<Vec<ArrayRef>> {
        Ok(vec![column_of(&emit.take_needed(&mut self.sums), &units_type(&self.data_type))?])
    }

    fn merge_batch(&mut self, states: &[ArrayRef], groups: &[usize], count: usize) -> Result<()> {
        self.add(states, groups, None, count)
    }

    fn convert_to_state(&self, columns: &[ArrayRef], chosen: Option<&BooleanArray>) -> Result<Vec<ArrayRef>> {
        let mut values = column(columns)?;
        if let Some(chosen) = chosen {
            for (row, value) in values.iter_mut().enumerate() {
                *value = value.filter(|_| chosen.is_valid(row) && chosen.value(row));
            }
        }
        Ok(vec![column_of(&values, &units_type(&self.data_type))?])
    }

    fn size(&self) -> usize {
        size_of_val(self) + self.sums.capacity() * size_of::<Option<i128>>()
    }
}
