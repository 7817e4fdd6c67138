/**
 * Cells in columns, each as wide as its widest cell and at least as its minimum; `gap` spaces between
 * them. The last cell of a line is not padded.
 */
export function alignedLines(
  rows: readonly (readonly string[])[],
  options: { readonly gap: number; readonly minWidths?: readonly number[] },
): readonly string[] {
  const widths: number[] = [...(options.minWidths ?? [])];
  for (const row of rows) {
    row.forEach((cell, column) => {
      if (column < row.length - 1) widths[column] = Math.max(widths[column] ?? 0, widthOf(cell));
    });
  }
  return rows.map((row) =>
    row
      .map((cell, column) =>
        column === row.length - 1 ? cell : padded(cell, widths[column]! + options.gap),
      )
      .join('')
      .trimEnd(),
  );
}

/** Columns of a terminal that a text takes; our texts have no wide characters. */
function widthOf(text: string): number {
  return [...text].length;
}

export function padded(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - widthOf(text)));
}

/** Items side by side, `separator` between them, in lines of at most `width` columns. */
export function wrappedItems(
  items: readonly string[],
  width: number,
  separator = '    ',
): readonly string[] {
  const lines: string[] = [];
  for (const item of items) {
    const last = lines.at(-1);
    const longer = last === undefined ? item : `${last}${separator}${item}`;
    if (last !== undefined && widthOf(longer) <= width) lines[lines.length - 1] = longer;
    else lines.push(item);
  }
  return lines;
}
