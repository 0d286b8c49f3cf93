"""Being written."""

from flask import Blueprint

blueprint = Blueprint("versions", __name__)
