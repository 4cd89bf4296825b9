import random
import string

from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from migration_assets.buckets.s3 import signing
from migration_assets.buckets.s3.signing import UNSIGNED, Signer, path_of, query_of


class _At(S3SigV4Auth):
    """botocore's, of a payload that is given."""

    said = UNSIGNED

    def payload(self, request: AWSRequest) -> str:
        return self.said


def test_signatures_are_those_of_botocore_for_any_key_query_and_header() -> None:
    seed = random.randrange(10**9)
    print(f"seed {seed}")
    chance = random.Random(seed)
    letters = string.printable.strip() + " /é\u0301\U0001f4be\x07"
    for _ in range(200):
        credentials = Credentials("access", "secret", chance.choice([None, "token"]))
        key = "".join(chance.choices(letters, k=chance.randrange(1, 60)))
        query = [("versionId", "a/b+c ="), ("partNumber", str(chance.randrange(99)))][: chance.randrange(3)]
        headers = {
            "host": "127.0.0.1:9000",
            "x-amz-meta-a": " two  blanks ",
            "content-md5": "1B2M2Y8AsgTpgAmY7PhCfg==",
        }
        payload = chance.choice([UNSIGNED, signing.EMPTY])
        path, asked = f"/bucket/{path_of(key)}", query_of(query)
        ours = Signer(credentials, "eu-central-1").signed("PUT", path, asked, headers, payload)
        request = AWSRequest("PUT", f"http://127.0.0.1:9000{path}" + (f"?{asked}" if asked else ""))
        for name in headers:
            request.headers[name] = headers[name]
        theirs = _At(credentials, "s3", "eu-central-1")
        theirs.said = payload
        theirs.add_auth(request)
        if request.headers["X-Amz-Date"] == ours["x-amz-date"]:
            assert request.headers["Authorization"] == ours["authorization"], key
