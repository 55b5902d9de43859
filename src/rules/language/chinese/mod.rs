//! Simplified Chinese.

mod conditions;
mod service;

use super::{
    Amount, ChangePhrase, ChurnPhrase, ExitPhrase, FramePhrase, Language, MovementPhrase, Phrase,
    ScorePhrase, SegmentPhrase, StagePhrase, TierPhrase, WinBackPhrase, WordPhrase, english,
};
use crate::model::{Day, Unit};
use crate::rules::Truth;

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
            "cost_to_serve" => "客户服务成本",
            "days_since_last" => "距上次购买天数",
            "decayed_purchases" => "衰减购买次数",
            "decayed_spend" => "衰减消费金额",
            "discount_share" => "折扣占比",
            "exit" => "退出步骤",
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
            "profit" => "利润",
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

fn pattern(phrase: &Phrase<'_>) -> &'static str {
    match phrase {
        Phrase::Word(phrase) => word(phrase),
        Phrase::Frame(phrase) => frame(phrase),
        Phrase::Condition(phrase) => conditions::pattern(phrase),
        Phrase::Tier(phrase) => tier(phrase),
        Phrase::Movement(phrase) => movement(phrase),
        Phrase::Stage(phrase) => stage(phrase),
        Phrase::Churn(phrase) => churn(phrase),
        Phrase::Score(phrase) => score(phrase),
        Phrase::Segment(phrase) => segment(phrase),
        Phrase::Exit(phrase) => exit(phrase),
        Phrase::WinBack(phrase) => win_back(phrase),
        Phrase::Playbook(phrase) => service::playbook(phrase),
        Phrase::Survey(phrase) => service::survey(phrase),
        Phrase::Change(phrase) => change(phrase),
        Phrase::Report(word) => word.chinese(),
    }
}

fn word(phrase: &WordPhrase) -> &'static str {
    match phrase {
        WordPhrase::Yes {} => "是",
        WordPhrase::No {} => "否",
        WordPhrase::Missing {} => "未知",
        WordPhrase::True {} => "成立",
        WordPhrase::False {} => "不成立",
        WordPhrase::Unknown {} => "无法判断",
        WordPhrase::Comma {} => "、",
        WordPhrase::And {} | WordPhrase::Semicolon {} => "；",
    }
}

