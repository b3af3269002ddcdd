//! Auto Scaling `CreateLaunchConfiguration` and `DeleteLaunchConfiguration`.

use amictl_cloud::{OperationSpec, Service};
use compact_str::CompactString;

use crate::ops::{Ctx, Nothing, Op};
use crate::wire::Params;
use crate::world::LaunchConfiguration;
use crate::{Fault, World};

pub(crate) struct CreateLaunchConfiguration;

impl Op for CreateLaunchConfiguration {
    const SPEC: OperationSpec = OperationSpec::mutating(Service::AutoScaling, "CreateLaunchConfiguration");
    type Input = Params;
    type Output = Nothing;

    fn decode(params: &Params) -> Result<Params, Fault> {
        params.required("LaunchConfigurationName")?;
        if params.string("InstanceId").is_none() {
            params.required("ImageId")?;
            params.required("InstanceType")?;
        }
        Ok(params.clone())
    }

    fn run(world: &mut World, ctx: &Ctx, request: Params) -> Result<Nothing, Fault> {
        let scope = world.scope_mut(ctx.account, &ctx.region);
        let name = CompactString::from(request.required("LaunchConfigurationName")?);
        if scope.configurations.contains_key(&name) {
            let message = format!(
                "Launch Configuration by this name already exists - A launch configuration already exists with the name {name}"
            );
            return Err(Fault::new("AlreadyExists", message));
        }
        let source = match request.text("InstanceId").filter(|id| !id.is_empty()) {
            Some(id) => {
                let instance = scope.instances.get(id);
                Some(instance.ok_or_else(|| Fault::validation(format!("Instance {id} is not found.")))?)
            }
            None => None,
        };
        let image = request.string("ImageId").or_else(|| source.map(|source| source.image.to_string()));
        let instance_type =
            request.string("InstanceType").or_else(|| source.map(|source| source.instance_type.to_string()));
        let image = image.unwrap_or_default();
        if image.parse::<amictl_model::ImageId>().is_err() {
            let image: String = image.chars().take(100).collect();
            return Err(Fault::validation(format!("Invalid AMI ID: {image}")));
        }
        let configuration = LaunchConfiguration {
            name,
            image: image.into(),
            instance_type: instance_type.unwrap_or_default().into(),
            created_at: ctx.now,
            request,
        };
        scope.put_launch_configuration(configuration);
        Ok(Nothing)
    }
}

pub(crate) struct DeleteLaunchConfiguration;

impl Op for DeleteLaunchConfiguration {
    const SPEC: OperationSpec = OperationSpec::mutating(Service::AutoScaling, "DeleteLaunchConfiguration");
    type Input = CompactString;
    type Output = Nothing;

    fn decode(params: &Params) -> Result<CompactString, Fault> {
        Ok(params.required("LaunchConfigurationName")?.into())
    }

    fn run(world: &mut World, ctx: &Ctx, name: CompactString) -> Result<Nothing, Fault> {
        let scope = world.scope_mut(ctx.account, &ctx.region);
        if !scope.configurations.contains_key(&name) {
            return Err(no_configuration(&name));
        }
        if scope.groups().any(|group| group.launch_configuration.as_ref() == Some(&name)) {
            let message =
                format!("Cannot delete launch configuration {name} because it is attached to AutoScalingGroup");
            return Err(Fault::new("ResourceInUse", message));
        }
        scope.configurations.remove(&name);
        Ok(Nothing)
    }
}

/// A launch configuration that is not there.
pub(crate) fn no_configuration(name: &str) -> Fault {
    let name: String = name.chars().take(255).collect();
    Fault::validation(format!("Launch configuration name not found - Launch configuration {name} not found"))
}
