"""The WSGI application, for any production server."""

import os

from django.core.wsgi import get_wsgi_application

from config.startup import load_settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
load_settings()
application = get_wsgi_application()

# After the rooms are loaded: a large body of entries takes seconds to index, and the first reader should not meet them.
from recommendations.index.keeping import keeper  # noqa: E402

keeper.warm()
os.register_at_fork(before=keeper.settle)  # a server may load the site first and fork its workers then
