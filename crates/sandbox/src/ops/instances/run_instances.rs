//! EC2 `RunInstances`: of an image, or of a launch template.

use std::sync::Arc;

use amictl_cloud::{OperationSpec, Service};
use compact_str::CompactString;

use super::instance_xml::{Place, write_reservation};
use super::launch::{Launch, launch, launchable_image, resolved_image};
use crate::ops::input::{mappings, tag_specification};
use crate::ops::templates::template_lookup::{TemplateRef, template_version};
use crate::ops::{Ctx, Op};
use crate::wire::{Encode, Params, Xml};
use crate::world::Instance;
use crate::{Fault, World};

/// Instances that one call may start.
const COUNT_MAX: i64 = 1000;

pub(crate) struct RunInstances;

pub(crate) struct RunInstancesInput {
    image: Option<String>,
    template: Option<TemplateRef>,
    instance_type: Option<String>,
    launch: Launch,
}

pub(crate) struct RunInstancesOutput {
    instances: Vec<Arc<Instance>>,
    place: Place,
}

impl Op for RunInstances {
    const SPEC: OperationSpec = OperationSpec::mutating(Service::Ec2, "RunInstances");
    type Input = RunInstancesInput;
    type Output = RunInstancesOutput;

    fn decode(params: &Params) -> Result<RunInstancesInput, Fault> {
        let count = |name: &str| params.integer(name)?.ok_or_else(|| Fault::missing(name));
        let (least, most) = (count("MinCount")?, count("MaxCount")?);
        if least < 1 || most < least || most > COUNT_MAX {
            return Err(Fault::invalid_value("minCount, maxCount", &format!("{least}, {most}")));
        }
        let placement = params.structure("Placement").and_then(|placement| placement.string("AvailabilityZone"));
        Ok(RunInstancesInput {
            image: params.string("ImageId"),
            template: params.structure("LaunchTemplate").map(TemplateRef::decode).transpose()?,
            instance_type: params.string("InstanceType"),
            launch: Launch {
                instance_type: CompactString::default(),
                count: u32::try_from(most).unwrap_or(1),
                tags: tag_specification(params, "instance")?,
                volume_tags: tag_specification(params, "volume")?,
                key_name: params.string("KeyName").map(CompactString::from),
                zone: placement.map(CompactString::from),
                group: None,
                mappings: mappings(params)?,
            },
        })
    }

    fn run(world: &mut World, ctx: &Ctx, mut input: RunInstancesInput) -> Result<RunInstancesOutput, Fault> {
        let version = match &input.template {
            Some(reference) => Some(template_version(world, ctx, reference)?.1),
            None => None,
        };
        let data = version.as_ref().map(|version| &version.data);
        let image = input.image.as_deref().or_else(|| data?.image()).ok_or_else(|| Fault::missing("ImageId"))?;
        let instance_type = input.instance_type.as_deref().or_else(|| data?.instance_type()).unwrap_or("m1.small");
        input.launch.instance_type = instance_type.into();
        if let Some(zone) = &input.launch.zone
            && !crate::world::zones(&ctx.region).iter().any(|known| known == zone.as_str())
        {
            return Err(Fault::new("InvalidParameterValue", format!("Invalid availability zone: [{zone}]")));
        }
        let image = launchable_image(world, ctx, &resolved_image(world, ctx, image)?)?;
        ctx.commit()?;
        let instances = launch(world, ctx, &image, &input.launch);
        Ok(RunInstancesOutput { instances, place: Place { account: ctx.account, region: ctx.region.clone() } })
    }
}

impl Encode for RunInstancesOutput {
    fn encode(&self, xml: &mut Xml) {
        let instances: Vec<&Instance> = self.instances.iter().map(Arc::as_ref).collect();
        let reservation = instances.first().map_or("", |instance| instance.reservation.as_str());
        write_reservation(xml, &self.place, reservation, &instances);
    }
}
