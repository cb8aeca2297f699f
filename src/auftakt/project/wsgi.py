"""The web application, for Granian or any other WSGI server."""

import gc
import os

from django.core.wsgi import get_wsgi_application

from auftakt.promising.engine import warm_up

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "auftakt.project.settings")
application = get_wsgi_application()
warm_up()
gc.collect()
gc.freeze()  # what is loaded now stays for good: the collector need not look at it again