fn frame(phrase: &FramePhrase<'_>) -> &'static str {
    match phrase {
        FramePhrase::With { .. } => "{sentence}（{note}）",
        FramePhrase::DecidedBy { .. } => "规则  {place}：{rule}",
        FramePhrase::ByRule { .. } => "{place}：{rule}",
        FramePhrase::By { .. } => {
            "依据  策略 {policy} 版本 {version}，评定日 {day}，指纹 {fingerprint}，金额单位 {currency}"
        }
        FramePhrase::Event { .. } => "变动  {event}",
        FramePhrase::Labelled { .. } => "{label}：{value}",
    }
}

fn tier(phrase: &TierPhrase<'_>) -> &'static str {
    match phrase {
        TierPhrase::Everybody {} => "基础等级，所有客户均可享有",
        TierPhrase::Reason { .. } => "{tier}：{conditions}",
        TierPhrase::ReasonNext { .. } => "{tier}：升入 {next} 需满足：{conditions}",
        TierPhrase::ReasonKept { .. } => "{tier}：保级，{conditions}",
        TierPhrase::ReasonHeld { until: Some(_), .. } => "{tier}：等级保留至{until}（不含当日）",
        TierPhrase::ReasonHeld { until: None, .. } => "{tier}：等级保留，复核不会降级",
        TierPhrase::ReasonGrace { .. } => "{tier}：宽限期内，等级保留至{until}（不含当日）",
        TierPhrase::ReasonUpcoming { .. } => "{tier}：{day}起升级为 {to}",
        TierPhrase::ReasonWaiting { day: Some(_), .. } => {
            "{tier}：已满足 {to} 的条件，待下次复核（{day}）升级"
        }
        TierPhrase::ReasonWaiting { day: None, .. } => "{tier}：已满足 {to} 的条件，待下次复核升级",
        TierPhrase::ReasonForeign { .. } => "{tier}：按原策略保留至{until}（不含当日）",
        TierPhrase::ReasonOverride { .. } => "{tier}：人工设定，按规则应为 {earned}",
        TierPhrase::Line { .. } => "等级  {reason}",
        TierPhrase::Undecided { .. } => "待定  {tier} 无法判断：缺少所需数据",
        TierPhrase::Condition { .. } => "{tier}：{condition}",
        TierPhrase::KeepCondition { .. } => "{tier} 保级：{condition}",
        TierPhrase::Next { .. } => "升级  升入 {tier} 还需：{conditions}",
    }
}

fn movement(phrase: &MovementPhrase<'_>) -> &'static str {
    match phrase {
        MovementPhrase::Assigned { .. } => "{day}起，等级为 {tier}",
        MovementPhrase::Upgraded { .. } => "{day}起，由 {from} 升级为 {to}",
        MovementPhrase::Renewed { until: Some(_), .. } => {
            "{day}起，{tier} 续期至{until}（不含当日）"
        }
        MovementPhrase::Renewed { until: None, .. } => "{day}起，{tier} 续期",
        MovementPhrase::GraceStarted { .. } => {
            "{day}起不再满足 {tier} 的条件，进入宽限期，等级保留至{until}（不含当日）"
        }
        MovementPhrase::Requalified { until: Some(_), .. } => {
            "{day}重新满足 {tier} 的条件，续期至{until}（不含当日）"
        }
        MovementPhrase::Requalified { until: None, .. } => "{day}重新满足 {tier} 的条件",
        MovementPhrase::Downgraded { .. } => "{day}起，由 {from} 降级为 {to}",
        MovementPhrase::Revoked { .. } => "{day}起，{from} 被撤销，等级为 {to}",
        MovementPhrase::MetricReset { .. } => "{day}起，{name}重新累计，此前为 {before}",
        MovementPhrase::MetricCarried {
            half_life: None, ..
        } => "{day}起，{name} {before} 中结转 {carried}",
        MovementPhrase::MetricCarried { .. } => {
            "{day}起，{name} {before} 中结转 {carried}，每 {half_life}减半"
        }
        MovementPhrase::WillDowngrade { .. } => "{day}提醒：若无新的记录，{tier} 将于{at}失效",
        MovementPhrase::Scheduled { .. } => "{day}确定由 {from} 升级为 {to}，{begins}起生效",
        MovementPhrase::Cancelled { .. } => "{day}起，原定的升级因退款取消，等级仍为 {tier}",
        MovementPhrase::Reviewed { .. } => "{day}复核，{tier} 不变",
        MovementPhrase::TierNow { .. } => "现为 {tier}",
        MovementPhrase::Keep { grace: None, .. } => {
            "保级  {tier}，最晚{by}，按届时数据还需：{conditions}；否则{day}起降为 {projected}"
        }
        MovementPhrase::Keep { grace: Some(_), .. } => {
            "保级  {tier}，最晚{by}，按届时数据还需：{conditions}；否则进入宽限期至{grace}（不含当日），之后降为 {projected}"
        }
        MovementPhrase::Safe { .. } => "保级  {tier}：截至{by}，无需新增即可保级",
        MovementPhrase::Ahead { .. } => "预计  {day}起升级为 {tier}",
        MovementPhrase::Pin {} => "固定为",
        MovementPhrase::Floor {} => "不低于",
        MovementPhrase::Ceiling {} => "不高于",
        MovementPhrase::Exclude {} => "不参与评级",
        MovementPhrase::OverrideStarted { tier, until, .. } => match (tier.is_empty(), until) {
            (false, Some(_)) => {
                "{day}起至{until}（不含当日），人工设定{kind} {tier}，操作人 {actor}，原因：{reason}"
            }
            (false, None) => "{day}起，人工设定{kind} {tier}，操作人 {actor}，原因：{reason}",
            (true, Some(_)) => {
                "{day}起至{until}（不含当日），人工设定{kind}，操作人 {actor}，原因：{reason}"
            }
            (true, None) => "{day}起，人工设定{kind}，操作人 {actor}，原因：{reason}",
        },
        MovementPhrase::OverrideEnded { tier, .. } => {
            if tier.is_empty() {
                "{day}起，人工设定{kind}失效"
            } else {
                "{day}起，人工设定{kind} {tier} 失效"
            }
        }
        MovementPhrase::Extended { .. } => {
            "{day}，{tier} 的有效期延长至{until}（不含当日），操作人 {actor}，原因：{reason}"
        }
        MovementPhrase::PolicyChanged { .. } => "{day}起，按策略 {policy} 版本 {version} 评定",
        MovementPhrase::Mapped { .. } => "{day}起，等级 {from} 已取消，改为 {to}",
    }
}

fn stage(phrase: &StagePhrase<'_>) -> &'static str {
    match phrase {
        StagePhrase::Line { .. } => "阶段  {stage}，自{since}起；历史最高阶段：{high_water}",
        StagePhrase::Moved { .. } => "{from} → {to}，自{since}起：{why}",
    }
}

fn churn(phrase: &ChurnPhrase<'_>) -> &'static str {
    match phrase {
        ChurnPhrase::Level { level } => match *level {
            "active" => "活跃",
            "cooling" => "活跃下降",
            "at_risk" => "有流失风险",
            "highly_at_risk" => "高流失风险",
            "lost" => "已流失",
            "insufficient_data" => "数据不足",
            _ => "{level}",
        },
        ChurnPhrase::Verdict { at: None, .. } => "流失  {level}：{name} {found}",
        ChurnPhrase::Verdict { less: false, .. } => "流失  {level}：{name} {found}，已达到 {at}",
        ChurnPhrase::Verdict { less: true, .. } => "流失  {level}：{name} {found}，低于 {at}",
        ChurnPhrase::Next { less: false, .. } => "达到 {at} 时为{level}",
        ChurnPhrase::Next { less: true, .. } => "低于 {at} 时为{level}",
        ChurnPhrase::Unknown { .. } => "流失  {level}：没有一种方法具备足够数据",
        ChurnPhrase::Passed { .. } => "未采用 {name}：{why}",
        ChurnPhrase::NoPurchase {} => "没有购买记录",
        ChurnPhrase::FewActiveDays { .. } => "购买天数 {found}，需达到 {needed}",
        ChurnPhrase::NotFitted {} => "尚未按全体客户拟合",
        ChurnPhrase::NoGap {} => "全体客户均无复购间隔",
        ChurnPhrase::NotKnown {} => "数值未知",
        ChurnPhrase::Dropped { .. } => "{name} 由 {before} 降至 {after}，自{since}起",
    }
}

fn score(phrase: &ScorePhrase<'_>) -> &'static str {
    match phrase {
        ScorePhrase::Score { .. } => "评分  {name} {score} 分",
        ScorePhrase::ScoreMissing { .. } => "评分  {name} 未知",
        ScorePhrase::Part { .. } => "{points} 分：{name} {found}，占权重 {weight}%",
        ScorePhrase::OnScale { .. } => "标尺位置 {at#}",
        ScorePhrase::Points { .. } => "积分  {name} {points} 分",
        ScorePhrase::PointLine { .. } => "{points} 分，{day}，规则 {rule}：{outcome}",
        ScorePhrase::Given {} => "已计分",
        ScorePhrase::Capped {} => "达到上限，超出部分不计",
        ScorePhrase::AlreadyGiven {} => "只计一次，此前已计",
        ScorePhrase::CoolingDown { .. } => "冷却期内不计，{until}起可再次计分",
        ScorePhrase::Passed {} => "仅当日有效",
        ScorePhrase::UnknownRule {} => "策略中没有此规则",
    }
}

fn segment(phrase: &SegmentPhrase<'_>) -> &'static str {
    match phrase {
        SegmentPhrase::Is { truth, .. } => match truth {
            Truth::True => "属于细分群体 {name}",
            Truth::False => "不属于细分群体 {name}",
            Truth::Unknown => "是否属于细分群体 {name} 未知",
        },
    }
}

fn exit(phrase: &ExitPhrase<'_>) -> &'static str {
    match phrase {
        ExitPhrase::Above {} => "退出  未低于退出线",
        ExitPhrase::Unknown {} => "退出  无法判断是否低于退出线",
        ExitPhrase::Below { .. } => "退出  自{since}起低于退出线，尚未进入任何步骤",
        ExitPhrase::OnStep { .. } => "退出  {step}，自{since}起；自{below_since}起低于退出线",
        ExitPhrase::Ended { .. } => "退出  {step}，自{since}起，服务已终止",
        ExitPhrase::Next { day: Some(_), .. } => "下一步 {step}，最早{day}执行",
        ExitPhrase::Next { day: None, .. } => "下一步 {step}",
        ExitPhrase::Noticed { .. } => "已预告 {step}，{day}起执行",
        ExitPhrase::TooSoon { .. } => "低于退出线的时间不足，{from}起满足",
        ExitPhrase::Attempts { .. } => "需进行 {needed} 次提升尝试，已进行 {made} 次",
        ExitPhrase::Interval { .. } => "距上一步骤的间隔不足，{from}起可预告",
        ExitPhrase::Gate {
            closed: Truth::Unknown,
            ..
        } => "因 {gate} 保留：无法判断",
        ExitPhrase::Gate {
            closed: Truth::False,
            ..
        } => "{gate} 不构成保留",
        ExitPhrase::Gate { .. } => "因 {gate} 保留",
        ExitPhrase::BelowLine { .. } => "{day}起低于退出线",
        ExitPhrase::NoticeGiven { .. } => "{day}预告 {step}，{takes_effect}起执行",
        ExitPhrase::NoticeWithdrawn { gates, .. } => {
            if gates.is_empty() {
                "{day}撤回 {step} 的预告，该步骤已不是下一步"
            } else {
                "{day}撤回 {step} 的预告，因 {gates} 保留"
            }
        }
        ExitPhrase::StepTaken { .. } => "{day}执行 {step}",
        ExitPhrase::Reversed { step, notice, .. } => match (step.is_empty(), notice.is_empty()) {
            (false, true) => "{day}起不再低于退出线，撤销 {step}",
            (true, false) => "{day}起不再低于退出线，{notice} 的预告失效",
            _ => "{day}起不再低于退出线，撤销 {step}，{notice} 的预告失效",
        },
        ExitPhrase::AboveLine { .. } => "{day}起不再低于退出线",
        ExitPhrase::Returned { .. } => "{day}起不再低于退出线，此前已 {step}，重新成为客户",
    }
}

fn win_back(phrase: &WinBackPhrase<'_>) -> &'static str {
    match phrase {
        WinBackPhrase::Chosen { .. } => {
            "{customer}：{offer}（{class}，渠道 {channel}），净价值 {net}"
        }
        WinBackPhrase::NoOffer { .. } => "{customer}：不予挽回，{why}",
        WinBackPhrase::NoCandidate { .. } => "{customer}：不属于挽回对象",
        WinBackPhrase::When { .. } => "挽回条件 {rule}：{truth}",
        WinBackPhrase::Returned { .. } => "已于{on}回购",
        WinBackPhrase::CoolDown { .. } => "冷却期内，{until}起可再次尝试",
        WinBackPhrase::AttemptsUsed { .. } => "已尝试 {attempts} 次，达到上限",
        WinBackPhrase::NoOpenOffer {} => "没有适用的方案",
        WinBackPhrase::ValueUnknown {} => "客户价值未知",
        WinBackPhrase::NotWorthIt { .. } => "得不偿失，净价值最高为 {best}",
        WinBackPhrase::Limit { .. } => "名额已满，净价值 {best}",
        WinBackPhrase::OtherReasons {
            reason: Some(_), ..
        } => "{offer}：不适用，流失原因为 {reason}，需为 {reasons} 之一",
        WinBackPhrase::OtherReasons { reason: None, .. } => {
            "{offer}：不适用，流失原因未知，需为 {reasons} 之一"
        }
        WinBackPhrase::RuleNotTrue { .. } => "{offer}：不适用，其条件未成立",
        WinBackPhrase::OpenUnknown { .. } => "{offer}：适用，客户价值未知",
        WinBackPhrase::Open { .. } => "{offer}：适用，净价值 {net}",
    }
}

fn change(phrase: &ChangePhrase<'_>) -> &'static str {
    match phrase {
        ChangePhrase::NewCustomer { .. } => "新增客户，等级为 {tier}",
        ChangePhrase::GoneCustomer { .. } => "不再出现，此前等级为 {tier}",
        ChangePhrase::FellTier { .. } => "由 {from} 降为 {to}",
        ChangePhrase::RoseTier { .. } => "由 {from} 升为 {to}",
        ChangePhrase::TierReplaced { .. } => "等级由 {from} 换为 {to}",
        ChangePhrase::StageMoved { .. } => "{name}由 {from} 变为 {to}",
        ChangePhrase::BecameAtRisk { .. } => "出现流失风险：由 {from} 变为 {to}",
        ChangePhrase::Churned { .. } => "已流失：由 {from} 变为 {to}",
        ChangePhrase::WonBack { .. } => "已挽回：由 {from} 变为 {to}",
        ChangePhrase::CrossedThreshold { less: true, .. } => {
            "{name}跌破 {at}：由 {before} 变为 {after}"
        }
        ChangePhrase::CrossedThreshold { less: false, .. } => {
            "{name}达到或超过 {at}：由 {before} 变为 {after}"
        }
        ChangePhrase::BehaviourChanged { less: true, .. } => "{name}由 {before} 下降到 {after}",
        ChangePhrase::BehaviourChanged { less: false, .. } => "{name}由 {before} 上升到 {after}",
        ChangePhrase::AtStake { .. } => "{what}（涉及价值 {value}）",
        ChangePhrase::StakeUnknown { .. } => "{what}（涉及价值未知）",
    }
}
