//! What starts the daily look at the canaries: two units of a user's systemd, or a line of a
//! crontab. Pure text; nothing here is installed.

use std::fmt::Write as _;

/// What a timer starts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Timer<'a> {
    /// The name of the units, without their ends: letters, digits and hyphens.
    pub name: &'a str,
    /// The name of the pack, for people.
    pub pack: &'a str,
    /// The program and its arguments, paths absolute.
    pub command: &'a [String],
}

/// The two units.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Units {
    /// The service that does the work.
    pub service: String,
    /// The timer that starts it.
    pub timer: String,
}

/// The minute and hour of a day, UTC.
const MINUTE: u32 = 0;
const HOUR: u32 = 6;

/// The units (systemd.service(5), systemd.timer(5)): once a day, and once after a day that was
/// missed. `None` when the command holds a control character, which no unit can.
pub fn units(timer: &Timer<'_>) -> Option<Units> {
    if has_control(timer) {
        return None;
    }
    // A description is shown to people, and `%` begins a specifier in it.
    let pack = secpack_pack::escape(timer.pack).replace('%', "%%");
    let mut words = timer.command.iter();
    // The first word is no subject to the replacing of `$`.
    let mut command = words.next().map(|word| unit_word(word)).unwrap_or_default();
    for word in words {
        // Writing to a string cannot fail.
        let _ = write!(command, " {}", unit_word(word).replace('$', "$$"));
    }
    let service = format!(
        "[Unit]\n\
         Description=Look after the canaries of {pack}\n\
         \n\
         [Service]\n\
         Type=oneshot\n\
         ExecStart={command}\n\
         NoNewPrivileges=yes\n"
    );
    let timer = format!(
        "[Unit]\n\
         Description=Look after the canaries of {pack} every day\n\
         \n\
         [Timer]\n\
         OnCalendar=*-*-* {HOUR:02}:{MINUTE:02}:00 UTC\n\
         RandomizedDelaySec=10min\n\
         Persistent=true\n\
         \n\
         [Install]\n\
         WantedBy=timers.target\n"
    );
    Some(Units { service, timer })
}

/// The line for a crontab (crontab(5)), where `%` ends a command unless it is escaped; in the local
/// time of the machine. `None` as for [`units`].
pub fn cron_line(timer: &Timer<'_>) -> Option<String> {
    if has_control(timer) {
        return None;
    }
    let words: Vec<String> =
        timer.command.iter().map(|word| shell_quoted(word).replace('%', "\\%")).collect();
    Some(format!("{MINUTE} {HOUR} * * * {}\n", words.join(" ")))
}

fn has_control(timer: &Timer<'_>) -> bool {
    timer.command.iter().any(|word| word.chars().any(char::is_control))
}

/// A word in double quotes, as systemd reads it.
fn unit_word(word: &str) -> String {
    let escaped = word.replace('\\', "\\\\").replace('"', "\\\"").replace('%', "%%");
    format!("\"{escaped}\"")
}

fn shell_quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', "'\\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn command(words: &[&str]) -> Vec<String> {
        words.iter().map(|word| (*word).to_owned()).collect()
    }

    fn both(words: &[&str]) -> Option<(String, String)> {
        let command = command(words);
        let timer = Timer { name: "a", pack: "50% Example", command: &command };
        Some((units(&timer)?.service, cron_line(&timer)?))
    }

    #[test]
    fn words_reach_the_program_as_they_are() {
        let (service, cron) = both(&["/bin/secpack", "--pack", "/srv/a b/$x%\"'\\"]).expect("text");
        assert!(
            service.contains("ExecStart=\"/bin/secpack\" \"--pack\" \"/srv/a b/$$x%%\\\"'\\\\\"\n"),
            "{service}"
        );
        assert!(service.contains("canaries of 50%% Example\n"), "{service}");
        assert_eq!(cron, "0 6 * * * /bin/secpack --pack '/srv/a b/$x\\%\"'\\''\\'\n");
    }

    #[test]
    fn a_line_break_makes_no_second_line() {
        assert_eq!(both(&["/bin/secpack", "a\nExecStart=/bin/other"]), None);
        let command = command(&["/bin/secpack"]);
        let timer = Timer { name: "a", pack: "A\nExecStart=/bin/other", command: &command };
        let service = units(&timer).expect("text").service;
        assert_eq!(service.matches("\nExecStart=").count(), 1, "{service}");
    }
}
