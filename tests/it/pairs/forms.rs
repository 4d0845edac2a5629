//! One row per form, numbered as in `docs/forms.md`.

use keyrot::finding::{Confidence, Role, Severity};

use super::{BASE64, PASS, USER, clear, half, scan};

/// Number of the form, path, and text: `{u}` and `{p}` are the halves, `{b}` is the pair in base64.
const ROWS: &[(u8, &str, &str)] = &[
    (1, "deploy.sh", "curl -u {u}:{p} https://api.acme-corp.io/v1\n"),
    (2, "deploy.sh", "curl -u \"{u}:{p}\" https://api.acme-corp.io/v1\n"),
    (2, "deploy.sh", "curl -u '{u}':\"{p}\" https://api.acme-corp.io/v1\n"),
    (2, "run.py", "os.system(\"curl -u {u}:{p} https://api.acme-corp.io/v1\")\n"),
    (2, "Dockerfile", "RUN [\"curl\", \"-u\", \"{u}:{p}\", \"https://api.acme-corp.io\"]\n"),
    (3, "deploy.sh", "curl -u{u}:{p} https://api.acme-corp.io\n"),
    (3, "deploy.sh", "curl -sSu {u}:{p} https://api.acme-corp.io\n"),
    (4, "deploy.sh", "curl --user {u}:{p} https://api.acme-corp.io\n"),
    (4, "deploy.sh", "curl --user={u}:{p} https://api.acme-corp.io\n"),
    (4, "deploy.sh", "curl -U {u}:{p} -x proxy.acme-corp.io https://a.io\n"),
    (4, "deploy.sh", "curl --proxy-user '{u}:{p}' https://a.io\n"),
    (5, "deploy.sh", "curl -X POST \\\n  -H 'Accept: */*' \\\n  -u {u}:{p} \\\n  https://api.acme-corp.io\n"),
    (5, "deploy.cmd", "curl -X POST ^\r\n  -u {u}:{p} ^\r\n  https://api.acme-corp.io\r\n"),
    (5, "deploy.ps1", "curl -X POST `\n  -u {u}:{p} `\n  https://api.acme-corp.io\n"),
    (6, "home/.curlrc", "user = \"{u}:{p}\"\n"),
    (6, "home/.curlrc", "--user {u}:{p}\nuser={u}:{p}\n"),
    (7, "request.txt", "Authorization: Basic {b}\n"),
    (7, "deploy.sh", "curl -H 'Authorization: Basic {b}' https://api.acme-corp.io\n"),
    (8, "client.js", "headers['Authorization'] = \"Basic \" + btoa(\"{u}:{p}\");\n"),
    (8, "client.py", "auth = base64.b64encode(b\"{u}:{p}\")\n"),
    (8, "Client.cs", "var auth = Convert.ToBase64String(Encoding.ASCII.GetBytes(\"{u}:{p}\"));\n"),
    (9, "deploy.sh", "AUTH=$(echo -n {u}:{p} | base64)\n"),
    (9, "deploy.sh", "AUTH=$(printf '%s' '{u}:{p}' | base64 -w0)\n"),
    (10, "config.yml", "endpoint: https://{u}:{p}@api.acme-corp.io/v1\n"),
    (10, "data.json", "{\"endpoint\":\"https:\\/\\/{u}:{p}@api.acme-corp.io\\/v1\"}\n"),
    (11, "app.conf", "DATABASE_URL=postgres://{u}:{p}@db.acme-corp.io/app\n"),
    (11, "app.conf", "broker = amqp://{u}:{p}@mq.acme-corp.io:5672//\n"),
    (11, "app.conf", "uri: mongodb+srv://{u}:{p}@c0.mongo.acme-corp.io/app\n"),
    (11, "app.conf", "url=mysql+pymysql://{u}:{p}@db.acme-corp.io/app\n"),
    (11, "app.conf", "url=jdbc:mysql://db.acme-corp.io/app?user={u}&password={p}&useSSL=true\n"),
    (11, "app.config", "<add connectionString=\"Server=db.acme-corp.io;Database=app;User Id={u};Password={p};\" />\n"),
    (11, "main.go", "sql.Open(\"mysql\", \"{u}:{p}@tcp(db.acme-corp.io:3306)/app\")\n"),
    (11, "app.conf", "url=jdbc:oracle:thin:{u}/{p}@//db.acme-corp.io:1521/app\n"),
    (12, ".git/config", "[remote \"origin\"]\n\turl = https://{u}:{p}@git.acme-corp.io/r.git\n"),
    (13, "home/.git-credentials", "https://{u}:{p}@git.acme-corp.io\n"),
    (14, "home/.netrc", "machine api.acme-corp.io login {u} password {p}\n"),
    (14, "home/_netrc", "machine api.acme-corp.io\n\tlogin {u}\n\taccount x\n\tpassword {p}\n"),
    (14, "home/.netrc", "default login {u} password {p}\n"),
    (15, "home/.pgpass", "db.acme-corp.io:5432:app:{u}:{p}\n"),
    (15, "home/.pgpass", "*:*:*:{u}:{p}\n"),
    (16, "home/.my.cnf", "[client]\nuser={u}\npassword={p}\n"),
    (16, "odbc.ini", "[app]\nServer = db\nUID = {u}\nPWD = {p}\n"),
    (17, "home/.npmrc", "//npm.acme-corp.io/:_auth={b}\n"),
    (18, "home/.yarnrc.yml", "npmAuthIdent: \"{u}:{p}\"\n"),
    (18, "home/.yarnrc.yml", "npmAuthIdent: {b}\n"),
    (19, "home/.pypirc", "[acme]\nrepository = https://pypi.acme-corp.io\nusername = {u}\npassword = {p}\n"),
    (20, "pip.conf", "[global]\nindex-url = https://{u}:{p}@pypi.acme-corp.io/simple\n"),
    (20, "ci.env", "UV_INDEX_ACME_USERNAME={u}\nUV_INDEX_ACME_PASSWORD={p}\n"),
    (20, "pypoetry/auth.toml", "[http-basic.acme]\nusername = \"{u}\"\npassword = \"{p}\"\n"),
    (21, "home/.docker/config.json", "{\"auths\": {\"registry.acme-corp.io\": {\"auth\": \"{b}\"}}}\n"),
    (23, "secret.yaml", "type: kubernetes.io/basic-auth\nstringData:\n  username: {u}\n  password: {p}\n"),
    (24, "deploy.sh", "helm repo add acme https://charts.acme-corp.io --username {u} --password {p}\n"),
    (24, "kubeconfig", "users:\n- name: acme\n  user:\n    username: {u}\n    password: {p}\n"),
    (
        25,
        "settings.xml",
        "<server>\n  <id>acme</id>\n  <username>{u}</username>\n  <password>{p}</password>\n</server>\n",
    ),
    (26, "gradle.properties", "acmeUsername={u}\nacmePassword={p}\n"),
    (26, "build.gradle", "credentials {\n  username = \"{u}\"\n  password = \"{p}\"\n}\n"),
    (27, "build.sbt", "credentials += Credentials(\"Acme\", \"repo.acme-corp.io\", \"{u}\", \"{p}\")\n"),
    (27, "NuGet.config", "<add key=\"Username\" value=\"{u}\" />\n<add key=\"ClearTextPassword\" value=\"{p}\" />\n"),
    (27, "auth.json", "{\"http-basic\": {\"repo.acme-corp.io\": {\"username\": \"{u}\", \"password\": \"{p}\"}}}\n"),
    (27, ".bundle/config", "BUNDLE_GEMS__ACME-CORP__IO: \"{u}:{p}\"\n"),
    (28, "web/.htpasswd", "{u}:{p}\n"),
    (29, "client.py", "requests.get(\"https://api.acme-corp.io\", auth=(\"{u}\", \"{p}\"))\n"),
    (29, "client.py", "auth = HTTPBasicAuth('{u}', '{p}')\n"),
    (29, "client.py", "aiohttp.BasicAuth(\"{u}\", password=\"{p}\")\n"),
    (30, "client.js", "axios.get(url, { auth: { username: '{u}', password: '{p}' } })\n"),
    (30, "client.js", "request.get(url).auth('{u}', '{p}')\n"),
    (30, "client.js", "http.request({ auth: '{u}:{p}' })\n"),
    (31, "Client.java", "new UsernamePasswordCredentials(\"{u}\", \"{p}\");\n"),
    (31, "Client.kt", "Credentials.basic(\"{u}\", \"{p}\")\n"),
    (31, "Client.java", "headers.setBasicAuth(\"{u}\", \"{p}\");\n"),
    (31, "Client.java", "new PasswordAuthentication(\"{u}\", \"{p}\".toCharArray());\n"),
    (31, "Client.kt", "BasicAuthCredentials(username = \"{u}\", password = \"{p}\")\n"),
    (32, "main.go", "req.SetBasicAuth(\"{u}\", \"{p}\")\n"),
    (32, "main.go", "url.UserPassword(\"{u}\", \"{p}\")\n"),
    (32, "main.rs", "client.get(url).basic_auth(\"{u}\", Some(\"{p}\"))\n"),
    (33, "Client.cs", "new NetworkCredential(\"{u}\", \"{p}\");\n"),
    (
        33,
        "run.ps1",
        "$p = ConvertTo-SecureString \"{p}\" -AsPlainText -Force\n$c = New-Object PSCredential(\"{u}\", $p)\n",
    ),
    (34, "client.rb", "req.basic_auth \"{u}\", \"{p}\"\n"),
    (34, "client.rb", "open(url, http_basic_authentication: [\"{u}\", \"{p}\"])\n"),
    (34, "client.php", "curl_setopt($ch, CURLOPT_USERPWD, \"{u}:{p}\");\n"),
    (34, "client.php", "$client->get($url, ['auth' => ['{u}', '{p}']]);\n"),
    (34, "client.pl", "$req->authorization_basic(\"{u}\", \"{p}\");\n"),
    (34, "client.R", "GET(url, authenticate(\"{u}\", \"{p}\"))\n"),
    (35, "deploy.sh", "http -a {u}:{p} https://api.acme-corp.io\n"),
    (35, "deploy.sh", "wget --user={u} --password={p} https://api.acme-corp.io\n"),
    (35, "deploy.sh", "ab -n 10 -A {u}:{p} https://api.acme-corp.io/\n"),
    (35, "deploy.sh", "skopeo copy --src-creds {u}:{p} docker://a docker://b\n"),
    (35, "deploy.sh", "docker login -u {u} -p {p} registry.acme-corp.io\n"),
    (35, "deploy.sh", "mysql -u{u} -p{p} app\n"),
    (35, "deploy.sh", "smbclient //fs/share -U {u}%{p}\n"),
    (35, "deploy.sh", "lftp -u {u},{p} ftp.acme-corp.io\n"),
    (35, "deploy.sh", "ldapsearch -D {u} -w {p} -b dc=acme\n"),
    (35, "deploy.sh", "mongosh -u {u} -p {p} app\n"),
    (35, "deploy.sh", "twine upload -u {u} -p {p} dist/*\n"),
    (35, "deploy.sh", "az login --service-principal -u {u} -p {p} --tenant t\n"),
    (
        36,
        "api.postman_collection.json",
        "{\"auth\":{\"type\":\"basic\",\"basic\":[{\"key\":\"username\",\"value\":\"{u}\",\"type\":\"string\"},{\"key\":\"password\",\"value\":\"{p}\",\"type\":\"string\"}]}}",
    ),
    (
        36,
        "api.postman_collection.json",
        "{\"basic\":[{\"key\":\"password\",\"value\":\"{p}\"},{\"key\":\"username\",\"value\":\"{u}\"}]}",
    ),
    (37, "insomnia.yaml", "authentication:\n  type: basic\n  username: {u}\n  password: {p}\n"),
    (37, "api.bru", "auth:basic {\n  username: {u}\n  password: {p}\n}\n"),
    (37, "api.http", "GET https://api.acme-corp.io\nAuthorization: Basic {u} {p}\n"),
    (37, "api.http", "GET https://api.acme-corp.io\nAuthorization: Basic {u}:{p}\n"),
    (38, "openapi.yaml", "      example: \"Basic {b}\"\n"),
    (39, "play.yml", "    url_username: {u}\n    url_password: {p}\n"),
    (39, "inventory.ini", "web1 ansible_host=10.0.0.1 ansible_user={u} ansible_password={p}\n"),
    (40, "main.tf", "resource \"x\" \"y\" {\n  username = \"{u}\"\n  password = \"{p}\"\n}\n"),
    (
        40,
        "terraform.tfstate",
        "{\"attributes\": {\"master_password\": \"{p}\", \"port\": 5432, \"master_username\": \"{u}\"}}\n",
    ),
    (41, "prod.env", "ACME_USER={u}\nACME_URL=https://acme-corp.io\nACME_PASS={p}\n"),
    (41, "prod.env", "ACME_CLIENT_ID={u}\nACME_CLIENT_SECRET={p}\n"),
    (42, "prod.env", "ACME_API_KEY={u}:{p}\n"),
    (43, "app.yml", "mail:\n  username: {u}\n  password: {p}\n"),
    (43, "app.json", "{\"username\": \"{u}\", \"password\": \"{p}\"}\n"),
    (43, "app.ini", "[mail]\nuser = {u}\npassword = {p}\n"),
    (43, "app.toml", "[mail]\nuser = \"{u}\"\npassword = \"{p}\"\n"),
    (44, ".github/workflows/ci.yml", "env:\n  ACME_USER: {u}\n  ACME_PASS: {p}\n"),
    (44, "credentials.xml", "<username>{u}</username>\n<password>{p}</password>\n"),
    (45, "explore.ipynb", "{\"cells\": [{\"source\": [\"requests.get(url, auth=(\\\"{u}\\\", \\\"{p}\\\"))\\n\"]}]}"),
    (45, "explore.ipynb", "{\"outputs\": [{\"text\": [\"Authorization: Basic {b}\\n\"]}]}"),
    (46, "build.log", "> Authorization: Basic {b}\n"),
    (46, "build.log", "DEBUG client: auth=('{u}', '{p}')\n"),
    (46, "trace.har", "{\"name\": \"Authorization\", \"value\": \"Basic {b}\"}"),
    (47, "home/.zsh_history", ": 1700000000:0;curl -u {u}:{p} https://api.acme-corp.io\n"),
    (48, "init.sql", "CREATE USER {u} IDENTIFIED BY '{p}';\n"),
    (48, "init.sql", "ALTER ROLE {u} WITH PASSWORD '{p}';\n"),
    (49, "notes.txt", "login: {u} / password: {p}\n"),
    (49, "notes.md", "| user | password |\n|------|----------|\n| {u} | {p} |\n"),
];

