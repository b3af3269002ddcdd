"""Requests that no AWS client sends.

Each is answered with an AWS error in the protocol of its service, and the server lives on.
"""

import http.client
import json
import socket
from contextlib import suppress
from dataclasses import dataclass, field
from xml.etree import ElementTree

import pytest
from harness import ACCOUNT, HOST, REGION, Server, sandbox_server

SECONDS_MAX = 20
FORM = "application/x-www-form-urlencoded; charset=utf-8"
PROTOCOLS = {
    "ec2": "ec2",
    "autoscaling": "query",
    "sts": "query",
    "sns": "query",
    "ssm": "json",
    "servicequotas": "json",
    "organizations": "json",
    "cloudcontrolapi": "json",
    "elasticmapreduce": "json",
    "rbin": "rest-json",
    "imagebuilder": "rest-json",
    "ebs": "rest-json",
    "backup": "rest-json",
    "s3": "rest-xml",
}
VERSIONS = {"ec2": "2016-11-15", "autoscaling": "2011-01-01", "sts": "2011-06-15", "sns": "2010-03-31"}
TARGETS = {
    "ssm": "AmazonSSM",
    "servicequotas": "ServiceQuotasV20190624",
    "organizations": "AWSOrganizationsV20161128",
    "cloudcontrolapi": "CloudApiService",
    "elasticmapreduce": "ElasticMapReduce",
}
MEBIBYTE = 1 << 20
REFUSED = tuple(range(400, 500))
# What AWS may as well overlook: names that are no parameters, and lists whose numbers do not begin at 1.
OVERLOOKED = (200, *REFUSED)


@dataclass(frozen=True)
class Case:
    """One request, and with which errors it may be refused; `()` stands for any."""

    name: str
    service: str
    body: bytes = b""
    method: str = "POST"
    path: str = "/"
    headers: dict[str, str | None] = field(default_factory=dict)
    codes: tuple[str, ...] = ()
    statuses: tuple[int, ...] = REFUSED

    def __str__(self) -> str:
        return f"{self.service}-{self.name}"


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: dict[str, str]
    body: bytes

    def code(self, protocol: str) -> str:
        """The error's code, taken strictly out of the protocol's form."""
        if protocol == "ec2":
            root = ElementTree.fromstring(self.body)
            assert root.tag == "Response" and root.findtext("RequestID"), self.body
            return root.findtext("Errors/Error/Code")
        if protocol == "query":
            root = ElementTree.fromstring(self.body)
            namespace = root.tag.removesuffix("ErrorResponse")
            assert root.tag.endswith("ErrorResponse") and root.findtext(f"{namespace}RequestId"), self.body
            return root.findtext(f"{namespace}Error/{namespace}Code")
        if protocol == "rest-xml":
            if not self.body:
                return str(self.status)
            root = ElementTree.fromstring(self.body)
            assert root.tag == "Error", self.body
            return root.findtext("Code")
        error = json.loads(self.body)
        assert isinstance(error.get("message", error.get("Message", "")), str), self.body
        if protocol == "rest-json":
            return self.headers["x-amzn-errortype"].split(":")[0].rsplit("#")[-1]
        return error["__type"].rsplit("#")[-1]


def signed(service: str, key: str = "testing", region: str = REGION) -> dict[str, str]:
    """The headers that say who calls what."""
    scope = f"{key}/20261121/{region}/{service}/aws4_request"
    return {
        "Authorization": f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host;x-amz-date, Signature={'0' * 64}",
        "X-Amz-Date": "20261121T120000Z",
    }


def send(server: Server, case: Case) -> Answer:
    """Sends a request; no answer in time is a failure."""
    protocol = PROTOCOLS[case.service]
    kinds = {"json": "application/x-amz-json-1.1", "rest-json": "application/json", "rest-xml": "application/xml"}
    headers = {**signed(case.service), "Content-Type": kinds.get(protocol, FORM), **case.headers}
    connection = http.client.HTTPConnection(HOST, server.port, timeout=SECONDS_MAX)
    try:
        sent = {name: value for name, value in headers.items() if value is not None}
        # A body that is too large may be answered before all of it was sent.
        with suppress(BrokenPipeError, ConnectionResetError):
            connection.request(case.method, case.path, case.body, sent)
        reply = connection.getresponse()
        return Answer(reply.status, {name.lower(): value for name, value in reply.getheaders()}, reply.read())
    finally:
        connection.close()


def query(service: str, name: str, text: str | bytes, *codes: str, **more) -> Case:
    """A case of a query service."""
    body = text if isinstance(text, bytes) else text.encode()
    return Case(name, service, body.replace(b"VERSION", VERSIONS[service].encode()), codes=codes, **more)


