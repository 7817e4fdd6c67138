/** A zip of text files, stored as they are: enough for a scenario folder. */
export function zipOf(files: Readonly<Record<string, string>>): Uint8Array<ArrayBuffer> {
  const encoder = new TextEncoder();
  const local: Uint8Array[] = [];
  const central: Uint8Array[] = [];
  let offset = 0;
  for (const [path, text] of Object.entries(files)) {
    const name = encoder.encode(path);
    const data = encoder.encode(text);
    const facts = { crc: crc32(data), size: data.length, nameLength: name.length };
    const head = header(0x04034b50, facts, undefined);
    local.push(head, name, data);
    central.push(header(0x02014b50, facts, offset), name);
    offset += head.length + name.length + data.length;
  }
  const centralSize = central.reduce((sum, part) => sum + part.length, 0);
  const end = new DataView(new ArrayBuffer(22));
  end.setUint32(0, 0x06054b50, true);
  const count = Object.keys(files).length;
  end.setUint16(8, count, true);
  end.setUint16(10, count, true);
  end.setUint32(12, centralSize, true);
  end.setUint32(16, offset, true);
  return joined([...local, ...central, new Uint8Array(end.buffer)]);
}

interface EntryFacts {
  readonly crc: number;
  readonly size: number;
  readonly nameLength: number;
}

/** Of a file, or of its entry in the directory when `offset` is given. */
function header(
  signature: number,
  { crc, size, nameLength }: EntryFacts,
  offset: number | undefined,
): Uint8Array {
  const isCentral = offset !== undefined;
  const view = new DataView(new ArrayBuffer(isCentral ? 46 : 30));
  const shift = isCentral ? 2 : 0;
  view.setUint32(0, signature, true);
  if (isCentral) view.setUint16(4, 20, true);
  view.setUint16(4 + shift, 20, true);
  view.setUint16(6 + shift, 0x0800, true); // Names are UTF-8.
  view.setUint16(12 + shift, 0x21, true); // 1980-01-01: the same files, the same bytes.
  view.setUint32(14 + shift, crc, true);
  view.setUint32(18 + shift, size, true);
  view.setUint32(22 + shift, size, true);
  view.setUint16(26 + shift, nameLength, true);
  if (isCentral) view.setUint32(42, offset, true);
  return new Uint8Array(view.buffer);
}

function joined(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

function crc32(data: Uint8Array): number {
  let crc = -1;
  for (const byte of data) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (0xedb88320 & -(crc & 1));
  }
  return ~crc >>> 0;
}
