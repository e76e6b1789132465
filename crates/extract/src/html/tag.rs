//! The names of HTML elements, and how each behaves in a tree.

/// How an element stands among others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Flows inside a line of text.
    Inline,
    /// Begins and ends a block of text.
    Block,
    /// Has no content and no end tag.
    Void,
    /// Its content is not markup and not shown; passed over up to its end tag.
    Raw,
}

macro_rules! tags {
    ($($kind:ident: $($name:ident $text:literal),* $(,)?;)*) => {
        /// An element's name; [`Tag::Other`] for those that HTML doesn't know.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u8)]
        pub enum Tag { Other, $($($name,)*)* }

        /// Number of tags.
        pub const TAGS: usize = [Tag::Other, $($(Tag::$name,)*)*].len();

        impl Tag {
            /// The tag of a name in lower case.
            pub fn of(name: &[u8]) -> Self {
                match name {
                    $($($text => Self::$name,)*)*
                    _ => Self::Other,
                }
            }

            /// How it stands among others; unknown ones are inline, as browsers show them.
            pub fn kind(self) -> Kind {
                match self {
                    Self::Other => Kind::Inline,
                    $($(Self::$name => Kind::$kind,)*)*
                }
            }
        }
    };
}

tags! {
    Inline: A b"a", Abbr b"abbr", B b"b", Bdi b"bdi", Big b"big", Cite b"cite", Code b"code", Del b"del", Dfn b"dfn",
        Em b"em", Font b"font", I b"i", Ins b"ins", Kbd b"kbd", Label b"label", Mark b"mark", Picture b"picture",
        Q b"q", Rp b"rp", Rt b"rt", Ruby b"ruby", S b"s", Samp b"samp", Small b"small", Span b"span", Strike b"strike",
        Strong b"strong", Sub b"sub", Sup b"sup", Time b"time", Tt b"tt", U b"u", Var b"var", Noscript b"noscript",
        Data b"data", Math b"math";
    Block: Address b"address", Article b"article", Aside b"aside", Blockquote b"blockquote", Body b"body",
        Button b"button", Canvas b"canvas", Caption b"caption", Center b"center", Colgroup b"colgroup", Dd b"dd",
        Details b"details", Dialog b"dialog", Div b"div", Dl b"dl", Dt b"dt", Fieldset b"fieldset",
        Figcaption b"figcaption", Figure b"figure", Footer b"footer", Form b"form", H1 b"h1", H2 b"h2", H3 b"h3",
        H4 b"h4", H5 b"h5", H6 b"h6", Head b"head", Header b"header", Hgroup b"hgroup", Html b"html",
        Legend b"legend", Li b"li", Main b"main", Menu b"menu", Nav b"nav", Ol b"ol", Optgroup b"optgroup",
        Option b"option", P b"p", Pre b"pre", Search b"search", Section b"section", Select b"select",
        Summary b"summary", Table b"table", Tbody b"tbody", Td b"td", Tfoot b"tfoot", Th b"th",
        Thead b"thead", Tr b"tr", Ul b"ul", Video b"video", Audio b"audio", Object b"object";
    Void: Area b"area", Base b"base", Br b"br", Col b"col", Embed b"embed", Hr b"hr", Img b"img", Input b"input",
        Link b"link", Meta b"meta", Param b"param", Source b"source", Track b"track", Wbr b"wbr";
    Raw: Iframe b"iframe", Noembed b"noembed", Noframes b"noframes", Script b"script", Style b"style", Svg b"svg",
        Template b"template", Textarea b"textarea", Title b"title", Xmp b"xmp";
}

impl Tag {
    /// 1 to 6 for headings, else 0.
    pub fn heading(self) -> u8 {
        match self {
            Self::H1 => 1,
            Self::H2 => 2,
            Self::H3 => 3,
            Self::H4 => 4,
            Self::H5 => 5,
            Self::H6 => 6,
            _ => 0,
        }
    }

    /// Whether an end tag from inside can't reach past this element.
    pub fn fences(self) -> bool {
        matches!(
            self,
            Self::Table | Self::Td | Self::Th | Self::Caption | Self::Button | Self::Object | Self::Html
        )
    }

    /// Whether it is a part of a table, which closes by the table's own rules.
    pub fn of_table(self) -> bool {
        use Tag::{Caption, Colgroup, Table, Tbody, Td, Tfoot, Th, Thead, Tr};
        matches!(self, Caption | Colgroup | Table | Tbody | Td | Tfoot | Th | Thead | Tr)
    }

    /// Whether a start tag of `self` closes an open `other` that it stands directly in, and where to stop looking.
    pub fn closes(self, other: Self) -> bool {
        use Tag::{Dd, Dt, Li, Optgroup, Option, P, Tbody, Td, Tfoot, Th, Thead, Tr};
        match self {
            Li => other == Li,
            Dd | Dt => matches!(other, Dd | Dt),
            Option => other == Option,
            Optgroup => matches!(other, Option | Optgroup),
            Td | Th => matches!(other, Td | Th),
            Tr => matches!(other, Tr | Td | Th),
            Tbody | Thead | Tfoot => matches!(other, Tbody | Thead | Tfoot | Tr | Td | Th),
            _ if self.kind() == Kind::Block && !matches!(self, Self::Button | Self::Option | Self::Svg) => {
                other == P
            }
            _ => false,
        }
    }

    /// Whether an implied end tag of `self` must not be looked for beyond `other`.
    pub fn stops_at(self, other: Self) -> bool {
        use Tag::{Dd, Dl, Dt, Li, Menu, Ol, Select, Table, Tbody, Td, Tfoot, Th, Thead, Tr, Ul};
        match self {
            Li => matches!(other, Ul | Ol | Menu) || other.fences(),
            Dd | Dt => other == Dl || other.fences(),
            Self::Option | Self::Optgroup => other == Select || other.fences(),
            Td | Th => matches!(other, Tr | Table),
            Tr => matches!(other, Tbody | Thead | Tfoot | Table),
            Tbody | Thead | Tfoot => other == Table,
            _ => other.kind() == Kind::Block,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_names_and_kinds() {
        assert_eq!(Tag::of(b"h3").heading(), 3);
        assert_eq!(Tag::of(b"blink"), Tag::Other);
        assert_eq!(Tag::Other.kind(), Kind::Inline);
        assert_eq!(Tag::of(b"br").kind(), Kind::Void);
    }
}
