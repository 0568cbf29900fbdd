#!/bin/sh
# Gives every role of Ketenbalans its rights on a Kafka of your own; made by `make docs`, see docs/secure.md.
# Usage: grant.sh kafka:9093 admin.properties    (of a user who may give rights; kafka-acls.sh in the PATH)
set -eu
server=$1 config=$2
grant() { kafka-acls.sh --bootstrap-server "$server" --command-config "$config" --add --force "$@"; }

grant --allow-principal User:ketenbalans-producer-aggregates --operation Write --topic aggregates
grant --allow-principal User:ketenbalans-producer-aggregates --operation Write --topic extracts
grant --allow-principal User:ketenbalans-producer-hotline --operation Write --topic hotline.reports
grant --allow-principal User:ketenbalans-producer-hotline --operation Write --topic extracts
grant --allow-principal User:ketenbalans-producer-interventions --operation Write --topic police.interventions
grant --allow-principal User:ketenbalans-producer-interventions --operation Write --topic extracts
grant --allow-principal User:ketenbalans-producer-investigations --operation Write --topic police.investigations
grant --allow-principal User:ketenbalans-producer-investigations --operation Write --topic extracts
grant --allow-principal User:ketenbalans-producer-kmar --operation Write --topic kmar.deliveries
grant --allow-principal User:ketenbalans-producer-kmar --operation Write --topic extracts
grant --allow-principal User:ketenbalans-producer-om --operation Write --topic om.registrations
grant --allow-principal User:ketenbalans-producer-om --operation Write --topic extracts
grant --allow-principal User:ketenbalans-producer-police --operation Write --topic police.deliveries
grant --allow-principal User:ketenbalans-producer-police --operation Write --topic extracts
grant --allow-principal User:ketenbalans-ingest --operation Read --topic aggregates
grant --allow-principal User:ketenbalans-ingest --operation Read --topic extracts
grant --allow-principal User:ketenbalans-ingest --operation Read --topic hotline.reports
grant --allow-principal User:ketenbalans-ingest --operation Read --topic police.interventions
grant --allow-principal User:ketenbalans-ingest --operation Read --topic police.investigations
grant --allow-principal User:ketenbalans-ingest --operation Read --topic kmar.deliveries
grant --allow-principal User:ketenbalans-ingest --operation Read --topic om.registrations
grant --allow-principal User:ketenbalans-ingest --operation Read --topic police.deliveries
grant --allow-principal User:ketenbalans-dead-letters --operation Write --topic aggregates.dlq
grant --allow-principal User:ketenbalans-dead-letters --operation Read --topic aggregates.dlq
grant --allow-principal User:ketenbalans-dead-letters --operation DescribeConfigs --topic aggregates.dlq
grant --allow-principal User:ketenbalans-dead-letters --operation Write --topic extracts.dlq
grant --allow-principal User:ketenbalans-dead-letters --operation Read --topic extracts.dlq
grant --allow-principal User:ketenbalans-dead-letters --operation DescribeConfigs --topic extracts.dlq
grant --allow-principal User:ketenbalans-dead-letters --operation Write --topic hotline.reports.dlq
grant --allow-principal User:ketenbalans-dead-letters --operation Read --topic hotline.reports.dlq
grant --allow-principal User:ketenbalans-dead-letters --operation DescribeConfigs --topic hotline.reports.dlq
grant --allow-principal User:ketenbalans-dead-letters --operation Write --topic police.interventions.dlq
grant --allow-principal User:ketenbalans-dead-letters --operation Read --topic police.interventions.dlq
grant --allow-principal User:ketenbalans-dead-letters --operation DescribeConfigs --topic police.interventions.dlq
grant --allow-principal User:ketenbalans-dead-letters --operation Write --topic police.investigations.dlq
grant --allow-principal User:ketenbalans-dead-letters --operation Read --topic police.investigations.dlq
grant --allow-principal User:ketenbalans-dead-letters --operation DescribeConfigs --topic police.investigations.dlq
grant --allow-principal User:ketenbalans-dead-letters --operation Write --topic kmar.deliveries.dlq
grant --allow-principal User:ketenbalans-dead-letters --operation Read --topic kmar.deliveries.dlq
grant --allow-principal User:ketenbalans-dead-letters --operation DescribeConfigs --topic kmar.deliveries.dlq
grant --allow-principal User:ketenbalans-dead-letters --operation Write --topic om.registrations.dlq
grant --allow-principal User:ketenbalans-dead-letters --operation Read --topic om.registrations.dlq
grant --allow-principal User:ketenbalans-dead-letters --operation DescribeConfigs --topic om.registrations.dlq
grant --allow-principal User:ketenbalans-dead-letters --operation Write --topic police.deliveries.dlq
grant --allow-principal User:ketenbalans-dead-letters --operation Read --topic police.deliveries.dlq
grant --allow-principal User:ketenbalans-dead-letters --operation DescribeConfigs --topic police.deliveries.dlq
grant --allow-principal User:ketenbalans-dead-letters --operation Write --transactional-id ketenbalans.aggregates.dlq
grant --allow-principal User:ketenbalans-dead-letters --operation Write --transactional-id ketenbalans.extracts.dlq
grant --allow-principal User:ketenbalans-dead-letters --operation Write --transactional-id ketenbalans.hotline.reports.dlq
grant --allow-principal User:ketenbalans-dead-letters --operation Write --transactional-id ketenbalans.police.interventions.dlq
grant --allow-principal User:ketenbalans-dead-letters --operation Write --transactional-id ketenbalans.police.investigations.dlq
grant --allow-principal User:ketenbalans-dead-letters --operation Write --transactional-id ketenbalans.kmar.deliveries.dlq
grant --allow-principal User:ketenbalans-dead-letters --operation Write --transactional-id ketenbalans.om.registrations.dlq
grant --allow-principal User:ketenbalans-dead-letters --operation Write --transactional-id ketenbalans.police.deliveries.dlq
grant --allow-principal User:ketenbalans-checkpoints --operation Write --topic audit.checkpoints