def target(service: str, name: str, body: bytes, *codes: str, operation: str, **headers) -> Case:
    """A case of a JSON service."""
    return Case(
        name, service, body, codes=codes, headers={"X-Amz-Target": f"{TARGETS[service]}.{operation}", **headers}
    )


def codes_of_no_authorization(service: str) -> tuple[str, ...]:
    """EC2 has a code of its own."""
    return ("AuthFailure", "MissingAuthenticationToken") if service == "ec2" else ("MissingAuthenticationToken",)


def query_cases(service: str, action: str) -> list[Case]:
    """What can be wrong with a form."""
    known = f"Action={action}&Version=VERSION"
    return [
        query(service, "unknown action", "Action=MakeCoffee&Version=VERSION", "InvalidAction"),
        query(service, "action of another case", f"Action={action.lower()}&Version=VERSION", "InvalidAction"),
        query(service, "no action", "Version=VERSION", "MissingAction"),
        query(service, "nothing at all", "", "MissingAction"),
        query(service, "an empty action", "Action=&Version=VERSION", "MissingAction", "InvalidAction"),
        query(service, "a hostile action", "Action=%3Cscript%3E%26%22%27%00&Version=VERSION", "InvalidAction"),
        query(service, "a percent sign alone", f"{known}&Name=%", "MalformedQueryString"),
        query(service, "half an escape", f"{known}&Name=%4", "MalformedQueryString"),
        query(service, "an escape of no digits", f"{known}&Name=%zz", "MalformedQueryString"),
        query(service, "escapes that are no UTF-8", f"{known}&Name=%ff%fe", "MalformedQueryString"),
        query(service, "bytes that are no UTF-8", known.encode() + b"&Name=\xff\xfe", "MalformedQueryString"),
        query(service, "ten mebibytes", known.encode() + b"&Name=" + b"x" * (10 * MEBIBYTE), "RequestEntityTooLarge"),
        query(service, "no authorization", known, *codes_of_no_authorization(service), headers={"Authorization": None}),
        query(
            service, "JSON instead of a form", '{"Action": "DescribeImages"}', "MissingAction", "MalformedQueryString"
        ),
        query(service, "another method", known, method="PUT"),
        query(service, "a method that nobody knows", known, method="BREW"),
    ]


EC2 = "Action=DescribeImages&Version=VERSION&"
EC2_CASES = [
    *query_cases("ec2", "DescribeImages"),
    query("ec2", "a list that starts at 0", EC2 + "Filter.0.Name=name&Filter.0.Value.1=x", statuses=OVERLOOKED),
    query("ec2", "a list with a word for a number", EC2 + "Filter.first.Name=name&Filter.first.Value.1=x"),
    query("ec2", "a list number of 40 digits", EC2 + f"ImageId.{'9' * 40}=ami-0123456789abcdef0"),
    query("ec2", "a negative list number", EC2 + "ImageId.-1=ami-0123456789abcdef0"),
    query("ec2", "a filter without a name", EC2 + "Filter.1.Value.1=x"),
    query("ec2", "a filter of a filter", EC2 + "Filter.1.Name.1.Name=x&Filter.1.Value.1.Value.1=x"),
    query("ec2", "a boolean that is none", EC2 + "IncludeDisabled=perhaps", "InvalidParameterValue"),
    query("ec2", "a number that is none", EC2 + "MaxResults=many", "InvalidParameterValue"),
    query("ec2", "a number beyond all", EC2 + f"MaxResults={'9' * 40}", "InvalidParameterValue"),
    query("ec2", "a negative number", EC2 + "MaxResults=-5", "InvalidParameterValue"),
    query(
        "ec2",
        "a page token of nobody",
        EC2 + "MaxResults=5&NextToken=nonsense",
        "InvalidNextToken",
        "InvalidPaginationToken",
        "InvalidParameterValue",
    ),
    query(
        "ec2",
        "another page token",
        EC2 + "MaxResults=5&NextToken=%00%01%02",
        "InvalidNextToken",
        "InvalidPaginationToken",
        "InvalidParameterValue",
    ),
    query("ec2", "a parameter twice", EC2 + "MaxResults=5&MaxResults=6", statuses=OVERLOOKED),
    query("ec2", "an id of a megabyte", EC2 + "ImageId.1=ami-" + "a" * MEBIBYTE, "InvalidAMIID.Malformed"),
    query("ec2", "a list of another kind", "Action=RunInstances&Version=VERSION&ImageId.1=a&MinCount=1&MaxCount=1"),
    query(
        "ec2",
        "a time that is none",
        "Action=EnableImageDeprecation&Version=VERSION&ImageId=ami-0123456789abcdef0&DeprecateAt=tomorrow",
    ),
    query(
        "ec2",
        "a time beyond all",
        "Action=EnableImageDeprecation&Version=VERSION&ImageId=ami-0123456789abcdef0&DeprecateAt=99999-99-99T99:99:99Z",
    ),
    query(
        "ec2",
        "ten thousand filters",
        EC2 + "&".join(f"Filter.{n}.Name=name&Filter.{n}.Value.1=x" for n in range(1, 10001)),
    ),
    query("ec2", "deep names", EC2 + ".".join(["Filter.1"] * 5000) + "=x"),
    query(
        "ec2",
        "a signature of another kind",
        EC2,
        headers={"Authorization": "Basic dGVzdGluZw=="},
        statuses=(400, 401, 403),
    ),
    query(
        "ec2",
        "a credential without a scope",
        EC2,
        headers={"Authorization": "AWS4-HMAC-SHA256 Credential=testing"},
        statuses=(400, 401, 403),
    ),
    query("ec2", "a Region that is none", EC2, headers=signed("ec2", region="m@rs 1"), statuses=(400, 401, 403)),
]

