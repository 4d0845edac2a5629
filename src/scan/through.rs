//! Looking through the layers of a text, also through containers that stand encoded in it: what those hold is a layer in
//! turn, so that a finding points at the place in the text.

use std::cmp::Reverse;
use std::collections::HashSet;
use std::io::{Cursor, Read};
use std::rc::Rc;

use super::archive::{self, Input, Kind, Member, constants, strings};
use super::decode::encoding::Storage;
use super::decode::{self, Found, Layer, Mark, encoding};
use super::filter::{DropReason, Kept};
use super::layered::{Deep, Seen};
use super::limit::{self, Budget, Limits};
use super::matcher::Text;
use super::naming::Naming;
use super::reach::{Metered, Reach, inside};
use super::worker::{Body, Worker};
use crate::finding::{Confidence, Finding, Origin, Skip, SkipReason, Span};

/// A key as a whole, and where it stands in the outermost text.
pub(super) type Store = (Span, Finding);

/// What was seen in the layers of a text.
#[derive(Default)]
pub(super) struct Through {
    /// Layers with candidates.
    pub seen: Vec<Seen>,
    /// Keys as a whole.
    pub stores: Vec<Store>,
}

impl Through {
    pub(super) fn is_empty(&self) -> bool {
        self.seen.is_empty() && self.stores.is_empty()
    }
}

/// A layer that is yet to be looked at, the one around it, and how deep it stands.
type Open = (Layer, Option<Rc<Deep>>, usize);

