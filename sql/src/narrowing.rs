//! What of a question's conditions a table's rows are made by, so that not all of them have to be: positions, days and the
//! referrer. Each row is still held against the conditions behind.

use datafusion::common::ScalarValue;
use datafusion::logical_expr::{Between, BinaryExpr, Expr, Operator};
use exports::{Filter, Kind};
use ledger::Position;
use schemas::{Day, Timestamp, Uid};

/// Which rows of a table are made.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Narrowed {
    pub(crate) filter: Filter,
    /// None after this position.
    pub(crate) upto: Option<Position>,
    /// The conditions exclude each other.
    pub(crate) is_empty: bool,
}

/// Whether a condition leaves fewer rows to be made.
pub(crate) fn narrows(kind: Kind, condition: &Expr) -> bool {
    narrowed(kind, std::slice::from_ref(condition)) != Narrowed::default()
}

/// The rows that are made where all of these conditions hold, and some others.
pub(crate) fn narrowed(kind: Kind, conditions: &[Expr]) -> Narrowed {
    let mut narrowed = Narrowed::default();
    for (column, operator, value) in conditions.iter().flat_map(comparisons) {
        if column == "position" && kind.has_position() {
            by_position(&mut narrowed, operator, value);
        } else if column == "referrer_uid" && kind.has_referrer() && operator == Operator::Eq {
            if let ScalarValue::Int64(Some(uid)) = value {
                narrowed.filter.uid = u64::try_from(*uid).ok().filter(|uid| *uid > 0).map(Uid);
            }
        } else if column == column_of_days(kind)
            && let Some(day) = day_of(value)
        {
            by_day(&mut narrowed, operator, day);
        }
    }
    let range = narrowed.filter.range;
    if let (Some(from), Some(to)) = (range.from, range.to)
        && from > to
    {
        narrowed.is_empty = true;
    }
    narrowed
}

/// The column that a kind's rows are chosen by day by.
fn column_of_days(kind: Kind) -> &'static str {
    match kind {
        Kind::Events => "time",
        Kind::Entries | Kind::Postings | Kind::Trades => "event_time",
        Kind::Referrals => "registered_at",
        Kind::Codes => "created_at",
        Kind::Rewards | Kind::Daily | Kind::Withheld | Kind::Clawbacks => "date",
        Kind::Audit => "recorded_at",
    }
}

/// The comparisons of a column with a value that have to hold for a condition to hold.
fn comparisons(condition: &Expr) -> Vec<(&str, Operator, &ScalarValue)> {
    match condition {
        Expr::BinaryExpr(BinaryExpr { left, op: Operator::And, right }) => {
            [comparisons(left), comparisons(right)].concat()
        }
        Expr::BinaryExpr(BinaryExpr { left, op, right }) => match (&**left, &**right) {
            (Expr::Column(column), Expr::Literal(value, _)) => vec![(column.name(), *op, value)],
            (Expr::Literal(value, _), Expr::Column(column)) => {
                op.swap().map(|op| (column.name(), op, value)).into_iter().collect()
            }
            _ => Vec::new(),
        },
        Expr::Between(Between { expr, negated: false, low, high }) => match (&**expr, &**low, &**high) {
            (Expr::Column(column), Expr::Literal(low, _), Expr::Literal(high, _)) => {
                vec![(column.name(), Operator::GtEq, low), (column.name(), Operator::LtEq, high)]
            }
            _ => Vec::new(),
        },
        _ => Vec::new(),
    }
}

fn by_position(narrowed: &mut Narrowed, operator: Operator, value: &ScalarValue) {
    let ScalarValue::Int64(Some(value)) = value else { return };
    let at = u64::try_from(*value).unwrap_or(0);
    let (after, upto) = match operator {
        Operator::Gt => (Some(at), None),
        Operator::GtEq => (Some(at.saturating_sub(1)), None),
        Operator::Lt => (None, Some(at.saturating_sub(1))),
        Operator::LtEq => (None, Some(at)),
        Operator::Eq => (Some(at.saturating_sub(1)), Some(at)),
        _ => (None, None),
    };
    // A value below the first position leaves out nothing that lies above it.
    narrowed.filter.after = narrowed.filter.after.max(after.filter(|after| *after > 0));
    narrowed.upto = [narrowed.upto, upto].into_iter().flatten().min();
}

fn by_day(narrowed: &mut Narrowed, operator: Operator, day: Day) {
    let (from, to) = match operator {
        Operator::Gt | Operator::GtEq => (Some(day), None),
        Operator::Lt | Operator::LtEq => (None, Some(day)),
        Operator::Eq => (Some(day), Some(day)),
        _ => (None, None),
    };
    let range = &mut narrowed.filter.range;
    range.from = range.from.max(from);
    range.to = [range.to, to].into_iter().flatten().min();
}

