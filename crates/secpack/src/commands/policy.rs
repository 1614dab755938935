//! `secpack policy`: check it, and say it in words.

use crate::arguments::{Global, PolicyCommand};
use crate::fault::numbered;
use crate::session::{POLICY_FILE, load_policy};
use crate::{Exit, Fault, output, terminal};
use chrono::NaiveDate;
use secpack_canary::Span;
use secpack_git::Repository;
use secpack_pack::Policy;
use secpack_pack::plaintext::write_date;
use secpack_pack::policy::{CommitSignatures, HashUse, Refreshed, Requirement, Signers};
use std::path::Path;

pub fn run(global: &Global, command: &PolicyCommand) -> Result<Exit, Fault> {
    match command {
        PolicyCommand::Check => check(global, &policy(global)?)?,
        PolicyCommand::Show => show(&policy(global)?),
        PolicyCommand::Infer(arguments) => super::infer::run(global, arguments)?,
    }
    Ok(Exit::Good)
}

fn check(global: &Global, policy: &Policy) -> Result<(), Fault> {
    let unusable = unusable(policy);
    if !unusable.is_empty() {
        let file = global.policy.clone().unwrap_or_else(|| Path::new(POLICY_FILE).to_owned());
        let text = format!("no draft can be made by this policy:\n{}", unusable.join("\n"));
        return Err(Fault::refused(text).hint(numbered(&file)));
    }
    output::line(format!(
        "{}: version {} of the policy of {} holds no contradiction",
        output::good("good"),
        policy.version(),
        secpack_pack::escape(policy.name())
    ));
    Ok(())
}

/// What readers do without and drafts need: forms of dates and windows that say something.
fn unusable(policy: &Policy) -> Vec<String> {
    let texts = policy.text_rules().iter();
    let dates = texts.filter_map(|rules| Some(("text", &rules.series, rules.date.as_ref()?)));
    let canaries = policy.canary_rules().iter();
    let dates = dates.chain(canaries.clone().map(|rules| ("canary", &rules.series, &rules.date)));
    let dates = dates.filter_map(|(table, series, form)| {
        let is_one = write_date(NaiveDate::default(), form).is_some();
        let form = secpack_pack::escape(form);
        (!is_one).then(|| format!("[[{table}]] {series}: date \"{form}\" does not write a date"))
    });
    let windows = canaries.filter_map(|rules| {
        let error = rules.window.as_ref()?.parse::<Span>().err()?;
        Some(format!("[[canary]] {}: window: {error}", rules.series))
    });
    let never = policy.canary_rules().iter().filter(|rules| rules.every_months == Some(0));
    let never = never.map(|rules| format!("[[canary]] {}: every_months is 0", rules.series));
    dates.chain(windows).chain(never).collect()
}

/// The policy given, or that of the pack around the current folder.
fn policy(global: &Global) -> Result<Policy, Fault> {
    let start = match &global.pack {
        Some(path) => path.clone(),
        None => terminal::current_folder()?,
    };
    let nothing = || secpack_git::Snapshot::empty();
    let mut root = start.clone();
    let snapshot = match &global.policy {
        Some(_) => nothing(),
        None => {
            if !start.exists() {
                return Err(Fault::at(&start, "there is no such folder"));
            }
            let repository = Repository::discover(&start)?;
            root = repository.workdir().map_or(root, Path::to_owned);
            match (repository.workdir().is_some(), repository.head()?) {
                (true, _) => repository.work_tree()?,
                (false, Some(head)) => repository.snapshot(head)?,
                (false, None) => nothing(),
            }
        }
    };
    Ok(load_policy(global.policy.as_deref(), &snapshot, &root)?.0)
}

fn show(policy: &Policy) {
    output::line(format!(
        "The pack of {}, policy version {}.",
        secpack_pack::escape(policy.name()),
        policy.version()
    ));
    heading("Roots");
    for root in policy.roots() {
        output::line(format!("  {}: {}", root.id, root.fingerprint.spaced()));
    }
    heading("Keys");
    for group in policy.key_groups() {
        let by =
            group.certified_by.as_ref().map_or("by nobody".to_owned(), |root| format!("by {root}"));
        let paths: Vec<&str> = group.paths.iter().map(|p| p.as_str()).collect();
        output::line(format!("  {} must be certified {by}: {}", group.group, paths.join(", ")));
    }
    heading("Members");
    for member in policy.roster().members() {
        let aliases: Vec<&str> = member.aliases.iter().map(|a| a.as_str()).collect();
        let also = if aliases.is_empty() {
            String::new()
        } else {
            format!(" (also {})", aliases.join(", "))
        };
        output::line(format!("  {}{also}", member.id));
        for fingerprint in &member.fingerprints {
            output::line(format!("    key {}", fingerprint.spaced()));
        }
        for role in policy.roster().roles().iter().filter(|role| role.member == member.id) {
            let signs: Vec<&str> = role.signs.iter().map(|s| s.as_str()).collect();
            let numbers = role.numbers.as_ref().map(|n| format!(" {n}")).unwrap_or_default();
            let from = role.from.map(|d| format!(" from {d}")).unwrap_or_default();
            let until = role.until.map(|d| format!(" until {d}")).unwrap_or_default();
            output::line(format!("    signs {}{numbers}{from}{until}", signs.join(", ")));
        }
    }
    heading("Documents");
    for series in policy.series() {
        let paths: Vec<&str> = series.paths.iter().map(|p| p.as_str()).collect();
        output::line(format!("  {}: {}", series.id, paths.join(", ")));
        let own = policy.requirements().iter().filter(|r| r.series == series.id);
        let mut sentences: Vec<String> = own.map(requirement).collect();
        if sentences.is_empty() {
            sentences.push("everyone whose role covers it must sign".to_owned());
        }
        sentences.iter().for_each(|sentence| output::line(format!("    {sentence}")));
    }
    rules(policy);
}

