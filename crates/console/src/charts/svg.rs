//! A small pen that writes escaped SVG.

use super::scale::text_width;
use std::fmt::Write;

/// Where a text stands relative to its point.
#[derive(Clone, Copy)]
pub(super) enum Anchor {
    Start,
    Middle,
    End,
}

/// An SVG being drawn.
pub(super) struct Pen {
    body: String,
}

/// `text` safe inside an element or a double-quoted attribute, of XML and of HTML.
pub fn escape(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            other if other.is_control() => safe.push(' '),
            other => safe.push(other),
        }
    }
    safe
}

/// One decimal at most, and never text that is no number.
fn n(value: f64) -> String {
    let value = if value.is_finite() { (value * 10.0).round() / 10.0 } else { 0.0 };
    let text = format!("{value:.1}");
    text.strip_suffix(".0").map_or(text.clone(), str::to_owned)
}

impl Pen {
    pub fn new(title: &str, description: &str) -> Self {
        let body = format!("<title>{}</title><desc>{}</desc>", escape(title), escape(description));
        Self { body }
    }

    fn push(&mut self, arguments: std::fmt::Arguments<'_>) {
        // writing to a String can't fail
        let _ = self.body.write_fmt(arguments);
    }

    pub fn rect(&mut self, x: f64, y: f64, width: f64, height: f64, class: &str) {
        let (x, y, width, height) = (n(x), n(y), n(width.max(0.0)), n(height.max(0.0)));
        self.push(format_args!(
            r#"<rect x="{x}" y="{y}" width="{width}" height="{height}" class="{class}"/>"#
        ));
    }

