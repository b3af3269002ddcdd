//! Something to begin with: one of nearly everything, made by calls that are right.

use amictl_cloud::Service;
use serde_json::{Value, json};

use super::client::Client;

impl Client {
    /// Makes one of nearly everything at once; each time under other names.
    pub(super) fn prepare(&mut self) {
        let pace = std::mem::take(&mut self.sandbox.world().pace);
        self.prepared += 1;
        let number = self.prepared;
        let name = format!("first-{number}");
        self.prepare_image(&name);
        self.prepare_groups(&name);
        self.prepare_services(&name);
        self.prepare_builder(&name);
        self.sandbox.world().pace = pace;
    }

    /// Makes a call that must succeed; the named member of its reply.
    fn make(&mut self, service: Service, operation: &str, document: &Value, member: &str) -> String {
        let entry = crate::ops::find(service, operation).unwrap();
        let reply = self.send(entry, document).unwrap_or_else(|(_, fault)| panic!("{fault}"));
        let (tag, key) = (format!("<{member}>"), format!("\"{member}\":\""));
        let xml = reply.split(&tag).nth(1).and_then(|rest| rest.split('<').next());
        let json = reply.split(&key).nth(1).and_then(|rest| rest.split('"').next());
        xml.or(json).unwrap_or_default().to_owned()
    }

    fn prepare_image(&mut self, name: &str) {
        use Service::Ec2;
        let volume = self.make(Ec2, "CreateVolume", &json!({"AvailabilityZone": "us-east-1a", "Size": 8}), "volumeId");
        let snapshot = self.make(Ec2, "CreateSnapshot", &json!({"VolumeId": volume}), "snapshotId");
        let mapping = json!({"DeviceName": "/dev/xvda", "Ebs": {"SnapshotId": snapshot}});
        let image = json!({"Name": name, "RootDeviceName": "/dev/xvda", "BlockDeviceMapping": [mapping]});
        let image = self.make(Ec2, "RegisterImage", &image, "imageId");
        let launch = json!({"ImageId": image, "MinCount": 1, "MaxCount": 1, "InstanceType": "t3.micro"});
        self.make(Ec2, "RunInstances", &launch, "instanceId");
        let data = json!({"ImageId": image, "InstanceType": "t3.micro"});
        let template = json!({"LaunchTemplateName": name, "LaunchTemplateData": data});
        let template = self.make(Ec2, "CreateLaunchTemplate", &template, "launchTemplateId");
        self.make(Ec2, "CreateKeyPair", &json!({"KeyName": name}), "");
        let specification = json!({"LaunchTemplateId": template, "Version": "1"});
        let fleet = json!({
            "LaunchTemplateConfigs": [{"LaunchTemplateSpecification": specification}],
            "TargetCapacitySpecification": {"TotalTargetCapacity": 1, "DefaultTargetCapacityType": "on-demand"},
        });
        self.make(Ec2, "CreateFleet", &fleet, "");
        let configuration = json!({"LaunchConfigurationName": name, "ImageId": image, "InstanceType": "t3.micro"});
        self.make(Service::AutoScaling, "CreateLaunchConfiguration", &configuration, "");
    }

    fn prepare_groups(&mut self, name: &str) {
        let group = json!({
            "AutoScalingGroupName": name, "LaunchConfigurationName": name, "MinSize": 0, "MaxSize": 4,
            "DesiredCapacity": 1, "AvailabilityZones": ["us-east-1a"],
        });
        self.make(Service::AutoScaling, "CreateAutoScalingGroup", &group, "");
        let instances = json!({"AutoScalingGroupNames": [name]});
        self.make(Service::AutoScaling, "DescribeAutoScalingGroups", &instances, "");
    }

    fn prepare_services(&mut self, name: &str) {
        let parameter = json!({"Name": name, "Value": "one", "Type": "String"});
        self.make(Service::Ssm, "PutParameter", &parameter, "");
        self.make(Service::Ssm, "LabelParameterVersion", &json!({"Name": name, "Labels": ["stable"]}), "");
        let days = json!({"RetentionPeriodValue": 7, "RetentionPeriodUnit": "DAYS"});
        for kind in ["EC2_IMAGE", "EBS_SNAPSHOT", "EBS_VOLUME"] {
            let tag = json!([{"ResourceTagKey": name}]);
            let rule = json!({"ResourceType": kind, "RetentionPeriod": days, "ResourceTags": tag});
            self.make(Service::Rbin, "CreateRule", &rule, "");
        }
        let topic = self.make(Service::Sns, "CreateTopic", &json!({"Name": name}), "TopicArn");
        let subscription = json!({"TopicArn": topic, "Protocol": "email", "Endpoint": "a@example.com"});
        self.make(Service::Sns, "Subscribe", &subscription, "");
        let quotas = json!({"ServiceCode": "ec2", "MaxResults": 2});
        self.make(Service::ServiceQuotas, "ListServiceQuotas", &quotas, "");
        let root = self.make(Service::Organizations, "ListRoots", &json!({}), "Id");
        let unit = json!({"ParentId": root, "Name": name});
        self.make(Service::Organizations, "CreateOrganizationalUnit", &unit, "");
        let state = json!({"ComputeEnvironmentName": name, "ComputeResources": {}}).to_string();
        let resource = json!({"TypeName": "AWS::Batch::ComputeEnvironment", "DesiredState": state});
        self.make(Service::CloudControl, "CreateResource", &resource, "");
    }

    fn prepare_builder(&mut self, name: &str) {
        use Service::ImageBuilder;
        let parent = self.ids["ami-"].last().cloned().unwrap_or_default();
        let recipe = json!({"name": name, "semanticVersion": "1.0.0", "parentImage": parent, "clientToken": name});
        let recipe = self.make(ImageBuilder, "CreateImageRecipe", &recipe, "imageRecipeArn");
        let container = json!({
            "containerType": "DOCKER", "name": name, "semanticVersion": "1.0.0", "parentImage": "amazonlinux",
            "targetRepository": {"service": "ECR", "repositoryName": "box"}, "clientToken": name,
        });
        self.make(ImageBuilder, "CreateContainerRecipe", &container, "");
        let infrastructure = json!({"name": name, "instanceProfileName": "p", "clientToken": name});
        let member = "infrastructureConfigurationArn";
        let infrastructure = self.make(ImageBuilder, "CreateInfrastructureConfiguration", &infrastructure, member);
        let distribution = json!({"name": name, "distributions": [{"region": "us-east-1"}], "clientToken": name});
        self.make(ImageBuilder, "CreateDistributionConfiguration", &distribution, "");
        let what = json!({"imageRecipeArn": recipe, member: infrastructure, "clientToken": name});
        let mut pipeline = what.clone();
        pipeline["name"] = name.into();
        self.make(ImageBuilder, "CreateImagePipeline", &pipeline, "");
        self.make(ImageBuilder, "CreateImage", &what, "");
    }
}
