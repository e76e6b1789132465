//! The door: a page in, its main text out.

use crate::{
    features::{matrix::Matrix, page::Page as Facts},
    html::{build, tree::Tree},
    meta::{Meta, cut},
    model::Model,
    select, write,
};
use serde::{Deserialize, Serialize};

/// After a page of more bytes, the memory that it took is given back.
const LARGE: usize = 8 << 20;
/// A page that states an article so many times longer than what was chosen shows it by a script only.
const UNSEEN: f32 = 3.0;

/// Form of the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// Plain text: a line a block.
    #[default]
    Text,
    /// Markdown: headings, lists, tables, quotes, code, and links if asked for.
    Markdown,
}

/// Which part of a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// What the page is about, without its frame.
    #[default]
    Main,
    /// All that it shows.
    Whole,
}

/// How to extract.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Options {
    /// Form of the text.
    pub format: Format,
    /// Which part of the page.
    pub scope: Scope,
    /// Keep readers' comments where they belong to the page.
    pub comments: bool,
    /// Keep tables.
    pub tables: bool,
    /// Write addresses of links, in Markdown.
    pub links: bool,
    /// Bytes of a page that are read; the rest is left out.
    pub max_bytes: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            format: Format::Text,
            scope: Scope::Main,
            comments: true,
            tables: true,
            links: false,
            max_bytes: 64 << 20,
        }
    }
}

/// What was found on a page. What it doesn't say is empty.
#[derive(Debug, Clone, PartialEq, Eq, Default, serde::Serialize)]
pub struct Page {
    /// Its title, without the site's name.
    pub title: String,
    /// Its text.
    pub text: String,
    /// The language that it claims, as a tag such as `en-GB`.
    pub language: String,
    /// Who wrote it.
    pub author: String,
    /// When it was published, as written there.
    pub date: String,
    /// The description that it gives of itself.
    pub description: String,
    /// Its address: as given, or its canonical one.
    pub url: String,
}

/// Extracts text from pages, one after another; keeps its memory between them.
#[derive(Debug)]
pub struct Extractor {
    options: Options,
    model: &'static Model,
    tree: Tree,
    meta: Meta,
    facts: Facts,
    matrix: Matrix,
    scores: Vec<f32>,
    keep: Vec<bool>,
}

impl Extractor {
    /// An extractor for many pages.
    pub fn new(options: &Options) -> Self {
        Self {
            options: options.clone(),
            model: Model::built_in(),
            tree: Tree::default(),
            meta: Meta::default(),
            facts: Facts::default(),
            matrix: Matrix::default(),
            scores: Vec::new(),
            keep: Vec::new(),
        }
    }

    /// Extracts one page; nothing if it has no text.
    pub fn extract(&mut self, html: &str, url: Option<&str>) -> Option<Page> {
        let html = cut(html, self.options.max_bytes.min(u32::MAX as usize / 2));
        self.tree.clear();
        self.meta.clear();
        build::build(html, &mut self.tree, &mut self.meta);
        let stated = match self.options.scope {
            Scope::Whole => {
                self.keep.clear();
                self.keep.resize(self.tree.blocks.len(), true);
                None
            }
            Scope::Main => self.choose(),
        };
        let text = match stated {
            Some(text) => text,
            None => write::write(&self.tree, html, &self.keep, &self.options),
        };
        if text.is_empty() {
            return None;
        }
        let page = self.page(text, url);
        if html.len() > LARGE {
            *self = Self::new(&self.options);
        }
        Some(page)
    }

    fn page(&self, text: String, url: Option<&str>) -> Page {
        let meta = &self.meta;
        Page {
            title: meta.best_title(&write::first_heading(&self.tree)),
            text,
            language: meta.language.clone(),
            author: meta.author.clone(),
            date: meta.date.clone(),
            description: meta.description.clone(),
            url: url.map_or_else(|| meta.url.clone(), str::to_owned),
        }
    }

    /// Chooses blocks; or returns the text that the page states but doesn't show, as one does that a script fills.
    fn choose(&mut self) -> Option<String> {
        let Self { tree, meta, facts, matrix, scores, keep, model, .. } = self;
        model.judge(tree, meta, facts, matrix, scores);
        select::select(facts, scores, keep);
        if !self.options.comments {
            select::without_comments(&self.tree, &self.facts, &mut self.keep);
        }
        let chosen = self.keep.iter().zip(&self.facts.facts).filter(|(keep, _)| **keep);
        let words: f32 = chosen.map(|(_, facts)| facts.words).sum();
        let stated = &self.meta.body;
        if (stated.len() as f32) < (words * 6.0 + 60.0) * UNSEEN {
            return None;
        }
        let mut tree = Tree::default();
        build::build(stated, &mut tree, &mut Meta::default());
        let whole = vec![true; tree.blocks.len()];
        Some(write::write(&tree, stated, &whole, &self.options))
    }
}
