"""One consumer, one group, as the manual of Channels shows it."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "settings")

from django.core.asgi import get_asgi_application

http = get_asgi_application()

from channels.generic.websocket import AsyncWebsocketConsumer
from channels.routing import ProtocolTypeRouter, URLRouter
from django.urls import path


class Feed(AsyncWebsocketConsumer):
    groups = ["feed"]

    async def activity(self, event):
        await self.send(text_data=event["text"])


application = ProtocolTypeRouter(
    {"http": http, "websocket": URLRouter([path("feed", Feed.as_asgi())])}
)
