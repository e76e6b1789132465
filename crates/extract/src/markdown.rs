//! Markdown (CommonMark with tables) to text: what a reader would read aloud.
//!
//! Left out: images and badges, link addresses, HTML tags, front matter, code blocks that are long. Kept: headings,
//! paragraphs unwrapped to one line, lists, tables, link texts, inline code, short code blocks.

use crate::{Extractor, Scope};

use pulldown_cmark::{Event, LinkType, Options, Parser, Tag, TagEnd};

/// Code blocks of more lines are left out, unless said otherwise.
const CODE_LINES: usize = 12;

#[derive(Default)]
struct Writer {
    text: String,
    /// Inside this many elements whose content is left out.
    hidden: usize,
    code: Option<String>,
    markup: String,
    /// Next number of each open list; none for bullets.
    lists: Vec<Option<u64>>,
    cells: usize,
    /// Whether the text of each open link is left out.
    links: Vec<bool>,
    /// A list's mark was just written: what follows stays on its line.
    marked: bool,
}

/// The text of a Markdown document.
pub fn markdown(source: &str) -> String {
    markdown_with(source, CODE_LINES)
}

/// The text of a Markdown document, with code blocks of up to `code_lines` lines.
pub fn markdown_with(source: &str, code_lines: usize) -> String {
    let options = Options::ENABLE_TABLES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_YAML_STYLE_METADATA_BLOCKS;
    let mut writer = Writer { text: String::with_capacity(source.len()), ..Writer::default() };
    for event in Parser::new_ext(source, options) {
        writer.event(event, code_lines);
    }
    writer.text
}

fn plain(html: &str) -> String {
    let mut extractor = Extractor::new(&crate::Options { scope: Scope::Whole, ..crate::Options::default() });
    extractor.extract(html, None).map(|page| page.text).unwrap_or_default()
}

fn is_cjk(letter: char) -> bool {
    matches!(letter, '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}')
}

impl Writer {
    fn event(&mut self, event: Event<'_>, code_lines: usize) {
        match event {
            Event::Start(tag) => self.start(&tag),
            Event::End(tag) => self.end(tag, code_lines),
            Event::Text(text) => match &mut self.code {
                Some(code) => code.push_str(&text),
                None => self.push(&text),
            },
            Event::Code(code) => self.push(&code),
            Event::Html(markup) => self.markup.push_str(&markup),
            Event::InlineHtml(tag) if tag.starts_with("<br") => self.push("\n"),
            Event::SoftBreak => self.soft_break(),
            Event::HardBreak => self.push("\n"),
            _ => {}
        }
    }

    fn push(&mut self, text: &str) {
        if self.hidden == 0 && !text.is_empty() {
            self.text.push_str(text);
            self.marked = false;
        }
    }

    /// A line end inside a paragraph is a space, except between characters that are written without spaces.
    fn soft_break(&mut self) {
        if !self.text.chars().next_back().is_some_and(is_cjk) {
            self.push(" ");
        }
    }

    /// Starts a new block with line ends, unless it directly follows a list's mark.
    fn block(&mut self, lines: &str) {
        if self.hidden == 0 && !self.text.is_empty() && !self.marked {
            self.text.push_str(lines);
        }
    }

    fn start(&mut self, tag: &Tag<'_>) {
        match tag {
            Tag::Image { .. } | Tag::MetadataBlock(_) => self.hidden += 1,
            Tag::Link { link_type, .. } => {
                let address = matches!(link_type, LinkType::Autolink | LinkType::Email);
                self.hidden += usize::from(address);
                self.links.push(address);
            }
            Tag::CodeBlock(_) => self.code = Some(String::new()),
            Tag::List(first) => {
                self.block(if self.lists.is_empty() { "\n" } else { "" });
                self.lists.push(*first);
            }
            Tag::Item => self.item(),
            Tag::TableHead | Tag::TableRow => {
                self.block("\n");
                self.cells = 0;
            }
            Tag::TableCell => {
                let between = if self.cells == 0 { "" } else { " | " };
                self.push(between);
                self.cells += 1;
            }
            Tag::Paragraph | Tag::Heading { .. } | Tag::BlockQuote(_) | Tag::Table(_) => self.block("\n\n"),
            _ => {}
        }
    }

    fn item(&mut self) {
        let indent = "  ".repeat(self.lists.len().saturating_sub(1).min(8));
        let mark = match self.lists.last_mut() {
            Some(Some(number)) => {
                *number += 1;
                format!("\n{indent}{}. ", *number - 1)
            }
            _ => format!("\n{indent}- "),
        };
        self.push(&mark);
        self.marked = true;
    }

    fn end(&mut self, tag: TagEnd, code_lines: usize) {
        match tag {
            TagEnd::Image | TagEnd::MetadataBlock(_) => self.hidden = self.hidden.saturating_sub(1),
            TagEnd::Link if self.links.pop() == Some(true) => self.hidden = self.hidden.saturating_sub(1),
            TagEnd::CodeBlock => {
                let code = self.code.take().unwrap_or_default();
                if code.lines().count() <= code_lines {
                    self.block("\n\n");
                    self.push(&code);
                }
            }
            TagEnd::HtmlBlock => {
                let text = plain(&std::mem::take(&mut self.markup));
                if !text.trim().is_empty() {
                    self.block("\n\n");
                    self.push(text.trim());
                }
            }
            TagEnd::List(_) => {
                self.lists.pop();
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_what_one_reads_and_drops_the_rest() {
        let source = "---\ntitle: x\n---\n# A title\n\n[![badge](https://a/b.svg)](https://a) <https://c.d>\n\n\
            A *wrapped*\nline with [a link](https://e.f) and `code`.\n\n<p align=center><b>Bold &amp; big</b></p>\n\n\
            - one\n- two\n  1. in\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n```rust\nlet x = 1;\n```\n\n```\na\nb\nc\n```\n";
        let text = markdown_with(source, 2);
        for kept in [
            "A title",
            "A wrapped line with a link and code.",
            "Bold & big",
            "\n- two\n  1. in",
            "1 | 2",
            "let x",
        ] {
            assert!(text.contains(kept), "{kept:?} is missing in {text:?}");
        }
        for gone in ["title:", "badge", "https", "<b>", "\nc"] {
            assert!(!text.contains(gone), "{gone:?} is left in {text:?}");
        }
    }

    #[test]
    fn chinese_lines_are_joined_without_a_space() {
        assert_eq!(markdown("开放\n数据"), "开放数据");
    }
}
