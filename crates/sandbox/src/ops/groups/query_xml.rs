//! Parameters written back as they were sent: in the query protocol requests and replies have the same names.

use crate::wire::{Params, Xml};

/// Writes a member with everything below it.
pub(crate) fn write_as_sent(xml: &mut Xml, name: &str, params: &Params) {
    let Some(list) = params.structure("member") else {
        xml.element(name, |xml| write_content(xml, params));
        return;
    };
    let mut members: Vec<(u32, &Params)> =
        list.children().filter_map(|(number, member)| Some((number.parse().ok()?, member))).collect();
    members.sort_by_key(|(number, _)| *number);
    xml.list(name, "member", members, |xml, (_, member)| write_content(xml, member));
}

fn write_content(xml: &mut Xml, params: &Params) {
    if let Some(value) = params.value() {
        xml.escape(value);
        return;
    }
    for (name, member) in params.children().filter(|(name, _)| is_element_name(name)) {
        write_as_sent(xml, name, member);
    }
}

/// Only letters and digits come back as an element's name.
fn is_element_name(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_alphabetic()) && name.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::decode_form;

    #[test]
    fn structures_and_lists_come_back() {
        let params = decode_form(b"P.L.member.2.A=2&P.L.member.1.A=%3C1%3E&P.B.C=x&P.%3Ce=1").unwrap();
        let mut xml = Xml::default();
        write_as_sent(&mut xml, "P", params.structure("P").unwrap());
        assert_eq!(
            xml.finish(),
            "<P><B><C>x</C></B><L><member><A>&lt;1&gt;</A></member><member><A>2</A></member></L></P>"
        );
    }
}
