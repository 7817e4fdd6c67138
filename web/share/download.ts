/** Hands a file to the browser. */
export function download(name: string, content: BlobPart, type: string): void {
  const url = URL.createObjectURL(new Blob([content], { type }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

export function csvText(rows: readonly (readonly string[])[]): string {
  const cell = (text: string) => {
    // A spreadsheet would run what starts so.
    const safe = /^[=+@\t]/.test(text) ? `'${text}` : text;
    return /[",\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
  };
  return rows.map((row) => row.map(cell).join(',')).join('\n');
}

export function downloadCsv(name: string, rows: readonly (readonly string[])[]): void {
  download(`${name}.csv`, `${csvText(rows)}\n`, 'text/csv');
}

/** The drawing in an element as a file of its own: colours and fonts written out. */
export function svgText(holder: Element | null): string | undefined {
  const drawn = holder?.querySelector('svg');
  if (drawn === null || drawn === undefined) return undefined;
  const copy = drawn.cloneNode(true) as SVGSVGElement; // A clone is what it was cloned from.
  const originals = [drawn, ...drawn.querySelectorAll('*')];
  const copies = [copy, ...copy.querySelectorAll('*')];
  const properties = [
    'fill',
    'fill-opacity',
    'stroke',
    'stroke-width',
    'stroke-dasharray',
    'stroke-opacity',
    'font-size',
    'font-weight',
  ];
  originals.forEach((original, index) => {
    const style = getComputedStyle(original);
    const written = copies[index];
    if (!(written instanceof SVGElement)) return;
    // Not as an attribute: the page's policy forbids those.
    for (const name of properties) written.style.setProperty(name, style.getPropertyValue(name));
    written.style.setProperty('font-family', 'sans-serif');
  });
  const { width, height } = drawn.getBoundingClientRect();
  copy.setAttribute('xmlns', 'http://www.w3.org/2000/svg');
  copy.setAttribute('width', String(width));
  copy.setAttribute('height', String(height));
  return copy.outerHTML;
}

export function downloadSvg(name: string, holder: Element | null): void {
  const text = svgText(holder);
  if (text !== undefined) download(`${name}.svg`, text, 'image/svg+xml');
}

export function downloadPng(name: string, holder: Element | null): void {
  const text = svgText(holder);
  if (text === undefined || holder === null) return;
  const image = new Image();
  image.onload = () => {
    const canvas = document.createElement('canvas');
    canvas.width = image.width * 2;
    canvas.height = image.height * 2;
    const context = canvas.getContext('2d');
    if (context === null) return;
    context.fillStyle = getComputedStyle(document.body).getPropertyValue('--panel-now') || '#fff';
    context.fillRect(0, 0, canvas.width, canvas.height);
    context.drawImage(image, 0, 0, canvas.width, canvas.height);
    canvas.toBlob((blob) => {
      if (blob !== null) download(`${name}.png`, blob, 'image/png');
    });
  };
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(text)}`;
}