impl Worker<'_> {
    /// Every layer that holds candidates, at any depth.
    pub(super) fn look_through(&mut self, origin: &Origin, text: &[u8], marks: &[Mark]) -> Through {
        let mut through = Through::default();
        if self.options.limits.layers == 0 {
            return through;
        }
        let mut left = Budget::decoded(text.len());
        let mut open = Vec::new();
        let found = decode::layers(text, self.scratch.runs(), marks);
        self.open_found(origin, found, (None, 1), &mut open, &mut through);
        while let Some((layer, outer, depth)) = open.pop() {
            let most = self.options.limits.layers;
            let spent = left.checked_sub(layer.text.len());
            let (Some(rest), true) = (spent, depth <= most) else {
                let name = if depth > most { format!("max-layers is {most}") } else { "decoded bytes".to_owned() };
                self.skip(limit::skip(origin, name, None));
                break;
            };
            left = rest;
            let mut candidates = Vec::new();
            let searched = Text { bytes: &layer.text, path: origin.path() };
            self.engine.candidates(searched, &mut self.scratch, &mut candidates);
            candidates.retain(|candidate| candidate.secret.overlaps(layer.fresh));
            let marks = self.engine.marks(&self.scratch);
            let deep = Rc::new(Deep::new(layer, outer));
            let found = deep.layers(self.scratch.runs(), &marks);
            self.open_found(origin, found, (Some(&deep), depth + 1), &mut open, &mut through);
            if !candidates.is_empty() {
                through.seen.push(Seen { deep, candidates });
            }
        }
        through
    }

    /// Adds what was found in a text to what is yet to be looked at: of what is packed, what it holds.
    fn open_found(
        &mut self,
        origin: &Origin,
        found: Found,
        (outer, depth): (Option<&Rc<Deep>>, usize),
        open: &mut Vec<Open>,
        through: &mut Through,
    ) {
        if let Some(most) = found.cut {
            self.skip(limit::skip(origin, cut(most), None));
        }
        open.extend(found.texts.into_iter().map(|layer| (layer, outer.cloned(), depth)));
        for layer in found.packed {
            let deep = Rc::new(Deep::new(layer, outer.cloned()));
            let mut contents = self.unwrap(origin, &deep);
            let place = deep.outermost(deep.layer().fresh);
            through.stores.extend(contents.stores.into_iter().map(|finding| (place, finding)));
            contents.text.append(&mut contents.names);
            if !contents.text.is_empty() {
                let inner = decode::unpacked(deep.layer(), names(&contents.kinds), &contents.text);
                open.push((inner, Some(deep), depth));
            }
        }
    }

    /// The keys as a whole that are this text's to report, once each: the same one may be seen through more than one layer, and
    /// cut in one of them. What a rule is sure of at the same place keeps its name, so that what was said about it still
    /// holds; anything else there is only the wrapping.
    pub(super) fn make_way(&mut self, text: &Body<'_>, mut stores: Vec<Store>, kept: &mut Vec<Kept>) -> Vec<Store> {
        if stores.is_empty() {
            return stores;
        }
        let sure = kept.iter().filter(|one| one.confidence >= Confidence::High);
        let named = sorted(sure.map(|one| one.candidate.secret));
        stores.sort_by_key(|(place, _)| (place.start, Reverse(place.end)));
        let (mut widest, mut known) = (Span::default(), HashSet::new());
        stores.retain(|(place, finding)| {
            let is_cut = place.start == widest.start && place.end < widest.end;
            let print = finding.secret.as_ref().map(|secret| secret.fingerprint.clone());
            if !is_cut {
                widest = *place;
            }
            !is_cut && text.owns(place.start) && !touches(&named, *place) && known.insert((place.start, print))
        });
        let (places, before) = (sorted(stores.iter().map(|(place, _)| *place)), kept.len());
        kept.retain(|one| !touches(&places, one.candidate.secret));
        self.outcome.stats.drop(DropReason::Overlapped, (before - kept.len()) as u64);
        stores
    }

    /// Opens what stands packed in a text.
    fn unwrap(&mut self, origin: &Origin, deep: &Deep) -> Contents {
        let mut contents = Contents { layers: deep.names(), ..Contents::default() };
        let layer = deep.layer();
        let bytes = layer.fresh.of(&layer.text);
        let most = decode::grown(bytes.len());
        let own = &self.options.limits;
        let limits = Limits { archive_bytes: own.archive_bytes.min(most), ..own.clone() };
        let budget = Budget::new(&limits, bytes.len() as u64);
        self.gather(origin, bytes, Reach { depth: 0, budget: &budget }, &mut contents);
        if let Some(limit) = budget.bitten() {
            let is_smaller = most < own.archive_bytes && limit.starts_with("max-archive-bytes");
            let limit = if is_smaller { cut(most) } else { limit };
            self.skip(limit::skip(origin, limit, None));
        }
        contents
    }

    /// Takes in the texts of a container and of all that are in it, or what is none.
    fn gather(&mut self, origin: &Origin, bytes: &[u8], reach: Reach<'_>, contents: &mut Contents) {
        let what = contents.layers.join(" in ");
        let mut store = self.keystore(origin, bytes, &format!("encoded as {what}"));
        if let Some(finding) = &mut store {
            finding.context.layers.clone_from(&contents.layers);
        }
        let is_store = store.is_some();
        contents.stores.extend(store);
        let Some(kind) = self.container(origin, bytes, reach) else {
            if !is_store {
                self.take_in(origin, bytes, contents);
            }
            return;
        };
        contents.enter(kind);
        let (budget, before) = (reach.budget, contents.text.len());
        let deeper = Reach { depth: reach.depth + 1, budget };
        let mut naming = Naming::default();
        let walked = archive::walk(kind, Input::Seek(&mut Cursor::new(bytes)), &mut |member| {
            if budget.member() {
                naming.add(&member.name);
                self.gather_member(origin, kind, member, deeper, contents);
            }
            budget.bitten().is_none()
        });
        if let Err(failure) = walked {
            self.note(origin, failure, reach);
        }
        contents.names.extend_from_slice(naming.text());
        // A text that begins like a container is still a text.
        if contents.text.len() == before && memchr::memchr(0, bytes).is_none() {
            self.take_in(origin, bytes, contents);
        }
    }

    fn gather_member(
        &mut self,
        origin: &Origin,
        kind: Kind,
        member: Member<'_>,
        reach: Reach<'_>,
        contents: &mut Contents,
    ) {
        let inner = inside(origin, &member.name);
        let mut bytes = Vec::new();
        let read = match member.content {
            Ok(reader) if kind.expands() => Metered { reader, budget: reach.budget }.read_to_end(&mut bytes),
            Ok(reader) => reader.read_to_end(&mut bytes),
            Err(failure) => return self.note(&inner, failure, reach),
        };
        // What came before an error counts.
        if let Err(error) = read {
            self.note(&inner, error.into(), reach);
        }
        self.gather(if member.name.is_empty() { origin } else { &inner }, &bytes, reach, contents);
    }

    fn take_in(&mut self, origin: &Origin, bytes: &[u8], contents: &mut Contents) {
        match Storage::of(bytes) {
            Storage::Ascii | Storage::Utf8Mark => contents.add(bytes),
            storage @ Storage::Wide { .. } => contents.add(&encoding::widen(bytes, storage).0),
            Storage::Binary => match constants::of(bytes) {
                Some((_, text, _)) => contents.add(&text),
                None if self.options.limits.binaries => contents.add(&strings::printable(bytes).0),
                None => {
                    let bytes = Some(bytes.len() as u64);
                    self.skip(Skip { origin: origin.clone(), reason: SkipReason::Binary, bytes });
                }
            },
        }
    }
}

