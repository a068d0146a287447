// Sends what is published on a Redis channel to everybody: node server.js PORT REDIS_PORT
const { createClient } = require("redis");
const { WebSocket, WebSocketServer } = require("ws");

const [port, redisPort] = process.argv.slice(2).map(Number);

const server = new WebSocketServer({
  host: "127.0.0.1",
  port,
  backlog: 4096,
  perMessageDeflate: false,
});

function broadcast(text) {
  // Encoded to bytes once, not once a client.
  const bytes = Buffer.from(text);
  for (const client of server.clients) {
    if (client.readyState === WebSocket.OPEN) client.send(bytes, { binary: false });
  }
}

async function main() {
  const redis = createClient({ url: `redis://127.0.0.1:${redisPort}` });
  await redis.connect();
  await redis.subscribe("feed", broadcast);
}

main();
