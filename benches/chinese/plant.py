"""Plants personal information, and things that only look like it, in real Chinese text.

usage: plant.py IN.jsonl OUT.jsonl TRUTH.jsonl [--documents N] [--seed S]

IN has one JSON object a line with `text`. OUT gets N pairs of documents: `pii/NUMBER/base`, a passage of real text, and
`pii/NUMBER/planted`, the same passage with sentences put in. TRUTH has a line for each planted document: `id`, and
`planted`: a list of [kind, value]. A tool's finds in the base passage are no business of this measure: subtract them.

About half of the sentences hold no personal information but a near miss: wrong check digits, numbers of orders and
parcels, decimals, versions, dates, book numbers, digits of a telephone number inside longer ones, names of files.
"""

import argparse
import json
import random
import string

from junk import read_texts

DIGITS = string.digits
PROVINCES = "11 12 13 14 15 21 22 23 31 32 33 34 35 36 37 41 42 43 44 45 46 50 51 52 53 54 61 62 63 64 65".split()
WIDE = str.maketrans(DIGITS, "０１２３４５６７８９")


def digits(r, count):
    return "".join(r.choice(DIGITS) for _ in range(count))


def luhn(body):
    total = sum(d if i % 2 else (d * 2 - 9 if d > 4 else d * 2) for i, d in enumerate(map(int, reversed(body))))
    return str(-total % 10)


# ---- values

def birthday(r):
    return f"{r.randint(1940, 2015)}{r.randint(1, 12):02}{r.randint(1, 28):02}"


def id_check(body):
    return "10X98765432"[sum(int(d) * (2 ** (17 - i) % 11) for i, d in enumerate(body)) % 11]


def id_card(r):
    body = r.choice(PROVINCES) + f"{r.randint(1, 20):02}{r.randint(1, 40):02}" + birthday(r) + digits(r, 3)
    value = body + id_check(body)
    if r.random() < .08:
        value = f"{value[:6]} {value[6:14]} {value[14:]}"
    if r.random() < .1:
        value = value.replace("X", "x")
    return value


def old_id_card(r):
    return r.choice(PROVINCES) + f"{r.randint(1, 20):02}{r.randint(1, 40):02}" + birthday(r)[2:] + digits(r, 3)


def mobile_digits(r):
    return "1" + r.choice("3456789") + digits(r, 9)


def mobile(r):
    d = mobile_digits(r)
    shape = r.choice(["{}{}{}", "{}{}{}", "{}-{}-{}", "{} {} {}", "+86{}{}{}", "+86 {}{}{}", "+86-{}-{}-{}", "86{}{}{}", "+86 {} {} {}", "0086{}{}{}"])
    return shape.format(d[:3], d[3:7], d[7:])


def landline(r):
    area = r.choice(["010", "020", "021", "022", "023", "025", "027", "028", "0755", "0571", "0512", "0532", "0411", "0898"])
    local = r.choice("2345678") + digits(r, 7)
    return r.choice(["{}-{}", "{} {}", "({}){}", "（{}）{}", "{}{}", "{}-{}-80" + digits(r, 2)]).format(area, local)


def phone(r):
    return r.choice([
        lambda: f"+1 {r.randint(212, 989)}-{r.randint(200, 999)}-{digits(r, 4)}", lambda: f"+44 20 7{digits(r, 3)} {digits(r, 4)}",
        lambda: f"+81-90-{digits(r, 4)}-{digits(r, 4)}", lambda: f"+49 151 {digits(r, 8)}", lambda: f"+852 {r.randint(5, 9)}{digits(r, 3)} {digits(r, 4)}",
        lambda: f"({r.randint(212, 989)}) {r.randint(200, 999)}-{digits(r, 4)}", lambda: f"+65 9{digits(r, 3)} {digits(r, 4)}",
    ])()


def bank_card(r):
    prefix, length = r.choice([("622848", 19), ("621226", 19), ("622202", 19), ("622588", 16), ("625965", 16), ("436742", 19), ("4", 16), ("53", 16), ("37", 15)])
    body = prefix + digits(r, length - 1 - len(prefix))
    value = body + luhn(body)
    if len(value) > 15 and r.random() < .4:
        mark = r.choice(" -")
        value = mark.join(value[i:i + 4] for i in range(0, len(value), 4))
    return value


CODE = "0123456789ABCDEFGHJKLMNPQRTUWXY"


