//! Directories: who exists, as people, teams and robots. GitHub members and teams, GitLab users, Okta users and groups, Entra
//! users and groups, IAM users, Google Workspace users, and SCIM 2.0 (RFC 7643) of any vendor.

use std::sync::Arc;

use super::Format;
use crate::lifecycle::directory::{Kind, Member};
use crate::lifecycle::document::Node;
use crate::lifecycle::inventory::Rows;
use crate::lifecycle::key::{Gives, Source};

const NOTHING: Gives = Gives::NONE;

pub(super) const FORMATS: &[Format] = &[
    Format::new("github-members", &[""], &["login", "node_id", "type"], NOTHING, read_github),
    Format::new("github-teams", &[""], &["slug", "node_id", "privacy"], NOTHING, read_github_team),
    Format::new("gitlab-users", &[""], &["username", "state", "web_url"], NOTHING, read_gitlab),
    Format::new("okta-users", &[""], &["id", "status", "profile>login"], NOTHING, read_okta)
        .refusing(&["credentials>password", "credentials>recovery_question"]),
    Format::new("okta-groups", &[""], &["id", "type", "profile>name"], NOTHING, read_okta_group),
    Format::new("entra-users", &["value", ""], &["userPrincipalName", "displayName"], NOTHING, read_entra)
        .refusing(&["passwordProfile>password"]),
    Format::new("entra-groups", &["value", ""], &["displayName", "securityEnabled"], NOTHING, read_entra_group),
    Format::new("aws-iam-users", &["Users", ""], &["UserName", "UserId", "Arn"], NOTHING, read_iam),
    Format::new("google-workspace-users", &["users", ""], &["primaryEmail", "id"], NOTHING, read_google)
        .refusing(&["password"]),
    Format::new("scim-users", &["Resources", ""], &["schemas", "userName"], NOTHING, read_scim).refusing(&["password"]),
    Format::new("scim-groups", &["Resources", ""], &["schemas", "displayName"], NOTHING, read_scim_group),
];

/// The names that stand at some paths, each once.
fn names(node: &Node<'_>, paths: &[&str]) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for name in paths.iter().filter_map(|path| node.text_at(path)) {
        if !names.iter().any(|known| known.eq_ignore_ascii_case(name)) {
            names.push(name.to_owned());
        }
    }
    names
}

fn member(source: &'static str, kind: Kind, node: &Node<'_>, paths: &[&str]) -> Member {
    Member { kind, names: names(node, paths), id: node.text_at("id").map(str::to_owned), active: true, source }
}

/// `GET /orgs/{org}/members`.
fn read_github(node: &Node<'_>, _: &Arc<Source>, rows: &mut Rows) {
    let kind = if node.text_at("type") == Some("User") { Kind::Person } else { Kind::Robot };
    rows.members.push(member("github-members", kind, node, &["login"]));
}

/// `GET /orgs/{org}/teams`.
fn read_github_team(node: &Node<'_>, _: &Arc<Source>, rows: &mut Rows) {
    rows.members.push(member("github-teams", Kind::Team, node, &["slug", "name"]));
}

/// `GET /users`, `GET /groups/:id/members/all`: `state` is `active`, or why not.
fn read_gitlab(node: &Node<'_>, _: &Arc<Source>, rows: &mut Rows) {
    let kind = if node.bool_at("bot") == Some(true) { Kind::Robot } else { Kind::Person };
    let active = node.text_at("state") == Some("active");
    rows.members.push(Member { active, ..member("gitlab-users", kind, node, &["username", "email", "public_email"]) });
}

/// `GET /api/v1/users`. Whoever is locked out or must change a password is still there.
fn read_okta(node: &Node<'_>, _: &Arc<Source>, rows: &mut Rows) {
    let active = !matches!(node.text_at("status"), Some("DEPROVISIONED" | "SUSPENDED"));
    let names = &["profile>login", "profile>email"];
    rows.members.push(Member { active, ..member("okta-users", Kind::Person, node, names) });
}

/// `GET /api/v1/groups`.
fn read_okta_group(node: &Node<'_>, _: &Arc<Source>, rows: &mut Rows) {
    rows.members.push(member("okta-groups", Kind::Team, node, &["profile>name"]));
}

/// `az ad user list`, `GET /v1.0/users`; `accountEnabled` stands there if it was asked for.
fn read_entra(node: &Node<'_>, _: &Arc<Source>, rows: &mut Rows) {
    let active = node.bool_at("accountEnabled") != Some(false);
    let names = &["userPrincipalName", "mail"];
    rows.members.push(Member { active, ..member("entra-users", Kind::Person, node, names) });
}

/// `az ad group list`.
fn read_entra_group(node: &Node<'_>, _: &Arc<Source>, rows: &mut Rows) {
    rows.members.push(member("entra-groups", Kind::Team, node, &["displayName", "mailNickname"]));
}

/// `aws iam list-users`. Who has used a password is a person; of the others nothing is known.
fn read_iam(node: &Node<'_>, _: &Arc<Source>, rows: &mut Rows) {
    if !node.is_empty_at("PasswordLastUsed") {
        rows.members.push(member("aws-iam-users", Kind::Person, node, &["UserName"]));
    }
}

/// A user of the credential report who may log in at the console is a person.
pub(super) fn read_report_user(node: &Node<'_>, rows: &mut Rows) {
    if node.bool_at("password_enabled") == Some(true) && node.text_at("user") != Some("<root_account>") {
        rows.members.push(member("aws-credential-report", Kind::Person, node, &["user"]));
    }
}

/// `users.list` of the Admin SDK.
fn read_google(node: &Node<'_>, _: &Arc<Source>, rows: &mut Rows) {
    let gone = node.bool_at("suspended") == Some(true) || node.bool_at("archived") == Some(true);
    rows.members
        .push(Member { active: !gone, ..member("google-workspace-users", Kind::Person, node, &["primaryEmail"]) });
}

/// `GET /Users`, RFC 7643 §4.1.
fn read_scim(node: &Node<'_>, _: &Arc<Source>, rows: &mut Rows) {
    let mut member = member("scim-users", Kind::Person, node, &["userName"]);
    member.active = node.bool_at("active") != Some(false);
    for mail in node.at("emails").map(Node::items).unwrap_or_default() {
        member.names.extend(names(mail, &["value"]));
    }
    rows.members.push(member);
}

/// `GET /Groups`, RFC 7643 §4.2.
fn read_scim_group(node: &Node<'_>, _: &Arc<Source>, rows: &mut Rows) {
    rows.members.push(member("scim-groups", Kind::Team, node, &["displayName"]));
}
