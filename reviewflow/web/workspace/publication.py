"""Being written."""

from flask import Blueprint

blueprint = Blueprint("publication", __name__)
