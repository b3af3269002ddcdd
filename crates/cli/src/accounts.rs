//! Which accounts are meant, and the role that leads into each.

use std::collections::BTreeSet;
use std::path::Path;

use amictl_aws::AssumedRole;
use amictl_cloud::ops::{
    ListAccounts, ListAccountsRequest, ListOrganizationalUnitsForParent, ListOrganizationalUnitsForParentRequest,
};
use amictl_cloud::{Cloud, PageError, Partition, for_each_page};
use amictl_model::{AccountId, Region};

use crate::args::AccountArgs;
use crate::exit::Failure;

/// A list of accounts is written by people or scripts; anything larger is something else.
const FILE_BYTES_MAX: u64 = 1 << 20;
/// OUs nest five deep below a root.
const UNITS_MAX: usize = 10_000;

/// Which accounts are meant.
#[derive(Debug, Clone)]
pub(crate) enum Accounts {
    /// The one of the credentials.
    Own,
    /// These, whether there is a role that leads into them or not.
    Of(Vec<AccountId>),
    /// What the options say.
    Asked,
}

impl AccountArgs {
    /// Whether the options name any account.
    fn names_any(&self) -> bool {
        !self.accounts.is_empty() || self.accounts_file.is_some() || self.organization || !self.ou.is_empty()
    }

    /// The accounts that the options name, sorted.
    pub(crate) async fn named(
        &self,
        cloud: &dyn Cloud,
        home_region: &Region,
        home: AccountId,
    ) -> Result<BTreeSet<AccountId>, Failure> {
        let mut accounts = BTreeSet::new();
        for text in &self.accounts {
            accounts.insert(parse("--accounts", text)?);
        }
        if let Some(file) = &self.accounts_file {
            accounts.extend(read(file)?);
        }
        if self.organization {
            accounts.extend(of_parent(cloud, home_region, None).await?);
        }
        if !self.ou.is_empty() {
            accounts.extend(below(cloud, home_region, &self.ou).await?);
        }
        if !self.names_any() {
            accounts.insert(home);
        }
        for text in &self.exclude_accounts {
            let excluded = parse("--exclude-accounts", text)?;
            if !accounts.remove(&excluded) && !self.organization && self.ou.is_empty() {
                return Err(Failure::usage(format!("--exclude-accounts: {excluded} is not among the accounts")));
            }
        }
        if accounts.is_empty() {
            return Err(Failure::usage("no account is left to work in"));
        }
        Ok(accounts)
    }

    /// The role that leads into this account.
    pub(crate) fn role(&self, account: AccountId, region: &Region) -> Option<AssumedRole> {
        let pattern = self.assume_role.as_deref()?;
        let arn = if pattern.starts_with("arn:") {
            pattern.replace("{account}", &account.to_string())
        } else {
            format!("arn:{}:iam::{account}:role/{pattern}", Partition::of(region.as_str()))
        };
        Some(AssumedRole { arn, external_id: self.external_id.clone() })
    }

    /// What is wrong with the options by themselves.
    pub(crate) fn check(&self) -> Result<(), Failure> {
        match &self.assume_role {
            Some(pattern) if pattern.starts_with("arn:") && !pattern.contains("{account}") => {
                Err(Failure::usage(format!("--assume-role: `{pattern}` leads into one account only"))
                    .hint("write {account} where the account's id stands, or use --role-arn"))
            }
            _ => Ok(()),
        }
    }
}

fn parse(what: &str, text: &str) -> Result<AccountId, Failure> {
    text.trim().parse().map_err(|error| Failure::usage(format!("{what}: {error}")))
}

