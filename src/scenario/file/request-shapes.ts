import type { RequestTarget } from '#world/behaviour.ts';
import { parseRequestTarget } from '#world/request-target.ts';
import { text } from './scalar-shapes.ts';
import { type Located, type Shape, turned } from './shape.ts';

/** `METHOD URL`, with its place for what is said of its host later. */
export const requestTarget: Shape<Located<RequestTarget>> = turned(
  { ...text, expects: 'a request such as GET http://shop/items' },
  (value, node, report) => {
    const parsed = parseRequestTarget(value);
    if ('target' in parsed) return { value: parsed.target, at: node.at };
    return report.error('MS0212', node.at, parsed.problem, parsed.hint);
  },
);