/// The UTC day that a value lies on, or the nearest that a date can write.
fn day_of(value: &ScalarValue) -> Option<Day> {
    let day = match value {
        ScalarValue::Date32(Some(days)) => Day(*days),
        ScalarValue::TimestampSecond(Some(at), _) => Timestamp(at.checked_mul(1_000_000)?).day(),
        ScalarValue::TimestampMillisecond(Some(at), _) => Timestamp(at.checked_mul(1_000)?).day(),
        ScalarValue::TimestampMicrosecond(Some(at), _) => Timestamp(*at).day(),
        ScalarValue::TimestampNanosecond(Some(at), _) => Timestamp(at.div_euclid(1_000)).day(),
        _ => return None,
    };
    Some(day.clamp(Day::FIRST, Day::LAST))
}

#[cfg(test)]
mod tests {
    use datafusion::logical_expr::{col, lit};

    use super::*;

    fn of(kind: Kind, conditions: &[Expr]) -> Narrowed {
        narrowed(kind, conditions)
    }

    #[test]
    fn conditions_on_positions_narrow_from_both_ends() {
        let narrow = |after: Option<u64>, upto: Option<u64>| Narrowed {
            filter: Filter { after, ..Filter::default() },
            upto,
            is_empty: false,
        };
        for (conditions, expected) in [
            (vec![col("position").gt(lit(5_i64))], narrow(Some(5), None)),
            (vec![col("position").gt_eq(lit(5_i64))], narrow(Some(4), None)),
            (vec![lit(5_i64).lt(col("position"))], narrow(Some(5), None)),
            (vec![col("position").lt(lit(5_i64)), col("position").gt(lit(2_i64))], narrow(Some(2), Some(4))),
            (vec![col("position").between(lit(3_i64), lit(9_i64))], narrow(Some(2), Some(9))),
            (vec![col("position").eq(lit(3_i64))], narrow(Some(2), Some(3))),
            (vec![col("position").gt(lit(3_i64)).and(col("position").gt(lit(7_i64)))], narrow(Some(7), None)),
            (vec![col("position").gt(lit(-3_i64))], narrow(None, None)),
            (vec![col("position").lt(lit(-3_i64))], narrow(None, Some(0))),
            (vec![col("position").gt(lit(3_i64)).or(col("position").lt(lit(7_i64)))], narrow(None, None)),
            (vec![col("position").not_eq(lit(3_i64))], narrow(None, None)),
            (vec![col("position").not_between(lit(3_i64), lit(4_i64))], narrow(None, None)),
        ] {
            assert_eq!(of(Kind::Entries, &conditions), expected, "{conditions:?}");
            assert_eq!(of(Kind::Daily, &conditions), Narrowed::default(), "days have no position");
        }
    }

    #[test]
    fn conditions_on_days_and_referrers_narrow_what_has_them() {
        let day = |days| lit(ScalarValue::Date32(Some(days)));
        let ranges = of(Kind::Daily, &[col("date").gt(day(10)), col("date").lt_eq(day(20)), col("date").gt(day(12))]);
        assert_eq!((ranges.filter.range.from, ranges.filter.range.to), (Some(Day(12)), Some(Day(20))));
        let never = of(Kind::Daily, &[col("date").gt(day(10)), col("date").lt(day(9))]);
        assert!(never.is_empty, "{never:?}");
        let far = of(Kind::Daily, &[col("date").lt(day(i32::MAX)), col("date").gt(day(i32::MIN))]);
        assert_eq!((far.filter.range.from, far.filter.range.to), (Some(Day::FIRST), Some(Day::LAST)));
        let before_1970 = lit(ScalarValue::TimestampNanosecond(Some(-1), None));
        assert_eq!(of(Kind::Trades, &[col("event_time").eq(before_1970)]).filter.range.from, Some(Day(-1)));
        assert_eq!(of(Kind::Trades, &[col("referrer_uid").eq(lit(7_i64))]).filter.uid, Some(Uid(7)));
        assert_eq!(of(Kind::Trades, &[col("referrer_uid").eq(lit(-7_i64))]), Narrowed::default());
        assert_eq!(of(Kind::Trades, &[col("referrer_uid").gt(lit(7_i64))]), Narrowed::default());
        assert!(!narrows(Kind::Events, &col("referrer_uid").eq(lit(7_i64))), "events are no referrer's");
    }
}
