import {
  type Infer,
  int32,
  type Limits,
  list,
  map,
  object,
  string,
  uint32,
} from '#source/shape.ts';
import {
  ADDRESS_REQUIRED_RULE,
  PORT_NAME_RULE,
  PORT_RULE,
  PROBE_SCHEME_RULE,
  UDS_ADDRESS_RULES,
  UDS_WITHOUT_PORTS_RULE,
} from './cel-rules.ts';

const workloadEntryFields = {
  address: string({ maxLength: 256, rules: UDS_ADDRESS_RULES }),
  ports: map(uint32({ rules: [PORT_RULE] }), { maxProperties: 128, rules: [PORT_NAME_RULE] }),
  labels: map(string(), { maxProperties: 256 }),
  network: string({ maxLength: 2048 }),
  locality: string({ maxLength: 2048 }),
  weight: uint32(),
  serviceAccount: string({ maxLength: 253 }),
};
const entryLimits: Limits = { rules: [ADDRESS_REQUIRED_RULE, UDS_WITHOUT_PORTS_RULE] };

/** Also an endpoint of a ServiceEntry. @source istio.io/api: networking/v1alpha3/workload_entry.proto */
export const workloadEntryShape = object(workloadEntryFields, entryLimits);
export type WorkloadEntrySpec = Infer<typeof workloadEntryShape>;

const probeShape = object(
  {
    initialDelaySeconds: int32({ minimum: 0 }),
    timeoutSeconds: int32({ minimum: 0 }),
    periodSeconds: int32({ minimum: 0 }),
    successThreshold: int32({ minimum: 0 }),
    failureThreshold: int32({ minimum: 0 }),
    httpGet: object(
      {
        path: string(),
        port: uint32({ rules: [PORT_RULE] }),
        host: string(),
        scheme: string({ rules: [PROBE_SCHEME_RULE] }),
        httpHeaders: list(
          object({ name: string({ pattern: '^[-_A-Za-z0-9]+$' }), value: string() }),
        ),
      },
      { required: ['port'] },
    ),
    tcpSocket: object(
      { host: string(), port: uint32({ rules: [PORT_RULE] }) },
      { required: ['port'] },
    ),
    exec: object({ command: list(string({ minLength: 1 })) }, { required: ['command'] }),
    grpc: object({ service: string(), port: uint32({ rules: [PORT_RULE] }) }),
  },
  { oneOf: [['httpGet', 'tcpSocket', 'exec', 'grpc']] },
);

/** @source istio.io/api: networking/v1alpha3/workload_group.proto, WorkloadGroup */
export const workloadGroupShape = object(
  {
    metadata: object({
      labels: map(string(), { maxProperties: 256 }),
      annotations: map(string(), { maxProperties: 256 }),
    }),
    // A template need not have an address: each registering workload brings its own.
    template: object(workloadEntryFields, { rules: [UDS_WITHOUT_PORTS_RULE] }),
    probe: probeShape,
  },
  { required: ['template'] },
);
export type WorkloadGroupSpec = Infer<typeof workloadGroupShape>;
