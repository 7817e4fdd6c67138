import type { Parameters, Project } from '../engine/protocol.ts';
import type { Opening } from '../state/opening.ts';
import { checkedStandpoint, isRecord } from '../state/standpoint.ts';

/**
 * A project with how it was open, from a link or from storage. It may come from anybody: only what has the
 * right form is taken; undefined if there is no project in it.
 */
export function checkedOpening(
  value: unknown,
): { readonly project: Project; readonly opening: Opening } | undefined {
  if (!isRecord(value)) return undefined;
  const project = checkedProject(value['project']);
  if (project === undefined) return undefined;
  const { seed, example, isLocal } = value;
  const former = checkedProject(value['former']);
  const opened = checkedProject(value['opened']);
  // The first links had these two beside the project.
  const { cursorNs, file } = value;
  const at = checkedStandpoint({ cursorNs, file, ...(isRecord(value['at']) ? value['at'] : {}) });
  const opening: Opening = {
    parameters: checkedParameters(value['parameters']),
    ...(typeof seed === 'number' && Number.isSafeInteger(seed) ? { seed } : {}),
    ...(typeof example === 'string' ? { example } : {}),
    ...(isLocal === true ? { isLocal } : {}),
    ...(former === undefined ? {} : { former }),
    ...(opened === undefined ? {} : { opened }),
    ...(at.cursorNs === undefined ? {} : { at }),
  };
  return { project, opening };
}

function checkedProject(value: unknown): Project | undefined {
  if (!isRecord(value)) return undefined;
  const { scenario, files } = value;
  if (typeof scenario !== 'string' || !isTexts(files)) return undefined;
  return { scenario, files: Object.fromEntries(Object.entries(files)) };
}

function checkedParameters(value: unknown): Parameters {
  return isTexts(value) ? Object.fromEntries(Object.entries(value)) : {};
}

function isTexts(value: unknown): value is Readonly<Record<string, string>> {
  return isRecord(value) && Object.values(value).every((text) => typeof text === 'string');
}
