//! The accounts' connections, and the Regions to work in.

use std::collections::BTreeMap;
use std::sync::Arc;

use amictl_aws::{AwsCloud, ConnectError, Connection, ConnectionSettings, RateModel};
use amictl_cloud::ops::{DescribeRegions, DescribeRegionsRequest, GetCallerIdentity, GetCallerIdentityRequest};
use amictl_cloud::{Call, Cloud, CloudError, Clouds, ErrorClass};
use amictl_collect::Unreachable;
use amictl_model::{AccountId, CoverageStatus, Region, Scope};
use futures::stream::{self, StreamExt};

use crate::accounts::Accounts;
use crate::args::{AccountArgs, Global, Rate};
use crate::exit::Failure;
use crate::output::Terminal;

/// Connected, the accounts known, the Regions checked.
#[derive(Debug)]
pub(crate) struct Session {
    /// The port with the credentials themselves.
    pub(crate) cloud: Arc<AwsCloud>,
    /// The account of the credentials.
    pub(crate) account: AccountId,
    /// Their ARN.
    pub(crate) arn: String,
    /// The Regions that were asked for.
    pub(crate) regions: Vec<Region>,
    /// The accounts to work in, each with its Regions.
    accounts: BTreeMap<AccountId, Reached>,
    /// What should be worked in and cannot be reached.
    pub(crate) unreachable: Vec<Unreachable>,
}

/// An account whose credentials are at hand.
#[derive(Debug)]
struct Reached {
    cloud: Arc<AwsCloud>,
    regions: Vec<Region>,
}

impl Clouds for Session {
    fn of(&self, account: AccountId) -> Option<&dyn Cloud> {
        Some(&*self.accounts.get(&account)?.cloud)
    }
}

impl Session {
    /// Connects as the options and the environment say.
    pub(crate) async fn open(global: &Global, terminal: &Terminal) -> Result<Self, Failure> {
        let asked = Asked::of(&global.region)?;
        Self::open_with(settings(global), asked, &global.accounts, Accounts::Asked, terminal).await
    }

    /// Connects for these Regions, whatever the options say.
    pub(crate) async fn open_in(global: &Global, regions: Vec<Region>, terminal: &Terminal) -> Result<Self, Failure> {
        let asked = Asked::Named(regions);
        Self::open_with(settings(global), asked, &global.accounts, Accounts::Asked, terminal).await
    }

    /// Connects for these Regions of these accounts, as far as there are roles that lead into them.
    pub(crate) async fn open_for(
        global: &Global,
        regions: Vec<Region>,
        accounts: Vec<AccountId>,
        terminal: &Terminal,
    ) -> Result<Self, Failure> {
        let asked = Asked::Named(regions);
        Self::open_with(settings(global), asked, &global.accounts, Accounts::Of(accounts), terminal).await
    }

    pub(crate) async fn open_with(
        settings: ConnectionSettings,
        asked: Asked,
        args: &AccountArgs,
        accounts: Accounts,
        terminal: &Terminal,
    ) -> Result<Self, Failure> {
        args.check()?;
        let concurrency = settings.concurrency.max(1);
        let connection = Connection::open(settings).await.map_err(|error| of_connect(&error))?;
        let asked = asked.or_default(&connection)?;
        let home = connection
            .home_region(asked.first())
            .ok_or_else(|| Failure::usage("no Region").hint("give --region or set AWS_REGION"))?;
        let cloud = Arc::new(connection.cloud());
        let identity = Call::<GetCallerIdentity>::call(&*cloud, &home, GetCallerIdentityRequest {})
            .await
            .map_err(|error| of_cloud(&error, &home, connection.endpoint_url()))?;
        let account = identity.account;
        let regions = check_regions(&cloud, &home, asked.clone(), terminal).await?;
        let wanted = match accounts {
            Accounts::Own => [account].into(),
            Accounts::Of(accounts) => accounts.into_iter().chain([account]).collect(),
            Accounts::Asked => args.named(&*cloud, &home, account).await?,
        };
        let mut session = Self {
            cloud: Arc::clone(&cloud),
            account,
            arn: identity.arn,
            regions,
            accounts: BTreeMap::new(),
            unreachable: Vec::new(),
        };
        let own = wanted.contains(&account);
        let others = wanted.into_iter().filter(|wanted| *wanted != account);
        let entering =
            Entering { connection: &connection, args, home: &home, asked: &asked, regions: &session.regions };
        let entered: Vec<(AccountId, Result<Reached, Refused>)> = stream::iter(others)
            .map(|account| async move { (account, entering.enter(account).await) })
            .buffer_unordered(concurrency)
            .collect()
            .await;
        let count = entered.len();
        for (account, entered) in entered {
            match entered {
                Ok(reached) => {
                    session.accounts.insert(account, reached);
                }
                Err(Refused { status, why }) => {
                    terminal.note(&format!("account {account} cannot be worked in: {why}"));
                    session.unreachable.extend(session.regions.iter().map(|region| Unreachable {
                        scope: Scope { account, region: region.clone() },
                        status,
                        why: why.clone(),
                    }));
                }
            }
        }
        if own {
            session.accounts.insert(account, Reached { cloud, regions: session.regions.clone() });
        } else if session.accounts.is_empty() && count > 0 {
            return Err(Failure::error("none of the accounts can be worked in")
                .hint("see above why; --assume-role names the role to assume in each"));
        }
        Ok(session)
    }

