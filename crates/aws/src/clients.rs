//! The SDK's clients of one account in one Region, each made when it is first asked for.

use std::sync::OnceLock;

use aws_types::SdkConfig;

use crate::objects::custom_endpoint;
use crate::retry::RetryQuota;

macro_rules! clients {
    ($($service:ident: $client:ty,)+) => {
        /// The clients of one account in one Region, with a retry quota of their own.
        #[derive(Debug)]
        pub(crate) struct RegionClients {
            config: SdkConfig,
            pub(crate) quota: RetryQuota,
            s3: OnceLock<aws_sdk_s3::Client>,
            $($service: OnceLock<$client>,)+
        }

        impl RegionClients {
            pub(crate) fn new(config: SdkConfig) -> Self {
                Self { config, quota: RetryQuota::default(), s3: OnceLock::new(), $($service: OnceLock::new(),)+ }
            }

            $(pub(crate) fn $service(&self) -> &$client {
                self.$service.get_or_init(|| <$client>::new(&self.config))
            })+
        }
    };
}

clients! {
    autoscaling: aws_sdk_autoscaling::Client,
    backup: aws_sdk_backup::Client,
    cloudcontrol: aws_sdk_cloudcontrol::Client,
    config_service: aws_sdk_config::Client,
    ebs: aws_sdk_ebs::Client,
    ec2: aws_sdk_ec2::Client,
    emr: aws_sdk_emr::Client,
    imagebuilder: aws_sdk_imagebuilder::Client,
    organizations: aws_sdk_organizations::Client,
    rbin: aws_sdk_rbin::Client,
    servicequotas: aws_sdk_servicequotas::Client,
    sns: aws_sdk_sns::Client,
    ssm: aws_sdk_ssm::Client,
    sts: aws_sdk_sts::Client,
}

impl RegionClients {
    /// S3's client. An endpoint that is not AWS's seldom has a name for each bucket, so there the bucket stands in the path.
    pub(crate) fn s3(&self) -> &aws_sdk_s3::Client {
        self.s3.get_or_init(|| {
            let config = aws_sdk_s3::config::Builder::from(&self.config);
            let by_path = custom_endpoint(&self.config).is_some();
            aws_sdk_s3::Client::from_conf(config.force_path_style(by_path).build())
        })
    }
}
