"""The newest 50 activities by Django REST framework: by cursor, and by page number, its default."""

import os
from urllib.parse import urlsplit

import django
from django.conf import settings

url = urlsplit(os.environ["PEERS_URL"])
settings.configure(
    SECRET_KEY="bench",
    ALLOWED_HOSTS=["*"],
    ROOT_URLCONF=__name__,
    USE_TZ=True,
    INSTALLED_APPS=["rest_framework"],
    MIDDLEWARE=["django.middleware.common.CommonMiddleware"],  # says Content-Length
    DATABASES={
        "default": {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": url.path.strip("/"),
            "USER": url.username,
            "HOST": url.hostname,
            "PORT": url.port,
            "CONN_MAX_AGE": None,
        }
    },
    REST_FRAMEWORK={
        "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
        "DEFAULT_AUTHENTICATION_CLASSES": [],
        "DEFAULT_PERMISSION_CLASSES": [],
        "UNAUTHENTICATED_USER": None,
    },
)
django.setup()

from django.core.wsgi import get_wsgi_application  # noqa: E402
from django.db import models  # noqa: E402
from django.urls import path  # noqa: E402
from rest_framework import generics, pagination, serializers  # noqa: E402


class Activity(models.Model):
    id = models.BigIntegerField(primary_key=True)
    ra = models.FloatField()
    dec = models.FloatField()
    t_start = models.DateTimeField()
    t_end = models.DateTimeField()
    about = models.TextField()

    class Meta:
        app_label = "peers"
        managed = False
        db_table = "activity"
        ordering = ["-t_start"]


class ActivitySerializer(serializers.ModelSerializer):
    class Meta:
        model = Activity
        fields = "__all__"


class Cursor(pagination.CursorPagination):
    page_size = 50
    ordering = "-t_start"


class Number(pagination.PageNumberPagination):
    page_size = 50


class ByCursor(generics.ListAPIView):
    queryset = Activity.objects.all()
    serializer_class = ActivitySerializer
    pagination_class = Cursor


class ByNumber(ByCursor):
    pagination_class = Number


urlpatterns = [path("api/cursor/", ByCursor.as_view()), path("api/number/", ByNumber.as_view())]
application = get_wsgi_application()
