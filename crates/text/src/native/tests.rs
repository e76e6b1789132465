use super::*;

const GOOD: &str = "根据《中华人民共和国立法法》的规定，地方性法规可以就下列事项作出规定：为执行法律、行政法规的规定，需要根据本行政区域的\
    实际情况作具体规定的事项；属于地方性事务需要制定地方性法规的事项。设区的市的人民代表大会及其常务委员会可以制定地方性法规。";

fn all() -> Filter {
    let rules = [
        Rule::Normalise(rule::Normalise::default()),
        Rule::Quality(rule::Quality::default()),
        Rule::Fluency(rule::Fluency::default()),
        Rule::Repetition(rule::Repetition::default()),
        Rule::Menu(rule::Menu::default()),
        Rule::Advertising(rule::Advertising::default()),
    ];
    Filter::new(&rules).unwrap()
}

fn reason(text: &str) -> &'static str {
    match all().judge(text) {
        Outcome::Drop(drop) => drop.reason,
        _ => "kept",
    }
}

#[test]
fn plain_chinese_and_english_stay() {
    assert_eq!(reason(GOOD), "kept");
    assert_eq!(reason(&normalise::simplify(GOOD).replace('国', "國")), "kept");
    assert_eq!(
        reason("The quick brown fox jumps over the lazy dog, and that is all there is to say of it."),
        "kept"
    );
}

#[test]
fn characters_in_no_order_go() {
    // A fixed permutation: every 37th character, round and round.
    let characters: Vec<char> = GOOD.chars().filter(|c| *c != ' ').collect();
    let mixed: String = (0..characters.len()).map(|i| characters[i * 37 % characters.len()]).collect();
    assert_eq!(reason(&mixed), "shuffled_characters");
}

#[test]
fn menus_repeats_and_advertising_go() {
    let menu = "首页\n新闻中心\n产品展示\n解决方案\n联系我们\n关于公司\n人才招聘\n客户服务\n友情链接\n网站地图\n会员登录\n常见问题\n下载中心";
    assert_eq!(reason(menu), "navigation_menu");
    assert_eq!(reason(&"今天天气很好，我们去公园散步，看见了许多花。\n".repeat(12)), "repeated_lines");
    assert_eq!(reason(&"今天天气很好，我们去公园散步，看见了许多花。".repeat(12)), "repeated_passages");
    let spam = "全网最低价，货到付款，假一赔十！专业办理各种证件，当天放款，无需抵押，加微信：abc12345，或者拨打咨询热线13812345678，\
        名额有限，先到先得！仅售99元！";
    assert_eq!(reason(spam), "advertising");
}

#[test]
fn normalising_changes_the_text_and_later_rules_see_the_change() {
    let options = rule::Normalise { simplify: true, narrow: true };
    let mut filter = Filter::new(&[Rule::Normalise(options)]).unwrap();
    assert_eq!(filter.judge("中國　ＡＢＣ"), Outcome::Change("中国 ABC".into()));
    assert_eq!(filter.judge("中国 ABC"), Outcome::Keep);
}

#[test]
fn thresholds_out_of_range_are_refused_and_unknown_fields_too() {
    let rule = Rule::Menu(rule::Menu { min_prose: f64::NAN, ..Default::default() });
    assert_eq!(Filter::new(&[rule]).err().map(|e| e.code), Some("native_rule_invalid"));
    assert!(serde_json::from_str::<Rule>(r#"{"rule": "menu", "min_prosa": 1}"#).is_err());
    assert_eq!(
        serde_json::from_str::<Rule>(r#"{"rule": "menu"}"#).unwrap(),
        Rule::Menu(rule::Menu::default())
    );
}

proptest::proptest! {
    #[test]
    fn any_text_gets_the_same_answer_twice(text in "\\PC{0,200}") {
        let mut filter = all();
        proptest::prop_assert_eq!(filter.judge(&text), filter.judge(&text));
    }
}
