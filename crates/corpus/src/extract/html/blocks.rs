//! Blocks of a page and the choice among them.
//!
//! The choice is the decision tree over words and link density of a block and its neighbours published by
//! Kohlschütter, Fankhauser and Nejdl, "Boilerplate Detection using Shallow Text Features", WSDM 2010 (the
//! variant by number of words), inside the page's own `main` or `article` when that holds most of its text.

use super::tokens::{Token, tokens};
use crate::text::is_cjk;

/// Elements that end a block.
const BLOCK: [&str; 36] = [
    "address",
    "article",
    "aside",
    "blockquote",
    "body",
    "br",
    "caption",
    "center",
    "dd",
    "details",
    "div",
    "dl",
    "dt",
    "fieldset",
    "figcaption",
    "figure",
    "footer",
    "form",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "header",
    "hr",
    "li",
    "main",
    "nav",
    "ol",
    "p",
    "pre",
    "section",
    "table",
    "tr",
    "ul",
];
/// Elements whose text is never the page's own.
const ASIDE: [&str; 10] =
    ["nav", "footer", "aside", "form", "button", "select", "svg", "head", "menu", "dialog"];

#[derive(Debug, Default, Clone)]
struct Block {
    text: String,
    words: usize,
    linked: usize,
    own: bool,
    heading: bool,
}

impl Block {
    fn link_density(&self) -> f64 {
        self.linked as f64 / self.words.max(1) as f64
    }
}

/// All text of a fragment, tags removed and entities decoded, one line a block.
pub fn plain(html: &str) -> String {
    let blocks = split(html);
    blocks.iter().map(|block| block.text.as_str()).collect::<Vec<_>>().join("\n")
}

/// The text that a page is about, one paragraph a block.
pub fn main_text(html: &str) -> String {
    let blocks = split(html);
    let all: usize = blocks.iter().map(|block| block.words).sum();
    let own: usize = blocks.iter().filter(|block| block.own).map(|block| block.words).sum();
    let marked = own > 0 && own * 3 >= all;
    let blocks: Vec<_> = blocks.into_iter().filter(|block| block.own || !marked).collect();
    let empty = Block::default();
    let at = |index: Option<usize>| index.and_then(|index| blocks.get(index)).unwrap_or(&empty);
    let content: Vec<_> = (0..blocks.len())
        .map(|index| is_content(at(index.checked_sub(1)), &blocks[index], at(Some(index + 1))))
        .collect();
    let mut text = String::with_capacity(html.len() / 4);
    for (index, block) in blocks.iter().enumerate() {
        let titles = block.heading && content.get(index + 1) == Some(&true);
        if content[index] || titles {
            text.push_str(&block.text);
            text.push_str("\n\n");
        }
    }
    text
}

fn is_content(before: &Block, block: &Block, after: &Block) -> bool {
    if block.link_density() > 0.333_333 {
        return false;
    }
    if before.link_density() > 0.555_556 {
        return block.words > 40 || after.words > 17;
    }
    block.words > 16 || after.words > 15 || before.words > 4
}

#[derive(Default)]
struct Splitter {
    blocks: Vec<Block>,
    open: Block,
    links: usize,
    hidden: usize,
    main: usize,
}

fn split(html: &str) -> Vec<Block> {
    let mut splitter = Splitter::default();
    for token in tokens(html) {
        match token {
            Token::Open(name, rest) => splitter.tag(name, !rest.ends_with('/'), 1),
            Token::Close(name) => splitter.tag(name, true, -1),
            Token::Text(text) => splitter.text(text),
        }
    }
    splitter.end();
    splitter.blocks
}

impl Splitter {
    fn tag(&mut self, name: &str, counts: bool, step: isize) {
        let name = &*name.to_ascii_lowercase();
        if BLOCK.binary_search(&name).is_ok() {
            self.end();
            self.open.heading = step > 0 && name.len() == 2 && name.starts_with('h') && name != "hr";
        } else if name == "td" || name == "th" {
            self.open.text.push(' ');
        }
        let depth = match name {
            "a" => &mut self.links,
            "main" | "article" => &mut self.main,
            _ if ASIDE.contains(&name) => &mut self.hidden,
            _ => return,
        };
        if counts {
            *depth = depth.saturating_add_signed(step);
        }
    }

    fn text(&mut self, text: &str) {
        if self.hidden > 0 {
            return;
        }
        let decoded = html_escape::decode_html_entities(text);
        let before = self.open.text.len();
        let mut space = self.open.text.is_empty() || self.open.text.ends_with(' ');
        for letter in decoded.chars() {
            if letter.is_whitespace() {
                if !space {
                    self.open.text.push(' ');
                }
                space = true;
            } else {
                self.open.text.push(letter);
                space = false;
            }
        }
        if self.links > 0 {
            self.open.linked += count_words(&self.open.text[before..]);
        }
    }

    fn end(&mut self) {
        let mut block = std::mem::take(&mut self.open);
        block.text.truncate(block.text.trim_end().len());
        if !block.text.is_empty() {
            block.words = count_words(&block.text);
            block.own = self.main > 0;
            self.blocks.push(block);
        }
    }
}

/// Words between spaces; two Han characters or kana count as about one.
fn count_words(text: &str) -> usize {
    let cjk = text.chars().filter(|letter| is_cjk(*letter)).count();
    text.split(' ').filter(|word| !word.is_empty() && !word.chars().all(is_cjk)).count() + cjk.div_ceil(2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_the_article_and_drops_the_frame() {
        let long =
            "A city lends machines to its young companies, and writes down what each of them did with it. "
                .repeat(2);
        let page = format!(
            "<html><head><title>t</title></head><body><nav><a href=/>Home</a><a href=/b>About us</a></nav>\
             <div><a href=1>One link</a> <a href=2>Another link</a></div><h1>Open data</h1><p>{long}</p><p>Caf&eacute; \
             &amp; more, {long}</p><ul><li><a href=3>Related story</a></ul><footer>All rights reserved {long}</footer>"
        );
        let text = main_text(&page);
        assert!(text.starts_with("Open data\n\nA city lends"), "{text}");
        assert!(text.contains("Café & more"));
        for gone in ["Home", "Another", "Related", "rights"] {
            assert!(!text.contains(gone), "{gone} is left in {text}");
        }
    }

    #[test]
    fn chinese_pages_count_characters() {
        let body =
            "模速空间为入驻企业提供算力调度、开放数据、评测服务、金融服务和综合服务五类公共服务".repeat(3);
        let page = format!("<div><a>首页</a><a>关于</a></div><p>{body}</p>");
        assert_eq!(main_text(&page).trim(), body);
    }

    #[test]
    fn plain_drops_tags_only() {
        assert_eq!(plain("<p>a<br>b <img src=x> c</p>"), "a\nb c");
    }

    #[test]
    fn block_names_are_sorted() {
        assert!(BLOCK.is_sorted());
    }
}
