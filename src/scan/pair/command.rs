//! Command lines: curl and its config files, and the other tools that take a user and a password as flags.

use super::lexer::{self, at};
use super::tool::{self, Tool};
use super::word::{self, Word};
use super::{Form, Half, Pair, Site, transport, variable};
use crate::finding::Span;

/// What announces a command line.
pub const KEYWORDS: &[&str] = &[
    "curl",
    "http -a",
    "https -a",
    " --auth",
    " -a ",
    "-creds",
    " --creds",
    "--pass",
    "--http-pass",
    "--docker-pass",
    "docker login",
    "podman login",
    "skopeo login",
    "buildah login",
    "nerdctl login",
    "registry login",
    "oras login",
    "az login",
    "oc login",
    "cf login",
    "crane auth",
    "mysql ",
    "mysqldump",
    "mysqladmin",
    "mariadb ",
    "mongosh",
    "mongo ",
    "mongodump",
    "mongorestore",
    "sshpass",
    "smbclient",
    "lftp",
    "ldapsearch",
    "ldapadd",
    "ldapmodify",
    "ldapdelete",
    "ldapwhoami",
    "redis-cli",
    "twine upload",
    "sqlcmd",
    "rabbitmqctl",
    "htpasswd",
    "cqlsh",
    "conan user",
    "conan remote",
    "dotnet nuget",
    "http-basic.",
    "bundle config",
    " -password ",
];

/// Flags by which a tool of LDAP or FTP asks for encryption on an address that does not name it.
const UPGRADES: &[&str] = &["-Z", "-ZZ", "--ssl", "--ssl-reqd", "--ftp-ssl", "--ftp-ssl-reqd"];
const CURL: Form = Form::sure("curl-user");
const CONFIG: Form = Form::sure("curl-config");
const TOOL: Form = Form::sure("command-credentials");
const FLAGS: Form = Form::likely("command-flags");

/// How far back a command may have begun on continued lines.
const LONGEST_BACK: usize = 1500;

/// Reads the command around the hit.
pub fn read(site: Site<'_>, hit: Span, found: &mut Vec<Pair>) {
    let text = site.text;
    let word = hit.of(text);
    let flag = matches!(word[0], b'-' | b' ');
    let start = if flag { command_start(text, hit.start) } else { word_start(text, hit.start) };
    if !flag && start > 0 && (!begins_command(text, start) || is_value_of_flag(text, start)) {
        return;
    }
    if matches!(word, b"http-basic." | b"bundle config") {
        return read_setting(text, hit, found);
    }
    let words =
        list_words(text, start).or_else(|| item_words(text, start)).unwrap_or_else(|| word::command(text, start));
    let words = match words.first() {
        Some(first) if flag && tool::named(tool::name(first)).is_none() => skip_to_tool(&words, hit),
        _ => &words[..],
    };
    read_words(site, words, flag, found);
}

fn begins_command(text: &[u8], start: usize) -> bool {
    !matches!(text[start - 1], b'_' | b'-' | b'.' | b'@' | b':' | b'=') || text[start - 1] == b'='
}

/// Whether the word is what another command's flag asks for: `-service-package-name mysql`.
fn is_value_of_flag(text: &[u8], start: usize) -> bool {
    const SHORTEST: usize = 4;
    let line = &text[lexer::line_start(text, start, 200)..start];
    let before = line.trim_ascii_end();
    let word = before.rsplit(u8::is_ascii_whitespace).next().unwrap_or_default();
    before.len() < line.len() && word.starts_with(b"-") && word.len() >= SHORTEST
}

/// Back over the path of the tool.
fn word_start(text: &[u8], from: usize) -> usize {
    let mut start = from;
    while start > 0 && from - start < 100 && (lexer::in_name(text[start - 1]) || text[start - 1] == b'/') {
        start -= 1;
    }
    start
}

