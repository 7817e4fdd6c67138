import { type Infer, list, object, protoEnum, string, uint32 } from '#source/shape.ts';
import {
  HOST_RULE,
  PORT_RULE,
  SERVICE_ENTRY_RULES,
  UNIQUE_PORT_NUMBERS_RULE,
} from './cel-rules.ts';
import { workloadSelectorShape } from './shared-shapes.ts';
import { workloadEntryShape } from './workload-entry.ts';

const servicePortShape = object(
  {
    number: uint32({ rules: [PORT_RULE] }),
    protocol: string({ maxLength: 256 }),
    name: string({ maxLength: 256 }),
    targetPort: uint32({ rules: [PORT_RULE] }),
  },
  { required: ['number', 'name'] },
);
export type ServiceEntryPort = Infer<typeof servicePortShape>;

/** @source istio.io/api: networking/v1alpha3/service_entry.proto, ServiceEntry */
export const serviceEntryShape = object(
  {
    hosts: list(string({ rules: [HOST_RULE] }), { minItems: 1, maxItems: 256 }),
    addresses: list(string({ maxLength: 64 }), { maxItems: 256 }),
    ports: list(servicePortShape, {
      maxItems: 256,
      listMapKeys: ['name'],
      rules: [UNIQUE_PORT_NUMBERS_RULE],
    }),
    location: protoEnum(
      'istio.networking.v1alpha3.ServiceEntry.Location',
      'MESH_EXTERNAL',
      'MESH_INTERNAL',
    ),
    resolution: protoEnum(
      'istio.networking.v1alpha3.ServiceEntry.Resolution',
      'NONE',
      'STATIC',
      'DNS',
      'DNS_ROUND_ROBIN',
      'DYNAMIC_DNS',
    ),
    endpoints: list(workloadEntryShape, { maxItems: 4096 }),
    workloadSelector: workloadSelectorShape,
    exportTo: list(string()),
    subjectAltNames: list(string()),
  },
  { required: ['hosts'], rules: SERVICE_ENTRY_RULES },
);
export type ServiceEntrySpec = Infer<typeof serviceEntryShape>;
