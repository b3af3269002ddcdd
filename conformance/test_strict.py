"""The strict check itself: right replies pass, and each kind of wrong reply is found."""

import json

import botocore.session
import pytest
from botocore.stub import Stubber
from strict import Recorder, problems

SESSION = botocore.session.get_session()
REQUEST_ID = "5a4d0000-0000-4000-8000-000000000001"
EC2 = "http://ec2.amazonaws.com/doc/2016-11-15/"
AUTO_SCALING = "http://autoscaling.amazonaws.com/doc/2011-01-01/"


def found(service: str, operation: str, body: str, status: int = 200, **headers: str) -> list[str]:
    """What the check says of this reply."""
    model = SESSION.get_service_model(service)
    protocol = model.resolved_protocol
    kinds = {"rest-json": "application/json", "rest-xml": "application/xml"}
    kind = kinds.get(protocol, "text/xml;charset=UTF-8")
    if protocol == "json":
        kind = f"application/x-amz-json-{model.metadata['jsonVersion']}"
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    named = {"x-amzn-requestid": REQUEST_ID, "content-type": kind, **named}
    return problems(model, operation, status, {k: v for k, v in named.items() if v}, body.encode())


def ec2(operation: str, inner: str) -> str:
    """A reply of EC2."""
    return f'<{operation}Response xmlns="{EC2}"><requestId>{REQUEST_ID}</requestId>{inner}</{operation}Response>'


def query(operation: str, inner: str) -> str:
    """A reply of Auto Scaling."""
    metadata = f"<ResponseMetadata><RequestId>{REQUEST_ID}</RequestId></ResponseMetadata>"
    return f'<{operation}Response xmlns="{AUTO_SCALING}">{inner}{metadata}</{operation}Response>'


def images(inner: str) -> str:
    """A reply of DescribeImages."""
    return ec2("DescribeImages", f"<imagesSet>{inner}</imagesSet>")


def groups(inner: str) -> str:
    """A reply of DescribeAutoScalingGroups with one group, all that is required in it."""
    group = (
        "<AutoScalingGroupName>web</AutoScalingGroupName><MinSize>0</MinSize><MaxSize>1</MaxSize>"
        "<DesiredCapacity>0</DesiredCapacity><DefaultCooldown>300</DefaultCooldown><HealthCheckType>EC2</HealthCheckType>"
        "<AvailabilityZones><member>us-east-1a</member></AvailabilityZones>"
        f"<CreatedTime>2026-11-21T10:00:00.123Z</CreatedTime>{inner}"
    )
    members = f"<AutoScalingGroups><member>{group}</member></AutoScalingGroups>"
    return query(
        "DescribeAutoScalingGroups", f"<DescribeAutoScalingGroupsResult>{members}</DescribeAutoScalingGroupsResult>"
    )


IMAGE = (
    "<imageId>ami-0123456789abcdef0</imageId><imageState>available</imageState><isPublic>false</isPublic>"
    "<creationDate>2026-11-21T10:00:00.000Z</creationDate><blockDeviceMapping><item><deviceName>/dev/xvda</deviceName>"
    "<ebs><volumeSize>8</volumeSize></ebs></item></blockDeviceMapping><tagSet/>"
)
SNAPSHOT = "<startTime>2026-11-21T10:00:00.000Z</startTime><volumeSize>8</volumeSize><encrypted>false</encrypted>"
RULE = {"Identifier": "0123456789a", "RetentionPeriod": {"RetentionPeriodValue": 7, "RetentionPeriodUnit": "DAYS"}}
ERROR = "<Error><Code>InvalidAMIID.NotFound</Code><Message>no</Message></Error>"
LIST_BUCKET = (
    '<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>b</Name><KeyCount>1</KeyCount>'
    "<Contents><Key>a</Key><Size>1</Size></Contents><Contents><Key>b</Key><Size>2</Size></Contents></ListBucketResult>"
)

