//! EC2 `GetAllowedImagesSettings`, `EnableAllowedImagesSettings`, `DisableAllowedImagesSettings` and
//! `ReplaceImageCriteriaInAllowedImagesSettings`.

use amictl_cloud::{OperationSpec, Service};

use super::image_criteria::{criteria, write_criteria};
use crate::ops::{Ctx, Done, Op};
use crate::wire::{Encode, Params, Xml};
use crate::world::{AllowedImages, ImageCriterion};
use crate::{Fault, World};

pub(crate) struct GetAllowedImagesSettings;

pub(crate) struct Settings {
    state: AllowedImages,
    criteria: Vec<ImageCriterion>,
}

impl Op for GetAllowedImagesSettings {
    const SPEC: OperationSpec = OperationSpec::read(Service::Ec2, "GetAllowedImagesSettings");
    type Input = ();
    type Output = Settings;

    fn decode(_: &Params) -> Result<(), Fault> {
        Ok(())
    }

    fn run(world: &mut World, ctx: &Ctx, (): ()) -> Result<Settings, Fault> {
        let settings = &world.scope_mut(ctx.account, &ctx.region).image_settings;
        Ok(Settings { state: settings.allowed, criteria: settings.criteria.clone() })
    }
}

impl Encode for Settings {
    fn encode(&self, xml: &mut Xml) {
        xml.text("state", self.state.as_str());
        write_criteria(xml, &self.criteria);
        xml.text("managedBy", "account");
    }
}

pub(crate) struct SettingsState(AllowedImages);

impl Encode for SettingsState {
    fn encode(&self, xml: &mut Xml) {
        xml.text("allowedImagesSettingsState", self.0.as_str());
    }
}

fn set(world: &mut World, ctx: &Ctx, state: AllowedImages) -> Result<SettingsState, Fault> {
    ctx.commit()?;
    world.scope_mut(ctx.account, &ctx.region).image_settings.allowed = state;
    Ok(SettingsState(state))
}

pub(crate) struct EnableAllowedImagesSettings;

impl Op for EnableAllowedImagesSettings {
    const SPEC: OperationSpec = OperationSpec::mutating(Service::Ec2, "EnableAllowedImagesSettings");
    type Input = AllowedImages;
    type Output = SettingsState;

    fn decode(params: &Params) -> Result<AllowedImages, Fault> {
        match params.required("AllowedImagesSettingsState")? {
            "enabled" => Ok(AllowedImages::Enabled),
            "audit-mode" => Ok(AllowedImages::AuditMode),
            other => Err(Fault::invalid_value("AllowedImagesSettingsState", other)),
        }
    }

    fn run(world: &mut World, ctx: &Ctx, state: AllowedImages) -> Result<SettingsState, Fault> {
        set(world, ctx, state)
    }
}

pub(crate) struct DisableAllowedImagesSettings;

impl Op for DisableAllowedImagesSettings {
    const SPEC: OperationSpec = OperationSpec::mutating(Service::Ec2, "DisableAllowedImagesSettings");
    type Input = ();
    type Output = SettingsState;

    fn decode(_: &Params) -> Result<(), Fault> {
        Ok(())
    }

    fn run(world: &mut World, ctx: &Ctx, (): ()) -> Result<SettingsState, Fault> {
        set(world, ctx, AllowedImages::Disabled)
    }
}

pub(crate) struct ReplaceImageCriteriaInAllowedImagesSettings;

impl Op for ReplaceImageCriteriaInAllowedImagesSettings {
    const SPEC: OperationSpec = OperationSpec::mutating(Service::Ec2, "ReplaceImageCriteriaInAllowedImagesSettings");
    type Input = Vec<ImageCriterion>;
    type Output = Done;

    fn decode(params: &Params) -> Result<Vec<ImageCriterion>, Fault> {
        criteria(params)
    }

    fn run(world: &mut World, ctx: &Ctx, criteria: Vec<ImageCriterion>) -> Result<Done, Fault> {
        ctx.commit()?;
        world.scope_mut(ctx.account, &ctx.region).image_settings.criteria = criteria;
        Ok(Done)
    }
}
