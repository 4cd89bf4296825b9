"""The proxy's bad days are those that it was told, and it refuses what S3 would refuse."""

import base64
import hashlib

import pytest
from botocore.exceptions import ClientError

from faults.buckets import things
from faults.buckets.proxy import Fault, operation
from faults.buckets.world import TARGET, World, client_of


@pytest.mark.parametrize(
    ("method", "target", "name", "key"),
    [
        ("GET", "/bucket?list-type=2&prefix=", "list", ""),
        ("GET", "/bucket/a%20b//c", "get", "a b//c"),
        ("PUT", "/bucket/k?partNumber=2&uploadId=x", "part", "k"),
        ("POST", "/bucket/k?uploads=", "create", "k"),
        ("POST", "/bucket/k?uploadId=x", "complete", "k"),
        ("PUT", "/bucket/k?tagging", "subresource", "k"),
    ],
)
def test_a_request_is_known_by_its_operation(method: str, target: str, name: str, key: str) -> None:
    assert operation(method, target) == (name, key)


def test_bytes_that_are_not_those_which_their_md5_speaks_of_are_refused(buckets: World) -> None:
    client = client_of(buckets.target.endpoint)
    things.emptied(buckets.client, TARGET)
    wrong = base64.b64encode(hashlib.md5(b"other").digest()).decode()

    with pytest.raises(ClientError, match="BadDigest"):
        client.put_object(Bucket=TARGET, Key="k", Body=b"bytes", ContentMD5=wrong)

    assert things.read(buckets.client, TARGET) == {}


def test_a_flipped_answer_is_not_what_is_stored(buckets: World) -> None:
    things.emptied(buckets.client, TARGET)
    buckets.client.put_object(Bucket=TARGET, Key="k", Body=b"bytes")
    buckets.target.calm()
    buckets.target.faults = [Fault("flip", "get", at=2)]

    found = client_of(buckets.target.endpoint).get_object(Bucket=TARGET, Key="k")["Body"].read()

    assert found == b"byues"
    buckets.target.calm()
