//! Images that other services of AWS manage.

use super::maker::{Maker, NewImage};

impl Maker<'_> {
    /// Images of AWS Backup, of Data Lifecycle Manager and of Image Builder, with the tags that these give them.
    pub(super) fn managed_images(&mut self) {
        for (number, age_days) in (1..).zip([20, 51, 82, 140]) {
            self.backup_image(number, age_days);
        }
        for age_days in [7, 14, 21, 28, 200, 207] {
            self.lifecycle_image(age_days);
        }
        for (number, age_days) in (1..).zip([300, 240, 180, 120, 60]) {
            self.image_builder_image(number, age_days);
        }
    }

    fn backup_image(&mut self, number: u32, age_days: i64) {
        let instance = format!("i-0b{number:015x}");
        let arn = format!("arn:aws:ec2:{}:{}:instance/{instance}", self.region, self.account);
        self.image(NewImage {
            name: format!("AwsBackup_{instance}_5c1a7e0{number}-4d6f-4b0e-9a51-3f1d2c9e8b7{number}"),
            age_days,
            sizes: &[8, 100],
            tags: vec![("aws:backup:source-resource".to_owned(), arn)],
            description: Some("This image is created by the AWS Backup service.".to_owned()),
            ..NewImage::default()
        });
    }

    fn lifecycle_image(&mut self, age_days: i64) {
        let policy = "policy-0a1b2c3d4e5f60718";
        let day = self.ago(age_days).to_timestamp().strftime("%Y-%m-%dT%H.%M.%S").to_string();
        let tags = [
            ("aws:dlm:lifecycle-policy-id", policy),
            ("aws:dlm:lifecycle-schedule-name", "Weekly"),
            ("dlm:managed", "true"),
            ("app", "orders-db"),
        ];
        self.image(NewImage {
            name: format!("{policy}_i-0d00000000000000f_{day}"),
            age_days,
            sizes: &[8, 200],
            tags: tags.map(|(key, value)| (key.to_owned(), value.to_owned())).into(),
            description: Some(format!("Created for policy: {policy} schedule: Weekly")),
            ..NewImage::default()
        });
    }

    fn image_builder_image(&mut self, number: u32, age_days: i64) {
        let date = self.ago(age_days).to_timestamp().strftime("%Y-%m-%dT%H-%M-%S").to_string();
        let arn = format!("arn:aws:imagebuilder:{}:{}:image/hardened-linux/1.0.{number}/1", self.region, self.account);
        let tags = [("CreatedBy", "EC2 Image Builder"), ("Ec2ImageBuilderArn", arn.as_str())];
        self.image(NewImage {
            name: format!("hardened-linux {date}"),
            age_days,
            sizes: &[12],
            tags: tags.map(|(key, value)| (key.to_owned(), value.to_owned())).into(),
            launched: Some(age_days - 1),
            ..NewImage::default()
        });
    }
}
