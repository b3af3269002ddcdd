//! EC2 `CreateKeyPair`, `ImportKeyPair`, `DescribeKeyPairs` and `DeleteKeyPair`.
//!
//! The private key that is given out fits nothing: no instance of the sandbox can be logged in to.

use std::sync::Arc;

use amictl_cloud::{OperationSpec, Service};
use amictl_model::Tags;
use compact_str::CompactString;

use crate::filter::Filters;
use crate::ops::input::{resource_id, tag_specification};
use crate::ops::{Ctx, Op};
use crate::wire::{Encode, Params, Xml};
use crate::world::KeyPair;
use crate::{Fault, World};

pub(crate) struct CreateKeyPair;
pub(crate) struct ImportKeyPair;

pub(crate) struct NewKeyInput {
    name: CompactString,
    key_type: CompactString,
    tags: Tags,
}

pub(crate) struct NewKey {
    key: KeyPair,
    material: Option<String>,
}

fn new_key(world: &mut World, ctx: &Ctx, input: NewKeyInput) -> Result<KeyPair, Fault> {
    let scope = world.scope_mut(ctx.account, &ctx.region);
    if scope.key_pairs.contains_key(&input.name) {
        let message = format!("The keypair '{}' already exists.", input.name);
        return Err(Fault::new("InvalidKeyPair.Duplicate", message));
    }
    ctx.commit()?;
    let id = world.new_id("key-");
    let digits = format!("{:016x}{:016x}", world.new_number(), world.new_number());
    let pairs: Vec<&str> = (0..digits.len()).step_by(2).map(|at| &digits[at..at + 2]).collect();
    let key = KeyPair {
        id,
        name: input.name,
        key_type: input.key_type,
        fingerprint: pairs.join(":").into(),
        created_at: ctx.now,
        tags: input.tags,
    };
    world.scope_mut(ctx.account, &ctx.region).key_pairs.insert(key.name.clone(), Arc::new(key.clone()));
    Ok(key)
}

fn key_name(params: &Params) -> Result<CompactString, Fault> {
    let name = params.required("KeyName")?;
    if name.len() > 255 || !name.is_ascii() {
        return Err(Fault::invalid_value("KeyName", name));
    }
    Ok(name.into())
}

impl Op for CreateKeyPair {
    const SPEC: OperationSpec = OperationSpec::mutating(Service::Ec2, "CreateKeyPair");
    type Input = NewKeyInput;
    type Output = NewKey;

    fn decode(params: &Params) -> Result<NewKeyInput, Fault> {
        let key_type = params.string("KeyType").unwrap_or_else(|| "rsa".to_owned());
        if !["rsa", "ed25519"].contains(&key_type.as_str()) {
            return Err(Fault::invalid_value("KeyType", &key_type));
        }
        Ok(NewKeyInput {
            name: key_name(params)?,
            key_type: key_type.into(),
            tags: tag_specification(params, "key-pair")?,
        })
    }

    fn run(world: &mut World, ctx: &Ctx, input: NewKeyInput) -> Result<NewKey, Fault> {
        let key = new_key(world, ctx, input)?;
        let material = format!("-----BEGIN SANDBOX KEY-----\n{}\n-----END SANDBOX KEY-----", key.id);
        Ok(NewKey { key, material: Some(material) })
    }
}

impl Op for ImportKeyPair {
    const SPEC: OperationSpec = OperationSpec::mutating(Service::Ec2, "ImportKeyPair");
    type Input = NewKeyInput;
    type Output = NewKey;

    fn decode(params: &Params) -> Result<NewKeyInput, Fault> {
        params.required("PublicKeyMaterial")?;
        Ok(NewKeyInput {
            name: key_name(params)?,
            key_type: "rsa".into(),
            tags: tag_specification(params, "key-pair")?,
        })
    }

    fn run(world: &mut World, ctx: &Ctx, input: NewKeyInput) -> Result<NewKey, Fault> {
        Ok(NewKey { key: new_key(world, ctx, input)?, material: None })
    }
}

impl Encode for NewKey {
    fn encode(&self, xml: &mut Xml) {
        xml.text("keyPairId", &self.key.id);
        xml.text("keyName", &self.key.name);
        xml.text("keyFingerprint", &self.key.fingerprint);
        xml.optional("keyMaterial", self.material.as_ref());
        xml.tag_set(&self.key.tags);
    }
}

pub(crate) struct DescribeKeyPairs;