SSM_CASES = [
    target("ssm", "unknown operation", b"{}", "UnknownOperationException", operation="MakeCoffee"),
    target("ssm", "bad JSON", b"{", "SerializationException", operation="GetParameter"),
    target("ssm", "no JSON at all", b"Action=GetParameter", "SerializationException", operation="GetParameter"),
    target("ssm", "JSON that is no object", b'["Name"]', "SerializationException", operation="GetParameter"),
    target("ssm", "JSON that is no UTF-8", b'{"Name": "\xff"}', "SerializationException", operation="GetParameter"),
    target("ssm", "a number for a name", b'{"Name": 7}', "SerializationException", operation="GetParameter"),
    target("ssm", "a word for a list", b'{"Names": "a"}', "SerializationException", operation="GetParameters"),
    target(
        "ssm",
        "a word for a boolean",
        b'{"Name": "a", "WithDecryption": "maybe"}',
        "SerializationException",
        operation="GetParameter",
    ),
    target("ssm", "nothing that it needs", b"{}", "ValidationException", operation="GetParameter"),
    target("ssm", "a hundred thousand brackets", b"[" * 100_000, "SerializationException", operation="GetParameter"),
    target("ssm", "ten mebibytes", b'{"Name": "' + b"x" * (10 * MEBIBYTE) + b'"}', operation="GetParameter"),
    target(
        "ssm",
        "no authorization",
        b"{}",
        "MissingAuthenticationTokenException",
        "MissingAuthenticationToken",
        operation="GetParameter",
        Authorization=None,
    ),
    Case("no target", "ssm", b"{}", codes=("UnknownOperationException",)),
    Case(
        "target of another service",
        "ssm",
        b"{}",
        headers={"X-Amz-Target": "ServiceQuotasV20190624.ListServices"},
        codes=("UnknownOperationException",),
    ),
    Case("another method", "ssm", method="GET", headers={"X-Amz-Target": "AmazonSSM.GetParameter"}),
]

REST_CASES = [
    Case(
        "unknown path",
        "rbin",
        path="/coffee",
        method="GET",
        codes=("UnknownOperationException", "AccessDeniedException"),
    ),
    Case("bad JSON", "rbin", b"{", path="/rules", codes=("SerializationException", "ValidationException")),
    Case(
        "JSON that is no object", "rbin", b"7", path="/rules", codes=("SerializationException", "ValidationException")
    ),
    Case("nothing that it needs", "rbin", b"{}", path="/rules", codes=("ValidationException",)),
    Case(
        "a word for an object",
        "rbin",
        b'{"ResourceType": "EC2_IMAGE", "RetentionPeriod": "long"}',
        path="/rules",
        codes=("SerializationException", "ValidationException"),
    ),
    Case("an escape of no digits", "rbin", path="/rules/%zz", method="GET"),
    Case("a label that is no UTF-8", "rbin", path="/rules/%ff%fe", method="GET"),
    Case("a path that climbs", "rbin", path="/rules/..%2f..%2fetc", method="GET"),
    Case("another method", "rbin", path="/rules", method="DELETE"),
    Case("no authorization", "rbin", path="/rules", headers={"Authorization": None}),
    Case("ten mebibytes", "rbin", b'{"Description": "' + b"x" * (10 * MEBIBYTE) + b'"}', path="/rules"),
    Case(
        "a block index of a word",
        "ebs",
        method="GET",
        path="/snapshots/snap-0123456789abcdef0/blocks?startingBlockIndex=first",
    ),
    Case("unknown path", "imagebuilder", method="GET", path="/Brew"),
    Case("unknown path", "ebs", method="GET", path="/coffee"),
    Case("a bucket name that is none", "s3", method="GET", path="/..%2f..%2fetc?list-type=2"),
    Case(
        "a bucket that is not there",
        "s3",
        method="GET",
        path="/no-such-bucket-here?list-type=2",
        codes=("NoSuchBucket",),
        statuses=(404,),
    ),
    Case("bad XML", "s3", b"<Delete><Obj", path="/no-such-bucket-here?delete"),
    Case("XML of something else", "s3", b"<Coffee/>", path="/no-such-bucket-here?delete"),
    Case(
        "an XML bomb",
        "s3",
        b'<!DOCTYPE d [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;">]><Delete>&b;</Delete>',
        path="/no-such-bucket-here?delete",
    ),
    Case("a method that nobody knows", "s3", method="BREW", path="/bucket/key", statuses=(405, 501)),
]

