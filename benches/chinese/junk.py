"""Makes Chinese junk of known kinds from any real Chinese text, for measuring filters.

usage: junk.py IN.jsonl OUT.jsonl [--each N] [--seed S]

IN has one JSON object a line with `text`. OUT gets N documents of each kind, with ids `junk/KIND/NUMBER`:

  shuffled   the characters of a real text in random order: of the whole text, within each line, or within a window
             of 200 characters; line breaks and punctuation are shuffled too, or stay where they are
  menu       navigation: one entry a line, entries between bars or arrows, headlines with dates, footers
  spam       advertising with contacts, prices and slogans: posters, running text, stuffed keywords, slogans again and
             again
  repeated   one line or sentence, or a few in turn, many times; or a real text with one of its lines put in again and
             again until it is most of the text

The same input, N and seed give the same output.
"""

import argparse
import json
import random
import re

PUNCTUATION = set("，。！？；：、“”‘’（）《》\n")


def is_han(c):
    return "\u4e00" <= c <= "\u9fff"


# ---- shuffled

def shuffled(r, text):
    text = text[:r.randint(300, 4000)]
    way = r.randrange(4)
    if way == 0:
        return "".join(r.sample(text, len(text)))
    if way == 1:
        return "\n".join("".join(r.sample(line, len(line))) for line in text.split("\n"))
    if way == 2:
        parts = [text[i:i + 200] for i in range(0, len(text), 200)]
        return "".join("".join(r.sample(part, len(part))) for part in parts)
    places = [i for i, c in enumerate(text) if c not in PUNCTUATION]
    mixed = r.sample(places, len(places))
    out = list(text)
    for place, other in zip(places, mixed):
        out[place] = text[other]
    return "".join(out)


# ---- menus

ENTRIES = """首页 新闻中心 公司新闻 行业动态 产品中心 产品展示 解决方案 成功案例 客户服务 服务支持 联系我们 关于我们 人才招聘 加入我们
在线留言 下载中心 常见问题 网站地图 友情链接 会员登录 免费注册 忘记密码 我的订单 购物车 收藏夹 帮助中心 体育 财经 娱乐 科技
教育 健康 汽车 房产 旅游 军事 游戏 国际 国内 社会 时尚 美食 视频 图片 博客 论坛 专题 评论 直播 电影 电视剧 综艺 动漫 音乐
上一页 下一页 返回顶部 更多 热门推荐 最新文章 热门标签 相关阅读 点击排行 本周热门 编辑推荐 手机版 客户端 微信公众号 新浪微博
政务公开 政策法规 办事指南 机构设置 领导信箱 信息公开 通知公告 工作动态 互动交流 网上办事 企业文化 发展历程 荣誉资质 组织架构
男装 女装 童装 鞋靴 箱包 家电 数码 电脑办公 手机通讯 家居 厨具 食品生鲜 母婴 玩具 图书 珠宝 运动户外 个护化妆 优惠券 秒杀
登录 注册 退出 设置 语言 简体中文 繁體中文 English 搜索 分享 打印 字体大小 关闭窗口 举报 收藏本站 设为首页 隐私政策 使用条款
免责声明 版权声明 广告服务 诚聘英才 投稿 订阅 RSS 全部分类 按价格排序 销量 评价 筛选 上海站 北京站 切换城市""".split()
FOOTERS = [
    "Copyright © {y} 某某科技有限公司 版权所有", "沪ICP备{n}号-1", "京公网安备 110105{n}号", "技术支持：某某网络",
    "版权所有 © {y} All Rights Reserved", "增值电信业务经营许可证：沪B2-{y}{s}",
]
TITLES = """全市经济工作会议召开 我校举行新生开学典礼 关于做好防汛工作的通知 新款手机发布会直播 春季招聘会报名开始 本周末气温将下降
二手房价格走势分析 高考志愿填报指南 最新电影票房排行榜 十大旅游景点推荐 汽车保养小知识 儿童疫苗接种须知 国庆假期高速免费
股市收盘播报 专家解读新政策 世界杯预选赛赛程 图书馆开放时间调整 社区志愿者活动掠影 机器人大赛落幕 老旧小区改造进展""".split()


