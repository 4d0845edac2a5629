//! Folders of translations, as their names tell it: files that differ in one part of their paths alone, which names a language
//! in nearly all of them.

use std::collections::{BTreeSet, HashMap};

/// Fewer languages make no catalogue.
pub const LEAST_LANGUAGES: usize = 6;
/// Parts of a path, from its end, one of which may name the language of the file.
const TAGGED_PARTS: usize = 4;

/// A path with one of its parts left open: what stands before that part, the ending of a file's name, and what stands behind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Place<'p> {
    before: &'p str,
    ending: &'p str,
    behind: &'p str,
}

/// Which files are translations.
pub struct Catalogues<'p> {
    places: BTreeSet<Place<'p>>,
}

impl<'p> Catalogues<'p> {
    /// Looks at all `paths` for what stands in the places that are `asked` for.
    pub fn of(asked: impl Iterator<Item = Place<'p>>, paths: impl Iterator<Item = &'p str>) -> Self {
        let mut kept: HashMap<Place<'p>, Kept<'p>> = asked.map(|place| (place, Kept::default())).collect();
        for (place, part) in paths.flat_map(places) {
            if let Some(kept) = kept.get_mut(&place) {
                kept.add(part);
            }
        }
        Self { places: kept.into_iter().filter(|(_, kept)| kept.is_catalogue()).map(|(place, _)| place).collect() }
    }

    /// Whether a path, of which the places were asked for, is a translation.
    pub fn hold(&self, path: &'p str) -> bool {
        tagged(path).any(|place| self.places.contains(&place))
    }
}

/// What stands in one place.
#[derive(Default)]
struct Kept<'p> {
    languages: BTreeSet<&'p str>,
    tagged: BTreeSet<&'p str>,
    others: BTreeSet<&'p str>,
}

impl<'p> Kept<'p> {
    fn add(&mut self, part: &'p str) {
        match language(part) {
            Some(code) => {
                self.languages.insert(code);
                self.tagged.insert(part);
            }
            None => {
                self.others.insert(part);
            }
        }
    }

    fn is_catalogue(&self) -> bool {
        self.languages.len() >= LEAST_LANGUAGES && self.tagged.len() >= self.others.len() * 4
    }
}

/// The places of a path whose open part names a language.
pub fn tagged(path: &str) -> impl Iterator<Item = Place<'_>> {
    places(path).filter(|(_, part)| language(part).is_some()).map(|(place, _)| place)
}

/// The path with one of its last parts left open, for each of them, and that part without the ending of a file's name.
fn places(path: &str) -> impl Iterator<Item = (Place<'_>, &str)> {
    let mut end = Some(path.len());
    let parts = std::iter::from_fn(move || {
        let stop = end?;
        let start = path[..stop].rfind('/').map_or(0, |slash| slash + 1);
        end = start.checked_sub(1);
        Some((start, stop))
    });
    parts.take(TAGGED_PARTS).map(move |(start, stop)| {
        let part = &path[start..stop];
        let ending = if stop == path.len() { ending(part) } else { "" };
        let place = Place { before: &path[..start], ending, behind: &path[stop..] };
        (place, part.strip_suffix(ending).unwrap_or(part))
    })
}

/// The ending of a file's name, which tells its kind.
pub fn ending(path: &str) -> &str {
    let name = path.rsplit('/').next().unwrap_or(path);
    name.rsplit_once('.').map_or("", |(_, ending)| ending)
}

/// The code of a language that is a word of the name: `messages_de`, `pt-BR.lproj`, `values-zh-rCN`.
fn language(part: &str) -> Option<&str> {
    let mut words = part.split(|letter: char| !letter.is_ascii_alphabetic());
    words.find(|word| word.len() == 2 && LANGUAGES.contains(word))
}

/// The codes of ISO 639-1.
const LANGUAGES: &str = "\
    aa ab ae af ak am an ar as av ay az ba be bg bh bi bm bn bo br bs ca ce ch co cr cs cu cv cy da de dv dz ee el en eo es et \
    eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy hz ia id ie ig ii ik io is it iu ja jv ka kg ki kj kk kl \
    km kn ko kr ks ku kv kw ky la lb lg li ln lo lt lu lv mg mh mi mk ml mn mr ms mt my na nb nd ne ng nl nn no nr nv ny oc oj \
    om or os pa pi pl ps pt qu rm rn ro ru rw sa sc sd se sg si sk sl sm sn so sq sr ss st su sv sw ta te tg th ti tk tl tn to \
    tr ts tt tw ty ug uk ur uz ve vi vo wa wo xh yi yo za zh zu";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_of_a_path_may_name_a_language() {
        for part in ["de", "messages_de.", "pt-BR.lproj", "values-zh-rCN", "sr-Latn."] {
            assert!(language(part).is_some(), "{part}");
        }
        for part in ["anna.", "UserTest.", "db.", "src", "values"] {
            assert!(language(part).is_none(), "{part}");
        }
        assert!(LANGUAGES.split_whitespace().is_sorted());
    }

    #[test]
    fn files_that_differ_in_one_part_of_their_path_stand_in_one_place() {
        let shared =
            |one: &'static str, other: &'static str| tagged(one).any(|place| tagged(other).any(|same| same == place));
        assert!(shared("ui/da.js", "ui/messages_de.js") && shared("lang/de/x.po", "lang/pt-BR/x.po"));
        assert!(
            !shared("ui/da.js", "ui/de.ts") && !shared("lang/de/x.po", "lang/fr/y.po") && !shared("da.js", "ui/de.js")
        );
        assert_eq!(places("a/b/c/d/de/x.po").count(), TAGGED_PARTS);
        assert_eq!(places("x.po").count(), 1);
    }

    #[test]
    fn many_languages_side_by_side_make_a_catalogue() {
        let files = ["l/da/a.json", "l/de/a.json", "l/fr/a.json", "l/hu/a.json", "l/pt-BR/a.json", "l/zh-CN/a.json"];
        let told =
            |all: &[&'static str]| Catalogues::of(tagged("l/de/a.json"), all.iter().copied()).hold("l/de/a.json");
        assert!(told(&files));
        assert!(!told(&files[1..]), "a handful");
        let more = [&files[..], &["l/source/a.json", "l/tools/a.json"]].concat();
        assert!(!told(&more), "other names stand beside");
        let others = ["l/it/b.json", "l/is/c.json", "l/to/d.json", "l/so/e.json", "l/or/f.json", "l/de/a.json"];
        assert!(!told(&others), "no file stands in all of them");
    }
}
