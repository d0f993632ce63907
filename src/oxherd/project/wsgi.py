import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "oxherd.project.settings")
# Whatever server runs it: a web process sees no more of the database than it has to.
os.environ.setdefault("OXHERD_BEHIND_WALLS", "yes")
application = get_wsgi_application()
