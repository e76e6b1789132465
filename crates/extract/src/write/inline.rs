//! Marks inside a line: links, emphasis, code.

use crate::html::tree::{Block, Span, Style, Tree};

/// Writes a block's text with its marks.
pub fn inline(tree: &Tree, html: &str, block: &Block, links: bool, out: &mut String) {
    let (start, end) = (block.text.start, block.text.end);
    // Spans are in order of their starts. One that begins before the block is looked for only a little way back.
    let first = tree.spans.partition_point(|span| span.text.start < start).saturating_sub(8);
    let near = tree.spans[first..].iter().take_while(|span| span.text.start < end);
    let mut marks: Vec<(u32, bool, usize)> = Vec::new();
    let mut kept: Vec<&Span> = Vec::new();
    for span in near {
        let Some((from, to)) = clip(tree, span, start, end) else { continue };
        let wanted = match span.style {
            Style::Link => links && address(tree, html, span).is_some(),
            _ => to - from < 2000,
        };
        let crosses = kept
            .iter()
            .zip(marks.chunks(2))
            .any(|(_, pair)| pair[0].0 < from && from < pair[1].0 && pair[1].0 < to);
        let same = kept
            .iter()
            .zip(marks.chunks(2))
            .any(|(other, pair)| other.style == span.style && pair[0].0 <= from && to <= pair[1].0);
        if wanted && !crosses && !same && kept.len() < 256 {
            marks.push((from, false, kept.len()));
            marks.push((to, true, kept.len()));
            kept.push(span);
        }
    }
    // Ends come before starts, inner ends before outer ones.
    marks
        .sort_by_key(|(at, closes, order)| (*at, !closes, if *closes { usize::MAX - order } else { *order }));
    let mut at = start;
    for (mark, closes, order) in marks {
        out.push_str(&tree.text[at as usize..mark as usize]);
        at = mark;
        let span = kept[order];
        match span.style {
            Style::Strong => out.push_str("**"),
            Style::Emphasis => out.push('*'),
            Style::Code => out.push('`'),
            Style::Link if !closes => out.push('['),
            Style::Link => {
                out.push_str("](");
                out.push_str(address(tree, html, span).unwrap_or_default());
                out.push(')');
            }
        }
    }
    out.push_str(&tree.text[at as usize..end as usize]);
}

/// The part of a span that lies in a block, without blanks at its ends.
fn clip(tree: &Tree, span: &Span, start: u32, end: u32) -> Option<(u32, u32)> {
    let (from, to) = (span.text.start.max(start), span.text.end.min(end));
    let text = tree.text.get(from as usize..to as usize)?;
    let inner = text.trim();
    let from = from + (text.len() - text.trim_start().len()) as u32;
    (!inner.is_empty()).then_some((from, from + inner.len() as u32))
}

/// A link's address, if it leads anywhere.
fn address<'a>(tree: &Tree, html: &'a str, span: &Span) -> Option<&'a str> {
    let href = &tree.nodes[span.node as usize].href;
    let address = html.get(href.start as usize..href.end as usize)?.trim();
    let leads = !address.is_empty() && !address.starts_with('#') && !address.starts_with("javascript:");
    (leads && !address.contains(['\n', ' ', '(', ')'])).then_some(address)
}
