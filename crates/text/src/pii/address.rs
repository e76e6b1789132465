//! Street addresses, found from their house number: Chinese ones backwards and forwards, American ones
//! forwards.

use super::{Find, Kind, around::Around};

/// What a Chinese road's name ends with.
const ROADS: [&str; 29] = [
    "路",
    "街",
    "道",
    "巷",
    "弄",
    "胡同",
    "里",
    "村",
    "镇",
    "小区",
    "花园",
    "新村",
    "公寓",
    "大厦",
    "广场",
    "苑",
    "园",
    "庄",
    "屯",
    "组",
    "段",
    "坊",
    "社区",
    "工业区",
    "开发区",
    "家园",
    "新城",
    "宿舍",
    "大院",
];
/// Units behind a number: the house, the building, the flat.
const UNITS: [&str; 15] =
    ["号楼", "号院", "号", "弄", "室", "栋", "幢", "座", "单元", "楼", "层", "房", "户", "甲", "区"];
/// What an administrative area's name ends with.
const AREAS: [&str; 9] = ["省", "自治区", "市", "自治州", "区", "县", "旗", "镇", "乡"];
const PROVINCES: [&str; 34] = [
    "北京",
    "天津",
    "上海",
    "重庆",
    "河北",
    "山西",
    "辽宁",
    "吉林",
    "黑龙江",
    "江苏",
    "浙江",
    "安徽",
    "福建",
    "江西",
    "山东",
    "河南",
    "湖北",
    "湖南",
    "广东",
    "海南",
    "四川",
    "贵州",
    "云南",
    "陕西",
    "甘肃",
    "青海",
    "台湾",
    "内蒙古",
    "广西",
    "西藏",
    "宁夏",
    "新疆",
    "香港",
    "澳门",
];
/// Where a place's name can't go on backwards.
const STOPS: &str = "在于至到为是址往自从住与和及或、的了我他她你您即由向给寄送去来达过离";
/// Words that say that an address follows.
const WORDS: [&str; 12] =
    ["地址", "住址", "住在", "家住", "住所", "居住", "寄到", "寄往", "送到", "位于", "现住", "户籍"];

fn number_length(text: &str) -> usize {
    // A座, B栋
    if let [b'A'..=b'Z', 0xE5..=0xE6, ..] = text.as_bytes() {
        return usize::from(["座", "栋", "幢", "楼", "区"].iter().any(|unit| text[1..].starts_with(unit)));
    }
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let rest = &text.as_bytes()[digits..];
    // 12-3号, 12A室
    match rest {
        [b'-' | b'~', d, ..] if digits > 0 && d.is_ascii_digit() => {
            digits + 1 + rest[1..].iter().take_while(|b| b.is_ascii_digit()).count()
        }
        [b'A'..=b'Z', ..] if digits > 0 => digits + 1,
        _ => digits,
    }
}

/// The unit at the beginning of a text: its length in bytes.
fn unit(text: &str) -> Option<usize> {
    UNITS.iter().find(|unit| text.starts_with(*unit)).map(|unit| unit.len())
}

/// A Chinese address around the house number whose digits begin at `at`.
pub(super) fn chinese(text: &str, at: usize, least: usize) -> Option<Find> {
    let length = number_length(&text[at..]);
    unit(&text[at + length..])?;
    let around = Around::new(text);
    let before = around.before(at, 120);
    let before = &before[before.len().saturating_sub(at - least)..];
    let road = ROADS.iter().find(|road| before.ends_with(*road))?;
    let place = name_before(before);
    let name = place.strip_suffix(road)?;
    let area = AREAS.iter().any(|area| name.contains(area))
        || PROVINCES.iter().any(|province| name.starts_with(province));
    let start = at - place.len();
    let (end, units) = forward(text, at);
    let told = WORDS.iter().any(|word| around.before(start, 24).contains(word));
    let road = !matches!(*road, "里" | "园" | "庄" | "道" | "组" | "段" | "坊" | "开发区") || area;
    let enough = name.chars().count() >= 1 && road && (area || units > 1 || told);
    (enough && start >= least).then_some(Find { kind: Kind::Address, start, end })
}

/// The name of the place that ends where `before` ends: Han characters back to a province, or to a word that
/// can't be part of a name.
fn name_before(before: &str) -> &str {
    let han = before.len()
        - before.trim_end_matches(|c: char| crate::dictionary::is_han(c) || c.is_ascii_digit()).len();
    let run = &before[before.len() - han..];
    if let Some(start) = PROVINCES.iter().filter_map(|province| run.find(province)).min() {
        return &run[start..];
    }
    // The last word that can't be part of a name, with an area behind it if there is one: 在杭州市西湖区和平里东街.
    let behind = |(at, c): (usize, char)| at + c.len_utf8();
    let mut stops = run.char_indices().rev().filter(|&(_, c)| STOPS.contains(c)).map(behind);
    let with_area = stops.clone().find(|&at| AREAS.iter().any(|area| run[at..].contains(area)));
    let mut start = with_area.or_else(|| stops.next()).unwrap_or(0);
    // The stop was inside the road's name itself: keep two characters of it at least.
    if run[start..].chars().count() < 2 {
        start = run.char_indices().rev().nth(3).map_or(0, |(at, _)| at);
    }
    let name = &run[start..];
    // A name of an area has at most four characters before its mark.
    let mark = AREAS.iter().filter_map(|area| name.find(area)).min();
    let early = mark.and_then(|mark| name[..mark].char_indices().rev().nth(3)).map_or(0, |(at, _)| at);
    &name[early..]
}