RIGHT = [
    ("ec2", "DescribeImages", images(f"<item>{IMAGE}</item>"), 200),
    ("ec2", "DescribeImages", images(""), 200),
    ("ec2", "DescribeImages", images(f"<item>{IMAGE}<platform>windows</platform></item>"), 200),
    ("ec2", "CreateTags", ec2("CreateTags", "<return>true</return>"), 200),
    ("ec2", "CreateSnapshot", ec2("CreateSnapshot", SNAPSHOT), 200),
    ("ec2", "DescribeImages", f"<Response><Errors>{ERROR}</Errors><RequestID>1</RequestID></Response>", 400),
    ("autoscaling", "DescribeAutoScalingGroups", groups(""), 200),
    ("autoscaling", "DeleteAutoScalingGroup", query("DeleteAutoScalingGroup", ""), 200),
    (
        "autoscaling",
        "CreateLaunchConfiguration",
        f'<ErrorResponse xmlns="{AUTO_SCALING}"><Error><Type>Sender</Type><Code>AlreadyExists</Code>'
        "<Message>it does</Message></Error><RequestId>1</RequestId></ErrorResponse>",
        400,
    ),
    ("ssm", "PutParameter", '{"Version": 1, "Tier": "Standard"}', 200),
    ("ssm", "GetParameter", '{"Parameter": {"Name": "a", "Version": 1, "LastModifiedDate": 1763719200.5}}', 200),
    ("ssm", "GetParameter", '{"__type": "ParameterNotFound", "message": "no"}', 400),
    ("ssm", "GetParameter", '{"__type": "ParameterNotFound"}', 400),
    ("ssm", "LabelParameterVersion", '{"InvalidLabels": [], "ParameterVersion": 1}', 200),
    ("ssm", "DeleteParameter", "{}", 200),
    ("rbin", "GetRule", json.dumps(RULE), 200),
    ("imagebuilder", "GetImageRecipe", '{"imageRecipe": {"name": "web", "dateCreated": "2026-11-21"}}', 200),
    ("s3", "ListObjectsV2", LIST_BUCKET, 200),
    ("s3", "PutObject", "", 200),
    ("s3", "GetObject", "<Error><Code>NoSuchKey</Code><Message>no</Message></Error>", 404),
]


@pytest.mark.parametrize("service, operation, body, status", RIGHT)
def test_a_right_reply_passes(service, operation, body, status):
    assert found(service, operation, body, status) == []


