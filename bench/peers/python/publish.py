"""Sends each line of its input to the group: publish.py REDIS_PORT"""

import asyncio
import os
import sys

os.environ["DJANGO_SETTINGS_MODULE"] = "settings"
os.environ["REDIS_PORT"] = sys.argv[1]

import django

django.setup()

from channels.layers import get_channel_layer


async def main():
    layer = get_channel_layer()
    lines = asyncio.StreamReader(limit=1 << 20)
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    async for line in lines:
        text = line.decode().rstrip("\n")
        await layer.group_send("feed", {"type": "activity", "text": text})


asyncio.run(main())
