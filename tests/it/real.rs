//! Files as their own tools write them: python-pptx, python-docx, openpyxl, setuptools, jar, dpkg-deb, rpmbuild, aapt with
//! apksigner, and nuget. Each holds one invented password. And archives that hold themselves, which `quine.py` beside them wrote.

use keyrot::finding::SkipReason;
use keyrot::scan::Limits;

use super::reach::scan;

fn fixture(name: &str) -> Vec<u8> {
    std::fs::read(std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/reach").join(name)).unwrap()
}

#[test]
fn files_of_real_tools_are_opened_and_the_place_names_the_member() {
    for (name, place) in [
        ("a.apk", "a.apk!/assets/settings.py:1"),
        ("a.deb", "a.deb!/data.tar.xz!/etc/acme/acme.conf:1"),
        ("a.docx", "a.docx!/word/document.xml:2"),
        ("a.jar", "a.jar!/application.properties:1"),
        ("a.nupkg", "a.nupkg!/content/settings.conf:1"),
        ("a.pptx", "a.pptx!/ppt/slides/slide1.xml:2"),
        ("a.rpm", "a.rpm!/etc/acme/acme.conf:1"),
        ("a.whl", "a.whl!/acme_settings/defaults.py:1"),
        ("a.xlsx", "a.xlsx!/xl/worksheets/sheet1.xml:1"),
    ] {
        let outcome = scan(name, &fixture(name), Limits::default());
        assert_eq!(outcome.findings.len(), 1, "{name}: {:?}", outcome.skipped);
        let label = outcome.findings[0].location.label();
        assert_eq!(label.rsplit_once(':').map(|(place, _)| place), Some(place));
    }
}

/// What an archive that holds itself costs is what its depth costs.
#[test]
fn archives_that_hold_themselves_end_at_the_limit_of_depth() {
    for name in ["r.zip", "r.gz"] {
        let bytes = fixture(name);
        for depth in [0, 1, 8, 40] {
            let outcome = scan(name, &bytes, Limits { archive_depth: depth, ..Limits::default() });
            let limits = outcome.skipped.iter().filter(|skip| matches!(skip.reason, SkipReason::Limit(_)));
            assert_eq!(limits.count(), 1, "{name} {depth}: {:?}", outcome.skipped);
            // The comment of the zip is read at every depth.
            assert_eq!(outcome.stats.blobs, if name == "r.zip" { depth as u64 } else { 0 });
        }
    }
}

#[test]
fn a_tar_of_an_archive_that_holds_itself_ends_too() {
    let tar = super::reach::tar(&[("r.zip", &fixture("r.zip")), ("r.gz", &fixture("r.gz")), ("z", b"a = 1\n")]);
    let outcome = scan("a.tar", &tar, Limits::default());
    assert_eq!(outcome.stats.blobs, 7 + 1, "comments, and what stands behind it: {:?}", outcome.skipped);
}
