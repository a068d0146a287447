"""Sends what is published on a Redis channel to everybody, as FastAPI's manual shows it."""

import asyncio
import os
from contextlib import asynccontextmanager

import redis.asyncio
from fastapi import FastAPI, WebSocket, WebSocketDisconnect


class ConnectionManager:
    def __init__(self):
        self.active_connections = set()

    async def connect(self, websocket):
        await websocket.accept()
        self.active_connections.add(websocket)

    def disconnect(self, websocket):
        self.active_connections.discard(websocket)

    async def broadcast(self, text):
        for connection in list(self.active_connections):
            try:
                await connection.send_text(text)
            except (RuntimeError, WebSocketDisconnect):
                self.disconnect(connection)


manager = ConnectionManager()


async def follow():
    client = redis.asyncio.Redis(port=int(os.environ["REDIS_PORT"]), decode_responses=True)
    channel = client.pubsub()
    await channel.subscribe("feed")
    async for message in channel.listen():
        if message["type"] == "message":
            await manager.broadcast(message["data"])


@asynccontextmanager
async def lifespan(_):
    following = asyncio.create_task(follow())
    yield
    following.cancel()


app = FastAPI(lifespan=lifespan)


@app.websocket("/feed")
async def feed(websocket: WebSocket):
    await manager.connect(websocket)
    try:
        while True:
            await websocket.receive_text()
    except WebSocketDisconnect:
        manager.disconnect(websocket)
