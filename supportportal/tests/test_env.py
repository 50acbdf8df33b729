"""Reading the environment: the value, its file twin, and one clear line for what is wrong."""

import pytest

from supportportal import env


def test_a_value_may_stand_in_a_file(monkeypatch, tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("from-file\n")
    monkeypatch.setenv("NAME", "from-variable")
    monkeypatch.setenv("NAME_FILE", str(secret))
    assert env.text("NAME") == "from-file"


def test_an_empty_value_is_the_default(monkeypatch):
    monkeypatch.setenv("NAME", "  ")
    assert env.text("NAME", "default") == "default"
    assert env.integer("NAME", 7, least=1, most=9) == 7
    assert env.boolean("NAME", True) is True
    assert env.words("NAME", ("a",)) == ["a"]


@pytest.mark.parametrize(
    ("read", "value"),
    [
        (lambda: env.integer("NAME", 1, least=1, most=9), "10"),
        (lambda: env.integer("NAME", 1, least=1, most=9), "s3cret"),
        (lambda: env.boolean("NAME"), "s3cret"),
        (lambda: env.choice("NAME", "a", ("a", "b")), "s3cret"),
        (lambda: env.url("NAME", ("https",)), "http://s3cret"),
        (lambda: env.url("NAME", ("https",)), "https://[s3cret"),
        (lambda: env.email("NAME"), "s3cret"),
        (lambda: env.database("NAME", None), "s3cret"),
        (lambda: env.database("NAME", None), "mysql://u:s3cret@h/d"),
        (lambda: env.database("NAME", None), "postgresql://u:s3cret@h:port/d"),
        (lambda: env.database("NAME", None), "postgresql://u:s3cret@h:5432/"),
    ],
)
def test_a_wrong_value_is_one_line_that_names_the_variable_and_not_the_value(monkeypatch, read, value):
    monkeypatch.setenv("NAME", value)
    with pytest.raises(env.Refused) as refused:
        read()
    message = str(refused.value)
    assert message.startswith("NAME: ")
    assert "\n" not in message
    assert "s3cret" not in message


def test_an_unreadable_file_is_named(monkeypatch, tmp_path):
    monkeypatch.setenv("NAME_FILE", str(tmp_path / "nothing"))
    with pytest.raises(env.Refused, match="NAME_FILE"):
        env.text("NAME")


def test_a_secret_is_made_once_and_kept_for_its_owner_alone(monkeypatch, tmp_path):
    monkeypatch.delenv("NAME", raising=False)
    first = env.secret("NAME", kept_in=tmp_path)
    assert len(first) > 60
    assert env.secret("NAME", kept_in=tmp_path) == first
    assert (tmp_path / "name.key").stat().st_mode & 0o077 == 0


def test_a_secret_printed_on_two_lines_is_joined(monkeypatch):
    monkeypatch.setenv("NAME", "abc\ndef")
    assert env.secret("NAME", kept_in=None) == "abcdef"


def test_without_a_folder_a_secret_lives_only_in_the_process(monkeypatch):
    monkeypatch.delenv("NAME", raising=False)
    assert env.secret("NAME", kept_in=None) != env.secret("NAME", kept_in=None)


def test_database_addresses(monkeypatch, tmp_path):
    monkeypatch.delenv("NAME", raising=False)
    assert env.database("NAME", tmp_path / "db")["NAME"] == str(tmp_path / "db")
    monkeypatch.setenv("NAME", "postgresql://user:pass@host:5433/portal?sslmode=require")
    config = env.database("NAME", tmp_path)
    assert (config["HOST"], config["PORT"], config["NAME"]) == ("host", 5433, "portal")
    assert config["OPTIONS"] == {"sslmode": "require"}
