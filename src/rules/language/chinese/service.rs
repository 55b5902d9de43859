//! What customers get, what is to be done with them, and who is asked.

use crate::rules::language::{PlaybookPhrase, SurveyPhrase};

pub(super) fn playbook(phrase: &PlaybookPhrase<'_>) -> &'static str {
    match phrase {
        PlaybookPhrase::BasicService {} => "基础服务",
        PlaybookPhrase::Tier { .. } => "等级 {tier}",
        PlaybookPhrase::Stage { .. } => "阶段 {stage}",
        PlaybookPhrase::Segment { .. } => "细分群体 {segment}",
        PlaybookPhrase::NoContactYet {} => "尚未联系过",
        PlaybookPhrase::LastContact { .. } => "上次联系为{last}，间隔已达 {every}",
        PlaybookPhrase::Anniversary { offset, before, .. } => match (offset, before) {
            (None, _) => "{date}（{of}）的周年日{anniversary}",
            (_, true) => "{date}（{of}）的周年日{anniversary}之前 {offset}",
            (_, false) => "{date}（{of}）的周年日{anniversary}之后 {offset}",
        },
        PlaybookPhrase::Date { offset, before, .. } => match (offset, before) {
            (None, _) => "{date}（{of}）当日",
            (_, true) => "{date}（{of}）之前 {offset}",
            (_, false) => "{date}（{of}）之后 {offset}",
        },
        PlaybookPhrase::InStage { .. } => "自{since}起处于 {stage}",
        PlaybookPhrase::BecameTrue { .. } => "自{since}起满足：{conditions}",
        PlaybookPhrase::Due { net: Some(_), .. } => {
            "{customer}：{action}（渠道 {channel}），{why}，净价值 {net}，成本 {cost}"
        }
        PlaybookPhrase::Due { net: None, .. } => {
            "{customer}：{action}（渠道 {channel}），{why}，成本 {cost}"
        }
        PlaybookPhrase::NotTaken { .. } => "{customer}：不执行 {action}（渠道 {channel}），{why}",
        PlaybookPhrase::DoNotContact {} => "客户不可联系",
        PlaybookPhrase::NoConsent { .. } => "客户未同意通过 {channel} 联系",
        PlaybookPhrase::QuietDay {} => "当日不联系客户",
        PlaybookPhrase::CoolDown { .. } => "冷却期内，{until}起可再次执行",
        PlaybookPhrase::ValueUnknown {} => "客户价值未知",
        PlaybookPhrase::NotWorthIt { .. } => "得不偿失，净价值为 {net}",
        PlaybookPhrase::ComesFirst { .. } => "{by} 优先",
        PlaybookPhrase::PerDay { .. } => "每日最多联系 {at_most} 次",
        PlaybookPhrase::Cap { channel: None, .. } => "{within}内最多联系 {at_most} 次",
        PlaybookPhrase::Cap { .. } => "{within}内最多通过 {channel} 联系 {at_most} 次",
        PlaybookPhrase::Capacity { .. } => "{channel} 当日名额已用完",
        PlaybookPhrase::Budget { .. } => "当日预算仅余 {left}",
    }
}

pub(super) fn survey(phrase: &SurveyPhrase<'_>) -> &'static str {
    match phrase {
        SurveyPhrase::Due { .. } => "{customer}：{survey}，{why}",
        SurveyPhrase::NotAsked { .. } => "{customer}：不发送 {survey}，{why}",
        SurveyPhrase::FirstTime {} => "首次调查",
        SurveyPhrase::Again { .. } => "上次调查为{last}",
        SurveyPhrase::AfterPurchase { .. } => "{on}购买之后",
        SurveyPhrase::AfterResolved { .. } => "{on}投诉解决之后",
        SurveyPhrase::AfterStage { .. } => "{on}进入当前阶段之后",
        SurveyPhrase::NoConsent {} => "客户未同意接受调查",
        SurveyPhrase::NotSampled {} => "未被抽中",
        SurveyPhrase::QuietDay {} => "当日不发送调查",
        SurveyPhrase::Today { .. } => "当日已邀请参加 {survey}",
        SurveyPhrase::AskedAlready { .. } => "{on}已调查",
        SurveyPhrase::TooSoon { .. } => "间隔不足，{until}起可再次调查",
        SurveyPhrase::Cap { .. } => "邀请次数已达上限，{until}起可再次邀请",
        SurveyPhrase::ComesFirst { .. } => "{by} 优先",
    }
}
