#!/usr/bin/env bash
# Run once by PostgreSQL's image, in an empty cluster: a role and a database for crossdock, and the same for Prefect.
set -euo pipefail
psql --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname postgres \
    --set crossdock="$CROSSDOCK_PASSWORD" --set prefect="$PREFECT_PASSWORD" <<'SQL'
CREATE ROLE crossdock LOGIN PASSWORD :'crossdock';
CREATE ROLE prefect LOGIN PASSWORD :'prefect';
CREATE DATABASE crossdock OWNER crossdock;
CREATE DATABASE prefect OWNER prefect;
REVOKE CONNECT ON DATABASE crossdock, prefect FROM PUBLIC;
SQL
psql --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname prefect --command 'CREATE EXTENSION pg_trgm'
