"""Being written."""

from flask import Blueprint

blueprint = Blueprint("editing", __name__)
