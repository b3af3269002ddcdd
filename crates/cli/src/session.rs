//! One account's connection, and the Regions to work in.

use std::sync::Arc;

use amictl_aws::{AwsCloud, ConnectError, Connection, ConnectionSettings, RateModel};
use amictl_cloud::ops::{DescribeRegions, DescribeRegionsRequest, GetCallerIdentity, GetCallerIdentityRequest};
use amictl_cloud::{Call, CloudError, ErrorClass};
use amictl_model::{AccountId, Region};

use crate::args::{Global, Rate};
use crate::exit::Failure;
use crate::output::Terminal;

/// Connected, the account known, the Regions checked.
#[derive(Debug)]
pub(crate) struct Session {
    pub(crate) cloud: Arc<AwsCloud>,
    pub(crate) account: AccountId,
    pub(crate) regions: Vec<Region>,
}

impl Session {
    /// Connects as the options and the environment say.
    pub(crate) async fn open(global: &Global, terminal: &Terminal) -> Result<Self, Failure> {
        Self::open_with(settings(global), Asked::of(&global.region)?, terminal).await
    }

    /// Connects for these Regions, whatever the options say.
    pub(crate) async fn open_in(global: &Global, regions: Vec<Region>, terminal: &Terminal) -> Result<Self, Failure> {
        Self::open_with(settings(global), Asked::Named(regions), terminal).await
    }

    pub(crate) async fn open_with(
        settings: ConnectionSettings,
        asked: Asked,
        terminal: &Terminal,
    ) -> Result<Self, Failure> {
        let connection = Connection::open(settings).await.map_err(|error| of_connect(&error))?;
        let asked = asked.or_default(&connection)?;
        let home = connection
            .home_region(asked.first())
            .ok_or_else(|| Failure::usage("no Region").hint("give --region or set AWS_REGION"))?;
        let cloud = Arc::new(connection.cloud());
        let identity = Call::<GetCallerIdentity>::call(&*cloud, &home, GetCallerIdentityRequest {})
            .await
            .map_err(|error| of_cloud(&error, &home, connection.endpoint_url()))?;
        let regions = check_regions(&cloud, &home, asked, terminal).await?;
        Ok(Self { cloud, account: identity.account, regions })
    }
}

fn settings(global: &Global) -> ConnectionSettings {
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

fn of_connect(error: &ConnectError) -> Failure {
    match error {
        ConnectError::Credentials(_) => {
            Failure::error(error.to_string()).hint("set AWS_PROFILE or --profile, run `aws sso login`, or export keys")
        }
        ConnectError::Endpoint(_) => Failure::usage(error.to_string()),
    }
}

/// The failure for a first call that did not go through.
fn of_cloud(error: &CloudError, region: &Region, endpoint: Option<&str>) -> Failure {
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
        ErrorClass::Denied => failure.hint("`amictl iam-policy` prints the permissions that are needed"),
        _ => failure,
    }
}