/// Back to the line's start, over continued lines, but not over the end of another command.
fn command_start(text: &[u8], from: usize) -> usize {
    let floor = from.saturating_sub(LONGEST_BACK);
    let mut start = lexer::line_start(text, from, LONGEST_BACK);
    while start > floor + 2 && continued(text, start) {
        start = lexer::line_start(text, start - 1, LONGEST_BACK);
    }
    let cut = text[start..from].iter().rposition(|byte| matches!(byte, b'|' | b';' | b'`'));
    let mut start = cut.map_or(start, |cut| start + cut + 1);
    while start < from
        && (text[start].is_ascii_whitespace() || matches!(text[start], b'$' | b'>' | b'-' | b'(' | b'"' | b'\''))
    {
        start += 1;
    }
    start
}

fn continued(text: &[u8], line: usize) -> bool {
    let before = &text[line.saturating_sub(40)..line];
    matches!(before.trim_ascii_end().last(), Some(b'\\' | b'^' | b'`'))
}

/// The words from the one whose tool is known, or all up to the flag's own command.
fn skip_to_tool(words: &[Word], hit: Span) -> &[Word] {
    let before = words.iter().take_while(|word| word.whole().start <= hit.start).count();
    let tool =
        words[..before].iter().rposition(|word| tool::named(tool::name(word)).is_some_and(|tool| tool.verb.is_empty()));
    &words[tool.unwrap_or(0)..]
}

fn read_words(site: Site<'_>, words: &[Word], flag: bool, found: &mut Vec<Pair>) {
    let Some(first) = words.first() else { return };
    let name = tool::name(first);
    let tool = tool::of(words);
    if tool.is_none() && !flag && !matches!(name, "rabbitmqctl" | "htpasswd") {
        return;
    }
    if !flag && matches!(name, "rabbitmqctl" | "htpasswd") {
        return read_positional(words, found);
    }
    let mut reading =
        Reading { curl: name.starts_with("curl"), tool: tool.unwrap_or(&tool::NONE), flag, ..Reading::default() };
    let mut index = 1;
    while index < words.len() {
        index += reading.word(&words[index], words.get(index + 1));
    }
    reading.finish(site, words, found);
}

/// What was read of one command.
struct Reading {
    curl: bool,
    tool: &'static Tool,
    flag: bool,
    pairs: Vec<Word>,
    user: Option<Word>,
    pass: Option<Word>,
    unchecked: Option<Span>,
    host: Option<String>,
    cleartext: Option<Span>,
}

impl Default for Reading {
    fn default() -> Self {
        Self {
            curl: false,
            tool: &tool::NONE,
            flag: false,
            pairs: Vec::new(),
            user: None,
            pass: None,
            unchecked: None,
            host: None,
            cleartext: None,
        }
    }
}

impl Reading {
    /// Takes in one word, and the next if it is its value; returns how many were used.
    fn word(&mut self, word: &Word, next: Option<&Word>) -> usize {
        let text = word.as_str();
        // NuGet and PowerShell write long flags with one dash.
        let dashed = |flag: &str| text.eq_ignore_ascii_case(flag);
        if text.starts_with("--") || dashed("-username") || dashed("-password") {
            return self.long(word, next);
        }
        if text.starts_with('-') && text.len() > 1 {
            return self.short(word, next);
        }
        if let Some(place) = text.find("://") {
            self.host = super::host::of_url(text.as_bytes(), place).map(|found| found.0).or(self.host.take());
            if transport::starts_in_clear(text.as_bytes()) {
                self.cleartext = Some(word.span(0, place + 3));
            }
        } else if self.curl && self.host.is_none() && text.contains('.') && !text.contains(['=', '{', '@', ' ']) {
            self.host = text.split('/').next().map(str::to_owned);
        }
        1
    }