WRONG = [
    # EC2: what the model does not know, in each place where something can stand.
    ("ec2", "DescribeImages", images(f"<item>{IMAGE}<colour>red</colour></item>"), "item/colour|colour is not known"),
    ("ec2", "DescribeImages", ec2("DescribeImages", "<images/>"), "images is not known"),
    ("ec2", "DescribeImages", images(f"<member>{IMAGE}</member>"), "members are called item"),
    ("ec2", "DescribeImages", images("<item><Tags/></item>"), "Tags is not known"),
    ("ec2", "DescribeImages", images("<item><imageState>ready</imageState></item>"), "is none of pending"),
    ("ec2", "DescribeImages", images("<item><platform>linux</platform></item>"), "is none of Windows"),
    ("ec2", "DescribeImages", images("<item><isPublic>False</isPublic></item>"), "neither true nor false"),
    ("ec2", "DescribeImages", images("<item><isPublic/></item>"), "neither true nor false"),
    ("ec2", "DescribeImages", images("<item><imageId>a</imageId><imageId>b</imageId></item>"), "more than once"),
    ("ec2", "DescribeImages", images("<item><imageId><b/></imageId></item>"), "elements where text belongs"),
    ("ec2", "DescribeImages", images("<item>text</item>"), "text between its elements"),
    ("ec2", "DescribeImages", images('<item kind="x"/>'), "has the attribute kind"),
    ("ec2", "DescribeImages", images('<item xmlns="urn:other"/>'), "is in the namespace 'urn:other'"),
    ("ec2", "CreateSnapshot", ec2("CreateSnapshot", "<volumeSize>8.0</volumeSize>"), "is no integer"),
    ("ec2", "CreateSnapshot", ec2("CreateSnapshot", "<volumeSize>08</volumeSize>"), "is no integer"),
    ("ec2", "CreateSnapshot", ec2("CreateSnapshot", "<volumeSize>4294967296</volumeSize>"), "does not fit"),
    ("ec2", "CreateSnapshot", ec2("CreateSnapshot", "<startTime>2026-11-21</startTime>"), "no time in ISO 8601"),
    ("ec2", "CreateSnapshot", ec2("CreateSnapshot", "<startTime>1763719200</startTime>"), "no time in ISO 8601"),
    ("ec2", "CreateTags", ec2("CreateTags", "<return>false</return>"), "is not true"),
    ("ec2", "CreateTags", ec2("CreateTags", "<done>true</done>"), "done is not known"),
    ("ec2", "DescribeImages", ec2("DescribeSnapshots", ""), "is the document's name"),
    ("ec2", "DescribeImages", images("").replace(EC2, "urn:ec2"), "is in the namespace 'urn:ec2'"),
    ("ec2", "DescribeImages", f'<DescribeImagesResponse xmlns="{EC2}"/>', "requestId is missing"),
    ("ec2", "DescribeImages", images("")[:-5], "is not well-formed"),
    # Auto Scaling: the same in the query protocol.
    ("autoscaling", "DescribeAutoScalingGroups", groups("<colour>red</colour>"), "colour is not known"),
    ("autoscaling", "DescribeAutoScalingGroups", groups("").replace("<MinSize>0</MinSize>", ""), "required member Min"),
    ("autoscaling", "DescribeAutoScalingGroups", groups("<Instances><item/></Instances>"), "are called member"),
    ("autoscaling", "DescribeAutoScalingGroups", query("DescribeAutoScalingGroups", ""), "Result is missing"),
    (
        "autoscaling",
        "DeleteAutoScalingGroup",
        query("DeleteAutoScalingGroup", "<DeleteAutoScalingGroupResult/>"),
        "DeleteAutoScalingGroupResult is not known",
    ),
    (
        "autoscaling",
        "DeleteAutoScalingGroup",
        f'<DeleteAutoScalingGroupResponse xmlns="{AUTO_SCALING}"/>',
        "ResponseMetadata is missing",
    ),
    # SSM: JSON.
    ("ssm", "PutParameter", '{"Version": "1"}', "of the wrong type"),
    ("ssm", "PutParameter", '{"Version": true}', "of the wrong type"),
    ("ssm", "PutParameter", '{"Version": 1.0}', "of the wrong type"),
    ("ssm", "PutParameter", '{"version": 1}', "version is not known"),
    ("ssm", "PutParameter", '{"Version": 1, "Version": 2}', "more than once"),
    ("ssm", "PutParameter", '{"Version": null}', "is null"),
    ("ssm", "PutParameter", '{"Tier": "Gold"}', "is none of"),
    ("ssm", "PutParameter", '["Version"]', "of the wrong type"),
    ("ssm", "PutParameter", "{", "not well-formed"),
    ("ssm", "GetParameter", '{"Parameter": {"LastModifiedDate": "2026-11-21"}}', "of the wrong type"),
    ("ssm", "DescribeParameters", '{"Parameters": {"a": 1}}', "of the wrong type"),
    ("ssm", "GetParameterHistory", '{"Parameters": [{"Labels": [1]}]}', "of the wrong type"),
    # The Recycle Bin: REST with JSON.
    ("rbin", "GetRule", json.dumps({**RULE, "Colour": "red"}), "Colour is not known"),
    ("rbin", "GetRule", json.dumps({"RetentionPeriod": {"RetentionPeriodValue": 7}}), "lacks the required member"),
    (
        "rbin",
        "GetRule",
        json.dumps({"RetentionPeriod": {"RetentionPeriodValue": 0, "RetentionPeriodUnit": "DAYS"}}),
        "is below its minimum of 1",
    ),
    ("rbin", "GetRule", json.dumps({"Identifier": "a b"}), "does not match"),
    # S3: REST with XML, with lists that have no element of their own.
    ("s3", "ListObjectsV2", LIST_BUCKET.replace("<Key>a</Key>", "<Colour>a</Colour>"), "Colour is not known"),
    ("s3", "ListObjectsV2", LIST_BUCKET.replace("Contents>", "member>"), "member is not known"),
    ("s3", "PutObject", "<done/>", "body that the model does not know"),
]


@pytest.mark.parametrize("service, operation, body, part", WRONG)
def test_a_wrong_reply_is_found(service, operation, body, part):
    problems = found(service, operation, body)
    assert any(choice in problem for problem in problems for choice in part.split("|")), problems


