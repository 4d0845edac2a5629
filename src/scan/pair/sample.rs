//! Passes that are made of the words of samples: `mysecretpassword`, `P@ssw0rd123!`, the user's own name.

use std::sync::OnceLock;

/// The words that invented passwords are made of, in lower case.
const WORDS: &str = "\
    a abc abcd access account acme admin administrator alice an and ansible any api app apps appuser asdf asdfgh \
    auth azerty bad bar basic battery baz bearer bob bot build by change changed changeit char chars ci client \
    cluster code complex config correct cred credential credentials custom data database db default demo deploy \
    dev django docker doe drupal dummy elastic elk email encoded encrypted enter example fake find first flask foo \
    foobar for from ftp git github gitlab go good grafana guest has hello here hidden horse host http https hunter \
    id in incorrect influx insecure insert internal invalid is it jane java jdbc jenkins jim joe john joomla k8s \
    kafka key kibana kube kubernetes laravel ldap legacy let letmein local localhost login long magento mail \
    manager maria mariadb master me minio mock mongo mq my mysql name new nexus no node none not null odoo of old \
    on one open operator or oracle org other our p pass passphrase passw passwd password passwords pg php phrase \
    placeholder please postgres postgresql private prod production proxy pswd public put pw pwd python qux qwer \
    qwerty rabbit rabbitmq rails random read real really redacted redis registry remote replace replication repo \
    right root ruby rust safe sample second secret secrets secure secured server service sesame session shared shh \
    simple smtp so some sonar spring sql staging staple store string strong super sure svc symfony system temp \
    test tester testing tests that the this three tiger tmp to token too top trust two u unit unknown update \
    updated upload use user username usr vagrant valid value vault very weak web welcome with word wordpress world \
    wp write wrong x xx xxx xyz y you your yours z zxcv";

fn words() -> &'static [&'static str] {
    static LIST: OnceLock<Vec<&str>> = OnceLock::new();
    LIST.get_or_init(|| WORDS.split_whitespace().collect())
}

/// Whether the pass is made of nothing but the words of samples, the user's name, digits behind them and punctuation.
/// Letters may be disguised as digits (`p4ssw0rd`).
pub fn is_wordy(pass: &[u8], user: &[u8]) -> bool {
    const MOST_DIGITS: usize = 6;
    let (user, pass) = without_prefix(user, pass);
    let (pass, named) = without_name(pass.to_ascii_lowercase(), &user.to_ascii_lowercase());
    let digits = |part: &[u8]| part.iter().filter(|byte| byte.is_ascii_digit()).count();
    let tail = pass.iter().rev().take_while(|byte| !byte.is_ascii_alphabetic()).count();
    let (head, tail) = pass.split_at(pass.len() - tail);
    if digits(tail) > MOST_DIGITS {
        return false;
    }
    if head.is_empty() {
        return named;
    }
    [plain as fn(u8) -> u8, unmasked, unmasked_one].into_iter().any(|fold| {
        let letters: Vec<u8> = head.iter().map(|byte| fold(*byte)).collect();
        let mut parts = letters.split(|byte| !byte.is_ascii_alphabetic()).filter(|part| !part.is_empty());
        digits(&letters) <= 4 && parts.all(segments)
    })
}

/// `mt_user` and `mt_password` without what stands before the bar of both, where that is a name.
fn without_prefix<'h>(user: &'h [u8], pass: &'h [u8]) -> (&'h [u8], &'h [u8]) {
    let bar = |half: &[u8]| half.iter().position(|byte| *byte == b'_');
    match (bar(user), bar(pass)) {
        (Some(end), Some(other))
            if user[..end].eq_ignore_ascii_case(&pass[..other])
                && user[..end].iter().all(u8::is_ascii_alphabetic)
                && segments(&user[end + 1..].to_ascii_lowercase()) =>
        {
            (&user[end + 1..], &pass[end + 1..])
        }
        _ => (user, pass),
    }
}

/// The pass with a sign for the user's name, and whether the name stood in it.
fn without_name(mut pass: Vec<u8>, user: &[u8]) -> (Vec<u8>, bool) {
    const SHORTEST_NAME: usize = 3;
    let place = (user.len() >= SHORTEST_NAME).then(|| memchr::memmem::find(&pass, user)).flatten();
    if let Some(place) = place {
        pass.splice(place..place + user.len(), [b'-']);
    }
    (pass, place.is_some())
}

fn plain(byte: u8) -> u8 {
    byte
}

fn unmasked(byte: u8) -> u8 {
    match byte {
        b'0' => b'o',
        b'1' | b'!' => b'i',
        b'3' => b'e',
        b'4' | b'@' => b'a',
        b'5' | b'$' => b's',
        b'7' => b't',
        other => other,
    }
}

fn unmasked_one(byte: u8) -> u8 {
    if byte == b'1' { b'l' } else { unmasked(byte) }
}

/// Whether letters are a row of known words.
fn segments(letters: &[u8]) -> bool {
    const LONGEST: usize = 64;
    if letters.len() > LONGEST {
        return false;
    }
    let mut reached = vec![false; letters.len() + 1];
    reached[0] = true;
    for place in 0..letters.len() {
        if !reached[place] {
            continue;
        }
        let rest = &letters[place..];
        for word in words().iter().filter(|word| rest.starts_with(word.as_bytes())) {
            reached[place + word.len()] = true;
        }
    }
    reached[letters.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wordy_passes() {
        for pass in [
            "mysecretpassword",
            "P@ssw0rd123!",
            "test-pass",
            "super_secret_1",
            "admin123",
            "foo-bar-baz",
            "letmein",
            "Welcome1",
            "acmepass",
        ] {
            assert!(is_wordy(pass.as_bytes(), b""), "{pass}");
        }
        for pass in ["9tz4hc81bqe", "xK9vQ2mLr8Tz", "inv3nt3d-Passw0rd", "testK9vQ2m", "tr0ub4dor&3", "Zebra-Lamp-42"] {
            assert!(!is_wordy(pass.as_bytes(), b""), "{pass}");
        }
    }

    #[test]
    fn the_users_name_counts_as_a_word() {
        assert!(is_wordy(b"gregor123", b"gregor") && is_wordy(b"plain-user2-secret", b"plain-user2"));
        assert!(is_wordy(b"mt_password", b"mt_user") && !is_wordy(b"mt_9tz4hc81bqe", b"mt_user"));
        assert!(!is_wordy(b"gregor123", b"") && !is_wordy(b"gregor9tz4hc81", b"gregor"));
    }
}
