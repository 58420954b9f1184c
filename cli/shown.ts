/** Texts of others in a terminal: what comes in events and answers must not steer it. */

/** C0 and C1 controls, which start escape sequences, and marks that turn the direction of writing. */
const CONTROLS = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

export function shown(text: string, most = Infinity): string {
  const cut = text.length > most ? `${text.slice(0, Math.max(0, most - 1))}…` : text;
  return cut.replaceAll(CONTROLS, (control) => `\\u${control.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

const MAX_CELL = 60;

type Cell = string | number | null;

/** Rows under their headings, each column as wide as its widest cell. The last one is never cut: it is for copying. */
export function table(headings: readonly string[], rows: readonly (readonly Cell[])[]): string {
  const last = headings.length - 1;
  const cellText = (cell: Cell, column: number) =>
    shown(String(cell ?? '-'), column === last ? Infinity : MAX_CELL);
  const cells = [headings, ...rows.map((row) => row.map(cellText))];
  const widths = headings.map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
  return cells
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