def credit_code(r):
    body = r.choice(["91", "91", "92", "93", "11", "12", "51", "52"]) + r.choice(PROVINCES) + f"{r.randint(0, 20):02}{r.randint(0, 30):02}"
    organ = "".join(r.choice(CODE) for _ in range(8))
    check = 11 - sum((CODE if c.isdigit() else string.digits + string.ascii_uppercase).index(c) * w for c, w in zip(organ, (3, 7, 9, 10, 5, 8, 4, 2))) % 11
    body += organ + {10: "X", 11: "0"}.get(check, str(check))
    total = sum(CODE.index(c) * 3 ** i for i, c in enumerate(body))
    return body + CODE[-total % 31]


def passport(r):
    return r.choice("EGDSP") + digits(r, 8) if r.random() < .7 else "E" + r.choice("ABCDEFGHJK") + digits(r, 7)


def plate(r):
    letters = "ABCDEFGHJKLMNPQRSTUVWXYZ"
    head = r.choice("京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼") + r.choice("ABCDEFGHJKLM")
    tail = r.choice([
        lambda: digits(r, 5), lambda: r.choice(letters) + digits(r, 4), lambda: digits(r, 3) + r.choice(letters) + digits(r, 1),
        lambda: r.choice("DF") + digits(r, 5), lambda: digits(r, 5) + r.choice("DF"), lambda: r.choice(letters) + digits(r, 2) + r.choice(letters) + digits(r, 1),
    ])()
    return head + r.choice(["", "", "·"]) + tail


PLACES = [("浙江省", "杭州市", "西湖区"), ("广东省", "深圳市", "南山区"), ("江苏省", "苏州市", "吴中区"), ("", "上海市", "浦东新区"), ("", "北京市", "海淀区"),
          ("四川省", "成都市", "武侯区"), ("湖北省", "武汉市", "洪山区"), ("山东省", "青岛市", "崂山区"), ("", "重庆市", "渝北区"), ("福建省", "厦门市", "思明区")]
ROADS = "文三路 中山北路 解放大道 科技园南路 世纪大道 人民东街 建设巷 学院路 长江西路 滨河大道 新华街 和平里东街".split()


def address(r):
    if r.random() < .15:
        number, name = r.randint(1, 9999), r.choice(["Oak", "Main", "North Maple", "Lincoln", "West Lake", "Martin Luther King"])
        town = r.choice(["", ", Springfield, IL 62704", ", Apt " + str(r.randint(1, 40)), ", Austin, TX 78701"])
        return f"{number} {name} {r.choice(['Street', 'St', 'Avenue', 'Road', 'Blvd', 'Lane', 'Drive'])}{town}"
    province, city, area = r.choice(PLACES)
    head = r.choice([province + city + area, city + area, province + city])
    tail = r.choice(["", f"{r.randint(1, 30)}栋{r.randint(101, 2905)}室", f"{r.randint(1, 30)}号楼{r.randint(1, 6)}单元{r.randint(101, 2905)}室", f"{r.randint(1, 30)}幢{r.randint(101, 999)}"])
    return f"{head}{r.choice(ROADS)}{r.randint(1, 1999)}号{tail}"


def email(r):
    name = r.choice(["zhang.san", "li_wei", "wang", "chen-x", "user+tag", "a", "liu"]) + r.choice(["", digits(r, 3)])
    if r.random() < .3:
        return mobile_digits(r) + "@" + r.choice(["139.com", "qq.com", "163.com"])
    return name + "@" + r.choice(["example.com", "mail.example.org", "163.com", "qq.com", "sjtu.edu.cn", "foo-bar.co.uk", "gmail.com"])


def ipv4(r):
    return f"{r.choice([8, 36, 47, 58, 101, 114, 180, 203, 218, 223])}.{r.randint(0, 255)}.{r.randint(0, 255)}.{r.randint(1, 254)}"


def ipv6(r):
    h = lambda: f"{r.randint(1, 65535):x}"
    return r.choice([lambda: f"2408:{h()}:{h()}:{h()}:{h()}:{h()}:{h()}:{h()}", lambda: f"2001:{h()}:{h()}::{h()}", lambda: f"240e:{h()}::{h()}:{h()}"])()


