//! What looks like a pair and is none, form by form.

use super::paired;

/// Number of the form, path, text.
const TRAPS: &[(u8, &str, &str)] = &[
    (43, "sudo.log", "Apr 14 10:59:01 a sudo: kx7f : TTY=ttyp3 ; PWD=/home/kx7f2mlw ; USER=root ; COMMAND=/bin/ls\n"),
    (43, "auth.php", "'User' => 'Konto',\n'Password' => '<strong>Skift</strong> Adgangskode9',\n"),
    (43, "a.sql", "  KEY `kx7f_oauth2_code9_client_id_no` (`client_id`,`nid`),\n"),
    (27, "a.yml", "- bundle config mirror.https://rubygems.org https://mirrors.acme-corp.io/9tz4hc81bqe/\n"),
    (1, "a.sh", "curl -u name https://a.io\ncurl -u name: https://a.io\ncurl -u : https://a.io\n"),
    (1, "api.json", r#""description": "like this:\n\n```shell\n curl -u username:token\n  https://a.io/x\n```""#),
    (1, "a.sh", "nc -u 10.0.0.1:53\nsort -u a:b\ndocker run -u 1000:1000 img\nuseradd -u 1000 x\n"),
    (
        2,
        "a.sh",
        "curl -u \"$U:$P\" https://a.io\ncurl -u '${U}:${P}' h\ncurl -u \"{{u}}:{{p}}\" h\ncurl -u \"%U%:%P%\" h\n",
    ),
    (2, "a.sh", "U=$1\nP=$(pass show x)\ncurl -u \"$U:$P\" https://a.io\nQ=`cat p`\ncurl -u ci-bot:$Q https://a.io\n"),
    (2, "a.sh", "curl -u \"$U:$P\" https://a.io\nU=kx7fq2mlw9a\nP=9tz4hc81bqe\n"),
    (43, "a.py", "user, password = 'kx7f_'.strip(), getpass()\nuser, password = args.user, args.password\n"),
    (43, "a.py", "def login(user, password, host='9tz4hc81bqe'):\n    user, password = password, user\n"),
    (43, "a.yml", "username: ${DB_USER:root}\npassword: ${DB_PASS:changeme}\nusername: ci\npassword: ${DB_PASS:}\n"),
    (43, "a.yml", "username: kx7fq2mlw9a\npassword: ${DB_PASS:?must be set now}\n"),
    (
        43,
        "a.yml",
        "user: kx7fq2mlw9a\npassword: |\n  9tz4hc81bqe of many\n  lines 7fq2mlw9\nuser: x\npassword: >-\nother: 9tz4hc81bqe\n",
    ),
    (
        43,
        "a.plist",
        "<key>username</key>\n<string>kx7fq2mlw9a</string>\n<key>password</key>\n<string>$(PASSWORD)</string>\n",
    ),
    (43, "a.conf", "user = kx7fq2mlw9a\npassword = ***REMOVED***\nurl = https://kx7fq2mlw9a:***REMOVED***@a.io/x\n"),
    (
        3,
        "a.sh",
        "curl -o u:k7Qx29vLmT2 https://a.io\ncurl -sHu:k7Qx29vLmT2 https://a.io\ncurl -sou:k7Qx29vLmT2 https://a.io\n",
    ),
    (
        4,
        "a.sh",
        "docker exec --user 9tz4hc81:bqe55x img\npip install --user=9tz4hc81:bqe55x x\nrsync --chown -u 9tz4hc81:bqe55x a b\n",
    ),
    (5, "a.sh", "curl https://a.io | docker run -u 9tz4hc81:bqe55x img\ncurl https://a.io && su -u 9tz4hc81:bqe55x\n"),
    (11, "a.ps1", "$cs = \"Server=tcp:db.acme-corp.dev;Uid=sa;Pwd=$env:DBPASS\"\n"),
    (43, "a.json", "[{\"username\": \"kx7f\", \"password\": \"md5$seasalt$1e9bf2bf5606aa5c39852cc30f0f6f22\"}]\n"),
    (4, "a.yml", "query: curl -s http://oap:9090/api/v1/query -d 'x=1&end='$(date -u +%Y-%m-%dT%H:%M:%S.111Z) | jq\n"),
    (
        43,
        "secrets.json",
        "{\"smtp_username\": \"kx7f\", \"smtp_password\": \"EJ[1:b7A3qs6f9TQ3YGMNpycH0heHfjzUW160JLgA5HCLw34=:g6GR5S6shp==]\"}\n",
    ),
    (
        8,
        "a.go",
        "// basic auth\nheader := base64.RawURLEncoding.EncodeToString([]byte(`{\"typ\":\"JWT\",\"alg\":\"RS256\"}`))\n",
    ),
    (
        43,
        "i18n_global_ar.properties",
        "login_username=\\u0627\\u0633\\u0645\nlogin_password=\\u0643\\u0644\\u0645\\u0629 \\u0627\\u0644\n",
    ),
    (
        43,
        "a.txt",
        "User-Name = \"steve\", User-Password = \"M(\\315},Cn\\352\\025\\365\\200X\\236;4\\212\", Port = 1\n",
    ),
    (43, "a.cpp", "s = \"user=mt_user password=mt_password dbname=x\";\n"),
    (
        24,
        "README",
        "if (!www_authenticate(\"$td\", \"subscriber\")) {\n  proxy_authenticate(\"realm\", \"subscriber\");\n",
    ),
    (24, "README", "if (arnacon_authenticate(\"$fU\", \"$hdr(X-Data)\", \"$hdr(X-Sign)\")) {\n"),
    (4, "a.yml", "command: sqlcmd -U sa -P $$SA_PASSWORD -d tempdb\n"),
    (4, "a.sh", "curl --user-agent kx7fq2:9tz4hc81bqe https://a.io\n"),
    (5, "a.sh", "curl https://a.io; docker run -u 9tz4hc81:bqe55x img\ncurl x | sudo -u 9tz4hc81:bqe55x y\n"),
    (6, "home/.curlrc", "# user = \"$U:$P\"\nuser-agent = \"kx7fq2mlw9a/9tz4hc81bqe\"\n"),
    (
        7,
        "a.txt",
        "WWW-Authenticate: Basic realm=\"kx7fq2mlw9a\"\nAuthorization: Basic ...\nAuthorization: Basic <b64>\n",
    ),
    (
        7,
        "a.txt",
        "Authorization: Basic ${B}\nAuthorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==\nbasic authentication is simple\n",
    ),
    (7, "a.txt", "Authorization: Basic eyJhbGciOiJIUzI1NiJ9\n"),
    (7, "test1", "Authorization: Basic %b64[kx7fq2mlw9a:9tz4hc81bqe]b64%\n"),
    (7, "a.rb", "\"Basic #{::Base64.encode64(\"a:b\")}\"\nAuthorization: Basic #{::Base64.encode64(x)}\n"),
    (10, "a.md", "urls = https://amqp.acme-corp.io:15672,queue=telegraf,vhost=x@rabbit\n"),
    (30, "values.yaml", "auth: \"http://swift.acme-corp.io:8080/auth/v1.0\"\n"),
    (41, "a.ini", "esxi_user = @ESXI1_USERNAME\nesxi_password = @ESXI1_PASSWORD\n"),
    (8, "a.js", "btoa(`${user}:${pass}`)\nbtoa(user + ':' + pass) // auth\n"),
    (9, "a.md", "echo -n \"user:password\" | base64\n"),
    (10, "a.md", "http://host:8080/@scope/pkg\ngit@h.io:org/repo\nsee http://a.io?mail=x:y@b.io\nhttp://a:12:30 x@y\n"),
    (10, "a.md", "see http://a.example/x and time 12:30 mail me@b.example\n"),
    (11, "compose.yml", "DATABASE_URL=postgres://postgres:postgres@localhost/db\namqp://guest:guest@rabbit\n"),
    (
        11,
        "a.py",
        "f\"Server=db;Uid={user};Pwd={os.environ['PASS, or none;']};\" f\"Server=db;Uid={user};Pwd={password};\"\n",
    ),
    (11, "app.config", "connectionString=\"Server=db;User Id=sa;Password=${PASSWORD};\"\n"),
    (12, ".git/config", "url = https://x-access-token:${{ github.token }}@github.com/a/b\n"),
    (14, "a.md", "machine learning login flows need a password policy\nmachine h login u password <token>\n"),
    (15, "home/.pgpass", "# host:port:db:user:pass\nnot:a:pgpass\n"),
    (16, "home/.my.cnf", "[client]\nuser=\npassword=\n"),
    (17, "home/.npmrc", "//registry.npmjs.org/:_authToken=${NPM_TOKEN}\n//h/:_auth=${AUTH}\n"),
    (18, "home/.yarnrc.yml", "npmAuthIdent: \"${USER}:${PASS}\"\n"),
    (19, "home/.pypirc", "[pypi]\nusername = __token__\npassword = <token>\n"),
    (21, "config.json", "{\"auths\": {\"h\": {\"auth\": \"\"}}, \"credsStore\": \"desktop\"}\n"),
    (22, "pull.yaml", "data:\n  .dockerconfigjson: {{ template \"x\" . | b64enc }}\n"),
    (23, "secret.yaml", "stringData:\n  username: kx7fq2mlw9a\n  password: ENC[AES256_GCM,data:Kx7fq2mlw9a==]\n"),
    (
        23,
        "external.yaml",
        "kind: ExternalSecret\nspec:\n  data:\n  - secretKey: username\n    remoteRef:\n      key: apps/kx7fq2mlw9a\n  - secretKey: password\n    remoteRef:\n      key: apps/9tz4hc81bqe\n",
    ),
    (
        24,
        "a.sh",
        "helm repo add a https://c.acme-corp.io --username \"$U\" --password \"$P\"\nhelm install -p 8443:443 x\n",
    ),
    (24, "kubeconfig", "users:\n- name: x\n  user:\n    username: kx7fq2mlw9a\n    password: REDACTED\n"),
    (
        25,
        "settings.xml",
        "<username>kx7fq2mlw9a</username>\n<password>{COQLCE6DU6GtcS5P=}</password>\n<password>${env.X}</password>\n",
    ),
    (
        26,
        "build.gradle",
        "credentials {\n  username = findProperty(\"u\")\n  password = System.getenv(\"9tz4hc81bqe\")\n}\n",
    ),
    (
        27,
        "NuGet.config",
        "<add key=\"Username\" value=\"kx7fq2mlw9a\" />\n<add key=\"Password\" value=\"AQAAANCMnd8BFdERjHoAwE/Cl+sBAAAA9tz4hc81bqe=\" />\n",
    ),
    (
        28,
        "web/.htpasswd",
        concat!("ci-bot:$apr1", "$x7Kq2mLw$9tz4hc81bqe7fq2mlw9akx\nci-bot:{SHA", "}W6ph5Mm5Pz8GgiULbPgzG37mj9g=\n"),
    ),
    (32, "a.go", "req.SetBasicAuth(user, pass)\nurl.UserPassword(cfg.User, os.Getenv(\"PASS_OF_9TZ\"))\n"),
    (32, "a.rs", "client.get(url).basic_auth(user, Some(pass))\n.basic_auth(\"ci-bot\", None::<&str>)\n"),
    (
        33,
        "a.ps1",
        "$p = Read-Host -AsSecureString\n$c = New-Object PSCredential(\"ci-bot\", $p)\nConvertTo-SecureString $env:P -AsPlainText -Force\n",
    ),
    (34, "a.rb", "req.basic_auth ENV['U'], ENV['P']\nhttp_basic_authentication: [user, pass]\n"),
    (
        34,
        "a.php",
        "curl_setopt($ch, CURLOPT_USERPWD, \"$user:$pass\");\n$client->get($url, ['auth' => [$user, $pass]]);\n",
    ),
    (38, "openapi.yaml", "      example: \"Basic dXNlcm5hbWU6cGFzc3dvcmQ=\"\n      example: Basic <base64>\n"),
    (29, "a.py", "requests.get(u, auth=(USER, PASS))\nrequests.get(u, auth=(\"ci-bot\", os.environ[\"P\"]))\n"),
    (
        30,
        "a.ts",
        "const form = { username: \"\", password: \"\" };\nconst t = { username: 'Username', password: 'Password' };\n",
    ),
    (31, "A.java", "withUser(\"user\").password(\"password\").roles(\"USER\")\n"),
    (35, "a.sh", "docker run -p 8080:80 img\nmkdir -p a/b\nssh -p 22 h\nmysql -u root -p\nredis-cli -h localhost\n"),
    (
        35,
        "a.sh",
        "rabbitmqctl add_user bob --pre-hashed-password\nrabbitmqctl -- add_user \"bob\" \"BMT6cj/MsI+4UOBtsPPQWpQfk7ViRLj4\" --pre-hashed-password\n",
    ),
    (28, "people.ldif", concat!("uid: kx7fq2mlw9a\nuserPassword: {SSHA", "}UH+LmoEhWWW6s9rjgdpqHPI0qCMouY8+\n")),
    (
        16,
        "rabbitmq.conf",
        concat!("default_user = kx7fq2mlw9a\ndefault_pa", "ss = encrypted:F/bjQkteQENB4rMUXFKdgsJEpYMXYLzBY/AmcYG8\n"),
    ),
    (36, "a.json", "[{\"key\":\"username\",\"value\":\"{{user}}\"},{\"key\":\"password\",\"value\":\"{{pass}}\"}]"),
    (37, "a.http", "Authorization: Basic {{user}} {{pass}}\n"),
    (
        39,
        "play.yml",
        "url_username: kx7fq2mlw9a\nurl_password: \"{{ lookup('env', 'P') }}\"\nother_password: !vault |\n  $ANSIBLE_VAULT;1.1;AES256\n",
    ),
    (40, "main.tf", "username = \"kx7fq2mlw9a\"\npassword = var.password\n"),
    (40, "main.tf", "username = \"kx7fq2mlw9a\"\npassword = random_password.db.result\n"),
    (41, ".env.example", "ACME_USER=user\nACME_PASS=changeme\nACME_TOKEN=\n"),
    (42, "a.env", "PATH=/a:/b\nDISPLAY=:0\nIMAGE=repo/app:1.2.3\nDB=localhost:5432\nAPI_KEY_URL=https://a.io:8443\n"),
    (42, "a.env", "LS_COLORS=di=01;34:ln=01;36:*.tar=01;31\nJAVA_OPTS=-Xmx1g -javaagent:/a/b.jar=key:9tz4hc81bqe\n"),
    (
        43,
        "crd.yaml",
        "properties:\n  username:\n    description: Username of the registry\n    type: string\n  password:\n    description: Password of the registry\n    type: string\n",
    ),
    (
        45,
        "a.ipynb",
        "{\"outputs\": [{\"data\": {\"image/png\": \"iVBORw0KGgoAAAANSUhEUgAAu9tz4hc81bqe/kx7fq2mlw9aAuthBasic+a3g3ZnEybWx3OWE6OXR6NGhjODFicWU=\\n\"}}]}",
    ),
    (
        48,
        "a.sql",
        "ALTER ROLE reporter PASSWORD 'SCRAM-SHA-256$4096:kx7fq2mlw9akx7fq2mlw9a==$9tz4hc81bqe9tz4hc81bqe:7fq2=';\n",
    ),
    (43, "schema.yml", "properties:\n  username:\n    type: string\n  password:\n    type: string\n"),
    (43, "en.yml", "login:\n  username: Username\n  password: Password\n"),
    (43, "app.yml", "one:\n  username: kx7fq2mlw9a\ntwo:\n  password: Password\n"),
    (44, "ci.yml", "env:\n  ACME_USER: kx7fq2mlw9a\n  ACME_PASS: ${{ secrets.P }}\nrun: docker login -u $U -p $P\n"),
    (
        35,
        "ci.yml",
        "run: printf '%s\\n' \"${{ secrets.P }}\" | docker login -u \"${{ secrets.U }}\" --password-stdin\n",
    ),
    (44, "credentials.xml", "<password>{AQAAABAAAAAgKx7fq2mlw9a9tz4hc81bqe=}</password>\n"),
    (46, "a.log", "Authorization: Basic ***\nAuthorization: Basic [REDACTED]\n"),
    (47, "home/.zsh_history", ": 1700000000:0;ls -la\n"),
    (10, "test1", "imap://user.one:secret;AUTH=XOAUTH2@%HOSTIP/%TESTNUMBER/\n"),
    (11, "a.cs", "Create($\"postgresql://{UserName:uri}@{HostName}\")\n"),
    (11, "a.py", "data = f\"user={quote(username, safe='')}&password={quote(password, safe='')}\"\n"),
    (
        14,
        "home/.netrc",
        "machine h login daniel password $y$j9T$WUVjiVvDbRAWafDLs6cab1$01NX.oaZKf5lw8MR2Nk9Yaxv4CqbE0IaDF.Gp\n",
    ),
    (
        39,
        "a.php",
        "return ['client_id' => 'mautic.sugarcrm.form.clientkey', 'client_secret' => 'mautic.sugarcrm.form.clientsecret'];\n",
    ),
    (29, "a.php", "'auth' => [ 'aws.auth#sigv4a', 'aws.auth#sigv4', ],\n"),
    (29, "a.php", "'enum' => [ 'NO_AUTH', 'BASIC_AUTH', 'PERSONAL_ACCESS_TOKEN', 'CODECONNECTIONS', ],\n"),
    (29, "a.py", "digest_auth_algo = (\"MD5\", \"SHA-256\", \"SHA-512\")\n"),
    (30, "a.py", "has_rule(\"auth\", \"required\", \"/lib64/security/pam_duo.so\")\n"),
    (30, "a.cs", "'geometry_columns_auth',\n'views_geometry_columns', 'views_geometry_statistics',\n"),
    (30, "a.go", "// values: 'V1DestinationAuth', 'TypeBasicBlobStorage', 'TypeBasicManagedIdentity'\n"),
    (35, "a.go", "//go:generate tool -service-package-name mysql -properties \"name,resource_group_name\"\n"),
    (
        40,
        "a.md",
        "username = data.acme_cluster.main.kube_config[0].username\npassword = data.acme_cluster.main.kube_config[0].password\n",
    ),
    (40, "a_test.go", "  admin_user = \"testadmin%d\"\n  admin_password = \"Password9!%[1]d\"\n"),
    (
        41,
        "a.json",
        "{\"client_id\":\"kx7fq2mlw9a\",\"uri\":\"https://a.io/o/oauth2/token\",\"provider_x509_cert_url\":\"https://a.io/certs\"}",
    ),
    (41, "Tests.java", "KAFKA_PLAIN_USER = \"plain-user2\";\nKAFKA_PLAIN_PASSWORD = \"plain-user2-pass\";\n"),
    (
        41,
        "env.go",
        "const (\n\tEnvAdminUsername = \"ACME_E2E_ADMIN_USERNAME\"\n\tEnvAdminPassword = \"ACME_E2E_ADMIN_PASSWORD\"\n)\n",
    ),
    (43, "db.yml", concat!("my_user: reporter\nmy_pass", ": 'md5d5e044ccd9b4b8adc89e8fed2eb0db8a'\n")),
    (43, "ui/login_da.properties", concat!("User=Brugernavn\nPassword=", "Lozinka\n")),
    (
        43,
        "ui/login_ru.properties",
        "User=\u{41b}\u{43e}\u{433}\u{438}\u{43d}\nPassword=\u{41f}\u{430}\u{440}\u{43e}\u{43b}\u{44c}\n",
    ),
    (49, "a.md", "username: your name, password: your password\n| user | password |\n|---|---|\n| admin | secret |\n"),
];

#[test]
fn every_trap_stays_silent() {
    let mut failures = Vec::new();
    for (number, path, text) in TRAPS {
        for one in paired(path, text) {
            failures.push(format!("form {number} {path}: {} {} in {text:?}", one.rule, super::clear(&one)));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn every_form_that_has_traps_is_tried() {
    // A store of git's holds nothing but logins (13), addresses of indexes have the traps of addresses (20), and tokens that are
    // pairs are told by their shape (50).
    let without: Vec<u8> = (1..=50).filter(|number| !TRAPS.iter().any(|trap| trap.0 == *number)).collect();
    assert_eq!(without, [13, 20, 50]);
}

#[test]
fn sealed_values_are_no_halves() {
    let sealed = |seed: &[u8]| {
        let rest: Vec<u8> = (0..=u8::MAX)
            .cycle()
            .take(560)
            .zip(seed.iter().cycle())
            .map(|(at, byte)| byte.wrapping_mul(31) ^ at)
            .collect();
        data_encoding::BASE64.encode(&[&[2, 0], rest.as_slice()].concat())
    };
    let (user, pass) = (sealed(b"one"), sealed(b"another"));
    let text = format!("kind: SealedSecret\nspec:\n  encryptedData:\n    username: {user}\n    password: {pass}\n");
    assert!(super::shown("sealed.yaml", &text).is_empty());
}

/// Values with colons that are no pairs, in the places where pairs stand.
#[test]
fn colons_of_other_kinds_are_no_pairs() {
    for value in [
        "12:30:45",
        "16:9",
        "localhost:5432",
        "0.0.0.0:80",
        "127.0.0.1:8080:80/tcp",
        "[::1]:443",
        "fe80:0:0:1",
        "urn:isbn:0451450523",
        "arn:aws:iam::111122223333:user/x",
        "repo/app:1.2.3",
        "name@sha256:9f86d081884c7d65",
        "com.acme:lib:1.2.3",
        "host:path/to",
        "C:\\Users\\x",
        "a::b",
        "INFO:root",
        "repo:status",
        "workspace.file:upload",
        "s3:GetObject",
        "sha256:9f86d081884c7d659a2f",
    ] {
        for text in [
            format!("ACME_API_KEY={value}\n"),
            format!("credentials: {value}\n"),
            format!("alphamoon uses {value} here\n"),
        ] {
            assert!(paired("a.yml", &text).is_empty(), "{text}");
        }
    }
}
