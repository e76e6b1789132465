//! What a page says about itself: titles, author, date, language, kinds; from its head and its JSON-LD.

use crate::{html::marks::Seen, ld};

/// Kinds of page that a page may claim, as bits.
#[allow(missing_docs)]
pub mod claims {
    pub const ARTICLE: u32 = 1;
    pub const PRODUCT: u32 = 1 << 1;
    pub const FORUM: u32 = 1 << 2;
    pub const LIST: u32 = 1 << 3;
    pub const HOW_TO: u32 = 1 << 4;
    pub const COMPANY: u32 = 1 << 5;
    pub const FAQ: u32 = 1 << 6;
    pub const WEB_PAGE: u32 = 1 << 7;
    pub const EVENT: u32 = 1 << 8;
    pub const VIDEO: u32 = 1 << 9;
    pub const OG_ARTICLE: u32 = 1 << 10;
    pub const OG_PRODUCT: u32 = 1 << 11;
    pub const OG_WEBSITE: u32 = 1 << 12;
    /// Number of these bits.
    pub const COUNT: usize = 13;
}

/// Bytes of one statement that are kept, at most; an article's body may be longer.
const MOST: usize = 1000;

/// A page about itself.
#[derive(Debug, Default)]
pub struct Meta {
    /// `<title>`.
    pub title: String,
    /// `og:title` or JSON-LD `headline`.
    pub headline: String,
    /// `description`, `og:description`.
    pub description: String,
    /// Who wrote it.
    pub author: String,
    /// When it was published, as written.
    pub date: String,
    /// Its language, as written.
    pub language: String,
    /// Its own address.
    pub url: String,
    /// `articleBody` of its JSON-LD, the longest.
    pub body: String,
    /// See [`claims`].
    pub claims: u32,
}

fn set(field: &mut String, value: &str) {
    if field.is_empty() {
        let decoded = html_escape::decode_html_entities(value);
        crate::html::space::append(field, cut(&decoded, MOST), 0, false);
        field.truncate(field.trim_end().len());
    }
}

/// The start of a text, at most `most` bytes.
pub fn cut(text: &str, most: usize) -> &str {
    let mut end = most.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

impl Meta {
    /// Forgets the page, keeps the memory.
    pub fn clear(&mut self) {
        let Self { title, headline, description, author, date, language, url, body, claims } = self;
        for field in [title, headline, description, author, date, language, url, body] {
            field.clear();
        }
        *claims = 0;
    }

    /// `<title>`.
    pub fn title(&mut self, text: &str) {
        set(&mut self.title, text);
    }

    /// `<html lang>`.
    pub fn language(&mut self, value: &str) {
        set(&mut self.language, value);
    }

    /// A `<meta>` or `<link>`.
    pub fn tag(&mut self, seen: &Seen<'_>) {
        if seen.rel.eq_ignore_ascii_case("canonical") {
            set(&mut self.url, seen.href);
        }
        if seen.name.len() > 40 || seen.content.is_empty() {
            return;
        }
        match seen.name.to_ascii_lowercase().as_str() {
            "og:title" | "twitter:title" => set(&mut self.headline, seen.content),
            "description" | "og:description" | "twitter:description" => {
                set(&mut self.description, seen.content)
            }
            "author" | "article:author" | "dc.creator" | "parsely-author" | "sailthru.author"
                if !seen.content.starts_with("http") =>
            {
                set(&mut self.author, seen.content);
            }
            "article:published_time"
            | "datepublished"
            | "date"
            | "dc.date"
            | "pubdate"
            | "publish-date"
            | "parsely-pub-date" => set(&mut self.date, seen.content),
            "og:url" => set(&mut self.url, seen.content),
            "og:locale" | "content-language" => set(&mut self.language, seen.content),
            "og:type" => self.claims |= og(seen.content),
            _ => {}
        }
    }

    /// A `<script>`: JSON-LD is read, the rest isn't.
    pub fn script(&mut self, attributes: &str, content: &str) {
        if attributes.contains("ld+json") {
            ld::read(content, self);
        }
    }

    /// From JSON-LD: a headline, author or date, kept unless the page said so before.
    pub fn state(&mut self, key: &str, value: &str) {
        match key {
            "headline" => set(&mut self.headline, value),
            "author" => set(&mut self.author, value),
            "datePublished" => set(&mut self.date, value),
            "inLanguage" => set(&mut self.language, value),
            _ => {}
        }
    }

    /// After the whole page was read: the language in its short form.
    pub fn finish(&mut self) {
        let short = self
            .language
            .find(|letter: char| !letter.is_ascii_alphanumeric() && letter != '-' && letter != '_');
        self.language.truncate(short.unwrap_or(self.language.len()).min(12));
    }

    /// The title without the site's name: the headline if the page has one.
    pub fn best_title(&self, first_heading: &str) -> String {
        if !self.headline.is_empty() {
            return self.headline.clone();
        }
        if !first_heading.is_empty() && (self.title.is_empty() || self.title.contains(first_heading)) {
            return first_heading.to_owned();
        }
        let parts = [" | ", " - ", " — ", " – ", " :: ", " » ", "_"];
        let longest = parts.iter().flat_map(|part| self.title.split(part)).filter(|part| *part != self.title);
        let longest = longest.max_by_key(|part| part.len()).unwrap_or(&self.title);
        if longest.len() * 2 > self.title.len() { longest.trim().to_owned() } else { self.title.clone() }
    }
}

fn og(value: &str) -> u32 {
    match value.to_ascii_lowercase().as_str() {
        "article" | "blog" | "news" => claims::OG_ARTICLE,
        "website" => claims::OG_WEBSITE,
        value if value.contains("product") => claims::OG_PRODUCT,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_title_loses_the_name_of_the_site() {
        let title =
            |title: &str, heading: &str| Meta { title: title.into(), ..Meta::default() }.best_title(heading);
        assert_eq!(title("Open data for young companies | City", ""), "Open data for young companies");
        assert_eq!(title("City: open data", "open data"), "open data");
        assert_eq!(title("Plain", ""), "Plain");
    }

    #[test]
    fn tags_are_read_once() {
        let mut meta = Meta::default();
        meta.tag(&Seen { name: "og:title", content: "A &amp; B", ..Seen::default() });
        meta.tag(&Seen { name: "og:title", content: "later", ..Seen::default() });
        assert_eq!(meta.headline, "A & B");
    }
}
