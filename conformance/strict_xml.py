"""Replies in XML: EC2's query protocol, AWS's query protocol, and REST with XML."""

from collections import defaultdict
from collections.abc import Iterable
from xml.etree import ElementTree

from botocore.model import Shape
from strict_check import BODILESS_LOCATIONS, Check


class Xml(Check):
    """What the protocols in XML have in common."""

    LIST_MEMBER = "member"

    def root(self) -> ElementTree.Element:
        """The document."""
        return ElementTree.fromstring(self.body or b"")

    def local(self, node: ElementTree.Element, path: str, namespace: str | None) -> str:
        """The name without its namespace, which has to be the given one."""
        found, _, name = node.tag.rpartition("}")
        if namespace is not None and found.lstrip("{").rstrip("/") != namespace.rstrip("/"):
            self.say(f"{path}/{name}", f"is in the namespace {found.lstrip('{')!r}, not {namespace!r}")
        return name

    def children(self, node: ElementTree.Element, path: str) -> dict[str, list[ElementTree.Element]]:
        """The children by name."""
        if (node.text or "").strip() or any((child.tail or "").strip() for child in node):
            self.say(path, "has text between its elements")
        namespace = node.tag.rpartition("}")[0].lstrip("{")
        children = defaultdict(list)
        for child in node:
            children[self.local(child, path, namespace)].append(child)
        return children

    def only(self, children: dict[str, list], path: str, *names: str) -> list[ElementTree.Element | None]:
        """These children, each at most once, and no others."""
        for name in set(children) - set(names):
            self.say(f"{path}/{name}", "is not known to the model")
        for name in names:
            if len(children.get(name, ())) > 1:
                self.say(f"{path}/{name}", "stands there more than once")
        return [next(iter(children.get(name, ())), None) for name in names]

    def leaf(self, node: ElementTree.Element | None, path: str) -> str:
        """The text of an element without children; it has to be there."""
        if node is None:
            self.say(path, "is missing")
            return ""
        if len(node):
            self.say(path, "has elements where text belongs")
        return node.text or ""

    def element_name(self, name: str, shape: Shape) -> str:
        """The name of a member's element."""
        own = shape.serialization.get("name", name)
        if shape.type_name == "list" and shape.serialization.get("flattened"):
            return shape.member.serialization.get("name", own)
        return own

    def shape(self, shape: Shape, node: ElementTree.Element, path: str):
        """Any element against its shape."""
        if shape.type_name == "structure":
            self.structure(shape, node, path)
        else:
            self.attributes(node, path, ())
            if shape.type_name == "list":
                self.members(shape, node, path)
            elif shape.type_name == "map":
                self.entries(shape, list(node), path)
            else:
                self.text(shape, self.leaf(node, path), path)

    def structure(self, shape: Shape, node: ElementTree.Element, path: str, envelope: Iterable[str] = ()):
        """A structure: every child is a member, every required member a child."""
        names = {}
        attributes = []
        for name, member in shape.members.items():
            if member.serialization.get("location") in BODILESS_LOCATIONS:
                continue
            if member.serialization.get("xmlAttribute"):
                attributes.append(member.serialization["name"].split(":")[-1])
                continue
            names[self.element_name(name, member)] = (name, member)
        self.attributes(node, path, attributes)
        present = []
        for element, nodes in self.children(node, path).items():
            at = f"{path}/{element}"
            if element in envelope:
                continue
            if element not in names:
                self.say(at, "is not known to the model")
                continue
            name, member = names[element]
            present.append(name)
            if member.serialization.get("flattened"):
                self.flattened(member, nodes, at)
                continue
            if len(nodes) > 1:
                self.say(at, "stands there more than once")
            for child in nodes:
                self.shape(member, child, at)
        self.required(shape, present, path)
        self.union(shape, present, path)

    def attributes(self, node: ElementTree.Element, path: str, known: Iterable[str]):
        """No attribute that the model does not know."""
        for name in node.attrib:
            if name.rpartition("}")[2] not in known:
                self.say(path, f"has the attribute {name}, which the model does not know")

    def flattened(self, shape: Shape, nodes: list[ElementTree.Element], path: str):
        """A list or map without an element around its members."""
        if shape.type_name == "map":
            self.entries(shape, nodes, path)
            return
        self.bounds(shape, len(nodes), path)
        for index, node in enumerate(nodes):
            self.shape(shape.member, node, f"{path}[{index}]")

    def members(self, shape: Shape, node: ElementTree.Element, path: str):
        """A list, each member in an element of the right name."""
        wanted = shape.member.serialization.get("name", self.LIST_MEMBER)
        for name in self.children(node, path):
            if name != wanted:
                self.say(f"{path}/{name}", f"stands in a list whose members are called {wanted}")
        self.bounds(shape, len(node), path)
        for index, child in enumerate(node):
            self.shape(shape.member, child, f"{path}[{index}]")

    def entries(self, shape: Shape, nodes: list[ElementTree.Element], path: str):
        """A map: entries of a key and a value."""
        key_name = shape.key.serialization.get("name", "key")
        value_name = shape.value.serialization.get("name", "value")
        for entry in nodes:
            key, value = self.only(self.children(entry, path), path, key_name, value_name)
            if key is None or value is None:
                self.say(path, "has an entry without a key or a value")
                continue
            self.shape(shape.key, key, f"{path}/{key_name}")
            self.shape(shape.value, value, f"{path}/{value_name}")


