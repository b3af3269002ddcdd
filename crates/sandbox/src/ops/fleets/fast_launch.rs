//! EC2 `EnableFastLaunch`, `DisableFastLaunch` and `DescribeFastLaunchImages`.

use std::ops::Bound;
use std::sync::Arc;

use amictl_cloud::{OperationSpec, Service};
use amictl_model::{ImageId, ImageState, Moment};

use crate::filter::Filters;
use crate::ops::images::own_image::{own_image, own_image_in};
use crate::ops::input::image_id;
use crate::ops::paged;
use crate::ops::templates::template_lookup::{TemplateRef, template_version};
use crate::ops::{Ctx, Op};
use crate::page;
use crate::wire::{Encode, Params, Xml};
use crate::world::{FastLaunch, GroupTemplate};
use crate::{Fault, World};

pub(crate) struct EnableFastLaunch;

pub(crate) struct EnableFastLaunchInput {
    image: ImageId,
    target: u32,
    max_parallel: u32,
    template: Option<TemplateRef>,
}

pub(crate) struct FastLaunchReply {
    fast: FastLaunch,
    now: Moment,
}

impl Op for EnableFastLaunch {
    const SPEC: OperationSpec = OperationSpec::mutating(Service::Ec2, "EnableFastLaunch");
    type Input = EnableFastLaunchInput;
    type Output = FastLaunchReply;

    fn decode(params: &Params) -> Result<Self::Input, Fault> {
        match params.text("ResourceType") {
            None | Some("" | "snapshot") => {}
            Some(other) => return Err(Fault::invalid_value("ResourceType", other)),
        }
        let max_parallel = params.unsigned("MaxParallelLaunches")?.unwrap_or(6);
        if max_parallel < 6 {
            return Err(Fault::invalid_value("MaxParallelLaunches", &max_parallel.to_string()));
        }
        let target = params.structure("SnapshotConfiguration");
        Ok(EnableFastLaunchInput {
            image: image_id(params.required("ImageId")?)?,
            target: target.map_or(Ok(None), |target| target.unsigned("TargetResourceCount"))?.unwrap_or(5),
            max_parallel,
            template: params.structure("LaunchTemplate").map(TemplateRef::decode).transpose()?,
        })
    }

    fn run(world: &mut World, ctx: &Ctx, input: Self::Input) -> Result<FastLaunchReply, Fault> {
        let image = own_image_in(world, ctx, &input.image, &[ImageState::Available])?;
        if image.traits.platform.as_deref().is_none_or(|platform| !platform.eq_ignore_ascii_case("windows")) {
            let message = format!("Fast launch is supported for Windows images only, which {} is not.", image.id);
            return Err(Fault::new("InvalidParameterValue", message));
        }
        let template = match &input.template {
            Some(reference) => {
                let (template, _) = template_version(world, ctx, reference)?;
                let version = reference.version.as_deref().map(Into::into);
                Some(GroupTemplate { id: template.id.clone(), name: template.name.clone(), version })
            }
            None => None,
        };
        ctx.commit()?;
        let fast = FastLaunch {
            image: input.image.clone(),
            owner: ctx.account,
            target: input.target,
            max_parallel: input.max_parallel,
            template,
            is_on: true,
            since: ctx.now.plus_secs(world.pace.task_secs.into()),
            reason: "Client.UserInitiated".into(),
        };
        world.scope_mut(ctx.account, &ctx.region).fast_launches.insert(input.image, Arc::new(fast.clone()));
        Ok(FastLaunchReply { fast, now: ctx.now })
    }
}

pub(crate) struct DisableFastLaunch;

impl Op for DisableFastLaunch {
    const SPEC: OperationSpec = OperationSpec::mutating(Service::Ec2, "DisableFastLaunch");
    type Input = ImageId;
    type Output = FastLaunchReply;

    fn decode(params: &Params) -> Result<ImageId, Fault> {
        params.flag("Force")?;
        image_id(params.required("ImageId")?)
    }

    fn run(world: &mut World, ctx: &Ctx, id: ImageId) -> Result<FastLaunchReply, Fault> {
        own_image(world, ctx, &id)?;
        let until = ctx.now.plus_secs(world.pace.task_secs.into());
        let scope = world.scope_mut(ctx.account, &ctx.region);
        let fast = scope.fast_launches.get(&id).filter(|fast| fast.is_on).ok_or_else(|| {
            Fault::new("InvalidParameterValue", format!("Fast launch is not enabled for the image {id}."))
        })?;
        ctx.commit()?;
        let fast = FastLaunch { is_on: false, since: until, ..FastLaunch::clone(fast) };
        scope.fast_launches.insert(id, Arc::new(fast.clone()));
        Ok(FastLaunchReply { fast, now: ctx.now })
    }
}

