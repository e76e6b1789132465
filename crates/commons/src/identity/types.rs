//! Nouns of identity.

use crate::ids::{Job, Org, Person, Token};
use kernel::{Error, Id, Result, Timestamp};
use serde::Serialize;
use std::{fmt, str::FromStr};

/// What a token allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Scope {
    /// See the things of the own organisation.
    Read,
    /// Submit and publish for the own organisation.
    Write,
    /// Call models at the own organisation's cost.
    Call,
    /// Run the community: decide cases, fund programmes, see every organisation.
    Operate,
    /// See every organisation's ledger, change nothing.
    Audit,
    /// See what the server counts, and nothing of anybody. Whoever may operate may do this too.
    Watch,
}

impl Scope {
    /// All of them.
    pub const ALL: [Self; 6] = [Self::Read, Self::Write, Self::Call, Self::Operate, Self::Audit, Self::Watch];

    /// Its name in tokens and configuration.
    pub fn name(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
            Self::Call => "call",
            Self::Operate => "operate",
            Self::Audit => "audit",
            Self::Watch => "watch",
        }
    }
}

/// A set of scopes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Scopes(u8);

impl Scopes {
    /// What a member of a start-up gets.
    pub fn member() -> Self {
        [Scope::Read, Scope::Write, Scope::Call].into_iter().collect()
    }

    /// Everything.
    pub fn operator() -> Self {
        Scope::ALL.into_iter().collect()
    }

    /// Whether `scope` is in it.
    pub fn contains(self, scope: Scope) -> bool {
        self.0 & (1 << scope as u8) != 0
    }

    /// Whether all of `other` is in it.
    pub fn covers(self, other: Self) -> bool {
        other.0 & !self.0 == 0
    }
}

impl FromIterator<Scope> for Scopes {
    fn from_iter<I: IntoIterator<Item = Scope>>(scopes: I) -> Self {
        let all = Self(scopes.into_iter().fold(0, |bits, scope| bits | (1 << scope as u8)));
        if all.contains(Scope::Operate) { Self(all.0 | (1 << Scope::Watch as u8)) } else { all }
    }
}

impl fmt::Display for Scopes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = Scope::ALL.into_iter().filter(|&s| self.contains(s)).map(Scope::name).collect();
        f.write_str(&names.join(" "))
    }
}

impl FromStr for Scopes {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        text.split([' ', ','])
            .filter(|name| !name.is_empty())
            .map(|name| {
                Scope::ALL.into_iter().find(|scope| scope.name() == name).ok_or_else(|| {
                    Error::invalid("scope_invalid", "scopes are read, write, call, operate, audit and watch")
                })
            })
            .collect()
    }
}

impl Serialize for Scopes {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// An organisation.
#[derive(Debug, Clone, Serialize)]
pub struct OrgRecord {
    /// Identity.
    pub id: Id<Org>,
    /// Short name in addresses: lower-case letters, digits and dashes.
    pub slug: String,
    /// Name as it writes itself.
    pub name: String,
    /// Whether it is the community's operator.
    pub operator: bool,
    /// What it told of itself when it applied.
    pub profile: serde_json::Value,
    /// When it came.
    pub created_at: Timestamp,
}

/// A person of an organisation.
#[derive(Debug, Clone, Serialize)]
pub struct PersonRecord {
    /// Identity.
    pub id: Id<Person>,
    /// Name.
    pub name: String,
    /// E-mail address.
    pub email: String,
    /// `owner` or `member`.
    pub role: String,
}

/// A token, without its secret.
#[derive(Debug, Clone, Serialize)]
pub struct TokenRecord {
    /// Identity.
    pub id: Id<Token>,
    /// What its owner calls it.
    pub name: String,
    /// What it allows.
    pub scopes: Scopes,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it ends by itself.
    pub expires_at: Option<Timestamp>,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
}

/// Whoever makes a request, as proved by a token or a session.
#[derive(Debug, Clone)]
pub struct Caller {
    /// The organisation that is spoken for.
    pub org: Id<Org>,
    /// Its short name.
    pub org_slug: String,
    /// The person, when the token is a person's.
    pub person: Option<Id<Person>>,
    /// The token.
    pub token: Id<Token>,
    /// What may be done.
    pub scopes: Scopes,
    /// The job, when the token is a job's.
    pub job: Option<Id<Job>>,
}

impl Caller {
    /// Whether the caller holds `scope`.
    pub fn may(&self, scope: Scope) -> bool {
        self.scopes.contains(scope)
    }

    /// Fails when the caller doesn't hold `scope`.
    pub fn require(&self, scope: Scope) -> Result<()> {
        if self.may(scope) {
            return Ok(());
        }
        Err(Error::denied("scope_missing", format!("this needs a token with the scope “{}”", scope.name())))
    }

    /// Fails when the thing of `org` isn't the caller's to see; says that it isn't there, so that nothing leaks.
    pub fn require_org(&self, org: Id<Org>) -> Result<()> {
        if self.org == org || self.may(Scope::Operate) {
            return Ok(());
        }
        Err(Error::not_found("not_found", "there is nothing here that you may see"))
    }

    /// Who the audit log names.
    pub fn actor(&self) -> String {
        match (self.person, self.job) {
            (Some(person), _) => format!("{person} of {}", self.org_slug),
            (None, Some(job)) => format!("{job} of {}", self.org_slug),
            (None, None) => format!("{} of {}", self.token, self.org_slug),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes_print_and_parse_back() {
        for scopes in [Scopes::member(), Scopes::operator(), Scopes::default()] {
            assert_eq!(scopes.to_string().parse::<Scopes>().unwrap(), scopes);
        }
        assert!("read fly".parse::<Scopes>().is_err());
        assert!(Scopes::operator().covers(Scopes::member()));
        assert!(!Scopes::member().covers(Scopes::operator()));
    }
}
