//! What licences allow: expressions of single documents, and what that means for all of them together.
//!
//! Licences are named by SPDX expressions (SPDX 3, annex B). What a named licence allows is read from the SPDX list's own
//! marks and from the conditions in the names of the Creative Commons family; anything else (contracts, open-data terms
//! of a city) is a [`Record`] of the recipe. What is not known allows nothing that was not asked leave for: it is
//! `unknown`, and the recipe says whether unknown documents stay.
//!
//! These are rules of thumb of a toolchain, not legal advice; the report names every licence for whoever decides.

mod terms;

pub use terms::{Terms, Use};

use kernel::{Error, Result};
use serde::{Deserialize, Serialize};
use spdx::{
    Expression, LicenseReq, ParseMode,
    expression::{ExprNode, Operator},
};
use std::collections::BTreeMap;

/// Longest expression that is read, in bytes.
const EXPRESSION_BYTES: usize = 4096;

/// A licence that is on no list, as the recipe states it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Record {
    /// Its name, as documents give it; `LicenseRef-…` in expressions.
    pub id: String,
    /// Where its text or contract is.
    pub source: String,
    /// What it allows.
    #[serde(flatten)]
    pub terms: Terms,
}

/// Knows licences: the lists and the recipe's records.
#[derive(Debug, Clone, Default)]
pub struct Licences {
    records: BTreeMap<String, Terms>,
}

impl Licences {
    /// The lists, and these records.
    pub fn new(records: &[Record]) -> Result<Self> {
        let mut known = BTreeMap::new();
        for record in records {
            if record.source.is_empty() {
                let text = format!(
                    "the licence record {:?} has no source: say where its terms are written",
                    record.id
                );
                return Err(Error::invalid("corpus_licence_invalid", text));
            }
            known.insert(record.id.clone(), record.terms.clone());
        }
        Ok(Self { records: known })
    }

    /// What `licence` allows; none when it is empty or unknown. Of alternatives (`OR`) the one that allows most counts.
    pub fn terms(&self, licence: &str) -> Option<Terms> {
        if let Some(terms) = self.records.get(licence) {
            return Some(terms.clone());
        }
        if licence.is_empty() || licence.len() > EXPRESSION_BYTES {
            return None;
        }
        let expression = Expression::parse_mode(licence, ParseMode::LAX).ok()?;
        // Operators follow their operands.
        let mut stack: Vec<Option<Terms>> = Vec::new();
        for node in expression.iter() {
            let next = match node {
                ExprNode::Req(required) => self.named(&required.req),
                ExprNode::Op(operator) => {
                    let (b, a) = (stack.pop()?, stack.pop()?);
                    match operator {
                        Operator::And => a.zip(b).map(|(a, b)| a.and(&b)),
                        Operator::Or => match (a, b) {
                            (Some(a), Some(b)) => Some(a.or(b)),
                            (known, None) | (None, known) => known,
                        },
                    }
                }
            };
            stack.push(next);
        }
        stack.pop()?
    }

    fn named(&self, required: &LicenseReq) -> Option<Terms> {
        let written = required.license.to_string();
        if let Some(terms) = self.records.get(&written) {
            return Some(terms.clone());
        }
        let id = required.license.id()?;
        Terms::of_name(id.name).or_else(|| {
            (id.is_osi_approved() || id.is_fsf_free_libre()).then(|| Terms::free(id.name, id.is_copyleft()))
        })
    }

    /// What all of `licences` allow together, and reasons why they can't be one work at all.
    pub fn mix<'a>(&self, licences: impl IntoIterator<Item = &'a str>) -> (Terms, Vec<String>) {
        let mut terms = Terms::everything();
        for licence in licences {
            // What is unknown allows nothing to those who ask.
            terms = terms.and(&self.terms(licence).unwrap_or_else(Terms::nothing));
        }
        let shares: Vec<&String> = terms.share_alike.iter().collect();
        let mut reasons = Vec::new();
        for (at, one) in shares.iter().enumerate() {
            for other in &shares[at + 1..] {
                if !terms::are_compatible(one, other) {
                    reasons.push(format!(
                        "{one} and {other} each ask that the whole be under that licence alone"
                    ));
                }
            }
        }
        (terms, reasons)
    }
}

#[cfg(test)]
mod tests;
