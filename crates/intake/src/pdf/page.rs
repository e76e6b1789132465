//! The text of one page: what its operators show, with lines where they move down and spaces where they move on.

use lopdf::{Document, Encoding, Object, ObjectId, Result, content::Content};
use std::collections::BTreeMap;

/// A gap inside a shown string that stands for a space, in thousandths of the font's size.
const GAP: f32 = 200.0;

/// Appends the text of `page`, with an empty line behind it.
pub(super) fn text(document: &Document, page: ObjectId, limit: usize, into: &mut String) -> Result<()> {
    let fonts = document.get_page_fonts(page)?;
    let mut encodings = BTreeMap::new();
    for (name, font) in &fonts {
        if let Ok(encoding) = font.get_font_encoding_with_limit(document, limit) {
            encodings.insert(name.as_slice(), encoding);
        }
    }
    let content = Content::decode(&document.get_page_content_with_limit(page, limit)?)?;
    let mut pen = Pen { encodings, font: None, size: 1.0, leading: 0.0, y: 0.0, shown: None, text: into };
    for operation in &content.operations {
        pen.apply(&operation.operator, &operation.operands);
    }
    if !into.is_empty() && !into.ends_with("\n\n") {
        into.push_str(if into.ends_with('\n') { "\n" } else { "\n\n" });
    }
    Ok(())
}

/// What shows text.
struct Pen<'a> {
    encodings: BTreeMap<&'a [u8], Encoding<'a>>,
    font: Option<&'a [u8]>,
    size: f32,
    leading: f32,
    /// The present height on the page.
    y: f32,
    /// The height at which something was shown last.
    shown: Option<f32>,
    text: &'a mut String,
}

impl<'a> Pen<'a> {
    fn apply(&mut self, operator: &str, operands: &'a [Object]) {
        let number =
            |index: usize| operands.get(index).and_then(|operand| operand.as_float().ok()).unwrap_or(0.0);
        match operator {
            "Tf" => {
                self.font = operands.first().and_then(|name| name.as_name().ok());
                self.size = number(1);
            }
            "TL" => self.leading = number(0),
            "Td" | "TD" => {
                if operator == "TD" {
                    self.leading = -number(1);
                }
                self.moved(number(0) != 0.0, self.y + number(1));
            }
            "Tm" => {
                // The matrix may turn the text over; its fourth number scales it.
                let scale = number(3).abs();
                self.size = if scale > 0.0 { scale } else { 1.0 };
                self.moved(true, number(5));
            }
            "T*" => self.moved(false, self.y - self.leading),
            "Tj" => operands.iter().for_each(|operand| self.show(operand)),
            "TJ" => {
                operands.iter().filter_map(|operand| operand.as_array().ok()).flatten().for_each(|item| {
                    if item.as_float().is_ok_and(|gap| -gap > GAP) {
                        self.space();
                    }
                    self.show(item);
                })
            }
            "'" | "\"" => {
                self.moved(false, self.y - self.leading);
                operands.iter().for_each(|operand| self.show(operand));
            }
            _ => {}
        }
    }

    /// Notes a move; what is shown next begins a line, a word, or goes on.
    fn moved(&mut self, aside: bool, y: f32) {
        self.y = y;
        if aside && self.shown.is_some_and(|shown| (shown - y).abs() < 0.5) {
            self.space();
        }
    }

    fn space(&mut self) {
        if !self.text.ends_with([' ', '\n']) && !self.text.is_empty() {
            self.text.push(' ');
        }
    }

    fn show(&mut self, operand: &Object) {
        let Ok(bytes) = operand.as_str() else { return };
        let Some(encoding) = self.font.and_then(|font| self.encodings.get(font)) else { return };
        let Ok(shown) = Document::decode_text(encoding, bytes) else { return };
        if self.shown.is_some_and(|shown| (shown - self.y).abs() >= 0.5) && !self.text.ends_with('\n') {
            while self.text.ends_with(' ') {
                self.text.pop();
            }
            self.text.push('\n');
        }
        self.shown = Some(self.y);
        // Some fonts map what they don't know to NUL.
        self.text.extend(shown.chars().filter(|letter| !letter.is_control() || *letter == '\t'));
    }
}
