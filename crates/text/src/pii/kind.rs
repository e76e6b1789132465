//! Kinds of personal information, and what becomes of each.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// What was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// 居民身份证号码: GB 11643, 18 characters with a true check digit, or the old 15 digits.
    IdCard,
    /// Mobile telephone number of mainland China.
    Mobile,
    /// Fixed telephone number of mainland China.
    Landline,
    /// Telephone number of another country.
    Phone,
    /// Bank card number: an issuer's prefix, its length and the Luhn digit.
    BankCard,
    /// 统一社会信用代码: GB 32100 with a true check character.
    CreditCode,
    /// Passport or travel permit, told by a word before it.
    Passport,
    /// Number plate of a car, new-energy ones included.
    Plate,
    /// Street address with a house number.
    Address,
    /// E-mail address.
    Email,
    /// IP address, version 4.
    Ipv4,
    /// IP address, version 6.
    Ipv6,
    /// Password, key or token.
    Secret,
}

impl Kind {
    /// All kinds, in order.
    pub const ALL: [Self; 13] = [
        Self::IdCard,
        Self::Mobile,
        Self::Landline,
        Self::Phone,
        Self::BankCard,
        Self::CreditCode,
        Self::Passport,
        Self::Plate,
        Self::Address,
        Self::Email,
        Self::Ipv4,
        Self::Ipv6,
        Self::Secret,
    ];

    /// The name in reports, in snake_case.
    pub fn name(self) -> &'static str {
        match self {
            Self::IdCard => "id_card",
            Self::Mobile => "mobile",
            Self::Landline => "landline",
            Self::Phone => "phone",
            Self::BankCard => "bank_card",
            Self::CreditCode => "credit_code",
            Self::Passport => "passport",
            Self::Plate => "plate",
            Self::Address => "address",
            Self::Email => "email",
            Self::Ipv4 => "ipv4",
            Self::Ipv6 => "ipv6",
            Self::Secret => "secret",
        }
    }

    /// What stands between the angle brackets of the placeholder.
    pub fn label(self, labels: Labels) -> &'static str {
        match (labels, self) {
            (Labels::English, kind) => kind.name(),
            (_, Self::IdCard) => "身份证",
            (_, Self::Mobile) => "手机号",
            (_, Self::Landline) => "固定电话",
            (_, Self::Phone) => "国际电话",
            (_, Self::BankCard) => "银行卡",
            (_, Self::CreditCode) => "统一社会信用代码",
            (_, Self::Passport) => "护照",
            (_, Self::Plate) => "车牌",
            (_, Self::Address) => "地址",
            (_, Self::Email) => "邮箱",
            (_, Self::Ipv4) => "IPv4",
            (_, Self::Ipv6) => "IPv6",
            (_, Self::Secret) => "密钥",
        }
    }
}

/// What becomes of a find.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// A placeholder such as `<身份证>` takes its place.
    #[default]
    Mask,
    /// A placeholder with a keyed hash takes its place: `<身份证:0f3a…>`, the same for the same value and key.
    Hash,
    /// The whole text goes.
    Drop,
    /// It stays and is counted.
    Keep,
}

/// The language of placeholders.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Labels {
    /// `<手机号>`
    #[default]
    Chinese,
    /// `<mobile>`
    English,
}

/// How to clean.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Options {
    /// What becomes of kinds that `actions` doesn't name.
    pub action: Action,
    /// What becomes of these kinds.
    pub actions: BTreeMap<Kind, Action>,
    /// The language of placeholders.
    pub labels: Labels,
    /// The key of hashes; needed where an action is `hash`.
    pub key: String,
    /// Leave private, loopback and reserved IP addresses alone.
    pub public_ip_only: bool,
}

impl Options {
    /// What becomes of a kind.
    pub fn action_of(&self, kind: Kind) -> Action {
        self.actions.get(&kind).copied().unwrap_or(self.action)
    }
}
