//! Calls and settings that take the halves as string literals: HTTP clients, mail, databases, credential classes.

use super::lexer::{self, at};
use super::word::Word;
use super::{Form, Half, Pair, Site};
use crate::finding::Span;

/// How an idiom lays out its literals.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Layout {
    /// Two literals; the number is the position of the user half.
    Two(usize),
    /// One literal `u:p`, or two literals.
    OneOrTwo,
    /// The value of a setting: one literal `u:p`, or a list of two.
    Setting,
    /// One literal `u:p` that is the value of a setting.
    One,
    /// The pass literal; the user is looked for around it.
    Secure,
}

struct Idiom {
    name: &'static str,
    layout: Layout,
    form: Form,
}

const fn idiom(name: &'static str, layout: Layout, form: Form) -> Idiom {
    Idiom { name, layout, form }
}

const CLASS: Form = Form::sure("credentials-class");
const METHOD: Form = Form::sure("auth-call");
const SETTING: Form = Form::likely("auth-setting");
const LOGIN: Form = Form::likely("login-call");

const IDIOMS: &[Idiom] = &[
    idiom("basicauth(", Layout::Two(0), METHOD),
    idiom("digestauth(", Layout::Two(0), METHOD),
    idiom("proxyauth(", Layout::Two(0), METHOD),
    idiom("ntlmauth(", Layout::Two(0), METHOD),
    idiom("basicauthentication(", Layout::Two(0), METHOD),
    idiom("basic_auth", Layout::Two(0), METHOD),
    idiom("digest_auth", Layout::Two(0), METHOD),
    idiom("userpassword(", Layout::Two(0), METHOD),
    idiom("withbasicauth", Layout::Two(0), METHOD),
    idiom("authorization_basic", Layout::Two(0), METHOD),
    idiom("http_basic_authentication", Layout::Two(0), METHOD),
    idiom("authenticate(", Layout::Two(0), METHOD),
    idiom("usernamepasswordcredential", Layout::Two(0), CLASS),
    idiom("passwordauthentication(", Layout::Two(0), CLASS),
    idiom("passwordauthenticator(", Layout::Two(0), CLASS),
    idiom("plaintextauthprovider(", Layout::Two(0), CLASS),
    idiom("networkcredential(", Layout::Two(0), CLASS),
    idiom("basicauthcredential", Layout::Two(0), CLASS),
    idiom("basicauthenticationinterceptor(", Layout::Two(0), CLASS),
    idiom("().basic(", Layout::Two(0), METHOD),
    idiom("auth_basic(", Layout::Two(0), METHOD),
    idiom(":basic,", Layout::Two(0), METHOD),
    idiom("credentials.basic(", Layout::Two(0), CLASS),
    idiom("basiccredentials(", Layout::Two(0), CLASS),
    idiom("plaincredentials(", Layout::Two(0), CLASS),
    idiom("credentials(", Layout::Two(2), CLASS),
    idiom("plainauth(", Layout::Two(1), METHOD),
    idiom("getconnection(", Layout::Two(1), METHOD),
    idiom("new pdo(", Layout::Two(1), METHOD),
    idiom("mysqli(", Layout::Two(1), METHOD),
    idiom("mysqli_connect(", Layout::Two(1), METHOD),
    idiom("mysql_connect(", Layout::Two(1), METHOD),
    idiom("dbi->connect(", Layout::Two(1), METHOD),
    idiom(".login(", Layout::Two(0), LOGIN),
    idiom("->login(", Layout::Two(0), LOGIN),
    idiom("ftp_login(", Layout::Two(1), LOGIN),
    idiom(".auth(", Layout::OneOrTwo, METHOD),
    idiom("auth=", Layout::Setting, SETTING),
    idiom("auth =", Layout::Setting, SETTING),
    idiom("auth:", Layout::Setting, SETTING),
    idiom("auth'", Layout::Setting, SETTING),
    idiom("auth\"", Layout::Setting, SETTING),
    idiom("curlopt_userpwd", Layout::One, METHOD),
    idiom("curlopt_proxyuserpwd", Layout::One, METHOD),
    idiom("convertto-securestring", Layout::Secure, CLASS),
];

/// What announces a call.
pub const KEYWORDS: &[&str] = &{
    let mut keywords = [""; IDIOMS.len()];
    let mut index = 0;
    while index < IDIOMS.len() {
        keywords[index] = IDIOMS[index].name;
        index += 1;
    }
    keywords
};

/// Reads the literals of the call.
pub fn read(site: Site<'_>, hit: Span, found: &mut Vec<Pair>) {
    let word = hit.of(site.text);
    for idiom in IDIOMS.iter().filter(|idiom| word.eq_ignore_ascii_case(idiom.name.as_bytes())) {
        read_idiom(site, hit, idiom, found);
    }
}

