import { describe, expect, it } from 'vitest';
import {
  alternative,
  resetAfterResponse,
  resetBeforeResponse,
  timedOut,
} from './response-outcome.ts';

describe('what becomes of a request', () => {
  it('says why the upstream was lost, in its details with the words of the socket', () => {
    const refused = 'delayed connect error: Connection refused';
    expect(resetBeforeResponse('remote-connection-failure', refused, true)).toEqual({
      status: 503,
      flag: 'UF',
      details:
        'upstream_reset_before_response_started{remote_connection_failure|delayed_connect_error:_Connection_refused}',
      body: 'upstream connect error or disconnect/reset before headers. retried and the latest reset reason: remote connection failure',
      headers: [],
    });
  });

  it('answers a protocol error with 502 and an overflow with a header that says so', () => {
    expect(resetBeforeResponse('protocol-error', '', false)).toMatchObject({
      status: 502,
      flag: 'UPE',
    });
    expect(resetBeforeResponse('overflow', '', false)).toMatchObject({
      status: 503,
      flag: 'UO',
      headers: [['x-envoy-overloaded', 'true']],
    });
  });

  it('has only flag and details when the answer had begun', () => {
    expect(resetAfterResponse('remote-reset', '')).toEqual({
      flag: 'UR',
      details: 'upstream_reset_after_response_started{remote_reset}',
    });
  });

  it('blames the client for a timeout while its request is incomplete', () => {
    expect(timedOut('stream-idle', false)).toMatchObject({ status: 408, flag: 'SI' });
    expect(timedOut('stream-idle')).toMatchObject({ status: 504, details: 'stream_idle_timeout' });
    expect(timedOut('route')).toMatchObject({
      status: 504,
      flag: 'UT',
      details: 'response_timeout',
    });
  });

  it('has an empty 204 for timeouts of the router where the client asked for it', () => {
    expect(alternative(timedOut('route'))).toMatchObject({ status: 204, body: '', flag: 'UT' });
    expect(alternative(timedOut('max-duration')).status).toBe(504);
  });
});
