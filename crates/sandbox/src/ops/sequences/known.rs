//! What a client has been told so far, and what it offers for a member because of it.

use std::collections::BTreeMap;

use amictl_cloud::Service;
use serde_json::Value;

use super::client::Dice;

/// So much of a reply is looked at, in bytes.
const READ_MAX: usize = 4_000;

/// So many values are remembered of a name: the newest, because the others may be gone.
const VALUES_MAX: usize = 8;

/// Members that are called otherwise in requests than in replies: a service, how the asked one ends, how the told one ends.
const ALIASES: [(Service, &str, &str); 8] = [
    (Service::Organizations, "parentid", "id"),
    (Service::Organizations, "childid", "id"),
    (Service::Organizations, "organizationalunitid", "id"),
    (Service::Organizations, "accountid", "id"),
    (Service::AutoScaling, "resourceid", "autoscalinggroupname"),
    (Service::Ssm, "resourceid", "name"),
    (Service::Ec2, "resourceid", "instanceid"),
    (Service::Rbin, "resourcearn", "rulearn"),
];

/// The values that a service took or gave under a name.
#[derive(Default)]
pub(super) struct Known(BTreeMap<(Service, String), Vec<String>>);

impl Known {
    /// Remembers a value under the name of its member.
    pub(super) fn tell(&mut self, service: Service, name: &str, value: &str) {
        if value.is_empty() || value.len() > 200 {
            return;
        }
        let values = self.0.entry((service, name.to_ascii_lowercase())).or_default();
        values.retain(|known| known != value);
        values.push(value.to_owned());
        if values.len() > VALUES_MAX {
            values.remove(0);
        }
    }

    /// Remembers what a document holds.
    pub(super) fn tell_json(&mut self, service: Service, name: &str, value: &Value) {
        match value {
            Value::Object(members) => {
                members.iter().for_each(|(member, value)| self.tell_json(service, member, value));
            }
            Value::Array(members) => members.iter().for_each(|member| self.tell_json(service, name, member)),
            Value::String(text) => self.tell(service, name, text),
            _ => {}
        }
    }

    /// Remembers what the beginning of an XML reply holds.
    pub(super) fn tell_xml(&mut self, service: Service, text: &str) {
        let mut rest = text.get(..READ_MAX).unwrap_or(text);
        while let Some((_, after)) = rest.split_once('<') {
            rest = after;
            let Some((name, content)) = rest.split_once('>') else { return };
            let Some((value, end)) = content.split_once('<') else { return };
            if end.strip_prefix('/').is_some_and(|end| end.starts_with(name)) {
                self.tell(service, name, value);
            }
        }
    }

    /// One of the values for a member of this name, if there is one.
    pub(super) fn pick(&self, dice: &mut Dice, service: Service, name: &str) -> Option<&str> {
        let name = name.to_ascii_lowercase();
        let values = |name: &str| self.0.get(&(service, name.to_owned()));
        let alias = || ALIASES.iter().find(|(of, asked, _)| *of == service && name.ends_with(asked));
        // The members of a list `InstanceIds` are instance ids.
        let values = values(&name)
            .or_else(|| values(name.strip_suffix('s')?))
            .or_else(|| values(alias()?.2))
            .or_else(|| values(name.strip_prefix("source")?))?;
        Some(dice.pick(values.as_slice()).as_str())
    }
}