    /// How many accounts and Regions there are, those that cannot be reached too.
    pub(crate) fn scope_count(&self) -> usize {
        self.scopes().len() + self.unreachable.len()
    }

    /// The accounts and Regions to work in.
    pub(crate) fn scopes(&self) -> Vec<Scope> {
        let of = |(account, reached): (&AccountId, &Reached)| {
            let account = *account;
            reached.regions.clone().into_iter().map(move |region| Scope { account, region }).collect::<Vec<_>>()
        };
        self.accounts.iter().flat_map(of).collect()
    }

    /// The accounts that can be worked in besides the one of the credentials.
    pub(crate) fn others(&self) -> Vec<AccountId> {
        self.accounts.keys().copied().filter(|account| *account != self.account).collect()
    }

    /// The port of every account that was called.
    pub(crate) fn clouds(&self) -> impl Iterator<Item = &AwsCloud> {
        self.by_account().map(|(_, cloud)| cloud)
    }

    /// The same with the accounts.
    pub(crate) fn by_account(&self) -> impl Iterator<Item = (AccountId, &AwsCloud)> {
        let home = (!self.accounts.contains_key(&self.account)).then_some((self.account, &*self.cloud));
        self.accounts.iter().map(|(account, reached)| (*account, &*reached.cloud)).chain(home)
    }
}

/// Why an account cannot be worked in.
struct Refused {
    status: CoverageStatus,
    why: String,
}

/// What entering other accounts needs.
#[derive(Clone, Copy)]
struct Entering<'a> {
    connection: &'a Connection,
    args: &'a AccountArgs,
    home: &'a Region,
    asked: &'a Asked,
    regions: &'a [Region],
}

impl Entering<'_> {
    /// Assumes the role of an account and finds its Regions.
    async fn enter(self, account: AccountId) -> Result<Reached, Refused> {
        let Some(role) = self.args.role(account, self.home) else {
            let why = "it is not the account of the credentials, and no role is named: give --assume-role".to_owned();
            return Err(Refused { status: CoverageStatus::Failed, why });
        };
        let cloud = Arc::new(self.connection.assume(&role).await);
        let identity = Call::<GetCallerIdentity>::call(&*cloud, self.home, GetCallerIdentityRequest {}).await;
        let identity = identity.map_err(|error| refused(&role.arn, &error))?;
        if identity.account != account {
            let why = format!("{} leads into account {}", role.arn, identity.account);
            return Err(Refused { status: CoverageStatus::Failed, why });
        }
        let known = match Call::<DescribeRegions>::call(&*cloud, self.home, DescribeRegionsRequest {}).await {
            Ok(known) => known,
            // Then a Region that is not enabled fails by itself.
            Err(error) if error.class == ErrorClass::Denied => {
                return Ok(Reached { cloud, regions: self.regions.to_vec() });
            }
            Err(error) => return Err(refused(&role.arn, &error)),
        };
        let enabled = known.into_iter().filter(|status| status.enabled).map(|status| status.region);
        // In a Region that is not enabled nothing can be.
        let regions = match self.asked {
            Asked::Named(_) => enabled.filter(|region| self.regions.contains(region)).collect(),
            Asked::All | Asked::Default => enabled.collect(),
        };
        Ok(Reached { cloud, regions })
    }
}

fn refused(role: &str, error: &CloudError) -> Refused {
    let status = match error.class {
        ErrorClass::Denied | ErrorClass::Credentials => CoverageStatus::Denied,
        _ => CoverageStatus::Failed,
    };
    Refused { status, why: format!("{role}: {error}") }
}