pub(crate) struct DescribeKeyPairsInput {
    names: Vec<String>,
    ids: Vec<CompactString>,
    filters: Filters,
}

pub(crate) struct DescribeKeyPairsOutput(Vec<Arc<KeyPair>>);

impl Op for DescribeKeyPairs {
    const SPEC: OperationSpec = OperationSpec::read(Service::Ec2, "DescribeKeyPairs");
    type Input = DescribeKeyPairsInput;
    type Output = DescribeKeyPairsOutput;

    fn decode(params: &Params) -> Result<Self::Input, Fault> {
        let ids = params.texts("KeyPairId")?;
        Ok(DescribeKeyPairsInput {
            names: params.texts("KeyName")?,
            ids: ids.iter().map(|id| key_id(id)).collect::<Result<_, _>>()?,
            filters: Filters::decode(params, &["fingerprint", "key-name", "key-pair-id", "tag-key"])?,
        })
    }

    fn run(world: &mut World, ctx: &Ctx, input: Self::Input) -> Result<Self::Output, Fault> {
        let scope = world.scope_mut(ctx.account, &ctx.region);
        if let Some(name) = input.names.iter().find(|name| !scope.key_pairs.contains_key(name.as_str())) {
            return Err(no_key(name));
        }
        if let Some(id) = input.ids.iter().find(|id| !scope.key_pairs.values().any(|key| key.id == **id)) {
            return Err(no_key(id));
        }
        let is_asked_for = |key: &KeyPair| {
            (input.names.is_empty() && input.ids.is_empty())
                || input.names.iter().any(|name| *name == key.name)
                || input.ids.contains(&key.id)
        };
        let takes = |key: &KeyPair| {
            input.filters.matches(&key.tags, |name, filter| match name {
                "fingerprint" => filter.takes(&key.fingerprint),
                "key-name" => filter.takes(&key.name),
                _ => filter.takes(&key.id),
            })
        };
        let keys = scope.key_pairs.values().filter(|key| is_asked_for(key) && takes(key));
        Ok(DescribeKeyPairsOutput(keys.map(Arc::clone).collect()))
    }
}

fn key_id(id: &str) -> Result<CompactString, Fault> {
    resource_id(id, "key-", "InvalidKeyPair.Format")
}

fn no_key(key: &str) -> Fault {
    let key: String = key.chars().take(255).collect();
    Fault::new("InvalidKeyPair.NotFound", format!("The key pair '{key}' does not exist"))
}

impl Encode for DescribeKeyPairsOutput {
    fn encode(&self, xml: &mut Xml) {
        xml.list("keySet", "item", &self.0, |xml, key| {
            xml.text("keyPairId", &key.id);
            xml.text("keyName", &key.name);
            xml.text("keyType", &key.key_type);
            xml.text("keyFingerprint", &key.fingerprint);
            xml.time("createTime", key.created_at);
            xml.tag_set(&key.tags);
        });
    }
}

pub(crate) struct DeleteKeyPair;

pub(crate) struct DeletedKey(Option<CompactString>);

impl Op for DeleteKeyPair {
    const SPEC: OperationSpec = OperationSpec::mutating(Service::Ec2, "DeleteKeyPair");
    type Input = (Option<String>, Option<CompactString>);
    type Output = DeletedKey;

    fn decode(params: &Params) -> Result<Self::Input, Fault> {
        let (name, id) = (params.string("KeyName"), params.string("KeyPairId"));
        if name.is_none() && id.is_none() {
            return Err(Fault::missing("KeyName"));
        }
        Ok((name, id.map(|id| key_id(&id)).transpose()?))
    }

    /// A key pair that is not there counts as deleted, as it does in AWS.
    fn run(world: &mut World, ctx: &Ctx, (name, id): Self::Input) -> Result<DeletedKey, Fault> {
        ctx.commit()?;
        let scope = world.scope_mut(ctx.account, &ctx.region);
        let found = scope.key_pairs.values().find(|key| match &id {
            Some(id) => key.id == *id,
            None => name.as_deref() == Some(key.name.as_str()),
        });
        let Some(key) = found.map(Arc::clone) else { return Ok(DeletedKey(None)) };
        scope.key_pairs.remove(&key.name);
        Ok(DeletedKey(Some(key.id.clone())))
    }
}

impl Encode for DeletedKey {
    fn encode(&self, xml: &mut Xml) {
        xml.value("return", true);
        xml.optional("keyPairId", self.0.as_ref());
    }
}