def secret(r):
    word = lambda alphabet, count: "".join(r.choice(alphabet) for _ in range(count))
    mixed = string.ascii_letters + DIGITS
    return r.choice([
        lambda: "AKIA" + word(string.ascii_uppercase + DIGITS, 16), lambda: "ghp_" + word(mixed, 36), lambda: "sk-" + word(mixed, 48), lambda: "AIza" + word(mixed, 35),
        lambda: "eyJ" + word(mixed, 33) + ".eyJ" + word(mixed, 60) + "." + word(mixed, 43), lambda: "glpat-" + word(mixed, 20), lambda: "LTAI" + word(mixed, 20),
        lambda: "-----BEGIN PRIVATE KEY-----\n" + "\n".join(word(mixed + "+/", 64) for _ in range(4)) + "\n-----END PRIVATE KEY-----",
    ])()


# ---- sentences: {} is the value

PLANTS = {
    "id_card": (id_card, ["公民身份号码：{}。", "身份证号码为{}，请核对。", "张某某（身份证号{}）已到场", "当事人{}出生于本市。", "居民身份证{}有效。", "ID: {}。"]),
    "old_id_card": (old_id_card, ["旧身份证号{}已换领。", "身份证号码：{}。", "居民身份证（{}）遗失"]),
    "mobile": (mobile, ["手机：{}。", "请致电{}联系。", "联系人李先生{}，", "电话{}转告", "他的号码是{}。", "如有疑问请拨打{}（同微信）。", "Tel:{}。", "李女士{}王女士"]),
    "landline": (landline, ["办公电话：{}。", "传真{}。", "请拨{}咨询", "座机号{}，", "联系电话为{}。"]),
    "phone": (phone, ["海外电话{}。", "Phone: {} (office)。", "请拨打{}联系我们"]),
    "bank_card": (bank_card, ["银行卡号：{}。", "汇款至{}账户", "卡号为{}，开户行某支行。", "收款账号{}。", "储蓄卡{}已冻结"]),
    "credit_code": (credit_code, ["统一社会信用代码：{}。", "某某有限公司（{}）", "信用代码为{}，", "税号{}。"]),
    "passport": (passport, ["护照号码：{}。", "持护照{}入境", "护照号为{}，", "Passport No. {}。"]),
    "plate": (plate, ["车牌号：{}。", "驾驶{}小型轿车", "车辆{}违章。", "一辆牌号为{}的货车"]),
    "address": (address, ["住址：{}。", "他住在{}，", "寄往{}。", "位于{}。", "户籍地址为{}，", "家住{}。"]),
    "email": (email, ["邮箱：{}。", "请发至{}。", "电子邮件{}联系", "E-mail:{},", "（{}）"]),
    "ipv4": (ipv4, ["服务器地址{}。", "登录IP：{}，", "从{}访问", "http://{}:8080/"]),
    "ipv6": (ipv6, ["IPv6地址：{}。", "来自{}的请求", "主机[{}]。"]),
    "secret": (secret, ["密钥：{}。", "使用{}登录", "key={} ", "令牌为{}，"]),
}


def wrong_id(r):
    value = id_card(r).replace(" ", "").upper()
    return value[:17] + r.choice([c for c in "0123456789X" if c != value[17]])


def wrong_card(r):
    value = bank_card(r)
    return value[:-1] + str((int(value[-1]) + r.randint(1, 9)) % 10)


def wrong_code(r):
    value = credit_code(r)
    return value[:-1] + r.choice([c for c in CODE if c != value[-1]])