    fn long(&mut self, word: &Word, next: Option<&Word>) -> usize {
        let text = word.as_str();
        let (name, inline) = match text.find('=') {
            Some(equals) => (&text[..equals], Some(word.tail(equals + 1))),
            None => (text, None),
        };
        if matches!(
            name,
            "--insecure"
                | "--no-check-certificate"
                | "--proxy-insecure"
                | "--tls-verify"
                | "--insecure-skip-tls-verify"
        ) {
            let off = name != "--tls-verify" || inline.as_ref().is_some_and(|value| value.bytes == b"false");
            self.unchecked = off.then(|| word.whole());
            return 1;
        }
        let name = name.to_ascii_lowercase();
        let name = name.as_str();
        let both = tool::LONG_BOTH.contains(&name) || (self.curl && matches!(name, "--user" | "--proxy-user"));
        if !both && !tool::LONG_USER.contains(&name) && !tool::LONG_PASS.contains(&name) {
            return 1;
        }
        let used = if inline.is_some() { 1 } else { 2 };
        let Some(value) = inline.or_else(|| next.cloned()) else { return 1 };
        if both {
            self.pairs.push(value);
        } else if tool::LONG_USER.contains(&name) {
            self.user = Some(value);
        } else {
            self.pass = Some(value);
        }
        used
    }

    fn short(&mut self, word: &Word, next: Option<&Word>) -> usize {
        if !self.curl {
            return self.short_of_tool(word, next);
        }
        // A cluster of curl's flags ends at the first that takes a value.
        for (index, &letter) in word.bytes.iter().enumerate().skip(1) {
            if letter == b'k' {
                self.unchecked = Some(word.whole());
            }
            if tool::CURL_VALUED.contains(&letter) {
                let glued = index + 1 < word.bytes.len();
                if matches!(letter, b'u' | b'U') {
                    self.pairs.extend(if glued { Some(word.tail(index + 1)) } else { next.cloned() });
                }
                return if glued { 1 } else { 2 };
            }
        }
        1
    }

    fn short_of_tool(&mut self, word: &Word, next: Option<&Word>) -> usize {
        let letter = word.bytes[1];
        let known = |letters: &[u8]| letters.contains(&letter);
        if !known(self.tool.both) && !known(self.tool.user) && !known(self.tool.pass) {
            return 1;
        }
        let glued = word.bytes.len() > 2;
        // MySQL's `-p` without a glued value asks for the password.
        if !glued
            && letter == b'p'
            && self.tool.names[0] == "mysql"
            && !matches!(next, Some(next) if !next.bytes.starts_with(b"-"))
        {
            return 1;
        }
        // Flags of Go's tools may be joined by an equals sign.
        let joined = usize::from(word.bytes.get(2) == Some(&b'='));
        let value = if glued { Some(word.tail(2 + joined)) } else { next.cloned() };
        let value = value.filter(|value| glued || !value.bytes.starts_with(b"-"));
        let used = if glued || value.is_none() { 1 } else { 2 };
        if known(self.tool.both) {
            self.pairs.extend(value);
        } else if known(self.tool.user) {
            self.user = value;
        } else {
            self.pass = value;
        }
        used
    }

    fn finish(mut self, site: Site<'_>, words: &[Word], found: &mut Vec<Pair>) {
        let mut pairs = Vec::new();
        if self.pass.is_none() && words.iter().any(|word| word.bytes == b"--password-stdin") {
            self.pass = piped(site.text, words[0].whole().start);
        }
        let form = if self.curl { CURL } else { TOOL };
        for word in &self.pairs {
            pairs.extend(variable::split(site, form, word).or_else(|| split_at(form, word, self.tool.separator)));
        }
        let half = |word: &Word| variable::half(site, word);
        let mysql_prompt =
            self.tool.names.first() == Some(&"mysql") && self.pass.as_ref().is_some_and(|pass| !glued(site, pass));
        if let Some(pass) = self.pass.as_ref().filter(|pass| !pass.bytes.is_empty() && !mysql_prompt) {
            let form = if self.tool.names.is_empty() { FLAGS } else { TOOL };
            if self.user.is_some() || !self.tool.names.is_empty() || self.flag {
                pairs.push(Pair::new(form, self.user.as_ref().map(half), half(pass)));
            }
        }
        let registry = words.iter().rev().find(|word| word.bytes.contains(&b'.') && !word.bytes.starts_with(b"-"));
        for mut pair in pairs {
            pair.host = self.host.clone().or_else(|| {
                let name = registry?.as_str();
                let name = name.rsplit('@').next().unwrap_or(name).split('/').next().unwrap_or(name);
                (name.len() > 3 && name.bytes().all(|byte| lexer::in_name(byte) || byte == b':'))
                    .then(|| name.to_owned())
            });
            let upgraded = words.iter().any(|word| UPGRADES.contains(&word.as_str()));
            pair.cleartext = self.cleartext.filter(|span| span.of(site.text).starts_with(b"http") || !upgraded);
            pair.complete = true;
            pair.unchecked = self.unchecked;
            found.push(pair);
        }
    }
}

