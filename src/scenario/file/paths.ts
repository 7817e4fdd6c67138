/** The folder of a file; `.` when the path names none. */
export function folderOf(path: string): string {
  const slash = path.lastIndexOf('/');
  if (slash < 0) return '.';
  return slash === 0 ? '/' : path.slice(0, slash);
}

/** `path` as seen from `folder`, without `.` and `..` where they can be resolved. */
export function pathFrom(folder: string, path: string): string {
  const whole = path.startsWith('/') || folder === '.' ? path : `${folder}/${path}`;
  const parts: string[] = [];
  for (const part of whole.split('/')) {
    if (part === '' || part === '.') continue;
    if (part === '..' && parts.length > 0 && parts.at(-1) !== '..') parts.pop();
    else if (part !== '..' || !whole.startsWith('/')) parts.push(part);
  }
  const text = parts.join('/');
  return whole.startsWith('/') ? `/${text}` : text === '' ? '.' : text;
}

/** Whether `path`, as `pathFrom` gives it, lies in `folder` or below it. */
export function isInside(folder: string, path: string): boolean {
  const root = pathFrom('.', folder);
  if (root === '.') return !path.startsWith('/') && path !== '..' && !path.startsWith('../');
  return path === root || path.startsWith(root === '/' ? '/' : `${root}/`);
}
