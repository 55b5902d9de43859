//! Simplified Chinese.

use super::{Amount, Language, Phrase, Value, english};
use crate::model::{Day, Unit};
use crate::rules::{Measure, Op, Truth};

/// Simplified Chinese.
///
/// Every condition is a sentence: `消费金额 312.50，需达到 500（还差 187.50）`. Measures have Chinese names; the names that a
/// policy gives (columns, tiers, stages) are the user's and stay as they are.
///
/// ```
/// use customer_value::model::{Currency, Unit};
/// use customer_value::rules::language::{Amount, Chinese, Language};
///
/// let price = Amount::new(312.5, Unit::Money).currency(Currency::CNY);
/// assert_eq!(Chinese.amount(&price), "312.50 CNY");
/// assert_eq!(Chinese.amount(&Amount::new(5.0, Unit::Count).of("purchases")), "5 次");
/// assert_eq!(Chinese.day("2024-06-30".parse()?), "2024年6月30日");
/// # Ok::<(), customer_value::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Chinese;

impl Language for Chinese {
    fn tag(&self) -> &str {
        "zh-Hans"
    }

    fn pattern(&self, phrase: &Phrase<'_>) -> &str {
        pattern(phrase)
    }

    fn amount(&self, amount: &Amount<'_>) -> String {
        let with = |digits: String, unit: &str| format!("{}{unit}", self.number(&digits));
        match amount.unit {
            Some(Unit::Money) | None => english::amount(self, amount),
            Some(Unit::MoneyPer(days)) => {
                let mut money = amount.clone();
                money.unit = Some(Unit::Money);
                format!("{}/{} 天", self.amount(&money), days.get())
            }
            Some(Unit::Count) => with(amount.digits(), counted(amount.of)),
            Some(Unit::CountPer(days)) => {
                format!("{} 次/{} 天", self.number(&amount.digits()), days.get())
            }
            Some(Unit::Days) => with(amount.digits(), " 天"),
            Some(Unit::Hours) => with(amount.digits(), " 小时"),
            Some(Unit::Points) => with(amount.digits(), " 分"),
            Some(Unit::Share | Unit::Percent) => with(amount.percent_digits(), "%"),
            _ => english::amount(self, amount),
        }
    }

    fn day(&self, day: Day) -> String {
        format!("{}年{}月{}日", day.year(), day.month(), day.day_of_month())
    }

    fn name(&self, measure: &str) -> Option<&str> {
        Some(match measure {
            "active_days" => "购买天数",
            "active_span" => "首末次购买间隔",
            "activity" => "活跃天数",
            "age" => "首购至今天数",
            "average_gap" => "平均购买间隔",
            "average_order_value" => "客单价",
            "browse_to_buy" => "浏览购买比",
            "category_share" => "品类消费占比",
            "category_spend" => "品类消费金额",
            "churn" => "流失状态",
            "churn_factor" => "流失系数",
            "complaints" => "投诉次数",
            "contacts" => "联系次数",
            "days_since_last" => "距上次购买天数",
            "decayed_purchases" => "衰减购买次数",
            "decayed_spend" => "衰减消费金额",
            "discount_share" => "折扣占比",
            "expected_next_purchase" => "预计下次购买日期",
            "expected_purchases" => "预计购买次数",
            "expected_spend" => "预计单次消费金额",
            "f" => "消费频度评分",
            "first_purchase" => "首次购买日期",
            "frequency" => "购买频率",
            "gap_percentile" => "当前间隔百分位",
            "gap_variation" => "购买间隔变异系数",
            "growth_trend" => "增长趋势",
            "historic_ltv" => "历史客户价值",
            "interaction_rate" => "互动频率",
            "lapse_point" => "流失临界天数",
            "lapse_share" => "流失临界比",
            "last_gap" => "最近一次购买间隔",
            "last_purchase" => "最近购买日期",
            "longest_gap" => "最长购买间隔",
            "m" => "消费额度评分",
            "margin" => "毛利",
            "margin_share" => "毛利率",
            "median_gap" => "购买间隔中位数",
            "nth_purchase" => "第 N 次购买日期",
            "open_complaints" => "未解决投诉数",
            "p_alive" => "活跃概率",
            "p_purchase" => "期内购买概率",
            "population_gap_percentile" => "在全体购买间隔中的百分位",
            "predicted_ltv" => "预测客户终身价值",
            "price_index" => "价格指数",
            "purchases" => "购买次数",
            "qualifying" => "定级指标",
            "r" => "最近消费评分",
            "referral_attributed" => "推荐归因价值",
            "referral_credit" => "推荐价值",
            "referrals" => "推荐人数",
            "refund_share" => "退款占比",
            "regularity" => "购买规律性",
            "repeat_purchases" => "复购次数",
            "response_latency" => "平均响应时长",
            "retention_ltv" => "留存法客户终身价值",
            "satisfaction" => "满意度",
            "second_purchase" => "第二次购买日期",
            "segment" => "客户分群",
            "service_cost" => "服务成本",
            "spend" => "消费金额",
            "stage" => "生命周期阶段",
            "survey_score" => "调查平均分",
            _ => return None,
        })
    }
}

