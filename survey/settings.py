"""Settings, read once from the environment (``MIDTIER_*``). ``docs/settings.md`` lists them all."""

import os
import secrets
from email.utils import parseaddr
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

PREFIX = "MIDTIER_"


class SettingsError(ValueError):
    """The settings cannot be used; the message is one line: which, why, what to do."""


class Settings(BaseSettings):
    """Everything that an operator may set."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="forbid")

    #: folder for the database, keys, reports and mail of an embedded installation
    data_dir: Path = Path("instance")
    #: one setting moves database and jobs; empty: SQLite in ``data_dir``
    database_url: str = ""
    #: signs cookies and forms; empty: kept in ``data_dir/keys.toml``
    secret_key: str = Field("", repr=False)
    #: finds a respondent's draft; empty: kept in ``data_dir/keys.toml``
    respondent_key: str = Field("", repr=False)
    #: address under which people reach the site, e.g. https://survey.example.org
    public_url: str = "http://127.0.0.1:8000"
    #: address and port that the web process listens on
    host: str = "127.0.0.1"
    port: int = Field(8000, ge=1, le=65535)
    #: the server that mail goes through, smtp://user:password@host:587 or smtps://; empty: a folder
    smtp_url: str = Field("", repr=False)
    #: who mail comes from: an address, or a name and an address
    mail_from: str = "Midtier <midtier@localhost>"
    #: where mail that cannot be delivered comes back to; each message gets an address of its own:
    #: bounces@example.org becomes bounces+<id>@example.org
    bounces_to: str = ""
    #: marks an installation that holds only the simulated demonstration; refuses other hosts
    demonstration: bool = False
    #: proxies in front whose forwarded headers are trusted
    trusted_proxies: int = Field(0, ge=0)

    @field_validator("database_url")
    @classmethod
    def _name_the_driver(cls, url: str) -> str:
        for plain in ("postgresql://", "postgres://"):
            if url.startswith(plain):
                return "postgresql+psycopg://" + url.removeprefix(plain)
        if url and not url.startswith(("postgresql+psycopg://", "sqlite:///")):
            raise ValueError("must begin with postgresql:// or sqlite:///")
        return url

    @field_validator("public_url")
    @classmethod
    def _is_an_address(cls, url: str) -> str:
        if not url.startswith(("http://", "https://")):
            raise ValueError("must begin with https:// or http://")
        return url

    @field_validator("smtp_url")
    @classmethod
    def _is_a_mail_server(cls, url: str) -> str:
        # what was given stays out of the message: it may hold a password
        try:
            parts = urlsplit(url)
            known = parts.scheme in ("smtp", "smtps") and parts.hostname and parts.port != 0
        except ValueError:
            known = False
        if url and not known:
            raise ValueError("must be like smtp://user:password@host:587 or smtps://...")
        return url

    @field_validator("mail_from")
    @classmethod
    def _is_a_sender(cls, sender: str) -> str:
        _, address = parseaddr(sender)
        local, _, domain = address.partition("@")
        if not (local and domain) or not sender.isprintable() or not address.isascii():
            raise ValueError("must be an address, or a name and an address: Survey <a@example.org>")
        return sender

    @field_validator("bounces_to")
    @classmethod
    def _is_a_mailbox(cls, address: str) -> str:
        local, _, domain = address.partition("@")
        plain = address.isascii() and address.isprintable() and " " not in address
        if address and not (plain and domain and 0 < len(local) <= 31 and "+" not in local):
            raise ValueError("must be an address like bounces@example.org")
        return address

    @property
    def database(self) -> str:
        """The database URL in force."""
        return self.database_url or f"sqlite:///{self.data_dir.absolute() / 'midtier.sqlite'}"

    @property
    def is_secure(self) -> bool:
        """Whether people reach the site over TLS, so that cookies may insist on it."""
        return self.public_url.startswith("https://")

    @property
    def reports_dir(self) -> Path:
        """Folder in which finished documents lie."""
        return self.data_dir / "reports"

    @property
    def mail_dir(self) -> Path:
        """Folder in which mail lies that goes through no server."""
        return self.data_dir / "mail"

    @property
    def returned_dir(self) -> Path:
        """Folder in which mail is put that came back."""
        return self.data_dir / "returned"

    @property
    def translations_dir(self) -> Path:
        """Folder in which the installation's own translations lie."""
        return self.data_dir / "translations"


def read_settings(**overrides: object) -> Settings:
    """Settings from the environment; raises ``SettingsError`` with one line.

    Keys that are not set are made once and kept in ``data_dir/keys.toml``, readable by the owner
    only.
    """
    known = {f"{PREFIX}{name}".upper() for name in Settings.model_fields}
    unknown = sorted(k for k in os.environ if k.startswith(PREFIX) and k not in known)
    if unknown:
        raise SettingsError(
            f"{unknown[0]} is not a setting of Midtier; docs/settings.md lists them"
        )
    try:
        settings = Settings(**overrides)  # type: ignore[arg-type]
    except ValidationError as error:
        first = error.errors()[0]
        name = f"{PREFIX}{first['loc'][0]}".upper()
        raise SettingsError(
            f"{name}: {first['msg']}; docs/settings.md says what it takes"
        ) from None
    if settings.demonstration and settings.host not in ("127.0.0.1", "localhost", "::1"):
        raise SettingsError(
            f"{PREFIX}HOST is {settings.host}, but the demonstration serves only this machine: "
            "use 127.0.0.1, or set up an installation of your own (docs/install.md)"
        )
    if settings.smtp_url and settings.mail_from == Settings.model_fields["mail_from"].default:
        raise SettingsError(
            f"{PREFIX}MAIL_FROM is not set, and {PREFIX}SMTP_URL is: say who mail comes from, "
            "as in Survey <survey@example.org>"
        )
    keys = _kept_keys(settings.data_dir)
    return settings.model_copy(
        update={
            "secret_key": settings.secret_key or keys["secret_key"],
            "respondent_key": settings.respondent_key or keys["respondent_key"],
        }
    )


def _kept_keys(folder: Path) -> dict[str, str]:
    """Keys made on first use; two processes that start at once agree on one file."""
    path = folder / "keys.toml"
    if not path.exists():
        # for its owner only: the database, too, will lie here
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        text = "".join(
            f'{name} = "{secrets.token_hex(32)}"\n' for name in ("secret_key", "respondent_key")
        )
        fresh = folder / f".keys-{secrets.token_hex(8)}"
        fresh.touch(mode=0o600)
        fresh.write_text(text)
        try:
            os.link(fresh, path)  # fails where another process was first
        except FileExistsError:
            pass
        finally:
            fresh.unlink()
    import tomllib

    try:
        keys = tomllib.loads(path.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError):
        keys = {}
    for name in ("secret_key", "respondent_key"):
        if not isinstance(keys.get(name), str) or not keys[name]:
            raise SettingsError(
                f'{path}: there is no line {name} = "..."; put the file back from a backup, or '
                "remove it while no round is open: new keys are made at the next start"
            )
    return keys
