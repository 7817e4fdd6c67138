import { randomBytes } from 'node:crypto';
import { request } from 'node:http';
import type { Socket } from 'node:net';

/** As much of RFC 6455 as a client needs that says and hears texts. */
export class TextSocket {
  readonly #socket: Socket;
  readonly #onText: (text: string) => void;
  #pending: Buffer<ArrayBufferLike> = Buffer.alloc(0);
  #parts: Buffer[] = [];

  private constructor(socket: Socket, onText: (text: string) => void) {
    this.#socket = socket;
    this.#onText = onText;
    socket.on('data', (data) => this.#take(data));
  }

  static open(url: string, onText: (text: string) => void): Promise<TextSocket> {
    const headers = {
      connection: 'Upgrade',
      upgrade: 'websocket',
      'sec-websocket-version': '13',
      'sec-websocket-key': randomBytes(16).toString('base64'),
    };
    return new Promise((resolve, reject) => {
      request(url.replace(/^ws/, 'http'), { headers })
        .on('upgrade', (_, socket) => resolve(new TextSocket(socket as Socket, onText))) // By HTTP/1.1.
        .on('response', ({ statusCode }) => reject(new Error(`no upgrade: ${statusCode}`)))
        .on('error', reject)
        .end();
    });
  }

  send(text: string): void {
    const payload = Buffer.from(text);
    const mask = randomBytes(4);
    this.#socket.write(Buffer.concat([head(payload.length), mask, masked(payload, mask)]));
  }

  close(): void {
    this.#socket.destroy();
  }

  #take(data: Buffer): void {
    this.#pending = Buffer.concat([this.#pending, data]);
    for (let frame = frameOf(this.#pending); frame !== undefined; frame = frameOf(this.#pending)) {
      this.#pending = this.#pending.subarray(frame.end);
      if (frame.opcode > OPCODE_TEXT) continue; // Pings need no answer on loopback.
      this.#parts.push(frame.payload);
      if (!frame.isLast) continue;
      const text = Buffer.concat(this.#parts).toString();
      this.#parts = [];
      this.#onText(text);
    }
  }
}

const OPCODE_TEXT = 1;

function head(length: number): Buffer {
  if (length < 126) return Buffer.from([0x81, 0x80 | length]);
  const long = Buffer.alloc(length < 65_536 ? 4 : 10);
  long[0] = 0x81;
  long[1] = 0x80 | (length < 65_536 ? 126 : 127);
  if (length < 65_536) long.writeUInt16BE(length, 2);
  else long.writeBigUInt64BE(BigInt(length), 2);
  return long;
}

function masked(payload: Buffer, mask: Buffer): Buffer {
  return payload.map((byte, index) => byte ^ mask[index % 4]!) as Buffer; // `map` of a Buffer gives one.
}

/** The first frame of what came in, if all of it is there; a server's frames are not masked. */
function frameOf(data: Buffer) {
  if (data.length < 2) return undefined;
  const short = data[1]! & 0x7f;
  const start = short < 126 ? 2 : short === 126 ? 4 : 10;
  if (data.length < start) return undefined;
  const length =
    short < 126 ? short : short === 126 ? data.readUInt16BE(2) : Number(data.readBigUInt64BE(2));
  if (data.length < start + length) return undefined;
  return {
    isLast: (data[0]! & 0x80) !== 0,
    opcode: data[0]! & 0x0f,
    payload: data.subarray(start, start + length),
    end: start + length,
  };
}