NEAR = [
    lambda r: f"校验位有误的号码{wrong_id(r)}被退回。", lambda r: f"卡号{wrong_card(r)}输入有误。", lambda r: f"代码{wrong_code(r)}校验不通过。",
    lambda r: f"订单号{mobile_digits(r)}已发货。", lambda r: f"快递单号：{r.choice(['SF', 'YT', ''])}{digits(r, 12)}。", lambda r: f"订单编号：{digits(r, 18)}，",
    lambda r: f"流水号{digits(r, 20)}。", lambda r: f"数值为{r.randint(0, 9)}.{digits(r, 18)}。", lambda r: f"圆周率约等于3.14159265358979{digits(r, 4)}，",
    lambda r: f"升级到版本{r.randint(0, 9)}.{r.randint(0, 20)}.{r.randint(0, 20)}.{r.randint(0, 99)}。", lambda r: f"v{r.randint(1, 9)}.{r.randint(0, 20)}.{r.randint(0, 20)}.{r.randint(0, 99)}已发布。",
    lambda r: f"于{r.randint(1990, 2026)}年{r.randint(1, 12)}月{r.randint(1, 28)}日{r.randint(0, 23)}:{r.randint(10, 59)}:{r.randint(10, 59)}记录。",
    lambda r: f"{r.randint(1990, 2026)}-{r.randint(1, 12):02}-{r.randint(1, 28):02} {r.randint(10, 23)}:{r.randint(10, 59)}:{r.randint(10, 59)}开始，",
    lambda r: f"ISBN 978-7-{digits(r, 3)}-{digits(r, 5)}-{digits(r, 1)}。", lambda r: f"书号：978{digits(r, 10)}，", lambda r: f"长串{digits(r, 6)}{mobile_digits(r)}{digits(r, 5)}不是电话。",
    lambda r: f"金额{r.randint(10, 99)},{digits(r, 3)},{digits(r, 3)}元。", lambda r: f"共计{digits(r, 8)}元。", lambda r: f"时间戳1{digits(r, 12)}。",
    lambda r: f"依据〔{r.randint(1990, 2026)}〕{r.randint(1, 200)}号文件。", lambda r: f"国务院令第{r.randint(1, 800)}号公布。", lambda r: "图标icon@2x.png和注解@Override。", lambda r: f"型号E{digits(r, 8)}，",
    lambda r: f"票号G{digits(r, 8)}。", lambda r: "token=your_token_here 仅为示例。", lambda r: "安装 sk-learn 与 std::vec。", lambda r: f"颜色#{digits(r, 6)}，尺寸{r.randint(10, 99)}x{r.randint(10, 99)}。",
    lambda r: f"坐标{r.randint(70, 130)}.{digits(r, 7)},{r.randint(10, 50)}.{digits(r, 7)}。", lambda r: f"网卡00:1a:2b:{r.randint(10, 99)}:4d:5e。", lambda r: f"第{r.randint(1, 20)}条第{r.randint(1, 9)}款，",
    lambda r: f"编号{r.choice('ABCKMN')}{r.choice('ABCKMN')}{digits(r, 5)}的设备。", lambda r: f"国道G{r.randint(10, 999)}与省道S{r.randint(10, 999)}，", lambda r: f"比率为{digits(r, 2)}.{mobile_digits(r)}%。",
]


def make(texts, documents, seed):
    """Yields (id, base text, planted text, list of (kind, value))."""
    r = random.Random(f"{seed}/plant")
    for number in range(documents):
        text = r.choice(texts)
        start = r.randrange(max(1, len(text) - 900))
        lines = [line for line in text[start:start + r.randint(300, 900)].split("\n") if line.strip()] or [text[:200]]
        planted, out = [], list(lines)
        for _ in range(r.randint(2, 7)):
            if r.random() < .5:
                kind = r.choice(list(PLANTS))
                maker, contexts = PLANTS[kind]
                value = maker(r)
                if r.random() < .05 and kind in ("id_card", "mobile", "landline"):
                    value = value.translate(WIDE)
                sentence = r.choice(contexts).format(value)
                planted.append(("id_card" if kind == "old_id_card" else kind, value))
            else:
                sentence = r.choice(NEAR)(r)
            place = r.randrange(len(out))
            # Between lines, or right behind a mark inside of one.
            marks = [i + 1 for i, c in enumerate(out[place]) if c in "。；，"] if r.random() < .6 else []
            if marks:
                at = r.choice(marks)
                out[place] = out[place][:at] + sentence + out[place][at:]
            else:
                out.insert(place, sentence)
        yield f"pii/{number:05}", "\n".join(lines), "\n".join(out), planted


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("input")
    parser.add_argument("output")
    parser.add_argument("truth")
    parser.add_argument("--documents", type=int, default=2000)
    parser.add_argument("--seed", default="1")
    given = parser.parse_args()
    with open(given.output, "w", encoding="utf-8") as out, open(given.truth, "w", encoding="utf-8") as truth:
        for name, base, text, planted in make(read_texts(given.input), given.documents, given.seed):
            out.write(json.dumps({"id": name + "/base", "text": base}, ensure_ascii=False) + "\n")
            out.write(json.dumps({"id": name + "/planted", "text": text}, ensure_ascii=False) + "\n")
            truth.write(json.dumps({"id": name + "/planted", "planted": planted}, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
