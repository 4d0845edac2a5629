//! Packages and images: made to be handed out, so that everyone who gets one gets the keys in it. Whether one was published
//! cannot be seen in a file; that it is built for it can.

use super::Visibility;
use super::ruling::{Effect, Rulings};

/// Endings of the names of packages.
const PACKAGES: &[(&str, &str)] = &[
    ("whl", "a Python wheel"),
    ("conda", "a conda package"),
    ("crate", "a Rust package"),
    ("gem", "a Ruby gem"),
    ("nupkg", "a NuGet package"),
    ("vsix", "an editor extension"),
    ("xpi", "a browser extension"),
    ("crx", "a browser extension"),
    ("apk", "an app or package"),
    ("aab", "an Android app"),
    ("ipa", "an iOS app"),
    ("asar", "an Electron app"),
    ("deb", "a Linux package"),
    ("rpm", "a Linux package"),
];

/// Says that the place is in a package. A repository that is said to be private hands its packages out within its walls.
pub fn say(path: &str, visibility: Visibility, rulings: &mut Rulings) {
    let Some(kind) = kind(path) else { return };
    let effect = if visibility == Visibility::Private { Effect::Tells } else { Effect::Raises };
    rulings.say("public-exposure", effect, format!("Stands in {kind}: everyone who gets it gets the key."));
}

/// What the file lies in. Containers are followed by `!/` and the path inside them.
fn kind(path: &str) -> Option<&'static str> {
    let steps: Vec<&str> = path.split("!/").collect();
    steps.windows(2).find_map(|step| {
        let container = step[0].to_ascii_lowercase();
        let ending = container.rsplit_once('.').map_or("", |(_, ending)| ending);
        let named = PACKAGES.iter().find(|(known, _)| *known == ending).map(|(_, kind)| *kind);
        // `npm pack` puts everything into one folder of this name; layers are archives under these names in an image.
        let npm = (ending == "tgz" && step[1].starts_with("package/")).then_some("an npm package");
        let layer = container.starts_with("blobs/sha256/") || container.ends_with("/layer.tar");
        named.or(npm).or(layer.then_some("a container image"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packages_are_told_by_their_names_and_what_they_hold() {
        for (path, expected) in [
            ("dist/demo-1.0-py3-none-any.whl!/demo/settings.py", Some("a Python wheel")),
            ("demo-1.0.tgz!/package/.env", Some("an npm package")),
            ("backup.tgz!/home/.env", None),
            ("image.tar!/blobs/sha256/00ff!/app/.env", Some("a container image")),
            ("image.tar!/00ff/layer.tar!/app/.env", Some("a container image")),
            ("image.tar!/blobs/sha256/00ff", None),
            ("release.zip!/demo.nupkg!/lib/app.config", Some("a NuGet package")),
            ("docs/wheel.whl", None),
            ("src/.env", None),
        ] {
            assert_eq!(kind(path), expected, "{path}");
        }
    }
}