/// The measure word of a count; what a user counts is not known.
fn counted(of: &str) -> &'static str {
    match of {
        "purchases" | "repeat_purchases" | "expected_purchases" => " 次",
        "active_days" => " 天",
        "referrals" => " 人",
        _ => "",
    }
}

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

fn pattern(phrase: &Phrase<'_>) -> &'static str {
    match phrase {
        Phrase::Yes {} => "是",
        Phrase::No {} => "否",
        Phrase::Missing {} => "未知",
        Phrase::True {} => "成立",
        Phrase::False {} => "不成立",
        Phrase::Unknown {} => "无法判断",
        Phrase::Comma {} => "、",
        Phrase::And {} | Phrase::Semicolon {} => "；",
        Phrase::NoCondition {} => "无条件",
        Phrase::Everybody {} => "基础等级，所有客户均可享有",

        Phrase::Column { .. } => "{measure}({column})",
        Phrase::Window { window, .. } => window_pattern(*window),

        Phrase::Compare {
            op, value, truth, ..
        } => compare(*op, value, truth),
        Phrase::Between {
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
        Phrase::Between {
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
        Phrase::OneOf {
            inside: true,
            truth,
            ..
        } => {
            asks!(truth, "属于 {values}", "需为 {values} 之一")
        }
        Phrase::OneOf {
            inside: false,
            truth,
            ..
        } => {
            asks!(truth, "不属于 {values}", "不得为 {values}")
        }
        Phrase::Flag {
            truth: Truth::True, ..
        } => "{name}：{found}",
        Phrase::Flag { wanted: true, .. } => "{name}：{found}，需为“是”",
        Phrase::Flag { wanted: false, .. } => "{name}：{found}，需为“否”",
        Phrase::Known { wanted, truth, .. } => match (wanted, *truth == Truth::True) {
            (true, true) => "{name} 已知（{found}）",
            (true, false) => "{name} {found}，需为已知",
            (false, true) => "{name} {found}",
            (false, false) => "{name} {found}，仅在未知时成立",
        },
        Phrase::Standing {
            measure: Measure::Percentile,
            op,
            truth,
            ..
        } => {
            place!("在全体客户中的百分位", "{at#}", op, truth)
        }
        Phrase::Standing {
            measure: Measure::CumulativeShare,
            op,
            truth,
            ..
        } => {
            place!("累计占比", "{at}", op, truth)
        }
        Phrase::Lacking { .. } | Phrase::LackingUnknown { .. } => "{sentence}",
        Phrase::Change {
            date: true,
            less: false,
            ..
        } => "需晚 {amount}",
        Phrase::Change {
            date: true,
            less: true,
            ..
        } => "需早 {amount}",
        Phrase::Change { amount, less, .. } => match (amount.unit, less) {
            (Some(Unit::Share | Unit::Percent), false) => "还差 {amount%} 个百分点",
            (Some(Unit::Share | Unit::Percent), true) => "超出 {amount%} 个百分点",
            (_, false) => "还差 {amount}",
            (_, true) => "超出 {amount}",
        },
        Phrase::Threshold { .. } => "对应门槛 {amount}",
        Phrase::With { .. } => "{sentence}（{note}）",
        Phrase::Judged { .. } => "[{truth}] {sentence}",
        Phrase::Over { .. } => "{sentence}，统计区间 {first}至{last}（{window}）",
        Phrase::OverNothing { .. } => "{sentence}，统计区间为空（{window}）",
        Phrase::OverDays { .. } => "{sentence}，统计区间 {first}至{last}",
        Phrase::OverNoDay { .. } => "{sentence}，统计区间为空",
        Phrase::Carried { .. } => "其中结转 {amount}",

        Phrase::Reason { .. } => "{tier}：{conditions}",
        Phrase::ReasonNext { .. } => "{tier}：升入 {next} 需满足：{conditions}",
        Phrase::ReasonKept { .. } => "{tier}：保级，{conditions}",
        Phrase::ReasonHeld { until: Some(_), .. } => "{tier}：等级保留至{until}（不含当日）",
        Phrase::ReasonHeld { until: None, .. } => "{tier}：等级保留，复核不会降级",
        Phrase::ReasonGrace { .. } => "{tier}：宽限期内，等级保留至{until}（不含当日）",
        Phrase::ReasonUpcoming { .. } => "{tier}：{day}起升级为 {to}",
        Phrase::ReasonWaiting { day: Some(_), .. } => {
            "{tier}：已满足 {to} 的条件，待下次复核（{day}）升级"
        }
        Phrase::ReasonWaiting { day: None, .. } => "{tier}：已满足 {to} 的条件，待下次复核升级",
        Phrase::ReasonForeign { .. } => "{tier}：按原策略保留至{until}（不含当日）",
        Phrase::ReasonOverride { .. } => "{tier}：人工设定，按规则应为 {earned}",
        Phrase::Tier { .. } => "等级  {reason}",
        Phrase::DecidedBy { .. } => "规则  {place}：{rule}",
        Phrase::ByRule { .. } => "{place}：{rule}",
        Phrase::Undecided { .. } => "待定  {tier} 无法判断：缺少所需数据",
        Phrase::TierCondition { .. } => "{tier}：{condition}",
        Phrase::KeepCondition { .. } => "{tier} 保级：{condition}",
        Phrase::Next { .. } => "升级  升入 {tier} 还需：{conditions}",
        Phrase::Stage { .. } => "阶段  {stage}，自{since}起；历史最高阶段：{high_water}",
        Phrase::Moved { .. } => "{from} → {to}，自{since}起：{why}",
        Phrase::ChurnLevel { level } => match *level {
            "active" => "活跃",
            "cooling" => "活跃下降",
            "at_risk" => "有流失风险",
            "highly_at_risk" => "高流失风险",
            "lost" => "已流失",
            "insufficient_data" => "数据不足",
            _ => "{level}",
        },
        Phrase::Churn { at: None, .. } => "流失  {level}：{name} {found}",
        Phrase::Churn { less: false, .. } => "流失  {level}：{name} {found}，已达到 {at}",
        Phrase::Churn { less: true, .. } => "流失  {level}：{name} {found}，低于 {at}",
        Phrase::ChurnNext { less: false, .. } => "达到 {at} 时为{level}",
        Phrase::ChurnNext { less: true, .. } => "低于 {at} 时为{level}",
        Phrase::ChurnUnknown { .. } => "流失  {level}：没有一种方法具备足够数据",
        Phrase::Segment { truth, .. } => match truth {
            Truth::True => "属于细分群体 {name}",
            Truth::False => "不属于细分群体 {name}",
            Truth::Unknown => "是否属于细分群体 {name} 未知",
        },
        Phrase::ChurnPassed { .. } => "未采用 {name}：{why}",
        Phrase::NoPurchase {} => "没有购买记录",
        Phrase::FewActiveDays { .. } => "购买天数 {found}，需达到 {needed}",
        Phrase::NotFitted {} => "尚未按全体客户拟合",
        Phrase::NoGap {} => "全体客户均无复购间隔",
        Phrase::NotKnown {} => "数值未知",
        Phrase::Dropped { .. } => "{name} 由 {before} 降至 {after}，自{since}起",
        Phrase::Score { .. } => "评分  {name} {score} 分",
        Phrase::ScoreMissing { .. } => "评分  {name} 未知",
        Phrase::Part { .. } => "{points} 分：{name} {found}，占权重 {weight}%",
        Phrase::OnScale { .. } => "标尺位置 {at#}",
        Phrase::Points { .. } => "积分  {name} {points} 分",
        Phrase::PointLine { .. } => "{points} 分，{day}，规则 {rule}：{outcome}",
        Phrase::Given {} => "已计分",
        Phrase::Capped {} => "达到上限，超出部分不计",
        Phrase::AlreadyGiven {} => "只计一次，此前已计",
        Phrase::CoolingDown { .. } => "冷却期内不计，{until}起可再次计分",
        Phrase::Passed {} => "仅当日有效",
        Phrase::UnknownRule {} => "策略中没有此规则",
        Phrase::ExitAbove {} => "退出  未低于退出线",
        Phrase::ExitUnknown {} => "退出  无法判断是否低于退出线",
        Phrase::ExitBelow { .. } => "退出  自{since}起低于退出线，尚未进入任何步骤",
        Phrase::ExitOnStep { .. } => "退出  {step}，自{since}起；自{below_since}起低于退出线",
        Phrase::ExitEnded { .. } => "退出  {step}，自{since}起，服务已终止",
        Phrase::ExitNext { day: Some(_), .. } => "下一步 {step}，最早{day}执行",
        Phrase::ExitNext { day: None, .. } => "下一步 {step}",
        Phrase::ExitNoticed { .. } => "已预告 {step}，{day}起执行",
        Phrase::ExitTooSoon { .. } => "低于退出线的时间不足，{from}起满足",
        Phrase::ExitAttempts { .. } => "需进行 {needed} 次提升尝试，已进行 {made} 次",
        Phrase::ExitInterval { .. } => "距上一步骤的间隔不足，{from}起可预告",
        Phrase::ExitGate {
            closed: Truth::Unknown,
            ..
        } => "因 {gate} 保留：无法判断",
        Phrase::ExitGate {
            closed: Truth::False,
            ..
        } => "{gate} 不构成保留",
        Phrase::ExitGate { .. } => "因 {gate} 保留",
        Phrase::ExitBelowLine { .. } => "{day}起低于退出线",
        Phrase::ExitNoticeGiven { .. } => "{day}预告 {step}，{takes_effect}起执行",
        Phrase::ExitNoticeWithdrawn { gates, .. } => {
            if gates.is_empty() {
                "{day}撤回 {step} 的预告，该步骤已不是下一步"
            } else {
                "{day}撤回 {step} 的预告，因 {gates} 保留"
            }
        }
        Phrase::ExitStepTaken { .. } => "{day}执行 {step}",
        Phrase::ExitReversed { step, notice, .. } => match (step.is_empty(), notice.is_empty()) {
            (false, true) => "{day}起不再低于退出线，撤销 {step}",
            (true, false) => "{day}起不再低于退出线，{notice} 的预告失效",
            _ => "{day}起不再低于退出线，撤销 {step}，{notice} 的预告失效",
        },
        Phrase::ExitAboveLine { .. } => "{day}起不再低于退出线",
        Phrase::ExitReturned { .. } => "{day}起不再低于退出线，此前已 {step}，重新成为客户",
        Phrase::By { .. } => {
            "依据  策略 {policy} 版本 {version}，评定日 {day}，指纹 {fingerprint}，金额单位 {currency}"
        }

        Phrase::Assigned { .. } => "{day}起，等级为 {tier}",
        Phrase::Upgraded { .. } => "{day}起，由 {from} 升级为 {to}",
        Phrase::Renewed { until: Some(_), .. } => "{day}起，{tier} 续期至{until}（不含当日）",
        Phrase::Renewed { until: None, .. } => "{day}起，{tier} 续期",
        Phrase::GraceStarted { .. } => {
            "{day}起不再满足 {tier} 的条件，进入宽限期，等级保留至{until}（不含当日）"
        }
        Phrase::Requalified { until: Some(_), .. } => {
            "{day}重新满足 {tier} 的条件，续期至{until}（不含当日）"
        }
        Phrase::Requalified { until: None, .. } => "{day}重新满足 {tier} 的条件",
        Phrase::Downgraded { .. } => "{day}起，由 {from} 降级为 {to}",
        Phrase::Revoked { .. } => "{day}起，{from} 被撤销，等级为 {to}",
        Phrase::MetricReset { .. } => "{day}起，{name}重新累计，此前为 {before}",
        Phrase::MetricCarried {
            half_life: None, ..
        } => "{day}起，{name} {before} 中结转 {carried}",
        Phrase::MetricCarried { .. } => {
            "{day}起，{name} {before} 中结转 {carried}，每 {half_life}减半"
        }
        Phrase::WillDowngrade { .. } => "{day}提醒：若无新的记录，{tier} 将于{at}失效",
        Phrase::Scheduled { .. } => "{day}确定由 {from} 升级为 {to}，{begins}起生效",
        Phrase::Cancelled { .. } => "{day}起，原定的升级因退款取消，等级仍为 {tier}",
        Phrase::Reviewed { .. } => "{day}复核，{tier} 不变",
        Phrase::Event { .. } => "变动  {event}",
        Phrase::TierNow { .. } => "现为 {tier}",
        Phrase::Keep { grace: None, .. } => {
            "保级  {tier}，最晚{by}，按届时数据还需：{conditions}；否则{day}起降为 {projected}"
        }
        Phrase::Keep { grace: Some(_), .. } => {
            "保级  {tier}，最晚{by}，按届时数据还需：{conditions}；否则进入宽限期至{grace}（不含当日），之后降为 {projected}"
        }
        Phrase::Safe { .. } => "保级  {tier}：截至{by}，无需新增即可保级",
        Phrase::Ahead { .. } => "预计  {day}起升级为 {tier}",
        Phrase::Pin {} => "固定为",
        Phrase::Floor {} => "不低于",
        Phrase::Ceiling {} => "不高于",
        Phrase::Exclude {} => "不参与评级",
        Phrase::OverrideStarted { tier, until, .. } => match (tier.is_empty(), until) {
            (false, Some(_)) => {
                "{day}起至{until}（不含当日），人工设定{kind} {tier}，操作人 {actor}，原因：{reason}"
            }
            (false, None) => "{day}起，人工设定{kind} {tier}，操作人 {actor}，原因：{reason}",
            (true, Some(_)) => {
                "{day}起至{until}（不含当日），人工设定{kind}，操作人 {actor}，原因：{reason}"
            }
            (true, None) => "{day}起，人工设定{kind}，操作人 {actor}，原因：{reason}",
        },
        Phrase::OverrideEnded { tier, .. } => {
            if tier.is_empty() {
                "{day}起，人工设定{kind}失效"
            } else {
                "{day}起，人工设定{kind} {tier} 失效"
            }
        }
        Phrase::Extended { .. } => {
            "{day}，{tier} 的有效期延长至{until}（不含当日），操作人 {actor}，原因：{reason}"
        }
        Phrase::PolicyChanged { .. } => "{day}起，按策略 {policy} 版本 {version} 评定",
        Phrase::Mapped { .. } => "{day}起，等级 {from} 已取消，改为 {to}",

        Phrase::NewCustomer { .. } => "新增客户，等级为 {tier}",
        Phrase::GoneCustomer { .. } => "不再出现，此前等级为 {tier}",
        Phrase::FellTier { .. } => "由 {from} 降为 {to}",
        Phrase::RoseTier { .. } => "由 {from} 升为 {to}",
        Phrase::TierReplaced { .. } => "等级由 {from} 换为 {to}",
        Phrase::StageMoved { .. } => "{name}由 {from} 变为 {to}",
        Phrase::BecameAtRisk { .. } => "出现流失风险：由 {from} 变为 {to}",
        Phrase::Churned { .. } => "已流失：由 {from} 变为 {to}",
        Phrase::WonBack { .. } => "已挽回：由 {from} 变为 {to}",
        Phrase::CrossedThreshold { less: true, .. } => "{name}跌破 {at}：由 {before} 变为 {after}",
        Phrase::CrossedThreshold { less: false, .. } => {
            "{name}达到或超过 {at}：由 {before} 变为 {after}"
        }
        Phrase::BehaviourChanged { less: true, .. } => "{name}由 {before} 下降到 {after}",
        Phrase::BehaviourChanged { less: false, .. } => "{name}由 {before} 上升到 {after}",
        Phrase::AtStake { .. } => "{what}（涉及价值 {value}）",
        Phrase::StakeUnknown { .. } => "{what}（涉及价值未知）",
    }
}

fn window_pattern(window: crate::summary::Window) -> &'static str {
    use crate::summary::{Period, Window};
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
