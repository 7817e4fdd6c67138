/** Names of a table's columns, and the class of each: `r` for numbers, `hp` for those that phones do without. */
export function Columns({ names }: { readonly names: readonly (readonly [string, string?])[] }) {
  return (
    <thead>
      <tr>
        {names.map(([name, ofColumn = '']) => (
          <th key={name} scope="col" class={ofColumn}>
            {name}
          </th>
        ))}
      </tr>
    </thead>
  );
}
