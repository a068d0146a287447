"""Django with nothing but a channel layer."""

import os

SECRET_KEY = "of a bench and of nothing else"
ALLOWED_HOSTS = ["*"]
INSTALLED_APPS = ["channels"]
ASGI_APPLICATION = "asgi.application"
CHANNEL_LAYERS = {
    "default": {
        "BACKEND": "channels_redis.core.RedisChannelLayer",
        "CONFIG": {
            "hosts": [
                {
                    "address": f"redis://127.0.0.1:{os.environ['REDIS_PORT']}",
                    # Newer Redis clients stop at 100, and joining then fails.
                    "max_connections": 20_000,
                }
            ],
        },
    }
}
