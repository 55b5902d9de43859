//! Conditions in Chinese: every one is a sentence.

use crate::model::Unit;
use crate::rules::language::{ConditionPhrase, Value};
use crate::rules::{Measure, Op, Truth};
use crate::summary::{Period, Window};

/// A sentence about what was found that asks for something where the condition does not hold.
macro_rules! asks {
    ($truth:expr, $holds:expr, $asks:expr) => {
        if *$truth == Truth::True {
            concat!("{name} {found}，", $holds)
        } else {
            concat!("{name} {found}，", $asks)
        }
    };
}

/// The same about a place in the population.
macro_rules! place {
    ($what:literal, $at:literal, $op:expr, $truth:expr) => {
        match $op {
            Op::Ge => asks!(
                $truth,
                concat!($what, "已达到 ", $at),
                concat!($what, "需达到 ", $at)
            ),
            Op::Gt => asks!(
                $truth,
                concat!($what, "已超过 ", $at),
                concat!($what, "需超过 ", $at)
            ),
            Op::Le => asks!(
                $truth,
                concat!($what, "不超过 ", $at),
                concat!($what, "不得超过 ", $at)
            ),
            Op::Lt => asks!(
                $truth,
                concat!($what, "低于 ", $at),
                concat!($what, "需低于 ", $at)
            ),
            Op::Eq => asks!(
                $truth,
                concat!($what, "等于 ", $at),
                concat!($what, "需等于 ", $at)
            ),
            Op::Ne => asks!(
                $truth,
                concat!($what, "不等于 ", $at),
                concat!($what, "不得等于 ", $at)
            ),
        }
    };
}

