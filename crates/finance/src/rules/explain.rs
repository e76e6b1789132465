//! The sentences of a decision, in Chinese and English.

use super::{
    decide::{Facts, Left, Limit, Outcome, Truth},
    policy::{Condition, Policy},
};
use commons::pack::Text;
use kernel::money::format_micros;
use serde::{Deserialize, Serialize};

/// One step of a decision in both languages, with the amount that stands after it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Explained {
    /// Which step: `period`, a condition's key, `base`, `rate`, a cap's name, `voucher` or `conclusion`.
    pub key: String,
    /// `yes`, `no` or `unknown` for conditions and limits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub holds: Option<String>,
    /// The amount after this step, in micros.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub amount_micros: Option<i64>,
    /// In Chinese.
    pub zh: String,
    /// In English.
    pub en: String,
}

fn step(key: &str, holds: Option<Truth>, amount_micros: Option<i64>, zh: String, en: String) -> Explained {
    let holds = holds.map(|truth| match truth {
        Truth::Yes => "yes".to_owned(),
        Truth::No => "no".to_owned(),
        Truth::Unknown => "unknown".to_owned(),
    });
    Explained { key: key.to_owned(), holds, amount_micros, zh, en }
}

/// Document and article as one text.
pub(super) fn article(policy: &Policy) -> Text {
    let source = &policy.source;
    let number = source.number.as_ref().map(|number| format!("({number})")).unwrap_or_default();
    Text {
        zh: format!("{}《{}》{}{}", source.issuer.zh, source.document.zh, number, source.article.zh),
        en: format!("{}, {} {}, {}", source.issuer.en, source.document.en, number, source.article.en)
            .replace(" ,", ","),
    }
}

pub(super) fn period(policy: &Policy, facts: &Facts, truth: Truth) -> Explained {
    let (starts, ends) = (&policy.period.starts, &policy.period.ends);
    let day = facts.date.as_ref().map(ToString::to_string);
    let (zh, en) = match (truth, day) {
        (Truth::Unknown, _) | (_, None) => (
            "尚不知费用发生的日期,请补充".into(),
            "The day of the bill isn't known yet: please give it".into(),
        ),
        (Truth::Yes, Some(day)) => (
            format!("{day} 在政策有效期内(自 {starts} 起,止于 {})", ends_zh(policy)),
            format!("{day} lies within the rule's period (from {starts}, last day: {ends})"),
        ),
        (Truth::No, Some(day)) => (
            format!("{day} 不在政策有效期内(自 {starts} 起,止于 {})", ends_zh(policy)),
            format!("{day} lies outside the rule's period (from {starts}, last day: {ends})"),
        ),
    };
    step("period", Some(truth), None, zh, en)
}

fn ends_zh(policy: &Policy) -> String {
    match &policy.period.ends {
        super::value::End::On(day) => day.to_string(),
        super::value::End::NonePublished => "未公布期限".into(),
        super::value::End::NotSeen => "所据文本未载期限".into(),
    }
}

pub(super) fn condition(condition: &Condition, truth: Truth) -> Explained {
    let (statement, evidence) = (&condition.statement, &condition.evidence);
    let (zh, en) = match truth {
        Truth::Yes => (format!("符合:{}", statement.zh), format!("Holds: {}", statement.en)),
        Truth::No => (format!("不符合:{}", statement.zh), format!("Does not hold: {}", statement.en)),
        Truth::Unknown => (
            format!("待证明:{};请提供{}", statement.zh, evidence.zh),
            format!("Not shown yet: {}; please bring {}", statement.en, evidence.en),
        ),
    };
    step(&condition.key, Some(truth), None, zh, en)
}

pub(super) fn base(policy: &Policy, amount: i64, base: i64) -> Explained {
    let counts = &policy.base.counts;
    let (money, whole) = (format_micros(base), format_micros(amount));
    let (zh, en) = if base == amount {
        (format!("计算基数({}):{money} 元", counts.zh), format!("Base ({}): CNY {money}", counts.en))
    } else {
        (
            format!("计算基数({}):{money} 元,已从 {whole} 元中扣除不计入的项目", counts.zh),
            format!(
                "Base ({}): CNY {money}, after items that don't count were taken off CNY {whole}",
                counts.en
            ),
        )
    };
    step("base", None, Some(base), zh, en)
}

pub(super) fn rate(policy: &Policy, share: i64) -> Explained {
    let (rate, money) = (policy.rate, format_micros(share));
    step(
        "rate",
        None,
        Some(share),
        format!("比例最高 {rate}:{money} 元(不足百万分之一元的部分舍去)"),
        format!("At most {rate} of it: CNY {money} (rounded down to the micro)"),
    )
}

pub(super) fn limit(limit: &Limit, granted: i64) -> Explained {
    let (name_zh, name_en) = match limit.key {
        "per_claim" => ("单笔上限", "Cap of one claim"),
        "per_organisation_per_year" => ("本单位本年度剩余额度", "What the organisation's yearly cap leaves"),
        "pot" => ("资金池余额", "What the pot holds"),
        _ => ("券面余额", "What the voucher holds"),
    };
    let (truth, zh, en) = match &limit.left {
        Left::Open => {
            (Truth::Yes, "公布文本未设上限".to_owned(), "the published text sets no limit".to_owned())
        }
        Left::Unknown => (
            Truth::Unknown,
            "尚不可知,待人工确认".to_owned(),
            "not known yet, a person has to confirm it".to_owned(),
        ),
        Left::Micros(left) => {
            let money = format_micros((*left).max(0));
            (Truth::Yes, format!("{money} 元"), format!("CNY {money}"))
        }
    };
    step(limit.key, Some(truth), Some(granted), format!("{name_zh}:{zh}"), format!("{name_en}: {en}"))
}

pub(super) fn conclusion(outcome: Outcome, granted: i64) -> Explained {
    let money = format_micros(granted);
    let (zh, en) = match outcome {
        Outcome::Eligible => (format!("结论:承担 {money} 元"), format!("Result: CNY {money} is borne")),
        Outcome::Ineligible => {
            ("结论:不符合条件,不予承担".into(), "Result: a condition doesn't hold, nothing is borne".into())
        }
        Outcome::NeedsEvidence => (
            "结论:证据不足,补充后再定;这不是拒绝".into(),
            "Result: evidence is missing; bring it and ask again, this is no rejection".into(),
        ),
    };
    step("conclusion", None, Some(granted), zh, en)
}
