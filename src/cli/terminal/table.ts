export interface Column {
  title: string;
  align: 'left' | 'right';
}

/** Aligned lines: titles, a rule, rows. Widths are counted in characters, not in what a terminal draws wider. */
export function formatTable(columns: Column[], rows: string[][], indent = '  '): string[] {
  const widths = columns.map((column, index) =>
    Math.max(column.title.length, ...rows.map((row) => row[index]?.length ?? 0)),
  );
  const format = (cells: string[]) =>
    indent +
    columns
      .map((column, index) =>
        column.align === 'right'
          ? (cells[index] ?? '').padStart(widths[index] ?? 0)
          : (cells[index] ?? '').padEnd(widths[index] ?? 0),
      )
      .join('  ')
      .trimEnd();
  return [
    format(columns.map((column) => column.title)),
    format(widths.map((width) => '─'.repeat(width))),
    ...rows.map(format),
  ];
}