fn read_idiom(site: Site<'_>, hit: Span, idiom: &Idiom, found: &mut Vec<Pair>) {
    let text = site.text;
    if asks(text, hit) {
        return;
    }
    if idiom.layout == Layout::Secure {
        return read_secure(site, hit, idiom.form, found);
    }
    let open = match text[hit.end - 1] {
        b'(' => Some(hit.end - 1),
        _ if idiom.layout == Layout::Setting => skip_operator(text, hit),
        _ => skip_name(text, hit.end),
    };
    let Some(open) = open else { return };
    let (list, bracket) = list_start(text, open);
    let arguments = arguments(text, list, bracket);
    let literal = |index: usize| arguments.get(index).and_then(|one| one.as_ref());
    let first = match idiom.layout {
        Layout::Two(first) => first,
        _ => 0,
    };
    let one = match idiom.layout {
        Layout::One => true,
        Layout::OneOrTwo => arguments.len() == 1,
        Layout::Setting => bracket == 0 || arguments.len() == 1,
        _ => false,
    };
    if one {
        // A setting that is followed by one literal: `auth: "u:p"`, or `CURLOPT_USERPWD, "u:p"`.
        let one = literal(0).or_else(|| literal(1));
        if let Some(one) =
            one.filter(|one| !one.of(text).contains(&b' ') && lexer::find(one.of(text), b"://").is_none())
        {
            found.extend(Pair::split(idiom.form, &Word::plain(text, *one)).filter(|pair| pair.user.is_some()));
        }
        return;
    }
    if matches!(idiom.layout, Layout::OneOrTwo | Layout::Setting) && !(2..=3).contains(&arguments.len()) {
        return;
    }
    let (Some(user), Some(pass)) = (literal(first), literal(first + 1)) else { return };
    if are_of_one_namespace(user.of(text), pass.of(text)) {
        return;
    }
    let half = |span: &Span| Half::new(*span, &super::decode::escapes(span.of(text)));
    found.push(Pair::new(idiom.form, Some(half(user)), half(pass)));
}

/// `www_authenticate("realm", "table")`: a server asks for a login under the name of the header that asks for it (RFC 9110,
/// 11.6 and 11.7). What such a call takes is the realm and where logins are kept.
fn asks(text: &[u8], hit: Span) -> bool {
    let head = &text[hit.start.saturating_sub(6)..hit.start];
    let headed = [b"www_".as_slice(), b"proxy_", b"www", b"proxy"]
        .iter()
        .any(|header| head.len() >= header.len() && head[head.len() - header.len()..].eq_ignore_ascii_case(header));
    headed && hit.of(text).eq_ignore_ascii_case(b"authenticate(")
}

/// `aws.auth#sigv4`, `aws.auth#sigv4a`: schemes to choose from, with the same words before the `#`.
fn are_of_one_namespace(one: &[u8], other: &[u8]) -> bool {
    let head = |name: &[u8]| name.iter().position(|byte| *byte == b'#');
    head(one).is_some_and(|end| end > 0 && other.starts_with(&one[..=end]))
}

/// Skips the rest of a name, its closing quote, and an operator. A word of a list, which a comma follows, takes nothing. A name that goes on after an underscore is another one,
/// but for Rails' `http_basic_authenticate_with`.
fn skip_name(text: &[u8], from: usize) -> Option<usize> {
    const LONGEST: usize = 24;
    let letters = text[from..].iter().take(LONGEST).take_while(|byte| byte.is_ascii_alphabetic()).count();
    let mut place = from + letters;
    if text[place..].starts_with(b"_with") {
        place += b"_with".len();
    }
    if lexer::in_name(at(text, place)) {
        return None;
    }
    let quoted = matches!(at(text, place), b'"' | b'\'');
    place = lexer::blanks(text, place + usize::from(quoted));
    if quoted && at(text, place) == b',' {
        return None;
    }
    if text[place.min(text.len())..].starts_with(b"=>") {
        return Some(lexer::white(text, place + 2));
    }
    if matches!(at(text, place), b':' | b'=' | b',') {
        place = lexer::white(text, place + 1);
    }
    Some(lexer::blanks(text, place))
}

/// Where the value of the setting begins: the operator stands in the hit, or follows a quoted name.
fn skip_operator(text: &[u8], hit: Span) -> Option<usize> {
    let mut place = hit.end;
    if matches!(text[hit.end - 1], b'"' | b'\'') {
        place = lexer::blanks(text, place + usize::from(at(text, place) == b']'));
        let operator = match (at(text, place), at(text, place + 1)) {
            (b'=', b'=') => return None,
            (b'=', b'>') => 2,
            (b':' | b'=', _) => 1,
            _ => return None,
        };
        place += operator;
    }
    Some(lexer::white(text, place))
}

