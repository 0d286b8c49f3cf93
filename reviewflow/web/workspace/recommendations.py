"""Being written."""

from flask import Blueprint

blueprint = Blueprint("recommendations", __name__)
