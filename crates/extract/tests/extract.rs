//! Through the door: what is kept, in which form, and that nothing breaks it.

use extract::{Extractor, Format, Options, Page, Scope, markdown};

fn page(html: &str, options: &Options) -> Page {
    Extractor::new(options).extract(html, None).unwrap_or_default()
}

fn sentences(count: usize) -> String {
    let sentence =
        "A city lends machines to its young companies, and writes down what each of them did with it. ";
    sentence.repeat(count)
}

fn article() -> String {
    let long = sentences(3);
    format!(
        "<!DOCTYPE html><html lang=en-GB><head><title>Open data | City</title><meta name=author content='Li Wei'>\
         <meta property='article:published_time' content='2026-05-01'></head><body><nav class=menu><ul><li><a href=/>Home\
         </a><li><a href=/b>About us</a></ul></nav><main><article class=post><h1>Open data</h1><p>{long}<p>Caf&eacute; \
         &amp; more, {long}<h2>How it works</h2><p>{long} See <a href='/rules'>the <b>rules</b></a>.<ul><li>{long}<li>{long}\
         </ul><pre><code>let x = 1;\nlet y = 2;</code></pre></article></main><aside class=sidebar><h3>Related</h3><ul>\
         <li><a href=3>Related story</a><li><a href=4>Another story</a></ul></aside><footer class=footer>Copyright 2026 \
         City. All rights reserved. <a href=/privacy>Privacy policy</a></footer></body></html>"
    )
}

#[test]
fn keeps_the_article_and_drops_the_frame() {
    let page = page(&article(), &Options::default());
    assert!(page.text.contains("Café & more") && page.text.contains("How it works"), "{}", page.text);
    for gone in ["Home", "Another", "Privacy", "reserved"] {
        assert!(!page.text.contains(gone), "{gone} is left in {}", page.text);
    }
    assert_eq!((page.title.as_str(), page.author.as_str()), ("Open data", "Li Wei"));
    assert_eq!((page.date.as_str(), page.language.as_str()), ("2026-05-01", "en-GB"));
}

#[test]
fn markdown_keeps_the_structure() {
    let options =
        Options { format: Format::Markdown, scope: Scope::Whole, links: true, ..Options::default() };
    let html = "<h2>A <i>b</i></h2><p>One <b>two </b>and <a href='/x'>three</a>.<p>x<br>y<ul><li>a<ol><li>b<li>c</ol>\
        <li>d</ul><blockquote><p>q</blockquote><pre>  a\n b</pre><p>z <code>k</code><table><tr><th>h<th>i<tr><td>1|2<td></table>";
    let expected = "## A b\n\nOne **two** and [three](/x).\n\nx  \ny\n\n- a\n  1. b\n  2. c\n- d\n\n> q\n\n```\n  a\n b\n```\n\n\
        z `k`\n\n| h | i |\n| --- | --- |\n| 1\\|2 |  |";
    assert_eq!(page(html, &options).text, expected);
}

#[test]
fn plain_text_keeps_lines() {
    let options = Options { scope: Scope::Whole, ..Options::default() };
    let html = "<p>a b<br>c <img src=x> d<ul><li>e<li>f</ul><table><tr><td>1<td>2</table>";
    assert_eq!(page(html, &options).text, "a b\nc d\n\n- e\n- f\n\n1\t2");
}

#[test]
fn a_page_that_a_script_fills_still_states_its_text() {
    let html = format!(
        "<title>t</title><script type='application/ld+json'>{{\"@type\":\"Article\",\"articleBody\":\"{}\"}}</script>\
         <div id=root></div>",
        sentences(4)
    );
    assert_eq!(page(&html, &Options::default()).text, sentences(4).trim());
}

#[test]
fn chinese_pages_are_read() {
    let body =
        "模速空间为入驻企业提供算力调度、开放数据、评测服务、金融服务和综合服务五类公共服务。".repeat(3);
    let html = format!(
        "<html lang=zh><body><div class=nav><a href=1>首页</a><a href=2>关于</a></div><div class=content><h1>公共服务</h1>\
         <p>{body}</p><p>{body}</p></div><div class=footer>版权所有</div></body></html>"
    );
    let text = page(&html, &Options::default()).text;
    assert!(text.contains(&body) && !text.contains("首页"), "{text}");
}

#[test]
fn the_same_page_gives_the_same_text_whatever_came_before() {
    let mut extractor = Extractor::new(&Options::default());
    let first = extractor.extract(&article(), None);
    extractor.extract("<p>something else", None);
    assert_eq!(extractor.extract(&article(), None), first);
    assert_eq!(extractor.extract("", None), None);
}

#[test]
fn hostile_pages_end() {
    let size = 20_000;
    let pages = [
        "<div>".repeat(size),
        "<a>".repeat(size),
        "<b><p>x".repeat(size),
        "<table><tr><td>x".repeat(size),
        "<ul><li>x".repeat(size),
        "x</div></span></a>".repeat(size),
        format!("{}{}", "<div>".repeat(size), "</a></b></p>".repeat(size)),
        "<".repeat(10 * size),
        "<!--".repeat(size),
        "<a b='".repeat(size),
        "<svg><title>".repeat(size),
        "<script>".repeat(size),
        "&amp".repeat(size),
        "\0".repeat(size),
        format!("<p {}>x", "a=b ".repeat(size)),
        format!("<p class='{}'>x", "a-b ".repeat(size)),
        format!("<script type=ld+json>{}", "\"@type\":[\"".repeat(size)),
        "<pre>\n<br>x".repeat(size),
        "<h1>x</h1><p>y. ".repeat(size),
    ];
    for format in [Format::Text, Format::Markdown] {
        let mut extractor = Extractor::new(&Options { format, ..Options::default() });
        for page in &pages {
            extractor.extract(page, None);
        }
    }
}

#[test]
fn markdown_to_text_is_here_too() {
    assert_eq!(markdown("# A\n\n[b](https://c)").trim(), "A\n\nb");
}

proptest::proptest! {
    #![proptest_config(proptest::test_runner::Config::with_cases(48))]
    #[test]
    fn never_panics(parts in proptest::collection::vec(
        "</?(p|div|a|b|li|ul|ol|td|tr|table|h1|pre|br|script|svg|code|template|blockquote)( (class|href|id)=['\"]?[a-zé ]{0,6}['\"]?)?/?>|[<>&;#x a-zé\n一。\u{a0}]{0,8}",
        0..60,
    )) {
        let html = parts.concat();
        for (format, scope) in [(Format::Text, Scope::Main), (Format::Markdown, Scope::Main), (Format::Markdown, Scope::Whole)] {
            let options = Options { format, scope, links: true, ..Options::default() };
            let text = page(&html, &options).text;
            proptest::prop_assert_eq!(text, page(&html, &options).text);
        }
    }
}