/// Where a list's first item begins, and the bracket that opened it.
fn list_start(text: &[u8], from: usize) -> (usize, u8) {
    let mut place = from;
    if text[place.min(text.len())..].starts_with(b"array(") {
        place += 5;
    }
    match at(text, place) {
        open @ (b'(' | b'[') => (lexer::white(text, place + 1), open),
        _ => (place, 0),
    }
}

/// The items of a list: the inside of each that is a literal, or a literal in a wrapper such as `Some("p")` or
/// `"p".toCharArray()`; none for any other. Without a bracket the list ends with the line.
fn arguments(text: &[u8], from: usize, bracket: u8) -> Vec<Option<Span>> {
    const MOST: usize = 6;
    let mut items = Vec::new();
    let mut place = from;
    while items.len() < MOST {
        let (item, next) = argument(text, place, bracket);
        let end = at(text, next);
        if next == place && end != b',' {
            break;
        }
        items.push(item);
        if end != b',' {
            break;
        }
        let after = lexer::blanks(text, next + 1);
        place = if bracket == 0 { after } else { lexer::white(text, after) };
    }
    items
}

/// One item, and where it ends: at a comma, at the closing bracket, or at the line's end where there is no bracket.
fn argument(text: &[u8], from: usize, bracket: u8) -> (Option<Span>, usize) {
    const LONGEST: usize = 300;
    let mut place = from;
    let mut literal = None;
    let mut plain = true;
    let mut depth = 0_usize;
    while place < text.len() && place - from < LONGEST {
        match text[place] {
            b'"' | b'\'' | b'`' | b'\\' if text[place] != b'\\' || matches!(at(text, place + 1), b'"' | b'\'') => {
                let Some(found) = lexer::literal(text, place) else { return (None, place) };
                if literal.is_some() || found.interpolated {
                    plain = false;
                }
                literal.get_or_insert(found.inner);
                place = found.end;
                continue;
            }
            b'(' | b'[' | b'{' => depth += 1,
            b')' | b']' | b'}' | b',' if depth == 0 => break,
            b')' | b']' | b'}' => depth -= 1,
            b'\n' | b';' if bracket == 0 => break,
            b'+' | b'$' | b'%' | b'?' => plain = false,
            _ => {}
        }
        place += 1;
    }
    // Only a short wrapper may stand before the literal: `b`, `Some(`, `username=`, `new String(`.
    let near = literal.is_some_and(|inner: Span| inner.start - from <= 24 && is_wrapper(&text[from..inner.start - 1]));
    (literal.filter(|_| plain && near), place)
}

fn is_wrapper(before: &[u8]) -> bool {
    const WRAPPERS: &[&[u8]] = &[
        b"",
        b"b",
        b"r",
        b"u",
        b"@",
        b"Some(",
        b"new String(",
        b"String::from(",
        b"SecretString::new(",
        b"user=",
        b"username=",
        b"password=",
        b"pass=",
        b"login=",
        b"username:",
        b"password:",
        b"username =",
        b"password =",
        b"username: ",
        b"password: ",
        b"user:",
        b"user: ",
        b"userName: ",
        b"passwd=",
        b"pwd=",
        b"user = ",
        b"name: ",
        b"name = ",
        b":name => ",
        b":password => ",
        b":username => ",
    ];
    let before = before.strip_suffix(b"\\").unwrap_or(before);
    WRAPPERS.iter().any(|wrapper| before.trim_ascii().eq_ignore_ascii_case(wrapper.trim_ascii()))
}

/// `ConvertTo-SecureString "p" -AsPlainText`, next to `PSCredential("u", …)`.
fn read_secure(site: Site<'_>, hit: Span, form: Form, found: &mut Vec<Pair>) {
    let text = site.text;
    let end = lexer::line_end(text, hit.end, 400);
    if lexer::find(&text[hit.end..end], b"-asplain").is_none() {
        return;
    }
    let Some(quote) = text[hit.end..end].iter().position(|byte| matches!(byte, b'"' | b'\'')) else { return };
    let Some(literal) = lexer::literal(text, hit.end + quote) else { return };
    let pass = Half::new(literal.inner, literal.inner.of(text));
    let from = hit.start.saturating_sub(500);
    let window = &text[from..text.len().min(hit.end + 700)];
    let user = lexer::find(window, b"pscredential").and_then(|place| {
        let place = from + place + b"pscredential".len();
        let line = lexer::line_end(text, place, 200);
        let quote = text[place..line].iter().position(|byte| matches!(byte, b'"' | b'\''))?;
        lexer::literal(text, place + quote)
    });
    found.push(Pair::new(form, user.map(|user| Half::new(user.inner, user.inner.of(text))), pass));
}