/// What `echo p |` or `printf '%s' p |` sends to the command at `start`.
fn piped(text: &[u8], start: usize) -> Option<Word> {
    let line = lexer::line_start(text, start, 300);
    let before = text[line..start].trim_ascii_end().strip_suffix(b"|")?;
    let place = [b"echo ".as_slice(), b"printf "].iter().filter_map(|tool| lexer::find(before, tool)).max()?;
    let words = word::command(text, line + place);
    words.into_iter().skip(1).find(|word| !word.bytes.starts_with(b"-") && lexer::find(&word.bytes, b"%s").is_none())
}

/// Whether the value is glued to its flag, or belongs to a long flag.
fn glued(site: Site<'_>, value: &Word) -> bool {
    let start = value.whole().start;
    start > 0
        && !matches!(site.text[start - 1], b' ' | b'\t')
        && !(matches!(site.text[start - 1], b'"' | b'\'')
            && matches!(at(site.text, start.wrapping_sub(2)), b' ' | b'\t'))
}

fn split_at(form: Form, word: &Word, separator: u8) -> Option<Pair> {
    if separator == b':' {
        return Pair::split(form, word);
    }
    let place = word.bytes.iter().position(|&byte| byte == separator)?;
    let user = Half::new(word.span(0, place), &word.bytes[..place]);
    let pass = word.tail(place + 1);
    (!pass.bytes.is_empty()).then(|| Pair::new(form, Some(user), Half::new(pass.whole(), &pass.bytes)))
}

/// `rabbitmqctl add_user u p` and `htpasswd -b file u p`.
fn read_positional(words: &[Word], found: &mut Vec<Pair>) {
    let place = words.iter().position(|word| match word.as_str() {
        "add_user" | "change_password" => true,
        flags => words[0].as_str().ends_with("htpasswd") && flags.starts_with('-') && flags.contains('b'),
    });
    let Some(place) = place else { return };
    let file = usize::from(words[0].as_str().ends_with("htpasswd") && !words[place].as_str().contains('n'));
    let hashed = words.iter().any(|word| word.as_str() == "--pre-hashed-password");
    if let (Some(user), Some(pass), false) = (words.get(place + 1 + file), words.get(place + 2 + file), hashed) {
        let half = |word: &Word| Half::new(word.whole(), &word.bytes);
        found.push(Pair::new(TOOL, Some(half(user)), half(pass)));
    }
}

/// `["curl", "-u", "a:b"]`: the words of a list of literals.
fn list_words(text: &[u8], start: usize) -> Option<Vec<Word>> {
    let quote = start.checked_sub(1).map(|place| text[place]).filter(|byte| matches!(byte, b'"' | b'\''))?;
    let first = lexer::literal(text, start - 1)?;
    if first.quote != quote || at(text, lexer::white(text, first.end)) != b',' {
        return None;
    }
    let mut words = Vec::new();
    let mut place = start - 1;
    while words.len() < 60 {
        let Some(literal) = lexer::literal(text, place) else { break };
        words.push(Word::plain(text, literal.inner));
        place = lexer::white(text, literal.end);
        if at(text, place) != b',' {
            break;
        }
        place = lexer::white(text, place + 1);
    }
    (words.len() > 1 && !words[0].bytes.contains(&b' ')).then_some(words)
}