fn fill(text: &str) -> String {
    text.replace("{u}", USER).replace("{p}", PASS).replace("{b}", BASE64)
}

#[test]
fn every_form_gives_one_pair_with_both_halves_in_place() {
    let mut failures = Vec::new();
    for (number, path, template) in ROWS {
        let text = fill(template);
        let found: Vec<_> = scan(path, &text).into_iter().filter(|one| one.secret.is_some()).collect();
        let shown: Vec<_> =
            found.iter().filter(|one| one.confidence > Confidence::Low && one.severity > Severity::Info).collect();
        let expected = template.matches("{p}").count() + template.matches("{b}").count();
        let right = shown.len() == expected
            && shown.iter().all(|one| {
                let halves = (half(one, Role::User, &text), half(one, Role::Pass, &text));
                // A provider's own rule may know the pass half alone.
                if one.rule.as_str() == "nuget-cleartext-password" {
                    return clear(one) == PASS;
                }
                let placed = template.contains("{b}") || halves == (Some(USER), Some(PASS));
                clear(one) == format!("{USER}:{PASS}") && placed
            });
        if !right {
            let got: Vec<String> = found
                .iter()
                .map(|one| {
                    format!(
                        "{} {} {:?} {:?} {:?}",
                        one.rule,
                        clear(one),
                        one.confidence,
                        half(one, Role::User, &text),
                        half(one, Role::Pass, &text)
                    )
                })
                .collect();
            failures.push(format!("form {number} {path}: {text:?}\n    {got:?}"));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn every_number_has_a_row_or_a_test() {
    // 17 (pass alone in base64), 22 and 23 (twice encoded) and 50 (providers) have tests of their own below.
    for number in 1..=49_u8 {
        assert!(ROWS.iter().any(|row| row.0 == number) || number == 22, "form {number}");
    }
}

#[test]
fn the_page_of_forms_names_every_form_once() {
    let page = include_str!("../../../docs/forms.md");
    let number = |text: &str| text.trim().parse::<u8>().ok();
    let mut named: Vec<u8> = page
        .lines()
        .filter_map(|line| line.strip_prefix("| ")?.split('|').next())
        .flat_map(|cell| cell.split(','))
        .filter_map(|part| match part.split_once('\u{2013}') {
            Some((first, last)) => Some(number(first)?..=number(last)?),
            None => number(part).map(|one| one..=one),
        })
        .flatten()
        .collect();
    named.sort_unstable();
    assert_eq!(named, (1..=50).collect::<Vec<u8>>());
}

#[test]
fn base64_halves_are_the_digits_that_carry_them() {
    let text = fill("Authorization: Basic {b}\n");
    let found = scan("request.txt", &text);
    assert_eq!(half(&found[0], Role::User, &text), Some(&BASE64[..15]));
    assert_eq!(half(&found[0], Role::Pass, &text), Some(&BASE64[16..]));
    assert_eq!(found[0].context.form, Some("basic-header"));
}

#[test]
fn form_17_the_password_alone_is_in_base64() {
    // `inv3nt3d-Passw0rd`
    let encoded = "aW52M250M2QtUGFzc3cwcmQ=";
    let text = format!("//npm.acme-corp.io/:username=ci-bot\n//npm.acme-corp.io/:_password={encoded}\n");
    let text = text.as_str();
    let found = super::shown("home/.npmrc", text);
    assert_eq!(found.iter().map(clear).collect::<Vec<_>>(), ["ci-bot:inv3nt3d-Passw0rd"]);
    assert_eq!(half(&found[0], Role::User, text), Some("ci-bot"));
}

#[test]
fn form_17_auth_holds_both() {
    let found = super::shown("home/.npmrc", "//npm.acme-corp.io/:_auth=Y2ktYm90OmludjNudDNkLVBhc3N3MHJk\n");
    assert_eq!(found.iter().map(clear).collect::<Vec<_>>(), ["ci-bot:inv3nt3d-Passw0rd"]);
}

#[test]
fn form_22_pull_secrets_are_decoded_twice() {
    let config = format!("{{\"auths\":{{\"registry.acme-corp.io\":{{\"auth\":\"{BASE64}\"}}}}}}");
    let outer = data_encoding::BASE64.encode(config.as_bytes());
    let text = format!("kind: Secret\ndata:\n  .dockerconfigjson: {outer}\n");
    let found = super::shown("pull.yaml", &text);
    assert_eq!(found.iter().map(clear).collect::<Vec<_>>(), [format!("{USER}:{PASS}")]);
    let pass = half(&found[0], Role::Pass, &text).expect("it is in the text");
    assert!(outer.contains(pass) && pass.len() > PASS.len());
    assert_eq!(found[0].context.host.as_deref(), Some("registry.acme-corp.io"));
}

#[test]
fn form_23_kubernetes_data_is_decoded() {
    let encode = |text: &str| data_encoding::BASE64.encode(text.as_bytes());
    let (user, pass) = (encode(USER), encode(PASS));
    let text = format!("apiVersion: v1\nkind: Secret\ndata:\n  username: {user}\n  password: {pass}\n");
    let found = super::shown("secret.yaml", &text);
    assert_eq!(found.iter().map(clear).collect::<Vec<_>>(), [format!("{USER}:{PASS}")]);
    assert_eq!(half(&found[0], Role::Pass, &text), Some(pass.as_str()));
}
