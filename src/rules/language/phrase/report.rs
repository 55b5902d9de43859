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

    // Cost and its waste, the whale curve, capacity.
    TitleCapacity "Capacity" "服务产能",
    TitleWaste "Costs for nothing" "无效成本",
    TitleWhale "Whale curve" "鲸鱼曲线",
    Peak "peak" "峰值",
    Winners "above zero" "大于零",
    Zero "at zero" "等于零",
    Losers "below zero" "小于零",
    Least "least" "最小值",
    OrLess "so much or less" "不超过",
    ForNothing "for nothing" "无效",
    Entries "entries" "笔数",
    AboveEntitlement "above entitlement" "超出权益",
    NoReturn "no return" "无回报",
    OfAllCosts "of all costs" "全部成本",
    ServiceStaff "service_staff" "服务人员",
    Marketing "marketing" "营销",
    Survey "survey" "调查",
    Resource "resource" "资源",
    Activity "activity" "作业",
    Units "units" "作业量",
    Minutes "minutes" "分钟数",
    /// Of a capacity or a budget.
    Used "used" "已用",
    Utilisation "utilisation" "利用率",
    Supplied "supplied" "供给成本",
    Charged "charged" "已分摊成本",
    Unused "unused" "闲置成本",
    OverUse "over-use" "超用成本",
    BookedCharged "booked and charged" "已入账并分摊",
    BookedExcluded "booked, not charged" "已入账未分摊",
    Rounding "rounding" "舍入差额",
    CostToServe "cost to serve" "服务成本",

    // Budget and variance.
    TitleBudget "Budget" "预算",
    TitleCarryOver "Carry-over" "预算结转",
    TitleVariance "Budget variance" "预算差异",
    TitleVerdict "Proposed spend" "拟议支出",
    Period "period" "期间",
    Plan "plan" "计划",
    Actual "actual" "实际",
    Committed "committed" "已承诺",
    Left "left" "剩余",
    Forecast "forecast" "预测",
    ForecastBy "forecast by" "预测方法",
    ForecastFinal "final" "期末实际",
    ForecastRunRate "run rate" "按当前进度",
    ForecastSeasonal "season of last year" "按去年同期分布",
    ForecastTooLittle "too little data" "数据不足",
    Verdict "verdict" "结论",
    VerdictAllow "allow" "允许",
    VerdictWarn "warn" "警告",
    VerdictDeny "deny" "拒绝",
    SpendLimit "may be spent" "可用额度",
    CustomerLimit "may be spent on this customer" "该客户可用额度",
    UsedBefore "used before" "此前已用",
    UsedWithIt "used with it" "计入后已用",
    BecauseWithin "enough is left" "额度充足",
    BecauseNear "near the limit" "接近额度",
    BecauseOver "over the limit" "超出额度",
    BecauseCustomerNear "near the limit of this customer" "接近该客户额度",
    BecauseCustomerOver "over the limit of this customer" "超出该客户额度",
    BecauseOutside "no line of the budget matches it" "无对应预算项",
    BecauseCurrency "in another currency" "币种不同",
    Carried "carried over" "结转",
    Forfeited "lost" "作废",
    CarryNothing "nothing is left" "无剩余",
    CarryNoRule "there is no rule" "无结转规则",
    CarryOtherCategory "not for this category" "不适用于该类别",
    CarryLastPeriod "there is no next period" "无下一期间",
    CarryShare "the share" "按比例",
    CarryCap "the cap" "按上限",
    /// What the lines of a group differ in.
    By "by" "细分依据",
    TierAndSegment "tier and segment" "等级与分群",
    CostFor "cost for" "成本类别",
    AllCosts "all costs" "各类成本",
    VarianceVolume "volume" "数量差异",
    VarianceMix "mix" "结构差异",
    VarianceRate "rate" "费率差异",
    VarianceEffect "effect" "影响",
    Favourable "favourable" "有利",
    AsPlanned "none" "无差异",
    Adverse "adverse" "不利",

    // Segments, their groups and clusters.
    TitleClusterChoice "Number of clusters" "聚类数目",
    TitleClusterRules "Rules of the clusters" "聚类规则",
    TitleClusters "Clusters" "聚类",
    TitleSegmentCross "Segments crossed" "分群交叉表",
    TitleSegments "Segments" "分群分布",
    TitleValueGrid "Lifetime value by referral value" "终身价值与推荐价值",
    GoesBy "goes by" "分群依据",
    Geography "geography" "地域",
    Industry "industry" "行业",
    Size "size" "规模",
    Behaviour "behaviour" "行为",
    SegmentUnknown "segment unknown" "分群未知",
    /// How many customers there are of whom the value is not known.
    ValueUnknown "value unknown" "价值未知数",
    Group "group" "分组",
    LifetimeValue "lifetime value" "终身价值",
    ReferralValue "referral value" "推荐价值",
    Champions "champions" "冠军型",
    Affluents "affluents" "富裕型",
    Advocates "advocates" "倡导型",
    Misers "misers" "吝啬型",
    HighAbove "high above" "高于此值为高",
    Cluster "cluster" "类别",
    Clusters "clusters" "类别数",
    LeftOut "left out" "未纳入",
    Inertia "inertia" "组内平方和",
    Silhouette "silhouette" "轮廓系数",
    Bic "BIC" "贝叶斯信息准则",
    HoldsFor "holds for" "符合人数",
    InCluster "of them in the cluster" "其中属于该类",
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