/// `poetry config http-basic.acme u p`, `composer config http-basic.h u p`, `bundle config set --global h u:p`.
fn read_setting(text: &[u8], hit: Span, found: &mut Vec<Pair>) {
    let start = if text[hit.start] == b'h' { hit.start } else { hit.end };
    let line = &text[lexer::line_start(text, hit.start, 200)..hit.start];
    if text[hit.start] == b'h' && lexer::find(line, b" config ").is_none() {
        return;
    }
    let words = word::command(text, lexer::blanks(text, start));
    let mut words = words.iter().filter(|word| !word.bytes.starts_with(b"-") && word.bytes != b"set");
    let (Some(key), Some(first)) = (words.next(), words.next()) else { return };
    let half = |word: &Word| Half::new(word.whole(), &word.bytes);
    let pair = match words.next() {
        Some(pass) if text[hit.start] == b'h' => Some(Pair::new(TOOL, Some(half(first)), half(pass))),
        // `bundle config mirror.https://rubygems.org https://…`: an address and no login.
        _ if memchr::memmem::find(&first.bytes, b"://").is_some() => None,
        _ => Pair::split(TOOL, first).filter(|pair| pair.user.is_some() && key.bytes.contains(&b'.')),
    };
    let host = key.as_str().trim_start_matches("http-basic.");
    found.extend(pair.map(|pair| Pair { host: host.contains('.').then(|| host.to_owned()), ..pair }));
}

/// The words of a list in YAML, each an item on a line of its own: `- curl`, `- -u`, `- u:p`.
fn item_words(text: &[u8], start: usize) -> Option<Vec<Word>> {
    const MOST: usize = 60;
    const LONGEST: usize = 600;
    let mut line = lexer::line_start(text, start, LONGEST);
    let indent = text[line..start].strip_suffix(b"- ").filter(|before| before.iter().all(|byte| *byte == b' '))?.len();
    let mut words = Vec::new();
    while words.len() < MOST && line < text.len() {
        let end = lexer::line_end(text, line, LONGEST);
        let (blank, item) = text[line..end].split_at_checked(indent).unwrap_or_default();
        let Some(item) = item.strip_prefix(b"- ").filter(|_| blank.iter().all(|byte| *byte == b' ')) else { break };
        let place = end - item.len();
        words.push(match lexer::literal(text, place) {
            Some(literal) => Word::plain(text, literal.inner),
            None => Word::plain(text, Span::new(place, place + item.trim_ascii_end().len())),
        });
        line = memchr::memchr(b'\n', &text[end..]).map_or(text.len(), |next| end + next + 1);
    }
    (words.len() > 1 && !words[0].bytes.contains(&b' ')).then_some(words)
}

/// A line of a curl config file: `user = "u:p"`, `--proxy-user u:p`, `-u u:p`.
pub fn config_line(text: &[u8], line: Span) -> Option<Pair> {
    let mut start = lexer::blanks(text, line.start);
    while at(text, start) == b'-' {
        start += 1;
    }
    let name = Span::new(start, lexer::name_around(text, Span::new(start, start + 1)).end.min(line.end));
    if !matches!(name.of(text), b"user" | b"proxy-user" | b"u" | b"U") {
        return None;
    }
    let mut place = lexer::blanks(text, name.end);
    if matches!(at(text, place), b'=' | b':') {
        place = lexer::blanks(text, place + 1);
    }
    let end = lexer::line_end(text, place, 300);
    let word = match lexer::literal(text, place) {
        Some(literal) => Word::plain(text, literal.inner),
        None if place < end => Word::plain(text, Span::new(place, end)),
        None => return None,
    };
    Pair::split(CONFIG, &word)
}
