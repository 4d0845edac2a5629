//! Versions of one secret: each took over from the one before it.

use std::collections::BTreeMap;

use crate::lifecycle::key::KnownKey;

/// Says of every version when the next one took over: at its creation at the earliest. `series` names the secret that a row
/// is a version of; rows without a date of creation are in no order.
pub(super) fn link(keys: &mut [KnownKey], series: impl Fn(&KnownKey) -> Option<&str>) {
    let mut all: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (number, key) in keys.iter().enumerate() {
        if let (Some(name), true) = (series(key), key.created.time().is_some()) {
            all.entry(name.to_owned()).or_default().push(number);
        }
    }
    for mut versions in all.into_values() {
        versions.sort_by_key(|number| (keys[*number].created, keys[*number].place));
        for pair in versions.windows(2) {
            let (id, created) = (keys[pair[1]].id.clone(), keys[pair[1]].created);
            let old = &mut keys[pair[0]];
            (old.replaced_by, old.replaced_at) = (id, created);
            name_version(old);
        }
    }
}

/// A version that was replaced is called by its number too: its secret's name belongs to the one that took over.
pub(super) fn name_version(key: &mut KnownKey) {
    let version = key.id.as_deref().and_then(|id| id.rsplit(['/', ':']).next());
    if let (Some(name), Some(version)) = (&key.name, version) {
        key.name = Some(format!("{name}, version {version}"));
    }
}