def footer(r):
    return r.choice(FOOTERS).format(y=r.randint(1999, 2026), n=r.randint(10_000_000, 99_999_999), s=r.randint(1000, 9999))


def menu(r, text):
    count = r.randint(25, 90)
    entries = [r.choice(ENTRIES) for _ in range(count)]
    way = r.randrange(5)
    if way == 0:
        lines = entries
    elif way == 1:
        bar = r.choice([" | ", "|", " · ", "  ", " / ", "\t"])
        lines = [bar.join(entries[i:i + 9]) for i in range(0, count, 9)]
    elif way == 2:
        arrow = r.choice([" > ", " >> ", " » ", "->"])
        lines = [arrow.join(r.sample(ENTRIES, r.randint(3, 6))) for _ in range(r.randint(8, 25))]
    elif way == 3:
        marks = r.choice(["· ", "• ", "- ", "", "[荐] "])
        lines = [f"{marks}{r.choice(TITLES)} {r.randint(2010, 2026)}-{r.randint(1, 12):02}-{r.randint(1, 28):02}" for _ in range(count // 2)]
        lines = entries[:12] + lines
    else:
        mark = r.choice(["* ", "- ", "+ ", "◆", "1. "])
        lines = [f"{mark}[{e}](/{r.choice(['a', 'list', 'node'])}/{r.randint(1, 9999)}.html)" if r.random() < .5 else mark + e for e in entries]
    return "\n".join(lines + [footer(r) for _ in range(r.randint(0, 3))])


# ---- spam

GOODS = """减肥茶 祛斑霜 增高鞋垫 壮阳胶囊 丰胸精油 高仿名表 原单包包 正品香烟 进口红酒 二手手机 考试答案 毕业证书 驾驶证 发票
学历文凭 信用卡 小额贷款 网络彩票 真人娱乐 私服游戏 加盟奶茶 刷单兼职 手工活外发 股票内幕 挖矿机 流量卡 保健床垫 治脱发神药""".split()
SLOGANS = """全网最低价 假一赔十 无效退款 货到付款 包邮到家 名额有限 先到先得 限时特价 今日特惠 错过再等一年 免费领取 注册就送
日赚千元 轻松月入过万 无需抵押 当天放款 秒到账 一对一指导 百分百通过 包过不过退款 厂家直销 跳楼价 亏本清仓 机会难得 马上抢购
老客户八折 买一送一 扫码有礼 真实可靠 诚信经营 加盟热线 总部扶持 零风险 高回报 稳赚不赔 权威认证 明星代言 独家秘方 立即拨打""".split()
CITIES = "上海 北京 广州 深圳 杭州 南京 武汉 成都 重庆 西安 天津 苏州".split()
TRADES = "搬家公司 开锁 疏通下水道 空调维修 代办公司注册 二手车回收 装修设计 保洁服务 印刷厂家 婚纱摄影 网站建设 代理记账".split()


def mobile(r):
    digits = f"1{r.choice([3, 5, 7, 8, 9])}{r.randint(0, 999_999_999):09}"
    return r.choice([digits, f"{digits[:3]}-{digits[3:7]}-{digits[7:]}", f"{digits[:3]} {digits[3:7]} {digits[7:]}"])


def contact(r):
    qq = r.randint(10_000_000, 9_999_999_999)
    word = "".join(r.choice("abcdefghjkmnpqrstuvwxyz") for _ in range(r.randint(4, 8)))
    return r.choice([
        f"加微信：{word}{r.randint(10, 999)}", f"VX:{word}{r.randint(10, 9999)}", f"QQ：{qq}", f"加QQ群{qq}领取",
        f"咨询热线：400-{r.randint(100, 999)}-{r.randint(1000, 9999)}", f"电话{mobile(r)}（同微信）", f"联系人：王经理 {mobile(r)}",
        f"点击链接 http://www.{word}{r.randint(1, 99)}.{r.choice(['top', 'xyz', 'cc', 'com'])}/", f"官网 www.{word}.{r.choice(['com', 'cn', 'vip'])}",
    ])


def price(r):
    return r.choice(["仅售{}元", "原价{}元", "特价¥{}", "只要{}元", "￥{}起", "立减{}元"]).format(r.choice([9.9, 19, 58, 99, 168, 299, 998, 1280]))


def spam(r, text):
    way = r.randrange(5)
    marks = lambda: r.choice(["！", "！！！", "!!", "~", "★", "。", "，"])
    if way == 0:
        lines = [r.choice(["★", "【", "☆☆", "", "◆"]) + r.choice([r.choice(GOODS), r.choice(SLOGANS), price(r), contact(r)]) + marks() for _ in range(r.randint(12, 50))]
        return "\n".join(lines + [contact(r)])
    if way == 1:
        parts = []
        for _ in range(r.randint(4, 15)):
            goods = r.choice(GOODS)
            parts.append(f"本公司长期供应{goods}，{r.choice(SLOGANS)}，{price(r)}，{r.choice(SLOGANS)}！{contact(r)}{marks()}")
        return "".join(parts)
    if way == 2:
        city, pairs = r.choice(CITIES), r.sample(TRADES, r.randint(3, 7))
        words = [city + t + r.choice(["", "电话", "价格", "哪家好", "多少钱", "公司", "排名"]) for t in pairs for _ in range(r.randint(4, 12))]
        r.shuffle(words)
        return r.choice(["，", " ", "_", ","]).join(words) + "。" + contact(r)
    if way == 3:
        slogan = f"{r.choice(GOODS)}{r.choice(SLOGANS)}{marks()}{contact(r)}{marks()}"
        return r.choice(["", "\n"]).join([slogan] * r.randint(8, 40))
    lead = f"亲，您好！我们是专业办理{r.choice(GOODS)}的团队，{r.choice(SLOGANS)}，{r.choice(SLOGANS)}，有需要的朋友请{contact(r)}。"
    return "\n".join([lead] + [f"{i + 1}、{r.choice(SLOGANS)}，{price(r)}{marks()}" for i in range(r.randint(6, 20))] + [contact(r), contact(r)])


# ---- repeated

def sentences(text):
    found = [s for s in re.findall(r"[^。！？\n]{8,60}[。！？]", text) if sum(map(is_han, s)) > 6]
    return found or [text[:40] + "。"]


def repeated(r, text):
    picked = r.sample(sentences(text), min(len(sentences(text)), r.randint(1, 3)))
    way = r.randrange(4)
    if way == 0:
        return "\n".join([picked[0]] * r.randint(15, 80))
    if way == 1:
        return picked[0] * r.randint(15, 80)
    if way == 2:
        return r.choice(["", "\n"]).join(picked * r.randint(15, 40))
    body = [line for line in text[:3000].split("\n") if line.strip()]
    line = picked[0]
    need = sum(map(len, body)) * r.uniform(1.2, 3) / len(line)
    for _ in range(int(need) + 10):
        body.insert(r.randrange(len(body) + 1), line)
    return "\n".join(body)


KINDS = {"shuffled": shuffled, "menu": menu, "spam": spam, "repeated": repeated}


def make(texts, each, seed):
    """Yields (id, text) of `each` documents of every kind."""
    for kind, maker in KINDS.items():
        r = random.Random(f"{seed}/{kind}")
        for number in range(each):
            yield f"junk/{kind}/{number:05}", maker(r, r.choice(texts))


def read_texts(path, limit=3000, least=400):
    texts = []
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            text = json.loads(line)["text"]
            if len(text) >= least:
                texts.append(text)
            if len(texts) == limit:
                break
    return texts


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("input")
    parser.add_argument("output")
    parser.add_argument("--each", type=int, default=500)
    parser.add_argument("--seed", default="1")
    given = parser.parse_args()
    with open(given.output, "w", encoding="utf-8") as out:
        for name, text in make(read_texts(given.input), given.each, given.seed):
            out.write(json.dumps({"id": name, "text": text}, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
