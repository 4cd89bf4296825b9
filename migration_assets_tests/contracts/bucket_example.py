"""Contracts of buckets: one with one of everything, one to Cloudsmith, and as little as one can say."""

SMALLEST = """\
apiVersion: v3.2.0
kind: DataContract
id: artifacts
name: artifacts
version: 1.0.0
status: active
servers:
  - {server: old_store, type: s3, location: "s3://old-bucket"}
  - {server: new_store, type: s3, location: "s3://new-bucket"}
customProperties:
  - {property: migration, value: {kind: bucket, source: old_store, target: new_store}}
"""

ARTIFACTS = """\
apiVersion: v3.2.0
kind: DataContract
id: artifacts
name: artifacts
version: 1.0.0
status: active
domain: builds
servers:
  - server: old_store
    type: s3
    location: s3://old-bucket/team
    endpointUrl: https://old.example.com
    customProperties:
      - {property: migration, value: {limits: {bytes_per_second: 20MB, requests_per_second: 300}}}
  - {server: new_store, type: s3, location: "s3://new-bucket/"}
customProperties:
  - property: migration
    value:
      kind: bucket
      source: old_store
      target: new_store
      from: {prefix: a/, include: ["builds/**/*.whl", "*.txt"], exclude: ["**/tmp/**"]}
      to: {prefix: archive/}
      key: lower(key)
      metadata: {team: "metadata['owner']", first: "coalesce(tags['stage'], 'none')"}
      tags: {year: "strftime(modified, '%Y')"}
      headers: {content-type: "CASE WHEN key LIKE '%.txt' THEN 'text/plain' ELSE headers['content-type'] END"}
      storage_class: CASE WHEN size > 1000000 THEN 'STANDARD_IA' ELSE storage_class END
      keep: [headers, metadata, tags, versions]
      conflict: overwrite
      encryption: {sse: kms, key: $ARTIFACTS_KEY}
      partitions: {by: objects, objects: 1000, bytes: 2GiB}
      read_back: sample
      priority: 3
      keep_generations: 2
"""

PACKAGES = """\
apiVersion: v3.2.0
kind: DataContract
id: packages
name: packages
version: 1.0.0
status: active
servers:
  - {server: old_store, type: s3, location: "s3://old-bucket"}
  - {server: registry, type: custom, location: "cloudsmith://acme/releases", endpointUrl: "https://api.example.com"}
customProperties:
  - property: migration
    value:
      kind: bucket
      source: old_store
      target: registry
      conflict: refuse
      partitions: {by: prefix, depth: 2}
      package:
        format: generic
        rules:
          - {match: "**/*.deb", format: deb, distribution: "'ubuntu/jammy'"}
          - {match: "raw/**", format: raw, name: "split_part(key, '/', 2)", version: "split_part(key, '/', 3)"}
"""