/// What compressed text in a text gives at most.
fn cut(most: u64) -> String {
    format!("a container in a text is read up to {most} bytes")
}

fn sorted(places: impl Iterator<Item = Span>) -> Vec<Span> {
    let mut places: Vec<Span> = places.collect();
    places.sort_unstable();
    places
}

/// Whether the span overlaps one of the places, which are sorted and overlap each other only where they are the same.
fn touches(places: &[Span], span: Span) -> bool {
    let before = places.partition_point(|place| place.start < span.end);
    before.checked_sub(1).is_some_and(|last| places[last].overlaps(span))
}

/// What stands packed in a text.
#[derive(Default)]
struct Contents {
    /// The layers around it.
    layers: Vec<&'static str>,
    /// The containers from the outermost to the first one with more than one member.
    kinds: Vec<Kind>,
    /// The texts, one after another.
    text: Vec<u8>,
    /// The names of the members, which are searched behind their texts.
    names: Vec<u8>,
    stores: Vec<Finding>,
}

impl Contents {
    fn enter(&mut self, kind: Kind) {
        if self.text.is_empty() && self.kinds.iter().all(|outer| outer.is_coat()) {
            self.kinds.push(kind);
        }
    }

    fn add(&mut self, text: &[u8]) {
        self.text.extend_from_slice(text);
        self.text.push(b'\n');
    }
}

/// The names of the layers that containers make.
fn names(kinds: &[Kind]) -> &'static [&'static str] {
    match kinds {
        [Kind::Gzip, Kind::Tar, ..] => &["gzip", "tar"],
        [Kind::Gzip, ..] => &["gzip"],
        [Kind::Bzip2, Kind::Tar, ..] => &["bzip2", "tar"],
        [Kind::Bzip2, ..] => &["bzip2"],
        [Kind::Xz, Kind::Tar, ..] => &["xz", "tar"],
        [Kind::Xz, ..] => &["xz"],
        [Kind::Zstd, Kind::Tar, ..] => &["zstd", "tar"],
        [Kind::Zstd, ..] => &["zstd"],
        [Kind::Zip, ..] => &["zip"],
        [Kind::SevenZip, ..] => &["7z"],
        [Kind::Tar, ..] => &["tar"],
        [Kind::Sqlite, ..] => &["sqlite"],
        [Kind::Pdf, ..] => &["pdf"],
        _ => &["archive"],
    }
}
