"""The newest 50 activities by FastAPI, asyncpg and orjson, as their manuals do it."""

import os
from contextlib import asynccontextmanager

import asyncpg
import orjson
from fastapi import FastAPI
from fastapi.responses import Response

NEWEST = """select id, ra, dec, t_start, t_end, about from activity
            order by t_start desc limit $1"""


@asynccontextmanager
async def life(app: FastAPI):
    app.state.pool = await asyncpg.create_pool(os.environ["PEERS_URL"], min_size=4, max_size=4)
    yield
    await app.state.pool.close()


app = FastAPI(lifespan=life)


@app.get("/api/activities")
async def newest(limit: int = 50) -> Response:
    rows = await app.state.pool.fetch(NEWEST, limit)
    return Response(orjson.dumps([dict(row) for row in rows]), media_type="application/json")
