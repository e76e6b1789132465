use super::*;

fn clean(text: &str) -> String {
    Cleaner::new(&Options::default()).unwrap().clean(text).text.unwrap_or_else(|| text.to_owned())
}

#[test]
fn each_kind_is_found_between_chinese_characters() {
    for (text, expected) in [
        ("张三身份证号11010519491231002X住北京", "张三身份证号<身份证>住北京"),
        ("旧证110105491231002号", "旧证<身份证>号"),
        ("请拨打13812345678联系", "请拨打<手机号>联系"),
        ("电话+86 138-1234-5678。", "电话<手机号>。"),
        ("手机8613812345678，", "手机<手机号>，"),
        ("座机021-62345678转8001，", "座机<固定电话>，"),
        ("（010）62345678联系", "<固定电话>联系"),
        ("致电62345678即可", "致电<固定电话>即可"),
        ("电话：+86-21-62345678", "电话：<固定电话>"),
        ("卡号6222 0212 3456 7890 123是", "卡号6222 0212 3456 7890 123是"),
        ("卡号4111 1111 1111 1111是", "卡号<银行卡>是"),
        ("代码91350100M000100Y43，", "代码<统一社会信用代码>，"),
        ("护照号E12345678，", "护照号<护照>，"),
        ("护照：EA1234567，", "护照：<护照>，"),
        ("编号E12345678，", "编号E12345678，"),
        ("车牌沪A12345停在", "车牌<车牌>停在"),
        ("新能源粤B·D12345和沪AD12345", "新能源<车牌>和<车牌>"),
        ("邮箱zhang.san@example.com。", "邮箱<邮箱>。"),
        ("服务器8.8.8.8和2001:4860:4860::8888", "服务器<IPv4>和<IPv6>"),
        ("他住在浙江省杭州市西湖区文三路478号3幢502室，", "他住在<地址>，"),
        ("家住杭州市西湖区文三路478号。", "家住<地址>。"),
        ("他在杭州市西湖区和平里东街8号维多利广场A座2501室，", "他在<地址>，"),
        ("lives at 123 North Main Street, Apt 4, Springfield, IL 62704 now", "lives at <地址> now"),
        ("call +1 415-555-2671 or (415) 555-2671", "call <国际电话> or <国际电话>"),
        ("token=a8F3kd92mZq71Lx0Pw4T end", "token=<密钥> end"),
        ("key AKIAIOSFODNN7EXAMPLE。", "key <密钥>。"),
        ("手机１３８１２３４５６７８。", "手机<手机号>。"),
    ] {
        assert_eq!(clean(text), expected, "{text}");
    }
}

#[test]
fn what_only_looks_like_it_stays() {
    for text in [
        "身份证110105194912310021检验位错",
        "订单号13812345678已发货",
        "编号2023138123456789012345",
        "圆周率3.1415926535897932384",
        "版本1.2.3.4已发布，v10.0.0.1也是",
        "2024-01-15 12:30:45，共12345678元",
        "ISBN 978-7-111-12345-6",
        "国务院令第75号，2020年第12号公告",
        "icon@2x.png 与 @media 和 user@localhost",
        "卡号4111111111111112错",
        "代码91350100M000100Y44错",
        "sk-learn and token=your_token_here",
        "std::vec::Vec 12:30:45",
        "价格为138.12345678元",
        "总额13812345678元",
        "In 1999 Wall Street fell.",
    ] {
        assert_eq!(clean(text), text);
    }
}

#[test]
fn keys_and_blocks_go_whole() {
    let block = "-----BEGIN RSA PRIVATE KEY-----\nMIIEow123\nabc=\n-----END RSA PRIVATE KEY-----";
    assert_eq!(clean(&format!("密钥{block}完")), "密钥<密钥>完");
    let token =
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U";
    assert_eq!(clean(&format!("令牌{token}。")), "令牌<密钥>。");
}

#[test]
fn actions_hash_drop_and_keep() {
    let mut options = Options { action: Action::Hash, ..Default::default() };
    assert_eq!(Cleaner::new(&options).err().map(|e| e.code), Some("pii_key_missing"));
    options.key = "k".into();
    options.labels = Labels::English;
    let mut cleaner = Cleaner::new(&options).unwrap();
    let (a, b) = (cleaner.clean("请拨13812345678"), cleaner.clean("请拨138 1234 5678"));
    assert_eq!(a.text, b.text);
    assert!(a.text.is_some_and(
        |text| text.starts_with("请拨<mobile:") && text.len() == "请拨<mobile:0123456789ab>".len()
    ));
    options.actions.insert(Kind::Mobile, Action::Drop);
    let dropped = Cleaner::new(&options).unwrap().clean("请拨13812345678");
    assert_eq!((dropped.text, dropped.dropped, dropped.counts[&Kind::Mobile]), (None, Some(Kind::Mobile), 1));
    options.actions.insert(Kind::Mobile, Action::Keep);
    assert_eq!(Cleaner::new(&options).unwrap().clean("请拨13812345678").text, None);
}

proptest::proptest! {
    #[test]
    fn any_text_is_cleaned_without_a_panic_and_finds_are_in_order(
        text in "([0-9]{1,12}|[-+@:./ (),]|[a-zA-Z]{1,3}|[路号市区沪粤（）０-９＠年]|eyJ|token=|Street|电话|\\PC){0,40}",
    ) {
        let mut cleaner = Cleaner::new(&Options::default()).unwrap();
        let finds = cleaner.find(&text).to_vec();
        let mut last = 0;
        for find in finds {
            proptest::prop_assert!(find.start >= last && find.start < find.end && text.is_char_boundary(find.start));
            proptest::prop_assert!(text.is_char_boundary(find.end));
            last = find.end;
        }
        cleaner.clean(&text);
    }
}