ERRORS = [
    ("ec2", "DescribeImages", f"<Response>{ERROR}<RequestID>1</RequestID></Response>", 400, "Errors is missing"),
    ("ec2", "DescribeImages", f"<Response><Errors>{ERROR}</Errors></Response>", 400, "RequestID is missing"),
    (
        "ec2",
        "DescribeImages",
        "<Response><Errors><Error><Message>no</Message></Error></Errors><RequestID>1</RequestID></Response>",
        400,
        "Error/Code is missing",
    ),
    ("autoscaling", "DescribeAutoScalingGroups", "<ErrorResponse/>", 400, "Error is missing"),
    (
        "autoscaling",
        "CreateLaunchConfiguration",
        f'<ErrorResponse xmlns="{AUTO_SCALING}"><Error><Type>Receiver</Type><Code>AlreadyExists</Code>'
        "<Message>it does</Message></Error><RequestId>1</RequestId></ErrorResponse>",
        409,
        "HTTP 409, not 400",
    ),
    ("ssm", "GetParameter", '{"message": "no"}', 400, "does not say which error"),
    ("ssm", "GetParameter", '{"__type": "ParameterNotFound", "message": 7}', 400, "is no text"),
    ("ssm", "GetParameter", '{"__type": "ParameterNotFound", "message": "no", "hint": 1}', 400, "hint is not known"),
    ("rbin", "GetRule", '{"message": "no"}', 404, "does not say which error"),
    ("s3", "GetObject", "<Error><Message>no</Message></Error>", 404, "Error/Code is missing"),
]


@pytest.mark.parametrize("service, operation, body, status, part", ERRORS)
def test_a_wrong_error_is_found(service, operation, body, status, part):
    problems = found(service, operation, body, status)
    assert any(part in problem for problem in problems), problems


@pytest.mark.parametrize(
    "headers, part",
    [
        ({"content_type": "text/html"}, "content type 'text/html'"),
        ({"content_type": ""}, "content type ''"),
        ({"x_amzn_requestid": ""}, "no request id"),
    ],
)
def test_wrong_headers_are_found(headers, part):
    problems = found("ec2", "DescribeImages", images(""), **headers)
    assert any(part in problem for problem in problems), problems


def test_a_header_of_the_model_is_checked():
    assert found("s3", "HeadObject", "", content_length="12", last_modified="Sat, 21 Nov 2026 10:00:00 GMT") == []
    assert found("s3", "HeadObject", "", content_length="twelve")
    assert found("s3", "HeadObject", "", last_modified="yesterday")


def test_the_recorder_keeps_and_checks_what_a_client_is_answered():
    """A client that never leaves this process: its HTTP layer is answered from here."""
    from botocore.awsrequest import AWSResponse

    class Raw:
        def __init__(self, body: bytes):
            self.body = body

        def stream(self, **_):
            yield self.body

    def client(body: str):
        client = SESSION.create_client("ec2", "us-east-1", aws_access_key_id="a", aws_secret_access_key="b")
        headers = {"content-type": "text/xml", "x-amzn-requestid": REQUEST_ID}
        client.meta.events.register(
            "before-send", lambda request, **_: AWSResponse(request.url, 200, headers, Raw(body.encode()))
        )
        return client

    recorder = Recorder()
    recorder.watch(client(images(f"<item>{IMAGE}</item>"))).describe_images(Owners=["self"])
    assert recorder.succeeded() == {("ec2", "DescribeImages")}
    assert recorder.wrong() == {}
    assert "Action=DescribeImages" in recorder.replies[0].request.body
    assert b"ami-0123456789abcdef0" in recorder.replies[0].body

    recorder.watch(client(images("<item><colour>red</colour></item>"))).describe_images()
    [wrong] = recorder.wrong()["ec2", "DescribeImages"]
    assert "colour is not known" in wrong.problems[0]


def test_a_stub_that_never_sent_anything_records_nothing():
    recorder = Recorder()
    client = SESSION.create_client("ec2", "us-east-1", aws_access_key_id="a", aws_secret_access_key="b")
    with Stubber(recorder.watch(client)) as stubber:
        stubber.add_response("describe_images", {"Images": []})
        client.describe_images()
    assert recorder.replies == []
