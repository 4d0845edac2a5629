//! Which repository and commit a folder is a checkout of.

use std::path::Path;

use gix::bstr::ByteSlice;

use crate::finding::Provenance;

/// The repository that holds `path`, if it has a remote with an address. User names and passwords in it are left out.
pub fn provenance(path: &Path) -> Option<Provenance> {
    let repository = gix::discover(path).ok()?;
    let remote = repository.find_default_remote(gix::remote::Direction::Fetch)?.ok()?;
    let url = remote.url(gix::remote::Direction::Fetch)?;
    let scheme = match &url.scheme {
        gix::url::Scheme::File => return None,
        scheme => scheme.as_str().to_owned(),
    };
    let port = url.port.map(|port| format!(":{port}")).unwrap_or_default();
    let path = url.path.to_str().ok()?.trim_start_matches('/').split(['?', '#']).next()?.to_owned();
    let revision = repository.head_id().ok().map(|id| id.to_string());
    let branch = repository.head_name().ok().flatten().map(|name| name.shorten().to_string());
    Some(Provenance { repository: format!("{scheme}://{}{port}/{path}", url.host()?), revision, branch })
}
