"""Settings are read once, are all documented, and stop the start with one clear line."""

import re
from pathlib import Path

import pytest

from survey.settings import Settings, SettingsError, read_settings

PAGE = Path(__file__).parent.parent / "docs" / "settings.md"


def test_every_setting_is_documented_and_no_other():
    documented = set(re.findall(r"^\| `MIDTIER_(\w+)`", PAGE.read_text("utf-8"), re.MULTILINE))
    assert documented == {name.upper() for name in Settings.model_fields}


def test_an_unknown_setting_stops_the_start(monkeypatch, tmp_path):
    monkeypatch.setenv("MIDTIER_DATABSE_URL", "sqlite://")
    with pytest.raises(SettingsError, match=r"^MIDTIER_DATABSE_URL is not a setting of Midtier"):
        read_settings(data_dir=tmp_path)


def test_a_value_that_cannot_be_used_is_named(monkeypatch, tmp_path):
    monkeypatch.setenv("MIDTIER_PORT", "eighty")
    with pytest.raises(SettingsError, match=r"^MIDTIER_PORT: "):
        read_settings(data_dir=tmp_path)


def test_keys_are_made_once_and_kept_for_the_owner_alone(tmp_path):
    first = read_settings(data_dir=tmp_path)
    second = read_settings(data_dir=tmp_path)
    assert first.secret_key == second.secret_key != first.respondent_key
    assert len(first.respondent_key) == 64
    assert (tmp_path / "keys.toml").stat().st_mode & 0o077 == 0


def test_a_data_folder_that_is_made_is_for_its_owner_alone(tmp_path):
    read_settings(data_dir=tmp_path / "new" / "data")
    assert (tmp_path / "new" / "data").stat().st_mode & 0o077 == 0


def test_keys_do_not_show_when_settings_are_printed(tmp_path):
    settings = read_settings(data_dir=tmp_path)
    assert settings.secret_key not in repr(settings)
    assert settings.respondent_key not in repr(settings)


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.4", "::"])
def test_the_demonstration_refuses_to_bind_beyond_this_machine(host, tmp_path):
    with pytest.raises(SettingsError, match="serves only this machine"):
        read_settings(data_dir=tmp_path, demonstration=True, host=host)


def test_a_postgresql_address_gets_its_driver():
    settings = Settings(database_url="postgres://someone@localhost/midtier")
    assert settings.database == "postgresql+psycopg://someone@localhost/midtier"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DATABASE_URL", "junk"),
        ("DATABASE_URL", "mysql://localhost/midtier"),
        ("PUBLIC_URL", "survey.example.org"),
    ],
)
def test_an_address_of_another_kind_is_named(monkeypatch, tmp_path, name, value):
    monkeypatch.setenv(f"MIDTIER_{name}", value)
    with pytest.raises(SettingsError, match=rf"^MIDTIER_{name}: .*must begin with"):
        read_settings(data_dir=tmp_path)


@pytest.mark.parametrize("text", ["", "junk", 'secret_key = "x"', "secret_key = 5"])
def test_a_damaged_file_of_keys_is_named_and_left_alone(tmp_path, text):
    (tmp_path / "keys.toml").write_text(text)
    with pytest.raises(SettingsError, match=r"keys\.toml: there is no line .*_key"):
        read_settings(data_dir=tmp_path)
    assert (tmp_path / "keys.toml").read_text() == text