/// The end of an address from its house number on, and how many numbers with units it has.
fn forward(text: &str, at: usize) -> (usize, usize) {
    let (mut end, mut units) = (at, 0);
    loop {
        let rest = &text[end..];
        let gap = rest.len() - rest.trim_start_matches(' ').len();
        let length = number_length(&rest[gap..]);
        let Some(unit) = (length > 0).then(|| unit(&rest[gap + length..])).flatten() else { break };
        end += gap + length + unit;
        units += 1;
        if units == 6 {
            break;
        }
        // A name may stand between two numbers: 100号国际大厦18楼.
        let name: usize = text[end..]
            .chars()
            .take(8)
            .take_while(|&c| crate::dictionary::is_han(c))
            .map(char::len_utf8)
            .sum();
        let follows =
            ["大厦", "广场", "小区", "花园", "公寓", "中心", "苑", "楼", "座", "城"].iter().any(|mark| {
                text[end..end + name].ends_with(mark)
                    && text[end + name..].starts_with(|c: char| c.is_ascii_digit() || c.is_ascii_uppercase())
            });
        if follows {
            end += name;
        }
    }
    let rest = &text[end..];
    let flat = rest.bytes().take_while(u8::is_ascii_digit).count();
    let closed = !rest[flat..]
        .starts_with(|c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '年' | '月' | '元' | '%'));
    // 3号楼502: the flat without its word.
    if units > 0 && (3..=4).contains(&flat) && closed { (end + flat, units + 1) } else { (end, units) }
}

/// An American address from its house number on: 123 North Main Street, Apt 4, Springfield, IL 62704.
pub(super) fn american(text: &str, at: usize) -> Option<Find> {
    const KINDS: [&str; 28] = [
        "Street",
        "St",
        "Avenue",
        "Ave",
        "Road",
        "Rd",
        "Boulevard",
        "Blvd",
        "Lane",
        "Ln",
        "Drive",
        "Dr",
        "Court",
        "Ct",
        "Way",
        "Place",
        "Pl",
        "Terrace",
        "Ter",
        "Square",
        "Sq",
        "Parkway",
        "Pkwy",
        "Highway",
        "Hwy",
        "Circle",
        "Cir",
        "Trail",
    ];
    let digits = text[at..].bytes().take_while(u8::is_ascii_digit).count();
    let around = Around::new(text);
    if digits > 5 || !around.is_alone(at, at + digits) {
        return None;
    }
    let mut end = at + digits;
    let (mut names, mut closed) = (0, false);
    while names < 6 && text[end..].starts_with(' ') {
        let word: usize = text[end + 1..].bytes().take_while(|b| b.is_ascii_alphanumeric()).count();
        let name = &text[end + 1..end + 1 + word];
        if !name.starts_with(|c: char| c.is_ascii_uppercase() || names == 0 && c.is_ascii_digit()) {
            break;
        }
        end += 1 + word;
        if names > 0 && KINDS.contains(&name) {
            closed = true;
            break;
        }
        end += usize::from(text[end..].starts_with('.') && word <= 2);
        names += 1;
    }
    // "In 1999 Wall Street" is a year and a street.
    let year = digits == 4 && matches!(&text[at..at + 2], "19" | "20");
    let dated = year
        && ["In ", "in ", "by ", "By ", "of ", "since ", "until "].iter().any(|w| text[..at].ends_with(w));
    (closed && !dated).then(|| Find { kind: Kind::Address, start: at, end: american_tail(text, end) })
}

/// The end with flat, town, state and postal code.
fn american_tail(text: &str, mut end: usize) -> usize {
    end += usize::from(text[end..].starts_with(". ") && text[end + 2..].starts_with(['A', 'S', '#', 'U']));
    for _ in 0..4 {
        let rest = &text[end..];
        let gap = rest.len() - rest.trim_start_matches([',', ' ']).len();
        if gap == 0 || gap > 2 {
            break;
        }
        let word: usize =
            rest[gap..].bytes().take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'#' | b'.')).count();
        let name = rest[gap..gap + word].trim_end_matches('.');
        let after = &rest[gap + name.len()..];
        let flat = matches!(name, "Apt" | "Suite" | "Ste" | "Unit" | "Floor" | "#") || name.starts_with('#');
        let state = name.len() == 2 && name.bytes().all(|b| b.is_ascii_uppercase());
        let postal = name.len() == 5 && name.bytes().all(|b| b.is_ascii_digit());
        let number =
            after.trim_start_matches([' ', '.', '#']).bytes().take_while(u8::is_ascii_alphanumeric).count();
        if flat {
            let skip = after.len() - after.trim_start_matches([' ', '.', '#']).len();
            end += gap + name.len() + if name.len() > 1 && name.starts_with('#') { 0 } else { skip + number };
        } else if postal || state {
            end += gap + name.len();
        } else if rest.starts_with(", ") && town(rest) > 0 {
            end += town(rest);
        } else {
            break;
        }
    }
    end
}

/// The length of `, Town Name` when a state and a postal code follow it; else 0.
fn town(rest: &str) -> usize {
    let Some(comma) = rest.get(2..).and_then(|rest| rest.bytes().take(40).position(|b| b == b',')) else {
        return 0;
    };
    let good = rest[2..2 + comma].bytes().all(|b| b.is_ascii_alphabetic() || b == b' ');
    let state = rest[2 + comma + 1..].trim_start().as_bytes();
    let follows =
        state.len() > 2 && state[..2].iter().all(u8::is_ascii_uppercase) && !state[2].is_ascii_alphabetic();
    if good && follows { 2 + comma } else { 0 }
}
