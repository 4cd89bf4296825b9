"""What is set on every object that is written, and what of an object's attributes is kept."""

from dataclasses import dataclass, replace
from typing import Literal

from migration_assets.buckets.model import Attributes
from migration_assets.buckets.s3.grants import Grants, word_of
from migration_assets.buckets.s3.way import Facts

Kept = Literal["headers", "metadata", "tags", "storage_class", "lock", "acl"]
#: object lock is only kept where it is asked for: what is locked cannot be rolled back
KEPT: frozenset[Kept] = frozenset({"headers", "metadata", "tags", "storage_class"})


@dataclass(frozen=True)
class Writing:
    """How objects are written."""

    keep: frozenset[Kept] = KEPT
    #: `AES256`, `aws:kms` or the ARN of a key; empty: as the bucket has it
    encryption: str = ""

    def headers(self) -> dict[str, str]:
        said: dict[str, str] = {}
        if self.encryption.startswith("arn:"):
            said["x-amz-server-side-encryption"] = "aws:kms"
            said["x-amz-server-side-encryption-aws-kms-key-id"] = self.encryption
        elif self.encryption:
            said["x-amz-server-side-encryption"] = self.encryption
        return said

    def wanted(self, attributes: Attributes, facts: Facts) -> tuple[Attributes, tuple[str, ...]]:
        """What is written, and the names of what the target cannot hold of it."""
        asked = replace(
            attributes,
            headers=attributes.headers if "headers" in self.keep else {},
            metadata=attributes.metadata if "metadata" in self.keep else {},
            tags=attributes.tags if "tags" in self.keep else (),
            storage_class=attributes.storage_class if "storage_class" in self.keep else "",
            lock=attributes.lock if "lock" in self.keep else {},
            acl=attributes.acl if "acl" in self.keep else (),
        )
        dropped = [name for name in asked.headers if not facts.get(f"keeps_{name}", True)]
        if asked.metadata and not facts.get("keeps_metadata", True):
            dropped.append("metadata")
        if asked.tags and not facts.get("tags_by_header", True):
            dropped.append("tags")
        if asked.storage_class not in ("", "STANDARD") and not facts.get("storage_class", True):
            dropped.append("storage_class")
        if asked.lock and not facts.get("object_lock", True):
            dropped.append("lock")
        if asked.acl and not facts.get("acl", True):
            dropped.append("acl")
        written = replace(
            asked,
            headers={name: value for name, value in asked.headers.items() if name not in dropped},
            metadata={} if "metadata" in dropped else asked.metadata,
            tags=() if "tags" in dropped else asked.tags,
            storage_class="" if "storage_class" in dropped else asked.storage_class,
            lock={} if "lock" in dropped else asked.lock,
            acl=() if "acl" in dropped else _owned(asked.acl, str(facts.get("owner", ""))),
        )
        return written, tuple(dropped)


def _owned(acl: Grants, owner: str) -> Grants:
    """With what the target's owner may, where no word of S3's says it."""
    return (*acl, ("FULL_CONTROL", f'id="{owner}"')) if acl and owner and not word_of(acl) else acl
