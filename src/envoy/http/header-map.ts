/**
 * An ordered multimap of HTTP headers: names are lower case, several lines of one name keep their order.
 * Lookups scan: a request has a dozen lines, and comparing interned names is cheaper than hashing.
 *
 * @source envoy: source/common/http/header_map_impl.cc
 */
export class HeaderMap {
  readonly names: string[] = [];
  readonly values: string[] = [];

  /** A map of these lines as Envoy holds what it receives: names in lower case, inline headers joined. */
  static of(lines: Iterable<readonly [name: string, value: string]>): HeaderMap {
    const map = new HeaderMap();
    for (const [name, value] of lines) map.add(name.toLowerCase(), value);
    return map;
  }

  /** Of `hasRetryMarks`: undefined until somebody asks, and after every change. */
  #retryMarks: boolean | undefined;

  /**
   * Whether there is a header that retry rules look for in every answer. Answers are shared, so this
   * is worked out once for many requests.
   */
  get hasRetryMarks(): boolean {
    this.#retryMarks ??= this.has('x-envoy-ratelimited') || this.has('grpc-status');
    return this.#retryMarks;
  }

  get size(): number {
    return this.names.length;
  }

  /** The first line's value. */
  get(name: string): string | undefined {
    const index = this.names.indexOf(name);
    return index < 0 ? undefined : this.values[index];
  }

  has(name: string): boolean {
    return this.names.includes(name);
  }

  /** How many lines have this name. */
  count(name: string): number {
    let count = 0;
    for (let at = this.names.indexOf(name); at >= 0; at = this.names.indexOf(name, at + 1)) count++;
    return count;
  }

  /** The place of the first line of this name at or after `from`; -1 when there is none. */
  indexOf(name: string, from = 0): number {
    return this.names.indexOf(name, from);
  }

  /** All lines of a name, in order. */
  getAll(name: string): readonly string[] {
    const found: string[] = [];
    for (let at = this.names.indexOf(name); at >= 0; at = this.names.indexOf(name, at + 1)) {
      found.push(this.values[at]!);
    }
    return found;
  }

  /** All lines of a name as one, joined with a comma; undefined when there is none. */
  joined(name: string): string | undefined {
    const first = this.names.indexOf(name);
    if (first < 0) return undefined;
    if (this.names.indexOf(name, first + 1) < 0) return this.values[first];
    return this.getAll(name).join(',');
  }

  /** Adds one more line. */
  append(name: string, value: string): void {
    this.#retryMarks = undefined;
    this.names.push(name);
    this.values.push(value);
  }

  /** Adds one more line as Envoy does: its inline headers have one line, which grows by `,value`. */
  add(name: string, value: string): void {
    const index = INLINE.has(name) ? this.names.indexOf(name) : -1;
    if (index < 0) {
      this.append(name, value);
      return;
    }
    const before = this.values[index]!;
    this.values[index] = before === '' ? value : `${before},${value}`;
  }

  /** One line in place of all of that name. */
  set(name: string, value: string): void {
    this.remove(name);
    this.append(name, value);
  }

  remove(name: string): void {
    const { names, values } = this;
    let kept = names.indexOf(name);
    if (kept < 0) return;
    this.#retryMarks = undefined;
    for (let index = kept + 1; index < names.length; index++) {
      if (names[index] === name) continue;
      names[kept] = names[index]!;
      values[kept++] = values[index]!;
    }
    names.length = kept;
    values.length = kept;
  }

  clear(): void {
    this.#retryMarks = undefined;
    this.names.length = 0;
    this.values.length = 0;
  }

  /** Makes this map equal to `other`. */
  copyFrom(other: HeaderMap): void {
    this.#retryMarks = undefined;
    const size = other.names.length;
    for (let index = 0; index < size; index++) {
      this.names[index] = other.names[index]!;
      this.values[index] = other.values[index]!;
    }
    this.names.length = size;
    this.values.length = size;
  }

  clone(): HeaderMap {
    const copy = new HeaderMap();
    copy.copyFrom(this);
    return copy;
  }
}

/**
 * Headers that Envoy holds in a slot of their own: adding to one appends to its value.
 *
 * @source envoy: envoy/http/header_map.h, INLINE_REQ_HEADERS, INLINE_RESP_HEADERS,
 *   INLINE_REQ_RESP_HEADERS; those that extensions register: CustomInlineHeaderRegistry
 */
const INLINE: ReadonlySet<string> = new Set([
  ...['connection', 'content-length', 'content-type', 'keep-alive', 'proxy-connection'],
  ...['transfer-encoding', 'upgrade', 'via', 'x-request-id', 'user-agent', 'te', 'expect'],
  ...['x-envoy-attempt-count', 'x-envoy-decorator-operation', 'x-client-trace-id'],
  ...['x-envoy-downstream-service-cluster', 'x-envoy-downstream-service-node'],
  ...['x-envoy-expected-rq-timeout-ms', 'x-envoy-external-address', 'x-envoy-force-trace'],
  ...['x-envoy-hedge-on-per-try-timeout', 'x-envoy-internal', 'x-envoy-ip-tags'],
  ...['x-envoy-max-retries', 'x-envoy-original-path', 'x-envoy-original-url'],
  ...['x-envoy-retriable-header-names', 'x-envoy-retriable-status-codes', 'x-envoy-retry-on'],
  ...['x-envoy-retry-grpc-on', 'x-envoy-upstream-alt-stat-name', 'x-envoy-is-timeout-retry'],
  ...['x-envoy-upstream-rq-per-try-timeout-ms', 'x-envoy-upstream-rq-timeout-alt-response'],
  ...['x-envoy-upstream-rq-timeout-ms', 'x-envoy-upstream-stream-duration-ms'],
  ...['x-forwarded-client-cert', 'x-forwarded-for', 'x-forwarded-host', 'x-forwarded-proto'],
  ...['x-forwarded-port', 'grpc-timeout', 'host', 'x-envoy-degraded', 'x-envoy-overloaded'],
  ...['x-envoy-ratelimited', 'x-envoy-upstream-canary', 'x-envoy-upstream-healthchecked-cluster'],
  ...['x-envoy-upstream-service-time', 'x-envoy-immediate-health-check-fail', 'location'],
  ...['date', 'server', 'grpc-status', 'grpc-message'],
  ...['accept', 'accept-encoding', 'authorization', 'cache-control', 'origin', 'referer'],
  ...['access-control-request-headers', 'access-control-request-method'],
]);
