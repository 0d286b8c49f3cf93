"""The WSGI application, for any server: `granian --interface wsgi wsgi:app`."""

import os

from config import Config
from reviewflow.app import create_app

app = create_app(Config.from_environment(os.environ))