CASES = [
    *EC2_CASES,
    *query_cases("autoscaling", "DescribeAutoScalingGroups"),
    *query_cases("sts", "GetCallerIdentity"),
    query(
        "autoscaling",
        "a list without members",
        "Action=DescribeAutoScalingGroups&Version=VERSION&AutoScalingGroupNames.1=a",
        statuses=OVERLOOKED,
    ),
    query("autoscaling", "a number that is none", "Action=DescribeAutoScalingGroups&Version=VERSION&MaxRecords=many"),
    *SSM_CASES,
    *(
        target(service, "unknown operation", b"{}", "UnknownOperationException", operation="MakeCoffee")
        for service in ("servicequotas", "organizations", "cloudcontrolapi")
    ),
    *REST_CASES,
]


@pytest.fixture(scope="module")
def server():
    """One sandbox for all: none of these may end it."""
    with sandbox_server() as server:
        yield server


def lives(server: Server):
    """Whether the server still answers what is right."""
    answer = send(server, query("sts", "alive", "Action=GetCallerIdentity&Version=VERSION"))
    assert answer.status == 200 and ACCOUNT.encode() in answer.body, answer
    assert server.process.poll() is None, server.log()
    assert "panicked" not in server.log(), server.log()


@pytest.mark.parametrize("told", CASES, ids=str)
def test_malformed(server, told):
    answer = send(server, told)
    assert answer.status in told.statuses, answer
    if answer.status != 200:
        code = answer.code(PROTOCOLS[told.service])
        assert code and (not told.codes or code in told.codes), (code, answer)
    assert answer.headers.get("x-amzn-requestid") or answer.headers.get("x-amz-request-id"), answer.headers
    lives(server)


RAW = {
    "no HTTP": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" * 10,
    "half a request line": b"POST / HT",
    "a header of a mebibyte": b"POST / HTTP/1.1\r\nHost: a\r\nX-A: " + b"x" * MEBIBYTE + b"\r\n\r\n",
    "a hundred thousand headers": b"POST / HTTP/1.1\r\nHost: a\r\n" + b"X-A: b\r\n" * 100_000 + b"\r\n",
    "a length that is none": b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: many\r\n\r\n",
    "two lengths": b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
    "less than promised": b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nAction=",
    "a chunk that is none": b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    "a zero byte in the path": b"GET /\x00 HTTP/1.1\r\nHost: a\r\n\r\n",
}


@pytest.mark.parametrize("name", RAW)
def test_what_is_not_even_http(server, name):
    """The connection may break; the server may not, and it answers no 5xx."""
    with socket.create_connection((HOST, server.port), timeout=SECONDS_MAX) as stream:
        answer = b""
        try:
            stream.sendall(RAW[name])
            stream.shutdown(socket.SHUT_WR)
            while part := stream.recv(65536):
                answer += part
        except TimeoutError:
            raise
        except OSError:
            pass  # The server may leave this connection at any moment.
    assert not answer or answer.startswith(b"HTTP/1."), answer
    assert not answer.split(b" ", 2)[1:2] or answer.split(b" ", 2)[1] < b"500", answer
    lives(server)


def test_a_get_with_the_query_in_the_path_is_answered(server):
    """As anybody with a signed URL sends it: AWS's query services take GET too."""
    answer = send(server, Case("get", "sts", method="GET", path="/?Action=GetCallerIdentity&Version=2011-06-15"))
    assert answer.status == 200 and ACCOUNT.encode() in answer.body, answer


@pytest.mark.parametrize(
    "kind, status",
    [(None, 200), ("application/x-www-form-urlencoded", 200), ("text/plain", 400), ("application/json", 400)],
)
def test_the_content_type_of_a_form(server, kind, status):
    """Some clients send none; another one than a form's is no form."""
    case = query("ec2", "kind", "Action=DescribeRegions&Version=VERSION", headers={"Content-Type": kind})
    answer = send(server, case)
    assert answer.status == status, answer
    assert status == 200 or answer.code("ec2") in ("MissingAction", "MalformedQueryString")
    lives(server)