fn heading(text: &str) {
    output::line("");
    output::line(text);
}

fn requirement(requirement: &Requirement) -> String {
    let which = match (&requirement.numbers, &requirement.names) {
        (Some(numbers), _) => format!("{numbers}: "),
        (None, Some(names)) => format!("{}: ", secpack_pack::escape(&names.join(", "))),
        (None, None) => String::new(),
    };
    let who = match &requirement.signers {
        Signers::All => "everyone whose role covers it must sign".to_owned(),
        Signers::Count(count) => format!("{count} of those whose role covers it must sign"),
        Signers::Named(members) => {
            let names: Vec<&str> = members.iter().map(|m| m.as_str()).collect();
            format!("{} must sign", names.join(" and "))
        }
        Signers::Group(group) => format!("a key of the group {group} must sign"),
        Signers::Nobody => "needs no signature".to_owned(),
    };
    let why = requirement
        .reason
        .as_ref()
        .map(|r| format!(" ({})", secpack_pack::escape(r)))
        .unwrap_or_default();
    format!("{which}{who}{why}")
}

fn rules(policy: &Policy) {
    heading("Validity");
    output::line(
        "  A signature is judged at the time it was made, with certificates as all of history knows them.",
    );
    match policy.validity().refreshed_self_signatures {
        Refreshed::Refuse => output::line("  A key needs a self-signature of that time."),
        Refreshed::Accept => {
            output::line("  A key whose self-signature was refreshed since is accepted.")
        }
    }
    for rule in policy.hash_rules() {
        let uses: Vec<&str> = rule.uses.iter().map(|used| word(*used)).collect();
        output::line(format!(
            "  {} counts until {} for {} ({})",
            rule.algorithm,
            rule.until,
            uses.join(", "),
            secpack_pack::escape(&rule.reason)
        ));
    }
    heading("Tags");
    let patterns: Vec<&str> = policy.tags().patterns.iter().map(|p| p.as_str()).collect();
    output::line(format!("  named {}", patterns.join(" or ")));
    output::line(format!("  {} members must have tagged HEAD", policy.tags().head));
    if policy.tags().commit_signatures == CommitSignatures::Required {
        output::line("  HEAD itself must be signed");
    }
    heading("Branches");
    let published: Vec<String> =
        policy.branches().published.iter().map(|name| secpack_pack::escape(name)).collect();
    output::line(format!("  readers clone {}", published.join(" or ")));
    let events: Vec<&str> = policy.branches().events.iter().map(|p| p.as_str()).collect();
    output::line(format!("  documents wait for signatures on {}", events.join(" or ")));
    embargo(policy);
    let accepted: usize = policy.accepted().iter().map(|a| a.ids.len()).sum();
    heading("Accepted old findings");
    output::line(format!("  {accepted}"));
    for group in policy.accepted() {
        output::line(format!(
            "  {} because {}",
            group.ids.len(),
            secpack_pack::escape(&group.reason)
        ));
    }
}

/// Who may read drafts, and what may be said of them.
fn embargo(policy: &Policy) {
    let Some(embargo) = policy.embargo() else { return };
    heading("Drafts under embargo");
    output::line(format!("  lie sealed in {}", embargo.folder));
    for recipient in policy.recipients() {
        output::line(format!("  {} may read them: {}", recipient.name, recipient.key));
    }
    for track in policy.tracks() {
        let until = track.announce_until;
        output::line(match track.announce_from {
            None => format!("  {}: nothing is said before the date", track.id),
            Some(from) => format!("  {}: announced {from} to {until} days before", track.id),
        });
    }
}

fn word(used: HashUse) -> &'static str {
    match used {
        HashUse::Documents => "documents",
        HashUse::Tags => "tags",
        HashUse::SelfSignatures => "self-signatures",
        HashUse::Certifications => "certifications",
    }
}
