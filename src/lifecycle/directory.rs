//! Who exists: people, teams and robots, as exports of directories list them. They say whose login a user half is, whether an
//! owner is still there, and which account an export means by a number.

use std::collections::HashMap;

use super::key::KnownKey;

/// What kind of account or group it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// One person.
    Person,
    /// People together: a team or a group.
    Team,
    /// An account that no person logs in with.
    Robot,
}

/// One account or group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// What it is.
    pub kind: Kind,
    /// Its logins, addresses or names; the first is what a report calls it.
    pub names: Vec<String>,
    /// The number by which its vendor's listings of keys name it.
    pub id: Option<String>,
    /// Whether it can still be used.
    pub active: bool,
    /// The name of its export: the vendor before the first hyphen.
    pub source: &'static str,
}

/// All of them, by name and by number.
#[derive(Clone, Debug, Default)]
pub struct Directory {
    members: Vec<Member>,
    /// Names in lower case. Of several accounts of one name an active one counts.
    names: HashMap<String, usize>,
    /// By vendor, then by number.
    ids: HashMap<&'static str, HashMap<String, usize>>,
}

impl Directory {
    /// Indexes the members; their order does not matter.
    pub fn new(mut members: Vec<Member>) -> Self {
        members.sort_by(|one, other| (&one.names, one.source).cmp(&(&other.names, other.source)));
        let mut directory = Self::default();
        for (number, member) in members.iter().enumerate() {
            for name in &member.names {
                let known = directory.names.entry(name.to_lowercase()).or_insert(number);
                if member.active && !members[*known].active {
                    *known = number;
                }
            }
            if let Some(id) = &member.id {
                let ids = directory.ids.entry(vendor(member.source)).or_default();
                ids.entry(id.clone()).or_insert(number);
            }
        }
        directory.members = members;
        directory
    }

    /// Whether nobody is listed.
    pub fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    /// Whether teams are listed: only then does an owner that is not listed not exist.
    pub fn lists_teams(&self) -> bool {
        self.members.iter().any(|member| member.kind == Kind::Team)
    }

    /// The account or group of a name, in any case; `@org/team` is the team.
    pub fn find(&self, name: &str) -> Option<&Member> {
        let name = name.to_lowercase();
        let team = name.strip_prefix('@').map(|name| name.rsplit('/').next().unwrap_or(name));
        let number = self.names.get(&name).or_else(|| self.names.get(team?))?;
        Some(&self.members[*number])
    }

    /// Logins of all people, in lower case, also of those who have left.
    pub fn people(&self) -> impl Iterator<Item = String> {
        let people = self.members.iter().filter(|member| member.kind == Kind::Person);
        people.flat_map(|member| &member.names).map(|name| name.to_lowercase())
    }

    /// Puts the login in place of the number that a listing of keys gives for its owner.
    pub fn name_owners(&self, keys: &mut [KnownKey]) {
        if self.ids.is_empty() {
            return;
        }
        for key in keys {
            let id = key.owner.as_deref().and_then(|owner| owner.strip_prefix("user "));
            let number = id.and_then(|id| self.ids.get(vendor(&key.source.name))?.get(id));
            if let Some(number) = number {
                key.owner = self.members[*number].names.first().cloned();
            }
        }
    }
}

fn vendor(source: &str) -> &str {
    source.split('-').next().unwrap_or(source)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn member(name: &str, active: bool) -> Member {
        Member { kind: Kind::Person, names: vec![name.to_owned()], id: None, active, source: "okta-users" }
    }

    #[test]
    fn of_two_accounts_of_one_name_the_active_one_counts() {
        for order in [[true, false], [false, true]] {
            let directory = Directory::new(order.map(|active| member("Sam", active)).to_vec());
            assert!(directory.find("sam").expect("listed").active);
        }
    }

    #[test]
    fn a_team_is_found_with_its_organisation() {
        let team = Member { kind: Kind::Team, ..member("ops", true) };
        let directory = Directory::new(vec![team]);
        assert!(directory.find("@acme/ops").is_some() && directory.find("acme/ops").is_none());
        assert!(directory.lists_teams());
        assert_eq!(directory.people().count(), 0);
    }
}
