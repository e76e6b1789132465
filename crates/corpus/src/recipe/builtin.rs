//! Recipes that come with the program, each with its source.

use super::Recipe;
use kernel::{Error, Result};

/// A recipe's name and text.
const RECIPES: [(&str, &str); 11] = [
    ("default", include_str!("../../recipes/default.toml")),
    ("fineweb", include_str!("../../recipes/fineweb.toml")),
    ("fineweb-compat", include_str!("../../recipes/fineweb-compat.toml")),
    ("gopher-compat", include_str!("../../recipes/gopher-compat.toml")),
    ("c4", include_str!("../../recipes/c4.toml")),
    ("chinese", include_str!("../../recipes/chinese.toml")),
    ("chinese-web", include_str!("../../recipes/chinese-web.toml")),
    ("minhash", include_str!("../../recipes/minhash.toml")),
    ("minhash-chinese", include_str!("../../recipes/minhash-chinese.toml")),
    ("exact", include_str!("../../recipes/exact.toml")),
    ("extract", include_str!("../../recipes/extract.toml")),
];

/// The names of the recipes that come with the program.
pub const NAMES: [&str; RECIPES.len()] = {
    let mut names = [""; RECIPES.len()];
    let mut at = 0;
    while at < RECIPES.len() {
        names[at] = RECIPES[at].0;
        at += 1;
    }
    names
};

/// The recipe of this name.
pub fn builtin(name: &str) -> Result<Recipe> {
    Recipe::parse(text(name)?, &format!("builtin:{name}"))
}

/// The text of the recipe of this name, to copy and change.
pub fn text(name: &str) -> Result<&'static str> {
    RECIPES.iter().find(|(known, _)| *known == name).map(|(_, text)| *text).ok_or_else(|| {
        let text = format!("no recipe builtin:{name} comes with the program; there are {}", NAMES.join(", "));
        Error::not_found("corpus_recipe_invalid", text)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_of_them_are_valid_and_say_where_they_come_from() {
        for name in NAMES {
            let recipe = builtin(name).unwrap();
            assert!(recipe.about.len() > 40, "{name}");
        }
        assert!(builtin("nope").unwrap_err().text.contains("fineweb-compat"));
    }
}
