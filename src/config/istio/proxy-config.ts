import { type Infer, int32, map, object, string, wrapped } from '#source/shape.ts';
import { policySelectorShape } from './shared-shapes.ts';

/** @source istio.io/api: networking/v1beta1/proxy_config.proto, ProxyConfig */
export const proxyConfigShape = object({
  selector: policySelectorShape,
  concurrency: wrapped(int32({ minimum: 0 })),
  environmentVariables: map(string({ maxLength: 2048 })),
  image: object({ imageType: string() }),
});
export type ProxyConfigSpec = Infer<typeof proxyConfigShape>;