class Ec2(Xml):
    """EC2's own query protocol."""

    LIST_MEMBER = "item"

    def success(self):
        root = self.root()
        name = self.local(root, "", self.service.metadata["xmlNamespace"])
        if name != f"{self.model.name}Response":
            self.say(name, f"is the document's name, not {self.model.name}Response")
        shape = self.model.output_shape
        children = self.children(root, name)
        if not self.leaf(next(iter(children.get("requestId", ())), None), f"{name}/requestId"):
            self.say(f"{name}/requestId", "is empty")
        if shape is not None:
            self.structure(shape, root, name, envelope=("requestId",))
            return
        # The model has no output for these; the API reference says that they return `true`.
        self.attributes(root, name, ())
        _, done = self.only(children, name, "requestId", "return")
        if done is not None and self.leaf(done, f"{name}/return") != "true":
            self.say(f"{name}/return", f"is not true: {done.text!r}")

    def error(self):
        root = self.root()
        if root.tag != "Response":
            self.say(root.tag, "is the error's document, not Response")
        errors, request_id = self.only(self.children(root, "Response"), "Response", "Errors", "RequestID")
        if not self.leaf(request_id, "Response/RequestID"):
            self.say("Response/RequestID", "is empty")
        if errors is None:
            self.say("Response/Errors", "is missing")
            return
        [error] = self.only(self.children(errors, "Errors"), "Errors", "Error")
        if error is None:
            self.say("Errors/Error", "is missing")
            return
        code, message = self.only(self.children(error, "Error"), "Error", "Code", "Message")
        for node, at in ((code, "Error/Code"), (message, "Error/Message")):
            if not self.leaf(node, at):
                self.say(at, "is empty")


class Query(Xml):
    """AWS's query protocol."""

    def success(self):
        root = self.root()
        name = self.local(root, "", self.service.metadata["xmlNamespace"])
        self.attributes(root, name, ())
        if name != f"{self.model.name}Response":
            self.say(name, f"is the document's name, not {self.model.name}Response")
        shape = self.model.output_shape
        wrapper = shape.serialization.get("resultWrapper") if shape is not None else None
        names = ["ResponseMetadata", *([wrapper] if wrapper else [])]
        metadata, *results = self.only(self.children(root, name), name, *names)
        if metadata is None:
            self.say(f"{name}/ResponseMetadata", "is missing")
        else:
            [request_id] = self.only(self.children(metadata, "ResponseMetadata"), "ResponseMetadata", "RequestId")
            if not self.leaf(request_id, "ResponseMetadata/RequestId"):
                self.say("ResponseMetadata/RequestId", "is empty")
        for result in results:
            if result is None:
                self.say(f"{name}/{wrapper}", "is missing")
            else:
                self.structure(shape, result, wrapper)

    def error(self):
        root = self.root()
        name = self.local(root, "", self.service.metadata["xmlNamespace"])
        if name != "ErrorResponse":
            self.say(name, "is the error's document, not ErrorResponse")
        error, request_id = self.only(self.children(root, name), name, "Error", "RequestId")
        if not self.leaf(request_id, f"{name}/RequestId"):
            self.say(f"{name}/RequestId", "is empty")
        if error is None:
            self.say(f"{name}/Error", "is missing")
            return
        kind, code, message, _ = self.only(self.children(error, "Error"), "Error", "Type", "Code", "Message", "Detail")
        wanted = "Sender" if self.status < 500 else "Receiver"
        if self.leaf(kind, "Error/Type") != wanted:
            self.say("Error/Type", f"is not {wanted}")
        if not self.leaf(message, "Error/Message"):
            self.say("Error/Message", "is empty")
        text = self.leaf(code, "Error/Code")
        if not text:
            self.say("Error/Code", "is empty")
        self.known_error(text)


class RestXml(Xml):
    """REST with XML, as S3 speaks it."""

    def success(self):
        shape = self.model.output_shape
        if shape is None:
            if self.body:
                self.say("", f"has a body that the model does not know: {self.body[:80]!r}")
            return
        self.head(shape)
        payload = shape.serialization.get("payload")
        body_shape = shape.members[payload] if payload else shape
        if self.body is None or body_shape.type_name in ("blob", "string"):
            return
        if not payload and not any(
            member.serialization.get("location") not in BODILESS_LOCATIONS for member in shape.members.values()
        ):
            if self.body:
                self.say("", f"has a body that the model does not know: {self.body[:80]!r}")
            return
        if not self.body:
            self.required(body_shape, (), "")
            return
        root = self.root()
        self.structure(body_shape, root, root.tag.rpartition("}")[2])

    def error(self):
        if not self.body:  # As the answer to HEAD.
            return
        root = self.root()
        if root.tag != "Error":
            self.say(root.tag, "is the error's document, not Error")
        children = self.children(root, "Error")
        for name in ("Code", "Message"):
            if not self.leaf(next(iter(children.get(name, ())), None), f"Error/{name}"):
                self.say(f"Error/{name}", "is empty")
        self.known_error(next((node.text or "" for node in children.get("Code", ())), ""))