fn write_fast_launch(xml: &mut Xml, fast: &FastLaunch, now: Moment) {
    xml.text("imageId", &fast.image);
    xml.text("resourceType", "snapshot");
    xml.element("snapshotConfiguration", |xml| xml.value("targetResourceCount", fast.target));
    if let Some(template) = &fast.template {
        xml.element("launchTemplate", |xml| {
            xml.text("launchTemplateId", &template.id);
            xml.text("launchTemplateName", &template.name);
            xml.optional("version", template.version.as_ref());
        });
    }
    xml.value("maxParallelLaunches", fast.max_parallel);
    xml.value("ownerId", fast.owner);
    xml.text("state", fast.state(now).unwrap_or("disabling"));
    xml.text("stateTransitionReason", &fast.reason);
    xml.time("stateTransitionTime", fast.since);
}

impl Encode for FastLaunchReply {
    fn encode(&self, xml: &mut Xml) {
        write_fast_launch(xml, &self.fast, self.now);
    }
}

pub(crate) struct DescribeFastLaunchImages;

pub(crate) struct DescribeFastLaunchImagesInput {
    images: Vec<ImageId>,
    filters: Filters,
    limit: Option<usize>,
    token: Option<String>,
}

pub(crate) struct DescribeFastLaunchImagesOutput {
    launches: Vec<Arc<FastLaunch>>,
    next_token: Option<String>,
    now: Moment,
}

impl Op for DescribeFastLaunchImages {
    const SPEC: OperationSpec = OperationSpec::read(Service::Ec2, "DescribeFastLaunchImages");
    type Input = DescribeFastLaunchImagesInput;
    type Output = DescribeFastLaunchImagesOutput;
    paged!();

    fn decode(params: &Params) -> Result<Self::Input, Fault> {
        Ok(DescribeFastLaunchImagesInput {
            images: params.texts("ImageId")?.iter().map(|id| image_id(id)).collect::<Result<_, _>>()?,
            filters: Filters::decode(params, &["owner-id", "resource-type", "state"])?,
            limit: page::limit("MaxResults", params.integer("MaxResults")?, 1..=200)?,
            token: params.string("NextToken"),
        })
    }

    fn run(world: &mut World, ctx: &Ctx, input: Self::Input) -> Result<Self::Output, Fault> {
        let after = input.token.as_deref().map(|token| page::key_of_token(ctx, Self::SPEC.name, token)).transpose()?;
        let start = match after {
            Some(id) => Bound::Excluded(image_id(&id)?),
            None => Bound::Unbounded,
        };
        let scope = world.scope_mut(ctx.account, &ctx.region);
        let page = page::fill(scope.fast_launches.range((start, Bound::Unbounded)), input.limit, |id, fast| {
            let state = fast.state(ctx.now)?;
            let takes = (input.images.is_empty() || input.images.contains(id))
                && input.filters.matches(&amictl_model::Tags::default(), |name, filter| match name {
                    "owner-id" => filter.takes_value(fast.owner),
                    "resource-type" => filter.takes("snapshot"),
                    _ => filter.takes(state),
                });
            takes.then(|| Arc::clone(fast))
        });
        let next_token = page.next.map(|id| page::token_after(ctx, Self::SPEC.name, id.as_str()));
        Ok(DescribeFastLaunchImagesOutput { launches: page.items, next_token, now: ctx.now })
    }
}

impl Encode for DescribeFastLaunchImagesOutput {
    fn encode(&self, xml: &mut Xml) {
        xml.list("fastLaunchImageSet", "item", &self.launches, |xml, fast| write_fast_launch(xml, fast, self.now));
        xml.optional("nextToken", self.next_token.as_ref());
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use crate::ops::story::TestWorld;
    use crate::world::ImageTraits;

    #[test]
    fn windows_images_get_fast_launch_in_time() {
        let mut test = TestWorld::new().paced();
        let (windows, linux) = (test.image("windows"), test.image("linux"));
        test.change(|scope| {
            if let Some(image) = scope.image_mut(&windows.parse().unwrap()) {
                image.traits = Arc::new(ImageTraits { platform: Some("windows".into()), ..ImageTraits::default() });
            }
        });
        assert_eq!(test.code("EnableFastLaunch", &format!("ImageId={linux}")), "InvalidParameterValue");
        let form = format!("ImageId={windows}");
        assert_eq!(test.code("DisableFastLaunch", &form), "InvalidParameterValue");
        test.ec2("EnableFastLaunch", &form);
        assert_eq!(test.first("DescribeFastLaunchImages", "", "state"), "enabling");
        test.pass_secs(60);
        assert_eq!(
            test.first("DescribeFastLaunchImages", "Filter.1.Name=state&Filter.1.Value.1=enabled", "imageId"),
            windows
        );
        assert_eq!(test.first("DisableFastLaunch", &form, "state"), "disabling");
        test.pass_secs(60);
        assert!(!test.ec2("DescribeFastLaunchImages", "").contains("<imageId>"));
    }
}
