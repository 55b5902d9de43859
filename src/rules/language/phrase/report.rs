//! The words of reports: titles, heads, labels, and what stands in a table by itself.

use serde::{Deserialize, Serialize};

/// A line for each word: its key, its English, its Chinese.
macro_rules! words {
    ($( $(#[$attribute:meta])* $word:ident $english:literal $chinese:literal ),+ $(,)?) => {
        /// A word of a report: the title of a [sheet](crate::report::Sheet), the head of a column, the label of a note, the name
        /// of a line.
        ///
        /// It is known by its key, and put into words by a [`Language`](super::super::Language) as the phrase
        /// [`Phrase::Report`](super::Phrase::Report).
        ///
        /// ```
        /// use customer_value::rules::language::{Chinese, English, Phrase, ReportWord};
        ///
        /// assert_eq!(Phrase::from(ReportWord::Customers).text(&English), "customers");
        /// assert_eq!(Phrase::from(ReportWord::Customers).text(&Chinese), "客户数");
        /// ```
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        #[non_exhaustive]
        pub enum ReportWord {
            $( #[doc = concat!("“", $english, "”")] $(#[$attribute])* $word, )+
        }

        impl ReportWord {
            /// Every word.
            pub const ALL: &'static [Self] = &[$(Self::$word),+];

            pub(in crate::rules::language) fn english(self) -> &'static str {
                match self {
                    $( Self::$word => $english, )+
                }
            }

            pub(in crate::rules::language) fn chinese(self) -> &'static str {
                match self {
                    $( Self::$word => $chinese, )+
                }
            }
        }
    };
}

words! {
    // Titles.
    TitleBacktest "Backtest" "回测",
    TitleChanges "Changes" "变动",
    TitleCohorts "Retention by cohort" "分批留存",
    TitleCrossTable "Cross table" "交叉表",
    TitleDifferences "Differences" "差异",
    TitleDistribution "Distribution" "分布",
    TitleExit "Exit ladder" "退出阶梯",
    TitleMigration "Migration" "等级迁移",
    TitlePareto "Pareto share" "帕累托占比",
    TitleProposal "Proposed thresholds" "建议门槛",
    TitleQuality "Data quality" "数据质量",
    TitleReplay "Replay" "回放",
    TitleStageTimes "Time in stages" "阶段停留时间",
    TitleSurvival "Survival" "生存曲线",
    TitleUplift "Uplift" "提升效果",
    TitleWhatIf "What if" "假设分析",
    TitleWinBack "Win-back" "赢回",

    // Signs and sums.
    /// In the place of what is not known, or does not apply.
    Missing "-" "-",
    Total "total" "合计",
    All "all" "全部",
    Unknown "unknown" "未知",
    Yes "yes" "是",
    No "no" "否",

    // What customers are grouped by.
    Tier "tier" "等级",
    TierAfter "tier after" "变更后等级",
    Stage "stage" "阶段",
    Segment "segment" "分群",
    Category "category" "品类",
    Channel "channel" "渠道",
    Offer "offer" "优惠",
    LevelActive "active" "活跃",
    LevelCooling "cooling" "活跃下降",
    LevelAtRisk "at_risk" "有流失风险",
    LevelHighlyAtRisk "highly_at_risk" "高流失风险",
    LevelLost "lost" "已流失",
    LevelInsufficientData "insufficient_data" "数据不足",
    Reason "reason" "原因",
    Attempt "attempt" "尝试",
    Exit "exit" "退出",
    /// Where somebody or something comes from.
    From "from" "从",
    /// Where somebody or something goes.
    To "to" "到",
    Way "way" "转换",
    Week "week" "周",
    Month "month" "月",
    Quarter "quarter" "季度",
    Year "year" "年",
    Customer "customer" "客户",
    Column "column" "列",
    Rule "rule" "规则",

    // Labels of notes.
    AsOf "as of" "截至",
    Across "across" "横向",
    Down "down" "纵向",
    Away "reactivated after periods without a purchase" "视为重新激活的空白期数",
    Before "before" "变更前",
    After "after" "变更后",
    Amounts "amounts in" "金额单位",
    FirstDay "first day" "首日",
    LastDay "last day" "末日",
    Policy "policy" "策略",
    Proposed "proposed" "建议",
    ReviewedEvery "reviewed every" "评定周期",
    Window "days before and after" "前后天数",
    Within "days to buy in" "购买期限天数",
    Horizon "days of silence that count as lost" "视为流失的无购买天数",
    Gini "Gini coefficient" "基尼系数",
    CostBefore "cost a year before" "变更前年成本",
    CostAfter "cost a year after" "变更后年成本",
    CostUnknownBefore "customers of unknown cost before" "变更前成本未知的客户数",
    CostUnknownAfter "customers of unknown cost after" "变更后成本未知的客户数",

    // Counts, shares and amounts.
    Customers "customers" "客户数",
    Share "share" "占比",
    Count "count" "次数",
    Lift "lift" "提升倍数",
    Value "value" "价值",
    Spend "spend" "消费金额",
    Profit "profit" "利润",
    Cost "cost" "成本",
    Net "net" "净额",
    Top "best customers" "最佳客户",
    ShareOfTotal "share of the total" "占总额比例",
    ValueBefore "value before" "此前价值",
    ValueAfter "value after" "此后价值",
    Change "change" "变化",
    /// The change of those not attempted.
    Without "without" "对照变化",
    Effect "effect" "效果",
    /// The lower end of an interval.
    LowerEnd "from" "下限",
    /// The upper end of an interval.
    UpperEnd "to" "上限",
    Moved "moved" "变动人数",
    Gained "gained" "获得",
    Lost "lost" "失去",
    /// A customer who was not there before.
    NewCustomer "new" "新客户",
    /// A customer who is not there after.
    Gone "gone" "已离开",

    // Retention, stages and survival.
    Reactivated "reactivated" "重新激活",
    Entered "entered" "进入次数",
    Ended "ended" "结束次数",
    MeanDays "mean days" "平均天数",
    MedianDays "median days" "天数中位数",
    HalfLeftBy "half left by" "半数离开天数",
    PerYear "per year" "每年次数",
    Days "days" "天数",
    AtRisk "at risk" "在险数",
    Censored "censored" "删失数",
    Longer "longer" "更久占比",
    StandardError "error" "标准误",

    // Exit, win-back, uplift.
    BelowTheLine "below the line" "低于退出线",
    Notice "notice" "已预告",
    SavesAYear "saves a year" "每年节省",
    NotKnown "not known" "未知数",
    HeldBy "held by" "保留原因",
    Attempted "attempted" "已尝试",
    WonBack "won back" "已赢回",
    Rate "rate" "比率",
    Open "open" "进行中",
    Treated "treated" "实验组",
    Controls "controls" "对照组",
    Education "education" "教育",
    Call "call" "电话",

    // Data quality.
    Rows "rows" "行",
    Number "number" "数量",
    Read "read" "读取",
    Accepted "accepted" "接受",
    Duplicate "duplicate" "重复",
    DuplicateDiffering "duplicate ids with other content" "编号重复但内容不同",
    Rejected "rejected" "拒绝",
    ZeroPurchases "purchases of nothing" "金额为零的购买",
    RefundsNamed "refunds of a named purchase" "指明购买的退款",
    RefundsMatched "refunds matched by amount" "按金额匹配的退款",
    RefundsUnlinked "refunds without a purchase" "无对应购买的退款",
    PurchasesUndone "purchases refunded in full" "全额退款的购买",
    Converted "amounts converted" "已换算的金额",
    Merged "rows of merged customers" "已合并客户的行",
    RejectedBecause "rejected because" "拒绝原因",
    RejectedUnreadable "the row cannot be read" "无法读取该行",
    RejectedEmpty "a field is empty" "字段为空",
    RejectedNotADay "a field is not a day" "不是有效日期",
    RejectedAfterAsOf "a field is after the day of the review" "晚于评定日",
    RejectedNotANumber "a field is not a plain decimal number" "不是十进制数字",
    RejectedTooManyDecimals "a field has more decimals than the currency" "小数位多于币种",
    RejectedTooLarge "a field is too large" "数值过大",
    RejectedSumTooLarge "a field makes the sum with the rows before it too large" "与此前各行之和过大",
    RejectedZero "a field is zero" "为零",
    RejectedNegative "a field is negative" "为负",
    RejectedUnknownCurrency "a field is not a currency" "不是已知币种",
    RejectedNoRate "a field has no exchange rate on or before that day" "当日及此前无汇率",
    RejectedUnknownKind "a field is not `purchase`, `refund` or `adjustment`" "不是 purchase、refund 或 adjustment",
    RejectedNotARefund "a field is given for a row that is not a refund" "该行不是退款",
    RejectedUnknownPurchase "a field is not a known purchase" "不是已知的购买",
    RejectedPurchaseOfAnother "a field is a purchase of another customer" "是其他客户的购买",
    RejectedBeforePurchase "a field is a purchase made after the refund" "购买晚于退款",
    RejectedAboveRemaining "a field is more than is left of the purchase" "超过该购买的余额",
    RejectedOtherCurrency "a field is not the currency of the purchase" "与购买的币种不同",
    Field "field" "字段",
    Filled "filled" "已填",
    FieldRow "row" "整行",
    FieldDate "date" "日期",
    FieldAmount "amount" "金额",
    FieldId "id" "编号",
    FieldKind "kind" "类型",
    FieldRefundOf "refund_of" "退款对应的购买",
    FieldCurrency "currency" "币种",
    FieldCost "cost of goods" "商品成本",
    FieldDiscount "discount" "折扣",

    // Backtests.
    Threshold "threshold" "门槛",
    Flagged "flagged" "标记数",
    OfThemLost "of them lost" "其中流失",
    Precision "precision" "精确率",
    Recall "recall" "召回率",
    F1 "F1" "F1",
    LeadTimeMean "lead time, mean" "平均提前天数",
    /// The median of the measure in the column before.
    Median "median" "中位数",

    // Simulations and changes.
    Day "day" "日期",
    Up "up" "升级",
    DownMoves "down" "降级",
    Newcomers "newcomers" "新客户价值",
    Perfect "perfect" "最优排序",
    Flapping "to and fro" "往返",
    Stability "stability" "稳定性指数",
    StabilityFirst "against the first" "相对首次",
    Now "now" "现值",
    Wanted "wanted" "目标",
    Entitlement "entitlement" "权益",
    Decides "decides" "决定方式",
    ConditionLost "lost" "不再满足",
    ConditionGained "gained" "开始满足",
    ConditionsBefore "conditions before" "变更前条件",
    ConditionsAfter "conditions after" "变更后条件",
    HeldBefore "held before by" "变更前保持原因",
    HeldAfter "held after by" "变更后保持原因",
    Qualified "qualifies for" "符合等级",
    HeldOverride "decided by people" "人工设定",
    HeldPolicyChange "by the change of the policy" "因策略变更",
    HeldWaiting "to begin later" "稍后开始",
    HeldKept "kept by its keep condition" "满足保级条件",
    HeldGrace "kept by its grace period" "在宽限期内",
    HeldTerm "kept by its term" "在有效期内",
    HeldHold "kept by its hold" "在保持期内",
    HeldNeverLost "never lost by a review" "复核不会降级",
    HeldNotReviewed "kept until the next review" "保留至下次复核",
    Importance "importance" "重要性",
    Low "low" "低",
    Medium "medium" "中",
    High "high" "高",
    AtStake "at stake" "涉及价值",
    What "what" "事项",
    ShiftChurned "churned" "流失",
    ShiftGone "gone" "不再出现",
    ShiftBecameAtRisk "became at risk" "出现流失风险",
    ShiftFellTier "fell in tier" "降级",
    ShiftCrossedThreshold "crossed a threshold" "越过门槛",
    ShiftBehaviourChanged "behaviour changed" "行为变化",
    ShiftTierReplaced "tier replaced" "等级被替换",
    ShiftStageMoved "stage moved" "阶段变化",
    ShiftWonBack "won back" "赢回",
    ShiftRoseTier "rose in tier" "升级",
    ShiftNew "new" "新客户",

    // Service attainment.
    TitleAttainment "Service attainment" "服务达成情况",
    /// What those have whom no play is for.
    Cadenced "with a cadence" "有联系周期的客户",
    NotToBeContacted "not to be contacted" "不可联系",
    Late "late" "超时",
    ContactsPromised "contacts promised" "承诺联系次数",
    ContactsMade "contacts made" "实际联系次数",
    CadenceKept "cadence kept" "周期达标",
    Owed "owed" "必须履行",
    Due "due" "应做",
    Done "done" "已做",
    Missed "missed" "错过",
    FloorMet "floor met" "达到最低服务",
    FloorNotMet "floor not met" "未达最低服务",
    LateAnswers "late answers" "超时应答",
    NoContact "without contact" "缺少联系",
    MissedActions "missed actions" "错过的行动",
    // Behaviour, satisfaction, complaints, effect, allocation, playbook and surveys.
    TitleBehaviour "Behaviour" "行为分析",
    TitleSatisfaction "Satisfaction" "满意度",
    TitleDrivers "Drivers of dissatisfaction" "不满原因",
    TitleComplaints "Complaints" "投诉",
    TitleEffect "Effect of an action" "行动效果",
    TitleSpendPlan "Spend by segment" "分群预算分配",
    TitleSelection "Choice of customers" "客户选择",
    TitleCapacityPlan "Service by tier" "各等级服务分配",
    TitleEquity "Customer equity" "客户资产",
    TitleSensitivity "Sensitivity of the optimum" "最优解敏感性",
    TitlePlan "Service of a customer" "客户服务方案",
    TitleDue "Due actions" "待办行动",
    TitleSurveys "Due surveys" "待发调查",
    Figure "figure" "指标",
    Average "average" "平均",
    Index "index" "指数",
    Answered "answered" "答复率",
    Usual "usual" "惯常时间",
    Most "most" "最常",
    Mean "mean" "均值",
    Concentration "concentration" "集中度",
    PurchaseHour "purchase hour" "购买时段",
    PurchaseWeekday "purchase weekday" "购买星期",
    ContactHour "contact hour" "联系时段",
    ContactWeekday "contact weekday" "联系星期",
    Hour "hour" "时段",
    Weekday "weekday" "星期",
    OfPurchases "of purchases" "购买占比",
    OfContacts "of contacts" "联系占比",
    Monday "monday" "周一",
    Tuesday "tuesday" "周二",
    Wednesday "wednesday" "周三",
    Thursday "thursday" "周四",
    Friday "friday" "周五",
    Saturday "saturday" "周六",
    Sunday "sunday" "周日",
    DecayedActivity "decayed_activity" "衰减活跃度",
    FrequentShare "frequent_share" "常购客户占比",
    CustomerLatency "customer_latency" "客户答复时长",
    ServiceLatency "service_latency" "服务答复时长",
    ResponseRate "response_rate" "客户答复率",
    CategoryConcentration "category_concentration" "品类集中度",
    DiscountedPurchases "discounted_purchases" "折扣购买占比",
    Nps "NPS" "净推荐值",
    Csat "CSAT" "满意率",
    Ces "CES" "费力度",
    Instrument "instrument" "调查指标",
    LeastAnswers "least answers" "最少回答数",
    Invited "invited" "邀请数",
    Response "response" "应答率",
    Answers "answers" "回答数",
    Topic "topic" "主题",
    LowAnswers "low" "低分数",
    /// The rate of all others.
    Rest "rest" "其余比率",
    /// The rate less that of all others.
    AboveTheRest "lift" "高出其余",
    OpenComplaints "open" "未解决",
    Overdue "overdue" "逾期",
    InTime "in time" "按时率",
    MeanWithin "days at most in the mean" "均值中的天数上限",
    Opened "opened" "提出日",
    DueDay "due" "到期日",
    OverdueDays "days overdue" "逾期天数",
    Repurchase "repurchase" "复购",
    Ltv "ltv" "客户终身价值",
    NetTotal "net, total" "净额合计",
    Difference "difference" "差值",
    Likely "likely" "是否显著",
    Expected "expected" "计划值",
    PlanOutcome "plan" "达成情况",
    Reached "reached" "已达成",
    NotReached "not reached" "未达成",
    CannotTell "not known" "无法判断",
    TooLittleData "too little data" "数据不足",
    Experiment "experiment" "实验",
    Outside "in neither group" "不在两组中",
    Confidence "confidence" "置信水平",
    Budget "budget" "预算",
    Each "each" "人均",
    Responses "responses" "响应数",
    /// What one more unit of money brings.
    NextUnit "next one brings" "边际收益",
    LimitedBy "limited by" "限制",
    Floor "floor" "下限",
    Cap "cap" "上限",
    Candidates "candidates" "候选人数",
    Chosen "chosen" "入选人数",
    GapAtMost "gap at most" "差距上限",
    Resource "resource" "资源",
    Minutes "minutes" "分钟数",
    Needed "needed" "需要",
    Granted "granted" "分配",
    Short "short" "短缺",
    CustomersShort "customers short" "短缺客户数",
    BelowFloor "without basic service" "无基础服务客户数",
    WouldTake "more would serve" "尚需增加",
    Reserved "reserved" "预留",
    ReserveShort "reserve short" "预留短缺",
    LeftOver "left over" "剩余",
    AcquisitionSpend "acquisition spend" "获客支出",
    AcquisitionRate "won" "获客率",
    RetentionSpend "retention spend" "留存支出",
    RetentionRate "kept" "留存率",
    CustomerValue "customer value" "客户价值",
    Equity "equity" "客户资产",
    Input "input" "输入项",
    AsItIs "as it is" "不变",
    DiscountRate "discount" "折现率",
    Margin "margin" "利润",
    AcquisitionCeiling "acquisition ceiling" "获客率上限",
    AcquisitionK "acquisition k" "获客响应系数",
    RetentionCeiling "retention ceiling" "留存率上限",
    RetentionK "retention k" "留存响应系数",
    Action "action" "行动",
    Play "play" "方案",
    NotTakenBecause "not taken because" "未执行原因",
    Service "service" "服务",
    BasicService "basic service" "基础服务",
    ContactEvery "contact at least every" "联系间隔不超过",
    AnswerWithin "answer within" "答复时限",
    DedicatedContact "dedicated contact" "专属联系人",
    Survey "survey" "调查",
    NotAskedBecause "not asked because" "未调查原因",
}

impl ReportWord {
    /// The word whose English is a text, if there is one; of several, the first.
    ///
    /// For names that the crate or its user may have given: `tier` has a word, `spend_12m` has none.
    #[must_use]
    pub fn named(english: &str) -> Option<Self> {
        let mut all = Self::ALL.iter().copied();
        all.find(|word| word.english() == english)
    }

    pub(super) fn places(self) -> &'static [&'static str] {
        &[]
    }

    pub(super) fn say(
        self,
        _: &str,
        _: crate::rules::language::value::Form,
        _: &dyn crate::rules::language::Language,
    ) -> Option<String> {
        None
    }
}
