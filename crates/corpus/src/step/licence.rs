//! Documents whose licence does not allow what the recipe wants go.

use super::{Document, Reason, Worker};
use crate::{
    licence::{Licences, Terms},
    recipe,
};
use kernel::Result;
use std::collections::HashMap;

/// Most different licences whose terms are remembered.
const REMEMBERED: usize = 10_000;

/// Judges licences, each once.
pub struct Licence {
    options: recipe::Licence,
    licences: Licences,
    known: HashMap<String, Option<Terms>>,
}

impl Licence {
    /// Judges as `options` say.
    pub fn new(options: &recipe::Licence) -> Result<Self> {
        let licences = Licences::new(&options.records)?;
        Ok(Self { options: options.clone(), licences, known: HashMap::new() })
    }
}

impl Worker for Licence {
    fn apply(&mut self, document: &mut Document<'_>) -> Result<Option<Reason>> {
        if !self.known.contains_key(document.licence.as_ref()) {
            if self.known.len() >= REMEMBERED {
                self.known.clear();
            }
            self.known.insert(document.licence.to_string(), self.licences.terms(&document.licence));
        }
        let Some(Some(terms)) = self.known.get(document.licence.as_ref()) else {
            return Ok((!self.options.keep_unknown).then(|| "licence_unknown".into()));
        };
        let refused = self.options.require.iter().find(|wanted| !terms.allows(**wanted));
        Ok(refused.map(|wanted| match wanted {
            crate::licence::Use::Train => "licence_forbids_training".into(),
            crate::licence::Use::Redistribute => "licence_forbids_redistribution".into(),
            crate::licence::Use::Commercial => "licence_forbids_commercial_use".into(),
        }))
    }
}
