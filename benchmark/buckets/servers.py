"""A pair of S3 servers: one to read from, one to write to."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

KEY, SECRET, REGION = "benchmarkbenchmark01", "benchmarkbenchmarkbenchmarkbenchmark0001", "us-east-1"
SOURCE, TARGET = "bench-source", "bench-target"


@dataclass(frozen=True)
class Store:
    endpoint: str

    def client(self) -> Any:
        """boto3's own client, for making data and for looking at what arrived."""
        import boto3
        from botocore.config import Config

        return boto3.client(
            "s3",
            endpoint_url=self.endpoint,
            region_name=REGION,
            aws_access_key_id=KEY,
            aws_secret_access_key=SECRET,
            config=Config(
                s3={"addressing_style": "path"},
                request_checksum_calculation="when_required",
                response_checksum_validation="when_required",
                max_pool_connections=32,
            ),
        )

    def environment(self, name: str, bucket: str) -> Mapping[str, str]:
        """What leads a connection of that name here."""
        return {
            f"{name}_URL": f"s3://{bucket}",
            f"{name}_ENDPOINT_URL": self.endpoint,
            "AWS_ACCESS_KEY_ID": KEY,
            "AWS_SECRET_ACCESS_KEY": SECRET,
            "AWS_REGION": REGION,
        }


@dataclass(frozen=True)
class Pair:
    #: which servers these are
    name: str
    source: Store
    target: Store
