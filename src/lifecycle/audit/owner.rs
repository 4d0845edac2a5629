//! Who answers for a key: its row, then CODEOWNERS, then the globs of the configuration. Never the author of a commit.

use std::borrow::Cow;

use super::Options;
use crate::finding::Finding;
use crate::lifecycle::key::KnownKey;

/// The owner of a row.
pub fn of_row<'k>(key: &'k KnownKey, options: &'k Options) -> Option<Cow<'k, str>> {
    let coded = || key.locations.iter().find_map(|place| options.owners.of(place));
    let globbed = || key.name.iter().chain(&key.locations).find_map(|name| options.policy.owner_of(name));
    key.owner.as_deref().map(Cow::Borrowed).or_else(|| coded().map(Cow::Owned)).or_else(|| globbed().map(Cow::Borrowed))
}

/// Adds the owner to what a finding says, by the row that it joins and by the path that it stands in.
pub fn name(finding: &mut Finding, row: Option<&KnownKey>, options: &Options) {
    let path = finding.location.origin.path();
    let owner = row
        .and_then(|key| key.owner.clone())
        .or_else(|| options.owners.of(path))
        .or_else(|| options.policy.owner_of(path).map(str::to_owned))
        .or_else(|| of_row(row?, options).map(Cow::into_owned));
    if let Some(owner) = owner {
        finding.message.push_str(&format!(" Owner: {owner}."));
        finding.owner = Some(owner);
    }
}
