// A small server for islands.test.mjs: the assets under the real policy, and the other side of each protocol.

import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname } from "node:path";

/** The policy that portal/assets/README.md promises is enough. */
export const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
  "form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
const ASSETS = new URL("../../portal/assets/", import.meta.url);
const TYPES = {
  ".js": "text/javascript", ".mjs": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml",
  ".html": "text/html; charset=utf-8",
};

/** One unmasked WebSocket frame (RFC 6455, 5.2) of up to 64 KiB; opcode 1 text, 2 binary, 8 close. */
export function frame(opcode, payload) {
  const head = payload.length < 126 ? Buffer.from([0x80 | opcode, payload.length]) : Buffer.alloc(4);
  if (payload.length >= 126) {
    head.set([0x80 | opcode, 126]);
    head.writeUInt16BE(payload.length, 2);
  }
  return Buffer.concat([head, payload]);
}

/** Calls `each(opcode, payload)` for the masked frames that a browser sends. */
function readFrames(socket, each) {
  let held = Buffer.alloc(0);
  socket.on("data", (data) => {
    held = Buffer.concat([held, data]);
    for (;;) {
      if (held.length < 6) return;
      let length = held[1] & 0x7f;
      let at = 2;
      if (length === 126) [length, at] = [held.readUInt16BE(2), 4];
      if (held.length < at + 4 + length) return;
      const mask = held.subarray(at, at + 4);
      const payload = Buffer.from(held.subarray(at + 4, at + 4 + length).map((byte, i) => byte ^ mask[i & 3]));
      const opcode = held[0] & 0x0f;
      held = held.subarray(at + 4 + length);
      each(opcode, payload);
    }
  });
}

/**
 * Starts on loopback. `pages` maps a path to an HTML body; `world` holds what tests read and set: `terminals`
 * (sockets with `sent` text and bytes), `uploads`, `saves`, `breakUploads`, `saveAnswer`.
 */
export async function start(pages) {
  const world = { terminals: [], uploads: new Map(), saves: [], breakUploads: 0, saveAnswer: null, seenOffsets: [] };
  const server = createServer((request, answer) => route(pages, world, request, answer).catch((error) => {
    answer.writeHead(500).end(String(error));
  }));
  server.on("upgrade", (request, socket) => {
    const key = request.headers["sec-websocket-key"];
    const accept = createHash("sha1").update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest("base64");
    socket.write("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
      `Sec-WebSocket-Accept: ${accept}\r\nSec-WebSocket-Protocol: ${request.headers["sec-websocket-protocol"]}\r\n\r\n`);
    const terminal = { socket, protocol: request.headers["sec-websocket-protocol"], texts: [], bytes: "" };
    socket.on("error", () => {});
    readFrames(socket, (opcode, payload) => {
      if (opcode === 1) terminal.texts.push(JSON.parse(payload));
      if (opcode === 2) terminal.bytes += payload.toString("latin1");
    });
    world.terminals.push(terminal);
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { server, world, origin: `http://127.0.0.1:${server.address().port}` };
}

async function body(request) {
  const parts = [];
  for await (const part of request) parts.push(part);
  return Buffer.concat(parts);
}

async function route(pages, world, request, answer) {
  const { pathname } = new URL(request.url, "http://localhost");
  const json = (status, value) => answer.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(value));
  answer.setHeader("content-security-policy", POLICY);
  if (pages[pathname]) return void answer.writeHead(200, { "content-type": TYPES[".html"] }).end(pages[pathname]);
  if (pathname === "/fields") {
    world.saves.push((await body(request)).toString());
    return json(...(world.saveAnswer ?? [200, { version: world.saves.length + 1 }]));
  }
  if (pathname.startsWith("/files") || pathname.startsWith("/uploads/")) return upload(world, request, pathname, json);
  if (!pathname.startsWith("/assets/")) return void answer.writeHead(404).end();
  const file = await readFile(new URL(`.${pathname.slice("/assets".length)}`, ASSETS)).catch(() => null);
  answer.writeHead(file ? 200 : 404, { "content-type": TYPES[extname(pathname)] ?? "text/plain" }).end(file);
}

async function upload(world, request, pathname, json) {
  const data = await body(request);
  if (request.method === "POST" && pathname === "/files") {
    const id = `/uploads/${world.uploads.size + 1}`;
    world.uploads.set(id, { ...JSON.parse(data), data: Buffer.alloc(0) });
    return json(201, { upload: id, offset: 0 });
  }
  const upload = world.uploads.get(pathname.replace(/\/finish$/, ""));
  if (!upload) return json(404, { error: "gone" });
  if (request.method === "GET") return json(200, { offset: upload.data.length, size: upload.size });
  if (request.method === "PUT") {
    const offset = Number(request.headers["upload-offset"]);
    world.seenOffsets.push(offset);
    if (offset !== upload.data.length) return json(409, { offset: upload.data.length });
    if (world.holdAt !== undefined && offset >= world.holdAt) await new Promise((go) => (world.go = go));
    if (world.breakUploads > 0 && offset > 0) {
      // The bytes arrive, the answer does not: the client must ask before it goes on.
      world.breakUploads--;
      upload.data = Buffer.concat([upload.data, data]);
      return void request.socket.destroy();
    }
    upload.data = Buffer.concat([upload.data, data]);
    return json(200, { offset: upload.data.length });
  }
  upload.claimed = JSON.parse(data).sha256;
  upload.real = createHash("sha256").update(upload.data).digest("hex");
  return upload.claimed === upload.real ? json(200, {}) : json(422, { error: "the hash is another" });
}
