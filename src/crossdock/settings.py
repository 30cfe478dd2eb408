"""Settings: from the environment (``CROSSDOCK_…``) and ``crossdock.toml``; flags of the command line win.

Only the command line and the flows read them; everything else gets plain arguments. A process that works in another
folder gets them as its environment (``as_environment``).
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, ByteSize, Field, SecretStr
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict, TomlConfigSettingsSource

from crossdock import bundled
from crossdock.errors import Misused
from crossdock.partners.edi_keys import EDI_FOLDER
from crossdock.partners.partner_config import is_cron


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise ValueError(f"{name!r} is not a time zone") from None
    return name


def _cron(text: str) -> str:
    if not is_cron(text):
        raise ValueError(f"{text!r} is no time as cron, such as '30 3 * * *'")
    return text


def _home() -> Path:
    checkout = bundled.CHECKOUT / "data"
    return checkout / "home" if (checkout / "partners").is_dir() else Path.home() / ".crossdock"


class Settings(BaseSettings):
    """Where things are and when they run."""

    model_config = SettingsConfigDict(env_prefix="CROSSDOCK_", extra="forbid")

    home: Path = Field(
        default_factory=_home,
        description="database, inbox, work, archive, rejected, outbox; else `data/home` in a checkout, `~/.crossdock`",
    )
    database_url: str | None = Field(
        None, description="`sqlite:///file.db` or `postgresql://user@host/name`; else SQLite under the home folder"
    )
    partners: Path | None = Field(
        None, description="the partners' TOML files; else `partners/` under the home folder, else the demonstration's"
    )
    zone: Annotated[str, AfterValidator(_zone)] = Field(
        "UTC", description="of the nightly schedule, of the built-in feed, and of every time that a person is shown"
    )
    nightly: Annotated[str, AfterValidator(_cron)] = Field("30 3 * * *", description="when the night is, as cron")
    settle_seconds: Annotated[float, Field(ge=0)] = Field(
        60.0, description="a waiting file must not change for so long before it is taken, where its feed says nothing"
    )
    unfinished: tuple[Annotated[str, Field(min_length=1)], ...] = Field(
        (), description='more names of files that are still written, in any case: `["*.tmp1", "new_*"]`'
    )
    edi_folder: Path = Field(
        EDI_FOLDER, description="the folder for everybody's interchanges: their ids say whose they are (docs/edi.md)"
    )
    at_once: Annotated[int, Field(ge=1)] = Field(4, description="imports side by side on this database")
    shares: Annotated[int, Field(ge=1)] = Field(
        1, description="into how many shares a large file is divided, a process each (docs/scale.md); 1: none"
    )
    share_above: ByteSize = Field(ByteSize(500_000_000), description='how large such a file is at least: `"500MB"`')
    dask: str | None = Field(
        None, description="scheduler of the Dask cluster whose workers write shares, in Prefect; else this machine does"
    )
    post_hosts: tuple[str, ...] = Field(
        (), description='hosts that answers may be posted to: `["wms.acme.example", "*.partner.example:8443"]`'
    )
    post_ca: Path | None = Field(None, description="certificates of the authorities that those hosts are signed by")
    api_per_minute: Annotated[int, Field(ge=0)] = Field(
        6_000, description="requests that one key may make over HTTP in a minute; 0: any number"
    )
    api_works: bool = Field(
        True, description="`crossdock serve` also imports what waits; without, it leaves that to the workers beside it"
    )
    api_sealing_key: SecretStr | None = Field(
        None, description="32 bytes in base64 (URL-safe) that seal business units' secrets; from the environment only"
    )
    log: Literal["text", "json"] = Field(
        "text", description="`json`: logs on standard error, an object a line, each with its `jobId`"
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Flags, then the environment, then the file that ``CROSSDOCK_CONFIG`` names or ``crossdock.toml`` here."""
        named = os.environ.get("CROSSDOCK_CONFIG")
        file = Path(named or "crossdock.toml")
        if named and not file.is_file():
            raise FileNotFoundError(2, "the file that CROSSDOCK_CONFIG names is not there", named)
        try:
            return init_settings, env_settings, TomlConfigSettingsSource(settings_cls, toml_file=file)
        except ValueError as error:  # no TOML, no UTF-8
            raise Misused(f"{file.absolute()}: {error}") from None

    @property
    def zone_info(self) -> ZoneInfo:
        """The zone, whose clocks people are shown."""
        return ZoneInfo(self.zone)

    @property
    def url(self) -> str:
        """The database's URL."""
        return self.database_url or f"sqlite:///{self.home / 'crossdock.db'}"

    @property
    def partners_folder(self) -> Path:
        """The folder of the partners' TOML files."""
        own = self.home / "partners"
        return self.partners or (own if _has_toml(own) else bundled.folder("partners"))


def _has_toml(folder: Path) -> bool:
    """Whether a folder has TOML files, or hides what it has."""
    try:
        return any(path.suffix == ".toml" for path in folder.iterdir())
    except PermissionError:
        return True
    except OSError:
        return False


def as_environment(settings: Settings) -> dict[str, str]:
    """The settings as variables of the environment that mean the same in any folder."""
    kept = {name: getattr(settings, name) for name in Settings.model_fields if getattr(settings, name) is not None}
    kept |= {name: value.absolute() for name, value in kept.items() if isinstance(value, Path)}
    kept["database_url"] = _in_any_folder(settings.url)
    named = os.environ.get("CROSSDOCK_CONFIG")
    return {f"CROSSDOCK_{name.upper()}": _as_text(value) for name, value in kept.items()} | (
        {"CROSSDOCK_CONFIG": str(Path(named).absolute())} if named else {}
    )


def _in_any_folder(url: str) -> str:
    file = url.removeprefix("sqlite:///")
    return url if file in (url, "", ":memory:") else f"sqlite:///{Path(file).absolute()}"


def _as_text(value: object) -> str:
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    return json.dumps(value) if isinstance(value, tuple) else str(value)