pub(crate) fn settings(global: &Global) -> ConnectionSettings {
    ConnectionSettings {
        profile: global.profile.clone(),
        endpoint_url: global.endpoint_url.clone(),
        role_arn: global.role_arn.clone(),
        fixed_credentials: None,
        concurrency: usize::from(global.concurrency),
        rate: global.rate.map(|rate| match rate {
            Rate::Aws => RateModel::Documented,
            Rate::Adaptive => RateModel::Adaptive,
        }),
        transport: None,
    }
}

/// Which Regions were asked for.
#[derive(Debug, Clone)]
pub(crate) enum Asked {
    /// The default one.
    Default,
    /// All that are enabled.
    All,
    /// These.
    Named(Vec<Region>),
}

impl Asked {
    fn of(names: &[String]) -> Result<Self, Failure> {
        match names {
            [] => Ok(Self::Default),
            [all] if all == "all" => Ok(Self::All),
            names => {
                let mut regions = Vec::with_capacity(names.len());
                for name in names {
                    let region =
                        name.trim().parse::<Region>().map_err(|error| Failure::usage(format!("--region: {error}")))?;
                    if !regions.contains(&region) {
                        regions.push(region);
                    }
                }
                Ok(Self::Named(regions))
            }
        }
    }

    fn or_default(self, connection: &Connection) -> Result<Self, Failure> {
        let Self::Default = self else { return Ok(self) };
        let name = connection.default_region().ok_or_else(|| {
            Failure::usage("no Region").hint("give --region us-east-1 (or --region all), or set AWS_REGION")
        })?;
        let region = name.parse().map_err(|error| Failure::usage(format!("the configured Region: {error}")))?;
        Ok(Self::Named(vec![region]))
    }

    fn first(&self) -> Option<&Region> {
        match self {
            Self::Named(regions) => regions.first(),
            Self::Default | Self::All => None,
        }
    }
}

/// The Regions that were asked for, each of them one that exists and is enabled.
async fn check_regions(
    cloud: &AwsCloud,
    home: &Region,
    asked: Asked,
    terminal: &Terminal,
) -> Result<Vec<Region>, Failure> {
    let known = Call::<DescribeRegions>::call(cloud, home, DescribeRegionsRequest {}).await;
    match (asked, known) {
        (Asked::Named(regions), Ok(known)) => {
            for region in &regions {
                match known.iter().find(|status| status.region == *region) {
                    Some(status) if status.enabled => {}
                    Some(_) => {
                        return Err(Failure::error(format!(
                            "Region {region} is not enabled for this account (not opted in)"
                        ))
                        .hint("enable it in the account settings, or leave it out of --region"));
                    }
                    None => {
                        let failure = Failure::error(format!("there is no Region {region}"));
                        let nearest = known
                            .iter()
                            .max_by_key(|status| (strsim::jaro(status.region.as_str(), region.as_str()) * 1e6) as u64);
                        return Err(match nearest {
                            Some(status) => failure.hint(format!("did you mean {}?", status.region)),
                            None => failure,
                        });
                    }
                }
            }
            Ok(regions)
        }
        (Asked::Named(regions), Err(error)) if error.class == ErrorClass::Denied => {
            terminal.note(&format!("Regions were not checked: {error}"));
            Ok(regions)
        }
        (Asked::All | Asked::Default, Ok(known)) => {
            Ok(known.into_iter().filter(|status| status.enabled).map(|status| status.region).collect())
        }
        (_, Err(error)) => Err(of_cloud(&error, home, None)),
    }
}

pub(crate) fn of_connect(error: &ConnectError) -> Failure {
    match error {
        ConnectError::Credentials(_) => {
            Failure::error(error.to_string()).hint("set AWS_PROFILE or --profile, run `aws sso login`, or export keys")
        }
        ConnectError::Endpoint(_) => Failure::usage(error.to_string()),
    }
}

/// The failure for a first call that did not go through.
pub(crate) fn of_cloud(error: &CloudError, region: &Region, endpoint: Option<&str>) -> Failure {
    let failure = Failure::error(error.to_string());
    match error.class {
        ErrorClass::Credentials => {
            failure.hint("the credentials are wrong or have expired: renew them and run it again")
        }
        ErrorClass::Connect => match endpoint {
            Some(url) => failure.hint(format!("is {url} up? it is set by --endpoint-url or AWS_ENDPOINT_URL")),
            None => failure.hint("check the Region's name and the network"),
        },
        ErrorClass::Region => failure.hint(format!("Region {region} is not enabled for this account")),
        _ => Failure { hint: amictl_cloud::advice(&failure.message).map(Into::into), ..failure },
    }
}