fn read(file: &Path) -> Result<Vec<AccountId>, Failure> {
    let failure = |error: std::io::Error| Failure::usage(format!("cannot read {}: {error}", file.display()));
    let size = std::fs::metadata(file).map_err(failure)?.len();
    if size > FILE_BYTES_MAX {
        return Err(Failure::usage(format!("{} has {size} bytes: that is no list of accounts", file.display())));
    }
    let text = std::fs::read_to_string(file).map_err(failure)?;
    let mut accounts = Vec::new();
    for (number, line) in (1..).zip(text.lines()) {
        let Some(word) = line.split([',', ' ', '\t', ';']).find(|word| !word.is_empty()) else { continue };
        if word.starts_with('#') {
            continue;
        }
        let account = word.trim_matches('"').parse();
        accounts.push(account.map_err(|error| Failure::usage(format!("{}, line {number}: {error}", file.display())))?);
    }
    Ok(accounts)
}

/// The active accounts right below this parent, or of the whole organisation.
async fn of_parent(cloud: &dyn Cloud, region: &Region, parent: Option<String>) -> Result<Vec<AccountId>, Failure> {
    let mut accounts = Vec::new();
    let request = ListAccountsRequest { parent, next_token: None };
    let (_, result) = for_each_page::<ListAccounts>(cloud, region, request, |page| {
        accounts.extend(page.accounts.into_iter().filter(|account| account.is_active).map(|account| account.id));
    })
    .await;
    result.map_err(|error| unlisted(&error))?;
    Ok(accounts)
}

/// The active accounts below these OUs, however deep.
async fn below(cloud: &dyn Cloud, region: &Region, units: &[String]) -> Result<Vec<AccountId>, Failure> {
    let mut accounts = Vec::new();
    let mut seen = BTreeSet::new();
    let mut open: Vec<String> = units.iter().map(|unit| unit.trim().to_owned()).collect();
    while let Some(unit) = open.pop() {
        if !seen.insert(unit.clone()) {
            continue;
        }
        if seen.len() > UNITS_MAX {
            return Err(Failure::error(format!("there are more than {UNITS_MAX} OUs below those of --ou")));
        }
        accounts.extend(of_parent(cloud, region, Some(unit.clone())).await?);
        let request = ListOrganizationalUnitsForParentRequest { parent: unit, next_token: None };
        let (_, result) = for_each_page::<ListOrganizationalUnitsForParent>(cloud, region, request, |page| {
            open.extend(page.units);
        })
        .await;
        result.map_err(|error| unlisted(&error))?;
    }
    Ok(accounts)
}

fn unlisted(error: &PageError) -> Failure {
    Failure::error(format!("the organisation's accounts cannot be listed: {error}")).hint(
        "that needs the management account or a delegated administrator; --accounts or --accounts-file do without",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn args(pattern: &str) -> AccountArgs {
        AccountArgs { assume_role: Some(pattern.to_owned()), ..AccountArgs::default() }
    }

    fn arn(pattern: &str, region: &str) -> String {
        let account = "123456789012".parse().expect("an account");
        args(pattern).role(account, &region.parse().expect("a Region")).expect("a role").arn
    }

    #[test]
    fn a_role_is_named_by_its_name_or_by_a_pattern() {
        assert_eq!(arn("reader", "eu-west-1"), "arn:aws:iam::123456789012:role/reader");
        assert_eq!(arn("team/reader", "cn-north-1"), "arn:aws-cn:iam::123456789012:role/team/reader");
        assert_eq!(arn("arn:aws:iam::{account}:role/x", "us-east-1"), "arn:aws:iam::123456789012:role/x");
        assert!(args("arn:aws:iam::1:role/x").check().is_err());
    }

    #[test]
    fn a_file_of_accounts_says_where_it_is_wrong() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("accounts.csv");
        std::fs::write(&file, "# ours\n\n123456789012, prod\n\"210987654321\"\n").expect("written");
        assert_eq!(read(&file).map_err(|_| ()).map(|accounts| accounts.len()), Ok(2));
        std::fs::write(&file, "123456789012\nprod\n").expect("written");
        assert!(format!("{:?}", read(&file).err()).contains("line 2"));
    }
}
