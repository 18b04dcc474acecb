"""Worlds are filled once and looked at by several tests."""

import pytest

from survey import create_app
from survey.database import db
from survey.services import accounts
from survey.settings import Settings
from tests.conftest import empty_database
from tests.linkage import looks
from tests.survey.conftest import CHEAP


@pytest.fixture(scope="module")
def take_looks(request, tmp_path_factory):
    """Fills a database of a kind by a plan, and gives what onlookers saw of it."""

    def take(engine, plan):
        folder = tmp_path_factory.mktemp("world")
        with pytest.MonkeyPatch.context() as patch, empty_database(request, engine, folder) as url:
            patch.setattr(accounts, "PASSWORD_COST", CHEAP)
            settings = Settings(
                data_dir=folder / "data",
                database_url=url,
                secret_key="secret key of the tests",
                respondent_key="respondent key of the tests",
            )
            app = create_app(settings)
            app.testing = True
            try:
                return looks.take(app, settings, plan, folder / "copies")
            finally:
                with app.app_context():
                    for each in db.engines.values():
                        each.dispose()

    return take
