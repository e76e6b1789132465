//! What stands around a candidate: whether it is part of something longer, and what the words before it call
//! it.

/// Words before a number that say it is none of ours, unless one of `OURS` comes later.
const OTHERS: [&str; 42] = [
    "订单",
    "单号",
    "编号",
    "流水",
    "序列",
    "型号",
    "版本",
    "合同",
    "票号",
    "条码",
    "货号",
    "批号",
    "工号",
    "学号",
    "案号",
    "文号",
    "运单",
    "快递",
    "交易号",
    "凭证",
    "商品",
    "发票",
    "批次",
    "期号",
    "邮编",
    "书号",
    "刊号",
    "圆周率",
    "时间戳",
    "ISBN",
    "ISSN",
    "SKU",
    "QQ",
    "IMEI",
    "order",
    "Order",
    "serial",
    "Serial",
    "invoice",
    "tracking",
    "timestamp",
    "version",
];
/// Words before a number that say it is ours.
const OURS: [&str; 22] = [
    "电话", "手机", "联系", "致电", "拨打", "热线", "传真", "座机", "微信", "短信", "身份", "证件", "公民",
    "银行", "卡号", "账号", "账户", "储蓄", "phone", "mobile", "Tel", "card",
];

/// A text to look around in.
pub(super) struct Around<'t> {
    text: &'t str,
    bytes: &'t [u8],
}

impl<'t> Around<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        Self { text, bytes: text.as_bytes() }
    }

    pub(super) fn byte(&self, at: usize) -> Option<u8> {
        self.bytes.get(at).copied()
    }

    /// Up to `length` bytes of text before a place, whole characters, on the same line.
    pub(super) fn before(&self, at: usize, length: usize) -> &'t str {
        let mut start = at.saturating_sub(length);
        while !self.text.is_char_boundary(start) {
            start += 1;
        }
        let part = &self.text[start..at];
        part.rfind('\n').map_or(part, |line| &part[line + 1..])
    }

    /// Whether the number from `start` to `end` is no part of a longer number, word or address on the web.
    pub(super) fn is_alone(&self, start: usize, end: usize) -> bool {
        self.begins_alone(start) && self.ends_alone(end)
    }

    fn begins_alone(&self, start: usize) -> bool {
        let Some(last) = start.checked_sub(1) else { return true };
        let before = |steps: usize| last.checked_sub(steps).map(|at| self.bytes[at]);
        match self.bytes[last] {
            b'0'..=b'9' | b'_' | b'@' | b'#' | b'$' | b'%' | b'&' => false,
            b'a'..=b'z' | b'A'..=b'Z' => self.follows_latin_telephone_word(start),
            b'.' | b',' => !before(1).is_some_and(|b| b.is_ascii_digit()),
            b'-' | b'/' => !before(1).is_some_and(|b| b.is_ascii_alphanumeric() || b == b'/'),
            b'+' => !before(1).is_some_and(|b| b.is_ascii_alphanumeric()),
            _ => true,
        }
    }

    pub(super) fn ends_alone(&self, end: usize) -> bool {
        let after = |steps: usize| self.byte(end + steps);
        match after(0) {
            Some(b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' | b'_' | b'@' | b'%') => false,
            Some(b'.' | b',' | b'-' | b':') => !after(1).is_some_and(|b| b.is_ascii_alphanumeric()),
            _ => true,
        }
    }

    /// Whether the words before say that this number is an order's, a book's, a parcel's.
    pub(super) fn is_other_number(&self, start: usize) -> bool {
        let before = self.before(start, 36);
        let before = before.rfind(['。', '；', '！', '？', '，']).map_or(before, |end| &before[end..]);
        let last = |words: &[&str]| words.iter().filter_map(|word| before.rfind(word)).max();
        match (last(&OTHERS), last(&OURS)) {
            (Some(other), Some(ours)) => other > ours,
            (other, _) => other.is_some(),
        }
    }

    /// Whether another group of digits stands before, parted by a space: then this is the middle of a longer
    /// number.
    pub(super) fn follows_digits(&self, start: usize) -> bool {
        start > 1 && self.bytes[start - 1] == b' ' && self.bytes[start - 2].is_ascii_digit()
    }

    /// Whether the words before call it a bank card.
    pub(super) fn follows_card_word(&self, start: usize) -> bool {
        let before = self.before(start, 18);
        ["卡号", "信用卡", "银行卡", "储蓄卡", "账户", "账号", "汇款", "收款"]
            .iter()
            .any(|word| before.contains(word))
    }

    /// Whether what follows makes it an amount.
    pub(super) fn is_amount(&self, end: usize) -> bool {
        let rest = self.text[end..].trim_start_matches(' ');
        ["元", "万元", "亿", "美元", "人民币", "股", "吨", "次"].iter().any(|unit| rest.starts_with(unit))
    }

    fn follows_latin_telephone_word(&self, start: usize) -> bool {
        const WORDS: [&str; 8] = ["tel", "phone", "mobile", "mob", "vx", "wechat", "cell", "fax"];
        let before = self.before(start, 12);
        let letters = before.len() - before.trim_end_matches(|c: char| c.is_ascii_alphabetic()).len();
        let word = &before[before.len() - letters..];
        WORDS.iter().any(|known| word.eq_ignore_ascii_case(known))
    }

    pub(super) fn follows_telephone_word(&self, start: usize) -> bool {
        const WORDS: [&str; 10] =
            ["电话", "座机", "传真", "致电", "拨打", "热线", "Tel", "tel", "TEL", "Fax"];
        let before =
            self.before(start, 18).trim_end_matches([' ', ':', '：', '为', '是', '.', '(', '（', '号', '码']);
        WORDS.iter().any(|word| before.ends_with(word))
    }

    /// 圆周率 and the like aside, a digit behind a point belongs to a decimal; `is_alone` sees that. Here: 0 and
    /// a comma.
    pub(super) fn is_decimal_word(&self, start: usize) -> bool {
        self.before(start, 12).ends_with("小数")
    }

    /// The place of the opening bracket of a code in brackets that ends just before `start`, with +86 perhaps
    /// before it.
    pub(super) fn area_in_brackets(&self, start: usize, is_area: impl Fn(&[u8]) -> bool) -> Option<usize> {
        let before = self.before(start, 20).trim_end_matches([' ', '-']);
        let inner = before.strip_suffix([')', '）'])?;
        let open = inner.rfind(['(', '（'])?;
        let width = if inner.as_bytes()[open] == b'(' { 1 } else { '（'.len_utf8() };
        let code = &inner[open + width..];
        let plain = code.strip_prefix("86-").or_else(|| code.strip_prefix("+86-"));
        let good = match plain {
            Some(rest) => is_area(&[b"0", rest.trim_start_matches('0').as_bytes()].concat()),
            None => is_area(code.as_bytes()),
        };
        let line_start = start - self.before(start, 20).len();
        good.then_some(line_start + open)
    }

    /// The end with an extension behind it: -8001, 转8001.
    pub(super) fn extension(&self, end: usize) -> usize {
        let rest = &self.text[end..];
        let Some(digits) = ["-", "转", " 转", " 转 ", "ext", " ext. ", " ext "].iter().find_map(|mark| {
            rest.strip_prefix(mark)
                .filter(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
                .map(|rest| (mark.len(), rest))
        }) else {
            return end;
        };
        let length = digits.1.bytes().take_while(u8::is_ascii_digit).count();
        if (1..=5).contains(&length) { end + digits.0 + length } else { end }
    }
}
