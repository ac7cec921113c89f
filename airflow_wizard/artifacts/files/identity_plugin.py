"""Lets whoever knows this stack's token see that the Airflow which answers is this stack's, and no other.

The token itself never travels: the caller sends a nonce and gets its HMAC. Written by airflow-wizard; removing
the file only takes that check away.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import sys
from typing import Any

from airflow.plugins_manager import AirflowPlugin

PREFIX = "/airflow-wizard"


def identity(nonce: str) -> dict[str, str]:
    """The stack's public id, and the proof that we hold its token."""
    token = os.environ.get("AIRFLOW_WIZARD_IDENTITY", "")
    proof = hmac.new(token.encode(), nonce.encode(), hashlib.sha256).hexdigest()
    return {"stack_id": os.environ.get("AIRFLOW_WIZARD_STACK_ID", ""), "proof": proof}


def fastapi_apps() -> list[dict[str, Any]]:
    """The route for Airflow 3; only where the web application is being built, since others pay for the import."""
    if "airflow.api_fastapi.app" not in sys.modules:
        return []
    from fastapi import FastAPI

    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    app.get("/identity")(identity)
    return [{"app": app, "url_prefix": PREFIX, "name": "airflow-wizard identity"}]


def flask_blueprints() -> list[Any]:
    """The route for Airflow 2."""
    if "airflow.www.app" not in sys.modules:
        return []
    from flask import Blueprint, jsonify, request

    blueprint = Blueprint("airflow_wizard_identity", __name__, url_prefix=PREFIX)

    @blueprint.route("/identity")
    def answer() -> Any:  # noqa: ANN401 - a Flask response, and Flask is not ours to import
        return jsonify(identity(request.args.get("nonce", "")))

    return [blueprint]


class AirflowWizardIdentity(AirflowPlugin):
    """Registers the route."""

    name = "airflow_wizard_identity"
    fastapi_apps = fastapi_apps()
    flask_blueprints = flask_blueprints()