    /// Rectangles as one shape: `(x, y, width, height)` each.
    pub fn rects(&mut self, all: &[(f64, f64, f64, f64)], class: &str) {
        if all.is_empty() {
            return;
        }
        let one = |&(x, y, width, height): &(f64, f64, f64, f64)| {
            format!("M{} {}h{}v{}h{}z", n(x), n(y), n(width), n(height), n(-width))
        };
        let path: String = all.iter().map(one).collect();
        self.push(format_args!(r#"<path d="{path}" class="{class}"/>"#));
    }

    pub fn line(&mut self, from: (f64, f64), to: (f64, f64), class: &str) {
        let (x1, y1, x2, y2) = (n(from.0), n(from.1), n(to.0), n(to.1));
        self.push(format_args!(r#"<line x1="{x1}" y1="{y1}" x2="{x2}" y2="{y2}" class="{class}"/>"#));
    }

    pub fn circle(&mut self, x: f64, y: f64, radius: f64, class: &str) {
        self.push(format_args!(r#"<circle cx="{}" cy="{}" r="{}" class="{class}"/>"#, n(x), n(y), n(radius)));
    }

    /// A line through `points`, open or closed.
    pub fn polyline(&mut self, points: &[(f64, f64)], closed: bool, class: &str) {
        let mut path = String::new();
        for (index, (x, y)) in points.iter().enumerate() {
            path.push(if index == 0 { 'M' } else { 'L' });
            path.push_str(&format!("{} {}", n(*x), n(*y)));
        }
        let end = if closed { "Z" } else { "" };
        self.push(format_args!(r#"<path d="{path}{end}" class="{class}"/>"#));
    }

    /// A curve that leaves `from` and reaches `to` level, `width` thick.
    pub fn ribbon(&mut self, from: (f64, f64), to: (f64, f64), width: f64, class: &str) {
        let middle = n((from.0 + to.0) / 2.0);
        let path = format!(
            "M{} {}C{middle} {} {middle} {} {} {}",
            n(from.0),
            n(from.1),
            n(from.1),
            n(to.1),
            n(to.0),
            n(to.1)
        );
        self.push(format_args!(r#"<path d="{path}" stroke-width="{}" class="{class}"/>"#, n(width.max(1.0))));
    }

    /// A curve between two points of one vertical that bulges to the left by `bulge`.
    pub fn arc(&mut self, from: (f64, f64), to: (f64, f64), bulge: f64, class: &str) {
        let (left, to_left) = (n(from.0 - bulge), n(to.0 - bulge));
        let path = format!(
            "M{} {}C{left} {} {to_left} {} {} {}",
            n(from.0),
            n(from.1),
            n(from.1),
            n(to.1),
            n(to.0),
            n(to.1)
        );
        self.push(format_args!(r#"<path d="{path}" class="{class}"/>"#));
    }

    pub fn text(&mut self, x: f64, y: f64, anchor: Anchor, class: &str, text: &str) {
        let anchor = match anchor {
            Anchor::Start => "",
            Anchor::Middle => r#" text-anchor="middle""#,
            Anchor::End => r#" text-anchor="end""#,
        };
        let (x, y, text) = (n(x), n(y), escape(text));
        self.push(format_args!(r#"<text x="{x}" y="{y}"{anchor} class="{class}">{text}</text>"#));
    }

    /// A text cut to `width` pixels; the whole of it shows on hover when it was cut.
    pub fn fitted(&mut self, at: (f64, f64), width: f64, class: &str, text: &str) {
        let cut = fit(text, width);
        if cut == text {
            return self.text(at.0, at.1, Anchor::Start, class, text);
        }
        let (x, y) = (n(at.0), n(at.1));
        let (cut, whole) = (escape(&cut), escape(&text.chars().take(400).collect::<String>()));
        self.push(format_args!(
            r#"<text x="{x}" y="{y}" class="{class}"><title>{whole}</title>{cut}</text>"#
        ));
    }

    /// Draws inside a link when there is somewhere to go.
    pub fn linked(&mut self, href: Option<&str>, draw: impl FnOnce(&mut Self)) {
        let href = href.filter(|href| href.starts_with('/'));
        if let Some(href) = href {
            self.push(format_args!(r#"<a href="{}">"#, escape(href)));
        }
        draw(self);
        if href.is_some() {
            self.body.push_str("</a>");
        }
    }

    /// Draws inside a group with a tooltip.
    pub fn hinted(&mut self, hint: &str, draw: impl FnOnce(&mut Self)) {
        self.push(format_args!("<g><title>{}</title>", escape(hint)));
        draw(self);
        self.body.push_str("</g>");
    }

    pub fn finish(self, width: f64, height: f64) -> String {
        let (width, height) = (n(width), n(height));
        format!(
            r#"<svg class="chart" role="img" width="{width}" height="{height}" viewBox="0 0 {width} {height}">{}</svg>"#,
            self.body
        )
    }
}

/// `text` in at most two lines of `width` pixels, broken at a space where there is one; the second is cut with an
/// ellipsis.
pub(super) fn two_lines(text: &str, width: f64) -> Vec<String> {
    if text_width(text) <= width {
        return vec![text.to_owned()];
    }
    let (mut end, mut space, mut sum) = (0, None, 0.0);
    for (at, character) in text.char_indices().take(400) {
        sum += text_width(character.encode_utf8(&mut [0; 4]));
        if sum > width {
            break;
        }
        if character == ' ' {
            space = Some(at);
        }
        end = at + character.len_utf8();
    }
    // where no space is near, as in Chinese, between any two characters
    let end = space.filter(|space| end - space < 40).unwrap_or(end);
    vec![text[..end].to_owned(), fit(text[end..].trim_start(), width)]
}

/// `text` cut with an ellipsis so that it is at most `width` pixels wide.
pub(super) fn fit(text: &str, width: f64) -> String {
    if text_width(text) <= width {
        return text.to_owned();
    }
    let mut cut = String::new();
    for character in text.chars().take(400) {
        cut.push(character);
        if text_width(&cut) > width - 12.0 {
            cut.pop();
            break;
        }
    }
    cut.trim_end().to_owned() + "…"
}