fn compare(op: Op, value: &Value<'_>, truth: &Truth) -> &'static str {
    let few = matches!(value, Value::Amount(amount) if matches!(amount.unit, Some(Unit::Days | Unit::Count)));
    match (op, value) {
        (Op::Eq, Value::Word(_) | Value::Flag(_)) => {
            asks!(truth, "符合要求 {value}", "需为 {value}")
        }
        (Op::Ne, Value::Word(_) | Value::Flag(_)) => asks!(truth, "不是 {value}", "不得为 {value}"),
        (Op::Ge, Value::Day(_)) => asks!(truth, "不早于 {value}", "不得早于 {value}"),
        (Op::Gt, Value::Day(_)) => asks!(truth, "晚于 {value}", "需晚于 {value}"),
        (Op::Le, Value::Day(_)) => asks!(truth, "不晚于 {value}", "不得晚于 {value}"),
        (Op::Lt, Value::Day(_)) => asks!(truth, "早于 {value}", "需早于 {value}"),
        (Op::Ge, _) => asks!(truth, "已达到 {value}", "需达到 {value}"),
        (Op::Gt, _) => asks!(truth, "已超过 {value}", "需超过 {value}"),
        (Op::Le, _) => asks!(truth, "不超过 {value}", "不得超过 {value}"),
        (Op::Lt, _) if few => asks!(truth, "少于 {value}", "需少于 {value}"),
        (Op::Lt, _) => asks!(truth, "低于 {value}", "需低于 {value}"),
        (Op::Eq, _) => asks!(truth, "等于 {value}", "需等于 {value}"),
        (Op::Ne, _) => asks!(truth, "不等于 {value}", "不得等于 {value}"),
    }
}

pub(super) fn pattern(phrase: &ConditionPhrase<'_>) -> &'static str {
    match phrase {
        ConditionPhrase::NoCondition {} => "无条件",
        ConditionPhrase::Column { .. } => "{measure}({column})",
        ConditionPhrase::Window { window, .. } => window_pattern(*window),
        ConditionPhrase::Compare {
            op, value, truth, ..
        } => compare(*op, value, truth),
        ConditionPhrase::Between {
            inside: true,
            truth,
            ..
        } => {
            asks!(
                truth,
                "介于 {low} 与 {high} 之间",
                "需介于 {low} 与 {high} 之间"
            )
        }
        ConditionPhrase::Between {
            inside: false,
            truth,
            ..
        } => {
            asks!(
                truth,
                "不在 {low} 与 {high} 之间",
                "不得介于 {low} 与 {high} 之间"
            )
        }
        ConditionPhrase::OneOf {
            inside: true,
            truth,
            ..
        } => {
            asks!(truth, "属于 {values}", "需为 {values} 之一")
        }
        ConditionPhrase::OneOf {
            inside: false,
            truth,
            ..
        } => {
            asks!(truth, "不属于 {values}", "不得为 {values}")
        }
        ConditionPhrase::Flag {
            truth: Truth::True, ..
        } => "{name}：{found}",
        ConditionPhrase::Flag { wanted: true, .. } => "{name}：{found}，需为“是”",
        ConditionPhrase::Flag { wanted: false, .. } => "{name}：{found}，需为“否”",
        ConditionPhrase::Known { wanted, truth, .. } => match (wanted, *truth == Truth::True) {
            (true, true) => "{name} 已知（{found}）",
            (true, false) => "{name} {found}，需为已知",
            (false, true) => "{name} {found}",
            (false, false) => "{name} {found}，仅在未知时成立",
        },
        ConditionPhrase::Standing {
            measure: Measure::Percentile,
            op,
            truth,
            ..
        } => {
            place!("在全体客户中的百分位", "{at#}", op, truth)
        }
        ConditionPhrase::Standing {
            measure: Measure::CumulativeShare,
            op,
            truth,
            ..
        } => {
            place!("累计占比", "{at}", op, truth)
        }
        ConditionPhrase::Lacking { .. } | ConditionPhrase::LackingUnknown { .. } => "{sentence}",
        ConditionPhrase::Change {
            date: true,
            less: false,
            ..
        } => "需晚 {amount}",
        ConditionPhrase::Change {
            date: true,
            less: true,
            ..
        } => "需早 {amount}",
        ConditionPhrase::Change { amount, less, .. } => match (amount.unit, less) {
            (Some(Unit::Share | Unit::Percent), false) => "还差 {amount%} 个百分点",
            (Some(Unit::Share | Unit::Percent), true) => "超出 {amount%} 个百分点",
            (_, false) => "还差 {amount}",
            (_, true) => "超出 {amount}",
        },
        ConditionPhrase::Threshold { .. } => "对应门槛 {amount}",
        ConditionPhrase::Judged { .. } => "[{truth}] {sentence}",
        ConditionPhrase::Over { .. } => "{sentence}，统计区间 {first}至{last}（{window}）",
        ConditionPhrase::OverNothing { .. } => "{sentence}，统计区间为空（{window}）",
        ConditionPhrase::OverDays { .. } => "{sentence}，统计区间 {first}至{last}",
        ConditionPhrase::OverNoDay { .. } => "{sentence}，统计区间为空",
        ConditionPhrase::Carried { .. } => "其中结转 {amount}",
    }
}

fn window_pattern(window: Window) -> &'static str {
    match window {
        Window::Lifetime => "全部历史",
        Window::Trailing(_) => "最近 {days} 天",
        Window::Between(..) => "固定区间",
        Window::Calendar { period, back } => match (period, back) {
            (Period::Week, 0) => "本周",
            (Period::Week, 1) => "上周",
            (Period::Week, _) => "{back} 周前",
            (Period::Month, 0) => "本月",
            (Period::Month, 1) => "上月",
            (Period::Month, _) => "{back} 个月前",
            (Period::Quarter, 0) => "本季度",
            (Period::Quarter, 1) => "上季度",
            (Period::Quarter, _) => "{back} 个季度前",
            (Period::Year, 0) => "本年",
            (Period::Year, 1) => "上年",
            (Period::Year, _) => "{back} 年前",
        },
    }
}
