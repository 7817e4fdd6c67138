/** A response header whose value differs from run to run says what it is instead. */
export function maskedHeader(name: string, value: string): string {
  if (name === 'x-envoy-upstream-service-time') return '<ms>';
  if (name === 'set-cookie') return value.replace(/="[0-9a-f]+"/, '="<hash>"');
  return value;
}

/**
 * A line of Istio's text format without what differs from run to run: times, ids, ports that the system
 * chose.
 */
export function maskedLine(line: string): string {
  return line
    .replace(/^\[[^\]]*\]/, '[time]')
    .replace(TIMES, (_, bytes: string, service: string) =>
      service === '-' ? `${bytes} <ms> -` : `${bytes} <ms> <ms>`,
    )
    .replace(ID, '"<id>"')
    .replace(PORT, (text, port: string) => maskedPort(text, Number(port)));
}

/** Bytes received and sent, then the duration and the upstream's service time, which may be missing. */
const TIMES = /( \d+ \d+) \d+ (\d+|-)(?= ")/;
const ID = /"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"/;
const PORT = /127\.0\.0\.1:(\d+)/g;
const LISTENERS = [24_000, 24_200] as const;
const FIRST_CLIENT = 32_768;

function maskedPort(text: string, port: number): string {
  if (port >= FIRST_CLIENT) return '127.0.0.1:<client>';
  return port >= LISTENERS[0] && port < LISTENERS[1] ? '127.0.0.1:<listener>' : text;
}
