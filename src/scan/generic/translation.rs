//! Files that say in another language what a program shows: their values are words, whatever their names say.

/// What folders of translations are called.
const FOLDERS: &[&str] =
    &["i18n", "l10n", "lang", "languages", "locale", "locales", "localisation", "localization", "msgs", "translations"];

/// Words of another language in a file of translations: `messages_fr.properties`, `i18n/de.json`.
pub fn is_translated(value: &[u8], path: &str) -> bool {
    let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
    // `Language/nl-NL.ini`, `de_DE.js`, `storefront.de-DE.json`.
    let is_language = |part: &str| is_language(&part.replace('_', "-"));
    let whole = name.split('.').any(is_language);
    let named = is_among_translations(folder) || folder.split('/').any(is_language);
    ((named || whole) && is_said(value)) || (is_worded(value) && is_bundle(name))
}

/// Whether the value may be words, by its letters: what a catalogue of messages holds.
pub fn is_said(value: &[u8]) -> bool {
    // `S3-tagongskaai`: the name of a thing and what it is called.
    let joined = value
        .rsplit(|byte| *byte == b'-')
        .next()
        .is_some_and(|last| last.len() > 5 && last.len() < value.len() && last.iter().all(u8::is_ascii_lowercase));
    is_worded(value) || joined || value.contains(&b' ') || !value.is_ascii()
}

/// Neither digits nor signs.
fn is_worded(value: &[u8]) -> bool {
    !value.iter().any(|byte| byte.is_ascii_digit() || b"@#$%^&*=+/_".contains(byte))
}

/// Whether a part of the path is what folders of translations are called.
pub fn is_among_translations(path: &str) -> bool {
    path.split('/').any(|part| FOLDERS.contains(&part.trim_start_matches('_').to_ascii_lowercase().as_str()))
}

/// `messages_fr.properties`, `Texts_de_AT.java`: a bundle of Java, which names its language behind a bar. Codes of three letters
/// look like other words, and count behind a word that says texts.
fn is_bundle(name: &str) -> bool {
    const TEXTS: &[&str] =
        &["i18n", "messag", "string", "text", "label", "local", "lang", "translat", "resource", "bundle"];
    let stem = name.split('.').next().unwrap_or(name);
    let head = stem.split('_').next().unwrap_or_default().to_ascii_lowercase();
    let longest = if TEXTS.iter().any(|word| head.contains(word)) { 3 } else { 2 };
    let code = |tag: &str| (2..=longest).contains(&tag.len()) && tag.bytes().all(|byte| byte.is_ascii_lowercase());
    matches!(name.rsplit('.').next(), Some("properties" | "java")) && stem.split('_').skip(1).any(code)
}

/// A folder of what people of one country read: `de-DE`, `values-fr`, `values-nb-rNO`, `values-ind`.
fn is_language(folder: &str) -> bool {
    let small = |part: &str| matches!(part.len(), 2 | 3) && part.bytes().all(|byte| byte.is_ascii_lowercase());
    // `pt-BR.lproj` of Xcode.
    let bare = folder.strip_suffix(".lproj");
    let (of_xcode, folder) = (bare.is_some(), bare.unwrap_or(folder));
    let of_android = folder.strip_prefix("values-").and_then(|rest| rest.split('-').next());
    of_android.is_some_and(small)
        || small(folder) && of_xcode
        || folder.split_once('-').is_some_and(|(language, country)| {
            small(language) && country.len() == 2 && country.bytes().all(|byte| byte.is_ascii_uppercase())
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_in_bundles_are_translations() {
        for path in [
            "a/i18n_global_hi_IN.properties",
            "messages_tet.properties",
            "A_da.java",
            "values-fr/strings.xml",
            "src/Localization/Core/de.json",
            "app/Locale/sr_Latn_RS/a.php",
            "priv/msgs/eo.msg",
        ] {
            assert!(is_translated("Konfirma se\u{f1}a".as_bytes(), path), "{path}");
            assert!(!is_translated(b"x7Kq9vLw2", path), "{path}");
        }
        for path in ["application_dev.properties", "messages.properties", "a_de.yml"] {
            assert!(!is_translated(b"Konfirma", path), "{path}");
        }
    }
}
