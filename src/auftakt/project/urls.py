"""All addresses: the API under /api/v1, the console under /console/."""

from django.urls import include, path
from django.views.generic import RedirectView

from auftakt.api.main import api

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="console:home")),
    path("api/v1/", api.urls),
    path("console/", include("auftakt.console.urls")),
]

handler403 = "auftakt.console.views.errors.forbidden"
handler404 = "auftakt.console.views.errors.missing"
handler500 = "auftakt.console.views.errors.broken"
